"""How values leave the program: as dictionaries, as JSON and as rows of a table, without raw bodies or secrets."""

from __future__ import annotations

import copy
import datetime
import json
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import hypothesis
import pytest
from hypothesis import strategies as st
from webhooks.fuzz import SIGNED, examples, receiver

from ordermux import (
    Attempt,
    Customer,
    LineItem,
    Money,
    NotFound,
    Order,
    OrderRef,
    ProductOutcome,
    Refund,
    Status,
    SyncReport,
)
from ordermux.serialization import json_ready
from ordermux.webhooks import Event
from support.clients import Opening, Pages, account, blocking, both, example

SECRET = "canary-7be1-secret"
"""What the provider's own secret members hold."""
RAW = "canary-7be1-raw"
"""What fields hold that its document does not know."""
NAMES = {"cryptum": {"apiKeyId", "sessionToken"}, "zephyr": {"signing_secret"}}
WHEN = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)


def planted(provider: str) -> dict[str, str]:
    """Return members for any object of a provider's body."""
    names = ("apiKeyId", "sessionToken", "signing_secret", "access_token", "unheard_of")
    return {name: SECRET if name in NAMES.get(provider, ()) else RAW for name in names}


def listed(opening: Opening, provider: str) -> list[Order]:
    """Return the orders of a page with a secret, and a field that nobody knows, in each of its objects."""
    more = planted(provider)
    orders = [example(provider, "ListedOrder" if provider == "cryptum" else "Order", **more) for _ in range(3)]
    for number, each in enumerate(orders):
        each.update({name: f"{each[name]}-{number}" for name in ("id", "orderId") if name in each})
        for name in each.keys() - {"metadata", "marketRates"}:  # which are maps of the shop's own
            each[name] = {**each[name], **more} if isinstance(each[name], dict) else each[name]
    page = {"data": orders, "orders": orders, "has_more": False, "total": 3, "page": 1, "limit": 100, **more}
    pages = [page, {**page, "data": [], "orders": []}]
    with opening(account(provider), transport=Pages(pages).transport) as mux:
        return list(mux.orders.list(provider))


def event(provider: str) -> Event:
    """Return an event of a provider, with the same in its body."""
    body = json.dumps({**json.loads(examples()[provider][0]), **planted(provider)}).encode()
    return receiver().receive(provider, SIGNED[provider](body), body)


def refund() -> Refund:
    """Return a refund of ZephyrCart, with the same in its answer."""
    more = planted("zephyr")
    answers = [example("zephyr", "Order", **more), example("zephyr", "Refund", amount_cents=1490, **more)]
    answers[1]["order_id"] = answers[0]["id"]
    with blocking(account("zephyr"), transport=Pages(answers).transport) as mux:
        return mux.orders.refund(f"zephyr:{answers[0]['id']}", Money("14.90", "USD"))


def ways(value: Any) -> dict[str, str]:
    """Return what shows a value when it is exported in each way, by the name of the way."""
    tree, row = attrs.asdict(value), attrs.astuple(value)
    return {
        "asdict as JSON": json.dumps(tree, default=str),
        "asdict": f"{tree}",
        "asdict, pickled": pickle.dumps(tree).decode("latin-1"),
        "asdict, flat": f"{attrs.asdict(value, recurse=False)}",
        "astuple as JSON": json.dumps(row, default=str),
        "astuple": f"{row}",
        "astuple, pickled": pickle.dumps(row).decode("latin-1"),
        "to_dict": f"{value.to_dict()}",
        "to_dict, pickled": pickle.dumps(value.to_dict()).decode("latin-1"),
        "to_json": value.to_json(),
        "repr": f"{value!r} {value}",
        "a copy's repr": f"{copy.copy(value)!r} {copy.deepcopy(value)!r}",
    }


@both
@pytest.mark.parametrize("provider", ["zephyr", "crossmint", "cryptum"])
def test_an_order_that_is_exported_has_neither_raw_body_nor_secret(opening: Opening, provider: str) -> None:
    """In no way that people take to a table; each row of a page is looked at."""
    orders = listed(opening, provider)
    shown = {(index, way): text for index, each in enumerate(orders) for way, text in ways(each).items()}
    assert [] == [where for where, text in shown.items() if SECRET in text or RAW in text]
    assert 3 == len(orders)
    assert [RAW] * 3 == [each.raw["unheard_of"] for each in orders]


@pytest.mark.parametrize("provider", ["zephyr", "crossmint", "cryptum", "croissant"])
def test_an_event_that_is_exported_has_neither_raw_body_nor_secret(provider: str) -> None:
    """Nor has what is made of it."""
    found = event(provider)
    assert [] == [way for way, text in ways(found).items() if SECRET in text or RAW in text]
    assert RAW == found.raw["unheard_of"]


def test_a_refund_that_is_exported_has_neither_raw_body_nor_secret() -> None:
    """Its typed answer stays behind."""
    made = refund()
    assert [] == [way for way, text in ways(made).items() if SECRET in text or RAW in text]
    assert 1490 == made.native.amount_cents


@both
@pytest.mark.parametrize("provider", ["zephyr", "cryptum"])
def test_no_pickle_of_an_order_has_a_secret(opening: Opening, provider: str) -> None:
    """By any protocol; what comes out of it is the same order, with its raw body masked as before."""
    order = listed(opening, provider)[1]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps(order, protocol)
        again: Order = pickle.loads(content)
        assert SECRET.encode() not in content
        assert (order.raw, order.to_dict()) == (again.raw, again.to_dict())
        assert {"**********"} == {again.raw[name] for name in NAMES[provider]}


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "evolve": attrs.evolve,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
}


@pytest.mark.parametrize("change", COPIES)
@pytest.mark.parametrize("make", [lambda: listed(blocking, "zephyr")[2], refund, lambda: event("zephyr")])
def test_a_copy_is_equal_and_has_its_native_and_raw(change: str, make: Callable[[], Any]) -> None:
    """However it is made."""
    value = make()
    other = COPIES[change](value)
    assert (value, hash(value), value.native) == (other, hash(other), other.native)
    assert getattr(value, "raw", None) == getattr(other, "raw", None)


def test_a_changed_copy_keeps_the_rest() -> None:
    """`attrs.evolve` takes the names of the constructor; two orders that were read from different things differ."""
    order = listed(blocking, "zephyr")[0]
    other = attrs.evolve(order, native="another", livemode=None)
    assert ("another", None, order.raw) == (other.native, other.livemode, other.raw)
    assert order != attrs.evolve(order, native="another")
    assert (None, None) == (attrs.evolve(order, native=None, source=None).native, attrs.evolve(order, source=None).raw)


def test_an_order_has_no_dictionary_of_its_attributes() -> None:
    """`vars` has nothing to show."""
    for value in (listed(blocking, "cryptum")[0], refund(), event("zephyr")):
        with pytest.raises(TypeError):
            vars(value)


ORDER = Order(
    ref=OrderRef("zephyr-eu", "order_1"),
    status=Status(),
    total=Money(Decimal("1E+2"), "USD"),
    line_items=(LineItem(id="mug", quantity=Decimal("1.50"), unit_price=Money("14.90", "USD")), LineItem(quantity=2)),
    placed_at=datetime.datetime(2026, 5, 30, 14, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    customer=Customer(id="cust_1", email="ada@example.com"),
    metadata={"n": 1, "deep": [{"x": math.inf}], "ratio": 0.5},
    livemode=False,
)


NO_LINE = dict.fromkeys(("id", "name", "quantity", "unit_price", "line_id", "fulfilled", "returned", "removed"), None)


def test_an_order_as_a_dictionary() -> None:
    """Amounts and times are text, what is not known is None."""
    expected: dict[str, Any] = {
        "ref": "zephyr-eu:order_1",
        "account": "zephyr-eu",
        "id": "order_1",
        "status": {
            "lifecycle": None,
            "payment": None,
            "fulfillment": None,
            "cancel_reason": None,
            "holds": [],
            "ended_holds": [],
            "attention": [],
            "evidence": [],
        },
        "total": {"amount": "100", "currency": "USD"},
        "line_items": [
            {
                **NO_LINE,
                "id": "mug",
                "quantity": "1.50",
                "unit_price": {"amount": "14.90", "currency": "USD"},
            },
            {**NO_LINE, "quantity": 2},
        ],
        "placed_at": "2026-05-30T12:00:00+00:00",
        "customer": {"id": "cust_1", "name": None, "email": "ada@example.com"},
        "metadata": {"n": 1, "deep": [{"x": "Infinity"}], "ratio": 0.5},
        "livemode": False,
        "merchant_reference": None,
        "ledger": {"payments": None, "adjustments": None, "fulfillments": None, "refunded": None, "is_partial": False},
        "idempotency_key": None,
        "deviations": [],
        "refunded_total": None,
        "refundable": None,
    }
    assert expected == ORDER.to_dict()
    assert expected == json.loads(ORDER.to_json(), parse_constant=pytest.fail)


def test_a_status_as_a_dictionary() -> None:
    """With what each claim rests on."""
    told = listed(blocking, "zephyr")[0].status.to_dict()
    assert {"lifecycle": "open", "payment": "paid", "attention": []}.items() <= told.items()
    assert {"axis": "payment", "value": "paid", "field": "status", "raw_value": "paid", "basis": "documented"} in told[
        "evidence"
    ]


def test_the_other_values_as_dictionaries() -> None:
    """Each of those that a program keeps or sends on."""
    failed = NotFound("no such product", provider="croissant", account="shop", operation="products.put")
    attempt = Attempt(
        account="zephyr",
        provider="zephyr",
        operation="get",
        endpoint="getOrder",
        number=1,
        key=None,
        status=200,
        failure=None,
        seconds=0.25,
    )
    assert {"amount": "14.90", "currency": "USD"} == Money("14.90", "USD").to_dict()
    assert {"index": 3, "product_id": "mug", "error": {"kind": "NotFound", "message": "no such product"}} == (
        ProductOutcome(3, "mug", failed).to_dict()
    )
    assert {"stored": 2, "failed": 1, "resume_at": 3, "stopped_by": None} == SyncReport(2, 1, 3).to_dict()
    assert {
        "endpoint": "getOrder",
        "status": 200,
        "failure": None,
        "seconds": 0.25,
    }.items() <= attempt.to_dict().items()
    assert {"order": "zephyr:order_01HXY8", "amount": {"amount": "14.90", "currency": "USD"}}.items() <= (
        refund().to_dict().items()
    )


def test_an_event_as_a_dictionary() -> None:
    """What a log or a queue of one's own needs of it."""
    told = event("zephyr").to_dict()
    assert {"provider": "zephyr", "kind": "order_created", "name": "order.created", "trusted": True}.items() <= (
        told.items()
    )
    assert told["order"].startswith("zephyr:")
    assert datetime.datetime.fromisoformat(told["received_at"]).utcoffset() == datetime.timedelta(0)
    assert not {"native", "raw", "source"} & told.keys()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.datetimes() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner) | st.tuples(inner),
)


@pytest.mark.slow
@hypothesis.given(ANYTHING)
def test_whatever_stands_in_a_value_is_valid_json(value: Any) -> None:
    """Neither an infinity nor what is not a number; keys are text."""
    json.loads(json.dumps(json_ready(value), allow_nan=False), parse_constant=pytest.fail)


def test_metadata_that_nests_too_deep_is_cut_and_said_so() -> None:
    """Rather than an error of Python's own."""
    deep: Any = "bottom"
    for _ in range(900):
        deep = [deep]
    assert "<more than 100 levels>" in attrs.evolve(ORDER, metadata={"deep": deep}).to_json()
