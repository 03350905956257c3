"""Exports a million orders to Parquet and loads them into PostgreSQL, each killed twice and resumed; run by hand.

    PYTHONPATH=tests python tests/bench/million.py [ORDERS]

It needs what the session `system` needs. The orders are a ZephyrCart emulator's, in a process of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any

from support.postgres import postgres

PAGE = 100
BATCH = 50_000
KILLS = (40.0, 60.0)
"""After how many seconds the first and the second process are killed."""


def serve(orders: int) -> None:
    """Serve the orders until standard input ends; the first line that is printed is the account."""
    from ordermux.emulator import Emulator, World

    with Emulator(World(extra_orders=orders)) as emulator:
        print(json.dumps(emulator.client_kwargs("zephyr")), flush=True)
        sys.stdin.read()


def work(way: str, target: str, folder: str, settings: str) -> None:
    """Export or load, and print the peak of this process's memory in MB."""
    from ordermux import Ordermux, Zephyr, digests
    from ordermux.export import load_changes, load_orders, write_parquet

    with Ordermux(Zephyr(**json.loads(settings))) as mux:
        if way == "file":
            write_parquet(mux.orders.list("zephyr", page_size=PAGE), f"{folder}/orders.parquet")
        elif way == "parts":
            changes = mux.orders.sync("zephyr", store=digests.SQLiteStore(f"{folder}/digests.db"), page_size=PAGE)
            for batch in changes.batches(BATCH):
                partial = Path(folder, "partial")
                write_parquet(batch, partial)
                partial.rename(f"{folder}/{time.time_ns()}.parquet")
        else:
            os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": f"{folder}/dlt"}
            os.chdir(folder)
            dlt: Any = import_module("dlt")
            pipeline = dlt.pipeline(
                "orders", destination=dlt.destinations.postgres(target), dataset_name="shop", pipelines_dir=folder
            )
            if way == "load":
                load_orders(pipeline, mux.orders, page_size=PAGE, run_size=BATCH)
            else:
                changes = mux.orders.sync("zephyr", store=digests.SQLiteStore(f"{folder}/digests.db"), page_size=PAGE)
                load_changes(pipeline, changes, run_size=BATCH)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def run(way: str, target: str, folder: str, settings: str, kill_after: float | None = None) -> tuple[float, str]:
    """Return the seconds of a process, and what it printed; it is killed after so many."""
    command = [sys.executable, __file__, "work", way, target, folder, settings]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            out, _ = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
            return time.monotonic() - began, "killed"
    return time.monotonic() - began, f"{out.split()[-1]} MB" if process.returncode == 0 else f"{process.returncode}"


def measure(way: str, target: str, settings: str, *kills: float) -> str:
    """Print what processes took, of which all but the last are killed after so many seconds; return their folder."""
    folder = tempfile.mkdtemp()
    found = [run(way, target, folder, settings, kill_after=seconds) for seconds in (*kills, None)]
    print(f"{way}: " + ", then ".join(f"{seconds:.0f} s ({told})" for seconds, told in found), flush=True)
    return folder


def rows_of_parquet(folder: str) -> None:
    """Print how many rows the files have."""
    duckdb: Any = import_module("duckdb")
    print(
        "  rows, different ones:",
        duckdb.sql(f"select count(*), count(distinct ref) from '{folder}/*.parquet'").fetchall(),
    )


def rows_of_postgres(url: str) -> None:
    """Print how many rows the table has, and empty the database."""
    psycopg2: Any = import_module("psycopg2")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct ref) from shop.orders")
        print("  rows, different ones:", cursor.fetchall())
        cursor.execute("drop schema shop cascade; drop schema if exists shop_staging cascade")
    connection.close()


@contextlib.contextmanager
def served(orders: int) -> Generator[str]:
    """Give the account of the emulator."""
    command = [sys.executable, __file__, "serve", str(orders)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline()
        process.stdin.close()


def main() -> None:
    """Measure all."""
    match sys.argv[1:]:
        case ["serve", orders]:
            serve(int(orders))
        case ["work", way, target, folder, settings]:
            work(way, target, folder, settings)
        case given:
            with served(int(given[0]) if given else 1_000_000) as settings, postgres() as url:
                rows_of_parquet(measure("file", "", settings))
                rows_of_parquet(measure("parts", "", settings, *KILLS))
                for way in ("load", "changes"):
                    measure(way, url, settings, *KILLS)
                    rows_of_postgres(url)


if __name__ == "__main__":
    main()
