"""The standard streams, which may be closed or full, or whose reader may have closed them."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any

GONE = 141
"""The exit code that a shell reports for a program ended by SIGPIPE."""
UNWRITTEN = 1


class Output(io.TextIOWrapper):
    """A stream that records a write error and never raises it.

    A refund that was made is not a failure if its result cannot be printed.
    """

    lost: OSError | None = None
    """The first write error."""

    def write(self, text: str, /) -> int:
        """Write a text, if possible."""
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write the buffer, if possible."""
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Discard the rest, with the buffer; the interpreter would report it at exit."""
        self.lost = self.lost or error
        with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), self.fileno())


def claim() -> None:
    """Replace standard output and standard error.

    The descriptor of a closed stream is occupied: a connection that got its number would receive the output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream: Any = getattr(sys, name)
        if stream is None:
            taken = Output(open(number, "wb", closefd=False), encoding="utf-8", errors="replace")  # noqa: SIM115
        elif _is_at(stream, number):
            names = ("encoding", "line_buffering", "write_through")
            settings = {each: getattr(stream, each) for each in names}
            taken = Output(stream.detach(), errors="replace", newline="\n", **settings)
        else:
            continue
        setattr(sys, name, taken)
        setattr(sys, f"__{name}__", taken)


def _is_at(stream: Any, number: int) -> bool:
    """Return whether a stream is Python's own for a descriptor, not a replacement by a program or a test."""
    try:
        return isinstance(stream, io.TextIOWrapper) and stream.fileno() == number
    except OSError:
        return False


def lost() -> OSError | None:
    """Return the write error of standard output, None if there is none."""
    return getattr(sys.stdout, "lost", None)


def flushed() -> OSError | None:
    """Write the buffer; return the first write error, and clear it."""
    sys.stdout.flush()
    found = lost()
    if isinstance(sys.stdout, Output):
        sys.stdout.lost = None
    return found


def code_of(problem: OSError) -> int:
    """Return the exit code of a read whose output was not written."""
    return GONE if problem.errno == errno.EPIPE else UNWRITTEN
