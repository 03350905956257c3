"""What was refunded of an order, and what is left: known only if the ledger shows all that it takes.

Amounts are exact, and those of different currencies are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .ledger import Adjustment, AdjustmentKind, EntryState, Ledger, PaymentEntry, PaymentKind, Unrefundable
from .ledger_merge import merged_entries
from .money import NO_CURRENCY, Money, difference, sum_of, zero
from .status import Payment

_CAPTURED = frozenset({Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED})
"""The payment statuses that say that all of the total was captured."""
_PENDING, _COMPLETED = frozenset({EntryState.PENDING}), frozenset({EntryState.COMPLETED})
_OPEN = {None, EntryState.UNKNOWN}
_MAYBE_PENDING = {EntryState.PENDING, EntryState.UNKNOWN}
"""The states of an entry that is not in the sum of the completed refunds, or may not be."""


def refunded_total(ledger: Ledger, currency: str | None) -> Money | Unrefundable:
    """Return the sum of the completed refunds, or why it is not known; `currency` is that of a sum of none.

    If the provider shows both a sum and the refunds, and they differ, it is the larger of the two. If refunds that
    events told come to more than the sum that was read, it is not known: some may be missing in either.
    """
    stated, entries = ledger.refunded, ledger.adjustments
    if stated is not None and stated.amount < 0:
        return Unrefundable.INVALID_AMOUNT
    if entries is None:
        return stated or Unrefundable.NOT_SHOWN
    incomplete = ledger.is_partial and stated is None
    found = Unrefundable.INCOMPLETE if incomplete else _refunds(merged_entries(entries), currency)
    if stated is None or not isinstance(found, Money):
        return stated or found
    less = difference(found, stated)
    if less is None:
        return Unrefundable.DIFFERENT_CURRENCIES
    if less.amount <= 0:
        return stated
    return Unrefundable.INCOMPLETE if ledger.is_partial else found


def refundable(ledger: Ledger, total: Money | None, payment: Payment | None) -> Money | Unrefundable:
    """Return how much can still be refunded, or why that is not known; never below 0.

    That is what was captured, less the refunds that are completed or pending, and the disputes that are open or lost.
    Without payments in the ledger, the total was captured if `payment` says so.
    """
    left = captured(ledger, total, payment)
    if not isinstance(left, Money):
        return left
    entries = merged_entries(ledger.adjustments or ())
    refunds = [entry for entry in entries if entry.kind is AdjustmentKind.REFUND]
    disputes = [entry for entry in entries if entry.kind is AdjustmentKind.DISPUTE]
    if any(entry.kind is AdjustmentKind.UNKNOWN and entry.state in _MAYBE_PENDING for entry in entries):
        return Unrefundable.KIND_UNKNOWN
    for less in (
        refunded_total(ledger, left.currency),
        amount_of(refunds, left.currency, _PENDING)
        if ledger.refunded is None
        else _known(ledger, refunds, left.currency),
        amount_of(disputes, left.currency, _PENDING | _COMPLETED),
    ):
        if not isinstance(less, Money):
            return less
        rest = difference(left, less)
        if rest is None:
            return Unrefundable.DIFFERENT_CURRENCIES
        left = rest
    return left if left.amount > 0 else zero(left.currency)


def captured(ledger: Ledger, total: Money | None, payment: Payment | None) -> Money | Unrefundable:
    """Return the sum of the completed charges, or why it is not known; it is above 0."""
    if ledger.payments is None:
        return total if total is not None and total.amount > 0 and payment in _CAPTURED else Unrefundable.NOT_PAID
    charges = [entry for entry in merged_entries(ledger.payments) if entry.kind is PaymentKind.CHARGE]
    currency = (_currency(charges) or NO_CURRENCY) if total is None else total.currency
    found = amount_of(charges, currency, _COMPLETED)
    if not isinstance(found, Money):
        return found
    # Of the charges that events told, some may be missing.
    if counts_twice(ledger, charges) or (ledger.is_partial and (total is None or found.amount < total.amount)):
        return Unrefundable.INCOMPLETE
    return found if found.amount else Unrefundable.NOT_PAID


def counts_twice(ledger: Ledger, entries: Sequence[PaymentEntry | Adjustment]) -> bool:
    """Return whether one payment or refund may be two of some entries: as it was read, without an id, and as told."""
    return ledger.is_partial and len(entries) > 1 and any(entry.id is None for entry in entries)


def amount_of(
    entries: Iterable[PaymentEntry | Adjustment], currency: str, states: frozenset[EntryState]
) -> Money | Unrefundable:
    """Return the sum of the entries that are in one of some states, or why it is not known; 0 for none."""
    amounts = [zero(currency)]
    for entry in entries:
        if entry.state in _OPEN:
            return Unrefundable.STATE_NOT_SHOWN
        if entry.state not in states:
            continue
        if entry.amount is None:
            return Unrefundable.AMOUNT_NOT_SHOWN
        if entry.amount.amount < 0:
            return Unrefundable.INVALID_AMOUNT
        amounts.append(entry.amount)
    return sum_of(amounts) or Unrefundable.DIFFERENT_CURRENCIES


def _known(ledger: Ledger, refunds: Iterable[Adjustment], currency: str) -> Money | Unrefundable:
    """Return the sum of the pending refunds; the sum that the provider shows has those whose state is not shown.

    One whose state is an unknown word may be pending, and so is not in that sum. One that an event told as pending may
    have been completed when the sum was read, and be in it.
    """
    found = amount_of([entry for entry in refunds if entry.state is not None], currency, _PENDING)
    return Unrefundable.INCOMPLETE if ledger.is_partial and isinstance(found, Money) and found.amount else found


def _refunds(entries: Sequence[Adjustment], currency: str | None) -> Money | Unrefundable:
    failed = EntryState.FAILED
    if any(entry.kind is AdjustmentKind.UNKNOWN and entry.state is not failed for entry in entries):
        return Unrefundable.KIND_UNKNOWN
    refunds = [entry for entry in entries if entry.kind is AdjustmentKind.REFUND]
    currency = _currency(entry for entry in refunds if entry.state in _COMPLETED) or currency
    return Unrefundable.NOT_SHOWN if currency is None else amount_of(refunds, currency, _COMPLETED)


def _currency(entries: Iterable[PaymentEntry | Adjustment]) -> str | None:
    return next((entry.amount.currency for entry in entries if entry.amount is not None), None)
