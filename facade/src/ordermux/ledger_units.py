"""How many units of an order are wanted, were sent and came back, from its lines and the entries about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, localcontext

import attrs

from .ledger import Adjustment, AdjustmentKind, EntryState, FulfillmentEntry, Ledger, LineItem, Quantity
from .status import Fulfillment

_SENT = frozenset({Fulfillment.FULFILLED, Fulfillment.DELIVERED, Fulfillment.PARTIALLY_RETURNED, Fulfillment.RETURNED})
_EXACT = Context(prec=400, traps=[])
"""Adds up without rounding, whatever the caller's own context is; what is no number stays so, and is not possible."""


@attrs.define(kw_only=True)
class Units:
    """The units of an order; lines of which nothing is wanted, since all was removed, do not count."""

    wanted: Quantity = 0
    """How many were ordered, less those that were removed."""
    sent: Quantity = 0
    returned: Quantity = 0
    removed: Quantity = 0
    is_fully_sent: bool = True
    """Whether each line was sent as a whole."""
    is_empty: bool = True
    """Whether no line counts."""
    contradicts: bool = False
    """Whether more was returned than sent, or sent than wanted."""
    is_valid: bool = True
    """Whether each quantity is possible: no number is negative, and no more was removed than ordered."""


def units_of(
    ledger: Ledger, adjustments: Iterable[Adjustment], fulfillments: Iterable[FulfillmentEntry]
) -> Units | None:
    """Return the units of an order; None if a quantity is not shown.

    A line, and the entries that are about it, may each show a part of what happened: the larger number is taken.
    """
    with localcontext(_EXACT):
        return _units_of(ledger, adjustments, fulfillments)


def _units_of(
    ledger: Ledger, adjustments: Iterable[Adjustment], fulfillments: Iterable[FulfillmentEntry]
) -> Units | None:
    sent = [each for each in fulfillments if each.state in _SENT]
    completed = [each for each in adjustments if each.line_items and each.state is EntryState.COMPLETED]
    known = (
        _by_line([each for each in completed if each.kind is AdjustmentKind.CANCELLATION]),
        _by_line(sent),
        _by_line([each for each in completed if each.kind is AdjustmentKind.RETURN]),
    )
    shows_sent = ledger.fulfillments is not None and all(each.line_items is not None for each in sent)
    found = Units()
    for line in ledger.lines or ():
        values = [_larger(*each) for each in _pairs(line, known)]
        is_removed = line.quantity is not None and values[0] == line.quantity
        if line.quantity is None or (line.fulfilled is None and not shows_sent and not is_removed):
            return None
        _add(found, line.quantity, values)
    return found


def _pairs(line: LineItem, known: Sequence[Mapping[str | None, Quantity]]) -> list[tuple[Quantity, Quantity]]:
    """Return how many were removed, sent and returned, each as the line and as the entries say it."""
    told = (line.removed, line.fulfilled, line.returned)
    return [(one or 0, by.get(line.line_id, 0) if by else 0) for one, by in zip(told, known, strict=True)]


def _larger(one: Quantity, other: Quantity) -> Quantity | None:
    """Return the larger of two quantities; None if one is impossible."""
    if not (_is_possible(one) and _is_possible(other)):
        return None
    return max(one, other)


def _is_possible(quantity: Quantity) -> bool:
    return (not isinstance(quantity, Decimal) or quantity.is_finite()) and quantity >= 0


def _add(units: Units, ordered: Quantity, values: Sequence[Quantity | None]) -> None:
    """Add a line, of which so many were removed, sent and returned."""
    removed, sent, returned = values
    if removed is None or sent is None or returned is None or not _is_possible(ordered) or removed > ordered:
        units.is_valid = False
        return
    wanted = ordered - removed
    units.removed += removed
    if wanted or sent:
        units.is_empty = False
        units.wanted += wanted
        units.sent += sent
        units.returned += returned
        units.is_fully_sent &= sent >= wanted
        units.contradicts |= returned > sent or sent > wanted


def _by_line(entries: Iterable[Adjustment | FulfillmentEntry]) -> dict[str | None, Quantity]:
    """Return the units of each line that entries are about."""
    found: dict[str | None, Quantity] = {}
    for entry in entries:
        for part in entry.line_items or ():
            found[part.line_id] = found.get(part.line_id, 0) + part.quantity
    return found
