"""Exit codes, and the errors of the command line itself."""

from __future__ import annotations

from ..errors import OrdermuxError

DONE, FAILED, USAGE, UNKNOWN, SOME_FAILED, SIGNALLED = 0, 1, 2, 3, 4, 128
"""Success, an error, wrong usage, an unknown outcome, some rows failed; a signal's number is added to the last."""


class CliError(OrdermuxError):
    """An error of the command line itself, with a hint."""

    kind = "CommandError"
    """Its `kind` in JSON."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the message and the hint."""
        super().__init__(message)
        self.hint = hint


class UsageError(CliError):
    """An invalid argument of the command line."""

    kind = "UsageError"
