"""The configured accounts of a client, and how their calls are prepared and run."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import logging
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

import attrs

from ..engine.call import Call
from ..engine.context import AccountRuntime, Auth, CallContext
from ..engine.flow import Flow
from ..engine.hooks import Span, Tracer, log_safely
from ..engine.idempotency import key_for
from ..engine.logs import LOGGER
from ..engine.retry import RetryPolicy
from ..engine.runners import AsyncRunner, SyncRunner
from ..errors import InvalidArgument, OrdermuxError, UnexpectedResponse, UnknownAccount, UnknownStatus
from ..order import Order, OrderRef, UnreadableRow
from ..providers.account import Account
from ..providers.adapter import Adapter, Operation
from ..status import Attention
from ..validation import require_seconds

if TYPE_CHECKING:
    from ..transport.network import NetworkSettings

T = TypeVar("T")
Key: TypeAlias = "tuple[str | None, datetime.datetime | None]"
"""An idempotency key of the caller's own, and when it was first sent."""
READS = frozenset({Operation.GET, Operation.FIND, Operation.LIST, Operation.PRODUCTS_GET})
"""The operations that change nothing."""


@attrs.frozen
class PreparedCall(Generic[T]):
    """A call and its flow, which was not started yet."""

    call: CallContext
    flow: Flow[T]


@attrs.define(eq=False, kw_only=True)
class BaseExecutor:
    """Prepares calls of operations; `execute`, which the two subclasses have, runs them."""

    is_async: ClassVar[bool]
    runner: Any
    policy: RetryPolicy
    strict: bool
    tracer: Tracer | None
    network: NetworkSettings | None = None
    """The settings of the facade's own transport; no error shows the credentials of its proxies."""
    accounts: dict[str, tuple[AccountRuntime, Adapter]] = attrs.field(
        factory=dict[str, "tuple[AccountRuntime, Adapter]"], init=False
    )
    """Each configured account with its provider's adapter, by the account's name."""

    def configure(
        self, account: Account[Any], on_deviation: Callable[[str, str, Any], None] | None, *, shared: bool
    ) -> None:
        """Add an account; `shared` is whether processes share its tokens and limits through Redis.

        Raises InvalidArgument if another account has its name.
        """
        if account.name in self.accounts:
            raise InvalidArgument(f"two accounts are named {account.name}; give one another name=")
        from ..engine.account_transport import AccountTransport

        transport, generated = AccountTransport(self.runner), account.parts().generated()
        client = _client(account, transport, self.runner.max_bytes, generated)
        runtime = transport.runtime = AccountRuntime(
            name=account.name,
            provider=account.provider,
            client=client,
            package=generated,
            auth=account.auth(client, is_async=self.is_async, shared=shared),
            limit=account.limit(self.policy.clock, shared=shared),
            policy=self.policy,
        )
        client.other_secrets = functools.partial(_other_secrets, account, runtime.auth, generated.Secret, self.network)
        if on_deviation is not None:
            client.on_deviation = functools.partial(runtime.call_hook, on_deviation, account.name)
        if (hook := account.on_credentials_rotated()) is not None:
            client.on_rotation = functools.partial(runtime.call_hook, hook)
        if (withdrawn := account.on_credentials_withdrawn()) is not None:
            client.on_withdrawal = functools.partial(runtime.call_hook, withdrawn)
        self.accounts[account.name] = runtime, account.adapter()

    def account(self, name: str) -> tuple[AccountRuntime, Adapter]:
        """Return a configured account, and its provider's adapter.

        Raises UnknownAccount.
        """
        if name not in self.accounts:
            known = ", ".join(self.accounts) or "none"
            raise UnknownAccount(f"no account is named {name!r}; there are: {known}")
        return self.accounts[name]

    def prepare(
        self,
        operation: Operation,
        account: str,
        make: Callable[[Adapter, CallContext], Flow[T]],
        timeout: float | None,
        key: Key = (None, None),
        *,
        resource_id: str | None = None,
    ) -> PreparedCall[T]:
        """Return a call of an operation, with a new key if none is given and the provider honours keys.

        The call ends before its key expires: a retry after that could be a second change.

        Raises UnknownAccount, Unsupported, InvalidArgument, IdempotencyKeyExpired.
        """
        runtime, adapter = self.account(account)
        seconds = self.policy.timeout if timeout is None else require_seconds("timeout", timeout)
        call = Call(runtime, operation, self.policy.clock() + seconds, resource_id=resource_id)
        flow = make(adapter, call)
        if operation in adapter.idempotent_operations:
            call.idempotency_key = key_for(runtime.provider, *key, window=adapter.idempotency_window)
            left = call.idempotency_key.seconds_left()
            call.deadline = min(call.deadline, self.policy.clock() + (seconds if left is None else left))
        elif key != (None, None):
            raise InvalidArgument(f"{runtime.provider} honours no idempotency key for {operation}")
        return PreparedCall(call, flow)

    def prepare_for(
        self,
        operation: Operation,
        reference: OrderRef | str,
        make: Callable[[Adapter, CallContext, str], Flow[T]],
        timeout: float | None,
        key: Key = (None, None),
    ) -> PreparedCall[T]:
        """Return a call about one order; `timeout` and `key` as in `prepare`.

        Raises InvalidReference, and as `prepare`.
        """
        ref = OrderRef.parse(reference)
        return self.prepare(
            operation,
            ref.account,
            lambda adapter, call: make(adapter, call, ref.id),
            timeout,
            key,
            resource_id=ref.id,
        )

    def check(self, account: str, operation: Operation, *rows: Order | UnreadableRow) -> None:
        """In strict mode, raise UnknownStatus for an unmapped raw value, UnexpectedResponse for an unreadable order."""
        for row in rows if self.strict else ():
            if isinstance(row, UnreadableRow):
                problem = f"{row.path}: {row.problem}"
            elif Attention.UNREADABLE in row.status.attention:
                problem = f"{row.ref}: {'; '.join(row.deviations)}"
            elif Attention.UNKNOWN_RAW in row.status.attention:
                unmapped = "; ".join(str(entry) for entry in row.status.evidence if entry.basis is None)
                raise UnknownStatus(f"{row.ref}: {unmapped}")
            else:
                continue
            raise UnexpectedResponse(
                f"{account}: {operation}: {problem}",
                provider=self.account(account)[0].provider,
                account=account,
                operation=operation,
                retryable=False,
            )

    @contextlib.contextmanager
    def _watched(self, call: CallContext) -> Generator[None]:
        """Trace a call; report what was sent if it is ended from outside, by a cancellation or a signal."""
        attributes = {"ordermux.account": call.runtime.name, "ordermux.provider": call.runtime.provider}
        span = Span(self.tracer, call.runtime.name, f"ordermux {call.operation}", attributes)
        began, ended = self.policy.clock(), "done"
        try:
            with span:
                try:
                    yield
                except BaseException as error:
                    ended = f"failed with {type(error).__name__}"
                    raise
                finally:
                    span.set("ordermux.attempts", call.attempts)
                    if LOGGER.isEnabledFor(logging.INFO):
                        _log_call(call, ended, self.policy.clock() - began)
        except (OrdermuxError, call.runtime.package.errors.InvalidRequest):
            raise
        except BaseException as ended:  # a cancellation, a signal, the time limit of a job
            if call.operation not in READS:
                call.report_interruption(ended)
            raise


@attrs.define(eq=False, kw_only=True)
class SyncExecutor(BaseExecutor):
    """Runs calls in the calling thread."""

    is_async = False
    runner: SyncRunner

    def execute(self, prepared: PreparedCall[T]) -> T:
        """Run a call; return its result."""
        try:
            with self._watched(prepared.call):
                return self.runner.run(prepared.flow)
        except prepared.call.runtime.package.errors.InvalidRequest as error:
            refused = _refused(prepared.call.runtime.name, error)
        raise refused


@attrs.define(eq=False, kw_only=True)
class AsyncExecutor(BaseExecutor):
    """Runs calls in the running event loop."""

    is_async = True
    runner: AsyncRunner

    async def execute(self, prepared: PreparedCall[T]) -> T:
        """Run a call; return its result."""
        try:
            with self._watched(prepared.call):
                return await self.runner.run(prepared.flow)
        except prepared.call.runtime.package.errors.InvalidRequest as error:
            refused = _refused(prepared.call.runtime.name, error)
        raise refused


def _log_call(call: CallContext, ended: str, seconds: float) -> None:
    about = call.operation if call.resource_id is None else f"{call.operation} {call.resource_id}"
    plural = "" if call.attempts == 1 else "s"
    line = "%s: %s: %s after %.3f s and %d request%s"
    log_safely(logging.INFO, line, call.runtime.name, about, ended, seconds, call.attempts, plural)


def _other_secrets(
    account: Account[Any], auth: Auth, secret: Callable[[str | None], Any], network: NetworkSettings | None
) -> Iterator[Any]:
    """Yield what an account has besides the credentials of its typed client, for errors not to show it either."""
    yield from filter(None, (getattr(account, name) for name in account.secrets))
    yield from auth.secrets()
    for each in account.webhook_secrets:
        if each != secret(None):  # lost in a pickle
            yield secret(each.reveal().removeprefix("whsec_"))
    for proxy in network.proxies() if network is not None else ():
        if proxy.authorization is not None:
            authorization = proxy.authorization.reveal()
            userinfo = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            yield from (secret(text) for text in (authorization, userinfo, userinfo.partition(":")[2]) if text)


def _refused(account: str, error: Exception) -> InvalidArgument:
    """Return our own error for what the typed client refuses."""
    return InvalidArgument(f"{account}: {error}")


def _client(account: Account[Any], transport: Any, max_body: int, generated: Any) -> Any:
    try:
        return account.client(transport=transport, async_transport=transport, max_body=max_body)
    except generated.errors.InvalidRequest as error:
        refused = _refused(account.name, error)
    raise refused
