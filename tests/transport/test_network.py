"""Settings of the network in both clients: certificates, proxies, connections, and transports of the caller's."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from ordermux import AsyncOrdermux, ConnectionFailed, InvalidArgument, Ordermux, Zephyr
from ordermux.transport.aio import AsyncTransport
from ordermux.transport.sync import SyncTransport
from ordermux.transport.wire import AsyncWireTransport, Headers, Outcome, RawResponse, WireRequest, WireTransport
from ordermux_zephyr.api.orders import get_order, update_order
from ordermux_zephyr.models import OrderUpdate
from support.certificates import authority, certified, trusting
from support.clients import Opening, blocking, both
from support.connect_proxy import ConnectProxy
from support.raw_server import Server, answering
from support.typed_client_answers import CANARY, ORDER

REF = f"zephyr:{ORDER['id']}"
BODY = json.dumps(ORDER).encode()
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def account(url: str) -> Zephyr:
    """Return an account at an address."""
    return Zephyr(api_key=CANARY, base_url=url)


@both
def test_a_private_authority(opening: Opening) -> None:
    """By a context; and with its credentials the order is read."""
    with Server(answering(WHOLE), certified()) as server:
        with opening(account(server.url), ssl_context=trusting()) as mux:
            assert REF == str(mux.orders.get(REF).ref)
        with opening(account(server.url)) as mux:
            with pytest.raises(ConnectionFailed, match="certificate verify failed") as raised:
                mux.orders.get(REF)
    assert (1, False) == (raised.value.attempts, raised.value.retryable)


def test_a_typed_client_sends_a_change_on_a_connection_of_its_own() -> None:
    """Reads share one; a late answer to one of them is not taken for the answer to a change."""
    with Server(answering(WHOLE)) as server, Ordermux(account(server.url)) as mux:
        client = mux.client("zephyr")
        for _ in range(3):
            get_order.sync(ORDER["id"], client=client)
        assert 1 == server.connections
        update_order.sync(ORDER["id"], client=client, body=OrderUpdate(metadata={"a": 1}))
        assert 2 == server.connections


@both
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_an_authority_of_the_environment(
    opening: Opening, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of certificates, or a folder of them by their hashes."""
    authority().cert_pem.write_to_path(tmp_path / "authority.pem")
    if variable == "SSL_CERT_FILE":
        monkeypatch.setenv(variable, str(tmp_path / "authority.pem"))
    else:
        subprocess.run(["openssl", "rehash", str(tmp_path)], check=True, capture_output=True)
        monkeypatch.setenv(variable, str(tmp_path))
    with Server(answering(WHOLE), certified()) as server, opening(account(server.url)) as mux:
        assert REF == str(mux.orders.get(REF).ref)


@both
@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("user", ["", "me"])
def test_a_proxy(opening: Opening, user: str, *, encrypted: bool) -> None:
    """With credentials and without; a tunnel gets the proxy's credentials, and not the provider's."""
    password = "p@ss:word" if user else ""
    with ConnectProxy(user, password) as proxy, Server(answering(WHOLE), certified() if encrypted else None) as server:
        url = proxy.url.replace("//", f"//{user}:p%40ss%3Aword@") if user else proxy.url
        with opening(account(server.url), proxy=url, ssl_context=trusting()) as mux:
            assert REF == str(mux.orders.get(REF).ref)
        assert (1, 1) == (len(proxy.heads), server.connections)
        assert encrypted == proxy.heads[0].startswith(b"CONNECT ")
        assert encrypted != (CANARY.encode() in proxy.heads[0])
        assert not encrypted or b"proxy-authorization" not in server.requests[0].lower()


@both
def test_the_credentials_of_a_proxy_show_in_no_error(opening: Opening) -> None:
    """Though the provider repeats them."""
    told = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s"
    body = b'{"message": "me:canary-password, Basic bWU6Y2FuYXJ5LXBhc3N3b3Jk"}'
    with Server(answering(told % (len(body), body))) as proxy:
        url = proxy.url.replace("//", "//me:canary-password@")
        with opening(account("http://shop.test"), proxy=url) as mux, pytest.raises(Exception) as raised:  # noqa: PT011
            mux.orders.get(REF)
    assert b"proxy-authorization: basic bwu6y2fuyxj5lxbhc3n3b3jk" in proxy.requests[0].lower()
    shown = (
        f"{raised.value} {vars(raised.value)} {raised.value.__cause__!r} {vars(raised.value.__cause__ or raised.value)}"
    )
    assert "canary-password" not in shown
    assert "bWU6Y2FuYXJ5LXBhc3N3b3Jk" not in shown


class _Wire(WireTransport):
    """A transport of the caller's own, in our types."""

    def __init__(self) -> None:
        self.requests: list[WireRequest] = []

    def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Answer."""
        assert time.monotonic() < deadline
        assert len(BODY) < max_bytes
        self.requests.append(request)
        return RawResponse(200, Headers(), BODY)

    def close(self) -> None:
        """Fail: it is the caller's to close."""
        raise AssertionError


class _AsyncWire(AsyncWireTransport):
    """The same, async."""

    def __init__(self) -> None:
        self.inner = _Wire()
        self.requests = self.inner.requests

    async def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Answer."""
        return self.inner.send(request, deadline, max_bytes)

    async def aclose(self) -> None:
        """Fail: it is the caller's to close."""
        raise AssertionError


@both
def test_a_transport_in_our_types_is_used_as_it_is(opening: Opening) -> None:
    """And is not closed."""
    transport: Any = _Wire() if opening is blocking else _AsyncWire()
    with opening(account("https://shop.test"), transport=transport) as mux:
        assert REF == str(mux.orders.get(REF).ref)
    [request] = transport.requests
    assert ("GET", f"https://shop.test/v1/orders/{ORDER['id']}") == (request.method, request.url)
    assert f"Bearer {CANARY}" == dict(request.headers)["authorization"]


def test_a_sync_transport_of_ours_may_be_shared() -> None:
    """By several clients, which leave it open."""
    with Server(answering(WHOLE)) as server, contextlib.closing(SyncTransport()) as transport:
        for _ in range(2):
            with Ordermux(account(server.url), transport=transport) as mux:
                assert REF == str(mux.orders.get(REF).ref)
        assert 1 == server.connections


def test_an_async_transport_of_ours_may_be_shared() -> None:
    """By several clients, which leave it open."""

    async def run() -> None:
        async with contextlib.aclosing(AsyncTransport()) as transport:
            for _ in range(2):
                async with AsyncOrdermux(account(server.url), transport=transport) as mux:
                    assert REF == str((await mux.orders.get(REF)).ref)

    with Server(answering(WHOLE)) as server:
        asyncio.run(run())
        assert 1 == server.connections


@both
def test_respx_stands_for_a_provider(opening: Opening) -> None:
    """Its transport is one of httpx's."""
    router = respx.MockRouter()
    route = router.get(f"https://api.zephyrcart.io/v1/orders/{ORDER['id']}").respond(json=ORDER)
    transport = httpx.MockTransport(router.handler if opening is blocking else router.async_handler)
    with opening(Zephyr(api_key=CANARY), transport=transport) as mux:
        assert REF == str(mux.orders.get(REF).ref)
    assert f"Bearer {CANARY}" == route.calls.last.request.headers["authorization"]


def test_a_transport_of_the_other_kind_is_refused() -> None:
    """At once."""
    for make, transport in ((Ordermux, _AsyncWire()), (AsyncOrdermux, _Wire()), (Ordermux, httpx.AsyncHTTPTransport())):
        with pytest.raises(InvalidArgument, match="transport is an httpx transport"):
            make(account("https://shop.test"), transport=transport)  # type: ignore[arg-type]
