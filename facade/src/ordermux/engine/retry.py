"""How often and how soon an attempt is retried: the policy, the quota, the backoff and `Retry-After`."""

from __future__ import annotations

import datetime
import math
import random
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from .hooks import Attempt, AttemptStart, Tracer

INITIAL_BACKOFF = 0.5
"""Seconds before the first retry, at most; they double with each one."""
MAX_BACKOFF = 20.0
"""Seconds between two attempts."""
MAX_POLLING = 5.0
"""Seconds between two questions whether an earlier attempt is done."""
RETRY_AFTER_MARGIN = 1.0
"""Seconds that are added to a Retry-After: servers round it, and one was seen to be up to a second too short."""
_MIN_MARGIN = 0.1
"""Seconds after a Retry-After below which an attempt is not worth it."""
_MAX_DIGITS = 9
_SECONDS = re.compile(r"([0-9]+)(\.[0-9]+)?")


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How long a call may take and how often it is retried; times are in seconds."""

    timeout: float
    """The whole call."""
    attempt_timeout: float
    """One attempt."""
    attempts: int
    """Maximum number of attempts; 1 for no retry."""
    before_send: Callable[[AttemptStart], None] | None = None
    on_attempt: Callable[[Attempt], None] | None = None
    tracer: Tracer | None = None
    """Gets a span for each request."""
    clock: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random

    def backoff(self, number: int) -> float:
        """Return the seconds before the retry of this number, from 1, with full jitter."""
        return self.random() * _exponential(number, MAX_BACKOFF)

    def polling(self, number: int) -> float:
        """Return the seconds before asking again whether an earlier attempt is done; at least half of the backoff."""
        return _exponential(number, MAX_POLLING) * (1 + self.random()) / 2


def _exponential(number: int, maximum: float) -> float:
    return min(maximum, INITIAL_BACKOFF * 2.0 ** min(number - 1, 20))  # a large power would overflow


class RetryQuota:
    """The retries that an account has left, so that a provider that is down is not flooded; a success gives one back.

    As in botocore's standard mode, there are 500 units, of which a retry takes 5. The units of a retry are one item of
    a deque, whose `pop` and `append` are atomic in CPython, with and without the GIL, and whose `maxlen` caps it. So
    threads need no lock here: one could stay taken, by a signal handler that raises while it is held or by a fork in
    another thread's critical section, and then each later call would hang.
    """

    CAPACITY = 500
    RETRY_COST = 5

    def __init__(self) -> None:
        """Start with the whole capacity."""
        retries = self.CAPACITY // self.RETRY_COST
        self._retries = deque([self.RETRY_COST] * retries, maxlen=retries)

    @property
    def left(self) -> int:
        """The units that are left."""
        return len(self._retries) * self.RETRY_COST

    def acquire(self) -> bool:
        """Take the units of one retry; False if there are not enough."""
        try:
            self._retries.pop()
        except IndexError:
            return False
        return True

    def release(self) -> None:
        """Give the units of one retry back, up to the capacity."""
        self._retries.append(self.RETRY_COST)


def seconds_before_retry(stated: float | None, backoff: float, remaining: float) -> float | None:
    """Return the seconds to wait: as the provider states them, or the backoff; None if the deadline is before."""
    wait = backoff if stated is None else stated
    if wait >= remaining:
        return None
    if stated is None:
        return wait
    # The margin is worth no more than half of the time that is left for the attempt. If that is next to nothing there
    # is no attempt, or ever shorter waits would become ever more requests until the deadline.
    margin = min(RETRY_AFTER_MARGIN, (remaining - wait) / 2)
    return wait + margin if margin >= _MIN_MARGIN else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` states, in ASCII digits or as an HTTP date; None for anything else."""
    stated = headers.get("retry-after", "")
    if digits := _SECONDS.fullmatch(stated):
        return float(stated) if len(digits[1]) <= _MAX_DIGITS else math.inf
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(stated)
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.datetime.now(datetime.UTC)
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
