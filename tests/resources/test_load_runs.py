"""The runs in which the orders of accounts are loaded into a database, with the state that a load keeps."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from resources.test_order_sync import Shop, ids

from ordermux import Ordermux, OrdermuxError, Zephyr
from ordermux.resources.load import Load


def runs(shop: Shop, state: dict[str, Any], size: int = 50) -> tuple[list[list[str]], dict[str, OrdermuxError]]:
    """Return the ids of the orders of each run of a load, and the errors of its accounts."""
    failed: dict[str, OrdermuxError] = {}
    with Ordermux(Zephyr(api_key="key"), transport=httpx.MockTransport(shop.answer), attempts=1) as mux:
        load = Load(mux.orders, None, failed.__setitem__, since=None, page_size=None)
        found = list[list[str]]()
        while load.goes_on:
            found.append(ids(load.run(state, size)))
        return found, failed


class Moved(Shop):
    """A shop of which an order is refunded, and goes to the end of the list, after the first page was read."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return a page."""
        if len(self.asked) == 1:
            del self.orders["order_0"]
            self.place("order_0", status="refunded")
        return super().answer(request)


def test_an_order_that_changed_meanwhile_is_in_a_run_of_its_own() -> None:
    """Of two in one run, the database might keep the older one."""
    found, _ = runs(Moved.of(4), {})
    assert [["order_0", "order_1", "order_3"], ["order_0"]] == found


def test_a_page_that_always_fails_does_not_hold_back_the_pages_before() -> None:
    """The list begins again if the page at which it goes on fails."""
    shop, state = Shop.of(6), dict[str, Any]()
    shop.failing["4"] = 500
    first = runs(shop, state)[0]
    shop.place("order_1", "2026-05-02T12:00:00Z", status="refunded")
    assert first == [ids for ids in runs(shop, state)[0] if ids]
    assert [["order_0", "order_1", "order_2", "order_3"]] == first
    assert {"zephyr": "4"} == state["cursors"]


@pytest.mark.parametrize("status", [401, 500])
def test_a_list_that_fails_from_its_first_page_on_keeps_its_place(status: int) -> None:
    """The next load goes on where the last one was that read something."""
    shop, state = Shop.of(6), dict[str, Any]()
    shop.failing["4"] = 500
    runs(shop, state)
    shop.failing = dict.fromkeys("024", status)
    runs(shop, state)
    shop.failing.clear()
    assert [["order_4", "order_5"]] == runs(shop, state)[0]
