"""Values as HTML, for notebooks such as Jupyter."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, cast

import attrs

from .serialization import JsonReady, json_ready


def table_of(value: JsonReady) -> str:
    """Return a table with a row for each field that has a value: neither raw bodies nor secrets, all text escaped."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{_cell(each)}</td></tr>" for name, each in _fields(value))
    return f"<table><caption>{escape(type(value).__name__)}</caption><tbody>{rows}</tbody></table>"


def _fields(value: Any) -> list[tuple[str, Any]]:
    kind: type[Any] = value.__class__
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    found = [(each.name, getattr(value, each.name)) for each in fields if not each.name.startswith("_")]
    return [(name, each) for name, each in found if each is not None and each not in ((), {}, "")]


def _cell(value: Any) -> str:
    """Return a value as HTML; the items of a list on a line each."""
    items: list[Any] = list(cast("Any", value)) if isinstance(value, list | tuple) else [value]
    return "<br>".join(escape(_text(each)) for each in items)


def _text(value: Any) -> str:
    """Return a value on one line: as it is printed, or the fields that it has."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {json_ready(each)}" for name, each in cast("Any", value).items())
    if isinstance(value, JsonReady) and type(value).__str__ is object.__str__:
        return ", ".join(f"{name} {_text(each)}" for name, each in _fields(value))
    return str(value)
