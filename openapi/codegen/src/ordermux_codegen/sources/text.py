"""A page's text without its layout: lines, sections and their digests.

The same content gives the same digests as HTML, Markdown or plain text. Layout does not count: markup, list bullets,
table rules, the shape of quotes and dashes, and whitespace, save between two words that would be one without it. Case
and every other character count, and so do the borders between a row's cells: a tick says something else in another
column. A capital behind a small letter starts a word, since saved pages often lack the space there; so `orderId` and
`order Id` are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

import attrs

from ..compile.digests import digest_of

_SPELLINGS = str.maketrans(dict.fromkeys("“”„″", '"') | dict.fromkeys("‘’′", "'") | dict.fromkeys("‐‑–—−", "-"))  # noqa: RUF001 - these are what is folded
_CODE = str.maketrans("`", " ")
_ROW = re.compile(r"\A\s*\|(.*)\|\s*\Z", re.DOTALL)
_TOKEN = re.compile(r"[^\W_]+|\S")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_RULE = re.compile(r"[\s|:=+_*~-]{3,}")
_BULLET = re.compile(r"\A\s*(?:[-*•‣▪◦]|\d{1,2}[.)])\s+")
_BULLET_OF_A_ROW = re.compile(r"\A\s*[•‣▪◦]\s+")
_WHEN = (
    r"(\d[\d:./-]*(st|nd|rd|th|t[\d:.]+)?z?|an?|about|almost|over|a few|few|at|on|the|of|ago|yesterday|today|just|now|"
    r"(second|minute|hour|day|week|month|year)s?|(mon|tues|wednes|thurs|fri|satur|sun)day|[ap]m|utc|gmt|"
    r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6})[.,]?"
)
_FURNITURE = re.compile(
    rf"last updated(:| on)?( by [\w.-]+( [\w.-]+)?)?( {_WHEN})*|(was|is) this( page| guide)? (helpful|useful)\?|"
    r"how is this guide\?|what's next\??|edit (this page|page|on github)|on this page|skip to( main)? content|copy",
    re.IGNORECASE,
)
_GLUED_FURNITURE = re.compile(r"(how is this guide|was this( page)? helpful)\?$", re.IGNORECASE)


NOTICES = "Notices beside the sections"
"""The section of what tells, outside of every section, that something ends or goes."""
_NOTICE = re.compile(
    r"\b(deprecat\w+|sunset\w*|end[- ]of[- ](life|support|service)|discontinu\w+|retir(ed|es|ing)|decommission\w*|"
    r"(will be|is being|has been|to be) (removed|replaced|(switched|turned|shut) (off|down))|breaking changes?|"
    r"(shuts?|shutting|switch(es|ing)|turn(s|ing)) (off|down)|no longer (supported|available|maintained)|"
    r"migrat(e|es|ing|ion))\b",
    re.IGNORECASE,
)


@attrs.frozen
class Line:
    """A line of a page, or a paragraph, or a table's row."""

    text: str
    level: int = 0
    """1 to 6 for a heading, else 0."""
    plain: bool = False
    """Whether it is a paragraph of its own, which may be a heading that is not marked as one."""
    row: bool = False
    """Whether it is a table's row."""
    around: bool = False
    """Whether it stands around the page's own text, as a banner does."""


@attrs.frozen
class Section:
    """A heading's text, up to the next heading; that of each place where the heading stands."""

    name: str
    places: tuple[tuple[str, ...], ...]
    """The lines below each heading of this name; places without any are left out."""

    @property
    def digest(self) -> str:
        """What stands in the document for the text."""
        text = "\f".join("\n".join(word for line in lines for word in words(line)) for lines in self.places)
        return digest_of(text)

    @property
    def lines(self) -> list[str]:
        """All its lines."""
        return [line for lines in self.places for line in lines]


def words(text: str) -> list[str]:
    """Return what counts in a text, in order: words, and each other character on its own.

    The borders around a table's row are left out, those between its cells are not.
    """
    text = (
        unicodedata.normalize("NFC", _ROW.sub(r"\1", text)).translate(_SPELLINGS).translate(_CODE).replace("…", "...")
    )
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return [word for run in _TOKEN.findall(text) for word in _CAPITAL.split(run)]


def heading_key(text: str) -> tuple[str, ...]:
    """Return what two spellings of one heading have in common."""
    return tuple(words(text.strip().rstrip(":#¶").casefold()))


def content_of(text: str, *, row: bool = False) -> str:
    """Return a line without bullet; nothing for a table's rule and for what a site puts around each page.

    What a table's row starts with belongs to its first cell.
    """
    text = " ".join(text.split())
    bullet = _BULLET_OF_A_ROW if row or "|" in text else _BULLET
    text = bullet.sub("", text, count=1) if not _RULE.fullmatch(text) else ""
    text = "" if _FURNITURE.fullmatch(text.translate(_SPELLINGS)) else _GLUED_FURNITURE.sub("", text)
    return text if words(text.replace("|", " ")) else ""


def split(lines: Iterable[Line], names: Collection[str], title: str) -> list[Section]:
    """Return the sections of a page, in order.

    `names` are the headings on record; a deeper heading that is not among them belongs to the section above it. Of what
    stands before the first heading, or around the page's own text, what gives notice is a section, NOTICES; the rest
    is left out. A page without any heading is one section, its title.
    """
    known = {heading_key(name): name for name in names}
    below: dict[str, list[list[str]]] = {}
    every: list[str] = []
    notices: list[str] = []
    current: str | None = None
    level = 0
    for line in lines:
        if (line.around or not (current or line.level)) and _NOTICE.search(line.text):
            notices.append(content_of(line.text, row=line.row))
        if line.around:
            continue
        name = known.get(heading_key(line.text)) if line.level or line.plain else None
        if line.level and not name and not (current and known and line.level > level):
            name = " ".join(line.text.split()).rstrip("#¶ ")
        if name:
            current, level = name, line.level or level
            below.setdefault(current, []).append([])
        elif text := content_of(line.text, row=line.row):
            every.append(text)
            if current:
                below[current][-1].append(text)
    if not below and every and set(names) <= {title}:
        below = {title: [every]}
    elif notices:
        below[NOTICES] = [notices]
    return [Section(name, tuple(tuple(place) for place in places if place)) for name, places in below.items()]
