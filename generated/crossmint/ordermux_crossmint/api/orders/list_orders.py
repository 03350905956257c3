# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""List the user's orders, a page at a time.

Newest first. Numbers are sent as strings.

`GET /api/orders`; basis: documented (orders#GET /api/orders; that the newest come first is public (shop)).

Arguments:
    page: The number of the page, from 1. The shop reads the digits in front: `1.9` and `1e3` are page 1, and
        so is what begins with none, for which the answer's `page` is null. One beyond the database's numbers is a
        500. The server's default is '1'.
    limit: The most orders to put on a page, read as `page` is. Anything outside 1 to 100 is moved to the
        nearer end; what begins with no digits is no limit at all, for which the answer's `limit` is null. The
        server's default is '20'.
    type_: Only orders of this type. One that there is not gives an empty list, an empty one all orders.
    status: Only orders with this status. One that there is not gives an empty list, an empty one all orders.
    phase: Only orders in this phase. Filtered after the page is cut: a page may come short or empty though
        more orders match, and `total` counts that page alone. Never send it while walking the pages.

Errors that the document lists:
    400: An id is no UUID, or a parameter is there twice (`VALIDATION_ERROR`).
    401: The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing
        (`SESSION_REQUIRED`). It does not count toward the limit.
    403: Onboarding is not complete (`ONBOARDING_INCOMPLETE`, with `step`; `STEP_NOT_REACHED`).
    429: The user's requests of this minute are used up (`RATE_LIMIT_EXCEEDED`); the request was not
        processed. It counts, and does not make the minute longer.
    500: The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up
        `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried
        out (`DatabaseError`, `INTERNAL_ERROR`).
    503: The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ... import codec, responses
from ...types import UNSET, Request, Response, UnsetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ... import models
    from ...client import Client

_MEANINGS = {
    "400": "An id is no UUID, or a parameter is there twice (`VALIDATION_ERROR`).",
    "401": "The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing (`SESSION_REQUIRED`). It does not count toward the limit.",
    "403": "Onboarding is not complete (`ONBOARDING_INCOMPLETE`, with `step`; `STEP_NOT_REACHED`).",
    "429": "The user's requests of this minute are used up (`RATE_LIMIT_EXCEEDED`); the request was not processed. It counts, and does not make the minute longer.",
    "500": "The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried out (`DatabaseError`, `INTERNAL_ERROR`).",
    "503": "The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.OrderPage


def build_request(
    *,
    page: str | UnsetType = UNSET,
    limit: str | UnsetType = UNSET,
    type_: models.OrderType | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
    phase: str | UnsetType = UNSET,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="listOrders",
        method="GET",
        path="/api/orders",
        query=codec.pairs(
            ("page", page),
            ("limit", limit),
            ("type", type_),
            ("status", status),
            ("phase", phase),
        ),
        security=(("jwt", "refresh_token"), ("jwt",)),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.OrderPage]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("listOrders", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
    page: str | UnsetType = UNSET,
    limit: str | UnsetType = UNSET,
    type_: models.OrderType | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
    phase: str | UnsetType = UNSET,
) -> Response[models.OrderPage]:
    """List the user's orders, a page at a time.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return client.send(
        build_request(
            page=page,
            limit=limit,
            type_=type_,
            status=status,
            phase=phase,
        ),
        read_response,
    )


def sync(
    *,
    client: Client,
    page: str | UnsetType = UNSET,
    limit: str | UnsetType = UNSET,
    type_: models.OrderType | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
    phase: str | UnsetType = UNSET,
) -> models.OrderPage:
    """List the user's orders, a page at a time.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return sync_detailed(
        client=client,
        page=page,
        limit=limit,
        type_=type_,
        status=status,
        phase=phase,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    page: str | UnsetType = UNSET,
    limit: str | UnsetType = UNSET,
    type_: models.OrderType | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
    phase: str | UnsetType = UNSET,
) -> Response[models.OrderPage]:
    """List the user's orders, a page at a time.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return await client.asend(
        build_request(
            page=page,
            limit=limit,
            type_=type_,
            status=status,
            phase=phase,
        ),
        read_response,
    )


async def asyncio(
    *,
    client: Client,
    page: str | UnsetType = UNSET,
    limit: str | UnsetType = UNSET,
    type_: models.OrderType | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
    phase: str | UnsetType = UNSET,
) -> models.OrderPage:
    """List the user's orders, a page at a time.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            page=page,
            limit=limit,
            type_=type_,
            status=status,
            phase=phase,
        )
    ).parsed
