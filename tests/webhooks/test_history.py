"""What is known of an order once its events came late, twice or out of order, with reads between them.

`python tests/webhooks/test_history.py` prints how many orders of arrival end wrong, and writes known_wrong.md.
"""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import hypothesis
import msgspec
import pytest
from hypothesis import strategies as st
from webhooks.fuzz import ACCOUNTS, NOW, receiver

from ordermux.order import Order, OrderRef
from ordermux.providers.crossmint import adapter as crossmint
from ordermux.providers.cryptum import adapter as cryptum
from ordermux.providers.zephyr import adapter as zephyr
from ordermux.status import (
    NOT_REPORTED,
    Attention,
    CancelReason,
    Fulfillment,
    Hold,
    Lifecycle,
    Payment,
    Status,
    in_order,
)
from ordermux.status_merge import apply_event, merge_event, merge_snapshot
from ordermux.webhooks import delivery
from ordermux_crossmint import models as crossmint_models
from support.document_checker import documents
from support.tables import table

L, P, F, C, A = Lifecycle, Payment, Fulfillment, CancelReason, Attention
Claims = tuple[Lifecycle | None, CancelReason | None, Payment | None, Fulfillment | None]
EVENTS = {"zephyr": zephyr.EVENTS, "crossmint": crossmint.EVENTS}
KNOWN_WRONG = Path(__file__).parent / "known_wrong.md"


def event(name: str) -> Status:
    """Return what an event says: `order.created` is ZephyrCart's, `orders.payment.failed` the shop's."""
    return EVENTS["crossmint" if name.startswith("orders.") else "zephyr"].lookup(name)


def read(told: str) -> Status:
    """Return what a read says: `paid` of ZephyrCart, `cancelled/failed` or `deposit cancelled/failed` of the shop."""
    word, slash, payment = told.rpartition(" ")[2].partition("/")
    if not slash:
        return zephyr.STATUS.lookup(word)
    made: dict[str, Any] = {**documents()["crossmint"].schemas["Order"]["examples"][0], "status": word}
    made["payment"] = {"status": payment, "currency": "usdc"}
    made["type"] = "deposit" if told.startswith("deposit ") else "checkout"
    return crossmint.status_of(msgspec.convert(made, crossmint_models.Order))


def claims(status: Status) -> Claims:
    """Return the claims of a status."""
    return status.lifecycle, status.cancel_reason, status.payment, status.fulfillment


def ours(steps: Sequence[str]) -> Status:
    """Return what is known after events, which are folded, and reads, which begin with `read`."""
    status = NOT_REPORTED
    for step in steps:
        status = (
            merge_snapshot(status, read(step[5:])) if step.startswith("read ") else merge_event(status, event(step))
        )
    return status


def last_write_wins(steps: Sequence[str]) -> Status:
    """Return what is known where each claim replaces the one before on its axis, as most code does it."""
    status = NOT_REPORTED
    for step in steps:
        told = read(step[5:]) if step.startswith("read ") else event(step)
        kept = status if told.lifecycle is None else attrs.evolve(status, cancel_reason=None)
        status = told.merged_over(kept)
    return status


# The rules, one by one.

PAID, FAILED, STARTED, DELIVERED, UNDELIVERED = (
    "orders.payment.succeeded",
    "orders.payment.failed",
    "orders.delivery.initiated",
    "orders.delivery.completed",
    "orders.delivery.failed",
)
QUOTED = "orders.quote.updated"
CREATED, UPDATED, REFUNDED, CANCELLED = "order.created", "order.updated", "order.refunded", "order.cancelled"

RULES: list[tuple[str, list[str], Claims, set[Attention]]] = [
    ("nothing is known of nothing", [], (None, None, None, None), set()),
    ("a quote says nothing", [PAID, QUOTED], (L.OPEN, None, P.PAID, F.UNFULFILLED), set()),
    ("a late event does not go back", [DELIVERED, STARTED, PAID], (L.COMPLETED, None, P.PAID, F.DELIVERED), set()),
    ("a failed payment cancels", [FAILED], (L.CANCELLED, C.PAYMENT_FAILED, P.FAILED, None), set()),
    ("a success reopens what a failed payment cancelled", [FAILED, PAID], (L.OPEN, None, P.PAID, F.UNFULFILLED), set()),
    (
        "a late failed payment cancels nothing that is paid",
        [PAID, FAILED],
        (L.OPEN, None, P.PAID, F.UNFULFILLED),
        set(),
    ),
    (
        "a failed delivery cancels, and money is to come back",
        [PAID, STARTED, UNDELIVERED],
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED),
        {A.REFUND_EXPECTED},
    ),
    (
        "a success does not reopen what a failed delivery cancelled",
        [UNDELIVERED, PAID],
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED),
        {A.REFUND_EXPECTED},
    ),
    (
        "cancelled and delivered is a conflict",
        [DELIVERED, UNDELIVERED],
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.DELIVERED),
        {A.REFUND_EXPECTED, A.AXIS_CONFLICT},
    ),
    (
        "whichever comes first",
        [UNDELIVERED, DELIVERED],
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.DELIVERED),
        {A.REFUND_EXPECTED, A.AXIS_CONFLICT},
    ),
    ("created after refunded is refunded", [REFUNDED, CREATED], (L.OPEN, None, P.PARTIALLY_REFUNDED, None), set()),
    ("a cancellation stands", [CANCELLED, CREATED], (L.CANCELLED, C.UNSPECIFIED, None, F.UNFULFILLED), set()),
    (
        "a refund of what was cancelled in part was paid after all",
        [CANCELLED, REFUNDED],
        (L.CANCELLED, C.UNSPECIFIED, P.PARTIALLY_REFUNDED, F.UNFULFILLED),
        {A.PAID_AFTER_CANCEL},
    ),
    (
        "a cancellation of what was read as paid is to be looked at",
        ["read paid", CANCELLED],
        (L.CANCELLED, C.UNSPECIFIED, P.PAID, F.UNFULFILLED),
        {A.PAID_AFTER_CANCEL},
    ),
    (
        "what was refunded in full is no money that was taken",
        ["read refunded", CANCELLED],
        (L.CANCELLED, C.UNSPECIFIED, P.REFUNDED, F.UNFULFILLED),
        set(),
    ),
    (
        "an event after a read moves on",
        ["read paid", REFUNDED],
        (L.OPEN, None, P.PARTIALLY_REFUNDED, None),
        set(),
    ),
    ("an event after a read does not go back", ["read refunded", REFUNDED], (None, None, P.REFUNDED, None), set()),
    (
        "a read wins, even where it goes back",
        [DELIVERED, "read in_progress/succeeded"],
        (L.OPEN, None, P.PAID, F.IN_PROGRESS),
        {A.SNAPSHOT_REGRESSED},
    ),
    (
        "a read ends a conflict",
        [UNDELIVERED, DELIVERED, "read delivered/succeeded"],
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
        {A.SNAPSHOT_REGRESSED},
    ),
    (
        "a read reopens",
        [UNDELIVERED, "read payment_confirmed/succeeded"],
        (L.OPEN, None, P.PAID, F.UNFULFILLED),
        {A.SNAPSHOT_REGRESSED},
    ),
    (
        "a read that moves on is no step back",
        [PAID, "read delivered/succeeded"],
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
        set(),
    ),
    (
        "an unknown word that was read wins too, and is a step back",
        [DELIVERED, "read teleported/succeeded"],
        (L.UNKNOWN, None, P.UNKNOWN, F.UNKNOWN),
        {A.UNKNOWN_RAW, A.SNAPSHOT_REGRESSED},
    ),
    (
        "an unknown word gives way to a known one",
        ["read teleported/teleported", PAID],
        (L.OPEN, None, P.PAID, F.UNFULFILLED),
        {A.UNKNOWN_RAW},
    ),
    (
        "what a read does not say stands: a cancellation after which money came back",
        [CREATED, CANCELLED, "read refunded"],
        (L.CANCELLED, C.UNSPECIFIED, P.REFUNDED, F.UNFULFILLED),
        set(),
    ),
    ("a deposit has no goods", ["read deposit delivered/succeeded"], (L.COMPLETED, None, P.PAID, None), set()),
    (
        "a deposit's delivery cannot have failed",
        ["read deposit cancelled/succeeded"],
        (L.CANCELLED, C.UNSPECIFIED, P.PAID, None),
        {A.PAID_AFTER_CANCEL},
    ),
    (
        "a deposit moves on as well",
        ["read deposit awaiting_approval/awaiting-payment", "read deposit payment_confirmed/succeeded"],
        (L.OPEN, None, P.PAID, None),
        set(),
    ),
]


@pytest.mark.parametrize(
    ("steps", "expected", "attention"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES]
)
def test_a_rule_of_the_design(steps: list[str], expected: Claims, attention: set[Attention]) -> None:
    """Events merge_event, reads win, and what contradicts itself is to be looked at."""
    status = ours(steps)
    assert expected == claims(status)
    assert attention == set(status.attention)
    assert len(status.attention) == len(attention)


RANKS: list[tuple[str, list[Any]]] = [
    (
        "payment",
        [
            None,
            *(P.UNKNOWN, P.PENDING, P.PROCESSING, P.AUTHORIZED, P.FAILED, P.EXPIRED, P.VOIDED),
            *(P.PARTIALLY_PAID, P.PAID, P.OVERPAID),
            P.PARTIALLY_REFUNDED,
            P.REFUNDED,
        ],
    ),
    (
        "fulfillment",
        [
            None,
            F.UNKNOWN,
            F.UNFULFILLED,
            F.IN_PROGRESS,
            F.FAILED,
            F.PARTIALLY_FULFILLED,
            F.FULFILLED,
            F.DELIVERED,
            F.PARTIALLY_RETURNED,
            F.RETURNED,
        ],
    ),
]


@pytest.mark.parametrize(("axis", "ranked"), RANKS, ids=["payment", "fulfillment"])
def test_the_rank_of_each_word(axis: str, ranked: list[Any]) -> None:
    """Of any two, the one that is further on stands, whichever comes first; no word is left out."""
    assert set({"payment": P, "fulfillment": F}[axis]) == set(ranked[1:])
    for low, high in itertools.combinations(ranked, 2):
        for first, second in ((low, high), (high, low)):
            assert high == getattr(merge_event(Status(**{axis: first}), Status(**{axis: second})), axis)


LIFECYCLES: list[tuple[Lifecycle | None, CancelReason | None]] = [
    (None, None),
    (L.UNKNOWN, None),
    (L.PENDING, None),
    (L.CANCELLED, C.PAYMENT_FAILED),
    (L.OPEN, None),
    (L.COMPLETED, None),
    (L.CANCELLED, C.UNSPECIFIED),
]


def test_the_rank_of_each_lifecycle() -> None:
    """A cancellation stands at the end, but for one that came of a failed payment, which any success reopens."""
    assert set(L) == {lifecycle for lifecycle, _ in LIFECYCLES if lifecycle}
    for low, high in itertools.combinations(LIFECYCLES, 2):
        for first, second in ((low, high), (high, low)):
            made = [Status(lifecycle=lifecycle, cancel_reason=reason) for lifecycle, reason in (first, second)]
            assert high == claims(merge_event(*made))[:2]


@pytest.mark.parametrize("reason", [C.REQUESTED, C.UNSPECIFIED, C.DELIVERY_FAILED])
def test_only_a_failed_payment_cancels_softly(reason: CancelReason) -> None:
    """Any other cancellation stands whatever comes."""
    cancelled = Status(lifecycle=L.CANCELLED, cancel_reason=reason)
    for other in (L.PENDING, L.OPEN, L.COMPLETED, L.UNKNOWN):
        assert (L.CANCELLED, reason) == claims(merge_event(cancelled, Status(lifecycle=other)))[:2]
        assert (L.CANCELLED, reason) == claims(merge_event(Status(lifecycle=other), cancelled))[:2]


def test_what_is_known_already_keeps_its_evidence_and_its_reason() -> None:
    """An event that says the same once more is no new evidence, and gives no other reason."""
    status = ours([PAID, STARTED])
    assert [PAID] == [entry.raw_value for entry in status.evidence if entry.axis == "payment"]
    cancelled = Status(lifecycle=L.CANCELLED, cancel_reason=C.REQUESTED)
    assert C.REQUESTED is merge_event(cancelled, event(CANCELLED)).cancel_reason


# Whatever comes.

NAMES = {provider: sorted(found.rows) for provider, found in EVENTS.items()}
READS = {
    "zephyr": [*(f"read {word}" for word in zephyr.STATUS.rows), "read not-a-word"],
    "crossmint": [
        f"read {kind}{word}/{payment}"
        for kind in ("", "deposit ")
        for word in (*crossmint.STATUS.rows, "not-a-word")
        for payment in ("succeeded", "failed", "awaiting-payment", "manual-kyc", "not-a-word")
    ],
}
_PROVIDERS = st.sampled_from(sorted(EVENTS))
_EVENTS = _PROVIDERS.flatmap(lambda provider: st.lists(st.sampled_from(NAMES[provider]), max_size=8))
_STEPS = _PROVIDERS.flatmap(lambda each: st.lists(st.sampled_from([*NAMES[each], *READS[each]]), max_size=8))
_ANY = st.builds(
    Status,
    lifecycle=st.sampled_from([None, *L]),
    cancel_reason=st.sampled_from([None, *C]),
    payment=st.sampled_from([None, *P]),
    fulfillment=st.sampled_from([None, *F]),
    holds=st.sets(st.sampled_from([Hold.STOCK, Hold.DISPUTE])).map(in_order),
    ended_holds=st.sets(st.sampled_from([Hold.REVIEW, Hold.MERCHANT])).map(in_order),
    attention=st.lists(st.sampled_from([A.UNKNOWN_RAW, A.REFUND_EXPECTED, A.EVENT_IDENTITY_CONFLICT]), unique=True).map(
        tuple
    ),
).map(lambda status: status if status.lifecycle is L.CANCELLED else attrs.evolve(status, cancel_reason=None))


def settled(status: Status) -> tuple[Claims, tuple[Hold, ...], tuple[Hold, ...], frozenset[Attention]]:
    """Return what a status comes to, whatever words it rests on and in whatever order they came."""
    return claims(status), status.holds, status.ended_holds, frozenset(status.attention)


@hypothesis.given(_EVENTS, st.data())
def test_events_in_any_order_and_however_often_come_to_the_same(steps: list[str], data: st.DataObject) -> None:
    """One provider's events are a set: neither their order nor a redelivery changes what is known."""
    other = data.draw(st.permutations(steps))
    again = data.draw(st.lists(st.sampled_from(steps), max_size=4)) if steps else []
    assert settled(ours(steps)) == settled(ours(other)) == settled(ours([*other, *again]))


@hypothesis.given(_STEPS, st.data())
def test_the_event_that_came_last_changes_nothing_when_it_comes_again(steps: list[str], data: st.DataObject) -> None:
    """It is idempotent, evidence included, with reads before it too."""
    last = data.draw(st.sampled_from(NAMES["zephyr"] + NAMES["crossmint"]))
    once = merge_event(ours(steps), event(last))
    assert once == merge_event(once, event(last))


@hypothesis.given(_STEPS, st.data())
def test_the_same_read_again_is_the_same(steps: list[str], data: st.DataObject) -> None:
    """But for the step back, which only the first one was."""
    last = data.draw(st.sampled_from(READS["zephyr"] + READS["crossmint"]))
    once = merge_snapshot(ours(steps), read(last[5:]))
    again = merge_snapshot(once, read(last[5:]))
    assert claims(once) == claims(again)
    assert set(once.attention) - {A.SNAPSHOT_REGRESSED} == set(again.attention)


@hypothesis.given(_STEPS, st.data())
def test_a_read_has_its_way_on_every_axis_that_it_speaks_of(steps: list[str], data: st.DataObject) -> None:
    """Whatever was known before."""
    last = read(data.draw(st.sampled_from(READS["zephyr"] + READS["crossmint"]))[5:])
    found = merge_snapshot(ours(steps), last)
    for axis in ("lifecycle", "payment", "fulfillment"):
        if getattr(last, axis) is not None:
            assert getattr(last, axis) == getattr(found, axis)
    if last.lifecycle is not None:
        assert last.cancel_reason == found.cancel_reason


@hypothesis.given(_STEPS)
def test_a_read_that_says_nothing_changes_nothing(steps: list[str]) -> None:
    """As Cryptum's that lack their `paymentStatus`, which is normal."""
    known = ours([step for step in steps if not step.startswith("read ")])
    assert known == merge_snapshot(known, NOT_REPORTED)
    assert known == merge_snapshot(known, cryptum.STATUS.lookup(None))


@hypothesis.given(_STEPS)
def test_each_claim_has_its_evidence(steps: list[str]) -> None:
    """One entry for each axis and hold, the one that set it, and none for what was overtaken."""
    status = ours(steps)
    known = [(axis, getattr(status, axis)) for axis in ("lifecycle", "payment", "fulfillment")]
    known += [("hold", hold) for hold in status.holds] + [("ended_hold", hold) for hold in status.ended_holds]
    assert {claim for claim in known if claim[1]} == {(each.axis, each.value) for each in status.evidence}
    assert len({(each.axis, each.value) for each in status.evidence}) == len(status.evidence)


@hypothesis.given(_STEPS)
def test_a_reason_is_told_of_a_cancellation_alone(steps: list[str]) -> None:
    """What is open again has no reason for having been cancelled."""
    status = ours(steps)
    assert (status.lifecycle is L.CANCELLED) == (status.cancel_reason is not None)


@hypothesis.given(_ANY, _ANY)
def test_no_contradiction_is_a_plain_fact(known: Status, told: Status) -> None:
    """Not by a merge_event, nor by a read, of any two statuses that there can be."""
    for status in (merge_event(known, told), merge_snapshot(known, told)):
        cancelled = status.lifecycle is L.CANCELLED
        sent = status.fulfillment in {F.DELIVERED, F.FULFILLED, F.PARTIALLY_FULFILLED, F.PARTIALLY_RETURNED}
        unpaid = status.lifecycle is L.COMPLETED and status.payment in {P.FAILED, P.VOIDED, P.EXPIRED}
        assert ((cancelled and sent) or unpaid) == (A.AXIS_CONFLICT in status.attention)


@hypothesis.given(_ANY, _ANY)
def test_no_attention_is_lost_in_a_fold_nor_told_twice(known: Status, told: Status) -> None:
    """What each of both wants a person to look at stays."""
    found = merge_event(known, told).attention
    assert {*known.attention, *told.attention} <= set(found)
    assert len(set(found)) == len(found)


@hypothesis.given(_ANY, _ANY)
def test_nothing_known_is_changed_in_its_place(known: Status, told: Status) -> None:
    """Statuses are values, which a caller may keep."""
    before = attrs.evolve(known), attrs.evolve(told)
    merge_event(known, told)
    merge_snapshot(known, told)
    assert before == (known, told)


# From what was delivered.


def test_an_event_is_followed_by_what_was_read() -> None:
    """An order that was read wins over the event; where none was, the event is folded."""
    account = next(each for each in ACCOUNTS if each.provider == "zephyr")
    body = {"id": "evt_1", "type": REFUNDED, "data": documents()["zephyr"].schemas["Order"]["examples"][0]}
    delivered = delivery(account, body, at=NOW)
    told = receiver().receive("zephyr", delivered.headers, delivered.body)
    order = Order(ref=OrderRef("zephyr", "order_01HXY8"), status=read("refunded"))
    known = ours([CREATED])
    assert (L.OPEN, None, P.PARTIALLY_REFUNDED, None) == claims(apply_event(known, told, None))
    assert P.REFUNDED is apply_event(known, told, order).payment
    marked = attrs.evolve(told, attention=(A.EVENT_IDENTITY_CONFLICT,))
    assert (A.EVENT_IDENTITY_CONFLICT,) == apply_event(known, marked, None).attention
    assert (A.EVENT_IDENTITY_CONFLICT,) == apply_event(known, marked, order).attention


def test_what_is_not_trusted_is_not_followed() -> None:
    """Cryptum's callback says `confirmed`, and yet nothing is known before the order is read."""
    account = next(each for each in ACCOUNTS if each.provider == "cryptum")
    delivered = delivery(account, {"orderId": "1", "status": "confirmed"}, at=NOW)
    told = receiver().receive("cryptum", delivered.headers, delivered.body)
    assert P.PAID is told.claims.payment
    assert NOT_REPORTED == apply_event(NOT_REPORTED, told, None)
    order = Order(ref=OrderRef("cryptum", "1"), status=cryptum.STATUS.lookup("pending"))
    assert P.PENDING is apply_event(NOT_REPORTED, told, order).payment


# Histories in every order in which they can arrive.


@attrs.frozen
class Trace:
    """What happened to an order, as its provider told it, and what is right in the end."""

    name: str
    steps: tuple[str, ...]
    """Events in the order in which they happened, and reads, which see what had happened by then."""
    right: Claims
    backwards: str = ""
    """Why the history moves backwards, where it does."""


TRACES = (
    Trace("bought and delivered", (PAID, STARTED, DELIVERED), (L.COMPLETED, None, P.PAID, F.DELIVERED)),
    Trace("quoted and paid", ("orders.quote.created", QUOTED, PAID), (L.OPEN, None, P.PAID, F.UNFULFILLED)),
    Trace("at work", ("orders.quote.created", PAID, STARTED), (L.OPEN, None, P.PAID, F.IN_PROGRESS)),
    Trace("payment failed", (QUOTED, FAILED), (L.CANCELLED, C.PAYMENT_FAILED, P.FAILED, None)),
    Trace("paid at the second try", (FAILED, PAID, STARTED), (L.OPEN, None, P.PAID, F.IN_PROGRESS)),
    Trace(
        "paid at the second try, and delivered",
        (FAILED, PAID, STARTED, DELIVERED),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
    ),
    Trace("delivery failed", (PAID, STARTED, UNDELIVERED), (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED)),
    Trace(
        "read at the checkout, then bought",
        ("read awaiting_approval/awaiting-payment", PAID, STARTED, DELIVERED),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
    ),
    Trace(
        "read once it was delivered",
        (PAID, STARTED, DELIVERED, "read delivered/delivered"),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
    ),
    Trace(
        "a payment that was taken back",
        (PAID, FAILED),
        (L.CANCELLED, C.PAYMENT_FAILED, P.FAILED, F.UNFULFILLED),
        "a payment that failed after it had succeeded looks like a failed first try that was told late",
    ),
    Trace(
        "delivered at the second try",
        (PAID, UNDELIVERED, DELIVERED),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
        "a delivery that succeeded after it had failed looks like one that failed after it had succeeded",
    ),
    Trace(
        "lost after it had been delivered",
        (PAID, DELIVERED, UNDELIVERED),
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED),
        "a delivery that failed after it had succeeded looks like one that succeeded after it had failed",
    ),
    Trace(
        "lost after it had been delivered, and read",
        (DELIVERED, UNDELIVERED, "read cancelled/succeeded"),
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED),
        "told after the read, the delivery looks like a second try that succeeded",
    ),
    Trace("placed and paid", (CREATED, UPDATED, "read paid"), (L.OPEN, None, P.PAID, None)),
    Trace("refunded in part", (CREATED, REFUNDED), (L.OPEN, None, P.PARTIALLY_REFUNDED, None)),
    Trace(
        "refunded in part, and read before",
        (CREATED, "read paid", REFUNDED),
        (L.OPEN, None, P.PARTIALLY_REFUNDED, None),
    ),
    Trace(
        "refunded in two parts, which is all",
        (CREATED, REFUNDED, REFUNDED, "read refunded"),
        (L.OPEN, None, P.REFUNDED, None),
    ),
    Trace("cancelled", (CREATED, UPDATED, CANCELLED), (L.CANCELLED, C.UNSPECIFIED, None, F.UNFULFILLED)),
    Trace(
        "cancelled, and read before",
        (CREATED, "read created", CANCELLED),
        (L.CANCELLED, C.UNSPECIFIED, None, F.UNFULFILLED),
    ),
    Trace(
        "paid, cancelled, and all of it refunded",
        ("read paid", CANCELLED, REFUNDED, "read refunded"),
        (L.CANCELLED, C.UNSPECIFIED, P.REFUNDED, F.UNFULFILLED),
    ),
)


def arrivals(trace: Trace) -> Iterator[tuple[str, ...]]:
    """Yield each order in which a history can arrive, with and without one event that comes twice.

    An event may come late, after any read; none comes before a read that was made before it happened.
    """
    places = list(range(len(trace.steps)))
    reads = [place for place in places if trace.steps[place].startswith("read ")]
    events = [place for place in places if place not in reads]
    found: dict[tuple[str, ...], None] = {}
    for more in ([], *([place] for place in events)):
        for order in itertools.permutations(places + more):
            passed = (place > made for made in reads for place in order[: order.index(made)])
            if not any(passed):
                found[tuple(trace.steps[place] for place in order)] = None
    return iter(found)


def wrong(trace: Trace) -> list[tuple[tuple[str, ...], Status]]:
    """Return the orders of arrival that end wrong, with what they end as."""
    ends = [(steps, ours(steps)) for steps in arrivals(trace)]
    return [(steps, status) for steps, status in ends if claims(status) != trace.right]


@pytest.mark.parametrize("trace", [each for each in TRACES if not each.backwards], ids=lambda trace: trace.name)
def test_a_history_that_moves_forward_ends_right_in_every_order(trace: Trace) -> None:
    """However late its events come, and whichever comes twice."""
    assert [] == wrong(trace)


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_a_history_in_its_own_order_ends_right_or_is_known(trace: Trace) -> None:
    """The trace itself, as it happened, is what last-write-wins is right about too."""
    assert trace.right == claims(last_write_wins(trace.steps))


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_no_order_of_arrival_reports_delivered_beside_cancelled_as_a_plain_fact(trace: Trace) -> None:
    """Where both were told, the conflict is told as well."""
    ends = [ours(steps) for steps in arrivals(trace)]
    both = [each for each in ends if each.lifecycle is L.CANCELLED and each.fulfillment is F.DELIVERED]
    assert [] == [each for each in both if A.AXIS_CONFLICT not in each.attention]


def test_the_orders_of_arrival_are_all_and_different() -> None:
    """Three events: 6 orders, and 4! / 2 with each of them twice; a read comes before what happened after it."""
    assert 6 + 3 * 12 == len(list(arrivals(TRACES[0])))
    first = list(arrivals(Trace("", (CREATED, "read paid", REFUNDED), (None, None, None, None))))
    assert (CREATED, "read paid", REFUNDED) in first
    assert ("read paid", REFUNDED, CREATED) in first
    assert [] == [steps for steps in first if REFUNDED in steps[: steps.index("read paid")]]


def figures() -> tuple[int, int, int]:
    """Return how many orders of arrival there are, and how many end wrong by last-write-wins and by ours."""
    told = [(trace, steps) for trace in TRACES for steps in arrivals(trace)]
    naive = sum(claims(last_write_wins(steps)) != trace.right for trace, steps in told)
    return len(told), naive, sum(len(wrong(trace)) for trace in TRACES)


def unmarked(status: Status) -> bool:
    """Tell whether nothing sends a person to look at a status."""
    return not {A.AXIS_CONFLICT, A.SNAPSHOT_REGRESSED} & set(status.attention)


def words(status: Status) -> str:
    """Return a status in one line."""
    reason = f" [{status.cancel_reason}]" if status.cancel_reason else ""
    told = [f"{status.lifecycle}{reason}" if status.lifecycle else None, status.payment, status.fulfillment]
    attention = f" ({', '.join(sorted(status.attention))})" if status.attention else ""
    return " / ".join(each or "\u2013" for each in told) + attention


def known_wrong() -> str:
    """Return the list of what ends wrong, and why."""
    total, naive, found = figures()
    silent = sum(unmarked(status) for trace in TRACES for _, status in wrong(trace))
    lines = [
        "# Histories that end wrong",
        "",
        "Printed by `python tests/webhooks/test_history.py`, and held by the tests; not edited by hand.",
        "",
        f"{len(TRACES)} histories, in every order in which their events can arrive, with and without one that comes",
        f"twice, are {total} sequences. Last-write-wins ends wrong in {naive}, `ordermux.status_merge` in {found}.",
        "All of these are of histories that really move backwards, so that the order is to be read where it can be,",
        f"and all but {silent} bear an attention.",
    ]
    for trace in TRACES:
        ends = wrong(trace)
        if not ends:
            continue
        lifecycle, reason, payment, fulfillment = trace.right
        right = Status(lifecycle=lifecycle, cancel_reason=reason, payment=payment, fulfillment=fulfillment)
        count = len(list(arrivals(trace)))
        lines += ["", f"## {trace.name[0].upper()}{trace.name[1:]}: {len(ends)} of {count}", ""]
        lines += [f"Since {trace.backwards}.", "", f"Right is: {words(right)}", ""]
        for end, number in Counter(words(status) for _, status in ends).items():
            lines += [f"{number} end as {end}:", ""]
            lines += [f"- {', '.join(steps)}" for steps, status in ends if words(status) == end]
            lines.append("")
        lines.pop()
    return "\n".join(lines) + "\n"


def test_what_ends_wrong_is_listed() -> None:
    """Nothing that is not known ends wrong, and what is mended is taken off the list."""
    cure = "run python tests/webhooks/test_history.py, and look at what changed"
    assert KNOWN_WRONG.read_text(encoding="utf-8") == known_wrong(), cure


def test_the_fold_is_better_by_far_than_last_write_wins() -> None:
    """Which ends wrong in more than half of all sequences, five times as many."""
    total, naive, found = figures()
    assert total > 1_000
    assert naive > total / 2
    assert naive > 5 * found


def main() -> None:
    """Print the figures, and write the list."""
    rows: list[list[str]] = []
    for trace in TRACES:
        told = list(arrivals(trace))
        naive = sum(claims(last_write_wins(steps)) != trace.right for steps in told)
        ends = wrong(trace)
        silent = sum(unmarked(status) for _, status in ends)
        rows.append([trace.name, *map(str, (len(told), naive, len(ends), silent))])
    rows.append(["all", *(str(sum(int(row[column]) for row in rows)) for column in range(1, 5))])
    head = ["history", "sequences", "wrong by last-write-wins", "wrong by ours", "of those without attention"]
    sys.stdout.write(table(head, rows) + "\n")
    KNOWN_WRONG.write_text(known_wrong(), encoding="utf-8")


if __name__ == "__main__":
    main()
