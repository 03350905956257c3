"""Histories of orders, in every order in which their events can arrive, with reads between them.

`python tests/webhooks/test_arrival_orders.py` prints how many orders of arrival end wrong, and writes known_wrong.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from ordermux.status import NOT_REPORTED, Status
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
    UPDATED,
    A,
    C,
    F,
    L,
    P,
    Trace,
    arrivals,
    claims,
    event,
    ours,
    read,
)
from support.text_table import table

KNOWN_WRONG = Path(__file__).parent / "known_wrong.md"


def last_write_wins(steps: Sequence[str]) -> Status:
    """Return what is known where each claim replaces the one before on its axis, as most code does it."""
    status = NOT_REPORTED
    for step in steps:
        told = read(step[5:]) if step.startswith("read ") else event(step)
        kept = status if told.lifecycle is None else attrs.evolve(status, cancel_reason=None)
        status = told.merged_over(kept)
    return status


TRACES = (
    Trace("bought and delivered", (PAID, STARTED, DELIVERED), (L.COMPLETED, None, P.PAID, F.DELIVERED)),
    Trace("quoted and paid", ("orders.quote.created", QUOTED, PAID), (L.OPEN, None, P.PAID, F.UNFULFILLED)),
    Trace("at work", ("orders.quote.created", PAID, STARTED), (L.OPEN, None, P.PAID, F.IN_PROGRESS)),
    Trace("payment failed", (QUOTED, FAILED), (L.CANCELLED, C.PAYMENT_FAILED, P.FAILED, None)),
    Trace("paid at the second try", (FAILED, PAID, STARTED), (L.OPEN, None, P.PAID, F.IN_PROGRESS)),
    Trace(
        "paid at the second try, and delivered",
        (FAILED, PAID, STARTED, DELIVERED),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
    ),
    Trace("delivery failed", (PAID, STARTED, UNDELIVERED), (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED)),
    Trace(
        "read at the checkout, then bought",
        ("read awaiting_approval/awaiting-payment", PAID, STARTED, DELIVERED),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
    ),
    Trace(
        "read once it was delivered",
        (PAID, STARTED, DELIVERED, "read delivered/delivered"),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
    ),
    Trace(
        "a payment that was taken back",
        (PAID, FAILED),
        (L.CANCELLED, C.PAYMENT_FAILED, P.FAILED, F.UNFULFILLED),
        "a payment that failed after it had succeeded looks like a failed first try that was told late",
    ),
    Trace(
        "delivered at the second try",
        (PAID, UNDELIVERED, DELIVERED),
        (L.COMPLETED, None, P.PAID, F.DELIVERED),
        "a delivery that succeeded after it had failed looks like one that failed after it had succeeded",
    ),
    Trace(
        "lost after it had been delivered",
        (PAID, DELIVERED, UNDELIVERED),
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED),
        "a delivery that failed after it had succeeded looks like one that succeeded after it had failed",
    ),
    Trace(
        "lost after it had been delivered, and read",
        (DELIVERED, UNDELIVERED, "read cancelled/succeeded"),
        (L.CANCELLED, C.DELIVERY_FAILED, P.PAID, F.FAILED),
        "told after the read, the delivery looks like a second try that succeeded",
    ),
    Trace("placed and paid", (CREATED, UPDATED, "read paid"), (L.OPEN, None, P.PAID, None)),
    Trace("refunded in part", (CREATED, REFUNDED), (L.OPEN, None, P.PARTIALLY_REFUNDED, None)),
    Trace(
        "refunded in part, and read before",
        (CREATED, "read paid", REFUNDED),
        (L.OPEN, None, P.PARTIALLY_REFUNDED, None),
    ),
    Trace(
        "refunded in two parts, which is all",
        (CREATED, REFUNDED, REFUNDED, "read refunded"),
        (L.OPEN, None, P.REFUNDED, None),
    ),
    Trace("cancelled", (CREATED, UPDATED, CANCELLED), (L.CANCELLED, C.UNSPECIFIED, None, F.UNFULFILLED)),
    Trace(
        "cancelled, and read before",
        (CREATED, "read created", CANCELLED),
        (L.CANCELLED, C.UNSPECIFIED, None, F.UNFULFILLED),
    ),
    Trace(
        "paid, cancelled, and all of it refunded",
        ("read paid", CANCELLED, REFUNDED, "read refunded"),
        (L.CANCELLED, C.UNSPECIFIED, P.REFUNDED, F.UNFULFILLED),
    ),
)


def wrong(trace: Trace) -> list[tuple[tuple[str, ...], Status]]:
    """Return the orders of arrival that end wrong, with what they end as."""
    ends = [(steps, ours(steps)) for steps in arrivals(trace)]
    return [(steps, status) for steps, status in ends if claims(status) != trace.right]


@pytest.mark.parametrize("trace", [each for each in TRACES if not each.backwards], ids=lambda trace: trace.name)
def test_a_history_that_moves_forward_ends_right_in_every_order(trace: Trace) -> None:
    """However late its events come, and whichever comes twice."""
    assert [] == wrong(trace)


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_a_history_in_its_own_order_ends_right_or_is_known(trace: Trace) -> None:
    """The trace itself, as it happened, is what last-write-wins is right about too."""
    assert trace.right == claims(last_write_wins(trace.steps))


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_no_order_of_arrival_reports_delivered_beside_cancelled_as_a_plain_fact(trace: Trace) -> None:
    """Where both were told, the conflict is told as well."""
    ends = [ours(steps) for steps in arrivals(trace)]
    both = [each for each in ends if each.lifecycle is L.CANCELLED and each.fulfillment is F.DELIVERED]
    assert [] == [each for each in both if A.AXIS_CONFLICT not in each.attention]


def test_the_orders_of_arrival_are_all_and_different() -> None:
    """Three events: 6 orders, and 4! / 2 with each of them twice; a read comes before what happened after it."""
    assert 6 + 3 * 12 == len(list(arrivals(TRACES[0])))
    first = list(arrivals(Trace("", (CREATED, "read paid", REFUNDED), (None, None, None, None))))
    assert (CREATED, "read paid", REFUNDED) in first
    assert ("read paid", REFUNDED, CREATED) in first
    assert [] == [steps for steps in first if REFUNDED in steps[: steps.index("read paid")]]


def figures() -> tuple[int, int, int]:
    """Return how many orders of arrival there are, and how many end wrong by last-write-wins and by ours."""
    told = [(trace, steps) for trace in TRACES for steps in arrivals(trace)]
    naive = sum(claims(last_write_wins(steps)) != trace.right for trace, steps in told)
    return len(told), naive, sum(len(wrong(trace)) for trace in TRACES)


def unmarked(status: Status) -> bool:
    """Return whether nothing sends a person to look at a status."""
    return not {A.AXIS_CONFLICT, A.SNAPSHOT_REGRESSED} & set(status.attention)


def words(status: Status) -> str:
    """Return a status in one line."""
    reason = f" [{status.cancel_reason}]" if status.cancel_reason else ""
    told = [f"{status.lifecycle}{reason}" if status.lifecycle else None, status.payment, status.fulfillment]
    attention = f" ({', '.join(sorted(status.attention))})" if status.attention else ""
    return " / ".join(each or "\u2013" for each in told) + attention


def known_wrong() -> str:
    """Return the list of what ends wrong, and why."""
    total, naive, found = figures()
    silent = sum(unmarked(status) for trace in TRACES for _, status in wrong(trace))
    lines = [
        "# Histories that end wrong",
        "",
        "Printed by `python tests/webhooks/test_arrival_orders.py`, and held by the tests; not edited by hand.",
        "",
        f"{len(TRACES)} histories, in every order in which their events can arrive, with and without one that comes",
        f"twice, are {total} sequences. Last-write-wins ends wrong in {naive}, `ordermux.status_merge` in {found}.",
        "All of these are of histories that really move backwards, so that the order is to be read where it can be,",
        f"and all but {silent} bear an attention.",
    ]
    for trace in TRACES:
        ends = wrong(trace)
        if not ends:
            continue
        lifecycle, reason, payment, fulfillment = trace.right
        right = Status(lifecycle=lifecycle, cancel_reason=reason, payment=payment, fulfillment=fulfillment)
        count = len(list(arrivals(trace)))
        lines += ["", f"## {trace.name[0].upper()}{trace.name[1:]}: {len(ends)} of {count}", ""]
        lines += [f"Since {trace.backwards}.", "", f"Right is: {words(right)}", ""]
        for end, number in Counter(words(status) for _, status in ends).items():
            lines += [f"{number} end as {end}:", ""]
            lines += [f"- {', '.join(steps)}" for steps, status in ends if words(status) == end]
            lines.append("")
        lines.pop()
    return "\n".join(lines) + "\n"


def test_what_ends_wrong_is_listed() -> None:
    """Nothing that is not known ends wrong, and what is mended is taken off the list."""
    cure = "run python tests/webhooks/test_arrival_orders.py, and look at what changed"
    assert KNOWN_WRONG.read_text(encoding="utf-8") == known_wrong(), cure


def test_the_fold_is_better_by_far_than_last_write_wins() -> None:
    """Which ends wrong in more than half of all sequences, five times as many."""
    total, naive, found = figures()
    assert total > 1_000
    assert naive > total / 2
    assert naive > 5 * found


def main() -> None:
    """Print the figures, and write the list."""
    rows: list[list[str]] = []
    for trace in TRACES:
        told = list(arrivals(trace))
        naive = sum(claims(last_write_wins(steps)) != trace.right for steps in told)
        ends = wrong(trace)
        silent = sum(unmarked(status) for _, status in ends)
        rows.append([trace.name, *map(str, (len(told), naive, len(ends), silent))])
    rows.append(["all", *(str(sum(int(row[column]) for row in rows)) for column in range(1, 5))])
    head = ["history", "sequences", "wrong by last-write-wins", "wrong by ours", "of those without attention"]
    sys.stdout.write(table(head, rows) + "\n")
    KNOWN_WRONG.write_text(known_wrong(), encoding="utf-8")


if __name__ == "__main__":
    main()
