"""Croissant's words to ours."""

from __future__ import annotations

from typing import Any

import attrs

from ordermux_croissant import UNSET, Secret, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import get_cart

from .._flow import Authorize, Flow, Now, call
from ..errors import Unsupported
from ..order import LineItem, Order, OrderRef
from ..status import Status
from . import Page

TOKEN_SECONDS = 3600
"""How long a token lives where its answer does not say."""
REFRESH_SECONDS = 60
"""How long before its end a token is replaced."""


def status_of(cart: models.Cart) -> Status:
    """Return no claim at all: no status is published on a cart."""
    del cart
    return Status()


def order_of(account: str, order_id: str, cart: models.Cart) -> Order:
    """Return the unified order. The unit of an answer's prices is not published, so there is no total."""
    products = [] if cart.products is UNSET else cart.products
    return Order(
        ref=OrderRef(account, cart.id or order_id),
        status=status_of(cart),
        line_items=tuple(_line_item(product) for product in products),
        native=cart,
    )


def _line_item(product: models.CartProduct) -> LineItem:
    return LineItem(
        id=product.retailer_product_id or None,
        quantity=None if product.quantity is UNSET else product.quantity,
    )


@attrs.define
class Adapter:
    """Croissant for one account, with its token."""

    account: str
    client_id: str
    client_secret: Secret
    ends_at: float | None = None
    """When its token ends, in seconds of a clock that never jumps."""

    def get(self, order_id: str) -> Flow[Order]:
        """Read one order."""
        yield from self._authorized()
        answer = yield from call(get_cart, order_id)
        return order_of(self.account, order_id, answer.parsed.data)

    def page(self, cursor: Any) -> Flow[Page]:
        """Refuse: Croissant has no list."""
        del cursor
        raise Unsupported("croissant", "list")

    def _authorized(self) -> Flow[None]:
        """Get a token where there is none, or it is about to end."""
        now = yield Now()
        if self.ends_at is None or now >= self.ends_at - REFRESH_SECONDS:
            asked = models.TokenRequest(client_id=self.client_id, client_secret=self.client_secret)
            answer = yield from call(create_token, body=asked)
            token = answer.parsed
            yield Authorize("token", token.access_token)
            self.ends_at = now + (TOKEN_SECONDS if token.expires_in is UNSET else token.expires_in)
