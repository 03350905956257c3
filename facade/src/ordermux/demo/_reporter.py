"""The output of the demo: calls, their requests, injected faults, and the results."""

from __future__ import annotations

import functools
import os
import sys
import time
from http import HTTPStatus
from typing import Literal

import attrs
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from ..emulator.registry import emulators
from ..engine.hooks import Attempt
from ..errors import OrdermuxError
from ..status import Status

NOTHING = "\N{EN DASH}"
DONE, WRONG, ARRIVED = ("✓", "green"), ("✗", "red"), ("↓", "cyan")
_LEFT, _LABEL = 39, 16
"""Width of the first column: of requests and deliveries, and of counters."""
_NARROWEST = 20
_SEEN = 0.05
"""A pause of this many seconds or more is shown."""


@functools.cache
def _routes() -> dict[str, tuple[str, str]]:
    """Return the method and the path of each operation."""
    return {
        f"{name}.{operation}": (method, path)
        for name, provider in emulators().items()
        for operation, method, path, _ in provider.routes
    }


class Failed(OrdermuxError):
    """Something is not as expected."""

    def __str__(self) -> str:
        """Return it on one line."""
        return f"unexpected result: {self.args[0]}"


def expect(what: str, expected: object, found: object) -> None:
    """Raise Failed if the value is not the expected one."""
    if expected != found:
        raise Failed(f"{what}: {found}, expected {expected}")


def axes(status: Status) -> str:
    """Return lifecycle, payment and fulfillment on one line."""
    return " / ".join(str(axis or NOTHING) for axis in (status.lifecycle, status.payment, status.fulfillment))


@attrs.define(eq=False)
class Reporter:
    """Prints the demo; called from any thread, but from one at a time."""

    console: Console
    quiet: bool = False
    """Whether successful requests are not shown."""
    on_purpose: str = ""
    """Label of the next request that fails; empty if none should fail."""
    surprises: list[str] = attrs.field(factory=list[str])
    """Requests that failed unexpectedly."""
    waited: float = 0.0
    """Seconds between the last failed request and the one after it."""
    depth: int = 0
    """1 while a webhook is handled."""
    _failed_at: float | None = None

    @classmethod
    def make(cls) -> Reporter:
        """Return a reporter for standard output; it has colours on a terminal, unless NO_COLOR is set."""
        system: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
        return cls(Console(color_system=system, highlight=False, markup=False, emoji=False))

    @property
    def is_watched(self) -> bool:
        """Whether input and output are a terminal, so that somebody can press Ctrl-C."""
        return self.console.file.isatty() and sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]

    def start(self, provider: str, place: str, about: str) -> None:
        """Print the heading of a provider's scenario."""
        self.console.print()
        self.console.print(Rule(Text(f"{provider}, {place}", style="bold"), style="dim", align="left"))
        self.say(about)

    def head(self, text: str) -> None:
        """Print the heading of a step."""
        if not self.depth:
            self.console.print()
        self._failed_at = None
        self._print("    " if self.depth else "", Text(text, style="bold"))

    def line(self, mark: tuple[str, str], left: str, right: str) -> None:
        """Print a request or a delivery."""
        symbol, style = mark
        start = Text.assemble("    " if self.depth else "  ", (symbol, style), f" {left}")
        start.pad_right(max(2, _LEFT - len(start)))
        self._print(start, Text(right, style=style if mark is WRONG else ""))

    def say(self, text: str) -> None:
        """Print an explanation."""
        self._print("  ", Text(text))

    def fact(self, label: str, text: str) -> None:
        """Print a counter or a result."""
        self._print(Text(f"  {label:<{_LABEL}}", style="dim"), Text(text, style="bold"))

    def _print(self, start: str | Text, text: Text) -> None:
        """Print a text, with its lines aligned."""
        lines = text.wrap(self.console, max(_NARROWEST, self.console.width - len(start)))
        for place, line in enumerate(lines):
            whole = Text.assemble(" " * len(start) if place else start, line)
            whole.rstrip()
            self.console.print(whole, soft_wrap=True)

    def attempt(self, attempt: Attempt) -> None:
        """Print a request and its response; the `on_attempt` hook of the client."""
        now = time.monotonic()
        method, path = _routes()[f"{attempt.provider}.{attempt.endpoint}"]
        result = str(attempt.status or "no response")
        if attempt.status is None or attempt.status >= HTTPStatus.BAD_REQUEST:
            purpose, self.on_purpose = self.on_purpose, ""
            if not purpose:
                self.surprises.append(f"{attempt.endpoint}: {attempt.failure or result}")
            self.line(WRONG, f"{method:<6}{path}", f"{result}, {purpose or 'unexpected'}")
            self._failed_at = now
            return
        if self._failed_at is not None:
            self.waited, self._failed_at = now - attempt.seconds - self._failed_at, None
            result += f", {self.waited:.2f} s later" if self.waited >= _SEEN else ""
        if not self.quiet:
            self.line(DONE, f"{method:<6}{path}", result)
