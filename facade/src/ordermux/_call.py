"""One invocation of an operation: how often it is sent, and what its failures mean."""

from __future__ import annotations

import datetime
import math
import random
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast

import attrs

from . import errors
from ._flow import Command, Flow, Send, Sleep
from ._hooks import guarded
from ._wire import Answer, Failure

if TYPE_CHECKING:
    import httpx

    from ._auth import Auth
    from ._limit import Limit

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_BODY_BYTES = 10_000
"""How much of an answer's body an error keeps."""
_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "cf-ray")
_QUOTA = 500
_RETRY_COST = 5
_LONGEST_PAUSE = 20.0
_FIRST_PAUSE = 0.5
_CLOCK_SECONDS = 0.01
"""How near to its end a call's time counts as over."""
_MOST_DIGITS = 9
_NOT_CARRIED_OUT = frozenset({307, 308, 501, 505})
_SAYS_NOTHING = frozenset({401, 403, 407, 409})
"""What may be answered before the key is looked at, or because the first request with it is under way."""
_MAY_NAME_A_TIME = frozenset({429, 503})
_BY_STATUS: dict[int, type[errors.Refused]] = {
    400: errors.InvalidRequest,
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    422: errors.InvalidRequest,
    429: errors.RateLimited,
}


class Reply(Protocol[T_co]):
    """What a generated package's `Response` is."""

    @property
    def parsed(self) -> T_co:
        """The body as the document's type."""
        ...

    @property
    def content(self) -> bytes:
        """The body as it came."""
        ...

    @property
    def deviations(self) -> tuple[Any, ...]:
        """Where the body was not what the document says, each with its `path` and `problem`."""
        ...


class Endpoint(Protocol[P, T_co]):
    """What a generated operation's module is: its pure half."""

    def build_request(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Return the request."""
        ...

    def read_response(self, status_code: int, headers: Mapping[str, str], content: bytes) -> Reply[T_co]:
        """Return the answer, or raise the error that it is."""
        ...


@attrs.frozen
class Bare:
    """The answer to a change that was carried out, where it is not the one that the document has."""

    content: bytes = attrs.field(repr=False)
    parsed: Any = None
    deviations: tuple[Any, ...] = ()


@attrs.frozen(kw_only=True)
class Attempt:
    """One request that was sent, as a hook is told of it."""

    account: str
    provider: str
    operation: str
    """The operation of the facade, such as `refund`."""
    endpoint: str
    """The operation of the provider's document, such as `createRefund`."""
    number: int
    """From 1, over all requests of the call, those for tokens and look-ups included."""
    status: int | None
    """None where no whole answer came."""
    failure: str | None
    """What went wrong with the connection; None where an answer came."""
    seconds: float
    """How long it took."""


@attrs.frozen(kw_only=True)
class Policy:
    """How long a call may take and how often it is sent, times in seconds."""

    timeout: float
    attempt_timeout: float
    attempts: int
    on_attempt: Callable[[Attempt], None] | None = None
    clock: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random


@attrs.define(eq=False)
class Opened:
    """An account at work: its typed client, its credentials, its limit and how far it may still be pressed."""

    name: str
    provider: str
    client: Any
    package: ModuleType
    """The generated package."""
    auth: Auth
    limit: Limit | None
    policy: Policy
    quota: int = _QUOTA
    """What is left for sending again; successes give it back, so that a dead provider is not hammered."""

    def guarded(self, hook: Callable[..., None] | None, *told: Any) -> None:
        """Call a hook of the caller's, whatever it raises."""
        guarded(self.name, hook, *told)


@attrs.frozen
class _Problem:
    """What stands between an attempt and its result."""

    error: errors.ProviderError
    again: bool
    """Whether sending it again may help."""
    doubt: bool
    """Whether it may have been carried out."""


@attrs.frozen(kw_only=True)
class Safety:
    """What makes it safe to send a change again."""

    resendable: bool = False
    """Whether it may be sent again unseen: it is a read, an upsert, or bears a key that the provider honours."""
    repeatable: bool = False
    """Whether it may be sent again once it was looked up, since doing it twice does no more than doing it once."""
    settle: Callable[[], Flow[Any]] | None = None
    """Looks whether it was carried out: returns what the answer would have been, None where it was not and may be sent
    again; raises an OrdermuxError where that cannot be told."""
    again: frozenset[int] = frozenset()
    """The statuses after which the provider says to send it again."""
    any_body: bool = False
    """Whether the answer's body is not published, so that a success is one whatever it holds."""


READING = Safety(resendable=True)
"""A call that changes nothing."""


@attrs.define(eq=False)
class Call:
    """One invocation of an operation of the facade."""

    opened: Opened
    operation: str
    deadline: float
    """In seconds of the policy's clock."""
    key: str | None = None
    """The idempotency key."""
    attempts: int = 0
    """How many requests were sent."""

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.deadline - self.opened.policy.clock()

    def read(self, endpoint: Endpoint[P, T], *args: P.args, **kwargs: P.kwargs) -> Flow[Reply[T]]:
        """Call an operation of the typed client that changes nothing; return its answer."""
        return self.change(endpoint.build_request(*args, **kwargs), endpoint.read_response, READING)

    def command(self, *words: str | float) -> Command:
        """Return the effect that asks Redis."""
        return Command(words, self.left())

    def exchange(self, prepared: httpx.Request) -> Flow[Answer | Failure]:
        """Send a prepared request once, by the account's limit and with its credentials."""
        return self._attempt("", lambda: prepared)

    def error(self, kind: type[errors.ProviderError], problem: str, **facts: Any) -> errors.ProviderError:
        """Return an error with what is known of the call."""
        opened = self.opened
        known: dict[str, Any] = {"provider": opened.provider, "account": opened.name, "operation": self.operation}
        known |= {"attempts": self.attempts, "key": self.key}
        return kind(f"{opened.name}: {self.operation}: {problem}", **known, **facts)

    def change(self, request: Any, read: Callable[..., Reply[T]], safety: Safety) -> Flow[Reply[T]]:
        """Send a request until there is a result, or sending it again is not safe, of no use or too late.

        Raises OutcomeUnknown where it is not known whether a change was carried out.
        """
        opened, number = self.opened, 0
        doubt: errors.ProviderError | None = None
        while True:
            number += 1
            try:
                outcome = yield from self._attempt(request.operation, lambda: opened.client.prepare(request))
            except (errors.OrdermuxError, opened.package.errors.InvalidRequest) as failed:
                if doubt is None:
                    raise
                raise self._unknown(doubt, safety) from failed
            result = self._read(request, outcome, read, safety)
            if not isinstance(result, _Problem):
                opened.quota = min(_QUOTA, opened.quota + _RETRY_COST)
                return result
            error = result.error
            doubt = error if result.doubt and safety is not READING else doubt
            refused = not (result.again or result.doubt)
            wait = self._pause(number, error) if result.again else None
            if doubt is None or (refused and safety.resendable and _decides(error)):
                if wait is None:
                    raise error
            elif wait is None or not (safety.resendable or error.status in safety.again):
                settled = yield from self._settled(doubt, safety, error if refused else None)
                if settled is not None:
                    return settled
                if wait is None:
                    raise self._unknown(doubt, safety)
            yield Sleep(wait)

    def _attempt(self, endpoint: str, prepare: Callable[[], httpx.Request]) -> Flow[Answer | Failure]:
        """Send once, by the account's limit; once more where the answer is 401 and the credentials can be renewed."""
        opened, policy, renewed = self.opened, self.opened.policy, False
        while True:
            slot = (yield from opened.limit.admit(self)) if opened.limit else None
            prepared, credential = yield from opened.auth.prepared(self, prepare)
            began = policy.clock()
            self.attempts += 1
            outcome: Answer | Failure = yield Send(prepared, min(self.deadline, began + policy.attempt_timeout))
            if opened.limit and slot and isinstance(outcome, Answer):
                yield from opened.limit.leave(self, slot)
            if policy.on_attempt is not None:
                self._tell(policy.on_attempt, endpoint, outcome, policy.clock() - began)
            denied = isinstance(outcome, Answer) and outcome.status_code == HTTPStatus.UNAUTHORIZED
            if renewed or not denied or not (yield from opened.auth.renewed(self, credential)):
                return outcome
            renewed = True

    def _tell(self, hook: Callable[[Attempt], None], endpoint: str, outcome: Answer | Failure, seconds: float) -> None:
        opened = self.opened
        attempt = Attempt(
            account=opened.name,
            provider=opened.provider,
            operation=self.operation,
            endpoint=endpoint,
            number=self.attempts,
            status=outcome.status_code if isinstance(outcome, Answer) else None,
            failure=outcome.reason if isinstance(outcome, Failure) else None,
            seconds=seconds,
        )
        opened.guarded(hook, attempt)

    def _read(
        self, request: Any, outcome: Answer | Failure, read: Callable[..., Reply[T]], safety: Safety
    ) -> Reply[T] | _Problem:
        """Return what an attempt came to."""
        opened = self.opened
        kind: type[errors.ProviderError]
        if isinstance(outcome, Failure):
            late = outcome.timed_out and self.left() <= _CLOCK_SECONDS
            kind = errors.DeadlineExceeded if late else errors.ConnectionFailed
            error = self.error(kind, f"{request.operation}: {outcome.reason}", retryable=not outcome.hopeless)
            return _Problem(error, not outcome.hopeless, not outcome.nothing_sent)
        status, headers = outcome.status_code, outcome.headers
        try:
            reply: Reply[T] = opened.client.finish(request, status, headers, outcome.content, read)
        except opened.package.errors.DecodeError as failed:
            if safety.any_body and "html" not in headers.get("content-type", ""):
                return cast("Reply[T]", Bare(opened.package.codec.Body(outcome.content)))
            cause, kind, again, doubt = failed, errors.UnexpectedAnswer, safety is not READING, True
        except opened.package.errors.StatusError as failed:
            cause, (kind, again, doubt) = failed, _meaning(status)
        else:
            return reply
        found = self.error(
            kind,
            str(cause),
            status=status,
            request_id=next((headers[name] for name in _REQUEST_IDS if name in headers), None),
            retryable=again,
            retry_after=_retry_after(headers) if status in _MAY_NAME_A_TIME else None,
            body=opened.package.codec.redact(outcome.content)[:_BODY_BYTES],
        )
        found.__cause__ = cause.with_traceback(None)
        return _Problem(found, again, doubt)

    def _settled(
        self, doubt: errors.ProviderError, safety: Safety, refusal: errors.ProviderError | None
    ) -> Flow[Reply[Any] | None]:
        """Look whether a change was carried out; return the answer, None where it was not.

        Raises OutcomeUnknown where that cannot be told, the refusal where it was not carried out and is refused now.
        """
        if safety.settle is None:
            raise self._unknown(doubt, safety)
        try:
            settled: Reply[Any] | None = yield from safety.settle()
        except errors.OrdermuxError as error:
            raise self._unknown(doubt, safety) from error
        if settled is None and refusal is not None:
            raise refusal
        return settled

    def _unknown(self, doubt: errors.ProviderError, safety: Safety) -> errors.ProviderError:
        unknown = self.error(
            errors.OutcomeUnknown,
            f"it is not known whether this was carried out: {doubt}",
            status=doubt.status,
            request_id=doubt.request_id,
            retryable=True if safety.resendable or safety.repeatable else None,
            retry_after=doubt.retry_after,
            body=doubt.body,
        )
        unknown.__cause__ = doubt.__cause__
        return unknown

    def _pause(self, number: int, error: errors.ProviderError) -> float | None:
        """Return how long to wait before sending again, None where that is not to be done."""
        opened, policy = self.opened, self.opened.policy
        wait = error.retry_after
        if wait is None:
            wait = policy.random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (number - 1))
        if number >= policy.attempts or opened.quota < _RETRY_COST or wait >= self.left():
            return None
        opened.quota -= _RETRY_COST
        return wait


def _decides(error: errors.ProviderError) -> bool:
    """Tell whether a refusal is one of the request itself, so that no earlier attempt with its key was carried out."""
    return isinstance(error, errors.Refused) and error.status not in _SAYS_NOTHING


def _meaning(status: int) -> tuple[type[errors.ProviderError], bool, bool]:
    """Return what a status means: the error, whether sending again may help, whether it may have been carried out."""
    if status in _BY_STATUS:
        return _BY_STATUS[status], status == HTTPStatus.TOO_MANY_REQUESTS, False
    match status // 100:
        case 2 | 4:  # Cryptum has errors with the status of a success
            return errors.Refused, False, False
        case 5:
            known = status in _NOT_CARRIED_OUT
            return errors.ProviderFailed, not known, not known
        case _:
            return errors.UnexpectedAnswer, False, status not in _NOT_CARRIED_OUT


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` names, in ASCII digits or as a date; None for anything else."""
    told = headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]+", told):
        return float(told) if len(told) <= _MOST_DIGITS else math.inf
    try:
        moment = parsedate_to_datetime(told)
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.datetime.now(datetime.UTC)
        return max(0.0, (moment - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
