"""Names in the project's spelling."""

from __future__ import annotations

import re
import unicodedata

_PIECE = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def pascal(text: str) -> str:
    """Return a name in PascalCase; capitals inside of a word stay, and nothing comes of nothing."""
    pieces = re.findall(r"[0-9A-Za-z]+", _plain(text))
    shouted = len(pieces) > 1 and all(piece.upper() == piece for piece in pieces)
    return "".join(piece.capitalize() if shouted else piece[0].upper() + piece[1:] for piece in pieces)


def _pieces(text: str) -> list[str]:
    found: list[str] = []
    for piece in _PIECE.findall(_plain(text)):
        if piece[0].isdecimal() and found:
            found[-1] += piece
        else:
            found.append(piece.lower())
    return found


def camel(text: str, first: str) -> str:
    """Return a name in camelCase; `first` goes in front where it would not begin with a plain word."""
    pieces = _pieces(text)
    if not pieces or not pieces[0].isalpha():
        pieces.insert(0, first)
    return pieces[0] + "".join(piece.capitalize() for piece in pieces[1:])


def snake(text: str) -> str:
    """Return a name in snake_case, which begins with a letter; nothing where there is none."""
    pieces = _pieces(text)
    return "_".join(["api", *pieces] if pieces and not pieces[0][0].isalpha() else pieces)


def sentence(name: str) -> str:
    """Return a name in camelCase as words."""
    words = " ".join(_pieces(name))
    return f"{words[:1].upper()}{words[1:]}."
