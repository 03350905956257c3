"""Stores of what `orders.sync` has returned: a digest of each order, and where an unfinished list goes on."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import threading
from collections.abc import Collection, Generator, Mapping
from pathlib import Path
from typing import Any, Protocol

import attrs

from .errors import InvalidArgument

_PARAMETERS = 900
"""Number of ids that are asked for at once: SQLite takes 999 parameters in each of its builds."""


class Store(Protocol):
    """A store of digests; each method is atomic for all threads and processes, and may raise anything."""

    def known(self, account: str, ids: Collection[str]) -> Mapping[str, str]:
        """Return the digests of those of the orders that are known, by their ids."""
        ...

    def place(self, account: str) -> str | None:
        """Return where an account's list goes on; None if it begins."""
        ...

    def save(self, account: str, digests: Mapping[str, str], place: str | None) -> None:
        """Add or replace the digests of orders, and replace the place, both or neither."""
        ...


@attrs.define(eq=False)
class MemoryStore:
    """Keeps digests in this process: for tests, or a process that syncs again and again and may forget."""

    _digests: dict[tuple[str, str], str] = attrs.field(factory=dict[tuple[str, str], str], init=False)
    _places: dict[str, str | None] = attrs.field(factory=dict[str, str | None], init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def known(self, account: str, ids: Collection[str]) -> Mapping[str, str]:
        """Return the digests of those of the orders that are known."""
        with self._lock:
            return {each: self._digests[account, each] for each in ids if (account, each) in self._digests}

    def place(self, account: str) -> str | None:
        """Return where an account's list goes on."""
        with self._lock:
            return self._places.get(account)

    def save(self, account: str, digests: Mapping[str, str], place: str | None) -> None:
        """Keep digests and the place."""
        with self._lock:
            self._digests |= {(account, each): digest for each, digest in digests.items()}
            self._places[account] = place

    def __len__(self) -> int:
        """Return the number of orders that are known."""
        return len(self._digests)


def _file(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if str(value) in {"", ":memory:"}:
        raise InvalidArgument(f"{attribute.name} is a file's; what forgets with its process is MemoryStore")


@attrs.frozen(eq=False)
class SQLiteStore:
    """Keeps digests in a file, for the processes of one machine: about 120 bytes an order."""

    path: str | Path = attrs.field(validator=_file)

    def known(self, account: str, ids: Collection[str]) -> Mapping[str, str]:
        """Return the digests of those of the orders that are known."""
        left, found = iter(ids), dict[str, str]()
        with self._opened() as database:
            while some := list(itertools.islice(left, _PARAMETERS)):
                marks = ", ".join("?" * len(some))
                query = f"SELECT id, digest FROM orders WHERE account = ? AND id IN ({marks})"  # noqa: S608 - question marks
                found.update(database.execute(query, (account, *some)))
        return found

    def place(self, account: str) -> str | None:
        """Return where an account's list goes on."""
        with self._opened() as database:
            row = database.execute("SELECT place FROM places WHERE account = ?", (account,)).fetchone()
            return None if row is None else row[0]

    def save(self, account: str, digests: Mapping[str, str], place: str | None) -> None:
        """Keep digests and the place."""
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            rows = [(account, each, digest) for each, digest in digests.items()]
            database.executemany("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", rows)
            database.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (account, place))
            database.execute("COMMIT")

    def __len__(self) -> int:
        """Return the number of orders that are known."""
        with self._opened() as database:
            count: int = database.execute("SELECT count(*) FROM orders").fetchone()[0]
            return count

    @contextlib.contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        """Give a connection of its own."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS orders (account TEXT, id TEXT, digest TEXT, PRIMARY KEY (account, id)) "
                "WITHOUT ROWID"
            )
            database.execute("CREATE TABLE IF NOT EXISTS places (account TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")
            yield database
