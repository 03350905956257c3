"""Calls that are ended from outside: by signals, cancellation, forks. No later call hangs, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from ordermux.transport.aio import AsyncTransport
from ordermux.transport.attempt import Attempt
from ordermux.transport.network import NetworkSettings
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import Outcome, RawResponse
from support.alarms import alarm
from support.certificates import authority, certified
from support.lines import MAX_BYTES, content, get
from support.raw_server import Peer, Server, echo

SEARCH = os.pathsep.join(filter(None, sys.path))
CONNECTIONS = 4

# Makes calls in the main thread while an alarm raises at random points in it, and four threads make calls too. Prints
# the longest call, how many were interrupted, how many answers were another's, and how many places there are in the
# end.
_SIGNALS = """
import faulthandler, random, signal, sys, threading, time
from ordermux.transport.network import NetworkSettings
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import RawResponse, WireRequest

address, seed, calls, connections = sys.argv[1], *map(int, sys.argv[2:])
chance, transport = random.Random(seed), SyncTransport(NetworkSettings(connections=connections))
wrong, stop = [], threading.Event()
faulthandler.dump_traceback_later(60, exit=True)

class Interrupted(BaseException):
    pass

def interrupt(*_):
    raise Interrupted

def call(path):
    outcome = transport.send(WireRequest.to_url("GET", address + path), time.monotonic() + 2, 1000)
    if not isinstance(outcome, RawResponse) or outcome.body != path.encode():
        wrong.append((path, outcome))

def hammer(name):
    number = 0
    while not stop.is_set():
        number += 1
        call(f"/{name}/{number}")
        time.sleep(0.001)

threads = [threading.Thread(target=hammer, args=(name,), daemon=True) for name in range(2)]
for thread in threads:
    thread.start()
signal.signal(signal.SIGALRM, interrupt)
interrupted, longest = 0, 0.0
for number in range(calls):
    began = time.monotonic()
    try:
        try:
            seconds = chance.choice([0.00002, 0.0001, 0.0003, 0.001]) * (0.5 + chance.random())
            signal.setitimer(signal.ITIMER_REAL, seconds)
            call(f"/main/{number}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupted:
        interrupted += 1
    longest = max(longest, time.monotonic() - began)
stop.set()
for thread in threads:
    thread.join()
(pool,) = transport.pools.values()
print(longest, interrupted, len(wrong), pool.places.qsize(), wrong[:2])
transport.close()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers of signals here")
@pytest.mark.parametrize(("seed", "encrypted"), [*((seed, False) for seed in range(4)), (4, True)])
def test_signals(seed: int, tmp_path: Path, *, encrypted: bool) -> None:
    """After each of 2,500 calls that end at random points the next one is answered, and no place is lost."""
    authority().cert_pem.write_to_path(tmp_path / "authority.pem")
    environment = {**os.environ, "PYTHONPATH": SEARCH, "SSL_CERT_FILE": str(tmp_path / "authority.pem")}
    with Server(echo, certified() if encrypted else None) as server:
        ran = subprocess.run(
            [sys.executable, "-c", _SIGNALS, server.url, str(seed), "2500", "2"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment,
        )
    assert ("", 0) == (ran.stderr, ran.returncode)
    longest, interrupted, wrong, places, *shown = ran.stdout.split(" ", 4)
    assert (0, 2) == (int(wrong), int(places)), shown
    assert float(longest) < 3
    assert int(interrupted) > 500


class TimeLimit(Exception):
    """What a task queue raises in a job that takes too long, from the handler of a signal."""


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
@pytest.mark.parametrize("kind", [TimeLimit, TimeoutError])
def test_the_exception_of_a_signal_handler_passes(kind: type[Exception]) -> None:
    """Be it an Exception like any: it is not the network's. Its connection is closed, and its place is free again."""
    ended = threading.Event()

    def stall(peer: Peer) -> None:
        peer.path()  # its request is there, so that it waits for the answer
        ring()
        peer.stall()
        ended.set()

    transport = SyncTransport(NetworkSettings(connections=1))
    with contextlib.closing(transport), alarm(kind()) as ring:
        with Server(stall) as server, Server(echo) as other:
            with pytest.raises(kind):
                transport.send(get(server.url), time.monotonic() + 30, MAX_BYTES)
            assert ended.wait(5)
            assert b"/x" == content(transport.send(get(f"{other.url}/x"), time.monotonic() + 5, MAX_BYTES))


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
def test_the_timeout_of_a_signal_handler_passes_after_the_deadline_too() -> None:
    """Python calls a handler only after a wait that began just as the signal came."""
    error = TimeoutError("of the caller's own")
    with alarm(error), pytest.raises(TimeoutError) as raised:
        signal.raise_signal(signal.SIGALRM)
    with alarm(error), pytest.raises(TimeoutError) as passed:
        Attempt(time.monotonic() - 1, phase="Read", sent=True).failure(raised.value)
    assert error is passed.value


def slow_echo(peer: Peer) -> None:
    """Answer each request with its own target, after a moment, in two pieces."""
    while path := peer.path():
        time.sleep(0.002)
        peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(path)}\r\n\r\n".encode(), path.encode())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_cancellations(seed: int) -> None:
    """After 2,500 calls that are cancelled at random points four connections serve 200 more, each its own answer."""
    chance = random.Random(seed)

    async def scenario() -> tuple[list[bytes], float, int]:
        transport = AsyncTransport(NetworkSettings(connections=CONNECTIONS))

        async def call(path: str, seconds: float) -> Outcome:
            return await transport.send(get(server.url + path), time.monotonic() + seconds, MAX_BYTES)

        async def cancelled(path: str) -> float:
            began = time.monotonic()
            task = asyncio.create_task(call(path, chance.choice([0.001, 0.01, 2])))
            await asyncio.sleep(chance.choice([0, 0, 0.001, 0.005, 0.02]) * chance.random())
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                outcome = await task
                assert not isinstance(outcome, RawResponse) or path.encode() == outcome.body
            return time.monotonic() - began

        longest = 0.0
        for turn in range(50):
            took = await asyncio.gather(*(cancelled(f"/lost/{turn}/{number}") for number in range(50)))
            longest = max(longest, *took)
        answers = await asyncio.gather(*(call(f"/{number}", 20) for number in range(200)))
        (pool,) = transport.pools.values()
        places = pool.places._value
        await transport.aclose()
        return [content(answer) for answer in answers], longest, places

    with Server(slow_echo) as server:
        bodies, longest, places = asyncio.run(scenario())
    assert [f"/{number}".encode() for number in range(200)] == bodies
    assert CONNECTIONS == places
    assert longest < 3


def test_cancelling_passes() -> None:
    """A task that is cancelled ends as cancelled, be it in the head or in the body, and its connection is closed."""
    begun, ended = threading.Semaphore(0), threading.Semaphore(0)

    def drip(peer: Peer) -> None:
        if peer.path() == "/body":
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        begun.release()
        peer.stall()
        ended.release()

    async def scenario(path: str) -> None:
        transport = AsyncTransport()
        task = asyncio.create_task(transport.send(get(server.url + path), time.monotonic() + 30, MAX_BYTES))
        assert await asyncio.to_thread(begun.acquire, timeout=5)
        await asyncio.sleep(0.1)  # what was sent is read
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.acquire, timeout=5)
        await transport.aclose()

    with Server(drip) as server:
        for path in ("/head", "/body"):
            asyncio.run(scenario(path))


def test_an_outer_timeout_keeps_its_own_exception() -> None:
    """The caller's asyncio.timeout ends as it would around anything else."""

    async def scenario() -> None:
        transport = AsyncTransport()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await transport.send(get(server.url), time.monotonic() + 30, MAX_BYTES)
        await transport.aclose()

    with Server(Peer.stall) as server:
        asyncio.run(scenario())


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_with_a_warm_transport() -> None:
    """Parent and children get their own answers, though other threads are sending at the fork."""
    transport, stop, wrong = SyncTransport(), threading.Event(), list[object]()

    def own(path: str) -> bool:
        outcome = transport.send(get(server.url + path), time.monotonic() + 10, MAX_BYTES)
        return isinstance(outcome, RawResponse) and path.encode() == outcome.body

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
            sound = all(own(f"/child/{name}/{number}") for number in range(20))
            transport.close()
            os._exit(0 if sound else 1)
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_leaves_the_parents_connection_open() -> None:
    """The child closes its transport and ends; the parent's connection serves on."""
    transport = SyncTransport()
    with Server(echo) as server:
        assert b"/a" == content(transport.send(get(f"{server.url}/a"), time.monotonic() + 5, MAX_BYTES))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process == 0:
            try:
                transport.close()
            finally:
                os._exit(0)
        os.waitpid(process, 0)
        assert b"/b" == content(transport.send(get(f"{server.url}/b"), time.monotonic() + 5, MAX_BYTES))
        assert 1 == server.connections
        transport.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_an_async_transport_in_a_forked_process() -> None:
    """It opens connections of its own in the event loop of the child."""
    transport = AsyncTransport()

    async def asked(path: str) -> bytes:
        return content(await transport.send(get(server.url + path), time.monotonic() + 5, MAX_BYTES))

    async def closed(path: str) -> bytes:
        body = await asked(path)
        await transport.aclose()
        return body

    with Server(echo) as server, asyncio.Runner() as runner:
        assert b"/a" == runner.run(asked("/a"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process == 0:
            asyncio.set_event_loop(None)
            try:
                os._exit(0 if asyncio.run(closed("/child")) == b"/child" else 1)
            finally:
                os._exit(2)
        assert 0 == os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        assert b"/b" == runner.run(closed("/b"))
        assert 2 == server.connections


def test_nothing_is_left_open(recwarn: pytest.WarningsRecorder) -> None:
    """Not by calls that failed, nor by a client that was never closed."""
    with Server(echo) as server:
        transport = SyncTransport()
        transport.send(get(server.url), time.monotonic() + 5, MAX_BYTES)
        transport.send(get(server.url), time.monotonic() + 5, 0)
        del transport
    assert [] == [each for each in recwarn if issubclass(each.category, ResourceWarning)]


def test_an_async_transport_that_was_dropped() -> None:
    """Its connections are closed with it, though the loop runs on."""
    ended = threading.Event()

    def behave(peer: Peer) -> None:
        echo(peer)
        ended.set()

    async def scenario() -> None:
        transport = AsyncTransport()
        assert b"/x" == content(await transport.send(get(f"{server.url}/x"), time.monotonic() + 5, MAX_BYTES))
        del transport
        assert await asyncio.to_thread(ended.wait, 5)

    with Server(behave) as server:
        asyncio.run(scenario())
