"""Products: one by one, and many with an outcome for each, so many at once, in a memory that stays flat."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest

from ordermux import (
    AsyncOrdermux,
    AuthenticationFailed,
    ConnectionFailed,
    Croissant,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    Ordermux,
    OrdermuxError,
    PermissionDenied,
    ProductOutcome,
    RateLimited,
    ServerError,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux_croissant import models
from support.clients import Opening, awaiting, blocking, both

Sent = tuple[int, Any]
BELT = {"name": "Belt", "brand": "Your Brand"}


@pytest.fixture(params=[blocking, awaiting])
def mux(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Ordermux]:
    """Give each client over all four providers."""
    with request.param(*emulator.accounts()) as opened:
        yield opened


def belts(number: int) -> Iterator[tuple[str, Any]]:
    """Give so many products."""
    for each in range(number):
        yield f"SKU-{each}", BELT


@attrs.define
class Store(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A retailer's end that answers by the product's id, and counts how many are in flight."""

    answer: Callable[[str], Sent | Exception] = lambda _: (200, {})
    seconds: float = 0.0
    put: list[str] = attrs.field(factory=list[str])
    now: int = 0
    most: int = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def _begin(self, request: httpx.Request) -> str:
        name = request.url.path.rpartition("/")[2]
        with self.lock:
            if name != "token":
                self.put.append(name)
            self.now += 1
            self.most = max(self.most, self.now)
        return name

    def _end(self, name: str) -> httpx.Response:
        with self.lock:
            self.now -= 1
        if name == "token":
            return httpx.Response(200, json={"access_token": "tok", "expires_in": 3600})
        answer = self.answer(name)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer[0], content=json.dumps(answer[1]))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, blocking."""
        name = self._begin(request)
        time.sleep(self.seconds)
        return self._end(name)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, awaiting."""
        name = self._begin(request)
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self._end(name)
            raise
        return self._end(name)


def croissant() -> Croissant:
    """Return an account without a server."""
    return Croissant(client_id="id", client_secret="secret", base_url="http://croissant.test/v0")


def refusing(*names: str, status: int = 422) -> Callable[[str], Sent]:
    """Return the answer of a store that refuses these products."""
    return lambda name: (status, {"message": "no"}) if name in names else (200, {})


# One.


def test_a_product_is_put_and_read(emulator: Emulator, mux: Ordermux) -> None:
    """As it was given, and the answers are the provider's."""
    put = mux.products.put("croissant", "SKU-9/a b", BELT)
    assert (
        BELT == emulator.state("croissant").products["SKU-9/a b"] == put == mux.products.get("croissant", "SKU-9/a b")
    )


def test_a_product_that_is_put_again_is_replaced(emulator: Emulator, mux: Ordermux) -> None:
    """By the same id."""
    for name in ("Belt", "Longer belt"):
        mux.products.put("croissant", "SKU-9", {"name": name})
    assert {"name": "Longer belt"} == emulator.state("croissant").products["SKU-9"]


def test_a_product_that_is_not_there_is_not_found(mux: Ordermux) -> None:
    """As an order."""
    with pytest.raises(NotFound, match=r"croissant: products\.get: 'SKU-none': getProduct: status 404"):
        mux.products.get("croissant", "SKU-none")


@pytest.mark.slow
def test_a_lost_answer_to_a_put_is_sent_again(emulator: Emulator, mux: Ordermux) -> None:
    """Since it is an upsert, that does no more."""
    emulator.world.faults.inject("croissant.putProduct", Fault(kind=FaultKind.RESET, when="after"))
    mux.products.put("croissant", "SKU-9", BELT)
    assert 2 == emulator.world.calls["croissant.putProduct"]


@pytest.mark.parametrize("product_id", ["", ".", "..", "a\nb"])
def test_an_id_that_cannot_be_sent_is_refused(emulator: Emulator, mux: Ordermux, product_id: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidArgument):
        mux.products.put("croissant", product_id, BELT)
    assert 0 == emulator.world.calls["croissant.putProduct"]


# Many.


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_many_are_stored(emulator: Emulator, mux: Ordermux, concurrency: int) -> None:
    """Each once, and each has its outcome."""
    outcomes: list[ProductOutcome] = []
    report = mux.products.sync("croissant", belts(20), concurrency=concurrency, on_outcome=outcomes.append)
    assert (20, 0, 20, None) == (report.stored, report.failed, report.resume_at, report.stopped_by)
    assert {name for name, _ in belts(20)} <= set(emulator.state("croissant").products)
    assert 20 == emulator.world.effects["croissant.putProduct"]
    assert 1 == emulator.world.calls["croissant.createToken"]
    assert [(each, f"SKU-{each}", None) for each in range(20)] == sorted(
        (outcome.index, outcome.product_id, outcome.error) for outcome in outcomes
    )


def test_nothing_to_store_is_stored(mux: Ordermux) -> None:
    """And that is no failure."""
    report = mux.products.sync("croissant", [])
    assert (0, 0, 0, None) == (report.stored, report.failed, report.resume_at, report.stopped_by)


@both
def test_what_fails_for_one_is_counted(opening: Opening) -> None:
    """The rest goes on; its outcome holds the error."""
    store, outcomes = Store(refusing("SKU-3", "SKU-7")), list[ProductOutcome]()
    with opening(croissant(), transport=store) as mux:
        report = mux.products.sync("croissant", belts(10), on_outcome=outcomes.append)
    assert (8, 2, 10, None) == (report.stored, report.failed, report.resume_at, report.stopped_by)
    failed = {outcome.product_id: type(outcome.error) for outcome in outcomes if outcome.error}
    assert {"SKU-3": InvalidRequest, "SKU-7": InvalidRequest} == failed


@both
def test_a_product_that_cannot_be_sent_fails_alone(opening: Opening) -> None:
    """An id or a body that is refused before it is sent is one product's own fault."""
    store = Store()
    products: list[tuple[str, Any]] = [("a", BELT), ("..", BELT), ("b", {"x": object()}), ("c", BELT)]
    with opening(croissant(), transport=store) as mux:
        report = mux.products.sync("croissant", products, concurrency=1)
    assert (2, 2, 4, None) == (report.stored, report.failed, report.resume_at, report.stopped_by)
    assert ["a", "c"] == store.put


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
        assert 30 > len(store.put)
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
def test_outcomes_are_told_one_at_a_time(opening: Opening) -> None:
    """So that whoever is told needs no lock."""
    now, most = 0, 0

    def told(outcome: ProductOutcome) -> None:
        nonlocal now, most
        del outcome
        now += 1
        most = max(most, now)
        time.sleep(0.001)
        now -= 1

    with opening(croissant(), transport=Store(seconds=0.002)) as mux:
        mux.products.sync("croissant", belts(30), concurrency=8, on_outcome=told)
    assert 1 == most


@both
def test_a_callback_that_raises_stops_nothing(opening: Opening, caplog: pytest.LogCaptureFixture) -> None:
    """What was stored is stored; it is logged."""

    def told(outcome: ProductOutcome) -> None:
        raise ValueError(outcome.product_id)

    with opening(croissant(), transport=Store()) as mux:
        report = mux.products.sync("croissant", belts(3), on_outcome=told)
    assert (3, 0, 3) == (report.stored, report.failed, report.resume_at)
    assert 3 == sum("a hook failed" in record.getMessage() for record in caplog.records)


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


@pytest.mark.parametrize("items", [[("a", BELT), "bc"], [("a", BELT), ("b",)], [("a", BELT), None]])
@both
def test_what_is_no_pair_is_told(opening: Opening, items: Any) -> None:
    """A slip in what is given is an argument that is not valid, or a product's own failure; no unpacking error."""
    with opening(croissant(), transport=Store()) as mux:
        try:
            report = mux.products.sync("croissant", items, concurrency=1)
        except InvalidArgument:
            return
    assert (1, 1) == (report.stored, report.failed)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"concurrency": -1}, {"start": -1}])
def test_a_number_that_cannot_be_is_refused(emulator: Emulator, mux: Ordermux, wrong: dict[str, Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidArgument, match=r"^(concurrency|start) is "):
        mux.products.sync("croissant", belts(3), **wrong)
    assert {} == dict(emulator.world.calls)


@both
def test_a_bad_timeout_is_not_each_products_failure(opening: Opening) -> None:
    """It is the call's own argument."""
    with opening(croissant(), transport=Store()) as mux:
        with pytest.raises(InvalidArgument, match="timeout"):
            mux.products.sync("croissant", belts(3), timeout=-1)


@both
def test_start_leaves_out_as_many(opening: Opening) -> None:
    """Places are counted from the beginning all the same; past the end there is nothing to do."""
    store, outcomes = Store(), list[ProductOutcome]()
    with opening(croissant(), transport=store) as mux:
        report = mux.products.sync("croissant", belts(5), start=3, on_outcome=outcomes.append)
        past = mux.products.sync("croissant", belts(5), start=9)
    assert (["SKU-3", "SKU-4"], {3, 4}) == (sorted(store.put), {outcome.index for outcome in outcomes})
    assert (2, 5) == (report.stored, report.resume_at)
    assert (0, 0) == (past.stored, past.failed)


def test_a_typed_product_is_sent_too(emulator: Emulator, mux: Ordermux) -> None:
    """As the provider's document has it: any object."""
    product: models.Product = dict(BELT)
    assert 1 == mux.products.sync("croissant", [("SKU-9", product)]).stored
    assert BELT == emulator.state("croissant").products["SKU-9"]


def test_a_cancelled_sync_sends_no_more() -> None:
    """Its workers end with it."""
    store = Store(seconds=0.02)

    async def cancelled() -> tuple[int, int]:
        async with AsyncOrdermux(croissant(), transport=store) as mux:
            task = asyncio.create_task(mux.products.sync("croissant", belts(10_000), concurrency=4))
            await asyncio.sleep(0.1)
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
