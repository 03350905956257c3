"""The tour fails where anything is not as it says."""

from __future__ import annotations

import functools
from collections.abc import Generator
from typing import Any
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

import ordermux._call
import ordermux.demo._run
import ordermux.demo.zephyr
import ordermux.emulator.zephyr
import ordermux.history
import ordermux.providers.crossmint
import ordermux.providers.cryptum
from ordermux import Order
from ordermux._call import Safety
from ordermux.cli._app import app
from ordermux.demo import Failed
from ordermux.demo._tour import Tour
from ordermux.emulator.faults import Faults
from ordermux.emulator.mail import Mail
from ordermux.status import Status
from ordermux.webhooks.stores import Memory, Seen
from ordermux_zephyr.models import OrderUpdate

run = ordermux.demo._run


def _nothing(*arguments: object) -> Generator[Any, Any, None]:
    """Look, and find nothing."""
    del arguments
    yield from ()


def _last(known: Status, told: Status) -> Status:
    """Take the last event's word."""
    del known
    return told


def _uncounted(tour: Tour, order: Order) -> None:
    """Change an order, and do not tell what was counted."""
    tour.call(tour.mux.orders.update, order.ref, OrderUpdate(metadata={}))
    tour.webhooks("It is told", "order.updated")


PLANTED: dict[str, tuple[str, Any, str, Any, str]] = {
    "a key that replays nothing": (
        "zephyr",
        ordermux.emulator.zephyr,
        "KEY_SECONDS",
        0,
        "zephyr.createRefund: calls 2, effects 2, not calls 2, effects 1",
    ),
    "a change that is not told": (
        "zephyr",
        ordermux.demo.zephyr,
        "note",
        _uncounted,
        "all that was done at zephyr: {.*'zephyr.updateOrder': 1.*}, not {.*}",
    ),
    "a client that does not wait": (
        "zephyr",
        ordermux._call,
        "_retry_after",
        Mock(return_value=0.0),
        r"it came again after 0\.\d\d s, not 1",
    ),
    "a client that gives up": (
        "zephyr",
        ordermux._call,
        "_retry_after",
        Mock(return_value=100.0),
        "RateLimited: zephyr: update: .* 429",
    ),
    "a lost create that is sent again": (
        "cryptum",
        ordermux.providers.cryptum.Adapter,
        "_created",
        _nothing,
        "cryptum.createOrder: calls 2, effects 2, not calls 1, effects 1",
    ),
    "a lost checkout that is sent again": (
        "crossmint",
        ordermux.providers.crossmint,
        "Safety",
        functools.partial(Safety, resendable=True),
        "OutcomeUnknown was not raised",
    ),
    "the last event's word": (
        "crossmint",
        ordermux.history,
        "fold",
        _last,
        "open / paid / in_progress, not completed / paid / delivered",
    ),
    "an inbox that forgets": (
        "croissant",
        Memory,
        "claim",
        Mock(return_value=Seen.NEW),
        r"handled: \['payment.confirmed', 'payment.confirmed'\], not \['payment.confirmed'\]",
    ),
    "an event that is never delivered": (
        "croissant",
        Mail,
        "send",
        Mock(),
        r"delivered: \[\], not \['payment.confirmed'\]",
    ),
    "nothing that goes wrong": (
        "croissant",
        Faults,
        "take",
        Mock(return_value=None),
        "what is still to go wrong: on purpose: done, then cut",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_not_as_it_says_ends_it(monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
    """A defect of the facade's, of the emulator's or of its own is told, whatever was printed before."""
    provider, target, name, value, expected = PLANTED[planted]
    monkeypatch.setattr(run, "LIVES", {provider: run.LIVES[provider]})
    monkeypatch.setattr(target, name, value)
    with pytest.raises(Failed, match=f"^this is not as the tour says: .*{expected}"):
        ordermux.demo.main()


def test_as_a_command_it_fails_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ordermux demo` as well."""
    monkeypatch.setattr(run, "LIVES", {"zephyr": run.LIVES["zephyr"]})
    monkeypatch.setattr(ordermux.emulator.zephyr, "KEY_SECONDS", 0)
    ran = CliRunner().invoke(app, ["demo"], prog_name="ordermux", obj=["demo"])
    told = "error: this is not as the tour says: zephyr.createRefund: calls 2, effects 2, not calls 2, effects 1\n"
    assert (1, told) == (ran.exit_code, ran.stderr)
