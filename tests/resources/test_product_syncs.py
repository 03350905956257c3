"""A sync of many products: what stops it, how many are sent at once, in which order, in a memory that stays flat."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ordermux import (
    AsyncOrdermux,
    AuthenticationFailed,
    ConnectionFailed,
    OrdermuxError,
    PermissionDenied,
    ProductOutcome,
    RateLimited,
    ServerError,
)
from support.clients import Opening, both
from support.product_store import BELT, Sent, Store, belts, croissant, refusing


@both
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, {"message": "no"}), AuthenticationFailed),
        ((403, {"message": "no"}), PermissionDenied),
        ((429, {"message": "slower"}), RateLimited),
        (httpx.ConnectError("refused"), ConnectionFailed),
    ],
)
def test_what_would_fail_for_all_stops_it(
    opening: Opening, answer: Sent | Exception, error: type[OrdermuxError]
) -> None:
    """No more are sent; the report says by what, and where to go on."""
    store = Store(lambda name: answer if int(name[4:]) >= 5 else (200, {}))
    outcomes: list[ProductOutcome] = []
    with opening(croissant(), transport=store, attempts=1) as mux:
        report = mux.products.sync("croissant", belts(1000), concurrency=1, on_outcome=outcomes.append)
    assert error is type(report.stopped_by)
    assert (5, 0, 5) == (report.stored, report.failed, report.resume_at)
    assert {f"SKU-{each}" for each in range(6)} == set(store.put)
    assert 5 == len(outcomes)


@pytest.mark.slow
@both
def test_a_stop_with_many_in_flight_loses_none(opening: Opening) -> None:
    """What went on beside it counts; `resume_at` is before the first that has no outcome."""
    store = Store(refusing("SKU-10", status=403), seconds=0.01)
    with opening(croissant(), transport=store, attempts=1) as mux:
        report = mux.products.sync("croissant", belts(1000), concurrency=8)
        assert 10 == report.resume_at
        assert report.stored == len(store.put) - 1
        assert 300 > len(store.put)
        store.answer = refusing()
        again = mux.products.sync("croissant", belts(1000), concurrency=8, start=report.resume_at)
    assert (990, 1000, None) == (again.stored, again.resume_at, again.stopped_by)
    assert {f"SKU-{each}" for each in range(1000)} == set(store.put)


@both
def test_a_failure_of_the_providers_stops_nothing_by_itself(opening: Opening) -> None:
    """A 501 is one product's, as far as anybody knows; a doubtful one is told as what it is."""
    store = Store(refusing("SKU-1", status=501))
    outcomes: list[ProductOutcome] = []
    with opening(croissant(), transport=store, attempts=1) as mux:
        report = mux.products.sync("croissant", belts(4), on_outcome=outcomes.append)
    assert (3, 1, 4) == (report.stored, report.failed, report.resume_at)
    assert [ServerError] == [type(outcome.error) for outcome in outcomes if outcome.error]


@pytest.mark.slow
@both
@pytest.mark.parametrize("concurrency", [1, 4])
def test_no_more_are_in_flight_than_wanted(opening: Opening, concurrency: int) -> None:
    """And so many are."""
    store = Store(seconds=0.01)
    with opening(croissant(), transport=store) as mux:
        mux.products.sync("croissant", belts(40), concurrency=concurrency)
    assert concurrency == store.most


@both
def test_products_are_taken_as_they_are_sent(opening: Opening) -> None:
    """Not read ahead of: at most one for each that is in flight."""
    store, ahead = Store(), list[int]()

    def products() -> Iterator[tuple[str, Any]]:
        for number, product in enumerate(belts(50)):
            ahead.append(number - len(store.put))
            yield product

    with opening(croissant(), transport=store) as mux:
        mux.products.sync("croissant", products(), concurrency=4)
    assert 4 >= max(ahead)


@both
@pytest.mark.parametrize("concurrency", [1, 8])
def test_an_iterable_that_raises_is_the_callers_to_see(opening: Opening, concurrency: int) -> None:
    """Its own error comes out, what was given before is stored, and nothing goes on behind one's back."""

    def broken() -> Iterator[tuple[str, Any]]:
        yield from belts(20)
        raise KeyError("the file ends here")

    store = Store(seconds=0.002)
    with opening(croissant(), transport=store) as mux:
        with pytest.raises(KeyError, match="the file ends here"):
            mux.products.sync("croissant", broken(), concurrency=concurrency)
        assert 0 == store.now
        sent = len(store.put)
    if concurrency == 1:
        assert 20 == sent


@both
@pytest.mark.parametrize("concurrency", [1, 8])
def test_what_ends_a_sync_from_outside_says_where_to_go_on(opening: Opening, concurrency: int) -> None:
    """The report is lost with it, so that its note has the counts and the place."""

    def broken() -> Iterator[tuple[str, Any]]:
        yield from belts(20)
        raise KeyError("the file ends here")

    with (
        opening(croissant(), transport=Store(refusing("SKU-3"))) as mux,
        pytest.raises(KeyError) as raised,
    ):
        mux.products.sync("croissant", broken(), concurrency=concurrency)
    found = re.search(r"(\d+) were stored, 1 failed; start=(\d+) goes on", raised.value.__notes__[-1])
    assert found
    assert int(found[2]) <= int(found[1]) + 1 <= 20
    if concurrency == 1:
        assert ("19", "20") == (found[1], found[2])


@both
def test_products_with_one_id_are_sent_in_their_order(opening: Opening) -> None:
    """At most one of an id is on its way, and the last one is the one that stays; others go on beside it."""
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    stored: dict[str, Any] = {}

    class One(Store):
        def _begin(self, request: httpx.Request) -> str:
            name = super()._begin(request)
            with self.lock:
                now[name] += 1
                most[name] = max(most[name], now[name])
                if name != "token":
                    stored[name] = json.loads(request.content)["name"]
            return name

        def _end(self, name: str) -> httpx.Response:
            with self.lock:
                now[name] -= 1
            return super()._end(name)

    products = [(f"SKU-{number % 3}", {"name": str(number)}) for number in range(60)]
    with opening(croissant(), transport=(store := One(seconds=0.002))) as mux:
        report = mux.products.sync("croissant", products, concurrency=8)
    assert (60, 60) == (report.stored, report.resume_at)
    assert {"SKU-0": 1, "SKU-1": 1, "SKU-2": 1} == {name: count for name, count in most.items() if name != "token"}
    assert {"SKU-0": "57", "SKU-1": "58", "SKU-2": "59"} == stored
    assert store.most > 1


@both
def test_a_sync_that_is_stopped_sends_none_of_those_that_waited(opening: Opening) -> None:
    """A product behind another of its id is not sent once it is known that all would fail."""
    store = Store(lambda _: (403, {"message": "no"}), seconds=0.002)
    with opening(croissant(), transport=store) as mux:
        report = mux.products.sync("croissant", [("SKU-1", BELT)] * 8, concurrency=8)
    assert (["SKU-1"], 0, 0) == (store.put, report.stored, report.resume_at)


def test_a_cancelled_sync_sends_no_more() -> None:
    """Its workers end with it."""
    store = Store(seconds=0.02)

    async def cancelled() -> tuple[int, int]:
        async with AsyncOrdermux(croissant(), transport=store) as mux:
            task = asyncio.create_task(mux.products.sync("croissant", belts(10_000), concurrency=4))
            async with asyncio.timeout(10):
                while len(store.put) < 8:  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            sent = len(store.put)
            await asyncio.sleep(0.06)
            return sent, len(store.put)

    sent, later = asyncio.run(cancelled())
    assert 0 < sent == later < 100


MANY = 20_000


@pytest.mark.slow
@both
def test_memory_stays_flat(opening: Opening) -> None:
    """Neither the products nor their outcomes are kept, those that failed included."""
    used: list[int] = []

    def products() -> Iterator[tuple[str, Any]]:
        for number in range(MANY):
            if number in {MANY // 10, MANY - 100}:
                gc.collect()  # what is in cycles is no growth
                used.append(sys.getallocatedblocks())
            yield f"SKU-{number}-{'x' * 100}", {}

    store = Store(put=Forgetful())
    store.answer = lambda name: (422, {"message": "no"}) if name[5:8] == "777" else (200, {})
    with opening(croissant(), transport=store) as mux:
        report = mux.products.sync("croissant", products())
    assert MANY == report.stored + report.failed == report.resume_at
    assert 0 < report.failed
    assert MANY // 20 > used[1] - used[0]


class Forgetful(list[str]):
    """A list that keeps nothing."""

    def append(self, item: str) -> None:
        """Forget it."""
