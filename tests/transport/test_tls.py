"""TLS: whom a transport trusts, and what it makes of those whom it does not."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordermux import InvalidArgument
from ordermux.transport import aio_connection
from ordermux.transport.attempt import Attempt
from ordermux.transport.network import NetworkSettings
from ordermux.transport.wire import WireRequest
from support.certificates import authority, certified, trusting
from support.lines import Connect, Line, content, failed, get, post, reason
from support.raw_server import Behaviour, Peer, Server, answering, echo, timed

HEAD = b"HTTP/1.1 200 OK\r\n"


def test_a_private_authority(connect: Connect) -> None:
    """Who trusts it by a context of their own is answered, over one connection."""
    with Server(echo, certified()) as server:
        line = connect(ssl_context=trusting())
        assert [b"/a", b"/b"] == [content(line.send(get(f"{server.url}/{name}"))) for name in "ab"]
        assert 1 == server.connections


@pytest.mark.parametrize(
    ("shown", "trusted"),
    [
        (certified, ssl.create_default_context),
        (functools.partial(certified, "other.example"), trusting),
        (functools.partial(certified, expired=True), trusting),
    ],
    ids=["unknown authority", "other host", "expired"],
)
def test_a_certificate_that_is_wrong(
    connect: Connect, shown: Callable[[], ssl.SSLContext], trusted: Callable[[], ssl.SSLContext]
) -> None:
    """Nothing is sent, and another attempt cannot help."""
    with Server(echo, shown()) as server:
        assert (True, False, False) == failed(connect(ssl_context=trusted()).send(post(server.url)))
        assert [] == server.requests


def test_the_default_trusts_no_stranger(line: Line) -> None:
    """Without a context of the caller's, certificates are checked."""
    with Server(echo, certified()) as server:
        outcome = line.send(post(server.url))
    assert (True, False, False) == failed(outcome)
    assert "certificate verify failed" in reason(outcome)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_authorities_of_the_environment(
    connect: Connect, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are trusted in place of certifi's, as OpenSSL, curl and httpx do it."""
    pem = tmp_path / "authority.pem"
    authority().cert_pem.write_to_path(pem)
    if variable == "SSL_CERT_DIR":
        named = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", pem], capture_output=True, check=True)
        pem.rename(tmp_path / f"{named.stdout.decode().strip()}.0")
    monkeypatch.setenv(variable, str(pem if variable == "SSL_CERT_FILE" else tmp_path))
    line = connect()
    monkeypatch.delenv(variable)
    with Server(echo, certified()) as server:
        assert b"/x" == content(line.send(get(f"{server.url}/x")))
        assert (True, False, False) == failed(connect().send(get(server.url)))


def test_a_context_of_the_callers_beats_the_environment(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose certificates are not even read."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    with Server(echo, certified()) as server:
        assert b"/x" == content(connect(ssl_context=trusting()).send(get(f"{server.url}/x")))


def test_certificates_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are refused when the client is made, and not at its first request."""
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for variable, value in (
        ("SSL_CERT_FILE", tmp_path / "missing"),
        ("SSL_CERT_FILE", broken),
        ("SSL_CERT_DIR", tmp_path / "missing"),
    ):
        with (
            monkeypatch.context() as context,
            pytest.raises(InvalidArgument, match=f"^{variable}={re.escape(repr(str(value)))} "),
        ):
            context.setenv(variable, str(value))
            NetworkSettings()


def test_cleartext_on_a_port_for_tls(line: Line) -> None:
    """Nothing is sent, and another attempt cannot help."""

    def behave(peer: Peer) -> None:
        peer.anything()  # what it then finds to be no request
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.stall()

    with Server(behave) as server:
        assert (True, False, False) == failed(line.send(post(f"https://127.0.0.1:{server.port}")))


@pytest.mark.parametrize("behave", [Peer.hang_up, Peer.reset], ids=["end", "reset"])
def test_a_connection_that_breaks_in_the_handshake(line: Line, behave: Behaviour) -> None:
    """A busy server may do this: nothing was sent, and another attempt may help."""
    with Server(behave) as server:
        assert (True, False, True) == failed(line.send(post(f"https://127.0.0.1:{server.port}")))


@pytest.mark.parametrize("first", [b"220 mail.example ESMTP\r\n", b""], ids=["bytes", "end"])
def test_a_connection_that_breaks_before_the_handshake(first: bytes) -> None:
    """An event loop, which may be slow to begin it, does not wait for its end."""

    async def scenario() -> None:
        attempt, loop = Attempt(time.monotonic() + 5), asyncio.get_running_loop()
        opened = await aio_connection.connect(loop, "127.0.0.1", server.port, attempt)
        async with asyncio.timeout(5):
            while opened.is_open:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
            with pytest.raises(ConnectionError):
                await opened.start_tls(trusting(), "127.0.0.1")
        opened.abort()
        await asyncio.sleep(0)

    with Server(lambda peer: peer.send(first)) as server:
        asyncio.run(scenario())


@pytest.mark.slow
def test_deadline_of_the_handshake(line: Line) -> None:
    """A server that accepts and never answers it has not got the request."""
    with Server(Peer.stall) as server, timed(0.5):
        assert (True, True, True) == failed(line.send(post(f"https://127.0.0.1:{server.port}"), seconds=0.5))


@pytest.mark.slow
def test_deadline_of_an_encrypted_answer(connect: Connect) -> None:
    """It drips, one record after the other."""

    def behave(peer: Peer) -> None:
        if peer.request():
            peer.send(HEAD, *[b"X-More: 1\r\n"] * 200, pause=0.05)

    with Server(behave, certified()) as server:
        line = connect(ssl_context=trusting())
        with timed(1.5):
            assert (False, True, True) == failed(line.send(post(server.url), seconds=1.5))


def test_an_encrypted_answer_that_breaks_off(connect: Connect) -> None:
    """The end of a connection is no refusal, so that another attempt may help."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD + b"Content-Length: 9\r\n\r\nhalf")

    with Server(behave, certified()) as server:
        assert (False, False, True) == failed(connect(ssl_context=trusting()).send(post(server.url)))


@pytest.mark.parametrize("clean", [True, False], ids=["ended by TLS", "cut by anybody"])
def test_an_encrypted_body_until_the_end(connect: Connect, *, clean: bool) -> None:
    """It is whole only if TLS says that it ends: anybody on the way can end the connection below."""

    def behave(peer: Peer) -> None:
        if peer.request():
            peer.send(HEAD + b"\r\n{}")
            if clean:
                peer.end_tls()

    with Server(behave, certified()) as server:
        outcome = connect(ssl_context=trusting()).send(get(server.url))
        if clean:
            assert b"{}" == content(outcome)
        else:
            assert (False, False, True) == failed(outcome)


def test_large_bodies_both_ways(connect: Connect) -> None:
    """Many records of each."""
    body = os.urandom(3_000_000)
    with Server(answering(HEAD + b"Content-Length: 3000000\r\n\r\n" + body), certified()) as server:
        line = connect(ssl_context=trusting())
        assert body == content(line.send(post(server.url, body), max_bytes=3_000_000, seconds=20))
        assert server.requests[0].endswith(body)


def test_a_name_with_a_dot_at_its_end(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate has none there."""
    found = socket.getaddrinfo

    def getaddrinfo(_: bytes, port: int, **options: Any) -> Any:
        return found("127.0.0.1", port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with Server(echo, certified("shop.example")) as server:
        line = connect(ssl_context=trusting())
        assert b"/x" == content(line.send(get(f"https://shop.example.:{server.port}/x")))


@pytest.mark.slow
def test_the_default_context_is_made_once() -> None:
    """Since that takes its time; and only when it is needed."""
    code = (
        "import ssl, sys, time\n"
        "made = []\n"
        "make = ssl.create_default_context\n"
        "ssl.create_default_context = lambda *a, **o: made.append(1) or make(*a, **o)\n"
        "from ordermux.transport.network import NetworkSettings\n"
        "settings = [NetworkSettings() for _ in range(3)]\n"
        "print(len(made), len({id(each.tls()) for each in settings}), len(made))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT_")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "0 1 1" == ran.stdout.strip()


@pytest.mark.slow
def test_tickets_are_no_answer(connect: Connect) -> None:
    """However many follow a handshake, and whenever they come: a hundred new connections are all used."""
    context = certified()
    context.num_tickets = 6
    with Server(echo, context) as server:
        line = connect(ssl_context=trusting())
        for number in range(100):
            request = WireRequest.to_url("GET", f"{server.url}/{number}", fresh=True)
            assert f"/{number}".encode() == content(line.send(request))
        assert 100 == server.connections


def test_threads_at_once(connect: Connect) -> None:
    """Thirty handshakes at once end in time, each with its own answer."""
    with Server(echo, certified()) as server:
        line = connect(ssl_context=trusting())
        began = time.monotonic()
        outcomes = line.send_all([get(f"{server.url}/{number}") for number in range(30)])
        assert [f"/{number}".encode() for number in range(30)] == [content(outcome) for outcome in outcomes]
        assert 15 > time.monotonic() - began
