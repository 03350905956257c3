"""One attempt that gets no whole answer in time, and what it is taken for. Sync and async."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time

import pytest

from ordermux.transport.network import NetworkSettings
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import WireRequest
from support.certificates import certified, trusting
from support.lines import Line, content, failed, get, post, reason
from support.ports import kept_port
from support.raw_answers import CHUNKED, HEAD, after_request, drip, sends
from support.raw_server import OK, Behaviour, Peer, Server, answering, echo, timed

# The connection


def test_refused(line: Line) -> None:
    """Nothing was sent, and another attempt may help."""
    with kept_port() as port:
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
    ended = threading.Event()

    def behave(_: Peer) -> None:
        ended.wait(5)

    with Server(behave) as server:
        request = WireRequest.to_url("PUT", server.url, body=bytes(20_000_000))
        with timed(0.5):
            assert (False, True, True) == failed(line.send(request, seconds=0.5))
        ended.set()
