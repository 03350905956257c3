"""What a changelog says of each version."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import attrs

_HEADING = re.compile(r"^## (\S+)(?: \((\d{4}-\d\d-\d\d)\))?.*\n", re.MULTILINE)


@attrs.frozen
class Entry:
    """What changed in one version."""

    date: datetime.date | None
    """None as long as it is not released."""
    text: str
    """Empty where there is no more than a heading."""


def entry_of(changelog: str, version: str) -> Entry | None:
    """Return what stands below a version's heading; None if there is no such heading."""
    return next((entry for found, entry in _entries(changelog) if found == version), None)


def dated(changelog: str) -> list[str]:
    """Return the versions that a changelog gives a day of release, in its order."""
    return [version for version, entry in _entries(changelog) if entry.date]


def _entries(changelog: str) -> Iterator[tuple[str, Entry]]:
    parts = _HEADING.split(changelog)
    for version, day, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        yield version, Entry(datetime.date.fromisoformat(day) if day else None, text.strip())
