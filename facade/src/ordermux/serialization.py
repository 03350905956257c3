"""How values leave the program: as JSON; and what stays behind when an object is turned into a table or a text."""

from __future__ import annotations

import datetime
import enum
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import attrs

_DEEPEST = 100
"""How many levels of a provider's JSON are exported."""


def json_ready(value: Any, level: int = 0) -> Any:
    """Return a value as JSON has it, so that `json.dumps` takes it with `allow_nan=False`.

    What JSON has no form for is text, such as a Decimal, a time or an infinity; a Secret is its mask.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(Decimal(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return (value.astimezone(datetime.UTC) if value.tzinfo else value).isoformat()
    return _members(value, level)


def _members(value: Any, level: int) -> Any:
    """Return what is made of other values as JSON has it, any other object as its text."""
    if isinstance(value, JsonReady):
        return value.to_dict()
    if isinstance(value, BaseException):
        return {"kind": type(value).__name__, "message": str(value)}
    if level >= _DEEPEST:
        return f"<more than {_DEEPEST} levels>"
    if isinstance(value, Mapping):
        members: list[tuple[Any, Any]] = list(cast("Any", value).items())
        return {str(json_ready(name)): json_ready(each, level + 1) for name, each in members}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_ready(each, level + 1) for each in cast("list[Any]", value)]
    return str(value)


class JsonReady:
    """A value that people put into a file, a table or a message."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, and for `pandas.json_normalize`.

        Amounts are text, times ISO 8601 in UTC, references `account:id`; what the provider does not say is None. It has
        neither the raw body nor a secret. `json_schema` describes it; later versions add members, and rename none.
        """
        fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(type(self))  # type: ignore[arg-type]
        return {each.name: json_ready(getattr(self, each.name)) for each in fields if not each.name.startswith("_")}

    def to_json(self) -> str:
        """Return what `to_dict` gives as a line of JSON, all of it ASCII."""
        return json.dumps(self.to_dict(), allow_nan=False)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of what `to_dict` and `to_json` return."""
        from .json_schema import json_schema

        return json_schema(cls)

    def _repr_html_(self) -> str:
        """Return a table for notebooks, such as Jupyter; what the provider says is escaped."""
        from .notebooks import table_of

        return table_of(self)


@attrs.define(slots=False, init=False, eq=False, repr=False)
class Hidden:
    """Keeps a value with an attrs object, in such a way that no conversion of the object shows it.

    It is a class of attrs without fields: all that `attrs.asdict` and `attrs.astuple` see is empty, so that a table of
    orders does not have a page in each row. `attrs.evolve`, `copy` and `pickle` keep the value.
    """

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        """Keep the value."""
        self._value = value

    def reveal(self) -> Any:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        """Return nothing of it."""
        return "Hidden()"

    def __eq__(self, other: object) -> bool:
        """Compare the values."""
        return bool(self._value == other._value) if isinstance(other, Hidden) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the value."""
        return Hidden, (self._value,)


def hidden(value: Any) -> Hidden:
    """Return a value hidden, once: `attrs.evolve` gives the one that is."""
    return value if isinstance(value, Hidden) else Hidden(value)
