"""Tokens and cookies that cannot be sent, and the lock of a token that processes share when its holder is ended."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, cast

import attrs
import httpx
import pytest

from ordermux import AsyncOrdermux, Croissant, Crossmint, Order, Ordermux, UnexpectedResponse
from support.clients import Opening, both, example
from support.secret_search import CANARIES, Search, watched

TOKEN, CANARY = CANARIES["access_token"], CANARIES["jwt"]
SHOP = "http://shop.test"
RETAILER = Croissant(client_id="c", client_secret="s", base_url=SHOP)
UNSENDABLE: dict[str, Any] = {
    "not of ASCII": f"{CANARY}é",
    "half a surrogate pair": f"{CANARY}\ud800",
    "a carriage return": f"{CANARY}\rx",
    "a line's end": f"{CANARY}\n",
    "a header of its own": f"{CANARY}\r\nx-admin: 1",
    "NUL": f"{CANARY}\0",
    "DEL": f"{CANARY}\x7f",
    "a blank before": f" {CANARY}",
    "a blank within": f"{CANARY} x",
    "a tab": f"{CANARY}\tx",
    "nothing": "",
    "a blank": " ",
    "100 KB": CANARY * 4_000,
    "a number": 5,
    "a list": [CANARY],
    "an object": {"value": CANARY},
    "null": None,
}
"""Tokens that no header can carry, or that are no strings."""


@attrs.define
class Kept:
    """As much of Redis as a token needs, by the real clock; of either kind."""

    awaiting: bool
    kept: dict[str, tuple[bytes, float]] = attrs.field(factory=dict[str, tuple[bytes, float]])
    fails: Callable[[str], bool] = lambda _: False
    """Whether a command, such as EVAL, fails."""
    pause: float = 0.0
    """How long an awaited command takes."""

    def execute_command(self, *words: Any) -> Any:
        """Carry a command out, or return what is awaited for it."""
        return self._later(*words) if self.awaiting else self._now(*words)

    async def _later(self, *words: Any) -> Any:
        await asyncio.sleep(self.pause)
        return self._now(*words)

    def _now(self, word: str, *words: Any) -> Any:
        if self.fails(word):
            raise ConnectionError(word)
        now = time.monotonic()
        self.kept = {key: entry for key, entry in self.kept.items() if entry[1] > now}
        match word, *words:
            case "SET", key, _, "NX", "PX", _ if key in self.kept:
                return None
            case "SET", key, value, *_, milliseconds:
                self.kept[key] = value.encode(), now + milliseconds / 1000
                return b"OK"
            case "GET", key:
                return self.kept.get(key, (None, 0))[0]
            case "PTTL", key:
                return int((self.kept[key][1] - now) * 1000) if key in self.kept else -2
            case "EVAL", _, 1, key, owner:
                if self.kept.get(key, (b"", 0))[0] == owner.encode():
                    del self.kept[key]
                return None
            case _:
                raise AssertionError(word)

    @property
    def locks(self) -> list[str]:
        """The locks that somebody has."""
        return [key for key in self.kept if "lock" in key]

    def hold(self, seconds: float) -> None:
        """Take the lock, as another process that is lost."""
        self.kept[f"ordermux:token-lock:{SHOP}|c"] = b"of another", time.monotonic() + seconds

    def put(self, token: bytes) -> None:
        """Keep a token, as another process."""
        self.kept[f"ordermux:token:{SHOP}|c"] = token, time.monotonic() + 60


@attrs.define
class Retailer:
    """A server that gives these tokens in turn, the last one for ever, and a cart for a good one."""

    tokens: list[Any]
    asked: list[str] = attrs.field(factory=list[str])
    """The header that each request for a cart had."""
    token_calls: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.url.path.endswith("/token"):
            self.token_calls += 1
            token = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
            body = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
            return httpx.Response(200, content=_json(body))
        self.asked.append(request.headers["authorization"])
        return httpx.Response(200, json={"data": example("croissant", "Cart", id="c1")})


def _json(body: Any) -> bytes:
    import json

    return json.dumps(body).encode()


def redis_for(opening: Opening) -> Kept:
    """Return a Redis of the kind that a client takes."""
    return Kept(awaiting=opening.__name__ == "awaiting")


# Tokens that cannot be sent.


@pytest.mark.slow
@both
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
@pytest.mark.parametrize("name", UNSENDABLE)
def test_a_token_that_cannot_be_sent_is_refused_and_not_kept(name: str, opening: Opening, *, shared: bool) -> None:
    """With an error of ours that does not show it; the next call gets another one, and so does another process."""
    search, retailer = Search(), Retailer([UNSENDABLE[name], TOKEN])
    redis = redis_for(opening) if shared else None
    with watched(search), opening(RETAILER, transport=httpx.MockTransport(retailer), redis=redis) as mux:
        with pytest.raises(UnexpectedResponse) as raised:
            mux.orders.get("croissant:c1")
        search.error("UnexpectedResponse", raised.value)
        assert redis is None or {} == redis.kept
        assert isinstance(mux.orders.get("croissant:c1"), Order)
    assert ([f"Bearer {TOKEN}"], 2) == (retailer.asked, retailer.token_calls)
    assert not [found for found in search.found if found.startswith("jwt in ")]


@both
@pytest.mark.parametrize("name", ["a line's end", "nothing", "100 KB", "a list"])
def test_a_token_that_may_be_replaced_serves_on_if_the_new_one_cannot_be_sent(name: str, opening: Opening) -> None:
    """It still holds."""
    retailer = Retailer([TOKEN, UNSENDABLE[name]])
    with opening(RETAILER, transport=httpx.MockTransport(retailer)) as mux:
        mux.orders.get("croissant:c1")
        bearer: Any = cast("Any", mux)._executor.account("croissant")[0].auth
        bearer.token = attrs.evolve(bearer.token, refresh_at=0.0)
        mux.orders.get("croissant:c1")
    assert ([f"Bearer {TOKEN}"] * 2, 2) == (retailer.asked, retailer.token_calls)


@both
@pytest.mark.parametrize("token", [b"", b"a b", b"a\r\nx: y", b"\xff\xfe", "é".encode(), b"a" * 100_000])
def test_a_token_of_redis_that_cannot_be_sent_is_replaced(token: bytes, opening: Opening) -> None:
    """For all: somebody else may have put it there."""
    retailer, redis = Retailer([TOKEN]), redis_for(opening)
    redis.put(token)
    with opening(RETAILER, transport=httpx.MockTransport(retailer), redis=redis) as mux:
        mux.orders.get("croissant:c1")
    assert [f"Bearer {TOKEN}"] == retailer.asked
    assert TOKEN.encode() in {value for value, _ in redis.kept.values()}


COOKIES: dict[str, bytes] = {
    "not of ASCII": "né".encode(),
    "a blank within": b"a b",
    "a quote within": b'a"b',
    "a comma": b"a,b",
    "a backslash": b"a\\b",
    "a control character": b"a\x01b",
    "100 KB": b"a" * 100_000,
}


@both
@pytest.mark.parametrize("cookie", ["crossmint-jwt", "crossmint-refresh-token"])
@pytest.mark.parametrize("name", COOKIES)
def test_a_cookie_that_cannot_be_sent_is_not_taken(name: str, cookie: str, opening: Opening) -> None:
    """The one before is kept, and later calls are served with it; nobody is told of a new one."""
    asked: list[str] = []
    told: list[Any] = []

    def shop(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["cookie"])
        line = (b"set-cookie", cookie.encode() + b"=" + COOKIES[name] + b"; Path=/")
        return httpx.Response(200, headers=[line], json=example("crossmint", "Order", orderId="o1"))

    def noted(*cookies: Any) -> None:
        told.append(cookies)

    account = Crossmint(jwt="j", refresh_token="r", base_url=SHOP, on_rotation=noted)
    with opening(account, transport=httpx.MockTransport(shop)) as mux:
        for _ in range(2):
            mux.orders.get("crossmint:o1")
    assert (["crossmint-jwt=j; crossmint-refresh-token=r"] * 2, []) == (asked, told)


# The lock of a token that processes share.


class Held(httpx.AsyncBaseTransport):
    """Holds each call for a token until it is ended."""

    def __init__(self) -> None:
        """Have nobody in."""
        self.entered = threading.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for ever."""
        del request
        self.entered.set()
        await asyncio.sleep(60)
        raise AssertionError


async def cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def cancel_again(task: asyncio.Task[Any]) -> None:
    """Cancel a task again and again, as anyio does."""
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)


async def expire(task: asyncio.Task[Any]) -> None:
    """Be the end of the time that a task has."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(task, 0.01)


def read(mux: Any) -> Coroutine[Any, Any, Order]:
    """Read a cart."""
    reading: Coroutine[Any, Any, Order] = mux.orders.get("croissant:c1")
    return reading


async def ended(redis: Kept, end: Callable[[asyncio.Task[Any]], Coroutine[Any, Any, None]]) -> float:
    """End a call that gets a token; return how long another process then takes for its own call."""
    held, retailer = Held(), Retailer([TOKEN])
    async with AsyncOrdermux(RETAILER, transport=held, redis=redis) as mux:
        task = asyncio.create_task(read(mux))
        await asyncio.to_thread(held.entered.wait)
        assert [1] == [len(redis.locks)]
        await end(task)
    begun = time.monotonic()
    async with AsyncOrdermux(RETAILER, transport=httpx.MockTransport(retailer), redis=redis, timeout=4) as mux:
        assert isinstance(await read(mux), Order)
    return time.monotonic() - begun


@pytest.mark.parametrize("end", [cancel, expire])
def test_a_cancelled_call_lets_go_of_the_lock(end: Callable[[Any], Any]) -> None:
    """Which otherwise all others waited for as long as it lasts."""
    redis = Kept(awaiting=True)
    assert asyncio.run(ended(redis, end)) < 1.5
    assert [] == redis.locks


@pytest.mark.slow
def test_a_call_that_is_cancelled_again_and_again_costs_others_half_of_their_time() -> None:
    """It cannot even ask Redis any more; the lock is of no use to anybody then."""
    redis = Kept(awaiting=True, pause=0.05)
    assert 1.8 < asyncio.run(ended(redis, cancel_again)) < 3.8


@pytest.mark.slow
@both
def test_a_lost_holder_costs_others_no_more_than_half_of_their_time(opening: Opening) -> None:
    """A process that was killed, say: they get a token of their own, with one call."""
    redis, retailer = redis_for(opening), Retailer([TOKEN])
    redis.hold(60)
    begun = time.monotonic()
    with opening(RETAILER, transport=httpx.MockTransport(retailer), redis=redis, timeout=4) as mux:
        assert isinstance(mux.orders.get("croissant:c1"), Order)
    assert (1, True) == (retailer.token_calls, time.monotonic() - begun < 3.6)
    assert 1 == len(redis.locks)  # which is the other's still


def test_who_is_cancelled_while_it_waits_leaves_anothers_lock_alone() -> None:
    """It never was its own."""
    redis = Kept(awaiting=True)
    redis.hold(60)

    async def wait() -> None:
        async with AsyncOrdermux(RETAILER, transport=Held(), redis=redis) as mux:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await read(mux)

    asyncio.run(wait())
    assert 1 == len(redis.locks)


def test_an_interrupted_call_lets_go_of_the_lock() -> None:
    """A signal's exception is its own, and another process goes on at once."""
    redis, retailer = Kept(awaiting=False), Retailer([TOKEN])

    def interrupted(_: httpx.Request) -> httpx.Response:
        assert 1 == len(redis.locks)
        signal.raise_signal(signal.SIGALRM)  # Ctrl-C, but for a handler that whoever runs the tests may have changed
        raise AssertionError

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with Ordermux(RETAILER, transport=httpx.MockTransport(interrupted), redis=redis) as mux:
            with pytest.raises(KeyboardInterrupt):
                mux.orders.get("croissant:c1")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert [] == redis.locks
    with Ordermux(RETAILER, transport=httpx.MockTransport(retailer), redis=redis, timeout=4) as mux:
        assert isinstance(mux.orders.get("croissant:c1"), Order)


def test_a_redis_that_fails_as_the_lock_is_let_go_of_hides_nothing() -> None:
    """Neither that the call was cancelled, nor a token that came."""
    redis = Kept(awaiting=True, fails="EVAL".__eq__)

    async def cancelled() -> None:
        held = Held()
        async with AsyncOrdermux(RETAILER, transport=held, redis=redis) as mux:
            task = asyncio.create_task(read(mux))
            await asyncio.to_thread(held.entered.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    redis.kept.clear()
    with Ordermux(
        RETAILER, transport=httpx.MockTransport(Retailer([TOKEN])), redis=attrs.evolve(redis, awaiting=False)
    ) as mux:
        assert isinstance(mux.orders.get("croissant:c1"), Order)
