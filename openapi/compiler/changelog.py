"""What a changelog says of each version."""

from __future__ import annotations

import datetime
import re

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
    """Return what stands below a version's heading; None where there is no such heading."""
    parts = _HEADING.split(changelog)
    for found, day, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if found == version:
            return Entry(datetime.date.fromisoformat(day) if day else None, text.strip())
    return None
