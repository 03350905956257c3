"""Connections that are kept: when they are used again, when not, and that no answer is taken for another's."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ordermux.transport import aio, aio_connection, connection, network, pool, sync
from ordermux.transport.aio import AsyncTransport
from ordermux.transport.attempt import Attempt
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import Outcome, WireRequest
from support.certificates import certified, trusting
from support.lines import MAX_BYTES, Connect, Line, content, failed, get, post, reason
from support.polling import until
from support.raw_server import OK, Behaviour, Peer, Server, answering, echo

FOREIGN = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n/foreign"
TLS = pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])


def test_connections_are_kept(line: Line) -> None:
    """Requests one after the other share a connection."""
    with Server(echo) as server:
        assert [b"/0", b"/1", b"/2"] == [content(line.send(get(f"{server.url}/{n}"))) for n in range(3)]
        assert 1 == server.connections


def test_a_fresh_connection_if_one_is_asked_for(line: Line) -> None:
    """It serves later requests that do not mind."""
    with Server(echo) as server:
        fresh = [WireRequest.to_url("POST", f"{server.url}/{n}", fresh=True) for n in range(2)]
        assert [b"/0", b"/1"] == [content(line.send(request)) for request in fresh]
        assert 2 == server.connections
        assert b"/2" == content(line.send(get(f"{server.url}/2")))
        assert 2 == server.connections


@pytest.mark.parametrize("close", [b"Connection: close", b"connection: keep-alive, Close"])
def test_a_server_that_closes(line: Line, close: bytes) -> None:
    """Its connection is not kept."""
    with Server(answering(OK.replace(b"\r\n\r\n", b"\r\n" + close + b"\r\n\r\n"))) as server:
        assert [b"{}", b"{}"] == [content(line.send(get(server.url))) for _ in range(2)]
        assert 2 == server.connections


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", "GET"])
def test_a_kept_connection_that_ends_on_the_next_request(line: Line, method: str) -> None:
    """Nothing is sent once more, though libraries do that: only the caller knows whether it may be."""

    def behave(peer: Peer) -> None:
        if peer.request():
            peer.send(OK)
            peer.request()

    with Server(behave) as server:
        assert b"{}" == content(line.send(get(server.url)))
        assert (False, False, True) == failed(line.send(WireRequest.to_url(method, server.url)))
        assert (2, 1) == (len(server.requests), server.connections)


@pytest.mark.slow
@TLS
@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
def test_a_kept_connection_that_ended_while_idle(connect: Connect, *, encrypted: bool, reset: bool) -> None:
    """It is not used: the request goes over a new one, and is answered."""
    read, ended = threading.Semaphore(0), threading.Semaphore(0)

    def behave(peer: Peer) -> None:
        if peer.request():
            peer.send(OK)
            if reset:
                read.acquire(timeout=5)  # the client reads the answer first
                peer.reset()
            else:
                peer.hang_up()
            ended.release()

    with Server(behave, certified() if encrypted else None) as server:
        line = connect(ssl_context=trusting())
        for _ in range(3):
            assert b"{}" == content(line.send(post(server.url)))
            read.release()
            ended.acquire()
            time.sleep(0.02)  # the end arrives
        assert (3, 3) == (len(server.requests), server.connections)


@pytest.mark.parametrize("surplus", [FOREIGN, FOREIGN[:7], b"\r\n", b"x"], ids=["answer", "half", "line", "byte"])
def test_a_surplus_with_the_answer(line: Line, surplus: bytes) -> None:
    """What a server sends beyond its answer is not taken for the answer to the next request."""

    def behave(peer: Peer) -> None:
        while path := peer.path():
            peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{path}".encode() + surplus)

    with Server(behave) as server:
        assert [f"/{name}".encode() for name in "abcd"] == [
            content(line.send(get(f"{server.url}/{n}"))) for n in "abcd"
        ]
        assert 4 == server.connections


@pytest.mark.slow
@TLS
@pytest.mark.parametrize("surplus", [FOREIGN, FOREIGN[:7], b"x"], ids=["answer", "half", "byte"])
def test_a_surplus_that_comes_while_idle(connect: Connect, surplus: bytes, *, encrypted: bool) -> None:
    """It is no answer to the next request, however long it was there, in whatever pieces."""
    read, told = threading.Semaphore(0), threading.Semaphore(0)

    def behave(peer: Peer) -> None:
        while path := peer.path():
            peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{path}".encode())
            read.acquire(timeout=5)  # the client reads the answer first
            peer.send(surplus)
            told.release()

    with Server(behave, certified() if encrypted else None) as server:
        line = connect(ssl_context=trusting())
        for name in "abc":
            assert f"/{name}".encode() == content(line.send(get(f"{server.url}/{name}")))
            read.release()
            told.acquire()
            time.sleep(0.02)  # it arrives
        assert 3 == server.connections


@TLS
@pytest.mark.parametrize("busy", [False, True], ids=["event loop idle", "event loop busy"])
def test_a_surplus_is_seen_by_an_event_loop(*, encrypted: bool, busy: bool) -> None:
    """Be the loop idle meanwhile, so that it reads the surplus, or busy, so that it waits in the socket."""
    read, told = threading.Semaphore(0), threading.Semaphore(0)

    def behave(peer: Peer) -> None:
        while path := peer.path():
            peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{path}".encode())
            read.acquire(timeout=5)
            peer.send(FOREIGN)
            told.release()

    async def scenario() -> list[bytes]:
        transport, bodies = AsyncTransport(network.NetworkSettings(ssl_context=trusting())), list[bytes]()
        for name in "abc":
            outcome = await transport.send(get(f"{server.url}/{name}"), time.monotonic() + 5, MAX_BYTES)
            bodies.append(content(outcome))
            read.release()
            if busy:
                told.acquire()
                time.sleep(0.02)  # noqa: ASYNC251 - the loop is to be busy
            else:
                await asyncio.to_thread(told.acquire)
                await asyncio.sleep(0.02)
        await transport.aclose()
        return bodies

    with Server(behave, certified() if encrypted else None) as server:
        assert [b"/a", b"/b", b"/c"] == asyncio.run(scenario())
        assert 3 == server.connections


# New connections


def greets(first: bytes, told: threading.Event) -> Behaviour:
    """Return the behaviour that sends something before any request, and says when it did."""

    def behave(peer: Peer) -> None:
        peer.send(first)
        told.set()
        peer.stall()

    return behave


def arrived(told: threading.Event) -> None:
    """Wait until what was sent has arrived."""
    assert told.wait(10)
    time.sleep(0.02)


@TLS
@pytest.mark.parametrize("first", [OK, b"x", b""], ids=["answer", "byte", "nothing"])
@pytest.mark.parametrize("kind", ["sync", "event loop idle", "event loop busy"])
def test_an_answer_before_the_request_is_seen(first: bytes, kind: str, *, encrypted: bool) -> None:
    """A connection is quiet if nothing came but what TLS has to say for itself, such as its tickets."""
    context, told = trusting() if encrypted else None, threading.Event()

    def sync_quiet() -> bool:
        attempt = Attempt(time.monotonic() + 5)
        with contextlib.closing(connection.connect("127.0.0.1", server.port, attempt)) as opened:
            if context:
                opened.start_tls(context, "127.0.0.1", attempt)
            arrived(told)
            return opened.is_quiet() and opened.is_quiet()

    async def async_quiet() -> bool:
        attempt, loop = Attempt(time.monotonic() + 5), asyncio.get_running_loop()
        opened = await aio_connection.connect(loop, "127.0.0.1", server.port, attempt, context)
        await asyncio.sleep(0.01)  # a loop may send its part of the handshake only now
        await asyncio.to_thread(arrived, told) if kind == "event loop idle" else arrived(told)
        quiet = await opened.is_quiet() and await opened.is_quiet()
        opened.abort()
        await asyncio.sleep(0)
        return quiet

    with Server(greets(first, told), certified() if encrypted else None) as server:
        assert (not first) == (sync_quiet() if kind == "sync" else asyncio.run(async_quiet()))


def test_nothing_is_sent_after_an_answer_that_came_too_early(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request was not sent, and another attempt may help."""
    told, sync_connect, async_connect = threading.Event(), connection.connect, aio_connection.connect

    def slow_connect(*args: Any) -> Any:
        opened = sync_connect(*args)
        arrived(told)
        return opened

    async def slow_async_connect(*args: Any) -> Any:
        opened = await async_connect(*args)
        arrived(told)
        return opened

    monkeypatch.setattr(sync, "connect", slow_connect)
    monkeypatch.setattr(aio, "connect", slow_async_connect)
    with Server(greets(OK, told)) as server:
        outcome = line.send(post(server.url))
        assert (True, False, True) == failed(outcome)
        assert "ConnectError: bytes or the end came before a request" == reason(outcome)
        assert [] == server.requests


# How many


@pytest.mark.slow
def test_all_connections_taken(connect: Connect) -> None:
    """Who waits for a place until the time is over has sent nothing; once there is one again, it is used."""
    line = connect(connections=1)

    def behave(peer: Peer) -> None:
        while path := peer.path():
            if path == "/slow":
                peer.stall()
            peer.send(OK)

    with Server(behave) as server:
        outcomes = line.send_all([post(f"{server.url}/slow")] * 2, seconds=1.5)
        assert [(False, True, True), (True, True, True)] == sorted(map(failed, outcomes))
        assert 1 == len(server.requests)
        assert b"{}" == content(line.send(get(server.url)))
        assert 2 == server.connections


def test_no_more_connections_than_allowed(connect: Connect) -> None:
    """Fifty requests at once go over three, and all are answered."""
    with Server(echo) as server:
        outcomes = connect(connections=3).send_all([get(f"{server.url}/{number}") for number in range(50)])
        assert [f"/{number}".encode() for number in range(50)] == [content(outcome) for outcome in outcomes]
        assert 3 >= server.connections


@pytest.mark.slow
def test_an_idle_connection_expires(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time it is closed, not used; those to other servers are closed with the next new one."""
    for module in (pool, aio):
        monkeypatch.setattr(module, "KEEP_ALIVE", 0.1)
    ended = list[str]()

    def behave(peer: Peer) -> None:
        while peer.request():
            peer.send(OK)
        ended.append("ended")

    with Server(behave) as one, Server(behave) as other:
        for url in (one.url, other.url):
            line.send(get(url))
        time.sleep(0.2)
        line.send(get(one.url))
        until(lambda: len(ended) == 2)
        assert (2, 1) == (one.connections, other.connections)


@pytest.mark.slow
def test_idle_connections_expire_beside_one_that_is_in_use(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a burst those that nobody needs are closed, though no new one is opened."""
    for module in (pool, aio):
        monkeypatch.setattr(module, "KEEP_ALIVE", 2.5)
        monkeypatch.setattr(module, "SWEEP", 0.05)
    together, ended = threading.Barrier(8), list[str]()

    def behave(peer: Peer) -> None:
        while path := peer.path():
            if path == "/burst":
                together.wait(5)
            peer.send(OK)
        ended.append("ended")

    with Server(behave) as server, Server(echo) as other:
        line.send(get(f"{other.url}/x"))
        line.send_all([get(f"{server.url}/burst")] * 8)
        opened = server.connections

        def all_ended() -> bool:
            line.send(get(f"{other.url}/x"))
            return len(ended) == 8

        until(all_ended)
        assert (8, 8, 1) == (opened, server.connections, other.connections)


def test_a_closed_line_opens_again(line: Line) -> None:
    """Closing lets go of the connections; a later request opens new ones."""
    with Server(echo) as server:
        assert b"/a" == content(line.send(get(f"{server.url}/a")))
        line.hang_up()
        assert b"/b" == content(line.send(get(f"{server.url}/b")))
        assert 2 == server.connections


@pytest.mark.slow
def test_closing_while_a_request_is_under_way() -> None:
    """It is answered, and its connection is closed after that."""
    arrived, closed, ended = threading.Event(), threading.Event(), threading.Event()

    def behave(peer: Peer) -> None:
        while peer.request():
            arrived.set()
            closed.wait(5)
            peer.send(OK)
        ended.set()

    async def scenario() -> Outcome:
        transport = AsyncTransport()
        task = asyncio.create_task(transport.send(get(server.url), time.monotonic() + 5, MAX_BYTES))
        await asyncio.to_thread(arrived.wait)
        await transport.aclose()
        closed.set()
        outcome = await task
        assert await asyncio.to_thread(ended.wait, 5)
        return outcome

    with Server(behave) as server:
        assert b"{}" == content(asyncio.run(scenario()))
    for event in (arrived, closed, ended):
        event.clear()
    with Server(behave) as server, ThreadPoolExecutor(1) as threads:
        transport = SyncTransport()
        outcome = threads.submit(transport.send, get(server.url), time.monotonic() + 5, MAX_BYTES)
        arrived.wait()
        transport.close()
        closed.set()
        assert b"{}" == content(outcome.result())
        assert ended.wait(5)


@pytest.mark.slow
def test_each_gets_its_own_answer(line: Line) -> None:
    """64 at a time on one transport, over and over."""
    with Server(echo) as server:
        for turn in range(5):
            paths = [f"/{turn}/{n}" for n in range(64)]
            outcomes = line.send_all([get(server.url + path) for path in paths])
            assert [path.encode() for path in paths] == [content(outcome) for outcome in outcomes]


def test_a_closed_client_in_another_event_loop() -> None:
    """Closed or not, it opens connections of its own in each; the loops share none."""
    transport = AsyncTransport()

    async def asked(path: str, *, close: bool) -> bytes:
        outcome = await transport.send(get(server.url + path), time.monotonic() + 5, MAX_BYTES)
        if close:
            await transport.aclose()
        return content(outcome)

    with Server(echo) as server:
        assert b"/a" == asyncio.run(asked("/a", close=True))
        assert b"/b" == asyncio.run(asked("/b", close=True))
        assert (2, {}) == (server.connections, transport.pools)


def test_two_event_loops_at_once() -> None:
    """One transport serves threads with a loop each."""
    transport = AsyncTransport()

    async def asked(name: str) -> list[bytes]:
        paths = [f"/{name}/{number}" for number in range(50)]
        outcomes = [await transport.send(get(server.url + path), time.monotonic() + 5, MAX_BYTES) for path in paths]
        await transport.aclose()
        return [content(outcome) for outcome in outcomes]

    def run(name: str) -> list[bytes]:
        return asyncio.run(asked(name))

    with Server(echo) as server, ThreadPoolExecutor(4) as threads:
        found = list(threads.map(run, "abcd"))
        assert [[f"/{name}/{number}".encode() for number in range(50)] for name in "abcd"] == found
        assert 4 == server.connections


def test_a_loop_that_ended_without_closing_is_forgotten() -> None:
    """Nothing of it is kept once there is another."""
    transport = AsyncTransport()

    async def asked() -> bytes:
        return content(await transport.send(get(server.url), time.monotonic() + 5, MAX_BYTES))

    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with Server(answering(closing)) as server:
        assert [b"{}"] * 3 == [asyncio.run(asked()) for _ in range(3)]
    assert 1 == len(transport.pools)
