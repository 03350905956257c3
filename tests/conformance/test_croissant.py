"""Croissant, by the conformance kit."""

from __future__ import annotations

from ordermux.providers.croissant.emulator import SAMPLE_CART
from ordermux.testing import ProviderConformance, ProviderFacts
from ordermux.testing.conformance.facts import Outcome
from support.drafts import DRAFTS

_CLOSING: dict[str, Outcome] = {"before": "unknown", "after": "unknown", "500 before": "done", "500 after": "done"}
"""It leaves no trace to look for; the page has a 500 alone sent again."""


class TestCroissant(ProviderConformance):
    """Every check."""

    facts = ProviderFacts(
        provider="croissant",
        sample_order=SAMPLE_CART,
        merchant_reference=SAMPLE_CART,
        draft=DRAFTS["croissant"],
        statuses={
            "get": "- / - / -",
            "create": "open / - / unfulfilled",
            "fulfill": "completed / - / fulfilled",
            "cancel": "cancelled / voided / -",
        },
        outcomes={"fulfill": _CLOSING, "cancel": _CLOSING},
        product=("SKU-9", {"name": "Mug", "brand": "Your Brand"}),
    )
