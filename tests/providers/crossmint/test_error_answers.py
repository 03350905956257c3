"""The errors that the shop on Crossmint gives, each with what leads to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import COOKIE, State
from ordermux_crossmint import Client, errors, models
from ordermux_crossmint.api.auth import get_profile
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders
from support.crossmint_package import CHECKOUT, GET, LIST, NOBODYS, Call, answering

FAR_PAGE: Call = (list_orders, (), {"page": "99999999999999999999"})
NO_ID: Call = (get_order, ("nobody's",), {})
NO_ORDER: Call = (get_order, (NOBODYS,), {})
PROFILE: Call = (get_profile, (), {})
NO_UUID: Call = (create_checkout, (), {"body": models.CheckoutRequest(cart_item_id="shoe")})


@attrs.frozen
class Refusal:
    """An error, the calls that get it, and the switches of the emulator that lead to it."""

    kind: type[errors.StatusError]
    status: int
    code: str
    calls: list[Call]
    switches: dict[str, Any] = attrs.field(factory=dict[str, Any])


REFUSALS = [
    Refusal(errors.BadRequest, 400, "VALIDATION_ERROR", [NO_ID, NO_UUID]),
    Refusal(errors.BadRequest, 400, "CheckoutNoWalletError", [CHECKOUT], {"checkout_failure": "CheckoutNoWalletError"}),
    Refusal(
        errors.BadRequest,
        400,
        "CheckoutMissingAddressError",
        [CHECKOUT],
        {"checkout_failure": "CheckoutMissingAddressError"},
    ),
    Refusal(errors.Unauthorized, 401, "UNAUTHORIZED", [LIST, GET, CHECKOUT, PROFILE], {"jwt": "another-session"}),
    Refusal(errors.Forbidden, 403, "ONBOARDING_INCOMPLETE", [LIST, GET, CHECKOUT], {"onboarding_step": 2}),
    Refusal(errors.NotFound, 404, "OrderNotFoundError", [NO_ORDER]),
    Refusal(errors.NotFound, 404, "CartItemNotFoundError", [CHECKOUT], {"cart": {}}),
    Refusal(
        errors.UnprocessableEntity,
        422,
        "InsufficientFundsError",
        [CHECKOUT],
        {"checkout_failure": "InsufficientFundsError"},
    ),
    Refusal(errors.TooManyRequests, 429, "RATE_LIMIT_EXCEEDED", [LIST, GET, CHECKOUT], {"requests_a_minute": 0}),
    Refusal(errors.ServerError, 500, "DatabaseError", [FAR_PAGE]),
    Refusal(
        errors.ServerError,
        500,
        "DATABASE_ERROR",
        [LIST, GET, CHECKOUT, PROFILE],
        {"account_failure": "DATABASE_ERROR"},
    ),
    Refusal(
        errors.ServerError,
        503,
        "WALLET_PROVISION_FAILED",
        [LIST, GET, CHECKOUT, PROFILE],
        {"account_failure": "WALLET_PROVISION_FAILED"},
    ),
    Refusal(errors.ServerError, 502, "CheckoutOrderCreationError", [GET, CHECKOUT], {"crossmint_down": True}),
    Refusal(errors.ServerError, 502, "CheckoutPaymentError", [CHECKOUT], {"checkout_failure": "CheckoutPaymentError"}),
]


def make_sync(emulator: Emulator, call: Call) -> None:
    """Make the call without an event loop."""
    operation, positional, named = call
    with Client(**emulator.client_kwargs("crossmint")) as client:
        operation.sync(*positional, client=client, **named)


def make_asyncio(emulator: Emulator, call: Call) -> None:
    """Make the call in an event loop."""
    operation, positional, named = call

    async def make() -> None:
        async with Client(**emulator.client_kwargs("crossmint")) as client:
            await operation.asyncio(*positional, client=client, **named)

    asyncio.run(make())


@pytest.mark.parametrize("make", [make_sync, make_asyncio])
@pytest.mark.parametrize(
    ("refusal", "call"),
    [
        pytest.param(refusal, call, id=f"{call[0].__name__.rpartition('.')[2]}-{refusal.status}-{refusal.code}")
        for refusal in REFUSALS
        for call in refusal.calls
    ],
)
def test_an_error_has_the_class_of_its_status_and_its_body_decoded(
    emulator: Emulator, make: Callable[[Emulator, Call], None], refusal: Refusal, call: Call
) -> None:
    """Each error that the emulator can give, sync and async; no refused checkout makes an order."""
    state: State = emulator.state("crossmint")
    for name, value in refusal.switches.items():
        setattr(state, name, value)
    before = len(state.orders)
    with pytest.raises(errors.StatusError) as caught:
        make(emulator, call)
    assert (refusal.kind, refusal.status) == (type(caught.value), caught.value.status_code)
    assert caught.value.error
    assert models.ErrorCode(refusal.code) is caught.value.error.code
    assert models.ErrorCode(refusal.code).is_known
    assert caught.value.error.error
    assert caught.value.meaning
    assert before == len(state.orders)


def test_onboarding_that_is_not_complete_says_how_far_it_is(client: Client, state: State) -> None:
    """`step` comes beside the code, a number."""
    state.onboarding_step = 2
    with pytest.raises(errors.Forbidden) as caught:
        list_orders.sync(client=client)
    assert caught.value.error
    assert 2 == caught.value.error.step


def test_a_body_that_is_no_json_is_refused(emulator: Emulator) -> None:
    """What the client would never send gets a documented answer too."""
    headers = {"Cookie": COOKIE, "Content-Type": "application/json"}
    answer = httpx.post(f"{emulator.address}/crossmint/api/checkout", content=b"cartItemId=1", headers=headers)
    assert (400, "HTTP_ERROR") == (answer.status_code, answer.json()["code"])


def test_a_code_that_is_not_published_is_kept() -> None:
    """An unknown code hides neither the class of the error nor its words."""
    answer = httpx.Response(500, json={"error": "Internal server error", "code": "CACHE_ERROR"})
    with answering(answer) as client, pytest.raises(errors.ServerError) as caught:
        list_orders.sync(client=client)
    assert caught.value.error
    assert ("CACHE_ERROR", False) == (caught.value.error.code, models.ErrorCode("CACHE_ERROR").is_known)
