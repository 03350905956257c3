"""An ASGI app behind a real server, and raw requests to it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Generator, Mapping
from typing import Any

import uvicorn

from support.polling import until


@contextlib.contextmanager
def served(app: Any) -> Generator[int]:
    """Give the port of a server that serves an app, as long as the context lasts."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def head(headers: Mapping[str, str], *more: str, line: str = "POST /zephyr HTTP/1.1") -> bytes:
    """Return a request's head."""
    lines = [line, "host: shop.test", *(f"{name}: {value}" for name, value in headers.items()), *more]
    return "\r\n".join([*lines, "", ""]).encode()


def to_end(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes the connection, which it resets if it did not read all of it."""
    came = b""
    with connection, contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            came += piece
    return came
