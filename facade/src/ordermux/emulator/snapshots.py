"""A world as JSON, and back: what its providers know, its counters, clock, random numbers, journal and deliveries.

What shall go wrong with the next calls and deliveries is left out: it ends with the emulator.
"""

from __future__ import annotations

import base64
import datetime
import json
import typing
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs
import msgspec

from .clock import Clock
from .deliveries import Delivery, Target
from .journal import Entry
from .order_index import OrderIndex
from .registry import emulators
from .world import World

WORLD = "world"
"""The part that is none of the others."""
JOURNAL = "journal"
DELIVERIES = "deliveries"

_NOT_KEPT = {"world", "arrivals"}


def parts() -> tuple[str, ...]:
    """Return the names of a world's parts."""
    return (WORLD, JOURNAL, DELIVERIES, *emulators())


def text_of(world: World, part: str) -> str:
    """Return a part of a world as JSON, in which a number may be infinite."""
    if part == JOURNAL:
        return msgspec.json.encode(world.journal.since()).decode()
    if part == DELIVERIES:
        return json.dumps([attrs.asdict(delivery) for delivery in tuple(world.outbox.deliveries)], default=_plain)
    if part != WORLD:
        state = world.states[part]
        names = (field.name for field in attrs.fields(state.__class__) if field.name not in _NOT_KEPT)
        return json.dumps({name: getattr(state, name) for name in names}, default=_plain)
    saved = {
        "seed": world.seed,
        "orders": world.extra_orders,
        "clock": {name: getattr(world.clock, name) for name in ("offset", "frozen", "began")},
        "calls": world.calls,
        "effects": world.effects,
        "random": world.random.getstate(),
        "callbacks": world.outbox.callbacks,
        "targets": [attrs.asdict(target) for target in world.outbox.targets],
    }
    return json.dumps(saved)


def restore(world: World, texts: Mapping[str, str]) -> World:
    """Make a new world what its parts say, and return it; a provider that is not among them is left out.

    Raises ValueError, TypeError, KeyError or AttributeError where that is no world.
    """
    saved = json.loads(texts[WORLD])
    world.seed, world.extra_orders = int(saved["seed"]), int(saved["orders"])
    world.clock = Clock(world.clock.source, **saved["clock"])
    world.calls, world.effects = _counted(saved["calls"]), _counted(saved["effects"])
    world.now()  # a time that there is not is none to go on from
    version, numbers, gauss = saved["random"]
    world.random.setstate((version, tuple(numbers), gauss))
    world.outbox.callbacks = bool(saved["callbacks"])
    world.outbox.targets = msgspec.convert(saved["targets"], list[Target])
    world.journal.restore(msgspec.json.decode(texts.get(JOURNAL, "[]"), type=list[Entry]))
    world.outbox.restore(msgspec.convert(json.loads(texts.get(DELIVERIES, "[]")), list[Delivery]))
    for name, provider in emulators().items():
        if name in texts:
            world.states[name] = _filled(provider.empty_state(world), json.loads(texts[name]))
    return world


def _counted(saved: Any) -> Counter[str]:
    return Counter(msgspec.convert(saved, dict[str, int]))


def _filled(state: Any, saved: Mapping[str, Any]) -> Any:
    kinds = typing.get_type_hints(state.__class__)
    for name, value in saved.items():
        if kinds[name] is OrderIndex:
            book: OrderIndex = getattr(state, name)
            for order_id, order in msgspec.convert(value, dict[str, dict[str, Any]]).items():
                book[order_id] = order
        else:
            setattr(state, name, msgspec.convert(value, kinds[name]))
    return state


def _plain(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no JSON: {value!r:.80}")
