"""Output: tables for people, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..serialization import json_ready
from ..status import AXES

if TYPE_CHECKING:
    from ..ledger import Adjustment, FulfillmentEntry, LineItem, PaymentEntry
    from ..order import Order, Refund
    from ..status import Status

NOTHING = "\N{EN DASH}"
HEADER_STYLE = "bold underline"
_PROGRESS = ("fulfilled", "returned", "removed")
_MAX_ENTRIES = 5
"""How many entries of each part of a ledger are shown."""
_PIPED_WIDTH = 400
"""The width without a terminal, wide enough for one line a row."""
_CONTROLS = dict.fromkeys([*range(32), 127, *range(128, 160)], "\N{REPLACEMENT CHARACTER}")
_COLOURS = {
    "paid": "green",
    "completed": "green",
    "delivered": "green",
    "fulfilled": "green",
    "failed": "red",
    "cancelled": "red",
    "voided": "red",
    "unknown": "yellow",
    "refunded": "magenta",
    "partially_refunded": "magenta",
}


def clean(value: object) -> str:
    """Return a text on one line, without control characters."""
    text = str(value)
    return text if text.isascii() and text.isprintable() else text.replace("\n", " ").translate(_CONTROLS)


def console(*, err: bool = False) -> Console:
    """Return a console; it has colours on a terminal, unless NO_COLOR is set."""
    made = Console(
        stderr=err,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _PIPED_WIDTH
    return made


def say(text: object, *, err: bool = False, style: str = "") -> None:
    """Print a line of text."""
    console(err=err).print(Text(clean(text), style=style), soft_wrap=True)


def write(value: object, *, err: bool = False) -> None:
    """Print JSON on one line, in ASCII, so that it has no control characters."""
    stream = sys.stderr if err else sys.stdout
    stream.write(json.dumps(json_ready(value), allow_nan=False) + "\n")


def status_text(value: object) -> Text:
    """Return a status value in its colour; a dash if it is not reported."""
    text, style = status_cell(value)
    return Text(text, style=style, overflow="fold")


def status_cell(value: object) -> tuple[str, str]:
    """Return a status value and its colour; a dash if it is not reported."""
    text = clean(value) if value else NOTHING
    return text, _COLOURS.get(text, "dim" if text == NOTHING else "")


def axes(value: Status) -> list[tuple[str, str]]:
    """Return lifecycle, payment and fulfillment, each with its colour."""
    cells = [status_cell(getattr(value, axis)) for axis in AXES]
    return [(text.replace("_", " "), style) for text, style in cells]


def table(*headings: str, right: str = "", whole: int = 0) -> Table:
    """Return a table for 80 columns; `right` is a right-aligned column, the first `whole` columns are never folded."""
    made = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style=HEADER_STYLE)
    for place, heading in enumerate(headings):
        made.add_column(
            heading, justify="right" if heading == right else "left", overflow="fold", no_wrap=place < whole
        )
    return made


def facts(rows: Iterable[tuple[str, object]]) -> Table:
    """Return a table of names and values."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, value if isinstance(value, Text) else Text(clean(value), overflow="fold"))
    return made


@attrs.frozen
class Result:
    """The result of a command."""

    fields: Mapping[str, Any]
    rows: tuple[tuple[str, object], ...] = ()
    line: str = ""
    """Printed instead of `rows`."""

    def print(self, *, json: bool, err: bool = False) -> None:
        """Print it."""
        if json:
            write(self.fields, err=err)
        elif self.line:
            say(self.line, err=err)
        else:
            console(err=err).print(facts(self.rows))


def of_refund(value: Refund) -> Result:
    """Return the result that shows a refund."""
    rows = [("refunded", value.amount), ("order", value.order), ("refund", value.id), ("key", value.idempotency_key)]
    return Result(value.to_dict(), tuple((name, each) for name, each in rows if each))


def of_order(value: Order) -> Result:
    """Return the result that shows an order."""
    reasons = {
        (each.axis, each.value): f"{each.field} says {each.raw_value!r}, {each.basis or 'unknown'}"
        for each in value.status.evidence
    }
    rows: list[tuple[str, object]] = [("order", Text(clean(value.ref), style="bold", overflow="fold"))]
    rows += [("total", value.total)] if value.total else []
    rows += [("placed", f"{value.placed_at:%Y-%m-%d %H:%M} UTC")] if value.placed_at else []
    if value.customer:
        known = (value.customer.name, value.customer.email, value.customer.id)
        rows += [("customer", ", ".join(each for each in known if each))]
    said = [(axis, axis, getattr(value.status, axis)) for axis in AXES]
    said += [("hold", "hold", hold) for hold in value.status.holds]
    said += [("hold ended", "ended_hold", hold) for hold in value.status.ended_holds]
    for heading, axis, each in said:
        claim, reason = status_text(each), reasons.get((axis, each))
        rows += [(heading, claim + Text(f"  {clean(reason)}", style="dim") if reason else claim)]
    rows += [("cancelled", value.status.cancel_reason)] if value.status.cancel_reason else []
    rows += [("attention", Text(each, style="bold yellow")) for each in value.status.attention]
    rows += [("reference", value.merchant_reference)] if value.merchant_reference not in {None, value.ref.id} else []
    rows += [("item", _line(item)) for item in value.line_items]
    rows += _ledger_rows(value)
    rows += [("metadata", _flat(value.metadata))] if value.metadata else []
    rows += [("test mode", "yes")] if value.livemode is False else []
    rows += [("key", value.idempotency_key)] if value.idempotency_key else []
    return Result(value.to_dict(), tuple(rows))


def _line(item: LineItem) -> str:
    """Return a line on one line."""
    count = NOTHING if item.quantity is None else item.quantity
    price = f", {item.unit_price} each" if item.unit_price else ""
    progress = [f"{each:f} {name}" for name in _PROGRESS if (each := getattr(item, name))]
    return ", ".join((f"{count} \N{MULTIPLICATION SIGN} {item.name or item.id or NOTHING}{price}", *progress))


def _ledger_rows(value: Order) -> Iterator[tuple[str, object]]:
    """Yield what the ledger shows; of many entries the last ones."""
    ledger = value.ledger
    for name, entries in (
        ("transaction", ledger.payments),
        ("adjustment", ledger.adjustments),
        ("shipment", ledger.fulfillments),
    ):
        shown = (entries or ())[-_MAX_ENTRIES:]
        if left := len(entries or ()) - len(shown):
            yield f"{name}s", f"{left} earlier ones, which --json has"
        yield from ((name, _entry(entry)) for entry in shown)
    if value.refunded_total is not None:
        yield "refunded", value.refunded_total
    if value.refundable is not None:
        yield "refundable", value.refundable


def _entry(entry: PaymentEntry | Adjustment | FulfillmentEntry) -> str:
    """Return an entry on one line: what, how much, in which state, when, and its id."""
    parts = [getattr(entry, name, None) for name in ("kind", "amount", "method", "state")]
    time = None if entry.occurred_at is None else f"{entry.occurred_at:%Y-%m-%d %H:%M} UTC"
    return ", ".join(str(each).replace("_", " ") for each in (*parts, time) if each) + (
        f"  {entry.id}" if entry.id else ""
    )


def _flat(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
