"""The clock of a world: it runs, stands, jumps, and all that the emulator times goes by it."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Callable

import httpx
import pytest

from ordermux.emulator import Clock, Emulator, World
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.zephyr import emulator as zephyr

MOMENT = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)
KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}


class Source:
    """Tells a time that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        """Return it."""
        return self.now


def test_it_runs_by_the_machines_time() -> None:
    """Until it is told otherwise."""
    before = time.time()
    assert before <= Clock()() <= time.time()


def test_it_may_start_at_a_moment() -> None:
    """And runs from there."""
    clock = Clock.starting(MOMENT)
    assert 0 <= clock() - MOMENT.timestamp() < 60
    assert 0 <= clock.restarted()() - MOMENT.timestamp() < 60


def test_it_goes_on_after_a_jump() -> None:
    """At the pace of what it runs by."""
    source = Source()
    clock = Clock(source)
    clock.advance(50)
    source.now += 1
    assert 151 == clock()


def test_it_stands_where_it_was_frozen() -> None:
    """It still jumps, and runs on from where it stands."""
    source = Source()
    clock = Clock(source)
    clock.freeze()
    source.now += 10
    told = [clock()]
    clock.advance(5)
    told.append(clock())
    clock.set(7)
    told.append(clock())
    clock.run()
    source.now += 1
    assert [100, 105, 7, 8] == [*told, clock()]


def test_it_may_be_set_back() -> None:
    """Running, or standing."""
    source = Source()
    clock = Clock(source)
    clock.set(3)
    source.now += 2
    assert 5 == clock()


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_it_is_not_put_forward_by_what_is_not_forward(seconds: float) -> None:
    """The clock is as it was."""
    clock = Clock(Source())
    with pytest.raises(ValueError, match="put forward by some seconds"):
        clock.advance(seconds)
    assert 100 == clock()


@pytest.mark.parametrize("moment", [math.nan, math.inf, 1e30, datetime.datetime(2026, 1, 1)])  # noqa: DTZ001
def test_it_is_not_set_to_what_is_no_moment(moment: float | datetime.datetime) -> None:
    """Among these a time without an offset."""
    clock = Clock(Source())
    with pytest.raises(ValueError, match="moment"):
        clock.set(moment)
    assert 100 == clock()


JUMPS: list[Callable[[Clock], None]] = [
    Clock.freeze,
    Clock.run,
    lambda clock: clock.advance(1),
    lambda clock: clock.set(1),
]


@pytest.mark.parametrize("jump", JUMPS, ids=range(4))
def test_it_tells_of_each_jump(jump: Callable[[Clock], None]) -> None:
    """So that what waits is woken."""
    told: list[int] = []
    clock = Clock(Source())
    clock.listeners.append(lambda: told.append(1))
    jump(clock)
    assert [1] == told


def test_a_function_may_take_its_place() -> None:
    """Who listened to the clock listens to it."""
    world, told = World(), list[int]()
    world.clock.listeners.append(lambda: told.append(1))
    world.clock = lambda: 5.0
    world.clock.advance(2)
    assert (7, [1, 1]) == (world.clock(), told)


# What goes by it.


def test_timestamps_and_ids_go_by_it(emulator: Emulator) -> None:
    """A refund is made when the world says."""
    emulator.world.clock.freeze()
    emulator.world.clock.set(MOMENT)
    url = f"{emulator.address}/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds"
    made = httpx.post(url, json={"amount_cents": 10, "reason": "duplicate"}, headers=KEY).json()
    assert "2026-05-30T12:00:00.000Z" == made["created_at"]
    world = World(clock=emulator.world.clock)
    assert world.ulid()[:10] == made["id"].removeprefix("refund_")[:10]


@pytest.mark.slow
def test_tokens_go_by_it(emulator: Emulator) -> None:
    """They last an hour of it."""
    body = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    token = httpx.post(f"{emulator.address}/croissant/v0/token", json=body).json()["access_token"]
    url, headers = (
        f"{emulator.address}/croissant/v0/carts/{croissant.SAMPLE_CART}",
        {"authorization": f"Bearer {token}"},
    )
    statuses: list[int] = []
    emulator.world.clock.freeze()
    for seconds in (0, 3590, 20):
        emulator.world.clock.advance(seconds)
        statuses.append(httpx.get(url, headers=headers).status_code)
    assert [200, 200, 401] == statuses


@pytest.mark.slow
def test_the_limit_goes_by_it(emulator: Emulator) -> None:
    """The minute's window ends when the world says, and Retry-After counts its seconds."""
    emulator.world.clock.freeze()
    cookie = {"cookie": crossmint.COOKIE}

    def ask() -> httpx.Response:
        return httpx.get(f"{emulator.address}/crossmint/api/orders", headers=cookie)

    statuses = [ask().status_code for _ in range(30)]
    emulator.world.clock.advance(15)
    refused = ask()
    emulator.world.clock.advance(45)
    assert ([200] * 30, 429, "45", 200) == (
        statuses,
        refused.status_code,
        refused.headers["retry-after"],
        ask().status_code,
    )
