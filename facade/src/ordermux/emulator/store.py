"""The worlds in a file, so that they survive a restart.

It is a SQLite database of one table: a row for each world and part of it, as JSON, and one with a seal over all of
them, so that a file which something else changed differs from one that the emulator wrote. Nobody but its owner may
read it, since it holds what signs events. What a call or a move changed is written within 0.2 s, in one transaction, or
later where there is so much of it that a fifth of the time would not do; what Python changed in a state by hand is
written when the emulator stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from .journal import Entry
from .snapshots import DELIVERIES, JOURNAL, WORLD, parts, restore, text_of
from .world import World

APPLICATION_ID = 0x4F4D5558
VERSION = 2
_SEAL = ("", "seal")
"""The row that holds the seal."""
_PUT = "INSERT OR REPLACE INTO state VALUES (?, ?, ?)"
PAUSE_SECONDS = 0.2
_OWNER_ONLY = 0o600
_WORK = 4
"""How many times as long as the last writing took it pauses at least."""
_log = logging.getLogger("ordermux")


class StateFileError(Exception):
    """The file is none of the emulator's, or is broken, or in use; it was left as it is."""


@contextlib.contextmanager
def _complaining(path: Path) -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StateFileError(f"{path}: {error}") from None
    except OSError as error:
        raise StateFileError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:  # a path that no file can have
        raise StateFileError(f"{str(path)!r}: {error}") from None


def _digest(world: str, part: str, content: str) -> str:
    return hashlib.sha256(f"{world}\0{part}\0{content}".encode("utf-8", "surrogatepass")).hexdigest()


def _seal(digests: Mapping[tuple[str, str], str]) -> str:
    """Return the seal over all rows."""
    return hashlib.sha256("".join(digests[row] for row in sorted(digests)).encode()).hexdigest()


@attrs.define(eq=False)
class Store:
    """Keeps worlds in a file."""

    path: Path
    worlds: list[World] = attrs.field(factory=list[World])
    _changed: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])
    """Which parts of which worlds are to be written."""
    _digests: dict[tuple[str, str], str] = attrs.field(factory=dict[tuple[str, str], str])
    """Of the rows that are in the file."""
    _connection: sqlite3.Connection | None = None
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def load(self, default: World) -> list[World]:
        """Return the worlds of the file, the default one first, as it was given where the file is new.

        Raises StateFileError.
        """
        with _complaining(self.path):
            found = self._read() if self.path.exists() and self.path.stat().st_size else {}
        try:
            others = [restore(World(name=name), parts) for name, parts in found.items() if name != default.name]
            first = restore(default, found[default.name]) if default.name in found else default
        except Exception as error:  # whatever comes of a file whose seal somebody made anew
            raise StateFileError(f"{self.path} is broken: {type(error).__name__}: {error}") from None
        self._open()
        return [first, *others]

    def _read(self) -> dict[str, dict[str, str]]:
        with _complaining(self.path):
            reading = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
            with contextlib.closing(reading):
                header = [
                    reading.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
                ]
                if header != [APPLICATION_ID, VERSION]:
                    raise StateFileError(f"{self.path} is no state of this emulator")
                return self._checked(reading.execute("SELECT world, part, content FROM state ORDER BY rowid"))

    def _checked(self, rows: Iterable[tuple[Any, Any, Any]]) -> dict[str, dict[str, str]]:
        """Return the parts of each world. Raises StateFileError where the seal is not that of the rows."""
        found: dict[str, dict[str, str]] = {}
        seal: Any = None
        for world, part, content in rows:
            if not all(isinstance(each, str) for each in (world, part, content)):
                break
            if (world, part) == _SEAL:
                seal = content
            else:
                found.setdefault(world, {})[part] = content
                self._digests[world, part] = _digest(world, part, content)
        if seal != _seal(self._digests):
            raise StateFileError(f"{self.path} was changed by something other than the emulator, or is not whole")
        return found

    def _open(self) -> None:
        with _complaining(self.path):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
            self.path.chmod(_OWNER_ONLY)
            self._connection = connection = sqlite3.connect(self.path, timeout=1, check_same_thread=False)
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            with connection:
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS state (world TEXT NOT NULL, part TEXT NOT NULL, content TEXT NOT NULL, "
                    "PRIMARY KEY (world, part))"
                )
                connection.execute(_PUT, (*_SEAL, _seal(self._digests)))

    def take(self, world: World) -> None:
        """Keep a world from now on."""
        self.worlds.append(world)
        self._changed.update((world.name, part) for part in parts())

        def listen(entry: Entry) -> None:
            changed = (WORLD, JOURNAL, DELIVERIES) if entry.kind in {"change", "delivery"} else (WORLD, JOURNAL)
            self._changed.update((world.name, part) for part in changed)
            wrote = entry.kind == "change" or entry.detail.get("method", "GET") != "GET"
            operation: str = entry.detail.get("operation") or (entry.order or "").replace(":", ".")
            if wrote:
                self._changed.add((world.name, operation.partition(".")[0]))

        world.journal.listeners.append(listen)

    async def run(self) -> None:
        """Write what was changed, until it is cancelled."""
        pause = PAUSE_SECONDS
        while True:
            await asyncio.sleep(pause)
            start = time.monotonic()
            changed, self._changed = self._changed, set()
            try:
                await asyncio.to_thread(self._write, self._texts(changed))
            except Exception:  # a full disk, or somebody's thread that is changing what is written: the next time
                self._changed |= changed
                _log.exception("%s was not written", self.path)
            pause = max(PAUSE_SECONDS, _WORK * (time.monotonic() - start))

    def _texts(self, changed: set[tuple[str, str]]) -> list[tuple[str, str, str]]:
        named = {world.name: world for world in tuple(self.worlds)}
        return [(name, part, text_of(named[name], part)) for name, part in changed]

    def _write(self, texts: list[tuple[str, str, str]]) -> None:
        with self._lock:
            if texts and self._connection is not None:
                digests = self._digests | {(world, part): _digest(world, part, text) for world, part, text in texts}
                rows = [*texts, (*_SEAL, _seal(digests))]
                with self._connection:
                    self._connection.executemany(_PUT, rows)
                self._digests = digests

    def close(self) -> None:
        """Write all there is. Raises StateFileError."""
        everything = {(world.name, part) for world in self.worlds for part in parts()}
        with _complaining(self.path):
            self._write(self._texts(everything))
            with self._lock:
                connection, self._connection = self._connection, None
                if connection is not None:
                    connection.close()
