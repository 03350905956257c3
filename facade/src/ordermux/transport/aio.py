"""The async transport: HTTP/1.1 on the streams of asyncio, or of another event loop with its interface."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from contextlib import suppress
from time import monotonic

from .aio_connection import AsyncConnection, connect
from .attempt import Attempt
from .head import encode_head
from .http1 import ResponseReader
from .network import KEEP_ALIVE, SWEEP, NetworkSettings, Proxy
from .wire import AsyncWireTransport, Origin, Outcome, RawResponse, WireRequest

LARGE_BODIES = 8
"""How many large bodies of one origin are read at a time, so that many at once do not fill the memory."""


class _Pool:
    """The connections of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connections: int) -> None:
        """Take how many may be in use."""
        self.loop = loop
        self.places = asyncio.Semaphore(connections)
        self.large: defaultdict[Origin, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(LARGE_BODIES))
        self._idle: defaultdict[Origin, deque[AsyncConnection]] = defaultdict(deque)
        self._closed = False
        self._sweep_at = 0.0

    def __del__(self) -> None:
        """Close the connections of a transport that was dropped and never closed: the loop holds them, open."""
        with suppress(RuntimeError):  # the loop is closed, and so are they
            self.loop.call_soon_threadsafe(_abort, [each for idle in self._idle.values() for each in idle])

    async def take(self, origin: Origin) -> AsyncConnection | None:
        """Return an idle connection that is good for another request; those that are not are closed."""
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()  # the youngest, so that the others can reach their end
            try:
                if monotonic() - connection.idle_since <= KEEP_ALIVE and await connection.is_quiet():
                    return connection
            except BaseException:
                connection.abort()
                raise
            connection.abort()
        return None

    def put(self, origin: Origin, connection: AsyncConnection) -> None:
        """Take a connection back for another request."""
        if self._closed or not connection.is_idle:
            connection.abort()
        else:
            connection.idle_since = monotonic()
            self._idle[origin].append(connection)
            if connection.idle_since >= self._sweep_at:
                self.drop_expired()

    def drop_expired(self) -> None:
        """Close the connections that were idle for too long, whatever their origin."""
        now = monotonic()
        oldest, self._sweep_at = now - KEEP_ALIVE, now + SWEEP
        for idle in self._idle.values():
            while idle and (idle[0].idle_since < oldest or not idle[0].is_open):
                idle.popleft().abort()

    def close(self) -> None:
        """Close the idle connections, and from now on those that are given back."""
        self._closed = True
        for idle in self._idle.values():
            while idle:
                idle.pop().abort()


def _abort(connections: list[AsyncConnection]) -> None:
    for connection in connections:
        connection.abort()


class AsyncTransport(AsyncWireTransport):
    """Sends requests over connections of its own, those of each event loop and process apart."""

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        """Take the settings of the network."""
        self._settings = settings or NetworkSettings()
        # By process, too: two on one connection mix up their answers, and a parent's is not the child's to close.
        self.pools: dict[tuple[int, asyncio.AbstractEventLoop], _Pool] = {}

    async def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Send a request once and return what came by the deadline; see WireTransport.send."""
        attempt = Attempt(deadline)
        try:
            async with asyncio.timeout(attempt.remaining()):
                return await self._send(request, max_bytes, attempt)
        except Exception as error:
            return attempt.failure(error)

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        if (pool := self.pools.pop((os.getpid(), asyncio.get_running_loop()), None)) is not None:
            pool.close()
            await asyncio.sleep(0)  # the loop closes the sockets now, and may be closed itself right after

    async def _send(self, request: WireRequest, max_bytes: int, attempt: Attempt) -> RawResponse:
        proxy = self._settings.proxy_for(request.origin)
        if proxy is not None:
            attempt.proxy = proxy.authority
        forwarding = proxy if request.origin.scheme == "http" else None
        head = encode_head(request, forwarding.headers if forwarding else None)
        reader = ResponseReader(request.method, max_bytes)
        pool = self._pool()
        async with pool.places:
            connection = None if request.fresh_connection else await pool.take(request.origin)
            if connection is None:
                connection = await self._open(request.origin, proxy, pool, attempt)
            try:
                # No await may come before the bytes are handed over, so that what was quiet still is.
                attempt.phase, attempt.sent = "Read", True
                if await connection.exchange(head, request.body, reader):
                    return self._finished(request, connection, reader, pool)
                attempt.bound = f", while {LARGE_BODIES} other large bodies of {request.origin} were read"
                async with pool.large[request.origin]:
                    attempt.bound = ""
                    await connection.read_on(reader)
                    return self._finished(request, connection, reader, pool)
            except BaseException:
                connection.abort()
                raise

    def _finished(
        self, request: WireRequest, connection: AsyncConnection, reader: ResponseReader, pool: _Pool
    ) -> RawResponse:
        """Return the answer, and the connection to the pool."""
        response = reader.response()
        connection.finish()
        if reader.reusable:
            pool.put(request.origin, connection)
        else:
            connection.abort()
        return response

    async def _open(self, origin: Origin, proxy: Proxy | None, pool: _Pool, attempt: Attempt) -> AsyncConnection:
        """Return a new connection to an origin."""
        attempt.phase = "Connect"
        pool.drop_expired()
        tls = self._settings.tls() if origin.scheme == "https" else None
        if proxy is None:
            connection = await connect(pool.loop, origin.host, origin.port, attempt, tls)
        else:
            connection = await connect(pool.loop, proxy.host, proxy.port, attempt)
        try:
            if proxy and tls:
                await connection.open_tunnel(origin, proxy)
                await connection.start_tls(tls, origin.host)
            await connection.check_quiet()
        except BaseException:
            connection.abort()
            raise
        return connection

    def _pool(self) -> _Pool:
        key = os.getpid(), asyncio.get_running_loop()
        if (pool := self.pools.get(key)) is None:
            for process, loop in list(self.pools):
                if process == key[0] and loop.is_closed():  # nobody can close its connections any more
                    self.pools.pop((process, loop), None)
            pool = self.pools[key] = _Pool(key[1], self._settings.connections)
        return pool
