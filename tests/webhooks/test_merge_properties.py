"""What holds of the merge of statuses whatever comes: events and reads of any number, in any order."""

from __future__ import annotations

import attrs
import hypothesis
from hypothesis import strategies as st
from webhooks.fuzz import ACCOUNTS, NOW, receiver

from ordermux.order import Order, OrderRef
from ordermux.providers.crossmint import adapter as crossmint
from ordermux.providers.cryptum import adapter as cryptum
from ordermux.providers.zephyr import adapter as zephyr
from ordermux.status import NOT_REPORTED, Attention, Hold, Status, in_order
from ordermux.status_merge import apply_event, merge_event, merge_snapshot
from ordermux.webhooks import delivery
from support.arrivals import CREATED, EVENTS, REFUNDED, A, C, Claims, F, L, P, claims, event, ours, read
from support.document_checker import documents

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
