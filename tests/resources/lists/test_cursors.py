"""Cursors: a list that is resumed at one loses no order, and a list whose cursors lead nowhere is an error."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ordermux import (
    InvalidArgument,
    InvalidRequest,
    Order,
    Ordermux,
    PagingError,
    ServerError,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from support.clients import Opening, Pages, account, both
from support.order_lists import LISTED, PAGE_SIZE, ids, listing, order_of, page, stocked

# Lists that cannot be gone on with.


STUCK: list[tuple[str, list[Any], str]] = [
    ("zephyr", [page("zephyr", order_of("zephyr", "a"), has_more=True)], "how is not said: no next_cursor"),
    ("zephyr", [page("zephyr", next_cursor=7)], r"\$.next_cursor: expected str \| null, got int"),
    ("zephyr", [page("zephyr", has_more="yes")], r"\$.has_more"),
    (
        "zephyr",
        [page("zephyr", order_of("zephyr", "a"), next_cursor="c2", has_more=True)],
        "the cursor 'c2' came again",
    ),
    ("zephyr", [page("zephyr", next_cursor="c2", has_more=True)], "the cursor 'c2' came again"),
    (
        "zephyr",
        [
            page("zephyr", order_of("zephyr", name), next_cursor=cursor, has_more=True)
            for name, cursor in [("a", "c2"), ("b", "c3"), ("c", "c2")]
        ],
        "the cursor 'c2' came again",
    ),
    ("crossmint", [page("crossmint", *(order_of("crossmint", name) for name in "abc"))], "again and again"),
    ("cryptum", [page("cryptum", *(order_of("cryptum", name) for name in "abc"))], "again and again"),
]


@both
@pytest.mark.parametrize(("provider", "answers", "told"), STUCK)
def test_a_list_that_cannot_be_gone_on_with_is_an_error(
    opening: Opening, provider: str, answers: list[Any], told: str
) -> None:
    """It neither ends early without a word, nor goes on for ever."""
    with pytest.raises(PagingError, match=told):
        listing(opening, provider, *answers)


@both
@pytest.mark.parametrize("provider", ["crossmint", "cryptum"])
def test_a_list_whose_pages_go_round_is_an_error(opening: Opening, provider: str) -> None:
    """A server that gives the pages of a ring, whatever it is asked for, would be asked for ever."""
    ring = [page(provider, order_of(provider, name), order_of(provider, name * 2)) for name in "abc" * 40]
    with pytest.raises(PagingError, match="again and again"):
        listing(opening, provider, *ring)


@pytest.mark.slow
@both
@pytest.mark.parametrize("count", [1, 2, 3, 50, 1000])
def test_cursors_that_go_round_are_an_error(opening: Opening, count: int) -> None:
    """In however large a ring: which is noticed without keeping them all."""
    asked: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("cursor", ""))
        number = len(asked)
        order = order_of("zephyr", f"order-{number}")
        following = f"c{number % count}"
        return httpx.Response(200, json=page("zephyr", order, next_cursor=following, has_more=True))

    with opening(account("zephyr"), transport=httpx.MockTransport(server)) as mux:
        orders = mux.orders.list("zephyr")
        found: list[str] = []
        with pytest.raises(PagingError, match=r"the cursor 'c\d+' came again") as raised:
            iter_into(found, orders)
    assert len(found) == len(asked) <= 3 * count + 2
    assert asked[-1] == raised.value.cursor


@pytest.mark.slow
@both
@pytest.mark.parametrize("rows", [0, 1, 20])
def test_ever_new_cursors_without_a_new_order_are_an_error(opening: Opening, rows: int) -> None:
    """Empty pages, or the same one again and again, would be asked for ever."""
    asked: list[str] = []
    orders = [order_of("zephyr", f"order-{number}") for number in range(rows)]

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("cursor", ""))
        return httpx.Response(200, json=page("zephyr", *orders, next_cursor=f"c{len(asked)}", has_more=True))

    found: list[str] = []
    with opening(account("zephyr"), transport=httpx.MockTransport(server)) as mux:
        with pytest.raises(PagingError, match="page after page holds nothing new") as raised:
            iter_into(found, mux.orders.list("zephyr"))
    assert [order["id"] for order in orders] == found
    assert (100 if rows == 0 else 501) == len(asked)
    assert asked[-1] == raised.value.cursor


@both
def test_what_came_before_a_list_got_stuck_is_given(opening: Opening) -> None:
    """The error comes where the page would; the orders before it are right."""
    pages = Pages([page("zephyr", order_of("zephyr", "a"), next_cursor="c2", has_more=True)])
    with opening(account("zephyr"), transport=pages.transport) as mux:
        orders = mux.orders.list("zephyr")
        assert "a" == next(orders).ref.id
        with pytest.raises(PagingError) as raised:
            next(orders)
    assert "c2" == raised.value.cursor == orders.cursor


@pytest.mark.parametrize("provider", ["crossmint", "cryptum"])
@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "", "\u0661", " 1", "9" * 40, "5-x", "5-0-0", "5-" + "0" * 12])
def test_a_cursor_that_is_none_is_refused(emulator: Emulator, mux: Ordermux, provider: str, cursor: str) -> None:
    """Where a cursor is a number; nothing is asked."""
    with pytest.raises(InvalidArgument, match="is no cursor of its list"):
        mux.orders.list(provider, cursor=cursor)
    assert {} == dict(emulator.world.calls)


def test_a_cursor_that_the_provider_does_not_know_is_its_to_refuse(mux: Ordermux) -> None:
    """Where a cursor is a word of the provider's."""
    with pytest.raises(InvalidRequest) as raised:
        next(mux.orders.list("zephyr", cursor="order_none"))
    assert (422, "order_none") == (raised.value.status, raised.value.cursor)


# Resuming.


@pytest.mark.slow
@pytest.mark.parametrize("provider", LISTED)
def test_a_cursor_resumes_at_the_page_in_hand(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """Wherever it is taken, what came before it with what comes after it is everything."""
    expected = stocked(emulator, provider, 2.5)
    size = PAGE_SIZE[provider]
    for taken in (0, 1, size - 1, size, size + 1, 2 * size + 1):
        orders = mux.orders.list(provider)
        before = [next(orders).ref.id for _ in range(taken)]
        after = ids(mux.orders.list(provider, cursor=orders.cursor))
        assert expected == {*before, *after}
        assert size >= len(before) + len(after) - len(expected)


@pytest.mark.parametrize("provider", LISTED)
def test_a_list_that_failed_goes_on_where_it_was(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """`next()` again asks for the same page again: nothing is missed, nothing comes twice."""
    expected = stocked(emulator, provider, 2.5)
    orders = mux.orders.list(provider)
    found = [next(orders).ref.id for _ in range(PAGE_SIZE[provider])]
    emulator.world.faults.inject(f"{provider}.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=403))
    with pytest.raises(Exception, match="403"):
        next(orders)
    found += ids(orders)
    assert (len(expected), expected) == (len(found), set(found))


@pytest.mark.slow
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_fault_on_a_page_resumes_at_that_page(emulator: Emulator, mux: Ordermux, provider: str, number: int) -> None:
    """With the cursor of the error, in another list; none is missed, and at most a page comes again."""
    expected = stocked(emulator, provider, 2.5)
    for _ in range(number - 1):
        emulator.world.faults.inject(f"{provider}.listOrders", Fault(kind=FaultKind.DELAY, when="before", seconds=0))
    emulator.world.faults.inject(f"{provider}.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=501))
    found: list[str] = []
    with pytest.raises(ServerError) as raised:
        found += iter_into(found, mux.orders.list(provider))
    assert (number - 1) * PAGE_SIZE[provider] >= len(found)
    assert (number == 1) == (raised.value.cursor is None)
    restored: Any = pickle.loads(pickle.dumps(raised.value))
    found += ids(mux.orders.list(provider, cursor=restored.cursor))
    assert (len(expected), expected) == (len(found), set(found))


def iter_into(found: list[str], orders: Iterator[Order]) -> list[str]:
    """Put each id into the list as it comes; return nothing more."""
    for order in orders:
        found += [order.ref.id]
    return []


@pytest.mark.slow
def test_a_short_fault_is_not_seen(emulator: Emulator, mux: Ordermux) -> None:
    """A page is a read, which is sent again."""
    expected = stocked(emulator, "zephyr", 2.5)
    emulator.world.faults.inject("zephyr.listOrders", Fault(kind=FaultKind.RESET, when="after"))
    emulator.world.faults.inject("zephyr.listOrders", Fault(kind=FaultKind.TRUNCATED, when="after"))
    assert expected == set(ids(mux.orders.list("zephyr")))
    assert 5 == emulator.world.calls["zephyr.listOrders"]


@both
def test_the_filters_stay_when_a_list_is_resumed(opening: Opening) -> None:
    """They are asked for again, since a cursor is of a page."""
    orders = [order_of("zephyr", "a"), order_of("zephyr", "b", status="refunded")]
    found, pages = listing(opening, "zephyr", page("zephyr", *orders), cursor="c7", payment="refunded")
    assert (["b"], [{"cursor": "c7"}]) == (found, pages.queries)


@pytest.mark.slow
def test_orders_that_come_between_pages_hide_none(emulator: Emulator, mux: Ordermux) -> None:
    """A cursor is of an order; what moves down a page comes again and is not lost."""
    for provider in LISTED:
        before = stocked(emulator, provider, 2.5)
        orders = mux.orders.list(provider)
        found = [next(orders).ref.id for _ in range(5)]
        for _ in range(3):
            emulator.state(provider).add(emulator.world)
        found += ids(orders)
        assert before <= set(found), provider


def test_a_page_may_come_once_more_where_much_was_inserted(emulator: Emulator, mux: Ordermux) -> None:
    """A whole page of new orders in between pushes the page in hand down by one: that is no ring."""
    before = stocked(emulator, "crossmint", 2.5)
    orders = mux.orders.list("crossmint")
    found = [next(orders).ref.id]
    for _ in range(40):
        emulator.state("crossmint").add(emulator.world)
    found += ids(orders)
    assert before <= set(found)
