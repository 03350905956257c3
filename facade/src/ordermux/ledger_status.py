"""The status that follows from a ledger, and how it adds up with what the provider's own words say.

The provider's word wins. The ledger speaks where there is no word, or an unknown one, and where it says all that the
word says and more, such as `delivered` for `fulfilled`. Where both differ in any other way, and where the ledger
contradicts itself, the status has `Attention.LEDGER_CONFLICT`, and the evidence has both.

The words of events are weaker, since they do not add up: three refunds of a part are each a word `partially_refunded`,
and may be all. There the amounts of the ledger win, and of its units what is further along.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Sequence
from typing import Any

import attrs

from .ledger import (
    Adjustment,
    AdjustmentKind,
    EntryState,
    Ledger,
    PaymentEntry,
    PaymentKind,
    Unrefundable,
)
from .ledger_merge import merged_entries
from .ledger_units import Units, units_of
from .money import NO_CURRENCY, Money
from .refunds import amount_of, counts_twice, refunded_total
from .status import (
    AXES,
    EVENT_FIELD,
    NOT_REPORTED,
    Attention,
    Basis,
    CancelReason,
    Evidence,
    Fulfillment,
    Hold,
    Lifecycle,
    Payment,
    Status,
    hold_evidence,
    in_order,
)
from .status_merge import place, rank

FIELD = "ledger"
"""The field of the evidence that a ledger gives."""
_PENDING, _COMPLETED, _FAILED = EntryState.PENDING, EntryState.COMPLETED, EntryState.FAILED
_P, _F = Payment, Fulfillment
_MORE_PRECISE: dict[str, dict[Any, frozenset[Any]]] = {
    "payment": {
        _P.PENDING: frozenset({_P.AUTHORIZED}),
        _P.PAID: frozenset({_P.OVERPAID, _P.PARTIALLY_REFUNDED, _P.REFUNDED}),
    },
    "fulfillment": {
        _F.UNFULFILLED: frozenset({_F.IN_PROGRESS}),
        _F.IN_PROGRESS: frozenset({_F.PARTIALLY_FULFILLED}),
        _F.FULFILLED: frozenset({_F.DELIVERED, _F.PARTIALLY_RETURNED, _F.RETURNED}),
        _F.DELIVERED: frozenset({_F.PARTIALLY_RETURNED, _F.RETURNED}),
    },
    "lifecycle": {},
}
"""By axis and the provider's word, the values that say all that the word says and more."""
_NO_CONFLICT = frozenset(
    {(_P.PENDING, _P.PROCESSING), (_P.PROCESSING, _P.PENDING), (_P.VOIDED, _P.FAILED), (_P.EXPIRED, _P.FAILED)}
)
"""Words, and what the ledger says, that may both be right: a state does not say whether a payment is under way, nor why
it was not carried out."""
_UNKNOWN = {None, Lifecycle.UNKNOWN, Payment.UNKNOWN, Fulfillment.UNKNOWN}


def with_ledger(word: Status, ledger: Ledger, total: Money | None) -> Status:
    """Return the status of an order whose provider says `word`, and shows a ledger."""
    return combined(word, derived(ledger, total))


def combined(word: Status, told: Status) -> Status:
    """Return what the provider's own words and the status that follows from its ledger say together."""
    if told == NOT_REPORTED:
        return word
    fields = {entry.axis: entry.field for entry in reversed(word.evidence)}  # the first is the word's own
    verdicts = {axis: _verdict(axis, word, told, fields.get(axis)) for axis in AXES}
    taken = {axis for axis, verdict in verdicts.items() if verdict is _Verdict.LEDGER}
    differs = _Verdict.CONFLICT in verdicts.values()
    told_of = {axis for axis, verdict in verdicts.items() if verdict is not _Verdict.WORD} | {"hold", "ended_hold"}
    evidence = [entry for entry in word.evidence if entry.axis not in taken]
    evidence += [entry for entry in told.evidence if entry.axis in told_of and entry not in evidence]
    holds = {*told.holds, *(hold for hold in word.holds if hold not in told.ended_holds)}
    ended = {*told.ended_holds, *word.ended_holds} - holds
    values: dict[str, Any] = {axis: getattr(told, axis) for axis in taken}
    if "lifecycle" in taken:
        values["cancel_reason"] = told.cancel_reason
    codes = (Attention.LEDGER_CONFLICT,) if differs else ()
    return attrs.evolve(
        word,
        **values,
        holds=in_order(holds),
        ended_holds=in_order(ended),
        attention=tuple(dict.fromkeys((*word.attention, *told.attention, *codes))),
        evidence=hold_evidence(tuple(evidence), holds, ended) if holds or ended else tuple(evidence),
    )


class _Verdict(enum.Enum):
    """Which of both an axis is taken from."""

    WORD = "word"
    LEDGER = "ledger"
    CONFLICT = "conflict"
    """From the word, and somebody has to look."""


def _verdict(axis: str, word: Status, told: Status, field: str | None) -> _Verdict:
    """Return which says more of an axis; `field` is where the word stands."""
    mine, theirs = getattr(word, axis), getattr(told, axis)
    if theirs is None or theirs == mine or (mine, theirs) in _NO_CONFLICT:
        return _Verdict.WORD
    if mine in _UNKNOWN or theirs in _MORE_PRECISE[axis].get(mine, ()):
        return _Verdict.LEDGER
    if field == FIELD:
        return _Verdict.LEDGER  # it followed from an earlier ledger
    if field != EVENT_FIELD:
        return _Verdict.CONFLICT
    # The words of events do not add up, and amounts do; of units, some may be missing.
    return _Verdict.LEDGER if axis == "payment" or rank(told, axis) > rank(word, axis) else _Verdict.WORD


def derived(ledger: Ledger, total: Money | None) -> Status:
    """Return the status that follows from a ledger; None on an axis about which it shows too little.

    `total` is what the order costs. No amount is ever computed from the lines, whose prices are rounded.
    """
    adjustments = merged_entries(ledger.adjustments or ())
    statuses = (_payment(ledger, adjustments, total), _goods(ledger, adjustments), _dispute(adjustments))
    found = functools.reduce(lambda weaker, status: status.merged_over(weaker), statuses, NOT_REPORTED)
    return attrs.evolve(found, evidence=tuple(sorted(found.evidence, key=place)))


def _claim(axis: str, value: Any, why: str, **more: Any) -> Status:
    evidence = (Evidence(axis, value, FIELD, why, Basis.IMPLIED),)
    return Status(**{axis: value}, evidence=evidence, **more)


_CONFLICT = Status(attention=(Attention.LEDGER_CONFLICT,))


# Payment.


def _payment(ledger: Ledger, adjustments: Sequence[Adjustment], total: Money | None) -> Status:
    """Return the payment status: what was captured, less what was given back, against the total."""
    if ledger.payments is None:
        return _refunds_alone(ledger, adjustments, total)
    payments = merged_entries(ledger.payments)
    charges = [each for each in payments if each.kind is PaymentKind.CHARGE]
    amounts = [total, *(each.amount for each in charges)]
    currency = next((each.currency for each in amounts if each is not None), NO_CURRENCY)
    if counts_twice(ledger, charges):
        return NOT_REPORTED
    taken = amount_of(charges, currency, frozenset({_COMPLETED}))
    back = _given_back(ledger, adjustments, currency)
    if Unrefundable.INVALID_AMOUNT in {taken, back}:
        return _CONFLICT
    if not isinstance(taken, Money) or (ledger.is_partial and (total is None or taken.amount < total.amount)):
        return NOT_REPORTED  # of a part that is known, more may have been captured
    given = isinstance(back, Money) and back.amount > 0
    if not taken.amount:
        return _CONFLICT if given else _nothing_paid(payments, total)
    return _balance(taken, back, total) if isinstance(back, Money) else NOT_REPORTED


def _balance(taken: Money, back: Money, total: Money | None) -> Status:
    """Return the payment status of an order of which money was captured."""
    if back.amount:
        value = Payment.REFUNDED if back.amount >= taken.amount else Payment.PARTIALLY_REFUNDED
        more = {"attention": (Attention.LEDGER_CONFLICT,)} if back.amount > taken.amount else {}
        return _claim("payment", value, f"{back} of {taken} given back", **more)
    if total is None:
        return NOT_REPORTED
    value = Payment.PAID
    if taken.amount != total.amount:
        value = Payment.PARTIALLY_PAID if taken.amount < total.amount else Payment.OVERPAID
    return _claim("payment", value, f"{taken} of {total} captured")


def _nothing_paid(payments: Sequence[PaymentEntry], total: Money | None) -> Status:
    """Return the payment status of an order of which nothing was captured, and nothing was given back."""
    states = {each.state for each in payments}
    if states & {None, EntryState.UNKNOWN}:
        return NOT_REPORTED
    if _PENDING in states:
        return _claim("payment", Payment.PROCESSING, "a payment is pending")
    if any(each.kind is PaymentKind.AUTHORIZATION and each.state is _COMPLETED for each in payments):
        return _claim("payment", Payment.AUTHORIZED, "authorized, and nothing captured")
    if total is not None and not total.amount:
        return _claim("payment", Payment.PAID, "nothing is due")
    value, why = (Payment.FAILED, "each payment failed") if states else (Payment.PENDING, "no payment")
    return NOT_REPORTED if total is None or total.amount < 0 else _claim("payment", value, why)


def _refunds_alone(ledger: Ledger, adjustments: Sequence[Adjustment], total: Money | None) -> Status:
    """Return what the refunds say of an order whose payments are not shown: nothing, if there are none."""
    if total is None or (ledger.adjustments is None and ledger.refunded is None):
        return NOT_REPORTED
    back = _given_back(ledger, adjustments, total.currency)
    if back is Unrefundable.INVALID_AMOUNT:
        return _CONFLICT
    if not isinstance(back, Money) or not back.amount or back.currency != total.currency:
        return NOT_REPORTED
    return _balance(total, back, total)


def _given_back(ledger: Ledger, adjustments: Sequence[Adjustment], currency: str) -> Money | Unrefundable:
    """Return the completed refunds and the lost disputes; those that are known, if entries may be missing."""
    if ledger.refunded is not None:
        return refunded_total(ledger, currency)
    if ledger.adjustments is None:
        return Unrefundable.NOT_SHOWN
    kinds = {AdjustmentKind.REFUND, AdjustmentKind.DISPUTE}
    given = [each for each in adjustments if each.kind in kinds]
    if any(counts_twice(ledger, [each for each in given if each.kind is kind]) for kind in kinds):
        return Unrefundable.INCOMPLETE
    return amount_of(given, currency, frozenset({_COMPLETED}))


# Goods.


def _goods(ledger: Ledger, adjustments: Sequence[Adjustment]) -> Status:
    """Return the fulfillment status; and cancelled, if each line was taken off the order."""
    fulfillments = merged_entries(ledger.fulfillments or ())
    states = [entry.state for entry in fulfillments]
    if not ledger.lines:  # all of no lines is nothing: a gift card, or shipping alone
        return NOT_REPORTED
    units = units_of(ledger, adjustments, fulfillments)
    if units is None:
        return _fulfillments_alone(states)
    if not units.is_valid:
        return _CONFLICT
    result = _removed(units) if units.is_empty else _delivery(units, states)
    return _CONFLICT.merged_over(result) if units.contradicts else result


def _removed(units: Units) -> Status:
    """Return the status of an order of which nothing is wanted any more."""
    if not units.removed:
        return NOT_REPORTED  # nothing was ordered
    ends = _claim("lifecycle", Lifecycle.CANCELLED, "each line removed", cancel_reason=CancelReason.UNSPECIFIED)
    return _claim("fulfillment", Fulfillment.UNFULFILLED, "each line removed").merged_over(ends)


def _delivery(units: Units, states: Sequence[Fulfillment | None]) -> Status:
    """Return the fulfillment status of an order of which something is wanted."""
    if units.returned:
        value = Fulfillment.PARTIALLY_RETURNED
        if units.is_fully_sent and units.returned >= units.sent:
            value = Fulfillment.RETURNED
        return _claim("fulfillment", value, f"{units.returned} of {units.sent} units returned")
    why = f"{units.sent} of {units.wanted} units fulfilled"
    if units.is_fully_sent:
        kept = [state for state in states if state is not Fulfillment.FAILED]
        arrived = kept and all(state is Fulfillment.DELIVERED for state in kept)
        return _claim("fulfillment", Fulfillment.DELIVERED if arrived else Fulfillment.FULFILLED, why)
    if units.sent:
        return _claim("fulfillment", Fulfillment.PARTIALLY_FULFILLED, why)
    value = Fulfillment.IN_PROGRESS if Fulfillment.IN_PROGRESS in states else Fulfillment.UNFULFILLED
    return _claim("fulfillment", value, why)


def _fulfillments_alone(states: Sequence[Fulfillment | None]) -> Status:
    """Return what fulfillments say without quantities: not whether they are all, so that no order is fulfilled."""
    if Fulfillment.IN_PROGRESS in states and all(state is Fulfillment.IN_PROGRESS for state in states):
        return _claim("fulfillment", Fulfillment.IN_PROGRESS, "a fulfillment is in progress")
    return NOT_REPORTED


# Disputes.


def _dispute(adjustments: Sequence[Adjustment]) -> Status:
    """Return the hold of an open dispute; that it is over, once each dispute has ended."""
    states = [entry.state for entry in adjustments if entry.kind is AdjustmentKind.DISPUTE]
    if not states:
        return NOT_REPORTED
    is_open = any(state not in {_COMPLETED, _FAILED} for state in states)
    count = len(states)
    if is_open:
        why = f"{sum(state not in {_COMPLETED, _FAILED} for state in states)} of {count} disputes open"
        evidence = Evidence("hold", Hold.DISPUTE, FIELD, why, Basis.DOCUMENTED)
        return Status(holds=(Hold.DISPUTE,), evidence=(evidence,))
    evidence = Evidence("ended_hold", Hold.DISPUTE, FIELD, f"{count} disputes ended", Basis.DOCUMENTED)
    return Status(ended_holds=(Hold.DISPUTE,), evidence=(evidence,))
