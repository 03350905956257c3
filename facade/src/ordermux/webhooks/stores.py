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

__all__ = ["ClaimResult", "MemoryStore", "RedisStore", "SQLiteStore", "Store"]

RETENTION_SECONDS = 30 * 86_400.0
"""Seconds for which a handled event is remembered; the providers redeliver for about a day."""
MAX_SECONDS = 10 * 365 * 86_400.0
"""Ten years."""


class ClaimResult(enum.Enum):
    """The result of claiming an event."""

    ACQUIRED = "acquired"
    """The caller is to handle it now."""
    IN_PROGRESS = "in_progress"
    """Another caller is handling it."""
    COMPLETED = "completed"
    """It was handled."""
    CONFLICT = "conflict"
    """Another event has the same id."""


class Store(Protocol):
    """A store of an inbox; each method is atomic for all threads and processes, and may raise anything."""

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Claim an event for `lease` seconds, unless it is known already."""
        ...

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled, if it is still the owner's."""
        ...

    def release(self, key: str, owner: str) -> None:
        """Forget an event, if it is still the owner's and not done."""
        ...


def seconds(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse an invalid duration: with it, an event would be handled again and again, or never."""
    del instance
    require_seconds(attribute.name, value, MAX_SECONDS)


def _known(digest: str, known: str, *, done: bool) -> ClaimResult:
    if known != digest:
        return ClaimResult.CONFLICT
    return ClaimResult.COMPLETED if done else ClaimResult.IN_PROGRESS


@attrs.define
class _Record:
    digest: str
    owner: str
    until: float
    """When the claim of its owner expires."""
    expires: float
    """When the record expires."""
    done: bool = False


@attrs.define(eq=False)
class MemoryStore:
    """Keeps records in this process: for tests, or one process that may forget."""

    retention: float = attrs.field(default=RETENTION_SECONDS, validator=seconds)
    """Seconds for which a record is kept."""
    clock: Callable[[], float] = time.monotonic
    _records: dict[str, _Record] = attrs.field(factory=dict[str, _Record], init=False)
    _sweep_at: int = attrs.field(default=1000, init=False)
    """Number of records at which expired ones are removed."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event."""
        with self._lock:
            now = self.clock()
            record = self._records.get(key)
            if record is not None and record.expires > now and (record.done or record.until > now):
                return _known(digest, record.digest, done=record.done)
            if len(self._records) >= self._sweep_at:
                self._records = {name: old for name, old in self._records.items() if old.expires > now}
                self._sweep_at = max(1000, 2 * len(self._records))
            self._records[key] = _Record(digest, owner, now + lease, now + lease + self.retention)
            return ClaimResult.ACQUIRED

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled."""
        with self._lock:
            record = self._records.get(key)
            if record is not None and record.owner == owner:
                record.done, record.expires = True, self.clock() + self.retention

    def release(self, key: str, owner: str) -> None:
        """Forget an event."""
        with self._lock:
            record = self._records.get(key)
            if record is not None and record.owner == owner and not record.done:
                del self._records[key]


def _file(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if str(value) in {"", ":memory:"}:
        raise InvalidArgument(f"{attribute.name} is a file's; what forgets with its process is MemoryStore")


@attrs.frozen(eq=False)
class SQLiteStore:
    """Keeps records in a file, for the processes of one machine."""

    path: str | Path = attrs.field(validator=_file)
    retention: float = attrs.field(default=RETENTION_SECONDS, validator=seconds)
    """Seconds for which a record is kept."""
    clock: Callable[[], float] = time.time

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event."""
        with self._opened() as database:
            now = self.clock()
            database.execute("DELETE FROM events WHERE expires <= ?", (now,))
            row = database.execute("SELECT digest, until, done FROM events WHERE key = ?", (key,)).fetchone()
            if row is not None and (row[2] or row[1] > now):
                return _known(digest, row[0], done=bool(row[2]))
            record = (key, digest, owner, now + lease, now + lease + self.retention)
            database.execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, 0)", record)
            return ClaimResult.ACQUIRED

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled."""
        with self._opened() as database:
            values = (self.clock() + self.retention, key, owner)
            database.execute("UPDATE events SET done = 1, expires = ? WHERE key = ? AND owner = ?", values)

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
                "expires REAL, done INTEGER) WITHOUT ROWID"
            )
            database.execute("CREATE INDEX IF NOT EXISTS events_expires ON events (expires)")
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
local record = redis.call('HMGET', KEYS[1], 'owner', 'done')
if record[1] == ARGV[1] and record[2] == '0' then redis.call('DEL', KEYS[1]) end
"""


def _milliseconds(duration: float) -> int:
    """Return whole milliseconds, at least one: with none, Redis forgets at once."""
    return math.ceil(duration * 1000)


def _blocking(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if inspect.iscoroutinefunction(getattr(value, "execute_command", None)):
        raise InvalidArgument(f"the {attribute.name} is a redis.Redis, which blocks, not one that awaits")


@attrs.frozen(eq=False)
class RedisStore:
    """Keeps records in Redis, for any number of machines."""

    client: Any = attrs.field(validator=_blocking)
    """A `redis.Redis`, which blocks; the inbox asks it in threads where it awaits."""
    retention: float = attrs.field(default=RETENTION_SECONDS, validator=seconds)
    """Seconds for which a record is kept."""

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Return what is known of an event."""
        known = self._run(_CLAIM, key, digest, owner, _milliseconds(lease), _milliseconds(self.retention))
        if known is None:
            return ClaimResult.ACQUIRED
        stored, done = (value if isinstance(value, str) else value.decode() for value in known)
        return _known(digest, stored, done=done == "1")

    def finish(self, key: str, owner: str) -> None:
        """Mark an event as handled."""
        self._run(_FINISH, key, owner, _milliseconds(self.retention))

    def release(self, key: str, owner: str) -> None:
        """Forget an event."""
        self._run(_RELEASE, key, owner)

    def _run(self, script: str, key: str, *arguments: str | int) -> Any:
        return self.client.execute_command("EVAL", script, 1, f"ordermux:event:{key}", *arguments)
