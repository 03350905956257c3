"""Examples that fit, and the smallest bodies where none is published."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .flattening import listed
from .schemas import Schema

DEEPEST = 20
"""How deep a body that is made up may be."""
PREFIX = "#/components/schemas/"
TEXTS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "email": "name@shop.example",
    "hostname": "shop.example",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "00:00:00Z",
    "uri": "https://shop.example",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
"""A text of each format that a validator knows."""
FORMATS = FormatChecker(())
FORMATS.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)


@FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or _converts(value, datetime.datetime, "date-time")


@FORMATS.checks("date")
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or _converts(value, datetime.date, "date")


def _converts(value: str, kind: Any, name: str) -> bool:
    """Return whether a text is a time both to the rules for documents and to a compiled decoder."""
    if not Draft202012Validator.FORMAT_CHECKER.conforms(value, name):
        return False
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


Place = tuple[str, ...]
"""Where a schema stands in a document, by its keys."""


class Fitting:
    """Tells whether values fit the components of a document."""

    def __init__(self, schemas: Mapping[str, Schema], shown_at: Callable[[Place], list[Any]] = lambda _: []) -> None:
        """Take the components as they are now, and what gives the examples that are published of a schema."""
        self.schemas = schemas
        self._shown_at = shown_at
        plain = json.loads(json.dumps({"components": {"schemas": schemas}}))
        resource: Any = DRAFT202012.create_resource(plain)
        self._registry: Any = Registry[Any]().with_resource("urn:document", resource)
        self._validators: dict[str, Any] = {}

    def misfit(self, name: str, value: Any) -> str:
        """Return where a value does not fit a component, and why; nothing where it does."""
        if name not in self._validators:
            schema = {"$ref": f"urn:document{PREFIX}{name}"}
            self._validators[name] = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
        try:
            error: Any = next(self._validators[name].iter_errors(value), None)
        except RecursionError:
            return "it is nested too deep"
        return f"{error.json_path}: {error.message[:120]}" if error is not None else ""

    def smallest(self, name: str) -> Any:
        """Return the smallest value that has what a component requires; its bounds may ask for more."""
        return self._smallest({"$ref": f"{PREFIX}{name}"}, 0, ())

    def _smallest(self, schema: Schema, depth: int, place: Place) -> Any:
        while "$ref" in schema and depth < DEEPEST:
            name = schema["$ref"].removeprefix(PREFIX)
            schema, depth, place = self.schemas[name], depth + 1, ("components", "schemas", name)
        if depth >= DEEPEST:
            return {}
        if "const" in schema or schema.get("enum"):
            return schema.get("const", schema.get("enum", [None])[0])
        if members := schema.get("oneOf"):
            return self._smallest(members[0], depth + 1, place)
        kind = listed(schema.get("type", "object"))[0]
        if kind == "object":
            members = schema.get("properties", {})
            required = [each for each in schema.get("required", ()) if not members[each].get("readOnly")]
            return {each: self._smallest(members[each], depth + 1, (*place, "properties", each)) for each in required}
        if kind == "array":
            item = self._smallest(schema["items"], depth + 1, (*place, "items"))
            return [item] * int(schema.get("minItems", 0))
        validator: Any = Draft202012Validator(schema, format_checker=FORMATS)
        shown = (value for value in self._shown_at(place) if validator.is_valid(value))
        return next(shown, self._scalar(kind, schema))

    @staticmethod
    def _scalar(kind: str, schema: Schema) -> Any:
        if kind == "string":
            text = TEXTS.get(schema.get("format", ""), "text")
            return text.ljust(int(schema.get("minLength", 0)), "x")[: int(schema.get("maxLength", 1000))]
        if kind in {"integer", "number"}:
            least: Any = schema.get("minimum", schema.get("exclusiveMinimum", 0))
            return int(least) + (1 if "exclusiveMinimum" in schema else 0)
        return False if kind == "boolean" else None
