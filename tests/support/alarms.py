"""Signal handlers that raise, as a task queue's time limit does."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Generator


@contextlib.contextmanager
def alarm(error: BaseException) -> Generator[Callable[[], None]]:
    """Give what has a signal handler raise an error in this thread, once, from whichever thread it is called.

    One signal may not be enough: Python runs no handler inside of a wait that began just as the signal came.
    """
    caller, lock, taken = threading.get_ident(), threading.Lock(), threading.Event()

    def handle(*_: object) -> None:
        if not taken.is_set():
            taken.set()
            raise error

    def ring() -> None:
        while not taken.is_set():
            with lock:
                if not taken.is_set():
                    signal.pthread_kill(caller, signal.SIGALRM)
            taken.wait(0.05)

    before = signal.signal(signal.SIGALRM, handle)
    try:
        yield ring
    finally:
        taken.set()
        with lock:  # none is sent that the handler before would get
            signal.signal(signal.SIGALRM, before)
