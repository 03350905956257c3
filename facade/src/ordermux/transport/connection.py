"""A connection of the sync transport, each wait of which ends by the deadline."""

from __future__ import annotations

import contextlib
import math
import select
import socket
from time import monotonic
from typing import TYPE_CHECKING

from .attempt import Attempt, WireError, is_foreign_timeout
from .http1 import ResponseReader
from .network import Proxy
from .resolve import Address, resolve
from .wire import Origin

if TYPE_CHECKING:
    import ssl

    from .tls import Tls

ONE_WRITE = 65_536
"""Up to this size a body goes out together with its head."""
ROUNDS = 10
"""How often what came on a new connection is read before it is no longer believed to be TLS's own."""
_PIECE = 65_536
"""How many bytes are read, or encrypted, at a time."""


class Connection:
    """An open connection."""

    __slots__ = ("_poll", "_socket", "_tls", "idle_since")

    def __init__(self, opened: socket.socket) -> None:
        """Take a connected socket."""
        self._socket = opened
        self._tls: Tls | None = None
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(opened, select.POLLIN)
        self.idle_since = 0.0

    def __del__(self) -> None:
        """Close what a signal dropped between two steps, or a client that was never closed."""
        with contextlib.suppress(AttributeError):  # the first step was not done
            self.close()

    def close(self) -> None:
        """Close it."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def start_tls(self, context: ssl.SSLContext, host: str, attempt: Attempt) -> None:
        """Encrypt it, if the certificate is right.

        Raises OSError or ValueError.
        """
        from .tls import Tls

        self._tls = tls = Tls(context, host.rstrip("."))  # which no certificate has at its end
        while True:
            try:
                done = tls.shake_hands()
            finally:
                self._send(tls.to_send(), attempt)  # be it the reason why it failed
            if done:
                return
            tls.received(self._receive(attempt))

    def open_tunnel(self, origin: Origin, proxy: Proxy, attempt: Attempt) -> None:
        """Have a proxy connect to the origin.

        Raises WireError if it does not, or OSError.
        """
        reader = ResponseReader("CONNECT", 0)
        self._send(tunnel_request(origin, proxy), attempt)
        self._read_into(reader, attempt)
        check_tunnel(reader)

    def exchange(self, head: bytes, body: bytes, reader: ResponseReader, attempt: Attempt) -> None:
        """Send a request, and read the answer.

        Raises OSError or WireError.
        """
        attempt.phase = "Write"
        if len(body) <= ONE_WRITE:
            self._write(head + body, attempt)
        else:
            self._write(head, attempt)
            rest = memoryview(body)
            for at in range(0, len(body), _PIECE):
                self._write(rest[at : at + _PIECE], attempt)
        attempt.phase = "Read"
        self._read_into(reader, attempt)

    def is_quiet(self) -> bool:
        """Return whether nothing waits to be read: neither the end, nor what would be taken for the next answer."""
        if self._socket.fileno() < 0:
            return False
        if self._tls is None:
            return not self._is_readable()
        try:
            for _ in range(ROUNDS):
                if not self._is_readable():
                    # What came was TLS's own if it says nothing, such as the tickets that follow a handshake.
                    return self._tls.read(1) is None
                self._socket.settimeout(0)
                self._tls.received(self._socket.recv(_PIECE))
        except OSError as error:  # it ended, or breaks TLS
            if is_foreign_timeout(error, math.inf):  # nothing is waited for here
                raise
        return False

    def check_quiet(self) -> None:
        """Raise ConnectionError if a new connection brings an answer before there is a request."""
        if not self.is_quiet():
            raise ConnectionError("bytes or the end came before a request")

    def _is_readable(self) -> bool:
        if self._poll is None:
            return bool(select.select([self._socket], [], [], 0)[0])
        return bool(self._poll.poll(0))

    def _write(self, data: bytes | memoryview, attempt: Attempt) -> None:
        if self._tls is not None:
            self._tls.encrypt(data)
            data = self._tls.to_send()
        self._send(data, attempt)

    def _send(self, data: bytes | memoryview, attempt: Attempt) -> None:
        """Hand it all to the kernel; a send that fails took nothing, so that it is known if nothing of it left."""
        while data:
            self._socket.settimeout(attempt.remaining())
            sent = self._socket.send(data)
            attempt.sent = attempt.sent or attempt.phase == "Write"
            data = b"" if sent == len(data) else memoryview(data)[sent:]

    def _receive(self, attempt: Attempt) -> bytes:
        self._socket.settimeout(attempt.remaining())
        return self._socket.recv(_PIECE)

    def _read(self, attempt: Attempt) -> bytes:
        """Return what came; nothing at the end."""
        if (tls := self._tls) is None:
            return self._receive(attempt)
        while (data := tls.read(_PIECE)) is None:
            self._send(tls.to_send(), attempt)  # what TLS has to answer
            tls.received(self._receive(attempt))
        return data

    def _read_into(self, reader: ResponseReader, attempt: Attempt) -> None:
        done = False
        while not done:
            if data := self._read(attempt):
                done = reader.feed(data)
            else:
                reader.end()
                done = True


def connect(host: str, port: int, attempt: Attempt) -> Connection:
    """Connect to the first of a host's addresses that answers; each has its share of the time that is left.

    Raises OSError or ValueError; a TimeoutError at the deadline.
    """
    addresses = resolve(host, port, attempt)
    failed: OSError = OSError("the host has no address")
    for others, address in zip(reversed(range(len(addresses))), addresses, strict=True):
        share = attempt.remaining() / (others + 1)
        end = monotonic() + share
        try:
            return Connection(_connected(address, share))
        except OSError as error:
            if is_foreign_timeout(error, end):
                raise
            failed = error
    raise failed


def _connected(address: Address, seconds: float) -> socket.socket:
    """Return a socket that is connected to an address.

    Raises OSError.
    """
    opened = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect(address.sockaddr)
        with contextlib.suppress(OSError):  # it may be gone already, which shows at the first use
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        opened.close()
        raise
    return opened


def tunnel_request(origin: Origin, proxy: Proxy) -> bytes:
    """Return what asks a proxy to connect to an origin."""
    authority = f"{origin.host_in_url}:{origin.port}"
    headers = "".join(f"{name}: {value}\r\n" for name, value in (("Host", authority), *proxy.headers))
    return f"CONNECT {authority} HTTP/1.1\r\n{headers}\r\n".encode("ascii")


def check_tunnel(reader: ResponseReader) -> None:
    """Raise WireError if a proxy's answer is not that it is connected, and no more."""
    if not 200 <= reader.status < 300:  # noqa: PLR2004 - the successes
        raise WireError(f"ProxyError: {reader.status}")
    if reader.has_surplus:
        raise WireError("ProxyError: bytes came through the tunnel before any were sent")
