"""A process of a test, which ends with the test."""

from __future__ import annotations

import subprocess
from types import TracebackType


class Process(subprocess.Popen[str]):
    """A process that is killed where its block ends in an error.

    Popen waits for it: what goes on until Ctrl-C would hide the error behind the time limit of a test.
    """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Kill it after an error; wait for it."""
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, traceback)
