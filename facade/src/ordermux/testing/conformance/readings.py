"""What an order says: its total, its times and its status, and what the adapter says of all its orders."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from ...client import Ordermux
from ...errors import LivemodeMismatch, OrdermuxError
from ...order import Money, Order, utc
from ...providers.account import Account
from ...providers.adapter import Operation
from ...status import Status
from .document import document_of
from .facts import WRITES, ProviderFacts
from .harness import Harness, act_of, call, opened, shown
from .json_values import without

_SUMMARY = {"raw_status", "total", "created"}
_AMOUNT_TEXT = re.compile(rb'"-?\d+\.\d+"')
_UTC_TEXT = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00:00)"')
_OFFSET = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
_AXES = ("lifecycle", "payment", "fulfillment")


def readings(facts: ProviderFacts) -> Iterator[str]:
    """Yield where an order is read as another amount, time or status than it has, or belies what the adapter says."""
    with opened(facts) as harness:
        for operation in (Operation.GET, Operation.LIST):
            if operation in facts.operations:
                yield from _fields(harness, operation)
                yield from _missing_status(harness, operation)
                yield from _other_timezone(harness, operation)
                yield from _no_amount(harness, operation)
        if Operation.LIST in facts.operations:
            yield from _possible(harness)
        if Operation.GET in facts.operations:
            yield from _stale(harness)
            yield from _livemode(harness)


def _read(harness: Harness, account: Account[Any], operation: Operation) -> dict[str, Order]:
    outcome = call(account, act_of(harness.facts, operation), awaiting=False)
    orders: list[Any] = outcome if isinstance(outcome, list) else [outcome]  # pyright: ignore[reportUnknownVariableType]
    return {order.ref.id: order for order in orders if isinstance(order, Order)}


def _fields(harness: Harness, operation: Operation) -> Iterator[str]:
    facts = harness.facts
    world, account = harness.fresh()
    for order_id, order in _read(harness, account, operation).items():
        summary: dict[str, Any] = harness.state(world).summary(order_id)
        if set(summary) != _SUMMARY:
            yield f"summary of the emulator's state has {sorted(summary)}; expected {sorted(_SUMMARY)}"
            return
        total, placed = _money(summary["total"]), _time(summary["created"])
        if order.total is not None and total is not None and order.total != total:
            yield f"{operation} reads the total {order.total} of {order_id}, and the emulator has {total}"
        if order.placed_at is not None and order.placed_at.utcoffset() is None:
            yield f"{operation} reads placed_at without a timezone: use utc or parse_timestamp of ordermux.order"
        elif order.placed_at is not None and placed is not None and abs(order.placed_at - placed) > _SECOND:
            yield f"{operation} reads {order_id} as placed at {order.placed_at}, and the emulator has {placed}"
        if order.placed_at is not None and not facts.adapter.has_placed_at:
            yield f"{operation} reads placed_at, and the adapter has has_placed_at = False, so that lists do not filter"
        if not facts.adapter.shows_status and shown(order.status) != "- / - / -":
            yield f"{operation} reads the status {shown(order.status)}, and the adapter has shows_status = False"


_SECOND = datetime.timedelta(seconds=1)


def _money(text: Any) -> Money | None:
    amount, _, currency = str(text or "").partition(" ")
    return Money.from_text(amount, currency) if currency else None


def _time(value: Any) -> datetime.datetime | None:
    """Return the time of an emulator's text or number, None if it is neither."""
    try:
        if isinstance(value, str):
            made = datetime.datetime.fromisoformat(value)
            return utc(made) if made.utcoffset() is not None else None
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _answers(harness: Harness, operation: Operation) -> tuple[str, list[bytes], dict[str, Order]] | None:
    """Return the last endpoint that a read calls, what it answers, and what is read; None if it fails."""
    world, account = harness.fresh()
    orders = _read(harness, account, operation)
    endpoint, answers = harness.answers(world)
    return (endpoint, answers, orders) if orders and answers else None


def _other_timezone(harness: Harness, operation: Operation) -> Iterator[str]:
    """Have each time that is in UTC in another timezone: it is the same time."""
    answers = _answers(harness, operation)
    if answers is None:
        return
    endpoint, bodies, orders = answers
    changed = [_UTC_TEXT.sub(_moved, body.decode()).encode() for body in bodies]
    found = _read(harness, harness.replay(endpoint, changed), operation) if changed != bodies else {}
    for order_id, order in found.items():
        if (before := orders.get(order_id)) is not None and before.placed_at != order.placed_at:
            yield (
                f"{operation} reads {order_id} as placed at {order.placed_at} if the answer has a UTC offset, and at "
                f"{before.placed_at} if it does not: use utc or parse_timestamp of ordermux.order"
            )
            return


def _moved(found: re.Match[str]) -> str:
    moment = datetime.datetime.fromisoformat(found[1]).replace(tzinfo=datetime.UTC)
    return f'"{moment.astimezone(_OFFSET).isoformat()}"'


def _no_amount(harness: Harness, operation: Operation) -> Iterator[str]:
    """Have texts that are no amounts where amounts stand as texts: an order has no total then."""
    answers = _answers(harness, operation)
    if answers is None:
        return
    endpoint, bodies, _ = answers
    changed = [_AMOUNT_TEXT.sub(b'"n/a"', body) for body in bodies]
    if changed == bodies:
        return
    outcome = call(harness.replay(endpoint, changed), act_of(harness.facts, operation), awaiting=False)
    if isinstance(outcome, Exception) and not isinstance(outcome, OrdermuxError):
        yield f"{operation} raised {outcome!r} for an amount that is no number: use Money.from_text"


def _missing_status(harness: Harness, operation: Operation) -> Iterator[str]:
    """Have an answer without any status: nothing is reported then, least of all that an order is paid."""
    answers = _answers(harness, operation)
    names = _status_members(harness.facts)
    if answers is None or not names:
        return
    endpoint, bodies, orders = answers
    bare = [json.dumps(without(json.loads(body), names.__contains__)).encode() for body in bodies]
    for order_id, order in _read(harness, harness.replay(endpoint, bare), operation).items():
        claims = [axis for axis in _AXES if (value := getattr(order.status, axis)) is not None and value != "unknown"]
        if claims and order_id in orders:
            yield (
                f"{operation} reads {shown(order.status)} of an order without {' and '.join(sorted(names))}: "
                "a status that is missing is not reported"
            )
            return


def _status_members(facts: ProviderFacts) -> set[str]:
    """Return the members of the document's schemas that the facts' status maps read."""
    schemas: dict[str, Any] = document_of(facts)["components"]["schemas"]
    enums = {f"#/components/schemas/{name}" for name in facts.status_maps}
    return {
        member
        for schema in schemas.values()
        for member, node in schema.get("properties", {}).items()
        if any(f'"{enum}"' in json.dumps(node) for enum in enums)
    }


def _possible(harness: Harness) -> Iterator[str]:
    """Yield each status that orders have and `possible_values` lacks: a list cannot be filtered by it."""
    _, account = harness.fresh()
    possible = account.adapter().possible_values
    found = {
        (axis, str(value))
        for order in _read(harness, account, Operation.LIST).values()
        for axis in _AXES
        if (value := getattr(order.status, axis)) is not None and value != "unknown"
    }
    for axis, value in sorted(found):
        if value not in possible.get(axis, ()):
            yield f"an order is {value}, and possible_values[{axis!r}] of the adapter lacks it: use union_of"


def _stale(harness: Harness) -> Iterator[str]:
    """Yield where a client reads an order as it was before it changed."""
    facts = harness.facts
    world, account = harness.fresh()
    state, order_id = harness.state(world), harness.place(world)
    steps = state.transitions(order_id) if order_id in state.orders else ()
    if not steps:
        return

    def act(mux: Ordermux) -> list[Status]:
        before = mux.orders.get(f"{account.name}:{order_id}").status
        state.transition(order_id, steps[0])
        return [before, mux.orders.get(f"{account.name}:{order_id}").status]

    found = call(account, act, awaiting=False)
    expected = facts.transitions.get(steps[0])
    if isinstance(found, list) and expected is not None and shown(found[1]) != expected:  # pyright: ignore[reportUnknownArgumentType]
        yield f"an order that was read, and then changed by {steps[0]}, is read as {shown(found[1])}: keep no answers"  # pyright: ignore[reportUnknownArgumentType]


def _livemode(harness: Harness) -> Iterator[str]:
    """Yield each write to an order of the other mode than the account's that is sent."""
    facts = harness.facts
    if not facts.parts.account.shows_livemode:
        return
    _, account = harness.fresh()
    order = _read(harness, account, Operation.GET).get(facts.sample_order)
    if order is None or order.livemode is None:
        yield "the account has shows_livemode = True, and the sample order shows no livemode"
        return
    for operation in sorted(WRITES & set(facts.operations) - {Operation.CREATE, Operation.PRODUCTS_PUT}):
        world, account = harness.fresh()
        other = attrs.evolve(account, livemode=not order.livemode)
        outcome = call(other, act_of(facts, operation), awaiting=False)
        if not isinstance(outcome, LivemodeMismatch) or world.effects.total():
            yield f"{operation} of an order of the other mode than the account's gave {outcome!r}: use check_livemode"
