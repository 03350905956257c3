"""Fault injection: which of the next calls fail, and how.

    emulator.world.faults.inject("zephyr.createRefund", Fault(kind="reset", when="after"))

The next refund is carried out, and instead of a response the connection is reset.
"""

from __future__ import annotations

import enum
import json
import math
import re
import threading
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

import attrs

from .bounds import MAX_FAULT_BYTES, MAX_WAITING, LimitExceeded, MemoryBudget, check_pattern, weight_of


class FaultKind(enum.StrEnum):
    """What is wrong with the response of a call.

    - `STATUS`: `status`, `headers` and `body`, by default an error in the provider's format. If it comes `after` the
      call, has a status of success and no `body`, it is the right response with another status code.
    - `RESET`: none; the connection is reset (RST).
    - `EMPTY`: none; the connection is closed (FIN).
    - `STALL`: none for `seconds`; then the connection is closed.
    - `TRUNCATED`: the right headers and half of the body, or half of the headers if there is no body; then the
      connection is closed.
    - `DRIP`: the right response, one byte of the body every `seconds`.
    - `HEADER_DRIP`: the right response, one byte of the status line and the headers every `seconds`.
    - `DELAY`: the right response, `seconds` later. They pass before the call is carried out, or after.
    - `HTML`: a 200 with an HTML page.
    - `MALFORMED`: a 200 with the content type of JSON and an invalid body.
    - `WRONG_TYPE`: the right response, but one member, if possible a required one, has another JSON type.
    - `UNKNOWN_STATUS`: the right response, but each status in it is a value that no document has.
    - `EXTRA_FIELD`: the right response with one more member.
    - `HUGE`: a 200 with JSON of `size` bytes; it has a Content-Length only if `headers` has one.
    """

    STATUS = "status"
    RESET = "reset"
    EMPTY = "empty"
    STALL = "stall"
    TRUNCATED = "truncated"
    DRIP = "drip"
    HEADER_DRIP = "header_drip"
    DELAY = "delay"
    HTML = "html"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_STATUS = "unknown_status"
    EXTRA_FIELD = "extra_field"
    HUGE = "huge"


BENT = {FaultKind.WRONG_TYPE, FaultKind.UNKNOWN_STATUS, FaultKind.EXTRA_FIELD}
_ONLY_AFTER = {FaultKind.TRUNCATED, FaultKind.DRIP, FaultKind.HEADER_DRIP, *BENT}
"""These need the right answer, so that the call has to be carried out."""


MAX_SECONDS, MAX_SIZE = 86_400, 1 << 40
"""How many seconds a fault takes, and how many bytes a huge answer has."""
MAX_HEADERS, MAX_HEADER_NAME, MAX_HEADER_VALUE = 100, 200, 4_000
"""How many headers a fault adds, and how many characters the name and the value of one have."""
_NAME = re.compile(rf"[!#$%&'*+.^_`|~0-9A-Za-z-]{{1,{MAX_HEADER_NAME}}}")
_VALUE = re.compile(rf"[\t\x20-\x7e\x80-\xff]{{0,{MAX_HEADER_VALUE}}}")


def _whole(least: int, most: float) -> Any:
    """Return what refuses a value that is no whole number within bounds."""

    def check(instance: Any, attribute: attrs.Attribute[int], value: Any) -> None:
        del instance
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{attribute.name} is a whole number from {least} to {most}, not {value!r:.80}")

    return check


def _seconds(instance: Any, attribute: attrs.Attribute[float], value: Any) -> None:
    del instance, attribute
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
        raise ValueError(f"seconds are a number from 0 to {MAX_SECONDS}, not {value!r:.80}")


def _sendable(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse headers that no server could send."""
    del instance, attribute
    if not isinstance(value, Mapping) or len(value) > MAX_HEADERS:  # pyright: ignore[reportUnknownArgumentType]
        raise ValueError(f"headers are an object of at most {MAX_HEADERS}, not {value!r:.80}")
    for name, text in value.items():  # pyright: ignore[reportUnknownVariableType]
        is_text = isinstance(name, str) and isinstance(text, str)
        if not (is_text and _NAME.fullmatch(name) and _VALUE.fullmatch(text)):  # pyright: ignore[reportUnknownArgumentType]
            raise ValueError(f"the header {name!r:.80} cannot be sent")


@attrs.frozen(kw_only=True)
class Fault:
    """A fault for the next calls of an operation.

    - `kind`: what is wrong with the response.
    - `when`: `"before"` the call is carried out, so that it has no effect, or `"after"`, so that its effect stands.
    - `times`: the number of calls; 1 by default.
    - `status`: the status code of a generated response; by default 500 for `STATUS`, 200 for the other kinds.
    - `headers`: headers of the response; they replace those of the same name.
    - `body`: the body of a generated response; bytes are sent as they are, anything else as JSON.
    - `seconds`: the duration of `STALL` and `DELAY`, and the pause between two bytes of `DRIP` and `HEADER_DRIP`.
    - `size`: the number of bytes of a `HUGE` response; 64 MB by default.

    Raises ValueError for an invalid setting.
    """

    kind: FaultKind = attrs.field(converter=FaultKind)
    when: Literal["before", "after"] = attrs.field(validator=attrs.validators.in_(("before", "after")))
    times: int = attrs.field(default=1, validator=_whole(1, math.inf))
    status: int = attrs.field(
        default=attrs.Factory(lambda self: 500 if self.kind is FaultKind.STATUS else 200, True),
        validator=_whole(200, 599),
    )
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], validator=_sendable)
    body: Any = None
    seconds: float = attrs.field(default=1.0, validator=_seconds)
    size: int = attrs.field(default=64 << 20, validator=_whole(12, MAX_SIZE))

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.when == "before" and self.kind in _ONLY_AFTER:
            raise ValueError(f"{self.kind} changes the right answer, so it comes `after`")

    def weight(self) -> int:
        """Return how many bytes its body and its headers take."""
        is_text = isinstance(self.body, bytes | str)
        body = len(self.body) if is_text else weight_of(json.dumps(self.body).encode())
        return body + sum(len(name) + len(value) for name, value in self.headers.items())


class Faults:
    """The faults that wait, each for the next calls of its operations; for any thread."""

    def __init__(self, operations: Iterable[str] = ()) -> None:
        """Know the operations there are, by names as `zephyr.createRefund`."""
        self.operations = list(operations)
        self.waiting: list[tuple[str, Fault]] = []
        self.memory_budget = MemoryBudget()
        """What counts them, together with what else is kept."""
        self._size = 0
        self._lock = threading.Lock()

    def inject(self, operation: str, fault: Fault) -> None:
        """Put a fault behind those that wait; `zephyr.*` and `*` stand for any operation, of a provider or at all.

        Raises ValueError if there is no such operation, LimitExceeded if there are too many already,
        MemoryBudgetExceeded if all worlds together keep as much as they may.
        """
        check_pattern(operation)
        if not any(fnmatchcase(known, operation) for known in self.operations):
            raise ValueError(f"there is no operation {operation!r}; there are: {', '.join(self.operations)}")
        with self._lock:
            if len(self.waiting) >= MAX_WAITING:
                raise LimitExceeded(
                    f"{MAX_WAITING:,} faults wait already; `times` makes one of many, `clear` forgets them"
                )
            size = len(operation) + fault.weight()
            if self._size + size > MAX_FAULT_BYTES:
                raise LimitExceeded(
                    f"the bodies of the faults that wait would take more than {MAX_FAULT_BYTES:,} bytes"
                )
            self.memory_budget.check()
            self.waiting.append((operation, fault))
            self._size += size
            self.update_usage()

    def clear(self) -> None:
        """Remove the waiting faults; faults of calls in progress go on."""
        with self._lock:
            self.waiting.clear()
            self._size = 0
            self.update_usage()

    def update_usage(self) -> None:
        """Report to the memory budget how much waits."""
        self.memory_budget.set_usage(self, len(self.waiting), self._size)

    def take(self, operation: str) -> Fault | None:
        """Return the fault of a call that has just arrived, the first that fits."""
        with self._lock:
            for place, (pattern, fault) in enumerate(self.waiting):
                if fnmatchcase(operation, pattern):
                    if fault.times > 1:
                        self.waiting[place] = (pattern, attrs.evolve(fault, times=fault.times - 1))
                    else:
                        del self.waiting[place]
                        self._size -= len(pattern) + fault.weight()
                        self.update_usage()
                    return fault
        return None
