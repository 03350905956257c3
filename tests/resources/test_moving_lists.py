"""Lists that move while they are read: what was there all the time is given, whatever comes and goes beside it."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordermux import Order, UnexpectedResponse
from support.clients import Opening, account, blocking, both
from support.moving_list import Change, Moving

LISTED = ["zephyr", "crossmint", "cryptum"]
REVISION = {"zephyr": "cart_id", "crossmint": "crossmint_order_id", "cryptum": "ecommerce_order_id"}


def read(opening: Opening, server: Moving, **filters: Any) -> list[tuple[str, str]]:
    """Return each order of a server's list, with its revision."""
    with opening(account(server.provider), transport=server.transport) as mux:
        return [seen(order) for order in mux.orders.list(server.provider, **filters)]


def seen(order: Order) -> tuple[str, str]:
    """Return an order's id and revision."""
    return order.ref.id, getattr(order.native, REVISION[order.ref.account])


def check(server: Moving, before: list[str], found: list[tuple[str, str]]) -> None:
    """Check what was read of a list that had some orders at the beginning."""
    names = {name for name, _ in found}
    kept = {name for name in before if name not in server.removed}
    assert set() == kept - names  # none is missed
    assert names <= {*before, *(f"new-{number}" for number in range(server.added))}  # none is invented
    assert {} == {row: count for row, count in Counter(found).items() if count > 1}  # none comes twice unchanged


def orders(count: int) -> list[str]:
    """Return the ids of so many orders."""
    return [f"order-{number}" for number in range(count)]


PLACES = {"the front": 0, "the middle": 110, "the rows in hand": 95, "the end": 10_000}


@pytest.mark.slow
@both
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("count", [1, 3, 100, 250])
@pytest.mark.parametrize("where", PLACES)
def test_orders_that_come_between_two_pages(opening: Opening, provider: str, count: int, where: str) -> None:
    """Wherever they come, and however many: they push others down, which do not come again."""
    for request in (1, 2, 3):
        server = Moving(provider, orders(330), {request: lambda list_: list_.insert(PLACES[where], count)})
        check(server, orders(330), read(opening, server))


@pytest.mark.slow
@both
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("count", [1, 3, 100, 250])
@pytest.mark.parametrize("where", PLACES)
def test_orders_that_go_between_two_pages(opening: Opening, provider: str, count: int, where: str) -> None:
    """Wherever they go, and however many: those that move up past the place in hand are not missed."""
    for request in (1, 2, 3):
        place = PLACES[where] if where != "the end" else 330 - count
        server = Moving(provider, orders(330), {request: functools.partial(Moving.remove, place=place, count=count)})
        check(server, orders(330), read(opening, server))


@both
@pytest.mark.parametrize("cap", [2, 7, 100])
@pytest.mark.parametrize("count", [1, 3, 60])
@pytest.mark.parametrize("change", [Moving.insert, Moving.remove], ids=["come", "go"])
@pytest.mark.parametrize("place", [0, 5, 95, 100])
def test_an_order_is_found_whatever_comes_or_goes(
    opening: Opening, change: Callable[..., None], place: int, count: int, cap: int
) -> None:
    """By the shop's number, which all of these have: one that is not found would be created a second time."""
    for request in (1, 2, 100 // cap):
        server = Moving("cryptum", orders(230), {request: functools.partial(change, place=place, count=count)}, cap)
        with opening(account("cryptum"), transport=server.transport) as mux:
            names = [each.ref.id for each in mux.orders.find("cryptum", "0")]
        assert len(names) == len(set(names))
        assert set() == {each for each in orders(230) if each not in server.removed} - set(names)


@both
def test_a_search_ends_though_orders_go_all_the_time(opening: Opening) -> None:
    """That no order is found would not be known."""
    changes: dict[int, Change] = {each: functools.partial(Moving.remove, place=0, count=1) for each in range(1, 200)}
    server = Moving("cryptum", orders(500), changes)
    with (
        opening(account("cryptum"), transport=server.transport) as mux,
        pytest.raises(UnexpectedResponse, match="would never end"),
    ):
        mux.orders.find("cryptum", "4711")
    assert 22 == len(server.asked)


CHANGES = st.tuples(
    st.integers(0, 12), st.sampled_from(["insert", "remove", "update"]), st.integers(0, 400), st.integers(1, 260)
)
"""Before which request, what happens, where and to how many."""


def changes_of(drawn: list[tuple[int, str, int, int]]) -> dict[int, Change]:
    """Return what happens before each request."""
    found: dict[int, Change] = {}
    for request, group in itertools.groupby(sorted(drawn), key=lambda each: each[0]):
        steps = [(kind, place, count) for _, kind, place, count in group]

        def change(server: Moving, steps: list[tuple[str, int, int]] = steps) -> None:
            for kind, place, count in steps:
                getattr(server, kind)(place % (len(server.names) + 1), count)

        found[request] = change
    return found


@pytest.mark.slow
@settings(max_examples=150)
@given(st.sampled_from(LISTED), st.integers(0, 350), st.integers(5, 120), st.lists(CHANGES, max_size=6))
def test_whatever_comes_goes_or_changes(
    provider: str, count: int, cap: int, drawn: list[tuple[int, str, int, int]]
) -> None:
    """What was there all the time is read, once if it did not change; nothing is invented; it ends."""
    server = Moving(provider, orders(count), changes_of(drawn), cap)
    check(server, orders(count), read(blocking, server))
