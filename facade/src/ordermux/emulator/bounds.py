"""How much the emulator keeps, so that no caller fills its memory; `docs/emulator.md` has all of it in a table."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_MADE_UP = 1_000_000
"""How many orders are made up for all worlds together: those that `orders` asks for."""
MAX_WAITING = 1_000
"""How many faults wait in a world, and how many delivery faults."""
MAX_TARGETS = 100
"""To how many URLs the events of a world go, besides the `callbackUrl` of orders."""
MAX_URL, MAX_SECRET = 2_000, 1_000
"""How many characters a URL that events go to has, and the secret that they are signed with."""
MAX_PATTERN = 100
"""How long the name or pattern of operations or providers is."""
MAX_FAULT_BYTES = 1 << 20
"""How long the bodies of a world's faults are together."""
MAX_BODY = 1 << 20
"""How many bytes the body of a call has."""
MAX_CONTROL_BODY = 1 << 16
"""How many bytes the body of what controls the emulator has."""
MAX_VALUES, MAX_CONTROL_VALUES = 20_000, 5_000
"""How many values the body of a call has, and of what controls the emulator: as many as it has commas, `[` and `{`, be
they in a text or not, since those are counted before anything is read of it."""
VALUE_BYTES = 150
"""How many bytes a value takes beside its text, about: a member of an object, or an empty list in a list."""
MAX_KEPT = 256 << 20
"""How many bytes all worlds together keep of what callers sent, values counted at what they take."""
MAX_ROWS, MAX_ROWS_UNASKED = 1_000, 100
"""How many rows a page of a list has, and how many where nobody says."""
MAX_PAGE = 4 << 20
"""How many bytes the bodies in a page of deliveries have, but for the last."""
MAX_STREAMS = 50
"""How many readers of `/stream` there are."""
MAX_ENTRIES, MAX_DELIVERIES, MAX_ATTEMPTS = 10_000, 10_000, 100
"""How many things that happened a world remembers, how many deliveries, and how many attempts of each."""
ALL_ENTRIES, ALL_ENTRY_BYTES = 200_000, 128 << 20
"""How much all worlds together remember of what happened."""
MAX_ALL_DELIVERIES, MAX_ALL_DELIVERY_BYTES = 100_000, 64 << 20
"""How much they remember of what they deliver: bodies, URLs, secrets, ids and attempts."""
MAX_TEXT = 1_000
"""How many characters of a text are remembered of what happened, and of what went wrong with an attempt."""
MAX_BODY_TEXT = 4_000
"""How many characters of a call's body are remembered, and of the body of its answer."""
OVERHEAD = 2_000
"""What a thing that is kept costs beside its body, about."""
_VALUE_MARKS = (b",", b"[", b"{")
READ = "ordermux.read"
"""Where the number of a request's bytes stands in its ASGI scope."""


class LimitExceeded(ValueError):
    """A bound of the emulator's is reached; the message says which, and what can be done."""


class MemoryBudgetExceeded(Exception):
    """All worlds together keep as much as they may."""


def values_in(content: bytes | bytearray) -> int:
    """Return how many values JSON has at most, without reading it."""
    return sum(content.count(mark) for mark in _VALUE_MARKS)


def weight_of(content: bytes) -> int:
    """Return how many bytes JSON takes once it is read, about."""
    size = Size()
    size.add(content)
    return size.weight()


def check_pattern(pattern: str) -> None:
    """Raise ValueError where the name or pattern of operations or providers is too long."""
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a name or pattern has at most {MAX_PATTERN} characters, not {len(pattern):,}")


def share(most: int, of: int, worlds: int) -> int:
    """Return how much one world may keep of what all share, at most `most`.

    It changes where their number passes a power of two, so that whoever makes many walks over all of them few times.
    """
    return max(1, min(most, of // (1 << (worlds - 1).bit_length())))


@attrs.define(eq=False)
class MemoryBudget:
    """What all worlds together keep of what callers sent; for any thread."""

    limit: int = MAX_KEPT
    used: int = 0
    _sizes: dict[Hashable, int] = attrs.field(factory=dict[Hashable, int], repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def check(self) -> None:
        """Raise MemoryBudgetExceeded where nothing more can be kept."""
        if self.used >= self.limit:
            raise MemoryBudgetExceeded(
                f"the emulator keeps {self.limit:,} bytes of what it is sent, and they are used up; restart it"
            )

    def charge(self, thing: Hashable, size: int) -> None:
        """Count a thing that is kept, or that grew."""
        with self._lock:
            known = self._sizes.get(thing, 0)
            if size + OVERHEAD > known:
                self._sizes[thing] = size + OVERHEAD
                self.used += size + OVERHEAD - known

    def set_usage(self, thing: Hashable, count: int, size: int) -> None:
        """Set the number and the size of things that are kept together; both may be less than before."""
        with self._lock:
            self.used -= self._sizes.pop(thing, 0)
            if count:
                self._sizes[thing] = size + OVERHEAD * count
                self.used += self._sizes[thing]

    def release(self, thing: Hashable) -> None:
        """Count a thing no more."""
        with self._lock:
            self.used -= self._sizes.pop(thing, 0)


@attrs.define(eq=False)
class Size:
    """How much of a request's body has come."""

    length: int = 0
    values: int = 0
    is_wide: bool = False
    """Whether a text in it may have a character that makes each of them take four bytes."""

    def add(self, piece: bytes) -> None:
        """Count a piece of it."""
        self.length += len(piece)
        self.values += values_in(piece)
        self.is_wide = self.is_wide or b"\\" in piece or not piece.isascii()

    def weight(self) -> int:
        """Return how many bytes it takes once it is read, about."""
        return self.length * (4 if self.is_wide else 1) + VALUE_BYTES * (1 + self.values)


@attrs.frozen
class BodyLimitMiddleware:
    """An ASGI middleware that refuses bodies which are too long, before they are kept anywhere."""

    app: ASGIApp
    most: int = MAX_BODY
    most_values: int = MAX_VALUES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, as far as its body is not too long."""
        size, started = Size(), list[Any]()
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")

        async def receiving() -> Message:
            message = await receive()
            size.add(message.get("body", b""))
            if size.length > self.most:
                raise HTTPException(413, self._problem())
            if size.values > self.most_values:
                raise HTTPException(413, f"the body has more than {self.most_values:,} values")
            return message

        async def sending(message: Message) -> None:
            started.append(message["type"])
            await send(message)

        try:
            if length.isdigit() and (len(length) > 18 or int(length) > self.most):  # noqa: PLR2004
                raise HTTPException(413, self._problem())  # noqa: TRY301
            await self.app({**scope, READ: size}, receiving, sending)
        except HTTPException as error:
            if started:
                raise
            await JSONResponse({"error": error.detail}, error.status_code)(scope, receive, send)

    def _problem(self) -> str:
        return f"the body has more than {self.most:,} bytes"
