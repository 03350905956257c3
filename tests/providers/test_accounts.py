"""Accounts and the making of the facade: names, the environment, secrets, and what is refused at once."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import ssl
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from redis import Redis as RedisClient
from redis.asyncio import Redis as AsyncRedisClient

import ordermux_croissant
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Account,
    AsyncOrdermux,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidArgument,
    MissingDependency,
    MissingSetting,
    Ordermux,
    OrdermuxError,
    OrderRef,
    SharedStateError,
    Zephyr,
    from_env,
)
from ordermux.emulator import Emulator
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.registry import providers
from ordermux_zephyr import document
from support.clients import Opening, Pages, blocking, both
from support.typed_client_answers import CANARY, ORDER, traced

SHOP = "http://shop.test"
ACCOUNTS = tuple(each.account for each in providers().values())
PROVIDERS = ["croissant", "crossmint", "cryptum", "zephyr"]
SETTINGS: dict[type[Account[Any]], dict[str, str]] = {
    Croissant: {"client_id": "id", "client_secret": CANARY},
    Zephyr: {"api_key": CANARY},
    Crossmint: {"base_url": SHOP, "jwt": CANARY},
    Cryptum: {"api_key": CANARY, "store": "store"},
}
"""What each account needs."""
NEEDED = [(kind, name) for kind, settings in SETTINGS.items() for name in settings if name != "jwt"]
"""Without the cookie a shop on Crossmint is an account all the same, which is enough for its events."""
MAKERS: list[Callable[..., Any]] = [Ordermux, AsyncOrdermux]


def account_of(kind: Any, **settings: Any) -> Any:
    """Return an account with what it needs."""
    return kind(**{**SETTINGS[kind], **settings})


def environment(kind: type[Account[Any]], prefix: str = "", **settings: str) -> dict[str, str]:
    """Return the environment of an account with what it needs."""
    name = prefix or kind.provider.upper()
    return {f"ORDERMUX_{name}_{field.upper()}": value for field, value in {**SETTINGS[kind], **settings}.items()}


# Names.


def test_there_is_an_account_of_each_provider() -> None:
    """And it is named for it, where it has no name of its own."""
    assert PROVIDERS == [kind.provider for kind in ACCOUNTS] == [account_of(kind).name for kind in ACCOUNTS]


@both
def test_two_accounts_of_one_provider_have_names(emulator: Emulator, opening: Opening) -> None:
    """Each is called by its own name, and its orders bear it."""
    here = emulator.client_kwargs("zephyr")
    with opening(Zephyr(**here), Zephyr(**here, name="zephyr-eu")) as mux:
        read = mux.orders.get("zephyr-eu:order_01HXY8")
        assert "zephyr-eu" == read.ref.account
        assert read.ref == mux.orders.cancel(read.ref).ref
        assert {"zephyr-eu"} == {order.ref.account for order in mux.orders.list("zephyr-eu")}
        assert OrderRef("zephyr", "order_01HXY8") == mux.orders.get("zephyr:order_01HXY8").ref


@both
def test_each_account_sends_its_own_credentials(opening: Opening) -> None:
    """To its own address."""
    pages = Pages([ORDER])
    shops = [Zephyr(api_key="one"), Zephyr(api_key="two", base_url=f"{SHOP}/eu", name="zephyr-eu")]
    with opening(*shops, transport=pages.transport) as mux:
        mux.orders.get(f"zephyr:{ORDER['id']}")
        mux.orders.get(f"zephyr-eu:{ORDER['id']}")
    sent = [(request.url.host + request.url.path, request.headers["authorization"]) for request in pages.asked]
    expected = [
        (f"api.zephyrcart.io/v1/orders/{ORDER['id']}", "Bearer one"),
        (f"shop.test/eu/v1/orders/{ORDER['id']}", "Bearer two"),
    ]
    assert expected == sent


@pytest.mark.parametrize("make", MAKERS)
def test_two_accounts_of_one_name_are_refused(make: Callable[..., Any]) -> None:
    """Otherwise it would be left to chance which shop an order is of."""
    with pytest.raises(InvalidArgument, match="two accounts are named zephyr; give one another name="):
        make(Zephyr(api_key="a"), Zephyr(api_key="b"))


@pytest.mark.parametrize("kind", ACCOUNTS)
@pytest.mark.parametrize("name", ["", "zephyr:eu", ":"])
def test_a_name_that_could_not_stand_in_a_reference_is_refused(kind: type[Account[Any]], name: str) -> None:
    """Otherwise no order of the account could be named."""
    with pytest.raises(InvalidArgument, match="text without a colon"):
        account_of(kind, name=name)


@pytest.mark.parametrize("name", [None, 7])
def test_a_name_that_is_no_text_is_refused(name: Any) -> None:
    """As one that could not stand in a reference."""
    with pytest.raises(InvalidArgument, match="text without a colon"):
        Zephyr(api_key="key", name=name)


# The environment of the process.


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_an_account_from_the_environment(kind: type[Account[Any]]) -> None:
    """Its variables are the provider's name and the setting's."""
    found = kind.from_env(environ=environment(kind))
    assert (account_of(kind), kind.provider) == (found, found.name)


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_an_optional_setting_comes_from_the_environment_too(kind: type[Account[Any]]) -> None:
    """Such as the address."""
    found: Any = kind.from_env(environ=environment(kind, base_url="http://other.test"))
    assert "http://other.test" == found.client().base_url


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_the_environment_of_a_named_account(kind: type[Account[Any]]) -> None:
    """Its variables begin with its name, and those of the provider are not looked at."""
    name = f"{kind.provider}-eu"
    environ = environment(kind, f"{kind.provider.upper()}_EU")
    assert account_of(kind, name=name) == kind.from_env(name, environ)
    with pytest.raises(MissingSetting, match=f"set ORDERMUX_{kind.provider.upper()}_EU_"):
        kind.from_env(name, environment(kind))


@pytest.mark.parametrize(("kind", "setting"), NEEDED)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(kind: type[Account[Any]], setting: str, value: str | None) -> None:
    """Each that is needed; one that is empty is missing."""
    environ = environment(kind)
    variable = f"ORDERMUX_{kind.provider.upper()}_{setting.upper()}"
    if value is None:
        del environ[variable]
    else:
        environ[variable] = value
    with pytest.raises(MissingSetting, match=f"^set {variable}, the {setting} of {kind.provider}$"):
        kind.from_env(environ=environ)


def test_the_process_own_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no other is given; as it is when it is asked for."""
    for kind in ACCOUNTS:
        for variable in kind.variables().values():
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ORDERMUX_ZEPHYR_API_KEY", CANARY)
    assert Zephyr(api_key=CANARY) == Zephyr.from_env()
    assert (Zephyr(api_key=CANARY),) == from_env()


@pytest.mark.parametrize("wanted", [("zephyr",), ("croissant", "cryptum"), tuple(PROVIDERS)])
def test_all_accounts_of_the_environment(wanted: tuple[str, ...]) -> None:
    """Those of which there is a setting."""
    environ: dict[str, str] = {}
    for kind in ACCOUNTS:
        if kind.provider in wanted:
            environ |= environment(kind)
    assert wanted == tuple(account.name for account in from_env(environ))


def test_accounts_that_the_environment_names_are_those() -> None:
    """Whatever other settings there are; a name that is not a provider's has it behind a colon."""
    eu = {"ORDERMUX_ZEPHYR_EU_API_KEY": "two"}
    environ = {**environment(Zephyr), **environment(Croissant), **eu, "ORDERMUX_ACCOUNTS": " zephyr, zephyr-eu:zephyr,"}
    assert [("zephyr", "zephyr"), ("zephyr-eu", "zephyr")] == [(each.name, each.provider) for each in from_env(environ)]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("shop", "'shop' has no provider; write shop:PROVIDER"),
        (" ,", "names no account"),
        ("eu:zephyr", "set ORDERMUX_EU"),
    ],
)
def test_a_list_of_accounts_that_is_wrong_is_refused(names: str, problem: str) -> None:
    """An account is never left out."""
    with pytest.raises(MissingSetting, match=problem):
        from_env({**environment(Zephyr), "ORDERMUX_ACCOUNTS": names})


def test_half_an_account_is_not_left_out() -> None:
    """Whoever set one variable meant the account."""
    with pytest.raises(MissingSetting, match="set ORDERMUX_CRYPTUM_STORE"):
        from_env({**environment(Zephyr), "ORDERMUX_CRYPTUM_API_KEY": "key"})


def test_an_environment_without_an_account_is_told_with_all_variables() -> None:
    """The message lists what there is, and holds no value."""
    with pytest.raises(MissingSetting) as raised:
        from_env({"HOME": CANARY})
    needed = {variable for kind in ACCOUNTS for variable in kind.variables().values()}
    assert {variable for variable in needed if variable not in str(raised.value)} == set()
    assert CANARY not in str(raised.value)


def test_what_is_no_text_is_no_variable() -> None:
    """A hook or a table cannot come from the environment."""
    assert "ORDERMUX_ZEPHYR_BASE_URL" in Zephyr.variables().values()
    assert "ORDERMUX_ZEPHYR_FULFILMENT" not in Zephyr.variables().values()
    assert "ORDERMUX_CROSSMINT_ON_ROTATION" not in Crossmint.variables().values()


def test_a_number_of_the_environment_is_one() -> None:
    """The shop's limit of requests; what is no number is refused as such, and the variable is named or the word."""
    environ = environment(Crossmint, requests_per_minute="12")
    assert 12 == Crossmint.from_env(environ=environ).requests_per_minute
    with pytest.raises(InvalidArgument, match="many"):
        Crossmint.from_env(environ=environment(Crossmint, requests_per_minute="many"))


@pytest.mark.parametrize("number", [0, -1, 1.5, True, None])
def test_a_limit_that_is_none_is_refused(number: Any) -> None:
    """No request could ever be sent, or it is no number of requests."""
    with pytest.raises(InvalidArgument, match="requests_per_minute"):
        Crossmint(base_url=SHOP, jwt="jwt", requests_per_minute=number)


# Where the provider is.


@pytest.mark.parametrize(
    ("kind", "settings", "address"),
    [
        (Croissant, {}, ordermux_croissant.Server.PRODUCTION),
        (Croissant, {"environment": "sandbox"}, ordermux_croissant.Server.SANDBOX),
        (Croissant, {"environment": "sandbox", "base_url": SHOP}, SHOP),
        (Cryptum, {}, ordermux_cryptum.Server.PRODUCTION),
        (Cryptum, {"environment": "test"}, ordermux_cryptum.Server.TEST),
        (Zephyr, {}, ordermux_zephyr.Server.PRODUCTION),
        (Zephyr, {"base_url": SHOP}, SHOP),
        (Crossmint, {}, SHOP),
    ],
)
def test_an_account_is_at_its_address(kind: type[Account[Any]], settings: dict[str, str], address: str) -> None:
    """Of the environments that the document lists, or the one that is given."""
    with Ordermux(account_of(kind, **settings)) as mux:
        assert address == mux.client(kind.provider).base_url


@pytest.mark.parametrize(("kind", "known"), [(Croissant, "production, sandbox"), (Cryptum, "production, test")])
def test_a_wrong_environment_is_told_with_the_right_ones(kind: type[Account[Any]], known: str) -> None:
    """The message lists what there is."""
    with pytest.raises(InvalidArgument, match=f"{kind.provider} has no environment 'staging'; there are: ") as raised:
        Ordermux(account_of(kind, environment="staging"))
    assert set(known.split(", ")) == set(str(raised.value).partition("there are: ")[2].split(", "))


@pytest.mark.parametrize("address", ["", "shop.test", "ftp://shop.test", "http://user:pass@shop.test", "http://x/?a=b"])
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    """With an error of the facade's, which shows no password."""
    with pytest.raises(InvalidArgument, match="base_url") as raised:
        Ordermux(Crossmint(base_url=address, jwt="jwt"))
    assert "pass@" not in str(raised.value)


# Secrets.


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_an_account_does_not_show_its_secrets(kind: type[Account[Any]]) -> None:
    """However it is written, nor does what holds it."""
    account = account_of(kind)
    with Ordermux(account) as mux:
        shown = [f"{each!r} {each} {vars(each) if hasattr(each, '__dict__') else ''}" for each in (account, mux)]
        shown.append(repr(attrs.asdict(account)))
        shown.append(repr(mux.client(account)))
    assert [] == [text for text in shown if CANARY in text]


def test_the_refresh_token_is_a_secret_too() -> None:
    """As the session's cookie."""
    assert CANARY not in repr(Crossmint(base_url=SHOP, jwt="jwt", refresh_token=CANARY))


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_secrets_are_lost_in_a_pickle(kind: type[Account[Any]]) -> None:
    """The account comes back without them, and says so when it is used."""
    pickled = pickle.dumps(account_of(kind))
    assert CANARY.encode() not in pickled
    restored = pickle.loads(pickled)
    assert kind.provider == restored.name
    pages = Pages([500])
    with pytest.raises(InvalidArgument, match="secret"):
        with Ordermux(restored, transport=pages.transport, attempts=1) as mux:
            mux.orders.get(f"{kind.provider}:1")
    assert [] == pages.asked


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_copied_account_works(kind: type[Account[Any]]) -> None:
    """And so does one with something changed."""
    account = account_of(kind)
    assert account == copy.copy(account) == copy.deepcopy(account)
    assert "other" == attrs.evolve(account, name="other").name


def test_a_secret_may_be_the_packages_own() -> None:
    """Both forms are one account."""
    assert Zephyr(api_key="key") == Zephyr(api_key=ordermux_zephyr.Secret("key"))


@pytest.mark.parametrize("value", [f"{CANARY}\r\nx: y", f"{CANARY} ", f"{CANARY}é"])
def test_a_credential_that_cannot_be_sent_is_refused(value: str) -> None:
    """Before anything is sent, without showing it."""
    pages = Pages([500])
    with pytest.raises(InvalidArgument) as raised:
        with Ordermux(Zephyr(api_key=value), transport=pages.transport, attempts=1) as mux:
            mux.orders.get("zephyr:1")
    assert CANARY not in str(raised.value)
    assert [] == pages.asked


# What is not there.


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_missing_package_is_told_with_its_install_line(
    monkeypatch: pytest.MonkeyPatch, kind: type[Account[Any]]
) -> None:
    """Whoever has not installed a provider is told what to type."""
    monkeypatch.setitem(sys.modules, f"ordermux_{kind.provider}", None)
    told = rf"^{kind.provider} is not installed; run: pip install 'ordermux\[{kind.provider}\]'$"
    with pytest.raises(MissingDependency, match=told):
        Ordermux(account_of(kind))


def test_a_package_that_is_broken_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it misses is not what the install line gives."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "ordermux_zephyr"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "attrs", None)
    with pytest.raises(ModuleNotFoundError, match="attrs"):
        Ordermux(Zephyr(api_key="key"))


# The facade itself.

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
