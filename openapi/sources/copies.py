"""Earlier copies of sections, each under its digest in a folder that git ignores, so that a difference can be shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

import attrs

from .text import Section

MOST_LINES = 60
"""How much of a difference is shown."""


@attrs.frozen
class Copies:
    """A folder of the sections that were ever read here."""

    folder: Path

    def keep(self, sections: Iterable[Section]) -> None:
        """Keep the sections' text.

        Raises OSError where the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n", "utf-8")
        for section in sections:
            self._path(section.digest).write_text("\n".join(section.lines), "utf-8")

    def difference(self, digest: str, section: Section) -> list[str] | None:
        """Return the lines of a unified diff from the text that had this digest; None where there is no copy of it."""
        try:
            before = self._path(digest).read_text("utf-8").splitlines()
        except OSError:
            return None
        lines = list(difflib.unified_diff(before, section.lines, "as recorded", "now", lineterm="", n=2))
        more = len(lines) - MOST_LINES
        return lines if more <= 0 else [*lines[:MOST_LINES], f"… {more} more lines"]

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest.removeprefix('sha256:')}.txt"
