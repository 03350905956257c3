"""Refunds, and the idempotency keys and timeouts of changes."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

import ordermux_zephyr
from ordermux import (
    Conflict,
    DeadlineExceeded,
    InvalidArgument,
    InvalidRequest,
    Money,
    Ordermux,
    OrderRef,
    OutcomeUnknown,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from support.clients import Opening, both
from support.order_calls import REFERENCES, TEN, ZEPHYR, calls

# Refunds.


def test_a_part_is_refunded(emulator: Emulator, mux: Ordermux) -> None:
    """The amount, the reason and the metadata go out, and the refund comes back with its key."""
    refund = mux.orders.refund(ZEPHYR, TEN, reason="duplicate", metadata={"by": "Ana"})
    assert (OrderRef("zephyr", "order_01HXY8"), TEN) == (refund.order, refund.amount)
    native = refund.native
    assert isinstance(native, ordermux_zephyr.models.Refund)
    assert (1000, "duplicate", {"by": "Ana"}) == (native.amount_cents, native.reason, native.metadata)
    assert (native.id, [refund.idempotency_key]) == (refund.id, list(emulator.state("zephyr").answers))
    assert refund.created_at is not None
    assert datetime.UTC is refund.created_at.tzinfo
    assert {"order_01HXY8": 1000} == {k: v for k, v in emulator.state("zephyr").refunded.items() if k == "order_01HXY8"}


def test_all_is_refunded(emulator: Emulator, mux: Ordermux) -> None:
    """The total is read first."""
    assert Money("37.30", "USD") == mux.orders.refund(ZEPHYR, full=True).amount
    assert "refunded" == emulator.state("zephyr").orders["order_01HXY8"]["status"]
    assert {"zephyr.getOrder": 1, "zephyr.createRefund": 1} == calls(emulator)


def refused(emulator: Emulator, mux: Ordermux, told: str, *arguments: Any, **keywords: Any) -> None:
    """Check that a refund is refused with these words before it is sent."""
    with pytest.raises(InvalidArgument, match=told):
        mux.orders.refund(ZEPHYR, *arguments, **keywords)
    assert 0 == emulator.world.calls["zephyr.createRefund"]


@pytest.mark.parametrize("status", ["partially_refunded", "refunded"])
def test_all_after_a_part_is_refused(emulator: Emulator, mux: Ordermux, status: str) -> None:
    """How much was given back is not published, so that the rest is not known."""
    emulator.state("zephyr").orders["order_01HXY8"]["status"] = status
    refused(emulator, mux, f"is {status} already", full=True)


def test_all_after_a_part_is_refused_with_a_key_too(emulator: Emulator, mux: Ordermux) -> None:
    """A key of one's own may stand for a refund of everything, which a part never was."""
    emulator.state("zephyr").orders["order_01HXY8"]["status"] = "partially_refunded"
    refused(emulator, mux, "is partially_refunded already", full=True, idempotency_key="mine")


def test_all_twice_with_one_key_is_refunded_once(emulator: Emulator, mux: Ordermux) -> None:
    """Whoever lost the answer asks again with the key and the amount, and gets the refund that was made."""
    first = mux.orders.refund(ZEPHYR, full=True, idempotency_key="mine")
    with pytest.raises(InvalidArgument, match="is refunded already; the refunded amount is unknown; pass an amount"):
        mux.orders.refund(ZEPHYR, full=True, idempotency_key="mine")
    again = mux.orders.refund(ZEPHYR, first.amount, idempotency_key="mine")
    assert (first.id, first.amount, "mine") == (again.id, again.amount, again.idempotency_key)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


def test_a_part_twice_with_one_key_is_refunded_once(emulator: Emulator, mux: Ordermux) -> None:
    """And with another it is made again."""
    ids = [mux.orders.refund(ZEPHYR, TEN, idempotency_key=key).id for key in ("one", "one", "two")]
    assert ids[0] == ids[1] != ids[2]
    assert 2 == emulator.world.effects["zephyr.createRefund"]


def test_another_refund_with_the_same_key_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """The provider says so, and nothing was given back."""
    mux.orders.refund(ZEPHYR, TEN, idempotency_key="one")
    with pytest.raises((Conflict, OutcomeUnknown)) as raised:
        mux.orders.refund(ZEPHYR, Money("5.00", "USD"), idempotency_key="one")
    assert Conflict is type(raised.value)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


@pytest.mark.parametrize("currency", ["EUR", "usdc", "JPY"])
def test_another_currency_is_refused(emulator: Emulator, mux: Ordermux, currency: str) -> None:
    """The order's is read first, and nothing is refunded."""
    refused(emulator, mux, f"^zephyr:order_01HXY8 is in USD, not in {currency}$", Money("10", currency))


@pytest.mark.parametrize("amount", ["10.001", "0", "0.00", "-1", "0.009"])
def test_an_amount_that_is_none_to_refund_is_refused(emulator: Emulator, mux: Ordermux, amount: str) -> None:
    """Nothing, less than nothing, or less than a cent."""
    refused(emulator, mux, f"above 0 and exact in minor units, not {amount} USD", Money(amount, "USD"))


def test_zeros_behind_the_cents_are_exact(mux: Ordermux) -> None:
    """An amount is its value, however it is written."""
    assert Decimal(10) == mux.orders.refund(ZEPHYR, Money("10.0000", "USD")).amount.amount


def test_an_unknown_reason_is_told_with_the_known_ones(emulator: Emulator, mux: Ordermux) -> None:
    """The message lists what there is."""
    told = "unknown refund reason 'bored'; expected one of requested_by_customer, duplicate, fraudulent"
    refused(emulator, mux, told, TEN, reason="bored")


@pytest.mark.parametrize("reason", ["requested_by_customer", "duplicate", "fraudulent", None])
def test_a_known_reason_is_sent(emulator: Emulator, mux: Ordermux, reason: str | None) -> None:
    """Each of the document's, or none."""
    assert reason == (mux.orders.refund(ZEPHYR, TEN, reason=reason).native.reason or None)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


@pytest.mark.parametrize(("amount", "full"), [(TEN, True), (None, False)])
def test_a_refund_is_of_an_amount_or_of_all(
    emulator: Emulator,
    mux: Ordermux,
    amount: Money | None,
    full: bool,  # noqa: FBT001
) -> None:
    """Both, or neither, could mean anything."""
    refused(emulator, mux, "takes either an amount, .*or full=True", amount, full=full)
    assert {} == calls(emulator)


@pytest.mark.parametrize("amount", [10, "10.00", Decimal(10), 10.0])
def test_an_amount_without_a_currency_is_refused(emulator: Emulator, mux: Ordermux, amount: object) -> None:
    """As an argument that is not valid, not as a slip of ours."""
    refused(emulator, mux, "Money", amount)


def test_a_currency_whose_minor_unit_is_not_known_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """No exponent is made up."""
    emulator.state("zephyr").orders["order_01HXY8"]["currency"] = "XXQ"
    refused(emulator, mux, "exponent of its currency is not known", Money("10.00", "XXQ"))


def test_metadata_that_cannot_be_written_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """As a draft that cannot be."""
    refused(emulator, mux, "cannot be sent as JSON", TEN, metadata={"when": object()})


def test_more_than_the_total_is_refused_by_the_provider(emulator: Emulator, mux: Ordermux) -> None:
    """The order's refunds are its own to sum up."""
    with pytest.raises(InvalidRequest) as raised:
        mux.orders.refund(ZEPHYR, Money("37.31", "USD"))
    assert (422, 0) == (raised.value.status, emulator.world.effects["zephyr.createRefund"])
    assert raised.value.key is not None
    assert raised.value.key not in emulator.state("zephyr").answers


# Keys.


@pytest.mark.slow
@both
def test_a_key_is_made_once_for_all_attempts(emulator: Emulator, opening: Opening) -> None:
    """Each call makes one of its own, which its attempts share and its result bears."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.RESET, when="after", times=2))
    with opening(*emulator.accounts()) as mux:
        first, second = (mux.orders.refund(ZEPHYR, TEN) for _ in range(2))
    assert first.idempotency_key != second.idempotency_key
    assert [first.idempotency_key, second.idempotency_key] == list(emulator.state("zephyr").answers)
    assert 2 == emulator.world.effects["zephyr.createRefund"]
    assert 4 == emulator.world.calls["zephyr.createRefund"]


def test_a_key_of_ones_own_is_sent_and_borne(emulator: Emulator, mux: Ordermux) -> None:
    """Of a cancel and of a refund."""
    assert "mine" == mux.orders.refund(ZEPHYR, TEN, idempotency_key="mine").idempotency_key
    other = emulator.state("zephyr").add(emulator.world)["id"]
    cancelled = mux.orders.cancel(f"zephyr:{other}", idempotency_key="mine-too")
    assert "mine-too" == cancelled.idempotency_key
    assert ["mine", "mine-too"] == list(emulator.state("zephyr").answers)


@pytest.mark.parametrize("provider", ["croissant", "cryptum"])
def test_a_key_that_nobody_honours_is_refused(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """Otherwise one would believe that a second call does nothing."""
    with pytest.raises(InvalidArgument, match=f"^{provider} honours no idempotency key for cancel$"):
        mux.orders.cancel(REFERENCES[provider], idempotency_key="mine")
    assert {} == calls(emulator)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\r\nb", "é", "k" * 256, "a\n"])
def test_a_key_that_cannot_be_one_is_refused(emulator: Emulator, mux: Ordermux, key: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidArgument, match="1 to 255 visible ASCII characters"):
        mux.orders.cancel(ZEPHYR, idempotency_key=key)
    assert {} == calls(emulator)


@pytest.mark.parametrize("key", [b"mine", 7])
def test_a_key_that_is_no_text_is_refused(emulator: Emulator, mux: Ordermux, key: Any) -> None:
    """As one that cannot be one."""
    with pytest.raises(InvalidArgument, match="1 to 255 visible ASCII characters"):
        mux.orders.cancel(ZEPHYR, idempotency_key=key)
    assert {} == calls(emulator)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "1"])
def test_a_timeout_that_is_none_is_refused(emulator: Emulator, mux: Ordermux, timeout: Any) -> None:
    """Of one call, as of the facade."""
    with pytest.raises(InvalidArgument, match="timeout"):
        mux.orders.get(ZEPHYR, timeout=timeout)
    assert {} == calls(emulator)


def test_a_timeout_of_ones_own_is_kept(emulator: Emulator, mux: Ordermux) -> None:
    """A call may take so long and no longer, whatever the facade's own is."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STALL, when="before", seconds=5))
    with pytest.raises(DeadlineExceeded):
        mux.orders.get(ZEPHYR, timeout=0.2)
