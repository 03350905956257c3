"""What happened in a world, one entry each: the timeline of an order, and the live stream."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

MOST_ENTRIES = 10_000


@attrs.frozen
class Entry:
    """One thing that happened."""

    number: int
    at: float
    """The world's time, in unix seconds."""
    kind: str
    """`call`, told once it is answered; `change` of an order; attempt of a `delivery`; `fault`, `clock` or `webhook`,
    when somebody sets them."""
    order: str | None
    """Such as `zephyr:order_01HXY8`, where it is about one."""
    detail: dict[str, Any]


class Journal:
    """The last 10,000 entries of a world; for any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self.listeners: list[Callable[[Entry], None]] = []
        """Called with each entry, in whatever thread it is made."""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, at: float, kind: str, order: str | None = None, **detail: Any) -> Entry:
        """Note what happened."""
        with self._lock:
            entry = Entry(next(self._numbers), at, kind, order, detail)
            self.entries.append(entry)
        for listener in tuple(self.listeners):
            listener(entry)
        return entry

    def restore(self, entries: list[Entry]) -> None:
        """Go on after what was noted before a restart, and nothing else."""
        with self._lock:
            self.entries.clear()
            self.entries.extend(entries)
            self._numbers = itertools.count(1 + max((entry.number for entry in entries), default=0))

    def since(self, number: int = 0, order: str | None = None) -> list[Entry]:
        """Return what came after the entry of a number, oldest first; of one order, where one is given."""
        with self._lock:
            kept = list(self.entries)
        return [entry for entry in kept if entry.number > number and order in {None, entry.order}]
