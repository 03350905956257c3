# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""Refund an order in full or in part.

The sum of an order's refunds never exceeds its total. What it means to leave out the amount is not stated, so
it is required here.

`POST /v1/orders/{id}/refunds`; basis: documented (orders#Refunds).

Arguments:
    id: The order's id, `order_` and a ULID.
    idempotency_key: A key of the caller's own. The same key within 24 hours answers with the first response
        and does nothing more.
    body: A refund to make, in full or in part.

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

    return models.Refund


def _body_kind() -> Any:
    from ... import models

    return models.RefundRequest


def build_request(
    id: str,
    *,
    body: models.RefundRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="createRefund",
        method="POST",
        path=f"/v1/orders/{codec.segment('id', id)}/refunds",
        headers=codec.pairs(
            ("content-type", "application/json"),
            ("Idempotency-Key", idempotency_key),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.Refund]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("createRefund", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    id: str,
    *,
    client: Client,
    body: models.RefundRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> Response[models.Refund]:
    """Refund an order in full or in part.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return client.send(
        build_request(
            id,
            body=body,
            idempotency_key=idempotency_key,
        ),
        read_response,
    )


def sync(
    id: str,
    *,
    client: Client,
    body: models.RefundRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> models.Refund:
    """Refund an order in full or in part.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return sync_detailed(
        id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: Client,
    body: models.RefundRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> Response[models.Refund]:
    """Refund an order in full or in part.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return await client.asend(
        build_request(
            id,
            body=body,
            idempotency_key=idempotency_key,
        ),
        read_response,
    )


async def asyncio(
    id: str,
    *,
    client: Client,
    body: models.RefundRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> models.Refund:
    """Refund an order in full or in part.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return (
        await asyncio_detailed(
            id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
