"""Refunds: how much is given back, of which order, and what must not be given back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ...errors import OrdermuxError, OutcomeUnknown
from ...order import Money, Order, Refund
from ...providers.account import Account
from ...providers.adapter import Operation
from .facts import ProviderFacts
from .harness import Harness, act_of, call, opened

_KEY = "conformance-key-{}"


def refunds(facts: ProviderFacts) -> Iterator[str]:
    """Yield where a refund is of another amount or another order than asked for, or should have been refused."""
    if Operation.REFUND not in facts.operations or facts.refund is None:
        return
    with opened(facts) as harness:
        yield from _result(harness)
        yield from _all_of_it(harness)
        yield from _by_two_keys(harness)
        for what, amount in _wrong_amounts(facts.refund):
            yield from _refused(harness, what, amount)


def _refund(harness: Harness, account: Account[Any], amount: Money | None, key: str | None = None) -> Any:
    reference = f"{account.name}:{harness.facts.sample_order}"
    options: dict[str, Any] = {"full": True} if amount is None else {}
    options |= {} if key is None else {"idempotency_key": key}
    return call(account, lambda mux: mux.orders.refund(reference, amount, **options), awaiting=False)


def _result(harness: Harness) -> Iterator[str]:
    facts = harness.facts
    _, account = harness.fresh()
    keyed = Operation.REFUND in facts.adapter.idempotent_operations
    found = _refund(harness, account, facts.refund, _KEY.format("a") if keyed else None)
    if not isinstance(found, Refund):
        return  # the check results reports it
    if found.order.id != facts.sample_order or found.order.account != account.name:
        yield f"a refund of {account.name}:{facts.sample_order} is reported for {found.order}: use self.ref(order_id)"
    if keyed and found.idempotency_key != _KEY.format("a"):
        yield f"a refund with a key of the caller's has idempotency_key {found.idempotency_key!r}: give it call.key"


def _all_of_it(harness: Harness) -> Iterator[str]:
    """Give back a part and the rest; nothing is left then, unless the amounts that were sent are in another unit."""
    facts = harness.facts
    _, account = harness.fresh()
    order, part = call(account, act_of(facts, Operation.GET), awaiting=False), facts.refund
    if not isinstance(order, Order) or order.total is None or part is None or order.total.currency != part.currency:
        return
    for amount in (part, Money(order.total.amount - part.amount, part.currency)):
        found = _refund(harness, account, amount)
        if not isinstance(found, Refund):
            yield f"of {order.total}, {amount} could not be given back: {found!r}; is it sent in the provider's unit?"
            return
    if isinstance(_refund(harness, account, part), Refund):
        yield (
            f"after all of {order.total} was given back, {part} more was: send amounts in the provider's unit, and let "
            "the emulator refuse what is more than the rest"
        )


def _by_two_keys(harness: Harness) -> Iterator[str]:
    """Two refunds of the same amount with two keys are two refunds."""
    facts = harness.facts
    if Operation.REFUND not in facts.adapter.idempotent_operations:
        return
    world, account = harness.fresh()
    found = [_refund(harness, account, facts.refund, _KEY.format(each)) for each in "ab"]
    if all(isinstance(each, Refund) for each in found) and world.effects.total() < len(found):
        yield "two refunds with two keys are carried out once: pass call.key as it is"


def _wrong_amounts(right: Money) -> Iterator[tuple[str, Money]]:
    yield "another currency", Money(right.amount, "CHF" if right.currency != "CHF" else "SEK")
    yield "an amount of 0", Money(Decimal(0), right.currency)
    yield "an amount below 0", Money(-right.amount, right.currency)
    yield "an amount that is not exact in minor units", Money(right.amount + Decimal("0.00001"), right.currency)


def _refused(harness: Harness, what: str, amount: Money) -> Iterator[str]:
    """Yield where a refund is carried out that cannot be meant."""
    world, account = harness.fresh()
    found = _refund(harness, account, amount)
    if world.effects.total():
        yield f"a refund of {amount}, {what}, is carried out: raise InvalidArgument before it is sent"
    elif not isinstance(found, OrdermuxError) or isinstance(found, OutcomeUnknown):
        yield f"a refund of {amount}, {what}, gave {found!r}: raise InvalidArgument before it is sent"
