"""The demo fails if anything is not as expected."""

from __future__ import annotations

import functools
from typing import Any
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

import ordermux.demo._run
import ordermux.engine.classification
import ordermux.providers.crossmint.adapter
import ordermux.providers.cryptum.adapter
import ordermux.providers.zephyr.emulator
import ordermux.providers.zephyr.scenario
import ordermux.status_merge
from ordermux import Order
from ordermux.cli._app import app
from ordermux.demo import Failed
from ordermux.demo._scenario import Scenario
from ordermux.emulator.faults import Faults
from ordermux.emulator.outbox import Outbox
from ordermux.engine.outcome import RetrySafety
from ordermux.status import Status
from ordermux.webhooks.stores import ClaimResult, MemoryStore
from ordermux_zephyr.models import OrderUpdate

run = ordermux.demo._run


def _last(known: Status, told: Status) -> Status:
    """Take the status of the last event."""
    del known
    return told


def _uncounted(scenario: Scenario, order: Order) -> None:
    """Change an order without printing its counters."""
    scenario.call(scenario.mux.orders.update, order.ref, OrderUpdate(metadata={}))
    scenario.webhooks("It is delivered", "order.updated")


PLANTED: dict[str, tuple[str, Any, str, Any, str]] = {
    "a key that replays nothing": (
        "zephyr",
        ordermux.providers.zephyr.emulator,
        "KEY_SECONDS",
        0,
        "zephyr.createRefund: calls 2, effects 2, expected calls 2, effects 1",
    ),
    "a change that is not told": (
        "zephyr",
        ordermux.providers.zephyr.scenario,
        "note",
        _uncounted,
        "effects at zephyr: {.*'zephyr.updateOrder': 1.*}, expected {.*}",
    ),
    "a client that does not wait": (
        "zephyr",
        ordermux.engine.classification,
        "retry_after",
        Mock(return_value=-1.0),
        r"retried after 0\.\d\d s, expected 1",
    ),
    "a client that gives up": (
        "zephyr",
        ordermux.engine.classification,
        "retry_after",
        Mock(return_value=100.0),
        "RateLimited: zephyr: update: .* 429",
    ),
    "a lost create that is sent again": (
        "cryptum",
        ordermux.providers.cryptum.adapter,
        "RetrySafety",
        functools.partial(RetrySafety, idempotent=True),
        "OutcomeUnknown was not raised",
    ),
    "a lost checkout that is sent again": (
        "crossmint",
        ordermux.providers.crossmint.adapter,
        "RetrySafety",
        functools.partial(RetrySafety, idempotent=True),
        "OutcomeUnknown was not raised",
    ),
    "the last event's word": (
        "crossmint",
        ordermux.status_merge,
        "merge_event",
        _last,
        "open / paid / in_progress, expected completed / paid / delivered",
    ),
    "an inbox that forgets": (
        "croissant",
        MemoryStore,
        "claim",
        Mock(return_value=ClaimResult.ACQUIRED),
        r"handled: \['payment.confirmed', 'payment.confirmed'\], expected \['payment.confirmed'\]",
    ),
    "an event that is never delivered": (
        "croissant",
        Outbox,
        "send",
        Mock(),
        r"delivered: \[\], expected \['payment.confirmed'\]",
    ),
    "nothing that goes wrong": (
        "croissant",
        Faults,
        "take",
        Mock(return_value=None),
        "faults that are still waiting: injected: carried out, response lost",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_not_as_it_says_ends_it(monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
    """A defect of the facade's, of the emulator's or of its own is told, whatever was printed before."""
    provider, target, name, value, expected = PLANTED[planted]
    only = {provider: run.scenarios()[provider]}
    monkeypatch.setattr(run, "scenarios", lambda: only)
    monkeypatch.setattr(target, name, value)
    with pytest.raises(Failed, match=f"^unexpected result: .*{expected}"):
        ordermux.demo.main()


@pytest.mark.slow
def test_as_a_command_it_fails_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ordermux demo` as well."""
    only = {"zephyr": run.scenarios()["zephyr"]}
    monkeypatch.setattr(run, "scenarios", lambda: only)
    monkeypatch.setattr(ordermux.providers.zephyr.emulator, "KEY_SECONDS", 0)
    ran = CliRunner().invoke(app, ["demo"], prog_name="ordermux", obj=["demo"])
    told = "error: unexpected result: zephyr.createRefund: calls 2, effects 2, expected calls 2, effects 1\n"
    assert (1, told) == (ran.exit_code, ran.stderr)
