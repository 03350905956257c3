# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""Cancel an order of which nothing is fulfilled yet.

It cannot be undone. Once a fulfilment is recorded, refund instead.

`POST /v1/orders/{id}/cancel`; basis: documented (orders#Cancellation).

Arguments:
    id: The order's id, `order_` and a ULID.
    idempotency_key: A key of the caller's own. The same key within 24 hours answers with the first response
        and does nothing more.

Errors that the document lists:
    401: The API key is missing or not valid.
    404: There is no such order.
    409: The order's state forbids it, or the idempotency key was used with another body.
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
    "404": "There is no such order.",
    "409": "The order's state forbids it, or the idempotency key was used with another body.",
    "422": "A value is not allowed, such as a refund beyond the order's total.",
    "429": "Too many requests; this one was not processed.",
    "503": "The database fails over; `Retry-After` is 5.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.Order


def build_request(
    id: str,
    *,
    idempotency_key: str | UnsetType = UNSET,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="cancelOrder",
        method="POST",
        path=f"/v1/orders/{codec.segment('id', id)}/cancel",
        headers=codec.pairs(
            ("Idempotency-Key", idempotency_key),
        ),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.Order]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("cancelOrder", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    id: str,
    *,
    client: Client,
    idempotency_key: str | UnsetType = UNSET,
) -> Response[models.Order]:
    """Cancel an order of which nothing is fulfilled yet.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return client.send(
        build_request(
            id,
            idempotency_key=idempotency_key,
        ),
        read_response,
    )


def sync(
    id: str,
    *,
    client: Client,
    idempotency_key: str | UnsetType = UNSET,
) -> models.Order:
    """Cancel an order of which nothing is fulfilled yet.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return sync_detailed(
        id,
        client=client,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
    idempotency_key: str | UnsetType = UNSET,
) -> Response[models.Order]:
    """Cancel an order of which nothing is fulfilled yet.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return await client.asend(
        build_request(
            id,
            idempotency_key=idempotency_key,
        ),
        read_response,
    )


async def asyncio(
    id: str,
    *,
    client: Client,
    idempotency_key: str | UnsetType = UNSET,
) -> models.Order:
    """Cancel an order of which nothing is fulfilled yet.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return (
        await asyncio_detailed(
            id,
            client=client,
            idempotency_key=idempotency_key,
        )
    ).parsed
