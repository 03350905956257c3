"""`orders list`: what was read before a failure, and how to go on."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from ordermux.cli._rows import Rows
from ordermux.emulator import Emulator, Fault, FaultKind
from support.document_checker import Tally


@pytest.mark.slow
@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_what_came_before_a_failure_is_printed_with_how_to_go_on(
    emulated: Any, emulator: Emulator, extra: list[str]
) -> None:
    """The cursor that is told lists the rest."""
    faults = emulator.world.faults
    faults.inject("crossmint.listOrders", Fault(kind=FaultKind.DELAY, when="before", seconds=0))
    faults.inject("crossmint.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=500, times=3))
    ran = emulated("orders", "list", "crossmint", *extra)
    assert (1, 6) == (ran.code, len(ran.out.splitlines()) - (not extra))
    hint = json.loads(ran.err)["error"]["hint"] if extra else ran.err.splitlines()[1]
    assert re.fullmatch(
        "the printed orders are complete up to here; resume with --cursor 5-[0-9a-f]{12}-[0-9a-f]{12}", hint.strip()
    )
    rest = emulated("orders", "list", "crossmint", *shlex.split(hint)[-2:], "--json")
    assert (0, "") == (rest.code, rest.out)


def test_an_unreadable_order_is_listed_with_the_others(emulated: Any, emulator: Emulator, documented: Tally) -> None:
    """For people without a total; for programs with what needs attention. A filter does not hide it."""
    emulator.state("zephyr").orders["order_01HXY8"]["tax_calculation_source"] = None
    shown = emulated("orders", "list", "zephyr", "--payment", "refunded")
    lines = [line for line in shown.out.splitlines() if "order_01HXY8" in line]
    assert [["order_01HXY8", "open", "paid", "\N{EN DASH}", "\N{EN DASH}"]] == [line.split() for line in lines]
    assert [] != documented.awaited()
    printed = emulated("orders", "list", "zephyr", "--json")
    orders = {order["id"]: order for order in map(json.loads, printed.out.splitlines())}
    unreadable = {name for name, order in orders.items() if "unreadable" in order["status"]["attention"]}
    assert (6, {"order_01HXY8"}, None) == (len(orders), unreadable, orders["order_01HXY8"]["total"])
    assert [] != documented.awaited()


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_rows_without_an_id_are_counted(emulated: Any, emulator: Emulator, extra: list[str], documented: Tally) -> None:
    """On the standard error, where the log has told of each."""
    emulator.state("zephyr").orders["order_01HXY8"]["id"] = None
    ran = emulated("orders", "list", "zephyr", *extra)
    assert (0, 5) == (ran.code, len(ran.out.splitlines()) - (not extra))
    note = "a row without a readable id is omitted" if not extra else "rows without a readable id are omitted"
    assert note in ran.err
    assert [] != documented.awaited()


@pytest.mark.parametrize(
    ("times", "count"),
    [
        (["--from", "2026-05-30"], 6),
        (["--before", "2026-05-30T12:00:00"], 0),
        (["--before", "2026-05-30T12:00:01Z"], 1),
        (["--before", "2026-05-30T14:00:01+02:00"], 1),
        (["--from", "2026-05-30T12:00:01", "--before", "2026-05-31"], 0),
    ],
)
def test_a_time_without_a_zone_is_in_utc(emulated: Any, times: list[str], count: int) -> None:
    """As the table's times are."""
    ran = emulated("orders", "list", "zephyr", "--json", *times)
    assert (0, count) == (ran.code, len(ran.out.splitlines()))


def test_a_wide_table_has_references_and_times(emulated: Any) -> None:
    """Where a terminal, or a pipe, has the room."""
    ran = emulated("orders", "list", "zephyr", COLUMNS="120")
    last = ran.out.splitlines()[-1].split()
    assert ["zephyr:order_01HXY8", "open", "paid", "37.30", "USD", "2026-05-30", "12:00"] == [
        each for each in last if each.isascii()
    ]


@pytest.mark.slow
def test_a_file_is_read_a_row_at_a_time(folder: Path) -> None:
    """However many there are."""
    import tracemalloc

    file = folder / "many.csv"
    with file.open("w", encoding="utf-8") as stream:
        stream.write("id,name\n")
        stream.writelines(f"mug-{number},{'Mug' * 30}\n" for number in range(50_000))
    tracemalloc.start()
    rows = Rows(file)
    count = sum(1 for _ in rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (50_000, file.stat().st_size) == (count, rows.read)
    assert peak < 1_000_000
