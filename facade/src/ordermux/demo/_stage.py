"""What the tour shows: each call, each request of it, what went wrong on purpose, and what came of it."""

from __future__ import annotations

import os
import sys
import time
from http import HTTPStatus
from typing import Literal

import attrs
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from .._call import Attempt
from ..emulator.shops import PROVIDERS
from ..errors import OrdermuxError
from ..status import Status

NOTHING = "\N{EN DASH}"
DONE, WRONG, ARRIVED = ("✓", "green"), ("✗", "red"), ("↓", "cyan")
_LEFT, _LABEL = 39, 16
"""How wide the first column is: of what happened, and of what was counted."""
_NARROWEST = 20
_SEEN = 0.05
"""A pause of so many seconds is told."""
_ROUTES = {
    f"{name}.{operation}": (method, path)
    for name, provider in PROVIDERS.items()
    for operation, method, path, _ in provider.ROUTES
}


class Failed(OrdermuxError):
    """Something is not as the tour says."""

    def __str__(self) -> str:
        """Return what, on one line."""
        return f"this is not as the tour says: {self.args[0]}"


def expect(what: str, expected: object, found: object) -> None:
    """Raise Failed where what was found is not what the tour says."""
    if expected != found:
        raise Failed(f"{what}: {found}, not {expected}")


def axes(status: Status) -> str:
    """Return the three axes on one line."""
    return " / ".join(str(axis or NOTHING) for axis in (status.lifecycle, status.payment, status.fulfillment))


@attrs.define(eq=False)
class Stage:
    """Prints the tour, from whatever thread something happens in; no two do at once."""

    console: Console
    quiet: bool = False
    """Whether requests that went well are left out."""
    on_purpose: str = ""
    """What the next request that fails is told as; empty where none shall fail."""
    surprises: list[str] = attrs.field(factory=list[str])
    """The requests that failed all the same."""
    waited: float = 0.0
    """The seconds between the last request that failed and the one after it."""
    depth: int = 0
    """1 while a webhook is handled."""
    _failed_at: float | None = None

    @classmethod
    def make(cls) -> Stage:
        """Return one on the standard output: plain where it is no terminal, or colours are not wanted."""
        system: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
        return cls(Console(color_system=system, highlight=False, markup=False, emoji=False))

    @property
    def is_watched(self) -> bool:
        """Whether somebody sits at a terminal, who can see how far it is and press Ctrl-C."""
        return self.console.file.isatty() and sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]

    def life(self, provider: str, place: str, about: str) -> None:
        """Begin a provider's life."""
        self.console.print()
        self.console.print(Rule(Text(f"{provider}, {place}", style="bold"), style="dim", align="left"))
        self.say(about)

    def head(self, text: str) -> None:
        """Begin a step."""
        if not self.depth:
            self.console.print()
        self._failed_at = None
        self._print("    " if self.depth else "", Text(text, style="bold"))

    def line(self, mark: tuple[str, str], left: str, right: str) -> None:
        """Print one thing that happened."""
        symbol, style = mark
        start = Text.assemble("    " if self.depth else "  ", (symbol, style), f" {left}")
        start.pad_right(max(2, _LEFT - len(start)))
        self._print(start, Text(right, style=style if mark is WRONG else ""))

    def say(self, text: str) -> None:
        """Print what it comes to."""
        self._print("  ", Text(text))

    def fact(self, label: str, text: str) -> None:
        """Print something that was counted, or found."""
        self._print(Text(f"  {label:<{_LABEL}}", style="dim"), Text(text, style="bold"))

    def _print(self, start: str | Text, text: Text) -> None:
        """Print a text whose further lines stand below its first."""
        lines = text.wrap(self.console, max(_NARROWEST, self.console.width - len(start)))
        for place, line in enumerate(lines):
            whole = Text.assemble(" " * len(start) if place else start, line)
            whole.rstrip()
            self.console.print(whole, soft_wrap=True)

    def attempt(self, attempt: Attempt) -> None:
        """Print a request that was sent, with what came back; the hook of the client."""
        now = time.monotonic()
        method, path = _ROUTES[f"{attempt.provider}.{attempt.endpoint}"]
        told = str(attempt.status or "no answer")
        if attempt.status is None or attempt.status >= HTTPStatus.BAD_REQUEST:
            purpose, self.on_purpose = self.on_purpose, ""
            if not purpose:
                self.surprises.append(f"{attempt.endpoint}: {attempt.failure or told}")
            self.line(WRONG, f"{method:<6}{path}", f"{told}, {purpose or 'and not on purpose'}")
            self._failed_at = now
            return
        if self._failed_at is not None:
            self.waited, self._failed_at = now - attempt.seconds - self._failed_at, None
            told += f", {self.waited:.2f} s later" if self.waited >= _SEEN else ""
        if not self.quiet:
            self.line(DONE, f"{method:<6}{path}", told)
