"""A transport of httpx's in the place of ours: respx, `httpx.MockTransport`, and those that reach a network."""

from __future__ import annotations

import asyncio
import gzip
import signal
import ssl
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpcore
import httpx
import pytest
import respx
from respx.models import AllMockedAssertionError

from ordermux import InvalidArgument
from ordermux.transport.httpx_adapter import AsyncHttpxTransport, HttpxTransport
from ordermux.transport.wire import WireRequest
from support.alarms import alarm
from support.lines import AsyncLine, Line, SyncLine, answer, content, failed, get, post, reason
from support.raw_server import Peer, Server, echo, timed

GZIP = {"content-encoding": "gzip"}
Handler = Callable[[httpx.Request], httpx.Response]
Adapt = Callable[[Any], Line]


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Give each kind."""
    return str(request.param)


@pytest.fixture
def adapt(kind: str) -> Iterator[Adapt]:
    """Give what makes a line of a transport of httpx's, of each kind."""
    lines = list[Line]()

    def made(transport: Any) -> Line:
        line: Line = (
            SyncLine(HttpxTransport(transport)) if kind == "sync" else AsyncLine(AsyncHttpxTransport(transport))
        )
        lines.append(line)
        return line

    yield made
    for line in lines:
        line.close()


def mocked(handler: Handler) -> httpx.MockTransport:
    """Return a transport, of both kinds, that is not ours."""
    return httpx.MockTransport(handler)


def test_answers(adapt: Adapt) -> None:
    """They are read, compressed or not, though httpx has read them before."""
    packed = gzip.compress(b"{}")
    answers = [
        httpx.Response(201, json={}),
        httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}),
        httpx.Response(200),
    ]
    line = adapt(mocked(lambda _: answers.pop(0)))
    found = [answer(line.send(get("http://x/"))) for _ in range(3)]
    assert [(201, b"{}"), (200, b"{}"), (200, b"")] == [(each.status, each.body) for each in found]
    assert "application/json" == found[0].headers["content-type"]


def test_headers_that_come_twice(adapt: Adapt) -> None:
    """Both are there."""
    line = adapt(mocked(lambda _: httpx.Response(200, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])))
    assert ["a=1", "b=2"] == answer(line.send(get("http://x/"))).headers.get_list("set-cookie")


def test_the_request(adapt: Adapt) -> None:
    """It arrives as it is, with the seconds that are left."""
    seen = list[httpx.Request]()

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    adapt(mocked(handler)).send(post("http://shop.example:81/a%2Fb?c=d", b"{}"), seconds=60)
    (request,) = seen
    assert ("POST", "http://shop.example:81/a%2Fb?c=d", b"{}") == (request.method, str(request.url), request.content)
    assert ("shop.example:81", "2", "application/json") == (
        request.headers["host"],
        request.headers["content-length"],
        request.headers["content-type"],
    )
    assert {"connect", "read", "write", "pool"} == set(request.extensions["timeout"])
    assert all(50 < seconds <= 60 for seconds in request.extensions["timeout"].values())


def test_respx_stands_for_the_provider() -> None:
    """By its router's own handlers."""
    router = respx.Router()
    router.get("http://shop.example/x").respond(json={"a": 1})
    line = SyncLine(HttpxTransport(httpx.MockTransport(router.handler)))
    assert b'{"a":1}' == content(line.send(get("http://shop.example/x"))).replace(b" ", b"")
    awaited = AsyncLine(AsyncHttpxTransport(httpx.MockTransport(router.async_handler)))
    assert b'{"a":1}' == content(awaited.send(get("http://shop.example/x"))).replace(b" ", b"")
    awaited.close()


@pytest.mark.parametrize(
    ("error", "told", "expected"),
    [
        (OSError("secret"), "OSError", (False, False, True)),
        (TimeoutError(110, "secret"), "TimeoutError", (False, True, True)),
        (httpcore.RemoteProtocolError("secret"), "RemoteProtocolError", (False, False, True)),
        (httpx.ConnectError("refused"), "ConnectError: refused", (True, False, True)),
        (httpx.ConnectTimeout("slow"), "ConnectTimeout: slow", (True, True, True)),
        (httpx.PoolTimeout("full"), "PoolTimeout: full", (True, True, True)),
        (httpx.ProxyError("407"), "ProxyError: 407", (True, False, True)),
        (httpx.ReadTimeout("slow"), "ReadTimeout: slow", (False, True, True)),
        (httpx.WriteTimeout("slow"), "WriteTimeout: slow", (False, True, True)),
        (httpx.ReadError("reset"), "ReadError: reset", (False, False, True)),
        (httpx.RemoteProtocolError("secret"), "RemoteProtocolError", (False, False, True)),
        (httpx.LocalProtocolError("secret"), "LocalProtocolError", (False, False, False)),
        (httpx.UnsupportedProtocol("ftp"), "UnsupportedProtocol: ftp", (True, False, False)),
        (httpx.InvalidURL("secret"), "InvalidURL", (False, False, True)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors(adapt: Adapt, error: Exception, told: str, expected: tuple[bool, bool, bool]) -> None:
    """What httpx, httpcore or a socket raises becomes a failure, which quotes nothing that may have been sent."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    outcome = adapt(mocked(handler)).send(post("http://x/"))
    assert expected == failed(outcome)
    assert told == reason(outcome)


class TimeLimit(Exception):
    """What a task queue raises in a job that takes too long, from the handler of a signal."""


@pytest.mark.parametrize("error", [KeyError("x"), AllMockedAssertionError(), TimeLimit(), TimeoutError()], ids=repr)
def test_what_is_not_the_transports_passes(adapt: Adapt, error: Exception) -> None:
    """A mistake in a mock, a request that respx knows nothing of, and a TimeoutError that is before the time."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(type(error)) as passed:
        adapt(mocked(handler)).send(post("http://x/"))
    assert error is passed.value


def test_what_is_not_the_transports_passes_in_the_end(adapt: Adapt) -> None:
    """While the answer is closed, too; an error of httpx's own there is of no interest any more."""
    body = Bytes(b"{}")
    line = adapt(mocked(lambda _: httpx.Response(200, stream=body)))
    body.failing = httpx.ReadError("reset")
    assert b"{}" == content(line.send(get("http://x/")))
    body.failing = TimeLimit()
    with pytest.raises(TimeLimit):
        line.send(get("http://x/"))


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
@pytest.mark.parametrize("kind", [TimeLimit, TimeoutError])
def test_the_exception_of_a_signal_handler_passes(kind: type[Exception]) -> None:
    """Httpcore takes the TimeoutError of a handler for one of its socket's."""
    ended = kind()

    def stall(peer: Peer) -> None:
        peer.path()  # its request is there, so that it waits for the answer
        ring()
        peer.stall()

    with alarm(ended) as ring, Server(stall) as server, httpx.HTTPTransport() as transport:
        with pytest.raises(kind) as passed:
            HttpxTransport(transport).send(post(server.url), time.monotonic() + 30, 1000)
    assert ended is passed.value
    assert "httpcore" not in "".join(traceback.format_exception(passed.value)).rpartition("Traceback")[0]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
def test_the_timeout_of_a_signal_handler_passes_after_the_deadline_too() -> None:
    """Python calls a handler only after a wait that began just as the signal came."""

    def answer_late(_: httpx.Request) -> httpx.Response:
        time.sleep(0.6)
        ring()
        return httpx.Response(200)

    ended = TimeoutError("of the caller's own")
    with alarm(ended) as ring, pytest.raises(TimeoutError) as passed:
        HttpxTransport(httpx.MockTransport(answer_late)).send(get("http://x/"), time.monotonic() + 0.5, 1000)
    assert ended is passed.value


def test_a_timeout_of_the_transports_own(adapt: Adapt, kind: str) -> None:
    """One that is shorter than the time that is left is a failure like any, and nobody's exception."""

    def shorter(request: httpx.Request) -> None:
        request.extensions["timeout"] = {**request.extensions["timeout"], "read": 0.1}

    class Hasty(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            shorter(request)
            return super().handle_request(request)

    class AsyncHasty(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            shorter(request)
            return await super().handle_async_request(request)

    with Server(Peer.stall) as server:
        outcome = adapt(Hasty() if kind == "sync" else AsyncHasty()).send(post(server.url))
    assert (False, True, True) == failed(outcome)


def test_a_certificate(adapt: Adapt) -> None:
    """No attempt helps against a wrong one, though httpx calls it a ConnectError."""

    def handler(_: httpx.Request) -> httpx.Response:
        try:
            raise ssl.SSLCertVerificationError("certificate verify failed")
        except ssl.SSLError as error:
            raise httpx.ConnectError("wrong") from error

    assert (True, False, False) == failed(adapt(mocked(handler)).send(post("http://x/")))


@pytest.mark.parametrize(
    ("response", "retryable"),
    [
        (lambda: httpx.Response(200, content=b"x" * 1001), False),
        (lambda: httpx.Response(200, stream=Bytes(gzip.compress(b"x" * 1001)), headers=GZIP), False),
        (lambda: httpx.Response(200, stream=Bytes(gzip.compress(b"x" * 900)[:-9]), headers=GZIP), True),
        (lambda: httpx.Response(200, stream=Bytes(b"none"), headers=GZIP), False),
        (lambda: httpx.Response(200, content=b"{}", headers={"content-encoding": "br"}), False),
    ],
    ids=["too long", "too long once decompressed", "cut", "not compressed", "unknown"],
)
def test_bodies(adapt: Adapt, response: Callable[[], httpx.Response], *, retryable: bool) -> None:
    """They have the same bounds as over our own transports."""
    outcome = adapt(mocked(lambda _: response())).send(get("http://x/"), max_bytes=1000)
    assert (False, False, retryable) == failed(outcome)


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in a few pieces."""

    def __init__(self, content: bytes, seconds: float = 0) -> None:
        """Take it, and how long each piece takes."""
        self._content = content
        self._seconds = seconds
        self.closed = False
        self.failing: Exception | None = None
        """What closing raises."""

    def _pieces(self) -> Iterator[bytes]:
        yield from (self._content[at : at + 100] for at in range(0, len(self._content), 100))

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            time.sleep(self._seconds)
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces():
            await asyncio.sleep(self._seconds)
            yield piece

    def close(self) -> None:
        """Note it."""
        self.closed = True
        if self.failing is not None:
            raise self.failing

    async def aclose(self) -> None:
        """Note it."""
        self.close()


@pytest.mark.slow
def test_a_body_that_drips(adapt: Adapt) -> None:
    """The time is looked at between its pieces; the answer is closed."""
    body = Bytes(b"x" * 10_000, seconds=0.05)
    line = adapt(mocked(lambda _: httpx.Response(200, stream=body)))
    with timed(0.5):
        assert (False, True, True) == failed(line.send(post("http://x/"), seconds=0.5))
    assert body.closed


class Stalling(httpx.AsyncBaseTransport):
    """A transport that never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait."""
        await asyncio.sleep(30)
        return httpx.Response(200, request=request)


@pytest.mark.slow
def test_an_async_transport_that_stalls_is_cut() -> None:
    """Wherever it waits."""
    line = AsyncLine(AsyncHttpxTransport(Stalling()))
    with timed(0.5):
        assert (False, True, True) == failed(line.send(post("http://x/"), seconds=0.5))
    line.close()


def test_cancelling_passes() -> None:
    """A task that is cancelled ends as cancelled."""

    async def scenario() -> None:
        sending = AsyncHttpxTransport(Stalling()).send(get("http://x/"), time.monotonic() + 30, 1000)
        task = asyncio.create_task(sending)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())


def test_no_time_left(adapt: Adapt) -> None:
    """Nothing is sent."""
    line = adapt(mocked(lambda _: pytest.fail("it is late")))
    assert (True, True, True) == failed(line.send(post("http://x/"), seconds=-1))


@pytest.mark.parametrize(
    "request_", [get("http://x/", **{"X-One": "é\ud800"}), WireRequest.to_url("GET", "http://x/\ud800")]
)
def test_a_request_that_httpx_takes_for_none(adapt: Adapt, request_: WireRequest) -> None:
    """Nothing was sent, and no attempt helps."""
    line = adapt(mocked(lambda _: pytest.fail("it is none")))
    assert (True, False, False) == failed(line.send(request_))


@pytest.mark.slow
def test_a_transport_that_reaches_a_network(adapt: Adapt, kind: str) -> None:
    """Httpx's own, which stays open for its owner; each of its waits ends at the deadline."""

    def behave(peer: Peer) -> None:
        if peer.path() == "/stall":
            peer.stall()

    transport = httpx.HTTPTransport() if kind == "sync" else httpx.AsyncHTTPTransport()
    line = adapt(transport)
    with Server(echo) as server, Server(behave) as slow:
        assert b"/x" == content(line.send(get(f"{server.url}/x")))
        line.hang_up()
        assert b"/y" == content(line.send(get(f"{server.url}/y")))
        assert 1 == server.connections
        with timed(1.5):
            assert (False, True, True) == failed(line.send(get(f"{slow.url}/stall"), seconds=1.5))
        if isinstance(transport, httpx.HTTPTransport):
            transport.close()
        else:
            assert isinstance(line, AsyncLine)
            line.run(transport.aclose())


@pytest.mark.parametrize(
    ("adapter", "transport", "given"),
    [
        (HttpxTransport, httpx.Client(), "Client"),
        (AsyncHttpxTransport, httpx.AsyncClient(), "AsyncClient"),
        (HttpxTransport, httpx.AsyncHTTPTransport(), "AsyncHTTPTransport"),
        (AsyncHttpxTransport, httpx.HTTPTransport(), "HTTPTransport"),
        (HttpxTransport, httpx.MockTransport, "MockTransport"),
        (HttpxTransport, mocked, "function"),
        (AsyncHttpxTransport, "transport", "str"),
        (HttpxTransport, respx.Router(), "Router"),
    ],
)
def test_what_is_no_transport(adapter: Any, transport: Any, given: str) -> None:
    """It is refused when the client is made, in words that name what to give."""
    with pytest.raises(InvalidArgument, match=f"^transport is an httpx transport such as .*, and no {given}$"):
        adapter(transport)
