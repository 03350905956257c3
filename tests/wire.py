"""A server that misbehaves on the wire as it is told, and lines of both kinds to send over."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, Self, TypeAlias

import httpx

from ordermux._aiohttp import AsyncTransport
from ordermux._http import Transport, asend, send
from ordermux._wire import Answer, Failure

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        """Take over an accepted connection."""
        self._server = server
        self._socket = connection
        self._rest = b""

    def request(self) -> bytes:
        """Return the next request, which is kept in the server's `requests` too; nothing where the client hung up."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                return b""
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", 0))
        while len(self._rest) < length and self._more():
            pass
        body, self._rest = self._rest[:length], self._rest[length:]
        self._server.requests.append(head + b"\r\n\r\n" + body)
        return self._server.requests[-1]

    def path(self) -> str:
        """Return the next request's target; empty where the client hung up."""
        return [*self.request().split(b" "), b"", b""][1].decode()

    def send(self, *pieces: bytes, pause: float = 0) -> None:
        """Send the pieces, with so many seconds after each."""
        for piece in pieces:
            self._socket.sendall(piece)
            time.sleep(pause)

    def reset(self) -> None:
        """Hang up with a RST, not with a FIN."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def stall(self) -> None:
        """Do nothing until the client hangs up, or the server stops."""
        while self._more():
            pass

    def _more(self) -> bool:
        came = self._socket.recv(65536)
        self._rest += came
        return bool(came)


Behaviour: TypeAlias = Callable[[Peer], None]


class Server:
    """Listens on a free port, and treats each connection in the same way, in a thread of its own."""

    def __init__(self, behave: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        """Start."""
        self.requests: list[bytes] = []
        self.connections = 0
        self._behave = behave
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self._threads[0].start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._tls is None:
                self._behave(Peer(self, connection))
                return
            with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                self._open.append(encrypted)
                self._behave(Peer(self, encrypted))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and hang up."""
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()


def answering(*answers: bytes) -> Behaviour:
    """Return the behaviour that gives these answers, the last one for ever, over a kept connection."""

    def behave(peer: Peer) -> None:
        number = 0
        while peer.request():
            peer.send(answers[min(number, len(answers) - 1)])
            number += 1

    return behave


def echo(peer: Peer) -> None:
    """Answer each request with its own target."""
    while path := peer.path():
        peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(path)}\r\n\r\n{path}".encode())


class Line(Protocol):
    """Attempts over one transport."""

    def send(self, request: httpx.Request, *, seconds: float = 5, most: int = 1_000_000) -> Answer | Failure:
        """Send once."""
        ...

    def send_all(self, requests: list[httpx.Request], *, seconds: float = 20) -> list[Answer | Failure]:
        """Send each once, all at the same time."""
        ...

    def take(self, request: httpx.Request) -> Callable[[], None]:
        """Take a connection, by leaving its answer unread; return what ends that."""
        ...

    def hang_up(self) -> None:
        """Close the transport's connections."""
        ...

    def close(self) -> None:
        """Close it all."""
        ...


class Blocking:
    """Attempts over one blocking transport."""

    def __init__(self, transport: httpx.BaseTransport | None = None, **options: Any) -> None:
        """Take a transport, or the options of our own."""
        self.transport = transport or Transport(**options)

    def send(self, request: httpx.Request, *, seconds: float = 5, most: int = 1_000_000) -> Answer | Failure:
        """Send once."""
        return send(self.transport, request, time.monotonic() + seconds, most)

    def send_all(self, requests: list[httpx.Request], *, seconds: float = 20) -> list[Answer | Failure]:
        """Send each once, all at the same time."""
        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(functools.partial(self.send, seconds=seconds), requests))

    def take(self, request: httpx.Request) -> Callable[[], None]:
        """Take a connection, by leaving its answer unread; return what ends that."""
        return self.transport.handle_request(request).close

    def hang_up(self) -> None:
        """Close the transport's connections."""
        self.transport.close()

    def close(self) -> None:
        """Close it all."""
        self.hang_up()


class Awaiting:
    """Attempts over one transport that awaits, in a loop of their own."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None, **options: Any) -> None:
        """Take a transport, or the options of our own."""
        self.transport = transport or AsyncTransport(**options)
        self._runner = asyncio.Runner()

    def send(self, request: httpx.Request, *, seconds: float = 5, most: int = 1_000_000) -> Answer | Failure:
        """Send once."""
        return self._runner.run(asend(self.transport, request, time.monotonic() + seconds, most))

    def send_all(self, requests: list[httpx.Request], *, seconds: float = 20) -> list[Answer | Failure]:
        """Send each once, all at the same time."""

        async def gathered() -> list[Answer | Failure]:
            deadline = time.monotonic() + seconds
            return await asyncio.gather(*(asend(self.transport, each, deadline, 1_000_000) for each in requests))

        return self._runner.run(gathered())

    def take(self, request: httpx.Request) -> Callable[[], None]:
        """Take a connection, by leaving its answer unread; return what ends that."""
        response = self._runner.run(self.transport.handle_async_request(request))
        return lambda: self._runner.run(response.aclose())

    def hang_up(self) -> None:
        """Close the transport's connections."""
        self._runner.run(self.transport.aclose())

    def close(self) -> None:
        """Close it all, the loop too."""
        self.hang_up()
        self._runner.close()


@contextlib.contextmanager
def timed(deadline: float) -> Generator[None]:
    """Check that what is done ends at the deadline, in seconds: not before, and hardly after."""
    begun = time.monotonic()
    yield
    assert deadline - 0.01 < time.monotonic() - begun < deadline * 1.1 + 0.15
