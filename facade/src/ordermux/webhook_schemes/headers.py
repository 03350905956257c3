"""The headers that a signature is in, whichever form they come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


class Headers(dict[str, str]):
    """The headers that a signature needs, by name in lower case."""

    __slots__ = ("_needed", "_others", "_problem")

    def __init__(self, fields: Any, needed: frozenset[str]) -> None:
        """Take the headers that are needed from a mapping, or from pairs, of text or of bytes as ASGI has them.

        What is neither has none.

        Raises WebhookRejected if one is there twice or too long: which of two another reader takes is not guessed.
        """
        self._needed = needed
        self._others: list[tuple[str, Any]] = []
        """The other headers, or those in another form."""
        self._problem: str | None = None
        refused = ""
        try:
            items: Any = getattr(fields, "items", None)  # that of HTTPMessage too, which is no Mapping
            for name, value in items() if items else fields:
                known = (name if type(name) is str else _text(name)).lower()
                if known not in needed or (type(value) is not str and isinstance(value, list | tuple | Mapping)):
                    self._others.append((known, value))  # pyright: ignore[reportUnknownArgumentType]
                    continue
                text = value if type(value) is str else _text(value)
                if known in self:
                    refused = f"the header {known} is there twice"
                elif len(text) > MAX_HEADER:
                    refused = f"the header {known} has more than {MAX_HEADER} characters"
                self[known] = text
        except Exception:  # whatever an object may raise that is neither
            self.clear()
            self._others, self._problem, refused = [], _NOT_PAIRS, ""
        if refused:
            raise WebhookRejected(refused, 401)

    @property
    def hint(self) -> str | None:
        """What may be wrong with the form in which they came."""
        return self._problem or next(filter(None, (_hint(*each, self._needed) for each in self._others)), None)

    def one(self, name: str) -> str:
        """Return the value of a header.

        Raises WebhookRejected if there is none.
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
