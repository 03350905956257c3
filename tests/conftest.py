"""What tests share: the emulator, and that every answer of any emulator is held against the documents."""

from __future__ import annotations

import functools
import gc
import os
import signal
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from starlette.types import ASGIApp

from ordermux.emulator import Emulator, server
from ordermux.emulator.app import app
from ordermux.emulator.worlds import Worlds
from support.document_checker import Checker, Tally

# A slow machine is no failure.
hypothesis.settings.register_profile("here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("here")

TESTS = Path(__file__).parent
SLOW = frozenset({"cli", "codegen", "conformance", "emulator", "faults", "system", "transport", "typed_clients"})
TALLY = Tally()
"""Of all emulators of this process."""
HELD: Counter[str] = Counter()
"""The counts of pytest-xdist's workers, and of this process in the end."""
_patch = pytest.MonkeyPatch()


def pytest_configure() -> None:
    """Let every emulator have a checker, however it is made; have signals heard, below nohup or a shell's `&` too."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)

    def checked(worlds: Worlds, wrap: Callable[[ASGIApp], ASGIApp] | None = None, **allowed: Any) -> ASGIApp:
        return app(worlds, lambda made: Checker(wrap(made) if wrap else made, TALLY), **allowed)

    _patch.setattr(server, "app", checked)
    _patch.setattr("httpx._transports.default.create_ssl_context", _ssl_context)


def _ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:  # noqa: FBT001, FBT002
    """Return what httpx makes for a client: one for all that ask for the default, since loading it takes some 20 ms."""
    if verify is not True or cert is not None:
        return httpx.create_ssl_context(verify=verify, cert=cert, trust_env=trust_env)
    return _default_ssl_context(trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.cache
def _default_ssl_context(trust_env: bool, *environment: str | None) -> ssl.SSLContext:  # noqa: FBT001
    del environment
    return httpx.create_ssl_context(trust_env=trust_env)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whole folders as slow: their tests start processes or servers, compile documents, or try every fault."""
    for item in items:
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).parts[0] in SLOW:
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """Leave the tests themselves, which stay to the end, out of each search for garbage: there are many of both."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Leave emulators as they were."""
    _patch.undo()


@pytest.fixture(autouse=True)
def documented() -> Iterator[Tally]:
    """Fail a test in which an answer of an emulator, or a request that one took, is not as documented."""
    yield TALLY
    problems = TALLY.taken()
    HELD.update(problems=len(problems))
    assert [] == problems


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Give a started emulator."""
    with Emulator() as started:
        yield started


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Count what this process did, and send that to the one that started it, if any did."""
    HELD.update(answers=TALLY.answers, requests=TALLY.requests)
    getattr(session.config, "workeroutput", {})["held"] = dict(HELD)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a worker counted; one that crashed tells nothing."""
    HELD.update(getattr(node, "workeroutput", {}).get("held", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how much was held against the documents."""
    terminalreporter.write_line(
        f"{HELD['answers']:,} answers and {HELD['requests']:,} requests of the emulator were held against the "
        f"documents; {HELD['problems']:,} broke them"
    )
