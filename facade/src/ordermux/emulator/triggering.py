"""Events on demand: an order is placed and moved on until the provider sends the event that is wanted."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Mapping
from typing import Any

from .placing import placed
from .registry import populate
from .world import World

_MAX_STEPS = 6


def trigger(world: World, provider: str, event: str) -> tuple[str, Any, tuple[str, ...]]:
    """Have a provider send an event about a new order; return its id, what `place` returned, and the transitions.

    Raises ValueError if the emulator has no way to send it; it names the events that it sends.
    """
    paths = event_paths(provider, as_documented=world.as_documented)
    if event not in paths:
        raise ValueError(f"{provider} sends no event {event!r:.80}; it sends: {', '.join(sorted(paths)) or 'none'}")
    shop = world.states[provider]
    order_id, made = placed(shop, provider, {})
    for transition in paths[event]:
        shop.transition(order_id, transition)
    return order_id, made, paths[event]


@functools.cache
def event_paths(provider: str, *, as_documented: bool = False) -> Mapping[str, tuple[str, ...]]:
    """Return the fewest transitions of a new order after which each event of a provider is sent.

    They are found by trying, in a world of their own.
    """
    world = populate(World(as_documented=as_documented))
    shop, found = world.states[provider], dict[str, tuple[str, ...]]()
    waiting, seen = deque[tuple[str, ...]]([()]), set[tuple[str, ...]]()
    while waiting:
        path = waiting.popleft()
        order_id, _ = placed(shop, provider, {})
        for transition in path:
            shop.transition(order_id, transition)
        changes = world.journal.since(order=f"{provider}:{order_id}")
        if changes and (event := changes[-1].detail.get("event")):  # an emulator may note nothing of a new order
            found.setdefault(event, path)
        if order_id not in shop.orders:
            continue
        possible = shop.transitions(order_id)
        state = (str(shop.summary(order_id)["raw_status"]), *possible)
        if state not in seen and len(path) < _MAX_STEPS:
            seen.add(state)
            waiting.extend((*path, transition) for transition in possible)
    return found
