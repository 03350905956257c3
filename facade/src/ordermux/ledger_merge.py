"""How ledgers of one order add up over time, where events come late, twice or out of order.

Each entry counts once, by its kind and id; its state only moves forward. Entries without an id are told apart by all
that they say, so that a repeat of one is the same one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TypeAlias, TypeVar

import attrs

from .ledger import NOT_SHOWN, Adjustment, EntryState, FulfillmentEntry, Ledger, PaymentEntry
from .status import Fulfillment

E = TypeVar("E", PaymentEntry, Adjustment, FulfillmentEntry)
_Amounts: TypeAlias = "tuple[PaymentEntry, ...] | tuple[Adjustment, ...] | None"
_Pair: TypeAlias = "tuple[_Amounts, _Amounts]"
_S, _F = EntryState, Fulfillment
_RANKS: dict[type, tuple[EntryState | Fulfillment | None, ...]] = {
    # A payment that failed may be tried again; a refund that was completed may still come back from the bank, and a
    # dispute that was lost may be won on appeal.
    PaymentEntry: (None, _S.UNKNOWN, _S.PENDING, _S.FAILED, _S.COMPLETED),
    Adjustment: (None, _S.UNKNOWN, _S.PENDING, _S.COMPLETED, _S.FAILED),
    FulfillmentEntry: (
        *(None, _F.UNKNOWN, _F.UNFULFILLED, _F.IN_PROGRESS, _F.FAILED, _F.PARTIALLY_FULFILLED, _F.FULFILLED),
        *(_F.DELIVERED, _F.PARTIALLY_RETURNED, _F.RETURNED),
    ),
}


def merged_entries(entries: Iterable[E]) -> tuple[E, ...]:
    """Return each entry once: those that share an id are one, at its furthest state."""
    found: dict[object, E] = {}
    for place, entry in enumerate(entries):
        key: object = place if entry.id is None else _identity(entry)
        known = found.get(key)
        found[key] = entry if known is None else _furthest(known, entry)
    return tuple(found.values())


def merge_ledger(known: Ledger, told: Ledger) -> Ledger:
    """Return what is known once an event told more; the order of the events and redeliveries make no difference.

    Amounts are not added up here: each entry counts once. If an entry is told with two amounts, that of the further
    state stands, in one state the larger one, and `contradicts` tells of it.
    """
    if told is NOT_SHOWN or told == NOT_SHOWN:
        return known
    is_another_sum = told.refunded is not None and told.refunded != known.refunded  # and which is later is not known
    return Ledger(
        lines=known.lines if told.lines is None else told.lines,
        payments=_merged(known.payments, told.payments),
        adjustments=_merged(known.adjustments, told.adjustments),
        fulfillments=_merged(known.fulfillments, told.fulfillments),
        refunded=None if told.adjustments or is_another_sum else known.refunded,
        is_partial=known.is_partial or is_another_sum or told.payments is not None or told.adjustments is not None,
    )


def replace_ledger(known: Ledger, read: Ledger) -> Ledger:
    """Return what is known once the order was read: what the read shows, and else what was known."""
    if read == NOT_SHOWN:
        return known
    return Ledger(
        lines=known.lines if read.lines is None else read.lines,
        payments=known.payments if read.payments is None else read.payments,
        adjustments=known.adjustments if read.adjustments is None else read.adjustments,
        fulfillments=known.fulfillments if read.fulfillments is None else read.fulfillments,
        refunded=read.refunded,
        is_partial=read.is_partial or (read.adjustments is None and known.adjustments is not None),
    )


def contradicts(known: Ledger, told: Ledger) -> bool:
    """Return whether both have one entry with two amounts."""
    pairs: tuple[_Pair, ...] = ((known.payments, told.payments), (known.adjustments, told.adjustments))
    for mine, theirs in pairs:
        amounts = {_identity(entry): entry.amount for entry in mine or ()}
        for entry in theirs or ():
            before = None if entry.id is None else amounts.get(_identity(entry))
            if before is not None and entry.amount is not None and before != entry.amount:
                return True
    return False


def _merged(known: tuple[E, ...] | None, told: tuple[E, ...] | None) -> tuple[E, ...] | None:
    if told is None:
        return known
    before: tuple[E, ...] = known or ()
    fresh: list[E] = [entry for entry in told if entry.id is not None or entry not in before]
    return tuple(sorted(merged_entries(itertools.chain(before, fresh)), key=_place))


def _identity(entry: PaymentEntry | Adjustment | FulfillmentEntry) -> tuple[str | None, str | None]:
    """Return what identifies an entry; an authorization and a charge may share the id of their payment."""
    return None if isinstance(entry, FulfillmentEntry) else entry.kind, entry.id


def _furthest(one: E, other: E) -> E:
    """Return the entry that is further on, with what only the other says."""
    further, other = (one, other) if _order(one) >= _order(other) else (other, one)
    missing = {
        field.name: getattr(other, field.name)
        for field in attrs.fields(type(further))
        if getattr(further, field.name) is None and getattr(other, field.name) is not None
    }
    return attrs.evolve(further, **missing) if missing else further


def _order(entry: PaymentEntry | Adjustment | FulfillmentEntry) -> tuple[object, ...]:
    """Return what of two entries with one id decides: the state, then anything that is always the same."""
    amount = None if isinstance(entry, FulfillmentEntry) else entry.amount
    return (
        _RANKS[type(entry)].index(entry.state),
        amount is not None and amount.amount,
        "" if amount is None else amount.currency,
        _place(entry),
    )


def _place(entry: PaymentEntry | Adjustment | FulfillmentEntry) -> tuple[str, str, str]:
    """Return the position of an entry in a merged ledger, whatever the order in which they came."""
    time = "" if entry.occurred_at is None else entry.occurred_at.isoformat()
    return time, entry.id or "", repr(entry)
