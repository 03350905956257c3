"""Orders in the form of the Universal Commerce Protocol, which have no status of their own: it is derived.

The form is that of its schemas (source/schemas/shopping/order.json and types/order_line_item.json, adjustment.json and
fulfillment_event.json), without what is not needed here.
"""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import msgspec

from ordermux.ledger import (
    Adjustment,
    AdjustmentKind,
    EntryState,
    FulfillmentEntry,
    Ledger,
    LineItem,
    LineQuantity,
    PaymentEntry,
)
from ordermux.order import Money, Order, OrderReader
from ordermux.status import Fulfillment


class Item(msgspec.Struct, frozen=True):
    """What was bought."""

    id: str
    title: str
    price: int


class Quantity(msgspec.Struct, frozen=True):
    """How many: at the checkout, still wanted, and fulfilled so far."""

    total: int
    fulfilled: int
    original: int | None = None


class Line(msgspec.Struct, frozen=True):
    """A line."""

    id: str
    item: Item
    quantity: Quantity
    status: str


class Part(msgspec.Struct, frozen=True):
    """How many of a line."""

    id: str
    quantity: int


class AdjustmentEvent(msgspec.Struct, frozen=True):
    """An adjustment."""

    id: str
    type: str
    occurred_at: datetime.datetime
    status: str
    amount: int | None = None
    line_items: tuple[Part, ...] | None = None


class FulfillmentEvent(msgspec.Struct, frozen=True):
    """What happened to a shipment."""

    id: str
    type: str
    occurred_at: datetime.datetime
    line_items: tuple[Part, ...] = ()


class UcpOrder(msgspec.Struct, frozen=True):
    """An order; amounts are in minor units."""

    id: str
    currency: str
    total: int
    line_items: list[Line]
    adjustments: list[AdjustmentEvent]
    events: list[FulfillmentEvent]


_KINDS = {kind.value: kind for kind in AdjustmentKind}
_STATES = {state.value: state for state in EntryState}
_EVENTS = {
    "processing": Fulfillment.IN_PROGRESS,
    "shipped": Fulfillment.FULFILLED,
    "in_transit": Fulfillment.FULFILLED,
    "delivered": Fulfillment.DELIVERED,
    "undeliverable": Fulfillment.FAILED,
    "returned_to_sender": Fulfillment.RETURNED,
}


class Reader(OrderReader[UcpOrder]):
    """Reads an order."""

    __slots__ = ()
    derives_status: ClassVar[bool] = True

    def total(self, native: UcpOrder) -> Money | None:
        """Return the total."""
        return Money.from_minor(native.total, native.currency)

    def line_items(self, native: UcpOrder) -> tuple[LineItem, ...]:
        """Return the lines; what is wanted no more was removed or returned, and a return has an adjustment."""
        return tuple(
            LineItem(
                id=line.item.id,
                name=line.item.title,
                quantity=line.quantity.total if line.quantity.original is None else line.quantity.original,
                unit_price=Money.from_minor(line.item.price, native.currency),
                line_id=line.id,
                fulfilled=line.quantity.fulfilled,
            )
            for line in native.line_items
        )

    def ledger(self, native: UcpOrder, lines: tuple[LineItem, ...]) -> Ledger:
        """Return the ledger. An order exists once it is paid, so that there is one payment, of the total."""
        paid = PaymentEntry(amount=self.total(native), state=EntryState.COMPLETED)
        return Ledger(
            lines=lines,
            payments=(paid,),
            adjustments=tuple(
                Adjustment(
                    kind=_KINDS.get(each.type, AdjustmentKind.UNKNOWN),
                    id=each.id,
                    amount=None if each.amount is None else Money.from_minor(each.amount, native.currency),
                    state=_STATES.get(each.status, EntryState.UNKNOWN),
                    occurred_at=each.occurred_at,
                    line_items=None if each.line_items is None else _parts(each.line_items),
                )
                for each in native.adjustments
            ),
            fulfillments=tuple(
                FulfillmentEntry(
                    id=each.id,
                    state=_EVENTS.get(each.type, Fulfillment.UNKNOWN),
                    occurred_at=each.occurred_at,
                    line_items=_parts(each.line_items),
                )
                for each in native.events
            ),
        )


def _parts(parts: tuple[Part, ...]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(line_id=part.id, quantity=part.quantity) for part in parts)


def body(lines: int, adjustments: int) -> bytes:
    """Return the JSON of an order with so many lines, of which each was fulfilled, and refunds of a cent each."""
    moment = "2026-05-30T12:00:00Z"
    made: dict[str, Any] = {
        "id": "order_1",
        "currency": "USD",
        "total": 2980 * lines,
        "line_items": [
            {
                "id": f"line_{number}",
                "item": {"id": f"prod_{number}", "title": "Mug", "price": 1490},
                "quantity": {"original": 2, "total": 2, "fulfilled": 2},
                "status": "fulfilled",
            }
            for number in range(lines)
        ],
        "adjustments": [
            {"id": f"adj_{number}", "type": "refund", "occurred_at": moment, "status": "completed", "amount": 1}
            for number in range(adjustments)
        ],
        "events": [{"id": "ship_1", "type": "delivered", "occurred_at": moment}],
    }
    return msgspec.json.encode(made)


DECODER = msgspec.json.Decoder(UcpOrder)
READER = Reader("shop")


def order(content: bytes) -> Order:
    """Return an order of which nothing was accessed."""
    native = DECODER.decode(content)
    return READER.order(native.id, native)
