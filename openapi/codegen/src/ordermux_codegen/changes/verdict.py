"""How much a change asks of a package's users, and the version that follows from it."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, Literal, Self

import attrs

SHORT = 60
"""The most characters of a value that are told."""
BEFORE = 15
"""How many of them stand before the first that differs."""

Direction = Literal["request", "response"]
REQUEST: frozenset[Direction] = frozenset(("request",))
"""What our users send."""
RESPONSE: frozenset[Direction] = frozenset(("response",))
"""What they receive."""
BOTH = REQUEST | RESPONSE


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


def difference(before: Any, after: Any) -> str:
    """Return what something was and is, cut short so that the difference is seen."""
    old, new = (each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in (before, after))
    if before is None:
        return f"now {_short(new)}"
    if after is None:
        return f"no longer {_short(old)}"
    return " → ".join(both_short(old, new))


def both_short(old: str, new: str) -> tuple[str, str]:
    """Return two texts, cut where they are alike if one is long."""
    start = 0
    if max(len(old), len(new)) > SHORT:
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        start = max(0, alike - BEFORE)
    return _short(old, start), _short(new, start)


def _short(text: str, start: int = 0) -> str:
    cut = f"…{text[start:]}" if start else text
    return cut if len(cut) <= SHORT else cut[: SHORT - 1] + "…"


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

    @property
    def promise(self) -> tuple[int, int]:
        """What two versions have in common if the one may replace the other."""
        return (self.major, 0) if self.major else (0, self.minor)

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
