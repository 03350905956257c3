"""The proof that a provider does what the facade promises, for the author of a provider's package.

    from ordermux import Money
    from ordermux.testing import ProviderConformance, ProviderFacts

    class TestAcme(ProviderConformance):
        facts = ProviderFacts(provider="acme", sample_order="order_1", refund=Money("1.00", "EUR"), ...)

pytest then runs each check against the provider's own emulator, on the loopback interface alone. A check fails for what
the provider has and no fact covers, and its message says which fact is missing.
"""

from __future__ import annotations

from .facts import ProviderFacts
from .suite import CHECKS, ProviderConformance, problems_of

__all__ = ["CHECKS", "ProviderConformance", "ProviderFacts", "problems_of"]
