"""Secrets show nowhere, and go nowhere else: each operation, each way to fail, each client; over the transports proper.

Run as a script, it prints where was looked, and how often.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import ordermux_croissant.models
from ordermux import (
    AsyncOrdermux,
    Attempt,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidArgument,
    Order,
    Ordermux,
    OrdermuxError,
    OutcomeUnknown,
    Refund,
    SharedStateError,
    UnexpectedResponse,
    Zephyr,
)
from support.clients import AWAITING, OPENING, attempted
from support.operations import DEEDS, accounts, line, right
from support.ports import kept_port
from support.raw_server import Peer, Server
from support.raw_server import answering as answering_lines
from support.secret_search import BODIES, CANARIES, HOLDERS, KEY, PROVIDERS, Search, watched
from support.typed_client_answers import traced


def _wrong(tree: Any) -> Any:
    """Return an answer in which whatever is required is of another type, its secrets still in it."""
    inner: Any = tree
    if isinstance(tree, dict):
        kept = ("oken", "ecret", "apiKeyId", "data", "orders", "store")
        return {name: _wrong(value) if any(word in name for word in kept) else [value] for name, value in inner.items()}
    return [_wrong(item) for item in inner] if isinstance(tree, list) else tree


def _repeated(request: bytes) -> bytes:
    """Return an answer that repeats all that was sent: in its body, and in headers."""
    head, _, body = request.partition(b"\r\n\r\n")
    sent = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.decode().split("\r\n"))}
    told = next((sent[name] for name in ("authorization", "x-api-key", "cookie") if name in sent), body.decode())
    content = json.dumps({"message": f"not allowed: {head.decode()} {body.decode()}", told: told})
    return line(400, content.encode(), f"X-Request-Id: {told}", f"Location: http://127.0.0.1:1/?of={quote(told)}")


def _cut(peer: Peer, answer: bytes) -> None:
    """Send all but the end, and hang up."""
    peer.send(answer[:-1])
    peer.reset()


WAYS: dict[str, Callable[[Peer, Any], None]] = {
    "right": lambda peer, tree: peer.send(line(200, json.dumps(tree).encode())),
    "401": lambda peer, tree: peer.send(line(401, json.dumps(tree).encode())),
    "500": lambda peer, tree: peer.send(line(500, json.dumps(tree).encode())),
    "undecodable": lambda peer, tree: peer.send(line(200, json.dumps(_wrong(tree)).encode())),
    "no JSON": lambda peer, tree: peer.send(line(200, json.dumps(tree).encode()[:-1])),
    "HTML": lambda peer, tree: peer.send(line(200, f"<p>{json.dumps(tree)}".encode(), "Content-Type: text/html")),
    "redirect": lambda peer, tree: peer.send(line(302, json.dumps(tree).encode(), "Location: http://127.0.0.1:1/")),
    "echo": lambda peer, _: peer.send(_repeated(peer.last)),
    "cut": lambda peer, tree: _cut(peer, line(200, json.dumps(tree).encode())),
    "reset": lambda peer, _: peer.reset(),
    "no HTTP": lambda peer, _: peer.send(b"nonsense\r\n\r\n"),
    "stall": lambda peer, _: peer.stall(),
    "refused": lambda peer, _: peer.reset(),  # nobody listens
}
"""What comes of a request."""


def behave(way: str, *, token: bool) -> Callable[[Peer], None]:
    """Return the server's behaviour; it gives tokens rightly where that is wanted."""

    def serve(peer: Peer) -> None:
        while target := peer.request():
            method, path = target.split(b" ")[0].decode(), target.split(b" ")[1].decode()
            WAYS["right" if token and path.endswith("/token") else way](peer, right(method, path))

    return serve


def search_all(provider: str, *, awaiting: bool, ways: Iterable[str] = WAYS) -> Search:
    """Do all that a provider can, in every way that it may end, and look everywhere."""
    search = Search()
    with watched(search):
        for way in ways:
            for token in (True, False) if provider == "croissant" else (True,):
                with kept_port() as refusing, Server(behave(way, token=token)) as server:
                    at = f"http://127.0.0.1:{refusing}" if way == "refused" else server.url
                    _do_all(search, provider, at, way, awaiting=awaiting)
                arrived = b"".join(server.requests)
                search.sent |= {kind for kind, canary in CANARIES.items() if canary.encode() in arrived}
                gc.collect()
    return search


def _do_all(search: Search, provider: str, at: str, way: str, *, awaiting: bool) -> None:
    account = accounts(at, search)[provider]
    search.thing("an account", account)
    search.pickled("an account without a hook", accounts(at)[provider])
    spans = InMemorySpanExporter()
    tracing = TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(spans))

    def on_attempt(attempt: Attempt) -> None:
        search.thing("what on_attempt is told", attempt)

    def on_deviation(*told: object) -> None:
        search.thing("what on_deviation is told", told)

    options: dict[str, Any] = {
        "attempts": 1,
        "timeout": 0.15 if way == "stall" else 5.0,
        "attempt_timeout": 0.15 if way == "stall" else 5.0,  # the typed client's own timeout is longer
        "tracer": tracing.get_tracer("tests"),
        "on_attempt": on_attempt,
        "on_deviation": on_deviation,
    }
    names = [name for name in DEEDS if name.startswith(f"{provider}.")]
    if awaiting:
        asyncio.run(_awaited(search, account, names, options))
    else:
        with Ordermux(account, **options) as mux:
            for name in names:
                try:
                    result = DEEDS[name](mux)
                except Exception as error:
                    search.error(type(error).__name__, error)
                else:
                    _look_at(search, result)
            _look_at_client(search, mux, provider)
    for span in spans.get_finished_spans():
        search.text("a span", span.to_json())


async def _awaited(search: Search, account: Any, names: list[str], options: Any) -> None:
    async with AsyncOrdermux(account, **options) as mux:
        for name in names:
            try:
                result = await DEEDS[name](mux)
            except Exception as error:
                search.error(type(error).__name__, error)
            else:
                _look_at(search, result)
        _look_at_client(search, mux, account.provider)


def _look_at(search: Search, result: Any) -> None:
    name = type(result).__name__
    search.thing(name, result)
    if isinstance(result, Order):
        search.thing("Order.raw", result.raw)
    if isinstance(result, Order | Refund):
        search.pickled(name, result)


def _look_at_client(search: Search, mux: Any, provider: str) -> None:
    """Look at the facade's client and at all that hangs on it."""
    for name, thing in (
        (type(mux).__name__, mux),
        (type(mux.orders).__name__, mux.orders),
        (type(mux.products).__name__, mux.products),
        ("the typed client", mux.client(provider)),
    ):
        search.thing(name, thing)


SENT = {
    "croissant": {"client_secret", "access_token"},
    "zephyr": {"api_key"},
    "crossmint": {"jwt", "refresh_token", "set_cookie"},
    "cryptum": {"cryptum_key"},
}
"""What each provider is sent, the replaced cookie included."""


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("provider", PROVIDERS)
def test_secrets_show_nowhere(provider: str, *, awaiting: bool) -> None:
    """Each operation in each way: no log, error, traceback, pickle, span, hook, warning or attribute has one."""
    search = search_all(provider, awaiting=awaiting)
    assert set() == search.found
    assert SENT[provider] == search.sent
    places = ("a span", "an account", "warnings", "what on_attempt is told", "traceback with locals of", "pickle of ")
    assert [] == [place for place in places if not any(place in where for where in search.looked)]
    assert {"log of ordermux", "log of httpx"} <= search.looked.keys()


# That the search finds what there is


@attrs.define
class _Leaky:
    """An object that holds a secret where none may be."""

    shown: str = attrs.field(default="", repr=True)
    kept: Any = attrs.field(default=None, repr=False)


def _logged(search: Search, name: str = "redis") -> None:
    with watched(search):
        logging.getLogger(name).debug("got %s", CANARIES["jwt"])
    assert f"log of {name}" in search.looked


def _warned(search: Search) -> None:
    with watched(search):
        warnings.warn(CANARIES["jwt"], stacklevel=1)


def _raised(search: Search) -> None:
    def fail(secret: str) -> None:
        raise ValueError(len(secret))

    try:
        fail(CANARIES["jwt"])
    except ValueError as error:
        search.error("error", error)


def _caused(search: Search) -> None:
    error = ValueError("plain")
    error.__cause__ = KeyError(CANARIES["jwt"])
    search.attributes("cause", error)


def _closed_over(search: Search) -> None:
    secret = CANARIES["jwt"]
    search.attributes("closure", [lambda: secret])


PLANTED: dict[str, Callable[[Search], None]] = {
    "a repr": lambda search: search.thing("x", _Leaky(CANARIES["jwt"])),
    "a slot": lambda search: search.thing("x", _Leaky(kept=[{"a": CANARIES["jwt"].encode()}])),
    "a pickle": lambda search: search.pickled("x", _Leaky(kept=CANARIES["jwt"])),
    "a raw body": lambda search: search.attributes("x", {"a": bytes(_body())}),
    "a struct": lambda search: search.attributes(
        "x",
        ordermux_croissant.models.TokenRequest(client_id=CANARIES["jwt"], client_secret=ordermux_croissant.Secret("x")),
    ),
    "base64": lambda search: search.text("x", base64.b64encode(CANARIES["jwt"].encode())),
    "a log": _logged,
    "a log of httpx": lambda search: _logged(search, "httpx"),
    "a warning": _warned,
    "the locals of a traceback": _raised,
    "a cause": _caused,
    "a closure": _closed_over,
}


def _body() -> bytes:
    return json.dumps({"jwt": CANARIES["jwt"]}).encode()


@pytest.mark.parametrize("place", PLANTED)
def test_a_planted_secret_is_found(place: str) -> None:
    """Wherever one is put, the search sees it."""
    search = Search()
    PLANTED[place](search)
    assert search.found
    assert all(found.startswith("jwt in ") for found in search.found)


def test_a_secret_in_what_has_to_hold_it_is_not_a_find() -> None:
    """Nor is an idempotency key, which the caller has to see."""
    search = Search()
    search.thing("x", [HOLDERS[0](CANARIES["jwt"]), BODIES[0](_body()), KEY])
    search.pickled("x", HOLDERS[0](CANARIES["jwt"]))
    assert set() == search.found


# Where they go

GOES = {
    "zephyr.get": "GET",
    "zephyr.list": "GET",
    "zephyr.cancel": "POST",
    "crossmint.create": "POST",
    "cryptum.get": "GET",
    "cryptum.create": "POST",
    "croissant.get": "GET",
    "croissant.fulfill": "POST",
}


def attempt(at: str, name: str, *, awaiting: bool, **options: Any) -> Any:
    """Do something once over the transports proper; return its result, or the error."""
    with OPENING[awaiting](*accounts(at).values(), attempts=1, timeout=5, **options) as mux:
        return attempted(DEEDS[name], mux)


def redirecting(status: int, elsewhere: str, only: str) -> Callable[[Peer], None]:
    """Return the behaviour that sends requests of a method elsewhere, and answers the others."""

    def serve(peer: Peer) -> None:
        while target := peer.request():
            method, path = (word.decode() for word in target.split(b" ")[:2])
            if method == only and not path.endswith("/token"):
                peer.send(line(status, b"", f"Location: {elsewhere}{path}"))
            else:
                peer.send(line(200, json.dumps(right(method, path)).encode()))

    return serve


@AWAITING
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", GOES)
def test_no_redirect_is_followed(name: str, status: int, *, awaiting: bool) -> None:
    """Not a byte arrives at the other server; a read says what came, and a write is never called done."""
    with Server(answering_lines(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as other:
        with Server(redirecting(status, other.url, GOES[name])) as server:
            result = attempt(server.url, name, awaiting=awaiting)
        assert (0, []) == (other.connections, other.requests)
    doubt = GOES[name] == "POST" and status not in {307, 308}
    looked_up = name == "cryptum.create" and doubt  # and found there
    if looked_up and isinstance(result, Order):
        return
    assert (OutcomeUnknown if doubt else UnexpectedResponse) is type(result)
    assert status == result.status


@AWAITING
def test_a_redirected_call_for_a_token_takes_no_secret_along(*, awaiting: bool) -> None:
    """The client secret is in its body, which 307 and 308 would send again."""
    with Server(answering_lines(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as other:
        for status in (301, 302, 303, 307, 308):
            moved = line(status, b"", f"Location: {other.url}/token")
            with Server(answering_lines(moved)) as server:
                assert UnexpectedResponse is type(attempt(server.url, "croissant.fulfill", awaiting=awaiting))
                assert 1 == len(server.requests)
        assert (0, []) == (other.connections, other.requests)


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("provider", ["zephyr", "crossmint", "cryptum"])
def test_a_list_never_goes_on_elsewhere(provider: str, *, awaiting: bool) -> None:
    """What a page, or the caller, gives as a cursor is a value in a query, or refused; never an address."""
    with Server(answering_lines(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as other:
        for cursor in (f"{other.url}/x", f"//{other.url[7:]}/x", f"@{other.url[7:]}/", f"/../..//{other.url[7:]}"):

            def serve(peer: Peer, cursor: str = cursor) -> None:
                while target := peer.request():
                    method, path = (word.decode() for word in target.split(b" ")[:2])
                    body = right(method, path)
                    links = {"next_cursor": cursor, "next": cursor, "links": {"next": cursor}, "has_more": True}
                    peer.send(line(200, json.dumps({**body, **links}).encode(), f"Link: <{cursor}>; rel=next"))

            with Server(serve) as server:
                _walk(server.url, provider, None, awaiting=awaiting)
                _walk(server.url, provider, cursor, awaiting=awaiting)
                targets = [request.split(b" ")[1].decode() for request in server.requests]
            assert 2 <= len(targets)
            assert {"/v1/orders", "/api/orders", "/plugins/orders/"} >= {each.partition("?")[0] for each in targets}
        assert (0, []) == (other.connections, other.requests)


def _walk(at: str, provider: str, cursor: str | None, *, awaiting: bool) -> None:
    """Read a list's first three orders, or what fails before."""
    with contextlib.suppress(OrdermuxError), OPENING[awaiting](accounts(at)[provider]) as mux:
        orders = mux.orders.list(provider, cursor=cursor)
        for _ in range(3):
            next(orders)


NEEDED: dict[Any, dict[str, str]] = {
    Croissant: {"client_id": "c", "client_secret": "s"},
    Zephyr: {"api_key": "k"},
    Crossmint: {},
    Cryptum: {"api_key": "k", "store": "s"},
}


@pytest.mark.parametrize(
    "address", ["http://user:canary-1@h.test", "http://canary-1@h.test", "https://h.test/?k=canary-1"]
)
def test_an_address_with_a_password_is_refused(address: str) -> None:
    """When the account is made, which would show it; the refusal does not."""
    for account, needs in NEEDED.items():
        with pytest.raises(InvalidArgument) as raised:
            account(base_url=address, **needs)
        assert "canary-1" not in traced(raised.value)


@AWAITING
@pytest.mark.parametrize("trusting", [False, True], ids=["as it is", "trust_env"])
def test_the_proxies_of_the_environment_are_taken_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, trusting: bool, awaiting: bool
) -> None:
    """A proxy sees each request in clear."""
    with Server(behave("right", token=True)) as proxy, Server(behave("right", token=True)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        result = attempt(server.url, "crossmint.create", awaiting=awaiting, trust_env=trusting)
    assert isinstance(result, Order)
    assert (int(trusting), int(not trusting)) == (proxy.connections, server.connections)


class _Redis:
    """A Redis that fails, and quotes what it was asked."""

    def execute_command(self, *words: Any) -> Any:
        """Say no to what holds the token."""
        if "SET" == words[0] and len(words) == 5 and "lock" not in words[1]:
            raise ConnectionError(f"could not send {words}")
        return None if words[0] in {"GET", "PTTL"} else b"OK"


class _AwaitedRedis(_Redis):
    """The same, awaited."""

    async def execute_command(self, *words: Any) -> Any:
        """Say no to what holds the token."""
        return super().execute_command(*words)


@pytest.mark.slow
@AWAITING
def test_a_redis_that_quotes_the_token_is_not_quoted(*, awaiting: bool) -> None:
    """The error of a failed command names its kind alone."""
    search = Search()
    with watched(search), Server(behave("right", token=True)) as server:
        redis = _AwaitedRedis() if awaiting else _Redis()
        error = attempt(server.url, "croissant.get", awaiting=awaiting, redis=redis)
        assert SharedStateError is type(error)
        search.error("SharedStateError", error)
    assert set() == search.found


def main() -> None:
    """Print where was looked for secrets, and what was found."""
    total = Search()
    for provider in PROVIDERS:
        for awaiting in (False, True):
            search = search_all(provider, awaiting=awaiting)
            total.looked += search.looked
            total.found |= search.found
    told = [f"{times:8} {where}" for where, times in sorted(total.looked.items())]
    told.append(f"{total.looked.total():8} in all, for {len(CANARIES)} secrets; found: {len(total.found)}")
    sys.stdout.write("\n".join([*told, *sorted(total.found), ""]))


if __name__ == "__main__":
    main()
