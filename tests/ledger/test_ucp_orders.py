"""Orders of a provider without a status word: the whole status follows from the ledger, once it is accessed."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from ordermux import Fulfillment, Hold, Lifecycle, Money, Payment, Unrefundable, explain
from ordermux.status import Attention
from support.ucp_orders import body, order

P, F = Payment, Fulfillment
MOMENT = "2026-05-30T12:00:00Z"


def changed(**fields: Any) -> bytes:
    """Return an order of two lines with two mugs each, all shipped, with other fields."""
    return json.dumps(json.loads(body(2, 0)) | fields).encode()


def adjustment(kind: str, status: str = "completed", **fields: Any) -> dict[str, Any]:
    """Return an adjustment."""
    return {"id": f"{kind}_1", "type": kind, "status": status, "occurred_at": MOMENT, **fields}


def lines(*quantities: tuple[int, int, int]) -> list[dict[str, Any]]:
    """Return lines: how many were ordered, are wanted still, and were fulfilled."""
    return [
        {
            "id": f"line_{number}",
            "item": {"id": "mug", "title": "Mug", "price": 1490},
            "quantity": {"original": ordered, "total": total, "fulfilled": fulfilled},
            "status": "processing",
        }
        for number, (ordered, total, fulfilled) in enumerate(quantities)
    ]


CASES: list[tuple[str, bytes, Payment | None, Fulfillment | None, str]] = [
    ("delivered", changed(), P.PAID, F.DELIVERED, "59.60"),
    (
        "refunded in part",
        changed(adjustments=[adjustment("refund", amount=1490)]),
        P.PARTIALLY_REFUNDED,
        F.DELIVERED,
        "44.70",
    ),
    (
        "a refund that failed",
        changed(adjustments=[adjustment("refund", "failed", amount=1490)]),
        P.PAID,
        F.DELIVERED,
        "59.60",
    ),
    (
        "a refund that is pending",
        changed(adjustments=[adjustment("refund", "pending", amount=1490)]),
        P.PAID,
        F.DELIVERED,
        "44.70",
    ),
    (
        "returned in part",
        changed(adjustments=[adjustment("return", line_items=[{"id": "line_0", "quantity": 1}])]),
        P.PAID,
        F.PARTIALLY_RETURNED,
        "59.60",
    ),
    (
        "a line cancelled beside one that was shipped",
        changed(
            line_items=lines((2, 2, 2), (1, 0, 0)),
            adjustments=[adjustment("cancellation", line_items=[{"id": "line_1", "quantity": 1}])],
        ),
        P.PAID,
        F.DELIVERED,
        "59.60",
    ),
    ("shipped in part", changed(line_items=lines((2, 2, 1)), events=[]), P.PAID, F.PARTIALLY_FULFILLED, "59.60"),
    ("nothing shipped", changed(line_items=lines((2, 2, 0)), events=[]), P.PAID, F.UNFULFILLED, "59.60"),
    ("no lines", changed(line_items=[], events=[]), P.PAID, None, "59.60"),
]


@pytest.mark.parametrize(
    ("content", "payment", "fulfillment", "left"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_status_follows_from_the_ledger(
    content: bytes, payment: Payment | None, fulfillment: Fulfillment | None, left: str
) -> None:
    """There is no word for it."""
    found = order(content)
    assert (payment, fulfillment, ()) == (found.status.payment, found.status.fulfillment, found.status.attention)
    assert Money(left, "USD") == found.refundable


def test_an_order_of_which_each_line_was_cancelled() -> None:
    """Is cancelled."""
    cancelled = [adjustment("cancellation", line_items=[{"id": "line_0", "quantity": 2}])]
    found = order(changed(line_items=lines((2, 0, 0)), adjustments=cancelled, events=[]))
    assert (Lifecycle.CANCELLED, F.UNFULFILLED) == (found.status.lifecycle, found.status.fulfillment)


def test_a_dispute_is_a_hold() -> None:
    """And what is disputed cannot be refunded."""
    found = order(changed(adjustments=[adjustment("dispute", "pending", amount=5960)]))
    assert ((Hold.DISPUTE,), Unrefundable.NOTHING_LEFT) == (found.status.holds, found.unrefundable)


def test_an_adjustment_of_a_new_kind_may_be_a_refund() -> None:
    """So that nothing is left for certain."""
    found = order(changed(adjustments=[adjustment("goodwill", amount=100)]))
    assert (None, Unrefundable.KIND_UNKNOWN) == (found.refundable, found.unrefundable)


def test_the_evidence_is_the_ledger() -> None:
    """With the sums that it rests on."""
    found = order(changed(adjustments=[adjustment("refund", amount=1490)]))
    assert (
        "payment is partially_refunded: ledger says '14.90 USD of 59.60 USD given back' (implied)\n"
        "fulfillment is delivered: ledger says '4 of 4 units fulfilled' (implied)"
    ) == explain(found)


@pytest.mark.parametrize("first", ["status", "ledger", "line_items", "total", "refundable"])
def test_whatever_is_accessed_first_an_order_is_the_same(first: str) -> None:
    """Equal, with the same hash, and the same after a pickle."""
    content = changed(adjustments=[adjustment("refund", amount=1490)])
    one, two = order(content), order(content)
    assert None is not getattr(one, first)
    assert (one, hash(one)) == (two, hash(two)) == (pickle.loads(pickle.dumps(one)), hash(one))


def test_a_thousand_lines_and_adjustments() -> None:
    """Each counts."""
    found = order(body(1_000, 1_000))
    assert (P.PARTIALLY_REFUNDED, F.DELIVERED) == (found.status.payment, found.status.fulfillment)
    assert (Money("10.00", "USD"), Money("29790.00", "USD")) == (found.refunded_total, found.refundable)
    assert Attention.LEDGER_CONFLICT not in found.status.attention
