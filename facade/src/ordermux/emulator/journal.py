"""What happened in a world, one entry each: the timeline of an order, and the live stream."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

from .bounds import ALL_ENTRY_BYTES, MAX_BODY_TEXT, MAX_ENTRIES, MAX_TEXT

_ENTRY_BYTES = 700
"""What an entry takes beside its texts, about."""
BODIES = ("request_body", "response_body")
"""The texts of a call that may be longer than others."""


@attrs.frozen
class Entry:
    """One thing that happened."""

    number: int
    at: float
    """The world's time, in unix seconds."""
    kind: str
    """`call`, noted once it is answered; `change` of an order; attempt of a `delivery`; `fault`, `clock` or `webhook`,
    when somebody sets them."""
    order: str | None
    """Such as `zephyr:order_01HXY8`, where it is about one."""
    detail: dict[str, Any]

    def weight(self) -> int:
        """Return how many bytes it takes, about."""
        texts = (value for value in self.detail.values() if isinstance(value, str))
        return _ENTRY_BYTES + len(self.order or "") + sum(map(len, texts))


def _short(name: str, value: Any) -> Any:
    """Return a value of an entry's detail as it is remembered."""
    most = MAX_BODY_TEXT if name in BODIES else MAX_TEXT
    return value[:most] if isinstance(value, str) else value


class Journal:
    """The last 10,000 entries of a world, fewer where they are long or there are many worlds; for any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self.entries: deque[Entry] = deque()
        self.most, self.max_bytes = MAX_ENTRIES, ALL_ENTRY_BYTES
        self._size = 0
        self.listeners: list[Callable[[Entry], None]] = []
        """Called with each entry, in whatever thread it is made."""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, at: float, kind: str, order: str | None = None, **detail: Any) -> Entry:
        """Note what happened."""
        kept = {name: _short(name, value) for name, value in detail.items()}
        with self._lock:
            entry = Entry(next(self._numbers), at, kind, order and order[:MAX_TEXT], kept)
            self._take(entry)
            self._trim()
        for listener in tuple(self.listeners):
            listener(entry)
        return entry

    def trim(self, most: int, size: int) -> None:
        """Keep no more than so many, and no more bytes of them, from now on."""
        with self._lock:
            self.most, self.max_bytes = most, size
            self._trim()

    def _take(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._size += entry.weight()

    def _trim(self) -> None:
        """Forget the oldest entries, but never the last one."""
        while len(self.entries) > self.most or (self._size > self.max_bytes and len(self.entries) > 1):
            self._size -= self.entries.popleft().weight()

    def restore(self, entries: list[Entry]) -> None:
        """Go on after what was noted before a restart, and nothing else."""
        with self._lock:
            self.entries.clear()
            self._size = 0
            for entry in entries:
                self._take(entry)
            self._trim()
            self._numbers = itertools.count(1 + max((entry.number for entry in entries), default=0))

    def since(self, number: int = 0, order: str | None = None) -> list[Entry]:
        """Return what came after the entry of a number, oldest first; of one order, where one is given."""
        with self._lock:
            kept = list(self.entries)
        return [entry for entry in kept if entry.number > number and order in {None, entry.order}]
