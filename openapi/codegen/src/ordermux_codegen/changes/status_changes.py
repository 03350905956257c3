"""Which of our status values lose or gain a source, by the facade's status map."""

from __future__ import annotations

from collections.abc import Iterator

from ..compile.document import Document
from ..compile.nodes import ref_name
from ..status_map import StatusRow

EVENT = "event"
ANY_OTHER = "any other value"


def status_changes(before: Document, after: Document, rows: list[StatusRow]) -> Iterator[str]:
    """Yield what each raw status value that came or went means for our values."""
    rows = [row for row in rows if row.provider == after.provider]
    for field in dict.fromkeys(row.field for row in rows):
        known = {row.value: row for row in rows if row.field == field}
        old, new = (_values(document, field, set(known)) for document in (before, after))
        kept = [row for row in rows if row.field != field or row.value not in set(old) - set(new)]
        for value in (each for each in old if each not in new):
            yield from _removed(field, value, known.get(value), kept)
        for value in (each for each in new if each not in old):
            yield from _added(known.get(value), value, known.get(ANY_OTHER), field)


def _values(document: Document, field: str, known: set[str]) -> list[str]:
    """Return the values that a document publishes for a field: those of the enum that has most of its known ones."""
    if field == EVENT:
        return [document.event_name(event) for event in document.events]
    name = field.rpartition(".")[2]
    enums = {ref_name(node) for _, member, node in document.properties() if member == name and ref_name(node)}
    found = [list(map(str, document.schemas[enum].get("enum", ()))) for enum in sorted(enums)]
    best = max(found, key=lambda values: len(known.intersection(values)), default=list[str]())
    return best if 2 * len(known.intersection(best)) > len(best) else []


def _removed(field: str, raw: str, row: StatusRow | None, kept: list[StatusRow]) -> Iterator[str]:
    claims = row.claims if row else ()
    if not claims:
        yield f"{field} no longer says {raw!r}, of which none of our words came"
    for part, value in claims:
        others = [other.value for other in kept if (part, value) in other.claims]
        left = f"it has {', '.join(map(repr, dict.fromkeys(others)))} still" if others else "it has none any more"
        yield f"{field} no longer says {raw!r}: {part} {value!r} loses a source, {left}"


def _added(row: StatusRow | None, raw: str, other: StatusRow | None, field: str) -> Iterator[str]:
    if row is None:
        axes = ", ".join(part for part, _ in other.claims) if other else ""
        read = f"it is read as unknown ({axes})" if axes else "nothing is read of it"
        yield f"{field} says {raw!r}, which has no row in the status map yet: {read}"
    elif not row.claims:
        yield f"{field} says {raw!r}, of which none of our words comes"
    for part, value in row.claims if row else ():
        yield f"{field} says {raw!r}: {part} {value!r} gains a source"
