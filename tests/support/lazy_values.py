"""Values whose fields are read when they are first accessed: what has to be the same whenever it was."""

from __future__ import annotations

import copy
import functools
import itertools
import pickle
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs


def pickled(protocol: int, value: Any) -> Any:
    """Return what comes out of a pickle."""
    return pickle.loads(pickle.dumps(value, protocol))


COPIES: Mapping[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "evolve": attrs.evolve,
    **{f"pickle {each}": functools.partial(pickled, each) for each in range(pickle.HIGHEST_PROTOCOL + 1)},
}


def checks_against(expected: Any) -> dict[str, Callable[[Any], Any]]:
    """Return what has to give the same for a value as for the expected one, by name."""
    return {
        "equal": lambda each: each == expected and expected == each,
        "hash": hash,
        "repr": repr,
        "to_dict": lambda each: each.to_dict(),
        "to_json": lambda each: each.to_json(),
        "asdict": attrs.asdict,
        "raw": lambda each: each.raw,
    }


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
