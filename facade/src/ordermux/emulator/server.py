"""The emulator on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..accounts import Account, Croissant, Crossmint, Cryptum, Zephyr
from . import croissant, cryptum
from .app import app
from .courier import Courier
from .faulty import TRANSPORT
from .mail import secret_of
from .shops import OPERATIONS, PROVIDERS
from .store import Store
from .world import World
from .worlds import Worlds

__all__ = ["OPERATIONS", "PROVIDERS", "Emulator"]

_START_SECONDS = 10.0
_STOP_SECONDS = 1.0


class _Server(uvicorn.Server):
    """uvicorn's server, which takes 0.2 s to stop, made to stop at once, since a test may start one each."""

    def __init__(self, config: uvicorn.Config, beside: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """Run some things beside it."""
        super().__init__(config)
        self._beside = beside

    async def main_loop(self) -> None:
        """Look every hundredth of a second whether it shall stop."""
        beside = [asyncio.ensure_future(each()) for each in self._beside]
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            await asyncio.sleep(0.01)
        for each in beside:
            each.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

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


class Emulator:
    """The emulator on a free port of the loopback interface, in a thread; a context manager."""

    def __init__(
        self,
        world: World | None = None,
        *,
        port: int = 0,
        wrap: Callable[[ASGIApp], ASGIApp] | None = None,
        deliver_anywhere: bool = False,
        state: str | Path | None = None,
    ) -> None:
        """Prepare it over a world, a new one where none is given; port 0 takes any free one.

        `wrap` puts an ASGI middleware of yours around it, which sees what the providers say and nothing of the faults.
        Webhooks go to other machines where `deliver_anywhere` is true. `state` is a file that keeps the worlds; what it
        holds takes the place of `world`, but for the clock's source.

        Raises StateFileError where the file is none of the emulator's.
        """
        self._store = None if state is None else Store(Path(state))
        self._anywhere = deliver_anywhere
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)  # so that asyncio sends small pieces at once
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            self._socket.close()
            raise
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._courier = Courier()
        try:
            first, *others = [world or World()] if self._store is None else self._store.load(world or World())
        except BaseException:
            self._socket.close()
            raise
        self.worlds = Worlds(first, self._prepare)
        for other in others:
            self.worlds.add(other)
        self.world = first
        config = uvicorn.Config(
            app(self.worlds, wrap),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            http=_Protocol,
        )
        beside = [self._courier.run, *([] if self._store is None else [self._store.run])]
        self._server = _Server(config, beside)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def _prepare(self, world: World) -> None:
        self._courier.worlds.append(world)
        world.mail.anywhere = self._anywhere
        world.mail.wake = self._courier.wake
        world.clock.listeners.append(self._courier.wake)
        if self._store is not None:
            self._store.take(world)

    def world_named(self, name: str) -> World:
        """Return the world of a name, made where there is none yet. Raises ValueError where a name is none."""
        return self.worlds.named(name)

    def arguments(self, provider: str, world: str = "") -> dict[str, Any]:
        """Return the base URL and the credentials for the provider's typed client, in the world of a name.

        Raises ValueError where there is no such provider, or a name is none.
        """
        if provider not in PROVIDERS:
            raise ValueError(f"there is no provider {provider!r}; there are: {', '.join(PROVIDERS)}")
        module = PROVIDERS[provider]
        front = f"/w/{world}" if self.worlds.named(world) is not self.world else ""
        return {"base_url": self.address + front + module.BASE_PATH, **module.CREDENTIALS}

    def accounts(self, world: str = "") -> list[Account[Any]]:
        """Return an account of each provider, for the facade, in the world of a name; with its webhook secret."""

        def at(provider: str) -> dict[str, Any]:
            secret = secret_of(world, provider)
            return self.arguments(provider, world) | ({"webhook_secrets": secret} if secret else {})

        return [
            Croissant(client_id=croissant.CLIENT_ID, client_secret=croissant.CLIENT_SECRET, **at("croissant")),
            Zephyr(**at("zephyr")),
            Crossmint(**at("crossmint")),
            Cryptum(store=cryptum.STORE, **at("cryptum")),
        ]

    def state(self, provider: str, world: str = "") -> Any:
        """Return what a provider remembers, to look at or to change."""
        return self.worlds.named(world).states[provider]

    def deliver_to(self, url: str, provider: str = "*", *, world: str = "") -> None:
        """Have each event from now on delivered to a URL, in which `{provider}` stands for the provider's name.

        Raises ValueError where it is not local, or there is no such provider.
        """
        self.worlds.named(world).mail.deliver_to(url, provider)

    def settle(self, seconds: float = 10.0) -> None:
        """Wait until all that is due was delivered, or tried. Raises TimeoutError after some seconds."""
        end = time.monotonic() + seconds
        while not self._courier.is_idle():
            if time.monotonic() > end:
                raise TimeoutError(f"deliveries are still under way after {seconds} s")
            time.sleep(0.002)

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
        if self._store is not None:
            self._store.close()
