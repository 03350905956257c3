"""What to create, for each provider where an order can be created."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from ordermux.providers.cryptum import emulator as cryptum
from ordermux_croissant.models import CartProductRequest, CartRequest
from ordermux_crossmint.models import CheckoutRequest
from ordermux_cryptum.models import DeliveryInfoRequest, EcommerceType, InitialPaymentStatus, OrderRequest

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
"""By the provider; the emulator has the item of the cart, and the store."""
CART: CartRequest = msgspec.structs.replace(
    DRAFTS["croissant"],
    retailer_created_at=datetime.datetime(2026, 3, 25, 12, tzinfo=datetime.UTC),
    products=[msgspec.structs.replace(DRAFTS["croissant"].products[0], retail_sale_price=29500)],
)
"""An order to register at Croissant, of another day and price."""
SHOP_ORDER: OrderRequest = msgspec.structs.replace(DRAFTS["cryptum"], payment_status=InitialPaymentStatus.PENDING)
"""An order to create at Cryptum, with its payment's status."""
