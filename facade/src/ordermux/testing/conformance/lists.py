"""Long lists, and the limit that is kept on our side."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

from ...client import Ordermux
from ...emulator.world import World
from ...engine.rate_limit import RateLimiter
from ...providers.account import Account
from ...providers.adapter import Operation
from ...status import Attention
from .facts import ProviderFacts
from .harness import Harness, act_of, call, opened, shown
from .json_values import other_type, replaced, rows_with

_EXTRA = 250
"""How many orders there are beside the emulator's few."""
_MOST, _SECONDS, _READS = 2, 0.3, 6
"""The limit that is tried: so many requests in so many seconds, and how many are made."""


def lists(facts: ProviderFacts) -> Iterator[str]:
    """Yield what a long list misses, gives twice, or does not go on with from a cursor."""
    if Operation.LIST not in facts.operations:
        return
    with opened(facts, World(extra_orders=_EXTRA)) as harness:
        made = len(harness.state(harness.emulator.world).orders)
        if made < _EXTRA:
            yield f"the emulator has {made} orders of {_EXTRA} and more: let add_generated_order add one to the state"
        for awaiting in (False, True):
            world, account = harness.fresh()
            wanted = harness.listed(world)
            found = call(account, act_of(facts, Operation.LIST), awaiting=awaiting, timeout=30.0)
            if isinstance(found, Exception):
                yield f"a list of {len(wanted)} orders raised {found!r}"
                continue
            ids = [order.ref.id for order in found]
            if missing := wanted - set(ids):
                yield f"a list of {len(wanted)} orders misses {len(missing)}, such as {min(missing)}"
            if extra := set(ids) - wanted:
                yield f"a list gives orders that there are not, such as {min(extra)}"
            if len(set(ids)) < len(ids):
                yield f"a list gives {len(ids) - len(set(ids))} orders twice"
        yield from _resumed(harness)


def _resumed(harness: Harness) -> Iterator[str]:
    """Stop in the midst of a list, and go on from its cursor."""
    name = harness.facts.account_name
    for share in (2, 1):
        world, account = harness.fresh()
        wanted = harness.listed(world)
        taken = len(wanted) // share - 1
        try:
            cursor, ids = _read_in_two(account, name, taken)
        except Exception as error:  # whatever a provider's code raises
            yield f"a list that stopped after {taken} orders cannot be gone on with: {error!r}"
            continue
        if cursor is None and share == 1:
            yield f"a list has no cursor after {taken} orders, so that it cannot be gone on with"
        if missing := wanted - ids:
            yield f"a list that went on after {taken} orders misses {len(missing)}, such as {min(missing)}"


def _read_in_two(account: Account[Any], name: str, taken: int) -> tuple[str | None, set[str]]:
    """Read some orders, and the rest in another client, as another process would; return the cursor and the ids."""
    with Ordermux(account) as mux:
        first = mux.orders.list(name)
        ids = {order.ref.id for order in itertools.islice(first, taken)}
        cursor = first.cursor
    with Ordermux(account) as mux:
        return cursor, ids | {order.ref.id for order in mux.orders.list(name, cursor=cursor)}


def unreadable(facts: ProviderFacts) -> Iterator[str]:
    """Yield where one order that is not what the document says hides the others of its list."""
    if Operation.LIST not in facts.operations:
        return
    with opened(facts) as harness:
        world, account = harness.fresh()
        whole = call(account, act_of(facts, Operation.LIST), awaiting=False)
        if isinstance(whole, Exception):
            return
        endpoint, answers = harness.answers(world)
        ids = [order.ref.id for order in whole]
        for order_id in ids:
            changed = [[_with_one_broken(answer, order_id, kept) for answer in answers] for kept in (order_id, None)]
            for each in changed:
                if each != answers:
                    yield from _one_unreadable(harness, endpoint, each, order_id, set(ids))
            if changed != [answers, answers]:
                return


def _with_one_broken(answer: bytes, order_id: str, kept: str | None) -> bytes:
    """Return an answer in which an order has only the id that is kept right; as it is, if it has no such order."""
    body = json.loads(answer)
    for path, rows, index in rows_with(body, order_id):
        broken = [other_type(each, kept) if place == index else each for place, each in enumerate(rows)]
        return json.dumps(replaced(body, path, broken)).encode()
    return answer


def _one_unreadable(harness: Harness, endpoint: str, answers: list[bytes], broken: str, ids: set[str]) -> Iterator[str]:
    account = harness.replay(endpoint, answers)
    found = call(account, act_of(harness.facts, Operation.LIST), awaiting=False)
    cure = "read a page by `lenient_reader` and its rows by `orders_of`, of ordermux.providers.recovery"
    if isinstance(found, Exception):
        yield f"a list with an order that is not what the document says raised {found!r}: {cure}"
        return
    orders = {order.ref.id: order for order in found}
    if missing := ids - set(orders) - {broken}:
        yield f"a list with an order that is not what the document says misses {len(missing)} others: {cure}"
    order = orders.get(broken)
    # An optional field that is not what the document says is left out, and is not reported.
    if order is not None and shown(order.status) != "- / - / -" and Attention.UNREADABLE not in order.status.attention:
        yield f"an order that is not what the document says is read as {shown(order.status)}, not as unreadable: {cure}"


def filters(facts: ProviderFacts) -> Iterator[str]:
    """Yield each filter of a list that does not give the orders whose status is wanted, and no others."""
    if Operation.LIST not in facts.operations:
        return
    with opened(facts) as harness:
        for axis, values in harness.account().adapter().possible_values.items():
            for value in sorted(values):
                yield from _filtered(harness, axis, value)


def _filtered(harness: Harness, axis: str, value: str) -> Iterator[str]:
    _, account = harness.fresh()
    claims: dict[str, Any] = {axis: value}
    everything = call(account, act_of(harness.facts, Operation.LIST), awaiting=False)
    found = call(account, lambda mux: list(mux.orders.list(account.name, **claims)), awaiting=False)
    if isinstance(everything, Exception) or isinstance(found, Exception):
        yield f"a list, and one of {axis}={value}, gave {everything!r} and {found!r}"
        return
    wanted = {order.ref.id for order in everything if getattr(order.status, axis) == value}
    if {order.ref.id for order in found} != wanted:
        yield f"a list of {axis}={value} gives {len(found)} orders, and {len(wanted)} orders of the whole list are so"


def limits(facts: ProviderFacts) -> Iterator[str]:
    """Yield where more requests arrive than the account's limit allows."""
    with opened(facts) as harness:
        account = harness.account()
        operation = next((each for each in (Operation.GET, Operation.LIST) if each in facts.operations), None)
        if account.limit(time.monotonic, shared=False) is None or operation is None:
            return
        with Ordermux(account, timeout=30.0) as mux:
            executor: Any = mux._executor  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            limit = executor.accounts[account.name][0].limit
            if not isinstance(limit, RateLimiter):
                return
            limit.max_requests, limit.seconds = _MOST, _SECONDS
            for _ in range(_READS):
                act_of(facts, operation)(mux)
        arrivals = list(harness.emulator.world.arrivals[facts.provider])
        for first, last in zip(arrivals, arrivals[_MOST:], strict=False):
            if last - first < _SECONDS:
                yield f"{_MOST + 1} requests arrived within {last - first:.3f} s, and {_MOST} may in {_SECONDS} s"
                break
