"""An order that may have the shop's number, and cannot be read, is an error and not an order that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from ordermux import UnexpectedResponse
from ordermux.emulator import Emulator, Fault, FaultKind
from support.clients import Opening, both, example

LIST = "cryptum.listOrders"


def answer(emulator: Emulator, *orders: dict[str, Any], times: int = 1) -> None:
    """Let the list be these orders, each with its fields, so many times."""
    body = {"orders": [{**example("cryptum", "ListedOrder"), **fields} for fields in orders]}
    fault = Fault(kind=FaultKind.STATUS, when="before", status=200, body=body, times=times)
    emulator.world.faults.inject(LIST, fault)


@both
@pytest.mark.parametrize(
    "broken",
    [{"ecommerceOrderId": 4711}, {"ecommerceOrderId": "4711", "id": 5}],
    ids=["its number is not text", "its id is not text"],
)
def test_an_order_with_the_number_that_cannot_be_read(
    emulator: Emulator, opening: Opening, broken: dict[str, Any]
) -> None:
    """Nobody creates it a second time."""
    answer(emulator, broken)
    with opening(*emulator.accounts()) as mux, pytest.raises(UnexpectedResponse, match="may have the number"):
        mux.orders.find("cryptum", "4711")


@both
@pytest.mark.parametrize(
    "broken",
    [{"ecommerceOrderId": None}, {"ecommerceOrderId": 4712}, {"orderTotal": 5}, {"id": 5}],
    ids=["no number", "another number that is not text", "its total", "its id"],
)
def test_an_order_with_another_number_that_cannot_be_read(
    emulator: Emulator, opening: Opening, broken: dict[str, Any]
) -> None:
    """It is left out."""
    answer(emulator, broken, {"ecommerceOrderId": "4711", "id": "wanted"})
    with opening(*emulator.accounts()) as mux:
        assert ["wanted"] == [each.ref.id for each in mux.orders.find("cryptum", "4711")]


@both
def test_orders_of_many_pages_are_found_once_each(emulator: Emulator, opening: Opening) -> None:
    """The first and the last have the number."""
    state = emulator.state("cryptum")
    ids = [state.place(ecommerceOrderId="4711" if number in {0, 204} else "9")["id"] for number in range(205)]
    with opening(*emulator.accounts()) as mux:
        found = mux.orders.find("cryptum", "4711")
    assert {ids[0], ids[204]} == {each.ref.id for each in found}
    assert 2 == len(found)


@both
def test_a_list_that_does_not_end_is_an_error(emulator: Emulator, opening: Opening) -> None:
    """Instead of a request after the other until the deadline."""
    answer(emulator, {"id": "same"}, times=99)
    with opening(*emulator.accounts()) as mux, pytest.raises(UnexpectedResponse, match="would never end"):
        mux.orders.find("cryptum", "4711")
    assert 2 == emulator.world.calls[LIST]
