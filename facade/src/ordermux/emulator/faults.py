"""What goes wrong on purpose: which of the next calls, and how.

    emulator.world.faults.order("zephyr.createRefund", Fault(kind="reset", when="after"))

The first refund from then on is carried out, and instead of an answer its connection is reset.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

import attrs


class Kind(enum.StrEnum):
    """The ways for a call to go wrong."""

    STATUS = "status"
    """An answer with `status` and `headers`; its body is `body`, or an error as the provider writes it. A success that
    comes `after`, with no `body`, is the right answer with another status; a refusal stays what it is."""
    RESET = "reset"
    """No answer; the connection is reset (RST)."""
    LOST = "lost"
    """No answer; the connection is closed (FIN)."""
    STALL = "stall"
    """No answer for `seconds`; then the connection is closed."""
    CUT = "cut"
    """The right head and half of the body, or half of the head where there is no body; then it is closed."""
    DRIP = "drip"
    """The right answer, with a byte of the body every `seconds`."""
    HEADER_DRIP = "header_drip"
    """The right answer, with a byte of the status line and the headers every `seconds`."""
    DELAY = "delay"
    """The right answer, `seconds` later: they pass before the call is carried out, or after."""
    HTML = "html"
    """A 200 with a page for people."""
    GARBAGE = "garbage"
    """A 200 with a body that says it is JSON, and is none."""
    WRONG_TYPE = "wrong_type"
    """The right answer, but a member of it has another JSON type, a required one where there is any."""
    UNKNOWN_WORD = "unknown_word"
    """The right answer, but each status in it is a word that no document has."""
    EXTRA_FIELD = "extra_field"
    """The right answer with one more member."""
    HUGE = "huge"
    """A 200 with JSON of `size` bytes; its length stands in front only where `headers` has a Content-Length."""


BENT = {Kind.WRONG_TYPE, Kind.UNKNOWN_WORD, Kind.EXTRA_FIELD}
_ONLY_AFTER = {Kind.CUT, Kind.DRIP, Kind.HEADER_DRIP, *BENT}
"""These need the right answer, so that the call has to be carried out."""


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong with the next calls of an operation."""

    kind: Kind = attrs.field(converter=Kind)
    when: Literal["before", "after"] = attrs.field(validator=attrs.validators.in_(("before", "after")))
    """Whether the call was carried out first: `before`, nothing has happened; `after`, its effect stands."""
    times: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """How many calls."""
    status: int = attrs.field(default=attrs.Factory(lambda self: 500 if self.kind is Kind.STATUS else 200, True))
    """Of an answer that is made up: 500 where none is given, 200 for the other kinds than `status`."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Added to the answer, in place of those of the same name."""
    body: Any = None
    """Of an answer that is made up: bytes go out as they are, anything else as JSON."""
    seconds: float = 1.0
    size: int = attrs.field(default=64 << 20, validator=attrs.validators.ge(12))

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.when == "before" and self.kind in _ONLY_AFTER:
            raise ValueError(f"{self.kind} changes the right answer, so it comes `after`")


class Faults:
    """The faults that wait, each for the next calls of its operations; for any thread."""

    def __init__(self, operations: Iterable[str] = ()) -> None:
        """Know the operations there are, by names as `zephyr.createRefund`."""
        self.operations = list(operations)
        self.waiting: list[tuple[str, Fault]] = []
        self._lock = threading.Lock()

    def order(self, operation: str, fault: Fault) -> None:
        """Put a fault behind those that wait; `zephyr.*` and `*` stand for any operation, of a provider or at all.

        Raises ValueError where there is no such operation.
        """
        if not any(fnmatchcase(known, operation) for known in self.operations):
            raise ValueError(f"there is no operation {operation!r}; there are: {', '.join(self.operations)}")
        with self._lock:
            self.waiting.append((operation, fault))

    def clear(self) -> None:
        """Forget those that wait; calls that are going wrong go on."""
        with self._lock:
            self.waiting.clear()

    def take(self, operation: str) -> Fault | None:
        """Return the fault of a call that has just arrived, the first that fits."""
        with self._lock:
            for place, (pattern, fault) in enumerate(self.waiting):
                if fnmatchcase(operation, pattern):
                    left = fault.times - 1
                    self.waiting[place : place + 1] = [(pattern, attrs.evolve(fault, times=left))] if left else []
                    return fault
        return None
