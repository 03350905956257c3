"""Files that have what the code prints: compared with what it prints now, or written by `RECORD=1`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_MARK = re.compile(r"<!-- printed: ([\w .-]+) -->\n.*?<!-- end -->", re.DOTALL)


def held(file: Path, now: str, test: str) -> None:
    """Compare a file with what it is to be, or write it if `RECORD` is set; `test` is the one that does so."""
    before = file.read_text(encoding="utf-8")
    if os.environ.get("RECORD"):
        file.write_text(now, encoding="utf-8")
    assert before == now, f"where that is right: RECORD=1 nox -s tests -- {test}, and read the diff"


def marks(page: Path) -> list[str]:
    """Return the names of the parts of a page that are printed."""
    return _MARK.findall(page.read_text(encoding="utf-8"))


def with_parts(page: Path, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return the text of a page with its parts as they are printed now; each stands between two marks."""

    def printed(mark: re.Match[str]) -> str:
        return f"<!-- printed: {mark[1]} -->\n\n{parts[mark[1]]()}\n\n<!-- end -->"

    return _MARK.sub(printed, page.read_text(encoding="utf-8"))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line).replace("\n", " ") + " |" for line in lines)
