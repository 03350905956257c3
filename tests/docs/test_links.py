"""The links of the pages, and the pages of the site."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.repository import ROOT

PAGES = [ROOT / "README.md", ROOT / "facade" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", [page.relative_to(ROOT).as_posix() for page in PAGES])
def test_what_a_page_links_to_exists(path: str) -> None:
    """Each file that it names, and each heading of it."""
    folder, missing = (ROOT / path).parent, list[str]()
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", (ROOT / path).read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = folder / file if file else ROOT / path
        found = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
        headings = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}
        missing += [link] if not target.exists() or (anchor and anchor not in headings) else []
    assert [] == missing


def navigation(entry: Any) -> Iterator[str]:
    """Yield the pages below an entry of the navigation."""
    if isinstance(entry, str):
        yield entry
    else:
        for below in entry if isinstance(entry, list) else entry.values():  # pyright: ignore[reportUnknownVariableType]
            yield from navigation(below)


def test_each_page_is_in_the_navigation() -> None:
    """Once."""
    settings = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in Path(ROOT / "docs").rglob("*.md")]
    assert sorted(pages) == sorted(navigation(settings["project"]["nav"]))
