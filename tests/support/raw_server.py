"""A server that misbehaves on the wire as a test wants."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Generator
from typing import Self, TypeAlias

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        """Take over an accepted connection."""
        self._server = server
        self._socket = connection
        self._rest = b""
        self.last = b""
        """The last request."""

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
        self.last = head + b"\r\n\r\n" + body
        self._server.requests.append(self.last)
        return self.last

    def head(self) -> None:
        """Wait for the head of the next request, and leave its body to come."""
        while b"\r\n\r\n" not in self._rest and self._more():
            pass

    def anything(self) -> None:
        """Wait until anything has come, be it no request."""
        if not self._rest:
            self._more()

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

    def hang_up(self) -> None:
        """Hang up with a FIN."""
        self._socket.close()

    def end_tls(self) -> None:
        """Say by TLS that no more comes."""
        assert isinstance(self._socket, ssl.SSLSocket)
        self._socket.unwrap()

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

    def __init__(self, behave: Behaviour, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        """Start."""
        self.requests: list[bytes] = []
        self.connections = 0
        self._behave = behave
        self._tls = tls
        self._open: list[socket.socket] = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._threads[0].start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is sent arrives
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


@contextlib.contextmanager
def timed(deadline: float) -> Generator[None]:
    """Check that what is done ends at the deadline, in seconds, and not before; a slow machine has two seconds more."""
    begun = time.monotonic()
    yield
    assert deadline - 0.01 < time.monotonic() - begun < deadline + 2
