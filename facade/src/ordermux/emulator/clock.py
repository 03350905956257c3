"""The time of a world, which can be stopped, set and put forward."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Callable

import attrs


@attrs.define(eq=False)
class Clock:
    """Gives the time in unix seconds: the machine's own, until it is set."""

    source: Callable[[], float] = time.time
    """What it runs by."""
    offset: float = 0.0
    """How many seconds it is ahead of that."""
    frozen: float | None = None
    """Where it stands, None while it runs."""
    began: float | None = None
    """The moment that it was started at, None where it is real time."""
    listeners: list[Callable[[], None]] = attrs.field(factory=list[Callable[[], None]], repr=False)
    """Called after each jump."""

    @classmethod
    def starting(cls, moment: float | datetime.datetime) -> Clock:
        """Return a clock that runs from a moment, in unix seconds or with an offset from UTC."""
        made = cls()
        made.set(moment)
        made.began = made()
        return made

    def restarted(self) -> Clock:
        """Return another that starts as this one did."""
        return Clock() if self.began is None else Clock.starting(self.began)

    def __call__(self) -> float:
        """Return the time in unix seconds."""
        return self.source() + self.offset if self.frozen is None else self.frozen

    def advance(self, seconds: float) -> None:
        """Put it forward. Raises ValueError where that is not forward."""
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"a clock is put forward by some seconds, not by {seconds}; `set` may go back")
        self.set(self() + seconds)

    def freeze(self) -> None:
        """Stop it; `advance` and `set` still move it."""
        self.frozen = self()
        self.notify()

    def run(self) -> None:
        """Let it run again, from where it stands."""
        now, self.frozen = self(), None
        self.set(now)

    def set(self, moment: float | datetime.datetime) -> None:
        """Put it to a moment, in unix seconds or with an offset from UTC; it stands there where it stood.

        Raises ValueError where there is no such moment.
        """
        if isinstance(moment, datetime.datetime):
            if moment.tzinfo is None:
                raise ValueError("a moment has an offset from UTC")
            moment = moment.timestamp()
        try:
            datetime.datetime.fromtimestamp(moment, datetime.UTC)
        except (ValueError, OverflowError, OSError):
            raise ValueError(f"no moment: {moment}") from None
        if self.frozen is None:
            self.offset = moment - self.source()
        else:
            self.frozen = moment
        self.notify()

    def notify(self) -> None:
        """Call the listeners."""
        for listener in tuple(self.listeners):
            listener()
