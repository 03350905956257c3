"""Operations are flows: generators that yield effects and do no I/O themselves.

A flow yields effects and is sent their results; what it returns is the operation's result. Two runners run flows, one
sync and one async (`runners`), so that each operation is written once and is tested without a network or a clock.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

if TYPE_CHECKING:
    import asyncio

    from ..transport.wire import WireRequest

T = TypeVar("T")


@attrs.frozen
class Send:
    """Effect: send a request once. The result is a RawResponse or a TransportFailure."""

    request: WireRequest
    until: float
    """When to give up, in seconds of the monotonic clock."""


@attrs.frozen
class Sleep:
    """Effect: wait."""

    seconds: float


@attrs.frozen
class AcquireLock:
    """Effect: wait for a lock. The result is whether it was acquired in time; in any case, release it in the end."""

    lock: FlowLock
    seconds: float


@attrs.frozen
class RedisCommand:
    """Effect: send a command to the Redis that processes share. The result is its reply, text as bytes.

    Raises SharedStateError.
    """

    arguments: tuple[str | float, ...] = attrs.field(repr=False)
    """The command and its arguments."""
    seconds: float
    """How long to wait for the reply; the sync runner leaves that to the client's own timeout."""


Effect: TypeAlias = Send | Sleep | AcquireLock | RedisCommand
Flow: TypeAlias = Generator[Effect, Any, T]


class FlowLock:
    """A lock that one flow holds at a time, of threads or of the tasks of one event loop; unlocked after a fork."""

    def __init__(self, *, is_async: bool) -> None:
        """Start unlocked, for flows of the async or of the sync runner."""
        self.is_async = is_async
        self.reset()
        _locks.add(self)

    def reset(self) -> None:
        """Forget who holds it."""
        self._lock = threading.RLock()
        self._locks: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}

    @property
    def current(self) -> Any:
        """The lock of Python's that is held: the process's own, or with the async runner the running event loop's."""
        if not self.is_async:
            return self._lock
        import asyncio  # which a sync program need not pay for

        loop = asyncio.get_running_loop()
        if loop not in self._locks:
            for other in list(self._locks):
                if other.is_closed():  # a lock that was waited for keeps its event loop
                    self._locks.pop(other, None)
        return self._locks.setdefault(loop, asyncio.Lock())

    def release(self, *, acquired: bool) -> None:
        """Release it. A thread that was interrupted may hold it, and not know that it acquired it."""
        if acquired or not self.is_async:
            with contextlib.suppress(RuntimeError):  # of a lock that is not this thread's
                self.current.release()


_locks: weakref.WeakSet[FlowLock] = weakref.WeakSet()


def _reset_all() -> None:
    """Unlock what a thread of the parent process holds, which does not exist in the child."""
    for each in _locks:
        each.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
