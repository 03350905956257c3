"""Measures the facade beside its peers: `python -m bench`, with tests/ on the path.

Each figure is a ratio of one run: the subjects are processes of their own that take turns, and the server is another
process. Times are of the processor, unless said. Absolute numbers depend on the machine, and no test rests on them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from .environments import HOMES, REQUIREMENTS, Home, search_path
from .figures import FIGURES, STARTS, Clock, Figure, Row, Start, compared, counted
from .report import markdown, write
from .server import PAGE_ORDERS

MEGABYTE = 1_000_000
UNWANTED = ("httpx", "aiohttp")
"""What `import ordermux` is not to import."""
_LOADED = f"import ordermux, sys; print(*[name for name in {UNWANTED} if name in sys.modules])"


class Size(NamedTuple):
    """How much is done."""

    rounds: int
    part: float
    """Which part of each figure's calls."""
    starts: int
    """How many processes are started in a round."""
    orders: int
    """How many orders the long list has."""


FULL = Size(rounds=5, part=1.0, starts=3, orders=1_000_000)
QUICK = Size(rounds=2, part=0.02, starts=1, orders=5_000)


def _output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def _input(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdin is not None
    return process.stdin


def _spawned(*command: str, home: Home | None = None) -> subprocess.Popen[str]:
    """Start a module of this package, in a peer's environment or in this one."""
    python, folders = (str(home.python), (home.generated,)) if home else (sys.executable, ())
    return subprocess.Popen(
        [python, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=search_path(*folders)
    )


class Subject:
    """One subject in its process; it ends with the context."""

    def __init__(self, name: str, address: str, home: Home | None) -> None:
        """Start it."""
        self.name = name
        self.process = _spawned("bench.worker", name, address, home=home)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.process.communicate()

    def run(self, calls: int) -> dict[str, float]:
        """Let it do so many calls; return the seconds that they took, and its highest memory in bytes."""
        _input(self.process).write(f"{calls}\n")
        _input(self.process).flush()
        line = _output(self.process).readline()
        if not line:
            raise RuntimeError(f"{self.name} failed")
        told: dict[str, float] = json.loads(line)
        return told

    def each(self, calls: int, clock: Clock) -> float:
        """Return the seconds that a call takes."""
        return self.run(calls)[clock] / calls


@contextlib.contextmanager
def serving() -> Generator[str]:
    """Give the address of a server in its own process."""
    process = _spawned("bench.server")
    try:
        yield f"http://127.0.0.1:{int(_output(process).readline())}"
    finally:
        process.communicate()


def measured(figure: Figure, address: str, homes: dict[str, Home], size: Size) -> list[Row]:
    """Return a figure's rows; a peer whose environment is not there is left out."""
    peers = [peer for peer in figure.peers if peer.home is None or peer.home in homes]
    calls = {
        name: max(1, int(figure.calls * size.part / (5 if name in figure.slow else 1)))
        for name in [figure.ours, *(peer.subject for peer in peers)]
    }
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(Subject(figure.ours, address, None))
        theirs = [
            stack.enter_context(Subject(peer.subject, address, homes[peer.home] if peer.home else None))
            for peer in peers
        ]
        subjects = [ours, *theirs]
        for subject in subjects:
            subject.run(max(1, calls[subject.name] // 4))
        took: dict[str, list[float]] = {subject.name: [] for subject in subjects}
        for _ in range(size.rounds):
            for subject in subjects:
                took[subject.name].append(subject.each(calls[subject.name], figure.clock))
    return [compared(figure.title, peer, took[figure.ours], took[peer.subject], many=figure.many) for peer in peers]


def _started(code: str, times: int) -> float:
    """Return the processor's seconds that a process with this code takes, start to end, with the usual certificates."""
    environment = {name: value for name, value in os.environ.items() if name not in {"SSL_CERT_FILE", "SSL_CERT_DIR"}}
    total = 0.0
    for _ in range(times):
        process = subprocess.Popen([sys.executable, "-I", "-c", code], env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"it failed: {code}")
        total += usage.ru_utime + usage.ru_stime
    return total / times


def started(start: Start, address: str, size: Size) -> Row:
    """Return the row of a comparison of whole processes."""
    codes = [code.format(address=address) for code in (start.ours, start.peer.subject)]
    ours: list[float] = []
    theirs: list[float] = []
    for code in codes:
        _started(code, 1)
    for _ in range(size.rounds):
        bare = _started("pass", size.starts) if start.bare else 0.0
        for code, took in zip(codes, (ours, theirs), strict=True):
            took.append(_started(code, size.starts) - bare)
    return compared(start.title, start.peer, ours, theirs)


def imported() -> Row:
    """Return the row about what `import ordermux` imports."""
    found = subprocess.run([sys.executable, "-I", "-c", _LOADED], capture_output=True, text=True, check=True)
    loaded = found.stdout.split()
    return counted(f"of {' and '.join(UNWANTED)}, imported by import ordermux", len(loaded), "modules", 0)


def grown(title: str, subject: str, first: int, calls: int, address: str) -> Row:
    """Return the row about how much the highest memory grows, once the first calls are done."""
    with Subject(subject, address, None) as running:
        before = running.run(first)["peak"]
        after = running.run(calls)["peak"]
    return counted(title, (after - before) / MEGABYTE, "MB", 20)


def kept(orders: int, address: str) -> Row:
    """Return the row about the memory of orders that are kept, none looked at; the goal is as when each was whole."""
    pages = max(1, orders // PAGE_ORDERS)
    with Subject("keep_facade", address, None) as running:
        before = running.run(20)["peak"]
        after = running.run(pages)["peak"]
    return counted(f"keep {orders:,} orders", (after - before) / (pages * PAGE_ORDERS), "bytes each", 3_858)


def notes(size: Size) -> list[str]:
    """Return what the numbers rest on."""
    versions = [f"{name} {version(name)}" for name in ("httpx", "aiohttp", "urllib3", "msgspec")]
    others = [requirement.replace("==", " ") for wanted in REQUIREMENTS.values() for requirement in wanted]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    how = (
        f"Medians of {size.rounds} rounds in which the subjects take turns; the server is a process of its own that "
        "gives canned answers over loopback. Seconds of the processor a call, for products of the clock."
    )
    told = [f"{machine}; {', '.join(versions)}; peers: {', '.join(dict.fromkeys(others))}.", "", how]
    if all(map(find_spec, ("rich", "click", "pygments"))):
        told += ["", "Importing httpx imports rich and click, which are installed here: that flatters our start."]
    return told


def all_rows(address: str, homes: dict[str, Home], size: Size) -> Iterator[Row]:
    """Measure everything."""
    for figure in FIGURES:
        yield from measured(figure, address, homes, size)
    for start in STARTS:
        yield started(start, address, size)
    yield imported()
    yield kept(int(100_000 * size.part), address)
    puts = int(10_000 * size.part)
    yield grown(f"list {size.orders:,} orders: more memory", "walk_facade", 2_000, size.orders, address)
    yield grown(f"sync {puts:,} products: more memory", "products_facade", max(8, puts // 10), puts, address)


def arguments() -> Any:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the facade beside its peers.")
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds; its numbers mean nothing")
    parser.add_argument("--out", type=Path, help="write bench.md, bench.json and bench.svg into this folder")
    parser.add_argument("--cache", type=Path, help="keep the peers' environments in this folder for the next run")
    parser.add_argument("--orders", type=int, help=f"how many orders the long list has (default {FULL.orders})")
    return parser.parse_args()


def main() -> None:
    """Measure, print and write."""
    given = arguments()
    size = QUICK if given.quick else FULL
    size = size._replace(orders=given.orders or size.orders)
    with tempfile.TemporaryDirectory() as temporary:
        cache = given.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        wanted = {} if given.quick and not given.cache else HOMES  # installing them takes longer than a smoke run
        homes = {name: make(cache.resolve()) for name, make in wanted.items()}
        rows: list[Row] = []
        with serving() as address:
            for row in all_rows(address, homes, size):
                rows.append(row)
                print(f"{row.title}: {row.peer or row.unit} {row.ratio:.2f}", file=sys.stderr, flush=True)
    print(markdown(rows, notes(size)))
    if given.out:
        write(given.out, rows, notes(size))


if __name__ == "__main__":
    main()
