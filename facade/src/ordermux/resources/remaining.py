"""Refunding what is left of an order: the amount is read right before, and the same remainder has the same key."""

from __future__ import annotations

import attrs

from ..engine.context import EARLIER_CALLS, CallContext
from ..engine.flow import Flow
from ..engine.idempotency import derived_key
from ..errors import NotRefundable
from ..ledger import Unrefundable
from ..order import Money, Order, Refund
from ..providers.adapter import Adapter, Operation, RefundRequest
from ..refunds import refundable

_KEPT = 1_000
"""Of how many keys the amounts are remembered."""


def refund_remaining(adapter: Adapter, call: CallContext, order_id: str, request: RefundRequest) -> Flow[Refund]:
    """Return the flow that refunds what is left of an order.

    Raises Unsupported if the provider has no refunds, or no read of an order.
    """
    for operation in (Operation.REFUND, Operation.GET):
        if operation not in adapter.capabilities():
            getattr(adapter, operation)(call, order_id, request)  # which raises Unsupported
    return _refund(adapter, call, order_id, request)


def _refund(adapter: Adapter, call: CallContext, order_id: str, request: RefundRequest) -> Flow[Refund]:
    derives = call.idempotency_key is not None and not call.reuses_key
    if derives:
        call.idempotency_key = None  # none is known before the order is read
    order = yield from adapter.get(call, order_id)
    left = _left(call, order)
    if derives:
        call.idempotency_key = derived_key(_facts(adapter, order, left), adapter.idempotency_window)
    elif call.key is not None:
        _check_unchanged(call, order, left, call.key)
    return (yield from adapter.refund(call, order_id, attrs.evolve(request, amount=left)))


def _left(call: CallContext, order: Order) -> Money:
    """Return what is left to refund.

    Raises NotRefundable.
    """
    left = refundable(order.ledger, order.total, order.status.payment)
    if isinstance(left, Money) and left.amount:
        return left
    reason = left if isinstance(left, Unrefundable) else Unrefundable.NOTHING_LEFT
    earlier = EARLIER_CALLS if call.reuses_key else ""
    hint = "" if reason in {Unrefundable.NOTHING_LEFT, Unrefundable.NOT_PAID} else "; pass an amount"
    raise NotRefundable(f"{order.ref}: {reason.text}{hint}{earlier}", reason, applied=None if earlier else False)


def _check_unchanged(call: CallContext, order: Order, left: Money, key: str) -> None:
    """Refuse a key of the caller's own that this client sent with another amount: a repeat has to have the same body.

    Raises NotRefundable.
    """
    kept = call.runtime.remainders
    first = kept.setdefault(key, left)
    if first != left:
        reason = Unrefundable.CHANGED
        hint = f", {first}, and now it is {left}; repeat the call with {first}, or refund the rest with a new key"
        raise NotRefundable(f"{order.ref}: {reason.text}{hint}{EARLIER_CALLS}", reason, applied=None)
    for oldest in list(kept.copy())[:-_KEPT]:  # a copy, since other threads add to it
        kept.pop(oldest, None)


def _facts(adapter: Adapter, order: Order, left: Money) -> list[str]:
    """Return what identifies a state of an order's refunds: another refund, and one that failed, is another state."""
    adjustments = sorted(f"{entry.id} {entry.kind} {entry.state}" for entry in order.ledger.adjustments or ())
    return ["refund remaining", adapter.provider, order.ref.id, str(left), str(order.refunded_total), *adjustments]
