"""A call of each operation of the emulator, over real sockets, with no client of ours."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Generator
from typing import Any, Literal

import attrs

from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr

When = Literal["before", "after"]
TOKEN = "a-token-of-the-tests"
AUTH = {
    "croissant": {"authorization": f"Bearer {TOKEN}"},
    "zephyr": {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"},
    "crossmint": {"cookie": crossmint.COOKIE},
    "cryptum": {"x-api-key": cryptum.CREDENTIALS["api_key"]},
}
CART: dict[str, Any] = {
    "id": "cart-1",
    "isOptedIn": True,
    "confirmationNumber": "1",
    "retailerCreatedAt": "2026-03-25T12:00:00.000Z",
    "source": "web",
    "products": [{"retailerProductId": "SKU-001", "quantity": 1, "retailSalePrice": 100, "retailSaleCurrency": "USD"}],
}
PLUGIN_ORDER: dict[str, Any] = {
    "ecommerceOrderId": "7",
    "ecommerceType": "api",
    "orderTotal": "1.50",
    "orderCurrency": "USD",
    "callbackUrl": "https://shop.example/",
    "store": cryptum.STORE,
    "deliveryInfo": {"firstName": "Ana", "lastName": "Suarez", "email": "a@example.com", "country": "AR"},
    "paymentStatus": "pending",
}
CHANGES: dict[str, tuple[str, str, Any]] = {
    "croissant.createToken": (
        "POST",
        "/croissant/v0/token",
        {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET},
    ),
    "croissant.createCart": ("POST", "/croissant/v0/carts", CART),
    "croissant.fulfillCart": ("POST", f"/croissant/v0/carts/{croissant.SAMPLE_CART}/fulfill", None),
    "croissant.cancelCart": ("POST", f"/croissant/v0/carts/{croissant.SAMPLE_CART}/cancel", None),
    "croissant.putProduct": ("PUT", "/croissant/v0/products/SKU-009", {"name": "Belt"}),
    "zephyr.updateOrder": ("PATCH", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}", {"metadata": {"a": "b"}}),
    "zephyr.createRefund": (
        "POST",
        f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds",
        {"amount_cents": 10, "reason": "duplicate"},
    ),
    "zephyr.cancelOrder": ("POST", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/cancel", None),
    "zephyr.createWebhookEndpoint": (
        "POST",
        "/zephyr/v1/webhook_endpoints",
        {"url": "https://shop.example/", "events": ["order.created"]},
    ),
    "crossmint.createCheckout": (
        "POST",
        "/crossmint/api/checkout",
        {"cartItemId": "c1d2e3f4-a5b6-7890-cdef-123456789012"},
    ),
    "cryptum.createOrder": ("POST", "/cryptum/plugins/orders/checkout", PLUGIN_ORDER),
    "cryptum.updateOrder": ("PUT", "/cryptum/plugins/checkout/0da30...f53b37", {"paymentStatus": "failed"}),
}
JSON = {"content-type": "application/json"}
READS: dict[str, tuple[str, str, Any]] = {
    "croissant.getCart": ("GET", f"/croissant/v0/carts/{croissant.SAMPLE_CART}", None),
    "croissant.getProduct": ("GET", "/croissant/v0/products/SKU-001", None),
    "zephyr.listOrders": ("GET", "/zephyr/v1/orders", None),
    "zephyr.getOrder": ("GET", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}", None),
    "crossmint.listOrders": ("GET", "/crossmint/api/orders", None),
    "crossmint.getOrder": ("GET", "/crossmint/api/orders/d1e2f3a4-b5c6-7890-defg-234567890123", None),
    "crossmint.getProfile": ("GET", "/crossmint/api/auth/profile", None),
    "cryptum.getOrder": ("GET", "/cryptum/plugins/orders/0da30...f53b37", None),
    "cryptum.listOrders": ("GET", f"/cryptum/plugins/orders/?storeId={cryptum.PAID_STORE}", None),
    "cryptum.verifyStore": ("POST", "/cryptum/plugins/stores/verification", {"storeId": cryptum.STORE}),
}
CALLS = CHANGES | READS
WITH_BODY = sorted(set(CALLS) - {"croissant.fulfillCart", "croissant.cancelCart"})
REFUND = "zephyr.createRefund"
READ = "zephyr.getOrder"
BOTH: list[When] = ["before", "after"]


@attrs.frozen
class Said:
    """An answer, with the names of its headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@contextlib.contextmanager
def connected(emulator: Emulator) -> Generator[http.client.HTTPConnection]:
    """Give a connection."""
    connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        yield connection


def call(emulator: Emulator, operation: str, *, body: Any = None, **headers: str) -> Said:
    """Make a call on a connection of its own; `headers` come on top, with `_` for `-`."""
    with connected(emulator) as connection:
        return ask(connection, operation, body=body, **headers)


def ask(connection: http.client.HTTPConnection, operation: str, *, body: Any = None, **headers: str) -> Said:
    """Make a call on a connection."""
    method, path, usual = CALLS[operation]
    content = json.dumps(usual if body is None else body) if usual else None
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        method, path, content, {**(JSON if content else {}), **AUTH[operation.partition(".")[0]], **more}
    )
    answer = connection.getresponse()
    return Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@contextlib.contextmanager
def sent(emulator: Emulator, operation: str) -> Generator[socket.socket]:
    """Give a socket on which a call was sent."""
    method, path, body = CALLS[operation]
    content = json.dumps(body) if body else ""
    headers = {"host": "localhost", **JSON, "content-length": str(len(content)), **AUTH[operation.partition(".")[0]]}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", content]
    host, _, port = emulator.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as plug:
        plug.sendall("\r\n".join(lines).encode())
        yield plug


def read_all(plug: socket.socket) -> list[bytes]:
    """Return what comes until the other side closes, as it comes."""
    return list(iter(lambda: plug.recv(1 << 16), b""))


def order(emulator: Emulator, operation: str, kind: FaultKind, when: When = "after", **more: Any) -> None:
    """Order a fault."""
    emulator.world.faults.inject(operation, Fault(kind=kind, when=when, **more))
