"""The stores that need no server, in memory and SQLite, held against one table, each other, and over processes."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
import redis.asyncio
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ordermux import InvalidArgument
from ordermux.webhooks.stores import ClaimResult, MemoryStore, RedisStore, SQLiteStore, Store
from support.clock import Clock
from support.processes import Process
from support.store_contract import BEHAVIOURS, Bench


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Give what makes stores of a kind."""
    clock, numbers = Clock(), itertools.count()

    def sqlite(kept: float) -> Store:
        return SQLiteStore(tmp_path / f"{next(numbers)}.db", kept, clock)

    make: Callable[[float], Store] = (
        sqlite if request.param == "sqlite" else lambda kept: MemoryStore(retention=kept, clock=clock)
    )
    return Bench(make, clock.advance)


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.__name__)
def test_a_store_behaves(bench: Bench, behaviour: Callable[[Bench], None]) -> None:
    """Each line of the table."""
    behaviour(bench)


@pytest.mark.slow
def test_sqlite_remembers_when_it_is_opened_again(tmp_path: Path) -> None:
    """By another object, by a path that is text, and by another process."""
    path = tmp_path / "events.db"
    first = SQLiteStore(path)
    assert [ClaimResult.ACQUIRED] * 2 == [first.claim(key, "d", "o", 60) for key in ("done", "busy")]
    first.finish("done", "o")
    assert ClaimResult.COMPLETED is SQLiteStore(str(path)).claim("done", "d", "p", 60)
    told = subprocess.run([sys.executable, "-c", _CLAIMING_ONE, path], capture_output=True, text=True, check=True)
    assert "ClaimResult.IN_PROGRESS\n" == told.stdout


@pytest.mark.parametrize("path", ["missing/events.db", "."])
def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path, path: str) -> None:
    """At each claim, and nothing is kept open."""
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        SQLiteStore(tmp_path / path).claim("k", "d", "o", 60)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    """And it is left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and no database\n" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        SQLiteStore(path).claim("k", "d", "o", 60)
    assert path.read_text().startswith("these are notes")


@pytest.mark.parametrize("path", [":memory:", ""])
def test_sqlite_without_a_file_is_refused(path: str) -> None:
    """Each call would open a database of its own, so that nothing would ever be known."""
    with pytest.raises(InvalidArgument, match="MemoryStore"):
        SQLiteStore(path)


KINDS: dict[str, Callable[[Any], Store]] = {
    "memory": lambda kept: MemoryStore(retention=kept),
    "sqlite": lambda kept: SQLiteStore("events.db", retention=kept),
    "redis": lambda kept: RedisStore(object(), retention=kept),
}
NO_SECONDS = [0, -1, -0.0, float("nan"), float("inf"), -float("inf"), 1e300, 10**5000, 315_360_001, "5", True, None]


@pytest.mark.parametrize("kept", NO_SECONDS, ids=range(len(NO_SECONDS)))
@pytest.mark.parametrize("kind", KINDS)
def test_a_time_for_which_nothing_is_kept_is_refused(kind: str, kept: Any) -> None:
    """What was handled would be handled again and again, or each delivery would be refused."""
    with pytest.raises(InvalidArgument, match="retention is "):
        KINDS[kind](kept)


@pytest.mark.parametrize("kept", [1, 0.0001, 315_360_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_is_kept_for_up_to_ten_years(kind: str, kept: float) -> None:
    """And for as short a time as is wanted."""
    store: Any = KINDS[kind](kept)
    assert kept == store.retention


@attrs.define
class Told:
    """A client of Redis' that keeps what it is told."""

    arguments: list[Any] = attrs.field(factory=list[Any])

    def execute_command(self, *arguments: Any) -> None:
        """Keep the arguments of a script."""
        self.arguments += arguments[4:]


def test_redis_is_never_told_to_forget_at_once() -> None:
    """Its times are whole milliseconds, and none of them would make each delivery a new one."""
    told = Told()
    RedisStore(told, retention=0.0001).claim("key", "digest", "owner", 0.0001)
    assert ["digest", "owner", 1, 1] == told.arguments


def test_redis_refuses_a_client_that_awaits() -> None:
    """It is what the awaiting facade takes; here each step would be a coroutine that nobody awaits."""
    with pytest.raises(InvalidArgument, match="redis"):
        RedisStore(redis.asyncio.Redis())


@pytest.mark.parametrize("failing", ["claim", "finish"])
def test_a_step_that_fails_in_sqlite_is_not_taken(tmp_path: Path, failing: str) -> None:
    """The clock, which is asked within the transaction, fails: nothing is written, and the file is not left locked."""

    def broken() -> float:
        raise OSError("no clock")

    path = tmp_path / "events.db"
    store = SQLiteStore(path)
    if failing == "claim":
        with pytest.raises(OSError, match="no clock"):
            SQLiteStore(path, clock=broken).claim("k", "d", "o", 60)
        assert ClaimResult.ACQUIRED is store.claim("k", "d", "p", 60)
    else:
        store.claim("k", "d", "o", 60)
        with pytest.raises(OSError, match="no clock"):
            SQLiteStore(path, clock=broken).finish("k", "o")
        assert ClaimResult.IN_PROGRESS is store.claim("k", "d", "p", 60)


@pytest.mark.slow
def test_sqlite_waits_for_a_file_that_is_locked(tmp_path: Path) -> None:
    """Instead of failing at once, as a database that another process writes to would have it."""
    path = tmp_path / "events.db"
    SQLiteStore(path).claim("k", "d", "o", 60)
    with Process([sys.executable, "-c", _HOLDING, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "locked\n" == process.stdout.readline()
        assert ClaimResult.IN_PROGRESS is SQLiteStore(path).claim("k", "d", "p", 60)
    assert 0 == process.returncode


_CLAIMING_ONE = """
import sys
from ordermux.webhooks.stores import SQLiteStore

print(SQLiteStore(sys.argv[1]).claim("busy", "d", "p", 60))
"""
_HOLDING = """
import sqlite3, sys, time

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(0.5)
database.execute("COMMIT")
database.close()
"""
_CLAIMING = """
import sys
from ordermux.webhooks.stores import ClaimResult, SQLiteStore

path, owner = sys.argv[1:]
store = SQLiteStore(path)
sys.stdin.read(0), print("ready", flush=True), sys.stdin.readline()
mine = 0
for number in range(100):
    mine += store.claim(f"k{number}", "d", owner, 600) is ClaimResult.ACQUIRED
print(mine)
"""


@pytest.mark.slow
def test_of_many_processes_one_gets_each_event(tmp_path: Path) -> None:
    """Four claim the same hundred events at once, in a file that is not there yet."""
    path = tmp_path / "events.db"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIMING, path, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        print("go", file=process.stdin, flush=True)
    told = [process.communicate()[0] for process in processes]
    assert [0] * 4 == [process.returncode for process in processes]
    assert 100 == sum(map(int, told))
    assert {ClaimResult.IN_PROGRESS: 100} == Counter(
        SQLiteStore(path).claim(f"k{number}", "d", "p", 60) for number in range(100)
    )


# Against a model.


@attrs.define
class Mark:
    """What the model knows of an event."""

    digest: str
    owner: str
    until: float
    forgotten: float
    done: bool = False


_KEPT, _LEASES = 50.0, (1.0, 5.0, 20.0)
_KEYS, _DIGESTS, _OWNERS = (st.sampled_from(words) for words in ("ab", "xy", "opq"))


class Stores(RuleBasedStateMachine):
    """Does the same to MemoryStore, to SQLite and to a model that is a dictionary, and has all three say the same.

    What is done to a mark that is of no more use is left open, since it is a matter of tidying up.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.clock = Clock()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "events.db"
        self.stores: list[Store] = [
            MemoryStore(retention=_KEPT, clock=self.clock),
            SQLiteStore(path, _KEPT, self.clock),
        ]
        self.marks: dict[str, Mark] = {}

    def teardown(self) -> None:
        """Remove the file."""
        self.folder.cleanup()

    @rule(key=_KEYS, digest=_DIGESTS, owner=_OWNERS, lease=st.sampled_from(_LEASES))
    def claim(self, key: str, digest: str, owner: str, lease: float) -> None:
        """Claim an event."""
        mark, now = self.marks.get(key), self.clock.now
        if mark is None or mark.forgotten <= now or (not mark.done and mark.until <= now):
            expected = ClaimResult.ACQUIRED
            self.marks[key] = Mark(digest, owner, now + lease, now + lease + _KEPT)
        elif mark.digest != digest:
            expected = ClaimResult.CONFLICT
        else:
            expected = ClaimResult.COMPLETED if mark.done else ClaimResult.IN_PROGRESS
        assert [expected] * 2 == [store.claim(key, digest, owner, lease) for store in self.stores]

    @rule(key=_KEYS, owner=_OWNERS)
    def finish(self, key: str, owner: str) -> None:
        """Finish an event, whoever owns it, in time or late."""
        mark = self.marks.get(key)
        if mark and mark.owner == owner:
            if mark.forgotten <= self.clock.now:
                return
            mark.done, mark.forgotten = True, self.clock.now + _KEPT
        for store in self.stores:
            store.finish(key, owner)

    @rule(key=_KEYS, owner=_OWNERS)
    def release(self, key: str, owner: str) -> None:
        """Release an event, whoever owns it."""
        mark = self.marks.get(key)
        if mark and mark.owner == owner and not mark.done:
            del self.marks[key]
        for store in self.stores:
            store.release(key, owner)

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0, 5.0, 19.0, _KEPT]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_memory_is_one_step_for_threads() -> None:
    """Also where Python goes from thread to thread as often as it can."""
    store, barrier = MemoryStore(), threading.Barrier(8)

    def claim(owner: int) -> list[ClaimResult]:
        barrier.wait()
        return [store.claim(f"k{number}", "d", f"o{owner}", 60) for number in range(500)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            seen = Counter(each for claimed in pool.map(claim, range(8)) for each in claimed)
    finally:
        sys.setswitchinterval(interval)
    assert {ClaimResult.ACQUIRED: 500, ClaimResult.IN_PROGRESS: 3500} == seen


def test_memory_forgets_what_is_over() -> None:
    """A process that receives for years does not grow for ever."""
    clock = Clock()
    store = MemoryStore(retention=10, clock=clock)
    for number in range(20_000):
        assert ClaimResult.ACQUIRED is store.claim(f"k{number}", "d", "o", 5)
        store.finish(f"k{number}", "o")
        clock.advance(1)
    assert len(store._records) <= 2000  # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[tuple[SQLiteStore, Clock, sqlite3.Connection]]:
    """Give a store, its clock, and a connection that looks into its file."""
    clock = Clock()
    store = SQLiteStore(tmp_path / "events.db", 10, clock)
    store.claim("first", "d", "o", 5)
    connection = sqlite3.connect(tmp_path / "events.db")
    yield store, clock, connection
    connection.close()


def test_sqlite_forgets_what_is_over(table: tuple[SQLiteStore, Clock, sqlite3.Connection]) -> None:
    """The file does not grow for ever."""
    store, clock, connection = table
    for number in range(100):
        assert ClaimResult.ACQUIRED is store.claim(f"k{number}", "d", "o", 5)
        store.finish(f"k{number}", "o")
        clock.advance(1)
    assert connection.execute("SELECT count(*) FROM events").fetchone()[0] <= 20
