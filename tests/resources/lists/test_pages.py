"""A list goes over all pages, whatever the server says of their number, and ends where they end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, cast

import httpx
import pytest

from ordermux import (
    AsyncOrdermux,
    ConnectionFailed,
    Order,
    OrderList,
    Ordermux,
    RateLimited,
    ServerError,
    Zephyr,
)
from ordermux.emulator import Emulator, Fault, FaultKind, World
from support.clients import Opening, Pages, account, awaiting, blocking, both
from support.moving_list import Moving
from support.order_lists import LISTED, accounts, ids, listing, order_of, page, stocked

# All pages.


@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("pages", [0, 1, 2.5])
def test_a_list_goes_over_all_pages(emulator: Emulator, mux: Ordermux, provider: str, pages: float) -> None:
    """Every order comes once, however many pages there are, the last one full or not."""
    expected = stocked(emulator, provider, pages)
    listed = ids(mux.orders.list(provider))
    assert (len(expected), expected) == (len(listed), set(listed))


def test_both_clients_list_the_same(emulator: Emulator) -> None:
    """In the same order, and every order is whole."""
    with blocking(*accounts(emulator)) as first, awaiting(*accounts(emulator)) as second:
        for provider in LISTED:
            listed = list(first.orders.list(provider))
            assert listed == list(second.orders.list(provider))
            assert {provider} == {order.ref.account for order in listed}


@pytest.mark.parametrize("provider", ["zephyr", "crossmint"])
def test_a_listed_order_is_the_order_that_is_read(mux: Ordermux, provider: str) -> None:
    """Both say the same of it, in raw too."""
    for listed in list(mux.orders.list(provider))[:3]:
        read = mux.orders.get(listed.ref)
        assert (read, read.raw) == (listed, listed.raw)


def test_nothing_is_asked_before_an_order_is(emulator: Emulator, mux: Ordermux) -> None:
    """And a page only when the one before is used up."""
    stocked(emulator, "zephyr", 2)
    orders = mux.orders.list("zephyr")
    assert 0 == emulator.world.calls["zephyr.listOrders"]
    for _ in range(20):
        next(orders)
    assert 1 == emulator.world.calls["zephyr.listOrders"]
    next(orders)
    assert 2 == emulator.world.calls["zephyr.listOrders"]


def test_a_list_that_ended_has_ended(emulator: Emulator, mux: Ordermux) -> None:
    """Asked again, it says so again, and asks nobody."""
    orders = mux.orders.list("zephyr")
    assert [] != list(orders)
    sent = emulator.world.calls["zephyr.listOrders"]
    assert ([], sent) == (list(orders), emulator.world.calls["zephyr.listOrders"])


@both
def test_a_page_that_does_not_say_what_follows_is_the_last(opening: Opening) -> None:
    """A list that says that no more follows ends, whatever its cursor; an empty page with a cursor does not."""
    first, second = page("zephyr", next_cursor="c2", has_more=True), page("zephyr", next_cursor="c3")
    found, pages = listing(opening, "zephyr", first, second)
    assert ([], [{}, {"cursor": "c2"}]) == (found, pages.queries)
    bare: dict[str, Any] = {"data": []}
    for ending in (bare, {**bare, "next_cursor": None}, {**bare, "next_cursor": ""}, bare["data"]):
        assert [{}] == listing(opening, "zephyr", ending)[1].queries


@both
def test_a_bare_array_is_one_page(opening: Opening) -> None:
    """The envelope of ZephyrCart's list is a guess; the other usual form is taken too."""
    found, pages = listing(opening, "zephyr", [order_of("zephyr", "a"), order_of("zephyr", "b")])
    assert (["a", "b"], 1) == (found, len(pages.asked))


@both
def test_a_cursor_goes_out_as_it_came(opening: Opening) -> None:
    """Encoded once, whatever it holds."""
    odd = "a b&c=d/é+%2F?#"
    _, pages = listing(opening, "zephyr", page("zephyr", next_cursor=odd, has_more=True), page("zephyr"))
    assert {"cursor": odd} == pages.queries[1]


@both
@pytest.mark.parametrize("provider", ["crossmint", "cryptum"])
@pytest.mark.parametrize("cap", [1, 2, 3, 7, 50])
def test_a_server_that_puts_less_on_a_page_than_asked_loses_no_order(opening: Opening, provider: str, cap: int) -> None:
    """What a page holds is counted, and not what was asked for; an order that overlaps comes once."""
    names = [f"order-{number}" for number in range(2 * cap + 1)]
    server = Moving(provider, names, cap=cap)
    with opening(account(provider), transport=server.transport) as mux:
        assert names == ids(mux.orders.list(provider))


@both
@pytest.mark.parametrize("total", [0, 1, 2, 10**6, -1, None])
def test_a_total_is_not_believed(opening: Opening, total: int | None) -> None:
    """Nor that it is there: only a place after the last order that holds none ends a list."""
    pages = Pages([page("crossmint", order_of("crossmint", "a"), order_of("crossmint", "b"), total=total)])
    pages.answers += [page("crossmint", order_of("crossmint", "b"), total=total), page("crossmint", total=total)]
    with opening(account("crossmint"), transport=pages.transport) as mux:
        assert ["a", "b"] == ids(mux.orders.list("crossmint"))
    assert [("1", "100"), ("2", "1"), ("2", "2")] == [(query["page"], query["limit"]) for query in pages.queries]


@both
def test_a_page_overlaps_the_one_before(opening: Opening) -> None:
    """By one row, by which it is joined to it; the last page is asked for until nothing is left."""
    server = Moving("cryptum", [f"order-{number}" for number in range(150)])
    with opening(account("cryptum"), transport=server.transport) as mux:
        assert 150 == len(ids(mux.orders.list("cryptum")))
    assert ["0", "99", "149", "150"] == [query["offset"] for query in server.asked]


@both
def test_a_page_of_a_shop_overlaps_the_one_before_too(opening: Opening) -> None:
    """Though its pages begin at multiples of their limit: the limit is the one that overlaps by least."""
    server = Moving("crossmint", [f"order-{number}" for number in range(310)])
    with opening(account("crossmint"), transport=server.transport) as mux:
        assert 310 == len(ids(mux.orders.list("crossmint")))
    asked = [(int(query["page"]), int(query["limit"])) for query in server.asked]
    assert [(0, 100), (99, 198), (196, 294), (291, 388)] == [
        ((number - 1) * limit, number * limit) for number, limit in asked[:4]
    ]


# One thing and another.


@pytest.mark.slow
@both
def test_the_timeout_is_for_each_page(emulator: Emulator, opening: Opening) -> None:
    """A long list may take longer than one page may."""
    stocked(emulator, "zephyr", 4)
    for _ in range(4):
        emulator.world.faults.inject("zephyr.listOrders", Fault(kind=FaultKind.DELAY, when="before", seconds=0.4))
    with opening(*accounts(emulator)) as mux:
        assert 80 == len(ids(mux.orders.list("zephyr", timeout=1.5)))


@both
@pytest.mark.parametrize(
    ("answer", "error"), [(429, RateLimited), (501, ServerError), (httpx.ConnectError("refused"), ConnectionFailed)]
)
def test_each_error_of_a_page_bears_the_cursor(opening: Opening, answer: Any, error: type[Exception]) -> None:
    """So that a list can be resumed whatever went wrong."""
    pages = Pages([page("zephyr", order_of("zephyr", "a"), next_cursor="c2", has_more=True), answer])
    with opening(account("zephyr"), transport=pages.transport, attempts=1) as mux:
        orders = mux.orders.list("zephyr")
        next(orders)
        with pytest.raises(error) as raised:
            next(orders)
    assert "c2" == cast("Any", raised.value).cursor


def test_an_awaiting_list_is_iterated_asynchronously(emulator: Emulator) -> None:
    """By `async for`, and a blocking one by `for`."""

    async def listed() -> list[str]:
        async with AsyncOrdermux(*accounts(emulator)) as mux:
            return [order.ref.id async for order in mux.orders.list("zephyr")]

    with Ordermux(*accounts(emulator)) as mux:
        orders: OrderList = mux.orders.list("zephyr")
        assert ids(orders) == asyncio.run(listed())


def test_a_list_that_is_closed_has_ended(emulator: Emulator) -> None:
    """No page is asked for any more; its cursor stays, to go on from later."""

    async def first(mux: AsyncOrdermux) -> tuple[Order, list[Order], str | None]:
        async with contextlib.aclosing(mux.orders.list("cryptum")) as orders:
            order = await anext(orders)
        return order, [each async for each in orders], orders.cursor

    async def run() -> tuple[Order, list[Order], str | None]:
        async with AsyncOrdermux(*emulator.accounts()) as mux:
            return await first(mux)

    with Ordermux(*emulator.accounts()) as mux:
        with contextlib.closing(mux.orders.list("cryptum")) as orders:
            order = next(orders)
        assert (order, [], None) == (order, list(orders), orders.cursor)
    assert (order, [], None) == asyncio.run(run())
    assert 2 == emulator.world.calls["cryptum.listOrders"]


def test_each_account_lists_its_own_orders(emulator: Emulator) -> None:
    """Two of one provider, at two servers."""
    with Emulator(World(seed=7)) as second:
        both_shops = [
            Zephyr(**emulator.client_kwargs("zephyr"), name="here"),
            Zephyr(**second.client_kwargs("zephyr"), name="there"),
        ]
        with Ordermux(*both_shops) as mux:
            here, there = ids(mux.orders.list("here")), ids(mux.orders.list("there"))
    assert {"order_01HXY8"} == set(here) & set(there)
    assert set(emulator.state("zephyr").orders) == set(here)
