"""A page's text without its layout: lines, sections and their digests.

The same content gives the same digests as HTML, Markdown or plain text. Layout does not count: markup, list bullets,
table rules, the shape of quotes and dashes, and whitespace, save between two words that would be one without it. Case
and every other character count. A capital behind a small letter starts a word, since saved pages often lack the
space there; so `orderId` and `order Id` are the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable

import attrs

_DIGITS = 32

_SPELLINGS = str.maketrans(dict.fromkeys("“”„″", '"') | dict.fromkeys("‘’′", "'") | dict.fromkeys("‐‑–—−", "-"))  # noqa: RUF001 - these are what is folded
_TABLE_OR_CODE = str.maketrans("|`", "  ")
_TOKEN = re.compile(r"[^\W_]+|\S")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_RULE = re.compile(r"[\s|:=+_*~-]{3,}")
_BULLET = re.compile(r"\A\s*(?:[-*•‣▪◦]|\d{1,2}[.)])\s+")
_FURNITURE = re.compile(
    r"last updated(:| on)?( .*(\d|ago|yesterday|today).*)?|(was|is) this( page| guide)? (helpful|useful)\?|"
    r"how is this guide\?|what's next\??|edit (this page|page|on github)|on this page|skip to( main)? content|copy",
    re.IGNORECASE,
)
_GLUED_FURNITURE = re.compile(r"(how is this guide|was this( page)? helpful)\?$", re.IGNORECASE)


@attrs.frozen
class Line:
    """A line of a page, or a paragraph, or a table's row."""

    text: str
    level: int = 0
    """1 to 6 for a heading, else 0."""
    plain: bool = False
    """Whether it is a paragraph of its own, which may be a heading that is not marked as one."""


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
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"

    @property
    def lines(self) -> list[str]:
        """All its lines."""
        return [line for lines in self.places for line in lines]


def words(text: str) -> list[str]:
    """Return what counts in a text, in order: words, and each other character on its own."""
    text = unicodedata.normalize("NFC", text).translate(_SPELLINGS).translate(_TABLE_OR_CODE).replace("…", "...")
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return [word for run in _TOKEN.findall(text) for word in _CAPITAL.split(run)]


def heading_key(text: str) -> tuple[str, ...]:
    """Return what two spellings of one heading have in common."""
    return tuple(words(text.strip().rstrip(":#¶").casefold()))


def content_of(text: str) -> str:
    """Return a line without bullet; nothing for a table's rule and for what a site puts around each page."""
    text = " ".join(text.split())
    text = _BULLET.sub("", text, count=1) if not _RULE.fullmatch(text) else ""
    text = "" if _FURNITURE.fullmatch(text.translate(_SPELLINGS)) else _GLUED_FURNITURE.sub("", text)
    return text if words(text) else ""


def split(lines: Iterable[Line], names: Collection[str], title: str) -> list[Section]:
    """Return the sections of a page, in order.

    `names` are the headings on record; a deeper heading that is not among them belongs to the section above it. What
    stands before the first heading is left out. A page without any heading is one section, its title.
    """
    known = {heading_key(name): name for name in names}
    below: dict[str, list[list[str]]] = {}
    every: list[str] = []
    current: str | None = None
    level = 0
    for line in lines:
        name = known.get(heading_key(line.text)) if line.level or line.plain else None
        if line.level and not name and not (current and known and line.level > level):
            name = " ".join(line.text.split()).rstrip("#¶ ")
        if name:
            current, level = name, line.level or level
            below.setdefault(current, []).append([])
        elif text := content_of(line.text):
            every.append(text)
            if current:
                below[current][-1].append(text)
    if not below and every and set(names) <= {title}:
        below = {title: [every]}
    return [Section(name, tuple(tuple(place) for place in places if place)) for name, places in below.items()]
