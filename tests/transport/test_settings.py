"""What is refused when a client is made, and the types of the wire."""

from __future__ import annotations

import pickle
import ssl
import subprocess
import sys
import traceback
from typing import Any

import pytest

from ordermux import InvalidArgument
from ordermux.transport.network import NetworkSettings
from ordermux.transport.wire import Headers, Origin, RawResponse, TransportFailure, WireRequest
from support.certificates import certified

# URLs


@pytest.mark.parametrize(
    ("url", "expected", "authority"),
    [
        ("https://shop.example", ("https", "shop.example", 443), "shop.example"),
        ("HTTPS://Shop.Example/path?query#fragment", ("https", "shop.example", 443), "shop.example"),
        ("http://shop.example:80", ("http", "shop.example", 80), "shop.example"),
        ("https://shop.example:80", ("https", "shop.example", 80), "shop.example:80"),
        ("http://127.0.0.1:8080", ("http", "127.0.0.1", 8080), "127.0.0.1:8080"),
        ("http://[::1]", ("http", "::1", 80), "[::1]"),
        ("http://[0:0:0:0:0:0:0:1]:8080", ("http", "::1", 8080), "[::1]:8080"),
        ("https://bücher.example", ("https", "xn--bcher-kva.example", 443), "xn--bcher-kva.example"),
        ("https://shop_1.example.", ("https", "shop_1.example.", 443), "shop_1.example."),
        ("https://shop.example:", ("https", "shop.example", 443), "shop.example"),
    ],
)
def test_the_origin_of_a_url(url: str, expected: tuple[str, str, int], authority: str) -> None:
    """Scheme, host and port, and the value of the Host header."""
    origin = Origin.parse(url)
    assert expected == (origin.scheme, origin.host, origin.port)
    assert authority == origin.authority
    assert f"{origin.scheme}://{authority}" == str(origin)
    assert origin == Origin.parse(str(origin))


INVALID_URLS: list[Any] = [
    None,
    b"https://shop.example",
    8080,
    ["https://shop.example"],
    "",
    "shop.example",
    "/orders",
    "https:///orders",
    "https://",
    "ftp://shop.example",
    "https:shop.example",
    "//shop.example",
    "https://me:secret@shop.example",
    "https://secret@shop.example",
    "https://@shop.example",
    "https://shop.example:0",
    "https://shop.example:99999",
    "https://shop.example:secret",
    "https://shop.example:-1",
    "https://shop.example\\@other.example",
    "https://shop example",
    "https://shop.example\n",
    "https://sh\top.example",
    " https://shop.example",
    "https://shop.example\0",
    "https://shop%2eexample",
    "https://shop..example",
    "https://.shop.example",
    "https://[::1",
    "https://[::g]",
    "https://[fe80::1%25eth0]",
    "https://" + "x" * 254,
    "https://\ud800.example",
    "https://a[b].example",
]


@pytest.mark.parametrize("url", INVALID_URLS, ids=ascii)
def test_what_is_no_url(url: Any) -> None:
    """It is refused in words that hold no part of it, which may be a password."""
    with pytest.raises(InvalidArgument, match=r"^a URL is ") as refused:
        Origin.parse(url)
    assert "secret" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://shop.example", "/"),
        ("http://shop.example/", "/"),
        ("http://shop.example/a%2Fb//c?d=e&f", "/a%2Fb//c?d=e&f"),
        ("http://shop.example?d=/e", "/?d=/e"),
        ("http://shop.example/a#b", "/a"),
        ("http://[::1]:8080/a:b@c", "/a:b@c"),
    ],
)
def test_the_target_of_a_url(url: str, target: str) -> None:
    """What follows the host, byte for byte, less the fragment."""
    request = WireRequest.to_url("GET", url)
    assert target == request.target
    assert f"{request.origin}{target}" == request.url


# Settings


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"ssl_context": True}, "ssl_context is a client's ssl.SSLContext"),
        ({"ssl_context": "ca.pem"}, "ssl_context is a client's ssl.SSLContext"),
        ({"ssl_context": certified()}, "ssl_context is a client's ssl.SSLContext"),
        ({"connections": 0}, "connections is a whole number from 1 to 10,000"),
        ({"connections": 10_001}, "connections is a whole number from 1 to 10,000"),
        ({"connections": -1}, "connections is a whole number from 1 to 10,000"),
        ({"connections": 1.5}, "connections is a whole number from 1 to 10,000"),
        ({"connections": True}, "connections is a whole number from 1 to 10,000"),
        ({"connections": None}, "connections is a whole number from 1 to 10,000"),
        ({"trust_env": "no"}, "trust_env is True or False, not str"),
        ({"trust_env": None}, "trust_env is True or False, not NoneType"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], problem: str) -> None:
    """They are refused when the client is made."""
    with pytest.raises(InvalidArgument, match=problem):
        NetworkSettings(**settings)


def test_a_context_of_either_kind() -> None:
    """That of a client, and one without a side."""
    client = ssl.create_default_context()
    with pytest.warns(DeprecationWarning, match="PROTOCOL_TLS"):
        either = ssl.SSLContext(ssl.PROTOCOL_TLS)
    assert [client, either] == [NetworkSettings(ssl_context=each).tls() for each in (client, either)]


# Types


def test_headers_are_found_in_any_case() -> None:
    """Joined if there are several, one by one if asked for, and not shown."""
    headers = Headers([("content-type", "a"), ("set-cookie", "x=secret"), ("set-cookie", "y=secret")])
    assert ("a", "a", "x=secret, y=secret") == (headers["content-type"], headers["CONTENT-TYPE"], headers["Set-Cookie"])
    assert (["x=secret", "y=secret"], []) == (headers.get_list("Set-Cookie"), headers.get_list("etag"))
    assert ("none", None, True, False) == (
        headers.get("etag", "none"),
        headers.get("etag"),
        "SET-cookie" in headers,
        "etag" in headers,
    )
    assert (["content-type", "set-cookie"], 2) == (list(headers), len(headers))
    assert [("content-type", "a"), ("set-cookie", "x=secret"), ("set-cookie", "y=secret")] == headers.multi_items()
    assert "Headers(content-type, set-cookie)" == repr(headers)
    with pytest.raises(KeyError):
        headers["etag"]


def test_nothing_is_shown_that_may_be_secret() -> None:
    """Neither headers, nor bodies, nor what stands in a URL."""
    request = WireRequest.to_url("GET", "http://shop.example/secret?key=secret", [("key", "secret")], b"secret")
    shown = f"{request!r} {request} {RawResponse(200, Headers([('a', 'secret')]), b'secret')!r}"
    assert "secret" not in shown
    assert "shop.example" in shown


def test_a_failure_pickles() -> None:
    """For those who send it to another process."""
    failure = TransportFailure("ReadError: reset", not_sent=False)
    assert failure == pickle.loads(pickle.dumps(failure))


# Imports


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("ordermux", "http.client ssl aiohttp httpx asyncio socket urllib.request certifi"),
        ("ordermux.transport.sync", "http.client ssl aiohttp httpx asyncio urllib.request certifi email"),
        ("ordermux.transport.aio", "http.client aiohttp httpx urllib.request certifi"),
    ],
)
def test_what_is_imported(module: str, unwanted: str) -> None:
    """Who uses one transport does not pay for the other, nor for httpx."""
    code = f"import {module}, sys; print(*[name for name in {unwanted.split()!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "" == ran.stdout.strip()
