"""What is left of an order is not known if an entry may be missing, may count twice, or may be under way."""

from __future__ import annotations

import pytest

from ordermux import AdjustmentKind, EntryState, Ledger, Money, Order, OrderRef, OrderState, Payment, Status
from ordermux import Unrefundable as U  # noqa: N817
from ordermux.ledger_merge import merge_ledger, replace_ledger
from support.ledgers import adjustment, charge, paid, refund, usd

S, UNKNOWN = EntryState, AdjustmentKind.UNKNOWN
PAID = Ledger(payments=(charge("100"),), refunded=usd(0))
"""As it was read: a charge of all, without an id."""


def order(ledger: Ledger) -> Order:
    """Return an order of 100 dollars with a ledger."""
    return Order(ref=OrderRef("shop", "1"), status=Status(payment=Payment.PAID), total=usd(100), ledger=ledger)


def told(known: Ledger, event: Ledger) -> OrderState:
    """Return what is known of an order of 100 dollars after an event."""
    return OrderState(ledger=merge_ledger(known, event), total=usd(100))


def test_a_negative_sum_of_the_refunds_is_not_valid() -> None:
    """It would leave more than was captured."""
    found = order(Ledger(payments=(charge("100"),), refunded=usd(-5)))
    assert (None, None, U.INVALID_AMOUNT) == (found.refunded_total, found.refundable, found.unrefundable)


@pytest.mark.parametrize(
    ("entry", "left", "reason"),
    [
        (refund("30", S.UNKNOWN), None, U.STATE_NOT_SHOWN),
        (refund("30", None), usd(100), None),
        (adjustment(UNKNOWN, "30", S.PENDING), None, U.KIND_UNKNOWN),
        (adjustment(UNKNOWN, "30", S.UNKNOWN), None, U.KIND_UNKNOWN),
        (adjustment(UNKNOWN, "30"), usd(100), None),
        (adjustment(UNKNOWN, "30", None), usd(100), None),
    ],
    ids=["state unknown", "state not shown", "kind unknown, pending", "both unknown", "completed", "kind alone"],
)
def test_what_may_be_pending_is_not_in_the_sum_that_the_provider_shows(
    entry: object, left: Money | None, reason: U | None
) -> None:
    """A provider that shows no states has all refunds in its sum."""
    found = order(Ledger(payments=(charge("100"),), adjustments=(entry,), refunded=usd(0)))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert (left, reason) == (found.refundable, found.unrefundable)


def test_a_payment_that_was_read_without_an_id_and_told_with_one_does_not_count_twice() -> None:
    """It may be one payment, or two."""
    state = told(PAID, Ledger(payments=(charge("100", id="p"),), is_partial=True))
    assert (None, None) == (state.refundable, state.status.payment)


def test_a_payment_of_a_part_that_an_event_told_is_not_all_that_was_captured() -> None:
    """Others may be missing."""
    state = told(Ledger(refunded=usd(0)), Ledger(payments=(charge("40", id="p"),), is_partial=True))
    assert None is state.refundable


def test_payments_that_events_told_are_known_once_they_are_the_total() -> None:
    """No more can be missing."""
    known = Ledger(refunded=usd(0))
    for number in (1, 2, 2):
        known = merge_ledger(known, Ledger(payments=(charge("50", id=f"p{number}"),), is_partial=True))
    assert usd(100) == OrderState(ledger=known, total=usd(100)).refundable


def test_a_refund_that_was_read_without_an_id_and_told_with_one_does_not_count_twice() -> None:
    """Half of the order is refunded, not all of it."""
    state = told(paid(refund("50")), Ledger(adjustments=(refund("50", id="r"),), is_partial=True))
    assert (None, None, None) == (state.refunded_total, state.refundable, state.status.payment)


def test_refunds_that_events_told_add_up() -> None:
    """Each has an id, so that none counts twice."""
    known = paid()
    for number in (1, 2, 2):
        known = merge_ledger(known, Ledger(adjustments=(refund("50", id=f"r{number}"),), is_partial=True))
    assert Payment.REFUNDED is OrderState(ledger=known, total=usd(100)).status.payment


def read(known: Ledger, refunded: Money) -> OrderState:
    """Return what is known of an order of 100 dollars after a read that shows a sum of its refunds alone."""
    shown = Ledger(payments=(charge("100"),), refunded=refunded)
    return OrderState(ledger=replace_ledger(known, shown), total=usd(100))


@pytest.mark.parametrize(("amount", "left"), [("0", None), ("10", None), ("30", "70"), ("45", "55")])
def test_a_sum_that_is_less_than_the_refunds_that_events_told_is_not_that_of_all(amount: str, left: str | None) -> None:
    """It was read before, or some came back: neither number is right for certain."""
    known = merge_ledger(PAID, Ledger(adjustments=(refund("30", id="r"),), is_partial=True))
    state = read(known, usd(amount))
    assert (left and usd(amount), left and usd(left)) == (state.refunded_total, state.refundable)


def test_a_refund_that_an_event_told_as_pending_may_be_in_the_sum_that_was_read_since() -> None:
    """It would be taken off twice."""
    known = merge_ledger(PAID, Ledger(adjustments=(refund("30", S.PENDING, id="r"),), is_partial=True))
    assert (usd(30), None) == (read(known, usd(30)).refunded_total, read(known, usd(30)).refundable)


@pytest.mark.parametrize("known", [PAID, paid(), paid(refunded=usd(0))], ids=["a sum", "refunds", "both"])
def test_an_event_with_another_sum_leaves_none(known: Ledger) -> None:
    """Which of the two is later is not known; one with the same sum changes nothing."""
    state = told(known, Ledger(refunded=usd(10), is_partial=True))
    assert (None, None) == (state.refunded_total, state.refundable)
    same = told(known, Ledger(refunded=known.refunded))
    assert (usd(0), usd(100)) == (same.refunded_total, same.refundable)
