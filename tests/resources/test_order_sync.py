"""What is new or has changed since it was last taken: each order at least once, and none again that is as it was."""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from ordermux import (
    AccountsFailed,
    InvalidArgument,
    Order,
    Ordermux,
    OrderSync,
    ServerError,
    Unsupported,
    Zephyr,
    digests,
)
from support.clients import Opening, account, both, example

STORES: dict[str, Callable[[Path], Any]] = {
    "memory": lambda _: digests.MemoryStore(),
    "sqlite": lambda folder: digests.SQLiteStore(folder / "digests.db"),
}
PAGE = 2


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Give an empty store of each kind."""
    return STORES[request.param](tmp_path)


@attrs.define
class Shop:
    """A shop of ZephyrCart with pages of two orders, which counts the pages that are read."""

    orders: dict[str, dict[str, Any]] = attrs.field(factory=dict[str, dict[str, Any]])
    asked: list[str] = attrs.field(factory=list[str])
    failing: dict[str, int] = attrs.field(factory=dict[str, int])
    """The status with which a page fails, by its cursor."""

    @classmethod
    def of(cls, count: int) -> Shop:
        """Return one with so many orders, which are placed a day apart."""
        shop = cls()
        for number in range(count):
            shop.place(f"order_{number}", f"2026-05-{number + 1:02}T12:00:00Z")
        return shop

    def place(self, order_id: str, time: str = "2026-05-30T12:00:00Z", **fields: Any) -> None:
        """Add an order, or replace it."""
        self.orders[order_id] = example("zephyr", "Order", id=order_id, placed_at=time, **fields)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return a page."""
        cursor = dict(request.url.params).get("cursor", "0")
        self.asked.append(cursor)
        if cursor in self.failing:
            return httpx.Response(self.failing[cursor], json={"error": {"message": "no"}})
        rows = list(self.orders.values())
        start = int(cursor)
        end = start + PAGE
        more = {"next_cursor": str(end)} if end < len(rows) else {}
        page = {"data": rows[start:end], "has_more": end < len(rows), **more}
        return httpx.Response(200, content=json.dumps(page), headers={"content-type": "application/json"})

    def client(self, opening: Opening) -> Any:
        """Return a client of it."""
        return opening(Zephyr(api_key="key"), transport=httpx.MockTransport(self.answer), attempts=1)


def ids(orders: Iterator[Order] | list[Order]) -> list[str]:
    """Return the ids of orders."""
    return [order.ref.id for order in orders]


def ended(changes: Any) -> None:
    """Close what either client returned."""
    close = changes.close if isinstance(changes, OrderSync) else changes.aclose
    close()


def synced(opening: Opening, shop: Shop, store: Any, **options: Any) -> list[str]:
    """Return the ids of all that is new or changed."""
    with shop.client(opening) as mux:
        return ids(mux.orders.sync("zephyr", store=store, **options))


@both
def test_the_first_time_every_order_is_new_and_the_second_time_none_is(opening: Opening, store: Any) -> None:
    """Each call reads the whole list."""
    shop = Shop.of(5)
    assert [f"order_{number}" for number in range(5)] == synced(opening, shop, store)
    assert [] == synced(opening, shop, store)
    assert ["0", "2", "4"] * 2 == shop.asked


@both
def test_what_is_new_or_changed_comes_and_nothing_else(opening: Opening, store: Any) -> None:
    """Once."""
    shop = Shop.of(5)
    synced(opening, shop, store)
    shop.place("order_5")
    shop.place("order_1", "2026-05-02T12:00:00Z", status="refunded")
    assert ["order_1", "order_5"] == synced(opening, shop, store)
    assert [] == synced(opening, shop, store)


@both
def test_a_field_that_the_document_does_not_know_is_no_change(opening: Opening, store: Any) -> None:
    """It may be another one each time."""
    shop = Shop.of(2)
    synced(opening, shop, store)
    shop.place("order_1", "2026-05-02T12:00:00Z", rendered_in_ms=17)
    assert [] == synced(opening, shop, store)


@both
def test_since_is_by_the_placed_time(opening: Opening, store: Any) -> None:
    """An older order does not come, though it is new to the store; without `since` it does."""
    shop = Shop.of(5)
    since = datetime.datetime(2026, 5, 4, tzinfo=datetime.UTC)
    assert ["order_3", "order_4"] == synced(opening, shop, store, since=since)
    assert ["order_0", "order_1", "order_2"] == synced(opening, shop, store)


@both
def test_an_order_that_was_not_given_back_comes_again(opening: Opening, store: Any) -> None:
    """An order is taken when the next one is asked for: a process that dies over one has lost nothing."""
    shop = Shop.of(5)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        assert ["order_0", "order_1", "order_2"] == [next(changes).ref.id for _ in range(3)]
        ended(changes)
    assert ["order_2", "order_3", "order_4"] == synced(opening, shop, store)


@both
def test_a_process_that_died_has_lost_nothing(opening: Opening, store: Any) -> None:
    """Nothing was closed: what was taken since the last save comes again."""
    shop = Shop.of(5)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        assert "order_0" == next(changes).ref.id
    assert [f"order_{number}" for number in range(5)] == synced(opening, shop, store)


@both
def test_a_batch_is_saved_when_the_next_one_is_asked_for(opening: Opening, store: Any) -> None:
    """Whole, and not before."""
    shop = Shop.of(7)
    with shop.client(opening) as mux:
        batches = iter(mux.orders.sync("zephyr", store=store).batches(3))
        assert [["order_0", "order_1", "order_2"], ["order_3", "order_4", "order_5"]] == [
            ids(next(batches)) for _ in range(2)
        ]
    assert ["order_3", "order_4", "order_5", "order_6"] == synced(opening, shop, store)


@both
def test_batches_have_all_orders_and_are_saved_at_the_end(opening: Opening, store: Any) -> None:
    """The last one may be smaller."""
    shop = Shop.of(7)
    with shop.client(opening) as mux:
        assert [3, 3, 1] == [len(batch) for batch in mux.orders.sync("zephyr", store=store).batches(3)]
    assert [] == synced(opening, shop, store)


@both
@pytest.mark.parametrize("size", [0, 1.5])
def test_a_batch_of_no_whole_number_is_refused(opening: Opening, size: Any) -> None:
    """Before anything is read."""
    shop = Shop.of(1)
    with shop.client(opening) as mux, pytest.raises(InvalidArgument):
        mux.orders.sync("zephyr", store=digests.MemoryStore()).batches(size)
    assert [] == shop.asked


@both
def test_a_list_that_was_left_goes_on_at_its_page(opening: Opening, store: Any) -> None:
    """The pages before it are read by the call after the next."""
    shop = Shop.of(40)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        for _ in range(25):
            next(changes)
    shop.asked.clear()
    shop.place("order_0", "2026-05-01T12:00:00Z", status="refunded")
    found = synced(opening, shop, store)
    assert "18" == shop.asked[0]
    assert [f"order_{number}" for number in range(20, 40)] == found
    assert ["order_0"] == synced(opening, shop, store)
    assert "0" == shop.asked[11]


@both
@pytest.mark.parametrize("count", [18, 19, 20, 21, 22, 40])
def test_a_list_that_ended_begins_at_its_beginning(opening: Opening, store: Any, count: int) -> None:
    """Also where the last page is one after which is saved."""
    shop = Shop.of(count)
    synced(opening, shop, store)
    shop.place("order_0", "2026-05-01T12:00:00Z", status="refunded")
    assert ["order_0"] == synced(opening, shop, store)
    with shop.client(opening) as mux:
        assert [] == list(mux.orders.sync("zephyr", store=store).batches(count))


@both
def test_an_account_that_ended_is_saved_before_the_next_one_begins(opening: Opening, store: Any) -> None:
    """A process that dies then does not read it again."""
    shop = Shop.of(3)
    accounts = [Zephyr(name=name, api_key="key", base_url=f"http://{name}.test") for name in ("one", "two")]
    with opening(*accounts, transport=httpx.MockTransport(shop.answer), attempts=1) as mux:
        changes = mux.orders.sync(store=store)
        assert ["one"] * 3 + ["two"] == [next(changes).ref.account for _ in range(4)]
        assert ["two"] * 3 == [order.ref.account for order in mux.orders.sync(store=store)]


@both
def test_a_list_with_another_since_begins_at_its_beginning(opening: Opening, store: Any) -> None:
    """A place is of the orders that were wanted."""
    shop = Shop.of(30)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        for _ in range(25):
            next(changes)
    shop.asked.clear()
    synced(opening, shop, store, since=datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC))
    assert "0" == shop.asked[0]


@both
@pytest.mark.parametrize("status", [400, 404])
def test_a_place_that_the_provider_refuses_is_given_up(opening: Opening, store: Any, status: int) -> None:
    """A cursor may expire: the list begins again."""
    shop = Shop.of(30)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        for _ in range(25):
            next(changes)
    shop.asked.clear()
    shop.failing["18"] = status
    with shop.client(opening) as mux, pytest.raises(AccountsFailed):
        list(mux.orders.sync("zephyr", store=store))
    assert ["18", "0"] == shop.asked[:2]


@both
def test_a_page_that_fails_loses_nothing(opening: Opening, store: Any) -> None:
    """What came before it was taken, and the next call goes on there."""
    shop = Shop.of(6)
    shop.failing["4"] = 500
    found: list[str] = []
    with shop.client(opening) as mux, pytest.raises(AccountsFailed) as failed:
        for order in mux.orders.sync("zephyr", store=store):
            found.append(order.ref.id)  # noqa: PERF401 - those before the error are kept
    error = failed.value.by_account["zephyr"]
    assert (ServerError, "4") == (type(error), error.cursor)
    assert [f"order_{number}" for number in range(4)] == found
    shop.failing.clear()
    assert ["order_4", "order_5"] == synced(opening, shop, store)
    assert ["4", "4"] == shop.asked[-2:]


@both
def test_an_account_that_fails_does_not_stop_the_others(opening: Opening, store: Any) -> None:
    """It is told, and its orders come when it works again; the same id of two accounts is two orders."""
    shops = {"one": Shop.of(3), "two": Shop.of(3)}
    shops["one"].failing["0"] = 500
    accounts = [Zephyr(name=name, api_key="key", base_url=f"http://{name}.test") for name in shops]

    def answer(request: httpx.Request) -> httpx.Response:
        return shops[request.url.host.partition(".")[0]].answer(request)

    client = functools.partial(opening, *accounts, transport=httpx.MockTransport(answer), attempts=1)
    failed: dict[str, Any] = {}
    with client() as mux:
        found = [str(order.ref) for order in mux.orders.sync(store=store, on_error=failed.__setitem__)]
        assert ["two:order_0", "two:order_1", "two:order_2"] == found
        assert ["one"] == list(failed)
        shops["one"].failing.clear()
        assert ["one:order_0", "one:order_1", "one:order_2"] == [
            str(order.ref) for order in mux.orders.sync(["one", "two"], store=store)
        ]


@both
def test_a_store_that_fails_loses_no_order(opening: Opening) -> None:
    """Nor does the list that is asked once more."""

    class Failing(digests.MemoryStore):
        """Fails once."""

        fails = True

        def known(self, account: str, ids: Collection[str]) -> Mapping[str, str]:
            """Fail, or return nothing."""
            failing, Failing.fails = Failing.fails, False
            if failing:
                raise OSError("the disk is full")
            return super().known(account, ids)

    shop = Shop.of(3)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=Failing())
        with pytest.raises(OSError, match="the disk is full"):
            next(changes)
        assert ["order_0", "order_1", "order_2"] == ids(changes)


class FailingStore(digests.MemoryStore):
    """Fails once at what is known of a page."""

    at: int = 2

    def known(self, account: str, ids: Collection[str]) -> Mapping[str, str]:
        """Fail, or return what is known."""
        self.at -= 1
        if not self.at:
            raise OSError("the disk is full")
        return super().known(account, ids)


@both
def test_a_batch_that_a_failing_store_ended_comes_with_the_next_call(opening: Opening) -> None:
    """Nobody has seen its orders: they are neither lost nor saved as taken."""
    shop, store, found = Shop.of(7), FailingStore(), list[str]()
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        with pytest.raises(OSError, match="the disk is full"):
            next(iter(changes.batches(5)))
        for batch in changes.batches(5):
            found += ids(batch)
    assert [f"order_{number}" for number in range(7)] == found
    assert [] == synced(opening, shop, store)


@both
def test_orders_of_a_batch_that_a_failing_store_ended_come_one_by_one(opening: Opening) -> None:
    """Before those after them."""
    shop = Shop.of(5)
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=FailingStore())
        with pytest.raises(OSError, match="the disk is full"):
            next(iter(changes.batches(5)))
        assert [f"order_{number}" for number in range(5)] == ids(changes)


def test_a_batch_over_which_the_caller_fails_comes_again_with_the_next_call() -> None:
    """It was not taken, as the next one was not asked for."""
    shop, store, found = Shop.of(7), digests.MemoryStore(), list[str]()
    with Ordermux(Zephyr(api_key="key"), transport=httpx.MockTransport(shop.answer)) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        next(changes.batches(3))  # the loop ends here, with the caller's error
        for batch in changes.batches(3):
            found += ids(batch)
        assert [f"order_{number}" for number in range(7)] == found
        assert [] == list(mux.orders.sync("zephyr", store=store))


@both
def test_the_error_of_an_account_comes_after_a_batch_that_came_again(opening: Opening, store: Any) -> None:
    """It is not forgotten over the error of the store."""
    shop = Shop.of(3)
    shop.failing["2"] = 500
    with shop.client(opening) as mux:
        changes = mux.orders.sync("zephyr", store=store)
        assert ["order_0", "order_1"] == ids(next(iter(changes.batches(9))))
        batches = iter(changes.batches(9))
        assert ["order_0", "order_1"] == ids(next(batches))
        with pytest.raises(AccountsFailed):
            next(batches)


@both
def test_two_orders_of_a_page_with_one_id_both_come(opening: Opening, store: Any) -> None:
    """Which of them is newer nobody knows; again only once one of them changes, also if a save falls between them."""
    rows = [example("zephyr", "Order", id="order_0", status=status) for status in ("paid", "cancelled")]

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(200, json={"data": rows, "has_more": False})

    with opening(Zephyr(api_key="key"), transport=httpx.MockTransport(answer)) as mux:
        for _ in range(2):  # the process ends after the first one was saved
            batches = iter(mux.orders.sync("zephyr", store=store).batches(1))
            assert ["open"] == [order.status.lifecycle for order in next(batches)]
            assert ["cancelled"] == [order.status.lifecycle for order in next(batches)]
        assert 2 == len(list(mux.orders.sync("zephyr", store=store)))
        assert [] == list(mux.orders.sync("zephyr", store=store))
        rows[0]["status"] = "refunded"
        assert 2 == len(list(mux.orders.sync("zephyr", store=store)))


@both
@pytest.mark.parametrize("status", [403, 500])
def test_a_page_that_always_fails_does_not_hold_back_the_pages_before(
    opening: Opening, store: Any, status: int
) -> None:
    """The list begins again if the page at which it goes on fails: what is new on the pages before comes."""
    shop, failed = Shop.of(6), dict[str, Any]()
    shop.failing["4"] = status
    assert 4 == len(synced(opening, shop, store, on_error=failed.__setitem__))
    shop.place("order_1", "2026-05-02T12:00:00Z", status="refunded")
    assert ["order_1"] == synced(opening, shop, store, on_error=failed.__setitem__)
    assert ("4", "0") == tuple(shop.asked[3:5])


@both
@pytest.mark.parametrize("status", [401, 429])
def test_an_account_that_is_refused_keeps_its_place(opening: Opening, store: Any, status: int) -> None:
    """The first page would be refused as well."""
    shop, failed = Shop.of(6), dict[str, Any]()
    shop.failing["4"] = 500
    synced(opening, shop, store, on_error=failed.__setitem__)
    shop.failing["4"] = status
    assert [] == synced(opening, shop, store, on_error=failed.__setitem__)
    shop.failing.clear()
    assert ["order_4", "order_5"] == synced(opening, shop, store)
    assert ["4", "4", "4"] == shop.asked[-3:]


@both
def test_a_documented_field_that_cannot_be_read_may_change(opening: Opening, store: Any) -> None:
    """The order comes, though its model is the same; an unknown field is no change of it either."""
    shop = Shop.of(1)
    found = list[list[str]]()
    for customer in ([1], [2], [2]):
        shop.place("order_0", customer_id=customer, rendered_in_ms=len(found))
        found.append(synced(opening, shop, store))
    assert [["order_0"], ["order_0"], []] == found


def test_a_file_of_digests_knows_more_orders_than_sqlite_takes_parameters(tmp_path: Path) -> None:
    """A page may have any number of rows."""
    store = digests.SQLiteStore(tmp_path / "digests.db")
    store.save("shop", {str(number): "digest" for number in range(2_000)}, None)
    assert 2_000 == len(store.known("shop", [str(number) for number in range(300_000)]))


@both
def test_what_is_no_store_is_refused(opening: Opening) -> None:
    """Before anything is sent, and a class is none."""
    shop = Shop.of(1)
    with shop.client(opening) as mux:
        for store in (None, "orders.db", digests.MemoryStore):
            with pytest.raises(InvalidArgument, match="store is such as"):
                mux.orders.sync("zephyr", store=store)
    assert [] == shop.asked


@both
def test_orders_without_a_time_have_no_since(opening: Opening) -> None:
    """As lists have it: nothing could match."""
    with opening(account("cryptum")) as mux:
        since = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
        with pytest.raises(Unsupported):
            mux.orders.sync("cryptum", store=digests.MemoryStore(), since=since)


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_file_of_digests_is_a_file(path: str) -> None:
    """What forgets is MemoryStore."""
    with pytest.raises(InvalidArgument, match="MemoryStore"):
        digests.SQLiteStore(path)


def test_a_store_keeps_any_text(store: Any) -> None:
    """Each text is an id of its own, and an account has its own."""
    names = ["a", "A", "a ", "a'b\"", "%s", "", "é", "\N{SNOWMAN}", "x" * 10_000]
    store.save("one", {name: f"{place}" for place, name in enumerate(names)}, "here\nthere")
    assert {name: f"{place}" for place, name in enumerate(names)} == dict(store.known("one", [*names, "b"]))
    assert ({}, None) == (dict(store.known("two", names)), store.place("two"))
    assert ("here\nthere", len(names)) == (store.place("one"), len(store))


@both
def test_an_id_of_any_text_is_known_again(opening: Opening, store: Any) -> None:
    """Whatever a provider makes of it."""
    shop = Shop()
    for order_id in ("order_'\"", "order_\0", "order_\N{SNOWMAN}"):
        shop.place(order_id)
    assert 3 == len(synced(opening, shop, store))
    assert [] == synced(opening, shop, store)
