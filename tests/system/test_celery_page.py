"""The task of docs/celery.md: run again, as Celery does after its worker was killed, it refunds once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import readme

from ordermux import OutcomeUnknown
from ordermux.emulator import Emulator, Fault, FaultKind
from support.repository import ROOT

PAGE = ROOT / "docs" / "celery.md"
ORDER = "zephyr:order_01HXY8"
REFUNDS = "zephyr.createRefund"


@pytest.fixture
def program(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Run the page's examples; a task runs where it is sent from."""
    for name, value in emulator.client_kwargs("zephyr").items():
        monkeypatch.setenv(f"ORDERMUX_ZEPHYR_{name.upper()}", value if isinstance(value, str) else value.reveal())
    names: dict[str, Any] = {"__name__": "page"}
    for block in readme.examples(PAGE.read_text(encoding="utf-8")):
        exec(compile(block, "docs/celery.md", "exec"), names)
        names["app"].conf.task_always_eager = True
    yield names
    names["mux"].close()


def test_the_task_that_was_sent_refunds(program: dict[str, Any], emulator: Emulator) -> None:
    """Its result is the id of the refund."""
    assert program["result"].get().startswith("refund_")
    assert 1 == emulator.world.effects[REFUNDS]


def test_a_task_that_is_delivered_again_refunds_once(program: dict[str, Any], emulator: Emulator) -> None:
    """It has the id of the first delivery, and so its key."""
    before = emulator.world.effects[REFUNDS]
    runs = [program["refund"].apply((ORDER, "1.00", "USD", program["now"]), task_id="task-1") for _ in range(2)]
    assert 1 == len({run.get() for run in runs})
    assert before + 1 == emulator.world.effects[REFUNDS]


def test_a_task_whose_outcome_is_unknown_is_retried_with_its_key(program: dict[str, Any], emulator: Emulator) -> None:
    """Each response of the first run is lost; the second one finds the refund."""
    before = emulator.world.effects[REFUNDS]
    emulator.world.faults.inject(REFUNDS, Fault(kind=FaultKind.RESET, when="after", times=3))
    run = program["refund"].apply((ORDER, "1.00", "USD", program["now"]), task_id="task-2")
    assert run.get().startswith("refund_")
    assert before + 1 == emulator.world.effects[REFUNDS]


def test_a_task_that_cannot_be_repeated_is_left_to_a_person(program: dict[str, Any], emulator: Emulator) -> None:
    """Each response is lost, for as long as it is tried."""
    emulator.world.faults.inject(REFUNDS, Fault(kind=FaultKind.RESET, when="after", times=1000))
    run = program["refund"].apply((ORDER, "1.00", "USD", program["now"]), task_id="task-3")
    with pytest.raises(OutcomeUnknown):
        run.get()
