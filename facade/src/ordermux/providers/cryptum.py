"""Cryptum's words to ours."""

from __future__ import annotations

from typing import Any

import attrs

from ordermux_cryptum import UNSET, models
from ordermux_cryptum.api.orders import get_order, list_orders

from .._flow import Flow, call
from ..order import Customer, Money, Order, OrderRef
from ..status import CancelReason, Lifecycle, Payment, Row, Status, Table, assumed, documented, implied
from . import Page

PAGE = "https://docs.cryptum.io/english/products/crypto-checkout/checkout-api/orders/handling-orders"
LIMIT = 100

STATUS = Table(
    page=PAGE,
    field="paymentStatus",
    axes=("lifecycle", "payment"),
    rows={
        "pending": Row(lifecycle=implied(Lifecycle.PENDING), payment=documented(Payment.PENDING)),
        "on-hold": Row(lifecycle=implied(Lifecycle.PENDING), payment=assumed(Payment.PROCESSING)),
        # A client may put a failed order back, so that it is not over.
        "failed": Row(lifecycle=implied(Lifecycle.PENDING), payment=documented(Payment.FAILED)),
        "cancelled": Row(
            lifecycle=implied(Lifecycle.CANCELLED),
            payment=assumed(Payment.VOIDED),
            cancel_reason=CancelReason.UNSPECIFIED,
        ),
        "confirmed": Row(lifecycle=implied(Lifecycle.OPEN), payment=documented(Payment.PAID)),
    },
)


def status_of(order: models.Order | models.ListedOrder) -> Status:
    """Return the status; that it is absent is normal, and says nothing."""
    return STATUS.read(None if order.payment_status is UNSET else order.payment_status.value)


def order_of(account: str, order: models.Order | models.ListedOrder, unreadable: str | None = None) -> Order:
    """Return the unified order. Neither lines nor a time are published.

    `unreadable` is what is wrong with a status that is there and was left unset because it holds no word.
    """
    person = order.delivery_info
    names = [name for name in (person.first_name, person.last_name) if name]
    return Order(
        ref=OrderRef(account, order.id),
        status=STATUS.unknown(unreadable) if unreadable else status_of(order),
        total=Money.from_text(order.order_total, order.order_currency),
        customer=Customer(name=" ".join(names) or None, email=person.email or None),
        native=order,
    )


@attrs.frozen
class Adapter:
    """Cryptum for one account and one store."""

    account: str
    store: str

    def get(self, order_id: str) -> Flow[Order]:
        """Read one order."""
        answer = yield from call(get_order, order_id)
        broken = {deviation.path: deviation.problem for deviation in answer.deviations}
        return order_of(self.account, answer.parsed, broken.get("$.paymentStatus"))

    def page(self, cursor: Any) -> Flow[Page]:
        """Read a page. What the server caps `limit` at is not published, so only an empty page is the last."""
        offset = 0 if cursor is None else cursor
        answer = yield from call(list_orders, store_id=self.store, limit=LIMIT, offset=offset)
        broken = {deviation.path: deviation.problem for deviation in answer.deviations}
        orders = tuple(
            order_of(self.account, order, broken.get(f"$.orders[{index}].paymentStatus"))
            for index, order in enumerate(answer.parsed.orders)
        )
        return Page(orders, offset + len(orders) if orders else None)
