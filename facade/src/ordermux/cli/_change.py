"""A change that is sent once: how to retry it, and its outcome if the command is interrupted."""

from __future__ import annotations

import contextlib
import datetime
import signal
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import attrs

from ._signals import STOPPING

if TYPE_CHECKING:
    from .. import AttemptStart
    from ..order import Money


class Stopped(KeyboardInterrupt):
    """A signal interrupted a change."""

    def __init__(self, number: int) -> None:
        """Keep the number of the signal."""
        super().__init__(number)
        self.number = number


@attrs.define(eq=False, kw_only=True)
class Change:
    """A change that a command sends."""

    look: str | None = None
    """The command that shows its outcome."""
    retry_command: Callable[[str, Money | None], str | None] | None = None
    """Returns the command that retries it with its key and, for a refund, its amount; None if that is not known yet."""
    key: str | None = None
    """Its idempotency key, if it has one."""
    key_expires_at: datetime.datetime | None = None
    """When the key expires, in UTC; until then a retry is safe. None if that is not known."""
    amount: Money | None = None
    """The amount of a refund."""
    reads_first: bool = False
    """Whether the order is read before the change is sent."""
    sent: bool = False
    """Whether it may have been carried out."""
    done: bool = False

    @property
    def repeat(self) -> str | None:
        """The command that retries it. It never has --full, which may stand for another amount by then."""
        return self.retry_command(self.key, self.amount) if self.retry_command and self.key else None

    def started(self, start: AttemptStart) -> None:
        """Keep the key and the amount before a request is sent."""
        self.key, self.key_expires_at = start.key, start.key_expires_at
        self.amount = start.amount or self.amount
        self.sent = self.sent or start.amount is not None

    @contextlib.contextmanager
    def sending(self) -> Generator[None]:
        """Keep that the outcome is unknown until the provider, or an error of the facade, reports it."""
        from ..errors import OrdermuxError, OutcomeUnknown

        self.sent = not self.reads_first
        try:
            yield
        except OutcomeUnknown:
            raise
        except OrdermuxError:  # it means that nothing was changed
            self.sent = False
            raise
        self.done = True


class Signals:
    """Turns signals into an exception, so that an interrupted change reports how to find out its outcome."""

    def __init__(self) -> None:
        """Leave the handlers as they are."""
        self._before: dict[int, Any] = {}

    def take(self) -> None:
        """Raise Stopped at the first signal; a signal that is ignored, as under nohup, stays ignored."""

        def stop(number: int, frame: object) -> None:
            del frame
            self.defer()
            raise Stopped(number)

        if threading.current_thread() is threading.main_thread():
            self._set(stop)

    def defer(self) -> None:
        """Let no further signal interrupt the output."""

        def ignore(number: int, frame: object) -> None:  # with SIG_IGN, Python reports a signal that is pending
            del number, frame

        if self._before:
            self._set(ignore)

    def _set(self, handler: Callable[[int, object], None]) -> None:
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before = signal.signal(number, handler)
                self._before.setdefault(number, before)

    def ignore(self) -> None:
        """Ignore signals from here on, if there are handlers: the exit code is decided.

        At exit, Python restores the default action of a handled signal, but not of an ignored one.
        """
        if not self._before:
            return
        if hasattr(signal, "pthread_sigmask"):  # Python reports a signal that arrives between the two calls
            signal.pthread_sigmask(signal.SIG_BLOCK, self._before)
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)
