"""The JSON Schema of what `to_dict` and `to_json` return, derived from the types of the values."""

from __future__ import annotations

import datetime
import enum
import inspect
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import attrs

from .serialization import JsonReady

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DECIMAL = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_PLAIN: Mapping[Any, Schema] = {
    Any: {},
    bool: {"type": "boolean"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    Decimal: _DECIMAL,
    float: {"anyOf": [{"type": "number"}, {"type": "string"}]},
    int: {"type": "integer"},
    str: {"type": "string"},
    types.NoneType: {"type": "null"},
}
"""A float that is not finite is text."""


def json_schema(kind: type[JsonReady]) -> Schema:
    """Return the JSON Schema (draft 2020-12) of what `to_dict` returns for a class of values.

    Each member is always there. Later versions may add members and words; they rename and remove none.
    """
    found: dict[str, Schema] = {}
    root = _schema(kind, found)
    return {"$schema": DIALECT, **root, "$defs": dict(sorted(found.items()))}


def _schema(kind: Any, found: dict[str, Schema]) -> Schema:
    """Return the schema of a type; those of classes are put into `found`, and referred to."""
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_schema(each, found) for each in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], found)}
    return _class(origin or kind, found)


def _class(kind: type[object], found: dict[str, Schema]) -> Schema:
    if issubclass(kind, enum.Enum | JsonReady):
        if kind.__name__ not in found:
            found[kind.__name__] = {}  # so that what holds itself ends
            found[kind.__name__] = _enum(kind) if issubclass(kind, enum.Enum) else _object(kind, found)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if issubclass(kind, BaseException):
        return {"type": "object", "properties": {name: {"type": "string"} for name in ("kind", "message")}}
    return {"type": "object" if issubclass(kind, Mapping) else "string"}  # text, such as the reference of an order


def _enum(kind: type[enum.Enum]) -> Schema:
    return {"description": inspect.getdoc(kind), "type": "string", "enum": [each.value for each in kind]}


def _object(kind: type[JsonReady], found: dict[str, Schema]) -> Schema:
    hints = get_type_hints(kind)
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(cast("Any", kind))
    members = {each.name: hints[each.name] for each in fields if not each.name.startswith("_")}
    properties = {name: _schema(each, found) for name, each in members.items()}
    return {
        "description": inspect.getdoc(kind),
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }
