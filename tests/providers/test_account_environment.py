"""Accounts from the variables of the environment."""

from __future__ import annotations

from typing import Any

import pytest

from ordermux import (
    Account,
    Croissant,
    Crossmint,
    InvalidArgument,
    MissingSetting,
    Zephyr,
    from_env,
)
from support.account_settings import ACCOUNTS, PROVIDERS, SETTINGS, SHOP, account_of
from support.typed_client_answers import CANARY

NEEDED = [(kind, name) for kind, settings in SETTINGS.items() for name in settings if name != "jwt"]
"""Without the cookie a shop on Crossmint is an account all the same, which is enough for its events."""


def environment(kind: type[Account[Any]], prefix: str = "", **settings: str) -> dict[str, str]:
    """Return the environment of an account with what it needs."""
    name = prefix or kind.provider.upper()
    return {f"ORDERMUX_{name}_{field.upper()}": value for field, value in {**SETTINGS[kind], **settings}.items()}


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


def test_an_environment_without_an_account_is_told_with_the_variables_that_one_needs() -> None:
    """The message lists them by provider, without those that may be left out, and holds no value."""
    with pytest.raises(MissingSetting) as raised:
        from_env({"HOME": CANARY})
    needed = [
        "croissant: ORDERMUX_CROISSANT_CLIENT_ID, ORDERMUX_CROISSANT_CLIENT_SECRET",
        "crossmint: ORDERMUX_CROSSMINT_BASE_URL, ORDERMUX_CROSSMINT_JWT, ORDERMUX_CROSSMINT_REFRESH_TOKEN",
        "cryptum: ORDERMUX_CRYPTUM_API_KEY, ORDERMUX_CRYPTUM_STORE",
        "zephyr: ORDERMUX_ZEPHYR_API_KEY",
    ]
    _, _, told = str(raised.value).partition("(")
    assert set(needed) <= set(told.partition(")")[0].split("; "))
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
