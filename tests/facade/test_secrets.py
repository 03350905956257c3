"""Secrets show nowhere, and go nowhere else: each operation, each way to fail, each client; over the transports proper.

Run as a script, it prints where was looked, and how often.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import gc
import importlib
import json
import logging
import pickle
import re
import socket
import sys
import threading
import traceback
import types
import warnings
import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from enum import Enum
from typing import Any

import attrs
import msgspec
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import ordermux_croissant.models
import ordermux_crossmint.models
import ordermux_cryptum.models
import ordermux_zephyr.models
from checker import documents
from drafts import CART, SHOP_ORDER
from ordermux import (
    AsyncOrdermux,
    Attempt,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidArgument,
    Money,
    Order,
    Ordermux,
    OrdermuxError,
    OutcomeUnknown,
    Refund,
    SharedStateError,
    UnexpectedAnswer,
    Zephyr,
)
from wire import Peer, Server
from wire import answering as answering_lines

CANARIES = {
    kind: f"canary-{number}-{kind}-4f1c9e"
    for number, kind in enumerate(
        (
            "client_secret",
            "access_token",
            "api_key",
            "cryptum_key",
            "jwt",
            "refresh_token",
            "session_token",
            "api_key_id",
            "signing_secret",
            "set_cookie",
        )
    )
}
"""A secret of each kind, none of which is in another."""
KEY = "an-idempotency-key-is-no-secret"
PROVIDERS = ("croissant", "zephyr", "crossmint", "cryptum")
_PACKAGES: tuple[Any, ...] = tuple(importlib.import_module(f"ordermux_{provider}") for provider in PROVIDERS)
HOLDERS = tuple(package.Secret for package in _PACKAGES)
"""What has to hold a secret."""
BODIES = tuple(package.codec.Body for package in _PACKAGES)
"""The typed clients' raw bodies: they have everything that came, show their length, and are masked in a pickle."""
ATOMS = (int, float, complex, bool, type(None), Enum, types.ModuleType, type, threading.Thread, socket.socket)
LOGGERS = ("", "ordermux", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "aiohttp", "asyncio", "redis")


# Where is looked


@attrs.define
class Search:
    """Looks for the canaries, and keeps where it looked and where it found one."""

    looked: Counter[str] = attrs.field(factory=Counter[str])
    found: set[str] = attrs.field(factory=set[str])
    sent: set[str] = attrs.field(factory=set[str])
    """The secrets that did arrive where they belong, so that there was something to show."""

    def text(self, where: str, text: str | bytes, way: str = "") -> None:
        """Look at a text, plain and in base64."""
        self.looked[where] += 1
        content = text if isinstance(text, bytes) else text.encode(errors="replace")
        for kind, canary in CANARIES.items():
            if canary.encode() in content or base64.b64encode(canary.encode())[:-4] in content:
                self.found.add(f"{kind} in {where}: {_around(content, canary)}{way}")

    def thing(self, name: str, thing: Any) -> None:
        """Look at an object in every way that shows one."""
        self.text(f"repr of {name}", repr(thing))
        self.text(f"str of {name}", str(thing))
        self.text(f"format of {name}", f"{thing}")
        self.attributes(f"attributes of {name}", thing)

    def pickled(self, name: str, thing: Any) -> None:
        """Look at an object's pickle, at what comes out of it, and at a copy."""
        for number in (0, pickle.HIGHEST_PROTOCOL):
            self.text(f"pickle of {name}", pickle.dumps(thing, number))
        self.attributes(f"attributes of {name}, pickled", pickle.loads(pickle.dumps(thing)), pickled=True)
        self.thing(f"{name}, copied", copy.deepcopy(thing))

    def error(self, name: str, error: BaseException) -> None:
        """Look at an error, its pickle, its traceback and the locals of its frames, and those of all behind it."""
        self.thing(name, error)
        self.pickled(name, error)
        own = error.__traceback__.tb_next if error.__traceback__ else None
        self.text(f"traceback of {name}", "".join(traceback.format_exception(type(error), error, own)))
        whole = traceback.TracebackException(type(error), error, own, capture_locals=True)
        self.text(f"traceback with locals of {name}", "".join(whole.format()))

    def attributes(self, where: str, root: Any, *, pickled: bool = False) -> None:
        """Look at all that can be reached by attributes, slots, items, closures and causes, but not into secrets."""
        seen: set[int] = set()
        alive: list[Any] = []
        waiting = [(root, where)]
        while waiting:
            thing, way = waiting.pop()
            if (
                id(thing) in seen
                or isinstance(thing, (*ATOMS, *HOLDERS, Search))
                or callable(getattr(thing, "fileno", None))
            ):
                continue
            seen.add(id(thing))
            alive.append(thing)
            if isinstance(thing, str | bytes | bytearray):
                if pickled or not isinstance(thing, BODIES):
                    self.text(where, bytes(thing) if not isinstance(thing, str) else thing, way)
                continue
            waiting.extend((inner, f"{way} > {type(thing).__name__}"[-300:]) for inner in _inside(thing))


def _around(content: bytes, canary: str) -> str:
    """Return what is before a canary, to find the leak by."""
    place = max(content.find(canary.encode()), 0)
    return content[max(0, place - 60) : place].decode(errors="replace").replace("\n", " ")


def _inside(thing: Any) -> Iterator[Any]:
    """Give what an object holds."""
    items: Any = thing
    if isinstance(thing, dict):
        yield from items.keys()
        yield from items.values()
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from items
    elif isinstance(thing, types.FunctionType):
        yield from (cell.cell_contents for cell in thing.__closure__ or () if cell != types.CellType())
        yield from thing.__defaults__ or ()
    elif isinstance(thing, types.MethodType):
        yield thing.__self__
    elif not isinstance(thing, weakref.ref | types.BuiltinFunctionType | types.GeneratorType):
        yield from _attributes(thing)


def _attributes(thing: Any) -> Iterator[Any]:
    """Give an object's attributes, its slots, and what a C type of functools' or collections' refers to."""
    named: dict[str, Any] = getattr(thing, "__dict__", {})
    yield from named.values()
    for kind in type(thing).__mro__:
        slots: Any = kind.__dict__.get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else list(slots):
            mangled = f"_{kind.__name__.lstrip('_')}{name}" if re.match(r"__.*(?<!__)$", name) else name
            if name not in {"__weakref__", "__dict__"} and hasattr(thing, mangled):
                yield getattr(thing, mangled)
    if isinstance(thing, msgspec.Struct):
        yield from (getattr(thing, name) for name in thing.__struct_fields__)
    if isinstance(thing, BaseException):
        yield from (thing.args, thing.__cause__, thing.__context__)
    if type(thing).__module__ in {"functools", "_functools", "collections"}:
        yield from (each for each in gc.get_referents(thing) if not isinstance(each, type))


class _Lines(logging.Handler):
    """Shows each line of a log to the search, whole."""

    def __init__(self, search: Search) -> None:
        """Take where to look."""
        super().__init__(logging.DEBUG)
        self.search = search

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the line, at what it was made of, and at the error in it."""
        where = f"log of {record.name}"
        self.search.text(where, record.getMessage())
        self.search.text(where, repr(record.__dict__))
        self.search.attributes(where, record.args)
        if record.exc_info and record.exc_info[1]:
            self.search.error(f"error in the {where}", record.exc_info[1])


@contextlib.contextmanager
def watched(search: Search) -> Generator[None]:
    """Look at what is logged anywhere and at what is warned of."""
    handler, loggers = _Lines(search), [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    logging.getLogger().addHandler(handler)
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
            gc.collect()
        for warning in warned:
            search.text("warnings", f"{warning.message} {warning.source!r}")
        search.looked["warnings"] += 1
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


# What is done


def example(provider: str, schema: str, **changes: Any) -> Any:
    """Return the document's own example of a schema, with changes."""
    return {**copy.deepcopy(documents()[provider].schemas[schema]["examples"][0]), **changes}


def right(method: str, path: str) -> Any:
    """Return the right answer of any provider, with the secrets in it that such answers have."""
    path = path.partition("?")[0]
    for part, answer in (("/v0/", _croissant), ("/plugins/", _cryptum), ("/api/", _crossmint)):
        if part in path:
            return answer(method, path)
    return _zephyr(path)


def _croissant(_: str, path: str) -> Any:
    if path.endswith("/token"):
        return {"access_token": CANARIES["access_token"], "expires_in": 3600, "token_type": "Bearer"}
    return {"data": example("croissant", "Cart", id=path.rpartition("/")[2]) if "/carts/" in path else {}}


def _cryptum(_: str, path: str) -> Any:
    secret = {"sessionToken": CANARIES["session_token"]}
    if path.endswith("/orders/"):
        return {"total": 1, "orders": [example("cryptum", "ListedOrder", **secret)]}
    if path.endswith("/orders/checkout"):
        return example("cryptum", "OrderCreated", **secret)
    store = {**example("cryptum", "Order")["store"], "apiKeyId": CANARIES["api_key_id"]}
    return example("cryptum", "Order", id=path.rpartition("/")[2], store=store, **secret)


def _crossmint(method: str, path: str) -> Any:
    if method == "POST":
        return example("crossmint", "Checkout")
    if path.endswith("/orders"):
        return {"orders": [example("crossmint", "Order")], "total": 1, "page": 1, "limit": 100}
    return example("crossmint", "Order", orderId=path.rpartition("/")[2])


def _zephyr(path: str) -> Any:
    if "webhook" in path:
        secret = {"signing_secret": CANARIES["signing_secret"]}
        return {"id": "we_1", "url": "https://shop.test/", "events": ["order.created"], **secret}
    if path.endswith("/refunds"):
        return example("zephyr", "Refund", order_id=path.split("/")[-2])
    if path.endswith("/orders"):
        return {"data": [example("zephyr", "Order")], "has_more": False}
    return example("zephyr", "Order", id=path.split("/")[3])


def first(orders: Any) -> Any:
    """Return the first order of a list, or what is awaited for it."""
    return next(orders, None) if hasattr(orders, "__next__") else anext(orders, None)


def of_client(provider: str, module: str, *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    """Return what calls an operation of the typed client that the facade hands out."""

    def call(mux: Any) -> Any:
        found = importlib.import_module(module)
        do = found.asyncio_detailed if isinstance(mux, AsyncOrdermux) else found.sync_detailed
        return do(*arguments, client=mux.client(provider), **options)

    return call


DEEDS: dict[str, Callable[[Any], Any]] = {
    "croissant.get": lambda mux: mux.orders.get("croissant:c1"),
    "croissant.create": lambda mux: mux.orders.create("croissant", CART),
    "croissant.fulfill": lambda mux: mux.orders.fulfill("croissant:c1"),
    "croissant.cancel": lambda mux: mux.orders.cancel("croissant:c1"),
    "croissant.put": lambda mux: mux.products.put("croissant", "1", {"name": "Belt"}),
    "croissant.product": lambda mux: mux.products.get("croissant", "1"),
    "croissant.sync": lambda mux: mux.products.sync("croissant", [("1", {"name": "Belt"})], concurrency=1),
    "croissant.client": of_client("croissant", "ordermux_croissant.api.carts.get_cart", "c1"),
    "zephyr.get": lambda mux: mux.orders.get("zephyr:o1"),
    "zephyr.list": lambda mux: first(mux.orders.list("zephyr")),
    "zephyr.update": lambda mux: mux.orders.update("zephyr:o1", ordermux_zephyr.models.OrderUpdate(metadata={"a": 1})),
    "zephyr.cancel": lambda mux: mux.orders.cancel("zephyr:o1", idempotency_key=KEY),
    "zephyr.refund": lambda mux: mux.orders.refund("zephyr:o1", Money("14.90", "USD"), idempotency_key=KEY),
    "zephyr.client": of_client(
        "zephyr",
        "ordermux_zephyr.api.webhook_endpoints.create_webhook_endpoint",
        body=ordermux_zephyr.models.WebhookEndpointRequest(
            url="https://shop.test/", events=[ordermux_zephyr.models.EventType.ORDER_CREATED]
        ),
    ),
    "crossmint.get": lambda mux: mux.orders.get("crossmint:o1"),
    "crossmint.list": lambda mux: first(mux.orders.list("crossmint")),
    "crossmint.create": lambda mux: mux.orders.create(
        "crossmint", ordermux_crossmint.models.CheckoutRequest(cart_item_id="1")
    ),
    "crossmint.client": of_client("crossmint", "ordermux_crossmint.api.orders.get_order", "o1"),
    "cryptum.get": lambda mux: mux.orders.get("cryptum:o1"),
    "cryptum.list": lambda mux: first(mux.orders.list("cryptum")),
    "cryptum.create": lambda mux: mux.orders.create("cryptum", SHOP_ORDER),
    "cryptum.update": lambda mux: mux.orders.update(
        "cryptum:o1",
        ordermux_cryptum.models.OrderUpdate(payment_status=ordermux_cryptum.models.SettablePaymentStatus.PENDING),
    ),
    "cryptum.cancel": lambda mux: mux.orders.cancel("cryptum:o1"),
    "cryptum.client": of_client("cryptum", "ordermux_cryptum.api.orders.get_order", "o1"),
}


def accounts(at: str, search: Search | None = None) -> dict[str, Any]:
    """Return an account of each provider, with the canaries for credentials."""

    def rotated(*secrets: Any) -> None:
        if search is not None:
            search.thing("what on_rotation is told", secrets)

    return {
        "croissant": Croissant(client_id="c", client_secret=CANARIES["client_secret"], base_url=f"{at}/v0"),
        "zephyr": Zephyr(api_key=CANARIES["api_key"], base_url=at),
        "crossmint": Crossmint(
            jwt=CANARIES["jwt"],
            refresh_token=CANARIES["refresh_token"],
            base_url=at,
            requests_per_minute=1_000_000,
            on_rotation=rotated if search is not None else None,
        ),
        "cryptum": Cryptum(api_key=CANARIES["cryptum_key"], store="s", base_url=f"{at}/plugins"),
    }


def line(status: int, body: bytes, *fields: str) -> bytes:
    """Return an answer as it is on the wire; each has a new cookie."""
    cookie = f"Set-Cookie: crossmint-jwt={CANARIES['set_cookie']}; Path=/; HttpOnly"
    head = [f"HTTP/1.1 {status} X", cookie, f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*head, "", ""]).encode() + body


def _wrong(tree: Any) -> Any:
    """Return an answer in which whatever is required is of another type, its secrets still in it."""
    inner: Any = tree
    if isinstance(tree, dict):
        kept = ("oken", "ecret", "apiKeyId", "data", "orders", "store")
        return {name: _wrong(value) if any(word in name for word in kept) else [value] for name, value in inner.items()}
    return [_wrong(item) for item in inner] if isinstance(tree, list) else tree


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


def free_port() -> str:
    """Return the address of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def search_all(provider: str, *, awaiting: bool, ways: Iterable[str] = WAYS) -> Search:
    """Do all that a provider can, in every way that it may end, and look everywhere."""
    search = Search()
    with watched(search):
        for way in ways:
            for token in (True, False) if provider == "croissant" else (True,):
                with Server(behave(way, token=token)) as server:
                    at = free_port() if way == "refused" else server.url
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


@pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_secrets_show_nowhere(provider: str, *, awaiting: bool) -> None:
    """Each operation in each way: no log, error, traceback, pickle, span, hook, warning or attribute has one."""
    search = search_all(provider, awaiting=awaiting)
    assert set() == search.found
    assert SENT[provider] == search.sent
    places = ("a span", "an account", "warnings", "what on_attempt is told", "traceback with locals of", "pickle of ")
    assert [] == [place for place in places if not any(place in where for where in search.looked)]
    assert f"log of {'httpx' if awaiting else 'httpcore.http11'}" in search.looked


# That the search finds what there is


@attrs.define
class _Leaky:
    """An object that holds a secret where none may be."""

    shown: str = attrs.field(default="", repr=True)
    kept: Any = attrs.field(default=None, repr=False)


def _logged(search: Search) -> None:
    with watched(search):
        logging.getLogger("redis").debug("got %s", CANARIES["jwt"])


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
        "x", ordermux_croissant.models.TokenRequest(client_id=CANARIES["jwt"], client_secret=_PACKAGES[0].Secret("x"))
    ),
    "base64": lambda search: search.text("x", base64.b64encode(CANARIES["jwt"].encode())),
    "a log": _logged,
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
    search.thing("x", [_PACKAGES[0].Secret(CANARIES["jwt"]), BODIES[0](_body()), KEY])
    search.pickled("x", _PACKAGES[0].Secret(CANARIES["jwt"]))
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

    async def awaited() -> Any:
        async with AsyncOrdermux(*accounts(at).values(), attempts=1, timeout=5, **options) as mux:
            return await DEEDS[name](mux)

    try:
        if awaiting:
            return asyncio.run(awaited())
        with Ordermux(*accounts(at).values(), attempts=1, timeout=5, **options) as mux:
            return DEEDS[name](mux)
    except Exception as error:
        return error


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


@pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
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
    assert (OutcomeUnknown if doubt else UnexpectedAnswer) is type(result)
    assert status == result.status


@pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
def test_a_redirected_call_for_a_token_takes_no_secret_along(*, awaiting: bool) -> None:
    """The client secret is in its body, which 307 and 308 would send again."""
    with Server(answering_lines(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as other:
        for status in (301, 302, 303, 307, 308):
            moved = line(status, b"", f"Location: {other.url}/token")
            with Server(answering_lines(moved)) as server:
                assert UnexpectedAnswer is type(attempt(server.url, "croissant.fulfill", awaiting=awaiting))
                assert 1 == len(server.requests)
        assert (0, []) == (other.connections, other.requests)


@pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
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

    async def awaited() -> None:
        async with AsyncOrdermux(accounts(at)[provider]) as mux:
            orders = mux.orders.list(provider, cursor=cursor)
            for _ in range(3):
                await anext(orders)

    with contextlib.suppress(OrdermuxError):
        if awaiting:
            asyncio.run(awaited())
            return
        with Ordermux(accounts(at)[provider]) as mux:
            orders = mux.orders.list(provider, cursor=cursor)
            for _ in range(3):
                next(orders)


@pytest.mark.parametrize(
    "address", ["http://user:canary-1@h.test", "http://canary-1@h.test", "https://h.test/?k=canary-1"]
)
def test_an_address_with_a_password_is_refused(address: str) -> None:
    """And the refusal does not show it."""
    for account in accounts(address).values():
        for made in (Ordermux, AsyncOrdermux):
            with pytest.raises(InvalidArgument) as raised:
                made(account)
            assert "canary-1" not in str(raised.value)


@pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
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


@pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
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
