"""The providers that have an emulator, their operations, and how a world comes to have them."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import attrs
from starlette.routing import compile_path

from ..errors import BrokenProvider, InvalidArgument, MissingDependency
from ..providers.registry import Provider, provider_named, with_part
from .base import ProviderEmulator
from .sample_data import END, SECONDS_OF_YEAR, SampleGenerator
from .world import World


@functools.cache
def emulators() -> Mapping[str, ProviderEmulator[Any]]:
    """Return the emulator of each provider that has one, by the provider's name.

    One that cannot be used is left out, and a warning is logged.
    """
    return with_part("emulator", _checked, "the emulator")


def _checked(provider: Provider) -> ProviderEmulator[Any]:
    """Return a provider's emulator.

    Raises BrokenProvider if its routes cannot be read, or two operations have the same method and path.
    """
    emulator = provider.emulator
    try:
        routes = list(emulator.routes)
    except (BrokenProvider, MissingDependency):
        raise
    except Exception as error:  # whatever the code of a provider's package raises
        raise provider.broken(
            f"the emulator's routes raised {type(error).__name__}: {error}", "report this to its author"
        ) from error
    seen: dict[tuple[str, str], str] = {}
    for operation, method, path, _ in routes:
        other = seen.setdefault((method, path), operation)
        if other != operation:
            raise provider.broken(
                f"{other} and {operation} of its emulator are both {method} {path}", "give one another path"
            )
    return emulator


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


def secret_of(world: str, provider: str) -> str:
    """Return what a provider signs with in a world, always the same; empty if it signs nothing."""
    parts = provider_named(provider)
    if not parts.has("webhooks") or not parts.webhooks.signed:
        return ""
    key = base64.b64encode(hashlib.sha256(f"{world}:{provider}".encode()).digest()[:24]).decode()
    return parts.emulator.webhook_secret(key)


@attrs.frozen
class _DeliveryRules:
    """How a provider delivers, by its emulator and its webhook scheme."""

    provider: str

    @property
    def retries(self) -> tuple[float, ...]:
        return emulators()[self.provider].retries

    @property
    def received_statuses(self) -> frozenset[int]:
        return provider_named(self.provider).webhooks.received_statuses

    def secret(self, world: str) -> str:
        return secret_of(world, self.provider)

    def check_secret(self, secret: str) -> None:
        try:
            provider_named(self.provider).webhooks.check(secret)
        except InvalidArgument as error:
            raise ValueError(str(error)) from None
        if not secret:
            raise ValueError("a secret that signs is not empty")


def populate(world: World) -> World:
    """Give a world the providers that it does not have yet, with their orders, and return it."""
    world.faults.operations[:] = operations()
    world.outbox.rules.update((name, _DeliveryRules(name)) for name in emulators())
    for name, provider in emulators().items():
        if name not in world.states:
            state = provider.empty_state(world)
            generator = SampleGenerator(f"{world.seed}/{name}")
            for number in range(world.extra_orders):
                generator.moment = END - (world.extra_orders - number) * SECONDS_OF_YEAR / world.extra_orders
                provider.add_generated_order(generator, state)
            provider.add_samples(world, state)
            world.states[name] = state
    return world
