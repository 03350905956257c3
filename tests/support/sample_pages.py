"""Made-up pages of docs, each written as HTML, Markdown or plain text, and copies of the documents that name them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

import attrs

from support.repository import DOCUMENTS


@attrs.frozen
class Paragraph:
    """Some sentences."""

    words: str

    def html(self) -> str:
        """Return it with an element that shows nothing."""
        return f"<p>{escape(self.words).replace(' ', ' <b></b>', 1)}</p>"

    def markdown(self) -> str:
        """Return it as it is."""
        return self.words.replace("*", "\\*").replace("<", "\\<")

    def text(self) -> str:
        """Return each sentence in a line."""
        return self.words.replace(". ", ".\n")


@attrs.frozen
class Items:
    """A list."""

    items: list[str]

    def html(self) -> str:
        """Return it without the ends that HTML does not need."""
        return "<ul>" + "".join(f"<li><p>{escape(item)}" for item in self.items) + "</ul>"

    def markdown(self) -> str:
        """Return it with stars."""
        return "\n".join(f"* {item}" for item in self.items)

    def text(self) -> str:
        """Return it with bullets."""
        return "\n".join(f"• {item}" for item in self.items)


@attrs.frozen
class Grid:
    """A table, its first row the head."""

    rows: list[list[str]]

    def html(self) -> str:
        """Return it with each cell as code."""
        rows = ("".join(f"<td><code>{escape(cell)}</code></td>" for cell in row) for row in self.rows)
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"

    def markdown(self) -> str:
        """Return it with marks around it, each cell as code."""
        rows = ["| " + " | ".join(f"`{cell}`" if cell else "" for cell in row) + " |" for row in self.rows]
        return "\n".join([rows[0], "|---" * len(self.rows[0]) + "|", *rows[1:]])

    def text(self) -> str:
        """Return it with marks inside."""
        return "\n".join(" | ".join(row) for row in self.rows)


@attrs.frozen
class Code:
    """A sample."""

    sample: str

    def html(self) -> str:
        """Return it with a button."""
        return f"<pre><code>{escape(self.sample)}</code></pre><button>Copy</button>"

    def markdown(self) -> str:
        """Return it in a fence."""
        return f"```json\n{self.sample}\n```"

    def text(self) -> str:
        """Return it as it is."""
        return self.sample


Block: TypeAlias = Paragraph | Items | Grid | Code
SamplePage: TypeAlias = Mapping[str, Sequence[Block]]
"""Headings with what stands below each; the first is the page's title."""


def as_html(page_text: SamplePage) -> str:
    """Write a page as a site would serve it, with a menu, a script and a footer around it."""
    parts = [
        f"<h{level}>{escape(name)}<a href='#x'>#</a></h{level}>" + "\n".join(block.html() for block in page_text[name])
        for level, name in _levels(page_text)
    ]
    return (
        "<!doctype html><html><head><title>Docs</title><style>h1 {color: red}</style></head><body>"
        "<nav><a href='/'>Home</a> <a href='#refunds'>Refunds</a></nav><header>Docs 2.0</header>"
        f"<main>\n{''.join(parts)}</main><script>track('all')</script><footer>Since 2019</footer></body></html>"
    )


def as_markdown(page_text: SamplePage) -> str:
    """Write a page as it lies in a repository, with front matter."""
    parts = [
        "\n\n".join(["#" * level + f" {name}", *(block.markdown() for block in page_text[name])])
        for level, name in _levels(page_text)
    ]
    return "---\ntitle: Docs\n---\n\n" + "\n\n".join(parts) + "\n"


def as_text(page_text: SamplePage) -> str:
    """Write a page as a browser copies it: headings are lines like any other."""
    return "\n\n".join("\n\n".join([name, *(block.text() for block in page_text[name])]) for name in page_text)


def as_diff(markdown: str) -> str:
    """Write what a site shows of a file's first version."""
    lines = markdown.splitlines()
    rows = [f"| {number} | +{line} | |" for number, line in enumerate(lines, 1)]
    return "\n".join(["Changes", "Comparing empty → 160dc49.", f"| @@ -1,0 +1,{len(lines)} @@ | ||", *rows])


def as_html_diff(markdown: str) -> str:
    """Write the same as the page itself."""
    lines = markdown.splitlines()
    rows = (f"<tr><td>{number}</td><td>+{escape(line)}</td><td></td></tr>" for number, line in enumerate(lines, 1))
    hunk = f"<tr><td colspan=2>@@ -1,0 +1,{len(lines)} @@</td></tr>"
    return f"<html><body><h1>Changes</h1><table>{hunk}{''.join(rows)}</table></body></html>"


FORMS: dict[str, tuple[str, Callable[[SamplePage], str]]] = {
    "HTML": (".html", as_html),
    "Markdown": (".md", as_markdown),
    "text": (".txt", as_text),
    "a diff": (".txt", lambda page_text: as_diff(as_markdown(page_text))),
    "a diff as HTML": (".html", lambda page_text: as_html_diff(as_markdown(page_text))),
}
"""Each form with its files' ending."""


def _levels(page_text: SamplePage) -> list[tuple[int, str]]:
    return [(2 if number else 1, name) for number, name in enumerate(page_text)]


def documents_in(folder: Path, *providers: str) -> Path:
    """Copy the real documents of these providers into a folder, with what lies beside each, and return it."""
    for provider in providers:
        shutil.copy(DOCUMENTS / f"{provider}.yaml", folder)
        shutil.copytree(DOCUMENTS / provider, folder / provider)
    return folder
