"""ZephyrCart, by the conformance kit."""

from __future__ import annotations

from ordermux import Money
from ordermux.providers.zephyr.adapter import STATUS
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux.testing import ProviderConformance, ProviderFacts
from ordermux_zephyr.models import OrderUpdate


class TestZephyr(ProviderConformance):
    """Every check."""

    facts = ProviderFacts(
        provider="zephyr",
        sample_order=SAMPLE_ORDER,
        changes=OrderUpdate(metadata={"a": "b"}),
        refund=Money("1.50", "USD"),
        statuses={
            "get": "open / paid / -",
            "update": "open / paid / -",
            "cancel": "cancelled / - / unfulfilled",
        },
        transitions={
            "fulfil": "open / paid / unknown",
            "refund": "- / refunded / -",
            "cancel": "cancelled / - / unfulfilled",
        },
        outcomes={"update": {"before": "unknown"}},
        status_maps={"OrderStatus": STATUS},
    )
