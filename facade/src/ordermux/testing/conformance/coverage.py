"""What the provider has, and no fact covers."""

from __future__ import annotations

from collections.abc import Iterator

from ...emulator.registry import populate
from ...emulator.world import World
from ...providers.adapter import Operation
from .effects import POINTS
from .facts import ProviderFacts
from .webhooks import examples


def coverage(facts: ProviderFacts) -> Iterator[str]:
    """Yield what the provider has and no fact covers, and what the facts say of something that it has not."""
    if facts.sample_order not in populate(World()).states[facts.provider].orders:
        yield f"sample_order is {facts.sample_order!r}, which add_samples of the emulator does not add"
    has, points = facts.adapter.capabilities(), set(POINTS)
    for operation in Operation:
        if operation in has and (name := facts.missing(operation)):
            yield f"the provider has {operation}, and no fact says how to call it: give ProviderFacts({name}=…)"
    for name in sorted({*facts.statuses, *facts.outcomes} - has):
        yield f"a fact speaks of {name}, which the provider has not: take it out"
    for name, outcomes in facts.outcomes.items():
        for point in set(outcomes) - points - {"before", "after"}:
            yield f"outcomes[{name!r}] names {point!r}, which is no point: they are {', '.join(sorted(points))}"
    if facts.parts.has("webhooks") and facts.parts.webhooks.kinds:
        for name in sorted(set(facts.parts.webhooks.kinds) - set(examples(facts))):
            yield f"no example of the event {name}: add one to the document, or give ProviderFacts(events={{…}})"
