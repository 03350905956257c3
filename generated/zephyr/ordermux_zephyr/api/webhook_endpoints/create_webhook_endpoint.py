# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""Register an address for events.

The answer bears the secret that signs the deliveries.

`POST /v1/webhook_endpoints`; basis: public (webhooks).

Arguments:
    idempotency_key: A key of the caller's own. The same key within 24 hours answers with the first response
        and does nothing more.
    body: An address that shall receive events.

Errors that the document lists:
    401: The API key is missing or not valid.
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
    "409": "The order's state forbids it, or the idempotency key was used with another body.",
    "422": "A value is not allowed, such as a refund beyond the order's total.",
    "429": "Too many requests; this one was not processed.",
    "503": "The database fails over; `Retry-After` is 5.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.WebhookEndpoint


def _body_kind() -> Any:
    from ... import models

    return models.WebhookEndpointRequest


def build_request(
    *,
    body: models.WebhookEndpointRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="createWebhookEndpoint",
        method="POST",
        path="/v1/webhook_endpoints",
        headers=codec.pairs(
            ("content-type", "application/json"),
            ("Idempotency-Key", idempotency_key),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.WebhookEndpoint]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("createWebhookEndpoint", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
    body: models.WebhookEndpointRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> Response[models.WebhookEndpoint]:
    """Register an address for events.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return client.send(
        build_request(
            body=body,
            idempotency_key=idempotency_key,
        ),
        read_response,
    )


def sync(
    *,
    client: Client,
    body: models.WebhookEndpointRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> models.WebhookEndpoint:
    """Register an address for events.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: models.WebhookEndpointRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> Response[models.WebhookEndpoint]:
    """Register an address for events.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return await client.asend(
        build_request(
            body=body,
            idempotency_key=idempotency_key,
        ),
        read_response,
    )


async def asyncio(
    *,
    client: Client,
    body: models.WebhookEndpointRequest,
    idempotency_key: str | UnsetType = UNSET,
) -> models.WebhookEndpoint:
    """Register an address for events.

    Return the body; everything else is as in the module's text.

    Raises `errors.ZephyrError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
