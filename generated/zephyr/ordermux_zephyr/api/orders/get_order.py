# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""Retrieve one order.

`GET /v1/orders/{id}`; basis: documented (orders#Endpoints).

Arguments:
    id: The order's id, `order_` and a ULID.

Errors that the document lists:
    401: The API key is missing or not valid.
    404: There is no such order.
    429: Too many requests; this one was not processed.
    503: The database fails over; `Retry-After` is 5.
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
    "401": "The API key is missing or not valid.",
    "404": "There is no such order.",
    "429": "Too many requests; this one was not processed.",
    "503": "The database fails over; `Retry-After` is 5.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.Order


def build_request(
    id: str,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="getOrder",
        method="GET",
        path=f"/v1/orders/{codec.segment('id', id)}",
        security=(("api_key",),),
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
    id: str,
    *,
    client: Client,
) -> Response[models.Order]:
    """Retrieve one order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return client.send(
        build_request(
            id,
        ),
        read_response,
    )


def sync(
    id: str,
    *,
    client: Client,
) -> models.Order:
    """Retrieve one order.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return sync_detailed(
        id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
) -> Response[models.Order]:
    """Retrieve one order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return await client.asend(
        build_request(
            id,
        ),
        read_response,
    )


async def asyncio(
    id: str,
    *,
    client: Client,
) -> models.Order:
    """Retrieve one order.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return (
        await asyncio_detailed(
            id,
            client=client,
        )
    ).parsed
