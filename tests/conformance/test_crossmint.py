"""A shop on Crossmint, by the conformance kit."""

from __future__ import annotations

from ordermux.providers.crossmint.adapter import STATUS
from ordermux.providers.crossmint.emulator_rules import SAMPLE_ORDER
from ordermux.testing import ProviderConformance, ProviderFacts
from support.drafts import DRAFTS


class TestCrossmint(ProviderConformance):
    """Every check."""

    facts = ProviderFacts(
        provider="crossmint",
        sample_order=SAMPLE_ORDER,
        merchant_reference=SAMPLE_ORDER,
        draft=DRAFTS["crossmint"],
        statuses={"get": "open / paid / unfulfilled", "create": "pending / pending / unfulfilled"},
        transitions={
            "quote": "pending / pending / unfulfilled",
            "pay": "open / paid / unfulfilled",
            "fail": "cancelled / - / -",
            "start": "open / paid / in_progress",
            "deliver": "completed / paid / delivered",
        },
        outcomes={"create": {"before": "unknown", "after": "unknown"}},
        status_maps={"OrderStatus": STATUS},
    )
