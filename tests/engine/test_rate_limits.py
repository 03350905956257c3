"""The rate limit that is kept on our side: flows driven by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ordermux import (
    RateLimited,
    SharedStateError,
)
from ordermux.engine.context import CallContext
from ordermux.engine.flow import RedisCommand, Sleep
from ordermux.engine.rate_limit import RateLimiter
from ordermux.providers.zephyr.adapter import KEYED
from support.clock import START, Clock
from support.manual_flows import (
    ORDERED,
    READ,
    RESET,
    answer,
    call_of,
    driven,
    opened_at,
    sending,
)


def limited(clock: Clock, *, seconds: float = 1000.0, **settings: Any) -> tuple[RateLimiter, CallContext]:
    """Return a limit of two requests in a minute, and a call under it."""
    return RateLimiter(2, 60.0, clock, **settings), call_of(opened_at(clock), seconds=seconds)


def test_a_slot_is_free_a_window_after_its_answer() -> None:
    """Not after it was sent: nobody knows when it arrived."""
    clock = Clock()
    limit, call = limited(clock)
    first, second = (driven(limit.acquire(call), clock).result for _ in range(2))
    clock.advance(5)
    driven(limit.release(call, first), clock)
    clock.advance(5)
    driven(limit.release(call, second), clock)
    third = limit.acquire(call)
    assert Sleep(55) == next(third)
    clock.advance(55)
    with pytest.raises(StopIteration):
        next(third)
    assert Sleep(5) == next(limit.acquire(call))


def test_a_slot_without_an_answer_stays_taken() -> None:
    """For as long as its request may be on its way, and a window more; another's answer may come before."""
    clock = Clock()
    limit, call = limited(clock)
    driven(limit.acquire(call), clock)
    driven(limit.acquire(call), clock)
    assert [60, 20] == driven(limit.acquire(call), clock).sleeps


def test_a_limit_beyond_the_deadline_raises_at_once() -> None:
    """With the seconds until a slot is free."""
    clock = Clock()
    limit, call = limited(clock, seconds=60.0)
    driven(limit.acquire(call), clock)
    driven(limit.acquire(call), clock)
    run = driven(limit.acquire(call), clock)
    assert (RateLimited, 60.0, True, 0) == (
        type(run.error), run.problem.retry_after, run.problem.retryable, run.problem.attempts,
    )  # fmt: skip


def test_no_window_wherever_it_begins_has_more_than_the_limit() -> None:
    """Over a hundred requests, each answered a second after it was sent."""
    clock = Clock()
    limit, call = limited(clock, seconds=1e6)
    sent: list[float] = []
    for _ in range(100):
        slot = driven(limit.acquire(call), clock).result
        sent.append(clock.now)
        clock.advance(1)
        driven(limit.release(call, slot), clock)
    assert min(later - earlier for earlier, later in zip(sent, sent[2:], strict=False)) >= 60
    assert 2 == len(limit.slots)


def test_each_request_of_a_call_takes_a_slot() -> None:
    """The ones that are sent again, too; what came back lets go of its own."""
    clock = Clock()
    opened = opened_at(clock)
    opened.limit = RateLimiter(9, 60.0, clock)
    driven(sending(call_of(opened), READ), clock, RESET, answer(500), ORDERED)
    assert [START + 60.5, START + 61.5, START + 80.0] == sorted(opened.limit.slots.values())


def test_a_limit_that_is_shared_asks_redis() -> None:
    """Which says how many microseconds it takes until a slot is free."""
    clock = Clock()
    limit, call = limited(clock, name="window")
    flow = limit.acquire(call)
    asked = next(flow)
    assert isinstance(asked, RedisCommand)
    assert ("EVAL", 1, "window", 2, 80_000_000) == (asked.arguments[0], *asked.arguments[2:6])
    assert Sleep(1.5) == flow.send(1_500_000)
    assert asked == next(flow)
    with pytest.raises(StopIteration) as stop:
        flow.send(0)
    leaving = limit.release(call, stop.value.value)
    told = next(leaving)
    assert isinstance(told, RedisCommand)
    assert (60_000_000, stop.value.value) == told.arguments[4:]
    with pytest.raises(StopIteration):  # the slot stays taken for longer, and no more
        leaving.throw(SharedStateError("Redis did not answer"))


def test_no_request_is_sent_past_a_limit_that_cannot_be_asked() -> None:
    """Redis did not answer, and nothing was sent."""
    clock = Clock()
    opened = opened_at(clock)
    opened.limit = RateLimiter(2, 60.0, clock, "window")
    flow = sending(call_of(opened), KEYED)
    assert isinstance(next(flow), RedisCommand)
    with pytest.raises(SharedStateError):
        flow.throw(SharedStateError("Redis did not answer"))
