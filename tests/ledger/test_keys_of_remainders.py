"""Which remainder a key of the caller's own was sent with is kept, whatever other threads do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from ordermux import Money, NotRefundable, Ordermux
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux.resources import remaining

ORDER = f"zephyr:{SAMPLE_ORDER}"


class OfThreads(dict[str, Money]):
    """Grows while it is iterated over, as if by another thread."""

    def __iter__(self) -> Iterator[str]:
        """Yield the keys, and add one before the first."""
        keys = super().__iter__()
        self[f"other {len(self)}"] = Money(1, "USD")
        return keys


def test_a_key_that_another_thread_adds_does_no_harm(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the oldest are forgotten."""
    monkeypatch.setattr(remaining, "_KEPT", 2)
    with Ordermux(*emulator.accounts()) as mux:
        runtime: Any = cast("Any", mux)._executor.account("zephyr")[0]
        runtime.remainders = OfThreads({str(number): Money(1, "USD") for number in range(5)})
        assert Money("37.30", "USD") == mux.orders.refund(ORDER, remaining=True, idempotency_key="mine").amount


def test_the_latest_keys_are_kept(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten first."""
    monkeypatch.setattr(remaining, "_KEPT", 2)
    order = emulator.state("zephyr").orders[SAMPLE_ORDER]
    emulator.world.faults.inject(
        "zephyr.createRefund", Fault(kind=FaultKind.STATUS, when="before", status=404, times=9)
    )
    with Ordermux(*emulator.accounts()) as mux:
        for key in ("first", "second", "third"):
            with pytest.raises(Exception, match="createRefund"):
                mux.orders.refund(ORDER, remaining=True, idempotency_key=key)
        order["total_cents"] = 5000
        for key in ("second", "third"):
            with pytest.raises(NotRefundable, match="another amount was left"):
                mux.orders.refund(ORDER, remaining=True, idempotency_key=key)
        emulator.world.faults.clear()
        assert Money("50.00", "USD") == mux.orders.refund(ORDER, remaining=True, idempotency_key="first").amount
