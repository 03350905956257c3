"""Which of our words for an order's status lose or gain a source, by what `ordermux status-map` tells."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping

import attrs

from compiler.document import Document, ref_name

AXES = ("lifecycle", "payment", "fulfillment")
EVENT = "event"
ANY_OTHER = "any other word"


class MapError(Exception):
    """The facade does not tell its tables; the message is its own."""


@attrs.frozen
class Word:
    """What one of a provider's words says of an order."""

    provider: str
    field: str
    """Where it stands, such as `payment.status`; `event` for the name of an event."""
    word: str
    claims: Mapping[str, str]
    """Our words, by axis."""


@functools.cache
def status_map() -> list[Word]:
    """Return the tables of all providers, as the facade beside us has them.

    Raises MapError where it cannot be run, such as when an operation that it uses is gone.
    """
    command = [sys.executable, "-m", "ordermux.cli", "status-map", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise MapError(_reason(done.stderr.strip().splitlines()))
    return [_word(json.loads(line)) for line in done.stdout.splitlines()]


def _reason(told: list[str]) -> str:
    """Return why the command failed: with --json it says so in JSON, unless it could not even start."""
    try:
        return str(json.loads(told[-1])["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return told[-1] if told else "it did not say why"


def _word(row: dict[str, dict[str, str] | None]) -> Word:
    claims = {axis: cell["value"] for axis in AXES if (cell := row[axis])}
    return Word(str(row["provider"]), str(row["field"]), str(row["word"]), claims)


def word_changes(before: Document, after: Document, words: list[Word]) -> Iterator[str]:
    """Yield what each status word that came or went means for our words."""
    words = [word for word in words if word.provider == after.provider]
    for field in dict.fromkeys(word.field for word in words):
        table = {word.word: word for word in words if word.field == field}
        old, new = (_vocabulary(document, field, set(table)) for document in (before, after))
        kept = [word for word in words if word.field != field or word.word not in set(old) - set(new)]
        for word in (each for each in old if each not in new):
            yield from _gone(table.get(word) or Word(after.provider, field, word, {}), kept)
        for word in (each for each in new if each not in old):
            yield from _come(table.get(word), word, table.get(ANY_OTHER), field, after.provider)


def _vocabulary(document: Document, field: str, known: set[str]) -> list[str]:
    """Return the words that a document publishes for a field: those of the enum that has most of its known ones."""
    if field == EVENT:
        return [document.event_name(event) for event in document.events]
    name = field.rpartition(".")[2]
    enums = {ref_name(node) for _, member, node in document.properties() if member == name and ref_name(node)}
    found = [list(map(str, document.schemas[enum].get("enum", ()))) for enum in sorted(enums)]
    best = max(found, key=lambda values: len(known.intersection(values)), default=list[str]())
    return best if 2 * len(known.intersection(best)) > len(best) else []


def _gone(word: Word, kept: list[Word]) -> Iterator[str]:
    if not word.claims:
        yield f"{word.field} no longer says {word.word!r}, of which none of our words came"
    for axis, value in word.claims.items():
        others = [other.word for other in kept if other.claims.get(axis) == value]
        left = f"it has {', '.join(map(repr, dict.fromkeys(others)))} still" if others else "it has none any more"
        yield f"{word.field} no longer says {word.word!r}: {axis} {value!r} loses a source, {left}"


def _come(row: Word | None, word: str, other: Word | None, field: str, provider: str) -> Iterator[str]:
    if row is None:
        axes = ", ".join(other.claims) if other else ""
        read = f"it is read as unknown ({axes})" if axes else "nothing is read of it"
        yield f"{field} says {word!r}, which has no row in facade/src/ordermux/providers/{provider}.py yet: {read}"
    for axis, value in row.claims.items() if row else ():
        yield f"{field} says {word!r}: {axis} {value!r} gains a source"
