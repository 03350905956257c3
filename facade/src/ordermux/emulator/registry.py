"""The providers that have an emulator, their operations, and how a world comes to have them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.routing import compile_path

from .base import ProviderEmulator, emulators
from .sample_data import add_generated_orders
from .world import World


@functools.cache
def operations() -> Mapping[str, tuple[str, re.Pattern[str]]]:
    """Return the method and the path of each operation, by the name that faults and counters have for it."""
    return {
        f"{name}.{operation}": (method, compile_path(f"/{name}{path}")[0])
        for name, provider in emulators().items()
        for operation, method, path, _ in provider.routes
    }


def operation_at(method: str, path: str) -> tuple[str, str | None] | None:
    """Return the operation that a request is of, and the id in its path."""
    for operation, (known, pattern) in operations().items():
        if known == method and (found := pattern.match(path)):
            return operation, next((unquote(value) for value in found.groupdict().values()), None)
    return None


def emulator_at(path: str) -> ProviderEmulator[Any] | None:
    """Return the emulator of the provider whose prefix a path has."""
    return emulators().get(path.split("/", 2)[1]) if path.startswith("/") else None


def populate(world: World) -> World:
    """Give a world the providers that it does not have yet, with their orders, and return it."""
    world.faults.operations[:] = operations()
    for name, provider in emulators().items():
        if name not in world.states:
            state = provider.empty_state(world)
            add_generated_orders(name, provider, state, world.seed, world.extra_orders)
            provider.add_samples(world, state)
            world.states[name] = state
    return world
