"""What is printed: tables for people, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ._session import AXES

if TYPE_CHECKING:
    from ..order import Money, Order
    from ..status import Status

NOTHING = "\N{EN DASH}"
_PIPED_WIDTH = 400
"""So that a row stays one line, where no terminal folds it."""
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
    """Return a text on one line, without what a terminal would obey."""
    return str(value).replace("\n", " ").translate(_CONTROLS)


def console(*, err: bool = False) -> Console:
    """Return where to print: plain where it is no terminal, or colours are not wanted."""
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
    """Print a line for people."""
    console(err=err).print(Text(clean(text), style=style), soft_wrap=True)


def write(value: object, *, err: bool = False) -> None:
    """Print JSON on one line; nothing in it but ASCII, so that no terminal obeys it."""
    stream = sys.stderr if err else sys.stdout
    stream.write(json.dumps(value, default=str) + "\n")


def word(value: object) -> Text:
    """Return one of our words in its colour; a dash for no claim."""
    text = clean(value) if value else NOTHING
    return Text(text, style=_COLOURS.get(text, "dim" if text == NOTHING else ""), overflow="fold")


def axes(value: Status) -> list[Text]:
    """Return the three claims for a table, in words that may be folded."""
    cells = [word(getattr(value, axis)) for axis in AXES]
    return [Text(cell.plain.replace("_", " "), style=cell.style) for cell in cells]


def table(*headings: str, right: str = "", whole: int = 0) -> Table:
    """Return a table for 80 columns, with a column at the right and the first columns never folded."""
    made = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold underline")
    for place, heading in enumerate(headings):
        made.add_column(
            heading, justify="right" if heading == right else "left", overflow="fold", no_wrap=place < whole
        )
    return made


def facts(rows: Iterable[tuple[str, object]]) -> Table:
    """Return what is known of one thing, a line each."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, value if isinstance(value, Text) else Text(clean(value), overflow="fold"))
    return made


def money(value: Money | None) -> dict[str, str] | None:
    """Return an amount for programs."""
    return None if value is None else {"amount": str(value.amount), "currency": value.currency}


def status(value: Status) -> dict[str, Any]:
    """Return a status for programs."""
    return {
        "lifecycle": value.lifecycle,
        "payment": value.payment,
        "fulfillment": value.fulfillment,
        "cancel_reason": value.cancel_reason,
        "attention": list(value.attention),
        "evidence": [
            {"axis": each.axis, "value": each.value, "field": each.field, "word": each.word, "basis": each.basis}
            for each in value.evidence
        ],
    }


def order(value: Order) -> dict[str, Any]:
    """Return an order for programs."""
    person = value.customer
    return {
        "ref": str(value.ref),
        "account": value.ref.account,
        "id": value.ref.id,
        "status": status(value.status),
        "total": money(value.total),
        "placed_at": value.placed_at and value.placed_at.isoformat(),
        "customer": person and {"id": person.id, "name": person.name, "email": person.email},
        "line_items": [
            {
                "id": item.id,
                "name": item.name,
                "quantity": item.quantity if isinstance(item.quantity, int) else item.quantity and str(item.quantity),
                "unit_price": money(item.unit_price),
            }
            for item in value.line_items
        ],
        "metadata": dict(value.metadata),
        "livemode": value.livemode,
        "idempotency_key": value.idempotency_key,
    }


def show_order(value: Order) -> None:
    """Print one order for people."""
    reasons = {
        each.axis: f"{each.field} says {each.word!r}, {each.basis or 'unknown'}" for each in value.status.evidence
    }
    rows: list[tuple[str, object]] = [("order", Text(clean(value.ref), style="bold", overflow="fold"))]
    rows += [("total", value.total)] if value.total else []
    rows += [("placed", f"{value.placed_at:%Y-%m-%d %H:%M} UTC")] if value.placed_at else []
    if value.customer:
        known = (value.customer.name, value.customer.email, value.customer.id)
        rows += [("customer", ", ".join(each for each in known if each))]
    for axis in AXES:
        claim = word(getattr(value.status, axis))
        rows += [(axis, claim + Text(f"  {clean(reasons[axis])}", style="dim") if axis in reasons else claim)]
    rows += [("cancelled", value.status.cancel_reason)] if value.status.cancel_reason else []
    rows += [("attention", Text(each, style="bold yellow")) for each in value.status.attention]
    for item in value.line_items:
        count = NOTHING if item.quantity is None else item.quantity
        price = f", {item.unit_price} each" if item.unit_price else ""
        rows += [("item", f"{count} \N{MULTIPLICATION SIGN} {item.name or item.id or NOTHING}{price}")]
    rows += [("metadata", _flat(value.metadata))] if value.metadata else []
    rows += [("test mode", "yes")] if value.livemode is False else []
    rows += [("key", value.idempotency_key)] if value.idempotency_key else []
    console().print(facts(rows))


def _flat(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
