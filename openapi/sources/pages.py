"""The pages that a document names, and what became of one since it was recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs
from bs4 import BeautifulSoup

from compiler.document import Document

from .reading import Form, lines_of
from .text import Section, content_of, heading_key, split

_FOUND_NOTHING = re.compile(r"\b404\b|\b(page )?not found\b", re.IGNORECASE)
_SHORT = 300
"""Fewer characters than this, without a heading and with scripts, are no page's text."""
BY_HAND = "open it in a browser, save it, and read the folder by `-- --from DIR`"
LOG_IN = "log in with a browser, save the page, and read the folder by `-- --from DIR`"


class UnreadableError(Exception):
    """A page could not be read, so that nothing can be said of it; the message says why and what to do."""

    def __init__(self, problem: str, advice: str) -> None:
        """Keep both halves."""
        super().__init__(f"{problem}: {advice}")
        self.problem = problem
        self.advice = advice


@attrs.frozen
class Page:
    """A page that a document names."""

    document: Document
    key: str

    @property
    def _entry(self) -> dict[str, Any]:
        return dict(self.document.sources[self.key])

    @property
    def name(self) -> str:
        """The provider and the page, as a saved one's file is named."""
        return f"{self.document.provider}-{self.key}"

    @property
    def title(self) -> str:
        """Its title."""
        return str(self._entry["title"])

    @property
    def url(self) -> str:
        """Its address."""
        return str(self._entry["url"])

    @property
    def digests(self) -> dict[str, str | None]:
        """The digest of each section on record; None for one that is named and not recorded yet."""
        return dict(self._entry.get("sections") or {})


@attrs.frozen
class Copy:
    """A page as it came."""

    content: bytes
    form: Form
    charset: str = "utf-8"


@attrs.frozen(kw_only=True)
class Result:
    """What became of a page."""

    page: Page
    sections: tuple[Section, ...] | None = None
    """Its sections as they are now; None where it was not read."""
    problem: str = ""
    """Why it could not be read."""
    advice: str = ""
    """What to do then."""

    @property
    def changed(self) -> list[Section]:
        """The sections whose text is not the recorded one."""
        digests = self.page.digests
        return [section for section in self.sections or () if digests.get(section.name) not in (None, section.digest)]

    @property
    def new(self) -> list[Section]:
        """The sections that have no digest on record, where other sections of the page have."""
        digests = self.page.digests
        return [section for section in self.sections or () if digests and digests.get(section.name) is None]

    @property
    def gone(self) -> list[str]:
        """The recorded sections that the page no longer has."""
        names = {section.name for section in self.sections or ()}
        return [name for name in self.page.digests if self.sections is not None and name not in names]

    @property
    def moved(self) -> bool:
        """Whether the page is not what it was."""
        return bool(self.changed or self.new or self.gone)


def pages_of(documents: list[Document]) -> Iterator[Page]:
    """Yield every page of the documents."""
    for document in documents:
        yield from (Page(document, key) for key in document.sources)


def read(page: Page, copy: Copy) -> tuple[Section, ...]:
    """Return a page's sections.

    Raises UnreadableError where the copy is not the page's text: empty, a binary file, a login page, another page.
    """
    text = _decoded(copy)
    if copy.form == "html":
        _check_html(page, text)
    lines = lines_of(text, copy.form, page.digests or [page.title])
    if not any(content_of(line.text) for line in lines):
        raise UnreadableError("the page has no text", f"it may need JavaScript; {BY_HAND}")
    sections = tuple(split(lines, page.digests, page.title))
    if page.digests and not {section.name for section in sections} & set(page.digests):
        raise UnreadableError(
            f"none of the {len(page.digests)} known sections is there, so this is another page, such as a login page",
            f"look at {page.url}; if it was written anew, take the old sections out of `x-sources`",
        )
    return sections


def _decoded(copy: Copy) -> str:
    if not copy.content.strip():
        raise UnreadableError("the page is empty", BY_HAND)
    if copy.content.lstrip()[:5] == b"%PDF-" or b"\0" in copy.content:
        raise UnreadableError("this is no text but a binary file, such as a PDF", "save its text in a .txt")
    try:
        return copy.content.decode(copy.charset).removeprefix("\ufeff").replace("\r\n", "\n")
    except (UnicodeDecodeError, LookupError):
        raise UnreadableError(f"the text is not {copy.charset}", "save it as UTF-8, and read it by `--from`") from None


def _check_html(page: Page, html: str) -> None:
    """Refuse what stands in for a page with status 200."""
    soup = BeautifulSoup(html, "html.parser")
    found = {heading_key(tag.get_text()) for tag in soup.find_all(re.compile(r"h[1-6]"))}
    known = {heading_key(name) for name in page.digests}
    whole = known and 2 * len(found & known) > len(known)
    if soup.find("input", type=re.compile("^password$", re.IGNORECASE)) and not whole:
        raise UnreadableError("this is a login page", LOG_IN)
    title = soup.title.get_text() if soup.title else ""
    if _FOUND_NOTHING.search(title) and not whole:
        raise UnreadableError("the page says that there is none, by its title", "give its new address in `x-sources`")
    scripts = soup.find_all("script")
    for tag in [*scripts, *soup.find_all(["noscript", "style", "title"])]:
        tag.decompose()
    if scripts and not found and len(soup.get_text(" ", strip=True)) < _SHORT:
        raise UnreadableError("the page has no text without JavaScript", BY_HAND)
