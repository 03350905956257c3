"""The checks by name, as functions and as a test class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import pytest

from ...providers.registry import providers
from . import (
    coverage,
    document,
    effects,
    ledgers,
    lists,
    operations,
    readings,
    refunds,
    requests,
    secrets,
    states,
    webhooks,
)
from .facts import ProviderFacts

Check = Callable[[ProviderFacts], Iterator[str]]
"""Yields what is wrong, a sentence each, which says what to do."""
CHECKS: Mapping[str, Check] = {
    "facts": coverage.coverage,
    "routes": document.routes,
    "access": document.access,
    "results": operations.results,
    "errors": operations.errors,
    "unsupported": operations.unsupported,
    "others": operations.others,
    "unknown statuses": operations.unknown_statuses,
    "requests": requests.requests,
    "readings": readings.readings,
    "refunds": refunds.refunds,
    "ledgers": ledgers.ledgers,
    "effects": effects.effects,
    "reads": effects.reads,
    "idempotency": document.idempotency,
    "lists": lists.lists,
    "unreadable orders": lists.unreadable,
    "filters": lists.filters,
    "limits": lists.limits,
    "rate limit": document.rate_limit,
    "statuses": states.totality,
    "transitions": states.transitions,
    "state file": states.persisted,
    "delivery": document.delivery,
    "events accepted": webhooks.accepted,
    "events refused": webhooks.refused,
    "unknown events": webhooks.unknown_events,
    "event identity": webhooks.identities,
    "event order": webhooks.permutations,
    "secrets": secrets.secrets,
}
"""Each check, in the order in which a provider's author meets them."""


def problems_of(given: ProviderFacts, check: str) -> list[str]:
    """Return what a check finds; empty if all is well."""
    if given.provider not in providers():
        return [f"no provider {given.provider!r} is installed: run pip install --editable in the folder of its package"]
    return list(dict.fromkeys(CHECKS[check](given)))


class ProviderConformance:
    """The whole proof for one provider: a subclass gives its facts, and pytest runs each check."""

    facts: ClassVar[ProviderFacts]

    @pytest.mark.parametrize("check", list(CHECKS))
    def test_conforms(self, check: str) -> None:
        """Fail with each problem that the check finds, a line each."""
        if found := problems_of(self.facts, check):
            pytest.fail("\n".join([f"problems of {self.facts.provider}, {check}:", *found]), pytrace=False)
