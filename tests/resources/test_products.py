"""Products: one by one, and many with an outcome for each."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ordermux import (
    InvalidArgument,
    InvalidRequest,
    NotFound,
    Ordermux,
    ProductOutcome,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux_croissant import models
from support.clients import Opening, both
from support.product_store import BELT, Store, belts, croissant, refusing

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
