"""The ledger of orders and events: nothing is made up or counted twice, and it follows a refund."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from ...errors import NotRefundable
from ...ledger import NOT_SHOWN, Ledger, Unrefundable
from ...money import Money, difference
from ...order import Order, Refund
from ...providers.account import Account
from ...providers.adapter import Operation
from ...refunds import captured
from ...status import Attention, Payment
from .facts import ProviderFacts
from .harness import Harness, act_of, call, opened
from .webhooks import examples

_TIMES = 2
"""How often a part is refunded."""


def ledgers(facts: ProviderFacts) -> Iterator[str]:
    """Yield where a ledger says what cannot be, or does not follow what happens to the order."""
    with opened(facts) as harness:
        for operation in (Operation.GET, Operation.LIST):
            if operation in facts.operations:
                for order in _read(harness, operation):
                    for problem in _order_problems(order):
                        yield f"{operation}: {order.ref}: {problem}"
        if {Operation.GET, Operation.REFUND} <= set(facts.operations) and facts.refund is not None:
            yield from _refunded(harness, facts.refund)
            yield from _remaining(harness)
    for name, ledger in _event_ledgers(facts):
        for problem in _event_problems(ledger):
            yield f"the event {name}: {problem}"


def _read(harness: Harness, operation: Operation) -> list[Order]:
    _, account = harness.fresh()
    outcome = call(account, act_of(harness.facts, operation), awaiting=False)
    found: list[Any] = outcome if isinstance(outcome, list) else [outcome]  # pyright: ignore[reportUnknownVariableType]
    return [each for each in found if isinstance(each, Order)]


def _order_problems(order: Order) -> Iterator[str]:
    """Yield what is wrong with the ledger of an order by itself."""
    yield from _ledger_problems(order.ledger)
    if (order.ledger.lines or ()) != order.line_items:
        yield "its ledger has other lines than line_items: give Ledger(lines=…) those that the order has"
    if order.ledger.is_partial:
        yield "its ledger is_partial, which the ledger of an event is: a read shows all that the provider shows"
    if Attention.LEDGER_CONFLICT in order.status.attention:
        yield "its ledger contradicts its status, or itself: explain(order) says how"
    taken = captured(order.ledger, order.total, order.status.payment)
    back = order.refunded_total
    if back is None or not isinstance(taken, Money) or back.currency != taken.currency:
        return
    if back.amount > taken.amount:
        yield f"refunded_total is {back}, and {taken} was captured: is a refund counted twice?"
    elif order.status.payment is Payment.REFUNDED and back.amount < taken.amount:
        yield f"it is refunded, and refunded_total is {back} of {taken}: None is what is not shown"
    elif order.status.payment is Payment.PAID and back.amount:
        yield f"it is paid, and refunded_total is {back}: is it partially_refunded?"
    elif order.status.payment is Payment.PARTIALLY_REFUNDED and back.amount in {Decimal(0), taken.amount}:
        yield f"it is partially_refunded, and refunded_total is {back} of {taken}: None is what is not shown"


def _ledger_problems(ledger: Ledger) -> Iterator[str]:
    """Yield what no ledger may have."""
    yield from _entry_problems("payments", ledger.payments or ())
    yield from _entry_problems("adjustments", ledger.adjustments or ())
    yield from _entry_problems("fulfillments", ledger.fulfillments or ())
    for line in ledger.lines or ():
        for name in ("quantity", "fulfilled", "returned", "removed"):
            quantity: Any = getattr(line, name)
            if quantity is not None and (isinstance(quantity, bool) or not isinstance(quantity, int | Decimal)):
                yield f"a line's {name} is {quantity!r}, neither an int nor a Decimal"
            elif quantity is not None and quantity < 0:
                yield f"a line's {name} is {quantity}, which is below 0"


def _entry_problems(part: str, entries: Iterable[Any]) -> Iterator[str]:
    for entry in entries:
        amount, time = getattr(entry, "amount", None), entry.occurred_at
        if amount is not None and amount.amount < 0:
            yield f"{part} has an amount of {amount}: a ledger's amounts are above 0, and the kind says which way"
        if time is not None and time.utcoffset() != datetime.timedelta(0):
            yield f"{part} has the time {time.isoformat()}: use parse_timestamp or utc, which give UTC"
    states = Counter((getattr(entry, "kind", None), entry.id, entry.state) for entry in entries if entry.id is not None)
    for (_, entry_id, state), count in states.items():
        if count > 1:
            yield f"{part} has {entry_id!r} {count} times as {state}: an id is one entry's"


def _event_ledgers(facts: ProviderFacts) -> Iterator[tuple[str, Ledger]]:
    """Yield what an event of each kind adds to the ledger."""
    if facts.parts.has("webhooks"):
        for name, body in examples(facts).items():
            yield name, facts.parts.webhooks.facts(facts.parts.generated().events.read_event(body)[0]).ledger


def _event_problems(ledger: Ledger) -> Iterator[str]:
    yield from _ledger_problems(ledger)
    if ledger != NOT_SHOWN and not ledger.is_partial:
        yield "its ledger has no is_partial=True, so that what one event tells would count for all that there is"


def _order(harness: Harness, account: Account[Any]) -> Order | None:
    outcome = call(account, act_of(harness.facts, Operation.GET), awaiting=False)
    return outcome if isinstance(outcome, Order) else None


def _refunded(harness: Harness, part: Money) -> Iterator[str]:
    """Refund a part twice: what was refunded grows by as much, and what is left shrinks, or neither is known."""
    _, account = harness.fresh()
    for _ in range(_TIMES):
        before = _order(harness, account)
        made = call(account, act_of(harness.facts, Operation.REFUND), awaiting=False)
        after = _order(harness, account)
        if before is None or after is None or not isinstance(made, Refund):
            return  # the check results reports it
        for name, sign in (("refunded_total", 1), ("refundable", -1)):
            old, new = getattr(before, name), getattr(after, name)
            if old is None or new is None:
                continue
            moved = difference(new, old)
            if moved is None or moved.amount != sign * part.amount:
                yield (
                    f"after a refund of {part}, {name} goes from {old} to {new}: None is what the provider does not "
                    "show, and each refund counts once"
                )
                return


def _remaining(harness: Harness) -> Iterator[str]:
    """Refund what is left: all of it and no more, once."""
    facts = harness.facts
    world, account = harness.fresh()
    before = _order(harness, account)
    reference = f"{account.name}:{facts.sample_order}"

    def refund() -> Any:
        return call(account, lambda mux: mux.orders.refund(reference, remaining=True), awaiting=False)

    if before is None:
        return
    made = refund()
    if before.refundable is None:
        if not isinstance(made, NotRefundable) or world.effects.total():
            yield f"what is left of an order is not known, and refunding it gave {made!r}, not NotRefundable"
        return
    if not isinstance(made, Refund) or made.amount != before.refundable:
        yield f"{before.refundable} is left of an order, and refunding what is left gave {made!r}"
        return
    again = refund()
    if world.effects.total() != 1:
        yield f"what was left of an order was refunded {world.effects.total()} times"
    if not isinstance(again, NotRefundable):
        yield f"after what was left was refunded, refunding what is left gave {again!r}, not NotRefundable"
    elif again.reason is not Unrefundable.NOTHING_LEFT and (left := _order(harness, account)) is not None:
        yield f"after what was left was refunded, it is not known that nothing is left: {left.ledger!r}"
