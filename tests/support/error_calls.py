"""One call of each kind, with the right answer to it, for tests of the errors that come instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx

import ordermux_crossmint.models
import ordermux_cryptum.models
from ordermux import Money
from support.clients import OPENING, TOKEN, Handler, accounts_at, attempted
from support.typed_client_answers import ORDER

ACCOUNTS = accounts_at("https://provider.test")


@attrs.frozen
class Deed:
    """Something to be done through either client, and what is known of the call that decides it."""

    do: Callable[[Any], Any]
    method: str
    path: str
    """How the path of the deciding request ends; any other request is answered rightly."""
    writes: bool = True
    unknown: bool | None = None
    """What `retryable` is of an outcome that is not known."""
    idempotent_operations: bool = False
    """Whether it has an idempotency key."""


DEEDS = {
    "zephyr.get": Deed(lambda mux: mux.orders.get("zephyr:order_01HXY8"), "GET", "/orders/order_01HXY8", writes=False),
    "cryptum.get": Deed(lambda mux: mux.orders.get("cryptum:f70"), "GET", "/f70", writes=False),
    "zephyr.refund": Deed(
        lambda mux: mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD")),
        "POST",
        "/refunds",
        unknown=True,
        idempotent_operations=True,
    ),
    "zephyr.cancel": Deed(
        lambda mux: mux.orders.cancel("zephyr:order_01HXY8"),
        "POST",
        "/cancel",
        unknown=True,
        idempotent_operations=True,
    ),
    "croissant.put": Deed(lambda mux: mux.products.put("croissant", "1", {"name": "Belt"}), "PUT", "/1", unknown=True),
    "croissant.cancel": Deed(lambda mux: mux.orders.cancel("croissant:1"), "POST", "/cancel"),
    "crossmint.create": Deed(
        lambda mux: mux.orders.create("crossmint", ordermux_crossmint.models.CheckoutRequest(cart_item_id="1")),
        "POST",
        "/checkout",
    ),
    "cryptum.update": Deed(
        lambda mux: mux.orders.update("cryptum:f70", ordermux_cryptum.models.OrderUpdate(transaction_hash="0x1")),
        "PUT",
        "/f70",
    ),
}


def right(request: httpx.Request) -> httpx.Response:
    """Give the answers that calls need on their way to the one that decides."""
    return httpx.Response(200, json=TOKEN if request.url.path.endswith("/token") else ORDER)


def always(status: int, **answer: Any) -> Handler:
    """Return what gives the same answer for ever."""
    return lambda _: httpx.Response(status, **answer)


def done(deed: Deed, answer: Handler, *, awaiting: bool, times: int = 1, **options: Any) -> list[Any]:
    """Do a deed so many times, with an answer to its deciding call; return each result, or the error."""

    def handle(request: httpx.Request) -> httpx.Response:
        decides = request.method == deed.method and request.url.path.endswith(deed.path)
        return answer(request) if decides else right(request)

    settings: dict[str, Any] = {"attempts": 1, "transport": httpx.MockTransport(handle), **options}
    with OPENING[awaiting](*ACCOUNTS, **settings) as mux:
        return [attempted(deed.do, mux) for _ in range(times)]
