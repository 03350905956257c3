"""Deduplicates events, so that each is processed effectively once, and returns the response to a delivery."""

from __future__ import annotations

import asyncio
import contextvars
import datetime
import functools
import hashlib
import inspect
import logging
import threading
import uuid
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..errors import InvalidArgument, MissingDependency, UnknownAccount
from ..event import Event, WebhookRejected
from ..status import Attention
from ..validation import require_positive, require_seconds
from .receive import Bytes, Fields, Webhooks
from .response import BUSY, FAILED, WebhookResponse
from .stores import ClaimResult, MemoryStore, Store, seconds

if TYPE_CHECKING:
    from starlette.applications import Starlette

_log = logging.getLogger("ordermux")
T = TypeVar("T")
MAX_BUFFERED = 16 * 1024 * 1024
_LONGEST_ID = 200
_METHODS = ("claim", "finish", "release")


@attrs.frozen
class _Claim:
    """An event that this delivery has claimed."""

    event: Event
    key: str
    owner: str
    is_signed: bool
    """Whether its provider signs what it delivers."""


def _handler(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse a handler that would never run, so that all of its events would count as handled."""
    del instance
    if not callable(value) or _generates(value):
        raise InvalidArgument(f"{attribute.name} is a function that takes an event and does not yield, not {value!r}")


def _store(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in _METHODS):
        raise InvalidArgument(f"{attribute.name} is such as stores.MemoryStore(), not {value!r}")


@attrs.frozen(eq=False)
class Inbox:
    """Passes each event to a handler, and marks it as handled when the handler has succeeded.

    Where the handler fails, or its process dies, the provider's next delivery is handled. Where two deliveries of one
    event come at once, one is handled and the other is asked to come again. What the handler did before it died is not
    undone: let it do one thing, or things that may be done twice.

    Two deliveries are one event if `id` and `digest` are the same. If a body counts its attempts, each delivery has
    another digest: it is another event, and runs the handler, unless `Webhooks.volatile_fields` names the count. Two
    providers sign no id: Croissant's is anybody's to choose, and Cryptum's is the digest of the body.
    """

    webhooks: Webhooks
    handler: Callable[[Event], Any] = attrs.field(validator=_handler)
    """Handles an event: a sync or an async function. If it raises, the event is delivered again."""
    store: Store = attrs.field(factory=MemoryStore, validator=_store)
    """Remembers handled events: `MemoryStore`, `SQLiteStore` for one machine, `RedisStore` for many."""
    lease: float = attrs.field(default=300.0, validator=seconds)
    """Seconds after which the claim of a handler that has not finished expires."""

    def respond(
        self, account: str, headers: Fields, body: Bytes, *, received_at: datetime.datetime | None = None
    ) -> WebhookResponse:
        """Receive and handle a delivery with a sync handler; return the response.

        `received_at` is when a delivery that waited in a queue was received, as `Webhooks.receive` takes it.
        """
        claim = self._begin(account, headers, body, received_at)
        return self._handled(claim) if isinstance(claim, _Claim) else claim

    async def arespond(
        self, account: str, headers: Fields, body: Bytes, *, received_at: datetime.datetime | None = None
    ) -> WebhookResponse:
        """Receive and handle a delivery; return the response. A sync handler runs in a thread.

        `received_at` is when a delivery that waited in a queue was received, as `Webhooks.receive` takes it. Where it
        is cancelled, a handler that blocks ends by itself and its event is marked; one that awaits is cancelled, and
        its event is handled when it comes again.
        """
        return await self._ahandled(await self._abegin(account, headers, body, received_at))

    async def _abegin(
        self, account: str, headers: Fields, body: Bytes, received_at: datetime.datetime | None = None
    ) -> _Claim | WebhookResponse:
        """Do as _begin does, in a thread."""
        begun = _in_thread(self._begin, account, headers, body, received_at)
        try:
            return await asyncio.shield(begun)
        except asyncio.CancelledError:
            begun.add_done_callback(lambda done: self._abandon(done.result()))
            raise

    async def _ahandled(self, claim: _Claim | WebhookResponse) -> WebhookResponse:
        """Run the handler if there is an event to handle; return the response."""
        if isinstance(claim, WebhookResponse):
            return claim
        if not _awaits(self.handler):
            return await asyncio.shield(_in_thread(self._handled, claim))
        try:
            _check_ran(await self.handler(claim.event))
        except BaseException as error:
            if isinstance(error, Exception) or (isinstance(error, asyncio.CancelledError) and not _is_cancelled()):
                return await asyncio.shield(_in_thread(self._failed, claim, error))
            self._abandon(claim)
            raise
        return await asyncio.shield(_in_thread(self._finished, claim))

    def _handled(self, claim: _Claim) -> WebhookResponse:
        """Run a sync handler and record its result, without interruption in between."""
        try:
            _check_ran(self.handler(claim.event))
        except (Exception, asyncio.CancelledError) as error:  # nobody cancels what blocks
            return self._failed(claim, error)
        except BaseException:
            self._release(claim)
            raise
        return self._finished(claim)

    def _abandon(self, claim: _Claim | WebhookResponse) -> None:
        """Let the next delivery be handled, without waiting for the store."""
        if isinstance(claim, _Claim):
            threading.Thread(target=self._release, args=(claim,), daemon=True).start()

    def app(
        self, path: str = "/{account}", *, body_timeout: float = 10.0, max_buffered: int = MAX_BUFFERED
    ) -> Starlette:
        """Return an ASGI app that takes deliveries to an account at a path, to be mounted or served on its own.

        It looks at the headers before it reads a body, for which it waits `body_timeout` seconds. The bodies that are
        not verified yet, or not handled yet where the provider does not sign, take at most `max_buffered` bytes
        together; what is more is asked to come again. Each account has an equal share of them, so that what anybody
        sends to one has no other's refused; a share is `max_body` at least.
        """
        if "{account}" not in path:
            raise InvalidArgument("the path of the app has {account} in it")
        require_seconds("body_timeout", body_timeout)
        if require_positive("max_buffered", max_buffered) < self.webhooks.max_body:
            raise InvalidArgument(f"max_buffered is at least max_body, {self.webhooks.max_body}, not {max_buffered!r}")
        try:
            from . import asgi as _asgi
        except ModuleNotFoundError as error:
            if error.name != "starlette":
                raise
        else:
            share = max(self.webhooks.max_body, max_buffered // max(1, len(self.webhooks.account_names)))
            limits = _asgi.Limits(self.webhooks.max_body, body_timeout, share)
            return _asgi.app(path, limits, self._refused, self._abegin, self._ahandled, is_proven=_is_proven)
        raise MissingDependency("starlette is not installed; run: pip install 'ordermux[asgi]'")

    def _refused(self, account: str, headers: Fields) -> WebhookResponse | None:
        """Return the response to a delivery that is rejected for its headers; None if its body is to be read."""
        return self._checked(account, lambda: self.webhooks.check_headers(account, headers))

    def _begin(
        self, account: str, headers: Fields, body: Bytes, received_at: datetime.datetime | None = None
    ) -> _Claim | WebhookResponse:
        """Return the claimed event, or the response to send at once."""
        event = self._checked(account, lambda: self.webhooks.receive(account, headers, body, received_at=received_at))
        if isinstance(event, WebhookResponse):
            return event
        owner = uuid.uuid4().hex
        try:
            identity = event.id
        except Exception:  # whatever a provider's package raises, which should raise nothing
            _log.exception("%s: the package of the provider cannot read an event", account)
            return FAILED
        try:
            named = identity if len(identity) <= _LONGEST_ID else hashlib.sha256(identity.encode()).hexdigest()
            return self._claimed(event, f"{event.account}:{named}", owner)
        except Exception:  # whatever the library of the store raises
            _log.exception("%s: the store of what was handled cannot be asked", account)
            return BUSY

    def _checked(self, account: str, check: Callable[[], T]) -> T | WebhookResponse:
        """Return the result of a check of a delivery, or the response if it is rejected."""
        try:
            return check()
        except WebhookRejected as rejected:
            _log.warning("%.100r: %s", account, rejected)
            return WebhookResponse(rejected.status)
        except UnknownAccount:
            _log.warning("%.100r: a delivery for an account that is not there", account)
            return WebhookResponse(404)
        except InvalidArgument:
            _log.exception("%s: a delivery cannot be verified", account)
            return FAILED

    def _claimed(self, event: Event, key: str, owner: str) -> _Claim | WebhookResponse:
        seen = self.store.claim(key, event.digest, owner, self.lease)
        if seen is ClaimResult.CONFLICT:  # handled by itself, as what is not to be believed
            _log.warning("%s: another event bears the id %.100r", event.account, event.id)
            event = attrs.evolve(event, trusted=False, attention=(Attention.EVENT_IDENTITY_CONFLICT,))
            key = f"{key}:{event.digest}"
            seen = self.store.claim(key, event.digest, owner, self.lease)
        if seen is ClaimResult.ACQUIRED:
            return _Claim(event, key, owner, self.webhooks.is_signed(event.account))
        return self._done(event) if seen is ClaimResult.COMPLETED else BUSY

    def _done(self, event: Event) -> WebhookResponse:
        return WebhookResponse(self.webhooks.received_status(event.account))

    def _failed(self, claim: _Claim, error: BaseException) -> WebhookResponse:
        """Let the next delivery be handled."""
        self._release(claim)
        _log.error("%s: the handler failed", claim.event.account, exc_info=error)
        return FAILED

    def _release(self, claim: _Claim) -> None:
        try:
            self.store.release(claim.key, claim.owner)
        except Exception:  # the lease ends by itself
            _log.exception("%s: the store of what was handled cannot be asked", claim.event.account)

    def _finished(self, claim: _Claim) -> WebhookResponse:
        """Mark an event as handled. If that fails, no redelivery is requested, since it was handled."""
        try:
            self.store.finish(claim.key, claim.owner)
        except Exception:  # whatever the library of the store raises
            _log.exception("%s: %.100r was handled, and cannot be marked so", claim.event.account, claim.event.id)
        return self._done(claim.event)


def _in_thread(function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
    """Start a function in a thread; the end of a task or of the loop does not cancel the result."""
    run = functools.partial(contextvars.copy_context().run, function, *arguments)
    return asyncio.get_running_loop().run_in_executor(None, run)


def _is_proven(claim: _Claim | WebhookResponse) -> bool:
    """Return whether there is nothing to handle, or its provider signed it."""
    return isinstance(claim, WebhookResponse) or claim.is_signed


def _awaits(handler: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004


def _generates(handler: Any) -> bool:
    """Return whether a handler is a generator function, also within a partial or a callable object."""
    while isinstance(handler, functools.partial):
        handler = handler.func  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    functions = (handler, getattr(handler, "__call__", None))  # noqa: B004
    return any(inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each) for each in functions)


def _check_ran(returned: Any) -> None:
    """Raise InvalidArgument if what a handler returned is still to be run."""
    if isinstance(returned, Generator | AsyncGenerator):
        raise InvalidArgument("the handler returns a generator, which nobody runs")
    if inspect.isawaitable(returned):
        if inspect.iscoroutine(returned):
            returned.close()
        raise InvalidArgument("the handler awaits: give an async function to arespond, or to app()")


def _is_cancelled() -> bool:
    """Return whether this task is cancelled, rather than its handler raising CancelledError."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
