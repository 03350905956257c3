"""References, drafts and changes of each provider's orders, for calls of the facade over the emulator."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Money,
)
from ordermux.emulator import Emulator
from support import drafts

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
CART_DRAFT = msgspec.structs.replace(
    drafts.CART,
    id="C-42",
    retailer_created_at=NOON,
    products=[msgspec.structs.replace(drafts.CART.products[0], quantity=2)],
    email="ana@example.com",
)
CHECKOUT: ordermux_crossmint.models.CheckoutRequest = drafts.DRAFTS["crossmint"]
PLUGIN_ORDER: ordermux_cryptum.models.OrderRequest = msgspec.structs.replace(
    drafts.DRAFTS["cryptum"], ecommerce_order_id="shop-7"
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
