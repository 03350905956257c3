"""What goes over the wire, and requests that are answered before they were taken. Sync and async."""

from __future__ import annotations

import logging
import threading

import pytest

from ordermux.transport.wire import Origin, WireRequest
from support.certificates import certified, trusting
from support.lines import Connect, Line, answer, content, failed, get, post, reason
from support.raw_answers import HEAD
from support.raw_server import OK, Peer, Server, answering, echo, timed

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
