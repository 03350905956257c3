"""What a changelog says of a version."""

from __future__ import annotations

import datetime
import re

import attrs

from .packages import Package


@attrs.frozen
class Entry:
    """What changed in one version."""

    date: datetime.date | None
    """None as long as it is not released."""
    text: str


def entry_of(package: Package) -> Entry | None:
    """Return what the changelog says of the package's version; None where it says nothing."""
    parts = re.split(r"^## (.+)$", package.changelog.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        version, _, rest = heading.partition(" ")
        if version == package.version and text.strip():
            date = re.fullmatch(r"\((\d{4}-\d\d-\d\d)\)", rest.strip())
            return Entry(datetime.date.fromisoformat(date[1]) if date else None, text.strip())
    return None
