"""Refunding what is left of an order: read right before, refused with the reason if not known, and never made twice."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ordermux import (
    AttemptStart,
    InvalidArgument,
    LivemodeMismatch,
    Money,
    NotRefundable,
    Ordermux,
    OutcomeUnknown,
    Refund,
    Unrefundable,
    Unsupported,
    Zephyr,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from support.clients import Opening, awaiting, blocking

ORDER = f"zephyr:{SAMPLE_ORDER}"
TOTAL = Money("37.30", "USD")
REFUND, READ = "zephyr.createRefund", "zephyr.getOrder"


@pytest.fixture(params=[blocking, awaiting])
def opening(request: pytest.FixtureRequest) -> Opening:
    """Give what opens each client."""
    made: Opening = request.param
    return made


@pytest.fixture
def mux(opening: Opening, emulator: Emulator) -> Iterator[Ordermux]:
    """Give each client."""
    with opening(*emulator.accounts()) as opened:
        yield opened


def order(emulator: Emulator) -> dict[str, Any]:
    """Return the order as the shop has it."""
    found: dict[str, Any] = emulator.state("zephyr").orders[SAMPLE_ORDER]
    return found


def test_what_is_left_of_a_paid_order_is_all_of_it(emulator: Emulator, mux: Ordermux) -> None:
    """The amount is that of the refund."""
    assert TOTAL == mux.orders.get(ORDER).refundable
    refund = mux.orders.refund(ORDER, remaining=True)
    assert TOTAL == refund.amount
    assert 1 == emulator.world.effects[REFUND]
    assert "refunded" == order(emulator)["status"]


REASONS = [
    ("refunded", Unrefundable.NOTHING_LEFT, "nothing is left to refund"),
    ("partially_refunded", Unrefundable.NOT_SHOWN, "does not show what was refunded; pass an amount"),
    ("created", Unrefundable.NOT_PAID, "no payment is known"),
    ("cancelled", Unrefundable.NOT_PAID, "no payment is known"),
]


@pytest.mark.parametrize(("status", "reason", "text"), REASONS, ids=[reason[0] for reason in REASONS])
def test_what_is_not_known_is_refused_with_the_reason(
    emulator: Emulator, mux: Ordermux, status: str, reason: Unrefundable, text: str
) -> None:
    """Before anything is sent."""
    order(emulator)["status"] = status
    with pytest.raises(NotRefundable, match=text) as caught:
        mux.orders.refund(ORDER, remaining=True)
    assert (reason, False, 0) == (caught.value.reason, caught.value.applied, emulator.world.calls[REFUND])


def test_a_status_that_is_not_known_is_not_refunded(emulator: Emulator, mux: Ordermux) -> None:
    """It may mean anything."""
    emulator.world.faults.inject(READ, Fault(kind=FaultKind.UNKNOWN_STATUS, when="after"))
    with pytest.raises(NotRefundable) as caught:
        mux.orders.refund(ORDER, remaining=True)
    assert (Unrefundable.NOT_PAID, 0) == (caught.value.reason, emulator.world.calls[REFUND])


def test_with_a_key_of_ones_own_a_refusal_says_nothing_of_earlier_calls(emulator: Emulator, mux: Ordermux) -> None:
    """The refund may have been made with that key."""
    made = mux.orders.refund(ORDER, remaining=True, idempotency_key="mine")
    with pytest.raises(NotRefundable, match="nothing is known about earlier calls") as caught:
        mux.orders.refund(ORDER, remaining=True, idempotency_key="mine")
    assert (Unrefundable.NOTHING_LEFT, None) == (caught.value.reason, caught.value.applied)
    assert made.id == mux.orders.refund(ORDER, made.amount, idempotency_key="mine").id
    assert 1 == emulator.world.effects[REFUND]


def test_an_order_that_cannot_be_read_whole_is_not_refunded(emulator: Emulator, mux: Ordermux) -> None:
    """Its total may be anything."""
    body = {**order(emulator), "total_cents": "37.30"}
    emulator.world.faults.inject(READ, Fault(kind=FaultKind.STATUS, when="before", status=200, body=body))
    with pytest.raises(NotRefundable) as caught:
        mux.orders.refund(ORDER, remaining=True)
    assert (Unrefundable.NOT_PAID, 0) == (caught.value.reason, emulator.world.calls[REFUND])


def test_two_calls_that_read_the_same_remainder_have_one_key(emulator: Emulator, mux: Ordermux) -> None:
    """The first answer is lost, and the order read as before: the second call gets the refund of the first."""
    keys: list[str | None] = []
    world = emulator.world
    world.faults.inject(REFUND, Fault(kind=FaultKind.RESET, when="before", times=99))
    errors: list[OutcomeUnknown] = []
    for _ in range(2):
        with pytest.raises(OutcomeUnknown) as caught:
            mux.orders.refund(ORDER, remaining=True)
        keys.append(caught.value.key)
        errors.append(caught.value)
    assert keys[0] == keys[1]
    assert [(TOTAL, True), (TOTAL, True)] == [(error.amount, error.retryable) for error in errors]
    world.faults.clear()
    assert keys[0] == mux.orders.refund(ORDER, remaining=True).idempotency_key
    assert 1 == world.effects[REFUND]


def test_the_key_of_another_order_or_another_remainder_is_another(emulator: Emulator, mux: Ordermux) -> None:
    """Else a second refund would be answered with the first."""
    first = mux.orders.refund(ORDER, remaining=True).idempotency_key
    state = emulator.state("zephyr")
    other = state.place()["id"]
    assert first != mux.orders.refund(f"zephyr:{other}", remaining=True).idempotency_key
    state.refunded[SAMPLE_ORDER] = 0
    order(emulator).update(status="paid", total_cents=5000)
    again = mux.orders.refund(ORDER, remaining=True)
    assert (first != again.idempotency_key, Money("50.00", "USD")) == (True, again.amount)


@pytest.mark.parametrize("workers", [8])
def test_calls_at_once_refund_once(emulator: Emulator, opening: Opening, workers: int) -> None:
    """Each is told of the one refund, or that nothing is left."""

    def refund(_: int) -> Refund | NotRefundable:
        with opening(*emulator.accounts()) as mux:
            try:
                return mux.orders.refund(ORDER, remaining=True)
            except NotRefundable as error:
                return error

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        outcomes = list(pool.map(refund, range(workers)))
    made = {outcome.id for outcome in outcomes if isinstance(outcome, Refund)}
    assert 1 == len(made)
    assert {Unrefundable.NOTHING_LEFT} >= {each.reason for each in outcomes if isinstance(each, NotRefundable)}
    assert (1, 3730) == (emulator.world.effects[REFUND], emulator.state("zephyr").refunded[SAMPLE_ORDER])


def test_another_refund_meanwhile_is_not_overlooked(emulator: Emulator, opening: Opening) -> None:
    """Somebody refunds a part between the read and the refund: the provider refuses what is more than is left."""

    def meddle(start: AttemptStart) -> None:
        if start.endpoint == "createRefund":
            state = emulator.state("zephyr")
            if not state.refunded.get(SAMPLE_ORDER):
                state.refund(order(emulator), 1000)

    with opening(*emulator.accounts(), before_send=meddle) as mux:
        with pytest.raises(Exception, match="positive and within its total") as caught:
            mux.orders.refund(ORDER, remaining=True)
    assert TOTAL == vars(caught.value)["amount"]
    assert (0, 1000) == (emulator.world.effects[REFUND], emulator.state("zephyr").refunded[SAMPLE_ORDER])


def test_a_key_of_ones_own_is_never_sent_with_two_amounts(emulator: Emulator, mux: Ordermux) -> None:
    """The repeat of a call has the same body, or is refused with the amount that it had."""
    emulator.world.faults.inject(REFUND, Fault(kind=FaultKind.RESET, when="before", times=99))
    with pytest.raises(OutcomeUnknown):
        mux.orders.refund(ORDER, remaining=True, idempotency_key="mine")
    emulator.world.faults.clear()
    order(emulator)["total_cents"] = 5000
    with pytest.raises(NotRefundable, match=r"37\.30 USD, and now it is 50\.00 USD") as caught:
        mux.orders.refund(ORDER, remaining=True, idempotency_key="mine")
    assert (Unrefundable.CHANGED, None) == (caught.value.reason, caught.value.applied)
    assert 0 == emulator.world.effects[REFUND]
    assert TOTAL == mux.orders.refund(ORDER, TOTAL, idempotency_key="mine").amount


def test_the_hook_before_sending_has_the_key_and_the_amount(emulator: Emulator, opening: Opening) -> None:
    """So that a process that dies can repeat the call."""
    starts: list[AttemptStart] = []
    with opening(*emulator.accounts(), before_send=starts.append) as mux:
        refund = mux.orders.refund(ORDER, remaining=True)
    assert [(refund.idempotency_key, TOTAL)] == [
        (start.key, start.amount) for start in starts if start.endpoint == "createRefund"
    ]


def test_a_test_order_is_not_refunded_by_a_live_account(emulator: Emulator, opening: Opening) -> None:
    """As any write."""
    account = next(each for each in emulator.accounts() if isinstance(each, Zephyr))
    with opening(attrs.evolve(account, livemode=True)) as mux, pytest.raises(LivemodeMismatch):
        mux.orders.refund(ORDER, remaining=True)
    assert 0 == emulator.world.calls[REFUND]


@pytest.mark.parametrize("provider", ["croissant", "crossmint", "cryptum"])
def test_a_provider_without_refunds_is_unsupported(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """Before anything is sent."""
    with pytest.raises(Unsupported):
        mux.orders.refund(f"{provider}:1", remaining=True)
    assert {} == {name: count for name, count in emulator.world.calls.items() if count}


@pytest.mark.parametrize("arguments", [{"amount": TOTAL}, {"full": True}])
def test_what_is_left_is_no_amount_and_not_all(emulator: Emulator, mux: Ordermux, arguments: dict[str, Any]) -> None:
    """Two of them could mean anything."""
    with pytest.raises(InvalidArgument, match="takes either an amount"):
        mux.orders.refund(ORDER, remaining=True, **arguments)
    assert 0 == emulator.world.calls[READ]
