"""The connections of one process: idle ones by their key, and a bound on how many are in use.

It has no lock, so that no signal can leave one behind: a deque and a SimpleQueue do each of their steps at once, and
what a signal drops between two steps gives itself back when it is freed.
"""

from __future__ import annotations

import contextlib
import queue
import weakref
from collections import deque
from collections.abc import Hashable
from time import monotonic
from typing import TypeAlias

from .attempt import Attempt
from .connection import Connection
from .network import KEEP_ALIVE, SWEEP

Places: TypeAlias = "queue.SimpleQueue[Place]"


class Place:
    """The right to use a connection, while it is not in its queue."""

    __slots__ = ("_places",)

    def __init__(self, places: weakref.ref[Places]) -> None:
        """Take the queue that it belongs to."""
        self._places = places

    def __del__(self) -> None:
        """Give the right back if a signal dropped it: nobody else knows of it."""
        if (places := self._places()) is not None:
            places.put(Place(self._places))


class Pool:
    """Lends connections, at most so many at a time."""

    def __init__(self, connections: int) -> None:
        """Take how many."""
        self.places: Places = queue.SimpleQueue()
        self._connections = connections
        self._idle: dict[Hashable, deque[Connection]] = {}
        self._closed = False
        self._sweep_at = 0.0
        reference = weakref.ref(self.places)
        for _ in range(connections):
            self.places.put(Place(reference))

    def enter(self, attempt: Attempt) -> Place:
        """Return a place, which is put back into `places` in the end.

        Raises TimeoutError if none is free by the deadline.
        """
        try:
            return self.places.get(timeout=attempt.remaining())
        except queue.Empty:
            raise TimeoutError from None

    def take(self, key: Hashable) -> Connection | None:
        """Return an idle connection that is good for another request; those that are not are closed."""
        idle = self._idle.get(key)
        while idle:
            with contextlib.suppress(IndexError):  # another thread may take the last one
                connection = idle.pop()  # the youngest, so that the others can reach their end
                if monotonic() - connection.idle_since <= KEEP_ALIVE and connection.is_quiet():
                    return connection
                connection.close()
        return None

    def put(self, key: Hashable, connection: Connection) -> None:
        """Take a connection back for another request."""
        connection.idle_since = monotonic()
        # One that finds no room drops the eldest, which closes itself.
        self._idle.setdefault(key, deque(maxlen=self._connections)).append(connection)
        if self._closed:
            self.close()
        elif connection.idle_since >= self._sweep_at:
            self.drop_expired()

    def drop_expired(self) -> None:
        """Close the connections that were idle for too long, whatever their key."""
        self._sweep_at = monotonic() + SWEEP
        for idle in list(self._idle.values()):
            with contextlib.suppress(IndexError):  # it is empty
                while monotonic() - idle[0].idle_since > KEEP_ALIVE:
                    idle.popleft().close()

    def close(self) -> None:
        """Close the idle connections, and from now on those that are given back."""
        self._closed = True
        for idle in list(self._idle.values()):
            with contextlib.suppress(IndexError):
                while True:
                    idle.pop().close()
