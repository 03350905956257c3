"""The provider's emulator and clients over it, for the checks: each case has a world of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Generator, Iterator
from typing import Any

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...client import AsyncOrdermux, Ordermux
from ...emulator.server import Emulator
from ...emulator.world import World
from ...errors import OrdermuxError
from ...order import Order, Refund
from ...providers.account import Account
from ...providers.adapter import Operation
from ...status import Status
from .facts import ProviderFacts

Act = Callable[[Any], Any]
"""Calls an operation of a client of either kind."""


@attrs.define
class Answers:
    """An ASGI middleware that keeps the last body of each path."""

    app: ASGIApp
    bodies: dict[str, bytes] = attrs.field(factory=dict[str, bytes])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        sent = bytearray()

        async def sending(message: Message) -> None:
            sent.extend(message.get("body", b""))
            self.bodies[scope["path"]] = bytes(sent)
            await send(message)

        await self.app(scope, receive, sending)


@attrs.define(eq=False)
class Harness:
    """One provider's emulator at work."""

    facts: ProviderFacts
    emulator: Emulator
    answers: Answers
    _numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def fresh(self) -> tuple[World, Account[Any]]:
        """Return a world that nothing has happened in, and the provider's account there."""
        name = f"case{next(self._numbers)}"
        world = self.emulator.world_named(name)
        return world, self.account(name)

    def account(self, world: str = "") -> Account[Any]:
        """Return the provider's account in a world."""
        made = next(each for each in self.emulator.accounts(world) if each.provider == self.facts.provider)
        return attrs.evolve(made, **self.facts.settings) if self.facts.settings else made

    def state(self, world: World) -> Any:
        """Return what the provider remembers in a world."""
        return world.states[self.facts.provider]

    def place(self, world: World) -> str:
        """Let a customer order; return the order's id."""
        order_id: str = self.state(world).place()[self.facts.parts.emulator.placed_id]
        return order_id

    def listed(self, world: World) -> set[str]:
        """Return the ids of the orders that the account's list has in a world."""
        return {name for name, order in self.state(world).orders.items() if self.facts.is_listed(order)}


@contextlib.contextmanager
def opened(facts: ProviderFacts, world: World | None = None) -> Generator[Harness]:
    """Start the emulator, for as many worlds as the checks need."""
    kept: list[Answers] = []

    def wrap(app: ASGIApp) -> ASGIApp:
        kept.append(Answers(app))
        return kept[0]

    with Emulator(world, wrap=wrap, max_worlds=5_000) as emulator:
        yield Harness(facts, emulator, kept[0])


def call(account: Account[Any], act: Act, *, awaiting: bool, **options: Any) -> Any:
    """Return what a call returned, or the exception that it raised; a retry comes at once."""
    options = {"timeout": 5.0, "attempt_timeout": 2.0, **options}
    try:
        if not awaiting:
            with _eager(Ordermux(account, **options)) as mux:
                return _whole(act(mux))
        return asyncio.run(_awaited(account, act, options))
    except Exception as error:  # whatever a provider's code raises is looked at
        return error


async def _awaited(account: Account[Any], act: Act, options: dict[str, Any]) -> Any:
    async with _eager(AsyncOrdermux(account, **options)) as mux:
        return _whole(await act(mux))


def _whole(outcome: Any) -> Any:
    """Return an outcome whose orders are read: what the adapter does at first access may raise, too."""
    for each in outcome if isinstance(outcome, list | tuple) else [outcome]:  # pyright: ignore[reportUnknownVariableType]
        if isinstance(each, Order):
            each.to_dict()
    return outcome  # pyright: ignore[reportUnknownVariableType]


def _eager(mux: Any) -> Any:
    """Return a client that does not pause before it sends again, unless the provider names a time."""
    for runtime, _ in mux._executor.accounts.values():  # noqa: SLF001
        runtime.policy = attrs.evolve(runtime.policy, random=lambda: 0.0)
    return mux


def act_of(facts: ProviderFacts, operation: Operation, order_id: str | None = None, key: str | None = None) -> Act:
    """Return what calls an operation, on the sample order unless another is named."""
    reference = f"{facts.provider}:{order_id or facts.sample_order}"
    keyed = {} if key is None else {"idempotency_key": key}
    product_id, product = facts.product or ("", None)
    acts: dict[Operation, Act] = {
        Operation.CREATE: lambda mux: mux.orders.create(facts.provider, facts.draft),
        Operation.GET: lambda mux: mux.orders.get(reference),
        Operation.FIND: lambda mux: mux.orders.find(facts.provider, facts.merchant_reference),
        Operation.LIST: lambda mux: _listed(mux.orders.list(facts.provider)),
        Operation.UPDATE: lambda mux: mux.orders.update(reference, facts.changes),
        Operation.FULFILL: lambda mux: mux.orders.fulfill(reference),
        Operation.CANCEL: lambda mux: mux.orders.cancel(reference, **keyed),
        Operation.REFUND: lambda mux: mux.orders.refund(reference, facts.refund, **keyed),
        Operation.PRODUCTS_PUT: lambda mux: mux.products.put(facts.provider, product_id, product),
        Operation.PRODUCTS_GET: lambda mux: mux.products.get(facts.provider, product_id),
        Operation.PRODUCTS_SYNC: lambda mux: mux.products.sync(facts.provider, [(product_id, product)]),
    }
    return acts[operation]


def _listed(orders: Any) -> Any:
    """Return all orders of a list, or what to await for them."""
    if not hasattr(orders, "__anext__"):
        return list(orders)

    async def collected() -> list[Order]:
        return [order async for order in orders]

    return collected()


def told(outcome: Any) -> str:
    """Return what a caller was told of a write: `done`, `refused`, `unknown`, or which exception leaked."""
    from ...errors import OutcomeUnknown, ProviderError

    if isinstance(outcome, OutcomeUnknown) or (isinstance(outcome, ProviderError) and outcome.applied is None):
        return "unknown"
    if isinstance(outcome, OrdermuxError):
        return "refused"
    if isinstance(outcome, Exception):
        return f"leaked {type(outcome).__name__}: {outcome}"
    return "done"


def shown(status: Status) -> str:
    """Return a status on one line."""
    return " / ".join(str(axis or "-") for axis in (status.lifecycle, status.payment, status.fulfillment))


def is_result(operation: Operation, outcome: Any) -> bool:
    """Tell whether an outcome is of the type that an operation returns."""
    if operation in {Operation.GET, Operation.CREATE, Operation.UPDATE, Operation.FULFILL, Operation.CANCEL}:
        return isinstance(outcome, Order)
    if operation is Operation.REFUND:
        return isinstance(outcome, Refund)
    return not isinstance(outcome, Exception)
