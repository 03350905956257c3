"""Large answers, many at once, and those that grow: a process holds what it asked for, and not much more."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib

import pytest

from support.lines import LINES
from support.raw_server import Peer, Server, answering

SEARCH = os.pathsep.join(filter(None, sys.path))
MEGABYTE = 1_000_000
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KB on Linux")

_GROWN = """
import asyncio, resource, sys, time
from support.lines import LINES, answer, get

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

kind, url, count, max_bytes = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
line = LINES[kind]()
before = peak()
if count == 1:
    print(getattr(line.send(get(url), seconds=60, max_bytes=max_bytes), "reason", "answered"))
else:
    async def size():
        outcome = await line.transport.send(get(url), time.monotonic() + 60, max_bytes)
        return len(answer(outcome).body)

    async def all_of_them():
        return sum(await asyncio.gather(*(size() for _ in range(count))))

    print(line.run(all_of_them()))
print(peak() - before)
line.close()
"""


def grown(kind: str, url: str, count: int, max_bytes: int) -> tuple[str, int]:
    """Return what a process of its own makes of so many answers at once, and by how many bytes its memory grew."""
    arguments = [sys.executable, "-c", _GROWN, kind, url, str(count), str(max_bytes)]
    ran = subprocess.run(
        arguments, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": SEARCH}, timeout=120
    )
    outcome, size = ran.stdout.splitlines()
    return outcome, int(size)


def compressed(megabytes: int) -> bytes:
    """Return an answer of so many megabytes of nothing, compressed."""
    packer = zlib.compressobj(1, wbits=31)
    body = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.slow
@pytest.mark.parametrize("kind", LINES)
def test_a_body_that_grows(kind: str) -> None:
    """Half a gigabyte in half a megabyte makes no process grow by more than 50 MB."""
    with Server(answering(compressed(500))) as server:
        outcome, size = grown(kind, server.url, 1, 10 * MEGABYTE)
    assert "InvalidBody: the body is over 10000000 bytes" == outcome
    assert 50 * MEGABYTE > size


@pytest.mark.slow
@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("framing", [b"Content-Length: 16000000\r\n", b"Transfer-Encoding: chunked\r\n", b""])
def test_a_large_body_is_held_once(kind: str, framing: bytes) -> None:
    """Its pieces are not joined by copying them."""

    def behave(peer: Peer) -> None:
        if not peer.request():
            return
        chunked = b"chunked" in framing
        peer.send(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n")
        for _ in range(16):
            peer.send(b"f4240\r\n" * chunked + bytes(MEGABYTE) + b"\r\n" * chunked)
        peer.send(b"0\r\n\r\n" * chunked)

    with Server(behave) as server:
        outcome, size = grown(kind, server.url, 1, 16 * MEGABYTE)
    assert "answered" == outcome
    assert 26 * MEGABYTE > size


@pytest.mark.slow
def test_many_large_answers_at_once() -> None:
    """Two hundred of 5 MB are read a few at a time: all at once would be a gigabyte."""
    body = bytes(5 * MEGABYTE)
    with Server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)) as server:
        outcome, size = grown("async", server.url, 200, 16 * MEGABYTE)
    assert 200 * len(body) == int(outcome)
    assert 300 * MEGABYTE > size
