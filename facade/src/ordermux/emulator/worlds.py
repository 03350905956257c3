"""Worlds by name: each request acts in the one that it names, made when it is first named.

Ordermux-World: x           a header of any request
/w/x/v1/orders              the same in front of any path, for clients that take a base URL and no headers
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Generator

import attrs
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..emulator_options import MAX_WORLDS
from .access import ELSEWHERE
from .bounds import (
    ALL_ENTRIES,
    ALL_ENTRY_BYTES,
    MAX_ALL_DELIVERIES,
    MAX_ALL_DELIVERY_BYTES,
    MAX_DELIVERIES,
    MAX_ENTRIES,
    MAX_MADE_UP,
    LimitExceeded,
    MemoryBudget,
    share,
)
from .registry import emulators, populate
from .world import WORLD, World

HEADER = "Ordermux-World"
MAX_NAME = 64
"""How many characters the name of a world has."""
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_NAME - 1}}}")
_PREFIX = re.compile(rb"/w/([^/]*)(/.*)", re.DOTALL)


class Worlds:
    """All worlds; for any thread."""

    def __init__(
        self, default: World, prepare: Callable[[World], None] = lambda _: None, max_worlds: int = MAX_WORLDS
    ) -> None:
        """Begin with the one that has no name; the others are made as it was. `prepare` is called with each."""
        self._lock = threading.RLock()
        self._prepare = prepare
        self._most = max_worlds
        self._memory_budget = MemoryBudget()
        self.streams = 0
        """How many readers follow what happens."""
        self._made: dict[str, World] = {}
        self.default = default
        self.add(default)

    def named(self, name: str = "") -> World:
        """Return the world of a name, the default one's is empty.

        Raises ValueError if a name is none: letters, digits, `.`, `_` and `-`, at most 64; LimitExceeded if there
        are as many worlds, or generated orders in them, as there may be.
        """
        if name == self.default.name:
            return self.default
        if not _NAME.fullmatch(name):
            raise ValueError(f"a world's name is up to 64 letters, digits, '.', '_' and '-', not {name!r:.80}")
        with self._lock:
            if name not in self._made:
                first = self.default
                if len(self._made) >= self._most:
                    raise LimitExceeded(f"there are {self._most:,} worlds already; max_worlds allows more")
                if (len(self._made) + 1) * first.extra_orders * len(emulators()) > MAX_MADE_UP:
                    raise LimitExceeded(
                        f"another world of {first.extra_orders:,} orders a provider would be too many orders"
                    )
                made = World(seed=first.seed, extra_orders=first.extra_orders, clock=first.clock.restarted(), name=name)
                made.as_documented = first.as_documented
                self.add(made)
            return self._made[name]

    def has(self, name: str) -> bool:
        """Return whether there is a world of a name."""
        with self._lock:
            return name in self._made

    def add(self, world: World) -> None:
        """Take a world in."""
        with self._lock:
            self._made[world.name] = populate(world)
            world.join(self._memory_budget)
            self._prepare(world)
            shares = self._shares(len(self._made))
            others = self._made.values() if shares != self._shares(len(self._made) - 1) else (world,)
            for each in others:
                each.journal.trim(*shares[:2])
                each.outbox.trim(*shares[2:])

    @staticmethod
    def _shares(count: int) -> tuple[int, int, int, int]:
        """Return how much each world remembers where there are so many."""
        return (
            share(MAX_ENTRIES, ALL_ENTRIES, count),
            share(ALL_ENTRY_BYTES, ALL_ENTRY_BYTES, count),
            share(MAX_DELIVERIES, MAX_ALL_DELIVERIES, count),
            share(MAX_ALL_DELIVERY_BYTES, MAX_ALL_DELIVERY_BYTES, count),
        )

    @contextlib.contextmanager
    def stream(self) -> Generator[None]:
        """Count a reader, as long as it reads."""
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    def __call__(self) -> list[World]:
        """Return those that there are."""
        with self._lock:
            return list(self._made.values())


@attrs.frozen
class WorldMiddleware:
    """An ASGI middleware that puts each request into its world."""

    app: ASGIApp
    worlds: Worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the world, and take its name out of the path."""
        headers = Headers(scope=scope)
        named = headers.getlist(HEADER)
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        if prefixed := _PREFIX.fullmatch(path):
            named.append(prefixed[1].decode("latin-1"))
            path = prefixed[2]
        try:
            if len(set(named)) > 1:
                raise ValueError(f"a request acts in one world, not in {', '.join(sorted(set(named)))}")  # noqa: TRY301
            name = named[0] if named else ""
            if _is_link(headers) and not self.worlds.has(name):
                raise PermissionError("a link of another's page makes no world; open it yourself")  # noqa: TRY301
            world = self.worlds.named(name)
        except (ValueError, PermissionError) as error:
            status = 429 if isinstance(error, LimitExceeded) else 400 if isinstance(error, ValueError) else 403
            await JSONResponse({"error": str(error)}, status)(scope, receive, send)
            return
        inner = {**scope, WORLD: world, "raw_path": path, "path": path.decode(errors="replace")}
        await self.app(inner, receive, send)


def _is_link(headers: Headers) -> bool:
    """Return whether another's page led here, which may show what there is and make nothing."""
    return "origin" not in headers and headers.get("sec-fetch-site", "").lower() in ELSEWHERE
