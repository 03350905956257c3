"""What one attempt says about a request: its result, or a failure with what may be done about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar, cast

import attrs

from .. import errors
from ..transport.wire import Outcome, RawResponse, TransportFailure
from .context import CallContext
from .outcome import MISMATCH, SAFE, RetrySafety, is_success, is_verdict
from .response import ParsedResponse, RecoveredResponse, request_id_of
from .retry import retry_after

T = TypeVar("T")

INCONCLUSIVE_STATUSES = frozenset({401, 403, 404, 407, 408, 409, 425, 429})
"""The refusals that say nothing about an earlier attempt: they come before the key is looked at, from a gateway, or
because the first attempt is still being processed."""
CREDENTIAL_STATUSES = frozenset({401, 403, 407})
"""The refusals that a retry with the same credentials cannot change."""
OWN_TYPE_STATUSES = frozenset({401, 403, 404, 409})
"""The refusals that are raised at once for a key of the caller's, so that a wrong id is not a minute of retries."""
NOT_APPLIED_STATUSES = frozenset({307, 308, 501, 505})
"""Neither success nor refusal, and yet it is certain that the request was not applied."""
MAYBE_APPLIED_STATUSES = frozenset({408, 444, 460, 499})
"""The refusals that a gateway gives while, or after, the provider works on the request."""
WAIT_STATUSES = frozenset({408, 425, 429})
"""The refusals that ask to come again later; so does a 409 that speaks of a request in progress."""
RETRY_AFTER_STATUSES = frozenset({408, 409, 425, 429, 503})
"""The statuses whose `Retry-After` is for this request."""

_MAX_BODY = 10_000
"""Bytes of a response's body that an error keeps."""
_CLOCK_SECONDS = 0.01
"""Seconds before the deadline from which on it counts as over: a clock's resolution lets a wait end early."""
_IN_PROGRESS = re.compile(rb"in[ _-]?progress|being processed|still processing|concurrent", re.IGNORECASE)
_KINDS: dict[int, type[errors.RequestRejected]] = {
    400: errors.InvalidRequest,
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    422: errors.InvalidRequest,
    429: errors.RateLimited,
}


@attrs.frozen(kw_only=True)
class AttemptFailure:
    """Why an attempt has no result, and what that says about the request."""

    error: errors.ProviderError
    retryable: bool = False
    """Whether another attempt may succeed."""
    maybe_applied: bool = False
    """Whether this very attempt may have been applied."""
    asks_to_wait: bool = False
    """Whether the provider asks to come again later."""
    definitive: bool = False
    """Whether it is the provider's own verdict on the request, and so on each attempt with its key."""

    @property
    def is_refusal(self) -> bool:
        """Whether the response was a refusal, by the provider or by somebody on the way."""
        return isinstance(self.error, errors.RequestRejected)


@attrs.frozen
class StatusMeaning:
    """What the status of an error says, whoever sent it."""

    kind: type[errors.ProviderError]
    retryable: bool
    maybe_applied: bool


def classify_status(status: int) -> StatusMeaning:
    """Return what the status of a response that is no success means."""
    retryable, maybe_applied = status in WAIT_STATUSES, status in MAYBE_APPLIED_STATUSES
    if status in _KINDS:
        return StatusMeaning(_KINDS[status], retryable, maybe_applied)
    match status // 100:
        case 2 | 4:  # Cryptum has errors with the status of a success
            return StatusMeaning(errors.RequestRejected, retryable, maybe_applied)
        case 5:
            # A server that fails may do so after it applied the change.
            failed = status not in NOT_APPLIED_STATUSES
            return StatusMeaning(errors.ServerError, failed, failed)
        case _:
            return StatusMeaning(errors.UnexpectedResponse, False, status not in NOT_APPLIED_STATUSES)


def classify_attempt(
    call: CallContext,
    request: Any,
    outcome: Outcome,
    read: Callable[..., ParsedResponse[T]],
    safety: RetrySafety,
) -> ParsedResponse[T] | AttemptFailure:
    """Return the result of an attempt, or why it has none."""
    if isinstance(outcome, TransportFailure):
        return _classify_transport_failure(call, request, outcome)
    package = call.runtime.package
    try:
        response: ParsedResponse[T] = call.runtime.client.finish(
            request, outcome.status, outcome.headers, outcome.body, read
        )
    except package.errors.DecodeError as failed:
        is_own = failed.problem != MISMATCH
        # No page says what a success holds, so that a body which does not fit the document's guess may be one.
        if is_own and safety.unpublished_body and _is_success(outcome, safety):
            return cast("ParsedResponse[T]", RecoveredResponse(package.codec.Body(outcome.body)))
        return _classify_unreadable(call, failed, outcome, safety)
    except package.errors.StatusError as failed:
        return _classify_refusal(call, failed, outcome, safety)
    # A 2xx alone does not make a change: proxies and login pages send it, too.
    if safety is not SAFE and not _is_success(outcome, safety):
        problem = "the response is no success: it holds an error, is cut, or is a page for people"
        cause = package.errors.DecodeError("$", problem, outcome.body, operation=request.operation)
        return _classify_unreadable(call, cause, outcome, safety)
    return response


def _classify_transport_failure(call: CallContext, request: Any, outcome: TransportFailure) -> AttemptFailure:
    """Return a failure without a response; one that ended by a time limit names the limit."""
    is_deadline = outcome.timed_out and call.remaining() <= _CLOCK_SECONDS
    kind = errors.DeadlineExceeded if is_deadline else errors.ConnectionFailed
    limit = ""
    if outcome.timed_out and not outcome.not_sent and not is_deadline:
        limit = f" (attempt_timeout={call.runtime.policy.attempt_timeout:g} s)"
    # The address of the account never holds credentials, but its path may repeat one.
    address = call.runtime.client.mask()(call.runtime.client.base_url)
    problem = f"{request.operation}: {address}: {outcome.reason}{limit}"
    error = call.error(kind, problem, retryable=outcome.retryable)
    return AttemptFailure(error=error, retryable=outcome.retryable, maybe_applied=not outcome.not_sent)


def _classify_unreadable(call: CallContext, failed: Any, outcome: RawResponse, safety: RetrySafety) -> AttemptFailure:
    """Return the failure of a success that cannot be read: the change may have been applied.

    A read is not retried, since the provider would answer it in the same way.
    """
    retryable = safety is not SAFE
    error = _response_error(call, errors.UnexpectedResponse, failed, outcome, retryable=retryable)
    return AttemptFailure(error=error, retryable=retryable, maybe_applied=True)


def _classify_refusal(call: CallContext, failed: Any, outcome: RawResponse, safety: RetrySafety) -> AttemptFailure:
    """Return the failure of an error response."""
    status, meaning, has_key = outcome.status, classify_status(outcome.status), call.key is not None
    # Only the honoured key ties the attempts of a request together, so that a verdict on one is a verdict on all.
    definitive = has_key and safety.idempotent and is_verdict(failed, safety, INCONCLUSIVE_STATUSES)
    in_progress = has_key and is_in_progress(status, outcome.headers, outcome.body)
    facts: dict[str, Any] = {"retryable": meaning.retryable or in_progress}
    if status in RETRY_AFTER_STATUSES:
        facts["retry_after"] = retry_after(outcome.headers)
    if definitive:
        facts["applied"] = False
    return AttemptFailure(
        error=_response_error(call, meaning.kind, failed, outcome, **facts),
        retryable=meaning.retryable or in_progress,
        maybe_applied=meaning.maybe_applied,
        asks_to_wait=status in WAIT_STATUSES or in_progress,
        definitive=definitive,
    )


def _response_error(
    call: CallContext, kind: type[errors.ProviderError], failed: Any, outcome: RawResponse, **facts: Any
) -> errors.ProviderError:
    """Return an error with what its response holds; the typed client's own error is its cause."""
    problem = str(failed)
    if outcome.status == HTTPStatus.NOT_FOUND and _is_foreign(failed):
        address = call.runtime.client.mask()(call.runtime.client.base_url)
        problem = problem.replace(f" ({failed.meaning})", "", 1)  # which is what the provider's own 404 would say
        problem += f"; this is not the provider's own answer: is {address} the right base_url?"
    error = call.error(
        kind,
        problem,
        status=outcome.status,
        request_id=request_id_of(failed.headers),
        body=call.runtime.package.codec.redact(failed.content)[:_MAX_BODY],
        **facts,
    )
    # Its frames would hold the request, with its credentials, in their locals.
    error.__cause__ = failed.with_traceback(None)
    return error


def _is_foreign(failed: Any) -> bool:
    """Return whether the body of an error is none that the document has, as that of another server."""
    return getattr(failed, "error", None) is None


def is_in_progress(status: int, headers: Mapping[str, str], content: bytes) -> bool:
    """Return whether a conflict is one with an earlier request of the same key that is still being processed."""
    return status == HTTPStatus.CONFLICT and ("retry-after" in headers or _IN_PROGRESS.search(content) is not None)


def _is_success(outcome: RawResponse, safety: RetrySafety) -> bool:
    """Return whether a response can be taken for the success of a change."""
    published, may_be_cut = not safety.unpublished_body, outcome.ended_by_close
    return is_success(outcome.status, outcome.headers, outcome.body, published=published, may_be_cut=may_be_cut)
