"""Attempts over one transport of each kind, sync and async, in the same words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeAlias, TypeVar

from ordermux.transport.aio import AsyncTransport
from ordermux.transport.network import NetworkSettings
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import (
    AsyncWireTransport,
    Outcome,
    RawResponse,
    TransportFailure,
    WireRequest,
    WireTransport,
)

T = TypeVar("T")

MAX_BYTES = 1_000_000


class Line(Protocol):
    """Attempts over one transport."""

    def send(self, request: WireRequest, *, seconds: float = 5, max_bytes: int = MAX_BYTES) -> Outcome:
        """Send once."""
        ...

    def send_all(self, requests: list[WireRequest], *, seconds: float = 20) -> list[Outcome]:
        """Send each once, all at the same time."""
        ...

    def hang_up(self) -> None:
        """Close the transport's connections."""
        ...

    def close(self) -> None:
        """Close it all."""
        ...


Connect: TypeAlias = Callable[..., Line]
"""Makes a line from a transport, or from the settings of one of ours."""


class SyncLine:
    """Attempts over a sync transport."""

    def __init__(self, transport: WireTransport | None = None, **settings: Any) -> None:
        """Take a transport, or the settings of our own."""
        self.transport = transport or SyncTransport(NetworkSettings(**settings))

    def send(self, request: WireRequest, *, seconds: float = 5, max_bytes: int = MAX_BYTES) -> Outcome:
        """Send once."""
        return self.transport.send(request, time.monotonic() + seconds, max_bytes)

    def send_all(self, requests: list[WireRequest], *, seconds: float = 20) -> list[Outcome]:
        """Send each once, all at the same time."""
        deadline = time.monotonic() + seconds

        def send(request: WireRequest) -> Outcome:
            return self.transport.send(request, deadline, MAX_BYTES)

        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(send, requests))

    def hang_up(self) -> None:
        """Close the transport's connections."""
        self.transport.close()

    def close(self) -> None:
        """Close it all."""
        self.hang_up()


class AsyncLine:
    """Attempts over an async transport, in an event loop of their own that rests in between."""

    def __init__(self, transport: AsyncWireTransport | None = None, **settings: Any) -> None:
        """Take a transport, or the settings of our own."""
        self.transport = transport or AsyncTransport(NetworkSettings(**settings))
        self._runner = asyncio.Runner()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something in the line's event loop."""
        return self._runner.run(coroutine)

    def send(self, request: WireRequest, *, seconds: float = 5, max_bytes: int = MAX_BYTES) -> Outcome:
        """Send once."""
        return self.run(self.transport.send(request, time.monotonic() + seconds, max_bytes))

    def send_all(self, requests: list[WireRequest], *, seconds: float = 20) -> list[Outcome]:
        """Send each once, all at the same time."""

        async def gathered() -> list[Outcome]:
            deadline = time.monotonic() + seconds
            return await asyncio.gather(*(self.transport.send(each, deadline, MAX_BYTES) for each in requests))

        return self.run(gathered())

    def hang_up(self) -> None:
        """Close the transport's connections."""
        self.run(self.transport.aclose())

    def close(self) -> None:
        """Close it all, the event loop too."""
        self.hang_up()
        self._runner.close()


LINES: dict[str, Connect] = {"sync": SyncLine, "async": AsyncLine}


def get(url: str, **headers: str) -> WireRequest:
    """Return a request that changes nothing."""
    return WireRequest.to_url("GET", url, headers.items())


def post(url: str, body: bytes = b'{"amount": 1}') -> WireRequest:
    """Return a request that must not be sent twice."""
    return WireRequest.to_url("POST", url, [("Content-Type", "application/json")], body)


def failed(outcome: Outcome) -> tuple[bool, bool, bool]:
    """Return what a failure says: not sent, timed out, retryable."""
    assert isinstance(outcome, TransportFailure), outcome
    return outcome.not_sent, outcome.timed_out, outcome.retryable


def reason(outcome: Outcome) -> str:
    """Return a failure's reason."""
    assert isinstance(outcome, TransportFailure), outcome
    return outcome.reason


def answer(outcome: Outcome) -> RawResponse:
    """Return what is an answer."""
    assert isinstance(outcome, RawResponse), outcome
    return outcome


def content(outcome: Outcome) -> bytes:
    """Return an answer's body."""
    return answer(outcome).body
