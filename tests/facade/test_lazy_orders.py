"""Orders of a page: what is read of them when, and that nobody sees when it was."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any, TypeAlias

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordermux import AsyncOrdermux, Order, Ordermux, OrderRef, UnknownStatus
from ordermux.order import OrderReader, RawBody
from ordermux.providers.croissant.adapter import Reader as CroissantReader
from ordermux.providers.crossmint.adapter import Reader as CrossmintReader
from ordermux.providers.cryptum.adapter import Reader as CryptumReader
from ordermux.providers.zephyr import adapter as zephyr
from ordermux_croissant import models as croissant_models
from ordermux_crossmint import models as crossmint_models
from ordermux_cryptum import models as cryptum_models
from ordermux_zephyr import models as zephyr_models
from support.clients import Pages, account, example
from support.lazy_values import COPIES, checks_against, wrong_reads

FIELDS = [field.name.removeprefix("_") for field in attrs.fields(Order) if field.name not in {"_source", "_path"}]
ALONE = ("status", "total", "line_items", "placed_at", "customer", "metadata", "livemode", "merchant_reference")
"""What a reader reads."""


MODELS: dict[str, tuple[Any, str]] = {
    "zephyr": (zephyr_models.Order, "Order"),
    "crossmint": (crossmint_models.Order, "Order"),
    "cryptum": (cryptum_models.ListedOrder, "ListedOrder"),
}
"""The model of an order, and the schema that has an example of it."""


def native(provider: str) -> Any:
    """Return the document's example of an order as the typed client has it."""
    if provider == "croissant":
        return croissant_models.Cart(
            id="C-42", products=[croissant_models.CartProduct(retailer_product_id="mug", quantity=2)]
        )
    model, schema = MODELS[provider]
    codec = import_module(f"ordermux_{provider}.codec")
    return codec.decode(msgspec.json.encode(example(provider, schema)), model)[0]


READERS: dict[str, OrderReader[Any]] = {
    "zephyr": zephyr.Reader("zephyr", zephyr.FULFILMENT),
    "crossmint": CrossmintReader("crossmint"),
    "cryptum": CryptumReader("cryptum"),
    "croissant": CroissantReader("croissant"),
}
SOURCE = RawBody(b'{"data": [{"unheard_of": 1}]}', bytes)


def lazy(provider: str) -> Order:
    """Return an order of which nothing was accessed."""
    return READERS[provider].order("order_1", native(provider), SOURCE, ("data",), 0)


def whole(provider: str) -> Order:
    """Return the same order, made by the constructor."""
    reader, model = READERS[provider], native(provider)
    fields = {name: getattr(reader, name)(model) for name in ALONE}
    fields["ledger"] = reader.ledger(model, fields["line_items"])
    ref = OrderRef(provider, "order_1")
    return Order(ref=ref, native=model, source=SOURCE, path=("data", 0), **fields)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the fields of ZephyrCart's orders that are read, as they are read."""
    names: list[str] = []
    for name in ALONE:
        original: Callable[[Any, Any], Any] = getattr(zephyr.Reader, name)

        def noted(self: Any, model: Any, name: str = name, original: Callable[[Any, Any], Any] = original) -> Any:
            names.append(name)
            return original(self, model)

        monkeypatch.setattr(zephyr.Reader, name, noted)
    return names


def page(**fields: Any) -> dict[str, Any]:
    """Return a page of two orders."""
    return {"data": [example("zephyr", "Order", id=f"order_{number}", **fields) for number in range(2)]}


def listed(answer: Any, filters: dict[str, Any], **settings: Any) -> list[Order]:
    """Return the orders of a list."""
    with Ordermux(account("zephyr"), transport=Pages([answer]).transport, **settings) as mux:
        return list(mux.orders.list("zephyr", **filters))


def awaited(answer: Any, filters: dict[str, Any], **settings: Any) -> list[Order]:
    """Return the orders of a list of the async client."""
    found: list[Order] = []

    async def collect() -> None:  # it returns nothing, since asyncio takes the repr of what a task returns
        async with AsyncOrdermux(account("zephyr"), transport=Pages([answer]).transport, **settings) as mux:
            found.extend([order async for order in mux.orders.list("zephyr", **filters)])

    asyncio.run(collect())
    return found


List: TypeAlias = Callable[..., list[Order]]
both = pytest.mark.parametrize("listed", [listed, awaited])


@both
def test_a_list_reads_nothing_of_its_orders(listed: List, read: list[str]) -> None:
    """What is accessed later is read then, once."""
    orders = listed(page(), {})
    assert [] == read
    assert [order.total for order in orders] == [order.total for order in orders]
    assert ["total", "total"] == read


@both
@pytest.mark.parametrize(
    ("settings", "filters"), [({}, {"payment": "paid"}), ({}, {"lifecycle": "open"}), ({"strict": True}, {})]
)
def test_a_filter_and_strict_read_the_status_alone(
    listed: List, read: list[str], settings: dict[str, Any], filters: dict[str, Any]
) -> None:
    """Before the order is given."""
    assert 2 == len(listed(page(status="paid"), filters, **settings))
    assert ["status", "status"] == read


@both
def test_strict_refuses_an_order_before_anybody_looks_at_it(listed: List) -> None:
    """As it does if each field is read at once."""
    with pytest.raises(UnknownStatus, match="teleported"):
        listed(page(status="teleported"), {}, strict=True)


@both
def test_deviations_are_there_from_the_beginning(listed: List) -> None:
    """The hook is called, and an order that deviates has the deviation, whether or not a field is accessed."""
    told: list[str] = []

    def on_deviation(account: str, operation: str, deviation: Any) -> None:
        del account, operation
        told.append(deviation.path)

    orders = listed(page(customer_id=7), {}, on_deviation=on_deviation)
    assert ["$.data[0].customer_id", "$.data[1].customer_id"] == told
    assert [1, 1] == [len(order.deviations) for order in orders]


@pytest.mark.slow
@pytest.mark.parametrize("provider", READERS)
@given(data=st.data())
def test_whatever_was_accessed_before_an_order_is_the_same(provider: str, data: st.DataObject) -> None:
    """Equal, with the same hash, text, dictionary and raw body as one that is made by the constructor."""
    order, expected = lazy(provider), whole(provider)
    for name in data.draw(st.lists(st.sampled_from(FIELDS))):
        assert getattr(expected, name) == getattr(order, name)
    checks = checks_against(expected)
    for name in data.draw(st.permutations(list(checks))):
        assert checks[name](expected) == checks[name](order), name


@pytest.mark.parametrize("provider", READERS)
@pytest.mark.parametrize("change", COPIES)
def test_a_copy_of_an_unread_order_is_the_same(provider: str, change: str) -> None:
    """As the same copy of one that is made by the constructor, with the native order and the raw body."""
    made, expected = COPIES[change](lazy(provider)), COPIES[change](whole(provider))
    assert (expected, hash(expected), expected.native, {"unheard_of": 1}) == (made, hash(made), made.native, made.raw)


def test_an_unread_order_is_frozen() -> None:
    """Neither what was read nor what was not can be set or deleted."""
    order = lazy("zephyr")
    assert order.total is not None
    for name in ("total", "status", "ref", "unheard_of"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(order, name, None)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(order, name)
    assert whole("zephyr") == order


@pytest.mark.parametrize("make", [lazy, whole])
def test_what_is_no_field_is_no_attribute(make: Callable[[str], Order]) -> None:
    """Of neither kind, with Python's own message."""
    order = make("zephyr")
    with pytest.raises(AttributeError, match=r"^'Order' object has no attribute 'unheard_of'$"):
        order.unheard_of  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
    assert not hasattr(order, "__iter__")


def test_threads_that_access_an_order_at_once_see_whole_values() -> None:
    """Each sees what a single one does, whichever field it begins with."""
    order = whole("zephyr")
    orders = [lazy("zephyr") for _ in range(200)]
    assert [] == wrong_reads(orders, {name: getattr(order, name) for name in FIELDS})


def reachable(value: Any) -> list[Any]:
    """Return what a value keeps alive, apart from code and classes."""
    seen: dict[int, Any] = {}
    ahead = [value]
    while ahead:
        each = ahead.pop()
        if id(each) not in seen and not isinstance(each, type | ModuleType | FunctionType):
            seen[id(each)] = each
            ahead += gc.get_referents(each)
            if isinstance(each, msgspec.Struct):  # which the garbage collector does not look at
                ahead += [getattr(each, name) for name in each.__struct_fields__]
    return list(seen.values())


@both
def test_one_order_does_not_keep_the_others_of_its_page(listed: List) -> None:
    """Only the body, which `raw` is read from."""
    order = listed(page(), {})[0]
    kept = reachable(order)
    assert [order.native] == [each for each in kept if isinstance(each, zephyr_models.Order)]
    assert [order] == [each for each in kept if isinstance(each, Order)]


FIRST = """
import sys
from ordermux import Ordermux, Zephyr
from ordermux.transport.wire import Headers, RawResponse, WireTransport
class Canned(WireTransport):
    def send(self, request, deadline, max_bytes):
        return RawResponse(200, Headers((("content-type", "application/json"),)), sys.argv[1].encode())
    def close(self): pass
with Ordermux(Zephyr(api_key="made-up"), transport=Canned()) as mux:
    assert mux.orders.get("zephyr:order_1").total
unwanted = "asyncio email.utils http.client http.cookiejar httpx importlib.metadata iso4217 ssl urllib.request xml"
print(*[name for name in unwanted.split() if name in sys.modules])
"""


def test_the_first_order_imports_nothing_that_it_does_not_need() -> None:
    """Such as an event loop, TLS for plain HTTP, the scan for providers or a list of currencies in XML."""
    body = msgspec.json.encode(example("zephyr", "Order", id="order_1")).decode()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", FIRST, body], env=environment, capture_output=True, text=True, check=False
    )
    assert ("", "\n") == (ran.stderr, ran.stdout)
