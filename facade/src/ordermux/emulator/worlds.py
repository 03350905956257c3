"""Worlds by name: each request acts in the one that it names, made when it is first named.

Ordermux-World: x           a header of any request
/w/x/v1/orders              the same in front of any path, for clients that take a base URL and no headers
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import attrs
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .shops import furnish
from .world import WORLD, World

HEADER = "Ordermux-World"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PREFIX = re.compile(rb"/w/([^/]*)(/.*)", re.DOTALL)


class Worlds:
    """All worlds; for any thread."""

    def __init__(self, default: World, prepare: Callable[[World], None] = lambda _: None) -> None:
        """Begin with the one that has no name; the others are made as it was. `prepare` is called with each."""
        self._lock = threading.RLock()
        self._prepare = prepare
        self._made = {default.name: furnish(default)}
        self.default = default
        prepare(default)

    def named(self, name: str = "") -> World:
        """Return the world of a name, the default one's is empty.

        Raises ValueError where a name is none: letters, digits, `.`, `_` and `-`, at most 64.
        """
        if name == self.default.name:
            return self.default
        if not _NAME.fullmatch(name):
            raise ValueError(f"a world's name is up to 64 letters, digits, '.', '_' and '-', not {name!r:.80}")
        with self._lock:
            if name not in self._made:
                first = self.default
                self.add(World(seed=first.seed, orders=first.orders, clock=first.clock.anew(), name=name))
            return self._made[name]

    def add(self, world: World) -> None:
        """Take a world in."""
        with self._lock:
            self._made[world.name] = furnish(world)
            self._prepare(world)

    def __call__(self) -> list[World]:
        """Return those that there are."""
        with self._lock:
            return list(self._made.values())


@attrs.frozen
class InWorld:
    """An ASGI middleware that puts each request into its world."""

    app: ASGIApp
    worlds: Worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the world, and take its name out of the path."""
        named = Headers(scope=scope).getlist(HEADER)
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        if prefixed := _PREFIX.fullmatch(path):
            named.append(prefixed[1].decode("latin-1"))
            path = prefixed[2]
        try:
            if len(set(named)) > 1:
                raise ValueError(f"a request acts in one world, not in {', '.join(sorted(set(named)))}")  # noqa: TRY301
            world = self.worlds.named(named[0] if named else "")
        except ValueError as error:
            await JSONResponse({"error": str(error)}, 400)(scope, receive, send)
            return
        inner = {**scope, WORLD: world, "raw_path": path, "path": path.decode(errors="replace")}
        await self.app(inner, receive, send)
