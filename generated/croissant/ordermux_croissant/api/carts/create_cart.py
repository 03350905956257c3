# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Register an order.

One page has it called once `payment.confirmed` came and the order was made, the other at every checkout,
whether the customer opted in or not; both must work. The id is the caller's own, so that after a lost answer
`GET /carts/{id}` can likely tell whether the order was registered.

`POST /carts`; basis: documented (order-lifecycle#Order Flow; the other contract page differs on when (direct-api-integrations#Get Your Retailer Access Token); that `GET /carts/{id}` can settle it is a guess).

Arguments:
    body: An order to register.

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

    return models.CartRegistered


def _body_kind() -> Any:
    from ... import models

    return models.CartRequest


def build_request(
    *,
    body: models.CartRequest,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="createCart",
        method="POST",
        path="/carts",
        headers=codec.pairs(
            ("content-type", "application/json"),
        ),
        content=codec.encode_body(body, _body_kind()),
        security=(("token",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.CartRegistered]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("createCart", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
    body: models.CartRequest,
) -> Response[models.CartRegistered]:
    """Register an order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CroissantError`.
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
    body: models.CartRequest,
) -> models.CartRegistered:
    """Register an order.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: models.CartRequest,
) -> Response[models.CartRegistered]:
    """Register an order.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CroissantError`.
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
    body: models.CartRequest,
) -> models.CartRegistered:
    """Register an order.

    Return the body; everything else is as in the module's text.

    Raises `errors.CroissantError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
