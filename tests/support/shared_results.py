"""What takes long to measure, measured once for all processes of a test run."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")


def measured_once(factory: pytest.TempPathFactory, name: str, measure: Callable[[], T]) -> T:
    """Return what `measure` returns; of several test processes, the first one calls it, and the others wait for it.

    What it returns is pickled.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return measure()
    path = factory.getbasetemp().parent / f"{name}.pickle"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(measure()))
    made: T = pickle.loads(path.read_bytes())
    return made
