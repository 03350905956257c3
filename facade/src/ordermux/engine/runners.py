"""The runners of flows: the one place of the engine that does I/O."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs

from ..errors import InvalidArgument, SharedStateError
from ..privacy import hide_locals
from .flow import Effect, Flow, RedisCommand, Send, Sleep

if TYPE_CHECKING:
    import asyncio

    from ..transport.wire import AsyncWireTransport, WireTransport

T = TypeVar("T")


class RedisClient(Protocol):
    """A client of Redis: a `redis.Redis`, or a `redis.asyncio.Redis` whose reply is awaited."""

    def execute_command(self, *arguments: Any) -> Any:
        """Send a command."""
        ...


def _redis_error(error: Exception, *, timed_out: bool = False) -> SharedStateError:
    """Return our own error for a Redis that does not answer; raise any other exception as it is.

    A signal handler's exception, such as a job's time limit, can come while Redis is waited for, and is nobody's reply.
    The redis package raises errors of its own, its sockets OSError. A TimeoutError without an errno is neither, unless
    our own limit `timed_out`. The text may quote the command, with a token in it, so that only the name is kept.
    """
    is_library = any(f"{kind.__module__}.".startswith("redis.") for kind in type(error).__mro__)
    is_own = timed_out or not isinstance(error, TimeoutError) or error.errno is not None
    if not (is_library or (isinstance(error, OSError) and is_own)):
        raise error
    return SharedStateError(f"Redis did not answer: {type(error).__name__}")


@attrs.frozen
class SyncRunner:
    """Runs flows in the calling thread."""

    transport: WireTransport
    max_bytes: int
    """Maximum size of a response's body."""
    redis: RedisClient | None = None

    @hide_locals
    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; return its result.

        An exception that ends an effect, a signal handler's too, is raised in the flow, which may clean up by further
        effects.
        """
        result: Any = None
        failed: BaseException | None = None
        try:
            while True:
                try:
                    effect = flow.send(result) if failed is None else flow.throw(failed)
                except StopIteration as stop:  # of the flow alone: one of a signal handler's is no result
                    done: T = stop.value
                    return done
                result, failed = None, None
                try:
                    result = self._do(effect)
                except BaseException as error:
                    failed = error
        finally:
            flow.close()

    def _do(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return self.transport.send(effect.request, effect.until, self.max_bytes)
        if isinstance(effect, Sleep):
            time.sleep(effect.seconds)
            return None
        if isinstance(effect, RedisCommand):
            try:
                return self.redis and self.redis.execute_command(*effect.arguments)
            except Exception as error:
                failed = _redis_error(error)
            raise failed  # outside of the handler, so that the library's own error is not its context
        return effect.lock.current.acquire(timeout=min(max(0.0, effect.seconds), threading.TIMEOUT_MAX))


def require_loop() -> None:
    """Raise InvalidArgument outside of an event loop of asyncio, such as under trio."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        message = "an AsyncOrdermux runs in an event loop of asyncio, and there is none; under trio, "
        raise InvalidArgument(f"{message}use an Ordermux by trio.to_thread.run_sync") from None


@attrs.frozen
class AsyncRunner:
    """Runs flows in the running event loop."""

    transport: AsyncWireTransport
    max_bytes: int
    """Maximum size of a response's body."""
    redis: RedisClient | None = None

    @hide_locals
    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; return its result.

        An exception that ends an effect, a cancellation too, is raised in the flow, which may clean up by further
        effects.
        """
        require_loop()
        result: Any = None
        failed: BaseException | None = None
        try:
            while True:
                try:
                    effect = flow.send(result) if failed is None else flow.throw(failed)
                except StopIteration as stop:  # of the flow alone: one of a signal handler's is no result
                    done: T = stop.value
                    return done
                result, failed = None, None
                try:
                    result = await self._do(effect)
                except GeneratorExit:  # the coroutine is closed: nothing can be awaited any more
                    raise
                except BaseException as error:
                    failed = error
        finally:
            flow.close()

    async def _do(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return await self.transport.send(effect.request, effect.until, self.max_bytes)
        import asyncio

        if isinstance(effect, Sleep):
            await asyncio.sleep(effect.seconds)
            return None
        if isinstance(effect, RedisCommand):
            limit = asyncio.timeout(effect.seconds)
            try:
                async with limit:
                    return self.redis and await self.redis.execute_command(*effect.arguments)
            except Exception as error:
                failed = _redis_error(error, timed_out=limit.expired())
            raise failed  # outside of the handler, so that the library's own error is not its context
        lock: asyncio.Lock = effect.lock.current
        try:
            async with asyncio.timeout(max(0.0, effect.seconds)):
                return await lock.acquire()
        except TimeoutError:
            return False
