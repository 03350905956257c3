"""ZephyrCart's words to ours."""

from __future__ import annotations

from typing import Any

import attrs

from ordermux_zephyr import UNSET, models
from ordermux_zephyr.api.orders import get_order, list_orders

from .._flow import Flow, call
from ..errors import PagingError
from ..order import Customer, LineItem, Money, Order, OrderRef, moment_of
from ..status import CancelReason, Fulfillment, Lifecycle, Payment, Row, Status, Table, documented, implied
from . import Page

PAGE = "https://demo.docucommit.se/projects/dev-docs/document/orders"

STATUS = Table(
    page=PAGE,
    field="status",
    axes=("lifecycle", "payment"),
    rows={
        # The page calls the payment method of any order charged, and yet has a status `paid`: no claim.
        "created": Row(lifecycle=implied(Lifecycle.OPEN)),
        "paid": Row(lifecycle=implied(Lifecycle.OPEN), payment=documented(Payment.PAID)),
        "partially_refunded": Row(payment=documented(Payment.PARTIALLY_REFUNDED)),
        "refunded": Row(payment=documented(Payment.REFUNDED)),
        "cancelled": Row(
            lifecycle=documented(Lifecycle.CANCELLED),
            fulfillment=implied(Fulfillment.UNFULFILLED),
            cancel_reason=CancelReason.UNSPECIFIED,
        ),
    },
)
# Its vocabulary is not documented, so that any word is an unknown one.
FULFILMENT = Table(page=PAGE, field="fulfilment", axes=("fulfillment",), rows={})


def status_of(order: models.Order) -> Status:
    """Return the status; the field `fulfilment`, where it is there, speaks for its axis."""
    said = order.fulfilment
    fulfilment = FULFILMENT.read(None if said is UNSET or said is None else str(said))
    return fulfilment.over(STATUS.read(order.status.value))


def order_of(account: str, order: models.Order) -> Order:
    """Return the unified order."""
    return Order(
        ref=OrderRef(account, order.id),
        status=status_of(order),
        total=Money.from_minor(order.total_cents, order.currency),
        line_items=tuple(_line_item(item, order.currency) for item in order.line_items),
        placed_at=moment_of(order.placed_at),  # that a number is in unix seconds is assumed
        customer=Customer(id=order.customer_id) if order.customer_id else None,
        metadata=order.metadata or {},
        livemode=order.livemode,
        native=order,
    )


def _line_item(item: models.LineItem, currency: str) -> LineItem:
    return LineItem(
        id=item.product_id or None,
        name=item.name or None,
        quantity=None if item.quantity is UNSET else item.quantity,
        unit_price=None if item.unit_price_cents is UNSET else Money.from_minor(item.unit_price_cents, currency),
    )


@attrs.frozen
class Adapter:
    """ZephyrCart for one account."""

    account: str

    def get(self, order_id: str) -> Flow[Order]:
        """Read one order."""
        answer = yield from call(get_order, order_id)
        return order_of(self.account, answer.parsed)

    def page(self, cursor: Any) -> Flow[Page]:
        """Read a page; a bare array is the only one.

        Raises PagingError where more follows and it is not said how.
        """
        answer = yield from call(list_orders, cursor=UNSET if cursor is None else cursor)
        listing = answer.parsed
        if isinstance(listing, list):
            return Page(tuple(order_of(self.account, order) for order in listing))
        broken = [
            str(deviation) for deviation in answer.deviations if deviation.path in {"$.next_cursor", "$.has_more"}
        ]
        if broken or (listing.has_more and not listing.next_cursor):
            raise PagingError(f"{self.account}: more orders follow, and how is not said: {broken or 'no next_cursor'}")
        following = None if listing.has_more is False else listing.next_cursor
        return Page(tuple(order_of(self.account, order) for order in listing.data), following or None)
