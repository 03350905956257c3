"""`ordermux orders export`: all accounts, and never silently without one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.export import COLUMNS


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def failing(emulator: Emulator, status: int = 403) -> None:
    """Have ZephyrCart's list fail."""
    emulator.world.faults.inject("zephyr.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=status))


def test_all_accounts_with_a_list_are_exported_as_csv(emulated: Any) -> None:
    """One without a list is told, and is no failure unless it is named."""
    ran = emulated("orders", "export")
    found = rows(ran.out)
    assert (0, list(COLUMNS)) == (ran.code, list(found[0]))
    assert {"zephyr": 6, "crossmint": 6, "cryptum": 7} == {
        name: sum(row["account"] == name for row in found) for name in ("zephyr", "crossmint", "cryptum")
    }
    assert "croissant: Croissant does not support list" in ran.err
    assert ran.err.endswith("19 orders\n")


def test_a_named_account_without_a_list_is_a_failure(emulated: Any) -> None:
    """It was asked for."""
    ran = emulated("orders", "export", "zephyr", "croissant", "--to", "jsonl")
    assert (1, 6) == (ran.code, len(ran.out.splitlines()))


def test_an_account_that_fails_is_reported_and_the_others_are_exported(emulated: Any, emulator: Emulator) -> None:
    """The exit code says so, too."""
    failing(emulator)
    ran = emulated("orders", "export", "zephyr", "cryptum")
    assert (1, {"cryptum"}) == (ran.code, {row["account"] for row in rows(ran.out)})
    assert ran.err.startswith("zephyr: list: ")
    assert ran.err.endswith("7 orders\n")


def test_a_failure_is_json_on_wish(emulated: Any, emulator: Emulator) -> None:
    """For programs."""
    failing(emulator)
    ran = emulated("orders", "export", "zephyr", "cryptum", "--json")
    first, last = map(json.loads, ran.err.splitlines())
    assert ("zephyr", None) == (first["account"], first["cursor"])
    assert {"note": "exported", "count": 7, "failed": ["zephyr"]} == last


def test_filters_and_the_raw_order_are_exported(emulated: Any) -> None:
    """As a list has them."""
    ran = emulated("orders", "export", "zephyr", "--payment", "paid", "--limit", "1", "--raw", "--to", "jsonl")
    [row] = map(json.loads, ran.out.splitlines())
    assert ("paid", row["id"]) == (row["payment"], json.loads(row["raw"])["id"])


def test_a_file_takes_the_place_of_the_old_one_when_it_is_whole(emulated: Any, folder: Path) -> None:
    """Nothing is left beside it."""
    file = folder / "orders.csv"
    file.write_text("old")
    ran = emulated("orders", "export", "zephyr", "-o", "orders.csv")
    assert (0, "", 6) == (ran.code, ran.out, len(rows(file.read_text("utf-8"))))
    assert [] == list(folder.glob(".orders*"))


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--to", "parquet"], 2, "pass --output FILE"),
        (["--output", "missing/orders.csv"], 1, "missing/orders.csv: No such file or directory"),
        (["nobody"], 2, "no account is named 'nobody'"),
    ],
)
def test_what_cannot_be_written_is_told(emulated: Any, options: list[str], code: int, told: str) -> None:
    """In one line, without a traceback."""
    ran = emulated("orders", "export", *options)
    assert code == ran.code
    assert told in ran.err
