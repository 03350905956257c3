"""What happened to an order, as far as its provider shows it: lines, payments, adjustments and fulfillments.

None means that the provider does not show it, an empty tuple that it shows that there are none. What follows from a
ledger is in `refunds` (what can still be refunded), `ledger_status` (the status) and `ledger_merge` (how ledgers add up
over time). The kinds and the states of adjustments are those of the Universal Commerce Protocol.
"""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .frozen import new, setters
from .money import Money
from .serialization import JsonReady
from .status import Fulfillment

Quantity: TypeAlias = int | Decimal


class EntryState(enum.StrEnum):
    """How far a payment or an adjustment is. Only what is completed counts."""

    PENDING = "pending"
    """It is under way."""
    COMPLETED = "completed"
    """It was carried out."""
    FAILED = "failed"
    """It was not carried out, or was taken back."""
    UNKNOWN = "unknown"
    """The provider's word for its state is not known."""


class PaymentKind(enum.StrEnum):
    """What a payment does."""

    CHARGE = "charge"
    """Money is captured."""
    AUTHORIZATION = "authorization"
    """Money is reserved, and not captured."""


class AdjustmentKind(enum.StrEnum):
    """What changed after an order was placed."""

    REFUND = "refund"
    """Money is given back."""
    RETURN = "return"
    """Goods come back."""
    CANCELLATION = "cancellation"
    """Goods are taken off the order."""
    DISPUTE = "dispute"
    """The customer disputes a payment: pending while it is open, completed if the customer won, failed if not."""
    CREDIT = "credit"
    """The customer gets a credit, which is no money back."""
    PRICE_ADJUSTMENT = "price_adjustment"
    """A price changed."""
    EXCHANGE = "exchange"
    """Goods are exchanged for others."""
    UNKNOWN = "unknown"
    """The provider's word for it is not known: it may be a refund."""


_UNTIL_SET = frozenset({"line_id", "fulfilled", "returned", "removed"})


@attrs.frozen(kw_only=True)
class LineItem(JsonReady):
    """One line of an order; a field is None if the provider does not report it."""

    id: str | None = None
    """The product's id."""
    name: str | None = None
    quantity: Quantity | None = None
    """How many were ordered."""
    unit_price: Money | None = None
    line_id: str | None = None
    """The id of the line, which adjustments and fulfillments refer to."""
    fulfilled: Quantity | None = None
    """How many of them were shipped or handed over."""
    returned: Quantity | None = None
    """How many of these came back."""
    removed: Quantity | None = None
    """How many of those that were ordered were taken off the order before they were shipped."""

    if not TYPE_CHECKING:  # a checker that saw it would take any name

        def __getattr__(self, name: str) -> Any:
            """Return None for a field that `line_item` did not set."""
            if name in _UNTIL_SET:
                return None
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)


def line_item(
    product_id: str | None, name: str | None, quantity: Quantity | None, unit_price: Money | None
) -> LineItem:
    """Return a line without the constructor, which takes longer than all else for the lines of many orders."""
    made = new(LineItem)
    _set_item_id(made, product_id)
    _set_item_name(made, name)
    _set_quantity(made, quantity)
    _set_unit_price(made, unit_price)
    return made


_set_item_id, _set_item_name, _set_quantity, _set_unit_price, *_ = setters(LineItem)


@attrs.frozen(kw_only=True)
class LineQuantity(JsonReady):
    """How many of a line an adjustment or a fulfillment is about."""

    line_id: str
    quantity: Quantity


@attrs.frozen(kw_only=True)
class PaymentEntry(JsonReady):
    """One payment of an order; a field is None if the provider does not report it."""

    id: str | None = None
    amount: Money | None = None
    state: EntryState | None = None
    occurred_at: datetime.datetime | None = None
    """Timezone-aware UTC."""
    kind: PaymentKind = PaymentKind.CHARGE
    method: str | None = None
    """How it is paid, in the provider's own words, such as `usdc`."""


@attrs.frozen(kw_only=True)
class Adjustment(JsonReady):
    """A refund, a return, a dispute or another change after an order was placed.

    A field is None if the provider does not report it. Amounts are above 0.
    """

    kind: AdjustmentKind
    id: str | None = None
    amount: Money | None = None
    state: EntryState | None = None
    occurred_at: datetime.datetime | None = None
    """Timezone-aware UTC."""
    line_items: tuple[LineQuantity, ...] | None = None
    """How many of which lines it is about."""


@attrs.frozen(kw_only=True)
class FulfillmentEntry(JsonReady):
    """One shipment or handover; a field is None if the provider does not report it."""

    id: str | None = None
    state: Fulfillment | None = None
    occurred_at: datetime.datetime | None = None
    """Timezone-aware UTC."""
    line_items: tuple[LineQuantity, ...] | None = None
    """How many of which lines are in it."""


@attrs.frozen(kw_only=True)
class Ledger(JsonReady):
    """What happened to an order: None is what the provider does not show, empty what it shows that there is none of."""

    lines: tuple[LineItem, ...] | None = None
    payments: tuple[PaymentEntry, ...] | None = None
    adjustments: tuple[Adjustment, ...] | None = None
    fulfillments: tuple[FulfillmentEntry, ...] | None = None
    refunded: Money | None = None
    """The sum of all completed refunds, if the provider shows the sum."""
    is_partial: bool = False
    """Whether entries may be missing, since it is of events; so no sum of its adjustments is the sum of all."""


def ledger_of_payment(
    lines: tuple[LineItem, ...] | None, amount: Money | None, state: EntryState, refunded: Money | None
) -> Ledger:
    """Return a ledger of one charge without an id and a time, without the constructors."""
    entry, made = new(PaymentEntry), new(Ledger)
    _set_payment_id(entry, None)
    _set_amount(entry, amount)
    _set_state(entry, state)
    _set_occurred_at(entry, None)
    _set_kind(entry, _CHARGE)
    _set_method(entry, None)
    _set_lines(made, lines)
    _set_payments(made, (entry,))
    _set_adjustments(made, None)
    _set_fulfillments(made, None)
    _set_refunded(made, refunded)
    _set_is_partial(made, False)
    return made


_CHARGE = PaymentKind.CHARGE
_set_payment_id, _set_amount, _set_state, _set_occurred_at, _set_kind, _set_method = setters(PaymentEntry)
_set_lines, _set_payments, _set_adjustments, _set_fulfillments, _set_refunded, _set_is_partial = setters(Ledger)
NOT_SHOWN = Ledger()
"""A ledger of which nothing is shown."""


class Unrefundable(enum.StrEnum):
    """Why it is not known how much of an order can be refunded, or why nothing can."""

    NOT_SHOWN = "not_shown"
    """The provider does not show what was refunded."""
    INCOMPLETE = "incomplete"
    """Not all refunds are known, only those of events."""
    AMOUNT_NOT_SHOWN = "amount_not_shown"
    """The amount of a payment, a refund or a dispute is not shown."""
    STATE_NOT_SHOWN = "state_not_shown"
    """Whether a payment, a refund or a dispute was carried out is not shown."""
    KIND_UNKNOWN = "kind_unknown"
    """An adjustment is of an unknown kind, and may be a refund."""
    DIFFERENT_CURRENCIES = "different_currencies"
    """The amounts are in different currencies."""
    INVALID_AMOUNT = "invalid_amount"
    """An amount is negative."""
    NOT_PAID = "not_paid"
    """No payment is known to have been captured."""
    NOTHING_LEFT = "nothing_left"
    """Nothing is left to refund."""
    CHANGED = "changed"
    """Another amount was left when the idempotency key was first sent."""

    @property
    def text(self) -> str:
        """The reason as a sentence."""
        return _REASONS[self]


_REASONS = {
    Unrefundable.NOT_SHOWN: "the provider does not show what was refunded",
    Unrefundable.INCOMPLETE: "not all refunds are known, only those of events",
    Unrefundable.AMOUNT_NOT_SHOWN: "the amount of a payment, a refund or a dispute is not shown",
    Unrefundable.STATE_NOT_SHOWN: "whether a payment, a refund or a dispute was carried out is not shown",
    Unrefundable.KIND_UNKNOWN: "an adjustment is of an unknown kind, and may be a refund",
    Unrefundable.DIFFERENT_CURRENCIES: "the amounts are in different currencies",
    Unrefundable.INVALID_AMOUNT: "an amount is negative",
    Unrefundable.NOT_PAID: "no payment is known to have been captured",
    Unrefundable.NOTHING_LEFT: "nothing is left to refund",
    Unrefundable.CHANGED: "another amount was left when the idempotency key was first sent",
}
