"""Lists: all pages, filters that are right on our side too, cursors to resume at, and ends that are never guessed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import pickle
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from ordermux import (
    Account,
    AsyncOrdermux,
    ConnectionFailed,
    Crossmint,
    Fulfillment,
    InvalidArgument,
    InvalidRequest,
    Lifecycle,
    Order,
    OrderList,
    Ordermux,
    PagingError,
    Payment,
    RateLimited,
    ServerError,
    UnknownStatus,
    Unsupported,
    Zephyr,
    explain,
)
from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.providers.cryptum import emulator as cryptum
from support.clients import Opening, Pages, account, awaiting, blocking, both, example
from support.document_checker import documents
from support.moving_list import Moving

LISTED = ["zephyr", "crossmint", "cryptum"]
PAGE_SIZE = {"zephyr": 20, "crossmint": 100, "cryptum": 100}
"""How many orders the emulator puts on a page that is asked for as the facade does."""
TITLES = {"zephyr": "ZephyrCart", "crossmint": "Crossmint", "cryptum": "Cryptum"}
UTC = datetime.UTC


@pytest.fixture(params=[blocking, awaiting])
def mux(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Ordermux]:
    """Give each client over the providers that have a list, with no limit that a test would wait for."""
    with request.param(*accounts(emulator)) as opened:
        yield opened


def accounts(emulator: Emulator) -> list[Account[Any]]:
    """Return the emulator's accounts, with no limit of requests."""
    emulator.state("crossmint").requests_a_minute = 10**6
    shop = Crossmint(**emulator.client_kwargs("crossmint"), requests_per_minute=10**6)
    return [shop if isinstance(each, Crossmint) else each for each in emulator.accounts()]


def ids(orders: Iterator[Order]) -> list[str]:
    """Return the orders' ids."""
    return [order.ref.id for order in orders]


def stocked(emulator: Emulator, provider: str, pages: float) -> set[str]:
    """Fill so many pages, and return the ids of all that is listed."""
    state = emulator.state(provider)
    while len(state.orders) < pages * PAGE_SIZE[provider]:
        state.add(emulator.world)
    return {name for name, order in state.orders.items() if order.get("store", cryptum.STORE) == cryptum.STORE}


def listing(opening: Opening, provider: str, *answers: Any, **filters: Any) -> tuple[list[str], Pages]:
    """Return the ids of a list whose server gives these answers in turn, and that server."""
    pages = Pages(list(answers))
    with opening(account(provider), transport=pages.transport) as mux:
        return ids(mux.orders.list(provider, **filters)), pages


def page(provider: str, *orders: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a page of a list."""
    match provider:
        case "zephyr":
            return {"data": list(orders), "has_more": False, **fields}
        case "crossmint":
            return {"orders": list(orders), "total": len(orders), "page": 1, "limit": 100, **fields}
        case _:
            return {"orders": list(orders), **fields}


def order_of(provider: str, name: str, **fields: Any) -> dict[str, Any]:
    """Return an order of a list."""
    schema = "ListedOrder" if provider == "cryptum" else "Order"
    return example(provider, schema, **{"orderId" if provider == "crossmint" else "id": name}, **fields)


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


# Filters.


def claims(order: Order) -> dict[str, str | None]:
    """Return an order's claims by axis."""
    status = order.status
    return {"lifecycle": status.lifecycle, "payment": status.payment, "fulfillment": status.fulfillment}


YIELDS: list[tuple[str, str, str]] = [
    *(("zephyr", "lifecycle", value) for value in ("open", "cancelled", "unknown")),
    *(("zephyr", "payment", value) for value in ("paid", "partially_refunded", "refunded", "unknown")),
    *(("zephyr", "fulfillment", value) for value in ("unfulfilled", "unknown")),
    *(("crossmint", "lifecycle", value) for value in ("pending", "open", "completed", "cancelled", "unknown")),
    *(("crossmint", "payment", value) for value in ("pending", "processing", "paid", "failed", "unknown")),
    *(
        ("crossmint", "fulfillment", value)
        for value in ("unfulfilled", "in_progress", "delivered", "failed", "unknown")
    ),
    *(("cryptum", "lifecycle", value) for value in ("pending", "open", "cancelled", "unknown")),
    *(("cryptum", "payment", value) for value in ("pending", "processing", "failed", "voided", "paid", "unknown")),
]
"""What an order of each provider can ever be, by the table of statuses."""
VALUES: dict[str, list[str]] = {"lifecycle": [*Lifecycle], "payment": [*Payment], "fulfillment": [*Fulfillment]}
NEVER = [
    (provider, axis, value)
    for provider in LISTED
    for axis, values in VALUES.items()
    for value in values
    if (provider, axis, value) not in YIELDS
]


def mixed(provider: str) -> list[dict[str, Any]]:
    """Return an order with each word that a document has, and one with a word that none has."""
    schema = "PaymentStatus" if provider == "cryptum" else "OrderStatus"
    words: list[str] = [*documents()[provider].schemas[schema]["enum"], "not-a-word"]
    if provider == "crossmint":
        payments = ["awaiting-payment", "manual-kyc", "succeeded", "failed", "?"]
        both_words = [(word, payment) for word in words for payment in payments]
        return [
            order_of(provider, f"{word} {payment}", status=word, payment={"status": payment, "currency": "usdc"})
            for word, payment in both_words
        ]
    field = "paymentStatus" if provider == "cryptum" else "status"
    made = [order_of(provider, word, **{field: word}) for word in words]
    if provider == "cryptum":
        bare = order_of(provider, "none")
        bare.pop("paymentStatus", None)
        return [*made, bare]
    return [*made, order_of(provider, "shipped", fulfilment="shipped")]


@both
@pytest.mark.parametrize(("provider", "axis", "value"), YIELDS)
def test_a_filter_is_right_though_the_server_ignores_it(opening: Opening, provider: str, axis: str, value: str) -> None:
    """Whatever the server gives, what comes is what was wanted, and all of it."""
    orders = mixed(provider)
    everything = Pages([page(provider, *orders), page(provider)])
    with opening(account(provider), transport=everything.transport) as mux:
        expected = [each.ref.id for each in mux.orders.list(provider) if value == claims(each)[axis]]
    found, _ = listing(opening, provider, page(provider, *orders), page(provider), **{axis: value})
    assert [] != found
    assert expected == found


@both
@pytest.mark.parametrize(("provider", "axis", "value"), NEVER)
def test_a_filter_that_nothing_can_satisfy_is_unsupported(
    opening: Opening, provider: str, axis: str, value: str
) -> None:
    """An empty list would be no answer; it is told at once, and nothing is asked."""
    pages = Pages([500])
    with opening(account(provider), transport=pages.transport) as mux:
        with pytest.raises(
            Unsupported, match=f"^{TITLES[provider]} does not support list: none of its orders ever has {axis}={value}$"
        ):
            mux.orders.list(provider, **cast("Any", {axis: value}))
    assert [] == pages.asked


@pytest.mark.parametrize(("axis", "value"), [("payment", "payed"), ("lifecycle", ""), ("fulfillment", "paid")])
def test_a_word_that_is_none_of_ours_is_told_with_those_that_are(mux: Ordermux, axis: str, value: str) -> None:
    """The message lists what there is."""
    with pytest.raises(InvalidArgument, match=f"^{axis} is one of .*unknown, not '{value}'$"):
        mux.orders.list("zephyr", **cast("Any", {axis: value}))


def test_an_unknown_filter_is_no_argument(mux: Ordermux) -> None:
    """A slip of the pen does not list everything."""
    with pytest.raises(TypeError, match="paymnt"):
        mux.orders.list("zephyr", **cast("Any", {"paymnt": "paid"}))


@pytest.mark.slow
@pytest.mark.parametrize("provider", LISTED)
def test_a_filter_gives_at_the_emulator_what_it_gives_on_our_side(
    emulator: Emulator, mux: Ordermux, provider: str
) -> None:
    """Where the server filters too, nothing is lost by it: its words, and not ours, are in its parameter."""
    stocked(emulator, provider, 1.2)
    everything = list(mux.orders.list(provider))
    for known, axis, value in YIELDS:
        if known == provider:
            found = ids(mux.orders.list(provider, **cast("Any", {axis: value})))
            assert [each.ref.id for each in everything if value == claims(each)[axis]] == found, (axis, value)


@both
@pytest.mark.parametrize(
    ("provider", "filters", "asked"),
    [
        ("zephyr", {"payment": "paid"}, {}),  # the server's own filter is a guess
        ("crossmint", {"fulfillment": "delivered"}, {"status": "delivered"}),
        ("crossmint", {"lifecycle": "completed"}, {"status": "delivered"}),
        ("crossmint", {"lifecycle": "cancelled"}, {"status": "cancelled"}),
        ("crossmint", {"lifecycle": "open"}, {}),  # two words
        ("crossmint", {"fulfillment": "unfulfilled"}, {}),  # a cancelled order may be, by its payment
        ("crossmint", {"fulfillment": "failed"}, {}),  # a cancelled order may be
        ("crossmint", {"payment": "paid"}, {}),  # a cancelled order may be
        ("crossmint", {"payment": "paid", "fulfillment": "in_progress"}, {"status": "in_progress"}),
        ("crossmint", {"lifecycle": "pending", "payment": "failed"}, {"status": "awaiting_approval"}),
        ("crossmint", {"lifecycle": "unknown"}, {}),
        ("cryptum", {"payment": "paid"}, {"paymentStatus": "confirmed"}),
        ("cryptum", {"payment": "processing"}, {"paymentStatus": "on-hold"}),
        ("cryptum", {"lifecycle": "pending"}, {}),  # three words
        ("cryptum", {"lifecycle": "pending", "payment": "failed"}, {"paymentStatus": "failed"}),
        ("cryptum", {"payment": "unknown"}, {}),
    ],
)
def test_the_servers_filter_is_used_where_it_means_the_same(
    opening: Opening, provider: str, filters: dict[str, Any], asked: dict[str, str]
) -> None:
    """Or more; never where it would leave out an order that is wanted."""
    _, pages = listing(opening, provider, page(provider), **filters)
    usual = {"page", "limit", "storeId", "offset"}
    assert asked == {name: value for name, value in pages.queries[0].items() if name not in usual}


@both
def test_a_cancelled_order_whose_goods_are_unfulfilled_is_not_filtered_away(opening: Opening) -> None:
    """The payment of a cancelled order may say that it failed, which no parameter of the server's asks for."""
    order = order_of("crossmint", "a", status="cancelled", payment={"status": "failed", "currency": "usdc"})

    def server(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        given = [order] if query["page"] == "1" and query.get("status", "cancelled") == "cancelled" else []
        return httpx.Response(200, json=page("crossmint", *given))

    wanted: list[dict[str, Any]] = [
        {"fulfillment": "unfulfilled"},
        {"payment": "failed"},
        {"lifecycle": "cancelled", "payment": "failed", "fulfillment": "unfulfilled"},
    ]
    for filters in wanted:
        with opening(account("crossmint"), transport=httpx.MockTransport(server)) as mux:
            assert ["a"] == ids(mux.orders.list("crossmint", **filters)), filters


@both
def test_filters_are_all_kept(opening: Opening) -> None:
    """An order is wanted where each axis is as asked for; one without a claim on an axis is left out."""
    found, _ = listing(opening, "zephyr", page("zephyr", *mixed("zephyr")), lifecycle="open", payment="paid")
    assert ["paid", "shipped"] == found
    found, _ = listing(opening, "zephyr", page("zephyr", *mixed("zephyr")), lifecycle=Lifecycle.OPEN)
    assert ["created", "paid", "shipped"] == found


# Times.

TIMES = {
    "a": "2026-05-30T12:00:00Z",
    "b": "2026-05-30T14:00:00.001+02:00",
    "c": "2026-05-31T00:00:00Z",
    "d": "2026-05-30T12:00:00",  # which could be any time
}
NOON = datetime.datetime(2026, 5, 30, 12, tzinfo=UTC)
MIDNIGHT = datetime.datetime(2026, 5, 31, tzinfo=UTC)


@both
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"placed_from": NOON}, ["a", "b", "c"]),
        ({"placed_from": NOON + datetime.timedelta(milliseconds=1)}, ["b", "c"]),
        ({"placed_before": MIDNIGHT}, ["a", "b"]),
        ({"placed_from": NOON, "placed_before": NOON}, []),
        ({"placed_from": NOON, "placed_before": MIDNIGHT}, ["a", "b"]),
        ({"placed_from": NOON.astimezone(datetime.timezone(datetime.timedelta(hours=9)))}, ["a", "b", "c"]),
    ],
)
def test_a_list_of_a_time(opening: Opening, filters: dict[str, Any], expected: list[str]) -> None:
    """From a moment, that moment included, until before another; an order without a certain time is left out."""
    orders = [order_of("zephyr", name, placed_at=told) for name, told in TIMES.items()]
    assert expected == listing(opening, "zephyr", page("zephyr", *orders), **filters)[0]


@pytest.mark.parametrize("name", ["placed_from", "placed_before"])
def test_a_time_without_a_zone_is_refused(mux: Ordermux, name: str) -> None:
    """It could be any."""
    with pytest.raises(InvalidArgument, match="a time is a timezone-aware datetime"):
        mux.orders.list("zephyr", **cast("Any", {name: datetime.datetime(2026, 5, 30)}))  # noqa: DTZ001


@pytest.mark.parametrize("value", ["2026-05-30", 1780142400, datetime.date(2026, 5, 30)])
def test_what_is_no_time_is_refused(mux: Ordermux, value: Any) -> None:
    """As an argument that is not valid."""
    with pytest.raises(InvalidArgument, match="time"):
        mux.orders.list("zephyr", placed_from=value)


@pytest.mark.parametrize("name", ["placed_from", "placed_before"])
def test_times_of_a_provider_that_tells_none_are_unsupported(emulator: Emulator, mux: Ordermux, name: str) -> None:
    """An empty list would be no answer."""
    with pytest.raises(Unsupported, match="the time of an order, which its orders do not show"):
        mux.orders.list("cryptum", **cast("Any", {name: NOON}))
    assert {} == dict(emulator.world.calls)


# Words that no table has.


@both
def test_an_unknown_word_does_not_end_a_list(opening: Opening) -> None:
    """The order comes, with its status unknown."""
    found, _ = listing(opening, "zephyr", page("zephyr", *mixed("zephyr")))
    assert len(mixed("zephyr")) == len(found)


@both
def test_strict_mode_raises_in_a_list(opening: Opening) -> None:
    """At the page that holds the word; which order it is stands in the message."""
    pages = Pages(
        [page("zephyr", order_of("zephyr", "a"), next_cursor="c2", has_more=True), page("zephyr", *mixed("zephyr"))]
    )
    with opening(account("zephyr"), transport=pages.transport, strict=True) as mux:
        orders = mux.orders.list("zephyr")
        assert "a" == next(orders).ref.id
        with pytest.raises(UnknownStatus, match=r"^zephyr:(not-a-word|shipped): .*'(not-a-word|shipped)'") as raised:
            next(orders)
    assert "c2" == raised.value.cursor


@both
def test_a_status_that_holds_no_word_is_unknown(opening: Opening) -> None:
    """It is there, so that it is not the same as one that is absent; of an order and of a listed one."""
    listed = page("cryptum", order_of("cryptum", "1"), order_of("cryptum", "2", paymentStatus=[]))
    pages = Pages([example("cryptum", "Order", id="1", paymentStatus=7), listed, page("cryptum")])
    with opening(account("cryptum"), transport=pages.transport) as mux:
        read = [mux.orders.get("cryptum:1"), *mux.orders.list("cryptum")]
    assert [Payment.UNKNOWN, None, Payment.UNKNOWN] == [order.status.payment for order in read]
    assert "expected str, got int" in explain(read[0])


# One thing and another.


@pytest.mark.slow
@both
def test_the_timeout_is_for_each_page(emulator: Emulator, opening: Opening) -> None:
    """A long list may take longer than one page may."""
    stocked(emulator, "zephyr", 4)
    for _ in range(4):
        emulator.world.faults.inject("zephyr.listOrders", Fault(kind=FaultKind.DELAY, when="before", seconds=0.15))
    with opening(*accounts(emulator)) as mux:
        assert 80 == len(ids(mux.orders.list("zephyr", timeout=0.5)))


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
