"""Cryptum's words to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ordermux_cryptum import UNSET, Response, codec, errors, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order

from .._call import READING, Bare, Call, Reply, Safety
from .._flow import Flow
from ..errors import OrdermuxError
from ..order import Customer, Money, Order, OrderRef, Source
from ..status import CancelReason, Lifecycle, Payment, Row, Status, Table, assumed, documented, implied
from . import Adapter as Base
from . import Filter, Page, joined

PAGE = "https://docs.cryptum.io/english/products/crypto-checkout/checkout-api/orders/handling-orders"
LIMIT = 100
LOOKED_AT = 1000
"""Among how many orders one is looked for whose create got no answer."""

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


def order_of(
    account: str,
    order: models.Order | models.ListedOrder,
    unreadable: str | None = None,
    source: Source | None = None,
    path: tuple[str | int, ...] = (),
) -> Order:
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
        source=source,
        path=path,
    )


class Adapter(Base):
    """Cryptum for one account and one store."""

    provider = "cryptum"
    yields = joined(STATUS)
    tells_time = False

    def __init__(self, account: str, store: str) -> None:
        """Keep the account's name and its store."""
        super().__init__(account)
        self.store = store

    def create(self, call: Call, draft: Any) -> Flow[Order]:
        """Create an order; after a lost answer it is looked for by the shop's own id of it."""
        wanted = self.checked(draft, models.OrderRequest)
        request = create_order.build_request(body=wanted)
        reply = yield from call.change(request, _read_created, Safety(settle=lambda: self._created(call, wanted)))
        made, source = reply.parsed, Source(reply.content, codec.redact)
        if isinstance(made, models.ListedOrder):  # it was looked for
            return order_of(self.account, made)
        person = wanted.delivery_info
        word = made.payment_status.value if made.payment_status is not UNSET else made.status or None
        return Order(
            ref=self.ref(made.id or made.order_id or ""),
            status=STATUS.read(word),
            total=Money.from_text(wanted.order_total, wanted.order_currency),
            customer=Customer(name=f"{person.first_name} {person.last_name}".strip() or None, email=person.email),
            native=made,
            source=source,
        )

    def _created(self, call: Call, wanted: models.OrderRequest) -> Flow[Reply[models.ListedOrder]]:
        """Look for an order that was asked for, among so many; it is this one where no other is like it."""
        found: dict[str, Reply[models.ListedOrder]] = {}
        for offset in range(0, LOOKED_AT, LIMIT):
            reply = yield from call.read(list_orders, store_id=wanted.store, limit=LIMIT, offset=offset)
            found |= {
                order.id: Bare(reply.content, order)
                for order in reply.parsed.orders
                if order.ecommerce_order_id == wanted.ecommerce_order_id and _same_total(order, wanted)
            }
            if not reply.parsed.orders:
                break
        if len(found) != 1:
            told = f"{len(found)} orders" if found else "no order"
            raise OrdermuxError(f"{told} of the last {LOOKED_AT} bear ecommerceOrderId {wanted.ecommerce_order_id}")
        return next(iter(found.values()))

    def get(self, call: Call, order_id: str) -> Flow[Order]:
        """Read one order."""
        reply = yield from self._read(call, order_id)
        return order_of(self.account, reply.parsed, _unreadable(reply, "$"), Source(reply.content, codec.redact))

    def _read(self, call: Call, order_id: str) -> Flow[Reply[models.Order]]:
        request = get_order.build_request(order_id)
        return call.change(request, self.about(get_order.read_response, id=order_id), READING)

    def page(self, call: Call, cursor: str | None, wanted: Filter) -> Flow[Page]:
        """Read a page. What the server caps `limit` at is not published, so only an empty page is the last.

        The server's filter by status is used where one word alone gives what is wanted.
        """
        offset = 0 if cursor is None else self.number(cursor)
        words = STATUS.words(wanted.claims) if wanted.claims else []
        status = models.PaymentStatus(words[0]) if len(words) == 1 else UNSET
        reply = yield from call.read(
            list_orders, store_id=self.store, limit=LIMIT, offset=offset, payment_status=status
        )
        source = Source(reply.content, codec.redact)
        orders = tuple(
            order_of(self.account, order, _unreadable(reply, f"$.orders[{index}]"), source, ("orders", index))
            for index, order in enumerate(reply.parsed.orders)
        )
        return Page(orders, str(offset + len(orders)) if orders else None)

    def update(self, call: Call, order_id: str, changes: Any) -> Flow[Order]:
        """Set what is known of the payment. The status alone can be looked up after a lost answer."""
        wanted = self.checked(changes, models.OrderUpdate)
        request = update_order.build_request(order_id, body=wanted)
        readable = wanted == models.OrderUpdate(payment_status=wanted.payment_status)

        def settle() -> Flow[Reply[models.Order] | None]:
            reply = yield from self._read(call, order_id)
            return reply if reply.parsed.payment_status == wanted.payment_status else None

        safety = Safety(repeatable=readable, any_body=True, settle=settle if readable else None)
        reply = yield from call.change(request, update_order.read_response, safety)
        source = Source(reply.content, codec.redact)
        outcome = codec.decoded(reply.content, models.Order)  # what it answers is not published; an order is likely
        if isinstance(outcome, tuple) and outcome[0].id == order_id:
            return order_of(self.account, outcome[0], None, source)
        word = None if wanted.payment_status is UNSET else wanted.payment_status.value
        return Order(ref=self.ref(order_id), status=STATUS.read(word), source=source)

    def cancel(self, call: Call, order_id: str) -> Flow[Order]:
        """Cancel an order, by its payment's status."""
        return self.update(call, order_id, models.OrderUpdate(payment_status=models.SettablePaymentStatus.CANCELLED))


def _unreadable(reply: Reply[Any], path: str) -> str | None:
    """Return what is wrong with an order's status that was left unset, where there is such."""
    wrong = [deviation.problem for deviation in reply.deviations if deviation.path == f"{path}.paymentStatus"]
    return wrong[0] if wrong else None


def _same_total(order: models.ListedOrder, wanted: models.OrderRequest) -> bool:
    told = Money.from_text(order.order_total, order.order_currency)
    asked = Money.from_text(wanted.order_total, wanted.order_currency)
    return told is not None and told == asked


def _read_created(
    status_code: int, headers: Mapping[str, str], content: bytes
) -> Response[models.OrderCreated | models.ListedOrder]:
    """Return the answer to a create; one without an id is not what the document says."""
    response: Response[Any] = create_order.read_response(status_code, headers, content)
    if response.parsed.id or response.parsed.order_id:
        return response
    del headers
    raise errors.DecodeError("$", "neither id nor orderId", content, operation="createOrder", status_code=status_code)
