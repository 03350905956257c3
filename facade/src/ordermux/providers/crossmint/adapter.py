"""The words of a shop on Crossmint to ours."""

from __future__ import annotations

import datetime
import functools
from typing import Any

import attrs
from msgspec import UnsetType

from ordermux_crossmint import UNSET, codec, models
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders

from ...engine.context import CallContext
from ...engine.flow import Flow
from ...engine.outcome import SAFE, RetrySafety
from ...engine.response import ParsedResponse
from ...ledger import NOT_SHOWN, EntryState, FulfillmentEntry, Ledger, PaymentEntry
from ...order import LineItem, Money, Order, OrderReader, OrderRef, RawBody, utc
from ...status import (
    NOT_REPORTED,
    Attention,
    CancelReason,
    Fulfillment,
    Hold,
    Lifecycle,
    Payment,
    Status,
    StatusMap,
    StatusMapping,
    assumed,
    documented,
    implied,
)
from ..adapter import Adapter as Base
from ..adapter import Filter, Page, RowRange, union_of
from ..recovery import (
    Breaks,
    breaks_of,
    field_or_none,
    is_complete,
    lenient_reader,
    problem_of,
    read_status,
    rows_of,
    unreadable,
    with_breaks,
)

PAGE = "https://mersi-docs.dev.cmdocs.app/api/orders"
UPSTREAM_PAGE = "https://docs.crossmint.com/payments/reference/error-and-status-codes"
LIMIT = 100
"""The most orders that the shop puts on a page."""

STATUS = StatusMap(
    page=PAGE,
    field="status",
    axes=("lifecycle", "payment", "fulfillment"),
    rows={
        "awaiting_approval": StatusMapping(
            lifecycle=implied(Lifecycle.PENDING),
            payment=implied(Payment.PENDING),
            fulfillment=implied(Fulfillment.UNFULFILLED),
        ),
        "payment_confirmed": StatusMapping(
            lifecycle=implied(Lifecycle.OPEN),
            payment=documented(Payment.PAID),
            fulfillment=implied(Fulfillment.UNFULFILLED),
        ),
        "in_progress": StatusMapping(
            lifecycle=implied(Lifecycle.OPEN),
            payment=implied(Payment.PAID),
            fulfillment=documented(Fulfillment.IN_PROGRESS),
        ),
        "delivered": StatusMapping(
            lifecycle=implied(Lifecycle.COMPLETED),
            payment=implied(Payment.PAID),
            fulfillment=documented(Fulfillment.DELIVERED),
        ),
        "cancelled": StatusMapping(lifecycle=documented(Lifecycle.CANCELLED), cancel_reason=CancelReason.UNSPECIFIED),
    },
)
# What `payment.status` says of a cancelled order, beside what `status` does: the page has one word for two ends.
PAYMENT_FAILED = StatusMapping(
    payment=documented(Payment.FAILED),
    fulfillment=implied(Fulfillment.UNFULFILLED),
    cancel_reason=CancelReason.PAYMENT_FAILED,
)
DELIVERY_FAILED = StatusMapping(
    payment=documented(Payment.PAID),
    fulfillment=implied(Fulfillment.FAILED),
    cancel_reason=CancelReason.DELIVERY_FAILED,
    attention=(Attention.REFUND_EXPECTED,),
)
_ENDS = StatusMap(page=PAGE, field="status", axes=(), rows={"payment": PAYMENT_FAILED, "delivery": DELIVERY_FAILED})
CHECKED_OUT = StatusMap(page=PAGE, field="own call", axes=(), rows={"checked out": STATUS.rows["awaiting_approval"]})
_PENDING, _PROCESSING, _PAID, _FAILED = (
    StatusMapping(payment=implied(Payment.PENDING)),
    StatusMapping(payment=implied(Payment.PROCESSING)),
    StatusMapping(payment=implied(Payment.PAID)),
    StatusMapping(payment=implied(Payment.FAILED)),
)
_CUSTOMER_ACTS = attrs.evolve(_PENDING, holds=(implied(Hold.PAYMENT_ACTION),))
_REVIEWED = attrs.evolve(_PROCESSING, holds=(implied(Hold.REVIEW),))
# Crossmint's own words, with `succeeded` of the contract page's sample and the `failed` that its table speaks of.
# They refine `status` where it leaves the payment open.
PAYMENT_STATUS = StatusMap(
    page=UPSTREAM_PAGE,
    field="payment.status",
    axes=(),
    rows={
        "draft": _PENDING,
        "requires-quote": _PENDING,
        "requires-crypto-payer-address": _CUSTOMER_ACTS,
        "requires-email": _CUSTOMER_ACTS,
        "requires-kyc": _CUSTOMER_ACTS,
        "crypto-payer-insufficient-funds": _CUSTOMER_ACTS,
        "crypto-payer-insufficient-funds-for-gas": _CUSTOMER_ACTS,
        "awaiting-payment": _PENDING,
        "in-progress": _PROCESSING,
        "manual-kyc": _REVIEWED,
        "completed": _PAID,
        "succeeded": _PAID,
        "failed-kyc": _FAILED,
        "failed": StatusMapping(payment=assumed(Payment.FAILED)),
    },
)


EVENTS = StatusMap(
    page=PAGE,
    field="event",
    axes=(),
    rows={
        "orders.quote.created": StatusMapping(),
        "orders.quote.updated": StatusMapping(),
        "orders.payment.succeeded": STATUS.rows["payment_confirmed"],
        "orders.delivery.initiated": STATUS.rows["in_progress"],
        "orders.delivery.completed": STATUS.rows["delivered"],
        "orders.payment.failed": StatusMapping(
            lifecycle=documented(Lifecycle.CANCELLED),
            payment=documented(Payment.FAILED),
            cancel_reason=CancelReason.PAYMENT_FAILED,
        ),
        "orders.delivery.failed": StatusMapping(
            lifecycle=documented(Lifecycle.CANCELLED),
            payment=implied(Payment.PAID),
            fulfillment=documented(Fulfillment.FAILED),
            cancel_reason=CancelReason.DELIVERY_FAILED,
            attention=(Attention.REFUND_EXPECTED,),
        ),
    },
)


_STATES: dict[Payment | None, EntryState] = {
    Payment.PENDING: EntryState.PENDING,
    Payment.PROCESSING: EntryState.PENDING,
    Payment.PAID: EntryState.COMPLETED,
    Payment.FAILED: EntryState.FAILED,
    Payment.UNKNOWN: EntryState.UNKNOWN,
}
"""The state of an order's one payment, by the payment status."""


def status_of(order: models.Order) -> Status:
    """Return the status. `status` is the authority; `payment.status` speaks where that leaves the payment open."""
    return _status(order.status.value, order.payment.status, order.type == models.OrderType.DEPOSIT)


@functools.lru_cache(maxsize=256)
def _status(word: str, payment: str, deposit: bool) -> Status:  # noqa: FBT001
    status = STATUS.lookup(word)
    refined = PAYMENT_STATUS.rows.get(payment)
    if refined is not None and refined.payment is not None and status.payment in {None, Payment.PENDING}:
        if status.lifecycle is Lifecycle.CANCELLED:
            status = _cancelled(payment, refined.payment.value, deposit).merged_over(status)
        else:
            status = PAYMENT_STATUS.lookup(payment).merged_over(status)
    return _without_goods(status) if deposit else status


def _cancelled(word: str, payment: Payment, deposit: bool) -> Status:  # noqa: FBT001
    """Return what the payment says of a cancelled order."""
    if payment is Payment.FAILED:
        return PAYMENT_STATUS.status(word, PAYMENT_FAILED)
    if payment is not Payment.PAID:
        return NOT_REPORTED
    return PAYMENT_STATUS.status(word, StatusMapping(payment=documented(Payment.PAID)) if deposit else DELIVERY_FAILED)


def _without_goods(status: Status) -> Status:
    """Take the claim on the goods away where there are none: a deposit."""
    evidence = tuple(entry for entry in status.evidence if entry.axis != "fulfillment")
    return attrs.evolve(status, fulfillment=None, evidence=evidence)


def event_ledger(name: str, order: models.CrossmintOrder | UnsetType) -> Ledger:
    """Return the entry that an event adds: the payment, by its transaction, or how far the delivery is."""
    status = EVENTS.lookup(name)
    if name.startswith("orders.delivery."):
        return Ledger(fulfillments=(FulfillmentEntry(state=status.fulfillment),), is_partial=True)
    if not name.startswith("orders.payment."):
        return NOT_SHOWN
    payment = UNSET if order is UNSET else order.payment
    received = UNSET if payment is UNSET else payment.received
    asset = UNSET if payment is UNSET else payment.currency
    paid = UNSET if received is UNSET else received.amount
    entry = PaymentEntry(
        id=None if received is UNSET else received.tx_id or None,
        amount=Money.from_text(paid, asset) if paid and asset else None,
        state=_STATES.get(status.payment),
        method=asset or None,
    )
    return Ledger(payments=(entry,), is_partial=True)


class Reader(OrderReader[models.Order]):
    """Reads the fields of an order."""

    __slots__ = ()

    def status(self, native: models.Order) -> Status:
        """Return the status."""
        return status_of(native)

    def total(self, native: models.Order) -> Money | None:
        """Return the total of the quote."""
        return _total(native)

    def line_items(self, native: models.Order) -> tuple[LineItem, ...]:
        """Return the item, the only line that an order has."""
        return (_line_item(native.item),) if native.item is not UNSET else ()

    def ledger(self, native: models.Order, lines: tuple[LineItem, ...]) -> Ledger:
        """Return the ledger: one payment, whose amount is not shown, and the delivery; the quote is the total."""
        status = status_of(native)
        payment = PaymentEntry(state=_STATES.get(status.payment), method=native.payment.currency or None)
        goods = status.fulfillment
        sent = {None: None, Fulfillment.UNFULFILLED: ()}.get(goods, (FulfillmentEntry(state=goods),))
        shown = lines if lines or native.type == models.OrderType.DEPOSIT else None  # a deposit has no goods
        return Ledger(lines=shown, payments=(payment,), fulfillments=sent)

    def merchant_reference(self, native: models.Order) -> str:
        """Return the order's id, which is the shop's own."""
        return native.order_id

    def placed_at(self, native: models.Order) -> datetime.datetime | None:
        """Return when the order was placed."""
        return utc(native.created_at)


def partial_order_of(
    account: str, order: models.Order, source: RawBody, path: tuple[str | int, ...], breaks: Breaks
) -> Order:
    """Return what can be read of an order that breaks its document in a required place."""
    total, placed = _total(order), field_or_none(order, "created_at")
    return Order(
        ref=OrderRef(account, order.order_id),
        status=unreadable(_partial_status(order, problem_of(breaks, "status"))),
        total=total,
        line_items=(_line_item(order.item),) if order.item is not UNSET else (),
        placed_at=None if placed is None else utc(placed),
        merchant_reference=order.order_id,
        deviations=breaks,
        source=source,
        path=path,
    )


def _partial_status(order: models.Order, problem: str | None) -> Status:
    """Return what `status` says, and `payment.status` of it; nothing of goods if it may be a deposit."""
    word, kind = field_or_none(order, "status"), field_or_none(order, "type")
    if word is None:
        return read_status(STATUS, None, problem)
    return _status(str(word), field_or_none(order, "payment", "status") or "", kind in {None, models.OrderType.DEPOSIT})


def _total(order: models.Order) -> Money | None:
    price = order.quote.total_price if order.quote is not UNSET else UNSET
    return Money.from_text(price.amount, price.currency) if price is not UNSET else None


def _line_item(item: models.OrderItem) -> LineItem:
    """Return the item. Its price is in US cents whatever the quote's currency: the shop's own pages write it in $."""
    return LineItem(id=item.product_id, name=item.product_name, unit_price=Money.from_minor(item.price, "USD"))


class Adapter(Base):
    """A shop on Crossmint for one account."""

    provider = "crossmint"
    title = "Crossmint"
    order_reader = Reader
    draft_type = models.CheckoutRequest
    status_of = staticmethod(status_of)
    page_size = LIMIT
    max_page_size = LIMIT
    possible_values = union_of(STATUS, PAYMENT_STATUS, _ENDS)

    def __init__(self, account: str) -> None:
        """Keep the account's name."""
        super().__init__(account)
        self._reader = Reader(account)

    def create(self, call: CallContext, draft: Any) -> Flow[Order]:
        """Check out an item of the cart. Nothing tells a second checkout from the first, so it is sent once."""
        request = create_checkout.build_request(body=self.checked(draft, models.CheckoutRequest))
        reply = yield from call.execute(request, create_checkout.read_response, RetrySafety())
        status = CHECKED_OUT.lookup("checked out")
        source = RawBody(reply.content, codec.redact)
        made = reply.parsed
        return Order(
            ref=self.ref(made.order_id), status=status, merchant_reference=made.order_id, native=made, source=source
        )

    def get(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Read one order."""
        read = self.expect_fields(
            lenient_reader(self.provider, get_order.read_response, models.Order, "order_id"), order_id=order_id
        )
        reply: ParsedResponse[models.Order] = yield from call.execute(get_order.build_request(order_id), read, SAFE)
        return self._order_at(reply.parsed, RawBody(reply.content, codec.redact), (), breaks_of(reply))

    def find(self, call: CallContext, reference: str) -> Flow[tuple[Order, ...]]:
        """Find an order by the shop's own id of it, which is that of its API."""
        return self.found_by_id(call, reference)

    def _order_at(self, order: models.Order, source: RawBody, path: tuple[str | int, ...], breaks: Breaks) -> Order:
        if breaks and not is_complete(order):
            return partial_order_of(self.account, order, source, path, breaks)
        return with_breaks(self._reader.order(order.order_id, order, source, path), breaks)

    def served_filters(self, wanted: Filter) -> frozenset[str]:
        """Return the axes that one word of the server's filter by status stands for."""
        return frozenset() if _word_of(wanted) is None else frozenset(wanted.claims) - {"payment"}

    def page_at(self, call: CallContext, at: RowRange, wanted: Filter) -> Flow[Page]:
        """Read a page. Neither `total` nor `limit` is to be relied on, nor that a page is full.

        The server's filter by status is used where one word alone gives what is wanted; its filter by phase never.
        """
        number, limit = _cut(at)
        word = _word_of(wanted)
        status = UNSET if word is None else models.OrderStatus(word)
        request = list_orders.build_request(page=str(number), limit=str(limit), status=status)
        read = lenient_reader(self.provider, list_orders.read_response, models.OrderPage, "orders")
        reply: ParsedResponse[models.OrderPage] = yield from call.execute(request, read, SAFE)
        source = RawBody(reply.content, codec.redact)
        rows = rows_of(
            reply,
            source,
            reply.parsed.orders,
            ("orders",),
            self._order_at,
            reader=self._reader,
            id_field="order_id",
        )
        return Page(rows, start=(number - 1) * limit)


def _word_of(wanted: Filter) -> str | None:
    """Return the one status that all orders have that are wanted; None if there are several, or none is known."""
    claims = {axis: value for axis, value in wanted.claims.items() if axis != "payment"}
    words = STATUS.raw_values(claims) if claims else []
    return words[0] if len(words) == 1 else None


def _cut(at: RowRange) -> tuple[int, int]:
    """Return the number and the limit of the page that reaches furthest among those that begin no later than a slice.

    Pages begin at multiples of their limit. So the limit is varied, that a page overlaps the one before by few rows.
    """
    limits = range((at.size + 1) // 2, at.size + 1)
    return max(((at.start // limit + 1, limit) for limit in limits), key=lambda cut: cut[0] * cut[1])
