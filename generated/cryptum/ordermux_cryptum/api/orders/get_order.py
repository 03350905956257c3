# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""Retrieve one order.

The order's own session token opens it too, in place of the API key.

`GET /orders/{orderId}`; basis: documented (orders#Get Order; that the session token opens it is public (authentication)).

Arguments:
    order_id: The order's id.

Errors that the document lists:
    4XX: The call was refused. Which status means what is not published.
    5XX: Cryptum failed; whether anything was done is not known.
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
    "4XX": "The call was refused. Which status means what is not published.",
    "5XX": "Cryptum failed; whether anything was done is not known.",
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
        path=f"/orders/{codec.segment('order_id', order_id)}",
        security=(("api_key",), ("session_token",)),
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
    """Retrieve one order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
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
    """Retrieve one order.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
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
    """Retrieve one order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
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
    """Retrieve one order.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return (
        await asyncio_detailed(
            order_id,
            client=client,
        )
    ).parsed
