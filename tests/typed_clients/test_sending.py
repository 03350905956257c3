"""What a typed client sends and takes by itself: requests without httpx's types, bodies within bounds."""

from __future__ import annotations

import asyncio
import gzip
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest

from ordermux_zephyr import Client, PreparedRequest, errors
from ordermux_zephyr.api.orders import create_refund, get_order, list_orders
from ordermux_zephyr.models import RefundRequest
from support.mock_answers import MockAnswers
from support.raw_server import Behaviour, Peer, Server, timed
from support.typed_client_answers import CANARY, ORDER

HEAD = b"HTTP/1.1 200 OK\r\n"


def sync(client: Client) -> Any:
    """Read an order, sync."""
    with client:
        return get_order.sync("o", client=client)


def async_(client: Client) -> Any:
    """Read an order, async."""

    async def read() -> Any:
        async with client:
            return await get_order.asyncio("o", client=client)

    return asyncio.run(read())


BOTH = pytest.mark.parametrize("read", [sync, async_])
Read = Callable[[Client], Any]


def sends(*pieces: bytes, pause: float = 0.0) -> Behaviour:
    """Return the behaviour that reads a request, and sends this much."""

    def behave(peer: Peer) -> None:
        if peer.request():
            peer.send(*pieces, pause=pause)

    return behave


def gzipped(body: bytes, encoding: str = "gzip") -> bytes:
    """Return an answer with a compressed body."""
    return HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


# What is sent


def test_a_prepared_request_is_all_that_is_sent() -> None:
    """Whoever brings their own I/O needs nothing of httpx's."""
    body = RefundRequest(amount_cents=150)
    request = create_refund.build_request("a/b", body=body, idempotency_key="key-1")
    prepared = Client(api_key="k", base_url="https://shop.test:8443/api/").prepare(request)
    assert ("POST", "https://shop.test:8443", "/api/v1/orders/a%2Fb/refunds", b'{"amount_cents":150}') == (
        prepared.method,
        prepared.origin,
        prepared.target,
        prepared.content,
    )
    sent = dict(prepared.headers)
    assert ("Bearer k", "key-1", "application/json") == tuple(
        sent[name] for name in ("authorization", "idempotency-key", "content-type")
    )
    assert "https://shop.test:8443/api/v1/orders/a%2Fb/refunds" == prepared.url


def test_the_query_is_part_of_the_target() -> None:
    """Encoded."""
    prepared = Client(api_key="k").prepare(list_orders.build_request(cursor="a b&c=é"))
    assert ("https://api.zephyrcart.io", "/v1/orders?cursor=a+b%26c%3D%C3%A9") == (prepared.origin, prepared.target)


def test_a_prepared_request_shows_no_credential() -> None:
    """Neither by repr nor in a pickle."""
    prepared = Client(api_key=CANARY).prepare(get_order.build_request("o"))
    assert CANARY in dict(prepared.headers)["authorization"]
    assert CANARY not in repr(prepared)
    with pytest.raises(TypeError, match="holds credentials"):
        pickle.dumps(prepared)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Host": "other.test"}, "the header host is not the caller's to set"),
        ({"Content-Length": "3"}, "the header content-length is not the caller's to set"),
        ({"transfer-encoding": "chunked"}, "the header transfer-encoding is not the caller's to set"),
        ({"x y": "1"}, "the name of a header"),
        ({"x": CANARY + "\r\ny: 1"}, "the header x has blanks around it"),
        ({"x": "é"}, "the header x has blanks around it, or characters that cannot be sent"),
        ({"x": 7}, "the header x is text, not int"),
        ({7: "x"}, "AttributeError"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(headers: Any, problem: str) -> None:
    """Before anything is sent: a length of the caller's could make two requests of one."""
    with pytest.raises(errors.InvalidRequest, match=problem) as raised:
        Client(api_key="k", headers=headers).prepare(get_order.build_request("o"))
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("base_url", "target"),
    [("http://shop.test", "/v1/orders/o"), ("http://shop.test/ä/%41/", "/%C3%A4/%41/v1/orders/o")],
)
def test_the_path_of_the_address_is_encoded_once(base_url: str, target: str) -> None:
    """What is quoted stays so."""
    assert target == Client(api_key="k", base_url=base_url).prepare(get_order.build_request("o")).target


@pytest.mark.parametrize(
    "base_url", ["http://shop.test/a b", "http://shop.test/a\nb", "http://shop.test\\x", "http://s/\ud800"]
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(base_url: str) -> None:
    """At once."""
    with pytest.raises(errors.InvalidRequest, match="base_url is like"):
        Client(api_key="k", base_url=base_url)


# What comes


@BOTH
@pytest.mark.parametrize(
    "long",
    [
        HEAD + b"\r\n" + b" " * 2001,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n7d1\r\n" + b" " * 2001 + b"\r\n0\r\n\r\n",
        gzipped(gzip.compress(b" " * 2001, mtime=0)),
    ],
    ids=["until the end", "chunks", "gzip"],
)
def test_a_body_has_its_bound(read: Read, long: bytes) -> None:
    """Compressed or not; one of just the size is read, and is no JSON."""
    with Server(sends(long)) as server:
        with pytest.raises(errors.TransportError, match="InvalidBody: the body is over 2000 bytes") as raised:
            read(Client(api_key="k", base_url=server.url, max_body=2000))
        assert not raised.value.nothing_sent
        with pytest.raises(errors.DecodeError):
            read(Client(api_key="k", base_url=server.url, max_body=2001))


@pytest.mark.parametrize("max_body", [0, -1, True, 1.5, "1", None])
def test_a_bound_that_cannot_be_is_refused(max_body: Any) -> None:
    """At once."""
    with pytest.raises(errors.InvalidRequest, match="max_body is a whole number of bytes above 0"):
        Client(api_key="k", max_body=max_body)


@BOTH
@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (gzipped(gzip.compress(b"{}", mtime=0)[:-4]), "cut short"),
        (gzipped(gzip.compress(b"{}", mtime=0) + b"more"), "goes on"),
        (gzipped(b"no gzip"), "cannot be decompressed"),
        (gzipped(b"{}", "br"), "not asked for"),
    ],
)
def test_a_body_that_cannot_be_decompressed_is_no_answer(read: Read, packed: bytes, problem: str) -> None:
    """Not even in part."""
    with Server(sends(packed)) as server:
        with pytest.raises(errors.TransportError, match=problem):
            read(Client(api_key="k", base_url=server.url))


@BOTH
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_is_read(read: Read, encoding: str) -> None:
    """Though none was asked for."""
    content = httpx.Response(200, json=ORDER).content
    packed = gzip.compress(content, mtime=0) if encoding == "gzip" else zlib.compress(content)
    with Server(sends(gzipped(packed, encoding))) as server:
        assert ORDER["id"] == read(Client(api_key="k", base_url=server.url)).id


@pytest.mark.parametrize("read", [sync, async_])
def test_a_client_that_is_closed_meanwhile(read: Callable[[Client], Any]) -> None:
    """By another thread, say: it is an error of the package, though httpx has none for it."""

    class Closed(Client):
        def get_httpx_client(self) -> httpx.Client:
            http = super().get_httpx_client()
            http.close()
            return http

        def get_async_httpx_client(self) -> httpx.AsyncClient:
            http: Any = super().get_async_httpx_client()
            closed: Any = self.get_httpx_client()
            http._state = closed._state
            return cast("httpx.AsyncClient", http)

    with pytest.raises(errors.TransportError, match="CloseError: the client was closed meanwhile"):
        read(Closed(api_key="k", base_url="http://shop.test"))


BOMB = """
import resource, sys
from ordermux_zephyr import Client, errors
from ordermux_zephyr.api.orders import get_order
with Client(api_key="k", base_url=sys.argv[1]) as client:
    client.get_httpx_client()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        get_order.sync("o", client=client)
    except errors.TransportError as error:
        print(int("the body is over" in str(error)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KB on Linux")
def test_a_small_body_that_grows_to_a_gigabyte_is_refused() -> None:
    """Without growing the process by more than the bound and a little."""
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(500)) + packer.flush()
    with Server(sends(gzipped(bomb))) as server:
        command = [sys.executable, "-c", BOMB, server.url]
        refused, grown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "1" == refused
    assert 60_000 > int(grown)


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize(
    "behave",
    [
        sends(HEAD + b"\r\n", *[b" "] * 100, pause=0.05),
        sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 100, pause=0.05),
    ],
    ids=["until the end", "chunks"],
)
def test_a_body_that_drips_ends_at_the_timeout(read: Read, behave: Behaviour) -> None:
    """Though each piece comes in time."""
    with Server(behave) as server, timed(1.5):
        with pytest.raises(errors.TransportTimeout) as raised:
            read(Client(api_key="k", base_url=server.url, timeout=1.5))
    assert not raised.value.nothing_sent


@BOTH
def test_a_mocked_answer_may_be_compressed(read: Read) -> None:
    """As a server's."""
    content = gzip.compress(httpx.Response(200, json=ORDER).content)
    mocked = MockAnswers(httpx.Response(200, content=content, headers={"content-encoding": "gzip"}))
    assert ORDER["id"] == read(Client(api_key="k", transport=mocked, async_transport=mocked)).id


def test_who_brings_their_own_io_needs_no_headers_of_httpx() -> None:
    """A mapping is enough."""
    client, request = Client(api_key="k"), get_order.build_request("o")
    assert isinstance(client.prepare(request), PreparedRequest)
    content = httpx.Response(200, json=ORDER).content
    found = client.finish(request, 200, {"content-type": "application/json"}, content, get_order.read_response)
    assert ORDER["id"] == found.parsed.id
