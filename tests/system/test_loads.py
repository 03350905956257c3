"""Orders loaded into PostgreSQL and DuckDB by a process that is killed twice: nothing twice, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from resources.test_load_runs import Moved

from ordermux import AccountsFailed, AttemptStart, Money, Ordermux, ServerError, Zephyr
from ordermux.digests import MemoryStore
from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.export import load_changes, load_orders
from ordermux.providers.cryptum.emulator import STORE
from support.postgres import postgres

NAMES = ["zephyr", "cryptum"]
EXTRA = 130
PROGRAM = """
import json, os, signal, sys
from ordermux import Cryptum, Ordermux, Zephyr
from ordermux.digests import SQLiteStore
from ordermux.export import load_changes, load_orders
from test_loads import pipeline_of

way, target, folder, kill_at, accounts = sys.argv[1:]
at, count = kill_at.split(":")
left = int(count)

def step(name):
    global left
    left -= name == at
    if name == at and not left:
        os.kill(os.getpid(), signal.SIGKILL)

accounts = [{"Zephyr": Zephyr, "Cryptum": Cryptum}[kind](**given) for kind, given in json.loads(accounts)]
pipeline = pipeline_of(target, folder)
load = type(pipeline).load
type(pipeline).load = lambda *args, **kw: (step("load"), load(*args, **kw))[1]
with Ordermux(*accounts, before_send=lambda _: step("read")) as mux:
    if way == "load":
        print(load_orders(pipeline, mux.orders, run_size=60))
    else:
        load_changes(pipeline, mux.orders.sync(store=SQLiteStore(folder + "/digests.db")), run_size=60)
"""


def pipeline_of(target: str, folder: str) -> Any:
    """Return a pipeline into a database, PostgreSQL's if it is one's URL, else a file of DuckDB."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": f"{folder}/dlt"}
    os.chdir(folder)
    dlt = import_module("dlt")
    kind = dlt.destinations.postgres if target.startswith("postgresql:") else dlt.destinations.duckdb
    return dlt.pipeline("orders", destination=kind(target), dataset_name="shop", pipelines_dir=f"{folder}/pipelines")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the URL of a PostgreSQL."""
    with postgres() as url:
        yield url


@pytest.fixture(params=["duckdb", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty database of each kind."""
    if request.param == "duckdb":
        return str(tmp_path / "orders.duckdb")
    url: str = request.getfixturevalue("server")
    psycopg2 = import_module("psycopg2")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists shop cascade; drop schema if exists shop_staging cascade")
    connection.close()
    return url


@pytest.fixture
def pipeline(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a pipeline into it."""
    for name in ("RUNTIME__DLTHUB_TELEMETRY", "DLT_DATA_DIR"):
        monkeypatch.setenv(name, "")  # so that it is as it was afterwards
    monkeypatch.chdir(tmp_path)
    return pipeline_of(target, str(tmp_path))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Give an emulator with some pages of orders."""
    with Emulator(World(extra_orders=EXTRA)) as made:
        yield made


@pytest.fixture
def mux(emulator: Emulator) -> Iterator[Ordermux]:
    """Give a client of it."""
    with Ordermux(*emulator.accounts()) as made:
        yield made


def rows(pipeline: Any, query: str) -> list[Any]:
    """Return what a query of the database finds."""
    with pipeline.sql_client() as client:
        found: list[Any] = client.execute_sql(query)
        return found


COUNT = "select count(*), count(distinct ref) from orders"


def test_all_orders_are_loaded_once_in_runs(pipeline: Any, mux: Ordermux) -> None:
    """With exact amounts."""
    expected = len(list(mux.orders.list(NAMES)))
    assert expected == load_orders(pipeline, mux.orders, NAMES, run_size=60)
    assert [(expected, expected)] == rows(pipeline, COUNT)
    [(total,)] = rows(pipeline, "select total_amount from orders where ref = 'zephyr:order_01HXY8'")
    assert Decimal("37.30") == total
    loads = "select count(*) from _dlt_loads"
    assert expected // 60 + 1 <= rows(pipeline, loads)[0][0] <= expected // 60 + 3


def test_a_second_load_reads_all_lists_again_and_replaces_what_changed(pipeline: Any, mux: Ordermux) -> None:
    """By the reference of the order."""
    first = load_orders(pipeline, mux.orders, NAMES)
    mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD"))
    assert first == load_orders(pipeline, mux.orders, NAMES)
    assert [(first, first)] == rows(pipeline, COUNT)
    changed = "select payment from orders where ref = 'zephyr:order_01HXY8'"
    assert [("partially_refunded",)] == rows(pipeline, changed)


def test_an_account_that_fails_is_raised_at_the_end_and_goes_on_in_the_next_load(
    pipeline: Any, mux: Ordermux, emulator: Emulator
) -> None:
    """The orders of the others are loaded, and those before its failure."""
    expected = {name: len(list(mux.orders.list(name))) for name in NAMES}
    fault = Fault(kind=FaultKind.STATUS, when="before", status=403)

    def spoil(start: AttemptStart) -> None:
        if emulator.world.calls["zephyr.listOrders"] == read + 2:
            emulator.world.faults.inject(f"{start.provider}.listOrders", fault)

    read = emulator.world.calls["zephyr.listOrders"]
    with Ordermux(*emulator.accounts(), before_send=spoil) as spoiled:
        with pytest.raises(AccountsFailed, match="1 of 2 accounts failed: zephyr"):
            load_orders(pipeline, spoiled.orders, NAMES)
    by_account = "select account, count(*) from orders group by account order by account"
    assert [("cryptum", expected["cryptum"]), ("zephyr", 40)] == rows(pipeline, by_account)
    calls = emulator.world.calls["zephyr.listOrders"]
    load_orders(pipeline, mux.orders, ["zephyr"])
    assert sorted(expected.items()) == rows(pipeline, by_account)
    assert -(-(expected["zephyr"] - 40) // 20) == emulator.world.calls["zephyr.listOrders"] - calls


def test_with_a_hook_nothing_is_raised(pipeline: Any, mux: Ordermux, emulator: Emulator) -> None:
    """An account that has no list is told to it, too."""
    emulator.world.faults.inject("cryptum.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=500, times=3))
    failed: dict[str, Exception] = {}
    load_orders(pipeline, mux.orders, on_error=failed.__setitem__)
    assert {"croissant", "cryptum"} == set(failed)
    assert isinstance(failed["cryptum"], ServerError)


def test_what_changed_alone_is_loaded_by_a_sync(pipeline: Any, mux: Ordermux) -> None:
    """In batches, each of which is saved as taken once it is loaded."""
    store = MemoryStore()

    def load() -> int:
        return load_changes(pipeline, mux.orders.sync("zephyr", store=store), run_size=60)

    first = load()
    mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD"))
    assert (EXTRA + 6, 1, 0) == (first, load(), load())
    assert [(first, first)] == rows(pipeline, COUNT)


@pytest.mark.parametrize("way", ["load", "sync"])
def test_of_an_order_that_comes_twice_the_later_one_is_kept(pipeline: Any, way: str) -> None:
    """It changed while the list was read: else the database would have the older one, and nobody would tell."""
    shop = Moved.of(6)
    with Ordermux(Zephyr(api_key="key"), transport=httpx.MockTransport(shop.answer)) as mux:
        if way == "load":
            load_orders(pipeline, mux.orders)
        else:
            load_changes(pipeline, mux.orders.sync(store=MemoryStore()))
    assert [("refunded",)] == rows(pipeline, "select payment from orders where id = 'order_0'")


def test_what_the_database_refused_is_not_saved_as_taken(
    pipeline: Any, mux: Ordermux, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if dlt is set not to raise, as its helper for Airflow does."""
    store, job = MemoryStore(), import_module("dlt.destinations.insert_job_client").InsertValuesLoadJob
    refused = import_module("dlt.common.destination.exceptions").DestinationTerminalException
    monkeypatch.setenv("LOAD__RAISE_ON_FAILED_JOBS", "false")

    def refuse(self: Any) -> None:
        raise refused(self.job_id())

    with monkeypatch.context() as broken:
        broken.setattr(job, "run", refuse)
        with pytest.raises(Exception, match="failed"):
            load_changes(pipeline, mux.orders.sync("zephyr", store=store))
    assert 0 == len(store)
    assert EXTRA + 6 == load_changes(pipeline, mux.orders.sync("zephyr", store=store))
    assert [(EXTRA + 6, EXTRA + 6)] == rows(pipeline, COUNT)


def settings_of(emulator: Emulator) -> str:
    """Return the accounts of the program, as JSON."""
    kinds: dict[str, dict[str, str]] = {"Zephyr": {}, "Cryptum": {"store": STORE}}
    return json.dumps([(kind, emulator.client_kwargs(kind.lower()) | more) for kind, more in kinds.items()])


@pytest.mark.parametrize("way", ["load", "sync"])
def test_a_process_that_is_killed_twice_has_lost_nothing_and_loaded_nothing_twice(
    way: str, target: str, tmp_path: Path, emulator: Emulator, mux: Ordermux
) -> None:
    """Once while it reads, and once between reading and loading; the last one does not read all again."""
    folder, accounts = str(tmp_path), settings_of(emulator)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    calls: list[int] = []

    def run(kill_at: str) -> int:
        before = emulator.world.calls.total()
        command = [sys.executable, "-c", PROGRAM, way, target, folder, kill_at, accounts]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=240, env={**os.environ, "PYTHONPATH": path}
        )
        calls.append(emulator.world.calls.total() - before)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        return done.returncode

    assert [-signal.SIGKILL, -signal.SIGKILL, 0] == [run("read:6"), run("load:2"), run("none:1")]
    expected = sorted(str(order.ref) for order in mux.orders.list(NAMES))
    pipeline = pipeline_of(target, folder)
    assert [(ref,) for ref in expected] == rows(pipeline, "select ref from orders order by ref")
    assert calls[2] < emulator.world.calls.total() - sum(calls)
