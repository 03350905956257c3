"""Each operation of each provider on an order, with its right answer, and what comes of any other answer."""

from __future__ import annotations

import copy
import datetime
import json
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import msgspec

import ordermux_crossmint.models
import ordermux_cryptum.models
import ordermux_zephyr.models
from ordermux import Money, Order, OrderRef, Refund, explain
from support.clients import OPENING, TOKEN, accounts_at, attempted, example
from support.drafts import CART, SHOP_ORDER
from support.operations import first

AT = "https://provider.test"
CAP = 100_000
"""The most bytes that a body may have in these tests."""


def cart(order_id: str) -> Any:
    """Return a cart of Croissant's."""
    return {"data": example("croissant", "Cart", id=order_id)}


def listed(provider: str, schema: str, **changes: Any) -> Any:
    """Return a page with one order."""
    return [example(provider, schema, **changes)]


PAID = ordermux_cryptum.models.OrderUpdate(payment_status=ordermux_cryptum.models.SettablePaymentStatus.PENDING)


@attrs.frozen
class Deed:
    """An operation of the facade on an order."""

    do: Callable[[Any, str], Any]
    right: Callable[[str], Any]
    """The right answer, for an id."""
    method: str
    """The method of the request that decides."""
    required: tuple[str | int, ...] = ()
    """The way to a member that has to be there; empty where none has."""

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


def zephyr(order_id: str) -> Any:
    """Return an order of ZephyrCart's."""
    return example("zephyr", "Order", id=order_id)


def cancelled(order_id: str) -> Any:
    """Return one that was cancelled."""
    return {**zephyr(order_id), "status": "cancelled"}


def found(orders: Any) -> Any:
    """Return the only order that was found, or what is awaited for it; the empty tuple if there is none."""
    if hasattr(orders, "__await__"):

        async def awaited() -> Any:
            return found(await orders)

        return awaited()
    return orders[0] if orders else ()


DEEDS = {
    "croissant.get": Deed(lambda mux, i: mux.orders.get(OrderRef("croissant", i)), cart, "GET", ("data",)),
    "croissant.find": Deed(lambda mux, i: found(mux.orders.find("croissant", i)), cart, "GET", ("data",)),
    "croissant.create": Deed(
        lambda mux, _: mux.orders.create("croissant", CART), lambda _: {"data": msgspec.to_builtins(CART)}, "POST"
    ),
    "croissant.fulfill": Deed(lambda mux, i: mux.orders.fulfill(OrderRef("croissant", i)), cart, "POST"),
    "croissant.cancel": Deed(lambda mux, i: mux.orders.cancel(OrderRef("croissant", i)), cart, "POST"),
    "croissant.put": Deed(lambda mux, i: mux.products.put("croissant", i, {"name": "Belt"}), cart, "PUT"),
    "croissant.product": Deed(lambda mux, i: mux.products.get("croissant", i), cart, "GET"),
    "zephyr.get": Deed(lambda mux, i: mux.orders.get(OrderRef("zephyr", i)), zephyr, "GET", ("total_cents",)),
    "zephyr.list": Deed(
        lambda mux, _: first(mux.orders.list("zephyr")),
        lambda i: {"data": [zephyr(i)], "has_more": False},
        "GET",
        ("data", 0, "total_cents"),
    ),
    "zephyr.update": Deed(
        lambda mux, i: mux.orders.update(
            OrderRef("zephyr", i), ordermux_zephyr.models.OrderUpdate(metadata={"ticket": "other"})
        ),
        zephyr,
        "PATCH",
        ("total_cents",),
    ),
    "zephyr.cancel": Deed(lambda mux, i: mux.orders.cancel(OrderRef("zephyr", i)), cancelled, "POST", ("total_cents",)),
    "zephyr.refund": Deed(
        lambda mux, i: mux.orders.refund(OrderRef("zephyr", i), Money("14.90", "USD")),
        lambda i: example("zephyr", "Refund", order_id=i),
        "POST",
    ),
    "crossmint.get": Deed(
        lambda mux, i: mux.orders.get(OrderRef("crossmint", i)),
        lambda i: example("crossmint", "Order", orderId=i),
        "GET",
        ("status",),
    ),
    "crossmint.find": Deed(
        lambda mux, i: found(mux.orders.find("crossmint", i)),
        lambda i: example("crossmint", "Order", orderId=i),
        "GET",
        ("status",),
    ),
    "crossmint.list": Deed(
        lambda mux, _: first(mux.orders.list("crossmint")),
        lambda i: {"orders": listed("crossmint", "Order", orderId=i), "total": 1, "page": 1, "limit": 100},
        "GET",
        ("orders", 0, "status"),
    ),
    "crossmint.create": Deed(
        lambda mux, _: mux.orders.create("crossmint", ordermux_crossmint.models.CheckoutRequest(cart_item_id="1")),
        lambda i: example("crossmint", "Checkout", orderId=i),
        "POST",
        ("orderId",),
    ),
    "cryptum.get": Deed(
        lambda mux, i: mux.orders.get(OrderRef("cryptum", i)),
        lambda i: example("cryptum", "Order", id=i),
        "GET",
        ("orderTotal",),
    ),
    "cryptum.list": Deed(
        lambda mux, _: first(mux.orders.list("cryptum")),
        lambda i: {"total": 1, "orders": listed("cryptum", "ListedOrder", id=i)},
        "GET",
        ("orders", 0, "orderTotal"),
    ),
    "cryptum.create": Deed(
        lambda mux, _: mux.orders.create("cryptum", SHOP_ORDER),
        lambda i: example("cryptum", "OrderCreated", id=i, ecommerceOrderId=SHOP_ORDER.ecommerce_order_id),
        "POST",
    ),
    "cryptum.update": Deed(
        lambda mux, i: mux.orders.update(OrderRef("cryptum", i), PAID),
        lambda i: example("cryptum", "Order", id=i),
        "PUT",
    ),
    "cryptum.cancel": Deed(
        lambda mux, i: mux.orders.cancel(OrderRef("cryptum", i)), lambda i: example("cryptum", "Order", id=i), "PUT"
    ),
}
ID = "order_01HXY8"


@attrs.define
class Provider:
    """Answers the deciding request of a deed with what a test wants, and the others as they should be."""

    deed: Deed
    make: Callable[[], httpx.Response]
    order_id: str = ID
    to_all: bool = False
    """Whether the look-ups of a write get the same answer."""
    seen: list[httpx.Request] = attrs.field(factory=list[httpx.Request])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=TOKEN)
        self.seen.append(request)
        if request.method == self.deed.method or self.to_all:
            return self.make()
        return httpx.Response(200, json=self.known(request))

    def known(self, request: httpx.Request) -> Any:
        """Return what a look-up finds: an order as it was before."""
        if int(request.url.params.get("offset", 0)) > 0:
            return {"total": 1, "orders": []}
        if "k" == request.headers.get("x-api-key"):
            name = "cryptum.list" if "offset" in str(request.url) else "cryptum.get"
        else:
            name = "croissant.get" if "/carts/" in request.url.path else "zephyr.get"
        return DEEDS[name].right(self.order_id)


def outcome(
    name: str, make: Callable[[], httpx.Response], *, awaiting: bool = False, order_id: str = ID, **settings: Any
) -> Any:
    """Do a deed once; return its result, or the error, whatever that is."""
    provider = settings.pop("provider", None) or Provider(DEEDS[name], make, order_id)
    options: dict[str, Any] = {"attempts": 1, "max_body": CAP, "transport": httpx.MockTransport(provider), **settings}
    with OPENING[awaiting](*accounts_at(AT), **options) as mux:
        return attempted(DEEDS[name].do, mux, order_id)


def use(result: Any) -> None:
    """Do with a result whatever a caller may do; nothing of it raises."""
    if isinstance(result, Order):
        assert hash(result) == hash(copy.copy(result))
        assert isinstance(explain(result), str)
        assert isinstance(result.total, Money | None)
        assert result.placed_at is None or result.placed_at.tzinfo is datetime.UTC
        assert result.raw is result.raw
        json.dumps(result.raw)
        restored = pickle.loads(pickle.dumps(result))
        assert (result.ref, result.status, result.raw) == (restored.ref, restored.status, restored.raw)
    if isinstance(result, Refund):
        assert result.order == pickle.loads(pickle.dumps(result)).order
    assert "" != f"{result!r} {result}"
