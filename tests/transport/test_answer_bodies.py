"""Bodies of answers: whole ones, compressed ones, and ones that are too long. Sync and async."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib

import pytest

from ordermux.transport import aio
from ordermux.transport.wire import Outcome, WireRequest
from support.lines import Connect, Line, answer, content, failed, get, reason
from support.raw_answers import CHUNKED, HEAD, drip, sends
from support.raw_server import OK, Peer, Server, answering


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
        assert 4 > time.monotonic() - began


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

        slow = [asyncio.create_task(sent(3.5)) for _ in range(aio.LARGE_BODIES)]
        async with asyncio.timeout(3):
            while not any(  # noqa: ASYNC110 - nothing tells
                large.locked() for pool in transport.pools.values() for large in pool.large.values()
            ):
                await asyncio.sleep(0.01)
        late = await sent(1.5)
        found = [late, *await asyncio.gather(*slow)]
        await transport.aclose()
        return found

    with Server(behave) as server:
        late, *slow = map(reason, asyncio.run(scenario()))
    assert f"ReadTimeout: the deadline is over, while 8 other large bodies of {server.url} were read" == late
    assert ["ReadTimeout: the deadline is over"] * 8 == slow
