"""What every store of an inbox does, as one table that each store is held against."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs

from ordermux.webhooks.stores import ClaimResult, Store

LONG = 1000.0
"""More units than any test takes."""


@attrs.frozen
class Bench:
    """Makes empty stores of one kind, and lets time pass for them; times are in units."""

    make: Callable[[float], Store]
    """Takes how long marks are kept."""
    wait: Callable[[float], None]
    unit: float = 1.0
    """How many seconds the store takes a unit for."""

    def store(self, kept: float = LONG) -> Store:
        """Return an empty store."""
        return self.make(kept * self.unit)

    def claim(
        self, store: Store, key: str = "k", digest: str = "d", owner: str = "o", lease: float = LONG
    ) -> ClaimResult:
        """Claim an event for so many units."""
        return store.claim(key, digest, owner, lease * self.unit)


def a_new_event_is_the_claimers(bench: Bench) -> None:
    """Until it says otherwise, nobody else gets it, not even under the same name."""
    store = bench.store()
    assert ClaimResult.ACQUIRED is bench.claim(store)
    assert ClaimResult.IN_PROGRESS is bench.claim(store, owner="other")
    assert ClaimResult.IN_PROGRESS is bench.claim(store)


def events_are_apart(bench: Bench) -> None:
    """One may be done while another is not."""
    store = bench.store()
    assert [ClaimResult.ACQUIRED] * 3 == [bench.claim(store, key=key) for key in ("a", "b", "c")]
    store.finish("a", "o")
    store.release("b", "o")
    assert [ClaimResult.COMPLETED, ClaimResult.ACQUIRED, ClaimResult.IN_PROGRESS] == [
        bench.claim(store, key=key) for key in ("a", "b", "c")
    ]


def a_finished_event_is_done_for_all(bench: Bench) -> None:
    """Whoever asks."""
    store = bench.store()
    bench.claim(store)
    store.finish("k", "o")
    assert [ClaimResult.COMPLETED] * 2 == [bench.claim(store, owner=owner) for owner in ("o", "other")]


def a_released_event_is_new(bench: Bench) -> None:
    """With any digest, since nothing is known of it any more."""
    store = bench.store()
    bench.claim(store)
    store.release("k", "o")
    assert ClaimResult.ACQUIRED is bench.claim(store, digest="e", owner="other")
    assert ClaimResult.CONFLICT is bench.claim(store, digest="d")


def what_is_done_is_not_released(bench: Bench) -> None:
    """Not even by its owner, which said otherwise first."""
    store = bench.store()
    bench.claim(store)
    store.finish("k", "o")
    store.release("k", "o")
    assert ClaimResult.COMPLETED is bench.claim(store)


def another_digest_is_another_event(bench: Bench) -> None:
    """While the first is handled, and once it is; and asking takes nothing from its owner."""
    store = bench.store()
    bench.claim(store)
    assert ClaimResult.CONFLICT is bench.claim(store, digest="e", owner="other")
    store.finish("k", "o")
    assert ClaimResult.CONFLICT is bench.claim(store, digest="e", owner="other")
    assert ClaimResult.COMPLETED is bench.claim(store)


def a_stranger_can_do_nothing(bench: Bench) -> None:
    """Neither finish nor release what another owns."""
    store = bench.store()
    bench.claim(store)
    for act in (store.finish, store.release):
        act("k", "stranger")
        assert ClaimResult.IN_PROGRESS is bench.claim(store)
    store.finish("k", "o")
    store.release("k", "stranger")
    assert ClaimResult.COMPLETED is bench.claim(store)


def what_nobody_claimed_stays_new(bench: Bench) -> None:
    """Finishing or releasing it is no error, and leaves no mark."""
    store = bench.store()
    store.finish("k", "o")
    store.release("k", "o")
    assert ClaimResult.ACQUIRED is bench.claim(store)


def a_lease_that_is_over_is_taken_over(bench: Bench) -> None:
    """With a lease of its own for the next owner; the first has no say any more."""
    store = bench.store()
    bench.claim(store, lease=1)
    bench.wait(2)
    assert ClaimResult.ACQUIRED is bench.claim(store, owner="next")
    for act in (store.finish, store.release):
        act("k", "o")
        assert ClaimResult.IN_PROGRESS is bench.claim(store, owner="third")
    store.finish("k", "next")
    assert ClaimResult.COMPLETED is bench.claim(store, owner="third")


def another_digest_takes_over_too(bench: Bench) -> None:
    """Since what a dead owner had was not handled."""
    store = bench.store()
    bench.claim(store, lease=1)
    bench.wait(2)
    assert ClaimResult.ACQUIRED is bench.claim(store, digest="e", owner="next")


def an_owner_that_is_late_still_finishes(bench: Bench) -> None:
    """Where nobody took the event over it was handled once, and is not handled again."""
    store = bench.store()
    bench.claim(store, lease=1)
    bench.wait(2)
    assert ClaimResult.ACQUIRED is bench.claim(store, key="another")  # which is when stores tidy up
    store.finish("k", "o")
    assert ClaimResult.COMPLETED is bench.claim(store, owner="next")


def done_outlasts_the_lease(bench: Bench) -> None:
    """For longer than anybody had the right to handle it."""
    store = bench.store()
    bench.claim(store, lease=1)
    store.finish("k", "o")
    bench.wait(2)
    assert ClaimResult.ACQUIRED is bench.claim(store, key="another")
    assert ClaimResult.COMPLETED is bench.claim(store)


def done_is_kept_for_so_long(bench: Bench) -> None:
    """And no longer, so that a store does not grow for ever."""
    store = bench.store(kept=1)
    bench.claim(store)
    store.finish("k", "o")
    bench.wait(2)
    assert ClaimResult.ACQUIRED is bench.claim(store, owner="next")


def any_text_is_a_key(bench: Bench) -> None:
    """Each text is an event of its own."""
    store = bench.store()
    keys = ["a", "A", "a ", "a:b", "a\0b", "a'b\"", "%s", "", "é", "\N{SNOWMAN}", "x" * 10_000, "x" * 10_001]
    assert [ClaimResult.ACQUIRED] * len(keys) == [bench.claim(store, key=key) for key in keys]
    assert [ClaimResult.IN_PROGRESS] * len(keys) == [bench.claim(store, key=key) for key in keys]


def of_many_threads_one_gets_it(bench: Bench) -> None:
    """Of 32 that claim at once, in each of ten rounds; and what it does is seen by all."""
    store, barrier = bench.store(), threading.Barrier(32)

    def claim(key: str, owner: int) -> tuple[ClaimResult, int]:
        barrier.wait()
        return bench.claim(store, key=key, owner=f"o{owner}"), owner

    with ThreadPoolExecutor(32) as pool:
        for key in "abcdefghij":
            seen = list(pool.map(claim, [key] * 32, range(32)))
            assert {ClaimResult.ACQUIRED: 1, ClaimResult.IN_PROGRESS: 31} == Counter(each for each, _ in seen)
            store.finish(key, f"o{next(owner for each, owner in seen if each is ClaimResult.ACQUIRED)}")
            assert {ClaimResult.COMPLETED: 32} == Counter(each for each, _ in pool.map(claim, [key] * 32, range(32)))


BEHAVIOURS: tuple[Callable[[Bench], None], ...] = (
    a_new_event_is_the_claimers,
    events_are_apart,
    a_finished_event_is_done_for_all,
    a_released_event_is_new,
    what_is_done_is_not_released,
    another_digest_is_another_event,
    a_stranger_can_do_nothing,
    what_nobody_claimed_stays_new,
    a_lease_that_is_over_is_taken_over,
    another_digest_takes_over_too,
    an_owner_that_is_late_still_finishes,
    done_outlasts_the_lease,
    done_is_kept_for_so_long,
    any_text_is_a_key,
    of_many_threads_one_gets_it,
)
