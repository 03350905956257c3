"""The JSON Schema of values: it fits what `to_dict` returns, and is on record, so that a change of it is seen."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator
from webhooks.fuzz import cryptum_headers, examples, receiver, svix_headers, zephyr_headers

from ordermux import (
    Adjustment,
    AdjustmentKind,
    EntryState,
    FulfillmentEntry,
    Ledger,
    LineItem,
    LineQuantity,
    MissingSetting,
    Money,
    NotFound,
    Order,
    Ordermux,
    OrderRef,
    OrderState,
    PaymentEntry,
    Refund,
    Status,
    Translation,
)
from ordermux.emulator import Emulator
from ordermux.event import Event
from ordermux.money import Money as Amount
from ordermux.order import UnreadableRow
from ordermux.resources.products import ProductOutcome, SyncReport
from ordermux.serialization import JsonReady
from support.drafts import CART

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
RECORDED: dict[str, type[JsonReady]] = {
    "order": Order,
    "event": Event,
    "refund": Refund,
    "order_state": OrderState,
    "sync_report": SyncReport,
    "product_outcome": ProductOutcome,
    "translation": Translation,
    "unreadable_row": UnreadableRow,
}
MOMENT = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)
FULL = Ledger(
    lines=(LineItem(id="1", quantity=Decimal("1.5"), unit_price=Money("9.99", "USD"), fulfilled=1, line_id="l1"),),
    payments=(PaymentEntry(id="p1", amount=Money("14.99", "USD"), state=EntryState.COMPLETED, occurred_at=MOMENT),),
    adjustments=(
        Adjustment(kind=AdjustmentKind.RETURN, id="a1", line_items=(LineQuantity(line_id="l1", quantity=1),)),
    ),
    fulfillments=(FulfillmentEntry(id="f1", occurred_at=MOMENT),),
)


def kinds(kind: type[Any] = JsonReady) -> list[type[JsonReady]]:
    """Return the public classes whose values are ready for JSON."""
    found = [each for sub in kind.__subclasses__() for each in [sub, *kinds(sub)]]
    public = [each for each in found if each.__module__.startswith("ordermux.") and not each.__name__.startswith("_")]
    return [each for each in public if "__attrs_attrs__" in vars(each)]  # without what attrs made them from


def problems(value: JsonReady) -> list[str]:
    """Return where the JSON of a value does not fit its schema."""
    return broken(type(value), json.loads(value.to_json()))


def broken(kind: type[JsonReady], tree: object) -> list[str]:
    """Return where JSON does not fit the schema of a class."""
    checker: Any = Draft202012Validator(kind.json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{each.json_path}: {each.message}" for each in checker.iter_errors(tree)]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_each_class_has_a_schema(kind: type[JsonReady]) -> None:
    """It is valid, and has each member of `to_dict`, all of which are always there."""
    schema = kind.json_schema()
    Draft202012Validator.check_schema(schema)
    own = schema["$defs"][kind.__name__]
    assert list(own["properties"]) == own["required"]
    assert {each.name for each in attrs.fields(kind) if not each.name.startswith("_")} <= set(own["properties"])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", RECORDED)
def test_a_schema_is_on_record(name: str) -> None:
    """A change of `docs/schemas` is a change for all who read the JSON: write it there, and into the changelog."""
    recorded = (SCHEMAS / f"{name}.json").read_text("utf-8")
    assert recorded == json.dumps(RECORDED[name].json_schema(), indent=2) + "\n"


def test_every_order_of_the_emulator_fits() -> None:
    """Those of all providers, read, listed and created, and those that could not be read whole."""
    with Emulator() as emulator, Ordermux(*emulator.accounts()) as mux:
        listed = [order for name in ("zephyr", "crossmint", "cryptum") for order in mux.orders.list(name)]
        made = mux.orders.create("croissant", CART)
        refund = mux.orders.refund("zephyr:order_01HXY8", Money("14.90", "USD"))
        values = [*listed, made, mux.orders.get(made.ref), mux.orders.get("zephyr:order_01HXY8"), refund]
        with pytest.raises(NotFound):
            mux.orders.get("zephyr:order_1")
    assert len(listed) > 10
    assert {} == {str(value): found for value in values if (found := problems(value))}


def test_every_event_of_the_documents_fits() -> None:
    """As it is received, with its claims and its ledger."""
    signed: dict[str, Callable[[bytes], dict[str, str]]] = {
        "zephyr": zephyr_headers,
        "crossmint": svix_headers,
        "cryptum": cryptum_headers,
    }
    webhooks = receiver()
    received = [
        webhooks.receive(name, signed[name](body) if name in signed else {}, body)
        for name, bodies in examples().items()
        for body in bodies
    ]
    assert len(received) > 10
    assert {} == {event.name: found for event in received if (found := problems(event))}


@pytest.mark.parametrize(
    "value",
    [
        Order(ref=OrderRef("zephyr", "1"), status=Status(), ledger=FULL, line_items=FULL.lines or ()),
        Order(ref=OrderRef("zephyr", "1"), status=Status(), metadata={"a": [1, None, {"b": 1.5}]}),
        OrderState(ledger=FULL, total=Money("14.99", "USD")),
        Amount(Decimal("1E+40"), "usdxm"),
        Status().to("schema.org"),
        UnreadableRow(path="$.data[3]", problem="$.id: expected str, got int", raw={"id": 1}),
        SyncReport(stored=1, failed=0, resume_at=1, stopped_by=MissingSetting("ORDERMUX_ZEPHYR_API_KEY is not set")),
        ProductOutcome(0, "1", MissingSetting("ORDERMUX_ZEPHYR_API_KEY is not set")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_fits(value: JsonReady) -> None:
    """With entries, decimals, errors and a provider's own data."""
    assert [] == problems(value)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("total", "amount"), 14.9),
        (("total", "amount"), "14,90"),
        (("status", "payment"), "payed"),
        (("status",), None),
        (("placed_at",), "yesterday"),
        (("ledger", "payments", 0, "state"), "done"),
        (("line_items", 0, "quantity"), "two"),
    ],
    ids=str,
)
def test_what_is_wrong_does_not_fit(path: tuple[str | int, ...], wrong: object) -> None:
    """A schema that takes anything would prove nothing."""
    order = Order(
        ref=OrderRef("zephyr", "1"),
        status=Status(),
        total=Money("14.90", "USD"),
        placed_at=MOMENT,
        ledger=FULL,
        line_items=FULL.lines or (),
    )
    tree = order.to_dict()
    inner: Any = tree
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    assert 1 == len(broken(Order, tree))
