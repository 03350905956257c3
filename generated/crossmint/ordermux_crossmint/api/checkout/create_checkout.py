# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Order one item of the cart.

The order starts as `awaiting_approval`. There is no idempotency key and no way to look an unknown checkout up,
so a lost answer leaves open whether the order exists.

`POST /api/checkout`; basis: documented (orders#Path Parameters; the page only names it; what it takes is public (checkout)).

Arguments:
    body: What to buy.

Errors that the document lists:
    400: The user has no wallet (`CheckoutNoWalletError`), the shipping address is not complete
        (`CheckoutMissingAddressError`), a value is missing or not valid (`VALIDATION_ERROR`), or the body is no
        JSON (`HTTP_ERROR`).
    401: The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing
        (`SESSION_REQUIRED`). It does not count toward the limit.
    403: Onboarding is not complete (`ONBOARDING_INCOMPLETE`, with `step`; `STEP_NOT_REACHED`).
    404: There is no such item in the cart (`CartItemNotFoundError`).
    422: The user's wallet does not hold enough (`InsufficientFundsError`).
    429: The user's requests of this minute are used up (`RATE_LIMIT_EXCEEDED`); the request was not
        processed. It counts, and does not make the minute longer.
    500: The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up
        `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried
        out (`DatabaseError`, `INTERNAL_ERROR`).
    502: Crossmint failed to make the order (`CheckoutOrderCreationError`) or the payment
        (`CheckoutPaymentError`).
    503: The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ... import codec, responses
from ...types import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ... import models
    from ...client import Client

_MEANINGS = {
    "400": "The user has no wallet (`CheckoutNoWalletError`), the shipping address is not complete (`CheckoutMissingAddressError`), a value is missing or not valid (`VALIDATION_ERROR`), or the body is no JSON (`HTTP_ERROR`).",
    "401": "The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing (`SESSION_REQUIRED`). It does not count toward the limit.",
    "403": "Onboarding is not complete (`ONBOARDING_INCOMPLETE`, with `step`; `STEP_NOT_REACHED`).",
    "404": "There is no such item in the cart (`CartItemNotFoundError`).",
    "422": "The user's wallet does not hold enough (`InsufficientFundsError`).",
    "429": "The user's requests of this minute are used up (`RATE_LIMIT_EXCEEDED`); the request was not processed. It counts, and does not make the minute longer.",
    "500": "The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried out (`DatabaseError`, `INTERNAL_ERROR`).",
    "502": "Crossmint failed to make the order (`CheckoutOrderCreationError`) or the payment (`CheckoutPaymentError`).",
    "503": "The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.Checkout


def _body_kind() -> Any:
    from ... import models

    return models.CheckoutRequest


def build_request(
    *,
    body: models.CheckoutRequest,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="createCheckout",
        method="POST",
        path="/api/checkout",
        headers=codec.pairs(
            ("content-type", "application/json"),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("jwt", "refresh_token"), ("jwt",)),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.Checkout]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("createCheckout", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
    body: models.CheckoutRequest,
) -> Response[models.Checkout]:
    """Order one item of the cart.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return client.send(
        build_request(
            body=body,
        ),
        read_response,
    )


def sync(
    *,
    client: Client,
    body: models.CheckoutRequest,
) -> models.Checkout:
    """Order one item of the cart.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: models.CheckoutRequest,
) -> Response[models.Checkout]:
    """Order one item of the cart.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return await client.asend(
        build_request(
            body=body,
        ),
        read_response,
    )


async def asyncio(
    *,
    client: Client,
    body: models.CheckoutRequest,
) -> models.Checkout:
    """Order one item of the cart.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
