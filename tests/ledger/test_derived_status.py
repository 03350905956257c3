"""The status that follows from a ledger, and where nothing must follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ordermux import CancelReason, Fulfillment, Hold, Ledger, Lifecycle, Money, Payment, Status
from ordermux.ledger import NOT_SHOWN, AdjustmentKind, EntryState, PaymentEntry, PaymentKind
from ordermux.ledger_status import combined, derived, with_ledger
from ordermux.status import Attention, Basis, Evidence
from support.ledgers import adjustment, authorization, charge, dispute, line, paid, refund, shipped, units, usd

P, F, S, K = Payment, Fulfillment, EntryState, AdjustmentKind
HUNDRED = usd(100)


def shown(payments: tuple[PaymentEntry, ...]) -> Ledger:
    """Return a ledger with these payments, which shows that there are no adjustments."""
    return Ledger(payments=payments, adjustments=())


PAYMENTS: list[tuple[str, Ledger, Money | None, Payment | None]] = [
    ("captured, and refunds are not shown", Ledger(payments=(charge("100"),)), HUNDRED, None),
    ("nothing captured, and refunds are not shown", Ledger(payments=()), HUNDRED, P.PENDING),
    ("nothing is shown", NOT_SHOWN, HUNDRED, None),
    ("the payments are not shown", Ledger(adjustments=()), HUNDRED, None),
    ("there is no payment", shown(()), HUNDRED, P.PENDING),
    ("a payment is pending", shown((charge("100", S.PENDING),)), HUNDRED, P.PROCESSING),
    ("each payment failed", shown((charge("100", S.FAILED),)), HUNDRED, P.FAILED),
    (
        "a payment failed before one succeeded",
        shown((charge("100", S.FAILED), charge("100"))),
        HUNDRED,
        P.PAID,
    ),
    ("authorized", shown((authorization("100"),)), HUNDRED, P.AUTHORIZED),
    ("authorized and captured", shown((authorization("100"), charge("100"))), HUNDRED, P.PAID),
    (
        "authorized and captured in part by one payment",
        shown((charge("100", kind=PaymentKind.AUTHORIZATION, id="p"), charge("40", id="p"))),
        HUNDRED,
        P.PARTIALLY_PAID,
    ),
    ("captured in part", shown((charge("40"),)), HUNDRED, P.PARTIALLY_PAID),
    ("captured in two parts", shown((charge("40"), charge("60"))), HUNDRED, P.PAID),
    ("overpaid", shown((charge("100.01"),)), HUNDRED, P.OVERPAID),
    ("a zero total", Ledger(payments=(), adjustments=()), usd(0), P.PAID),
    ("a zero total, and its payments not shown", Ledger(adjustments=()), usd(0), None),
    ("a zero total is not refunded by no refund", paid(amount="0"), usd(0), P.PAID),
    ("refunded in part", paid(refund("30")), HUNDRED, P.PARTIALLY_REFUNDED),
    ("refunded over several parts", paid(refund("30"), refund("30"), refund("40")), HUNDRED, P.REFUNDED),
    ("refunded over parts of thirds", paid(refund("33.33"), refund("33.33"), refund("33.34")), HUNDRED, P.REFUNDED),
    (
        "thirds that leave a cent",
        paid(refund("33.33"), refund("33.33"), refund("33.33")),
        HUNDRED,
        P.PARTIALLY_REFUNDED,
    ),
    ("what was captured in part is refunded", paid(refund("40"), amount="40"), HUNDRED, P.REFUNDED),
    ("a pending refund is no refund", paid(refund("100", S.PENDING)), HUNDRED, P.PAID),
    ("a failed refund is no refund", paid(refund("100", S.FAILED)), HUNDRED, P.PAID),
    ("a refund whose state is not shown", paid(refund("100", None)), HUNDRED, None),
    ("a refund whose state is an unknown word", paid(refund("100", S.UNKNOWN)), HUNDRED, None),
    ("a refund whose amount is not shown", paid(refund(None)), HUNDRED, None),
    ("a charge whose amount is not shown", shown((charge(None),)), HUNDRED, None),
    (
        "one refund that is listed twice",
        paid(refund("50", id="r"), refund("50", id="r")),
        HUNDRED,
        P.PARTIALLY_REFUNDED,
    ),
    (
        "one refund that is listed pending and completed",
        paid(refund("100", S.PENDING, id="r"), refund("100", id="r")),
        HUNDRED,
        P.REFUNDED,
    ),
    ("two equal refunds without ids", paid(refund("50"), refund("50")), HUNDRED, P.REFUNDED),
    ("a refund in another currency", paid(refund(Money(100, "EUR"))), HUNDRED, None),
    ("a charge in another currency", shown((charge(Money(100, "usdc")),)), HUNDRED, None),
    (
        "a currency whose minor unit is not known",
        shown((charge(Money("1.5", "usdxm")),)),
        Money("1.50", "usdxm"),
        P.PAID,
    ),
    ("a credit gives no money back", paid(adjustment(K.CREDIT, "100")), HUNDRED, P.PAID),
    ("a price adjustment gives no money back", paid(adjustment(K.PRICE_ADJUSTMENT, "100")), HUNDRED, P.PAID),
    ("a dispute that is open", paid(dispute("100", S.PENDING)), HUNDRED, P.PAID),
    ("a dispute that was won", paid(dispute("100", S.FAILED)), HUNDRED, P.PAID),
    ("a dispute that was lost", paid(dispute("100", S.COMPLETED)), HUNDRED, P.REFUNDED),
    ("the total is not shown", paid(), None, None),
    ("the total is not shown, and all was refunded", paid(refund("100")), None, P.REFUNDED),
    ("the sum of the refunds is shown", paid(refunded=usd(100)), HUNDRED, P.REFUNDED),
    ("refunds alone, of a part", Ledger(adjustments=(refund("30"),)), HUNDRED, P.PARTIALLY_REFUNDED),
    ("refunds alone, of all", Ledger(adjustments=(refund("100"),)), HUNDRED, P.REFUNDED),
    ("a part that events told", Ledger(payments=(charge("40"),), is_partial=True), HUNDRED, None),
    ("all that events told", Ledger(payments=(charge("100"),), adjustments=(), is_partial=True), HUNDRED, P.PAID),
]


@pytest.mark.parametrize(
    ("ledger", "total", "payment"), [each[1:] for each in PAYMENTS], ids=[each[0] for each in PAYMENTS]
)
def test_the_payment_status_of_a_ledger(ledger: Ledger, total: Money | None, payment: Payment | None) -> None:
    """It follows from completed amounts alone; where one is not certain, nothing does."""
    status = derived(ledger, total)
    assert payment is status.payment
    assert () == status.attention
    assert [FIELD] * bool(payment) == [entry.field for entry in status.evidence if entry.axis == "payment"]


FIELD = "ledger"

GOODS: list[tuple[str, Ledger, Fulfillment | None]] = [
    ("no line is shown", NOT_SHOWN, None),
    ("there are no lines", Ledger(lines=()), None),
    ("shipping alone", Ledger(lines=(), payments=(charge("5"),)), None),
    ("quantities are not shown", Ledger(lines=(line(None, None),)), None),
    ("what was fulfilled is not shown", Ledger(lines=(line(2, None),)), None),
    ("nothing was shipped", Ledger(lines=(line(2),)), F.UNFULFILLED),
    ("it is being packed", Ledger(lines=(line(2),), fulfillments=shipped(F.IN_PROGRESS)), F.IN_PROGRESS),
    ("a part was shipped", Ledger(lines=(line(2, 1),)), F.PARTIALLY_FULFILLED),
    ("one line of two was shipped", Ledger(lines=(line(1, 1), line(1))), F.PARTIALLY_FULFILLED),
    ("all was shipped", Ledger(lines=(line(2, 2), line(1, 1))), F.FULFILLED),
    ("a cancelled line beside a fulfilled one", Ledger(lines=(line(2, 2), line(1, removed=1))), F.FULFILLED),
    (
        "a cancelled line whose fulfillment is not shown",
        Ledger(lines=(line(2, 2), line(1, None, removed=1))),
        F.FULFILLED,
    ),
    ("a part of a line was cancelled", Ledger(lines=(line(3, 2, removed=1),)), F.FULFILLED),
    (
        "a line that a cancellation is about",
        Ledger(lines=(line(2, 2), line(1, line_id="b")), adjustments=(units(K.CANCELLATION, b=1),)),
        F.FULFILLED,
    ),
    ("decimal quantities", Ledger(lines=(line("0.3", "0.1"), line("0.5", "0.5"))), F.PARTIALLY_FULFILLED),
    ("decimal quantities that are all", Ledger(lines=(line("0.30", "0.3"),)), F.FULFILLED),
    ("lines of none alone", Ledger(lines=(line(0),)), None),
    ("a line of none", Ledger(lines=(line(0), line(1, 1))), F.FULFILLED),
    ("all arrived", Ledger(lines=(line(2, 2),), fulfillments=shipped(F.DELIVERED, F.DELIVERED)), F.DELIVERED),
    ("a part arrived", Ledger(lines=(line(2, 2),), fulfillments=shipped(F.DELIVERED, F.FULFILLED)), F.FULFILLED),
    (
        "a failed shipment was replaced",
        Ledger(lines=(line(1, 1),), fulfillments=shipped(F.FAILED, F.DELIVERED)),
        F.DELIVERED,
    ),
    ("all arrived of a part", Ledger(lines=(line(2, 1),), fulfillments=shipped(F.DELIVERED)), F.PARTIALLY_FULFILLED),
    ("shipped, and no shipment is shown", Ledger(lines=(line(1, 1),), fulfillments=()), F.FULFILLED),
    ("a part came back", Ledger(lines=(line(2, 2, returned=1),)), F.PARTIALLY_RETURNED),
    ("all came back", Ledger(lines=(line(2, 2, returned=2),)), F.RETURNED),
    ("all of a part came back", Ledger(lines=(line(2, 1, returned=1),)), F.PARTIALLY_RETURNED),
    (
        "a line that a return is about",
        Ledger(lines=(line(2, 2, line_id="a"),), adjustments=(units(K.RETURN, a=2),)),
        F.RETURNED,
    ),
    ("a refund of money returns no goods", Ledger(lines=(line(2, 2),), adjustments=(refund("100"),)), F.FULFILLED),
    (
        "a return that failed",
        Ledger(lines=(line(1, 1, line_id="a"),), adjustments=(adjustment(K.RETURN, None, S.FAILED),)),
        F.FULFILLED,
    ),
    ("shipments without quantities", Ledger(lines=(line(1, None),), fulfillments=shipped(F.DELIVERED)), None),
]


@pytest.mark.parametrize(("ledger", "fulfillment"), [each[1:] for each in GOODS], ids=[each[0] for each in GOODS])
def test_the_fulfillment_status_of_a_ledger(ledger: Ledger, fulfillment: Fulfillment | None) -> None:
    """It follows from units, of which those that were taken off the order do not count."""
    status = derived(ledger, None)
    assert (fulfillment, None) == (status.fulfillment, status.lifecycle)
    assert () == status.attention


@pytest.mark.parametrize("removed", [{"removed": 2}, {}])
def test_an_order_of_which_each_line_was_removed_is_cancelled(removed: dict[str, Any]) -> None:
    """Nothing of it was shipped."""
    ledger = Ledger(lines=(line(2, line_id="a", **removed),), adjustments=(units(K.CANCELLATION, a=2),))
    status = derived(ledger, None)
    found = (status.lifecycle, status.cancel_reason, status.fulfillment)
    assert (Lifecycle.CANCELLED, CancelReason.UNSPECIFIED, F.UNFULFILLED) == found


CONTRADICTIONS: list[tuple[str, Ledger, Payment | None, Fulfillment | None]] = [
    ("more was refunded than captured", paid(refund("60"), refund("50")), P.REFUNDED, None),
    (
        "refunded before it was captured",
        Ledger(payments=(authorization("100"),), adjustments=(refund("10"),)),
        None,
        None,
    ),
    ("a negative refund", paid(refund("-10")), None, None),
    ("a negative charge", Ledger(payments=(charge("-100"),)), None, None),
    ("more was removed than ordered", Ledger(lines=(line(1, removed=2),)), None, None),
    ("a negative quantity", Ledger(lines=(line(-1),)), None, None),
    ("a quantity that is no number", Ledger(lines=(line("NaN"),)), None, None),
    ("a fulfilled quantity that is no number", Ledger(lines=(line(1, "sNaN"),)), None, None),
    ("a negative fulfilled quantity", Ledger(lines=(line(1, -1),)), None, None),
    ("more was returned than shipped", Ledger(lines=(line(2, 1, returned=2),)), None, F.PARTIALLY_RETURNED),
    ("more was shipped than ordered", Ledger(lines=(line(2, 3),)), None, F.FULFILLED),
    ("what was removed had been shipped", Ledger(lines=(line(2, 2, removed=1),)), None, F.FULFILLED),
]


@pytest.mark.parametrize(
    ("ledger", "payment", "fulfillment"),
    [each[1:] for each in CONTRADICTIONS],
    ids=[each[0] for each in CONTRADICTIONS],
)
def test_a_ledger_that_contradicts_itself_is_marked(
    ledger: Ledger, payment: Payment | None, fulfillment: Fulfillment | None
) -> None:
    """Somebody has to look; what is certain all the same is said."""
    status = derived(ledger, HUNDRED)
    assert (payment, fulfillment) == (status.payment, status.fulfillment)
    assert (Attention.LEDGER_CONFLICT,) == status.attention


def test_an_open_dispute_is_a_hold() -> None:
    """Of several, one that is open is enough; once each has ended, the hold is over."""
    won, lost, is_open = (dispute("10", state, id=state) for state in (S.FAILED, S.COMPLETED, S.PENDING))
    assert ((Hold.DISPUTE,), ()) == _holds(paid(won, is_open))
    assert ((), (Hold.DISPUTE,)) == _holds(paid(won, lost))
    assert ((), ()) == _holds(paid())


def test_a_dispute_whose_state_is_not_shown_is_open() -> None:
    """So that somebody looks."""
    assert ((Hold.DISPUTE,), ()) == _holds(paid(dispute(None, None)))


def _holds(ledger: Ledger) -> tuple[tuple[Hold, ...], tuple[Hold, ...]]:
    status = derived(ledger, HUNDRED)
    return status.holds, status.ended_holds


def test_no_amount_is_computed_from_the_lines() -> None:
    """Prices of lines are rounded: three at 3.33 are no 10.00."""
    lines = (line(3, unit_price=usd("3.33")),)
    assert P.PAID is derived(paid(amount="10.00", lines=lines), usd("10.00")).payment
    assert None is derived(paid(amount="10.00", lines=lines), None).payment


# Beside the provider's own word.


def said(**axes: Any) -> Status:
    """Return the status that a provider's word says."""
    evidence = tuple(Evidence(axis, value, "status", value, Basis.DOCUMENTED) for axis, value in axes.items())
    return Status(**axes, evidence=evidence)


def follows(**axes: Any) -> Status:
    """Return the status that follows from a ledger."""
    evidence = tuple(Evidence(axis, value, "ledger", "…", Basis.IMPLIED) for axis, value in axes.items())
    return Status(**axes, evidence=evidence)


RULES: list[tuple[str, Status, Status, str | None, list[str], bool]] = [
    ("no word", said(), follows(payment=P.PAID), P.PAID, ["ledger"], False),
    ("an unknown word", said(payment=P.UNKNOWN), follows(payment=P.PAID), P.PAID, ["ledger"], False),
    ("no ledger", said(payment=P.PAID), follows(), P.PAID, ["status"], False),
    ("the same", said(payment=P.PAID), follows(payment=P.PAID), P.PAID, ["status"], False),
    ("more of the same", said(payment=P.PAID), follows(payment=P.REFUNDED), P.REFUNDED, ["ledger"], False),
    ("a pending payment", said(payment=P.PENDING), follows(payment=P.PROCESSING), P.PENDING, ["status"], False),
    ("less", said(payment=P.REFUNDED), follows(payment=P.PAID), P.REFUNDED, ["status", "ledger"], True),
    ("another", said(payment=P.FAILED), follows(payment=P.PAID), P.FAILED, ["status", "ledger"], True),
    ("paid in part", said(payment=P.PAID), follows(payment=P.PARTIALLY_PAID), P.PAID, ["status", "ledger"], True),
]


@pytest.mark.parametrize(
    ("word", "ledger", "payment", "fields", "differs"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES]
)
def test_a_word_and_a_ledger(
    word: Status, ledger: Status, payment: str | None, fields: list[str], *, differs: bool
) -> None:
    """The word wins, unless the ledger says all that it says and more; where they differ, both are shown."""
    status = combined(word, ledger)
    assert payment == status.payment
    assert fields == [entry.field for entry in status.evidence]
    assert differs == (Attention.LEDGER_CONFLICT in status.attention)


@pytest.mark.parametrize("more", [F.DELIVERED, F.PARTIALLY_RETURNED, F.RETURNED])
def test_the_ledger_says_more_of_goods_that_were_shipped(more: Fulfillment) -> None:
    """That they arrived, or came back."""
    status = combined(said(fulfillment=F.FULFILLED), follows(fulfillment=more))
    assert (more, ()) == (status.fulfillment, status.attention)


def test_a_cancelled_order_whose_word_is_open_keeps_the_word() -> None:
    """And has no reason of a cancellation."""
    ledger = Ledger(lines=(line(1, removed=1),))
    status = with_ledger(said(lifecycle=Lifecycle.OPEN), ledger, None)
    assert (Lifecycle.OPEN, None) == (status.lifecycle, status.cancel_reason)
    assert (Attention.LEDGER_CONFLICT,) == status.attention


def test_the_ledger_ends_the_hold_of_a_dispute() -> None:
    """A word may lag behind."""
    word = Status(holds=(Hold.DISPUTE, Hold.REVIEW))
    status = with_ledger(word, paid(dispute("10", S.FAILED, id="d")), HUNDRED)
    assert ((Hold.REVIEW,), (Hold.DISPUTE,)) == (status.holds, status.ended_holds)


def test_combining_twice_changes_nothing() -> None:
    """A status that has the ledger's part already is the same after it."""
    ledger = paid(refund("30"), dispute("10", S.PENDING), lines=(line(2, 1),))
    once = with_ledger(said(lifecycle=Lifecycle.OPEN, fulfillment=F.FULFILLED), ledger, HUNDRED)
    assert once == with_ledger(once, ledger, HUNDRED)


def test_a_long_sum_is_exact() -> None:
    """Whatever the precision of decimals is set to elsewhere."""
    import decimal

    total = usd("123456789012345678901234567890.01")
    with decimal.localcontext(prec=5):
        assert P.PAID is derived(shown((charge(total),)), total).payment
        cent = Money(Decimal("0.01"), "USD")
        assert P.OVERPAID is derived(shown((charge(total), charge(cent))), total).payment
