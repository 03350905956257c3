"""Orders as rows: the provider's raw status, and the status that the facade maps it to."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from ..order import Order
from ..providers.registry import provider_named
from ..status import AXES, Status
from .registry import emulators
from .world import Object, World

_MAX_READ = 2_000
"""Of how many orders of a provider the status is looked at in a search."""


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


def matching(world: World, provider: str, text: str) -> list[str]:
    """Return the ids of the orders whose id contains a text or, of the newest, whose status is or begins with it."""
    wanted = text.strip().lower()
    found: list[str] = []
    for place, order_id in enumerate(reversed(list(world.states[provider].orders))):
        if wanted in order_id.lower() or (place < _MAX_READ and _has_status(world, provider, order_id, wanted)):
            found.append(order_id)
    return found


def _has_status(world: World, provider: str, order_id: str, wanted: str) -> bool:
    row = next(rows(world, provider, only=order_id))
    statuses = [row["raw_status"], *(row[axis] for axis in AXES), *row["holds"]]
    return any(str(each).lower().startswith(wanted) for each in statuses if each)


def with_ledger(world: World, provider: str, order_id: str) -> Object:
    """Return the row of an order, with what the facade reads of its ledger; None if it reads none."""
    typed = _typed(provider, world.states[provider].orders[order_id])
    reader = provider_named(provider).adapter.reader_for(provider)
    ledger = None if typed is None or reader is None else _ledger(reader.order(order_id, typed))
    return {**next(rows(world, provider, only=order_id)), "ledger": ledger}


def _ledger(order: Order) -> Object:
    """Return what the facade reads of an order's ledger."""
    members = order.to_dict()
    names = ("line_items", "refunded_total", "refundable", "merchant_reference")
    reason = order.unrefundable
    return {
        **members["ledger"],
        **{name: members[name] for name in names},
        "unrefundable": None if reason is None else reason.text,
        "attention": members["status"]["attention"],
    }


def _status(name: str, order: Any) -> Status:
    """Return what the facade makes of an order as the API answers it; nothing if no answer has a status."""
    typed = _typed(name, order)
    return Status() if typed is None else provider_named(name).adapter.status_of(typed)


def _typed(name: str, order: Any) -> Any:
    """Return an order as the typed client has it; None if no answer has it, or it is not what the document says."""
    provider, model = provider_named(name), emulators()[name].order_model
    if model is None:
        return None
    decoded: Callable[[bytes, Any], Any] = provider.generated("codec").decoded
    typed = decoded(json.dumps(order).encode(), getattr(provider.generated("models"), model))
    return cast("tuple[Any, Any]", typed)[0] if isinstance(typed, tuple) else None
