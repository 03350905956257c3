"""Orders as flat rows, and as CSV and lines of JSON: typed, exact, and a row at a time."""

from __future__ import annotations

import csv
import datetime
import io
import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ordermux import (
    Adjustment,
    AdjustmentKind,
    Attention,
    Customer,
    EntryState,
    Ledger,
    LineItem,
    Money,
    Order,
    Ordermux,
    OrderRef,
    Status,
)
from ordermux.emulator import Emulator
from ordermux.export import COLUMNS, order_row, write_csv, write_jsonl

WHEN = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)


def order(number: int = 1, **fields: Any) -> Order:
    """Return an order with text that needs quoting."""
    given: dict[str, Any] = {
        "ref": OrderRef("zephyr", f"order_{number}"),
        "status": Status(attention=(Attention.REFUND_EXPECTED,)),
        "total": Money("14.90", "USD"),
        "line_items": (LineItem(id="1", name='A "large" mug,\nblue', quantity=Decimal("1.5")),),
        "placed_at": WHEN,
        "customer": Customer(name="Ana, Córdoba", email="ana@example.com"),
        "metadata": {"note": "a;b"},
        "livemode": False,
    }
    return Order(**given | fields)


def test_a_row_has_each_column_with_a_value_of_its_type(emulator: Emulator) -> None:
    """Of each provider with a list."""
    with Ordermux(*emulator.accounts()) as mux:
        rows = [order_row(each) for each in mux.orders.list(["zephyr", "crossmint", "cryptum"])]
    assert {"zephyr", "crossmint", "cryptum"} == {row["account"] for row in rows}
    for row in rows:
        assert list(COLUMNS) == list(row)
        wrong = {name for name, value in row.items() if value is not None and not isinstance(value, COLUMNS[name])}
        assert set() == wrong


def test_a_row_has_the_unified_status_and_the_raw_one_behind_it(emulator: Emulator) -> None:
    """With how well the mapping is sourced."""
    with Ordermux(*emulator.accounts()) as mux:
        row = order_row(mux.orders.get("zephyr:order_01HXY8"))
    assert ("open", "paid", None) == (row["lifecycle"], row["payment"], row["fulfillment"])
    assert ("paid", "documented", None) == (row["payment_raw"], row["payment_basis"], row["fulfillment_raw"])
    assert ("37.30", Decimal("37.30"), "USD") == (row["total"], row["total_amount"], row["total_currency"])


def test_the_raw_order_is_a_column_on_wish(emulator: Emulator) -> None:
    """As JSON."""
    with Ordermux(*emulator.accounts()) as mux:
        found = mux.orders.get("zephyr:order_01HXY8")
    assert "raw" not in order_row(found)
    assert found.raw == json.loads(order_row(found, raw=True)["raw"])


def test_csv_is_read_back_as_it_was_written() -> None:
    """Commas, quotes, line breaks and letters of any language; nothing reported is an empty cell."""
    file = io.StringIO(newline="")
    assert 2 == write_csv([order(1), order(2, total=None, customer=None)], file)
    file.seek(0)
    first, second = csv.DictReader(file)
    assert list(COLUMNS) == list(first)
    assert ("Ana, Córdoba", "14.90", "2026-05-30T12:00:00+00:00", "False") == (
        first["customer_name"],
        first["total_amount"],
        first["placed_at"],
        first["livemode"],
    )
    [line] = json.loads(first["line_items"])
    assert ("1", 'A "large" mug,\nblue', "1.5", None) == (
        line["id"],
        line["name"],
        line["quantity"],
        line["unit_price"],
    )
    assert ("", "", "refund_expected") == (second["total"], second["customer_name"], second["attention"])


def test_lines_of_json_have_exact_amounts_and_nulls() -> None:
    """A number of JSON would be read as a float."""
    amount = "12345678901234567890.123456789012345678"
    file = io.StringIO()
    assert 1 == write_jsonl([order(total=Money(amount, "ETH"), customer=None)], file)
    [line] = file.getvalue().splitlines()
    row = json.loads(line)
    assert (amount, None, False) == (row["total_amount"], row["customer_name"], row["livemode"])


@pytest.mark.parametrize(
    ("total", "refunded", "shown"),
    [("100 USD", "5 USD", "5"), ("100 USD", "5 EUR", None), (None, "5 EUR", None), ("100 usdxm", "5 USD", None)],
)
def test_a_refunded_amount_is_in_the_currency_of_the_total(total: str | None, refunded: str, shown: str | None) -> None:
    """The column has no currency of its own: in another one, it would be taken for that of the total."""
    entry = Adjustment(kind=AdjustmentKind.REFUND, amount=Money(*refunded.split()), state=EntryState.COMPLETED)
    found = order(total=total and Money(*total.split()), ledger=Ledger(adjustments=(entry,)))
    assert Money(*refunded.split()) == found.refunded_total
    assert (shown and Decimal(shown)) == order_row(found)["refunded_amount"]


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
def test_a_long_list_takes_no_more_memory_than_a_short_one(write: Any) -> None:
    """Rows are written as the orders come."""

    class Nowhere(io.StringIO):
        """Keeps nothing."""

        def write(self, text: str, /) -> int:
            """Forget it."""
            return len(text)

    def peak(count: int) -> int:
        orders: Iterator[Order] = (order(number) for number in range(count))
        tracemalloc.start()
        try:
            assert count == write(orders, Nowhere())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(2_000) < 2 * peak(100)
