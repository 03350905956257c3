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
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..accounts import Account, Croissant, Crossmint, Cryptum, Zephyr
from . import croissant, crossmint, cryptum, zephyr
from .world import World, refusing

PROVIDERS: dict[str, ModuleType] = {
    "croissant": croissant,
    "zephyr": zephyr,
    "crossmint": crossmint,
    "cryptum": cryptum,
}
_START_SECONDS = 10.0


def app(world: World | None = None) -> Starlette:
    """Return the four providers as one ASGI app over a world, a new one where none is given."""
    world = world or World()
    routes: list[Route] = []
    for name, provider in PROVIDERS.items():
        world.states[name] = provider.new_state(world)
        routes += [Route(path, refusing(handler), methods=[method]) for method, path, handler in provider.ROUTES]
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
        """Close everything, without a grace for calls under way."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for listening in sockets or ():
            listening.close()
        await asyncio.sleep(0)


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

        `wrap` puts an ASGI middleware of yours around it.
        """
        self.world = world or World()
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        served: ASGIApp = app(self.world)
        config = uvicorn.Config(wrap(served) if wrap else served, log_level="warning", lifespan="off", ws="none")
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

    def accounts(self) -> list[Account]:
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
