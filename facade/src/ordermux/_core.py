"""Accounts at work: what the facade's two clients, and their parts, call in common."""

from __future__ import annotations

import contextlib
import functools
import re
import uuid
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import attrs

from ._call import Call, Opened, Policy
from ._checks import above_zero
from ._flow import AsyncDriver, Driver, Flow
from .accounts import Account, package
from .errors import InvalidArgument, UnknownAccount, UnknownStatus, WrongEventLoop
from .order import Order, OrderRef
from .providers import Adapter, Operation
from .status import Attention

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
_KEY = re.compile(r"[!-~]{1,255}")


class Tracer(Protocol):
    """What is asked of an OpenTelemetry tracer."""

    def start_as_current_span(self, name: str, *, attributes: Any) -> contextlib.AbstractContextManager[Any]:
        """Start a span."""
        ...


@attrs.frozen
class Plan(Generic[T]):
    """A call, and the flow that it is."""

    call: Call
    flow: Flow[T]


@attrs.define(eq=False, kw_only=True)
class Core:
    """Makes calls of operations; `run`, which the two kinds below have, carries them out."""

    awaiting: ClassVar[bool]
    driver: Any
    policy: Policy
    strict: bool
    tracer: Tracer | None
    opened: dict[str, tuple[Opened, Adapter]] = attrs.field(factory=dict[str, "tuple[Opened, Adapter]"], init=False)
    """Each account at work with its provider's side, by its name."""

    def open(
        self, account: Account[Any], on_deviation: Callable[[str, str, Any], None] | None, *, shared: bool
    ) -> None:
        """Put an account to work.

        Raises InvalidArgument where another one has its name.
        """
        if account.name in self.opened:
            raise InvalidArgument(f"two accounts are named {account.name}; give one another name=")
        from ._guard import Guard

        guard, generated = Guard(self.driver), package(account.provider, f"ordermux_{account.provider}")
        client = _client(account, guard, generated)
        opened = guard.opened = Opened(
            name=account.name,
            provider=account.provider,
            client=client,
            package=generated,
            auth=account.auth(client, awaiting=self.awaiting, shared=shared),
            limit=account.limit(self.policy.clock, shared=shared),
            policy=self.policy,
        )
        if on_deviation is not None:
            client.on_deviation = functools.partial(opened.guarded, on_deviation, account.name)
        if (hook := account.on_replaced()) is not None:
            client.on_rotation = functools.partial(opened.guarded, hook)
        self.opened[account.name] = opened, account.adapter()

    def side(self, name: str) -> tuple[Opened, Adapter]:
        """Return an account at work, and its provider's side."""
        if name not in self.opened:
            known = ", ".join(self.opened) or "none"
            raise UnknownAccount(f"no account is named {name!r}; there are: {known}")
        return self.opened[name]

    def plan(
        self,
        operation: Operation,
        account: str,
        make: Callable[[Adapter, Call], Flow[T]],
        timeout: float | None,
        key: str | None = None,
    ) -> Plan[T]:
        """Return a call of an operation, with a key of its own where none is given and the provider honours one."""
        opened, adapter = self.side(account)
        seconds = self.policy.timeout if timeout is None else above_zero("timeout", timeout)
        if key is not None and not _is_key(key):
            raise InvalidArgument("an idempotency key is 1 to 255 visible ASCII characters")
        call = Call(opened, operation, self.policy.clock() + seconds, key)
        flow = make(adapter, call)
        if operation in adapter.keyed:
            call.key = key or str(uuid.uuid4())
        elif key is not None:
            raise InvalidArgument(f"{opened.provider} honours no idempotency key for {operation}")
        return Plan(call, flow)

    def plan_for(
        self,
        operation: Operation,
        reference: OrderRef | str,
        make: Callable[[Adapter, Call, str], Flow[T]],
        timeout: float | None,
        key: str | None = None,
    ) -> Plan[T]:
        """Return a call about one order."""
        ref = OrderRef.parse(reference)
        return self.plan(operation, ref.account, lambda side, call: make(side, call, ref.id), timeout, key)

    def check(self, *orders: Order) -> None:
        """Raise UnknownStatus in strict mode, where an order that was read says a word that no table has."""
        for order in orders if self.strict else ():
            if Attention.UNKNOWN_RAW in order.status.attention:
                told = "; ".join(str(entry) for entry in order.status.evidence if entry.basis is None)
                raise UnknownStatus(f"{order.ref}: {told}")

    @contextlib.contextmanager
    def _span(self, tracer: Tracer, call: Call) -> Generator[None]:
        """Trace a call, with how often it was sent."""
        told = {"ordermux.account": call.opened.name, "ordermux.provider": call.opened.provider}
        with tracer.start_as_current_span(f"ordermux {call.operation}", attributes=told) as span:
            try:
                yield
            finally:
                span.set_attribute("ordermux.attempts", call.attempts)


@attrs.define(eq=False, kw_only=True)
class BlockingCore(Core):
    """Carries calls out, blocking."""

    awaiting = False
    driver: Driver

    def run(self, plan: Plan[T]) -> T:
        """Carry a call out."""
        try:
            if self.tracer is None:
                return self.driver.run(plan.flow)
            with self._span(self.tracer, plan.call):
                return self.driver.run(plan.flow)
        except plan.call.opened.package.errors.InvalidRequest as error:
            refused = _refused(plan.call.opened.name, error)
        raise refused


@attrs.define(eq=False, kw_only=True)
class AwaitingCore(Core):
    """Carries calls out, awaiting, in one event loop."""

    awaiting = True
    driver: AsyncDriver
    loop: asyncio.AbstractEventLoop | None = attrs.field(default=None, init=False)

    async def run(self, plan: Plan[T]) -> T:
        """Carry a call out.

        Raises WrongEventLoop where it was first used in another event loop.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        if self.loop is None:
            self.loop = loop
        elif self.loop is not loop:
            raise WrongEventLoop("this AsyncOrdermux was first used in another event loop; make one in each")
        try:
            if self.tracer is None:
                return await self.driver.run(plan.flow)
            with self._span(self.tracer, plan.call):
                return await self.driver.run(plan.flow)
        except plan.call.opened.package.errors.InvalidRequest as error:
            refused = _refused(plan.call.opened.name, error)
        raise refused


def _refused(account: str, error: Exception) -> InvalidArgument:
    """Return our own error for what the typed client refuses."""
    return InvalidArgument(f"{account}: {error}")


def _client(account: Account[Any], guard: Any, generated: Any) -> Any:
    try:
        return account.client(transport=guard, async_transport=guard)
    except generated.errors.InvalidRequest as error:
        refused = _refused(account.name, error)
    raise refused


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None
