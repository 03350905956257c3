"""ZephyrCart's words to ours."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import attrs
from msgspec import to_builtins

from ordermux_zephyr import UNSET, codec, models
from ordermux_zephyr.api.orders import cancel_order, create_refund, get_order, list_orders, update_order
from ordermux_zephyr.document import IDEMPOTENCY_WINDOWS

from ...engine.context import CallContext
from ...engine.flow import Flow
from ...engine.outcome import SAFE, RetrySafety
from ...engine.response import ParsedResponse
from ...errors import InvalidArgument
from ...ledger import NOT_SHOWN, Adjustment, AdjustmentKind, EntryState, Ledger, ledger_of_payment
from ...money import zero
from ...order import (
    Customer,
    LineItem,
    Money,
    Order,
    OrderReader,
    OrderRef,
    RawBody,
    Refund,
    customer_with,
    line_item,
    parse_timestamp,
)
from ...status import (
    CancelReason,
    Fulfillment,
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
from ..adapter import Filter, Operation, Page, RefundRequest, union_of
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

_OF_THE_KEY = re.compile(r"idempot|(?<![a-z])key(?![a-z])", re.IGNORECASE)
PAGE = "https://demo.docucommit.se/projects/dev-docs/document/orders"

STATUS = StatusMap(
    page=PAGE,
    field="status",
    axes=("lifecycle", "payment"),
    rows={
        # The page calls the payment method of any order charged, and yet has a status `paid`: no claim.
        "created": StatusMapping(lifecycle=implied(Lifecycle.OPEN)),
        "paid": StatusMapping(lifecycle=implied(Lifecycle.OPEN), payment=documented(Payment.PAID)),
        "partially_refunded": StatusMapping(payment=documented(Payment.PARTIALLY_REFUNDED)),
        "refunded": StatusMapping(payment=documented(Payment.REFUNDED)),
        "cancelled": StatusMapping(
            lifecycle=documented(Lifecycle.CANCELLED),
            fulfillment=implied(Fulfillment.UNFULFILLED),
            cancel_reason=CancelReason.UNSPECIFIED,
        ),
    },
)
# Its vocabulary is not documented, so that any word is an unknown one.
FULFILMENT = StatusMap(page=PAGE, field="fulfilment", axes=("fulfillment",), rows={})


EVENTS = StatusMap(
    page=PAGE,
    field="event",
    axes=(),
    rows={
        "order.created": StatusMapping(lifecycle=implied(Lifecycle.OPEN)),
        "order.updated": StatusMapping(),  # read the order again
        "order.refunded": StatusMapping(payment=implied(Payment.PARTIALLY_REFUNDED)),  # a read tells whether it was all
        "order.cancelled": StatusMapping(
            lifecycle=documented(Lifecycle.CANCELLED),
            fulfillment=implied(Fulfillment.UNFULFILLED),
            cancel_reason=CancelReason.UNSPECIFIED,
        ),
    },
)


_CHARGED = frozenset({"paid", "partially_refunded", "refunded"})
"""The statuses of orders whose total was charged; of `created` and `cancelled` the page does not say it."""


def status_of(order: models.Order, words: StatusMap = FULFILMENT) -> Status:
    """Return the status; the field `fulfilment`, where it is there, speaks for its axis, by the account's own words."""
    status = STATUS.lookup(order.status)
    return status if order.fulfilment is UNSET else _fulfilment_of(order, words).merged_over(status)


def _fulfilment_of(order: models.Order, words: StatusMap) -> Status:
    said = order.fulfilment
    return words.lookup(None if said is UNSET or said is None else str(said))


def event_ledger(name: str, event_id: str | None, created_at: datetime.datetime | None) -> Ledger:
    """Return the entry that an event adds: a refund. There is one event for each, so its id is that of the event.

    The page shows neither the refund's own id nor its amount.
    """
    if name != "order.refunded":
        return NOT_SHOWN
    entry = Adjustment(kind=AdjustmentKind.REFUND, id=event_id, state=EntryState.COMPLETED, occurred_at=created_at)
    return Ledger(adjustments=(entry,), is_partial=True)


class Reader(OrderReader[models.Order]):
    """Reads the fields of an order, `fulfilment` by the account's own words."""

    __slots__ = ("words",)

    def __init__(self, account: str, words: StatusMap) -> None:
        """Keep the account's name, and its words."""
        super().__init__(account)
        self.words = words

    def status(self, native: models.Order) -> Status:
        """Return the status."""
        return status_of(native, self.words)

    def total(self, native: models.Order) -> Money | None:
        """Return the total."""
        return Money.from_minor(native.total_cents, native.currency)

    def line_items(self, native: models.Order) -> tuple[LineItem, ...]:
        """Return the lines."""
        return _line_items(native.line_items, native.currency)

    def ledger(self, native: models.Order, lines: tuple[LineItem, ...]) -> Ledger:
        """Return the ledger. The page publishes no refunds of an order; what was refunded is in the status alone."""
        word, total = native.status.value, self.total(native)
        if word not in _CHARGED:
            return Ledger(lines=lines)
        refunded = total if word == "refunded" else None
        if word == "paid" and total is not None:
            refunded = zero(total.currency)  # the first refund changes the status
        return ledger_of_payment(lines, total, EntryState.COMPLETED, refunded)

    def placed_at(self, native: models.Order) -> datetime.datetime | None:
        """Return when the order was placed; that a number is in Unix seconds is assumed."""
        return parse_timestamp(native.placed_at)

    def customer(self, native: models.Order) -> Customer | None:
        """Return the customer, of whom the id alone is published."""
        return customer_with(native.customer_id) if native.customer_id else None

    def metadata(self, native: models.Order) -> Mapping[str, Any]:
        """Return the shop's own data."""
        return native.metadata or {}

    def livemode(self, native: models.Order) -> bool:
        """Return the mode."""
        return native.livemode


def order_of(account: str, order: models.Order, words: StatusMap = FULFILMENT) -> Order:
    """Return the unified order."""
    return Reader(account, words).order(order.id, order)


def partial_order_of(
    account: str, order: models.Order, words: StatusMap, source: RawBody, path: tuple[str | int, ...], *, breaks: Breaks
) -> Order:
    """Return what can be read of an order that breaks its document in a required place."""
    cents, currency, placed = (field_or_none(order, name) for name in ("total_cents", "currency", "placed_at"))
    items: list[models.LineItem] = field_or_none(order, "line_items") or []
    status = read_status(STATUS, field_or_none(order, "status"), problem_of(breaks, "status"))
    return Order(
        ref=OrderRef(account, order.id),
        status=unreadable(_fulfilment_of(order, words).merged_over(status)),
        total=None if cents is None or currency is None else Money.from_minor(cents, currency),
        line_items=() if currency is None else _line_items(items, currency),
        placed_at=None if placed is None else parse_timestamp(placed),
        customer=customer_with(order.customer_id) if order.customer_id else None,
        metadata=order.metadata or {},
        livemode=field_or_none(order, "livemode"),
        deviations=breaks,
        source=source,
        path=path,
    )


_price = functools.lru_cache(maxsize=1024)(Money.from_minor)  # those of a shop's products recur


def _line_items(items: Iterable[models.LineItem], currency: str) -> tuple[LineItem, ...]:
    """Return the lines, in one expression: a page has hundreds."""
    return tuple(
        [
            line_item(
                item.product_id or None,
                item.name or None,
                None if (quantity := item.quantity) is UNSET else quantity,
                None if (cents := item.unit_price_cents) is UNSET else _price(cents, currency),
            )
            for item in items
        ]
    )


class Adapter(Base):
    """ZephyrCart for one account."""

    provider = "zephyr"
    title = "ZephyrCart"
    changes_type = models.OrderUpdate
    status_of = staticmethod(status_of)
    idempotent_operations = frozenset({Operation.CANCEL, Operation.REFUND})
    idempotency_window = float(IDEMPOTENCY_WINDOWS["createRefund"])
    takes_page_size = True

    @classmethod
    def reader_for(cls, account: str) -> Reader:
        """Return what reads an account's orders."""
        return Reader(account, FULFILMENT)

    def __init__(
        self,
        account: str,
        fulfilment: Mapping[str, Fulfillment] | None = None,
        livemode: bool | None = None,  # noqa: FBT001
    ) -> None:
        """Keep the account's name, its own values of `fulfilment`, and its mode."""
        super().__init__(account, livemode)
        rows = {
            word: StatusMapping(fulfillment=assumed(Fulfillment(value))) for word, value in (fulfilment or {}).items()
        }
        self.fulfilment = attrs.evolve(FULFILMENT, rows=rows)
        self.possible_values = union_of(STATUS, self.fulfilment)
        self._reader = Reader(account, self.fulfilment)

    def _order(self, reply: ParsedResponse[models.Order]) -> Order:
        return self._order_at(reply.parsed, RawBody(reply.content, codec.redact), (), breaks_of(reply))

    def _order_at(self, order: models.Order, source: RawBody, path: tuple[str | int, ...], breaks: Breaks) -> Order:
        if breaks and not is_complete(order):
            return partial_order_of(self.account, order, self.fulfilment, source, path, breaks=breaks)
        return with_breaks(self._reader.order(order.id, order, source, path), breaks)

    def get(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Read one order."""
        return self._order((yield from self._read(call, order_id)))

    def _read(self, call: CallContext, order_id: str, *needed: str) -> Flow[ParsedResponse[models.Order]]:
        """Read an order of which its id and the fields that are needed can be read."""
        request = get_order.build_request(order_id)
        return call.execute(request, self._about(get_order.read_response, order_id, *needed), SAFE)

    def _livemode_checked(self, call: CallContext, order_id: str) -> Flow[None]:
        """Read an order before a write to it, if the account declares its mode."""
        if self.livemode is not None:
            self.check_livemode((yield from self.get(call, order_id)))

    def _about(
        self, read: Callable[..., Any], order_id: str, *needed: str
    ) -> Callable[..., ParsedResponse[models.Order]]:
        return self.expect_fields(lenient_reader(self.provider, read, models.Order, "id", *needed), id=order_id)

    def page(self, call: CallContext, at: str | None, wanted: Filter) -> Flow[Page]:
        """Read a page; a bare array is the only one. The server's own filter is a guess, and left alone.

        So is `limit`, which is sent if the caller wants pages of a size: orders are not lost if it is ignored.
        """
        limit = UNSET if wanted.page_size is None else wanted.page_size
        request = list_orders.build_request(limit=limit, cursor=UNSET if at is None else at)
        read = lenient_reader(self.provider, list_orders.read_response, models.OrderListing, "data")
        reply: ParsedResponse[models.OrderListing] = yield from call.execute(request, read, SAFE)
        listing, source = reply.parsed, RawBody(reply.content, codec.redact)
        if isinstance(listing, list):
            return Page(rows_of(reply, source, listing, (), self._order_at, reader=self._reader))
        rows = rows_of(reply, source, listing.data, ("data",), self._order_at, reader=self._reader)
        broken = [str(deviation) for deviation in reply.deviations if deviation.path in {"$.next_cursor", "$.has_more"}]
        if broken or (listing.has_more and not listing.next_cursor):
            return Page(rows, problem=f"more orders follow, and how is not said: {broken or 'no next_cursor'}")
        following = None if listing.has_more is False else listing.next_cursor
        return Page(rows, cursor=following or None)

    def update(self, call: CallContext, order_id: str, changes: Any) -> Flow[Order]:
        """Change the status, the metadata or the raw `fulfilment`.

        A PATCH has no key: after a lost answer it is never sent a second time, since somebody else may have changed the
        order meanwhile. If the order reads as wanted, it is done.
        """
        wanted = self.checked(changes, models.OrderUpdate)
        request = update_order.build_request(order_id, body=wanted)

        def verify() -> Flow[ParsedResponse[models.Order] | None]:
            reply = yield from self._read(call, order_id)
            return reply if _has_changes(reply.parsed, wanted) else None

        yield from self._livemode_checked(call, order_id)
        safety = RetrySafety(verify_outcome=verify)
        about = self._about(update_order.read_response, order_id)
        read = self.expect_state(about, lambda order: _has_changes(order, wanted, unshown=True))
        reply = yield from call.execute(request, read, safety)
        return self._order(reply)

    def cancel(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Cancel an order, which is possible before the first fulfilment is recorded."""
        request = cancel_order.build_request(order_id, idempotency_key=call.key or UNSET)

        def verify() -> Flow[ParsedResponse[models.Order] | None]:
            reply = yield from self._read(call, order_id, "status")
            return reply if reply.parsed.status == models.OrderStatus.CANCELLED else None

        yield from self._livemode_checked(call, order_id)
        safety = attrs.evolve(KEYED, verify_outcome=verify)
        about = self._about(cancel_order.read_response, order_id)
        read = self.expect_state(about, _may_be_cancelled)
        reply = yield from call.execute(request, read, safety)
        return attrs.evolve(self._order(reply), idempotency_key=call.key)

    def refund(self, call: CallContext, order_id: str, wanted: RefundRequest) -> Flow[Refund]:
        """Give money back, in the order's own currency, which is read first."""
        reason = UNSET if wanted.reason is None else _reason(wanted.reason)  # refused before anything is sent
        needed = ("currency",) if wanted.amount is not None else ("currency", "total_cents", "status")
        read = yield from self._read(call, order_id, *needed)
        order = self._order(read)
        self.check_livemode(order)
        amount = call.amount = _refundable(order, read.parsed.currency, wanted)
        body = models.RefundRequest(
            amount_cents=_cents(amount),
            reason=reason,
            metadata=UNSET if wanted.metadata is None else dict(wanted.metadata),
        )
        request = create_refund.build_request(order_id, body=body, idempotency_key=call.key or UNSET)
        reader = self.expect_fields(create_refund.read_response, order_id=order_id, amount_cents=body.amount_cents)
        # No page shows the answer: it may name the refund, and it may be empty.
        safety = attrs.evolve(KEYED, unpublished_body=True)
        reply: ParsedResponse[models.Refund | None] = yield from call.execute(request, reader, safety)
        made = reply.parsed or models.Refund()
        return Refund(
            order=order.ref,
            amount=amount,
            id=made.id or None,
            created_at=None if made.created_at is UNSET else parse_timestamp(made.created_at),
            idempotency_key=call.key,
            native=made,
        )


def _may_be_cancelled(order: models.Order) -> bool:
    """Return whether an order is cancelled, or shows no status that says otherwise: a new word may mean the same."""
    return order.status == models.OrderStatus.CANCELLED or str(order.status) not in STATUS.rows


def _has_changes(order: models.Order, wanted: models.OrderUpdate, *, unshown: bool = False) -> bool:
    """Return whether an order has what an update asked for; `unshown` is the answer for a field that it does not show.

    Maps may have more in them: whether the server merges or replaces them is not published.
    """
    for name in ("status", "fulfilment", "metadata"):
        asked, found = getattr(wanted, name), getattr(order, name)
        if asked is not UNSET and not (unshown if found is UNSET else _holds(to_builtins(found), to_builtins(asked))):
            return False
    return True


def _holds(found: Any, asked: Any) -> bool:
    """Return whether a value has all that is asked for in it; a null that is asked for may be left out."""
    if isinstance(asked, dict) and isinstance(found, dict):
        members = cast("dict[str, Any]", asked).items()
        return all(_holds(cast("dict[str, Any]", found).get(name), value) for name, value in members)
    return bool(found == asked)


def _is_own(refused: Any) -> bool:
    """Return whether an error body is ZephyrCart's verdict on a request.

    Its errors have a code, those of gateways a message alone. One that speaks of the key is no verdict: it says that
    the key was used before.
    """
    error = refused.error.error if refused.error is not None else UNSET
    if error is UNSET or not isinstance(error.code, str) or not error.code:
        return False
    return not _OF_THE_KEY.search(f"{error.code} {error.message or ''}")


KEYED = RetrySafety(idempotent=True, own_refusal=_is_own)
"""A POST with an idempotency key."""


def _refundable(order: Order, currency: str, wanted: RefundRequest) -> Money:
    """Return how much to refund. A stated amount needs the order's currency alone, not its total.

    Raises InvalidArgument where it is not certain that this is what is wanted.
    """
    unit = Money.from_minor(1, currency)
    if unit is None:
        raise InvalidArgument(f"{order.ref}: the exponent of its currency is not known, so that no amount is certain")
    if wanted.amount is not None:
        if wanted.amount.currency != unit.currency:
            raise InvalidArgument(f"{order.ref} is in {unit.currency}, not in {wanted.amount.currency}")
        return wanted.amount
    if order.total is None:
        raise InvalidArgument(f"{order.ref}: its total is no amount; state one")
    paid = order.status.payment
    if paid in {Payment.PARTIALLY_REFUNDED, Payment.REFUNDED}:
        raise InvalidArgument(f"{order.ref} is {paid} already; the refunded amount is unknown; pass an amount")
    return order.total


def _cents(amount: Money) -> int:
    if amount.minor is None or amount.minor <= 0:
        raise InvalidArgument(f"a refund is above 0 and exact in minor units, not {amount}")
    return amount.minor


def _reason(reason: str) -> models.RefundReason:
    if reason not in set(models.RefundReason):
        known = ", ".join(models.RefundReason)
        raise InvalidArgument(f"unknown refund reason {reason!r}; expected one of {known}")
    return models.RefundReason(reason)
