"""The emulator on its own: what it prints, how it ends, and what is told where it cannot run."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from typing import Any

import httpx
import pytest
import typer

from ordermux.cli._app import app
from ordermux.emulator import Emulator
from ordermux.emulator.command import parser
from ordermux.emulator.registry import emulators
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum

PROVIDERS = emulators()
COMMAND = [sys.executable, "-m", "ordermux.emulator"]


@contextlib.contextmanager
def running(*options: str) -> Generator[subprocess.Popen[str]]:
    """Start it on a free port; kill it where the test has not ended it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # else a background job's children ignore Ctrl-C
    try:
        pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen([*COMMAND, "--port", "0", *options], **pipes)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> str:
    """Return what it prints until it waits."""
    assert process.stdout is not None
    return "".join(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stdout)).strip()


@pytest.mark.slow
def test_it_answers_until_ctrl_c_and_ends_quietly() -> None:
    """It serves at the address that it prints, and a Ctrl-C is no failure."""
    with running() as process:
        address = re.findall(r"http://127\.0\.0\.1:\d+", told(process))[0]
        key = {"authorization": "Bearer zk_test_emulator"}
        assert 200 == httpx.get(f"{address}/zephyr/v1/orders", headers=key).status_code
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
        assert (0, "") == (process.returncode, complaints)


@pytest.mark.slow
def test_its_options_do_what_they_say() -> None:
    """The page's shop, another host, another origin, and fewer worlds."""
    given = ("--as-documented", "--allow-host", "shop.test", "--allow-origin", "http://localhost:3000")
    with running(*given, "--max-worlds", "1", "--callbacks") as process:
        address = re.findall(r"http://127\.0\.0\.1:\d+", told(process))[0]
        jwt = {"cookie": f"crossmint-jwt={crossmint.CREDENTIALS['jwt']}"}
        asked = [
            httpx.get(address + path, headers=headers, timeout=30).status_code
            for path, headers in (
                ("/crossmint/api/orders", jwt),
                ("/crossmint/api/orders", jwt | {"host": "shop.test"}),
                ("/crossmint/api/orders", jwt | {"origin": "http://localhost:3000"}),
                ("/crossmint/api/orders", jwt | {"origin": "http://localhost:3001"}),
                ("/w/x/crossmint/api/orders", jwt),
            )
        ]
        callbacks = httpx.get(f"{address}/_emulator/webhooks", timeout=30).json()["callbacks"]
    assert ([200, 200, 200, 403, 429], True) == (asked, callbacks)


@pytest.mark.slow
@pytest.mark.parametrize("option", [("--allow-host", "a b"), ("--allow-origin", "x"), ("--any-origin-controls",)])
def test_an_option_that_is_none_is_told_in_one_line(option: tuple[str, ...]) -> None:
    """Without a traceback."""
    done = subprocess.run([*COMMAND, "--port", "0", *option], capture_output=True, text=True, check=False)
    assert (1, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))


@pytest.mark.slow
def test_too_many_urls_are_told_in_one_line() -> None:
    """Four of each, one of each provider."""
    urls = ["--deliver-to", "http://127.0.0.1:9/{provider}"] * 26
    done = subprocess.run([*COMMAND, "--port", "0", *urls], capture_output=True, text=True, check=False)
    assert (1, 1, True) == (done.returncode, done.stderr.count("\n"), "more than 100 URLs" in done.stderr)
    assert "--deliver-anywhere" not in done.stderr


@pytest.mark.slow
def test_it_prints_what_each_client_takes() -> None:
    """Each provider with its address and the credentials that open it."""
    with running() as process:
        head, *printed = told(process).split("\n\n")
    address = re.findall(r"http://127\.0\.0\.1:\d+", head)[0]
    found = {block.partition("\n")[0]: set(re.findall(r"^    (\w+) +(.+)$", block, re.MULTILINE)) for block in printed}
    assert list(PROVIDERS) == list(found)
    for provider, module in PROVIDERS.items():
        assert {("base_url", f"{address}/{provider}{module.base_path}"), *module.credentials.items()} <= found[
            provider
        ], provider
    assert {("client_id", croissant.CLIENT_ID), ("client_secret", croissant.CLIENT_SECRET)} <= found["croissant"]
    assert ("store", cryptum.STORE) in found["cryptum"]


@pytest.mark.slow
def test_it_names_its_page_and_what_prints_events() -> None:
    """The address opens in a browser, and the command line listens to what is delivered."""
    with running() as process:
        head = told(process)
        [address] = re.findall(r"^Open (http://127\.0\.0\.1:\d+/) in a browser", head, re.MULTILINE)
        page = httpx.get(address)
    assert (200, "text/html") == (page.status_code, page.headers["content-type"].partition(";")[0])
    assert f"ordermux events listen --emulator {address.rstrip('/')}\n" in head


@pytest.mark.slow
def test_a_taken_port_is_told_in_one_line() -> None:
    """Without a traceback, and with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False)
    assert (1, "", f"port {port}: Address already in use; use another --port\n") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )


@pytest.mark.slow
def test_a_port_that_is_none_is_told_in_one_line() -> None:
    """As a taken one."""
    done = subprocess.run([*COMMAND, "--port", "65536"], capture_output=True, text=True, check=False)
    assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert done.stderr.startswith("port 65536: ")


def test_a_wrong_provider_is_told_with_the_right_ones(emulator: Emulator) -> None:
    """The message lists what there is."""
    with pytest.raises(ValueError, match=f"^there is no provider 'zephir'; there are: {', '.join(PROVIDERS)}$"):
        emulator.client_kwargs("zephir")


def test_there_is_an_account_of_each_provider(emulator: Emulator) -> None:
    """At its own address there."""
    accounts: list[Any] = list(emulator.accounts())
    expected = [(provider, emulator.client_kwargs(provider)["base_url"]) for provider in PROVIDERS]
    assert expected == [(account.provider, account.base_url) for account in accounts]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("ordermux.emulator", "starlette", "emulator"),
        ("ordermux.emulator", "uvicorn", "emulator"),
        ("ordermux.demo", "rich", "demo"),
    ],
)
def test_a_missing_extra_is_told_with_its_install_line(module: str, missing: str, extra: str) -> None:
    """Whoever has installed the facade alone is told what to type."""
    code = f"import sys; sys.modules[{missing!r}] = None; import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert last.endswith(f"; run: pip install 'ordermux[{extra}]'")


def test_both_commands_have_the_same_options() -> None:
    """With the same defaults, since there is one list."""
    argparse_options = {
        flag: action.default
        for action in parser()._actions
        for flag in action.option_strings
        if flag not in {"-h", "--help"}
    }
    group: Any = typer.main.get_command(app)
    shared = {"--json", "--json-schema", "--emulator", "--timeout", "--proxy"}
    typed = {each.opts[0]: each.default for each in group.commands["emulator"].params if each.opts[0] not in shared}
    assert argparse_options == {
        flag: [] if flag.startswith(("--deliver-to", "--allow-")) else default
        for flag, default in typed.items()
        if flag != "--help"
    }
