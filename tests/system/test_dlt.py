"""Orders loaded into a database by dlt: each once, however often a run is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ordermux import AccountsFailed, Money, Ordermux
from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.export import dlt_resource

NAMES = ["zephyr", "crossmint", "cryptum"]


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a pipeline into a DuckDB of this test's own."""
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.chdir(tmp_path)
    dlt = import_module("dlt")
    target = dlt.destinations.duckdb(str(tmp_path / "orders.duckdb"))
    return dlt.pipeline("orders", destination=target, dataset_name="shop", pipelines_dir=str(tmp_path / "pipelines"))


@pytest.fixture
def mux() -> Iterator[Ordermux]:
    """Give a client over an emulator with some more orders."""
    with Emulator(World(extra_orders=30)) as emulator, Ordermux(*emulator.accounts()) as made:
        made.emulator = emulator  # type: ignore[attr-defined]
        yield made


def emulator_of(mux: Ordermux) -> Emulator:
    """Return the emulator of the fixture's client."""
    found: Any = mux
    emulator: Emulator = found.emulator
    return emulator


def rows(pipeline: Any, query: str) -> list[Any]:
    """Return what a query of the database finds."""
    with pipeline.sql_client() as client:
        found: list[Any] = client.execute_sql(query)
        return found


def test_orders_of_all_accounts_are_loaded_with_their_types(pipeline: Any, mux: Ordermux) -> None:
    """Amounts are exact."""
    pipeline.run(dlt_resource(lambda: mux.orders.list(NAMES)))
    expected = {name: len(list(mux.orders.list(name))) for name in NAMES}
    assert expected == dict(rows(pipeline, "select account, count(*) from orders group by account"))
    [(total, placed)] = rows(pipeline, "select total_amount, placed_at from orders where ref = 'zephyr:order_01HXY8'")
    assert (Decimal("37.30"), 0) == (total, placed.utcoffset().total_seconds())


def test_a_second_run_replaces_what_changed_and_adds_nothing_twice(pipeline: Any, mux: Ordermux) -> None:
    """By the reference of the order."""
    pipeline.run(dlt_resource(lambda: mux.orders.list("zephyr")))
    count = "select count(*), count(distinct ref) from orders"
    before = rows(pipeline, count)
    mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD"))
    pipeline.run(dlt_resource(lambda: mux.orders.list("zephyr")))
    assert before == rows(pipeline, count)
    changed = "select payment from orders where ref = 'zephyr:order_01HXY8'"
    assert [("partially_refunded",)] == rows(pipeline, changed)


def test_a_run_that_failed_is_repeated(pipeline: Any, mux: Ordermux) -> None:
    """Nothing of it is loaded, and nothing is lost."""
    emulator_of(mux).world.faults.inject("cryptum.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=403))
    with pytest.raises(Exception, match="1 of 3 accounts failed: cryptum") as raised:
        pipeline.run(dlt_resource(lambda: mux.orders.list(NAMES)))
    assert [AccountsFailed] == [type(each) for each in causes(raised.value) if isinstance(each, AccountsFailed)]
    pipeline.run(dlt_resource(lambda: mux.orders.list(NAMES)))
    found = rows(pipeline, "select count(*), count(distinct ref) from orders")
    assert [(len(list(mux.orders.list(NAMES))),) * 2] == found


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_with_a_hook_the_other_accounts_are_loaded(pipeline: Any, mux: Ordermux) -> None:
    """And the failure is the program's."""
    emulator_of(mux).world.faults.inject("cryptum.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=403))
    failed: dict[str, Exception] = {}
    pipeline.run(dlt_resource(lambda: mux.orders.list(NAMES, on_error=failed.__setitem__)))
    assert ["cryptum"] == list(failed)
    assert [("crossmint",), ("zephyr",)] == rows(pipeline, "select distinct account from orders order by account")
