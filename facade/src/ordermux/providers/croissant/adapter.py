"""Croissant's words to ours."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ordermux_croissant import UNSET, Secret, codec, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import cancel_cart, create_cart, fulfill_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product

from ...engine.context import CallContext
from ...engine.flow import Flow
from ...engine.outcome import RetrySafety, Undetermined
from ...engine.response import Endpoint, ParsedResponse
from ...errors import Conflict, NotFound, ProviderError, UnexpectedResponse
from ...ledger import NOT_SHOWN, EntryState, Ledger, PaymentEntry
from ...order import Customer, LineItem, Money, Order, OrderReader, RawBody, parse_timestamp, utc
from ...status import (
    CancelReason,
    Fulfillment,
    Lifecycle,
    Payment,
    Status,
    StatusMap,
    StatusMapping,
    documented,
    implied,
)
from ..adapter import Adapter as Base

_PRECISION = datetime.timedelta(seconds=1)
TOKEN_SECONDS = 3600
"""How long a token lives where its answer does not say."""
PAGE = "https://croissant.com/docs/order-lifecycle"
# No status is published, so that what is known is what one did oneself.
OWN_CALLS = StatusMap(
    page=PAGE,
    field="own call",
    axes=(),
    rows={
        "registered": StatusMapping(lifecycle=documented(Lifecycle.OPEN), fulfillment=implied(Fulfillment.UNFULFILLED)),
        "fulfilled": StatusMapping(
            lifecycle=implied(Lifecycle.COMPLETED), fulfillment=documented(Fulfillment.FULFILLED)
        ),
        "cancelled": StatusMapping(
            lifecycle=documented(Lifecycle.CANCELLED),
            payment=documented(Payment.VOIDED),
            cancel_reason=CancelReason.REQUESTED,
        ),
    },
)


# A public page says that the money was captured; yet cancelling is said to release a hold.
EVENTS = StatusMap(
    page="https://croissant.com/docs/webhooks",
    field="event",
    axes=(),
    rows={"payment.confirmed": StatusMapping(payment=documented(Payment.PAID))},
)


def status_of(cart: models.Cart) -> Status:
    """Return no claim at all: no status is published on a cart."""
    del cart
    return Status()


def event_ledger(event: models.PaymentConfirmed, occurred_at: datetime.datetime | None) -> Ledger:
    """Return what an event shows: the payment, by its session, and the lines that were paid for."""
    amounts, lines = event.amounts, event.line_items
    total = UNSET if amounts is UNSET else amounts.total
    currency = UNSET if amounts is UNSET else amounts.currency
    payment = PaymentEntry(
        id=event.session_id or None,
        amount=None if total is UNSET or not currency else Money.from_minor(total, currency),
        state=EntryState.COMPLETED,
        occurred_at=occurred_at,
    )
    items = (
        None
        if lines is UNSET
        else tuple(
            LineItem(
                id=line.retailer_product_id or None,
                name=line.name or None,
                quantity=None if line.quantity is UNSET else line.quantity,
            )
            for line in lines
        )
    )
    return Ledger(lines=items, payments=(payment,), is_partial=True)


class Reader(OrderReader[models.Cart]):
    """Reads the fields of an order. The unit of an answer's prices is not published, so there is no total."""

    __slots__ = ()

    def status(self, native: models.Cart) -> Status:
        """Return the status."""
        return status_of(native)

    def line_items(self, native: models.Cart) -> tuple[LineItem, ...]:
        """Return the lines, without prices."""
        return () if native.products is UNSET else tuple(map(_line_item, native.products))

    def ledger(self, native: models.Cart, lines: tuple[LineItem, ...]) -> Ledger:
        """Return the ledger: the quantities alone."""
        return NOT_SHOWN if native.products is UNSET else Ledger(lines=lines)

    def merchant_reference(self, native: models.Cart) -> str | None:
        """Return the cart's id, which is the store's own id of the order."""
        return native.id or None


def _line_item(product: models.CartProduct) -> LineItem:
    return LineItem(
        id=product.retailer_product_id or None,
        quantity=None if product.quantity is UNSET else product.quantity,
    )


class Adapter(Base):
    """Croissant for one account."""

    provider = "croissant"
    title = "Croissant"
    order_reader = Reader
    draft_type = models.CartRequest
    draft_id = "id"
    shows_status = False
    has_placed_at = False

    def __init__(self, account: str) -> None:
        """Keep the account's name."""
        super().__init__(account)
        self._reader = Reader(account)

    def get(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Read one order."""
        reply = yield from self._cart(call, order_id)
        cart, source = reply.parsed.data, RawBody(reply.content, codec.redact)
        return self._reader.order(cart.id or order_id, cart, source, ("data",))

    def find(self, call: CallContext, reference: str) -> Flow[tuple[Order, ...]]:
        """Find an order by the store's own id of it, which is the cart's."""
        return self.found_by_id(call, reference)

    def _cart(self, call: CallContext, order_id: str) -> Flow[ParsedResponse[models.CartEnvelope]]:
        reply = yield from call.read(get_cart, order_id)
        if reply.parsed.data.id not in {UNSET, order_id}:
            raise call.error(UnexpectedResponse, "getCart: $.data.id: it is another order's", retryable=False)
        return reply

    def create(self, call: CallContext, draft: Any) -> Flow[Order]:
        """Register an order. Its id is the caller's own, so that it can be looked up after a lost answer."""
        cart = self.checked(draft, models.CartRequest)
        request = create_cart.build_request(body=cart)
        safety = RetrySafety(
            retry_if_not_applied=True, unpublished_body=True, verify_outcome=lambda: self._registered(call, cart)
        )
        yield from call.execute(request, self._own(cart), safety)
        return Order(
            ref=self.ref(cart.id),
            status=OWN_CALLS.lookup("registered"),
            line_items=tuple(
                LineItem(
                    id=product.retailer_product_id,
                    quantity=product.quantity,
                    unit_price=Money.from_minor(product.retail_sale_price, product.retail_sale_currency),
                )
                for product in cart.products
            ),
            placed_at=utc(cart.retailer_created_at),
            customer=Customer(email=cart.email) if cart.email else None,
            merchant_reference=cart.id,
            native=cart,
        )

    def _own(self, cart: models.CartRequest) -> Callable[..., ParsedResponse[Any]]:
        """Return a reader of the answer to a create, which is likely the cart: another one's is no answer to it."""

        def read(status_code: int, headers: Mapping[str, str], content: bytes) -> ParsedResponse[Any]:
            response = create_cart.read_response(status_code, headers, content)
            shown = codec.decoded(content, models.CartEnvelope)
            del headers, content  # a traceback with locals would show them
            if isinstance(shown, tuple) and (
                shown[0].data.id not in {UNSET, cart.id} or _has_content(shown[0].data, cart) is False
            ):
                raise self.mismatch_error("$.data", response.content)
            return response

        return read

    def _registered(
        self, call: CallContext, cart: models.CartRequest
    ) -> Flow[ParsedResponse[Any] | ProviderError | None]:
        """Look whether an order was registered: the id is the caller's own, so that its content tells whose it is."""
        try:
            reply = yield from self._cart(call, cart.id)
        except NotFound:
            return None
        match _has_content(reply.parsed.data, cart):
            case True:
                return reply
            case False:
                return call.error(Conflict, f"another order is registered as {cart.id}", applied=False, retryable=False)
            case None:
                raise Undetermined(f"an order is registered as {cart.id}, and its content is not shown")

    def fulfill(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Tell that the order was shipped or delivered."""
        return self._closed(call, fulfill_cart, order_id, "fulfilled")

    def cancel(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Cancel an order."""
        return self._closed(call, cancel_cart, order_id, "cancelled")

    def _closed(self, call: CallContext, endpoint: Endpoint[[str], Any], order_id: str, word: str) -> Flow[Order]:
        """Close an order one way for good. That leaves no trace to look for; the page has a 500 sent again."""
        safety = RetrySafety(retryable_statuses=frozenset({500}), unpublished_body=True)
        reply = yield from call.execute(endpoint.build_request(order_id), endpoint.read_response, safety)
        source = RawBody(reply.content, codec.redact)
        ref, status = self.ref(order_id), OWN_CALLS.lookup(word)
        return Order(ref=ref, status=status, merchant_reference=order_id, source=source)

    def put_product(self, call: CallContext, product_id: str, product: Any) -> Flow[Any]:
        """Add or replace a product, so that sending it again does nothing more."""
        request = put_product.build_request(product_id, body=product)
        reply = yield from call.execute(
            request, put_product.read_response, RetrySafety(idempotent=True, unpublished_body=True)
        )
        return reply.parsed

    def get_product(self, call: CallContext, product_id: str) -> Flow[Any]:
        """Read a product."""
        reply = yield from call.read(get_product, product_id)
        return reply.parsed


def _has_content(found: models.Cart, wanted: models.CartRequest) -> bool | None:
    """Return whether a cart that was read is the one that is wanted; None if the answer does not show what tells them.

    What the answer leaves out is not compared. Without the confirmation number and the products nothing is certain.
    """
    if found.confirmation_number is UNSET or found.products is UNSET:
        return None
    asked_at = utc(wanted.retailer_created_at)
    placed = None if found.retailer_created_at is UNSET else parse_timestamp(found.retailer_created_at)
    if placed is not None and asked_at is not None and abs(placed - asked_at) < _PRECISION:
        placed = asked_at  # as servers keep it, in milliseconds or seconds
    opted_in = None if found.is_opted_in is UNSET else str(found.is_opted_in).lower()  # a boolean, or a word
    pairs = [
        (found.confirmation_number, wanted.confirmation_number),
        (found.source, wanted.source),
        (opted_in, str(wanted.is_opted_in).lower()),
        (placed, asked_at),  # None if it is not shown, or no time
        (len(found.products), len(wanted.products)),
    ]
    if any(shown not in {UNSET, None, asked} for shown, asked in pairs):
        return False
    lines = list(wanted.products)
    for product in found.products:
        if (line := next((line for line in lines if _is_line(product, line)), None)) is None:
            return False
        lines.remove(line)
    return True


def _is_line(found: models.CartProduct, wanted: models.CartProductRequest) -> bool:
    """Return whether a product as read is one that is wanted."""
    currency = found.retail_sale_currency
    shown = (found.retailer_product_id, found.quantity, currency if currency is UNSET else _code(currency))
    asked = (wanted.retailer_product_id, wanted.quantity, _code(wanted.retail_sale_currency))
    same = all(value is UNSET or value == other for value, other in zip(shown, asked, strict=True))
    return same and (found.retail_sale_price is UNSET or found.retail_sale_price in _prices(wanted))


def _code(currency: str) -> str:
    """Return a currency as amounts have it: a code of ISO 4217 in upper case."""
    made = Money.from_minor(0, currency)
    return currency if made is None else made.currency


def _prices(wanted: models.CartProductRequest) -> set[Decimal | int]:
    """Return what an answer may show for a price, since its unit is published for requests only.

    It is as it was sent, or in major units: of cents, or of the currency's own minor unit, which may have 3 digits.
    """
    cents = wanted.retail_sale_price
    major = [Money.from_minor(cents, currency) for currency in ("USD", wanted.retail_sale_currency)]
    return {cents, *(each.amount for each in major if each is not None)}


def token_of(client_id: str, client_secret: Secret) -> Callable[[CallContext], Flow[tuple[Secret, float]]]:
    """Return what gets a token, and for how many seconds."""

    def fetch(call: CallContext) -> Flow[tuple[Secret, float]]:
        asked = models.TokenRequest(client_id=client_id, client_secret=client_secret)
        token = (yield from call.read(create_token, body=asked)).parsed
        return token.access_token, TOKEN_SECONDS if token.expires_in is UNSET else token.expires_in

    return fetch
