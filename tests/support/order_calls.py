"""References, drafts and changes of each provider's orders, for calls of the facade over the emulator."""

from __future__ import annotations

import datetime
from typing import Any

import ordermux_croissant
import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Money,
)
from ordermux.emulator import Emulator
from ordermux.providers.cryptum import emulator as cryptum

CART = "550e8400-e29b-41d4-a716-446655440000"
NOON = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)
SHOE = "c1d2e3f4-a5b6-7890-cdef-123456789012"
ZEPHYR = "zephyr:order_01HXY8"
PAGED = {
    "croissant": f"croissant:{CART}",
    "zephyr": ZEPHYR,
    "crossmint": "crossmint:d1e2f3a4-b5c6-7890-defg-234567890123",
}
REFERENCES = PAGED | {"cryptum": "cryptum:f701...672e"}
"""The order of each provider's page."""
CART_DRAFT = ordermux_croissant.models.CartRequest(
    id="C-42",
    is_opted_in=True,
    confirmation_number="1042",
    retailer_created_at=NOON,
    source="web",
    products=[
        ordermux_croissant.models.CartProductRequest(
            retailer_product_id="SKU-001", quantity=2, retail_sale_price=29500, retail_sale_currency="USD"
        )
    ],
    email="ana@example.com",
)
CHECKOUT = ordermux_crossmint.models.CheckoutRequest(cart_item_id=SHOE)
PLUGIN_ORDER = ordermux_cryptum.models.OrderRequest(
    ecommerce_order_id="shop-7",
    ecommerce_type=ordermux_cryptum.models.EcommerceType.API,
    order_total="25.40",
    order_currency="USD",
    callback_url="https://shop.example/",
    store=cryptum.STORE,
    delivery_info=ordermux_cryptum.models.DeliveryInfoRequest(
        first_name="Ana", last_name="Suarez", email="ana@example.com", country="AR"
    ),
)
CHANGES: dict[str, Any] = {
    "zephyr": ordermux_zephyr.models.OrderUpdate(metadata={"shelf": "7"}),
    "cryptum": ordermux_cryptum.models.OrderUpdate(payment_status=ordermux_cryptum.models.SettablePaymentStatus.FAILED),
}
TEN = Money("10.00", "USD")
TABLE = {
    "croissant": {"create", "get", "find", "fulfill", "cancel", "products.put", "products.get", "products.sync"},
    "zephyr": {"get", "list", "update", "cancel", "refund"},
    "crossmint": {"create", "get", "find", "list"},
    "cryptum": {"create", "get", "find", "list", "update", "cancel"},
}
"""What each provider has; the rest it has not."""


def calls(emulator: Emulator) -> dict[str, int]:
    """Return how often each operation was called, tokens left out."""
    return {name: count for name, count in emulator.world.calls.items() if name != "croissant.createToken"}
