"""The words of a shop on Crossmint to ours."""

from __future__ import annotations

import functools
from typing import Any

import attrs

from ordermux_crossmint import UNSET, codec, models
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders

from .._call import READING, Call, Reply, Safety
from .._flow import Flow
from ..order import LineItem, Money, Order, OrderRef, Source, utc
from ..status import (
    NO_CLAIM,
    Attention,
    CancelReason,
    Fulfillment,
    Lifecycle,
    Payment,
    Row,
    Status,
    Table,
    assumed,
    documented,
    implied,
)
from . import Adapter as Base
from . import Filter, Page, joined

PAGE = "https://mersi-docs.dev.cmdocs.app/api/orders"
UPSTREAM_PAGE = "https://docs.crossmint.com/payments/reference/error-and-status-codes"
LIMIT = 100
"""The most orders that the shop puts on a page."""

STATUS = Table(
    page=PAGE,
    field="status",
    axes=("lifecycle", "payment", "fulfillment"),
    rows={
        "awaiting_approval": Row(
            lifecycle=implied(Lifecycle.PENDING),
            payment=implied(Payment.PENDING),
            fulfillment=implied(Fulfillment.UNFULFILLED),
        ),
        "payment_confirmed": Row(
            lifecycle=implied(Lifecycle.OPEN),
            payment=documented(Payment.PAID),
            fulfillment=implied(Fulfillment.UNFULFILLED),
        ),
        "in_progress": Row(
            lifecycle=implied(Lifecycle.OPEN),
            payment=implied(Payment.PAID),
            fulfillment=documented(Fulfillment.IN_PROGRESS),
        ),
        "delivered": Row(
            lifecycle=implied(Lifecycle.COMPLETED),
            payment=implied(Payment.PAID),
            fulfillment=documented(Fulfillment.DELIVERED),
        ),
        "cancelled": Row(lifecycle=documented(Lifecycle.CANCELLED), cancel_reason=CancelReason.UNSPECIFIED),
    },
)
# What `payment.status` says of a cancelled order, beside what `status` does: the page has one word for two ends.
PAYMENT_FAILED = Row(
    payment=documented(Payment.FAILED),
    fulfillment=implied(Fulfillment.UNFULFILLED),
    cancel_reason=CancelReason.PAYMENT_FAILED,
)
DELIVERY_FAILED = Row(
    payment=documented(Payment.PAID),
    fulfillment=implied(Fulfillment.FAILED),
    cancel_reason=CancelReason.DELIVERY_FAILED,
    attention=(Attention.REFUND_EXPECTED,),
)
_ENDS = Table(page=PAGE, field="status", axes=(), rows={"payment": PAYMENT_FAILED, "delivery": DELIVERY_FAILED})
CHECKED_OUT = Table(page=PAGE, field="own call", axes=(), rows={"checked out": STATUS.rows["awaiting_approval"]})
_PENDING, _PROCESSING, _PAID, _FAILED = (
    Row(payment=implied(Payment.PENDING)),
    Row(payment=implied(Payment.PROCESSING)),
    Row(payment=implied(Payment.PAID)),
    Row(payment=implied(Payment.FAILED)),
)
# Crossmint's own words, with `succeeded` of the contract page's sample and the `failed` that its table speaks of.
# They refine `status` where it leaves the payment open.
PAYMENT_STATUS = Table(
    page=UPSTREAM_PAGE,
    field="payment.status",
    axes=(),
    rows={
        "draft": _PENDING,
        "requires-quote": _PENDING,
        "requires-crypto-payer-address": _PENDING,
        "requires-email": _PENDING,
        "requires-kyc": _PENDING,
        "crypto-payer-insufficient-funds": _PENDING,
        "crypto-payer-insufficient-funds-for-gas": _PENDING,
        "awaiting-payment": _PENDING,
        "in-progress": _PROCESSING,
        "manual-kyc": _PROCESSING,
        "completed": _PAID,
        "succeeded": _PAID,
        "failed-kyc": _FAILED,
        "failed": Row(payment=assumed(Payment.FAILED)),
    },
)


EVENTS = Table(
    page=PAGE,
    field="event",
    axes=(),
    rows={
        "orders.quote.created": Row(),
        "orders.quote.updated": Row(),
        "orders.payment.succeeded": STATUS.rows["payment_confirmed"],
        "orders.delivery.initiated": STATUS.rows["in_progress"],
        "orders.delivery.completed": STATUS.rows["delivered"],
        "orders.payment.failed": Row(
            lifecycle=documented(Lifecycle.CANCELLED),
            payment=documented(Payment.FAILED),
            cancel_reason=CancelReason.PAYMENT_FAILED,
        ),
        "orders.delivery.failed": Row(
            lifecycle=documented(Lifecycle.CANCELLED),
            payment=implied(Payment.PAID),
            fulfillment=documented(Fulfillment.FAILED),
            cancel_reason=CancelReason.DELIVERY_FAILED,
            attention=(Attention.REFUND_EXPECTED,),
        ),
    },
)


def status_of(order: models.Order) -> Status:
    """Return the status. `status` is the authority; `payment.status` speaks where that leaves the payment open."""
    return _status(order.status.value, order.payment.status, order.type == models.OrderType.DEPOSIT)


@functools.lru_cache(maxsize=256)
def _status(word: str, payment: str, deposit: bool) -> Status:  # noqa: FBT001
    status = STATUS.read(word)
    refined = PAYMENT_STATUS.rows.get(payment)
    if refined is not None and refined.payment is not None and status.payment in {None, Payment.PENDING}:
        if status.lifecycle is Lifecycle.CANCELLED:
            status = _cancelled(payment, refined.payment.value, deposit).over(status)
        else:
            status = PAYMENT_STATUS.read(payment).over(status)
    return _without_goods(status) if deposit else status


def _cancelled(word: str, payment: Payment, deposit: bool) -> Status:  # noqa: FBT001
    """Return what the payment says of a cancelled order."""
    if payment is Payment.FAILED:
        return PAYMENT_STATUS.status(word, PAYMENT_FAILED)
    if payment is not Payment.PAID:
        return NO_CLAIM
    return PAYMENT_STATUS.status(word, Row(payment=documented(Payment.PAID)) if deposit else DELIVERY_FAILED)


def _without_goods(status: Status) -> Status:
    """Take the claim on the goods away where there are none: a deposit."""
    evidence = tuple(entry for entry in status.evidence if entry.axis != "fulfillment")
    return attrs.evolve(status, fulfillment=None, evidence=evidence)


def order_of(
    account: str, order: models.Order, source: Source | None = None, path: tuple[str | int, ...] = ()
) -> Order:
    """Return the unified order."""
    price = order.quote.total_price if order.quote is not UNSET else UNSET
    total = Money.from_text(price.amount, price.currency) if price is not UNSET else None
    return Order(
        ref=OrderRef(account, order.order_id),
        status=status_of(order),
        total=total,
        line_items=(_line_item(order.item, total),) if order.item is not UNSET else (),
        placed_at=utc(order.created_at),
        native=order,
        source=source,
        path=path,
    )


def _line_item(item: models.OrderItem, total: Money | None) -> LineItem:
    """Return the item. Its price has no currency of its own; in the page's sample it is the quote's, in minor units."""
    return LineItem(
        id=item.product_id,
        name=item.product_name,
        unit_price=Money.from_minor(item.price, total.currency) if total else None,
    )


class Adapter(Base):
    """A shop on Crossmint for one account."""

    provider = "crossmint"
    yields = joined(STATUS, PAYMENT_STATUS, _ENDS)

    def create(self, call: Call, draft: Any) -> Flow[Order]:
        """Check out an item of the cart. Nothing tells a second checkout from the first, so it is sent once."""
        request = create_checkout.build_request(body=self.checked(draft, models.CheckoutRequest))
        reply = yield from call.change(request, create_checkout.read_response, Safety())
        status = CHECKED_OUT.read("checked out")
        source = Source(reply.content, codec.redact)
        return Order(ref=self.ref(reply.parsed.order_id), status=status, native=reply.parsed, source=source)

    def get(self, call: Call, order_id: str) -> Flow[Order]:
        """Read one order."""
        read = self.about(get_order.read_response, order_id=order_id)
        reply: Reply[models.Order] = yield from call.change(get_order.build_request(order_id), read, READING)
        return order_of(self.account, reply.parsed, Source(reply.content, codec.redact))

    def page(self, call: Call, cursor: str | None, wanted: Filter) -> Flow[Page]:
        """Read a page. `total` is not to be relied on, nor that a page is full, so only an empty page is the last.

        The server's filter by status is used where one word alone gives what is wanted; its filter by phase never.
        """
        number = 1 if cursor is None else self.number(cursor)
        claims = {axis: value for axis, value in wanted.claims.items() if axis != "payment"}
        words = STATUS.words(claims) if claims else []
        status = models.OrderStatus(words[0]) if len(words) == 1 else UNSET
        reply = yield from call.read(list_orders, page=str(number), limit=str(LIMIT), status=status)
        source = Source(reply.content, codec.redact)
        orders = tuple(
            order_of(self.account, order, source, ("orders", index)) for index, order in enumerate(reply.parsed.orders)
        )
        return Page(orders, str(number + 1) if orders else None)
