"""A provider's limit, kept on our side: never more than so many requests in any window, wherever it begins.

A request arrives at the provider somewhere between its being sent and its answer. So its slot is free again a whole
window after the answer, and the requests of any window at the provider are within the limit, however slow the way is.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ._flow import Flow, Gate, Sleep
from .errors import RateLimited, SharedStateError

if TYPE_CHECKING:
    from ._call import Call

_log = logging.getLogger("ordermux")
_MICRO = 1_000_000
# Redis' own clock keeps the window, so that the clocks of hosts need not agree. Times are in microseconds.
_TAKE = """
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
_LEAVE = """
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', time[1] * 1000000 + time[2] + ARGV[1], ARGV[2])
"""


@attrs.define(eq=False)
class Limit:
    """So many requests in any window of so many seconds."""

    most: int
    seconds: float
    clock: Callable[[], float]
    name: str | None = None
    """What the window is called in the Redis that processes share; None where they do not."""
    slots: dict[str, float] = attrs.field(factory=dict[str, float])
    """When each slot that was taken in this process is free again."""
    gate: Gate = attrs.field(factory=lambda: Gate(awaiting=False))
    """Held for no longer than it takes to count, so that tasks may hold it too."""

    def admit(self, call: Call) -> Flow[str]:
        """Wait for a slot; return it.

        Raises RateLimited where none is free before the call's deadline, SharedStateError.
        """
        slot = uuid.uuid4().hex
        # Until its answer comes a request may be on its way; where none comes, the slot stays taken so long.
        taken = call.opened.policy.attempt_timeout + self.seconds
        while wait := (yield from self._take(call, slot, taken)):
            problem = f"the limit of {self.most} requests in {self.seconds:g} s is used up"
            if wait >= call.left():
                raise call.error(RateLimited, problem, retryable=True, retry_after=wait)
            _log.info("%s: waits %.1f s, since %s", call.opened.name, wait, problem)
            yield Sleep(wait)
        return slot

    def leave(self, call: Call, slot: str) -> Flow[None]:
        """Tell that the answer came."""
        if self.name is None:
            with self.gate.lock:
                self.slots[slot] = self.clock() + self.seconds
            return
        try:
            yield call.command("EVAL", _LEAVE, 1, self.name, self.seconds * _MICRO, slot)
        except SharedStateError:  # the slot stays taken for longer, and no more
            return

    def _take(self, call: Call, slot: str, taken: float) -> Flow[float]:
        """Take a slot; return 0, or the seconds after which to look again: what is on its way may be answered soon."""
        if self.name is not None:
            reply = yield call.command("EVAL", _TAKE, 1, self.name, self.most, int(taken * _MICRO), slot)
            return min(max(0, int(reply)) / _MICRO, self.seconds)
        with self.gate.lock:
            now = self.clock()
            self.slots = {name: ends for name, ends in self.slots.items() if ends > now}
            if len(self.slots) < self.most:
                self.slots[slot] = now + taken
                return 0.0
            return min(min(self.slots.values()) - now, self.seconds)
