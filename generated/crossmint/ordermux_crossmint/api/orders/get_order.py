# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Retrieve one order, live.

The shop asks Crossmint how the order stands and merges that with its own record. It keeps what Crossmint said
for 30 seconds: so long `phase`, `payment` and `quote` may be old, and Crossmint's failure unseen.

`GET /api/orders/{orderId}`; basis: documented (orders#GET /api/orders/:orderId; that what Crossmint said is kept for 30 seconds is observed (backend)).

Arguments:
    order_id: The shop's own id of the order, as the checkout answered it; not Crossmint's.

Errors that the document lists:
    400: An id is no UUID, or a parameter is there twice (`VALIDATION_ERROR`).
    401: The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing
        (`SESSION_REQUIRED`). It does not count toward the limit.
    403: Onboarding is not complete (`ONBOARDING_INCOMPLETE`, with `step`; `STEP_NOT_REACHED`).
    404: There is no such order, or it is another user's (`OrderNotFoundError`).
    429: The user's requests of this minute are used up (`RATE_LIMIT_EXCEEDED`); the request was not
        processed. It counts, and does not make the minute longer.
    500: The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up
        `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried
        out (`DatabaseError`, `INTERNAL_ERROR`).
    502: Crossmint cannot be reached (`CheckoutOrderCreationError`, whatever the operation).
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
    "400": "An id is no UUID, or a parameter is there twice (`VALIDATION_ERROR`).",
    "401": "The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing (`SESSION_REQUIRED`). It does not count toward the limit.",
    "403": "Onboarding is not complete (`ONBOARDING_INCOMPLETE`, with `step`; `STEP_NOT_REACHED`).",
    "404": "There is no such order, or it is another user's (`OrderNotFoundError`).",
    "429": "The user's requests of this minute are used up (`RATE_LIMIT_EXCEEDED`); the request was not processed. It counts, and does not make the minute longer.",
    "500": "The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried out (`DatabaseError`, `INTERNAL_ERROR`).",
    "502": "Crossmint cannot be reached (`CheckoutOrderCreationError`, whatever the operation).",
    "503": "The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.Order


def build_request(
    order_id: str,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="getOrder",
        method="GET",
        path=f"/api/orders/{codec.segment('order_id', order_id)}",
        security=(("jwt", "refresh_token"), ("jwt",)),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.Order]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("getOrder", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    order_id: str,
    *,
    client: Client,
) -> Response[models.Order]:
    """Retrieve one order, live.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return client.send(
        build_request(
            order_id,
        ),
        read_response,
    )


def sync(
    order_id: str,
    *,
    client: Client,
) -> models.Order:
    """Retrieve one order, live.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return sync_detailed(
        order_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    order_id: str,
    *,
    client: Client,
) -> Response[models.Order]:
    """Retrieve one order, live.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return await client.asend(
        build_request(
            order_id,
        ),
        read_response,
    )


async def asyncio(
    order_id: str,
    *,
    client: Client,
) -> models.Order:
    """Retrieve one order, live.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return (
        await asyncio_detailed(
            order_id,
            client=client,
        )
    ).parsed
