# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""Update an order's payment.

As the page prints it, the path has no `/orders`, which the others have. The answer is not published: get the
order to see what became of it.

`PUT /checkout/{orderId}`; basis: documented (orders#Update Orders; the path differs from the others, as printed).

Arguments:
    order_id: The order's id.
    body: What to change on an order; what is left out is likely to stay as it is.

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

    return models.OrderUpdated


def _body_kind() -> Any:
    from ... import models

    return models.OrderUpdate


def build_request(
    order_id: str,
    *,
    body: models.OrderUpdate,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="updateOrder",
        method="PUT",
        path=f"/checkout/{codec.segment('order_id', order_id)}",
        headers=codec.pairs(
            ("content-type", "application/json"),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.OrderUpdated]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("updateOrder", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    order_id: str,
    *,
    client: Client,
    body: models.OrderUpdate,
) -> Response[models.OrderUpdated]:
    """Update an order's payment.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return client.send(
        build_request(
            order_id,
            body=body,
        ),
        read_response,
    )


def sync(
    order_id: str,
    *,
    client: Client,
    body: models.OrderUpdate,
) -> models.OrderUpdated:
    """Update an order's payment.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return sync_detailed(
        order_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    order_id: str,
    *,
    client: Client,
    body: models.OrderUpdate,
) -> Response[models.OrderUpdated]:
    """Update an order's payment.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return await client.asend(
        build_request(
            order_id,
            body=body,
        ),
        read_response,
    )


async def asyncio(
    order_id: str,
    *,
    client: Client,
    body: models.OrderUpdate,
) -> models.OrderUpdated:
    """Update an order's payment.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return (
        await asyncio_detailed(
            order_id,
            client=client,
            body=body,
        )
    ).parsed
