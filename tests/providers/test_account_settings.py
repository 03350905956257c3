"""Accounts: their names, addresses and secrets, and the packages that they need."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import ordermux_croissant
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Account,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidArgument,
    MissingDependency,
    Ordermux,
    OrderRef,
    Zephyr,
)
from ordermux.emulator import Emulator
from support.account_settings import ACCOUNTS, MAKERS, PROVIDERS, SHOP, account_of
from support.clients import Opening, Pages, both
from support.typed_client_answers import CANARY, ORDER

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
