"""Operations are flows: generators that yield what shall be done, and do no I/O themselves.

A flow yields effects and is sent their results; what it returns is the operation's result. Two drivers run flows,
one blocking and one awaiting, so that each operation is written once and tested without a network or a clock.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import attrs

from ._wire import Answer, Failure
from .errors import SharedStateError

if TYPE_CHECKING:
    import asyncio

    import httpx

T = TypeVar("T")


@attrs.frozen
class Send:
    """Effect: send a request once. The result is an Answer or a Failure."""

    request: httpx.Request
    until: float
    """When to give up, in seconds of the monotonic clock."""


@attrs.frozen
class Sleep:
    """Effect: wait."""

    seconds: float


@attrs.frozen
class Acquire:
    """Effect: wait for a gate. The result tells whether it was got in time; whoever got it releases it."""

    gate: Gate
    seconds: float


@attrs.frozen
class Command:
    """Effect: ask the Redis that processes share. The result is its reply, text as bytes.

    Raises SharedStateError.
    """

    words: tuple[str | float, ...] = attrs.field(repr=False)
    seconds: float
    """How long to wait for it; the blocking driver leaves that to the client's own timeout."""


Effect: TypeAlias = Send | Sleep | Acquire | Command
Flow: TypeAlias = Generator[Effect, Any, T]


class Gate:
    """Lets one flow through at a time, of threads or of tasks; a forked process has it open."""

    def __init__(self, *, awaiting: bool) -> None:
        """Open it, for flows of the awaiting or of the blocking driver."""
        self.awaiting = awaiting
        self.reopen()
        _gates.add(self)

    def reopen(self) -> None:
        """Forget who holds it."""
        if self.awaiting:
            import asyncio  # which a program that blocks need not pay for

            self.lock: Any = asyncio.Lock()
        else:
            self.lock = threading.Lock()

    def release(self) -> None:
        """Let the next one through."""
        self.lock.release()


_gates: weakref.WeakSet[Gate] = weakref.WeakSet()


def _reopen() -> None:
    """Open the gates that a thread of the parent's holds, which is not there in the child."""
    for gate in _gates:
        gate.reopen()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reopen)


class Redis(Protocol):
    """What is asked of a client of Redis: a `redis.Redis`, or a `redis.asyncio.Redis` whose answer is awaited."""

    def execute_command(self, *words: Any) -> Any:
        """Send a command."""
        ...


def _failed(error: Exception) -> SharedStateError:
    return SharedStateError(f"Redis did not answer: {type(error).__name__}")


@attrs.frozen
class Driver:
    """Runs flows, blocking."""

    transport: httpx.BaseTransport
    most: int
    """How many bytes a body may have."""
    redis: Redis | None = None

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; return its result."""
        result, failed = None, None
        try:
            while True:
                effect = flow.throw(failed) if failed else flow.send(result)
                result, failed = None, None
                if isinstance(effect, Command):
                    try:
                        result = self.redis and self.redis.execute_command(*effect.words)
                    except Exception as error:  # whatever the library of Redis raises
                        failed = _failed(error)
                else:
                    result = self._do(effect)
        except StopIteration as stop:
            done: T = stop.value
            return done
        finally:
            flow.close()

    def _do(self, effect: Send | Sleep | Acquire) -> Answer | Failure | bool | None:
        if isinstance(effect, Send):
            from ._http import send

            return send(self.transport, effect.request, effect.until, self.most)
        if isinstance(effect, Sleep):
            time.sleep(effect.seconds)
            return None
        lock: threading.Lock = effect.gate.lock
        return lock.acquire(timeout=max(0.0, effect.seconds))


@attrs.frozen
class AsyncDriver:
    """Runs flows, awaiting."""

    transport: httpx.AsyncBaseTransport
    most: int
    """How many bytes a body may have."""
    redis: Redis | None = None

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; return its result."""
        import asyncio

        result, failed = None, None
        try:
            while True:
                effect = flow.throw(failed) if failed else flow.send(result)
                result, failed = None, None
                if isinstance(effect, Command):
                    try:
                        async with asyncio.timeout(effect.seconds):
                            result = self.redis and await self.redis.execute_command(*effect.words)
                    except Exception as error:  # whatever the library of Redis raises
                        failed = _failed(error)
                else:
                    result = await self._do(effect)
        except StopIteration as stop:
            done: T = stop.value
            return done
        finally:
            flow.close()

    async def _do(self, effect: Send | Sleep | Acquire) -> Answer | Failure | bool | None:
        if isinstance(effect, Send):
            from ._http import asend

            return await asend(self.transport, effect.request, effect.until, self.most)
        import asyncio

        if isinstance(effect, Sleep):
            await asyncio.sleep(effect.seconds)
            return None
        lock: asyncio.Lock = effect.gate.lock
        try:
            async with asyncio.timeout(max(0.0, effect.seconds)):
                return await lock.acquire()
        except TimeoutError:
            return False
