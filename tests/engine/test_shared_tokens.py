"""A token that processes share over Redis: flows driven by hand."""

from __future__ import annotations

from typing import Any

import attrs

from ordermux import (
    PermissionDenied,
)
from ordermux.engine.auth import RefreshableToken
from ordermux.engine.context import AccountRuntime
from support.clock import START, Clock
from support.manual_flows import (
    answer,
    driven,
)
from support.token_flows import CART, bearers, reading, retailer, token


@attrs.define
class FakeRedis:
    """As much of Redis as a token needs, by the clock of the tests."""

    clock: Clock
    kept: dict[str, tuple[str, float]] = attrs.field(factory=dict[str, tuple[str, float]])
    """Each value, and when it ends."""

    def __call__(self, word: str, *words: Any) -> Any:
        """Carry a command out."""
        self.kept = {key: entry for key, entry in self.kept.items() if entry[1] > self.clock.now}
        match word, *words:
            case "SET", key, _, "NX", "PX", _ if key in self.kept:
                return None
            case "SET", key, value, *_, milliseconds:
                self.kept[key] = value, self.clock.now + milliseconds / 1000
                return b"OK"
            case "GET", key:
                return self.kept[key][0].encode() if key in self.kept else None
            case "PTTL", key:
                return int((self.kept[key][1] - self.clock.now) * 1000) if key in self.kept else -2
            case "EVAL", _, 1, key, owner:
                if self.kept.get(key, ("", 0))[0] == owner:
                    del self.kept[key]
                return None
            case _:
                raise AssertionError(word)

    @property
    def locks(self) -> list[str]:
        """The locks that somebody has."""
        return [key for key in self.kept if "lock" in key]

    def hold(self, seconds: float) -> None:
        """Take the lock, as another process."""
        self.kept["ordermux:token-lock:shop"] = "of another", self.clock.now + seconds

    def put(self, value: str, seconds: float) -> None:
        """Keep a token, as another process."""
        self.kept["ordermux:token:shop"] = value, self.clock.now + seconds


def sharing(clock: Clock) -> AccountRuntime:
    """Return an account whose token processes share."""
    opened = retailer(clock)
    assert isinstance(opened.auth, RefreshableToken)
    opened.auth.name = "shop"
    return opened


def test_a_shared_token_is_got_by_one_process() -> None:
    """The next one takes it, and its time, from Redis."""
    clock = Clock()
    redis = FakeRedis(clock)
    first = driven(reading(sharing(clock)), clock, token(1), CART, redis=redis)
    assert ["SET", "GET", "PTTL", "SET", "EVAL"] == first.commands
    other = sharing(clock)
    assert ["token-1"] == bearers(driven(reading(other), clock, CART, redis=redis))
    assert [] == redis.locks
    clock.advance(3540)
    assert ["", "token-2"] == bearers(driven(reading(other), clock, token(2), CART, redis=redis))


def test_who_finds_the_lock_taken_looks_until_the_token_is_there() -> None:
    """Another process is at it."""
    clock = Clock()
    redis = FakeRedis(clock)
    redis.hold(20)
    flow = reading(sharing(clock))

    def answered(*words: Any) -> Any:
        if clock.now > START + 0.19:
            redis.put("token-9", 60)
        return redis(*words)

    run = driven(flow, clock, CART, redis=answered)
    assert (["token-9"], [0.05] * 4) == (bearers(run), run.sleeps)


def test_the_lock_of_a_process_that_died_ends() -> None:
    """After the time of one attempt."""
    clock = Clock()
    redis = FakeRedis(clock)
    redis.hold(20)
    run = driven(reading(sharing(clock)), clock, token(1), CART, redis=redis)
    assert ["", "token-1"] == bearers(run)
    assert START + 20 <= clock.now < START + 20.1


def test_a_lock_that_stays_taken_costs_half_of_the_time() -> None:
    """Its holder may be lost; the other half is for a token of one's own, which others take too."""
    clock = Clock()
    redis = FakeRedis(clock)
    redis.hold(999)
    run = driven(reading(sharing(clock), seconds=3.0), clock, token(1), CART, redis=redis)
    assert (["", "token-1"], True) == (bearers(run), START + 1.5 <= clock.now < START + 1.6)
    assert ["token-1"] == bearers(driven(reading(sharing(clock)), clock, CART, redis=redis))


def test_nobody_waits_for_a_lock_while_the_old_token_holds() -> None:
    """Another process is replacing it."""
    clock = Clock()
    redis = FakeRedis(clock)
    opened = sharing(clock)
    driven(reading(opened), clock, token(1), CART, redis=redis)
    clock.advance(3400)
    redis.hold(20)
    run = driven(reading(opened), clock, CART, redis=redis)
    assert (["token-1"], []) == (bearers(run), run.sleeps)


def test_a_shared_token_that_was_refused_is_not_taken_again() -> None:
    """It is replaced for all."""
    clock = Clock()
    redis = FakeRedis(clock)
    driven(reading(sharing(clock)), clock, token(1), CART, redis=redis)
    run = driven(reading(sharing(clock)), clock, answer(401), token(2), CART, redis=redis)
    assert ["token-1", "", "token-2"] == bearers(run)
    assert ["token-2"] == bearers(driven(reading(sharing(clock)), clock, CART, redis=redis))


def test_the_lock_is_let_go_of_where_no_token_came() -> None:
    """The next one need not wait."""
    clock = Clock()
    redis = FakeRedis(clock)
    run = driven(reading(sharing(clock)), clock, answer(403), redis=redis)
    assert (PermissionDenied, []) == (type(run.error), redis.locks)


def test_a_token_that_ended_on_its_way_is_not_kept() -> None:
    """It serves its own call, and no other."""
    clock = Clock()
    redis = FakeRedis(clock)
    run = driven(reading(sharing(clock)), clock, token(1, expires_in=5), CART, seconds=10.0, redis=redis)
    assert (["", "token-1"], {}) == (bearers(run), redis.kept)
