"""The headers that a signature is in, whichever form they come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ..event import WebhookRejected

MAX_HEADER = 65_536
"""How many characters a header may have: as many as common servers take of all headers together."""
SVIX_HEADERS = (
    ("svix-id", "svix-timestamp", "svix-signature"),
    ("webhook-id", "webhook-timestamp", "webhook-signature"),
)
"""Svix' two families, that which counts first."""
_NOT_PAIRS = "headers are a mapping, or pairs of a name and a value"
_LISTS = (
    "the values are lists, as in a Lambda's multiValueHeaders: give its headers instead, or pairs of a name and a value"
)
_UNDERSCORES = (
    "the names have underscores, as HTTP_… in a WSGI environ or Django's META: give the request's headers instead"
)
_WHOLE_EVENT = "this is a whole request or event: give what is under its headers instead"


@attrs.define
class Headers:
    """The headers that a signature needs, by name in lower case."""

    _values: Mapping[str, str]
    _refused: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Why a header is refused, by its name."""
    _others: Sequence[tuple[str, Any]] = ()
    """The other headers, or those in another form."""
    _needed: frozenset[str] = frozenset()
    _problem: str | None = None

    @classmethod
    def of(cls, fields: Any, needed: frozenset[str]) -> Headers:
        """Return the headers that are needed from a mapping, or from pairs, of text or of bytes as ASGI has them.

        What is neither has none.
        """
        found: dict[str, str] = {}
        refused: dict[str, str] = {}
        others: list[tuple[str, Any]] = []
        try:
            items: Any = getattr(fields, "items", None)  # that of HTTPMessage too, which is no Mapping
            for name, value in items() if items else fields:
                known = (name if type(name) is str else _text(name)).lower()
                if known not in needed or (type(value) is not str and isinstance(value, list | tuple | Mapping)):
                    others.append((known, value))  # pyright: ignore[reportUnknownArgumentType]
                    continue
                text = value if type(value) is str else _text(value)
                if known in found:
                    refused[known] = "is there twice"
                elif len(text) > MAX_HEADER:
                    refused[known] = f"has more than {MAX_HEADER} characters"
                found[known] = text
        except Exception:  # whatever an object may raise that is neither
            return cls({}, {}, (), frozenset(), _NOT_PAIRS)
        return cls(found, refused, others, needed)

    @property
    def hint(self) -> str | None:
        """What may be wrong with the form in which they came."""
        return self._problem or next(filter(None, (_hint(*each, self._needed) for each in self._others)), None)

    def get(self, name: str) -> str | None:
        """Return the value of a header, None if there is none.

        Raises WebhookRejected if it is there twice or too long: which of two another reader takes is not guessed.
        """
        if self._refused and name in self._refused:
            raise WebhookRejected(f"the header {name} {self._refused[name]}", 401)
        return self._values.get(name)

    def each(self, names: Sequence[str]) -> list[str | None]:
        """Return the value of each of the headers, as `get` does."""
        return list(map(self.get if self._refused else self._values.get, names))

    def one(self, name: str) -> str:
        """Return the value of a header.

        Raises WebhookRejected if there is none, it is there twice, or too long.
        """
        value = self.get(name)
        if not value:
            raise WebhookRejected(f"the header {name} is missing", 401, self.hint)
        return value


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes | bytearray) else str(value)


def _hint(name: str, value: Any, needed: frozenset[str]) -> str | None:
    """Return in which other form a header is one that a signature needs."""
    if name in needed:
        return _LISTS
    if name.replace("_", "-").removeprefix("http-") in needed:
        return _UNDERSCORES
    if name in {"headers", "multivalueheaders"} and not isinstance(value, str | bytes):
        return _WHOLE_EVENT
    return None
