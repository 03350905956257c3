"""What is known of an order once its events came late, twice or out of order, with reads between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import msgspec

from ordermux.providers.crossmint import adapter as crossmint
from ordermux.providers.zephyr import adapter as zephyr
from ordermux.status import NOT_REPORTED, Attention, CancelReason, Fulfillment, Lifecycle, Payment, Status
from ordermux.status_merge import merge_event, merge_snapshot
from ordermux_crossmint import models as crossmint_models
from support.document_checker import documents

L, P, F, C, A = Lifecycle, Payment, Fulfillment, CancelReason, Attention
Claims = tuple[Lifecycle | None, CancelReason | None, Payment | None, Fulfillment | None]
EVENTS = {"zephyr": zephyr.EVENTS, "crossmint": crossmint.EVENTS}


def event(name: str) -> Status:
    """Return what an event says: `order.created` is ZephyrCart's, `orders.payment.failed` the shop's."""
    return EVENTS["crossmint" if name.startswith("orders.") else "zephyr"].lookup(name)


def read(told: str) -> Status:
    """Return what a read says: `paid` of ZephyrCart, `cancelled/failed` or `deposit cancelled/failed` of the shop."""
    word, slash, payment = told.rpartition(" ")[2].partition("/")
    if not slash:
        return zephyr.STATUS.lookup(word)
    made: dict[str, Any] = {**documents()["crossmint"].schemas["Order"]["examples"][0], "status": word}
    made["payment"] = {"status": payment, "currency": "usdc"}
    made["type"] = "deposit" if told.startswith("deposit ") else "checkout"
    return crossmint.status_of(msgspec.convert(made, crossmint_models.Order))


def claims(status: Status) -> Claims:
    """Return the claims of a status."""
    return status.lifecycle, status.cancel_reason, status.payment, status.fulfillment


def ours(steps: Sequence[str]) -> Status:
    """Return what is known after events, which are folded, and reads, which begin with `read`."""
    status = NOT_REPORTED
    for step in steps:
        status = (
            merge_snapshot(status, read(step[5:])) if step.startswith("read ") else merge_event(status, event(step))
        )
    return status


PAID, FAILED, STARTED, DELIVERED, UNDELIVERED = (
    "orders.payment.succeeded",
    "orders.payment.failed",
    "orders.delivery.initiated",
    "orders.delivery.completed",
    "orders.delivery.failed",
)
QUOTED = "orders.quote.updated"
CREATED, UPDATED, REFUNDED, CANCELLED = "order.created", "order.updated", "order.refunded", "order.cancelled"


@attrs.frozen
class Trace:
    """What happened to an order, as its provider told it, and what is right in the end."""

    name: str
    steps: tuple[str, ...]
    """Events in the order in which they happened, and reads, which see what had happened by then."""
    right: Claims
    backwards: str = ""
    """Why the history moves backwards, where it does."""


def arrivals(trace: Trace) -> Iterator[tuple[str, ...]]:
    """Yield each order in which a history can arrive, with and without one event that comes twice.

    An event may come late, after any read; none comes before a read that was made before it happened.
    """
    places = list(range(len(trace.steps)))
    reads = [place for place in places if trace.steps[place].startswith("read ")]
    events = [place for place in places if place not in reads]
    found: dict[tuple[str, ...], None] = {}
    for more in ([], *([place] for place in events)):
        for order in itertools.permutations(places + more):
            passed = (place > made for made in reads for place in order[: order.index(made)])
            if not any(passed):
                found[tuple(trace.steps[place] for place in order)] = None
    return iter(found)
