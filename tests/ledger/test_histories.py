"""Histories with amounts and units, in every order in which their events can arrive, with and without a redelivery.

`python tests/ledger/test_histories.py` prints how many sequences end wrong: where the words of the events are folded
alone, where each entry is counted as it comes, and where the ledger is folded.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from typing import TypeAlias

import attrs
import hypothesis
import pytest
from hypothesis import strategies as st

from ordermux import (
    Adjustment,
    AdjustmentKind,
    Attention,
    EntryState,
    Fulfillment,
    FulfillmentEntry,
    Hold,
    Ledger,
    LineQuantity,
    Money,
    Order,
    OrderRef,
    OrderState,
    Payment,
    PaymentEntry,
    Status,
)
from ordermux.event import Event, EventKind
from ordermux.ledger_merge import merge_ledger
from ordermux.order import RawBody
from ordermux.status import NOT_REPORTED, StatusMap, StatusMapping, documented, implied
from ordermux.status_merge import merge_event
from support.arrivals import Trace, arrivals
from support.ledgers import charge, line, usd
from support.text_table import table

P, F, S = Payment, Fulfillment, EntryState
End: TypeAlias = "tuple[Payment | None, Fulfillment | None, tuple[Hold, ...], str]"
"""Payment, fulfillment, holds, and what was given back."""
TOTAL = usd(100)
LINES = (line(2, None, line_id="a"), line(1, None, line_id="b"))
WORDS = StatusMap(
    page="https://shop.example/events",
    field="event",
    axes=(),
    rows={
        "refund": StatusMapping(payment=implied(P.PARTIALLY_REFUNDED)),
        "dispute": StatusMapping(holds=(documented(Hold.DISPUTE),)),
        "dispute ended": StatusMapping(ended_holds=(documented(Hold.DISPUTE),)),
        "ship": StatusMapping(fulfillment=implied(F.PARTIALLY_FULFILLED)),
        "return": StatusMapping(fulfillment=implied(F.PARTIALLY_RETURNED)),
    },
)
"""What the name of each event says by itself."""


def entries(step: str) -> tuple[Status, Ledger]:
    """Return what an event says by its name, and what it adds to the ledger.

    A step is such as `refund r1 30 completed`, `dispute d1 100 pending`, `ship s1 a2` or `return x1 a1`.
    """
    kind, name, what, *state = step.split()
    if kind in {"ship", "return"}:
        units = (LineQuantity(line_id=what[0], quantity=int(what[1:])),)
        if kind == "ship":
            return WORDS.lookup(kind), Ledger(
                fulfillments=(FulfillmentEntry(id=name, state=F.FULFILLED, line_items=units),), is_partial=True
            )
        adjustment = Adjustment(kind=AdjustmentKind.RETURN, id=name, state=S.COMPLETED, line_items=units)
        return WORDS.lookup(kind), Ledger(adjustments=(adjustment,), is_partial=True)
    word = {"refund completed": "refund", "dispute pending": "dispute"}.get(f"{kind} {state[0]}")
    word = "dispute ended" if kind == "dispute" and word is None else word
    adjustment = Adjustment(kind=AdjustmentKind(kind), id=name, amount=usd(what), state=EntryState(state[0]))
    return WORDS.lookup(word), Ledger(adjustments=(adjustment,), is_partial=True)


def read(refunds: Sequence[str] = ()) -> Order:
    """Return the order as it is read once it was paid, with these completed refunds: `r1 30`."""
    adjustments = tuple(
        Adjustment(kind=AdjustmentKind.REFUND, id=each.split()[0], amount=usd(each.split()[1]), state=S.COMPLETED)
        for each in refunds
    )
    ledger = Ledger(lines=LINES, payments=(charge("100"),), adjustments=adjustments, fulfillments=())
    return Order(ref=OrderRef("shop", "1"), status=Status(), total=TOTAL, line_items=LINES, ledger=ledger)


def event(step: str) -> Event:
    """Return a trusted event."""
    status, ledger = entries(step)
    now = datetime.datetime(2026, 5, 30, tzinfo=datetime.UTC)
    return Event(
        account="shop",
        provider="shop",
        id=step,
        digest=step,
        kind=EventKind.UNKNOWN,
        name=step,
        order=None,
        subject=None,
        claims=status,
        entries=ledger,
        trusted=True,
        occurred_at=now,
        received_at=now,
        native=None,
        source=RawBody(b"{}", bytes),
    )


def folded(steps: Sequence[str]) -> OrderState:
    """Return what is known after a read of the paid order, and events."""
    known = OrderState.of(read())
    for step in steps:
        known = known.after(event(step), read(step.split(", ")[1:]) if step.startswith("read") else None)
    return known


def ours(steps: Sequence[str]) -> End:
    """Return what the ledger ends as."""
    known = folded(steps)
    back = sum(
        each.amount.amount
        for each in known.ledger.adjustments or ()
        if each.kind is AdjustmentKind.REFUND and each.state is S.COMPLETED and each.amount is not None
    )
    return known.status.payment, known.status.fulfillment, known.status.holds, str(back)


def words_alone(steps: Sequence[str]) -> End:
    """Return what the words of the events end as; amounts are not looked at."""
    status = Status(payment=P.PAID, fulfillment=F.UNFULFILLED)
    for step in steps:
        status = merge_event(status, entries(step)[0])
    return status.payment, status.fulfillment, status.holds, ""


def counted(steps: Sequence[str]) -> End:
    """Return what comes of adding up what comes, as most code does it: a counter of money, of units and of disputes."""
    money = sent = back = disputes = 0
    for step in steps:
        kind, _, what, *state = step.split()
        if kind == "refund":
            money += {"completed": int(what), "failed": -int(what)}.get(state[0], 0)
        sent += int(what[1:]) if kind == "ship" else 0
        back += int(what[1:]) if kind == "return" else 0
        disputes += (1 if state == ["pending"] else -1) if kind == "dispute" else 0
    payment = P.REFUNDED if money >= 100 else P.PARTIALLY_REFUNDED if money > 0 else P.PAID
    fulfillment = F.FULFILLED if sent >= 3 else F.PARTIALLY_FULFILLED if sent else F.UNFULFILLED
    if back:
        fulfillment = F.RETURNED if back >= 3 else F.PARTIALLY_RETURNED
    return payment, fulfillment, (Hold.DISPUTE,) if disputes > 0 else (), str(money)


def made(name: str, steps: tuple[str, ...], right: End) -> tuple[Trace, End]:
    """Return a history; a trace's own claims are of other tests."""
    return Trace(name, steps, (None, None, None, None)), right


HISTORIES = (
    made("refunded in part", ("refund r1 30 completed",), (P.PARTIALLY_REFUNDED, F.UNFULFILLED, (), "30")),
    made(
        "refunded in three parts",
        ("refund r1 30 completed", "refund r2 30 completed", "refund r3 40 completed"),
        (P.REFUNDED, F.UNFULFILLED, (), "100"),
    ),
    made(
        "a refund that was pending",
        ("refund r1 100 pending", "refund r1 100 completed"),
        (P.REFUNDED, F.UNFULFILLED, (), "100"),
    ),
    made("a refund that fails", ("refund r1 30 pending", "refund r1 30 failed"), (P.PAID, F.UNFULFILLED, (), "0")),
    made(
        "a refund that comes back from the bank",
        ("refund r1 30 pending", "refund r1 30 completed", "refund r1 30 failed"),
        (P.PAID, F.UNFULFILLED, (), "0"),
    ),
    made(
        "a refund that fails, and is made again",
        ("refund r1 100 pending", "refund r1 100 failed", "refund r2 100 completed"),
        (P.REFUNDED, F.UNFULFILLED, (), "100"),
    ),
    made("delivered in part", ("ship s1 a1",), (P.PAID, F.PARTIALLY_FULFILLED, (), "0")),
    made("delivered in three parts", ("ship s1 a1", "ship s2 a1", "ship s3 b1"), (P.PAID, F.FULFILLED, (), "0")),
    made(
        "delivered, and a part returned",
        ("ship s1 a2", "ship s2 b1", "return x1 a1"),
        (P.PAID, F.PARTIALLY_RETURNED, (), "0"),
    ),
    made(
        "delivered, and all returned and refunded",
        ("ship s1 a2", "ship s2 b1", "return x1 a2", "return x2 b1", "refund r1 100 completed"),
        (P.REFUNDED, F.RETURNED, (), "100"),
    ),
    made("disputed", ("dispute d1 100 pending",), (P.PAID, F.UNFULFILLED, (Hold.DISPUTE,), "0")),
    made(
        "disputed, and won",
        ("dispute d1 100 pending", "dispute d1 100 failed"),
        (P.PAID, F.UNFULFILLED, (), "0"),
    ),
    made(
        "disputed, and lost",
        ("dispute d1 100 pending", "dispute d1 100 completed"),
        (P.REFUNDED, F.UNFULFILLED, (), "0"),
    ),
    made(
        "disputed again after the first dispute was won",
        ("dispute d1 60 pending", "dispute d1 60 failed", "dispute d2 40 pending"),
        (P.PAID, F.UNFULFILLED, (Hold.DISPUTE,), "0"),
    ),
    made(
        "refunded in part, delivered in part, and disputed",
        ("refund r1 30 completed", "ship s1 a2", "dispute d1 70 pending"),
        (P.PARTIALLY_REFUNDED, F.PARTIALLY_FULFILLED, (Hold.DISPUTE,), "30"),
    ),
)


@pytest.mark.parametrize(("trace", "right"), HISTORIES, ids=[trace.name for trace, _ in HISTORIES])
def test_a_history_ends_right_in_every_order(trace: Trace, right: End) -> None:
    """However late its events come, and whichever comes twice; nothing is counted twice, and nothing is a conflict."""
    assert [] == [steps for steps in arrivals(trace) if right != ours(steps)]
    assert () == folded(trace.steps).status.attention


def wrong() -> list[tuple[str, int, int, int, int]]:
    """Return for each history the number of sequences, and of those that end wrong: by words, by counting, by ours."""
    found: list[tuple[str, int, int, int, int]] = []
    for trace, right in HISTORIES:
        sequences = list(arrivals(trace))
        by_words = sum(words_alone(steps)[:3] != right[:3] for steps in sequences)
        by_counting = sum(counted(steps) != right for steps in sequences)
        found.append(
            (trace.name, len(sequences), by_words, by_counting, sum(ours(steps) != right for steps in sequences))
        )
    return found


def test_the_ledger_is_better_than_words_and_than_counting() -> None:
    """Both end wrong in hundreds of the sequences, and the ledger in none."""
    rows = wrong()
    _, *columns = zip(*rows, strict=True)
    total, by_words, by_counting, by_ours = (sum(map(int, column)) for column in columns)
    assert (0, True, True) == (by_ours, by_words > total / 4, by_counting > total / 5)


_STEPS = st.sampled_from(sorted({step for trace, _ in HISTORIES for step in trace.steps}))


@hypothesis.given(st.lists(_STEPS, max_size=7), st.data())
def test_events_of_any_kind_are_a_set(steps: list[str], data: st.DataObject) -> None:
    """Neither their order nor redeliveries change the ledger or the status that follows."""
    other = data.draw(st.permutations(steps))
    again = data.draw(st.lists(st.sampled_from(steps), max_size=3)) if steps else []
    one, two = folded(steps), folded([*other, *again])
    assert one.ledger == two.ledger
    assert _settled(one) == _settled(two)


def _settled(known: OrderState) -> tuple[object, ...]:
    status = known.status
    return status.payment, status.fulfillment, status.holds, status.ended_holds, set(status.attention)


_IDS, _AMOUNTS = st.sampled_from(["a", "b"]), st.integers(1, 3).map(usd)
_ADJUSTMENTS = st.builds(
    Adjustment, kind=st.just(AdjustmentKind.REFUND), id=_IDS, amount=_AMOUNTS, state=st.sampled_from(EntryState)
)
_PAYMENTS = st.builds(PaymentEntry, id=_IDS, amount=_AMOUNTS, state=st.sampled_from(EntryState))
_PARTS = st.builds(
    Ledger,
    payments=st.none() | st.lists(_PAYMENTS, max_size=3).map(tuple),
    adjustments=st.none() | st.lists(_ADJUSTMENTS, max_size=3).map(tuple),
    is_partial=st.just(True),
)


@hypothesis.given(_PARTS, _PARTS, _PARTS)
def test_merging_is_commutative_associative_and_idempotent(one: Ledger, two: Ledger, three: Ledger) -> None:
    """Also if one entry is told with several amounts and states."""
    start = Ledger(payments=(), adjustments=(), is_partial=True)

    def merged(*parts: Ledger) -> Ledger:
        known = start
        for part in parts:
            known = merge_ledger(known, part)
        return known

    assert merged(one, two, three) == merged(three, one, two) == merged(two, one, three, three, one)


def test_one_refund_that_is_told_with_two_amounts_is_marked() -> None:
    """Whichever came first: the larger amount stands, so that no more is given back than is left."""
    for steps in (
        ["refund r1 30 completed", "refund r1 40 completed"],
        ["refund r1 40 completed", "refund r1 30 completed"],
        ["refund r1 30 pending", "refund r1 40 completed"],
        ["refund r1 40 completed", "refund r1 30 pending"],
    ):
        assert ("40", (Attention.LEDGER_CONFLICT,)) == (ours(steps)[3], folded(steps).status.attention)


def test_after_events_alone_no_sum_is_known() -> None:
    """Others may be on their way; after a read it is."""
    known = folded(["refund r1 30 completed"])
    assert (None, None) == (known.refunded_total, known.refundable)
    again = known.after(event("refund r1 30 completed"), read(["r1 30"]))
    assert (usd(30), usd(70)) == (again.refunded_total, again.refundable)


def test_an_event_after_a_read_that_had_it_already_counts_once() -> None:
    """By the id."""
    known = OrderState.of(read(["r1 30"]))
    late = known.after(event("refund r1 30 completed"), None)
    assert [usd(30)] == [each.amount for each in late.ledger.adjustments or ()]
    assert P.PARTIALLY_REFUNDED is late.status.payment


def test_a_read_replaces_what_it_shows_and_leaves_the_rest() -> None:
    """A provider that does not show refunds takes back none that an event told."""
    known = folded(["refund r1 30 completed", "ship s1 a2"])
    bare = attrs.evolve(read(), ledger=Ledger(payments=(charge("100"),)))
    after = known.after(event("ship s1 a2"), bare)
    assert (known.ledger.adjustments, known.ledger.fulfillments) == (
        after.ledger.adjustments,
        after.ledger.fulfillments,
    )
    assert (LINES, True) == (after.ledger.lines, after.ledger.is_partial)
    assert () == known.after(event("ship s1 a2"), read()).ledger.adjustments


def test_what_is_not_trusted_adds_nothing() -> None:
    """Anybody may have sent it."""
    told = attrs.evolve(event("refund r1 30 completed"), trusted=False)
    known = OrderState.of(read())
    assert known == known.after(told, None)
    assert NOT_REPORTED is told.status


def test_a_state_is_a_value() -> None:
    """It is kept between two events, in a database or a file."""
    import pickle

    known = folded(["refund r1 30 completed", "dispute d1 70 pending"])
    assert known == pickle.loads(pickle.dumps(known))
    told = known.to_dict()
    assert {"amount": "100", "currency": "USD"} == told["total"]
    assert ["pending", "completed"] == [each["state"] for each in told["ledger"]["adjustments"]]
    assert Money("100", "USD") == known.total


def main() -> None:
    """Print the figures."""
    rows = [[name, *map(str, figures)] for name, *figures in wrong()]
    rows.append(["all", *(str(sum(int(row[column]) for row in rows)) for column in range(1, 5))])
    head = ["history", "sequences", "wrong by words alone", "wrong by counting", "wrong by the ledger"]
    sys.stdout.write(table(head, rows) + "\n")


if __name__ == "__main__":
    main()
