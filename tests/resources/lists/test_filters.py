"""Filters that are right on our side too, by status and by time, and words that no table has."""

from __future__ import annotations

import datetime
from typing import Any, cast

import httpx
import pytest

from ordermux import (
    Fulfillment,
    InvalidArgument,
    Lifecycle,
    Order,
    Ordermux,
    Payment,
    UnknownStatus,
    Unsupported,
    explain,
)
from ordermux.emulator import Emulator
from support.clients import Opening, Pages, account, both, example
from support.document_checker import documents
from support.order_lists import LISTED, ids, listing, order_of, page, stocked

TITLES = {"zephyr": "ZephyrCart", "crossmint": "Crossmint", "cryptum": "Cryptum"}
UTC = datetime.UTC


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
