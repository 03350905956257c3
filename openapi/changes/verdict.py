"""How much a change asks of a package's users, and the version that follows from it."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from typing import Any, Literal, Self

import attrs

SHORT = 60
"""The most characters of a value that are told."""

Direction = Literal["request", "response"]
SENT: frozenset[Direction] = frozenset(("request",))
"""What our users give."""
COMES: frozenset[Direction] = frozenset(("response",))
"""What they get."""
BOTH = SENT | COMES


class Verdict(enum.IntEnum):
    """What a change is for the users of the typed client."""

    NONE = 0
    """It does not reach them."""
    PATCH = 1
    """Texts, and what nobody's code can notice."""
    MINOR = 2
    """Something new, or something else goes over the wire; code that worked goes on working."""
    MAJOR = 3
    """Code that worked, or that a type checker took, may not any more."""

    def __str__(self) -> str:
        """Return the word."""
        return self.name.lower()


def moved(way: frozenset[Direction], *, wider: bool, narrower: bool) -> Verdict:
    """Return what it is that more, or fewer, kinds of values may stand somewhere than before.

    More breaks who gets the value, fewer break who gives it, and something else altogether breaks both.
    """
    if wider == narrower:
        return Verdict.MAJOR
    broken: Direction = "response" if wider else "request"
    return Verdict.MAJOR if broken in way else Verdict.MINOR


Ruled = Iterator[tuple[Verdict, str]]
"""What a rule says: verdicts, each with what happened."""


def told(before: Any, after: Any) -> str:
    """Return what something was and is, cut short."""
    if before is None:
        return f"now {_short(after)}"
    return f"no longer {_short(before)}" if after is None else f"{_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


@attrs.frozen(order=True)
class Version:
    """X.Y.Z."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a version.

        Raises ValueError for anything but X.Y.Z.
        """
        found = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", text)
        if found is None:
            raise ValueError(f"{text} is not X.Y.Z")
        return cls(*map(int, found.groups()))

    def after(self, verdict: Verdict) -> Version:
        """Return the least version that may follow this one: below 1.0.0 a major change raises the middle number."""
        if verdict is Verdict.NONE:
            return self
        if self.major == 0:
            breaking = verdict is Verdict.MAJOR
            return Version(0, self.minor + 1, 0) if breaking else Version(0, self.minor, self.patch + 1)
        return {
            Verdict.MAJOR: Version(self.major + 1, 0, 0),
            Verdict.MINOR: Version(self.major, self.minor + 1, 0),
            Verdict.PATCH: Version(self.major, self.minor, self.patch + 1),
        }[verdict]

    def __str__(self) -> str:
        """Return X.Y.Z."""
        return f"{self.major}.{self.minor}.{self.patch}"
