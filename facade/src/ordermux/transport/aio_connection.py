"""A connection of the async transport: a protocol of asyncio's that has one request at a time."""

from __future__ import annotations

import asyncio
import select
import socket
from time import monotonic
from typing import TYPE_CHECKING, cast

from .attempt import Attempt, WireError, is_foreign_timeout
from .connection import ONE_WRITE, ROUNDS, check_tunnel, tunnel_request
from .http1 import ResponseReader
from .network import Proxy
from .resolve import Address, begin
from .wire import Origin

if TYPE_CHECKING:
    import ssl

_LOOK = 0.01
"""Seconds between two looks if a request has gone whose answer came before."""
LARGE_BODY = 1_048_576
"""Bytes of a body after which the connection waits for its turn to go on."""


class AsyncConnection(asyncio.Protocol):
    """An open connection, in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the event loop."""
        self.idle_since = 0.0
        self._loop = loop
        self._reader: ResponseReader | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._lost = self._ended = self._paused = self._admitted = self._early = False
        self._below: asyncio.Transport | None = None

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, again once it has TLS."""
        self._below = getattr(self, "_transport", None)
        self._transport = cast("asyncio.Transport", transport)
        opened: socket.socket = transport.get_extra_info("socket")
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(opened.fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Take a part of the answer; what nobody asked for ends the connection."""
        if self._reader is None:
            self.abort()
            return
        try:
            done = self._reader.feed(data)
        except WireError as error:
            self._wake(error)
        else:
            if done:
                self._early = self._early or self._unsent > 0
                self._wake()
            elif self._reader.size > LARGE_BODY and not self._admitted:
                self._paused = True
                self._transport.pause_reading()
                self._wake()

    def eof_received(self) -> None:
        """Note an end that the other side meant; with TLS it says so, and a mere end may have been made by anybody."""
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        try:
            self._ended = tls is None or tls.read(1) == b""
        except OSError:  # such as SSLWantReadError: there may be more
            self._ended = False

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer, or fail."""
        self._lost = True
        error = exc
        if error is None and not self._ended:
            error = ConnectionError("the connection was cut")
        if error is None and self._reader is not None and not self._reader.done:
            try:
                self._reader.end()
            except WireError as cut:
                error = cut
        self._wake(error)

    # What the transport calls.

    async def exchange(self, head: bytes, body: bytes, reader: ResponseReader) -> bool:
        """Send a request, and read the answer; return False if its body is large, which `read_on` then reads.

        Raises OSError or WireError.
        """
        self._reader, self._paused, self._admitted, self._early = reader, False, False, False
        for piece in (head + body,) if len(body) <= ONE_WRITE else (head, body):
            self._transport.write(piece)
        return await self._wait(reader)

    async def read_on(self, reader: ResponseReader) -> None:
        """Read the rest of a large body.

        Raises OSError or WireError.
        """
        self._paused, self._admitted = False, True
        self._transport.resume_reading()
        await self._wait(reader)

    def finish(self) -> None:
        """Be ready for another request."""
        self._reader = None

    def abort(self) -> None:
        """Close it at once, from its own event loop."""
        self._lost = True
        self._transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether it can be written to."""
        return not (self._lost or self._transport.is_closing())

    @property
    def is_idle(self) -> bool:
        """Whether it is open and all of the request was sent, though the answer may have come before."""
        return self.is_open and not self._unsent

    @property
    def _unsent(self) -> int:
        """How many bytes wait here for the other side to take more."""
        below = 0 if self._below is None else self._below.get_write_buffer_size()
        return below + self._transport.get_write_buffer_size()

    async def is_quiet(self) -> bool:
        """Return whether nothing waits to be read, be it in the socket because the event loop was busy.

        What came is left to the loop to read: if it is TLS's own, the connection stays as it is; if not, it ends.
        """
        if self._poll is None:
            await asyncio.sleep(0)
            return self.is_open
        for _ in range(ROUNDS):
            if not self._poll.poll(0):
                return self.is_open
            await asyncio.sleep(0)
            if not self.is_open:
                return False
        return False

    async def check_quiet(self) -> None:
        """Raise ConnectionError if a new connection brings an answer before there is a request."""
        if not await self.is_quiet():
            raise ConnectionError("bytes or the end came before a request")

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt it, if the certificate is right.

        Raises OSError or ValueError.
        """
        if not self.is_open:  # an event loop would wait for the handshake until the deadline
            raise self._error or ConnectionError("bytes or the end came before the handshake of TLS")
        name = host.rstrip(".")  # which no certificate has at its end
        encrypted = await self._loop.start_tls(self._transport, self, context, server_hostname=name)
        if encrypted is None:
            raise ConnectionError("the connection ended in the handshake of TLS")
        self.connection_made(encrypted)

    async def open_tunnel(self, origin: Origin, proxy: Proxy) -> None:
        """Have a proxy connect to the origin.

        Raises WireError if it does not, or OSError.
        """
        reader = ResponseReader("CONNECT", 0)
        try:
            await self.exchange(tunnel_request(origin, proxy), b"", reader)
            check_tunnel(reader)
        finally:
            self.finish()

    async def _wait(self, reader: ResponseReader) -> bool:
        """Wait for the end of the answer, or for the point where a large one pauses; return whether it is the end."""
        if not (reader.done or self._paused or self._lost):
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if reader.done and self._early:
            await self._go_whole()
        if reader.done or (self._paused and not self._error):
            return reader.done
        raise self._error or ConnectionError("the connection was cut")

    async def _go_whole(self) -> None:
        """Wait until the request has gone whose answer came before. Until then it may be an answer to something else.

        Raises OSError if it cannot go.
        """
        # A transport that fails drops what is unsent at once, and tells of its end later.
        below = self._below or self._transport
        while not self._lost and (self._unsent or below.is_closing()):  # noqa: ASYNC110 - it is rare
            await asyncio.sleep(_LOOK)
        if self._error is not None:
            raise self._error

    def _wake(self, error: Exception | None = None) -> None:
        self._error = self._error or error
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connect(
    loop: asyncio.AbstractEventLoop, host: str, port: int, attempt: Attempt, tls: ssl.SSLContext | None = None
) -> AsyncConnection:
    """Connect to the first of a host's addresses that answers; each has its share of the time that is left.

    Raises OSError or ValueError.
    """
    opened = await _first_connected(loop, await _resolve(loop, host, port), attempt)
    _, connection = await loop.create_connection(lambda: AsyncConnection(loop), sock=opened)
    if tls is not None:  # by itself, since what is not sent yet waits in the transport below, too
        try:
            await connection.start_tls(tls, host)
        except BaseException:
            connection.abort()
            raise
    return connection


async def _resolve(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[Address]:
    """Return the addresses of a host.

    It is not asked of the loop's executor, whose threads asyncio.run waits for in the end, however long they take.
    """
    found = begin(host, port)
    if isinstance(found, list):
        return found
    waiter: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    found.on_done(lambda: loop.call_soon_threadsafe(wake))
    await waiter
    return found.addresses()


async def _first_connected(
    loop: asyncio.AbstractEventLoop, addresses: list[Address], attempt: Attempt
) -> socket.socket:
    failed: OSError = OSError("the host has no address")
    for others, address in zip(reversed(range(len(addresses))), addresses, strict=True):
        share = attempt.remaining() / (others + 1)
        end = monotonic() + share
        try:
            async with asyncio.timeout(share):
                return await _connected(loop, address)
        except OSError as error:  # TimeoutError is one
            if is_foreign_timeout(error, end):
                raise
            failed = error
    raise failed


async def _connected(loop: asyncio.AbstractEventLoop, address: Address) -> socket.socket:
    """Return a socket that is connected to an address.

    Raises OSError.
    """
    opened = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await loop.sock_connect(opened, address.sockaddr)
    except BaseException:
        opened.close()
        raise
    return opened
