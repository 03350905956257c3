"""Something to create, for tests that need no emulator."""

from __future__ import annotations

import datetime

import ordermux_croissant.models as croissant
import ordermux_cryptum.models as cryptum

CART = croissant.CartRequest(
    id="cart-1",
    is_opted_in=True,
    confirmation_number="1001",
    retailer_created_at=datetime.datetime(2026, 3, 25, 12, tzinfo=datetime.UTC),
    source="web",
    products=[
        croissant.CartProductRequest(
            retailer_product_id="SKU-001", quantity=1, retail_sale_price=29500, retail_sale_currency="USD"
        )
    ],
)
"""An order to register at Croissant."""
SHOP_ORDER = cryptum.OrderRequest(
    ecommerce_order_id="103",
    ecommerce_type=cryptum.EcommerceType.API,
    order_total="25.40",
    order_currency="USD",
    callback_url="https://shop.test/",
    store="s",
    delivery_info=cryptum.DeliveryInfoRequest(
        first_name="Ana", last_name="Suarez", email="a@example.com", country="AR"
    ),
    payment_status=cryptum.InitialPaymentStatus.PENDING,
)
"""An order to create at Cryptum."""
