"""Orders that are placed from outside: with nothing but what an order has."""

from __future__ import annotations

import functools
from typing import Any, Union

import msgspec
from msgspec import UNSET, UnsetType

from ..providers.registry import provider_named
from .registry import emulators
from .world import Object, as_string


def placed(shop: Any, provider: str, fields: Object) -> tuple[str, Object]:
    """Place an order; return its id, and what `place` returns.

    Raises msgspec.ValidationError where a field is none of the order's, or not what the document says.
    """
    msgspec.convert({"fields": fields}, _kind(provider), dec_hook=as_string)
    made: Object = shop.place(**fields)
    return made[emulators()[provider].placed_id], made


@functools.cache
def _kind(name: str) -> Any:
    """Return a type for `fields` that are those of the provider's order, none of them required."""
    emulator = emulators()[name]
    model = getattr(provider_named(name).generated("models"), emulator.placed_model)
    members: list[Any] = [
        (
            each.name,
            Union[
                each.type, UnsetType, *([None] if emulator.nullable is None or each.name in emulator.nullable else [])
            ],
            msgspec.field(default=UNSET, name=each.encode_name),
        )
        for each in msgspec.structs.fields(model)
    ]
    kind = msgspec.defstruct(emulator.placed_model, members, kw_only=True, forbid_unknown_fields=True)
    return msgspec.defstruct("Placed", [("fields", kind)])
