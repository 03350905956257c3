"""A port of a test's own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator


@contextlib.contextmanager
def kept_port() -> Generator[int]:
    """Give a port of this machine that refuses connections, and that nobody else is given meanwhile.

    A server that is told to use it can: it may reuse an address on which nobody listens.
    """
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        port: int = kept.getsockname()[1]
        yield port
