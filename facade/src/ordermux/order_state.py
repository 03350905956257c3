"""What is known of an order over time: its status and its ledger, which add up with events and reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .ledger import NOT_SHOWN, Ledger, Unrefundable
from .ledger_merge import contradicts, merge_ledger, replace_ledger
from .ledger_status import combined, derived
from .money import Money
from .refunds import refundable, refunded_total
from .serialization import JsonReady
from .status import NOT_REPORTED, Attention, Hold, Status, hold_evidence, in_order
from .status_merge import merge_event, merge_snapshot, with_attention

if TYPE_CHECKING:
    from .event import Event
    from .order import Order


@attrs.frozen(kw_only=True)
class OrderState(JsonReady):
    """What is known of an order; `mux.orders.follow(event, known)` returns the next one. It can be pickled and kept."""

    reported: Status = NOT_REPORTED
    """The status that the provider reported, without what follows from the ledger."""
    ledger: Ledger = NOT_SHOWN
    total: Money | None = None
    """What the order costs, if a read reported it."""

    @classmethod
    def of(cls, order: Order) -> OrderState:
        """Return what is known of an order that was read."""
        return cls(reported=order.status, ledger=order.ledger, total=order.total)

    @property
    def status(self) -> Status:
        """The status: the provider's own words, with what follows from the ledger."""
        follows = derived(self.ledger, self.total)
        return combined(_with_disputes(self.reported, follows), follows)

    @property
    def refunded_total(self) -> Money | None:
        """The sum of the completed refunds; None if it is not known, as after events alone."""
        found = refunded_total(self.ledger, None if self.total is None else self.total.currency)
        return found if isinstance(found, Money) else None

    @property
    def refundable(self) -> Money | None:
        """How much can still be refunded; None if it is not known."""
        found: Money | Unrefundable = refundable(self.ledger, self.total, self.status.payment)
        return found if isinstance(found, Money) else None

    def after(self, event: Event, order: Order | None) -> OrderState:
        """Return what is known after an event, with the order as it was read then, None if it could not be read.

        Events only move forward: each entry counts once, by its id, in whatever order and however often they come. A
        read replaces what it shows.
        """
        if order is None:
            conflict = (Attention.LEDGER_CONFLICT,) if contradicts(self.ledger, event.ledger) else ()
            status = with_attention(merge_event(self.reported, event.status), (*event.attention, *conflict))
            return attrs.evolve(self, reported=status, ledger=merge_ledger(self.ledger, event.ledger))
        return OrderState(
            reported=with_attention(merge_snapshot(self.reported, order.status), event.attention),
            ledger=replace_ledger(self.ledger, order.ledger),
            total=self.total if order.total is None else order.total,
        )


def _with_disputes(reported: Status, follows: Status) -> Status:
    """Return a status whose disputes are those of the ledger, which tells one from another by its id.

    Words alone cannot: once one dispute has ended, they say no more of a second one.
    """
    if Hold.DISPUTE not in {*follows.holds, *follows.ended_holds}:
        return reported
    holds, ended = {*reported.holds} - {Hold.DISPUTE}, {*reported.ended_holds} - {Hold.DISPUTE}
    evidence = hold_evidence(reported.evidence, holds, ended)
    return attrs.evolve(reported, holds=in_order(holds), ended_holds=in_order(ended), evidence=evidence)
