"""Values whose fields are read when they are first accessed, in several threads at once."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Sequence
from typing import Any


def wrong_reads(values: Sequence[Any], expected: dict[str, Any]) -> list[Any]:
    """Access the fields of each value from eight threads, each in another order; return what was not as expected."""
    names = list(expected)
    barrier = threading.Barrier(8)
    wrong: list[Any] = []

    def look(first: int) -> None:
        barrier.wait()
        for value, start in zip(values, itertools.count(first)):
            turn = [names[(start + each) % len(names)] for each in range(len(names))]
            try:
                found = {name: getattr(value, name) for name in turn}
            except Exception as error:
                wrong.append(error)
            else:
                wrong.extend(name for name in turn if found[name] != expected[name])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=look, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    return wrong
