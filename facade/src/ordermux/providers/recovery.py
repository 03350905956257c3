"""Answers that break their document in a required place: what of them can be read, and where they break.

The typed client refuses such an answer as a whole. The facade reads the rest of it: one unreadable order of a list is
one unreadable order, and an operation on an order fails only for the fields that it needs.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeAlias

import attrs
import msgspec

from ..engine.response import ParsedResponse
from ..order import Order, OrderReader, OrderRef, RawBody, UnreadableRow
from ..status import NOT_REPORTED, Attention, Status, StatusMap

MAX_RAW_SIZE = 10_000
"""How many characters the JSON of a row without a readable id may have to be kept."""
MAX_PROBLEM_SIZE = 500
"""How many characters are kept of what is wrong with it."""

Breaks: TypeAlias = tuple[str, ...]
"""Where an order is not what its document says, such as `$.status: expected str, got null`, from the order's root."""


def lenient_reader(provider: str, read: Callable[..., Any], kind: Any, *needed: str) -> Callable[..., Any]:
    """Return a reader that takes an answer although it breaks its document, unless a field that is needed does.

    What cannot be read is `UNSET` in it, required or not, which `is_complete` tells; its deviations are all the breaks.
    """

    def lenient(status_code: int, headers: Mapping[str, str], content: bytes) -> Any:
        try:
            return read(status_code, headers, content)
        except Exception as error:
            package: Any = import_module(f"ordermux_{provider}")  # only here, since it is slow
            if not isinstance(error, package.errors.DecodeError):
                raise
            failed: Any = error
        finally:
            del headers, content  # a traceback with locals would show them
        outcome = package.codec.recovered(failed.content, kind)
        if isinstance(outcome, package.errors.DecodeError):
            raise failed.with_traceback(None)
        parsed, deviations = outcome
        facts = {"status_code": failed.status_code, "headers": failed.headers}
        for name in needed:
            if getattr(parsed, name, None) is msgspec.UNSET:
                path, problem = _break_of(type(parsed), name, deviations)  # pyright: ignore[reportUnknownArgumentType]
                raise package.errors.DecodeError(path, problem, failed.content, operation=failed.operation, **facts)
        return package.Response(content=failed.content, parsed=parsed, deviations=deviations, **facts)

    return lenient


def _break_of(kind: type[msgspec.Struct], name: str, deviations: Sequence[Any]) -> tuple[str, str]:
    """Return the break that leaves a field unset."""
    wire = next(field.encode_name for field in msgspec.structs.fields(kind) if field.name == name)
    at, missing = re.compile(rf"\$\.{re.escape(wire)}(?![^.\[])"), ("$", f"object missing required field {wire}")
    found = next(each for each in deviations if at.match(each.path) or (each.path, each.problem) == missing)
    return found.path, found.problem


def is_complete(value: Any) -> bool:
    """Return whether a value of a typed client has all that its document requires."""
    if isinstance(value, list):
        return all(map(is_complete, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, msgspec.Struct):
        fields = ((field.required, getattr(value, field.name)) for field in msgspec.structs.fields(type(value)))
        return all(is_complete(inner) for required, inner in fields if required or inner is not msgspec.UNSET)
    return value is not msgspec.UNSET


def field_or_none(value: Any, *names: str) -> Any:
    """Return a field of an order that may not be whole; None if the field, or what it is in, cannot be read."""
    for name in names:
        value = msgspec.UNSET if value is msgspec.UNSET else getattr(value, name)
    return value if is_complete(value) else None


def breaks_of(reply: ParsedResponse[Any]) -> Breaks:
    """Return the breaks of an answer that is one order."""
    return tuple(map(str, reply.deviations))


def problem_of(breaks: Breaks, field: str) -> str | None:
    """Return what is wrong with a field of the provider's JSON that is there; None for a right or a missing one."""
    start = f"$.{field}: "
    return next((line.removeprefix(start) for line in breaks if line.startswith(start)), None)


def read_status(table: StatusMap, word: Any, problem: str | None) -> Status:
    """Return what a field says: unknown if it is there and cannot be read, nothing if it is missing."""
    return table.unknown(problem) if problem else table.lookup(None if word is None else str(word))


def unreadable(status: Status) -> Status:
    """Return the status of an order that is not whole."""
    return attrs.evolve(status, attention=(*status.attention, Attention.UNREADABLE))


def with_breaks(order: Order, breaks: Breaks, **fields: Any) -> Order:
    """Return an order that is whole, with the breaks that it has, and with the fields that they change."""
    return attrs.evolve(order, deviations=breaks, **fields) if breaks else order


Make: TypeAlias = Callable[[Any, RawBody, tuple[str | int, ...], Breaks], Order]
"""Makes an order of a row: of its model, the body, where it stands there and where it breaks its document."""


def rows_of(
    reply: ParsedResponse[Any],
    source: RawBody,
    rows: Sequence[Any],
    at: tuple[str, ...],
    make: Make,
    *,
    id_field: str = "id",
    reader: OrderReader[Any] | None = None,
) -> list[Order | UnreadableRow]:
    """Return the orders of a page, which are at `at` in the body; a row whose id is unreadable as an `UnreadableRow`.

    If the page has no deviations, `reader` reads an order's fields when they are first accessed.
    """
    if not reply.deviations:
        if reader is None:
            return [make(row, source, (*at, index), ()) for index, row in enumerate(rows)]
        ids = map(operator.attrgetter(id_field), rows)
        return [
            reader.order(each, row, source, at, index) for index, (each, row) in enumerate(zip(ids, rows, strict=True))
        ]
    found: list[Order | UnreadableRow] = []
    root = ".".join(("$", *at))
    breaks = _breaks_by_row(reply.deviations, root)
    for index, row in enumerate(rows):
        wrong = breaks.get(index, ())
        if row is msgspec.UNSET or getattr(row, id_field) is msgspec.UNSET:
            found.append(_unreadable_row(f"{root}[{index}]", wrong, source.get((*at, index))))
            continue
        order = make(row, source, (*at, index), wrong)
        # A sum over a list must not hold an amount of an order that is not what it is taken for.
        found.append(order if order.native is not None else attrs.evolve(order, total=None))
    return found


def orders_of(
    reply: ParsedResponse[Any],
    source: RawBody,
    rows: Sequence[Any],
    at: tuple[str, ...],
    make: Callable[[Any, RawBody, tuple[str | int, ...]], Order],
    *,
    ref: Callable[[str], OrderRef],
    id_field: str = "id",
) -> list[Order | UnreadableRow]:
    """Return the orders of a page, as `rows_of` does, by a function that makes an order of a whole row.

    Of a row that breaks its document in a required place, the order has its id, and no status, total or other field.
    """

    def made(row: Any, source: RawBody, path: tuple[str | int, ...], breaks: Breaks) -> Order:
        if not breaks or is_complete(row):
            return with_breaks(make(row, source, path), breaks)
        status = unreadable(NOT_REPORTED)
        return Order(ref=ref(getattr(row, id_field)), status=status, deviations=breaks, source=source, path=path)

    return rows_of(reply, source, rows, at, made, id_field=id_field)


def _breaks_by_row(deviations: Iterable[Any], root: str) -> dict[int, Breaks]:
    at = re.compile(rf"{re.escape(root)}\[(\d+)\](.*)", re.DOTALL)
    found: dict[int, list[str]] = {}
    for each in deviations:
        if match := at.fullmatch(each.path):
            found.setdefault(int(match[1]), []).append(f"${match[2]}: {each.problem}")
    return {index: tuple(lines) for index, lines in found.items()}


def _unreadable_row(path: str, breaks: Breaks, raw: Any) -> UnreadableRow:
    fits = len(json.dumps(raw)) <= MAX_RAW_SIZE
    return UnreadableRow(path=path, problem="; ".join(breaks)[:MAX_PROBLEM_SIZE], raw=raw if fits else None)
