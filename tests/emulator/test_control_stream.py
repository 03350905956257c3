"""The stream of what happens in a world, over HTTP."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from support.control_requests import ORDER, SHOE, refund
from support.polling import until


def test_the_head_of_the_stream_holds_no_stream(emulator: Emulator) -> None:
    """It has no body, which nobody would read to its end."""
    for _ in range(3):
        answer = httpx.head(f"{emulator.address}/_emulator/stream?since=0", timeout=5)
        assert (200, "text/event-stream") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    assert 0 == emulator.worlds.streams


@pytest.mark.slow
def test_a_caller_that_leaves_before_its_body_has_come_is_no_failure(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is done, and nothing is answered."""
    address = emulator.address.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as connection:
        head = f"POST /_emulator/clock HTTP/1.1\r\nhost: {':'.join(address)}\r\ncontent-length: 50\r\n\r\n"
        connection.sendall(head.encode() + b"{")
        time.sleep(0.2)
    time.sleep(0.3)
    assert [] == caplog.records
    assert 200 == httpx.get(f"{emulator.address}/_emulator/clock").status_code


@contextlib.contextmanager
def streaming(emulator: Emulator, **query: Any) -> Generator[Iterator[dict[str, Any]]]:
    """Give what comes, as it comes."""
    with httpx.Client(timeout=10) as client:
        with client.stream("GET", f"{emulator.address}/_emulator/stream", params=query) as answer:
            assert "text/event-stream; charset=utf-8" == answer.headers["content-type"]
            lines = answer.iter_lines()
            assert next(lines).startswith(":")
            yield (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_the_stream_tells_what_happens(emulator: Emulator) -> None:
    """One line of JSON for each thing, from the moment on when somebody listens."""
    refund(emulator)
    with streaming(emulator) as told:
        refunding = threading.Thread(target=refund, args=(emulator,))
        refunding.start()
        first, second = next(told), next(told)
        emulator.state("crossmint").transition(SHOE.partition(":")[2], "start")
        third = next(told)
        refunding.join()
    assert [("change", ORDER), ("call", ORDER), ("change", SHOE)] == [
        (each["kind"], each["order"]) for each in (first, second, third)
    ]
    assert [3, 4, 5] == [each["number"] for each in (first, second, third)]


def test_the_stream_goes_on_where_it_was_left(emulator: Emulator) -> None:
    """With what has come since an entry's number."""
    for _ in range(3):
        refund(emulator)
    with streaming(emulator, since=2) as told:
        assert [3, 4, 5, 6] == [next(told)["number"] for _ in range(4)]


def test_a_reader_that_leaves_is_forgotten(emulator: Emulator) -> None:
    """So that nothing is kept for it."""
    with streaming(emulator):
        assert 1 == len(emulator.world.journal.listeners)
    until(lambda: not emulator.world.journal.listeners)


def test_the_emulator_stops_at_once_with_a_reader(capfd: pytest.CaptureFixture[str]) -> None:
    """Whose stream ends."""
    with contextlib.ExitStack() as until_then:
        with Emulator() as emulator:
            told = until_then.enter_context(streaming(emulator))
            start = time.monotonic()
        assert time.monotonic() - start < 2
        with pytest.raises(httpx.TransportError):
            next(told)
    assert "" == capfd.readouterr().err


@pytest.mark.slow
def test_the_journal_is_bounded(emulator: Emulator) -> None:
    """It keeps the last 10,000 entries."""
    for number in range(10_005):
        emulator.world.note("fault", waiting=number)
    entries = emulator.world.journal.since()
    assert (10_000, 6, 10_005) == (len(entries), entries[0].number, entries[-1].number)
