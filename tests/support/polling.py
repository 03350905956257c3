"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so; fail after some seconds."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.002)
