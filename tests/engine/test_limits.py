"""Crossmint's limit, kept on our side: exact as the server counts, with a window that is short for the tests."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ordermux import Attempt, Order, RateLimited
from ordermux.emulator import Emulator, FaultKind
from ordermux.engine.rate_limit import RateLimiter
from ordermux_crossmint import errors
from ordermux_crossmint.api.orders import get_order
from support.concurrency import Crowd, Do, inject_fault, most_at_once
from support.polling import until

ORDER = "d1e2f3a4-b5c6-7890-defg-234567890123"
REFERENCE = f"crossmint:{ORDER}"
WINDOW = 0.3
LONG = 30.0
"""A window that no test waits for."""


def read(mux: Any) -> Any:
    """Read an order, with time to wait for a slot."""
    return mux.orders.get(REFERENCE, timeout=30)


def read_in_time(mux: Any) -> Any:
    """Read an order, with time for some windows."""
    return mux.orders.get(REFERENCE, timeout=8 * WINDOW)


@attrs.define
class Shop:
    """The shop, and a client of it whose limit is the shop's."""

    crowd: Crowd
    emulator: Emulator
    attempts: list[Attempt]

    def limited(self, most: int, seconds: float) -> RateLimiter:
        """Set the limit at both ends; return ours."""
        state, limit = self.emulator.state("crossmint"), self.crowd.side("crossmint").limit
        assert isinstance(limit, RateLimiter)
        state.requests_a_minute, state.window_seconds = most, seconds
        limit.max_requests, limit.seconds = most, seconds
        return limit

    def order(self, operation: str, kind: FaultKind, **how: Any) -> None:
        """Make something go wrong."""
        inject_fault(self.emulator, operation, kind, **how)

    @property
    def arrivals(self) -> list[float]:
        """When requests reached the shop."""
        return list(self.emulator.state("crossmint").arrivals)

    def wait_for_arrival(self) -> None:
        """Wait until a request has reached the shop."""
        until(lambda: bool(self.arrivals))

    @property
    def statuses(self) -> set[int | None]:
        """What the shop answered."""
        return {attempt.status for attempt in self.attempts}


@pytest.fixture(params=[False, True], ids=["threads", "tasks"])
def shop(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Shop]:
    """Give a shop with a client, of eight threads or of any number of tasks."""
    attempts: list[Attempt] = []
    with Crowd(*emulator.accounts(), awaiting=request.param, threads=8, on_attempt=attempts.append) as crowd:
        yield Shop(crowd, emulator, attempts)


def test_the_limit_is_crossmints_thirty_a_minute(emulator: Emulator) -> None:
    """Where the account says nothing else."""
    with Crowd(*emulator.accounts(), awaiting=False) as crowd:
        limit = crowd.side("crossmint").limit
    assert isinstance(limit, RateLimiter)
    assert (30, 60.0) == (limit.max_requests, limit.seconds)


@pytest.mark.slow
def test_no_window_has_more_than_the_limit(shop: Shop) -> None:
    """As the shop counts, and a saturated one hardly has less; nobody is refused."""
    shop.limited(10, WINDOW)
    results = shop.crowd.all(*[read] * 50)
    assert {Order} == {type(result) for result in results}
    assert (50, {200}) == (len(shop.arrivals), shop.statuses)
    assert 9 <= most_at_once(shop.arrivals, WINDOW) <= 10


@pytest.mark.slow
def test_a_burst_is_let_through_window_by_window(shop: Shop) -> None:
    """Who waits for requests on their way does not wait as if their answers never came."""
    shop.limited(5, WINDOW)
    results = shop.crowd.all(*[read] * 20)
    assert {Order} == {type(result) for result in results}
    assert max(shop.arrivals) - min(shop.arrivals) < 3 * 3 * WINDOW


@pytest.mark.slow
def test_requests_on_their_way_are_no_reason_to_give_up(shop: Shop) -> None:
    """Their slots are free a window after their answers, which is in time."""
    shop.limited(4, WINDOW)
    results = shop.crowd.all(*[read_in_time] * 8)
    assert {Order} == {type(result) for result in results}


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_slow_answers_do_not_break_it(shop: Shop, when: str) -> None:
    """Whether they are slow to come to the shop's count, or back from it."""
    shop.limited(5, WINDOW)
    for number in range(24):
        shop.order("crossmint.getOrder", FaultKind.DELAY, when=when, seconds=0.05 * (number % 5))
    results = shop.crowd.all(*[read] * 24)
    assert {Order} == {type(result) for result in results}
    assert (24, {200}) == (len(shop.arrivals), shop.statuses)
    assert 4 <= most_at_once(shop.arrivals, WINDOW) <= 5


def test_the_wait_is_never_past_the_deadline(shop: Shop) -> None:
    """What cannot be in time is told at once, with the seconds to wait, and nothing is sent."""
    shop.limited(2, LONG)
    shop.crowd.all(read, read)
    start = time.monotonic()
    with pytest.raises(RateLimited, match="the limit of 2 requests in 30 s is used up") as told:
        shop.crowd.call(lambda mux: mux.orders.get(REFERENCE, timeout=20))
    assert time.monotonic() - start < 5
    assert (0, None, True) == (told.value.attempts, told.value.status, told.value.retryable)
    assert told.value.retry_after is not None
    assert LONG - 10 < told.value.retry_after <= LONG
    assert 2 == len(shop.arrivals)


@pytest.mark.slow
def test_a_call_waits_for_a_slot_that_comes_in_time(shop: Shop) -> None:
    """And it is not sent before."""
    shop.limited(1, WINDOW)
    shop.crowd.call(read)
    shop.crowd.call(read)
    first, second = shop.arrivals
    assert second - first >= WINDOW


def rotated(shop: Shop) -> None:
    """Have the cookie replaced by a slow list, while a read with the old one is on its way."""
    shop.emulator.state("crossmint").rotate_jwt = True
    shop.order("crossmint.listOrders", FaultKind.DELAY, seconds=1.2)
    shop.order("crossmint.getOrder", FaultKind.DELAY, seconds=2.4)


def failing(shop: Shop) -> None:
    """Have the shop fail twice."""
    shop.order("crossmint.getOrder", FaultKind.STATUS, status=503, times=2)


def hanging_up(shop: Shop) -> None:
    """Have the connection reset twice."""
    shop.order("crossmint.getOrder", FaultKind.RESET, when="after", times=2)


def limiting(shop: Shop) -> None:
    """Have the shop refuse one, as a deployment with a lower limit does."""
    shop.order("crossmint.getOrder", FaultKind.STATUS, status=429, headers={"Retry-After": "0"})


def first_page(mux: Any) -> Any:
    """Read the first page of the list."""
    if hasattr(orders := mux.orders.list("crossmint"), "__anext__"):
        return anext(orders)
    return next(orders)


def natively(mux: Any) -> Any:
    """Read an order with the typed client."""
    client = mux.client("crossmint")
    return get_order.asyncio(ORDER, client=client) if mux._executor.is_async else get_order.sync(ORDER, client=client)


SENT: dict[str, tuple[Any, tuple[Do, ...], int]] = {
    "a read": (None, (read,), 1),
    "a read after two failures": (failing, (read,), 3),
    "a read after two resets": (hanging_up, (read,), 3),
    "a read after a refusal": (limiting, (read,), 2),
    "a read with a cookie that was replaced": (rotated, (read, first_page), 3),
    "a page": (None, (first_page,), 1),
    "a call of the typed client": (None, (natively,), 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SENT)
def test_whatever_is_sent_counts(shop: Shop, name: str) -> None:
    """Each request takes a slot, whoever sends it, and why."""
    prepare, calls, expected = SENT[name]
    limit = shop.limited(10, LONG)
    if prepare is not None:
        prepare(shop)
    assert [] == [result for result in shop.crowd.all(*calls) if isinstance(result, Exception)]
    assert (expected, expected) == (len(shop.arrivals), len(limit.slots))


def test_the_typed_client_is_held_back_too(shop: Shop) -> None:
    """With an error of its own, since nothing was sent."""
    shop.limited(1, LONG)
    shop.crowd.call(read)
    shop.crowd.mux.client("crossmint").timeout = 1.0
    with pytest.raises(errors.CrossmintError, match="the limit of 1 requests in 30 s is used up"):
        shop.crowd.call(natively)
    assert 1 == len(shop.arrivals)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.EMPTY, FaultKind.STALL])
@pytest.mark.parametrize("awaiting", [False, True], ids=["threads", "tasks"])
def test_a_call_that_failed_gives_its_slot_back(emulator: Emulator, kind: FaultKind, *, awaiting: bool) -> None:
    """Not before a window after the last moment at which it could have arrived."""
    with Crowd(*emulator.accounts(), awaiting=awaiting, attempts=1, attempt_timeout=1.5) as crowd:
        shop = Shop(crowd, emulator, [])
        shop.limited(1, WINDOW)
        shop.order("crossmint.getOrder", kind, seconds=5)
        [failed] = crowd.all(read)
        assert isinstance(failed, Exception)
        crowd.call(read)
    first, second = shop.arrivals
    assert second - first >= WINDOW


@pytest.mark.slow
def test_a_cancelled_call_gives_its_slot_back(emulator: Emulator) -> None:
    """One that was on its way, in the end; one that waited for a slot has none."""
    with Crowd(*emulator.accounts(), awaiting=True, attempt_timeout=1.5) as crowd:
        shop = Shop(crowd, emulator, [])
        limit = shop.limited(1, WINDOW)
        shop.order("crossmint.getOrder", FaultKind.STALL, seconds=5)

        async def cancelled(mux: Any) -> None:
            tasks = [asyncio.create_task(read(mux)) for _ in range(3)]
            await asyncio.to_thread(shop.wait_for_arrival)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            assert [True] * 3 == [task.cancelled() for task in tasks]

        crowd.call(cancelled)
        assert 1 == len(limit.slots)
        crowd.call(read)
    first, second = shop.arrivals
    assert second - first >= WINDOW


def test_slots_of_the_past_are_forgotten(shop: Shop) -> None:
    """So that a process may run for long."""
    limit = shop.limited(5, 0.05)
    for _ in itertools.repeat(None, 30):
        shop.crowd.call(read)
    assert len(limit.slots) <= 5
