"""Objects, calls and answers for the tests of the package ordermux-cryptum."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from ordermux_cryptum import Client, codec, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order
from ordermux_cryptum.api.stores import verify_store
from support.mock_answers import MockAnswers

STORE = "a8f9...9f32"
ORDER = "f701...672e"
NOTIFICATION = """{
  "message": "Payment was successful",
  "status": "confirmed",
  "orderId": "0da30...f53b37",
  "ecommerceOrderId": "2",
  "storeId": "3ac0...ad4e9e",
  "transactions": [{"protocol": "CELO", "hash": "0x7a9c9...39517d3d"}],
  "updatedProducts": null
}"""

SINGLE = """{
  "callbackUrl": "http://...",
  "sessionToken": "eyJhbG...5m4",
  "id": "f701...672e",
  "ecommerceOrderId": "103",
  "ecommerce": "api",
  "orderTotal": "25.40",
  "orderCurrency": "USD",
  "storeMarkupPercentage": "0",
  "storeDiscountPercentage": "0",
  "cancelReturnUrl": "http://...",
  "successReturnUrl": "http://...",
  "deliveryInfo": {"firstName": "...", "lastName": "...", "email": "email@mail.com", "country": "AR"},
  "store": {
    "id": "a8f9...9f32",
    "name": "...",
    "email": "email@mail.com",
    "apiKeyId": "",
    "segment": "",
    "userId": "",
    "wallets": [],
    "storeUrl": "",
    "storeDiscountPercentage": "0",
    "storeMarkupPercentage": "0",
    "createdAt": "202...Z"
  },
  "marketRates": {
    "BRL": "1.00",
    "USD": "0.19",
    "EUR": "0.17",
    "JPY": "25.19",
    "BTC": "0.00000791",
    "ETH": "0.00011354",
    "XLM": "2.4025",
    "XRP": "0.519459",
    "BNB": "0.00061351",
    "MDA": "3.844",
    "CELO": "0.32033333",
    "HTR": "2.74",
    "ADA": "0.549142",
    "AVAX": "0.01150898",
    "MATIC": "0.16016667",
    "SOL": "0.009048964"
  }
}"""

# Substitution: the page prints `"marketRates": { ... }`, which is no JSON; two of the single order's rates stand here.
LISTED = """{
  "total": 1,
  "orders": [
    {
      "id": "f70...1672e",
      "store": "a8f9...9f32",
      "sessionToken": "eyJhbG..uP5m4",
      "ecommerceOrderId": "103",
      "ecommerce": "api",
      "orderTotal": "25.40",
      "orderCurrency": "USD",
      "storeMarkupPercentage": "0",
      "storeDiscountPercentage": "0",
      "cancelReturnUrl": "http://...",
      "successReturnUrl": "http://...",
      "deliveryInfo": {
        "firstName": "...",
        "lastName": "...",
        "email": "email@gmail.com",
        "city": "...",
        "country": "...",
        "zip": "...",
        "address": "...",
        "complement": "...",
        "state": "..."
      },
      "callbackUrl": "http://...",
      "marketRates": {"BRL": "1.00", "USD": "0.19"}
    }
  ]
}"""

REQUEST = models.OrderRequest(
    ecommerce_order_id="103",
    ecommerce_type=models.EcommerceType.API,
    order_total="25.40",
    order_currency="USD",
    callback_url="https://shop.example/callbacks/cryptum",
    store=STORE,
    delivery_info=models.DeliveryInfoRequest(
        first_name="Ana", last_name="Suarez", email="email@mail.com", country="AR"
    ),
)
REQUEST_BODY: dict[str, Any] = json.loads(codec.encode(REQUEST))
VERIFICATION = models.StoreVerificationRequest(
    store_id=STORE, plugin="checkout", ecommerce_type=models.EcommerceType.WORDPRESS
)
"""As Cryptum's own plugin sends it."""


def raw(client: Client, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Send what the typed client cannot; return the status and the body."""
    headers = {"x-api-key": "ck_test_emulator", **headers}
    with httpx.Client(trust_env=False) as http:
        answer = http.request(method, client.base_url + path, json=body, headers=headers)
    return answer.status_code, answer.json()


def answering(status: int, content: bytes) -> Client:
    """Return a client whose every call is answered so, for what the emulator never says."""
    return Client(api_key="ck_mock", transport=MockAnswers(httpx.Response(status, content=content)))


def changed(sample: str, **members: Any) -> bytes:
    """Return a sample with other members; `None` leaves one out."""
    body: dict[str, Any] = {**json.loads(sample), **members}
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def call(name: str, client: Client) -> Any:
    """Make a call of the operation that would be right on its own."""
    calls: dict[str, Callable[[], Any]] = {
        "createOrder": lambda: create_order.sync(client=client, body=REQUEST),
        "updateOrder": lambda: update_order.sync(ORDER, client=client, body=models.OrderUpdate()),
        "getOrder": lambda: get_order.sync(ORDER, client=client),
        "listOrders": lambda: list_orders.sync(client=client, store_id=STORE),
        "verifyStore": lambda: verify_store.sync(client=client, body=VERIFICATION),
    }
    return calls[name]()


OPERATIONS = ["createOrder", "updateOrder", "getOrder", "listOrders", "verifyStore"]
