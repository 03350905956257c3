"""What the tests that print tables share: either client, something to create at each provider, and the printing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import attrs
import httpx

from ordermux.emulator import Emulator
from ordermux.providers.cryptum import emulator as cryptum
from ordermux_croissant.models import CartProductRequest, CartRequest
from ordermux_crossmint.models import CheckoutRequest
from ordermux_cryptum.models import DeliveryInfoRequest, EcommerceType, OrderRequest
from support.clients import OPENING, Awaited

DRAFTS: dict[str, Any] = {
    "croissant": CartRequest(
        id="cart-1",
        is_opted_in=True,
        confirmation_number="2001",
        retailer_created_at=datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC),
        source="web",
        products=[
            CartProductRequest(
                retailer_product_id="SKU-001", quantity=1, retail_sale_price=4900, retail_sale_currency="USD"
            )
        ],
    ),
    "crossmint": CheckoutRequest(cart_item_id="c1d2e3f4-a5b6-7890-cdef-123456789012"),
    "cryptum": OrderRequest(
        ecommerce_order_id="shop-1",
        ecommerce_type=EcommerceType.API,
        order_total="25.40",
        order_currency="USD",
        callback_url="https://shop.example/callbacks",
        store=cryptum.STORE,
        delivery_info=DeliveryInfoRequest(first_name="Ana", last_name="Suarez", email="ana@example.com", country="AR"),
    ),
}
"""What to create, for each provider where an order can be created."""


def carried_out(
    emulator: Emulator,
    act: Callable[[Any], Any],
    *,
    awaiting: bool,
    accounts: Any = None,
    adapted: bool = False,
    **options: Any,
) -> Any:
    """Return what `act` returns of a client of either kind, over a transport of httpx's if that is adapted.

    It takes no pause before a retry.
    """
    accounts = emulator.accounts() if accounts is None else accounts
    if not adapted:
        with OPENING[awaiting](*accounts, **options) as mux:
            return act(without_pauses(mux))
    transport: Any = httpx.AsyncHTTPTransport() if awaiting else httpx.HTTPTransport()
    with OPENING[awaiting](*accounts, transport=transport, **options) as mux:
        try:
            return act(without_pauses(mux))
        finally:
            if isinstance(mux, Awaited):
                mux.runner.run(transport.aclose())
            else:
                transport.close()


def without_pauses(mux: Any) -> Any:
    """Return a client that sends again at once, unless the provider names a time."""
    for opened, _ in mux._executor.accounts.values():
        opened.policy = attrs.evolve(opened.policy, random=lambda: 0.0)
    return mux
