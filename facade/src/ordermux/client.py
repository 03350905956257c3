"""The facade's two clients, one sync and one async, over any number of accounts."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar, cast

from .engine.context import AccountRuntime
from .engine.hooks import Attempt, AttemptStart, Tracer
from .engine.logs import configure_from_env
from .engine.retry import RetryPolicy
from .engine.runners import AsyncRunner, RedisClient, SyncRunner, require_loop
from .errors import InvalidArgument
from .privacy import hide_locals
from .providers.account import Account
from .providers.adapter import FilterCost, Operation
from .resources.executor import AsyncExecutor, SyncExecutor
from .resources.known import TypedClients
from .transport.network import MAX_CONNECTIONS, NetworkSettings
from .transport.wire import AsyncWireTransport, WireTransport
from .validation import require_positive, require_seconds

if TYPE_CHECKING:
    import ssl

    import httpx

    from .resources.orders import AsyncOrders, Orders
    from .resources.products import AsyncProducts, Products
    from .webhooks import Webhooks

K = TypeVar("K", SyncExecutor, AsyncExecutor)
X = TypeVar("X")

SyncTransportArgument: TypeAlias = "httpx.BaseTransport | WireTransport"
AsyncTransportArgument: TypeAlias = "httpx.AsyncBaseTransport | AsyncWireTransport"

MAX_BODY = 16 * 1024 * 1024
"""Maximum bytes of a response's body, unless `max_body` is given."""


class BaseClient(TypedClients, Generic[X, K]):
    """What both clients share."""

    @hide_locals
    def __init__(
        self,
        *accounts: Account[Any],
        timeout: float = 60.0,
        attempt_timeout: float = 20.0,
        attempts: int = 3,
        max_body: int = MAX_BODY,
        strict: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        connections: int = MAX_CONNECTIONS,
        transport: X | None = None,
        redis: RedisClient | None = None,
        tracer: Tracer | None = None,
        before_send: Callable[[AttemptStart], None] | None = None,
        on_attempt: Callable[[Attempt], None] | None = None,
        on_deviation: Callable[[str, str, Any], None] | None = None,
    ) -> None:
        """Configure the accounts, each of which has a name of its own.

        `timeout` is the maximum number of seconds of a call, `attempt_timeout` that of each of its requests; both are
        a day at most. `attempts` is the maximum number of attempts of a request, 1 for no retry; if an earlier attempt
        may have been applied and the provider asks to come again later, only `timeout` ends the retries. A response
        with a body of more than `max_body` bytes, decompressed, is refused. With `strict`, reads raise UnknownStatus
        for an unmapped raw status and UnexpectedResponse for an order that deviates in a required place.

        `ssl_context` sets which certificates to trust; by default those of SSL_CERT_FILE or SSL_CERT_DIR, else
        certifi's. `proxy` is a URL such as `http://user:password@host:8080`; with `trust_env`, the proxies of the
        environment are used if none is given. `connections` is the maximum number of requests at once, 1 to 10,000.
        `transport`, such as an `httpx.MockTransport`, sends instead of the facade's own; it has network settings of its
        own, and the client does not close it.

        Through `redis`, a `redis.Redis` or for an AsyncOrdermux a `redis.asyncio.Redis`, processes share access tokens
        and rate limits; a sync one keeps to its own timeouts and retries, not to the call's deadline. `tracer`, of
        OpenTelemetry, gets a span for each call and each request. `ORDERMUX_LOG=info` or `debug` in the environment
        logs to standard error. `before_send` is called before each request, with the idempotency key
        that a repeat needs, and `on_attempt` after each. `on_deviation` is called with the account's name, the
        operation or an event's name, and the deviation of a body from the provider's document.

        Raises MissingDependency, or InvalidArgument for an invalid argument.
        """
        configure_from_env()
        require_positive("max_body", max_body)
        if unknown := [each for each in cast("tuple[Any, ...]", accounts) if not isinstance(each, Account)]:
            raise InvalidArgument(f"an account is such as Zephyr(api_key=…), not {type(unknown[0]).__name__}")
        policy = RetryPolicy(
            timeout=require_seconds("timeout", timeout),
            attempt_timeout=require_seconds("attempt_timeout", attempt_timeout),
            attempts=require_positive("attempts", attempts),
            before_send=before_send,
            on_attempt=on_attempt,
            tracer=tracer,
        )
        self._accounts = {account.name: account for account in accounts}
        if redis is not None and not callable(getattr(redis, "execute_command", None)):
            raise InvalidArgument(f"redis is a client of the redis package, not {type(redis).__name__}")
        network = None
        if transport is None:
            network = NetworkSettings(
                ssl_context=ssl_context, proxy=proxy, trust_env=trust_env, connections=connections
            )
            used = self._own = self._transport(network)
        elif (ssl_context, proxy, trust_env, connections) == (None, None, False, MAX_CONNECTIONS):
            used, self._own = self._wrapped(transport), None
        else:
            raise InvalidArgument("ssl_context, proxy, trust_env and connections are not settings of another transport")
        self._executor: K = self._make_executor(
            used, max_body, redis, policy=policy, strict=strict, tracer=tracer, network=network
        )
        self._on_deviation = on_deviation
        for account in accounts:
            self._executor.configure(account, on_deviation, shared=redis is not None)

    def __repr__(self) -> str:
        """Return the names of the accounts."""
        return f"<{type(self).__name__} {', '.join(self._accounts) or 'without accounts'}>"

    def _transport(self, settings: NetworkSettings) -> Any:
        raise NotImplementedError

    def _wrapped(self, transport: Any) -> Any:
        """Return a transport of the caller's as the runners use it.

        Raises InvalidArgument for any other object.
        """
        raise NotImplementedError

    def _make_executor(self, transport: Any, max_bytes: int, redis: RedisClient | None, **settings: Any) -> K:
        raise NotImplementedError

    def _runtime(self, account: str) -> AccountRuntime:
        return self._executor.account(account)[0]

    @functools.cached_property
    def webhooks(self) -> Webhooks:
        """Verifies and reads the providers' webhook deliveries."""
        from .webhooks import Webhooks

        return Webhooks(self._accounts, on_deviation=self._on_deviation)

    def capabilities(self, account: str) -> frozenset[Operation]:
        """Return the operations that the account's provider supports.

        Raises UnknownAccount.
        """
        return self._executor.account(account)[1].capabilities()

    def filters(self, account: str) -> Mapping[str, FilterCost]:
        """Return what each filter of the account's list costs, by `payment=paid`, `placed_from` and the like.

        With `FilterCost.PROVIDER` the provider leaves other orders out; with `FilterCost.FULL_WALK` every page is read.
        A filter that is not in it is refused. It is empty if the provider has no list.

        Raises UnknownAccount.
        """
        return self._executor.account(account)[1].filter_costs()


class Ordermux(BaseClient[SyncTransportArgument, SyncExecutor]):
    """A sync client for orders at any number of accounts; a context manager, thread-safe.

    A forked process may use it too, but not one that is forked while another thread is in its very first call.

        with Ordermux(Zephyr(api_key=...)) as mux:
            for order in mux.orders.list("zephyr"):
                print(order.ref, order.status, order.total)
    """

    @functools.cached_property
    def orders(self) -> Orders:
        """The operations on orders."""
        from .resources.orders import Orders

        return Orders(self._executor)

    @functools.cached_property
    def products(self) -> Products:
        """The operations on products."""
        from .resources.products import Products

        return Products(self._executor)

    def _transport(self, settings: NetworkSettings) -> WireTransport:
        from .transport.sync import SyncTransport

        return SyncTransport(settings)

    def _wrapped(self, transport: Any) -> WireTransport:
        if isinstance(transport, WireTransport):
            return transport
        from .transport.httpx_adapter import HttpxTransport

        return HttpxTransport(transport)

    def _make_executor(
        self, transport: Any, max_bytes: int, redis: RedisClient | None, **settings: Any
    ) -> SyncExecutor:
        if redis is not None and inspect.iscoroutinefunction(redis.execute_command):
            raise InvalidArgument("redis is an async client; an Ordermux takes a redis.Redis")
        return SyncExecutor(runner=SyncRunner(transport, max_bytes, redis), **settings)

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
        for runtime, _ in self._executor.accounts.values():
            runtime.client.close()
        if self._own is not None:
            self._own.close()


class AsyncOrdermux(BaseClient[AsyncTransportArgument, AsyncExecutor]):
    """An async client for orders at any number of accounts; an async context manager, for any number of event loops.

    Each event loop has connections of its own, which are closed in it.

        async with AsyncOrdermux(Zephyr(api_key=...)) as mux:
            async for order in mux.orders.list("zephyr"):
                print(order.ref, order.status, order.total)
    """

    @functools.cached_property
    def orders(self) -> AsyncOrders:
        """The operations on orders."""
        from .resources.orders import AsyncOrders

        return AsyncOrders(self._executor)

    @functools.cached_property
    def products(self) -> AsyncProducts:
        """The operations on products."""
        from .resources.products import AsyncProducts

        return AsyncProducts(self._executor)

    def _transport(self, settings: NetworkSettings) -> AsyncWireTransport:
        from .transport.aio import AsyncTransport

        return AsyncTransport(settings)

    def _wrapped(self, transport: Any) -> AsyncWireTransport:
        if isinstance(transport, AsyncWireTransport):
            return transport
        from .transport.httpx_adapter import AsyncHttpxTransport

        return AsyncHttpxTransport(transport)

    def _make_executor(
        self, transport: Any, max_bytes: int, redis: RedisClient | None, **settings: Any
    ) -> AsyncExecutor:
        # Only what is certain: a wrapper's function may return an awaitable, that of these modules does not.
        if getattr(getattr(redis, "execute_command", None), "__module__", None) in {"redis.client", "redis.cluster"}:
            raise InvalidArgument("redis is a sync client; an AsyncOrdermux takes a redis.asyncio.Redis")
        return AsyncExecutor(runner=AsyncRunner(transport, max_bytes, redis), **settings)

    async def __aenter__(self) -> Self:
        """Return itself."""
        require_loop()  # or its first call would fail
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        require_loop()
        for runtime, _ in self._executor.accounts.values():
            await runtime.client.aclose()
        if self._own is not None:
            await self._own.aclose()
