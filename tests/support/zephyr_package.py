"""Objects, calls and answers for the tests of the package ordermux-zephyr."""

from __future__ import annotations

import asyncio
import json
from types import ModuleType
from typing import Any

import httpx
import msgspec

from ordermux.emulator import Emulator
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux_zephyr import UNSET, Client, errors, models
from ordermux_zephyr.api.orders import cancel_order, create_refund, get_order, list_orders, update_order
from ordermux_zephyr.api.webhook_endpoints import create_webhook_endpoint
from support.document_checker import documents
from support.mock_answers import MockAnswers

DOCUMENT = documents()["zephyr"]
REFUND = models.RefundRequest(
    amount_cents=1490, reason=models.RefundReason.REQUESTED_BY_CUSTOMER, metadata={"ticket": "ZD-31427"}
)
ENDPOINT = models.WebhookEndpointRequest(
    url="https://shop.example/webhooks/zephyr",
    events=[models.EventType.ORDER_CREATED, models.EventType.ORDER_REFUNDED],
    description="Order events of the shop",
)
UPDATE = models.OrderUpdate(metadata={"ticket": "ZD-31427"})
FULFILLED = models.OrderUpdate(fulfilment={"carrier": "DHL"})

OPERATIONS: dict[str, tuple[ModuleType, tuple[str, ...], dict[str, Any]]] = {
    "listOrders": (list_orders, (), {}),
    "getOrder": (get_order, (SAMPLE_ORDER,), {}),
    "updateOrder": (update_order, (SAMPLE_ORDER,), {"body": UPDATE}),
    "createRefund": (create_refund, (SAMPLE_ORDER,), {"body": REFUND}),
    "cancelOrder": (cancel_order, (SAMPLE_ORDER,), {}),
    "createWebhookEndpoint": (create_webhook_endpoint, (), {"body": ENDPOINT}),
}
WITH_ORDER = ["getOrder", "updateOrder", "createRefund", "cancelOrder"]


def call(name: str, client: Client, *, asynchronous: bool = False, **more: Any) -> Any:
    """Run an operation with the arguments of the table above, and more; return the whole answer."""
    module, arguments, named = OPERATIONS[name]
    if not asynchronous:
        return module.sync_detailed(*arguments, client=client, **{**named, **more})

    async def run() -> Any:
        async with client:
            return await module.asyncio_detailed(*arguments, client=client, **{**named, **more})

    return asyncio.run(run())


def answering(status: int, content: bytes, seen: list[httpx.Request] | None = None, **headers: str) -> Client:
    """Return a client whose every answer is this one; the requests are kept in `seen`."""
    answer = httpx.Response(status, content=content, headers=headers)
    return Client(api_key="zk_mock", transport=MockAnswers(answer, requests=seen))


def order_json(**members: Any) -> dict[str, Any]:
    """Return the document's example of an order as JSON, with other members; `UNSET` leaves one out."""
    order: dict[str, Any] = {**DOCUMENT.schemas["Order"]["examples"][0], **members}
    return {name: value for name, value in order.items() if value is not UNSET}


def read_order(**members: Any) -> models.Order:
    """Return the document's example of an order, with other members, as the package reads it from an answer."""
    return get_order.read_response(200, {}, json.dumps(order_json(**members)).encode()).parsed


def detail_of(error: errors.StatusError) -> models.ErrorDetail:
    """Return what the error's decoded body tells."""
    assert error.error
    assert error.error.error
    return error.error.error


def ids_by_status(emulator: Emulator) -> dict[str, list[str]]:
    """Return the ids of the emulator's orders by status, newest first."""
    found: dict[str, list[str]] = {}
    for order in reversed(emulator.state("zephyr").orders.values()):
        found.setdefault(order["status"], []).append(order["id"])
    return found


CURL_BODY = """{
    "amount_cents": 1490,
    "reason": "requested_by_customer",
    "metadata": { "ticket": "ZD-31427" }
  }"""
KEY = {"idempotency_key": "key-1"}
OTHER_REFUND: dict[str, Any] = {"body": msgspec.structs.replace(REFUND, amount_cents=490), **KEY}
