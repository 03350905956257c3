"""Which filters of a list the provider applies, what the others cost, and the size of pages."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ordermux import Croissant, Cryptum, FilterCost, InvalidArgument, Ordermux, Unsupported
from ordermux.emulator import Emulator, World
from support.clients import Opening, Pages, account, blocking, both, example

MIDNIGHT = datetime.datetime(2026, 5, 30, tzinfo=datetime.UTC)
ISO = "%Y-%m-%dT%H:%M:%S%z"


def dated(**settings: Any) -> Cryptum:
    """Return an account that opts in to `startDate`."""
    return Cryptum(api_key="key", store="s", **{"date_format": "%Y-%m-%d", **settings})


def empty() -> Pages:
    """Return a server whose list has nothing."""
    return Pages([{"data": [], "orders": [], "has_more": False, "total": 0, "page": 1, "limit": 100}])


@both
def test_the_time_is_sent_as_start_date_if_the_account_opts_in(opening: Opening) -> None:
    """In UTC, in the format of the account."""
    pages = empty()
    since = MIDNIGHT.astimezone(datetime.timezone(datetime.timedelta(hours=5)))
    with opening(dated(), transport=pages.transport) as mux:
        assert [] == list(mux.orders.list("cryptum", placed_from=since))
    assert ["2026-05-30"] == [query["startDate"] for query in pages.queries]


def test_orders_that_the_provider_filters_by_time_are_returned_without_a_time() -> None:
    """Cryptum's do not show one, so that they are not compared here."""
    row = example("cryptum", "ListedOrder", paymentStatus="confirmed")
    pages = Pages([{"orders": [row], "total": 1}, {"orders": [], "total": 1}])
    with blocking(dated(date_format=ISO), transport=pages.transport) as mux:
        found = list(mux.orders.list("cryptum", payment="paid", placed_from=MIDNIGHT))
    assert [(row["id"], None)] == [(order.ref.id, order.placed_at) for order in found]
    assert ("2026-05-30T00:00:00+0000", "confirmed") == (
        pages.queries[0]["startDate"],
        pages.queries[0]["paymentStatus"],
    )


def test_a_time_that_the_format_cannot_say_is_refused_before_anything_is_sent() -> None:
    """A date alone would be another time."""
    pages = empty()
    noon = MIDNIGHT.replace(hour=12)
    with (
        blocking(dated(), transport=pages.transport) as mux,
        pytest.raises(InvalidArgument, match=r"cannot say 2026-05-30T12:.*; it can say 2026-05-30T00:"),
    ):
        mux.orders.list("cryptum", placed_from=noon)
    assert [] == pages.asked


@pytest.mark.parametrize("form", ["", "date", "%Y", "%d.%m.", 7])
def test_a_format_without_a_whole_date_is_refused(form: Any) -> None:
    """By the constructor."""
    with pytest.raises(InvalidArgument, match="date_format is a format of strftime's"):
        dated(date_format=form)


def test_the_format_may_come_from_the_environment() -> None:
    """As the other settings do."""
    environ = {"API_KEY": "key", "STORE": "store", "DATE_FORMAT": "%Y-%m-%d"}
    found = Cryptum.from_env(environ={f"ORDERMUX_CRYPTUM_{name}": value for name, value in environ.items()})
    assert "%Y-%m-%d" == found.date_format


@pytest.mark.parametrize(
    ("name", "told"),
    [("placed_from", r"Cryptum\(date_format=…\) sends it as startDate"), ("placed_before", "do not show$")],
)
def test_the_error_of_a_filter_by_time_says_what_is_missing(name: str, told: str) -> None:
    """The list itself is there."""
    times: dict[str, Any] = {name: MIDNIGHT}
    with blocking(account("cryptum"), transport=empty().transport) as mux:
        with pytest.raises(Unsupported, match=f"^Cryptum does not support list with {name}: .*{told}") as raised:
            mux.orders.list("cryptum", **times)
    assert "list" == raised.value.operation


def test_an_account_that_opts_in_still_refuses_an_end() -> None:
    """Whether `endDate` is inclusive is not documented."""
    with blocking(dated(), transport=empty().transport) as mux:
        with pytest.raises(Unsupported, match="placed_before"):
            mux.orders.list("cryptum", placed_from=MIDNIGHT, placed_before=MIDNIGHT)


@pytest.mark.parametrize(
    ("provider", "name", "cost"),
    [
        ("zephyr", "payment=paid", FilterCost.FULL_WALK),
        ("zephyr", "placed_from", FilterCost.FULL_WALK),
        ("crossmint", "fulfillment=delivered", FilterCost.PROVIDER),
        ("crossmint", "payment=paid", FilterCost.FULL_WALK),
        ("cryptum", "payment=paid", FilterCost.PROVIDER),
        ("cryptum", "lifecycle=pending", FilterCost.FULL_WALK),
        ("cryptum", "placed_from", None),
    ],
)
def test_the_costs_tell_which_filters_read_every_page(provider: str, name: str, cost: FilterCost | None) -> None:
    """And leave out what is refused."""
    with blocking(account(provider)) as mux:
        assert cost == mux.filters(provider).get(name)


def test_the_cost_of_a_time_follows_the_account() -> None:
    """With a format it is the provider's, and without a list there are none."""
    with blocking(dated()) as mux:
        assert FilterCost.PROVIDER == mux.filters("cryptum")["placed_from"]
    with blocking(Croissant(client_id="id", client_secret="secret")) as mux:
        assert {} == mux.filters("croissant")


@pytest.mark.parametrize("provider", ["zephyr", "crossmint", "cryptum"])
def test_each_filter_whose_cost_is_the_providers_sends_a_parameter(provider: str) -> None:
    """And each that costs a full walk sends none: the two are told by the same code."""
    with blocking(account(provider)) as mux:
        costs = dict(mux.filters(provider))
    for name, cost in costs.items():
        axis, _, value = name.partition("=")
        pages = empty()
        with blocking(account(provider), transport=pages.transport) as mux:
            given: dict[str, Any] = {axis: value} if value else {name: MIDNIGHT}
            list(mux.orders.list(provider, **given))
        with blocking(account(provider), transport=(plain := empty()).transport) as mux:
            list(mux.orders.list(provider))
        more = pages.queries[0].keys() - plain.queries[0].keys()
        assert bool(more) == (cost is FilterCost.PROVIDER), name


@both
@pytest.mark.parametrize(("provider", "first"), [("zephyr", "limit"), ("crossmint", "limit"), ("cryptum", "limit")])
def test_a_page_size_is_sent(opening: Opening, provider: str, first: str) -> None:
    """By each provider with a list."""
    pages = empty()
    with opening(account(provider), transport=pages.transport) as mux:
        assert [] == list(mux.orders.list(provider, page_size=7))
    assert "7" == pages.queries[0][first]


def test_zephyrs_size_is_left_to_it_if_none_is_given() -> None:
    """That it takes one is a guess."""
    pages = empty()
    with blocking(account("zephyr"), transport=pages.transport) as mux:
        assert [] == list(mux.orders.list("zephyr"))
    assert {} == pages.queries[0]


@pytest.mark.parametrize(
    ("provider", "size", "problem"),
    [
        ("crossmint", 101, "page_size is at most 100"),
        ("cryptum", 0, "page_size"),
        ("zephyr", -1, "page_size"),
        ("zephyr", True, "page_size"),
    ],
)
def test_a_page_size_that_no_page_has_is_refused(provider: str, size: int, problem: str) -> None:
    """Before anything is sent."""
    pages = empty()
    with blocking(account(provider), transport=pages.transport) as mux, pytest.raises(InvalidArgument, match=problem):
        mux.orders.list(provider, page_size=size)
    assert [] == pages.asked


@pytest.mark.parametrize(
    ("provider", "size"),
    [("zephyr", 1), ("zephyr", 7), ("cryptum", 2), ("cryptum", 7), ("crossmint", 5), ("crossmint", 50)],
)
def test_any_page_size_gives_the_same_orders(provider: str, size: int) -> None:
    """Each once."""
    with Emulator(World(extra_orders=20)) as emulator:
        with Ordermux(*emulator.accounts()) as mux:
            every = [order.ref for order in mux.orders.list(provider)]
            assert every == [order.ref for order in mux.orders.list(provider, page_size=size)]
