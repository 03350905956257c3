"""A provider's rate limit, kept on our side: at most so many requests in any window, wherever it begins.

A request arrives at the provider at some time between its being sent and its response. So its slot is free again a
whole window after the response, and the requests of any window at the provider are within the limit, however slow the
network is.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import attrs

from ..errors import RateLimited, SharedStateError
from .context import CallContext
from .flow import Flow, FlowLock, Sleep
from .hooks import log_safely

_MICROSECONDS = 1_000_000
# Redis' own clock keeps the window, so that the clocks of hosts need not agree. Times are in microseconds.
_ACQUIRE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
  return 0
end
return math.ceil(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now)
"""
_RELEASE = """
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', time[1] * 1000000 + time[2] + ARGV[1], ARGV[2])
"""


@attrs.define(eq=False)
class RateLimiter:
    """At most `max_requests` requests in any window of `seconds`."""

    max_requests: int
    seconds: float
    clock: Callable[[], float]
    name: str | None = None
    """The window's key in the Redis that processes share; None if they share none."""
    slots: dict[str, float] = attrs.field(factory=dict[str, float])
    """When each slot that was taken in this process is free again, in seconds of the clock."""
    lock: FlowLock = attrs.field(factory=lambda: FlowLock(is_async=False))
    """Held for no longer than it takes to count, so that tasks may hold it too."""

    def acquire(self, call: CallContext) -> Flow[str]:
        """Wait for a slot; return it.

        Raises RateLimited if none is free before the call's deadline, SharedStateError.
        """
        slot = uuid.uuid4().hex
        # Until its response comes a request may be on its way; if none comes, the slot stays taken for this long.
        taken = call.runtime.policy.attempt_timeout + self.seconds
        while wait := (yield from self._acquire(call, slot, taken)):
            problem = f"the limit of {self.max_requests} requests in {self.seconds:g} s is used up"
            # A wait that ends after the deadline would only delay the error, and hold up the caller.
            if wait >= call.remaining():
                raise call.error(RateLimited, problem, retryable=True, retry_after=wait)
            log_safely(logging.INFO, "%s: waiting %.1f s: %s", call.runtime.name, wait, problem)
            yield Sleep(wait)
        return slot

    def release(self, call: CallContext, slot: str) -> Flow[None]:
        """Report that the response came, so that the slot's window begins."""
        if self.name is None:
            with self.lock.current:
                self.slots[slot] = self.clock() + self.seconds
            return
        try:
            yield call.command("EVAL", _RELEASE, 1, self.name, self.seconds * _MICROSECONDS, slot)
        except SharedStateError:  # the slot stays taken for longer, and no more
            return

    def _acquire(self, call: CallContext, slot: str, taken: float) -> Flow[float]:
        """Take a slot and return 0; or return the seconds after which to ask again, since a response may free one."""
        if self.name is not None:
            reply = yield call.command(
                "EVAL", _ACQUIRE, 1, self.name, self.max_requests, int(taken * _MICROSECONDS), slot
            )
            if not isinstance(reply, int):
                raise SharedStateError(f"Redis answered a count of requests by {type(reply).__name__}")
            return min(max(0, reply) / _MICROSECONDS, self.seconds)
        with self.lock.current:
            now = self.clock()
            self.slots = {name: ends for name, ends in self.slots.items() if ends > now}
            if len(self.slots) < self.max_requests:
                self.slots[slot] = now + taken
                return 0.0
            # At most a window: a response that comes meanwhile may free its slot sooner than it was taken for.
            return min(min(self.slots.values()) - now, self.seconds)
