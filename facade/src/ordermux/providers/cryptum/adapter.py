"""Cryptum's words to ours."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from msgspec import UnsetType

from ordermux_cryptum import UNSET, Response, codec, errors, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order

from ...engine.context import CallContext
from ...engine.flow import Flow
from ...engine.outcome import SAFE, RetrySafety, Undetermined
from ...engine.response import ParsedResponse, RecoveredResponse
from ...errors import InvalidArgument, ProviderError, UnexpectedResponse
from ...ledger import EntryState, Ledger, PaymentEntry
from ...order import Customer, LineItem, Money, Order, OrderReader, OrderRef, RawBody, UnreadableRow
from ...status import (
    CancelReason,
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
from ..account import read_in
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

PAGE = "https://docs.cryptum.io/english/products/crypto-checkout/checkout-api/orders/handling-orders"
LIMIT = 100
LOOKED_AT = 1000
"""Among how many orders one is looked for whose create got no answer."""
MOVES = 10
"""How many pages with nothing new a list may have while one is looked for, since others come or go."""

STATUS = StatusMap(
    page=PAGE,
    field="paymentStatus",
    axes=("lifecycle", "payment"),
    rows={
        "pending": StatusMapping(lifecycle=implied(Lifecycle.PENDING), payment=documented(Payment.PENDING)),
        "on-hold": StatusMapping(
            lifecycle=implied(Lifecycle.PENDING),
            payment=assumed(Payment.PROCESSING),
            holds=(implied(Hold.UNKNOWN),),
        ),
        # A client may put a failed order back, so that it is not over.
        "failed": StatusMapping(lifecycle=implied(Lifecycle.PENDING), payment=documented(Payment.FAILED)),
        "cancelled": StatusMapping(
            lifecycle=implied(Lifecycle.CANCELLED),
            payment=assumed(Payment.VOIDED),
            cancel_reason=CancelReason.UNSPECIFIED,
        ),
        "confirmed": StatusMapping(lifecycle=implied(Lifecycle.OPEN), payment=documented(Payment.PAID)),
    },
)


_STATES = {
    "pending": EntryState.PENDING,
    "on-hold": EntryState.PENDING,
    "failed": EntryState.FAILED,
    "cancelled": EntryState.FAILED,
    "confirmed": EntryState.COMPLETED,
}
"""The state of a payment, by `paymentStatus`."""


def ledger_of(word: models.PaymentStatus | UnsetType, transactions: list[models.Transaction] | UnsetType) -> Ledger:
    """Return the ledger of the status of a payment and the transactions that made it, as far as they are shown.

    No amount is: a transaction is in its own chain's currency, and may be a part of the total.
    """
    state = None if word is UNSET else _STATES.get(word.value, EntryState.UNKNOWN)
    if not transactions:
        return Ledger() if state is None else Ledger(payments=(PaymentEntry(state=state),))
    return Ledger(
        payments=tuple(
            PaymentEntry(id=each.hash or None, state=state, method=each.protocol or None) for each in transactions
        )
    )


def status_of(order: models.Order | models.ListedOrder, breaks: Breaks = ()) -> Status:
    """Return the status; that it is absent is normal, and says nothing. One that holds no word is unknown."""
    word = None if order.payment_status is UNSET else order.payment_status.value
    return read_status(STATUS, word, problem_of(breaks, "paymentStatus") if breaks else None)


class Reader(OrderReader[models.Order | models.ListedOrder]):
    """Reads the fields of an order. Neither lines nor a time are published."""

    __slots__ = ()

    def status(self, native: models.Order | models.ListedOrder) -> Status:
        """Return the status."""
        return status_of(native)

    def total(self, native: models.Order | models.ListedOrder) -> Money | None:
        """Return the total."""
        return Money.from_text(native.order_total, native.order_currency)

    def ledger(self, native: models.Order | models.ListedOrder, lines: tuple[LineItem, ...]) -> Ledger:
        """Return the ledger: one payment, whose amount is not shown; an order that was read has no transactions."""
        del lines
        return ledger_of(native.payment_status, UNSET)

    def merchant_reference(self, native: models.Order | models.ListedOrder) -> str | None:
        """Return the shop's own id of the order, which the shop may give twice."""
        return native.ecommerce_order_id or None

    def customer(self, native: models.Order | models.ListedOrder) -> Customer | None:
        """Return the person to whom the order is delivered."""
        return _customer(native.delivery_info)


def partial_order_of(
    account: str,
    order: models.Order | models.ListedOrder,
    source: RawBody,
    path: tuple[str | int, ...],
    breaks: Breaks,
) -> Order:
    """Return what can be read of an order that breaks its document in a required place."""
    total, currency, person = (
        field_or_none(order, name) for name in ("order_total", "order_currency", "delivery_info")
    )
    return Order(
        ref=OrderRef(account, order.id),
        status=unreadable(status_of(order, breaks)),
        total=None if total is None or currency is None else Money.from_text(total, currency),
        customer=None if person is None else _customer(person),
        merchant_reference=field_or_none(order, "ecommerce_order_id"),
        deviations=breaks,
        source=source,
        path=path,
    )


def _customer(person: models.DeliveryInfo) -> Customer:
    names = [name for name in (person.first_name, person.last_name) if name]
    return Customer(name=" ".join(names) or None, email=person.email or None)


def _name_of(row: Order | UnreadableRow) -> str:
    """Return what tells a row from others."""
    return row.ref.id if isinstance(row, Order) else repr(row.raw)


def _may_have(row: Order | UnreadableRow, reference: str) -> bool:
    """Return whether a row whose shop's id, or whose own id, cannot be read may be the order that has a shop's id."""
    if isinstance(row, Order) and (row.merchant_reference is not None or not row.deviations):
        return False
    shown = row.raw
    said = cast("dict[str, Any]", shown).get("ecommerceOrderId") if isinstance(shown, dict) else reference
    return str(said) == reference


class Adapter(Base):
    """Cryptum for one account and one store."""

    provider = "cryptum"
    title = "Cryptum"
    order_reader = Reader
    draft_type = models.OrderRequest
    changes_type = models.OrderUpdate
    status_of = staticmethod(status_of)
    page_size = LIMIT
    possible_values = union_of(STATUS)
    has_placed_at = False

    def __init__(
        self, account: str, store: str, *, unique_order_ids: bool = False, date_format: str | None = None
    ) -> None:
        """Keep the account's name, its store, whether `ecommerceOrderId` is given once, and the form of `startDate`."""
        super().__init__(account)
        self._reader = Reader(account)
        self.store = store
        self.unique_order_ids = unique_order_ids
        self.date_format = date_format

    def create(self, call: CallContext, draft: Any) -> Flow[Order]:
        """Create an order; after a lost answer it is looked for by the shop's own id of it."""
        wanted = self.checked(draft, models.OrderRequest)
        request = create_order.build_request(body=wanted)
        safety = RetrySafety(verify_outcome=lambda: self._created(call, wanted))
        reply = yield from call.execute(request, self._created_by(wanted), safety)
        made, source = reply.parsed, RawBody(reply.content, codec.redact)
        if isinstance(made, models.ListedOrder):  # it was looked for
            return self._reader.order(made.id, made)
        person = wanted.delivery_info
        word = made.payment_status.value if made.payment_status is not UNSET else made.status or None
        return Order(
            ref=self.ref(made.id or made.order_id or ""),
            status=STATUS.lookup(word),
            total=Money.from_text(wanted.order_total, wanted.order_currency),
            customer=Customer(name=f"{person.first_name} {person.last_name}".strip() or None, email=person.email),
            merchant_reference=wanted.ecommerce_order_id or None,
            ledger=ledger_of(made.payment_status or made.status, made.transactions),
            native=made,
            source=source,
        )

    def _created_by(self, wanted: models.OrderRequest) -> Callable[..., ParsedResponse[Any]]:
        """Return a reader of the answer to a create: one about another order is no answer to it."""
        read = self.expect_fields(_read_created, ecommerce_order_id=wanted.ecommerce_order_id)

        def checked(status_code: int, headers: Mapping[str, str], content: bytes) -> ParsedResponse[Any]:
            response: ParsedResponse[models.OrderCreated] = read(status_code, headers, content)
            del headers, content  # a traceback with locals would show them
            total, currency = response.parsed.order_total or "", response.parsed.order_currency or ""
            if Money.from_text(total, currency) and not _is_total(total, currency, wanted):
                raise self.mismatch_error("$.orderTotal", response.content)
            return response

        return checked

    def _created(self, call: CallContext, wanted: models.OrderRequest) -> Flow[ParsedResponse[models.ListedOrder]]:
        """Look for an order that was asked for, among so many.

        An order has no time, and no id of it is unique, so that even a single one may be older than the request. Only
        an account that promises to give no `ecommerceOrderId` twice has its order found.

        Raises Undetermined with the orders that it may be.
        """
        found: dict[str, ParsedResponse[models.ListedOrder]] = {}
        unnamed: list[str] = []  # their ecommerceOrderId cannot be read: each may be the one
        read = lenient_reader(self.provider, list_orders.read_response, models.OrderList, "orders")
        offset, before = 0, b""
        while offset < LOOKED_AT:
            request = list_orders.build_request(store_id=wanted.store, limit=LIMIT, offset=offset)
            try:
                reply: ParsedResponse[models.OrderList] = yield from call.execute(request, read, SAFE)
            except ProviderError as failed:
                if not (found or unnamed):
                    raise
                raise self._undetermined(wanted, found, unnamed, offset) from failed
            for order in reply.parsed.orders:
                match field_or_none(order, "id"), field_or_none(order, "ecommerce_order_id"):
                    case str(order_id), None:
                        unnamed.append(order_id)
                    case str(order_id), wanted.ecommerce_order_id:
                        found[order_id] = RecoveredResponse(reply.content, order)
                    case _:
                        pass  # another's, or one that cannot be named
            if not reply.parsed.orders or reply.content == before:
                break
            # The server may put fewer orders on a page than it is asked for.
            offset, before = offset + len(reply.parsed.orders), reply.content
        same = [reply for reply in found.values() if is_complete(reply.parsed) and _is_same(reply.parsed, wanted)]
        if self.unique_order_ids and len(found) == len(same) == 1:
            return same[0]
        raise self._undetermined(wanted, found, unnamed, LOOKED_AT)

    def _undetermined(
        self, wanted: models.OrderRequest, found: Iterable[str], unnamed: Iterable[str], count: int
    ) -> Undetermined:
        """Return the error of a look-up among so many orders that cannot tell, with those that it may be."""
        ids = list(found)
        some = f"{len(ids)} orders" if ids else "no order"
        candidates = tuple(self.ref(order_id) for order_id in dict.fromkeys([*ids, *unnamed]))
        return Undetermined(f"{some} of the last {count} have ecommerceOrderId {wanted.ecommerce_order_id}", candidates)

    def get(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Read one order."""
        reply = yield from self._read(call, order_id)
        return self._order_at(reply.parsed, RawBody(reply.content, codec.redact), (), breaks_of(reply))

    def _read(self, call: CallContext, order_id: str) -> Flow[ParsedResponse[models.Order]]:
        """Read an order of which its id can be read."""
        read = self.expect_fields(
            lenient_reader(self.provider, get_order.read_response, models.Order, "id"), id=order_id
        )
        return call.execute(get_order.build_request(order_id), read, SAFE)

    def _order_at(
        self,
        order: models.Order | models.ListedOrder,
        source: RawBody,
        path: tuple[str | int, ...],
        breaks: Breaks,
    ) -> Order:
        if breaks and not is_complete(order):
            return partial_order_of(self.account, order, source, path, breaks)
        return with_breaks(self._reader.order(order.id, order, source, path), breaks, status=status_of(order, breaks))

    def find(self, call: CallContext, reference: str) -> Flow[tuple[Order, ...]]:
        """Find the orders that have the shop's own id, which the shop may give twice, by reading the whole list.

        The list has no filter for it, so that a long one takes a request for each 100 orders, until the deadline. Each
        page has the last row of the one before; if it has not, orders went meanwhile, and it begins again.

        Raises UnexpectedResponse if an order may have it and cannot be read, or if the list does not end.
        """
        found: dict[str, Order] = {}
        before: list[str] = []
        start, largest, moves = 0, 0, 0
        while True:
            shared = 1 if start and largest > 1 else 0
            page = yield from self.page_at(call, RowRange(start - shared, LIMIT), Filter(claims={}))
            names = list(map(_name_of, page.rows))
            is_joined = not shared or before[-1] in names
            first = names.index(before[-1]) + 1 if shared and is_joined else 0
            rows = page.rows[first:] if is_joined else ()
            if not rows and is_joined and first <= 1:
                return tuple(found.values())
            moves += not rows
            if moves > MOVES or (names == before and not shared):
                problem = "listOrders: its pages hold the same orders again, so that the list would never end"
                raise call.error(UnexpectedResponse, problem, retryable=False)
            if not is_joined:
                start, before = 0, []
                continue
            for row in rows:
                if isinstance(row, Order) and row.merchant_reference == reference:
                    found[row.ref.id] = row
                elif _may_have(row, reference):
                    why = row.problem if isinstance(row, UnreadableRow) else "; ".join(row.deviations)
                    problem = f"listOrders: an order that may have the number cannot be read: {why}"
                    raise call.error(UnexpectedResponse, problem, retryable=False)
            start, largest, before = start - shared + len(names), max(largest, len(names)), names

    def served_filters(self, wanted: Filter) -> frozenset[str]:
        """Return the axes that one word of the server's filter stands for, and `placed_from` if it can be sent."""
        axes = frozenset[str]() if _word_of(wanted) is None else frozenset(wanted.claims)
        return axes if self._start_date(wanted) is None else axes | {"placed_from"}

    def missing_for(self, name: str) -> str:
        """Return what is missing; `endDate` is never sent, since whether it is inclusive is not documented."""
        cure = "; Cryptum(date_format=…) sends it as startDate, whose format is not documented"
        return super().missing_for(name) + (cure if name == "placed_from" else "")

    def _start_date(self, wanted: Filter) -> str | None:
        """Return `placed_from` as the account has it sent, None for none.

        Raises InvalidArgument if that is not the same time.
        """
        if wanted.placed_from is None or self.date_format is None:
            return None
        moment = wanted.placed_from.astimezone(datetime.UTC)
        text = moment.strftime(self.date_format)
        said = read_in(self.date_format, text)
        if said != moment:
            cure = "" if said is None else f"; it can say {said.isoformat()}"
            problem = f"date_format {self.date_format!r} cannot say {moment.isoformat()}{cure}"
            raise InvalidArgument(f"{self.account}: {problem}")
        return text

    def page_at(self, call: CallContext, at: RowRange, wanted: Filter) -> Flow[Page]:
        """Read a page. What the server caps `limit` at is not published.

        The server's filter by status is used where one word alone gives what is wanted, its filter by time if the
        account has a `date_format`.
        """
        word, start = _word_of(wanted), self._start_date(wanted)
        request = list_orders.build_request(
            store_id=self.store,
            limit=wanted.page_size or LIMIT,
            offset=at.start,
            payment_status=UNSET if word is None else models.PaymentStatus(word),
            start_date=UNSET if start is None else start,
        )
        read = lenient_reader(self.provider, list_orders.read_response, models.OrderList, "orders")
        reply: ParsedResponse[models.OrderList] = yield from call.execute(request, read, SAFE)
        source = RawBody(reply.content, codec.redact)
        rows = rows_of(reply, source, reply.parsed.orders, ("orders",), self._order_at, reader=self._reader)
        return Page(rows, start=at.start)

    def update(self, call: CallContext, order_id: str, changes: Any) -> Flow[Order]:
        """Set what is known of the payment. The status alone can be looked up after a lost answer.

        It is never sent a second time then: the payment may have been confirmed meanwhile.
        """
        wanted = self.checked(changes, models.OrderUpdate)
        request = update_order.build_request(order_id, body=wanted)
        readable = wanted == models.OrderUpdate(payment_status=wanted.payment_status)

        def verify() -> Flow[ParsedResponse[models.Order] | None]:
            reply = yield from self._read(call, order_id)
            return reply if reply.parsed.payment_status == wanted.payment_status else None

        safety = RetrySafety(unpublished_body=True, verify_outcome=verify if readable else None)
        reply = yield from call.execute(request, self._updated(order_id, wanted), safety)
        source = RawBody(reply.content, codec.redact)
        outcome = codec.decoded(reply.content, models.Order)  # what it answers is not published; an order is likely
        if isinstance(outcome, tuple):
            return self._reader.order(outcome[0].id, outcome[0], source)
        word = None if wanted.payment_status is UNSET else wanted.payment_status.value
        return Order(ref=self.ref(order_id), status=STATUS.lookup(word), source=source)

    def _updated(self, order_id: str, wanted: models.OrderUpdate) -> Callable[..., ParsedResponse[Any]]:
        """Return a reader of the answer to an update, which is likely the order, whole or in part.

        One about another order, or with another status of the payment than the one that was set, is no answer to it.
        """

        def read(status_code: int, headers: Mapping[str, str], content: bytes) -> ParsedResponse[Any]:
            response = update_order.read_response(status_code, headers, content)
            shown = codec.recovered(content, models.Order)
            del headers, content  # a traceback with locals would show them
            if isinstance(shown, tuple) and field_or_none(shown[0], "id") not in {None, order_id}:
                raise self.mismatch_error("$.id", response.content)
            told = set(_payment_statuses(response.content))
            if wanted.payment_status is not UNSET and told - {wanted.payment_status.value}:
                raise self.mismatch_error("$.paymentStatus", response.content)
            return response

        return read

    def cancel(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Cancel an order, by its payment's status."""
        return self.update(call, order_id, models.OrderUpdate(payment_status=models.SettablePaymentStatus.CANCELLED))


def _payment_statuses(content: bytes) -> Iterator[str]:
    """Yield each `paymentStatus` in an answer whose form is not published, at its top or in an object there."""
    try:
        body: Any = json.loads(content) if content else None
    except (ValueError, RecursionError):
        return
    top = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    inner = [cast("dict[str, Any]", value) for value in top.values() if isinstance(value, dict)]
    yield from (word for each in (top, *inner) if isinstance(word := each.get("paymentStatus"), str))


def _is_same(order: models.ListedOrder, wanted: models.OrderRequest) -> bool:
    """Return whether an order has the content of a request, and was not cancelled since."""
    person, asked = order.delivery_info, wanted.delivery_info
    names = ("first_name", "last_name", "email", "country")
    cancelled = order.payment_status is not UNSET and order.payment_status == models.PaymentStatus.CANCELLED
    same_person = all(getattr(person, name) in {UNSET, getattr(asked, name)} for name in names)
    return not cancelled and same_person and _is_total(order.order_total, order.order_currency, wanted)


def _is_total(total: str, currency: str, wanted: models.OrderRequest) -> bool:
    found = Money.from_text(total, currency)
    return found is not None and found == Money.from_text(wanted.order_total, wanted.order_currency)


def _read_created(
    status_code: int, headers: Mapping[str, str], content: bytes
) -> Response[models.OrderCreated | models.ListedOrder]:
    """Return the answer to a create; one without an id is not what the document says."""
    response: Response[Any] = create_order.read_response(status_code, headers, content)
    if response.parsed.id or response.parsed.order_id:
        return response
    del headers
    raise errors.DecodeError("$", "neither id nor orderId", content, operation="createOrder", status_code=status_code)


def _word_of(wanted: Filter) -> str | None:
    """Return the one status that all orders have that are wanted; None if there are several, or none is known."""
    words = STATUS.raw_values(wanted.claims) if wanted.claims else []
    return words[0] if len(words) == 1 else None
