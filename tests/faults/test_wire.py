"""One attempt against every fault of a network: what comes of it, and what it is taken for. Blocking and awaiting."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
import gzip
import logging
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import trustme

from ordermux._aiohttp import AsyncTransport
from ordermux._http import Transport, asend, send
from ordermux._wire import Answer, Failure
from wire import OK, Awaiting, Behaviour, Blocking, Line, Peer, Server, answering, echo, timed

Connect = Callable[..., Line]
KINDS: dict[str, Connect] = {"blocking": Blocking, "awaiting": Awaiting}
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(params=KINDS)
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Give what opens a line of each kind, and close it."""
    with contextlib.ExitStack() as stack:

        def opened(*args: object, **options: object) -> Line:
            return stack.enter_context(contextlib.closing(KINDS[request.param](*args, **options)))

        yield opened


@pytest.fixture
def line(connect: Connect) -> Line:
    """Give a line of each kind."""
    return connect()


def get(url: str, **headers: str) -> httpx.Request:
    """Return a request that changes nothing."""
    return httpx.Request("GET", url, headers=headers)


def post(url: str) -> httpx.Request:
    """Return a request that must not be sent twice."""
    return httpx.Request("POST", url, content=b'{"amount": 1}')


def failed(outcome: Answer | Failure) -> tuple[bool, bool, bool]:
    """Return what a failure is taken for: nothing sent, timed out, hopeless."""
    assert isinstance(outcome, Failure), outcome
    return outcome.nothing_sent, outcome.timed_out, outcome.hopeless


def content(outcome: Answer | Failure) -> bytes:
    """Return an answer's body."""
    assert isinstance(outcome, Answer), outcome
    return outcome.content


# The connection


def test_refused(line: Line) -> None:
    """Nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = line.send(post(f"http://127.0.0.1:{port}/"))
    assert (True, False, False) == failed(outcome)
    assert isinstance(outcome, Failure)
    assert outcome.reason.startswith("ConnectError: ")
    assert "refused" in outcome.reason or "Connect call failed" in outcome.reason


def test_a_host_that_has_no_address(line: Line) -> None:
    """Nothing was sent."""
    assert (True, False, False) == failed(line.send(post("http://nowhere.invalid/"), seconds=10))


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "/orders", "http:///orders"])
def test_an_address_that_cannot_be_sent_to(line: Line, url: str) -> None:
    """Nothing was sent, and never will be."""
    assert (True, False, True) == failed(line.send(post(url)))


@pytest.mark.skipif(sys.platform != "linux", reason="others treat a full backlog differently")
def test_connect_timeout(line: Line) -> None:
    """Where the server's backlog is full, nothing was sent when the time is over."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        with timed(0.5):
            outcome = line.send(post(f"http://127.0.0.1:{listener.getsockname()[1]}/"), seconds=0.5)
    assert (True, True, False) == failed(outcome)


def test_all_connections_taken(connect: Connect) -> None:
    """Who waits for a connection until the time is over has sent nothing; once there is one again, it is used."""
    line = connect(connections=1)
    with Server(answering(OK[:-1], OK)) as server:
        give_back = line.take(get(server.url))
        with timed(0.5):
            assert (True, True, False) == failed(line.send(post(server.url), seconds=0.5))
        give_back()
        assert (1, 1) == (len(server.requests), server.connections)
        assert (False, True, False) == failed(line.send(post(server.url), seconds=0.5))
        assert (2, 2) == (len(server.requests), server.connections)


def test_no_time_left(line: Line) -> None:
    """Nothing is sent."""
    with Server(answering(OK)) as server:
        assert (True, True, False) == failed(line.send(post(server.url), seconds=-1))
        assert 0 == server.connections


# The answer breaks off


def after_request(act: Callable[[Peer], None]) -> Behaviour:
    """Return the behaviour that reads a request, and then does this."""

    def behave(peer: Peer) -> None:
        if peer.request():
            act(peer)

    return behave


def hang_up(_: Peer) -> None:
    """Accept, and be gone."""


def sends(*pieces: bytes, reset: bool = False) -> Behaviour:
    """Return the behaviour that reads a request, sends this much, and hangs up."""

    def act(peer: Peer) -> None:
        peer.send(*pieces)
        if reset:
            time.sleep(0.1)  # what was sent arrives first
            peer.reset()

    return after_request(act)


BROKEN: dict[str, Behaviour] = {
    "reset after the request": sends(reset=True),
    "reset in the status line": sends(b"HTTP/1.1 2", reset=True),
    "reset in the body": sends(HEAD + b"Content-Length: 9\r\n\r\nhalf", reset=True),
    "end before the status line": sends(),
    "end in the status line": sends(b"HTTP/1.1 2"),
    "end in the headers": sends(HEAD + b"Content-Le"),
    "length cut": sends(HEAD + b"Content-Length: 9\r\n\r\nhalf"),
    "chunk cut": sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"),
    "last chunk missing": sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
    "no HTTP at all": sends(b"220 mail.example ESMTP\r\n\r\n"),
    "a chunk of no length": sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n"),
    "a length that is no number": sends(HEAD + b"Content-Length: 1e3\r\n\r\nhalf"),
    "two lengths": sends(HEAD + b"Content-Length: 2\r\nContent-Length: 4\r\n\r\nhalf"),
    "a header of 200 KB": sends(HEAD + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n"),
}


def test_reset_at_accept(line: Line) -> None:
    """Sending again may help; the kernel tells of it while connecting, so that nothing was sent, or later."""
    with Server(Peer.reset) as server:
        assert failed(line.send(post(server.url))) in {(True, False, False), (False, False, False)}
        assert [] == server.requests


@pytest.mark.parametrize("behave", BROKEN.values(), ids=BROKEN)
def test_no_whole_answer(line: Line, behave: Behaviour) -> None:
    """It may have been carried out, so that it is not known to be unsent; and it arrived once at most."""
    with Server(behave) as server:
        assert (False, False, False) == failed(line.send(post(server.url)))
        assert 1 >= len(server.requests)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", "GET"])
def test_a_kept_connection_that_ends_on_the_next_request(line: Line, method: str) -> None:
    """Nothing sends a request once more by itself, though libraries do: only the caller knows whether it may be."""

    def behave(peer: Peer) -> None:
        if peer.request():
            peer.send(OK)
            peer.request()

    with Server(behave) as server:
        assert b"{}" == content(line.send(get(server.url)))
        assert (False, False, False) == failed(line.send(httpx.Request(method, server.url)))
        assert (2, 1) == (len(server.requests), server.connections)


def test_a_kept_connection_that_ended_while_idle(line: Line) -> None:
    """The next request arrives once at most, over this connection or over a new one."""
    with Server(sends(OK)) as server:
        assert b"{}" == content(line.send(get(server.url)))
        time.sleep(0.1)
        outcome = line.send(post(server.url))
        posted = [request for request in server.requests if request.startswith(b"POST")]
        assert (1 if isinstance(outcome, Answer) else 0) <= len(posted) <= 1


def test_an_answer_that_nobody_asked_for(line: Line) -> None:
    """What a server sends beyond its answer is not taken for the answer to the next request."""

    def behave(peer: Peer) -> None:
        while path := peer.path():
            peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{path}".encode() + OK)

    with Server(behave) as server:
        for name in "abcd":
            outcome = line.send(get(f"{server.url}/{name}"))
            assert isinstance(outcome, Failure) or f"/{name}".encode() == outcome.content


def test_connections_are_kept(line: Line) -> None:
    """Requests one after the other share a connection."""
    with Server(echo) as server:
        assert [b"/0", b"/1", b"/2"] == [content(line.send(get(f"{server.url}/{n}"))) for n in range(3)]
        assert 1 == server.connections


# The answer takes its time


def drip(head: bytes, piece: bytes) -> Behaviour:
    """Return the behaviour that sends the head, and then a piece every twentieth of a second."""
    return after_request(lambda peer: peer.send(head, *[piece] * 200, pause=0.05))


SLOW: dict[str, Behaviour] = {
    "stall": after_request(Peer.stall),
    "header drip": drip(HEAD, b"X-More: 1\r\n"),
    "status line drip": drip(b"HTTP/1.1 200 ", b"O"),
    "body drip": drip(HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),
    "chunk drip": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "endless drip": drip(HEAD + b"\r\n", b"x"),
    "informational drip": drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}


@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_deadline(line: Line, behave: Behaviour) -> None:
    """However the server spends the time, it is over at the deadline, and the request may have been carried out."""
    with Server(behave) as server, timed(0.5):
        assert (False, True, False) == failed(line.send(post(server.url), seconds=0.5))


def test_deadline_of_tls(line: Line) -> None:
    """A server that accepts and never greets has not got the request."""
    with Server(Peer.stall) as server, timed(0.5):
        assert (True, True, False) == failed(line.send(post(f"https://127.0.0.1:{server.port}"), seconds=0.5))


def test_deadline_of_a_request_that_is_not_read(line: Line) -> None:
    """Where the server reads nothing, sending ends at the deadline."""
    with Server(lambda _: time.sleep(1)) as server, timed(0.5):
        request = httpx.Request("PUT", server.url, content=bytes(50_000_000))
        assert (False, True, False) == failed(line.send(request, seconds=0.5))


# The body


def gzipped(body: bytes, encoding: str = "gzip") -> bytes:
    """Return an answer with a packed body."""
    return HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (HEAD + b"\r\nto the end", b"to the end"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nto\r\n4\r\n the\r\n0\r\n\r\n", b"to the"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (HEAD + b"Content-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"{}"),
        (gzipped(gzip.compress(b"{}")), b"{}"),
        (gzipped(zlib.compress(b"{}"), "Deflate"), b"{}"),
        (gzipped(b"{}", "identity"), b"{}"),
        (gzipped(b""), b""),
    ],
    ids=["until the end", "chunks", "204", "empty", "100 first", "gzip", "deflate", "identity", "gzip, empty"],
)
def test_a_whole_answer(line: Line, answer: bytes, expected: bytes) -> None:
    """All framings and packings that are allowed are read."""
    with Server(sends(answer)) as server:
        assert expected == content(line.send(get(server.url)))


@pytest.mark.parametrize(
    ("answer", "hopeless"),
    [
        (gzipped(gzip.compress(b"x" * 5000)[:-9]), False),
        (gzipped(b"not packed at all"), True),
        (gzipped(gzip.compress(b"{}") + b"more"), True),
        (gzipped(gzip.compress(b"{}") + gzip.compress(b"{}")), True),
        (gzipped(b"{}", "br"), True),
        (gzipped(gzip.compress(gzip.compress(b"{}")), "gzip, gzip"), True),
    ],
    ids=["cut", "not packed", "more after it", "two in one", "unknown", "twice"],
)
def test_a_body_that_cannot_be_unpacked(line: Line, answer: bytes, *, hopeless: bool) -> None:
    """It is no answer, not even in part; sending again may help only where it was cut."""
    with Server(sends(answer)) as server:
        assert (False, False, hopeless) == failed(line.send(get(server.url)))


@pytest.mark.parametrize(
    "answer", [HEAD + b"\r\n" + b"x" * 1001, gzipped(gzip.compress(b"x" * 1001))], ids=["plain", "gzip"]
)
def test_cap(connect: Connect, answer: bytes) -> None:
    """A body of one byte more than allowed is no answer, and never will be; one byte less is fine."""
    with Server(sends(answer)) as server:
        assert (False, False, True) == failed(connect().send(get(server.url), most=1000))
        assert 1001 == len(content(connect().send(get(server.url), most=1001)))


BOMB = """
import resource, sys, httpx, ordermux._http
from wire import Awaiting, Blocking
line = {"blocking": Blocking, "awaiting": Awaiting}[sys.argv[1]]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(line.send(httpx.Request("GET", sys.argv[2]), seconds=20, most=10_000_000).hopeless)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
line.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KB on Linux")
@pytest.mark.parametrize("kind", KINDS)
def test_gzip_bomb(kind: str) -> None:
    """Half a gigabyte in half a megabyte makes no process grow by more than 50 MB."""
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(500)) + packer.flush()
    assert 3_000_000 > len(bomb)
    with Server(sends(gzipped(bomb))) as server:
        arguments = [sys.executable, "-c", BOMB, kind, server.url]
        search = os.pathsep.join(filter(None, sys.path))
        ran = subprocess.run(
            arguments, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": search}
        )
    refused, grown = ran.stdout.split()
    assert "True" == refused
    assert 50_000 > int(grown)


# TLS


@functools.cache
def authority() -> Any:
    """Return an authority that nobody knows."""
    return trustme.CA()


def certified(host: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
    """Return what a server shows."""
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=-1 if expired else 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(host, not_after=ends).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    """Return what a client has that knows the authority."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


def test_tls(connect: Connect) -> None:
    """A certificate that is right is taken."""
    with Server(echo, certified()) as server:
        assert b"/x" == content(connect(ssl_context=trusting()).send(get(f"{server.url}/x")))


@pytest.mark.parametrize(
    ("shown", "trusted"),
    [
        (certified, ssl.create_default_context),
        (functools.partial(certified, "other.example"), trusting),
        (functools.partial(certified, expired=True), trusting),
    ],
    ids=["unknown authority", "other host", "expired"],
)
def test_certificate(
    connect: Connect, shown: Callable[[], ssl.SSLContext], trusted: Callable[[], ssl.SSLContext]
) -> None:
    """Where it is wrong, nothing is sent, and sending again cannot help."""
    with Server(echo, shown()) as server:
        assert (True, False, True) == failed(connect(ssl_context=trusted()).send(post(server.url)))
        assert [] == server.requests


def test_the_default_trusts_no_stranger(line: Line) -> None:
    """Without a context of the caller's, certificates are checked."""
    with Server(echo, certified()) as server:
        assert (True, False, True) == failed(line.send(post(server.url)))


def test_cleartext_on_a_port_for_tls(line: Line) -> None:
    """Nothing is sent, and sending again cannot help."""
    with Server(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n", pause=0.2)) as server:
        assert (True, False, True) == failed(line.send(post(f"https://127.0.0.1:{server.port}")))


@pytest.mark.parametrize("behave", [hang_up, Peer.reset], ids=["end", "reset"])
def test_a_connection_that_breaks_in_the_greeting(line: Line, behave: Behaviour) -> None:
    """A busy server may do this: nothing was sent, and sending again may help."""
    with Server(behave) as server:
        assert (True, False, False) == failed(line.send(post(f"https://127.0.0.1:{server.port}")))


def test_an_encrypted_answer_that_breaks_off(connect: Connect) -> None:
    """The end of a connection is no refusal, so that sending again may help."""
    with Server(sends(HEAD + b"Content-Length: 9\r\n\r\nhalf"), certified()) as server:
        assert (False, False, False) == failed(connect(ssl_context=trusting()).send(post(server.url)))


# What goes over the wire


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(line: Line, status: int) -> None:
    """Not a byte arrives at the other host."""
    with Server(echo) as other:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        with Server(answering(moved)) as server:
            outcome = line.send(get(server.url, authorization="Bearer secret"))
        assert isinstance(outcome, Answer)
        assert (status, 0) == (outcome.status_code, other.connections)


@pytest.mark.parametrize("path", ["/a%2Fb/%2e%2e/x", "/%2E/?q=%2F&r=%20+", "/a//b;c=d,e", "/?a=%C3%A9&b=[1]"])
def test_the_path_is_sent_byte_for_byte(line: Line, path: str) -> None:
    """What was quoted stays so, and nothing climbs."""
    with Server(echo) as server:
        assert str(httpx.URL(path)).encode() == content(line.send(get(server.url + path)))


def test_no_header_is_added(line: Line) -> None:
    """What is sent is what was given."""
    with Server(answering(OK)) as server:
        line.send(get(server.url, **{"X-One": "1", "Authorization": "Bearer x"}))
        line.send(post(server.url))
    first, second = ({line.split(b":")[0].lower() for line in r.split(b"\r\n")[1:-2]} for r in server.requests)
    assert {b"host", b"x-one", b"authorization"} == first
    assert {b"host", b"content-length"} == second


def test_the_body_is_sent(line: Line) -> None:
    """As it is, with its length; also where it was given in pieces."""
    with Server(answering(OK)) as server:
        assert b"{}" == content(line.send(post(server.url)))
        assert server.requests[0].endswith(b'Content-Length: 13\r\n\r\n{"amount": 1}')


def test_a_header_that_cannot_be_sent(line: Line) -> None:
    """It does not split a request, and sending again cannot help."""
    with Server(answering(OK)) as server:
        request = httpx.Request("GET", server.url, headers=[(b"x-one", b"1\r\nx-two: 2")])
        outcome = line.send(request)
        assert isinstance(outcome, Failure)
        assert (True, []) == (outcome.hopeless, server.requests)


def test_headers_that_come_twice(line: Line) -> None:
    """Both cookies are there; neither is sent by the next request."""
    with Server(answering(HEAD + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n")) as server:
        outcome = line.send(get(server.url))
        line.send(get(server.url))
    assert isinstance(outcome, Answer)
    assert ["a=1", "b=2"] == outcome.headers.get_list("set-cookie")
    assert b"cookie" not in b"".join(server.requests).lower()


def test_logs_hold_no_secret(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """No logger writes down what was sent, or a cookie that came."""
    caplog.set_level(logging.DEBUG)
    cookie = HEAD + b"Set-Cookie: session=hidden\r\nContent-Length: 6\r\n\r\nhidden"
    with Server(answering(cookie)) as server:
        line.send(httpx.Request("POST", server.url, headers={"authorization": "hidden"}, content=b"hidden"))
    assert "hidden" not in caplog.text


# Proxies


def test_the_environments_proxies_are_ignored(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets a variable does not see the requests."""
    with Server(echo) as proxy, Server(echo) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert b"/x" == content(line.send(get(f"{server.url}/x")))
        assert 0 == proxy.connections


def test_the_environments_proxies_where_they_are_asked_for(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request goes to the proxy, with the proxy's credentials; not so for hosts that are excepted."""
    with Server(echo) as proxy, Server(echo) as server:
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        line = connect(trust_env=True)
        assert b"http://shop.example/x" == content(line.send(get("http://shop.example/x")))
        assert b"/x" == content(line.send(get(f"{server.url}/x")))
    assert b"proxy-authorization: basic bwu6c2vjcmv0" in proxy.requests[0].lower()
    assert b"proxy-authorization" not in server.requests[0].lower()


def test_a_proxy_that_refuses(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent to the provider."""
    with Server(answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert (True, False, False) == failed(connect(trust_env=True).send(post("https://shop.example/")))
        assert b"CONNECT shop.example:443" in proxy.requests[0]


def test_a_proxy_of_another_kind(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused, and not passed by; its credentials are not told."""
    monkeypatch.setenv("all_proxy", "socks5://me:secret@127.0.0.1:1")
    outcome = connect(trust_env=True).send(post("https://shop.example/"))
    assert (True, False, True) == failed(outcome)
    assert "secret" not in repr(outcome)


# Transports of the caller's


def mocked(handler: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Return a transport, of both kinds, that is not ours."""
    return httpx.MockTransport(handler)


def test_a_mock_transport(connect: Connect) -> None:
    """Its answers are read, packed or not, though httpx has read them before."""
    packed = gzip.compress(b"{}")
    answers = [
        httpx.Response(201, json={}),
        httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}),
        httpx.Response(200),
    ]
    line = connect(mocked(lambda _: answers.pop(0)))
    assert [b"{}", b"{}", b""] == [content(line.send(get("http://x/"))) for _ in range(3)]


@pytest.mark.parametrize(
    ("error", "reason", "expected"),
    [
        (ValueError("secret"), "ValueError", (False, False, False)),
        (httpx.ConnectError("refused"), "ConnectError: refused", (True, False, False)),
        (httpx.PoolTimeout("full"), "PoolTimeout: full", (True, True, False)),
        (httpx.ProxyError("407"), "ProxyError: 407", (True, False, False)),
        (httpx.ReadTimeout("slow"), "ReadTimeout: slow", (False, True, False)),
        (httpx.ReadError("reset"), "ReadError: reset", (False, False, False)),
        (httpx.RemoteProtocolError("secret"), "RemoteProtocolError", (False, False, False)),
        (httpx.LocalProtocolError("secret"), "LocalProtocolError", (False, False, True)),
        (httpx.UnsupportedProtocol("ftp"), "UnsupportedProtocol: ftp", (True, False, True)),
        (httpx.InvalidURL("secret"), "InvalidURL", (False, False, False)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_of_a_transport(
    connect: Connect, error: Exception, reason: str, expected: tuple[bool, bool, bool]
) -> None:
    """Whatever is raised becomes a failure, which quotes nothing that may have been sent."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    outcome = connect(mocked(handler)).send(post("http://x/"))
    assert expected == failed(outcome)
    assert isinstance(outcome, Failure)
    assert reason == outcome.reason


def test_a_transport_that_knows_no_deadline() -> None:
    """The time is looked at between the pieces of the body."""

    def pieces() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b"x"

    line = Blocking(mocked(lambda _: httpx.Response(200, content=pieces())))
    with timed(0.5):
        assert (False, True, False) == failed(line.send(post("http://x/"), seconds=0.5))


# Many at once


def test_each_gets_its_own_answer(line: Line) -> None:
    """64 at a time on one transport, over and over."""
    with Server(echo) as server:
        for turn in range(5):
            paths = [f"/{turn}/{n}" for n in range(64)]
            outcomes = line.send_all([get(server.url + path) for path in paths])
            assert [path.encode() for path in paths] == [content(outcome) for outcome in outcomes]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_with_a_warm_transport() -> None:
    """Parent and children get their own answers, though other threads are sending at the fork."""
    transport, stop, wrong = Transport(), threading.Event(), list[object]()

    def own(path: str) -> bool:
        outcome = send(transport, get(server.url + path), time.monotonic() + 10, 1000)
        return isinstance(outcome, Answer) and path.encode() == outcome.content

    def hammer(name: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            if not own(path := f"/thread/{name}/{number}"):
                wrong.append(path)

    def child(name: int) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads is what is tested
            if process := os.fork():
                return process
        signal.alarm(60)  # a lock that is held for ever ends the child, not the tests
        try:
            os._exit(0 if all(own(f"/child/{name}/{number}") for number in range(20)) else 1)
        finally:
            os._exit(2)

    with Server(echo) as server:
        assert own("/warm")
        threads = [threading.Thread(target=hammer, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        children = [child(name) for name in range(8)]
        assert [0] * 8 == [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in children]
        stop.set()
        for thread in threads:
            thread.join()
        assert own("/after")
        transport.close()
    assert [] == wrong


def test_cancelling_passes() -> None:
    """A task that is cancelled ends as cancelled, wherever it is."""

    async def scenario() -> None:
        transport = AsyncTransport()
        task = asyncio.create_task(asend(transport, get(server.url), time.monotonic() + 5, 1000))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await transport.aclose()

    for behave in (Peer.stall, sends(HEAD + b"Content-Length: 9\r\n\r\nhalf")):
        with Server(behave if behave is Peer.stall else SLOW["body drip"]) as server:
            asyncio.run(scenario())


def test_cancelling_loses_no_connection() -> None:
    """After 300 tasks cancelled at random points, four connections still serve 200 calls."""

    def behave(peer: Peer) -> None:
        while path := peer.path():
            time.sleep(0.002)
            peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(path)}\r\n\r\n".encode(), path.encode())

    async def scenario() -> list[bytes]:
        transport, chance = AsyncTransport(connections=4), random.Random(7)

        async def call(path: str) -> Answer | Failure:
            return await asend(transport, get(server.url + path), time.monotonic() + 10, 1000)

        async def cancelled(path: str) -> None:
            task = asyncio.create_task(call(path))
            await asyncio.sleep(chance.random() / 50)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        for turn in range(10):
            await asyncio.gather(*(cancelled(f"/lost/{turn}/{number}") for number in range(30)))
        answers = await asyncio.gather(*(call(f"/{number}") for number in range(200)))
        await transport.aclose()
        return [content(answer) for answer in answers]

    with Server(behave) as server:
        assert [f"/{number}".encode() for number in range(200)] == asyncio.run(scenario())


def test_a_closed_line_opens_again(line: Line) -> None:
    """Closing lets go of the connections; a later request opens new ones."""
    with Server(echo) as server:
        assert b"/a" == content(line.send(get(f"{server.url}/a")))
        line.hang_up()
        assert b"/b" == content(line.send(get(f"{server.url}/b")))
        assert 2 == server.connections
