# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""List the orders of a store, a page at a time.

The path ends in a slash, as printed. In which order they come is not stated.

`GET /orders/`; basis: documented (orders#Get Multiple Orders).

Arguments:
    store_id: The store whose orders to list.
    limit: The most orders to answer with. The server's default is 100.
    offset: How many orders to skip. The server's default is 0.
    payment_status: Only orders whose payment has this status.
    start_date: Only orders from this date on. The format is not stated.
    end_date: Only orders up to this date. The format is not stated.
    with_count: The effect is not stated; `total` may hang on it.
    with_total: The effect is not stated; `total` may hang on it.

Errors that the document lists:
    4XX: The call was refused. Which status means what is not published.
    5XX: Cryptum failed; whether anything was done is not known.
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
    "4XX": "The call was refused. Which status means what is not published.",
    "5XX": "Cryptum failed; whether anything was done is not known.",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.OrderList


def build_request(
    *,
    store_id: str,
    limit: int | UnsetType = UNSET,
    offset: int | UnsetType = UNSET,
    payment_status: models.PaymentStatus | UnsetType = UNSET,
    start_date: str | UnsetType = UNSET,
    end_date: str | UnsetType = UNSET,
    with_count: bool | UnsetType = UNSET,
    with_total: bool | UnsetType = UNSET,
) -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="listOrders",
        method="GET",
        path="/orders/",
        query=codec.pairs(
            ("storeId", store_id),
            ("limit", limit),
            ("offset", offset),
            ("paymentStatus", payment_status),
            ("startDate", start_date),
            ("endDate", end_date),
            ("withCount", with_count),
            ("withTotal", with_total),
        ),
        security=(("api_key",),),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.OrderList]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("listOrders", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
    store_id: str,
    limit: int | UnsetType = UNSET,
    offset: int | UnsetType = UNSET,
    payment_status: models.PaymentStatus | UnsetType = UNSET,
    start_date: str | UnsetType = UNSET,
    end_date: str | UnsetType = UNSET,
    with_count: bool | UnsetType = UNSET,
    with_total: bool | UnsetType = UNSET,
) -> Response[models.OrderList]:
    """List the orders of a store, a page at a time.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return client.send(
        build_request(
            store_id=store_id,
            limit=limit,
            offset=offset,
            payment_status=payment_status,
            start_date=start_date,
            end_date=end_date,
            with_count=with_count,
            with_total=with_total,
        ),
        read_response,
    )


def sync(
    *,
    client: Client,
    store_id: str,
    limit: int | UnsetType = UNSET,
    offset: int | UnsetType = UNSET,
    payment_status: models.PaymentStatus | UnsetType = UNSET,
    start_date: str | UnsetType = UNSET,
    end_date: str | UnsetType = UNSET,
    with_count: bool | UnsetType = UNSET,
    with_total: bool | UnsetType = UNSET,
) -> models.OrderList:
    """List the orders of a store, a page at a time.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return sync_detailed(
        client=client,
        store_id=store_id,
        limit=limit,
        offset=offset,
        payment_status=payment_status,
        start_date=start_date,
        end_date=end_date,
        with_count=with_count,
        with_total=with_total,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    store_id: str,
    limit: int | UnsetType = UNSET,
    offset: int | UnsetType = UNSET,
    payment_status: models.PaymentStatus | UnsetType = UNSET,
    start_date: str | UnsetType = UNSET,
    end_date: str | UnsetType = UNSET,
    with_count: bool | UnsetType = UNSET,
    with_total: bool | UnsetType = UNSET,
) -> Response[models.OrderList]:
    """List the orders of a store, a page at a time.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return await client.asend(
        build_request(
            store_id=store_id,
            limit=limit,
            offset=offset,
            payment_status=payment_status,
            start_date=start_date,
            end_date=end_date,
            with_count=with_count,
            with_total=with_total,
        ),
        read_response,
    )


async def asyncio(
    *,
    client: Client,
    store_id: str,
    limit: int | UnsetType = UNSET,
    offset: int | UnsetType = UNSET,
    payment_status: models.PaymentStatus | UnsetType = UNSET,
    start_date: str | UnsetType = UNSET,
    end_date: str | UnsetType = UNSET,
    with_count: bool | UnsetType = UNSET,
    with_total: bool | UnsetType = UNSET,
) -> models.OrderList:
    """List the orders of a store, a page at a time.

    Return the body; everything else is as in the module's text.

    Raises `errors.CryptumError`.
    """
    return (
        await asyncio_detailed(
            client=client,
            store_id=store_id,
            limit=limit,
            offset=offset,
            payment_status=payment_status,
            start_date=start_date,
            end_date=end_date,
            with_count=with_count,
            with_total=with_total,
        )
    ).parsed
