"""Idempotency keys: how they are made, how old they are, and until when the provider remembers them.

A provider that honours a key answers a repeated request with the first response instead of applying it again, but only
for as long as it keeps the key. After that the same key is a new request, and a refund is made a second time. So
every key that is made here carries the time at which it was made, and a key past its window is refused.
"""

from __future__ import annotations

import datetime
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import attrs

from ..errors import IdempotencyKeyExpired, InvalidArgument

MARGIN_SECONDS = 300.0
"""Seconds by which a key counts as expired here before it does at the provider: the clocks need not agree."""
_DERIVED = uuid.UUID("6f0c5c1e-0d0f-5d52-9a0e-3b1b6d1c7f55")
"""The namespace of the keys that are derived (RFC 9562, 5.5)."""
_VISIBLE = re.compile(r"[!-~]{1,255}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class IdempotencyKey:
    """A key for one call."""

    value: str
    reused: bool
    """Whether it is the caller's own, so that an earlier call may have been sent with it."""
    expires_at: datetime.datetime | None
    """Until when a repeat with it is safe, timezone-aware UTC; None if its age is not known."""

    def seconds_left(self) -> float | None:
        """Return the seconds until it expires; None if its age is not known."""
        if self.expires_at is None:
            return None
        return (self.expires_at - datetime.datetime.now(datetime.UTC)).total_seconds()

    @property
    def is_repeatable(self) -> bool:
        """Whether it is certain that the provider still remembers it."""
        left = self.seconds_left()
        return left is not None and left > 0


def new_key(now: Callable[[], float] = time.time) -> str:
    """Return a new key: a UUID of version 7 (RFC 9562, 5.7), which begins with its time in milliseconds."""
    stamp = int(now() * 1000) & ((1 << 48) - 1)
    number = stamp << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 0x7 << 76  # the version
    number = number & ~(0x3 << 62) | 0x2 << 62  # the variant
    return str(uuid.UUID(int=number))


def key_for(provider: str, value: str | None, created_at: datetime.datetime | None, window: float) -> IdempotencyKey:
    """Return the key of a call: the caller's own, or a new one if `value` is None.

    `created_at` is when the caller's key was first sent; without it a UUID of version 7 contains its own time. `window`
    is the number of seconds for which the provider remembers a key.

    Raises InvalidArgument, IdempotencyKeyExpired if the provider may have forgotten it.
    """
    now = datetime.datetime.now(datetime.UTC)
    since = _checked(value, created_at, now)
    if value is None:
        since, value, reused = now, new_key(), False
    else:
        stated = [each for each in (since, _time_of(value, now)) if each is not None]
        since, reused = min(stated, default=None), True  # a wrong time of the caller's must not make the key younger
    # A key of unknown age is taken as it is; no error then says that a repeat with it is safe.
    expires = since and since + datetime.timedelta(seconds=window - MARGIN_SECONDS)
    if expires is not None and expires <= now and since is not None:
        raise IdempotencyKeyExpired(
            f"the idempotency key {value} was first used at {since.isoformat(timespec='seconds')}, and {provider} "
            f"remembers a key for {window / 3600:g} hours only: with it the change could be made a second time. Read "
            "the order; if the change is missing there, call without a key"
        )
    return IdempotencyKey(value=value, reused=reused, expires_at=expires)


def derived_key(facts: Iterable[str], window: float) -> IdempotencyKey:
    """Return the key of a change that is made once in a state of things: the same facts give the same key.

    So two callers that change the same state at once send one key, and the provider makes one change of both. Its age
    is counted from now: as long as the state is the same, no earlier call with the key was applied, but for one that is
    still on its way.
    """
    text = "\n".join(facts)
    now = datetime.datetime.now(datetime.UTC)
    expires = now + datetime.timedelta(seconds=window - MARGIN_SECONDS)
    return IdempotencyKey(value=str(uuid.uuid5(_DERIVED, text)), reused=True, expires_at=expires)


def _checked(value: Any, created_at: Any, now: datetime.datetime) -> datetime.datetime | None:
    """Refuse what cannot be a key, or a time of one; return the time in UTC."""
    if value is not None and not (isinstance(value, str) and _VISIBLE.fullmatch(value)):
        raise InvalidArgument("an idempotency key is 1 to 255 visible ASCII characters")
    if created_at is None:
        return None
    if value is None:
        raise InvalidArgument("key_created_at= needs idempotency_key=")
    if not isinstance(created_at, datetime.datetime) or created_at.tzinfo is None:
        raise InvalidArgument(f"key_created_at is a timezone-aware datetime, not {created_at!r}")
    try:
        since = created_at.astimezone(datetime.UTC)
    except OverflowError:
        raise InvalidArgument(f"key_created_at is out of range: {created_at!r}") from None
    if since > now + datetime.timedelta(seconds=MARGIN_SECONDS):
        raise InvalidArgument(f"key_created_at is in the future: {created_at.isoformat()}")
    return since


def _time_of(value: str, now: datetime.datetime) -> datetime.datetime | None:
    """Return the time that a UUID of version 7 begins with; None for any other key, or a time in the future."""
    if not _UUID7.fullmatch(value):
        return None
    stamp = uuid.UUID(value).int >> 80
    if stamp > (now.timestamp() + MARGIN_SECONDS) * 1000:
        return None
    return datetime.datetime.fromtimestamp(stamp / 1000, datetime.UTC)
