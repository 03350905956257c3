"""A list of orders: lines of JSON as they come, or tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..order import Order
from ._say import axes, console, order, say, table, word, write
from ._session import AXES, Session

_ROWS = 200
"""How many orders a table has; the next one has its own headings."""
_WIDE = 120
"""Where whole references and the time have room."""


def write_lines(orders: Iterator[Order]) -> int:
    """Print the orders as JSON, as they come; return how many there were."""
    count = 0
    for each in orders:
        write(order(each))
        count += 1
    return count


def print_tables(orders: Iterator[Order]) -> int:
    """Print the orders, those before a failure too; return how many there were."""
    count, more = 0, True
    while more:
        rows: list[Order] = []
        try:
            for each in itertools.islice(orders, _ROWS):
                rows.append(each)  # noqa: PERF402 - what came before an error is printed
        finally:
            if rows:
                _print(rows)
        count, more = count + len(rows), len(rows) == _ROWS
    return count


def _print(rows: list[Order]) -> None:
    """Print a table; where it is narrow, with ids in place of references."""
    out = console()
    wide = out.width >= _WIDE
    made = table("order" if wide else "id", *AXES, "total", *(["placed (UTC)"] if wide else []), whole=1, right="total")
    for each in rows:
        placed = f"{each.placed_at:%Y-%m-%d %H:%M}" if each.placed_at else ""
        named = word(each.ref if wide else each.ref.id)
        made.add_row(named, *axes(each.status), word(each.total), *([word(placed)] if wide else []))
    out.print(made)


def tell_more(session: Session, account: str, count: int, limit: int | None, cursor: str | None) -> None:
    """Tell on the standard error how many there were, and how to go on."""
    cut = limit is not None and count >= limit
    if session.json:
        if cut:
            write({"note": "stopped at the limit", "count": count, "cursor": cursor}, err=True)
        return
    told = f"{'1 order' if count == 1 else f'{count:,} orders'}, REF is {account}:ID"
    if cut:
        told += "; there may be more: " + (f"--cursor {cursor} begins with this page" if cursor else "raise --limit")
    say(told, err=True, style="dim")
