"""In which worlds schemathesis is let loose: the usual one, and those in which something is wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import attrs

from ordermux.emulator import Fault, FaultKind, World
from ordermux.emulator.journal import Entry
from ordermux.providers.croissant.emulator import SAMPLE_CART
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER

ANSWER_CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
"""All that can hold where each call is refused or fails, whatever it asks for; the others say that it should not."""
SECONDS_A_CALL = 2.0
"""How far the shop's clock goes with each call, so that its minute has 30 of them."""
EVER = 1_000_000
_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

Prepare = Callable[[World], None]


def _nothing(_: World) -> None:
    pass


@attrs.frozen
class Round:
    """One run of schemathesis over a document, in a world of its own."""

    name: str
    prepare: Prepare = _nothing
    operations: tuple[str, ...] = ()
    """Which take part, by their ids in the document; all where none is named."""
    phases: tuple[str, ...] = ("examples",)
    checks: tuple[str, ...] = ANSWER_CHECKS
    """All that schemathesis has where none is named."""
    signed_in: bool = True
    ordered: bool = False
    """Whether its answers are faults that were ordered."""


def _on_time(world: World) -> None:
    """Let time pass with each call, so that the shop's limit is kept."""

    def listen(entry: Entry) -> None:
        if entry.kind == "call":
            world.clock.advance(SECONDS_A_CALL)

    world.journal.listeners.append(listen)


def _used_up(world: World) -> None:
    """Let no time pass, in a minute whose requests have all come."""
    world.clock.freeze()
    world.states["crossmint"].window = world.clock(), world.states["crossmint"].requests_a_minute


def _with(provider: str, **fields: Any) -> Prepare:
    """Return what sets how a provider stands."""

    def prepare(world: World) -> None:
        for name, value in fields.items():
            setattr(world.states[provider], name, value)

    return prepare


def _without(provider: str, *kept: str) -> Prepare:
    """Return what empties a provider."""

    def prepare(world: World) -> None:
        for name in kept:
            getattr(world.states[provider], name).clear()

    return prepare


def _costly(world: World) -> None:
    """Let the page's order cost more than all refunds together."""
    world.states["zephyr"].orders[SAMPLE_ORDER]["total_cents"] = 10**18


USUAL = Round("usual", _on_time, phases=("examples", "coverage", "fuzzing", "stateful"), checks=())
"""Everything that schemathesis has."""
_SIGNED_OUT = Round("signed out", signed_in=False)
_OF_ONE = ("getCart", "fulfillCart", "cancelCart", "getProduct")
STATES: Mapping[str, tuple[Round, ...]] = {
    "croissant": (
        _SIGNED_OUT,
        Round("tokens that end at once", _with("croissant", token_seconds=0)),
        Round("empty", _without("croissant", "carts", "products"), _OF_ONE),
        Round("no product", _without("croissant", "products"), ("putProduct",)),
        Round("open cart", operations=("fulfillCart",), checks=()),
        Round("fulfilled cart", _with("croissant", closed={SAMPLE_CART: "fulfilled"}), ("cancelCart",)),
    ),
    "zephyr": (
        _SIGNED_OUT,
        Round("empty", _without("zephyr", "orders")),
        Round("much to refund", _costly, ("createRefund",), ("examples", "coverage", "fuzzing"), checks=()),
    ),
    "crossmint": (
        _SIGNED_OUT,
        Round("empty", _without("crossmint", "orders", "cart")),
        Round("minute used up", _used_up),
        Round("onboarding not complete", _with("crossmint", onboarding_step=2)),
        Round("Crossmint down", _with("crossmint", crossmint_down=True), ("getOrder", "createCheckout")),
        Round("no funds", _with("crossmint", checkout_failure="InsufficientFundsError"), ("createCheckout",)),
    ),
    "cryptum": (_SIGNED_OUT, Round("empty", _without("cryptum", "orders"))),
}
"""The worlds that stand so that calls come to another end than usual."""

FAULTS: Mapping[str, tuple[tuple[int, tuple[str, ...]], ...]] = {
    "croissant": (
        (200, ("createCart",)),
        (201, ("createToken", "fulfillCart")),
        (201, ("cancelCart",)),  # of a cart that is not fulfilled
        (400, _OF_ONE),
        (403, ()),
        (422, ("getCart", "getProduct")),
        (500, ()),
    ),
    "zephyr": ((200, ("createRefund", "createWebhookEndpoint")), (429, ()), (503, ())),
    "crossmint": ((400, ("listOrders", "getOrder")), (404, ("getProfile",)), (500, ()), (503, ())),
    "cryptum": ((200, ("createOrder",)), (500, ())),
}
"""What neither a request nor a state leads to: each status with its operations, all where none is named.
No page says which success there is, so the documents have two; Croissant's page gives its errors for every call."""


def rounds(provider: str) -> list[Round]:
    """Return the rounds over a provider's document."""
    ordered = [_ordered(provider, status, operations) for status, operations in FAULTS[provider]]
    return [USUAL, *STATES[provider], *ordered]


def _ordered(provider: str, status: int, operations: tuple[str, ...]) -> Round:
    """Return a round in which each call has a fault: another success, or an error before credentials are looked at."""
    success = status < HTTPStatus.BAD_REQUEST
    headers = {"Retry-After": "5"} if status in _PASSING else {}
    fault = Fault(
        kind=FaultKind.STATUS, when="after" if success else "before", status=status, headers=headers, times=EVER
    )

    def prepare(world: World) -> None:
        for operation in operations or ("*",):
            world.faults.inject(f"{provider}.{operation}", fault)

    phases = ("examples", "coverage") if success else ("examples",)
    name = f"{status} by a fault" + (f", {operations[0]}" if len(operations) == 1 else "")
    return Round(name, prepare, operations, phases, signed_in=success, ordered=True)
