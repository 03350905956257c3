"""A call: the retry loop, which decides whether a change is done, refused, or may have been applied.

Its state is one question: may an earlier attempt, or an earlier call with the same key, have been applied? As long as
the answer is no, a failure is what it says. From the moment that it is yes, only the provider's own verdict on this
request closes the question; everything else leads to a retry, a look-up or OutcomeUnknown.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import attrs

from .. import errors
from ..transport.wire import Outcome, WireRequest
from .attempts import send_attempt
from .classification import CREDENTIAL_STATUSES, OWN_TYPE_STATUSES, AttemptFailure, classify_attempt
from .context import CallContext
from .flow import Flow, Sleep
from .hooks import log_safely
from .logs import LOGGER
from .outcome import SAFE, RetrySafety
from .response import ParsedResponse
from .retry import seconds_before_retry
from .verification import outcome_unknown, verify_outcome

T = TypeVar("T")

_ALREADY_EXISTS = frozenset({400, 409, 422})
"""The refusals by which a provider may say that the caller's own id is taken."""


@attrs.define(eq=False)
class Call(CallContext):
    """One call of an operation, with the requests that it makes."""

    def execute(
        self, request: Any, read: Callable[..., ParsedResponse[T]], safety: RetrySafety
    ) -> Flow[ParsedResponse[T]]:
        """Send a request and retry it if that is safe; return what `read` makes of the response.

        Raises a ProviderError; OutcomeUnknown if it is not known whether a change was applied.
        """
        return _Execution(self, request, read, safety).run()

    def send_once(self, prepared: WireRequest) -> Flow[Outcome]:
        """Send a prepared request once, within the account's rate limit and with its credentials."""
        return send_attempt(self, "", lambda: prepared)


@attrs.define(eq=False)
class _Execution(Generic[T]):
    """One request of a call, with all its attempts."""

    call: CallContext
    request: Any
    read: Callable[..., ParsedResponse[T]]
    safety: RetrySafety
    failures: int = 0
    """How many attempts failed that count for the policy's `attempts`."""
    waits: int = 0
    """How many times the provider asked to wait for an earlier attempt."""
    unresolved: errors.ProviderError | None = None
    """The error of the latest attempt that may have been applied; None as long as none may."""

    def run(self) -> Flow[ParsedResponse[T]]:
        """Send the request until there is a result, or until a retry is not safe, is of no use or comes too late."""
        call, safety, runtime = self.call, self.safety, self.call.runtime
        # A change has a connection of its own. A response, a refusal above all, may name nothing that shows which
        # request it is for, and a late one, to an earlier request, comes on the connection of that request.
        prepare = functools.partial(runtime.wire_request, self.request, fresh=safety is not SAFE)
        while True:
            try:
                outcome = yield from send_attempt(call, self.request.operation, prepare)
            except (errors.OrdermuxError, runtime.package.errors.InvalidRequest) as failed:
                # This attempt was not sent: the rate limit is used up, or there is no token. That says nothing about
                # the attempts before it, so that an unresolved one stays unresolved.
                if self.unresolved is None:
                    raise
                raise outcome_unknown(call, safety, self.unresolved) from failed
            result = classify_attempt(call, self.request, outcome, self.read, safety)
            if not isinstance(result, AttemptFailure):
                runtime.quota.release()
                return result
            if result.maybe_applied and safety is not SAFE:
                # Never set back to None: a later refusal of a retry does not undo what this attempt may have done.
                self.unresolved = result.error
            step = yield from self._after(result)
            if not isinstance(step, int | float):
                return step
            if LOGGER.isEnabledFor(logging.INFO):
                log_safely(logging.INFO, "%s; retry in %.2f s", result.error, step)
            yield Sleep(step)

    def _after(self, failure: AttemptFailure) -> Flow[float | ParsedResponse[T]]:
        """Return the seconds before a retry, or the response that a look-up found; raise what is reported."""
        call, safety, error = self.call, self.safety, failure.error
        if failure.definitive:
            # The provider judged this very request, by its key, and so each attempt of it: nothing was applied.
            raise error
        if self.unresolved is None:
            if safety.retry_if_not_applied and error.status in _ALREADY_EXISTS:
                # The caller's own id is taken, maybe by an earlier call of the caller's with the same content.
                found = yield from verify_outcome(call, safety, error, error)
                if found is not None:
                    return found
                raise error
            if not call.reuses_key or _says_nothing_of_the_change(failure, safety):
                # This call applied nothing, so that the error is the truth about it. If an earlier call with the key
                # may have, its text and its `applied` say so.
                wait = self._retry_wait(failure) if _may_retry(failure, safety) else None
                if wait is None:
                    raise error
                return wait
        return (yield from self._resolve(self.unresolved or error, failure))

    def _resolve(self, unresolved: errors.ProviderError, failure: AttemptFailure) -> Flow[float | ParsedResponse[T]]:
        """Find out whether a change was applied that may have been: by a retry, by a look-up, or not at all.

        A retry comes first: the provider answers a repeated key with the truth, while a look-up may come too early.
        After a look-up that found nothing, a change is sent again only if the provider recognises a repeat.
        """
        call, safety = self.call, self.safety
        wait = self._resolving_wait(failure)
        if wait is None:
            found = yield from verify_outcome(call, safety, unresolved, failure.error)
            if found is not None:
                return found
            if safety.retry_if_not_applied and failure.retryable:
                wait = self._retry_wait(failure)
        if wait is None:
            raise outcome_unknown(call, safety, unresolved, failure.error)
        return wait

    def _resolving_wait(self, failure: AttemptFailure) -> float | None:
        """Return the seconds before a retry that may close an open outcome; None if it could be a second change."""
        safety, status = self.safety, failure.error.status
        if not safety.idempotent:
            # Only if the provider's page says that this status is to be retried.
            return self._retry_wait(failure) if status in safety.retryable_statuses else None
        if failure.asks_to_wait and self.call.runtime.policy.attempts > 1:  # a caller who wants no retry gets none
            # The provider works on an earlier attempt, or wants to be asked later: a verdict will come. These waits
            # count for no attempts and no quota; only the deadline ends them.
            self.waits += 1
            return self._wait(failure, self.call.runtime.policy.polling(self.waits))
        # A refusal that is no verdict is often a gateway's: the provider itself answers the next time.
        if failure.retryable or (failure.is_refusal and status not in CREDENTIAL_STATUSES):
            return self._retry_wait(failure)
        return None

    def _retry_wait(self, failure: AttemptFailure) -> float | None:
        """Return the seconds before the next attempt; None if there are no more attempts, quota or time."""
        policy, quota = self.call.runtime.policy, self.call.runtime.quota
        self.failures += 1
        if self.failures >= policy.attempts:
            return None
        wait = self._wait(failure, policy.backoff(self.failures))
        # The quota last: a retry that does not come anyway must not take from it.
        return wait if wait is not None and quota.acquire() else None

    def _wait(self, failure: AttemptFailure, backoff: float) -> float | None:
        return seconds_before_retry(failure.error.retry_after, backoff, self.call.remaining())


def _says_nothing_of_the_change(failure: AttemptFailure, safety: RetrySafety) -> bool:
    """Return whether a failure is raised as it is, though an earlier call with the key may have been applied.

    What failed before the provider was reached, or in a read before the write, says nothing about the change. A refusal
    of the change itself would seem to, so that only those are raised which are about something else.
    """
    if safety is SAFE:
        return not failure.asks_to_wait
    return not failure.is_refusal or (failure.error.status in OWN_TYPE_STATUSES and not failure.asks_to_wait)


def _may_retry(failure: AttemptFailure, safety: RetrySafety) -> bool:
    """Return whether to retry what was certainly not applied.

    A 408 or 425 is retried only if a repeat does no harm: by them the server says that it did not get, or did not take,
    the request, but it is often a gateway that says so. A 429 says that the request was not processed.
    """
    is_gateway_like = failure.error.status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
    return failure.retryable and (safety.idempotent or not is_gateway_like)
