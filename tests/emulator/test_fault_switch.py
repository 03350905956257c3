"""Which calls meet a fault and how often, and what goes on around it."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, Faults
from ordermux.providers.crossmint import emulator as crossmint
from support.document_checker import Checker
from support.fault_calls import BOTH, READ, call, order, read_all, sent

pytestmark = pytest.mark.usefixtures("token")

# The switch.


def test_a_fault_takes_its_times_and_no_more(emulator: Emulator) -> None:
    """Then calls are right again."""
    order(emulator, READ, FaultKind.STATUS, "before", status=503, times=2)
    assert [503, 503, 200] == [call(emulator, READ).status for _ in range(3)]


def test_faults_come_in_the_order_of_their_orders(emulator: Emulator) -> None:
    """One after the other."""
    for status in (500, 502):
        order(emulator, READ, FaultKind.STATUS, "before", status=status)
    assert [500, 502, 200] == [call(emulator, READ).status for _ in range(3)]


def test_a_fault_is_its_operations_alone(emulator: Emulator) -> None:
    """Others pass."""
    order(emulator, READ, FaultKind.STATUS, "before")
    assert [200, 500] == [call(emulator, name).status for name in ("zephyr.listOrders", READ)]


@pytest.mark.parametrize(("pattern", "expected"), [("zephyr.*", [500, 200]), ("*", [500, 500])])
def test_a_star_stands_for_any_operation(emulator: Emulator, pattern: str, expected: list[int]) -> None:
    """Of one provider, or of all."""
    order(emulator, pattern, FaultKind.STATUS, "before", times=2)
    assert expected == [call(emulator, name).status for name in (READ, "cryptum.getOrder")]


def test_clear_makes_all_right(emulator: Emulator) -> None:
    """None of those that wait is left."""
    order(emulator, "*", FaultKind.RESET, "before", times=99)
    emulator.world.faults.clear()
    assert (200, []) == (call(emulator, READ).status, emulator.world.faults.waiting)


def test_what_waits_is_there_to_see(emulator: Emulator) -> None:
    """With the times that are left."""
    order(emulator, READ, FaultKind.STATUS, "before", times=3)
    call(emulator, READ)
    assert [(READ, Fault(kind=FaultKind.STATUS, when="before", times=2))] == emulator.world.faults.waiting


def test_an_operation_that_is_none_is_told_with_the_right_ones(emulator: Emulator) -> None:
    """A slip of the pen would wait for ever."""
    with pytest.raises(ValueError, match=r"^there is no operation 'zephyr.refund'; there are: croissant.createToken, "):
        order(emulator, "zephyr.refund", FaultKind.RESET)


def test_a_fault_may_be_made_from_words() -> None:
    """As a page or a command line has them."""
    words: dict[str, Any] = {"kind": "reset", "when": "after"}
    assert Fault(kind=FaultKind.RESET, when="after") == Fault(**words)


@pytest.mark.parametrize("wrong", [{"kind": "resett"}, {"when": "during"}, {"times": 0}, {"size": 1}])
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """When it is made."""
    words: dict[str, Any] = {"kind": "reset", "when": "after", **wrong}
    with pytest.raises(ValueError, match=r"resett|during|times|size"):
        Fault(**words)


def test_each_fault_is_taken_once_by_many_at_once() -> None:
    """Whoever asks, and from whatever thread."""
    faults = Faults([READ])
    faults.inject(READ, Fault(kind=FaultKind.RESET, when="after", times=100))
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(faults.take, [READ] * 400))
    assert 100 == sum(fault is not None for fault in taken)


# What goes on around it.


def test_a_fault_is_not_held_against_the_documents() -> None:
    """What the provider said is, before it was spoilt; the fault's own answer is not."""
    checkers: list[Checker] = []

    def checked(app: Any) -> Any:
        checkers.append(Checker(app))
        return checkers[0]

    with Emulator(wrap=checked) as emulator:
        for when in BOTH:
            order(emulator, READ, FaultKind.MALFORMED, when)
            call(emulator, READ)
    assert (1, []) == (checkers[0].checked, checkers[0].problems)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.STALL, when="before", seconds=60),
        Fault(kind=FaultKind.STALL, when="after", seconds=60),
        Fault(kind=FaultKind.DELAY, when="before", seconds=60),
        Fault(kind=FaultKind.DELAY, when="after", seconds=60),
        Fault(kind=FaultKind.DRIP, when="after", seconds=60),
        Fault(kind=FaultKind.HEADER_DRIP, when="after", seconds=60),
        Fault(kind=FaultKind.HUGE, when="after"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.when}",
)
def test_the_emulator_stops_at_once_with_calls_under_way(fault: Fault, capfd: pytest.CaptureFixture[str]) -> None:
    """Their connections end, without a word of the server's on either side."""
    with contextlib.ExitStack() as open_until_then:
        with Emulator() as emulator:
            emulator.world.faults.inject(READ, attrs.evolve(fault, times=5))
            plugs = [open_until_then.enter_context(sent(emulator, READ)) for _ in range(5)]
            while emulator.world.calls[READ] < 5:
                time.sleep(0.001)
            time.sleep(0.05)
            start = time.monotonic()
        assert time.monotonic() - start < 2
        for plug in plugs:
            with contextlib.suppress(ConnectionResetError):
                assert b"500 Internal" not in b"".join(read_all(plug))
    assert "" == capfd.readouterr().err


def test_arrivals_are_all_requests_that_reached_the_shop(emulator: Emulator) -> None:
    """Let in, let out by the limit, without a session, or gone wrong before."""
    state: crossmint.State = emulator.state("crossmint")
    state.requests_a_minute = 1
    start = time.monotonic()
    statuses = [call(emulator, "crossmint.getOrder").status for _ in range(2)]
    statuses.append(call(emulator, "crossmint.listOrders", cookie="none").status)
    order(emulator, "crossmint.*", FaultKind.STATUS, "before", status=503)
    statuses.append(call(emulator, "crossmint.createCheckout").status)
    call(emulator, READ)
    assert ([200, 429, 401, 503], 4) == (statuses, len(state.arrivals))
    times = [start, *state.arrivals, time.monotonic()]
    assert sorted(times) == times


@pytest.mark.slow
def test_the_window_of_the_limit_can_be_short(emulator: Emulator) -> None:
    """So that a test need not wait for a minute."""
    emulator.world.clock.freeze()
    state: crossmint.State = emulator.state("crossmint")
    state.requests_a_minute, state.window_seconds = 2, 0.5
    statuses = [call(emulator, "crossmint.getOrder").status for _ in range(3)]
    emulator.world.clock.advance(0.6)
    assert [200, 200, 429, 200] == [*statuses, call(emulator, "crossmint.getOrder").status]


def test_tokens_can_end_early(emulator: Emulator) -> None:
    """The answer says when, and they do."""
    emulator.world.clock.freeze()
    emulator.state("croissant").token_seconds = 5
    made = call(emulator, "croissant.createToken").json
    bearer = f"Bearer {made['access_token']}"
    statuses = [call(emulator, "croissant.getCart", authorization=bearer).status]
    emulator.world.clock.advance(5)
    statuses.append(call(emulator, "croissant.getCart", authorization=bearer).status)
    assert (5, [200, 401]) == (made["expires_in"], statuses)


def test_all_tokens_can_end_at_once(emulator: Emulator) -> None:
    """And a new one opens again."""
    emulator.state("croissant").revoke()
    statuses = [call(emulator, "croissant.getCart").status]
    bearer = f"Bearer {call(emulator, 'croissant.createToken').json['access_token']}"
    statuses.append(call(emulator, "croissant.getCart", authorization=bearer).status)
    assert [401, 200] == statuses
