"""The shell examples of the pages: a line each, and how a test tries it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from support.repository import ROOT

_BLOCK = re.compile(r"^ *```(sh|console)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_OWN_TESTS = {"docs/command-line.md": {"console"}, "docs/reference/command-line.md": {"sh"}}
"""The blocks that have tests of their own, by page: tests/cli/test_recorded.py and tests/cli/test_help.py."""
_KINDS = {
    "until Ctrl-C": r"ordermux emulator\b|ordermux events listen\b|python -m ordermux\.emulator\b",
    "other programs": r"curl |ordermux .*--to parquet",
    "command": r"(\w+=\S+ )?(\.venv/bin/)?ordermux |ordermux-codegen ",
    "setting": r"export ",
    "checkout": r"python3 -m venv |(\.venv/bin/)?(pip|nox) |git ",
}
"""How a line begins; what is of a checkout installs or publishes, and is looked at instead of run."""


def lines() -> Iterator[tuple[str, str]]:
    """Yield each line of the README's and the pages' shell examples, with its page; without its comment."""
    for path in [ROOT / "README.md", ROOT / "facade" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        page = path.relative_to(ROOT).as_posix()
        for language, block in _BLOCK.findall(path.read_text(encoding="utf-8")):
            if language in _OWN_TESTS.get(page, ()):
                continue
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                typed = line.strip() if language == "sh" else line.removeprefix("$ ") if line[:2] == "$ " else ""
                if typed:
                    yield page, re.sub(r"\s+#.*$", "", typed)


def kind_of(line: str) -> str | None:
    """Return how a line is tried; None if there is no way to."""
    return next((kind for kind, pattern in _KINDS.items() if re.match(pattern, line)), None)


def of_kind(kind: str) -> list[str]:
    """Return the lines that are tried in one way, each once."""
    return list(dict.fromkeys(line for _, line in lines() if kind_of(line) == kind))
