# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Retrieve one order with its buyback prices.

Nothing in the answer says whether the order was fulfilled or cancelled.

`GET /carts/{id}`; basis: documented (order-lifecycle#Get Order; the page names the operation and not its path, which is a guess by analogy with fulfill and cancel).

Arguments:
    id: The order's id, the one that the retailer's own store uses.

Errors that the document lists:
    400: The request is not right; most often its body.
    401: The access token is missing or not valid.
    403: The scopes do not suffice. Their names are not published.
    404: There is nothing with this id.
    422: A value did not pass the validation.
    500: The server failed. Send it again, each time after a longer pause.
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
    "400": "The request is not right; most often its body.",
    "401": "The access token is missing or not valid.",
    "403": "The scopes do not suffice. Their names are not published.",
    "404": "There is nothing with this id.",
    "422": "A value did not pass the validation.",
    "500": "The server failed. Send it again, each time after a longer pause.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.CartEnvelope


def build_request(
    id: str,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="getCart",
        method="GET",
        path=f"/carts/{codec.segment('id', id)}",
        security=(("token",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.CartEnvelope]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("getCart", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    id: str,
    *,
    client: Client,
) -> Response[models.CartEnvelope]:
    """Retrieve one order with its buyback prices.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CroissantError`.
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
) -> models.CartEnvelope:
    """Retrieve one order with its buyback prices.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return sync_detailed(
        id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
) -> Response[models.CartEnvelope]:
    """Retrieve one order with its buyback prices.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CroissantError`.
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
) -> models.CartEnvelope:
    """Retrieve one order with its buyback prices.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return (
        await asyncio_detailed(
            id,
            client=client,
        )
    ).parsed
