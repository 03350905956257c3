"""No call outlives its deadline, however slow the server makes itself, and a change whose answer is late is settled.

What a deadline does on the wire is in tests/transport; here are whole calls. How close they end is told by
tests/bench/deadlines.py, since a test that looks at hundredths of a second fails on a busy machine.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

from ordermux import (
    ConnectionFailed,
    DeadlineExceeded,
    Money,
    Order,
    OrdermuxError,
    OutcomeUnknown,
    RateLimited,
    Refund,
    ServerError,
)
from ordermux.emulator import Emulator, FaultKind
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_crossmint.models import CheckoutRequest
from support.clients import AWAITING
from support.concurrency import Crowd, Do, inject_fault, reading

SECONDS = 0.5
ORDER = f"zephyr:{zephyr.SAMPLE_ORDER}"
CART = f"croissant:{croissant.SAMPLE_CART}"
CRYPTUM = "cryptum:0da30...f53b37"
SLOW: dict[str, dict[str, Any]] = {
    "header drip": {"kind": FaultKind.HEADER_DRIP, "when": "after", "seconds": 0.1},
    "body drip": {"kind": FaultKind.DRIP, "when": "after", "seconds": 0.05},
    "stall": {"kind": FaultKind.STALL, "when": "after", "seconds": 30},
    "stall before": {"kind": FaultKind.STALL, "when": "before", "seconds": 30},
    "delay": {"kind": FaultKind.DELAY, "when": "after", "seconds": 30},
}
READS: dict[str, Do] = {
    "zephyr.getOrder": reading(ORDER),
    "croissant.getCart": reading(CART),
    "crossmint.getOrder": reading("crossmint:d1e2f3a4-b5c6-7890-defg-234567890123"),
    "cryptum.getOrder": reading(CRYPTUM),
}


def refund(mux: Any, timeout: float | None = None) -> Any:
    """Refund a part."""
    return mux.orders.refund(ORDER, Money("1.00", "USD"), reason="duplicate", timeout=timeout)


def cancel(mux: Any) -> Any:
    """Cancel an order."""
    return mux.orders.cancel(ORDER)


def fulfill(mux: Any) -> Any:
    """Tell that an order was shipped."""
    return mux.orders.fulfill(CART)


def check_out(mux: Any) -> Any:
    """Order what is in the cart."""
    return mux.orders.create("crossmint", CheckoutRequest(cart_item_id="c1d2e3f4-a5b6-7890-cdef-123456789012"))


CHANGES: dict[str, Do] = {
    "zephyr.createRefund": refund,
    "zephyr.cancelOrder": cancel,
    "croissant.fulfillCart": fulfill,
    "crossmint.createCheckout": check_out,
}


@attrs.define
class Slow:
    """A client with a short deadline, and the emulator that makes it wait."""

    crowd: Crowd
    emulator: Emulator

    def order(self, operation: str, name: str) -> None:
        """Make all calls of an operation slow."""
        inject_fault(self.emulator, operation, times=999, **SLOW[name])

    def fails(self, do: Do) -> OrdermuxError:
        """Make a call that fails, in time."""
        with in_time(), pytest.raises(OrdermuxError) as told:
            self.crowd.call(do)
        return told.value

    def fails_once_sent(self, operation: str, do: Do) -> OrdermuxError:
        """Make a change that fails, in time; again where a slow machine had used up that time before it was sent."""
        for _ in range(5):
            error = self.fails(do)
            if self.emulator.world.calls[operation] or not isinstance(error, DeadlineExceeded):
                return error
        pytest.fail("it was never sent")


@contextmanager
def in_time(seconds: float = SECONDS) -> Generator[None]:
    """Check that what is done ends at its deadline, or before; a slow machine has three seconds more."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds + 3


@pytest.fixture(params=[False, True], ids=["blocking", "awaiting"])
def slow(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Slow]:
    """Give a client that is warm: its token is there."""
    with Crowd(*emulator.accounts(), awaiting=request.param, timeout=SECONDS) as crowd:
        crowd.call(reading(CART, 10))
        yield Slow(crowd, emulator)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "name"),
    [*(("zephyr.getOrder", name) for name in SLOW), *((operation, "header drip") for operation in [*READS][1:])],
)
def test_a_read_ends_at_its_deadline(slow: Slow, operation: str, name: str) -> None:
    """With an error that says so, and that it may be tried again."""
    slow.order(operation, name)
    error = slow.fails(READS[operation])
    assert (DeadlineExceeded, True) == (type(error), getattr(error, "retryable", None))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "name"),
    [*(("zephyr.createRefund", name) for name in SLOW), *((operation, "header drip") for operation in [*CHANGES][1:])],
)
def test_a_change_ends_at_its_deadline(slow: Slow, operation: str, name: str) -> None:
    """Nobody knows whether it was carried out, and it was at most once."""
    slow.order(operation, name)
    error = slow.fails_once_sent(operation, CHANGES[operation])
    assert OutcomeUnknown is type(error)
    assert slow.emulator.world.effects[operation] == (name != "stall before")


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["zephyr.createRefund", "zephyr.cancelOrder"])
@pytest.mark.parametrize("name", ["stall", "header drip", "body drip"])
@AWAITING
def test_a_change_with_a_key_is_done_once_within_a_longer_deadline(
    emulator: Emulator, operation: str, name: str, *, awaiting: bool
) -> None:
    """An attempt that is too slow is given up in time for another one."""
    inject_fault(emulator, operation, **SLOW[name])
    with Crowd(*emulator.accounts(), awaiting=awaiting, timeout=20, attempt_timeout=2) as crowd:
        assert isinstance(crowd.call(CHANGES[operation]), Order | Refund)
    assert (1, 2) == (emulator.world.effects[operation], emulator.world.calls[operation])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["header drip", "stall"])
def test_the_time_for_a_token_is_the_calls(emulator: Emulator, name: str) -> None:
    """It has none of its own."""
    for awaiting in (False, True):
        with Crowd(*emulator.accounts(), awaiting=awaiting, timeout=SECONDS) as crowd:
            inject_fault(emulator, "croissant.createToken", times=99, **SLOW[name])
            with in_time(), pytest.raises(ConnectionFailed):
                crowd.call(reading(CART))
    assert 0 == emulator.world.calls["croissant.getCart"]


@pytest.mark.slow
def test_who_waits_for_anothers_token_waits_no_longer_either(slow: Slow) -> None:
    """All of them end at their own deadline."""
    slow.emulator.state("croissant").revoke()
    slow.order("croissant.createToken", "stall")
    with in_time():
        results = slow.crowd.all(*[reading(CART)] * 20)
    assert {True} == {isinstance(result, ConnectionFailed) for result in results}


@pytest.mark.slow
@pytest.mark.parametrize("account", ["zephyr", "crossmint", "cryptum"])
def test_a_page_ends_at_its_deadline(slow: Slow, account: str) -> None:
    """And may be asked for again."""
    slow.order(f"{account}.listOrders", "body drip")

    def first(mux: Any, timeout: float | None = None) -> Any:
        orders = mux.orders.list(account, timeout=timeout)
        return anext(orders) if mux._executor.is_async else next(orders)

    assert DeadlineExceeded is type(slow.fails(first))
    slow.emulator.world.faults.clear()
    assert isinstance(slow.crowd.call(lambda mux: first(mux, 20)), Order)


@pytest.mark.parametrize("told", ["86400", "999999999", "9" * 30, "Fri, 31 Dec 2100 23:59:59 GMT"])
@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, ServerError)])
def test_a_wait_beyond_the_deadline_is_told_at_once(
    slow: Slow, told: str, status: int, kind: type[OrdermuxError]
) -> None:
    """With what the provider said."""
    inject_fault(
        slow.emulator, "zephyr.getOrder", FaultKind.STATUS, status=status, headers={"Retry-After": told}, times=9
    )
    with in_time(0), pytest.raises(kind) as error:
        slow.crowd.call(reading(ORDER, 30))
    assert getattr(error.value, "retry_after", 0) >= 86400
    assert 1 == slow.emulator.world.calls["zephyr.getOrder"]


def test_a_change_that_was_not_taken_is_told_at_once_too(slow: Slow) -> None:
    """A refusal with a wait: nothing was changed."""
    inject_fault(
        slow.emulator, "zephyr.createRefund", FaultKind.STATUS, status=429, headers={"Retry-After": "86400"}, times=9
    )
    with in_time(0), pytest.raises(RateLimited):
        slow.crowd.call(lambda mux: refund(mux, 20))
    assert (0, 1) == (
        slow.emulator.world.effects["zephyr.createRefund"],
        slow.emulator.world.calls["zephyr.createRefund"],
    )


@pytest.mark.slow
def test_a_calls_own_time_beats_the_clients(slow: Slow) -> None:
    """Be it longer or shorter."""
    inject_fault(slow.emulator, "zephyr.getOrder", FaultKind.DELAY, seconds=SECONDS * 2)
    assert isinstance(slow.crowd.call(reading(ORDER, 20)), Order)
    inject_fault(slow.emulator, "zephyr.getOrder", FaultKind.DELAY, seconds=30)
    with pytest.raises(DeadlineExceeded):
        slow.crowd.call(reading(ORDER, SECONDS / 5))


@pytest.mark.slow
def test_after_all_that_the_client_is_as_good_as_new(slow: Slow) -> None:
    """No connection is used up by a call that was given up."""
    for operation, name in (("zephyr.getOrder", "stall"), ("cryptum.getOrder", "body drip")):
        slow.order(operation, name)
        failed = slow.crowd.all(*[READS[operation]] * 120)
        assert {True} == {isinstance(result, ConnectionFailed) for result in failed}
    slow.emulator.world.faults.clear()
    served = slow.crowd.all(*[reading(ORDER, 20), reading(CRYPTUM, 20)] * 30)
    assert {Order} == {type(result) for result in served}
