"""Proxies: in plain HTTP and by a tunnel, with and without a password, given or from the environment."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator

import pytest

from ordermux import InvalidArgument
from ordermux.transport.network import NetworkSettings, Proxy
from ordermux.transport.wire import Origin
from support.certificates import certified, trusting
from support.connect_proxy import ConnectProxy
from support.lines import Connect, answer, content, failed, get, post, reason
from support.raw_server import Peer, Server, answering, echo, timed

USER, PASSWORD = "me@shop", "s€cret:/"
ENCODED = "me%40shop:s%E2%82%ACcret%3A%2F"
AUTHORIZATION = b"proxy-authorization: basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).lower()
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
BOTH = pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tunnel"])


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set no variable but those of a test."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(params=[False, True], ids=["open", "with a password"])
def proxy(request: pytest.FixtureRequest) -> Iterator[tuple[ConnectProxy, str]]:
    """Give a proxy and its URL, with a password and without."""
    with ConnectProxy(USER, PASSWORD) if request.param else ConnectProxy() as started:
        yield started, f"http://{ENCODED}@127.0.0.1:{started.port}" if request.param else started.url


@BOTH
def test_a_proxy(connect: Connect, proxy: tuple[ConnectProxy, str], *, encrypted: bool) -> None:
    """The requests go through it, over one connection; the server is not told the proxy's password."""
    started, url = proxy
    with Server(echo, certified() if encrypted else None) as server:
        line = connect(proxy=url, ssl_context=trusting())
        found = [answer(line.send(post(f"{server.url}/{name}"))) for name in "ab"]
        expected = [b"/a", b"/b"] if encrypted else [f"{server.url}/{name}".encode() for name in "ab"]
        assert expected == [each.body for each in found]
        assert (1, 1) == (server.connections, len(started.heads))
    with_password = "@" in url
    assert with_password == (AUTHORIZATION in started.heads[0].lower())
    if encrypted:
        assert started.heads[0].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
        assert b"proxy-authorization" not in b"".join(server.requests).lower()


@pytest.mark.slow
@BOTH
def test_a_wrong_password(connect: Connect, *, encrypted: bool) -> None:
    """The proxy's refusal is an answer in plain HTTP; through a tunnel nothing was sent. No password is shown."""
    with ConnectProxy(USER, PASSWORD) as proxy, Server(echo, certified() if encrypted else None) as server:
        outcome = connect(proxy=f"http://me:wr0ng@127.0.0.1:{proxy.port}", ssl_context=trusting()).send(
            post(server.url)
        )
        if encrypted:
            assert (True, False, True) == failed(outcome)
            assert f"ProxyError: 407, through the proxy 127.0.0.1:{proxy.port}" == reason(outcome)
        else:
            assert 407 == answer(outcome).status
        assert (0, False) == (server.connections, "wr0ng" in repr(outcome))


@pytest.mark.parametrize(
    "refusal",
    [
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: https://other.example\r\n\r\n",
        b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\nnonsense\r\n\r\n",
        b"SOCKS?\r\n\r\n",
        b"",
    ],
    ids=["403", "301", "an answer in the tunnel", "a lone LF", "no HTTP", "nothing"],
)
def test_a_proxy_that_opens_no_tunnel(connect: Connect, refusal: bytes) -> None:
    """Nothing was sent to the provider, and another attempt may help."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(refusal)

    with Server(behave) as proxy:
        assert (True, False, True) == failed(connect(proxy=proxy.url).send(post("https://shop.example/")))
        assert proxy.requests[0].startswith(b"CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n")


@pytest.mark.slow
def test_deadline_of_a_tunnel(connect: Connect) -> None:
    """A proxy that drips its answer has sent nothing on."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n", *[b"X-More: 1\r\n"] * 200, pause=0.05)

    with Server(behave) as proxy, timed(0.5):
        outcome = connect(proxy=proxy.url).send(post("https://shop.example/"), seconds=0.5)
    assert (True, True, True) == failed(outcome)
    assert f"ConnectTimeout: the deadline is over, through the proxy 127.0.0.1:{proxy.port}" == reason(outcome)


def test_a_proxy_that_is_not_there(connect: Connect) -> None:
    """Nothing was sent; the failure names its host and port, and not its password."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in ("http://shop.example/", "https://shop.example/"):
        outcome = connect(proxy=f"http://user:hidden@127.0.0.1:{port}").send(post(url))
        assert (True, False, True) == failed(outcome)
        assert reason(outcome).startswith("ConnectError: [Errno 111] ")
        assert reason(outcome).endswith(f", through the proxy 127.0.0.1:{port}")
        assert "hidden" not in reason(outcome)


def test_a_certificate_in_a_tunnel(connect: Connect) -> None:
    """It is checked, and it is the server's."""
    with ConnectProxy() as proxy, Server(echo, certified("other.example")) as server:
        outcome = connect(proxy=proxy.url, ssl_context=trusting()).send(post(server.url))
    assert (True, False, False) == failed(outcome)


# The environment


def test_the_environments_proxies_are_ignored(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets a variable does not see the requests."""
    with Server(echo) as proxy, Server(echo) as server:
        for name in VARIABLES[:3]:
            monkeypatch.setenv(name, proxy.url)
        assert b"/x" == content(connect().send(get(f"{server.url}/x")))
        assert 0 == proxy.connections


@BOTH
def test_the_environments_proxies_if_they_are_asked_for(
    connect: Connect, proxy: tuple[ConnectProxy, str], monkeypatch: pytest.MonkeyPatch, *, encrypted: bool
) -> None:
    """The requests go through them, as through one that is given."""
    monkeypatch.setenv("https_proxy" if encrypted else "http_proxy", proxy[1])
    with Server(echo, certified() if encrypted else None) as server:
        line = connect(trust_env=True, ssl_context=trusting())
        assert content(line.send(get(f"{server.url}/x"))).endswith(b"/x")
    assert 1 == len(proxy[0].heads)


@pytest.mark.parametrize(
    "exempt", ["127.0.0.1", "shop.example,127.0.0.1", "127.0.0.1:{port}", "*", " * ", "*,shop.example"]
)
def test_hosts_that_are_exempt(connect: Connect, exempt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are connected to directly."""
    with Server(echo) as proxy, Server(echo) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", exempt.format(port=server.port))
        assert b"/x" == content(connect(trust_env=True).send(get(f"{server.url}/x")))
        assert 0 == proxy.connections


def test_a_given_proxy_beats_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exemptions too."""
    with Server(echo) as proxy, Server(echo) as other:
        monkeypatch.setenv("http_proxy", other.url)
        monkeypatch.setenv("no_proxy", "*")
        outcome = connect(trust_env=True, proxy=proxy.url).send(get("http://shop.example/x"))
        assert (b"http://shop.example/x", 0) == (content(outcome), other.connections)


def test_a_proxy_of_another_kind_in_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused, and not passed by; its credentials are not shown."""
    monkeypatch.setenv("all_proxy", "socks5://me:secret@127.0.0.1:1")
    outcome = connect(trust_env=True).send(post("https://shop.example/"))
    assert (True, False, False) == failed(outcome)
    assert "secret" not in repr(outcome)


def test_a_proxy_in_the_environment_without_a_scheme(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is spoken to as one with, whatever blanks are around it."""
    with Server(echo) as proxy:
        monkeypatch.setenv("http_proxy", f" me:secret@127.0.0.1:{proxy.port}\n")
        assert b"http://shop.example/x" == content(connect(trust_env=True).send(get("http://shop.example/x")))
        assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in proxy.requests[0]


# Settings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy.example", ("proxy.example", 80, None)),
        ("http://proxy.example:8080/", ("proxy.example", 8080, None)),
        ("http://[::1]:8080", ("::1", 8080, None)),
        ("http://me:secret@proxy.example:8080", ("proxy.example", 8080, "Basic bWU6c2VjcmV0")),
        ("http://me@proxy.example", ("proxy.example", 80, "Basic bWU6")),
        ("http://me:a%40b@proxy.example", ("proxy.example", 80, "Basic bWU6YUBi")),
    ],
)
def test_the_url_of_a_proxy(url: str, expected: tuple[str, int, str | None]) -> None:
    """Its credentials are decoded, and are not shown."""
    proxy = Proxy.parse(url)
    assert expected == (proxy.host, proxy.port, proxy.authorization and proxy.authorization.reveal())
    assert not any(word in repr(proxy) for word in ("Basic", "secret"))
    assert "Basic" not in repr(NetworkSettings(proxy=url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy",
        "proxy.example:8080",
        "https://me:secret@proxy.example",
        "socks5://me:secret@proxy.example",
        "http://me:secret@",
        "http://me:secret@proxy.example:99999",
        "http://me:secret@proxy.example:0",
        "http://me:secret@proxy.example/path",
        "http://me:secret@proxy.example?x",
        "http://me:secret@pro xy.example",
        "http://me:secr\net@proxy.example",
        "http://me:secret\t@proxy.example",
        "http://me:sec ret@proxy.example",
        " http://me:secret@proxy.example",
        "http://me:secret\ud800@proxy.example",
        b"http://proxy.example",
        8080,
        Origin.parse("http://proxy.example"),
    ],
)
def test_what_is_no_proxy(url: object) -> None:
    """It is refused when the client is made, in words that hold no password."""
    with pytest.raises(InvalidArgument, match="a proxy is like http://host:8080") as refused:
        NetworkSettings(proxy=url)
    assert "secr" not in str(refused.value)
    assert (None, None) == (refused.value.__cause__, refused.value.__context__)


def test_the_proxy_answers_for_a_server_in_plain_http(connect: Connect) -> None:
    """Its 502 is an answer like any."""
    with Server(answering(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")) as proxy:
        assert 502 == answer(connect(proxy=proxy.url).send(get("http://shop.example/"))).status
