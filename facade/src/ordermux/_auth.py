"""How requests get their credentials, and how these are renewed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from ._flow import Acquire, Flow, Gate, Sleep
from .errors import DeadlineExceeded, OrdermuxError

if TYPE_CHECKING:
    import httpx

    from ._call import Call

_ADVISORY_SECONDS, _MANDATORY_SECONDS = 300.0, 60.0
"""How long before its end a token may, and has to be, replaced; less where it does not live long."""
_ADVISORY_PART, _MANDATORY_PART = 0.25, 0.1
_SHORTEST_LIFE, _LONGEST_LIFE = 1.0, 86_400.0
"""How many seconds a token is tried for, whatever is said of it."""
_AGAIN_SECONDS = 30.0
"""How long to leave a token alone that could not be replaced and still holds."""
_EARLY_SECONDS = 5.0
"""How long a token may take to be got that is not needed yet."""
_POLL_SECONDS = 0.05
_LOOKS = 6
"""How often to look whether a cookie that was refused has a successor."""
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
"""Lets go of a lock that is still one's own."""


class Auth(Protocol):
    """What a call asks of an account's credentials."""

    def prepared(self, call: Call, prepare: Callable[[], httpx.Request]) -> Flow[tuple[httpx.Request, Any]]:
        """Return the request with its credentials, and what tells these from later ones."""
        ...

    def renewed(self, call: Call, credential: Any) -> Flow[bool]:
        """Tell, after a 401, whether there are other credentials by now; get some where that is possible."""
        ...


@attrs.frozen
class Held:
    """The typed client holds the credentials, and replaces its cookies where the provider does."""

    client: Any
    replaced: str | None = None
    """The client's credential that the provider may replace."""

    def prepared(self, call: Call, prepare: Callable[[], httpx.Request]) -> Flow[tuple[httpx.Request, Any]]:
        """Return the request as the client makes it."""
        del call
        credential = self.replaced and getattr(self.client, self.replaced)  # before, since it may be replaced meanwhile
        return prepare(), credential
        yield  # which makes it a flow

    def renewed(self, call: Call, credential: Any) -> Flow[bool]:
        """Tell whether the credential was replaced since, or is about to be: by an answer that another thread reads."""
        if self.replaced is None:
            return False
        for _ in range(_LOOKS):
            if getattr(self.client, self.replaced) != credential:
                return True
            if call.left() <= _POLL_SECONDS:
                break
            yield Sleep(_POLL_SECONDS)
        return False


@attrs.frozen(eq=False)
class Token:
    """An access token, with times in seconds of the monotonic clock."""

    secret: Any
    refresh_at: float
    """When it may be replaced."""
    ends_at: float
    """When it has to be."""

    @classmethod
    def living(cls, secret: Any, seconds: float, now: float) -> Token:
        """Return a token that lives so long."""
        life = min(max(_SHORTEST_LIFE, seconds), _LONGEST_LIFE)
        advisory = min(_ADVISORY_SECONDS, life * _ADVISORY_PART)
        mandatory = min(_MANDATORY_SECONDS, life * _MANDATORY_PART)
        return cls(secret, now + life - advisory, now + life - mandatory)


@attrs.define(eq=False)
class Bearer:
    """A token from a call of its own, which one flow at a time makes."""

    fetch: Callable[[Call], Flow[tuple[Any, float]]]
    """Gets a token; returns its secret and how many seconds it lives."""
    make_secret: Callable[[str], Any]
    gate: Gate
    name: str | None
    """What the token is called in the Redis that processes share; None where they do not."""
    token: Token | None = None

    def prepared(self, call: Call, prepare: Callable[[], httpx.Request]) -> Flow[tuple[httpx.Request, Any]]:
        """Return the request with a token, where it is to have one."""
        request = prepare()
        if "authorization" not in request.headers:
            return request, None
        token, now = self.token, call.opened.policy.clock()
        if token is None or now >= token.ends_at:
            token = yield from self._other(call, token, call.left())
        elif now >= token.refresh_at:
            early = attrs.evolve(call, deadline=now + min(call.left() / 4, _EARLY_SECONDS))
            try:
                token = yield from self._other(early, token, 0.0)
            except OrdermuxError:  # the old one still holds
                self.token = attrs.evolve(token, refresh_at=now + _AGAIN_SECONDS)
            call.attempts = early.attempts
        request.headers["authorization"] = f"Bearer {token.secret.reveal()}"
        return request, token

    def renewed(self, call: Call, credential: Any) -> Flow[bool]:
        """Get another token, unless there is one already."""
        if credential is None:
            return False
        yield from self._other(call, credential, call.left())
        return True

    def _other(self, call: Call, stale: Token | None, wait: float) -> Flow[Token]:
        """Return another token than the stale one: one flow at a time gets it, and those who waited take it too."""
        if not (yield Acquire(self.gate, wait)):
            if stale is not None and wait == 0.0:
                return stale
            raise call.error(DeadlineExceeded, "the time was over before a token came", retryable=True)
        try:
            if self.token is None or (stale is not None and self.token.secret == stale.secret):
                self.token = yield from (self._fetched(call) if self.name is None else self._agreed(call, stale, wait))
            return self.token
        finally:
            self.gate.release()

    def _fetched(self, call: Call) -> Flow[Token]:
        began = call.opened.policy.clock()
        secret, seconds = yield from self.fetch(call)
        return Token.living(secret, seconds, began)

    def _agreed(self, call: Call, stale: Token | None, wait: float) -> Flow[Token]:
        """Return the token that processes share; one process at a time gets it."""
        key, lock, owner = f"ordermux:token:{self.name}", f"ordermux:token-lock:{self.name}", uuid.uuid4().hex
        lasting = int(call.opened.policy.attempt_timeout * 1000)
        while not (yield call.command("SET", lock, owner, "NX", "PX", lasting)):
            if found := (yield from self._found(call, key, stale)):
                return found
            if stale is not None and wait == 0.0:
                return stale
            if call.left() <= _POLL_SECONDS:
                raise call.error(DeadlineExceeded, "the time was over before a token came", retryable=True)
            yield Sleep(_POLL_SECONDS)
        try:
            token = yield from self._found(call, key, stale)
            if token is None:
                token = yield from self._fetched(call)
                left = int((token.ends_at - call.opened.policy.clock()) * 1000)
                if left > 0:
                    yield call.command("SET", key, token.secret.reveal(), "PX", left)
        except OrdermuxError:
            yield call.command("EVAL", _UNLOCK, 1, lock, owner)
            raise
        yield call.command("EVAL", _UNLOCK, 1, lock, owner)
        return token

    def _found(self, call: Call, key: str, stale: Token | None) -> Flow[Token | None]:
        """Return the token that is there, unless it is the stale one."""
        secret = yield call.command("GET", key)
        left = yield call.command("PTTL", key)
        if secret is None or left <= 0:
            return None
        text = secret if isinstance(secret, str) else secret.decode()
        if stale is not None and text == stale.secret.reveal():
            return None
        return Token.living(self.make_secret(text), left / 1000, call.opened.policy.clock())
