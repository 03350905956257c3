"""A call of the facade, formatted as code."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..order import Money, OrderRef
from ..status import Status
from ..webhooks import Event

_MAX_LENGTH = 36
"""The number of characters of a draft that are shown."""
_END = 4


def short(order_id: str) -> str:
    """Return the end of a long id; a short id is returned as it is."""
    return order_id if len(order_id) <= 2 * _END else f"…{order_id[-_END:]}"


def code(function: Callable[..., Any], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """Return a call of the facade as code."""
    owner, _, method = function.__qualname__.rpartition(".")
    given = [*map(_literal, arguments), *(f"{name}={_literal(value)}" for name, value in named.items())]
    return f"mux.{owner.lower()}.{method}({', '.join(given)})"


def _literal(value: object) -> str:  # noqa: PLR0911 - a table of cases
    match value:
        case enum.Enum():
            return value.name
        case OrderRef():
            return f'"{value.account}:{short(value.id)}"'
        case Money():
            return f'Money("{value.amount}", "{value.currency}")'
        case Event() | Status():
            return "event" if isinstance(value, Event) else "known"
        case msgspec.Struct():
            return _draft(value)
        case list():
            return f"[{len(value)} products]"  # pyright: ignore[reportUnknownArgumentType]
        case str() if len(value) > _MAX_LENGTH - 1:
            return f'"{short(value)}"'
        case _:
            return repr(value).replace("'", '"')


def _draft(value: msgspec.Struct) -> str:
    """Return a typed draft, or the start of a long one."""
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    given = [f"{name}={_literal(field)}" for name, field in fields.items() if field is not msgspec.UNSET]
    shown = given if len(", ".join(given)) <= _MAX_LENGTH else [given[0], "…"]
    return f"{type(value).__name__}({', '.join(shown)})"
