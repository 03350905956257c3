"""Objects, calls and answers for the tests of the package ordermux-croissant."""

from __future__ import annotations

import asyncio
from datetime import datetime
from types import ModuleType
from typing import Any

import attrs
import httpx

from ordermux.providers.croissant.emulator import CLIENT_ID, CLIENT_SECRET, SAMPLE_CART
from ordermux_croissant import Client, Secret, models
from ordermux_croissant.api.carts import cancel_cart, create_cart, fulfill_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product
from support.mock_answers import MockAnswers

CREDENTIALS = models.TokenRequest(client_id=CLIENT_ID, client_secret=Secret(CLIENT_SECRET))
NEW_CART = models.CartRequest(
    id="order-7",
    is_opted_in=True,
    confirmation_number="1007",
    retailer_created_at=datetime.fromisoformat("2026-03-26T09:30:00Z"),
    source="web",
    email="customer@example.com",
    products=[
        models.CartProductRequest(
            retailer_product_id="SKU-001", quantity=1, retail_sale_price=29500, retail_sale_currency="USD"
        )
    ],
)
OPERATIONS: dict[str, tuple[ModuleType, tuple[str, ...], dict[str, Any]]] = {
    "createCart": (create_cart, (), {"body": NEW_CART}),
    "getCart": (get_cart, (SAMPLE_CART,), {}),
    "fulfillCart": (fulfill_cart, (SAMPLE_CART,), {}),
    "cancelCart": (cancel_cart, (SAMPLE_CART,), {}),
    "putProduct": (put_product, ("SKU-009",), {"body": {"name": "Canvas Belt"}}),
    "getProduct": (get_product, ("SKU-001",), {}),
}
WITH_CART = ["getCart", "fulfillCart", "cancelCart"]


def call(name: str, client: Client, *, asynchronous: bool = False) -> Any:
    """Run an operation with the arguments of the table above; return the whole answer."""
    module, arguments, body = OPERATIONS[name]
    if not asynchronous:
        return module.sync_detailed(*arguments, client=client, **body)

    async def run() -> Any:
        async with client:
            return await module.asyncio_detailed(*arguments, client=client, **body)

    return asyncio.run(run())


def send(client: Client, module: ModuleType, *arguments: str, content: bytes, body: Any = None) -> Any:
    """Send an operation with a body that its model would not make."""
    request = module.build_request(*arguments, body=body)
    return client.send(attrs.evolve(request, content=content), module.read_response)


def answering(status: int, content: bytes, seen: list[httpx.Request] | None = None) -> Client:
    """Return a client whose every answer is this one; the requests are kept in `seen`."""
    return Client(token="a-token", transport=MockAnswers(httpx.Response(status, content=content), requests=seen))
