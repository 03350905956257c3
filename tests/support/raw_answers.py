"""Answers over a raw connection, byte by byte, after a request was read."""

from __future__ import annotations

import time
from collections.abc import Callable

from support.raw_server import Behaviour, Peer

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


def drip(head: bytes, piece: bytes) -> Behaviour:
    """Return the behaviour that sends the head, and then a piece every twentieth of a second."""
    return after_request(lambda peer: peer.send(head, *[piece] * 200, pause=0.05))
