"""Acme's words to ours."""

from __future__ import annotations

from ordermux_acme import UNSET, codec, models
from ordermux_acme.api.orders import cancel_order, create_order, create_refund, get_order, list_orders
from ordermux_acme.document import IDEMPOTENCY_WINDOWS

from ordermux.engine.context import CallContext
from ordermux.engine.flow import Flow
from ordermux.engine.outcome import SAFE, RetrySafety
from ordermux.engine.response import ParsedResponse
from ordermux.errors import InvalidArgument
from ordermux.order import Money, Order, RawBody, Refund, utc
from ordermux.providers.adapter import Adapter as Base
from ordermux.providers.adapter import Filter, Operation, Page, RefundRequest, RowRange, union_of
from ordermux.providers.recovery import lenient_reader, orders_of
from ordermux.status import Lifecycle, Payment, Status, StatusMap, StatusMapping, documented, implied

SIZE = 100
KEYED = RetrySafety(idempotent=True)
STATE = StatusMap(
    page="https://docs.acme.example/orders",
    field="state",
    axes=("lifecycle", "payment"),
    rows={
        "placed": StatusMapping(lifecycle=implied(Lifecycle.PENDING), payment=documented(Payment.PENDING)),
        "paid": StatusMapping(lifecycle=implied(Lifecycle.OPEN), payment=documented(Payment.PAID)),
        "refunded": StatusMapping(payment=documented(Payment.REFUNDED)),
        "cancelled": StatusMapping(lifecycle=documented(Lifecycle.CANCELLED)),
    },
)


def status_of(order: models.Order) -> Status:
    """Return the status."""
    return STATE.lookup(order.attributes.state.value)


class Adapter(Base):
    """Acme for one account."""

    provider = "acme"
    draft_type = models.NewOrderAttributes
    status_of = staticmethod(status_of)
    possible_values = union_of(STATE)
    page_size = SIZE
    idempotent_operations = frozenset({Operation.CREATE, Operation.REFUND})
    idempotency_window = float(IDEMPOTENCY_WINDOWS["createRefund"])

    def _order(self, order: models.Order, source: RawBody, path: tuple[str | int, ...]) -> Order:
        placed = order.attributes.placed_at
        return Order(
            ref=self.ref(order.id),
            status=status_of(order),
            total=Money.from_minor(order.attributes.total_cents, order.attributes.currency),
            placed_at=None if placed is UNSET else utc(placed),
            native=order,
            source=source,
            path=path,
        )

    def get(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Read one order."""
        return self._one((yield from self._read(call, order_id)))

    def _one(self, reply: ParsedResponse[models.OrderDocument]) -> Order:
        return self._order(reply.parsed.data, RawBody(reply.content, codec.redact), ("data",))

    def _read(self, call: CallContext, order_id: str) -> Flow[ParsedResponse[models.OrderDocument]]:
        read = self.expect_fields(get_order.read_response, **{"data.id": order_id})
        return call.execute(get_order.build_request(order_id), read, SAFE)

    def page_at(self, call: CallContext, at: RowRange, wanted: Filter) -> Flow[Page]:
        """Read a page."""
        del wanted
        request = list_orders.build_request(page_number=at.start // SIZE + 1, page_size=SIZE)
        read = lenient_reader(self.provider, list_orders.read_response, models.OrderList, "data")
        reply = yield from call.execute(request, read, SAFE)
        source = RawBody(reply.content, codec.redact)
        rows = orders_of(reply, source, reply.parsed.data, ("data",), self._order, ref=self.ref)
        return Page(rows, start=at.start // SIZE * SIZE)

    def create(self, call: CallContext, draft: object) -> Flow[Order]:
        """Create an order."""
        new = models.NewOrder(type="orders", attributes=self.checked(draft, models.NewOrderAttributes))
        request = create_order.build_request(body=models.OrderRequest(data=new), idempotency_key=call.key or UNSET)
        return self._one((yield from call.execute(request, create_order.read_response, KEYED)))

    def cancel(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Cancel an order. A read settles a lost answer."""

        def verify() -> Flow[ParsedResponse[models.OrderDocument] | None]:
            reply = yield from self._read(call, order_id)
            return reply if reply.parsed.data.attributes.state == models.OrderState.CANCELLED else None

        read = self.expect_fields(cancel_order.read_response, **{"data.id": order_id})
        request = cancel_order.build_request(order_id)
        return self._one((yield from call.execute(request, read, RetrySafety(verify_outcome=verify))))

    def refund(self, call: CallContext, order_id: str, wanted: RefundRequest) -> Flow[Refund]:
        """Give money back."""
        order = self._one((yield from self._read(call, order_id)))
        amount = call.amount = wanted.amount or order.total
        cents = amount.minor if amount is not None else None
        if order.total is None or amount is None or cents is None or amount.currency != order.total.currency:
            raise InvalidArgument("a refund is in the order's currency, and exact in its minor units")
        new = models.NewRefund(type="refunds", attributes=models.NewRefundAttributes(amount_cents=cents))
        body = models.RefundRequest(data=new)
        request = create_refund.build_request(order_id, body=body, idempotency_key=call.key or UNSET)
        asked = {"data.attributes.order_id": order_id, "data.attributes.amount_cents": cents}
        reply = yield from call.execute(request, self.expect_fields(create_refund.read_response, **asked), KEYED)
        return Refund(order=order.ref, amount=amount, id=reply.parsed.data.id, idempotency_key=call.key)
