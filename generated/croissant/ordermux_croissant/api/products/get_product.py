# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Retrieve one product.

`GET /products/{id}`; basis: a guess (the integration guide says that GET requests by id take the store's own id, and names no resource; products have such an id, and a PUT).

Arguments:
    id: The product's id, the one that the retailer's own store uses.

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

    return models.ProductFound


def build_request(
    id: str,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="getProduct",
        method="GET",
        path=f"/products/{codec.segment('id', id)}",
        security=(("token",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.ProductFound]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("getProduct", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    id: str,
    *,
    client: Client,
) -> Response[models.ProductFound]:
    """Retrieve one product.

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
) -> models.ProductFound:
    """Retrieve one product.

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
) -> Response[models.ProductFound]:
    """Retrieve one product.

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
) -> models.ProductFound:
    """Retrieve one product.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return (
        await asyncio_detailed(
            id,
            client=client,
        )
    ).parsed
