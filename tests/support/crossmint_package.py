"""Objects, calls and answers for the tests of the package ordermux-crossmint."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import httpx

from ordermux.providers.crossmint.emulator import CREDENTIALS
from ordermux_crossmint import Client, codec, models
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders
from support.mock_answers import MockAnswers

ORDER_ID = "d1e2f3a4-b5c6-7890-defg-234567890123"
CART_ITEM_ID = "c1d2e3f4-a5b6-7890-cdef-123456789012"
ITEM = models.CheckoutRequest(cart_item_id=CART_ITEM_ID)

# Page `orders`, GET /api/orders, Response 200 OK, as printed.
LIST_SAMPLE = """{
"orders": [
{
"orderId": "d1e2f3a4-b5c6-7890-defg-234567890123",
"crossmintOrderId": "ed34a579-7fbc-4509-b8d8-9e61954cd555",
"type": "checkout",
"phase": "payment-confirmed",
"status": "payment_confirmed",
"item": {
"productId": "B0CXYZ1234",
"productName": "Nike Air Max 90",
"price": 14999,
"image": "https://example.com/shoe.jpg",
"size": "10",
"color": "Black",
"productUrl": "https://amazon.com/dp/B0CXYZ1234",
"retailer": "amazon"
},
"payment": {
"status": "succeeded",
"currency": "usdc"
},
"quote": {
"totalPrice": {
"amount": "149.99",
"currency": "usd"
}
},
"createdAt": "2026-04-19T10:00:00.000Z"
}
],
"total": 5,
"page": 1,
"limit": 20
}"""
# Page `orders`, GET /api/orders/:orderId, Response 200 OK: no JSON is printed, but that it is one item of the list.
ORDER_SAMPLE = json.dumps(json.loads(LIST_SAMPLE)["orders"][0])


def answering(*answers: httpx.Response, seen: list[httpx.Request] | None = None, **arguments: Any) -> Client:
    """Return a client that gets these answers, whatever it sends; what it sends is put into `seen`."""
    arguments = {"base_url": "http://shop.test", **CREDENTIALS, **arguments}
    return Client(transport=MockAnswers(*answers, repeats_last=False, requests=seen), **arguments)


def decoded(content: str | bytes, kind: Any) -> Any:
    """Return a body as a model, which must not deviate."""
    parsed, deviations = codec.decode(content.encode() if isinstance(content, str) else content, kind)
    assert () == deviations
    return parsed


Call = tuple[ModuleType, tuple[str, ...], dict[str, Any]]
LIST: Call = (list_orders, (), {})
GET: Call = (get_order, (ORDER_ID,), {})
CHECKOUT: Call = (create_checkout, (), {"body": ITEM})
NOBODYS = "00000000-0000-4000-8000-000000000000"
