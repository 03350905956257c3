"""How claims about one order add up over time, where they come late, twice or out of order."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from .status import (
    EVENT_FIELD,
    NOT_REPORTED,
    Attention,
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

if TYPE_CHECKING:
    from .event import Event
    from .order import Order

_PAYMENT = (
    *("pending", "processing", "authorized", "failed", "expired", "voided"),
    *("partially_paid", "paid", "overpaid", "partially_refunded", "refunded"),
)
_FULFILLMENT = (
    *("unfulfilled", "in_progress", "failed", "partially_fulfilled", "fulfilled", "delivered"),
    *("partially_returned", "returned"),
)
_LIFECYCLE = ("pending", "soft-cancelled", "open", "completed", "cancelled")
_RANKS = {
    axis: {value: rank for rank, value in enumerate(("unknown", *values), 1)}
    for axis, values in {"lifecycle": _LIFECYCLE, "payment": _PAYMENT, "fulfillment": _FULFILLMENT}.items()
}
_PLACES = {axis: place for place, axis in enumerate((*_RANKS, "hold", "ended_hold"))}
_COMPUTED = frozenset({Attention.AXIS_CONFLICT, Attention.PAID_AFTER_CANCEL})
_SENT = frozenset(
    {Fulfillment.PARTIALLY_FULFILLED, Fulfillment.FULFILLED, Fulfillment.DELIVERED, Fulfillment.PARTIALLY_RETURNED}
)
_KEPT = frozenset({Payment.PARTIALLY_PAID, Payment.PAID, Payment.OVERPAID})
_TAKEN = _KEPT | {Payment.PARTIALLY_REFUNDED}
_NEVER_TAKEN = frozenset({Payment.FAILED, Payment.EXPIRED, Payment.VOIDED})


def merge_event(known: Status, told: Status) -> Status:
    """Return what is known once an event told more, where the order cannot be read again: claims only move forward.

    Whatever the order in which events come, and however often, the outcome is the same, but for histories that really
    move backwards. A cancellation that came of a failed payment is a soft one, which a later success reopens. A hold
    that was ended stays ended, so that an event that arrives late does not reopen it; a read that reports it does.
    """
    wins = {axis: rank(told, axis) > rank(known, axis) for axis in _RANKS}
    newer = told if wins["lifecycle"] else known
    ended = {*known.ended_holds, *told.ended_holds}
    holds = {*known.holds, *told.holds} - ended
    evidence = [entry for entry in told.evidence if wins.get(entry.axis)]
    evidence += [entry for entry in known.evidence if not wins.get(entry.axis)]
    evidence += [entry for entry in told.evidence if entry.axis not in wins]
    entries = tuple(sorted(evidence, key=place))
    return _looked_at(
        Status(
            lifecycle=newer.lifecycle,
            cancel_reason=newer.cancel_reason,
            payment=(told if wins["payment"] else known).payment,
            fulfillment=(told if wins["fulfillment"] else known).fulfillment,
            holds=in_order(holds),
            ended_holds=in_order(ended),
            attention=(*known.attention, *told.attention),
            evidence=hold_evidence(entries, holds, ended) if holds or ended else entries,
        )
    )


def merge_snapshot(known: Status, read: Status) -> Status:
    """Return what is known once the order was read again: what was read, even where it says less than before.

    On an axis of which the read says nothing, what was known stands. The holds are those of the read, and those that
    an event reported (its evidence has the field `event`) and the read does not end.
    """
    back = any(0 < rank(read, axis) < rank(known, axis) for axis in _RANKS)
    kept = _with_holds(known, _still_held(known, read), {*known.ended_holds} - {*read.holds})
    kept = kept if read.lifecycle is None else attrs.evolve(kept, cancel_reason=None)
    told = attrs.evolve(read.merged_over(kept), attention=read.attention)
    if Attention.REFUND_EXPECTED in known.attention and _is_owed(told):
        told = attrs.evolve(told, attention=(*told.attention, Attention.REFUND_EXPECTED))
    if back or (read == NOT_REPORTED and Attention.SNAPSHOT_REGRESSED in known.attention):
        told = attrs.evolve(told, attention=(*told.attention, Attention.SNAPSHOT_REGRESSED))
    return _looked_at(told)


def merge_fields(statuses: Iterable[Status]) -> Status:
    """Return what the fields of one order report together; the furthest along wins on each axis.

    A hold that one of them reports is not over, whatever the others say.
    """
    found = list(statuses)
    holds = {hold for status in found for hold in status.holds}
    return functools.reduce(
        merge_event,
        (_with_holds(status, {*status.holds}, {*status.ended_holds} - holds) for status in found),
        NOT_REPORTED,
    )


def _still_held(known: Status, read: Status) -> set[Hold]:
    """Return the known holds that a read does not replace: those that no earlier read reported."""
    if read == NOT_REPORTED:
        return {*known.holds}
    replaced = {entry.value for entry in known.evidence if entry.axis == "hold" and entry.field != EVENT_FIELD}
    return {hold for hold in known.holds if hold not in replaced}


def _with_holds(status: Status, holds: set[Hold], ended: set[Hold]) -> Status:
    if holds == {*status.holds} and ended == {*status.ended_holds}:
        return status
    evidence = hold_evidence(status.evidence, holds, ended)
    return attrs.evolve(status, holds=in_order(holds), ended_holds=in_order(ended), evidence=evidence)


def _is_owed(status: Status) -> bool:
    """Return whether money is to be given back for goods that never came."""
    return status.cancel_reason is CancelReason.DELIVERY_FAILED and status.payment in _KEPT


def apply_event(known: Status, event: Event, order: Order | None) -> Status:
    """Return what is known after an event, with the order as it was read then, None where none is named."""
    status = merge_event(known, event.status) if order is None else merge_snapshot(known, order.status)
    return with_attention(status, event.attention)


def with_attention(status: Status, codes: Iterable[Attention]) -> Status:
    """Return a status with more reasons to look at the order, each once."""
    told = tuple(dict.fromkeys((*status.attention, *codes)))
    return status if told == status.attention else attrs.evolve(status, attention=told)


def rank(status: Status, axis: str) -> int:
    """Return how far an axis is, 0 where there is no claim."""
    value = getattr(status, axis)
    if axis == "lifecycle" and value is Lifecycle.CANCELLED and status.cancel_reason is CancelReason.PAYMENT_FAILED:
        value = "soft-cancelled"
    return 0 if value is None else _RANKS[axis][value]


def place(entry: Evidence) -> tuple[int, str]:
    """Return the position of an entry: by axis, the holds last."""
    return _PLACES[entry.axis], entry.value


def _looked_at(status: Status) -> Status:
    """Return a status with what is to be looked at where its axes contradict each other."""
    kept = tuple(dict.fromkeys(code for code in status.attention if code not in _COMPUTED))
    cancelled = status.lifecycle is Lifecycle.CANCELLED
    found: list[Attention] = []
    if (cancelled and status.fulfillment in _SENT) or (
        status.lifecycle is Lifecycle.COMPLETED and status.payment in _NEVER_TAKEN
    ):
        found.append(Attention.AXIS_CONFLICT)
    if cancelled and status.payment in _TAKEN and status.cancel_reason is not CancelReason.DELIVERY_FAILED:
        found.append(Attention.PAID_AFTER_CANCEL)
    return attrs.evolve(status, attention=(*kept, *found)) if (*kept, *found) != status.attention else status
