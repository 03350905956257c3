"""Handles each event once in effect, however often and wherever it is delivered, and answers so that none is lost."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import hashlib
import inspect
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._checks import above_zero
from ..errors import InvalidArgument, NotInstalled, UnknownAccount
from ..status import Attention
from ._event import Event, WebhookRejected
from ._receive import Bytes, Fields, Webhooks
from .stores import Memory, Seen, Store

if TYPE_CHECKING:
    from starlette.applications import Starlette

_log = logging.getLogger("ordermux")
T = TypeVar("T")
_BUSY_SECONDS = 10
_LONGEST_ID = 200
_METHODS = ("claim", "finish", "release")


@attrs.frozen
class Reply:
    """What to answer a delivery with: a 2xx where it is not to come again, 5xx where it is, 4xx where it is none."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


_DONE, _FAILED = Reply(204), Reply(500)
_BUSY = Reply(503, {"retry-after": str(_BUSY_SECONDS)})


@attrs.frozen
class _Claim:
    """An event that is this delivery's to handle."""

    event: Event
    key: str
    owner: str


def _store(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in _METHODS):
        raise InvalidArgument(f"{attribute.name} is such as stores.Memory(), not {value!r}")


def _lease(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    above_zero(attribute.name, value)


@attrs.frozen(eq=False)
class Inbox:
    """Hands each event to a handler, and marks it as done once that has succeeded.

    Where the handler fails, or its process dies, the provider's next delivery is handled. Where two deliveries of one
    event come at once, one is handled and the other is asked to come again. What the handler did before it died is not
    undone: let it do one thing, or things that may be done twice.
    """

    webhooks: Webhooks
    handler: Callable[[Event], Any]
    """Takes an event: a function that blocks, or an async one. What it raises has the event delivered again."""
    store: Store = attrs.field(factory=Memory, validator=_store)
    """Keeps what was handled: `stores.Memory`, `stores.SQLite` for one machine, `stores.Redis` for many."""
    lease: float = attrs.field(default=300.0, validator=_lease)
    """The seconds after which a handler that has said nothing is taken for dead."""

    def respond(self, account: str, headers: Fields, body: Bytes) -> Reply:
        """Receive and handle what was delivered, with a handler that blocks; return what to answer."""
        claim = self._begin(account, headers, body)
        return self._handled(claim) if isinstance(claim, _Claim) else claim

    async def arespond(self, account: str, headers: Fields, body: Bytes) -> Reply:
        """Receive and handle what was delivered; return what to answer. A handler that blocks runs in a thread.

        Where it is cancelled, a handler that blocks ends by itself and its event is marked; one that awaits is
        cancelled, and its event is handled when it comes again.
        """
        begun = _in_thread(self._begin, account, headers, body)
        try:
            claim = await asyncio.shield(begun)
        except asyncio.CancelledError:
            begun.add_done_callback(lambda done: self._abandon(done.result()))
            raise
        if isinstance(claim, Reply):
            return claim
        if not _awaits(self.handler):
            return await asyncio.shield(_in_thread(self._handled, claim))
        try:
            await self.handler(claim.event)
        except Exception as error:
            return await asyncio.shield(_in_thread(self._failed, claim, error))
        except BaseException:
            self._abandon(claim)
            raise
        return await asyncio.shield(_in_thread(self._finished, claim))

    def _handled(self, claim: _Claim) -> Reply:
        """Run a handler that blocks, and mark what came of it, in one go that nothing interrupts."""
        try:
            waiting = self.handler(claim.event)
            if inspect.isawaitable(waiting):
                if inspect.iscoroutine(waiting):
                    waiting.close()
                raise InvalidArgument("the handler awaits: give an async function to arespond, or to app()")  # noqa: TRY301
        except Exception as error:
            return self._failed(claim, error)
        except BaseException:
            self._release(claim)
            raise
        return self._finished(claim)

    def _abandon(self, claim: _Claim | Reply) -> None:
        """Let the next delivery be handled, without waiting for the store."""
        if isinstance(claim, _Claim):
            threading.Thread(target=self._release, args=(claim,), daemon=True).start()

    def app(self, path: str = "/{account}") -> Starlette:
        """Return an ASGI app that takes deliveries to an account at a path, to be mounted or served on its own."""
        if "{account}" not in path:
            raise InvalidArgument("the path of the app has {account} in it")
        try:
            from . import _asgi
        except ModuleNotFoundError as error:
            if error.name != "starlette":
                raise
        else:
            return _asgi.app(self, path)
        raise NotInstalled("starlette is not installed; run: pip install 'ordermux[asgi]'")

    def _begin(self, account: str, headers: Fields, body: Bytes) -> _Claim | Reply:
        """Return the event with the right to handle it, or what to answer at once."""
        try:
            event = self.webhooks.receive(account, headers, body)
        except WebhookRejected as rejected:
            _log.warning("%.100r: %s", account, rejected)
            return Reply(rejected.status)
        except UnknownAccount:
            _log.warning("%.100r: a delivery for an account that is not there", account)
            return Reply(404)
        except InvalidArgument:
            _log.exception("%s: a delivery cannot be verified", account)
            return _FAILED
        owner = uuid.uuid4().hex
        try:
            named = event.id if len(event.id) <= _LONGEST_ID else hashlib.sha256(event.id.encode()).hexdigest()
            return self._claimed(event, f"{event.account}:{named}", owner)
        except Exception:  # whatever the library of the store raises
            _log.exception("%s: the store of what was handled cannot be asked", account)
            return _BUSY

    def _claimed(self, event: Event, key: str, owner: str) -> _Claim | Reply:
        seen = self.store.claim(key, event.digest, owner, self.lease)
        if seen is Seen.OTHER:  # handled by itself, as what is not to be believed
            _log.warning("%s: another event bears the id %.100r", event.account, event.id)
            event = attrs.evolve(event, trusted=False, attention=(Attention.EVENT_IDENTITY_CONFLICT,))
            key = f"{key}:{event.digest}"
            seen = self.store.claim(key, event.digest, owner, self.lease)
        if seen is Seen.NEW:
            return _Claim(event, key, owner)
        return _DONE if seen is Seen.DONE else _BUSY

    def _failed(self, claim: _Claim, error: Exception) -> Reply:
        """Let the next delivery be handled."""
        self._release(claim)
        _log.error("%s: the handler failed", claim.event.account, exc_info=error)
        return _FAILED

    def _release(self, claim: _Claim) -> None:
        try:
            self.store.release(claim.key, claim.owner)
        except Exception:  # the lease ends by itself
            _log.exception("%s: the store of what was handled cannot be asked", claim.event.account)

    def _finished(self, claim: _Claim) -> Reply:
        """Mark an event as done. Where that fails it is not asked for again, since it was handled."""
        try:
            self.store.finish(claim.key, claim.owner)
        except Exception:  # whatever the library of the store raises
            _log.exception("%s: %.100r was handled, and cannot be marked so", claim.event.account, claim.event.id)
        return _DONE


def _in_thread(function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
    """Start a function in a thread at once; no end of a task or of the loop cancels what is returned."""
    run = functools.partial(contextvars.copy_context().run, function, *arguments)
    return asyncio.get_running_loop().run_in_executor(None, run)


def _awaits(handler: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004
