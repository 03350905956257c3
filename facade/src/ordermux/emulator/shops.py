"""The four providers, their operations, and how a world comes to have them."""

from __future__ import annotations

from types import ModuleType
from urllib.parse import unquote

from starlette.routing import compile_path

from . import croissant, crossmint, cryptum, seeds, zephyr
from .world import World

PROVIDERS: dict[str, ModuleType] = {
    "croissant": croissant,
    "zephyr": zephyr,
    "crossmint": crossmint,
    "cryptum": cryptum,
}
OPERATIONS = {
    f"{name}.{operation}": (method, compile_path(path)[0])
    for name, provider in PROVIDERS.items()
    for operation, method, path, _ in provider.ROUTES
}
"""The method and the path of each operation, by the name that faults and counters have for it."""


def operation_at(method: str, path: str) -> tuple[str, str | None] | None:
    """Return the operation that a request is of, and the id in its path."""
    for operation, (known, pattern) in OPERATIONS.items():
        if known == method and (found := pattern.match(path)):
            return operation, next((unquote(value) for value in found.groupdict().values()), None)
    return None


def furnish(world: World) -> World:
    """Give a world the providers that it does not have yet, with their orders, and return it."""
    world.faults.operations[:] = OPERATIONS
    for name, provider in PROVIDERS.items():
        if name not in world.states:
            state = provider.empty_state(world)
            seeds.fill(name, state, world.seed, world.orders)
            provider.add_samples(world, state)
            world.states[name] = state
    return world
