"""The making of the facade: its options, event loops, and what is refused at once."""

from __future__ import annotations

import asyncio
import gc
import pickle
import ssl
import time
import warnings
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from redis import Redis as RedisClient
from redis.asyncio import Redis as AsyncRedisClient

from ordermux import (
    AsyncOrdermux,
    Croissant,
    Crossmint,
    InvalidArgument,
    Ordermux,
    OrdermuxError,
    SharedStateError,
    Zephyr,
)
from ordermux.emulator import Emulator
from ordermux.providers.croissant import emulator as croissant
from ordermux_zephyr import document
from support.account_settings import MAKERS, SHOP
from support.clients import Opening, Pages, blocking, both
from support.typed_client_answers import CANARY, ORDER, traced

NUMBERS = [0, -1, float("nan"), float("inf"), True, "1", None]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["timeout", "attempt_timeout", "attempts", "max_body"])
@pytest.mark.parametrize("value", NUMBERS)
def test_a_number_that_cannot_be_is_refused(make: Callable[..., Any], name: str, value: Any) -> None:
    """Each, with its name."""
    with pytest.raises(InvalidArgument, match=f"^{name} is a "):
        make(**{name: value})


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_no_account_is_refused(make: Callable[..., Any]) -> None:
    """Such as the name of one."""
    with pytest.raises(InvalidArgument, match="account"):
        make("zephyr")


@both
def test_a_facade_without_an_account_says_so(opening: Opening) -> None:
    """When one is asked for."""
    with opening() as mux:
        with pytest.raises(InvalidArgument, match="no account is named 'zephyr'; there are: none"):
            mux.orders.get("zephyr:1")


def read_in_two_event_loops(emulator: Emulator, *, closing: bool) -> list[str]:
    """Read two orders in each of two event loops, by one client."""
    mux = AsyncOrdermux(*emulator.accounts())

    async def read() -> str:
        found = await mux.orders.get("zephyr:order_01HXY8")
        cart = await mux.orders.get(f"croissant:{croissant.SAMPLE_CART}")
        if closing:
            await mux.close()
        return f"{found.ref.id} {cart.ref.account}"

    return [asyncio.run(read()), asyncio.run(read())]


@pytest.mark.parametrize("closing", [True, False])
def test_another_event_loop_may_go_on(emulator: Emulator, *, closing: bool) -> None:
    """Over connections of its own, whether those of the first were closed or not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of connections whose event loop was closed over them
        found = read_in_two_event_loops(emulator, closing=closing)
        gc.collect()
    assert ["order_01HXY8 croissant"] * 2 == found
    assert (2, 1) == (emulator.world.calls["zephyr.getOrder"], emulator.world.calls["croissant.createToken"])


def test_an_awaiting_facade_may_be_made_outside_of_a_loop(emulator: Emulator) -> None:
    """And used in the first that comes."""
    mux = AsyncOrdermux(*emulator.accounts())

    async def read() -> str:
        async with mux:
            return (await mux.orders.get("zephyr:order_01HXY8")).ref.id

    assert "order_01HXY8" == asyncio.run(read())


@pytest.mark.parametrize("make", MAKERS)
def test_a_facade_is_not_pickled(make: Callable[..., Any]) -> None:
    """It holds connections and credentials: neither goes out, and the secret least of all."""
    mux = make(Zephyr(api_key=CANARY))
    try:
        pickled = pickle.dumps(mux)
    except (TypeError, AttributeError, OrdermuxError, pickle.PicklingError):
        return
    assert CANARY.encode() not in pickled


@both
def test_a_transport_of_ones_own_is_not_closed(opening: Opening) -> None:
    """Whoever made it closes it."""
    closed: list[str] = []

    class Own(httpx.MockTransport):
        def close(self) -> None:
            closed.append("close")

        async def aclose(self) -> None:
            closed.append("aclose")

    with opening(Zephyr(api_key="key"), transport=Own(Pages([ORDER]))) as mux:
        mux.orders.get(f"zephyr:{ORDER['id']}")
        mux.close()
    assert [] == closed


class _Redis:
    """A client of Redis that answers each command by the same."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def execute_command(self, *words: Any) -> Any:
        """Answer."""
        return None if words[0] == "SET" else self.reply


class _AsyncRedis(_Redis):
    async def execute_command(self, *words: Any) -> Any:
        """Answer."""
        return super().execute_command(*words)


WRONG_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a client of httpx's": ({"transport": httpx.Client()}, "transport is an httpx transport such as .* and no Client"),
    "a class of transports": ({"transport": httpx.MockTransport}, "transport is an httpx transport"),
    "text for a transport": ({"transport": "http://shop.test"}, "and no str"),
    "a proxy of another kind": ({"proxy": f"socks5://user:{CANARY}@127.0.0.1"}, "a proxy is like http://host:8080"),
    "a context that is none": ({"ssl_context": True}, "ssl_context is a client's ssl.SSLContext"),
    "a server's context": ({"ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)}, "ssl_context is a client's"),
    "no connections": ({"connections": 0}, "connections is a whole number from 1 to 10,000"),
    "a proxy for another's transport": (
        {"transport": httpx.MockTransport(Pages([500])), "proxy": "http://127.0.0.1:1"},
        "are not settings of another transport",
    ),
    "a call of centuries": ({"timeout": 1e10}, "timeout is at most 86400 seconds, not 10000000000.0"),
    "an attempt of more than a day": ({"attempt_timeout": 86_401}, "attempt_timeout is at most 86400 seconds"),
    "a proxy with a line break": ({"proxy": f"http://user:{CANARY}\n@127.0.0.1:1"}, "a proxy is like http://host"),
    "a Redis that is none": ({"redis": "redis://host"}, "redis is a client of the redis package, not str"),
}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", WRONG_OPTIONS)
def test_an_option_that_cannot_be_is_refused_at_once(make: Callable[..., Any], name: str) -> None:
    """When the facade is made, and without showing a password."""
    options, told = WRONG_OPTIONS[name]
    with pytest.raises(InvalidArgument, match=told) as raised:
        make(Zephyr(api_key=CANARY), **options)
    assert CANARY not in traced(raised.value)


@both
def test_a_call_takes_a_day_at_most(opening: Opening) -> None:
    """A longer time is one that neither a socket nor an event loop takes."""
    with opening(Zephyr(api_key=CANARY), transport=Pages([ORDER, ORDER]).transport, timeout=86_400) as mux:
        with pytest.raises(InvalidArgument, match=r"timeout is at most 86400 seconds, not 1e\+16"):
            mux.orders.get(f"zephyr:{ORDER['id']}", timeout=1e16)
        assert ORDER["id"] == mux.orders.get(f"zephyr:{ORDER['id']}", timeout=86_400).ref.id


def test_an_async_redis_is_no_redis_of_a_sync_client() -> None:
    """What it returns would be taken for a reply."""
    with pytest.raises(InvalidArgument, match=r"^redis is an async client; an Ordermux takes a redis\.Redis$"):
        Ordermux(redis=_AsyncRedis(1))


def test_a_sync_redis_is_no_redis_of_an_async_client() -> None:
    """It would block the event loop at each command."""
    with pytest.raises(InvalidArgument, match=r"^redis is a sync client; .* takes a redis\.asyncio\.Redis$"):
        AsyncOrdermux(redis=RedisClient())
    AsyncOrdermux(redis=AsyncRedisClient())


@both
@pytest.mark.parametrize("reply", ["words", b"1", [1], 1.5, {}])
def test_a_reply_of_redis_that_cannot_be_is_an_error_of_ours(opening: Opening, reply: Any) -> None:
    """Of a limit, and of a token."""
    redis = _Redis(reply) if opening is blocking else _AsyncRedis(reply)
    accounts = Crossmint(base_url=SHOP, jwt="jwt"), Croissant(client_id="id", client_secret=CANARY, base_url=SHOP)
    with opening(*accounts, redis=redis, transport=Pages([500]).transport, attempts=1) as mux:
        for account in ("crossmint", "croissant"):
            with pytest.raises(SharedStateError, match="Redis answered"):
                mux.orders.get(f"{account}:1")


@pytest.mark.parametrize("base_url", [None, 7, "shop.test", "ftp://shop.test", "http://", "http://shop.test:0"])
def test_an_address_that_is_none_is_refused_at_once(base_url: Any) -> None:
    """By the account, before there is a client."""
    with pytest.raises(InvalidArgument, match="base_url is like https://host/path"):
        Crossmint(base_url=base_url)


@pytest.mark.parametrize("shared", [False, True])
def test_the_limit_is_the_documents(monkeypatch: pytest.MonkeyPatch, *, shared: bool) -> None:
    """Where an account sets no other; processes share it by the account's address and name."""
    account = Zephyr(api_key="zk_test_1", name="eu", base_url="https://eu.example")
    assert account.limit(time.monotonic, shared=shared) is None
    monkeypatch.setattr(document, "RATE_LIMIT", {"requests": 5, "window-seconds": 2, "scope": "API key"})
    limit = account.limit(time.monotonic, shared=shared)
    assert limit is not None
    name = "ordermux:limit:https://eu.example|eu" if shared else None
    assert (5, 2.0, name) == (limit.max_requests, limit.seconds, limit.name)
