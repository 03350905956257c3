"""What differs between two documents: what the stock tool finds, and what it leaves out."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, cast

import attrs

from ..compile.document import Document
from .spelling import is_list, wordless
from .verdict import Verdict

Keys = tuple[str, ...]
MISSING: Any = object()


class Kind(enum.Enum):
    """How a place differs."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"


@attrs.frozen(kw_only=True)
class Finding:
    """One difference."""

    kind: Kind
    before_at: Keys
    """Where it stood, as keys from the top of the document; nothing for what is new."""
    after_at: Keys
    before: Any
    """What stood there; None for nothing."""
    after: Any
    stock: Verdict | None = None
    """Redocly's own verdict; None for what it does not see."""

    @property
    def at(self) -> Keys:
        """Where it stands, in the released document if it is there."""
        return self.before_at or self.after_at

    @property
    def name(self) -> str:
        """The last key: of a modified place the keyword, else the name of the thing."""
        return self.at[-1]


def complete(found: list[Finding], before: Document, after: Document) -> list[Finding]:
    """Return the stock tool's findings that hold, with those that it leaves out.

    Where a reference leads to another component it goes on to compare the two, as if the one had become the other;
    those findings are none. It does not look into examples, nor into what is nested inside of an extension.
    """
    renames = [finding for finding in found if finding.kind is Kind.RENAMED and _holds(finding, before, after, {})]
    renamed = {finding.before_at: finding.after_at for finding in renames}
    holding = [finding for finding in found if _holds(finding, before, after, renamed)]
    told = {place for finding in holding for place in (finding.before_at, finding.after_at) if place}
    rest = _walk(before.raw, after.raw, ())
    return holding + [finding for finding in rest if not _told(finding.at, told)]


def _holds(finding: Finding, before: Document, after: Document, renamed: dict[Keys, Keys]) -> bool:
    if finding.kind in {Kind.ADDED, Kind.REMOVED}:
        return bool(look(before, finding.at) != look(after, finding.at))
    if finding.kind is Kind.RENAMED:  # else the one went, and the other came
        apart = look(after, finding.before_at) is MISSING and look(before, finding.after_at) is MISSING
        return apart and wordless(look(before, finding.before_at)) == wordless(look(after, finding.after_at))
    moved = finding.before_at
    for length in range(len(moved), 0, -1):
        if moved[:length] in renamed:
            moved = renamed[moved[:length]] + moved[length:]
            break
    depth = {"components": 3, "paths": 2, "webhooks": 2}.get(finding.at[0], 0)
    return moved[:depth] == finding.after_at[:depth]


def _told(place: Keys, told: set[Keys]) -> bool:
    return any(place[: len(other)] == other for other in told) or any(other[: len(place)] == place for other in told)


def _walk(before: Any, after: Any, at: Keys) -> Iterator[Finding]:
    """Yield each smallest place that differs; a list is one place, unless its items are objects."""
    if before == after:
        return
    pairs = _pairs(before, after)
    if pairs is None:
        gone, new = before is MISSING, after is MISSING
        yield Finding(
            kind=Kind.ADDED if gone else Kind.REMOVED if new else Kind.MODIFIED,
            before_at=() if gone else at,
            after_at=() if new else at,
            before=None if gone else before,
            after=None if new else after,
        )
        return
    for key, (old, new_value) in pairs.items():
        yield from _walk(old, new_value, (*at, key))


def _pairs(before: Any, after: Any) -> dict[str, tuple[Any, Any]] | None:
    """Return what stands inside of two places, side by side; None if they are to be taken whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        return {str(key): (old.get(key, MISSING), new.get(key, MISSING)) for key in {**old, **new}}
    if is_list(before) and is_list(after) and len(before) == len(after):
        pairs = list(zip(before, after, strict=True))
        if all(isinstance(item, dict) for pair in pairs for item in pair):
            return {str(index): pair for index, pair in enumerate(pairs)}
    return None


def look(document: Document, place: Keys) -> Any:
    """Return what stands at a place of a document, MISSING for nothing."""
    node: Any = document.raw
    for key in place:
        try:
            node = node[int(key)] if is_list(node) else node[key]
        except (LookupError, TypeError, ValueError):
            return MISSING
    return node
