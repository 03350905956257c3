"""What providers sent and their documents do not say: the lines of a deviation log, each at its place in the YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import attrs

from ..compile.basis import basis_in_words
from ..compile.document import Document
from ..compile.nodes import Node, ref_name
from ..compile.operations import Operation
from ..compile.yaml_positions import Entry
from ..workspace import shown
from .report import code

_STEP = re.compile(r"\.([^.\[]+)|\[(\.{3})?\]")


@attrs.frozen
class Deviation:
    """One kind of deviation, over all the lines that tell of it."""

    provider: str
    operation: str
    place: str
    expected: str
    got: str
    times: int
    """How often it came, at least: a log writes the first, second, fourth, eighth … time."""
    first: str
    last: str
    versions: tuple[str, ...]
    """Of the package that met it."""


@attrs.frozen
class Field:
    """A field of a document."""

    schema: str
    name: str
    node: Node
    basis: Node
    line: int
    """In the YAML, from 1."""


def deviation_report(documents: list[Document], path: Path) -> tuple[str, int]:
    """Return the report as Markdown and the exit code: 0 if the log tells of nothing, 2 if it cannot be read."""
    head = "# What providers send and their documents do not say"
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        return f"{head}\n\n{path} could not be read: {error.strerror}.\n", 2
    read = [_parsed(line) for line in lines]
    broken = sum(line is None for line in read)
    known = {document.provider: document for document in documents}
    found = list(_grouped(line for line in read if line and line["provider"] in known))
    rows = [f"| {each.provider} | {code(each.operation)} | {code(each.place)} | {each.times} |" for each in found]
    table = "\n".join(["| provider | operation | place | times, at least |", "|---|---|---|---:|", *rows])
    parts = [head, table if rows else "Nothing: no line tells of these providers."]
    parts += ["\n".join(_told(known[each.provider], each)) for each in found]
    if broken:
        parts.append(f"{broken} lines of {path.name} are no deviation and were left out.")
    return "\n\n".join(parts) + "\n", 2 if broken and not found else int(bool(found))


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        made = json.loads(line)
        texts = ("time", "provider", "version", "operation", "place", "expected", "got", "run")
        good = all(isinstance(made[name], str) for name in texts) and type(made["count"]) is int
    except (ValueError, LookupError, TypeError):
        return None
    return cast("dict[str, Any]", made) if good else None


def _grouped(lines: Iterable[dict[str, Any]]) -> Iterator[Deviation]:
    kinds: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for line in lines:
        key = tuple(line[name] for name in ("provider", "operation", "place", "expected", "got"))
        kinds.setdefault(key, []).append(line)
    for (provider, operation, place, expected, got), told in sorted(kinds.items()):
        runs: dict[str, int] = {}
        for line in told:
            runs[line["run"]] = max(line["count"], runs.get(line["run"], 0))
        times = sorted(line["time"] for line in told)
        versions = tuple(sorted({line["version"] for line in told}))
        yield Deviation(provider, operation, place, expected, got, sum(runs.values()), times[0], times[-1], versions)


def _told(document: Document, found: Deviation) -> Iterator[str]:
    field = field_at(document, found.operation, found.place)
    name = f"{field.schema}.{field.name}".rstrip(".") if field else found.place
    yield f"## {document.provider}: {code(name)} is not what the provider sends"
    yield ""
    if field:
        yield f"- where: `{shown(document.path)}`, line {field.line}"
        yield f"- the document says: {code(_said(field))}, {basis_in_words(field.basis)}"
    else:
        yield f"- where: nowhere in `{shown(document.path)}` as it is now"
    yield f"- what came: {code(found.got)} where {code(found.expected)} was expected, at {code(found.place)}"
    yield f"- operation: {code(found.operation)}"
    yield f"- how often: {found.times} times at least, from {found.first} to {found.last}"
    yield f"- noticed by: `ordermux-{document.provider}` {', '.join(found.versions)}; here is {document.version}"


def field_at(document: Document, operation_name: str, place: str) -> Field | None:
    """Return the field of the document that a place of an operation's answer, or of an event, is."""
    for operation in (*document.operations, *document.events):
        event = operation in document.events
        names = {operation.operation_id, document.event_name(operation)} if event else {operation.operation_id}
        if operation_name in names and (schema := _body_of(operation, event=event)):
            return _walk(document, schema, place)
    return None


def _body_of(operation: Operation, *, event: bool) -> str:
    return operation.body.name if event and operation.body else operation.result


def _walk(document: Document, schema: str, place: str) -> Field | None:
    found: tuple[str, str] = (schema, "")
    node: Node = document.schemas[schema]
    for name, _ in _STEP.findall(place.removeprefix("$")):
        if not name:
            node = node.get("items") or node.get("additionalProperties") or {}
        else:
            owner = _owner(document, node, name)
            if not owner:
                return None
            found = owner, name
            node = document.schemas[owner]["properties"][name]
        if ref_name(node):
            schema = ref_name(node)
            node = document.schemas[schema]
    owner, member = found
    own = document.schemas[owner]
    said = own["properties"][member] if member else own
    return Field(owner, member, said, said.get("x-basis", own["x-basis"]), line_of(document, owner, member))


def _owner(document: Document, node: Node, member: str) -> str:
    """Return the component that has a member: the one that `node` is, or one of its union."""
    for name, schema in document.schemas.items():
        if schema is node and member in schema.get("properties", {}):
            return name
    for option in node.get("oneOf", ()):
        if found := _owner(document, document.resolve(option), member):
            return found
    return ""


def line_of(document: Document, schema: str, member: str = "") -> int:
    """Return the line, from 1, where a schema or a property of it starts in the document's file."""
    entry = Entry.of(document.path.read_text("utf-8")).at("components", "schemas", schema)
    return entry.at("properties", member).line if member else entry.line


def _said(field: Field) -> str:
    """Return a field's type in the document's words."""
    node = field.node
    kind = node.get("type", "any")
    told = " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)
    told = ref_name(node) or told
    return f"{told}, {node['format']}" if "format" in node else told
