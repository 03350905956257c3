"""Orders as rows: the provider's raw status, and the status that the facade maps it to."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from ..providers.registry import provider_named
from ..status import Status
from .base import emulators
from .world import Object, World


def rows(world: World, provider: str, limit: int = 1, offset: int = 0, *, only: str | None = None) -> Iterator[Object]:
    """Yield orders of a provider, the newest first, or only one."""
    state = world.states[provider]
    # A list at once, since another thread may place an order meanwhile.
    newest = [only] if only is not None else list(itertools.islice(reversed(state.orders), offset, offset + limit))
    for order_id in newest:
        status = _status(provider, state.orders[order_id])
        yield {
            "account": provider,
            "id": order_id,
            **state.summary(order_id),
            "lifecycle": status.lifecycle,
            "payment": status.payment,
            "fulfillment": status.fulfillment,
            "holds": list(status.holds),
            "transitions": state.transitions(order_id),
        }


def _status(name: str, order: Any) -> Status:
    """Return what the facade makes of an order as the API answers it; nothing if no answer has a status."""
    provider, model = provider_named(name), emulators()[name].order_model
    if model is None:
        return Status()
    typed = provider.generated("codec").decoded(
        json.dumps(order).encode(), getattr(provider.generated("models"), model)
    )
    return provider.adapter.status_of(typed[0]) if isinstance(typed, tuple) else Status()
