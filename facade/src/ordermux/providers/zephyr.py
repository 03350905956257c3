"""ZephyrCart's words to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ordermux_zephyr import UNSET, codec, models
from ordermux_zephyr.api.orders import cancel_order, create_refund, get_order, list_orders, update_order

from .._call import READING, Call, Reply, Safety
from .._flow import Flow
from ..errors import InvalidArgument, PagingError
from ..order import Customer, LineItem, Money, Order, OrderRef, Refund, Source, moment_of
from ..status import CancelReason, Fulfillment, Lifecycle, Payment, Row, Status, Table, assumed, documented, implied
from . import Adapter as Base
from . import Filter, Operation, Page, RefundOrder, joined

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


EVENTS = Table(
    page=PAGE,
    field="event",
    axes=(),
    rows={
        "order.created": Row(lifecycle=implied(Lifecycle.OPEN)),
        "order.updated": Row(),  # read the order again
        "order.refunded": Row(payment=implied(Payment.PARTIALLY_REFUNDED)),  # a read tells whether it was all
        "order.cancelled": Row(
            lifecycle=documented(Lifecycle.CANCELLED),
            fulfillment=implied(Fulfillment.UNFULFILLED),
            cancel_reason=CancelReason.UNSPECIFIED,
        ),
    },
)


def status_of(order: models.Order, words: Table = FULFILMENT) -> Status:
    """Return the status; the field `fulfilment`, where it is there, speaks for its axis, by the account's own words."""
    said = order.fulfilment
    fulfilment = words.read(None if said is UNSET or said is None else str(said))
    return fulfilment.over(STATUS.read(order.status.value))


def order_of(
    account: str,
    order: models.Order,
    words: Table = FULFILMENT,
    source: Source | None = None,
    path: tuple[str | int, ...] = (),
) -> Order:
    """Return the unified order."""
    return Order(
        ref=OrderRef(account, order.id),
        status=status_of(order, words),
        total=Money.from_minor(order.total_cents, order.currency),
        line_items=tuple([_line_item(item, order.currency) for item in order.line_items]),
        placed_at=moment_of(order.placed_at),  # that a number is in unix seconds is assumed
        customer=Customer(id=order.customer_id) if order.customer_id else None,
        metadata=order.metadata or {},
        livemode=order.livemode,
        native=order,
        source=source,
        path=path,
    )


def _line_item(item: models.LineItem, currency: str) -> LineItem:
    return LineItem(
        id=item.product_id or None,
        name=item.name or None,
        quantity=None if item.quantity is UNSET else item.quantity,
        unit_price=None if item.unit_price_cents is UNSET else Money.from_minor(item.unit_price_cents, currency),
    )


class Adapter(Base):
    """ZephyrCart for one account."""

    provider = "zephyr"
    keyed = frozenset({Operation.CANCEL, Operation.REFUND})

    def __init__(self, account: str, fulfilment: Mapping[str, Fulfillment] | None = None) -> None:
        """Keep the account's name, and its own words of `fulfilment`."""
        super().__init__(account)
        rows = {word: Row(fulfillment=assumed(Fulfillment(value))) for word, value in (fulfilment or {}).items()}
        self.fulfilment = attrs.evolve(FULFILMENT, rows=rows)
        self.yields = joined(STATUS, self.fulfilment)

    def _order(self, order: models.Order, content: bytes) -> Order:
        return order_of(self.account, order, self.fulfilment, Source(content, codec.redact))

    def get(self, call: Call, order_id: str) -> Flow[Order]:
        """Read one order."""
        reply = yield from self._read(call, order_id)
        return self._order(reply.parsed, reply.content)

    def _read(self, call: Call, order_id: str) -> Flow[Reply[models.Order]]:
        request = get_order.build_request(order_id)
        return call.change(request, self.about(get_order.read_response, id=order_id), READING)

    def page(self, call: Call, cursor: str | None, wanted: Filter) -> Flow[Page]:
        """Read a page; a bare array is the only one. The server's own filter is a guess, and left alone.

        Raises PagingError where more follows and it is not said how.
        """
        del wanted
        reply = yield from call.read(list_orders, cursor=UNSET if cursor is None else cursor)
        listing, source = reply.parsed, Source(reply.content, codec.redact)
        bare = isinstance(listing, list)
        orders = tuple(
            order_of(self.account, order, self.fulfilment, source, (index,) if bare else ("data", index))
            for index, order in enumerate(listing if isinstance(listing, list) else listing.data)
        )
        if isinstance(listing, list):
            return Page(orders)
        broken = [str(deviation) for deviation in reply.deviations if deviation.path in {"$.next_cursor", "$.has_more"}]
        if broken or (listing.has_more and not listing.next_cursor):
            raise PagingError(f"{self.account}: more orders follow, and how is not said: {broken or 'no next_cursor'}")
        following = None if listing.has_more is False else listing.next_cursor
        return Page(orders, following or None)

    def update(self, call: Call, order_id: str, changes: Any) -> Flow[Order]:
        """Change the status, the metadata or the raw `fulfilment`; looked up after a lost answer."""
        wanted = self.checked(changes, models.OrderUpdate)
        request = update_order.build_request(order_id, body=wanted)

        def settle() -> Flow[Reply[models.Order] | None]:
            reply = yield from self._read(call, order_id)
            names = [name for name in ("status", "fulfilment", "metadata") if getattr(wanted, name) is not UNSET]
            same = all(getattr(reply.parsed, name) == getattr(wanted, name) for name in names)
            return reply if same else None

        safety = Safety(repeatable=True, settle=settle)
        reply = yield from call.change(request, self.about(update_order.read_response, id=order_id), safety)
        return self._order(reply.parsed, reply.content)

    def cancel(self, call: Call, order_id: str) -> Flow[Order]:
        """Cancel an order, which is possible before the first fulfilment is recorded."""
        request = cancel_order.build_request(order_id, idempotency_key=call.key or UNSET)

        def settle() -> Flow[Reply[models.Order] | None]:
            reply = yield from self._read(call, order_id)
            return reply if reply.parsed.status == models.OrderStatus.CANCELLED else None

        safety = Safety(resendable=True, settle=settle)
        reply = yield from call.change(request, self.about(cancel_order.read_response, id=order_id), safety)
        return attrs.evolve(self._order(reply.parsed, reply.content), idempotency_key=call.key)

    def refund(self, call: Call, order_id: str, wanted: RefundOrder) -> Flow[Refund]:
        """Give money back, in the order's own currency, which is read first."""
        order = yield from self.get(call, order_id)
        amount = _refundable(order, wanted)
        body = models.RefundRequest(
            amount_cents=_cents(amount),
            reason=UNSET if wanted.reason is None else _reason(wanted.reason),
            metadata=UNSET if wanted.metadata is None else dict(wanted.metadata),
        )
        request = create_refund.build_request(order_id, body=body, idempotency_key=call.key or UNSET)
        read = self.about(create_refund.read_response, order_id=order_id, amount_cents=body.amount_cents)
        reply: Reply[models.Refund] = yield from call.change(request, read, Safety(resendable=True))
        made = reply.parsed
        return Refund(
            order=order.ref,
            amount=amount,
            id=made.id or None,
            created_at=None if made.created_at is UNSET else moment_of(made.created_at),
            idempotency_key=call.key,
            native=made,
        )


def _refundable(order: Order, wanted: RefundOrder) -> Money:
    """Return how much to refund.

    Raises InvalidArgument where it is not certain that this is what is wanted.
    """
    if order.total is None:
        raise InvalidArgument(f"{order.ref}: the exponent of its currency is not known, so that no amount is certain")
    if wanted.amount is not None:
        if wanted.amount.currency != order.total.currency:
            raise InvalidArgument(f"{order.ref} is in {order.total.currency}, not in {wanted.amount.currency}")
        return wanted.amount
    paid = order.status.payment
    if paid is Payment.PARTIALLY_REFUNDED or (paid is Payment.REFUNDED and not wanted.repeated):
        raise InvalidArgument(f"{order.ref} is {paid} already, and by how much is not published: state the amount")
    return order.total


def _cents(amount: Money) -> int:
    if amount.minor is None or amount.minor <= 0:
        raise InvalidArgument(f"a refund is above 0 and exact in minor units, not {amount}")
    return amount.minor


def _reason(word: str) -> models.RefundReason:
    if word not in set(models.RefundReason):
        known = ", ".join(models.RefundReason)
        raise InvalidArgument(f"zephyr has no reason {word!r} for a refund; there are: {known}")
    return models.RefundReason(word)
