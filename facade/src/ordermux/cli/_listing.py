"""A list of orders, as JSON lines or as tables."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..order import Order
from ..status import AXES
from ._columns import print_columns
from ._output import axes, console, say, status_cell, write
from ._session import Session
from ._streams import lost

if TYPE_CHECKING:
    from ..resources.order_lists import OrderList

_ROWS = 200
"""The number of orders of a table; the next table has its own headings."""
_WIDE = 120
"""The terminal width from which references and times are shown in full."""

_OPTIONAL = ("fulfillment", "lifecycle")
"""The columns that a narrow terminal can do without, the least important first."""


def write_lines(orders: Iterator[Order]) -> int:
    """Print the orders as JSON lines; return their number."""
    count = 0
    for each in orders:
        write(each.to_dict())
        count += 1
        if lost():
            break
    return count


def print_tables(orders: Iterator[Order]) -> int:
    """Print the orders, also those before an error; return their number."""
    count, more, omitted = 0, True, dict[str, None]()
    while more:
        rows: list[Order] = []
        try:
            for each in itertools.islice(orders, _ROWS):
                rows.append(each)  # noqa: PERF402 - the orders before an error are printed
        finally:
            if rows:
                omitted |= dict.fromkeys(_print(rows))
        count, more = count + len(rows), len(rows) == _ROWS and not lost()
    if omitted and not lost():
        sys.stdout.flush()
        say(f"not shown at this width: {', '.join(omitted)}", err=True, style="dim")
    return count


def _print(rows: list[Order]) -> tuple[str, ...]:
    """Print a table; a narrow one has ids instead of references. Return the columns that are left out."""
    out = console()
    wide = out.width >= _WIDE
    headings = ["order" if wide else "id", *AXES, "total", *(["placed (UTC)"] if wide else [])]
    cells = [_cells(each, wide=wide) for each in rows]
    return print_columns(out, headings, cells, right="total", optional=_OPTIONAL)


def _cells(order: Order, *, wide: bool) -> list[tuple[str, str]]:
    cells = [status_cell(order.ref if wide else order.ref.id), *axes(order.status), status_cell(order.total)]
    if wide:
        cells.append(status_cell(f"{order.placed_at:%Y-%m-%d %H:%M}" if order.placed_at else ""))
    return cells


def count_of(orders: int) -> str:
    """Return a number of orders in words."""
    return "1 order" if orders == 1 else f"{orders:,} orders"


def summarize(session: Session, account: str, count: int, limit: int | None, found: OrderList) -> None:
    """Report on standard error how many orders were listed and omitted, and how to resume."""
    sys.stdout.flush()
    if lost():
        return
    cut, cursor, left_out = limit is not None and count >= limit, found.cursor, found.unreadable_count
    if session.json:
        if cut:
            write({"note": "stopped at the limit", "count": count, "cursor": cursor}, err=True)
        if left_out:
            write({"note": "rows without a readable id are omitted", "count": left_out}, err=True)
        return
    if left_out:
        rows = "a row without a readable id is" if left_out == 1 else f"{left_out:,} rows without a readable id are"
        say(f"{rows} omitted", err=True, style="yellow")
    summary = f"{count_of(count)}, REF is {account}:ID"
    if cut:
        summary += "; there may be more: " + (f"--cursor {cursor} starts at this page" if cursor else "raise --limit")
    say(summary, err=True, style="dim")
