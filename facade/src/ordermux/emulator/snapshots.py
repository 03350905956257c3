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

from .book import Book
from .clock import Clock
from .journal import Entry
from .mail import Letter, Target
from .shops import PROVIDERS
from .world import World

WORLD = "world"
"""The part that is none of the others."""
JOURNAL = "journal"
LETTERS = "letters"
PARTS = (WORLD, JOURNAL, LETTERS, *PROVIDERS)
_NOT_KEPT = {"world", "arrivals"}


def text_of(world: World, part: str) -> str:
    """Return a part of a world as JSON, in which a number may be infinite."""
    if part == JOURNAL:
        return msgspec.json.encode(world.journal.since()).decode()
    if part == LETTERS:
        return json.dumps([attrs.asdict(letter) for letter in tuple(world.mail.letters)], default=_plain)
    if part != WORLD:
        state = world.states[part]
        names = (field.name for field in attrs.fields(state.__class__) if field.name not in _NOT_KEPT)
        return json.dumps({name: getattr(state, name) for name in names}, default=_plain)
    kept = {
        "seed": world.seed,
        "orders": world.orders,
        "clock": {name: getattr(world.clock, name) for name in ("offset", "frozen", "began")},
        "calls": world.calls,
        "effects": world.effects,
        "random": world.random.getstate(),
        "callbacks": world.mail.callbacks,
        "targets": [attrs.asdict(target) for target in world.mail.targets],
    }
    return json.dumps(kept)


def restore(world: World, parts: Mapping[str, str]) -> World:
    """Make a new world what its parts say, and return it; a provider that is not among them is left out.

    Raises ValueError, TypeError, KeyError or AttributeError where that is no world.
    """
    kept = json.loads(parts[WORLD])
    world.seed, world.orders = int(kept["seed"]), int(kept["orders"])
    world.clock = Clock(world.clock.source, **kept["clock"])
    world.calls, world.effects = Counter(kept["calls"]), Counter(kept["effects"])
    version, numbers, gauss = kept["random"]
    world.random.setstate((version, tuple(numbers), gauss))
    world.mail.callbacks = bool(kept["callbacks"])
    world.mail.targets = msgspec.convert(kept["targets"], list[Target])
    world.journal.restore(msgspec.json.decode(parts.get(JOURNAL, "[]"), type=list[Entry]))
    world.mail.restore(msgspec.convert(json.loads(parts.get(LETTERS, "[]")), list[Letter]))
    for name, provider in PROVIDERS.items():
        if name in parts:
            world.states[name] = _filled(provider.empty_state(world), json.loads(parts[name]))
    return world


def _filled(state: Any, kept: Mapping[str, Any]) -> Any:
    kinds = typing.get_type_hints(state.__class__)
    for name, value in kept.items():
        if kinds[name] is Book:
            book: Book = getattr(state, name)
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
