"""One attempt against every fault of a network: what comes of it, and what it is taken for. Sync and async."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable

import pytest

from ordermux.transport import aio
from ordermux.transport.network import NetworkSettings
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import Origin, Outcome, WireRequest
from support.certificates import certified, trusting
from support.lines import Connect, Line, answer, content, failed, get, post, reason
from support.raw_server import OK, Behaviour, Peer, Server, answering, echo, timed

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def after_request(act: Callable[[Peer], None]) -> Behaviour:
    """Return the behaviour that reads a request, and then does this."""

    def behave(peer: Peer) -> None:
        if peer.request():
            act(peer)

    return behave


def sends(*pieces: bytes, reset: bool = False) -> Behaviour:
    """Return the behaviour that reads a request, sends this much, and hangs up."""

    def act(peer: Peer) -> None:
        peer.send(*pieces)
        if reset:
            time.sleep(0.1)  # what was sent arrives first
            peer.reset()

    return after_request(act)


# The connection


def test_refused(line: Line) -> None:
    """Nothing was sent, and another attempt may help."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = line.send(post(f"http://127.0.0.1:{port}/"))
    assert (True, False, True) == failed(outcome)
    assert reason(outcome).startswith("ConnectError: ")
    assert "refused" in reason(outcome) or "Connect call failed" in reason(outcome)


def test_a_host_that_has_no_address(line: Line) -> None:
    """Nothing was sent."""
    assert (True, False, True) == failed(line.send(post("http://nowhere.invalid/"), seconds=10))


def test_a_host_whose_name_cannot_be_looked_up(line: Line) -> None:
    """Nothing was sent: a label has 63 characters at most."""
    assert (True, False, True) == failed(line.send(post(f"http://{'x' * 64}.example/")))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others treat a full backlog differently")
def test_connect_timeout(line: Line) -> None:
    """If the server's backlog is full, nothing was sent when the time is over."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        with timed(0.5):
            outcome = line.send(post(f"http://127.0.0.1:{listener.getsockname()[1]}/"), seconds=0.5)
    assert (True, True, True) == failed(outcome)
    assert "ConnectTimeout: the deadline is over" == reason(outcome)


def test_no_time_left(line: Line) -> None:
    """Nothing is sent."""
    with Server(answering(OK)) as server:
        assert (True, True, True) == failed(line.send(post(server.url), seconds=-1))
        assert 0 == server.connections


def test_ipv6(line: Line) -> None:
    """The host in brackets is an address of version 6; its Host header has the brackets."""
    with Server(echo, host="::1") as server:
        assert b"/x" == content(line.send(get(f"{server.url}/x")))
        assert f"Host: [::1]:{server.port}".encode() in server.requests[0]


# The answer breaks off, or is none

BROKEN: dict[str, Behaviour] = {
    "reset after the request": sends(reset=True),
    "reset in the status line": sends(b"HTTP/1.1 2", reset=True),
    "reset in the body": sends(HEAD + b"Content-Length: 9\r\n\r\nhalf", reset=True),
    "reset in a body without a length": sends(HEAD + b"\r\nhalf", reset=True),
    "end before the status line": sends(),
    "end in the status line": sends(b"HTTP/1.1 2"),
    "end in the headers": sends(HEAD + b"Content-Le"),
    "end after an informational answer": sends(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "length cut": sends(HEAD + b"Content-Length: 9\r\n\r\nhalf"),
    "chunk cut": sends(CHUNKED + b"9\r\nhalf"),
    "last chunk missing": sends(CHUNKED + b"4\r\nhalf\r\n"),
    "end of the last chunk missing": sends(CHUNKED + b"4\r\nhalf\r\n0\r\n"),
    "no HTTP at all": sends(b"220 mail.example ESMTP\r\n\r\n"),
    "two lengths": sends(HEAD + b"Content-Length: 2\r\nContent-Length: 4\r\n\r\nhalf"),
    "chunked beside a length": sends(HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a header of 200 KB": sends(HEAD + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n"),
}


@pytest.mark.parametrize("behave", BROKEN.values(), ids=BROKEN)
def test_no_whole_answer(line: Line, behave: Behaviour) -> None:
    """It may have been carried out, so that it is not known to be unsent; and it arrived once at most."""
    with Server(behave) as server:
        assert (False, False, True) == failed(line.send(post(server.url)))
        assert 1 >= len(server.requests)


def test_reset_at_accept(line: Line) -> None:
    """Another attempt may help; the kernel says so while connecting, so that nothing was sent, or later."""
    with Server(Peer.reset) as server:
        assert failed(line.send(post(server.url))) in {(True, False, True), (False, False, True)}
        assert [] == server.requests


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(("size", "taken"), [(10, 0), (200_000, 0), (200_000, 1)])
def test_whether_anything_was_sent_is_known(
    monkeypatch: pytest.MonkeyPatch, size: int, taken: int, *, encrypted: bool
) -> None:
    """A send that fails took nothing: if it was the first of a request, nothing left; if not, something did."""
    send, sent = socket.socket.send, list[int]()

    def failing(self: socket.socket, data: bytes) -> int:
        if sending:
            if len(sent) == taken:
                raise BrokenPipeError(32, "Broken pipe")
            sent.append(len(data))
        return send(self, data)

    sending = False
    monkeypatch.setattr(socket.socket, "send", failing)
    with Server(echo, certified() if encrypted else None) as server:
        transport = SyncTransport(NetworkSettings(ssl_context=trusting()))
        assert b"/x" == content(transport.send(get(f"{server.url}/x"), time.monotonic() + 5, 1000))
        sending = True
        outcome = transport.send(post(server.url, bytes(size)), time.monotonic() + 5, 1000)
        transport.close()
    assert (taken == 0, False, True) == failed(outcome)
    assert "WriteError: [Errno 32] Broken pipe" == reason(outcome)


# The answer takes its time


def drip(head: bytes, piece: bytes) -> Behaviour:
    """Return the behaviour that sends the head, and then a piece every twentieth of a second."""
    return after_request(lambda peer: peer.send(head, *[piece] * 200, pause=0.05))


SLOW: dict[str, Behaviour] = {
    "stall": after_request(Peer.stall),
    "header drip": drip(HEAD, b"X-More: 1\r\n"),
    "status line drip": drip(b"HTTP/1.1 200 ", b"O"),
    "body drip": drip(HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),
    "chunk drip": drip(CHUNKED, b"1\r\nx\r\n"),
    "chunk size drip": drip(CHUNKED, b"1"),
    "trailer drip": drip(CHUNKED + b"0\r\n", b"X-More: 1\r\n"),
    "endless drip": drip(HEAD + b"\r\n", b"x"),
    "informational drip": drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_deadline(line: Line, behave: Behaviour) -> None:
    """However the server spends the time, it is over at the deadline, and the request may have been carried out."""
    with Server(behave) as server, timed(0.5):
        outcome = line.send(post(server.url), seconds=0.5)
    assert (False, True, True) == failed(outcome)
    assert "ReadTimeout: the deadline is over" == reason(outcome)


def test_a_flood_of_informational_answers(line: Line) -> None:
    """A hundred are read; of a server that never stops to send them nothing more is."""

    def flood(peer: Peer) -> None:
        while True:
            peer.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000)

    with Server(sends(b"HTTP/1.1 102 Processing\r\n\r\n" * 100 + OK)) as server:
        assert b"{}" == content(line.send(post(server.url)))
    with Server(after_request(flood)) as server:
        outcome = line.send(post(server.url))
    assert (False, False, True) == failed(outcome)
    assert "RemoteProtocolError: there are over 100 informational answers" == reason(outcome)


@pytest.mark.slow
def test_deadline_of_a_request_that_is_not_read(line: Line) -> None:
    """If the server reads nothing, sending ends at the deadline."""
    with Server(lambda _: time.sleep(1)) as server, timed(0.5):
        request = WireRequest.to_url("PUT", server.url, body=bytes(20_000_000))
        assert (False, True, True) == failed(line.send(request, seconds=0.5))


# The body


def gzipped(body: bytes, encoding: str = "gzip") -> bytes:
    """Return an answer with a compressed body."""
    return HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (HEAD + b"\r\nto the end", b"to the end"),
        (CHUNKED + b"2\r\nto\r\n4\r\n the\r\n0\r\n\r\n", b"to the"),
        (CHUNKED + b"2;x=1\r\nto\r\n0\r\nX-Sum: 1\r\n\r\n", b"to"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
        (HEAD + b"Content-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"{}"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (gzipped(gzip.compress(b"{}", mtime=0)), b"{}"),
        (gzipped(zlib.compress(b"{}"), "Deflate"), b"{}"),
        (gzipped(b"{}", "identity"), b"{}"),
        (gzipped(b""), b""),
    ],
    ids=[
        "until the end",
        "chunks",
        "extension and trailer",
        "204",
        "304",
        "empty",
        "informational first",
        "HTTP/1.0",
        "no phrase",
        "gzip",
        "deflate",
        "identity",
        "gzip, empty",
    ],
)
def test_a_whole_answer(line: Line, whole: bytes, expected: bytes) -> None:
    """All framings and encodings that are allowed are read, in one piece or byte by byte."""
    for pieces in ([whole], [whole[at : at + 1] for at in range(len(whole))]):
        with Server(sends(*pieces)) as server:
            assert expected == content(line.send(get(server.url)))


def test_an_answer_to_head_has_no_body(line: Line) -> None:
    """Whatever length it states; the connection is kept."""
    with Server(answering(HEAD + b"Content-Length: 9\r\n\r\n")) as server:
        for _ in range(2):
            outcome = answer(line.send(WireRequest.to_url("HEAD", server.url)))
            assert (b"", "9") == (outcome.body, outcome.headers["content-length"])
        assert 1 == server.connections


@pytest.mark.parametrize(
    ("packed", "retryable"),
    [
        (gzipped(gzip.compress(b"x" * 5000, mtime=0)[:-9]), True),
        (gzipped(b"not packed at all"), False),
        (gzipped(gzip.compress(b"{}", mtime=0) + b"more"), False),
        (gzipped(gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}", mtime=0)), False),
        (gzipped(b"{}", "br"), False),
        (gzipped(gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "gzip, gzip"), False),
    ],
    ids=["cut", "not packed", "more after it", "two in one", "unknown", "twice"],
)
def test_a_body_that_cannot_be_decompressed(line: Line, packed: bytes, *, retryable: bool) -> None:
    """It is no answer, not even in part; another attempt may help only if it was cut."""
    with Server(sends(packed)) as server:
        assert (False, False, retryable) == failed(line.send(get(server.url)))


@pytest.mark.parametrize(
    "long",
    [
        HEAD + b"\r\n" + b"x" * 1001,
        HEAD + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001,
        CHUNKED + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
        gzipped(gzip.compress(b"x" * 1001)),
    ],
    ids=["until the end", "length", "chunks", "gzip"],
)
def test_the_bound_of_a_body(connect: Connect, long: bytes) -> None:
    """A body of one byte more than allowed is no answer, and never will be; one byte less is fine."""
    with Server(sends(long)) as server:
        outcome = connect().send(get(server.url), max_bytes=1000)
        assert (False, False, False) == failed(outcome)
        assert "InvalidBody: the body is over 1000 bytes" == reason(outcome)
        assert 1001 == len(content(connect().send(get(server.url), max_bytes=1001)))


def test_a_body_that_is_too_long_by_its_own_words_is_not_waited_for(line: Line) -> None:
    """Its length says so before it comes."""
    with Server(drip(HEAD + b"Content-Length: 9999999999\r\n\r\n", b"x")) as server:
        began = time.monotonic()
        assert (False, False, False) == failed(line.send(get(server.url)))
        assert 2 > time.monotonic() - began


# What goes over the wire


@pytest.mark.slow
def test_a_large_body_that_waits_for_its_turn() -> None:
    """Behind as many slow ones as an event loop reads at a time: the error says what it waited for."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD + b"Content-Length: 2000000\r\n\r\n", bytes(1_900_000))
        peer.stall()

    async def scenario() -> list[Outcome]:
        transport = aio.AsyncTransport()

        async def sent(seconds: float) -> Outcome:
            return await transport.send(get(server.url), time.monotonic() + seconds, 3_000_000)

        slow = [asyncio.create_task(sent(1.5)) for _ in range(aio.LARGE_BODIES)]
        await asyncio.sleep(0.2)
        late = await sent(0.5)
        found = [late, *await asyncio.gather(*slow)]
        await transport.aclose()
        return found

    with Server(behave) as server:
        late, *slow = map(reason, asyncio.run(scenario()))
    assert f"ReadTimeout: the deadline is over, while 8 other large bodies of {server.url} were read" == late
    assert ["ReadTimeout: the deadline is over"] * 8 == slow


BEFORE = pytest.mark.parametrize("status", [b"200 OK", b"422 No"])
ENCRYPTED = pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
LARGE = b"x" * 12_000_000
"""More than any socket holds."""


@pytest.mark.slow
@BEFORE
@ENCRYPTED
def test_an_answer_before_the_request_was_taken(connect: Connect, status: bytes, *, encrypted: bool) -> None:
    """If the rest cannot be sent it is no answer to the request, of which nobody knows what became."""

    def behave(peer: Peer) -> None:
        peer.head()
        peer.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}", pause=0.1)
        peer.reset()

    with Server(behave, certified() if encrypted else None) as server:
        outcome = connect(ssl_context=trusting()).send(post(server.url, LARGE))
    assert (False, False, True) == failed(outcome)


@pytest.mark.slow
@BEFORE
@ENCRYPTED
def test_an_answer_before_the_request_that_is_taken_later(connect: Connect, status: bytes, *, encrypted: bool) -> None:
    """It is the answer, once all was sent; the connection serves on."""

    def behave(peer: Peer) -> None:
        peer.head()
        peer.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}", pause=0.1)
        peer.request()
        echo(peer)

    with Server(behave, certified() if encrypted else None) as server:
        line = connect(ssl_context=trusting())
        assert int(status[:3]) == answer(line.send(post(server.url, LARGE))).status
        assert b"/next" == content(line.send(get(f"{server.url}/next")))
        assert (1, LARGE) == (server.connections, server.requests[0][-len(LARGE) :])


@pytest.mark.slow
def test_an_answer_before_a_request_that_is_never_taken(line: Line) -> None:
    """It is waited for until the deadline that the rest is taken."""

    def behave(peer: Peer) -> None:
        peer.head()
        peer.send(OK)
        ended.wait(5)

    ended = threading.Event()
    with Server(behave) as server:
        with timed(0.5):
            assert (False, True, True) == failed(line.send(post(server.url, LARGE), seconds=0.5))
        ended.set()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(line: Line, status: int) -> None:
    """Not a byte arrives at the other host."""
    with Server(echo) as other:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        with Server(answering(moved)) as server:
            assert status == answer(line.send(get(server.url, authorization="Bearer secret"))).status
        assert 0 == other.connections


@pytest.mark.parametrize("path", ["/a%2Fb/%2e%2e/x", "/%2E/?q=%2F&r=%20+", "/a//b;c=d,e", "/?a=%C3%A9&b=[1]", "/?'<>"])
def test_the_path_is_sent_byte_for_byte(line: Line, path: str) -> None:
    """What was encoded stays so, and nothing climbs."""
    with Server(echo) as server:
        assert path.encode() == content(line.send(get(server.url + path)))


def test_no_header_is_added(line: Line) -> None:
    """What is sent is what was given, with Host, and the length of a body."""
    with Server(answering(OK)) as server:
        line.send(get(server.url, **{"X-One": "1", "Authorization": "Bearer x"}))
        line.send(WireRequest.to_url("POST", server.url))
        line.send(WireRequest.to_url("DELETE", server.url))
    sent = [request.split(b"\r\n")[1:-2] for request in server.requests]
    host = f"Host: 127.0.0.1:{server.port}".encode()
    assert [
        [host, b"X-One: 1", b"Authorization: Bearer x"],
        [host, b"Content-Length: 0"],
        [host],
    ] == sent


@pytest.mark.parametrize("size", [13, 65_536, 65_537, 3_000_000])
def test_the_body_is_sent(line: Line, size: int) -> None:
    """As it is, with its length."""
    body = b"x" * size
    with Server(answering(OK)) as server:
        assert b"{}" == content(line.send(post(server.url, body)))
        assert server.requests[0].endswith(b"Content-Length: %d\r\n\r\n" % size + body)


NOWHERE = Origin.parse("http://127.0.0.1:1")
INVALID: dict[str, WireRequest] = {
    "a header in a header": get("http://127.0.0.1:1", **{"X-One": "1\r\nX-Two: 2"}),
    "a line feed in a header": get("http://127.0.0.1:1", **{"X-One": "1\nX-Two: 2"}),
    "a NUL in a header": get("http://127.0.0.1:1", **{"X-One": "1\0"}),
    "a header that is not ASCII": get("http://127.0.0.1:1", **{"X-One": "é"}),
    "blanks around a header": get("http://127.0.0.1:1", **{"X-One": " 1"}),
    "a colon in a name": get("http://127.0.0.1:1", **{"X-One:": "1"}),
    "a name with a line": get("http://127.0.0.1:1", **{"X\r\nY": "1"}),
    "no name": get("http://127.0.0.1:1", **{"": "1"}),
    "another length": get("http://127.0.0.1:1", **{"Content-Length": "9"}),
    "another host": get("http://127.0.0.1:1", Host="other.example"),
    "another encoding": get("http://127.0.0.1:1", **{"transfer-encoding": "chunked"}),
    "a blank in the path": WireRequest("GET", NOWHERE, "/a b"),
    "a line in the path": WireRequest("GET", NOWHERE, "/a HTTP/1.1\r\nX: y"),
    "a path that is not ASCII": WireRequest("GET", NOWHERE, "/é"),
    "a path without a slash": WireRequest("GET", NOWHERE, "orders"),
    "a fragment": WireRequest("GET", NOWHERE, "/#x"),
    "a blank in the method": WireRequest("GET /x", NOWHERE, "/"),
}


@pytest.mark.parametrize("request_", INVALID.values(), ids=INVALID)
def test_a_request_that_cannot_be_sent(line: Line, request_: WireRequest) -> None:
    """It does not split a request; nothing was sent, no attempt helps, and the reason quotes nothing of it."""
    outcome = line.send(request_)
    assert (True, False, False) == failed(outcome)
    assert reason(outcome).startswith("LocalProtocolError: ")
    assert "X-" not in reason(outcome)


def test_headers_that_come_twice(line: Line) -> None:
    """Both cookies are there; neither is sent by the next request."""
    with Server(answering(HEAD + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n")) as server:
        outcome = answer(line.send(get(server.url)))
        line.send(get(server.url))
    assert ["a=1", "b=2"] == outcome.headers.get_list("Set-Cookie")
    assert b"cookie" not in b"".join(server.requests).lower()


def test_logs_hold_no_secret(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """No logger writes down what was sent, or a cookie that came."""
    caplog.set_level(logging.DEBUG)
    cookie = HEAD + b"Set-Cookie: session=hidden\r\nContent-Length: 6\r\n\r\nhidden"
    with Server(answering(cookie)) as server:
        outcome = line.send(post(server.url + "/?hidden", b"hidden"))
    assert "hidden" not in caplog.text
    assert "hidden" not in repr(outcome)
    assert "hidden" not in repr(post(server.url + "/?hidden", b"hidden"))
