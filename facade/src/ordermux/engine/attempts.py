"""One attempt: a request is sent within the rate limit, with credentials, and reported to the caller's hooks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import attrs

from .. import errors
from ..transport.wire import Outcome, RawResponse, TransportFailure, WireRequest
from .context import CallContext
from .flow import Flow, Send
from .hooks import Attempt, AttemptStart, RequestSpan, log_safely
from .logs import LOGGER
from .response import request_id_of
from .retry import RetryPolicy
from .sent import SentRequest, url_of


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
    """Send a request that has its credentials, and tell the hooks, the tracer and the log."""
    runtime, policy = call.runtime, call.runtime.policy
    watch = _Watch(call, endpoint, prepared) if _is_watched(policy) else None
    if watch is not None:
        watch.before()
    # After the hook and the waits for a slot and a token, each of which may have taken long.
    _check_key(call)
    call.attempts += 1
    call.sent = SentRequest(prepared)
    began = policy.clock()
    if watch is None:
        outcome: Outcome = yield Send(prepared, min(call.deadline, began + policy.attempt_timeout))
    else:
        watch.start()
        try:
            outcome = yield Send(prepared, min(call.deadline, began + policy.attempt_timeout))
        except BaseException as ended:
            watch.ended(ended)
            raise
    if isinstance(outcome, TransportFailure):
        # It may quote a proxy; what the client reads it masks by itself.
        outcome = attrs.evolve(outcome, reason=runtime.client.mask()(outcome.reason))
    if watch is not None:
        watch.after(outcome, policy.clock() - began)
    return outcome


def _is_watched(policy: RetryPolicy) -> bool:
    hooks = policy.before_send, policy.on_attempt, policy.tracer
    return hooks != (None, None, None) or LOGGER.isEnabledFor(logging.DEBUG)


@attrs.define(eq=False)
class _Watch:
    """Tells the caller's hooks, tracer and log of one request."""

    call: CallContext
    endpoint: str
    request: WireRequest
    _url: str = attrs.field(
        default=attrs.Factory(lambda self: url_of(self.call.runtime.client, self.request), takes_self=True), init=False
    )
    _span: RequestSpan = attrs.field(
        default=attrs.Factory(lambda self: RequestSpan(self.call.runtime.name), takes_self=True), init=False
    )

    def before(self) -> None:
        """Tell that it is about to be sent."""
        runtime = self.call.runtime
        if (hook := runtime.policy.before_send) is not None:
            runtime.call_hook(hook, AttemptStart(**self._facts(self.call.attempts + 1)))

    def start(self) -> None:
        """Start its span."""
        call, request, tracer = self.call, self.request, self.call.runtime.policy.tracer
        if tracer is None:
            return
        attributes: dict[str, Any] = {
            "http.request.method": request.method,
            "url.full": self._url,
            "server.address": request.origin.host,
            "server.port": request.origin.port,
            "ordermux.account": call.runtime.name,
            "ordermux.endpoint": self.endpoint,
        }
        if call.attempts > 1:
            attributes["http.request.resend_count"] = call.attempts - 1
        if call.key is not None:
            attributes["ordermux.idempotency_key"] = call.key
        call.runtime.call_hook(self._span.start, tracer, request.method, attributes)

    def ended(self, error: BaseException) -> None:
        """End its span, since something from outside ended the call."""
        self.call.runtime.call_hook(self._span.end, {"error.type": type(error).__name__})

    def after(self, outcome: Outcome, seconds: float) -> None:
        """Tell what came of it."""
        call, runtime = self.call, self.call.runtime
        status, failure, request_id = None, None, None
        if isinstance(outcome, RawResponse):
            status, request_id = outcome.status, request_id_of(outcome.headers)
            request_id = None if request_id is None else runtime.client.mask()(request_id)
        else:
            failure = outcome.reason
        runtime.call_hook(self._span.end, _response_attributes(status, failure, request_id))
        if (hook := runtime.policy.on_attempt) is not None:
            attempt = Attempt(
                **self._facts(call.attempts), status=status, request_id=request_id, failure=failure, seconds=seconds
            )
            runtime.call_hook(hook, attempt)
        told = f"status {status}" if failure is None else failure
        named = f", request id {request_id}" if request_id is not None else ""
        line = "%s: %s: %s %s: %s in %.3f s%s"
        log_safely(
            logging.DEBUG, line, runtime.name, call.operation, self.request.method, self._url, told, seconds, named
        )

    def _facts(self, number: int) -> dict[str, Any]:
        return self.call.attempt_facts(self.endpoint, number, self.request, self._url)


def _response_attributes(status: int | None, failure: str | None, request_id: str | None) -> dict[str, Any]:
    """Return what a span says of a response; `error.type` is there for a failure, and for a status of 400 and above."""
    told: dict[str, Any] = {}
    if status is not None:
        told["http.response.status_code"] = status
        if status >= HTTPStatus.BAD_REQUEST:
            told["error.type"] = str(status)
    if failure is not None:
        told["error.type"] = failure.partition(":")[0]
    if request_id is not None:
        told["ordermux.request_id"] = request_id
    return told


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
