"""The JSON Schema of what each command prints with --json: of one line, if it prints several."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import typer

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_CLAIM: Schema = {
    "type": "object",
    "properties": {"value": _TEXT, "basis": {"enum": ["documented", "implied", "assumed", None]}},
    "required": ["value", "basis"],
}
_COLUMN_TYPES: dict[type, Schema] = {
    str: _MAYBE_TEXT,
    bool: {"type": ["boolean", "null"]},
    Decimal: _MAYBE_TEXT,
    datetime.datetime: {"type": ["string", "null"], "format": "date-time"},
}
_ORDERS = ("list", "find", "get", "create", "update", "fulfill", "cancel")


def schema_of(command: str) -> Schema | None:
    """Return the schema of a command, such as `orders list`; None if it prints no JSON."""
    from ..json_schema import DIALECT
    from ..order import Order, Refund

    group, _, name = command.partition(" ")
    if group == "orders" and name in _ORDERS:
        return Order.json_schema()
    if command == "orders refund":
        return Refund.json_schema()
    if command == "orders export":
        return {"$schema": DIALECT, **_row()}
    if command == "events listen":
        return _event()
    found = _OWN.get(command)
    return None if found is None else {"$schema": DIALECT, **found}


def print_schema(ctx: typer.Context, wanted: bool) -> None:  # noqa: FBT001
    """Print the schema of a command instead of running it."""
    if not wanted:
        return
    from ._output import write

    schema = schema_of(ctx.command_path.removeprefix("ordermux "))
    if schema is None:
        raise typer.BadParameter("this command prints no JSON on standard output")
    write(schema)
    raise typer.Exit


def _object(optional: tuple[str, ...] = (), **members: Schema) -> Schema:
    """Return the schema of an object; later versions may add members."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def _row() -> Schema:
    """Return the schema of a row of `--to jsonl`."""
    from ..export import COLUMNS

    return _object(("raw",), **{name: _COLUMN_TYPES[kind] for name, kind in COLUMNS.items()}, raw=_MAYBE_TEXT)


def _event() -> Schema:
    """Return the schema of an event, with the status of its order, and why that could not be read."""
    from ..event import Event
    from ..status import Status

    event, status = Event.json_schema(), Status.json_schema()
    more = _object(status={"$ref": status["$ref"]}, problem=_MAYBE_TEXT)
    definitions = {**event["$defs"], **status["$defs"]}
    return {"$schema": event["$schema"], "allOf": [{"$ref": event["$ref"]}, more], "$defs": definitions}


_EMULATED = _object(
    account=_TEXT,
    id=_TEXT,
    raw_status=_MAYBE_TEXT,
    total=_MAYBE_TEXT,
    created=_MAYBE_TEXT,
    lifecycle=_MAYBE_TEXT,
    payment=_MAYBE_TEXT,
    fulfillment=_MAYBE_TEXT,
    holds=_TEXTS,
    transitions=_TEXTS,
)
_OWN: dict[str, Schema] = {
    "products sync": _object(
        account=_TEXT,
        file=_TEXT,
        done={"type": "boolean"},
        stored=_COUNT,
        failed=_COUNT,
        failures={"type": "array", "items": _object(line=_COUNT, id=_MAYBE_TEXT, problem=_TEXT)},
        resume=_MAYBE_TEXT,
    ),
    "events trigger": _object(order=_TEXT, event=_TEXT, transitions=_TEXTS, sent_to=_TEXTS),
    "accounts check": _object(
        account=_TEXT,
        provider=_TEXT,
        host=_TEXT,
        works={"type": "boolean"},
        problem=_MAYBE_TEXT,
        operations=_TEXTS,
        filters={"type": "object", "additionalProperties": _TEXT},
    ),
    "status-map": _object(
        ("provider", "vocabulary", "lost"),
        provider=_TEXT,
        vocabulary=_TEXT,
        field=_TEXT,
        raw_value=_TEXT,
        **{axis: {"anyOf": [_CLAIM, {"type": "null"}]} for axis in ("lifecycle", "payment", "fulfillment")},
        cancel_reason=_MAYBE_TEXT,
        holds={"type": "array", "items": _CLAIM},
        ended_holds={"type": "array", "items": _CLAIM},
        attention=_TEXTS,
        page=_TEXT,
        lost=_MAYBE_TEXT,
    ),
    "emulator place": {"anyOf": [_EMULATED, {"description": "Croissant's event of a payment.", "type": "object"}]},
    "emulator transition": _EMULATED,
}
