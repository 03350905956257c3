# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""List orders, a page at a time.

The page says that the list is paginated and no more; parameters and envelope are guesses.

`GET /v1/orders`; basis: documented (orders#Endpoints).

Arguments:
    limit: The most orders to put on a page.
    cursor: The `next_cursor` of the page before.
    status: Only orders with this status.

Errors that the document lists:
    401: The API key is missing or not valid.
    422: A value is not allowed, such as a refund beyond the order's total.
    429: Too many requests; this one was not processed.
    503: The database fails over; `Retry-After` is 5.
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
    "401": "The API key is missing or not valid.",
    "422": "A value is not allowed, such as a refund beyond the order's total.",
    "429": "Too many requests; this one was not processed.",
    "503": "The database fails over; `Retry-After` is 5.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.OrderListing


def build_request(
    *,
    limit: int | UnsetType = UNSET,
    cursor: str | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="listOrders",
        method="GET",
        path="/v1/orders",
        query=codec.pairs(
            ("limit", limit),
            ("cursor", cursor),
            ("status", status),
        ),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.OrderListing]:
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
    limit: int | UnsetType = UNSET,
    cursor: str | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
) -> Response[models.OrderListing]:
    """List orders, a page at a time.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return client.send(
        build_request(
            limit=limit,
            cursor=cursor,
            status=status,
        ),
        read_response,
    )


def sync(
    *,
    client: Client,
    limit: int | UnsetType = UNSET,
    cursor: str | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
) -> models.OrderListing:
    """List orders, a page at a time.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return sync_detailed(
        client=client,
        limit=limit,
        cursor=cursor,
        status=status,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    limit: int | UnsetType = UNSET,
    cursor: str | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
) -> Response[models.OrderListing]:
    """List orders, a page at a time.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return await client.asend(
        build_request(
            limit=limit,
            cursor=cursor,
            status=status,
        ),
        read_response,
    )


async def asyncio(
    *,
    client: Client,
    limit: int | UnsetType = UNSET,
    cursor: str | UnsetType = UNSET,
    status: models.OrderStatus | UnsetType = UNSET,
) -> models.OrderListing:
    """List orders, a page at a time.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            limit=limit,
            cursor=cursor,
            status=status,
        )
    ).parsed
