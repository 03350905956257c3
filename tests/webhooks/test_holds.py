"""Holds over time: how they begin, end and add up with reads, whatever the order in which events arrive."""

from __future__ import annotations

import itertools

import hypothesis
import pytest
from hypothesis import strategies as st

from ordermux import Hold, Lifecycle, OrderRef, Payment, Status, explain
from ordermux.order import Order
from ordermux.providers.crossmint import adapter as crossmint
from ordermux.providers.cryptum import adapter as cryptum
from ordermux.status import NOT_REPORTED, StatusMap, StatusMapping, documented, implied
from ordermux.status_merge import merge_event, merge_fields, merge_snapshot

EVENTS = StatusMap(
    page="https://shop.example/events",
    field="event",
    axes=(),
    rows={
        "paid": StatusMapping(lifecycle=documented(Lifecycle.OPEN), payment=documented(Payment.PAID)),
        "held": StatusMapping(lifecycle=implied(Lifecycle.PENDING), holds=(documented(Hold.REVIEW),)),
        "released": StatusMapping(ended_holds=(documented(Hold.REVIEW),)),
        "disputed": StatusMapping(holds=(documented(Hold.DISPUTE),)),
        "dispute won": StatusMapping(ended_holds=(documented(Hold.DISPUTE),)),
        "dispute lost": StatusMapping(payment=documented(Payment.REFUNDED), ended_holds=(documented(Hold.DISPUTE),)),
    },
)
READS = StatusMap(
    page="https://shop.example/orders",
    field="state",
    axes=("lifecycle",),
    rows={
        "reviewing": StatusMapping(lifecycle=documented(Lifecycle.PENDING), holds=(documented(Hold.REVIEW),)),
        "active": StatusMapping(lifecycle=documented(Lifecycle.OPEN)),
        "settled": StatusMapping(
            lifecycle=documented(Lifecycle.OPEN), ended_holds=(documented(Hold.DISPUTE), documented(Hold.REVIEW))
        ),
    },
)
_NAMES = st.lists(st.sampled_from(sorted(EVENTS.rows)), max_size=6)


def after(*names: str, known: Status = NOT_REPORTED) -> Status:
    """Return what is known after events."""
    for name in names:
        known = merge_event(known, EVENTS.lookup(name))
    return known


HISTORIES: list[tuple[list[str], Payment | None, tuple[Hold, ...], tuple[Hold, ...]]] = [
    (["disputed"], None, (Hold.DISPUTE,), ()),
    (["paid", "disputed"], Payment.PAID, (Hold.DISPUTE,), ()),
    (["paid", "disputed", "dispute won"], Payment.PAID, (), (Hold.DISPUTE,)),
    (["paid", "disputed", "dispute lost"], Payment.REFUNDED, (), (Hold.DISPUTE,)),
    (["held", "released", "paid"], Payment.PAID, (), (Hold.REVIEW,)),
    (["held", "paid", "disputed"], Payment.PAID, (Hold.REVIEW, Hold.DISPUTE), ()),
    (["held", "released", "paid", "disputed"], Payment.PAID, (Hold.DISPUTE,), (Hold.REVIEW,)),
]


@pytest.mark.parametrize(("steps", "payment", "holds", "ended"), HISTORIES, ids=lambda each: "-".join(each or ["none"]))
def test_a_history_ends_the_same_in_any_order_with_a_redelivery(
    steps: list[str], payment: Payment | None, holds: tuple[Hold, ...], ended: tuple[Hold, ...]
) -> None:
    """A dispute that was won is over, also if the event that opened it arrives last or again."""
    for order in itertools.permutations(steps):
        for again in (None, *steps):
            status = after(*order, *([again] if again else []))
            assert (payment, holds, ended) == (status.payment, status.holds, status.ended_holds)


@hypothesis.given(_NAMES, st.data())
def test_events_are_a_set(names: list[str], data: st.DataObject) -> None:
    """Neither their order nor redeliveries change what is held."""
    other = data.draw(st.permutations(names))
    again = data.draw(st.lists(st.sampled_from(names), max_size=3)) if names else []
    first, second = after(*names), after(*other, *again)
    assert (first.holds, first.ended_holds) == (second.holds, second.ended_holds)


@hypothesis.given(_NAMES)
def test_a_hold_is_never_both_on_and_over(names: list[str]) -> None:
    """Each has its evidence, and what is over has none of its beginning."""
    status = after(*names)
    assert not {*status.holds} & {*status.ended_holds}
    said = {(entry.axis, entry.value) for entry in status.evidence if entry.axis.endswith("hold")}
    assert said == {("hold", hold) for hold in status.holds} | {("ended_hold", hold) for hold in status.ended_holds}


def test_a_read_replaces_the_holds_of_an_earlier_read() -> None:
    """The field says something else now."""
    known = READS.lookup("reviewing")
    assert (Hold.REVIEW,) == known.holds
    assert () == merge_snapshot(known, READS.lookup("active")).holds


def test_a_hold_that_an_event_reported_stands_until_a_read_ends_it() -> None:
    """Orders of many providers do not show disputes, so that a read that says nothing of one proves nothing."""
    known = after("paid", "disputed")
    assert (Hold.DISPUTE,) == merge_snapshot(known, READS.lookup("active")).holds
    assert () == merge_snapshot(known, READS.lookup("settled")).holds
    assert known == merge_snapshot(known, NOT_REPORTED)


def test_a_read_reopens_a_hold_that_was_over() -> None:
    """A read is newer than any event; a late event reopens nothing."""
    over = after("held", "released")
    assert () == after("held", known=over).holds
    again = merge_snapshot(over, READS.lookup("reviewing"))
    assert ((Hold.REVIEW,), ()) == (again.holds, again.ended_holds)


def test_of_two_fields_of_an_order_the_one_that_reports_a_hold_wins() -> None:
    """The other one's word means that nothing else is waited for."""
    for fields in itertools.permutations([READS.lookup("settled"), EVENTS.lookup("disputed")]):
        status = merge_fields(fields)
        assert ((Hold.DISPUTE,), (Hold.REVIEW,)) == (status.holds, status.ended_holds)


def test_a_status_merged_over_another_ends_its_holds() -> None:
    """And keeps those that it does not end."""
    weaker = after("held", "disputed")
    status = EVENTS.lookup("dispute won").merged_over(weaker)
    assert ((Hold.REVIEW,), (Hold.DISPUTE,)) == (status.holds, status.ended_holds)
    assert [("lifecycle", "pending"), ("hold", "review"), ("ended_hold", "dispute")] == sorted(
        ((entry.axis, entry.value) for entry in status.evidence), key=lambda each: ["l", "h", "e"].index(each[0][0])
    )


def test_a_hold_is_explained() -> None:
    """With the raw value that reported it, and the one that ended it."""
    order = Order(ref=OrderRef("shop", "1"), status=after("held", "disputed", "dispute won"))
    assert (
        "lifecycle is pending: event says 'held' (implied)\n"
        "hold is review: event says 'held' (documented)\n"
        "ended hold is dispute: event says 'dispute won' (documented)"
    ) == explain(order)


def test_holds_as_a_dictionary() -> None:
    """Lists, which are empty if nothing is held, so that each order has the same members."""
    assert {"holds": [], "ended_holds": []}.items() <= NOT_REPORTED.to_dict().items()
    assert {"holds": ["review"], "ended_holds": ["dispute"]}.items() <= (
        after("held", "disputed", "dispute won").to_dict().items()
    )


CROSSMINT = [
    ("requires-kyc", (Hold.PAYMENT_ACTION,)),
    ("crypto-payer-insufficient-funds", (Hold.PAYMENT_ACTION,)),
    ("manual-kyc", (Hold.REVIEW,)),
    ("awaiting-payment", ()),
    ("succeeded", ()),
]


@pytest.mark.parametrize(("raw_value", "holds"), CROSSMINT)
def test_what_crossmints_payment_waits_for(raw_value: str, holds: tuple[Hold, ...]) -> None:
    """Its own words of a payment say what the customer must do, or that somebody checks who the customer is."""
    assert holds == crossmint.PAYMENT_STATUS.lookup(raw_value).holds


def test_cryptums_on_hold_is_a_hold() -> None:
    """Of which it does not say why."""
    assert (Hold.UNKNOWN,) == cryptum.STATUS.lookup("on-hold").holds
