"""Looking up a host: within the deadline, each of its addresses tried, and no look-up waited for in the end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ordermux.transport import resolve
from ordermux.transport.aio import AsyncTransport
from support.lines import MAX_BYTES, Connect, Line, content, failed, get, post, reason
from support.raw_server import Server, echo, timed

Found = list[tuple[Any, ...]]


def address(host: str, port: int) -> tuple[Any, ...]:
    """Return what a look-up finds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return family, socket.SOCK_STREAM, 6, "", (host, port)


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[int], Found]]:
    """Give the hosts that look-ups find, by their name."""
    known: dict[str, Callable[[int], Found]] = {}
    look_up = socket.getaddrinfo

    def getaddrinfo(host: bytes, port: int, *, type: int, flags: int) -> Any:  # noqa: A002 - its name
        if host.decode() in known and not flags & socket.AI_NUMERICHOST:
            return known[host.decode()](port)
        return look_up(host, port, type=type, flags=flags)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_a_name(line: Line) -> None:
    """It is looked up for each new connection."""
    with Server(echo) as server:
        assert b"/x" == content(line.send(get(f"http://localhost:{server.port}/x")))


def test_each_address_is_tried(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """The first that answers is taken, be it of another family."""
    hosts["shop.example"] = lambda port: [address(host, port) for host in ("127.0.0.2", "::1", "127.0.0.1")]
    with Server(echo) as server:
        assert b"/x" == content(line.send(get(f"http://shop.example:{server.port}/x")))


def test_an_address_of_a_family_that_the_system_has_not(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """The next one is tried."""
    hosts["shop.example"] = lambda port: [(99, socket.SOCK_STREAM, 6, "", ("::1", port)), address("127.0.0.1", port)]
    with Server(echo) as server:
        assert b"/x" == content(line.send(get(f"http://shop.example:{server.port}/x")))


@pytest.mark.slow
def test_each_address_has_its_share_of_the_time(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """One that does not answer leaves time for the next."""
    with contextlib.ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(silent.getsockname())
        server = stack.enter_context(Server(echo))
        hosts["shop.example"] = lambda _: [silent_address, address("127.0.0.1", server.port)]
        silent_address = address(*silent.getsockname())
        began = time.monotonic()
        assert b"/x" == content(line.send(get("http://shop.example/x"), seconds=4))
        assert 1.9 < time.monotonic() - began < 3.9


def test_the_last_address_tells_why(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """If none answers."""
    hosts["shop.example"] = lambda port: [address("127.0.0.2", port), address("127.0.0.1", port)]
    with socket.socket() as bound:  # and not listening: nobody else can have its port
        bound.bind(("", 0))
        outcome = line.send(post(f"http://shop.example:{bound.getsockname()[1]}/"))
    assert (True, False, True) == failed(outcome)
    assert reason(outcome).startswith("ConnectError: ")


def test_a_host_without_addresses(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """Nothing was sent."""
    hosts["shop.example"] = lambda _: []
    outcome = line.send(post("http://shop.example/"))
    assert (True, False, True) == failed(outcome)
    assert "ConnectError: the host has no address" == reason(outcome)


@pytest.mark.slow
def test_a_look_up_that_hangs(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """It is given up at the deadline; however many wait for it, one thread does."""
    ended, count = threading.Event(), list[int]()

    def hang(port: int) -> Found:
        count.append(port)
        ended.wait(30)
        return [address("127.0.0.1", port)]

    hosts["shop.example"] = hang
    with Server(echo) as server:
        url = f"http://shop.example:{server.port}"
        try:
            with timed(1.5):
                outcomes = line.send_all([post(url)] * 20, seconds=1.5)
            assert {(True, True, True)} == set(map(failed, outcomes))
            assert {"ConnectTimeout: the deadline is over"} == set(map(reason, outcomes))
            assert [server.port] == count
        finally:
            ended.set()
        assert b"/x" == content(line.send(get(f"{url}/x")))


def test_a_look_up_that_fails_is_tried_again(line: Line, hosts: dict[str, Callable[[int], Found]]) -> None:
    """By the next request."""
    outcomes: list[Any] = [socket.gaierror(-3, "Temporary failure in name resolution"), [address("127.0.0.1", 0)]]

    def flaky(port: int) -> Found:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return [address("127.0.0.1", port)]

    hosts["shop.example"] = flaky
    with Server(echo) as server:
        url = f"http://shop.example:{server.port}/x"
        assert "ConnectError: [Errno -3] Temporary failure in name resolution" == reason(line.send(get(url)))
        assert b"/x" == content(line.send(get(url)))
    assert {} == resolve.under_way


def test_an_address_needs_no_thread(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a name is looked up."""

    def refuse(_: object) -> None:
        pytest.fail("it is no name")

    monkeypatch.setattr(resolve.LookUp, "start", refuse)
    with Server(echo) as server:
        assert b"/x" == content(connect().send(get(f"{server.url}/x")))


def test_no_thread_is_left(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program at its end, or at its limit, looks up itself."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(resolve.LookUp, "start", refuse)
    with Server(echo) as server:
        assert b"/x" == content(line.send(get(f"http://localhost:{server.port}/x")))


_ENDS = """
import asyncio, socket, sys, time
look_up = socket.getaddrinfo

def hang(host, port, *args, flags=0, **options):
    if flags & socket.AI_NUMERICHOST:
        return look_up(host, port, *args, flags=flags, **options)
    time.sleep(90)

socket.getaddrinfo = hang
from ordermux.transport.aio import AsyncTransport
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import WireRequest
request = WireRequest.to_url("GET", "http://shop.example/")
print(SyncTransport().send(request, time.monotonic() + 1.5, 1).reason)
print(asyncio.run(AsyncTransport().send(request, time.monotonic() + 1.5, 1)).reason)
"""


@pytest.mark.slow
def test_no_program_waits_for_a_look_up_at_its_end() -> None:
    """Nor does asyncio.run, which waits for the threads of its executor."""
    ran = subprocess.run([sys.executable, "-c", _ENDS], capture_output=True, text=True, check=True, timeout=60)
    assert ["ConnectTimeout: the deadline is over"] * 2 == ran.stdout.splitlines()


def test_a_look_up_that_outlives_its_event_loop(hosts: dict[str, Callable[[int], Found]]) -> None:
    """It wakes nobody, and nothing is raised in its thread."""
    ended = threading.Event()

    def hang(port: int) -> Found:
        ended.wait(30)
        return [address("127.0.0.1", port)]

    hosts["shop.example"] = hang
    transport = AsyncTransport()
    outcome = asyncio.run(transport.send(get("http://shop.example/"), time.monotonic() + 1.5, MAX_BYTES))
    assert (True, True, True) == failed(outcome)
    (pending,) = resolve.under_way.values()
    ended.set()
    pending.join(5)
    assert not pending.is_alive()
