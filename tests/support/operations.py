"""Every operation of every provider, for either client, and the right answers, secrets in them included."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import ordermux_crossmint.models
import ordermux_cryptum.models
import ordermux_zephyr.models
from ordermux import AsyncOrdermux, Croissant, Crossmint, Cryptum, Money, Zephyr
from support.clients import example
from support.drafts import CART, SHOP_ORDER
from support.raw_server import Peer
from support.secret_search import CANARIES, KEY, Search


def right(method: str, path: str) -> Any:
    """Return the right answer of any provider, with the secrets in it that such answers have."""
    path = path.partition("?")[0]
    for part, answer in (("/v0/", _croissant), ("/plugins/", _cryptum), ("/api/", _crossmint)):
        if part in path:
            return answer(method, path)
    return _zephyr(path)


def _croissant(_: str, path: str) -> Any:
    if path.endswith("/token"):
        return {"access_token": CANARIES["access_token"], "expires_in": 3600, "token_type": "Bearer"}
    return {"data": example("croissant", "Cart", id=path.rpartition("/")[2]) if "/carts/" in path else {}}


def _cryptum(_: str, path: str) -> Any:
    secret = {"sessionToken": CANARIES["session_token"]}
    if path.endswith("/orders/"):
        return {"total": 1, "orders": [example("cryptum", "ListedOrder", **secret)]}
    if path.endswith("/orders/checkout"):
        return example("cryptum", "OrderCreated", **secret)
    store = {**example("cryptum", "Order")["store"], "apiKeyId": CANARIES["api_key_id"]}
    return example("cryptum", "Order", id=path.rpartition("/")[2], store=store, **secret)


def _crossmint(method: str, path: str) -> Any:
    if method == "POST":
        return example("crossmint", "Checkout")
    if path.endswith("/orders"):
        return {"orders": [example("crossmint", "Order")], "total": 1, "page": 1, "limit": 100}
    return example("crossmint", "Order", orderId=path.rpartition("/")[2])


def _zephyr(path: str) -> Any:
    if "webhook" in path:
        secret = {"signing_secret": CANARIES["signing_secret"]}
        return {"id": "we_1", "url": "https://shop.test/", "events": ["order.created"], **secret}
    if path.endswith("/refunds"):
        return example("zephyr", "Refund", order_id=path.split("/")[-2])
    if path.endswith("/orders"):
        return {"data": [example("zephyr", "Order")], "has_more": False}
    changes = {"status": "cancelled"} if path.endswith("/cancel") else {}
    return example("zephyr", "Order", id=path.split("/")[3], **changes)


def first(orders: Any) -> Any:
    """Return the first order of a list, or what is awaited for it."""
    return next(orders, None) if hasattr(orders, "__next__") else anext(orders, None)


def of_client(provider: str, module: str, *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    """Return what calls an operation of the typed client that the facade hands out."""

    def call(mux: Any) -> Any:
        found = importlib.import_module(module)
        do = found.asyncio_detailed if isinstance(mux, AsyncOrdermux) else found.sync_detailed
        return do(*arguments, client=mux.client(provider), **options)

    return call


DEEDS: dict[str, Callable[[Any], Any]] = {
    "croissant.get": lambda mux: mux.orders.get("croissant:c1"),
    "croissant.create": lambda mux: mux.orders.create("croissant", CART),
    "croissant.fulfill": lambda mux: mux.orders.fulfill("croissant:c1"),
    "croissant.cancel": lambda mux: mux.orders.cancel("croissant:c1"),
    "croissant.put": lambda mux: mux.products.put("croissant", "1", {"name": "Belt"}),
    "croissant.product": lambda mux: mux.products.get("croissant", "1"),
    "croissant.sync": lambda mux: mux.products.sync("croissant", [("1", {"name": "Belt"})], concurrency=1),
    "croissant.client": of_client("croissant", "ordermux_croissant.api.carts.get_cart", "c1"),
    "zephyr.get": lambda mux: mux.orders.get("zephyr:o1"),
    "zephyr.list": lambda mux: first(mux.orders.list("zephyr")),
    "zephyr.update": lambda mux: mux.orders.update("zephyr:o1", ordermux_zephyr.models.OrderUpdate(metadata={"a": 1})),
    "zephyr.cancel": lambda mux: mux.orders.cancel("zephyr:o1", idempotency_key=KEY),
    "zephyr.refund": lambda mux: mux.orders.refund("zephyr:o1", Money("14.90", "USD"), idempotency_key=KEY),
    "zephyr.client": of_client(
        "zephyr",
        "ordermux_zephyr.api.webhook_endpoints.create_webhook_endpoint",
        body=ordermux_zephyr.models.WebhookEndpointRequest(
            url="https://shop.test/", events=[ordermux_zephyr.models.EventType.ORDER_CREATED]
        ),
    ),
    "crossmint.get": lambda mux: mux.orders.get("crossmint:o1"),
    "crossmint.list": lambda mux: first(mux.orders.list("crossmint")),
    "crossmint.create": lambda mux: mux.orders.create(
        "crossmint", ordermux_crossmint.models.CheckoutRequest(cart_item_id="1")
    ),
    "crossmint.client": of_client("crossmint", "ordermux_crossmint.api.orders.get_order", "o1"),
    "cryptum.get": lambda mux: mux.orders.get("cryptum:o1"),
    "cryptum.list": lambda mux: first(mux.orders.list("cryptum")),
    "cryptum.create": lambda mux: mux.orders.create("cryptum", SHOP_ORDER),
    "cryptum.update": lambda mux: mux.orders.update(
        "cryptum:o1",
        ordermux_cryptum.models.OrderUpdate(payment_status=ordermux_cryptum.models.SettablePaymentStatus.PENDING),
    ),
    "cryptum.cancel": lambda mux: mux.orders.cancel("cryptum:o1"),
    "cryptum.client": of_client("cryptum", "ordermux_cryptum.api.orders.get_order", "o1"),
}


def accounts(at: str, search: Search | None = None) -> dict[str, Any]:
    """Return an account of each provider, with the canaries for credentials."""

    def rotated(*secrets: Any) -> None:
        if search is not None:
            search.thing("what on_rotation is told", secrets)

    return {
        "croissant": Croissant(client_id="c", client_secret=CANARIES["client_secret"], base_url=f"{at}/v0"),
        "zephyr": Zephyr(api_key=CANARIES["api_key"], base_url=at),
        "crossmint": Crossmint(
            jwt=CANARIES["jwt"],
            refresh_token=CANARIES["refresh_token"],
            base_url=at,
            requests_per_minute=1_000_000,
            on_rotation=rotated if search is not None else None,
        ),
        "cryptum": Cryptum(api_key=CANARIES["cryptum_key"], store="s", base_url=f"{at}/plugins"),
    }


def line(status: int, body: bytes, *fields: str) -> bytes:
    """Return an answer as it is on the wire; each has a new cookie."""
    cookie = f"Set-Cookie: crossmint-jwt={CANARIES['set_cookie']}; Path=/; HttpOnly"
    head = [f"HTTP/1.1 {status} X", cookie, f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*head, "", ""]).encode() + body


def serve_rightly(peer: Peer) -> None:
    """Give each request its right answer."""
    while target := peer.request():
        method, path = (word.decode() for word in target.split(b" ")[:2])
        peer.send(line(200, json.dumps(right(method, path)).encode()))
