"""Each operation, blocking and awaiting, with what it returns; and those that the provider has not."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ...emulator.faults import Fault, FaultKind
from ...errors import AuthenticationFailed, NotFound, OrdermuxError, Unsupported
from ...order import Money, Order
from ...providers.account import Account
from ...providers.adapter import Operation
from ...status import Attention
from .document import without_credentials
from .facts import ON_ORDERS, ProviderFacts
from .harness import Harness, act_of, call, is_result, opened, shown

_CLIENTS = {"Ordermux": False, "AsyncOrdermux": True}
_WRONG = "a-wrong-credential-of-the-conformance-kit"


def results(facts: ProviderFacts) -> Iterator[str]:
    """Yield each operation whose result is not what the facts say, of either client."""
    with opened(facts) as harness:
        for operation in facts.operations:
            for client, awaiting in _CLIENTS.items():
                for problem in _result(harness, operation, awaiting=awaiting):
                    yield f"{operation} of {client}: {problem}"


def _result(harness: Harness, operation: Operation, *, awaiting: bool) -> Iterator[str]:
    facts = harness.facts
    world, account = harness.fresh()
    if operation is Operation.PRODUCTS_GET:
        call(account, act_of(facts, Operation.PRODUCTS_PUT), awaiting=awaiting)
    outcome = call(account, act_of(facts, operation), awaiting=awaiting)
    if not is_result(operation, outcome):
        yield f"gave {outcome!r}{_origin(facts, outcome)}"
        return
    if operation in ON_ORDERS:
        yield from _order_problems(harness, account, operation, outcome, awaiting=awaiting)
    elif operation is Operation.LIST:
        found, wanted = {order.ref.id for order in outcome}, harness.listed(world)
        if found != wanted:
            yield f"gave {len(found)} orders, and the emulator has {len(wanted)}"
    elif operation is Operation.FIND:
        yield from _found_problems(facts, outcome)
    elif operation is Operation.REFUND and outcome.amount != facts.refund:
        yield f"gave back {outcome.amount}, and {facts.refund} was asked for"
    elif operation is Operation.PRODUCTS_SYNC and (outcome.stored, outcome.failed) != (1, 0):
        yield f"stored {outcome.stored} products and failed {outcome.failed}, of one"


def _found_problems(facts: ProviderFacts, orders: tuple[Order, ...]) -> Iterator[str]:
    """Yield what is wrong with the orders that have the sample order's number."""
    if facts.sample_order not in {order.ref.id for order in orders}:
        yield f"gave {len(orders)} orders, none of which is the sample order"
    if wrong := [order for order in orders if order.merchant_reference != facts.merchant_reference]:
        yield f"gave {wrong[0].ref}, whose merchant_reference is {wrong[0].merchant_reference!r}"


def _origin(facts: ProviderFacts, outcome: Any) -> str:
    """Return the line of the provider's adapter that an exception came through, empty if there is none."""
    module = inspect.getfile(facts.adapter)
    frames = traceback.extract_tb(outcome.__traceback__) if isinstance(outcome, Exception) else ()
    lines = [frame.lineno for frame in frames if frame.filename == module]
    return f", at {Path(module).name}:{lines[-1]}" if lines else ""


def _order_problems(
    harness: Harness, account: Account[Any], operation: Operation, order: Order, *, awaiting: bool
) -> Iterator[str]:
    facts = harness.facts
    if order.ref.account != account.name:
        yield f"the order's account is {order.ref.account!r}, not {account.name!r}: use self.ref(…)"
    if operation is not Operation.CREATE and order.ref.id != facts.sample_order:
        yield f"the order is {order.ref.id!r}, and {facts.sample_order!r} was asked for"
    expected = facts.statuses.get(operation)
    if expected is None:
        yield (
            f"no fact says which status it returns: give ProviderFacts(statuses={{'{operation}': "
            f"'{shown(order.status)}'}}) if that is right"
        )
    elif shown(order.status) != expected:
        yield f"the status is {shown(order.status)!r}, and statuses[{str(operation)!r}] is {expected!r}"
    if order.deviations:
        yield f"the emulator's answer is not what the document says: {'; '.join(order.deviations)}"
    if operation is Operation.CREATE and Operation.GET in facts.operations:
        again = call(account, act_of(facts, Operation.GET, order.ref.id), awaiting=awaiting)
        if not isinstance(again, Order) or again.ref != order.ref:
            yield f"the order that was created is read as {again!r}"


def unsupported(facts: ProviderFacts) -> Iterator[str]:
    """Yield each operation that the provider has not, and that does not raise Unsupported before anything is sent."""
    whole = attrs.evolve(
        facts, draft=facts.draft or {}, changes=facts.changes or {}, product=facts.product or ("x", {})
    )
    reference = facts.merchant_reference or "1"
    whole = attrs.evolve(whole, refund=facts.refund or Money("1.00", "USD"), merchant_reference=reference)
    with opened(facts) as harness:
        for operation in sorted(set(Operation) - facts.adapter.capabilities()):
            for client, awaiting in _CLIENTS.items():
                world, account = harness.fresh()
                outcome = call(account, act_of(whole, operation), awaiting=awaiting)
                if not isinstance(outcome, Unsupported):
                    yield f"{operation} of {client}, which is not in capabilities(), gave {outcome!r}, not Unsupported"
                if world.calls:
                    yield f"{operation} of {client} is not in capabilities(), and yet sent {', '.join(world.calls)}"


def errors(facts: ProviderFacts) -> Iterator[str]:
    """Yield where a wrong credential or an unknown id does not raise the right error."""
    with opened(facts) as harness:
        _, account = harness.fresh()
        wrong = attrs.evolve(account, **dict.fromkeys(account.secrets, _WRONG))
        for operation in facts.operations:
            if operation is Operation.PRODUCTS_SYNC:
                continue  # its report has the errors of each product
            outcome = call(wrong, act_of(facts, operation), awaiting=False)
            if not isinstance(outcome, AuthenticationFailed):
                yield (
                    f"{operation} with a wrong credential gave {outcome!r}, not AuthenticationFailed: the emulator "
                    "checks credentials in each handler, and answers 401"
                )
        unknown = harness.place(harness.fresh()[0])  # an order of another world
        for operation in set(facts.operations) & (set(ON_ORDERS) - {Operation.CREATE} | {Operation.REFUND}):
            outcome = call(account, act_of(facts, operation, unknown), awaiting=False)
            if not isinstance(outcome, NotFound):
                yield f"{operation} of an order that is not there gave {outcome!r}, not NotFound"


def unknown_statuses(facts: ProviderFacts) -> Iterator[str]:
    """Yield where a status that the document does not have raises, or is taken for a known one."""
    if not facts.adapter.shows_status:
        return
    with opened(facts) as harness:
        for operation in (Operation.GET, Operation.LIST):
            if operation not in facts.operations:
                continue
            world, account = harness.fresh()
            placed = harness.place(world)
            world.faults.inject(f"{facts.provider}.*", Fault(kind=FaultKind.UNKNOWN_STATUS, when="after"))
            outcome = call(account, act_of(facts, operation, placed), awaiting=False)
            if isinstance(outcome, Exception):
                yield f"{operation} raised {outcome!r} for a status that the document does not have: it is unknown then"
                continue
            given: list[Order] = outcome if operation is Operation.LIST else [outcome]
            order = next(each for each in given if each.ref.id == placed)
            if Attention.UNKNOWN_RAW not in order.status.attention:
                yield (
                    f"{operation} read {shown(order.status)!r} of an order whose status is a word that the document "
                    "does not have: look it up in a StatusMap, which makes it unknown"
                )


def others(facts: ProviderFacts) -> Iterator[str]:
    """Yield each operation on an order that takes an answer about another order for its own."""
    with opened(facts) as harness:
        for operation in facts.operations:
            if operation in {Operation.GET, Operation.UPDATE, Operation.FULFILL, Operation.CANCEL, Operation.REFUND}:
                yield from _other(harness, operation)


def _other(harness: Harness, operation: Operation) -> Iterator[str]:
    """Have one order's answer given for another."""
    facts = harness.facts
    world, account = harness.fresh()
    answered = _answered(harness, world, account, operation)
    if answered is None:
        yield (
            f"no other order of the emulator takes {operation}: mend what the check results finds, or let add_samples "
            "add one that does"
        )
        return
    endpoint, body = answered
    if not body:
        return  # an answer without a body says nothing about any order
    world, account = harness.fresh()
    world.faults.inject(endpoint, Fault(kind=FaultKind.STATUS, when="before", status=200, body=body))
    outcome = call(account, act_of(facts, operation), awaiting=False, attempts=1)
    if operation is Operation.GET:
        if isinstance(outcome, Order) or not isinstance(outcome, OrdermuxError):
            yield f"{operation} took an answer about another order for its own, and gave {outcome!r}: use expect_fields"
    elif not isinstance(outcome, Exception) and not world.effects[endpoint]:
        yield f"{operation} took an answer about another order for its own, and nothing was done: use expect_fields"


def _answered(harness: Harness, world: Any, account: Account[Any], operation: Operation) -> tuple[str, bytes] | None:
    """Carry an operation out on another order than the sample; return which endpoint that is, and what it answered."""
    facts = harness.facts
    for order_id in [each for each in harness.state(world).orders if each != facts.sample_order][:20]:
        sent: list[Any] = []
        outcome = call(account, act_of(facts, operation, order_id), awaiting=False, on_attempt=sent.append)
        if isinstance(outcome, Exception) or not sent:
            continue
        tokens = without_credentials(facts)
        writes = [
            each for each in sent if each.endpoint not in tokens and world.effects[f"{facts.provider}.{each.endpoint}"]
        ]
        endpoint = (writes or sent)[-1].endpoint
        answers = [each.answer for each in harness.exchanges(world) if each.operation == endpoint]
        return f"{facts.provider}.{endpoint}", answers[-1]
    return None
