# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""Create an order.

No idempotency key is published, so the same call twice may make two orders. A call without an answer is settled
by looking for the `ecommerceOrderId` in the list, which has no filter for it.

`POST /orders/checkout`; basis: documented (orders#Create Order).

Arguments:
    body: An order to create.

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

    return models.OrderCreated


def _body_kind() -> Any:
    from ... import models

    return models.OrderRequest


def build_request(
    *,
    body: models.OrderRequest,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="createOrder",
        method="POST",
        path="/orders/checkout",
        headers=codec.pairs(
            ("content-type", "application/json"),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.OrderCreated]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("createOrder", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
    body: models.OrderRequest,
) -> Response[models.OrderCreated]:
    """Create an order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
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
    body: models.OrderRequest,
) -> models.OrderCreated:
    """Create an order.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: models.OrderRequest,
) -> Response[models.OrderCreated]:
    """Create an order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
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
    body: models.OrderRequest,
) -> models.OrderCreated:
    """Create an order.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
