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


@attrs.frozen
class Headers:
    """The headers that a signature needs, by name in lower case."""

    _values: Mapping[str, list[str]]
    _others: Sequence[tuple[str, Any]] = ()
    """The other headers, or those in another form."""
    _needed: frozenset[str] = frozenset()
    _problem: str | None = None

    @classmethod
    def of(cls, fields: Any, needed: frozenset[str]) -> Headers:
        """Return the headers that are needed from a mapping, or from pairs, of text or of bytes as ASGI has them.

        What is neither has none.
        """
        found: dict[str, list[str]] = {}
        others: list[tuple[str, Any]] = []
        try:
            items: Any = getattr(fields, "items", None)  # that of HTTPMessage too, which is no Mapping
            for name, value in items() if items else fields:
                known = (name if type(name) is str else _text(name)).lower()
                if known in needed and (type(value) is str or not isinstance(value, list | tuple | Mapping)):
                    found.setdefault(known, []).append(value if type(value) is str else _text(value))
                else:
                    others.append((known, value))  # pyright: ignore[reportUnknownArgumentType]
        except Exception:  # whatever an object may raise that is neither
            return cls({}, (), frozenset(), _NOT_PAIRS)
        return cls(found, others, needed)

    @property
    def hint(self) -> str | None:
        """What may be wrong with the form in which they came."""
        return self._problem or next(filter(None, (_hint(*each, self._needed) for each in self._others)), None)

    def get(self, name: str) -> str | None:
        """Return the value of a header, None if there is none.

        Raises WebhookRejected if it is there twice or too long: which of two another reader takes is not guessed.
        """
        found = self._values.get(name)
        if not found:
            return None
        if len(found) > 1:
            raise WebhookRejected(f"the header {name} is there twice", 401)
        if len(found[0]) > MAX_HEADER:
            raise WebhookRejected(f"the header {name} has more than {MAX_HEADER} characters", 401)
        return found[0]

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
