"""Ledgers for tests, in few words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ordermux.ledger import (
    Adjustment,
    AdjustmentKind,
    EntryState,
    FulfillmentEntry,
    Ledger,
    LineItem,
    LineQuantity,
    PaymentEntry,
    PaymentKind,
)
from ordermux.money import Money
from ordermux.status import Fulfillment

COMPLETED = EntryState.COMPLETED


def usd(amount: str | int) -> Money:
    """Return an amount of dollars."""
    return Money(str(amount), "USD")


def charge(amount: Money | str | None, state: EntryState | None = COMPLETED, **fields: Any) -> PaymentEntry:
    """Return a charge; text is dollars."""
    return PaymentEntry(amount=usd(amount) if isinstance(amount, str) else amount, state=state, **fields)


def authorization(amount: str) -> PaymentEntry:
    """Return an authorization that was given."""
    return charge(amount, kind=PaymentKind.AUTHORIZATION)


def adjustment(
    kind: AdjustmentKind, amount: Money | str | None, state: EntryState | None = COMPLETED, **fields: Any
) -> Adjustment:
    """Return an adjustment; text is dollars."""
    return Adjustment(kind=kind, amount=usd(amount) if isinstance(amount, str) else amount, state=state, **fields)


def refund(amount: Money | str | None, state: EntryState | None = COMPLETED, **fields: Any) -> Adjustment:
    """Return a refund."""
    return adjustment(AdjustmentKind.REFUND, amount, state, **fields)


def dispute(amount: str | None, state: EntryState | None, **fields: Any) -> Adjustment:
    """Return a dispute: pending while it is open, completed if it was lost, failed if it was won."""
    return adjustment(AdjustmentKind.DISPUTE, amount, state, **fields)


def units(kind: AdjustmentKind, **quantities: int) -> Adjustment:
    """Return a completed adjustment about units of lines, by the lines' ids."""
    parts = tuple(LineQuantity(line_id=name, quantity=quantity) for name, quantity in quantities.items())
    return Adjustment(kind=kind, state=COMPLETED, line_items=parts)


def line(quantity: int | Decimal | str | None, fulfilled: int | Decimal | str | None = 0, **fields: Any) -> LineItem:
    """Return a line; text is a decimal."""
    ordered, sent = (Decimal(each) if isinstance(each, str) else each for each in (quantity, fulfilled))
    return LineItem(quantity=ordered, fulfilled=sent, **fields)


def shipped(*states: Fulfillment) -> tuple[FulfillmentEntry, ...]:
    """Return fulfillments."""
    return tuple(FulfillmentEntry(id=str(number), state=state) for number, state in enumerate(states))


def paid(*adjustments: Adjustment, amount: str = "100", **fields: Any) -> Ledger:
    """Return a ledger whose order was paid by one charge, with these adjustments and no more."""
    return Ledger(payments=(charge(amount),), adjustments=adjustments, **fields)
