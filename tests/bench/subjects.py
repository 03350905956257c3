"""What is measured, by name: each subject is made from the server's address, and gives what does so many calls.

Each runs in a process of its own, and some in an environment of their own: so what a subject needs is imported inside.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any, TypeAlias

from .server import LAST, PAGE_ORDERS

Run: TypeAlias = Callable[[int], object]
"""Does so many calls."""

KEY = "made-up"
ORDER_ID = "order_01HXY8"
HEADERS = {"authorization": f"Bearer {KEY}"}
BODY = LAST.partition(b"\r\n\r\n")[2]


def each(call: Callable[[], Any]) -> Run:
    """Return what does a call so many times, one after another."""

    def run(calls: int) -> None:
        for _ in range(calls):
            call()

    return run


def expect(sound: object) -> None:
    """Refuse to measure what does not work."""
    if not sound:
        raise RuntimeError("the subject does not do what is measured")


# One order, and a page of them.


def connected(address: str) -> Any:
    """Return a client of the facade, with one account."""
    from ordermux import Ordermux, Zephyr

    return Ordermux(Zephyr(api_key=KEY, base_url=address))


def get_facade(address: str) -> Run:
    """Read an order by the facade."""
    orders = connected(address).orders
    expect(str(orders.get(f"zephyr:{ORDER_ID}").total) == "68.20 USD")
    return each(lambda: orders.get(f"zephyr:{ORDER_ID}"))


def page_facade(address: str) -> Run:
    """List a page by the facade, and look at each order's reference, status and total."""
    orders = connected(address).orders

    def call() -> list[Any]:
        return [(order, order.ref, order.status, order.total) for order in orders.list("zephyr")]

    expect(len(call()) == PAGE_ORDERS)
    return each(call)


def page_facade_unread(address: str) -> Run:
    """List a page by the facade, and keep the orders without a look at them."""
    orders = connected(address).orders
    expect(len(list(orders.list("zephyr"))) == PAGE_ORDERS)
    return each(lambda: list(orders.list("zephyr")))


def page_facade_whole(address: str) -> Run:
    """List a page by the facade, and look at every field of each order but the ledger."""
    orders = connected(address).orders

    def call() -> list[Any]:
        return [_fields(order) for order in orders.list("zephyr")]

    expect(len(call()) == PAGE_ORDERS)
    return each(call)


def page_facade_ledger(address: str) -> Run:
    """List a page by the facade, and look at every field of each order, the ledger included."""
    orders = connected(address).orders

    def call() -> list[Any]:
        return [(*_fields(order), order.ledger) for order in orders.list("zephyr")]

    expect(len(call()) == PAGE_ORDERS)
    return each(call)


def _fields(order: Any) -> tuple[Any, ...]:
    return (
        *(order, order.ref, order.status, order.total, order.line_items, order.placed_at, order.customer),
        *(order.metadata, order.livemode, order.merchant_reference, order.deviations),
        *(order.idempotency_key, order.native),
    )


def _httpx_bytes(address: str, library: str = "httpx") -> Callable[[], bytes]:
    client = importlib.import_module(library).Client()
    return lambda: client.get(address, headers=HEADERS).content


def _seen(orders: list[Any]) -> list[Any]:
    """Look at each order of a peer's as the facade's are looked at."""
    return [(order, order.id, order.status, order.total_cents) for order in orders]


def get_httpx(address: str) -> Run:
    """Get an order's bytes by httpx."""
    call = _httpx_bytes(f"{address}/v1/orders/{ORDER_ID}")
    expect(b"MUG-1" in call())
    return each(call)


def get_httpx2(address: str) -> Run:
    """Get an order's bytes by httpx2."""
    call = _httpx_bytes(f"{address}/v1/orders/{ORDER_ID}", "httpx2")
    expect(b"MUG-1" in call())
    return each(call)


def page_httpx(address: str) -> Run:
    """Get a page's bytes by httpx."""
    call = _httpx_bytes(f"{address}/v1/orders")
    expect(call() == BODY)
    return each(call)


def page_msgspec(address: str) -> Run:
    """Get a page by httpx, and decode it by msgspec into the models that datamodel-code-generator makes."""
    call, decode = _httpx_bytes(f"{address}/v1/orders"), _msgspec()
    expect(len(decode(call()).data) == PAGE_ORDERS)
    return each(lambda: _seen(decode(call()).data))


def get_http_client(address: str) -> Run:
    """Get an order's bytes by the standard library."""
    import http.client

    connection = http.client.HTTPConnection(address.removeprefix("http://"))

    def call() -> bytes:
        connection.request("GET", f"/v1/orders/{ORDER_ID}", headers=HEADERS)
        return connection.getresponse().read()

    expect(b"MUG-1" in call())
    return each(call)


def get_urllib3(address: str) -> Run:
    """Get an order's bytes by urllib3."""
    import urllib3

    pool = urllib3.PoolManager()

    def call() -> bytes:
        return pool.request("GET", f"{address}/v1/orders/{ORDER_ID}", headers=HEADERS).data

    expect(b"MUG-1" in call())
    return each(call)


def get_transport(address: str) -> Run:
    """Get an order's bytes by the facade's own transport and no more."""
    import time

    from ordermux.transport.sync import SyncTransport
    from ordermux.transport.wire import Origin, RawResponse, WireRequest

    transport, origin, headers = SyncTransport(), Origin.parse(address), tuple(HEADERS.items())

    def call() -> bytes:
        request = WireRequest("GET", origin, f"/v1/orders/{ORDER_ID}", headers)
        response = transport.send(request, time.monotonic() + 60, 2**24)
        return response.body if isinstance(response, RawResponse) else b""

    expect(b"MUG-1" in call())
    return each(call)


def _dmcg(address: str) -> Any:
    return importlib.import_module("dmcg_client").Client(base_url=address, api_key=KEY).orders


def get_dmcg(address: str) -> Run:
    """Read an order by datamodel-code-generator's own client."""
    orders = _dmcg(address)
    expect(orders.get_order(id=ORDER_ID).currency == "USD")
    return each(lambda: orders.get_order(id=ORDER_ID))


def page_dmcg(address: str) -> Run:
    """Read a page by datamodel-code-generator's own client."""
    orders = _dmcg(address)

    def call() -> list[Any]:
        return _seen(orders.list_orders().data)

    expect(len(call()) == PAGE_ORDERS)
    return each(call)


def _stock(address: str, operation: str) -> tuple[Callable[..., Any], Any]:
    client = importlib.import_module("stock_zephyr").AuthenticatedClient(token=KEY, base_url=address)
    return importlib.import_module(f"stock_zephyr.api.orders.{operation}").sync, client


def get_stock(address: str) -> Run:
    """Read an order by the client that openapi-python-client makes."""
    sync, client = _stock(address, "get_order")
    expect(sync(ORDER_ID, client=client).currency == "USD")
    return each(lambda: sync(ORDER_ID, client=client))


def page_stock(address: str) -> Run:
    """Read a page by the client that openapi-python-client makes."""
    sync, client = _stock(address, "list_orders")
    expect(len(sync(client=client).data) == PAGE_ORDERS)
    return each(lambda: _seen(sync(client=client).data))


def _java(address: str) -> Any:
    package = importlib.import_module("java_zephyr")
    return package.OrdersApi(package.ApiClient(package.Configuration(host=address, access_token=KEY)))


def get_java(address: str) -> Run:
    """Read an order by the client that OpenAPI Generator makes."""
    orders = _java(address)
    expect(orders.get_order(ORDER_ID).currency == "USD")
    return each(lambda: orders.get_order(ORDER_ID))


def page_java(address: str) -> Run:
    """Read a page by the client that OpenAPI Generator makes."""
    orders = _java(address)

    def call() -> list[Any]:
        return _seen(orders.list_orders().actual_instance.data)

    expect(len(call()) == PAGE_ORDERS)
    return each(call)


# The page's bytes to models.


def _msgspec() -> Callable[[bytes], Any]:
    import msgspec

    decode: Callable[[bytes], Any] = msgspec.json.Decoder(importlib.import_module("dmcg_models").OrderPage).decode
    return decode


def decode_facade(address: str) -> Run:
    """Decode a page by the typed client's own `read_response`."""
    from ordermux_zephyr.api.orders import list_orders

    del address
    headers = {"content-type": "application/json"}
    expect(list_orders.read_response(200, headers, BODY).deviations == ())
    return each(lambda: list_orders.read_response(200, headers, BODY))


def decode_msgspec(address: str) -> Run:
    """Decode a page by msgspec alone."""
    del address
    decode = _msgspec()
    return each(lambda: decode(BODY))


def decode_json(address: str) -> Run:
    """Decode a page by the standard library, to dicts."""
    del address
    return each(lambda: json.loads(BODY))


# A second client.


def client_facade(address: str) -> Run:
    """Build a client of the facade with one account, and close it."""
    from ordermux import Ordermux, Zephyr

    expect(connected(address).orders.get(f"zephyr:{ORDER_ID}"))
    return each(lambda: Ordermux(Zephyr(api_key=KEY, base_url=address)).close())


def client_httpx(address: str) -> Run:
    """Build an `httpx.Client`, and close it."""
    import httpx

    del address
    return each(lambda: httpx.Client().close())


# Orders that are kept.


def keep_facade(address: str) -> Run:
    """List pages by the facade, and keep all their orders without a look at them; a call is a page."""
    orders, kept = connected(address).orders, list[Any]()
    return each(lambda: kept.extend(orders.list("zephyr")))


# A webhook.

WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK_BODY = json.dumps(
    {
        "type": "orders.delivery.initiated",
        "actionId": "ed34a579-7fbc-4509-b8d8-9e61954cd555",
        "data": {
            "orderId": "ed34a579-7fbc-4509-b8d8-9e61954cd555",
            "lineItems": [
                {
                    "metadata": {"name": "Leather Tote Bag", "imageUrl": "https://shop.example/images/tote.png"},
                    "quote": {"status": "valid", "totalPrice": {"amount": "149.99", "currency": "usdc"}},
                    "delivery": {"status": "in-progress", "recipient": {"email": "ana@example.com"}},
                }
            ]
            * 7,
        },
    }
).encode()


def webhook_facade(address: str) -> Run:
    """Verify a delivery, decode it and map its event."""
    from ordermux import Crossmint
    from ordermux.webhooks import Webhooks, delivery

    account = Crossmint(base_url=address, webhook_secrets=WEBHOOK_SECRET)
    webhooks, headers = Webhooks.of(account), delivery(account, WEBHOOK_BODY).headers
    expect(webhooks.receive("crossmint", headers, WEBHOOK_BODY).native)
    return each(lambda: webhooks.receive("crossmint", headers, WEBHOOK_BODY))


def webhook_floor(address: str) -> Run:
    """Do what no receiver of deliveries can leave out: an HMAC, a digest and one decoding to the same model."""
    import base64
    import hashlib
    import hmac

    import msgspec

    from ordermux_crossmint.models import Event

    del address
    key, prefix = base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_")), b"msg_1.1780142400."
    decode = msgspec.json.Decoder(Event).decode

    def call() -> Any:
        made = hmac.new(key, prefix, "sha256")
        made.update(WEBHOOK_BODY)
        sound = hmac.compare_digest(base64.b64encode(made.digest()), prefix)
        return sound, hashlib.sha256(WEBHOOK_BODY).hexdigest(), decode(WEBHOOK_BODY)

    expect(call())
    return each(call)
