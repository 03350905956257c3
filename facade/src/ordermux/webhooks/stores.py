"""Stores of the events that an inbox has handled."""

from __future__ import annotations

import contextlib
import enum
import inspect
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Protocol

import attrs

from ..errors import InvalidArgument
from ..validation import require_seconds

KEPT_SECONDS = 30 * 86_400.0
"""How long it is kept that an event was handled; the providers deliver again for a day or so."""
MAX_SECONDS = 10 * 365 * 86_400.0
"""Ten years."""


class ClaimResult(enum.Enum):
    """What is known of an event."""

    ACQUIRED = "new"
    """Nothing: whoever asked is to handle it now."""
    IN_PROGRESS = "busy"
    """Somebody handles it."""
    COMPLETED = "done"
    """It was handled."""
    CONFLICT = "other"
    """Another event has its id."""


class Store(Protocol):
    """What an inbox asks of a store; each method is one step for all threads and processes, and may raise anything."""

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event; a new one is the owner's for `lease` seconds."""
        ...

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled, if it is still the owner's."""
        ...

    def release(self, key: str, owner: str) -> None:
        """Forget an event, if it is still the owner's and not done."""
        ...


def seconds(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is no time for which something is kept: with it an event is handled again and again, or never."""
    del instance
    require_seconds(attribute.name, value, MAX_SECONDS)


def _seen(digest: str, known: str, *, done: bool) -> ClaimResult:
    if known != digest:
        return ClaimResult.CONFLICT
    return ClaimResult.COMPLETED if done else ClaimResult.IN_PROGRESS


@attrs.define
class _Mark:
    digest: str
    owner: str
    until: float
    """When its owner is taken for dead."""
    forgotten: float
    """When it is of no more use."""
    done: bool = False


@attrs.define(eq=False)
class Memory:
    """Keeps marks in this process: for tests, or one process that may forget."""

    kept: float = attrs.field(default=KEPT_SECONDS, validator=seconds)
    """How many seconds a mark is kept."""
    clock: Callable[[], float] = time.monotonic
    _marks: dict[str, _Mark] = attrs.field(factory=dict[str, _Mark], init=False)
    _sweep_at: int = attrs.field(default=1000, init=False)
    """How many marks there are when those that are of no more use are looked for."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event."""
        with self._lock:
            now = self.clock()
            mark = self._marks.get(key)
            if mark is not None and mark.forgotten > now and (mark.done or mark.until > now):
                return _seen(digest, mark.digest, done=mark.done)
            if len(self._marks) >= self._sweep_at:
                self._marks = {name: old for name, old in self._marks.items() if old.forgotten > now}
                self._sweep_at = max(1000, 2 * len(self._marks))
            self._marks[key] = _Mark(digest, owner, now + lease, now + lease + self.kept)
            return ClaimResult.ACQUIRED

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled."""
        with self._lock:
            mark = self._marks.get(key)
            if mark is not None and mark.owner == owner:
                mark.done, mark.forgotten = True, self.clock() + self.kept

    def release(self, key: str, owner: str) -> None:
        """Forget an event."""
        with self._lock:
            mark = self._marks.get(key)
            if mark is not None and mark.owner == owner and not mark.done:
                del self._marks[key]


def _file(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if str(value) in {"", ":memory:"}:
        raise InvalidArgument(f"{attribute.name} is a file's; what forgets with its process is Memory")


@attrs.frozen(eq=False)
class SQLite:
    """Keeps marks in a file, for the processes of one machine."""

    path: str | Path = attrs.field(validator=_file)
    kept: float = attrs.field(default=KEPT_SECONDS, validator=seconds)
    """How many seconds a mark is kept."""
    clock: Callable[[], float] = time.time

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event."""
        with self._opened() as database:
            now = self.clock()
            database.execute("DELETE FROM events WHERE forgotten <= ?", (now,))
            row = database.execute("SELECT digest, until, done FROM events WHERE key = ?", (key,)).fetchone()
            if row is not None and (row[2] or row[1] > now):
                return _seen(digest, row[0], done=bool(row[2]))
            mark = (key, digest, owner, now + lease, now + lease + self.kept)
            database.execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, 0)", mark)
            return ClaimResult.ACQUIRED

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled."""
        with self._opened() as database:
            told = (self.clock() + self.kept, key, owner)
            database.execute("UPDATE events SET done = 1, forgotten = ? WHERE key = ? AND owner = ?", told)

    def release(self, key: str, owner: str) -> None:
        """Forget an event."""
        with self._opened() as database:
            database.execute("DELETE FROM events WHERE key = ? AND owner = ? AND NOT done", (key, owner))

    @contextlib.contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        """Give a connection of its own, in a transaction that no other process is in."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, digest TEXT, owner TEXT, until REAL, "
                "forgotten REAL, done INTEGER) WITHOUT ROWID"
            )
            database.execute("CREATE INDEX IF NOT EXISTS events_forgotten ON events (forgotten)")
            yield database
            database.execute("COMMIT")


# Redis' own clock keeps the lease, in milliseconds.
_CLAIM = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'digest', 'done', 'until')
if known[1] and (known[2] == '1' or tonumber(known[3]) > now) then return {known[1], known[2]} end
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'owner', ARGV[2], 'done', '0', 'until', now + ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3] + ARGV[4])
return false
"""
_FINISH = """
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'done', '1')
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
"""
_RELEASE = """
local mark = redis.call('HMGET', KEYS[1], 'owner', 'done')
if mark[1] == ARGV[1] and mark[2] == '0' then redis.call('DEL', KEYS[1]) end
"""


def _milliseconds(duration: float) -> int:
    """Return whole milliseconds, at least one: with none, Redis forgets at once."""
    return math.ceil(duration * 1000)


def _blocking(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if inspect.iscoroutinefunction(getattr(value, "execute_command", None)):
        raise InvalidArgument(f"the {attribute.name} is a redis.Redis, which blocks, not one that awaits")


@attrs.frozen(eq=False)
class Redis:
    """Keeps marks in Redis, for any number of machines."""

    client: Any = attrs.field(validator=_blocking)
    """A `redis.Redis`, which blocks; the inbox asks it in threads where it awaits."""
    kept: float = attrs.field(default=KEPT_SECONDS, validator=seconds)
    """How many seconds a mark is kept."""

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event."""
        known = self._run(_CLAIM, key, digest, owner, _milliseconds(lease), _milliseconds(self.kept))
        if known is None:
            return ClaimResult.ACQUIRED
        kept, done = (value if isinstance(value, str) else value.decode() for value in known)
        return _seen(digest, kept, done=done == "1")

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled."""
        self._run(_FINISH, key, owner, _milliseconds(self.kept))

    def release(self, key: str, owner: str) -> None:
        """Forget an event."""
        self._run(_RELEASE, key, owner)

    def _run(self, script: str, key: str, *arguments: str | int) -> Any:
        return self.client.execute_command("EVAL", script, 1, f"ordermux:event:{key}", *arguments)
