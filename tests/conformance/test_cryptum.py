"""Cryptum, by the conformance kit."""

from __future__ import annotations

from ordermux.providers.cryptum.adapter import STATUS
from ordermux.providers.cryptum.emulator import STORE
from ordermux.testing import ProviderConformance, ProviderFacts
from ordermux_cryptum.models import OrderUpdate, SettablePaymentStatus
from support.drafts import DRAFTS


class TestCryptum(ProviderConformance):
    """Every check."""

    facts = ProviderFacts(
        provider="cryptum",
        sample_order="f701...672e",
        merchant_reference="103",
        draft=DRAFTS["cryptum"],
        changes=OrderUpdate(payment_status=SettablePaymentStatus.FAILED),
        is_listed=lambda order: order["store"] == STORE,
        statuses={
            "get": "- / - / -",
            "create": "pending / pending / -",
            "update": "pending / failed / -",
            "cancel": "cancelled / voided / -",
        },
        transitions={
            "pay": "open / paid / -",
            "hold": "pending / processing / -",
            "fail": "pending / failed / -",
            "cancel": "cancelled / voided / -",
        },
        events={
            "OrderNotification": {
                "message": "Payment was successful",
                "status": "confirmed",
                "orderId": "0da30...f53b37",
                "ecommerceOrderId": "2",
                "storeId": STORE,
                "transactions": [],
                "updatedProducts": None,
            }
        },
        outcomes={
            "create": {"before": "unknown", "after": "unknown"},
            "update": {"before": "unknown"},
            "cancel": {"before": "unknown"},
        },
        status_maps={"PaymentStatus": STATUS},
    )
