"""The facade's two clients, one blocking and one awaiting, over any number of accounts."""

from __future__ import annotations

import contextlib
import functools
import math
import re
import uuid
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeAlias, TypeVar, cast, overload

import attrs

from ._call import Attempt, Call, Opened, Policy
from ._flow import AsyncDriver, Driver, Flow, Redis
from .accounts import Account, package
from .errors import InvalidArgument, UnknownAccount, UnknownStatus, WrongEventLoop
from .order import Order, OrderRef
from .providers import Adapter, Operation
from .status import Attention

if TYPE_CHECKING:
    import asyncio

    import httpx

    from ._orders import AsyncOrders, Orders
    from ._products import AsyncProducts, Products
    from .webhooks import Webhooks

C = TypeVar("C")
D = TypeVar("D", Driver, AsyncDriver)
T = TypeVar("T")
X = TypeVar("X")

Blocking: TypeAlias = "httpx.BaseTransport"
Awaiting: TypeAlias = "httpx.AsyncBaseTransport"

MOST_BYTES = 16 * 1024 * 1024
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


class Mux(Generic[X, D]):
    """What both clients share."""

    _awaiting: ClassVar[bool]

    def __init__(
        self,
        *accounts: Account[Any],
        timeout: float = 60.0,
        attempt_timeout: float = 20.0,
        attempts: int = 3,
        max_body: int = MOST_BYTES,
        strict: bool = False,
        trust_env: bool = False,
        transport: X | None = None,
        redis: Redis | None = None,
        tracer: Tracer | None = None,
        on_attempt: Callable[[Attempt], None] | None = None,
        on_deviation: Callable[[str, str, Any], None] | None = None,
    ) -> None:
        """Take the accounts to work with, each under a name of its own.

        `timeout` are the seconds that a call may take in all, `attempt_timeout` those of each of its requests, of which
        it makes at most so many `attempts`. An answer's body of more than `max_body` bytes, unpacked, is refused.
        `strict` makes reads raise UnknownStatus for a status word that no table has. `trust_env` takes the proxies of
        the environment. `transport` sends in place of the facade's own, such as an `httpx.MockTransport`; it is not
        closed. Through `redis`, a client of the redis package, processes share access tokens and limits; a blocking one
        keeps to its own timeouts and retries, not to the call's deadline. `tracer`, of OpenTelemetry, gets a span for
        each call. `on_attempt` is called after each request, `on_deviation` with the account, the operation and the
        place where an answer is not what the document says.

        Raises NotInstalled, or InvalidArgument for what cannot be.
        """
        self._policy = Policy(
            timeout=_above_zero("timeout", timeout),
            attempt_timeout=_above_zero("attempt_timeout", attempt_timeout),
            attempts=_above_zero("attempts", attempts),
            on_attempt=on_attempt,
        )
        self._strict, self._tracer, self._on_deviation = strict, tracer, on_deviation
        self._own = None if transport is not None else self._transport(trust_env=trust_env)
        self._driver: D = self._make_driver(transport if transport is not None else self._own, max_body, redis)
        self._opened: dict[str, tuple[Opened, Adapter]] = {}
        if strangers := [each for each in cast("tuple[Any, ...]", accounts) if not isinstance(each, Account)]:
            raise InvalidArgument(f"an account is such as Zephyr(api_key=…), not {strangers[0]!r}")
        self._accounts = {account.name: account for account in accounts}
        _above_zero("max_body", max_body)
        for account in accounts:
            if account.name in self._opened:
                raise InvalidArgument(f"two accounts are named {account.name}; give one another name=")
            self._opened[account.name] = self._open(account, shared=redis is not None)

    def _transport(self, *, trust_env: bool) -> Any:
        raise NotImplementedError

    def _make_driver(self, transport: Any, most: int, redis: Redis | None) -> D:
        raise NotImplementedError

    def _open(self, account: Account[Any], *, shared: bool) -> tuple[Opened, Adapter]:
        from ._guard import Guard

        guard, generated = Guard(self._driver), package(account.provider, f"ordermux_{account.provider}")
        client = _client(account, guard, generated)
        opened = guard.opened = Opened(
            name=account.name,
            provider=account.provider,
            client=client,
            package=generated,
            auth=account.auth(client, awaiting=self._awaiting, shared=shared),
            limit=account.limit(self._policy.clock, shared=shared),
            policy=self._policy,
        )
        if self._on_deviation is not None:
            client.on_deviation = functools.partial(opened.guarded, self._on_deviation, account.name)
        if (hook := account.on_replaced()) is not None:
            client.on_rotation = functools.partial(opened.guarded, hook)
        return opened, account.adapter()

    def side(self, name: str) -> tuple[Opened, Adapter]:
        """Return an account at work, and its provider's side."""
        if name not in self._opened:
            known = ", ".join(self._opened) or "none"
            raise UnknownAccount(f"no account is named {name!r}; there are: {known}")
        return self._opened[name]

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
        seconds = self._policy.timeout if timeout is None else _above_zero("timeout", timeout)
        if key is not None and not _is_key(key):
            raise InvalidArgument("an idempotency key is 1 to 255 visible ASCII characters")
        call = Call(opened, operation, self._policy.clock() + seconds, key)
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
        for order in orders if self._strict else ():
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

    @overload
    def client(self, account: Account[C]) -> C: ...
    @overload
    def client(self, account: str) -> Any: ...
    def client(self, account: Account[Any] | str) -> Any:
        """Return the account's typed client. It sends each request once, with the facade's credentials and limits.

        Raises UnknownAccount.
        """
        return self.side(account if isinstance(account, str) else account.name)[0].client

    @functools.cached_property
    def webhooks(self) -> Webhooks:
        """What receives the providers' deliveries."""
        from .webhooks import Webhooks

        return Webhooks(self._accounts)

    def capabilities(self, account: str) -> frozenset[Operation]:
        """Return the operations that the account's provider has.

        Raises UnknownAccount.
        """
        return self.side(account)[1].capabilities()


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


def _above_zero(name: str, value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and math.isfinite(value) and value > 0):
        raise InvalidArgument(f"{name} is a number above 0, not {value!r}")
    return value


class Ordermux(Mux[Blocking, Driver]):
    """One way to work with orders everywhere, blocking; a context manager, for any number of threads.

    with Ordermux(Zephyr(api_key=...)) as mux:
        for order in mux.orders.list("zephyr"):
            print(order.ref, order.status, order.total)
    """

    _awaiting = False

    @functools.cached_property
    def orders(self) -> Orders:
        """What can be done with orders."""
        from ._orders import Orders

        return Orders(self)

    @functools.cached_property
    def products(self) -> Products:
        """What can be done with products."""
        from ._products import Products

        return Products(self)

    def _transport(self, *, trust_env: bool) -> Any:
        from ._http import Transport

        return Transport(trust_env=trust_env)

    def _make_driver(self, transport: Any, most: int, redis: Redis | None) -> Driver:
        return Driver(transport, most, redis)

    def run(self, plan: Plan[T]) -> T:
        """Carry a call out."""
        try:
            if self._tracer is None:
                return self._driver.run(plan.flow)
            with self._span(self._tracer, plan.call):
                return self._driver.run(plan.flow)
        except plan.call.opened.package.errors.InvalidRequest as error:
            refused = _refused(plan.call.opened.name, error)
        raise refused

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        for opened, _ in self._opened.values():
            opened.client.close()
        if self._own is not None:
            self._own.close()


class AsyncOrdermux(Mux[Awaiting, AsyncDriver]):
    """One way to work with orders everywhere, awaiting; an asynchronous context manager, for one event loop.

    async with AsyncOrdermux(Zephyr(api_key=...)) as mux:
        async for order in mux.orders.list("zephyr"):
            print(order.ref, order.status, order.total)
    """

    _awaiting = True
    _loop: asyncio.AbstractEventLoop | None = None

    @functools.cached_property
    def orders(self) -> AsyncOrders:
        """What can be done with orders."""
        from ._orders import AsyncOrders

        return AsyncOrders(self)

    @functools.cached_property
    def products(self) -> AsyncProducts:
        """What can be done with products."""
        from ._products import AsyncProducts

        return AsyncProducts(self)

    def _transport(self, *, trust_env: bool) -> Any:
        from ._aiohttp import AsyncTransport

        return AsyncTransport(trust_env=trust_env)

    def _make_driver(self, transport: Any, most: int, redis: Redis | None) -> AsyncDriver:
        return AsyncDriver(transport, most, redis)

    async def run(self, plan: Plan[T]) -> T:
        """Carry a call out.

        Raises WrongEventLoop where it was first used in another event loop.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise WrongEventLoop("this AsyncOrdermux was first used in another event loop; make one in each")
        try:
            if self._tracer is None:
                return await self._driver.run(plan.flow)
            with self._span(self._tracer, plan.call):
                return await self._driver.run(plan.flow)
        except plan.call.opened.package.errors.InvalidRequest as error:
            refused = _refused(plan.call.opened.name, error)
        raise refused

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        for opened, _ in self._opened.values():
            await opened.client.aclose()
        if self._own is not None:
            await self._own.aclose()
