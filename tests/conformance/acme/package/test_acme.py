"""Acme, by the conformance kit."""

from __future__ import annotations

from ordermux_acme.models import NewOrderAttributes
from ordermux_provider_acme.adapter import STATE

from ordermux import Money
from ordermux.testing import ProviderConformance, ProviderFacts


class TestAcme(ProviderConformance):
    """Every check."""

    facts = ProviderFacts(
        provider="acme",
        sample_order="order_1",
        draft=NewOrderAttributes(total_cents=1490, currency="EUR"),
        refund=Money("1.50", "EUR"),
        statuses={"get": "open / paid / -", "create": "pending / pending / -", "cancel": "cancelled / - / -"},
        transitions={"pay": "open / paid / -", "cancel": "cancelled / - / -"},
        outcomes={"cancel": {"before": "unknown"}},
        status_maps={"OrderState": STATE},
    )
