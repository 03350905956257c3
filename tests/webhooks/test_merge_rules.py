"""What is known of an order after a few events and reads, by each rule of the merge."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ordermux.status import Attention, CancelReason, Lifecycle, Status
from ordermux.status_merge import merge_event
from support.arrivals import (
    CANCELLED,
    CREATED,
    DELIVERED,
    FAILED,
    PAID,
    QUOTED,
    REFUNDED,
    STARTED,
    UNDELIVERED,
    A,
    C,
    Claims,
    F,
    L,
    P,
    claims,
    event,
    ours,
)

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
