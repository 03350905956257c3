"""Orders as a table: the provider's raw word, and what the facade makes of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from ..status import Status
from .world import Object, World

_MODELS = {"zephyr": "Order", "crossmint": "Order", "cryptum": "ListedOrder"}


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
            "moves": state.moves(order_id),
        }


def _status(provider: str, order: Any) -> Status:
    """Return what the facade makes of an order as the API answers it: of a cart nothing, since it has no status."""
    if provider not in _MODELS:
        return Status()
    package = import_module(f"ordermux_{provider}")
    typed = package.codec.decoded(json.dumps(order).encode(), getattr(package.models, _MODELS[provider]))
    if not isinstance(typed, tuple):
        return Status()
    status: Status = import_module(f"ordermux.providers.{provider}").status_of(typed[0])
    return status
