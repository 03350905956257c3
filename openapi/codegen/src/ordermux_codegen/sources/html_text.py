"""HTML, Markdown and plain text become lines: Markdown by way of HTML, and what views a diff as what it shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, Tag
from markdown_it import MarkdownIt

from .text import Line, heading_key

Form = Literal["html", "markdown", "text"]

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_AROUND = ("nav", "header", "footer", "aside")
_NO_TEXT = ("script", "style", "noscript", "template", "svg", "button", "nav", "footer", "iframe", "dialog")
_BLOCK = re.compile(  # any other element stands in a line
    r"address|article|aside|base|blockquote|body|br|caption|center|col(group)?|dd|details|dir|div|dl|dt|fieldset|"
    r"fig(caption|ure)|form|frameset|h[1-6r]|head(er)?|hgroup|html|legend|li|link|main|menu|meta|ol|opt(group|ion)|p|"
    r"pre|search|section|select|summary|table|tbody|td|textarea|tfoot|th(ead)?|title|tr|ul|video|audio|canvas"
)
_DELETED = ("del", "s", "strike")
_STRUCK = "~~"
"""What stands around a text that was struck out, as in Markdown: it says the opposite of one that was not."""
_PERMALINK = re.compile(r"[#¶§🔗\s\u200b]*")
_MARKDOWN_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)(?:\s+#+)?\s*$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\s*---\n.*?\n---\n", re.DOTALL)
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_DIFF_ROW = re.compile(r"\|?(?:\s*\d+\s*\|){1,2}\s?(?P<sign>[-+ ]?)(?P<text>.*?)[\s|]*|(?P<bare>[-+ ])(?P<line>.*)")
_CLOSERS = frozenset("}])\"'”’;")  # noqa: RUF001 - a curly quote closes too
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def lines_of(content: str, form: Form, names: Collection[str]) -> list[Line]:
    """Return a page's lines; `names` are the headings that are known."""
    if form == "html":
        lines = list(_html_lines(content, names))
        shown = _shown_by_diff("\n".join(line.text for line in lines if not line.around))
        return lines if shown is None else lines_of(shown, "markdown", names)
    shown = _shown_by_diff(content)
    if shown is not None or form == "markdown" or _has_marked_heading(content, names):
        html = _MARKDOWN.render(_FRONT_MATTER.sub("", shown or content))
        return list(_html_lines(html, names))
    return list(_text_lines(content, names))


def _has_marked_heading(content: str, names: Collection[str]) -> bool:
    known = {heading_key(name) for name in names}
    return any(heading_key(found) in known for found in _MARKDOWN_HEADING.findall(content))


def _shown_by_diff(content: str) -> str | None:
    """Return the file that a view of a diff shows, from its first hunk on; None if the page is no such view."""
    hunk = _HUNK.search(content)
    if hunk is None:
        return None
    below = [line for line in content[hunk.end() :].splitlines()[1:] if line.strip()]
    rows = [row for row in map(_DIFF_ROW.fullmatch, below) if row]
    if 2 * len(rows) < len(below):
        return None
    kept = (row for row in rows if "-" not in (row["sign"], row["bare"]))
    return "".join(f"{row['line'] if row['bare'] else row['text']}\n" for row in kept) or None


def _html_lines(html: str, names: Collection[str]) -> Iterator[Line]:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(_NO_TEXT):
        tag.decompose()
    for link in soup.select("h1 a, h2 a, h3 a, h4 a, h5 a, h6 a"):
        if _PERMALINK.fullmatch(link.get_text()):
            link.decompose()
    page, around = _parts(soup, {heading_key(name) for name in names})
    yield from _Walk(page).lines
    for line in (line for tag in around for line in _Walk(tag).lines):
        yield Line(line.text, row=line.row, around=True)


def _parts(soup: BeautifulSoup, known: set[tuple[str, ...]]) -> tuple[Tag, list[Tag]]:
    """Return the element that holds the page's own text, and those around it, each taken out of the other.

    It is the smallest that has most of the known headings.
    """
    candidates: list[Tag] = soup.select("main, [role=main], article")
    if not candidates:
        around: list[Tag] = [tag.extract() for tag in soup.find_all(_AROUND)]
        return soup.body or soup, around

    def fit(tag: Tag) -> tuple[int, int]:
        lines = _Walk(tag).lines
        found = {heading_key(line.text) for line in lines if line.level or (line.plain and known)}
        return len(found & known if known else found), -sum(len(line.text) for line in lines)

    return max(candidates, key=fit).extract(), [soup.body or soup]


class _Walk:
    """The lines of an element, as a browser would break them."""

    def __init__(self, root: Tag) -> None:
        self.lines: list[Line] = []
        self._inline: list[str] = []
        self._children(root, plain=True)
        self._end(plain=True)

    def _end(self, *, plain: bool) -> None:
        text = "".join(self._inline)
        self._inline.clear()
        if text.strip():
            self.lines.append(Line(" ".join(text.split()), plain=plain))

    def _children(self, tag: Tag, *, plain: bool) -> None:
        for child in tag.children:
            self._node(child, plain=plain)

    def _node(self, node: PageElement, *, plain: bool) -> None:
        if type(node) in (NavigableString, CData):
            self._inline.append(str(node))
        if not isinstance(node, Tag):
            return
        if not (_BLOCK.fullmatch(node.name) or node.get("role") == "heading"):
            mark = _STRUCK if node.name in _DELETED else ""
            self._inline.append(mark)
            self._children(node, plain=plain)
            self._inline.append(mark)
            return
        self._end(plain=plain)
        if node.name in _HEADINGS or node.get("role") == "heading":
            level = _HEADINGS.get(node.name) or int(str(node.get("aria-level", "2")))
            self.lines.append(Line(_text(node), level=level))
        elif node.name == "tr" and not node.find([*_HEADINGS, "table"]):
            cells = node.find_all(["td", "th"], recursive=False)
            self.lines.append(Line(" | ".join(_text(cell) or _alternative(cell) for cell in cells), row=True))
        elif node.name == "pre":
            self.lines += [Line(line) for line in _preformatted(node).splitlines()]
        else:
            self._children(node, plain=plain and node.name not in ("li", "blockquote"))
            self._end(plain=plain and node.name not in ("li", "blockquote"))


def _text(tag: Tag) -> str:
    return " ".join(line.text for line in _Walk(tag).lines)


def _alternative(cell: Tag) -> str:
    """Return what stands for the pictures of a cell that has nothing else, such as a tick."""
    return " ".join(str(image.get("alt", "")) for image in cell.find_all("img"))


def _preformatted(tag: Tag) -> str:
    """Return code as it stands; where each line is a block of its own, with the line's end behind it."""
    for inner in tag.find_all(["div", "br", "p", "tr"]):
        inner.insert_after("\n")
    return tag.get_text()


def _text_lines(content: str, names: Collection[str]) -> Iterator[Line]:
    """Yield lines, and headings where a line is a known one, or ends in one that is glued to it."""
    known = {heading_key(name): name for name in names}
    lines = [
        line.lstrip().rstrip(" ").replace("\t", " | ").strip() for line in content.splitlines()
    ]  # a tab: two cells
    alone = {heading_key(line) for line in lines} & set(known)
    for line in lines:
        if heading_key(line) in known:
            yield Line(line, level=1)
            continue
        name = _glued(line, [name for key, name in known.items() if key not in alone], names)
        yield Line(line.removesuffix(name))
        if name:
            yield Line(name, level=1)


def _glued(line: str, missing: Collection[str], names: Collection[str]) -> str:
    """Return the heading that a line ends in.

    Behind a closing bracket or quote it is one; behind a small letter, a digit or a full stop it is where the heading
    stands on no line of its own.
    """
    for name in sorted(names, key=len, reverse=True):
        before = line.removesuffix(name)[-1:]
        if not before or before == line or not line.endswith(name):
            continue
        softly = name in missing and name[:1].isupper() and (before.islower() or before.isdigit() or before in ".!?")
        if before in _CLOSERS or softly:
            return name
    return ""
