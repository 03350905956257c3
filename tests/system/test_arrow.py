"""Orders in Arrow and Parquet, as pandas, polars and DuckDB read them."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ordermux import Money, Order, Ordermux, OrderRef, Status
from ordermux.emulator import Emulator
from ordermux.export import COLUMNS, arrow_batches, arrow_table, write_parquet

WHEN = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)


def orders(count: int, **fields: Any) -> list[Order]:
    """Return so many orders."""
    given: dict[str, Any] = {
        "status": Status(),
        "total": Money("14.90", "USD"),
        "placed_at": WHEN,
        "livemode": True,
    } | fields
    return [Order(ref=OrderRef("zephyr", f"order_{number}"), **given) for number in range(count)]


def test_a_table_has_the_columns_with_types_of_a_database() -> None:
    """An exact decimal, and a time in UTC."""
    found = arrow_table(orders(3))
    kinds = {str(field.name): str(field.type) for field in found.schema}
    assert list(COLUMNS) == list(kinds)
    assert ("decimal128(38, 18)", "timestamp[us, tz=UTC]", "bool", "string") == (
        kinds["total_amount"],
        kinds["placed_at"],
        kinds["livemode"],
        kinds["total"],
    )
    row = found.to_pylist()[2]
    assert (Decimal("14.90"), WHEN, True, "order_2") == (
        row["total_amount"],
        row["placed_at"],
        row["livemode"],
        row["id"],
    )


def test_an_amount_with_more_digits_than_the_column_is_text_alone() -> None:
    """Neither rounded nor a reason to stop."""
    amount = "123456789012345678901234567890.5"
    [row] = arrow_table(orders(1, total=Money(amount, "ETH"))).to_pylist()
    assert (None, amount) == (row["total_amount"], row["total"])


def test_batches_come_while_the_orders_come() -> None:
    """So that a list of any length takes the same memory."""
    read = 0

    def counted() -> Any:
        nonlocal read
        for each in orders(12_000):
            read += 1
            yield each

    batches = arrow_batches(counted())
    assert (5_000, 5_000) == (next(batches).num_rows, read)
    assert [5_000, 2_000] == [batch.num_rows for batch in batches]


def test_pandas_and_polars_take_the_table() -> None:
    """In one line each."""
    pandas, polars = import_module("pandas"), import_module("polars")
    found = arrow_table(orders(2))
    assert [Decimal("14.90")] * 2 == found.to_pandas()["total_amount"].tolist()
    assert [Decimal("14.90")] * 2 == polars.from_arrow(found)["total_amount"].to_list()
    assert ["order_0", "order_1"] == pandas.DataFrame(arrow_table(orders(2)).to_pylist())["id"].tolist()


def test_duckdb_reads_what_the_command_line_has_written(emulator: Emulator, tmp_path: Path) -> None:
    """Sums are exact."""
    file = tmp_path / "orders.parquet"
    command = [sys.executable, "-m", "ordermux.cli", "--emulator", emulator.address, "orders", "export"]
    subprocess.run([*command, "--to", "parquet", "--raw", "-o", str(file)], check=True, capture_output=True)
    with Ordermux(*emulator.accounts()) as mux:
        found = [order.total.amount for order in mux.orders.list("zephyr") if order.total is not None]
    query = f"select sum(total_amount), count(raw) from '{file}' where account = 'zephyr'"
    assert (sum(found), 6) == import_module("duckdb").sql(query).fetchall()[0]


@pytest.mark.parametrize("count", [0, 1])
def test_a_file_without_orders_has_its_columns(count: int, tmp_path: Path) -> None:
    """An empty day is a day."""
    file = tmp_path / "orders.parquet"
    assert count == write_parquet(orders(count), file)
    assert (count, list(COLUMNS)) == (
        (found := import_module("pyarrow.parquet").read_table(file)).num_rows,
        found.column_names,
    )
