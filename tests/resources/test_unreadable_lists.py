"""One unreadable order hides no other order of its list."""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest

from ordermux import (
    Attention,
    Fulfillment,
    Lifecycle,
    Payment,
    UnexpectedResponse,
)
from support.clients import Opening, Pages, account, both
from support.moving_list import ID, Moving, row_of
from support.order_lists import LISTED
from support.unreadable_orders import MISSING, NO_IDS, ROWS, answers, broken, listed, page, single, with_break

NO_ROWS: list[Any] = [None, 7, "order_1", [], True]


@both
@broken
def test_it_is_one_order_of_its_list(opening: Opening, provider: str, field: str, wrong: Any) -> None:
    """Between its neighbours, which are as they are without it."""
    first, last = row_of(provider, "a"), row_of(provider, "c")
    row = with_break(row_of(provider, "b"), field, wrong)
    heard: list[str] = []
    found = listed(opening, provider, first, row, last, on_deviation=lambda *told: heard.append(str(told[2])))
    assert ["a", "b", "c"] == [order.ref.id for order in found]
    assert listed(opening, provider, first, last) == [found[0], found[2]]
    order = found[1]
    assert Attention.UNREADABLE in order.status.attention
    assert (None, None) == (order.total, order.native)
    assert {name: "**********" if name == "sessionToken" else row[name] for name in row} == order.raw
    assert any(field in line for line in order.deviations)
    at = f"${'.' + ROWS[provider]}[1]"
    assert [f"{at}{line.removeprefix('$')}" for line in order.deviations] == [line for line in heard if at in line][
        : len(order.deviations)
    ]


@both
@broken
def test_no_filter_hides_it(opening: Opening, provider: str, field: str, wrong: Any) -> None:
    """Whoever looks for orders that are refunded has to hear that this one may be."""
    row = with_break(row_of(provider, "b"), field, wrong)
    axes: dict[str, Any] = {"lifecycle": Lifecycle.CANCELLED, "payment": Payment.UNKNOWN}
    if provider != "cryptum":
        axes["fulfillment"] = Fulfillment.UNFULFILLED
    for filters in ({axis: value} for axis, value in axes.items()):
        assert ["b"] == [order.ref.id for order in listed(opening, provider, row, filters=filters)]


@pytest.mark.slow
@both
@broken
def test_strict_mode_raises_for_it(opening: Opening, provider: str, field: str, wrong: Any) -> None:
    """At its page, with what is wrong; an order that is read alone raises as well."""
    row = with_break(row_of(provider, "b"), field, wrong)
    with pytest.raises(UnexpectedResponse, match=rf"^{provider}: list: {provider}:b: \$.*{field}"):
        listed(opening, provider, row_of(provider, "a"), row, strict=True)
    alone = with_break(single(provider), field, wrong)
    with opening(account(provider), transport=Pages([alone]).transport, strict=True) as mux:
        with pytest.raises(UnexpectedResponse, match=rf"^{provider}: get: {provider}:a: \$.*{field}"):
            mux.orders.get(f"{provider}:a")


@both
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("wrong", NO_IDS)
def test_a_row_without_an_id_is_set_aside(
    opening: Opening, provider: str, wrong: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no order that could be named; the list says so, and the log does, and the other orders come."""
    row = with_break(row_of(provider, "b"), ID[provider], wrong)
    pages = Pages(answers(provider, row_of(provider, "a"), row, row_of(provider, "c")))
    with opening(account(provider), transport=pages.transport) as mux:
        orders = mux.orders.list(provider)
        assert ["a", "c"] == [order.ref.id for order in orders]
        (found,) = orders.unreadable
        assert 1 == orders.unreadable_count
    assert (None, f"$.{ROWS[provider]}[1]") == (found.cursor, found.path)
    assert ID[provider] in found.problem
    assert row.get(ID[provider]) == found.raw.get(ID[provider])
    assert {"store", "sessionToken"} & set(row) == {"store", "sessionToken"} & set(found.raw)
    assert "canary" not in repr(found)
    (record,) = (record for record in caplog.records if record.name == "ordermux")
    assert (logging.WARNING, True) == (record.levelno, f"{found.path} ({found.problem})" in record.getMessage())


@both
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("wrong", NO_ROWS)
def test_a_row_that_is_no_object_is_set_aside(opening: Opening, provider: str, wrong: Any) -> None:
    """Whatever it is."""
    pages = Pages(answers(provider, wrong, row_of(provider, "a"), wrong, row_of(provider, "c")))
    with opening(account(provider), transport=pages.transport) as mux:
        orders = mux.orders.list(provider)
        assert ["a", "c"] == [order.ref.id for order in orders]
        assert [(f"$.{ROWS[provider]}[{place}]", wrong) for place in (0, 2)] == [
            (row.path, row.raw) for row in orders.unreadable
        ]


@both
@pytest.mark.parametrize("provider", LISTED)
def test_strict_mode_raises_for_a_row_without_an_id(opening: Opening, provider: str) -> None:
    """With its place."""
    row = with_break(row_of(provider, "b"), ID[provider], None)
    with pytest.raises(UnexpectedResponse, match=rf"^{provider}: list: \$.{ROWS[provider]}\[1\]: "):
        listed(opening, provider, row_of(provider, "a"), row, strict=True)


@both
def test_rows_that_are_set_aside_do_not_fill_the_memory(opening: Opening, caplog: pytest.LogCaptureFixture) -> None:
    """The first hundred are kept and logged, all are counted; a large one is kept without its JSON."""
    rows = [{"note": "x" * 10_000}, *({"number": number} for number in range(250))]
    with opening(account("zephyr"), transport=Pages([page("zephyr", *rows)]).transport) as mux:
        orders = mux.orders.list("zephyr")
        assert [] == list(orders)
        assert (100, 251) == (len(orders.unreadable), orders.unreadable_count)
        assert [None, {"number": 0}] == [row.raw for row in orders.unreadable[:2]]
    assert 101 == len([record for record in caplog.records if record.name == "ordermux"])


@both
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("wrong", [None, {}, "x", 7, MISSING])
def test_rows_that_are_no_list_are_an_error(opening: Opening, provider: str, wrong: Any) -> None:
    """Which is never an empty list."""
    body = with_break(page(provider), ROWS[provider], wrong)
    with opening(account(provider), transport=Pages([body]).transport) as mux:
        with pytest.raises(UnexpectedResponse, match=rf"\$.*{ROWS[provider]}"):
            list(mux.orders.list(provider))


@both
@pytest.mark.parametrize("field", ["total", "page", "limit"])
@pytest.mark.parametrize("wrong", [[], "1", MISSING])
def test_what_stands_beside_the_rows_and_nobody_needs_is_no_error(opening: Opening, field: str, wrong: Any) -> None:
    """The orders are whole."""
    pages = Pages([with_break(body, field, wrong) for body in answers("crossmint", row_of("crossmint", "a"))])
    heard: list[str] = []
    with opening(
        account("crossmint"), transport=pages.transport, on_deviation=lambda *told: heard.append(str(told[2]))
    ) as mux:
        (order,) = mux.orders.list("crossmint")
    assert ((), "149.99 USD") == (order.status.attention, str(order.total))
    assert all(field in line for line in heard)
    assert [] != heard


@both
def test_a_bare_array_may_hold_an_unreadable_order(opening: Opening) -> None:
    """And rows without an id."""
    rows = [row_of("zephyr", "a"), row_of("zephyr", "b", cart_id=None), {"id": None}]
    with opening(account("zephyr"), transport=Pages([rows]).transport) as mux:
        orders = mux.orders.list("zephyr")
        found = list(orders)
        assert [("a", ()), ("b", (Attention.UNREADABLE,))] == [
            (order.ref.id, order.status.attention) for order in found
        ]
        assert [("$[2]", {"id": None})] == [(row.path, row.raw) for row in orders.unreadable]
    assert rows[1] == found[1].raw


@both
def test_a_page_of_unreadable_orders_only(opening: Opening) -> None:
    """However many breaks there are in all: here 1,100."""
    rows = [{"id": f"order-{number}"} for number in range(100)]
    found = listed(opening, "zephyr", *rows)
    assert [row["id"] for row in rows] == [order.ref.id for order in found]
    assert {11} == {len(order.deviations) for order in found}


@both
@pytest.mark.parametrize("provider", ["crossmint", "cryptum"])
def test_an_unreadable_order_that_overlaps_comes_once(opening: Opening, provider: str) -> None:
    """As any other does; and a row without an id, too."""
    bad = "phase" if provider == "crossmint" else "ecommerce"
    rows = [row_of(provider, f"order-{number}", **{bad: None}) for number in range(6)]
    rows[2] = with_break(rows[2], ID[provider], None)

    class Broken(Moving):
        def _row(self, name: str) -> dict[str, Any]:
            return rows[int(name)]

    server = Broken(provider, [str(number) for number in range(6)], cap=3)
    with opening(account(provider), transport=server.transport) as mux:
        orders = mux.orders.list(provider)
        assert [f"order-{number}" for number in (0, 1, 3, 4, 5)] == [order.ref.id for order in orders]
        assert 1 == orders.unreadable_count


@both
@pytest.mark.parametrize("provider", list(ROWS))
def test_half_a_surrogate_pair_in_one_order_hides_no_order(opening: Opening, provider: str) -> None:
    """The text was cut within an emoji, by a customer's browser or a database: every order is read, as it is."""
    rows = [row_of(provider, name) for name in "abc"]
    rows[1]["note"] = "cut \ud83d"
    pages = [page(provider, *rows)]

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        content = json.dumps(pages.pop() if pages else page(provider))
        return httpx.Response(200, content=content, headers={"content-type": "application/json"})

    with opening(account(provider), transport=httpx.MockTransport(answer)) as mux:
        found = list(mux.orders.list(provider))
    assert ["a", "b", "c"] == [order.ref.id for order in found]
    assert [()] * 3 == [order.status.attention for order in found]
