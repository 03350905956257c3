"""How an emulator's memory grows under many worlds, faults and delivery faults: `python memory.py`.

Prints JSON: of each kind how many requests had which status, by how many megabytes the most that the process ever had
grew, and by how many what it has.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.emulator.bounds import LimitExceeded, MemoryBudgetExceeded

FAULT = {"operation": "zephyr.getOrder", "kind": "reset", "when": "before"}
IN_ONE, MADE = 3_000, 999
"""How many faults, and delivery faults, of one world are asked for; how many worlds there can be besides the first."""
LOSE = {"kind": "drop", "provider": "zephyr"}


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=1_000_000)
    parser.add_argument("--in-python", action="store_true", help="order the faults of all worlds without HTTP: faster")
    given = parser.parse_args()
    with Emulator() as emulator:
        connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=60)
        measured = dict(_measured(connection, given.worlds, given.faults))
        ordered = (
            _ordered(emulator, given.faults) if given.in_python else _asked(connection, given.worlds, given.faults)
        )
        measured["faults of all worlds"] = ordered
        sys.stdout.write(json.dumps(measured, indent=1) + "\n")
        connection.close()


def _measured(connection: http.client.HTTPConnection, worlds: int, faults: int) -> Iterator[tuple[str, Any]]:
    _repeated(connection, [("GET", "/_emulator/clock", None)])  # what the first call of a process costs
    yield "times", _repeated(connection, [("POST", "/_emulator/faults", FAULT | {"times": faults})])
    _repeated(connection, [("DELETE", "/_emulator/faults", None)])
    yield "faults", _repeated(connection, (("POST", "/_emulator/faults", FAULT) for _ in range(IN_ONE)))
    yield (
        "delivery faults",
        _repeated(connection, (("POST", "/_emulator/delivery_faults", LOSE) for _ in range(IN_ONE))),
    )
    names = (f"/w/w{number}/_emulator/clock" for number in range(worlds))
    yield "worlds", _repeated(connection, (("GET", name, None) for name in names))


def _asked(connection: http.client.HTTPConnection, worlds: int, faults: int) -> dict[str, Any]:
    """Ask for faults of all worlds that there are, in turn."""
    names = itertools.cycle(f"/w/w{number}/_emulator/faults" for number in range(min(worlds, MADE)))
    return _repeated(connection, (("POST", next(names), FAULT) for _ in range(faults)))


def _repeated(connection: http.client.HTTPConnection, calls: Iterable[tuple[str, str, Any]]) -> dict[str, Any]:
    before, now, statuses = _megabytes(), _megabytes_now(), Counter[str]()
    for method, path, body in calls:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        answer.read()
        statuses[str(answer.status)] += 1
    return {"statuses": dict(statuses), **_grown(before, now)}


def _ordered(emulator: Emulator, faults: int) -> dict[str, Any]:
    """Order faults of all worlds that there are, in turn, by Python."""
    before, now, outcomes = _megabytes(), _megabytes_now(), Counter[str]()
    worlds = itertools.cycle(emulator.worlds())
    for _ in range(faults):
        try:
            next(worlds).faults.inject(FAULT["operation"], Fault(kind=FaultKind.RESET, when="before"))
            outcomes["ordered"] += 1
        except (MemoryBudgetExceeded, LimitExceeded) as error:
            outcomes[type(error).__name__] += 1
    return {"statuses": dict(outcomes), **_grown(before, now)}


def _grown(before: float, now: float) -> dict[str, float]:
    return {"grew_mb": round(_megabytes() - before, 1), "kept_mb": round(_megabytes_now() - now, 1)}


def _megabytes() -> float:
    """Return how many megabytes this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _megabytes_now() -> float:
    """Return how many megabytes this process has now, where the system tells; else how many it has had at most."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return _megabytes()
    return pages * resource.getpagesize() / 1024 / 1024


if __name__ == "__main__":
    main()
