"""The facade's two clients, one blocking and one awaiting, over any number of accounts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar, cast, overload

from ._call import Attempt, Policy
from ._checks import above_zero
from ._core import AwaitingCore, BlockingCore, Tracer
from ._flow import AsyncDriver, Driver, Redis
from .accounts import Account
from .errors import InvalidArgument
from .providers import Operation

if TYPE_CHECKING:
    import httpx

    from ._orders import AsyncOrders, Orders
    from ._products import AsyncProducts, Products
    from .webhooks import Webhooks

C = TypeVar("C")
K = TypeVar("K", BlockingCore, AwaitingCore)
X = TypeVar("X")

Blocking: TypeAlias = "httpx.BaseTransport"
Awaiting: TypeAlias = "httpx.AsyncBaseTransport"

MOST_BYTES = 16 * 1024 * 1024


class Mux(Generic[X, K]):
    """What both clients share."""

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
        each call. `on_attempt` is called after each request, `on_deviation` with the account, the operation, or
        the word of an event, and the place where it is not what the document says.

        Raises NotInstalled, or InvalidArgument for what cannot be.
        """
        above_zero("max_body", max_body)
        if strangers := [each for each in cast("tuple[Any, ...]", accounts) if not isinstance(each, Account)]:
            raise InvalidArgument(f"an account is such as Zephyr(api_key=…), not {strangers[0]!r}")
        policy = Policy(
            timeout=above_zero("timeout", timeout),
            attempt_timeout=above_zero("attempt_timeout", attempt_timeout),
            attempts=above_zero("attempts", attempts),
            on_attempt=on_attempt,
        )
        self._accounts = {account.name: account for account in accounts}
        self._own = None if transport is not None else self._transport(trust_env=trust_env)
        used = transport if transport is not None else self._own
        self._core: K = self._make_core(used, max_body, redis, policy=policy, strict=strict, tracer=tracer)
        self._on_deviation = on_deviation
        for account in accounts:
            self._core.open(account, on_deviation, shared=redis is not None)

    def _transport(self, *, trust_env: bool) -> Any:
        raise NotImplementedError

    def _make_core(self, transport: Any, most: int, redis: Redis | None, **settings: Any) -> K:
        raise NotImplementedError

    @overload
    def client(self, account: Account[C]) -> C: ...
    @overload
    def client(self, account: str) -> Any: ...
    def client(self, account: Account[Any] | str) -> Any:
        """Return the account's typed client. It sends each request once, with the facade's credentials and limits.

        Raises UnknownAccount.
        """
        return self._core.side(account if isinstance(account, str) else account.name)[0].client

    @functools.cached_property
    def webhooks(self) -> Webhooks:
        """What receives the providers' deliveries."""
        from .webhooks import Webhooks

        return Webhooks(self._accounts, on_deviation=self._on_deviation)

    def capabilities(self, account: str) -> frozenset[Operation]:
        """Return the operations that the account's provider has.

        Raises UnknownAccount.
        """
        return self._core.side(account)[1].capabilities()


class Ordermux(Mux[Blocking, BlockingCore]):
    """One way to work with orders everywhere, blocking; a context manager, for any number of threads.

    A forked process may go on with it, but not one that is forked while a thread is in the very first call.

    with Ordermux(Zephyr(api_key=...)) as mux:
        for order in mux.orders.list("zephyr"):
            print(order.ref, order.status, order.total)
    """

    @functools.cached_property
    def orders(self) -> Orders:
        """What can be done with orders."""
        from ._orders import Orders

        return Orders(self._core)

    @functools.cached_property
    def products(self) -> Products:
        """What can be done with products."""
        from ._products import Products

        return Products(self._core)

    def _transport(self, *, trust_env: bool) -> Any:
        from ._http import Transport

        return Transport(trust_env=trust_env)

    def _make_core(self, transport: Any, most: int, redis: Redis | None, **settings: Any) -> BlockingCore:
        return BlockingCore(driver=Driver(transport, most, redis), **settings)

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
        for opened, _ in self._core.opened.values():
            opened.client.close()
        if self._own is not None:
            self._own.close()


class AsyncOrdermux(Mux[Awaiting, AwaitingCore]):
    """One way to work with orders everywhere, awaiting; an asynchronous context manager, for one event loop.

    async with AsyncOrdermux(Zephyr(api_key=...)) as mux:
        async for order in mux.orders.list("zephyr"):
            print(order.ref, order.status, order.total)
    """

    @functools.cached_property
    def orders(self) -> AsyncOrders:
        """What can be done with orders."""
        from ._orders import AsyncOrders

        return AsyncOrders(self._core)

    @functools.cached_property
    def products(self) -> AsyncProducts:
        """What can be done with products."""
        from ._products import AsyncProducts

        return AsyncProducts(self._core)

    def _transport(self, *, trust_env: bool) -> Any:
        from ._aiohttp import AsyncTransport

        return AsyncTransport(trust_env=trust_env)

    def _make_core(self, transport: Any, most: int, redis: Redis | None, **settings: Any) -> AwaitingCore:
        return AwaitingCore(driver=AsyncDriver(transport, most, redis), **settings)

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
        for opened, _ in self._core.opened.values():
            await opened.client.aclose()
        if self._own is not None:
            await self._own.aclose()
