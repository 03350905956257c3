"""How requests get their credentials, and how these are refreshed."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import DeadlineExceeded, OrdermuxError, SharedStateError, UnexpectedResponse
from .context import CallContext
from .flow import AcquireLock, Flow, FlowLock, RedisCommand, Sleep

if TYPE_CHECKING:
    from ..transport.wire import WireRequest

_ADVISORY_SECONDS, _MANDATORY_SECONDS = 300.0, 60.0
"""How long before its end a token may, and has to be, refreshed; less if its life is short."""
_ADVISORY_PART, _MANDATORY_PART = 0.25, 0.1
_MIN_LIFE, _MAX_LIFE = 1.0, 86_400.0
"""Seconds for which a token is used, whatever the provider says of it."""
_RETRY_SECONDS = 30.0
"""Seconds before the next try to refresh a token that could not be refreshed and is still valid."""
_EARLY_SECONDS = 5.0
"""Maximum seconds for refreshing a token that is still valid."""
_POLL_SECONDS = 0.05
_MAX_USED = 8
"""How many earlier credentials are remembered, for errors not to show them."""
_MAX_POLLS = 6
"""How often to look whether a cookie that was refused has been replaced."""
_SENDABLE = re.compile(r"[!-~]{1,16384}")
"""A token that a header can hold; servers take no longer ones either."""
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
"""Releases a lock that is still our own."""
_UNLOCK_SECONDS = 1.0
"""How long that may take, even after the call's deadline."""


@attrs.frozen
class StaticCredentials:
    """Credentials that the typed client holds; the provider may replace one, as it does with cookies."""

    client: Any
    rotated: str | None = None
    """The client's credential that the provider may replace."""
    used: deque[Any] = attrs.field(factory=lambda: deque[Any](maxlen=_MAX_USED), init=False)
    """The last of its values, which a late response may still repeat."""

    def authenticate(self, call: CallContext, prepare: Callable[[], WireRequest]) -> Flow[tuple[WireRequest, Any]]:
        """Return the request as the client makes it, and the credential that may be replaced."""
        del call
        # Read before the request is made: if another thread replaces it in between, the request has the newer one, and
        # a 401 only leads to one attempt too many.
        credential = self.rotated and getattr(self.client, self.rotated)
        if credential is not None and credential not in self.used:
            self.used.append(credential)
        return prepare(), credential
        yield  # which makes it a flow

    def refresh(self, call: CallContext, credential: Any) -> Flow[bool]:
        """Return whether the credential was replaced since, or is about to be by a response in another thread."""
        if self.rotated is None:
            return False
        for _ in range(_MAX_POLLS):
            if getattr(self.client, self.rotated) != credential:
                return True
            if call.remaining() <= _POLL_SECONDS:
                break
            yield Sleep(_POLL_SECONDS)
        return False

    def secrets(self) -> Iterator[Any]:
        """Yield the credentials that the client held before."""
        return iter(tuple(self.used))


@attrs.frozen(eq=False)
class Token:
    """An access token, with times in seconds of the monotonic clock."""

    secret: Any
    """The package's Secret."""
    refresh_at: float
    """From when on it may be refreshed."""
    ends_at: float
    """From when on it is not used any more."""

    @classmethod
    def from_lifetime(cls, secret: Any, seconds: float, now: float) -> Token:
        """Return a token that is valid for so many seconds from now on."""
        life = min(max(_MIN_LIFE, seconds), _MAX_LIFE)
        advisory = min(_ADVISORY_SECONDS, life * _ADVISORY_PART)
        mandatory = min(_MANDATORY_SECONDS, life * _MANDATORY_PART)
        return cls(secret, now + life - advisory, now + life - mandatory)


@attrs.define(eq=False)
class RefreshableToken:
    """An access token that is fetched by a call of its own, by one flow at a time."""

    fetch: Callable[[CallContext], Flow[tuple[Any, float]]]
    """Fetches a token; returns its secret and its lifetime in seconds."""
    make_secret: Callable[[str], Any]
    lock: FlowLock
    name: str | None
    """The token's name in the Redis that processes share; None if they share none."""
    token: Token | None = None
    used: deque[Any] = attrs.field(factory=lambda: deque[Any](maxlen=_MAX_USED), init=False)
    """The last secrets, which a late response may still repeat."""

    def authenticate(self, call: CallContext, prepare: Callable[[], WireRequest]) -> Flow[tuple[WireRequest, Any]]:
        """Return the request with a valid token, if it has an Authorization header to fill; and the token.

        A token that ends soon is refreshed early (advisory), without a wait for another flow that does so and without
        a failure; one that has ended is refreshed first (mandatory).
        """
        request = prepare()
        # The generated client knows which operations take a token, and puts a placeholder in; the one that fetches a
        # token takes none, so that it does not wait for itself.
        others = tuple(field for field in request.headers if field[0].lower() != "authorization")
        if len(others) == len(request.headers):
            return request, None
        token, now = self.token, call.runtime.policy.clock()
        if token is None or now >= token.ends_at:
            token = yield from self._refreshed(call, token, call.remaining())
        elif now >= token.refresh_at:
            # The old token still serves this call, so that a new one gets only a part of its time.
            early = attrs.evolve(call, deadline=now + min(call.remaining() / 4, _EARLY_SECONDS))
            try:
                token = yield from self._refreshed(early, token, 0.0)
            except OrdermuxError:  # the old one is still valid
                self.token = attrs.evolve(token, refresh_at=now + _RETRY_SECONDS)
            call.attempts = early.attempts
        authorization = "authorization", f"Bearer {token.secret.reveal()}"
        return attrs.evolve(request, headers=(*others, authorization)), token

    def refresh(self, call: CallContext, credential: Any) -> Flow[bool]:
        """Fetch another token, unless there is one already."""
        if credential is None:
            return False
        yield from self._refreshed(call, credential, call.remaining())
        return True

    def _refreshed(self, call: CallContext, stale: Token | None, wait: float) -> Flow[Token]:
        """Return another token than the stale one: one flow at a time fetches it, and those who wait share it."""
        acquired = False
        try:
            acquired = yield AcquireLock(self.lock, wait)
            if not acquired:
                if stale is not None and wait == 0.0:
                    return stale
                raise call.error(DeadlineExceeded, "the deadline passed before a token came", retryable=True)
            # Another flow may have fetched one while this flow waited for the lock.
            if self.token is None or (stale is not None and self.token.secret == stale.secret):
                self.token = yield from (self._fetched(call) if self.name is None else self._shared(call, stale, wait))
                self.used.append(self.token.secret)
            return self.token
        finally:
            self.lock.release(acquired=acquired)

    def secrets(self) -> Iterator[Any]:
        """Yield the tokens, earlier ones included."""
        return iter(tuple(self.used))

    def _fetched(self, call: CallContext) -> Flow[Token]:
        """Return a new token. One that no header can hold is refused here: it would fail every later call."""
        began = call.runtime.policy.clock()
        secret, seconds = yield from self.fetch(call)
        if not _SENDABLE.fullmatch(secret.reveal()):
            raise call.error(UnexpectedResponse, "the token that came cannot be sent in a header", retryable=True)
        return Token.from_lifetime(secret, seconds, began)

    def _shared(self, call: CallContext, stale: Token | None, wait: float) -> Flow[Token]:
        """Return the token that processes share, which one process at a time fetches.

        An exception from outside releases the lock too, except if a coroutine is closed, which cannot send to Redis
        any more: the lock expires by itself then.
        """
        lock = f"ordermux:token-lock:{self.name}", uuid.uuid4().hex
        unlock = RedisCommand(("EVAL", _UNLOCK, 1, *lock), _UNLOCK_SECONDS)
        try:
            token = yield from self._locked(call, lock, stale, wait)
        except (GeneratorExit, SharedStateError):
            raise
        except BaseException:
            with contextlib.suppress(SharedStateError):
                yield unlock
            raise
        with contextlib.suppress(SharedStateError):
            yield unlock
        return token

    def _locked(self, call: CallContext, lock: tuple[str, str], stale: Token | None, wait: float) -> Flow[Token]:
        """Return the token of the process that holds the lock, or a new one.

        The lock saves calls and protects nothing. The process that holds it may have died, so that it is waited for
        during half of the remaining time; the other half is enough to fetch a token without it.
        """
        key, clock = f"ordermux:token:{self.name}", call.runtime.policy.clock
        expiry = int(call.runtime.policy.attempt_timeout * 1000)
        patience = clock() + wait / 2
        while not (yield call.command("SET", *lock, "NX", "PX", expiry)):
            if found := (yield from self._found(call, key, stale)):
                return found
            if stale is not None and wait == 0.0:
                return stale
            if clock() >= patience:
                break
            yield Sleep(_POLL_SECONDS)
        if found := (yield from self._found(call, key, stale)):
            return found
        token = yield from self._fetched(call)
        left = int((token.ends_at - clock()) * 1000)
        if left > 0:
            yield call.command("SET", key, token.secret.reveal(), "PX", left)
        return token

    def _found(self, call: CallContext, key: str, stale: Token | None) -> Flow[Token | None]:
        """Return the shared token; None if there is none, if it is the stale one, or if it could not be sent."""
        # A token may expire between the two commands: its time to live is negative then.
        secret = yield call.command("GET", key)
        left = yield call.command("PTTL", key)
        if not isinstance(secret, str | bytes | None) or not isinstance(left, int):
            raise SharedStateError(f"Redis answered by {type(secret).__name__} and {type(left).__name__}")
        if secret is None or left <= 0:
            return None
        text = secret if isinstance(secret, str) else secret.decode(errors="replace")
        if not _SENDABLE.fullmatch(text) or (stale is not None and text == stale.secret.reveal()):
            return None
        return Token.from_lifetime(self.make_secret(text), left / 1000, call.runtime.policy.clock())
