"""What was refunded of an order, and what is left: known only if all that it takes is shown."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import attrs
import hypothesis
import pytest
from hypothesis import strategies as st

from ordermux import Adjustment, Fulfillment, Ledger, Money, Order, OrderRef, Payment, Status, Unrefundable
from ordermux.ledger import NOT_SHOWN, AdjustmentKind, EntryState
from support.ledgers import adjustment, authorization, charge, dispute, line, paid, refund, shipped, usd

S, K, U = EntryState, AdjustmentKind, Unrefundable
EUR = Money(10, "EUR")


def order(ledger: Ledger, total: Money | None = usd(100), payment: Payment | None = None) -> Order:  # noqa: B008
    """Return an order with a ledger."""
    return Order(ref=OrderRef("shop", "1"), status=Status(payment=payment), total=total, ledger=ledger)


KNOWN: list[tuple[str, Order, str, str]] = [
    ("nothing refunded", order(paid()), "0", "100"),
    ("refunded in parts", order(paid(refund("30"), refund("30.50"))), "60.50", "39.50"),
    ("one refund that is listed twice", order(paid(refund("30", id="r"), refund("30", id="r"))), "30", "70"),
    ("two equal refunds without ids", order(paid(refund("30"), refund("30"))), "60", "40"),
    ("a pending refund is reserved", order(paid(refund("30", S.PENDING))), "0", "70"),
    (
        "a pending refund that failed since",
        order(paid(refund("30", S.PENDING, id="r"), refund("30", S.FAILED, id="r"))),
        "0",
        "100",
    ),
    ("a failed refund", order(paid(refund("30", S.FAILED))), "0", "100"),
    ("an open dispute is reserved", order(paid(dispute("100", S.PENDING))), "0", "0"),
    ("a lost dispute is gone", order(paid(dispute("60", S.COMPLETED))), "0", "40"),
    ("a dispute that was won", order(paid(dispute("100", S.FAILED))), "0", "100"),
    ("more refunded than captured", order(paid(refund("130"))), "130", "0"),
    ("what was captured counts, not the total", order(paid(refund("10"), amount="40")), "10", "30"),
    ("a credit is no refund", order(paid(adjustment(K.CREDIT, "30"))), "0", "100"),
    ("an unknown adjustment that failed", order(paid(adjustment(K.UNKNOWN, "30", S.FAILED))), "0", "100"),
    (
        "without payments, the word says that it was paid",
        order(Ledger(adjustments=(refund("30"),)), payment=Payment.PAID),
        "30",
        "70",
    ),
    ("the sum is shown", order(paid(refunded=usd(30))), "30", "70"),
    ("the sum is shown beside fewer refunds", order(paid(refund("10"), refunded=usd(30))), "30", "70"),
    ("the sum is shown beside more refunds", order(paid(refund("40"), refunded=usd(30))), "40", "60"),
    (
        "the sum is shown beside events",
        order(paid(refund(None, id="e"), refunded=usd(30), is_partial=True)),
        "30",
        "70",
    ),
    (
        "a currency whose minor unit is not known",
        order(Ledger(payments=(charge(Money("1.5", "usdxm")),), adjustments=()), Money("1.5", "usdxm")),
        "0",
        "1.5",
    ),
]


@pytest.mark.parametrize(("order", "refunded", "left"), [each[1:] for each in KNOWN], ids=[each[0] for each in KNOWN])
def test_what_is_known(order: Order, refunded: str, left: str) -> None:
    """Completed refunds are given back; pending ones and disputes cannot be given back a second time."""
    assert order.total is not None
    assert Money(refunded, order.total.currency) == order.refunded_total
    assert Money(left, order.total.currency) == order.refundable
    assert (U.NOTHING_LEFT if left == "0" else None) is order.unrefundable


UNKNOWN: list[tuple[str, Order, Money | None, Unrefundable]] = [
    ("nothing is shown", order(NOT_SHOWN), None, U.NOT_PAID),
    ("no refunds are shown", order(Ledger(payments=(charge("100"),))), None, U.NOT_SHOWN),
    ("no refunds are shown of what is said to be paid", order(NOT_SHOWN, payment=Payment.PAID), None, U.NOT_SHOWN),
    ("authorized", order(Ledger(payments=(authorization("100"),), adjustments=())), usd(0), U.NOT_PAID),
    ("a charge that failed", order(Ledger(payments=(charge("100", S.FAILED),), adjustments=())), usd(0), U.NOT_PAID),
    (
        "paid in part, and how much is not shown",
        order(Ledger(adjustments=()), payment=Payment.PARTIALLY_PAID),
        usd(0),
        U.NOT_PAID,
    ),
    ("a refund without an amount", order(paid(refund(None))), None, U.AMOUNT_NOT_SHOWN),
    ("a pending refund without an amount", order(paid(refund(None, S.PENDING))), usd(0), U.AMOUNT_NOT_SHOWN),
    ("a refund without a state", order(paid(refund("10", None))), None, U.STATE_NOT_SHOWN),
    ("a refund whose state is an unknown word", order(paid(refund("10", S.UNKNOWN))), None, U.STATE_NOT_SHOWN),
    ("an open dispute without an amount", order(paid(dispute(None, S.PENDING))), usd(0), U.AMOUNT_NOT_SHOWN),
    ("a dispute without a state", order(paid(dispute("10", None))), usd(0), U.STATE_NOT_SHOWN),
    ("an adjustment of an unknown kind", order(paid(adjustment(K.UNKNOWN, "10"))), None, U.KIND_UNKNOWN),
    ("a refund in another currency", order(paid(refund(EUR))), EUR, U.DIFFERENT_CURRENCIES),
    ("refunds in two currencies", order(paid(refund(EUR), refund("10"))), None, U.DIFFERENT_CURRENCIES),
    (
        "a charge in another currency",
        order(Ledger(payments=(charge(EUR),), adjustments=())),
        usd(0),
        U.DIFFERENT_CURRENCIES,
    ),
    ("a pending refund in another currency", order(paid(refund(EUR, S.PENDING))), usd(0), U.DIFFERENT_CURRENCIES),
    ("a sum in another currency", order(paid(refund("10"), refunded=EUR)), None, U.DIFFERENT_CURRENCIES),
    ("a negative refund", order(paid(refund("-10"))), None, U.INVALID_AMOUNT),
    ("events alone", order(paid(refund("10", id="e"), is_partial=True)), None, U.INCOMPLETE),
    ("a zero total", order(Ledger(adjustments=()), usd(0), Payment.PAID), usd(0), U.NOT_PAID),
]


@pytest.mark.parametrize(
    ("order", "refunded", "reason"), [each[1:] for each in UNKNOWN], ids=[each[0] for each in UNKNOWN]
)
def test_what_is_not_known(order: Order, refunded: Money | None, reason: Unrefundable) -> None:
    """It is None, never 0, and the reason is said."""
    assert (refunded, None, reason) == (order.refunded_total, order.refundable, order.unrefundable)


def test_each_reason_has_a_text() -> None:
    """For the message of an error."""
    assert len({reason.text for reason in U}) == len(U)


_AMOUNTS = st.decimals(0, 100, places=2).map(lambda amount: Money(amount, "USD"))
_REFUNDS = st.lists(st.builds(refund, _AMOUNTS, st.sampled_from([S.PENDING, S.COMPLETED, S.FAILED])), max_size=6)


@hypothesis.given(_REFUNDS)
def test_what_is_left_and_what_was_refunded_never_exceed_what_was_captured(refunds: list[Adjustment]) -> None:
    """Unless more was refunded than captured."""
    found = order(paid(*refunds))
    assert found.refundable is not None
    assert found.refunded_total is not None
    assert 0 <= found.refundable.amount <= max(Decimal(0), 100 - found.refunded_total.amount)


LEDGER = paid(
    refund("30", id="r"),
    lines=(line("1.5", 1, id="mug", line_id="a"),),
    fulfillments=shipped(Fulfillment.DELIVERED),
)


@pytest.mark.parametrize("made", [copy.copy(LEDGER), copy.deepcopy(LEDGER), pickle.loads(pickle.dumps(LEDGER))])
def test_a_ledger_is_a_value(made: Ledger) -> None:
    """Equal, hashable, frozen, and the same after a pickle."""
    assert (LEDGER, hash(LEDGER)) == (made, hash(made))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.payments = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_a_ledger_as_a_dictionary() -> None:
    """What is not shown is None, what is shown to be none is an empty list."""
    made = order(LEDGER).to_dict()
    assert [{"id": "mug", "quantity": "1.5", "line_id": "a", "fulfilled": 1, "returned": None}] == [
        {name: each[name] for name in ("id", "quantity", "line_id", "fulfilled", "returned")}
        for each in made["line_items"]
    ]
    assert "lines" not in made["ledger"]
    assert {
        "id": "r",
        "kind": "refund",
        "amount": {"amount": "30", "currency": "USD"},
        "state": "completed",
    }.items() <= (made["ledger"]["adjustments"][0].items())
    assert {"amount": "30.00", "currency": "USD"} == made["refunded_total"]
    assert {"amount": "70.00", "currency": "USD"} == made["refundable"]
    assert None is order(NOT_SHOWN).to_dict()["line_items"]
    assert [] == order(Ledger(lines=(), adjustments=())).to_dict()["line_items"]
