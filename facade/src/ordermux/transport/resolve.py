"""The addresses of a host. A look-up cannot be cut, so that it has a thread of its own, which is waited for in time."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple, TypeAlias

from .attempt import Attempt

_START_SECONDS = 1.0
"""How long a thread may take to start."""
SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]


class Address(NamedTuple):
    """What a socket is made of and connected to."""

    family: socket.AddressFamily
    sockaddr: SocketAddress


class LookUp(threading.Thread):
    """A look-up under way; all that want the same host wait for the same one, so that a dead resolver holds one thread.

    It is a daemon: no program waits for it at its end.
    """

    def __init__(self, key: tuple[int, str, int]) -> None:
        """Take the process, and what to look up."""
        super().__init__(daemon=True, name=f"look-up of {key[1]}")
        self._key = key
        self._made = monotonic()
        self._result: list[Address] | str = "the look-up was ended"
        self._wake: list[Callable[[], object]] = []
        self._done = False

    @property
    def is_under_way(self) -> bool:
        """Whether it can be waited for; one that a signal kept from its start cannot, after a moment."""
        return self._done or self.is_alive() or monotonic() - self._made < _START_SECONDS

    def run(self) -> None:
        """Look up, and wake those that wait."""
        try:
            self._result = _addresses(*self._key[1:])
        except (OSError, ValueError) as error:  # a name that cannot be one is a ValueError
            self._result = str(error)
        finally:
            if under_way.get(self._key) is self:
                del under_way[self._key]
            self._done = True
            for wake in self._wake:
                with contextlib.suppress(RuntimeError):  # its event loop is closed
                    wake()

    def on_done(self, wake: Callable[[], object]) -> None:
        """Have a function called when it is done, from its thread or at once; it may be called twice."""
        self._wake.append(wake)
        if self._done:  # maybe before the function was there to be called
            wake()

    def addresses(self) -> list[Address]:
        """Return what was found.

        Raises OSError.
        """
        if isinstance(self._result, str):
            raise OSError(self._result)
        return self._result


under_way: dict[tuple[int, str, int], LookUp] = {}
"""Look-ups by process, since one of a parent's never ends in its child, host and port."""


def begin(host: str, port: int) -> list[Address] | LookUp:
    """Return the addresses of what is an address itself, else a look-up that is under way.

    Raises OSError or ValueError.
    """
    with contextlib.suppress(OSError):
        return _addresses(host, port, socket.AI_NUMERICHOST)
    key = os.getpid(), host, port
    found = under_way.get(key)
    if found is not None and found.is_under_way:
        return found
    if found is not None:
        under_way.pop(key, None)
    made = LookUp(key)
    found = under_way.setdefault(key, made)  # another thread's, if that was faster
    if found is made:
        try:
            made.start()
        except RuntimeError:  # no thread is left, or the program is at its end
            under_way.pop(key, None)
            return _addresses(host, port)
    return found


def resolve(host: str, port: int, attempt: Attempt) -> list[Address]:
    """Return the addresses of a host.

    Raises OSError or ValueError; a TimeoutError at the deadline.
    """
    found = begin(host, port)
    if isinstance(found, list):
        return found
    done: queue.SimpleQueue[None] = queue.SimpleQueue()  # which no signal leaves locked
    found.on_done(lambda: done.put(None))
    try:
        done.get(timeout=attempt.remaining())
    except queue.Empty:
        raise TimeoutError from None
    return found.addresses()


def _addresses(host: str, port: int, flags: int = 0) -> list[Address]:
    # Of text getaddrinfo would import a codec first, and a signal in an import can leave the import's lock behind.
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM, flags=flags)
    return [Address(family, sockaddr) for family, *_, sockaddr in found]  # type: ignore[arg-type]  # of other families
