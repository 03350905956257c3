"""Earlier texts of sections, each under its digest in a folder that git ignores, so that a difference can be shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

import attrs

from .text import Section

MAX_LINES = 60
"""How much of a difference is shown."""


def shortened(lines: list[str]) -> list[str]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - MAX_LINES
    return lines if more <= 0 else [*lines[:MAX_LINES], f"… {more} more lines"]


@attrs.frozen
class Cache:
    """The folder of every section that was read here."""

    folder: Path

    def keep(self, sections: Iterable[Section]) -> None:
        """Keep the sections' text.

        Raises OSError if the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n", "utf-8")
        for section in sections:
            self._path(section.digest).write_text("\n".join(section.lines), "utf-8")

    def text(self, digest: str) -> list[str] | None:
        """Return the lines of the text that had this digest; None if there is no copy of it."""
        try:
            return self._path(digest).read_text("utf-8").splitlines()
        except OSError:
            return None

    def changed(self, digest: str, section: Section) -> list[str]:
        """Return the lines that came and went; none if there is no copy of what was."""
        before = self.text(digest)
        compared = difflib.ndiff(before, section.lines) if before is not None else ()
        return [line[2:] for line in compared if line[0] in "-+"]

    def difference(self, digest: str, section: Section) -> list[str] | None:
        """Return the lines of a unified diff from the text that had this digest; None if there is no copy of it."""
        before = self.text(digest)
        if before is None:
            return None
        lines = list(difflib.unified_diff(before, section.lines, "as recorded", "now", lineterm="", n=2))
        return shortened(lines)

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest.removeprefix('sha256:')}.txt"
