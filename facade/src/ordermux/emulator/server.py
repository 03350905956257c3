"""The emulator as an ASGI app, and on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..accounts import Account, Croissant, Crossmint, Cryptum, Zephyr
from . import croissant, crossmint, cryptum, zephyr
from .faults import Fault
from .faulty import TRANSPORT, ErrorBody, Faulty
from .world import World, refusing

PROVIDERS: dict[str, ModuleType] = {
    "croissant": croissant,
    "zephyr": zephyr,
    "crossmint": crossmint,
    "cryptum": cryptum,
}
OPERATIONS = {
    f"{name}.{operation}": (method, compile_path(path)[0])
    for name, provider in PROVIDERS.items()
    for operation, method, path, _ in provider.ROUTES
}
"""The method and the path of each operation, by the name that faults and counters have for it."""
_START_SECONDS = 10.0
_STOP_SECONDS = 1.0


def app(world: World | None = None) -> Starlette:
    """Return the four providers as one ASGI app over a world, a new one where none is given.

    The world's faults and counts of calls are the emulator's.
    """
    world = world or World()
    routes: list[Route] = []
    for name, provider in PROVIDERS.items():
        world.states[name] = provider.new_state(world)
        for operation, method, path, handler in provider.ROUTES:
            routes.append(Route(path, refusing(f"{name}.{operation}", handler), methods=[method]))
    made = Starlette(routes=routes, middleware=[Middleware(_RawPath)])
    made.router.redirect_slashes = False
    made.state.world = world
    return made


class _Server(uvicorn.Server):
    """uvicorn's server, which takes 0.2 s to stop, made to stop at once, since a test may start one each."""

    async def main_loop(self) -> None:
        """Look every hundredth of a second whether it shall stop."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, without a grace for calls under way: they see their connection end, and stop waiting."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for listening in sockets or ():
            listening.close()
        await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_STOP_SECONDS)


class _Protocol(H11Protocol):
    """uvicorn's protocol, which shows each call its connection, for the faults."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the connection into the extensions of each call on it."""
        super().connection_made(transport)
        app: Any = self.app

        async def extended(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "extensions": {TRANSPORT: transport}}, receive, send)

        self.app = extended


class _RawPath:
    """Routes by the path as it was sent, so that an id may hold an encoded slash."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        await self.app({**scope, "path": raw.decode(errors="replace")} if raw else scope, receive, send)


class Emulator:
    """The emulator on a free port of the loopback interface, in a thread; a context manager."""

    def __init__(
        self, world: World | None = None, *, port: int = 0, wrap: Callable[[ASGIApp], ASGIApp] | None = None
    ) -> None:
        """Prepare it over a world, a new one where none is given; port 0 takes any free one.

        `wrap` puts an ASGI middleware of yours around it, which sees what the providers say and nothing of the faults.
        """
        self.world = world or World()
        self.world.faults.operations[:] = OPERATIONS
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)  # so that asyncio sends small pieces at once
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        served: ASGIApp = app(self.world)
        served = Faulty(wrap(served) if wrap else served, self._arrive)
        config = uvicorn.Config(
            served, log_config=None, log_level="warning", access_log=False, lifespan="off", ws="none", http=_Protocol
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def arguments(self, provider: str) -> dict[str, Any]:
        """Return the base URL and the credentials for the provider's typed client.

        Raises ValueError where there is no such provider.
        """
        if provider not in PROVIDERS:
            raise ValueError(f"there is no provider {provider!r}; there are: {', '.join(PROVIDERS)}")
        module = PROVIDERS[provider]
        return {"base_url": self.address + module.BASE_PATH, **module.CREDENTIALS}

    def accounts(self) -> list[Account[Any]]:
        """Return an account of each provider, for the facade."""
        at = self.arguments
        return [
            Croissant(client_id=croissant.CLIENT_ID, client_secret=croissant.CLIENT_SECRET, **at("croissant")),
            Zephyr(**at("zephyr")),
            Crossmint(**at("crossmint")),
            Cryptum(store=cryptum.STORE, **at("cryptum")),
        ]

    def state(self, provider: str) -> Any:
        """Return what a provider remembers, to look at or to change."""
        return self.world.states[provider]

    def _arrive(self, scope: Scope) -> tuple[Fault, ErrorBody] | None:
        """Count a call; return what goes wrong with it, if anything, and how the provider writes errors."""
        path = scope["raw_path"].decode(errors="replace")
        for operation, (method, pattern) in OPERATIONS.items():
            if scope["method"] == method and pattern.match(path):
                fault = self.world.arrive(operation)
                return (fault, PROVIDERS[operation.partition(".")[0]].error_body) if fault else None
        return None

    def __enter__(self) -> Self:
        """Start it.

        Raises TimeoutError where it does not come up within 10 seconds, or not at all.
        """
        self._thread.start()
        end = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise TimeoutError(f"the emulator did not come up at {self.address}")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it; calls under way are cut."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        with contextlib.suppress(OSError):
            self._socket.close()
