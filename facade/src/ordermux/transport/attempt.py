"""One attempt to send a request: its deadline, how far it got, and what its errors mean."""

from __future__ import annotations

from time import monotonic
from typing import Literal

import attrs

from .wire import TransportFailure

_EARLY = 0.01
"""Seconds by which a clock's resolution may let a wait end before its time."""
_OWN_MODULES = frozenset({"asyncio", "builtins", "ordermux", "socket", "ssl", "zlib"})
"""Where the errors come from that sockets, TLS, event loops and the transports raise."""


class WireError(Exception):
    """Why there is no answer, in a text that quotes nothing of what was sent or came."""

    def __init__(self, reason: str, *, retryable: bool = True) -> None:
        """Take the reason, and whether another attempt may help."""
        super().__init__(reason)
        self.retryable = retryable


@attrs.define(eq=False)
class Attempt:
    """How far a request got."""

    deadline: float
    """When it ends, in seconds of `time.monotonic()`."""
    phase: Literal["Pool", "Connect", "Write", "Read"] = "Pool"
    """What it waits for: a place in the pool, a connection, that its bytes are taken, the answer."""
    bound: str = ""
    """What bound of ours it waits at, beyond the place in the pool."""
    proxy: str = ""
    """The host and port of the proxy that it goes through, if there is one."""
    sent: bool = False
    """Whether a byte of the request may have left this process: noted when it is handed over, never guessed later."""

    def remaining(self) -> float:
        """Return the seconds until the deadline.

        Raises TimeoutError if there are none.
        """
        if (left := self.deadline - monotonic()) <= 0:
            raise TimeoutError
        return left

    def failure(self, error: Exception) -> TransportFailure:
        """Return what an error means; raise what is none of the network, such as a job's time limit, sent by a signal.

        Errors of sockets and of TLS are quoted; of any other only the name, since its text may hold anything.
        """
        if type(error).__module__.partition(".")[0] not in _OWN_MODULES or is_foreign_timeout(error, self.deadline):
            raise error
        retryable, timed_out = not is_tls_refusal(error), False
        if isinstance(error, WireError):
            reason, retryable = str(error), error.retryable
        elif isinstance(error, TimeoutError) and error.errno is None:  # with one it is the kernel's own, and earlier
            reason, timed_out = f"{self.phase}Timeout: the deadline is over{self.bound}", True
        elif isinstance(error, OSError) or (isinstance(error, ValueError) and self.phase == "Connect"):
            reason = f"{self.phase}Error: {error}"  # the name of a host that cannot be looked up is a ValueError
        else:
            reason = type(error).__name__
        if self.proxy:
            reason += f", through the proxy {self.proxy}"
        return TransportFailure(reason, not_sent=not self.sent, timed_out=timed_out, retryable=retryable)


def is_foreign_timeout(error: BaseException, end: float) -> bool:
    """Return whether a TimeoutError is not that of a wait until `end`, so that the handler of a signal raised it.

    One that comes before the end is not, unless it has an errno: the kernel gives up a connection earlier. A handler's
    may come later too, since Python runs no handler inside of a wait that began just as the signal came.
    """
    if not isinstance(error, TimeoutError) or error.errno is not None:
        return False
    return monotonic() < end - _EARLY or _is_of_signal_handler(error)


def _is_of_signal_handler(error: BaseException) -> bool:
    import signal  # which a program without a failure need not pay for
    import traceback

    handlers = [getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()]
    return any(frame.f_code in handlers for frame, _ in traceback.walk_tb(error.__traceback__))


def is_tls_refusal(error: BaseException | None) -> bool:
    """Return whether TLS refused the other side somewhere in an error's causes, and did not merely see an end.

    No other attempt helps against a wrong certificate, or a server that does not speak TLS.
    """
    import ssl  # which a program without TLS need not pay for

    passing = ssl.SSLEOFError, ssl.SSLSyscallError, ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLZeroReturnError
    while error is not None:
        if isinstance(error, ssl.SSLError) and not isinstance(error, passing):
            return True
        error = error.__cause__ or error.__context__
    return False
