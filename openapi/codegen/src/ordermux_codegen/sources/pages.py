"""The pages that a document names, and what became of one since it was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
from bs4 import BeautifulSoup

from ..compile.digests import EMPTY
from ..compile.document import Document
from .html_text import Form, lines_of
from .text import Line, Section, content_of, heading_key, split

_FOUND_NOTHING = re.compile(r"\b404\b|\b(page )?not found\b", re.IGNORECASE)
_STANDS_IN = re.compile(
    r"captcha|verify(ing)? (that )?you are (a )?human|are you (a )?(human|robot)|not a robot|just a moment|"
    r"checking (if the site connection is secure|your browser)|attention required|access denied|unusual traffic|"
    r"(enable|requires|needs) javascript|javascript (is|has been) (disabled|required)|ddos protection|incapsula|"
    r"too many requests|temporarily unavailable|under maintenance|session (has )?expired|log in to continue|"
    r"sign in to continue|(log|sign) in to (go on|continue|view|see|read)|you (must|need to) (log|sign) in",
    re.IGNORECASE,
)
"""What is written on a page that a server gives in place of the one that was asked for."""
_FAILED = re.compile(
    r"\W*((http )?(error|status)( code)?:? )?[45]\d\d\b(\W*|"
    r"\W+(error|bad|unauthori[sz]ed|payment|forbidden|not found|page|gone|too many|internal|not implemented|service|"
    r"gateway|unavailable|server|client|web server|connection|origin|unknown).*)|"
    r".*\b(bad gateway|internal server error|gateway time-?out|service (is )?(temporarily )?unavailable)\b.*|"
    r"\W*(forbidden|server error|unauthori[sz]ed|bad request|error( \d+)?|oops|sorry|unavailable)\W*|"
    r".*\b(something|somewhere) (has )?(went|gone|goes) wrong\b.*|"
    r".*\b(unexpected|application|unknown|fatal) error(:.*|( (has )?(occurred|happened))?\W*)|"
    r".*\b(an|the following) (\w+ )?error (has )?(occurred|happened)\b.*|.*\b(we'll be|be right) back\b.*|"
    r".*\bsite (can't|cannot|could not) be (reached|found)\b.*|.*\b(site|account) (has been |is )?suspended\b.*|"
    r".*\bdomain( name)?\b.* (for sale|parked|expired)\b.*|.*\b(buy|parked) (this )?domain\b.*|"
    r"welcome to (nginx|apache|caddy)\b.*|.*\bdefault (web )?page\b.*|it works!?|index of /.*",
    re.IGNORECASE,
)
"""What a server that fails, or a domain that nobody uses, has for a title or for its first heading."""
_LOG_IN_TITLE = re.compile(r"\s*(log|sign)[ -]?(in|on)\b", re.IGNORECASE)
_APOSTROPHE = str.maketrans({"\u2019": "'"})
_LITTLE = 2000
"""Characters: a page with more text than this is not taken for one that stands in for another."""
_SHORT = 300
"""Fewer characters than this, without a heading and with scripts, are no page's text."""
BY_HAND = "open it in a browser, save it, and read the folder by `--from DIR`"
LOG_IN = "log in with a browser, save the page, and read the folder by `--from DIR`"


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
    """Its sections as they are now; None if it was not read."""
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
    """Yield every page of the documents; what was imported is no page, and is compared by `importing`."""
    for document in documents:
        yield from (Page(document, key) for key, source in document.sources.items() if "pointers" not in source)


def imported_of(documents: list[Document]) -> list[str]:
    """Return the providers whose documents were imported."""
    return [each.provider for each in documents if any("pointers" in source for source in each.sources.values())]


def read(page: Page, copy: Copy) -> tuple[Section, ...]:
    """Return a page's sections.

    Raises UnreadableError if the copy is not the page's text: empty, a binary file, a login page, another page.
    """
    text = _decoded(copy)
    _check_json(text)
    if copy.form == "html":
        _check_html(page, text)
    lines = lines_of(text, copy.form, page.digests or [page.title])
    own = [line for line in lines if not line.around]
    _check_heading(page, text, copy.form, own)
    if not any(content_of(line.text) for line in own):
        raise UnreadableError("the page has no text", f"it may need JavaScript; {BY_HAND}")
    sections = tuple(split(lines, [*page.digests, *_renamed(page, lines)], page.title))
    _check_text(page, own, sections)
    same = {section.name: section.digest for section in sections} == page.digests
    if copy.form == "html" and not same and _ends_early(text):
        raise UnreadableError("the page ends before its HTML does, so it was cut off", f"try again later, or {BY_HAND}")
    if page.digests and not {section.name for section in sections} & set(page.digests):
        raise UnreadableError(
            f"none of the {len(page.digests)} known sections is there, so this is another page, such as a login page",
            f"look at {page.url}; if it was written anew, take the old sections out of `x-sources`",
        )
    return sections


def _renamed(page: Page, lines: list[Line]) -> list[str]:
    """Return the headings that are not on record, below which a text stands that is, and whose heading went."""
    there = {section.name for section in split(lines, page.digests, page.title)}
    lost = {digest for name, digest in page.digests.items() if name not in there} - {None, EMPTY}
    return [section.name for section in (split(lines, (), page.title) if lost else ()) if section.digest in lost]


def _decoded(copy: Copy) -> str:
    if not copy.content.strip():
        raise UnreadableError("the page is empty", BY_HAND)
    if copy.content.lstrip()[:5] == b"%PDF-" or b"\0" in copy.content:
        raise UnreadableError("this is no text but a binary file, such as a PDF", "save its text in a .txt")
    try:
        return copy.content.decode(copy.charset).removeprefix("\ufeff").replace("\r\n", "\n")
    except (UnicodeDecodeError, LookupError):
        raise UnreadableError(f"the text is not {copy.charset}", "save it as UTF-8, and read it by `--from`") from None


def _ends_early(html: str) -> bool:
    """Return whether what a page opens is not closed at its end."""
    lower = html.lower()
    return any(f"<{tag}" in lower and f"</{tag}" not in lower for tag in ("html", "body", "main"))


def _check_text(page: Page, lines: list[Line], sections: tuple[Section, ...]) -> None:
    """Refuse a short page that says why it is not the one that was asked for."""
    known = {section.name for section in sections} & set(page.digests)
    text = "\n".join(line.text for line in lines)
    found = _STANDS_IN.search(text)
    if found and len(text) < _LITTLE and not (page.digests and 2 * len(known) > len(page.digests)):
        raise UnreadableError(f"the page says {found.group().lower()!r}, so it stands in for another", BY_HAND)


def _check_heading(page: Page, text: str, form: Form, lines: list[Line]) -> None:
    """Refuse what is called an error, wherever it is called so: by its title, or by what stands first.

    A page of which most sections are known is one that tells of errors, and so is one that the document calls so.
    """
    known = {heading_key(name) for name in page.digests}
    if known and 2 * len({heading_key(line.text) for line in lines} & known) > len(known):
        return
    title = BeautifulSoup(text, "html.parser").title if form == "html" else None
    first = [line.text for line in lines if line.text.strip()][:1]
    heading = [line.text for line in lines if line.level][:1]
    for called in [title.get_text() if title else "", *first, *heading]:
        called = " ".join(called.translate(_APOSTROPHE).split())  # noqa: PLW2901 - the same words
        if _FAILED.fullmatch(called) and heading_key(called) != heading_key(page.title):
            raise UnreadableError(
                f"the page is called {called[:60]!r}, so it stands in for another", f"try again later, or {BY_HAND}"
            )


def _check_json(text: str) -> None:
    """Refuse JSON, which is what an API answers, and no page."""
    try:
        found = json.loads(text)
    except ValueError:
        return
    if isinstance(found, dict | list):
        raise UnreadableError("this is JSON, such as the answer of an API, and no page", BY_HAND)


def _check_html(page: Page, html: str) -> None:
    """Refuse what stands in for a page with status 200."""
    soup = BeautifulSoup(html, "html.parser")
    found = {heading_key(tag.get_text()) for tag in soup.find_all(re.compile(r"h[1-6]"))}
    known = {heading_key(name) for name in page.digests}
    whole = known and 2 * len(found & known) > len(known)
    if soup.find("input", type=re.compile("^password$", re.IGNORECASE)) and not whole:
        raise UnreadableError("this is a login page", LOG_IN)
    title = soup.title.get_text() if soup.title else ""
    if _STANDS_IN.search(title) and not whole:
        raise UnreadableError(
            f"the page is called {' '.join(title.split())[:60]!r}, so it stands in for another", BY_HAND
        )
    if _LOG_IN_TITLE.match(title) and not whole:
        raise UnreadableError("this is a login page, by its title", LOG_IN)
    if _FOUND_NOTHING.search(title) and not whole:
        raise UnreadableError("the page says that there is none, by its title", "give its new address in `x-sources`")
    scripts = soup.find_all("script")
    for tag in [*scripts, *soup.find_all(["noscript", "style", "title"])]:
        tag.decompose()
    if scripts and not found and len(soup.get_text(" ", strip=True)) < _SHORT:
        raise UnreadableError("the page has no text without JavaScript", BY_HAND)
