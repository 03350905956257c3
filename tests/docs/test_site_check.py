"""The check of the built site finds what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest
import site_check

GOOD = '<h1 id="top">Top</h1><a href="#top">a</a> <a href="b.html#below">b</a> <a href="https://example.com/">c</a>'
BAD = {
    '<a href="gone.html">a</a>': "gone.html leads nowhere",
    '<a href="b.html#gone">a</a>': "b.html#gone leads to no heading",
    '<a href="#gone">a</a>': "#gone leads to no heading",
    '<img src="gone.png">': "gone.png leads nowhere",
    '<script src="https://cdn.example.com/a.js"></script>': "loads https://cdn.example.com/a.js",
    '<link rel="stylesheet" href="//fonts.example.com/a.css">': "loads //fonts.example.com/a.css",
    '<p style="background: url(https://example.com/a.png)">': "loads https://example.com/a.png",
    '<pre class="mermaid"></pre>': "needs a script of a network: mermaid",
}


def check(folder: Path, page: str, style: str = "") -> list[str]:
    """Return what is wrong with a site of two pages."""
    (folder / "a.html").write_text(page, encoding="utf-8")
    (folder / "b.html").write_text('<h2 id="below">Below</h2>', encoding="utf-8")
    (folder / "a.css").write_text(style, encoding="utf-8")
    return site_check.problems(folder)


def test_a_whole_site_has_no_problem(tmp_path: Path) -> None:
    """A link to elsewhere is followed by the reader alone."""
    assert [] == check(tmp_path, GOOD, "a { background: url(b.png) }")


@pytest.mark.parametrize("part", BAD)
def test_what_is_wrong_with_a_page_is_told(tmp_path: Path, part: str) -> None:
    """With the page."""
    assert [f"a.html: {BAD[part]}"] == check(tmp_path, GOOD + part)


def test_what_a_style_loads_is_told(tmp_path: Path) -> None:
    """With the file."""
    style = "@font-face { src: url('https://fonts.example.com/a.woff2') }"
    assert ["a.css: loads https://fonts.example.com/a.woff2"] == check(tmp_path, GOOD, style)
