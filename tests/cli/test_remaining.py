"""`--remaining` on the command line: refunded once, and after a lost answer with a command that is safe to repeat."""

from __future__ import annotations

import datetime
import json
import shlex
from typing import Any

import pytest

from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER

REF = f"zephyr:{SAMPLE_ORDER}"
REFUND = "zephyr.createRefund"
REMAINING = ("orders", "refund", REF, "--remaining")


def lost(emulated: Any, emulator: Emulator, when: Any) -> list[str]:
    """Lose the answers to a refund of what is left; return the command that repeats it."""
    emulator.world.faults.inject(REFUND, Fault(kind=FaultKind.RESET, when=when, times=99))
    ran = emulated(*REMAINING)
    assert 3 == ran.code
    emulator.world.faults.clear()
    return shlex.split(ran.err.rpartition("safe to retry: ")[2])[1:]


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_command_after_a_lost_answer_refunds_once(emulated: Any, emulator: Emulator, when: str) -> None:
    """With the amount and the key that were sent."""
    repeat = lost(emulated, emulator, when)
    assert [REF, "37.30", "USD", "--key"] == repeat[2:6]
    assert (0, 1) == (emulated(*repeat).code, emulator.world.effects[REFUND])
    assert 3730 == emulator.state("zephyr").refunded[SAMPLE_ORDER]


def test_the_command_after_a_lost_answer_has_the_time_of_its_key(emulated: Any, emulator: Emulator) -> None:
    """So that it is refused once the provider may have forgotten the key, which has no time in it."""
    repeat = lost(emulated, emulator, "after")
    place = repeat.index("--key-created") + 1
    since = datetime.datetime.strptime(repeat[place], "%Y-%m-%dT%H:%M:%S%z")
    assert abs(datetime.datetime.now(datetime.UTC) - since) < datetime.timedelta(hours=1)
    calls = emulator.world.calls[REFUND]
    repeat[place] = f"{since - datetime.timedelta(hours=24):%Y-%m-%dT%H:%M:%S%z}"
    ran = emulated(*repeat)
    assert (1, calls) == (ran.code, emulator.world.calls[REFUND])


def test_the_same_command_after_a_lost_answer_says_that_nothing_is_left(emulated: Any, emulator: Emulator) -> None:
    """The refund was made by the first."""
    lost(emulated, emulator, "after")
    ran = emulated(*REMAINING)
    assert (1, 1) == (ran.code, emulator.world.effects[REFUND])
    assert "nothing is left to refund" in ran.err


def test_the_same_command_with_a_key_of_ones_own_leaves_it_open(emulated: Any, emulator: Emulator) -> None:
    """The first may have been carried out with that key."""
    assert 0 == emulated(*REMAINING, "--key", "mine").code
    ran = emulated(*REMAINING, "--key", "mine")
    assert (3, 1) == (ran.code, emulator.world.effects[REFUND])
    assert "nothing is known about earlier calls" in ran.err
    assert f"ordermux orders get {REF}" in ran.err


def test_the_reason_is_in_the_json(emulated: Any, emulator: Emulator) -> None:
    """A program need not read the message."""
    emulator.state("zephyr").orders[SAMPLE_ORDER]["status"] = "partially_refunded"
    ran = emulated(*REMAINING, "--json")
    error = json.loads(ran.err.splitlines()[-1])["error"]
    assert (1, "NotRefundable", "not_shown", False) == (ran.code, error["kind"], error["reason"], error["applied"])
