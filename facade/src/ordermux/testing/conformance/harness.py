"""The provider's emulator and clients over it, for the checks: each case has a world of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any
from urllib.parse import unquote_plus

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...client import AsyncOrdermux, Ordermux
from ...emulator.faults import Fault, FaultKind
from ...emulator.server import Emulator, account
from ...emulator.world import CALL, WORLD, World
from ...errors import OrdermuxError
from ...order import Order, Refund
from ...providers.account import Account
from ...providers.adapter import Operation
from ...status import Status
from .facts import ProviderFacts

Act = Callable[[Any], Any]
"""Calls an operation of a client of either kind."""


@attrs.define
class Exchange:
    """A request that the emulator carried out, and its response."""

    operation: str
    """The operation of the document, such as `createRefund`; empty if there is none."""
    target: str
    """The path and the query, as they were sent."""
    headers: tuple[tuple[str, str], ...]
    content: bytes
    answer: bytes = b""

    @property
    def sent(self) -> str:
        """All of the request as text."""
        headers = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{unquote_plus(self.target)}\n{headers}\n{self.content.decode(errors='replace')}"


@attrs.define
class Recorder:
    """An ASGI middleware that keeps the requests and responses of each world, faults apart."""

    app: ASGIApp
    by_world: dict[str, list[Exchange]] = attrs.field(factory=lambda: defaultdict[str, "list[Exchange]"](list))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        content, noted = bytearray(), list[Exchange]()

        async def receiving() -> Message:
            message = await receive()
            content.extend(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if not noted:  # a response without a body is complete for its reader before that is sent
                noted.append(_exchange(scope, bytes(content)))
                self.by_world[scope[WORLD].name].append(noted[0])
            noted[0].answer += message.get("body", b"")
            await send(message)

        await self.app(scope, receiving, sending)


def _exchange(scope: Scope, content: bytes) -> Exchange:
    query = scope["query_string"].decode("latin-1")
    return Exchange(
        operation=scope[CALL]["operation"].partition(".")[2] if CALL in scope else "",
        target=scope["path"] + (f"?{query}" if query else ""),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        content=content,
    )


@attrs.define(eq=False)
class Harness:
    """One provider's emulator at work."""

    facts: ProviderFacts
    emulator: Emulator
    recorder: Recorder
    _numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def fresh(self) -> tuple[World, Account[Any]]:
        """Return a world that nothing has happened in, and the provider's account there."""
        name = f"case{next(self._numbers)}"
        world = self.emulator.world_named(name)
        return world, self.account(name)

    def account(self, world: str = "") -> Account[Any]:
        """Return the provider's account in a world."""
        front = f"/w/{world}" if world else ""
        made = account(self.emulator.address + front, self.facts.provider, world)
        return attrs.evolve(made, name=self.facts.account_name, **self.facts.settings)

    def replay(self, operation: str, answers: Sequence[bytes]) -> Account[Any]:
        """Return the account in a fresh world where an operation gives these answers, and then the last one again."""
        world, account = self.fresh()
        for times, body in zip([1] * (len(answers) - 1) + [99], answers, strict=True):
            fault = Fault(kind=FaultKind.STATUS, when="before", status=200, body=body, times=times)
            world.faults.inject(f"{self.facts.provider}.{operation}", fault)
        return account

    def answers(self, world: World) -> tuple[str, list[bytes]]:
        """Return the operation that was called last in a world, and all that it answered: a list's pages."""
        exchanges = [each for each in self.exchanges(world) if each.operation]
        operation = exchanges[-1].operation if exchanges else ""
        return operation, [each.answer for each in exchanges if each.operation == operation]

    def exchanges(self, world: World) -> list[Exchange]:
        """Return what the emulator was asked in a world, and answered."""
        return self.recorder.by_world[world.name]

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
    recorders: list[Recorder] = []

    def wrap(app: ASGIApp) -> ASGIApp:
        recorders.append(Recorder(app))
        return recorders[0]

    with Emulator(world, wrap=wrap, max_worlds=5_000) as emulator:
        yield Harness(facts, emulator, recorders[0])


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
    name = facts.account_name
    reference = f"{name}:{order_id or facts.sample_order}"
    keyed = {} if key is None else {"idempotency_key": key}
    product_id, product = facts.product or ("", None)
    acts: dict[Operation, Act] = {
        Operation.CREATE: lambda mux: mux.orders.create(name, facts.draft),
        Operation.GET: lambda mux: mux.orders.get(reference),
        Operation.FIND: lambda mux: mux.orders.find(name, facts.merchant_reference),
        Operation.LIST: lambda mux: _listed(mux.orders.list(name)),
        Operation.UPDATE: lambda mux: mux.orders.update(reference, facts.changes),
        Operation.FULFILL: lambda mux: mux.orders.fulfill(reference),
        Operation.CANCEL: lambda mux: mux.orders.cancel(reference, **keyed),
        Operation.REFUND: lambda mux: mux.orders.refund(reference, facts.refund, **keyed),
        Operation.PRODUCTS_PUT: lambda mux: mux.products.put(name, product_id, product),
        Operation.PRODUCTS_GET: lambda mux: mux.products.get(name, product_id),
        Operation.PRODUCTS_SYNC: lambda mux: mux.products.sync(name, [(product_id, product)]),
    }
    return acts[operation]


def _listed(orders: Any) -> Any:
    """Return all orders of a list, or what to await for them."""
    if not hasattr(orders, "__anext__"):
        return list(orders)

    async def collected() -> list[Order]:
        return [order async for order in orders]

    return collected()


def outcome_of(outcome: Any) -> str:
    """Return what a caller learns of a write: `done`, `refused`, `unknown`, or which exception leaked."""
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
    """Return whether an outcome is of the type that an operation returns."""
    if operation in {Operation.GET, Operation.CREATE, Operation.UPDATE, Operation.FULFILL, Operation.CANCEL}:
        return isinstance(outcome, Order)
    if operation is Operation.REFUND:
        return isinstance(outcome, Refund)
    return not isinstance(outcome, Exception)
