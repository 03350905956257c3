"""One attempt: a request is sent within the rate limit, with credentials, and reported to the caller's hooks."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import attrs

from .. import errors
from ..transport.wire import Outcome, RawResponse, TransportFailure, WireRequest
from .context import CallContext
from .flow import Flow, Send
from .hooks import Attempt, AttemptStart


def send_attempt(call: CallContext, endpoint: str, prepare: Callable[[], WireRequest]) -> Flow[Outcome]:
    """Send a request; once more if the response is a 401 and the credentials can be refreshed.

    A 401 says that the request was not processed, so that the second time is no retry of the policy's. `prepare` makes
    the request anew each time, since the client may hold other cookies by then.

    Raises RateLimited, SharedStateError, IdempotencyKeyExpired, or the error of the call for a token: in each of these
    cases nothing was sent.
    """
    runtime, refreshed = call.runtime, False
    while True:
        slot = (yield from runtime.limit.acquire(call)) if runtime.limit else None
        prepared, credential = yield from runtime.auth.authenticate(call, prepare)
        outcome = yield from _send(call, endpoint, prepared)
        if isinstance(outcome, RawResponse):
            # Without a response the request may still be on its way: its slot stays taken for as long as it can be.
            if runtime.limit and slot:
                yield from runtime.limit.release(call, slot)
            is_denied = outcome.status == HTTPStatus.UNAUTHORIZED
            if is_denied and not refreshed and (yield from runtime.auth.refresh(call, credential)):
                refreshed = True
                continue
        return outcome


def _send(call: CallContext, endpoint: str, prepared: WireRequest) -> Flow[Outcome]:
    """Send a request that has its credentials, and call the hooks before and after."""
    runtime, policy = call.runtime, call.runtime.policy
    if policy.before_send is not None:
        runtime.call_hook(policy.before_send, AttemptStart(**call.attempt_facts(endpoint, call.attempts + 1)))
    # After the hook and the waits for a slot and a token, each of which may have taken long.
    _check_key(call)
    call.attempts += 1
    began = policy.clock()
    outcome: Outcome = yield Send(prepared, min(call.deadline, began + policy.attempt_timeout))
    if isinstance(outcome, TransportFailure):
        # It may quote a proxy; what the client reads it masks by itself.
        outcome = attrs.evolve(outcome, reason=runtime.client.mask()(outcome.reason))
    if policy.on_attempt is not None:
        _report_attempt(call, policy.on_attempt, endpoint, outcome, policy.clock() - began)
    return outcome


def _check_key(call: CallContext) -> None:
    """Refuse to send a key that the provider may have forgotten since the call began.

    The deadline is of a clock that stands still while the machine sleeps, and the provider's does not.

    Raises IdempotencyKeyExpired.
    """
    key = call.idempotency_key
    if key is not None and key.expires_at is not None and not key.is_repeatable:
        raise errors.IdempotencyKeyExpired(
            f"{call.runtime.name}: {call.operation}: the idempotency key {key.value} expired during the call"
        )


def _report_attempt(
    call: CallContext, hook: Callable[[Attempt], None], endpoint: str, outcome: Outcome, seconds: float
) -> None:
    status = outcome.status if isinstance(outcome, RawResponse) else None
    failure = outcome.reason if isinstance(outcome, TransportFailure) else None
    facts = call.attempt_facts(endpoint, call.attempts)
    call.runtime.call_hook(hook, Attempt(**facts, status=status, failure=failure, seconds=seconds))
