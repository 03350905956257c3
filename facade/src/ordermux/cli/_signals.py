"""The signals that end a command."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Generator
from types import FrameType

STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that end a command; Windows has no SIGHUP."""


@contextlib.contextmanager
def handling(handler: Callable[[int, FrameType | None], None]) -> Generator[None]:
    """Handle these signals while the context is open; one that is ignored, as under nohup, stays ignored."""
    taken = [number for number in STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in taken}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
