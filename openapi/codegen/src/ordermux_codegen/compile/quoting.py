"""A text of a document, written so that it stays the same text where it goes."""

from __future__ import annotations

import json
import math
import re
from typing import cast


def literal(value: object) -> str:
    """Return a value of the document as Python writes it."""
    _check_literal(value)
    return repr(value)


def _check_literal(value: object) -> None:
    """Refuse what Python writes in another way than as a literal."""
    if isinstance(value, dict):
        for key, inner in cast("dict[object, object]", value).items():
            _check_literal(key)
            _check_literal(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("list[object]", value):
            _check_literal(inner)
    elif type(value) not in {str, bytes, int, bool, type(None)} and not (
        isinstance(value, float) and math.isfinite(value)
    ):
        raise TypeError(f"{type(value).__name__} is not written into code")


def closing(text: str) -> str:
    """Return what stands at the end of a docstring, already escaped, so that a quote at its end does not end it."""
    escapes = re.search(r'(\\*)"\Z', text)
    return f'{text[:-1]}\\"' if escapes and len(escapes[1]) % 2 == 0 else text


def toml(text: str) -> str:
    """Return a text as TOML writes it, in one line."""
    escaped = json.dumps(" ".join(text.split()), ensure_ascii=False)
    return "".join(f"\\u{ord(sign):04x}" if "\x7f" <= sign < "\xa0" else sign for sign in escaped)
