"""How claims about one order add up over time, where they come late, twice or out of order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .status import NO_CLAIM, Attention, CancelReason, Evidence, Fulfillment, Lifecycle, Payment, Status

if TYPE_CHECKING:
    from .order import Order
    from .webhooks import Event

_PAYMENT = ("pending", "processing", "authorized", "failed", "voided", "paid", "partially_refunded", "refunded")
_FULFILLMENT = ("unfulfilled", "in_progress", "failed", "partially_fulfilled", "fulfilled", "delivered", "returned")
_LIFECYCLE = ("pending", "cancelled softly", "open", "completed", "cancelled")
_RANKS = {
    axis: {value: rank for rank, value in enumerate(("unknown", *values), 1)}
    for axis, values in {"lifecycle": _LIFECYCLE, "payment": _PAYMENT, "fulfillment": _FULFILLMENT}.items()
}
_COMPUTED = frozenset({Attention.AXIS_CONFLICT, Attention.PAID_AFTER_CANCEL})
_SENT = frozenset({Fulfillment.PARTIALLY_FULFILLED, Fulfillment.FULFILLED, Fulfillment.DELIVERED})
_TAKEN = frozenset({Payment.PAID, Payment.PARTIALLY_REFUNDED})


def fold(known: Status, told: Status) -> Status:
    """Return what is known once an event told more, where the order cannot be read again: claims only move forward.

    Whatever the order in which events come, and however often, the outcome is the same, but for histories that really
    move backwards. A cancellation that came of a failed payment is a soft one, which a later success reopens.
    """
    wins = {axis: _rank(told, axis) > _rank(known, axis) for axis in _RANKS}
    newer = told if wins["lifecycle"] else known
    evidence = [entry for entry in told.evidence if wins[entry.axis]]
    evidence += [entry for entry in known.evidence if not wins[entry.axis]]
    return _looked_at(
        Status(
            lifecycle=newer.lifecycle,
            cancel_reason=newer.cancel_reason,
            payment=(told if wins["payment"] else known).payment,
            fulfillment=(told if wins["fulfillment"] else known).fulfillment,
            attention=(*known.attention, *told.attention),
            evidence=tuple(sorted(evidence, key=_place)),
        )
    )


def replaced(known: Status, read: Status) -> Status:
    """Return what is known once the order was read again: what was read, even where it says less than before.

    On an axis of which the read says nothing, what was known stands.
    """
    back = any(0 < _rank(read, axis) < _rank(known, axis) for axis in _RANKS)
    kept = known if read.lifecycle is None else attrs.evolve(known, cancel_reason=None)
    told = attrs.evolve(read.over(kept), attention=read.attention)
    if Attention.REFUND_EXPECTED in known.attention and _is_owed(told):
        told = attrs.evolve(told, attention=(*told.attention, Attention.REFUND_EXPECTED))
    if back or (read == NO_CLAIM and Attention.SNAPSHOT_REGRESSED in known.attention):
        told = attrs.evolve(told, attention=(*told.attention, Attention.SNAPSHOT_REGRESSED))
    return _looked_at(told)


def _is_owed(status: Status) -> bool:
    """Tell whether money is to be given back for goods that never came."""
    return status.cancel_reason is CancelReason.DELIVERY_FAILED and status.payment is Payment.PAID


def followed(known: Status, event: Event, order: Order | None) -> Status:
    """Return what is known after an event, with the order as it was read then, None where none is named."""
    status = fold(known, event.status) if order is None else replaced(known, order.status)
    told = tuple(dict.fromkeys((*status.attention, *event.attention)))
    return status if told == status.attention else attrs.evolve(status, attention=told)


def _rank(status: Status, axis: str) -> int:
    """Return how far an axis is, 0 where there is no claim."""
    value = getattr(status, axis)
    if axis == "lifecycle" and value is Lifecycle.CANCELLED and status.cancel_reason is CancelReason.PAYMENT_FAILED:
        value = "cancelled softly"
    return 0 if value is None else _RANKS[axis][value]


def _place(entry: Evidence) -> int:
    return tuple(_RANKS).index(entry.axis)


def _looked_at(status: Status) -> Status:
    """Return a status with what is to be looked at where its axes contradict each other."""
    kept = tuple(dict.fromkeys(code for code in status.attention if code not in _COMPUTED))
    cancelled = status.lifecycle is Lifecycle.CANCELLED
    found: list[Attention] = []
    if (cancelled and status.fulfillment in _SENT) or (
        status.lifecycle is Lifecycle.COMPLETED and status.payment in {Payment.FAILED, Payment.VOIDED}
    ):
        found.append(Attention.AXIS_CONFLICT)
    if cancelled and status.payment in _TAKEN and status.cancel_reason is not CancelReason.DELIVERY_FAILED:
        found.append(Attention.PAID_AFTER_CANCEL)
    return attrs.evolve(status, attention=(*kept, *found)) if (*kept, *found) != status.attention else status
