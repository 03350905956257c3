"""Which accounts there are, and what is told where one does not work."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ordermux.cli._environment import accounts
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.croissant import emulator as croissant


def test_without_an_account_it_tells_how_to_try(run: Any) -> None:
    """In two lines."""
    ran = run("orders", "list", "zephyr")
    assert (1, "") == (ran.code, ran.out)
    assert [
        "error: no account is configured; set its environment variables, such as ORDERMUX_ZEPHYR_API_KEY",
        "  to try it without credentials, run `ordermux emulator` and pass --emulator http://127.0.0.1:8000",
    ] == ran.err.splitlines()


def test_a_setting_that_is_missing_is_named(run: Any) -> None:
    """Which one, of which account."""
    ran = run("accounts", "check", ORDERMUX_CROISSANT_CLIENT_ID="shop")
    assert (1, "error: set ORDERMUX_CROISSANT_CLIENT_SECRET, the client_secret of croissant\n") == (ran.code, ran.err)


def test_accounts_are_named_with_their_providers() -> None:
    """One provider twice, and another that has settings and is not named."""
    environ = {
        "ORDERMUX_ACCOUNTS": "zephyr, zephyr-eu:zephyr",
        "ORDERMUX_ZEPHYR_API_KEY": "one",
        "ORDERMUX_ZEPHYR_EU_API_KEY": "two",
        "ORDERMUX_ZEPHYR_EU_BASE_URL": "https://eu.example",
        "ORDERMUX_CRYPTUM_API_KEY": "three",
    }
    found: list[Any] = accounts(None, environ)
    told = [(each.name, each.provider, each.base_url, each.api_key.reveal()) for each in found]
    assert [("zephyr", "zephyr", None, "one"), ("zephyr-eu", "zephyr", "https://eu.example", "two")] == told


def test_an_account_of_no_provider_is_refused_with_how_to_write_it(run: Any) -> None:
    """The message lists the providers."""
    ran = run("accounts", "check", ORDERMUX_ACCOUNTS="shop")
    assert 1 == ran.code
    assert "'shop' has no provider; write shop:PROVIDER, with one of croissant, crossmint, cryptum, zephyr" in ran.err


def test_the_emulators_accounts_are_its_own(emulator: Emulator) -> None:
    """Addresses, credentials and webhook secrets are those that it gives itself; of a world too."""
    assert emulator.accounts() == accounts(emulator.address, {})
    assert emulator.accounts("shop-1") == accounts(f"{emulator.address}/w/shop-1", {})


@pytest.mark.parametrize("url", ["8000", "ftp://127.0.0.1:8000", "http://", "http://user:secret@127.0.0.1:8000"])
def test_an_emulator_is_at_an_address(run: Any, url: str) -> None:
    """Anything else is refused with how it is written."""
    ran = run("accounts", "check", "--emulator", url)
    assert (2, f"error: invalid --emulator {url!r}; expected a URL such as http://127.0.0.1:8000\n") == (
        ran.code,
        ran.err,
    )


@pytest.mark.slow
def test_what_is_typed_wins_over_the_environment(emulated: Any) -> None:
    """An emulator before the command, and one behind it."""
    for line in ("--emulator http://127.0.0.1:1 accounts check", "accounts check --emulator http://127.0.0.1:1"):
        ran = emulated(*line.split(), "--timeout", "1")
        assert (1, True) == (ran.code, "is an emulator running at http://127.0.0.1:1?" in ran.err)


def test_a_check_tells_which_account_does_not_work_and_why(
    emulated: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are told too; exit code 1."""
    emulator.state("croissant").clients[croissant.CLIENT_ID] = "another"
    emulator.world.faults.inject("zephyr.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=403))
    ran = emulated("accounts", "check", "--json")
    told = {each["account"]: each for each in map(json.loads, ran.out.splitlines())}
    assert 1 == ran.code
    assert {"croissant": False, "zephyr": False, "crossmint": True, "cryptum": True} == {
        name: each["works"] for name, each in told.items()
    }
    assert "Invalid client credentials (status 401)" in told["croissant"]["problem"]
    monkeypatch.setenv("NO_COLOR", "1")
    shown = emulated("accounts", "check")
    assert (1, True) == (shown.code, shown.err.startswith("croissant: get: Invalid client credentials"))


def test_a_server_that_knows_nothing_is_no_account_that_works(run: Any, emulator: Emulator) -> None:
    """A 404 for the token is no token."""
    settings = {"ORDERMUX_CROISSANT_CLIENT_ID": "shop", "ORDERMUX_CROISSANT_CLIENT_SECRET": "secret"}
    ran = run("accounts", "check", "--json", **settings, ORDERMUX_CROISSANT_BASE_URL=f"{emulator.address}/nothing")
    assert (1, False) == (ran.code, json.loads(ran.out)["works"])


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ([], "ORDERMUX_LOG is info or debug, not 'loud'"),
        (["--json"], '{"note": "ignored", "problem": "ORDERMUX_LOG is info or debug, not \'loud\'"}'),
    ],
)
def test_a_log_level_that_is_none_is_told(emulated: Any, extra: list[str], expected: str) -> None:
    """On standard error; the command does its work."""
    ran = emulated("accounts", "check", *extra, ORDERMUX_LOG="loud")
    assert (0, [expected]) == (ran.code, ran.err.splitlines())
