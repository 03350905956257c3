"""A proxy that forwards requests in plain HTTP and opens tunnels, and asks for a password if it has one."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class ConnectProxy:
    """Listens on a free port until its context ends."""

    def __init__(self, user: str = "", password: str = "") -> None:
        """Start; with a user, requests without the right Proxy-Authorization are answered 407."""
        self.heads: list[bytes] = []
        """The heads of all requests that the proxy itself could read."""
        self._expected = base64.b64encode(f"{user}:{password}".encode()) if user else b""
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (came := client.recv(65536)):
                    return
                head += came
            self.heads.append(head)
            if self._expected and b"Proxy-Authorization: Basic " + self._expected not in head:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            method, target, _ = head.split(b" ", 2)
            if method == b"CONNECT":
                host, _, port = target.decode().rpartition(":")
            else:
                host, _, port = target.decode().removeprefix("http://").partition("/")[0].rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as server:
                self._open.append(server)
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    server.sendall(head)
                back = threading.Thread(target=_relay, args=(server, client), daemon=True)
                back.start()
                _relay(client, server)
                back.join(5)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and hang up."""
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()


def _relay(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until the end, which is passed on too."""
    with contextlib.suppress(OSError):
        while came := source.recv(65536):
            target.sendall(came)
    for each, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with contextlib.suppress(OSError):
            each.shutdown(how)
