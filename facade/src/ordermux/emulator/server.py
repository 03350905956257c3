"""The emulator on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..emulator_options import MAX_WORLDS
from ..providers import registry
from ..providers.account import Account
from .access import hosts_of, origins_of
from .app import app
from .dispatcher import Dispatcher
from .fault_middleware import TRANSPORT
from .registry import emulators, secret_of
from .store import Store
from .world import World
from .worlds import Worlds

_log = logging.getLogger("ordermux")
_START_SECONDS = 10.0
_STOP_SECONDS = 1.0
_MAX_PORT = 65_535
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""The addresses that stand for all of the machine's, and the one by which it is asked from here."""


class _Server(uvicorn.Server):
    """uvicorn's server, which takes 0.2 s to stop, made to stop at once, since a test may start one each.

    It does not log that it starts and stops: its loggers are also those of the server that an application may run in.
    """

    def __init__(self, config: uvicorn.Config, beside: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """Run some things beside it."""
        super().__init__(config)
        self._beside = beside

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until it shall stop."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets)
        if not self.should_exit:
            await self.main_loop()
        if self.started:
            await self.shutdown(sockets)

    def _log_started_message(self, listeners: object) -> None:
        """Log nothing."""

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
    """uvicorn's protocol, which shows each call its connection, for the faults, and does not log the calls."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        """Make it for a connection."""
        super().__init__(*given, **settings)
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the connection into the extensions of each call on it."""
        super().connection_made(transport)
        app: Any = self.app

        async def extended(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "extensions": {TRANSPORT: transport}}, receive, send)

        self.app = extended


def client_kwargs(front: str, provider: str) -> dict[str, Any]:
    """Return the base URL and the credentials of a provider's typed client; `front` is the address with its world."""
    emulator = emulators()[provider]
    return {"base_url": f"{front}/{provider}{emulator.base_path}", **emulator.credentials}


def accounts(front: str, world: str = "") -> list[Account[Any]]:
    """Return an account of each provider at an emulator, in the world of a name, with its webhook secret.

    A provider whose account cannot be made is left out, and a warning is logged.
    """
    found: list[Account[Any]] = []
    for name in emulators():
        try:
            found.append(account(front, name, world))
        except Exception as error:  # whatever the code of a provider's package raises
            _log.warning("the emulator is without an account of %s: %s", name, error)
    return found


def account(front: str, provider: str, world: str = "") -> Account[Any]:
    """Return the account of a provider at an emulator, in the world of a name, with its webhook secret."""
    secret = secret_of(world, provider)
    settings = {**client_kwargs(front, provider), **emulators()[provider].account_settings}
    kind = registry.provider_named(provider).account
    return kind(**settings, **({"webhook_secrets": secret} if secret else {}))


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket on an address. Raises OSError or OverflowError if that cannot be."""
    if not 0 <= port <= _MAX_PORT:
        raise OverflowError(f"a port is between 0 and {_MAX_PORT:,}")
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    made = socket.socket(family, kind, socket.IPPROTO_TCP)  # so that asyncio sends small pieces at once
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(address)
    except (OSError, OverflowError):
        made.close()
        raise
    return made


class Emulator:
    """The emulator, on a free port of the loopback interface if no other is given, in a thread; a context manager."""

    def __init__(
        self,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        wrap: Callable[[ASGIApp], ASGIApp] | None = None,
        deliver_anywhere: bool = False,
        state: str | Path | None = None,
        as_documented: bool = False,
        allowed_hosts: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        any_origin_controls: bool = False,
        max_worlds: int = MAX_WORLDS,
    ) -> None:
        """Prepare it over a world, a new one where none is given; port 0 takes any free one.

        `wrap` puts an ASGI middleware of yours around it, which sees what the providers say and nothing of the faults.
        Webhooks go to other machines where `deliver_anywhere` is true. `state` is a file that keeps the worlds; what it
        holds takes the place of `world`, but for the clock's source. Where `as_documented` is true, the shop on
        Crossmint does what its page says and leads to expect, and not what the real one does.

        A request has to name this machine's loopback interface in its `Host`, or one of `allowed_hosts`; and a page of
        a browser's may ask only where it is the emulator's own, or of one of `allowed_origins`, which are like
        http://localhost:3000. `*` is any origin, at the providers' APIs only; with `any_origin_controls` also at
        `/_emulator` and the web UI. There are at most `max_worlds`.

        It listens on the address `host`, by which it may be asked; on all of the machine's for 0.0.0.0 or `::`.

        Raises StateFileError where the file is none of the emulator's, ValueError where a host or an origin is none,
        OSError where it cannot listen there.
        """
        self._store = None if state is None else Store(Path(state))
        self._anywhere = deliver_anywhere
        hosts, own = hosts_of(allowed_hosts), _ANY_ADDRESS.get(host, host)
        if host not in _ANY_ADDRESS:
            hosts |= hosts_of([host])
        wanted: dict[str, Any] = {
            "hosts": hosts,
            "origins": origins_of(allowed_origins),
            "any_origin_controls": any_origin_controls,
        }
        self._socket = _bound(host, port)
        self.address = f"http://{f'[{own}]' if ':' in own else own}:{self._socket.getsockname()[1]}"
        self._dispatcher = Dispatcher()
        try:
            first, *others = [world or World()] if self._store is None else self._store.load(world or World())
            for each in (first, *others):
                each.as_documented = as_documented or each.as_documented
            self.worlds = Worlds(first, self._prepare, max_worlds)
            for other in others:
                self.worlds.add(other)
            application = app(self.worlds, wrap, **wanted)
        except BaseException:  # whatever is wrong, the port is free again
            self._socket.close()
            raise
        self.world = first
        config = uvicorn.Config(
            application,
            log_config=None,  # nor a level: the loggers are those of all servers of the process
            lifespan="off",
            ws="none",
            http=_Protocol,
        )
        beside = [self._dispatcher.run, *([] if self._store is None else [self._store.run])]
        self._server = _Server(config, beside)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def _prepare(self, world: World) -> None:
        self._dispatcher.worlds.append(world)
        world.outbox.anywhere = self._anywhere
        world.outbox.wake = wake = functools.partial(self._dispatcher.wake, world)
        world.clock.listeners.append(wake)
        if self._store is not None:
            self._store.take(world)

    def world_named(self, name: str) -> World:
        """Return the world of a name, made where there is none yet.

        Raises ValueError where a name is none, or there are too many worlds.
        """
        return self.worlds.named(name)

    def client_kwargs(self, provider: str, world: str = "") -> dict[str, Any]:
        """Return the base URL and the credentials for the provider's typed client, in the world of a name.

        Raises ValueError where there is no such provider, or a name is none.
        """
        if provider not in emulators():
            raise ValueError(f"there is no provider {provider!r}; there are: {', '.join(emulators())}")
        front = f"/w/{world}" if self.worlds.named(world) is not self.world else ""
        return client_kwargs(self.address + front, provider)

    def accounts(self, world: str = "") -> list[Account[Any]]:
        """Return an account of each provider, for the facade, in the world of a name; with its webhook secret."""
        front = f"/w/{world}" if self.worlds.named(world) is not self.world else ""
        return accounts(self.address + front, world)

    def state(self, provider: str, world: str = "") -> Any:
        """Return what a provider remembers, to look at or to change."""
        return self.worlds.named(world).states[provider]

    def deliver_to(self, url: str, provider: str = "*", *, world: str = "", secret: str | None = None) -> None:
        """Have each event from now on delivered to a URL, in which `{provider}` stands for the provider's name.

        They are signed with `secret`, with the provider's own of that world where none is given.

        Raises ValueError where the URL is not local, there is no such provider or the secret is none of the provider's.
        """
        self.worlds.named(world).outbox.deliver_to(url, provider, secret=secret)

    def wait_for_deliveries(self, seconds: float = 10.0) -> None:
        """Wait until all that is due was delivered, or tried. Raises TimeoutError after some seconds."""
        end = time.monotonic() + seconds
        while not self._dispatcher.is_idle():
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
