# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Add or update a product, so that Croissant prices it.

To be called for each product at the first sync, and again when it is new or its price changes. Resale values
follow within 72 hours. The alternative is a product feed that Croissant reads.

`PUT /products/{id}`; basis: documented (direct-api-integrations#Get Your Retailer Access Token; the page has the path, and PUT for the first sync; PUT for all, and the 72 hours, are public (sync-product-catalogue)).

Arguments:
    id: The product's id, the one that the retailer's own store uses.
    body: A product to store. Its fields are not published, so any keys and values.

Errors that the document lists:
    400: The request is not right; most often its body.
    401: The access token is missing or not valid.
    403: The scopes do not suffice. Their names are not published.
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
    "422": "A value did not pass the validation.",
    "500": "The server failed. Send it again, each time after a longer pause.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.ProductStored


def _body_kind() -> Any:
    from ... import models

    return models.Product


def build_request(
    id: str,
    *,
    body: models.Product,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="putProduct",
        method="PUT",
        path=f"/products/{codec.segment('id', id)}",
        headers=codec.pairs(
            ("content-type", "application/json"),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("token",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.ProductStored]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("putProduct", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    id: str,
    *,
    client: Client,
    body: models.Product,
) -> Response[models.ProductStored]:
    """Add or update a product, so that Croissant prices it.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return client.send(
        build_request(
            id,
            body=body,
        ),
        read_response,
    )


def sync(
    id: str,
    *,
    client: Client,
    body: models.Product,
) -> models.ProductStored:
    """Add or update a product, so that Croissant prices it.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return sync_detailed(
        id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
    body: models.Product,
) -> Response[models.ProductStored]:
    """Add or update a product, so that Croissant prices it.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return await client.asend(
        build_request(
            id,
            body=body,
        ),
        read_response,
    )


async def asyncio(
    id: str,
    *,
    client: Client,
    body: models.Product,
) -> models.ProductStored:
    """Add or update a product, so that Croissant prices it.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return (
        await asyncio_detailed(
            id,
            client=client,
            body=body,
        )
    ).parsed
