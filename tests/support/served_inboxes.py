"""An inbox behind a real server, and the headers of a delivery, right and made up."""

from __future__ import annotations

import socket
import threading
import time

import attrs
import httpx
from webhooks.fuzz import zephyr_headers

from ordermux.webhooks import Event


def body(event_id: str = "evt_1", size: int = 0) -> bytes:
    """Return an event of at least some size."""
    return b'{"id":"%b","type":"order.teleported","x":"%b"}' % (event_id.encode(), b"x" * size)


def now() -> str:
    """Return the time as a signature has it."""
    return str(int(time.time()))


def signed(content: bytes) -> dict[str, str]:
    """Return the headers of a right delivery."""
    return zephyr_headers(content, now())


def plausible() -> dict[str, str]:
    """Return the headers that anybody can make up, which no look at them alone refuses."""
    return {"X-ZephyrCart-Signature": f"t={now()},v1={'0' * 64}"}


@attrs.define
class Served:
    """An inbox behind a real server."""

    port: int
    handled: list[Event]
    free: threading.Event
    """The handler of `evt_slow` waits for it."""
    started: threading.Event
    """Set once that handler runs."""

    def connect(self) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def post(self, content: bytes, account: str = "zephyr", headers: dict[str, str] | None = None) -> httpx.Response:
        """Return the answer to a whole delivery, a right one if no headers are given."""
        url = f"http://127.0.0.1:{self.port}/{account}"
        return httpx.post(url, headers=signed(content) if headers is None else headers, content=content, timeout=60)
