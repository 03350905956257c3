"""The registry of providers: a package that is broken gives a clear error, and breaks no other provider."""

from __future__ import annotations

import logging
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ordermux import BrokenProvider, MissingDependency, OrdermuxError, UnknownProvider, from_env
from ordermux.emulator.registry import emulators
from ordermux.emulator.server import accounts
from ordermux.providers.registry import Provider, provider_named, providers
from support.installed_packages import SitePackages, forget, site_packages

OURS = ["croissant", "crossmint", "cryptum", "zephyr"]
ZEPHYR = {"ORDERMUX_ZEPHYR_API_KEY": "key_of_a_test"}
ACCOUNT = """
    from typing import Any, ClassVar
    import attrs
    from ordermux.providers.account import Account

    @attrs.frozen(kw_only=True)
    class Harbor(Account[Any]):
        provider: ClassVar[str] = "harbor"
        secrets: ClassVar[tuple[str, ...]] = ("api_key",)
        name: str = "harbor"
        api_key: Any

    ACCOUNT = Harbor
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SitePackages]:
    """Give a folder to install packages into."""
    yield site_packages(tmp_path, monkeypatch)
    forget()
    for name in [each for each in sys.modules if each.startswith(("ordermux_harbor", "harbor_provider"))]:
        del sys.modules[name]


def message_of(provider: Provider, part: str) -> str:
    """Return what an error says when a part of a provider is used."""
    with pytest.raises(BrokenProvider) as raised:
        getattr(provider, part)
    return str(raised.value)


def others_work() -> None:
    """Assert that our own providers can be used in each way that looks at all of them."""
    assert ["zephyr"] == [each.name for each in from_env(ZEPHYR)]
    assert OURS == sorted(set(emulators()) - {"harbor"})
    for name in OURS:
        assert name == provider_named(name).account.provider


RAISED = {
    "an exception": ("raise ValueError('bad')", "ValueError: bad"),
    "an exit": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "an exception that is no Exception": ("class Odd(BaseException): ...\nraise Odd('odd')", "Odd: odd"),
    "a cancellation": ("import asyncio; raise asyncio.CancelledError", "CancelledError"),
    "a syntax error": ("def (", "SyntaxError: invalid syntax"),
    "endless recursion": ("def f(): f()\nf()", "RecursionError"),
}


@pytest.mark.parametrize("where", ["init", "account", "emulator", "scenario"])
@pytest.mark.parametrize("what", RAISED)
def test_what_an_import_raises_is_a_broken_provider(
    packages: SitePackages, what: str, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With the provider, the package, the module and the problem; the others work."""
    text, problem = RAISED[what]
    packages.provider("harbor", "harbor_provider", "ordermux-provider-harbor", **{where: text})
    told = message_of(provider_named("harbor"), "title" if where == "init" else where)
    module = "harbor_provider" if where == "init" else f"harbor_provider.{where}"
    assert f"provider harbor (package ordermux-provider-harbor): {module} cannot be imported: {problem}" in told
    others_work()
    if where in {"init", "emulator"}:
        assert [told] == [each.args[1].args[0] for each in caplog.records if "the emulator" in each.getMessage()]  # type: ignore[index, union-attr]


def test_an_interruption_is_not_an_error_of_the_provider(packages: SitePackages) -> None:
    """Ctrl-C during an import."""
    packages.provider("harbor", "harbor_provider", init="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        _ = provider_named("harbor").title


INCOMPLETE = {
    "no title": ("init", "", "title", "harbor_provider has no TITLE; define TITLE there, text"),
    "a title that is a number": ("init", "TITLE = 3", "title", "harbor_provider.TITLE is int; define TITLE there"),
    "no account": (
        "account",
        "",
        "account",
        "harbor_provider.account has no ACCOUNT; define ACCOUNT there, a subclass",
    ),
    "another account": ("account", "ACCOUNT = dict", "account", "harbor_provider.account.ACCOUNT is type; define"),
    "an account of another provider": (
        "account",
        "from ordermux import Zephyr\nACCOUNT = Zephyr",
        "account",
        "harbor_provider.account.ACCOUNT has provider = 'zephyr'; set it to 'harbor'",
    ),
    "no adapter": ("adapter", "", "adapter", "harbor_provider.adapter has no Adapter; define Adapter there"),
    "an adapter of another provider": (
        "adapter",
        "from ordermux.providers.adapter import Adapter",
        "adapter",
        "harbor_provider.adapter.Adapter has provider = None; set it to 'harbor'",
    ),
    "no scheme": ("webhooks", "SCHEME = 1", "webhooks", "harbor_provider.webhooks.SCHEME is int; define SCHEME"),
    "no emulator": ("emulator", "", "emulator", "harbor_provider.emulator has no EMULATOR; define EMULATOR there"),
    "no scenario": ("scenario", "ABOUT = 'a'", "scenario", "harbor_provider.scenario has no run; define run there"),
    "a name that a module of ours lacks": (
        "adapter",
        "from ordermux.providers.adapter import Missing",
        "adapter",
        "the packages ordermux, ordermux-harbor and the provider's own do not fit; update them together",
    ),
}


@pytest.mark.parametrize("what", INCOMPLETE)
def test_a_part_that_is_not_what_it_has_to_be_is_named(packages: SitePackages, what: str) -> None:
    """With what to define, and where; the others work."""
    part, text, read, message = INCOMPLETE[what]
    packages.provider("harbor", "harbor_provider", **{part: text})
    assert message in message_of(provider_named("harbor"), read)
    others_work()


@pytest.mark.parametrize(
    "name", ["Harbor", "har-bor", "har:bor", "har/bor", "..", "hafen\u00e4", "1harbor", "class", "_x"]
)
def test_a_name_that_is_not_a_word_is_refused(packages: SitePackages, name: str) -> None:
    """It could not stand in a reference, a path, a variable or a module's name; the others work."""
    packages.install("harbor-x", f"[ordermux.providers]\n{name} = harbor_provider\n")
    told = message_of(providers()[name], "account")
    assert f"the entry point {name!r} of harbor-x is not a provider's name" in told
    others_work()


@pytest.mark.parametrize("name", ["w", "reference", "codegen", "provider"])
def test_a_name_that_is_a_path_or_a_package_of_ours_is_refused(packages: SitePackages, name: str) -> None:
    """Of the emulator, or the compiler's."""
    packages.provider(name, "harbor_provider", "harbor-x")
    assert f"the entry point {name!r} of harbor-x has a name that ordermux uses itself; rename it" == message_of(
        providers()[name], "emulator"
    )
    others_work()


@pytest.mark.parametrize("value", ["harbor_provider:Provider", "harbor-provider", "", "harbor_provider.", "a b"])
def test_an_entry_point_that_names_no_package_is_refused(packages: SitePackages, value: str) -> None:
    """With what it is, and what is expected; the others work."""
    packages.install("harbor-x", f"[ordermux.providers]\nharbor = {value}\n")
    told = message_of(provider_named("harbor"), "account")
    assert f"the entry point 'harbor' of harbor-x is {value!r}; expected a package" in told
    others_work()


def test_two_packages_with_one_name_are_both_named(packages: SitePackages) -> None:
    """Neither is used, since nobody can say which is meant; the others work."""
    packages.provider("harbor", "harbor_provider", "ordermux-provider-harbor", account=ACCOUNT)
    packages.provider("harbor", "harbor_provider_two", "harbor-fork", account=ACCOUNT)
    told = message_of(provider_named("harbor"), "account")
    assert (
        "two packages register a provider harbor: ordermux-provider-harbor and harbor-fork; uninstall one of them"
        == told
    )
    others_work()


def test_a_package_that_takes_the_name_of_ours_breaks_that_one_alone(packages: SitePackages) -> None:
    """An account that is made by its class works all the same."""
    packages.provider("zephyr", "harbor_provider", "harbor-fork", account=ACCOUNT)
    assert "two packages register a provider zephyr: " in message_of(provider_named("zephyr"), "adapter")
    assert ["crossmint", "croissant", "cryptum"] == sorted(emulators(), key=["crossmint", "croissant", "cryptum"].index)
    from ordermux import Ordermux, Zephyr

    with Ordermux(Zephyr(api_key="key_of_a_test")) as mux:
        assert mux.capabilities("zephyr")


def test_two_versions_of_one_package_are_one_provider(packages: SitePackages) -> None:
    """The first on the path counts, as for Python's own imports."""
    packages.provider("harbor", "harbor_provider", account=ACCOUNT)
    info = packages.install("harbor_provider2", "[ordermux.providers]\nharbor = harbor_provider\n")
    shutil.move(info, info.with_name("harbor_provider-0.9.dist-info"))
    assert "Harbor" == provider_named("harbor").account.__name__


@pytest.mark.parametrize("text", ["[ordermux.providers]\nno equals sign\n", "\udcff"])
def test_metadata_that_cannot_be_read_hides_no_other_provider(packages: SitePackages, text: str) -> None:
    """It is named once a provider is not found."""
    info = packages.install("harbor-x")
    (info / "entry_points.txt").write_bytes(text.encode("utf-8", "surrogateescape"))
    others_work()
    with pytest.raises(UnknownProvider, match=r"cannot be read; reinstall them: .*harbor_x-1\.0\.dist-info"):
        provider_named("harbor")


def test_metadata_without_a_name_is_named_by_its_module(packages: SitePackages) -> None:
    """As an interrupted installation leaves it."""
    packages.install("harbor-x", "[ordermux.providers]\nharbor = harbor_provider\n", metadata=None)
    assert "provider harbor (package harbor_provider): harbor_provider is missing; reinstall the package" == message_of(
        provider_named("harbor"), "account"
    )
    others_work()


def test_a_package_whose_files_are_gone_is_named(packages: SitePackages) -> None:
    """As one that is uninstalled while the process runs."""
    packages.provider("harbor", "harbor_provider", account=ACCOUNT)
    assert "Harbor" == provider_named("harbor").account.__name__
    shutil.rmtree(packages.folder / "harbor_provider")
    assert "harbor_provider.adapter is missing; reinstall the package" in message_of(
        provider_named("harbor"), "adapter"
    )
    others_work()


def test_a_package_that_the_adapter_needs_is_named(packages: SitePackages) -> None:
    """Another one than the typed client."""
    packages.provider("harbor", "harbor_provider", "harbor-x", adapter="import a_package_that_is_not_there")
    with pytest.raises(
        MissingDependency, match=r"provider harbor \(package harbor-x\): .* a_package_that_is_not_there"
    ):
        _ = provider_named("harbor").adapter


def test_a_typed_client_that_is_missing_is_named(packages: SitePackages) -> None:
    """With the command that installs it."""
    packages.provider("harbor", "harbor_provider", "harbor-x", account=ACCOUNT)
    with pytest.raises(MissingDependency, match="harbor is not installed; run: pip install 'ordermux-harbor'"):
        provider_named("harbor").account.from_env(environ={"ORDERMUX_HARBOR_API_KEY": "key_of_a_test"})


def test_a_typed_client_of_an_older_compiler_is_named(packages: SitePackages) -> None:
    """With the command that compiles it."""
    packages.provider("harbor", "harbor_provider", "harbor-x")
    packages.install("ordermux-harbor", "", {"ordermux_harbor/__init__.py": "", "ordermux_harbor/document.py": ""})
    with pytest.raises(BrokenProvider, match=r"harbor\.document has no RATE_LIMIT; compile .* generate harbor`"):
        provider_named("harbor").fact("RATE_LIMIT")
    with pytest.raises(BrokenProvider, match=r"openapi\.json cannot be read: .*generate harbor`"):
        _ = provider_named("harbor").document
    with pytest.raises(BrokenProvider, match=r"needs ordermux_harbor\.codec, which the typed client lacks"):
        provider_named("harbor").generated("codec")


def test_settings_of_a_broken_provider_are_not_ignored(packages: SitePackages) -> None:
    """An account that is configured and silently missing would be worse; the error names the package."""
    packages.provider("harbor", "harbor_provider", "harbor-x", account="raise ValueError('bad')")
    with pytest.raises(BrokenProvider, match="provider harbor"):
        from_env({**ZEPHYR, "ORDERMUX_HARBOR_API_KEY": "key"})
    assert ["zephyr"] == [each.name for each in from_env(ZEPHYR)]


def test_the_error_of_a_broken_provider_can_be_pickled(packages: SitePackages) -> None:
    """As every error of the facade."""
    packages.provider("harbor", "harbor_provider", "harbor-x", account="raise ValueError('bad')")
    with pytest.raises(OrdermuxError) as raised:
        _ = provider_named("harbor").account
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(raised.value), "harbor", "harbor-x") == (str(again), again.provider, again.package)


def test_an_emulator_with_two_operations_at_one_path_is_left_out(
    packages: SitePackages, caplog: pytest.LogCaptureFixture
) -> None:
    """With a warning that names both; the others are emulated."""
    emulator = """
        class Emulator:
            add_samples = None
            routes = [("getOrder", "GET", "/orders", None), ("listOrders", "GET", "/orders", None)]

        EMULATOR = Emulator()
    """
    packages.provider("harbor", "harbor_provider", emulator=emulator)
    with caplog.at_level(logging.WARNING):
        assert OURS == list(emulators())
    assert "getOrder and listOrders of its emulator are both GET /orders" in caplog.text


def test_an_account_that_cannot_be_made_is_left_out_of_the_emulators(
    packages: SitePackages, caplog: pytest.LogCaptureFixture
) -> None:
    """With a warning that names the provider; the others have theirs."""
    emulator = """
        class Emulator:
            base_path, credentials, account_settings, routes, add_samples = "", {"key": "k"}, {}, [], None

        EMULATOR = Emulator()
    """
    packages.provider("harbor", "harbor_provider", emulator=emulator, account=ACCOUNT)
    with caplog.at_level(logging.WARNING):
        assert OURS == [each.provider for each in accounts("http://127.0.0.1:9")]
    assert "the emulator is without an account of harbor" in caplog.text


COMMAND = ("-m", "ordermux.cli")
BROKEN = "import sys; sys.exit(9)"


@pytest.mark.slow
def test_the_command_works_beside_a_broken_provider(packages: SitePackages) -> None:
    """For the other accounts; the provider that is left out is reported on standard error."""
    packages.provider("harbor", "harbor_provider", "harbor-x", init=BROKEN)
    environ = {**ZEPHYR, "ORDERMUX_HARBOR_API_KEY": "key", "ORDERMUX_ZEPHYR_BASE_URL": "http://127.0.0.1:9"}
    ran = packages.run(*COMMAND, "accounts", "check", "--timeout", "1", **environ)
    assert (
        "left out: provider harbor (package harbor-x): harbor_provider.account cannot be imported: SystemExit: 9"
        in ran.stderr
    )
    assert "zephyr" in ran.stdout
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_the_status_map_is_printed_beside_a_broken_provider(packages: SitePackages) -> None:
    """Of the others, with what is left out."""
    packages.provider("harbor", "harbor_provider", "harbor-x", init=BROKEN)
    ran = packages.run(*COMMAND, "status-map")
    assert (0, True, True) == (ran.returncode, "left out: provider harbor" in ran.stderr, "zephyr" in ran.stdout)
    alone = packages.run(*COMMAND, "status-map", "harbor")
    assert (1, True) == (alone.returncode, "error: provider harbor (package harbor-x)" in alone.stderr)


@pytest.mark.slow
def test_the_facade_is_imported_without_a_provider(packages: SitePackages) -> None:
    """No package of a provider is looked at before it is used."""
    info = packages.provider("harbor", "harbor_provider", init="raise SystemExit(9)")
    (info / "entry_points.txt").write_bytes(b"\xff")
    code = "import ordermux; from ordermux import *; ordermux.Ordermux(ordermux.Zephyr(api_key='key_of_a_test'))"
    assert 0 == packages.run("-c", code).returncode


@pytest.mark.slow
def test_threads_load_every_part_at_once(packages: SitePackages) -> None:
    """In a process that has loaded none: each sees the same, and none a module that is half loaded."""
    code = """if True:
        import concurrent.futures, threading
        from ordermux.providers.registry import providers, provider_named
        threads = 16
        gate = threading.Barrier(threads)
        def load(number):
            gate.wait()
            found = []
            for name in sorted(providers(), reverse=number % 2 == 0):
                each = provider_named(name)
                found.append((name, each.account, each.adapter, each.emulator, each.webhooks, len(each.document)))
            return sorted(found, key=lambda each: each[0])
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            first, *others = pool.map(load, range(threads))
        assert all(each == first for each in others) and len(first) == 4
    """
    ran = packages.run("-c", code)
    assert (0, "") == (ran.returncode, ran.stderr)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        ("harbor", "'harbor' has no provider; write harbor:PROVIDER, with one of croissant"),
        ("zephyr-eu:harbor", "'zephyr-eu:harbor' has no provider"),
        ("zephyr:", "ORDERMUX_ACCOUNTS"),
        (":zephyr", "ORDERMUX_ACCOUNTS"),
        ("zephyr,zephyr", "two accounts are named zephyr"),
    ],
)
def test_accounts_that_are_not_there_are_named(packages: SitePackages, accounts: str, problem: str) -> None:
    """By the variable that names them."""
    ran = packages.run(*COMMAND, "accounts", "check", ORDERMUX_ACCOUNTS=accounts, **ZEPHYR)
    assert (1, True, False) == (ran.returncode, problem in ran.stderr, "Traceback" in ran.stderr), ran.stderr
