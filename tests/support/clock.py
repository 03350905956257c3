"""The clock of the tests: a time that passes when it is told to."""

from __future__ import annotations

import attrs

START = 1_000_000.0
"""When it begins, in seconds."""


@attrs.define
class Clock:
    """A clock that stands still until it is put forward."""

    now: float = START

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
