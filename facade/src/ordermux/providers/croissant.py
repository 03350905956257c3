"""Croissant's words to ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ordermux_croissant import UNSET, Secret, codec, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import cancel_cart, create_cart, fulfill_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product

from .._call import Call, Endpoint, Reply, Safety
from .._flow import Flow
from ..errors import NotFound, OrdermuxError, UnexpectedAnswer
from ..order import Customer, LineItem, Money, Order, OrderRef, Source, utc
from ..status import CancelReason, Fulfillment, Lifecycle, Payment, Row, Status, Table, documented, implied
from . import Adapter as Base

TOKEN_SECONDS = 3600
"""How long a token lives where its answer does not say."""
PAGE = "https://croissant.com/docs/order-lifecycle"
# No status is published, so that what is known is what one did oneself.
OWN_CALLS = Table(
    page=PAGE,
    field="own call",
    axes=(),
    rows={
        "registered": Row(lifecycle=documented(Lifecycle.OPEN), fulfillment=implied(Fulfillment.UNFULFILLED)),
        "fulfilled": Row(lifecycle=implied(Lifecycle.COMPLETED), fulfillment=documented(Fulfillment.FULFILLED)),
        "cancelled": Row(
            lifecycle=documented(Lifecycle.CANCELLED),
            payment=documented(Payment.VOIDED),
            cancel_reason=CancelReason.REQUESTED,
        ),
    },
)


# A public page says that the money was captured; yet cancelling is said to release a hold.
EVENTS = Table(
    page="https://croissant.com/docs/webhooks",
    field="event",
    axes=(),
    rows={"payment.confirmed": Row(payment=documented(Payment.PAID))},
)


def status_of(cart: models.Cart) -> Status:
    """Return no claim at all: no status is published on a cart."""
    del cart
    return Status()


def order_of(account: str, order_id: str, cart: models.Cart, source: Source | None = None) -> Order:
    """Return the unified order. The unit of an answer's prices is not published, so there is no total."""
    products = [] if cart.products is UNSET else cart.products
    return Order(
        ref=OrderRef(account, cart.id or order_id),
        status=status_of(cart),
        line_items=tuple(_line_item(product) for product in products),
        native=cart,
        source=source,
        path=("data",),
    )


def _line_item(product: models.CartProduct) -> LineItem:
    return LineItem(
        id=product.retailer_product_id or None,
        quantity=None if product.quantity is UNSET else product.quantity,
    )


class Adapter(Base):
    """Croissant for one account."""

    provider = "croissant"
    tells_time = False

    def get(self, call: Call, order_id: str) -> Flow[Order]:
        """Read one order."""
        reply = yield from self._cart(call, order_id)
        source = Source(reply.content, codec.redact)
        return order_of(self.account, order_id, reply.parsed.data, source)

    def _cart(self, call: Call, order_id: str) -> Flow[Reply[models.CartEnvelope]]:
        reply = yield from call.read(get_cart, order_id)
        if reply.parsed.data.id not in {UNSET, order_id}:
            raise call.error(UnexpectedAnswer, "getCart: $.data.id: it is another order's", retryable=False)
        return reply

    def create(self, call: Call, draft: Any) -> Flow[Order]:
        """Register an order. Its id is the caller's own, so that it can be looked up after a lost answer."""
        cart = self.checked(draft, models.CartRequest)
        request = create_cart.build_request(body=cart)
        safety = Safety(repeatable=True, any_body=True, settle=lambda: self._registered(call, cart))
        yield from call.change(request, create_cart.read_response, safety)
        return Order(
            ref=self.ref(cart.id),
            status=OWN_CALLS.read("registered"),
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
            native=cart,
        )

    def _registered(self, call: Call, cart: models.CartRequest) -> Flow[Any]:
        """Look whether an order was registered, whose confirmation number tells it from another of the same id."""
        try:
            reply = yield from self._cart(call, cart.id)
        except NotFound:
            return None
        if reply.parsed.data.confirmation_number not in {UNSET, cart.confirmation_number}:
            raise OrdermuxError(f"another order is registered as {cart.id}")
        return reply

    def fulfill(self, call: Call, order_id: str) -> Flow[Order]:
        """Tell that the order was shipped or delivered."""
        return self._closed(call, fulfill_cart, order_id, "fulfilled")

    def cancel(self, call: Call, order_id: str) -> Flow[Order]:
        """Cancel an order."""
        return self._closed(call, cancel_cart, order_id, "cancelled")

    def _closed(self, call: Call, endpoint: Endpoint[[str], Any], order_id: str, word: str) -> Flow[Order]:
        """Close an order one way for good. That leaves no trace to look for; the page has a 500 sent again."""
        safety = Safety(again=frozenset({500}), any_body=True)
        reply = yield from call.change(endpoint.build_request(order_id), endpoint.read_response, safety)
        source = Source(reply.content, codec.redact)
        return Order(ref=self.ref(order_id), status=OWN_CALLS.read(word), source=source)

    def put_product(self, call: Call, product_id: str, product: Any) -> Flow[Any]:
        """Add or replace a product, so that sending it again does nothing more."""
        request = put_product.build_request(product_id, body=product)
        reply = yield from call.change(request, put_product.read_response, Safety(resendable=True, any_body=True))
        return reply.parsed

    def get_product(self, call: Call, product_id: str) -> Flow[Any]:
        """Read a product."""
        reply = yield from call.read(get_product, product_id)
        return reply.parsed


def token_of(client_id: str, client_secret: Secret) -> Callable[[Call], Flow[tuple[Secret, float]]]:
    """Return what gets a token, and for how many seconds."""

    def fetch(call: Call) -> Flow[tuple[Secret, float]]:
        asked = models.TokenRequest(client_id=client_id, client_secret=client_secret)
        token = (yield from call.read(create_token, body=asked)).parsed
        return token.access_token, TOKEN_SECONDS if token.expires_in is UNSET else token.expires_in

    return fetch
