"""Flows driven by hand, without a clock, a loop or a network: what is sent, the waits, and what comes of it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

import attrs
import httpx
import pytest

from ordermux import (
    Ordermux,
    OrdermuxError,
    ProviderError,
    Zephyr,
)
from ordermux.engine.call import Call
from ordermux.engine.context import AccountRuntime, CallContext
from ordermux.engine.flow import AcquireLock, Effect, Flow, RedisCommand, Send, Sleep
from ordermux.engine.idempotency import IdempotencyKey
from ordermux.engine.outcome import SAFE, RetrySafety
from ordermux.engine.rate_limit import RateLimiter
from ordermux.engine.response import ParsedResponse
from ordermux.engine.retry import RetryPolicy
from ordermux.providers.zephyr.adapter import KEYED
from ordermux.transport.wire import Headers, Outcome, RawResponse, TransportFailure, WireRequest
from ordermux_zephyr.api.orders import create_refund, get_order
from ordermux_zephyr.models import RefundRequest
from support.clock import Clock
from support.typed_client_answers import ORDER

READ, UNKEYED = SAFE, RetrySafety()
SAFETIES = {"read": READ, "keyed": KEYED, "unkeyed": UNKEYED}
UNSENT = TransportFailure("ConnectError: refused", not_sent=True)
POOL = TransportFailure("PoolTimeout: no connection", not_sent=True, timed_out=True)
TLS = TransportFailure("ConnectError: certificate verify failed", not_sent=True, retryable=False)
RESET = TransportFailure("ReadError: reset", not_sent=False)
STALLED = TransportFailure("ReadTimeout: no answer in time", not_sent=False, timed_out=True)
TOO_LARGE = TransportFailure("InvalidBody: the body is over 9 bytes", not_sent=False, retryable=False)

DATE = "Sat, 21 Nov 2026 12:00:00 GMT"
"""What a server's clock says."""

Step: TypeAlias = Outcome


@attrs.define
class Run:
    """What came of a flow that was driven to its end."""

    requests: list[WireRequest] = attrs.field(factory=list[WireRequest])
    untils: list[float] = attrs.field(factory=list[float])
    sleeps: list[float] = attrs.field(factory=list[float])
    commands: list[str | float] = attrs.field(factory=list[str | float])
    result: Any = None
    error: Exception | None = None

    @property
    def problem(self) -> ProviderError:
        """The error that it ended in."""
        assert isinstance(self.error, ProviderError), self
        return self.error


def opened_at(clock: Clock, account: Any = None, **changes: Any) -> AccountRuntime:
    """Return an account at work by the clock of the tests, with the whole of each pause and no network."""
    transport = httpx.MockTransport(lambda _: pytest.fail("a flow sends nothing itself"))
    account = account or Zephyr(api_key="zk_hidden")
    mux: Any = Ordermux(account, transport=transport)
    opened: AccountRuntime = mux._executor.account(account.name)[0]
    settings: dict[str, Any] = {"timeout": 60.0, "attempt_timeout": 20.0, "attempts": 3, "random": lambda: 1.0}
    opened.policy = RetryPolicy(clock=clock, **settings | changes)
    if isinstance(opened.limit, RateLimiter):
        opened.limit.clock = clock
    return opened


def call_of(
    opened: AccountRuntime, *, operation: str = "refund", key: IdempotencyKey | None = None, seconds: float = 60.0
) -> CallContext:
    """Return a call that may take so long."""
    return Call(opened, operation, opened.policy.clock() + seconds, key)


def key_of(value: str = "key-1", *, reused: bool = False, hours: float | None = 23.0) -> IdempotencyKey:
    """Return a key that expires in so many hours; None for one whose age is not known."""
    expires = None if hours is None else datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    return IdempotencyKey(value=value, reused=reused, expires_at=expires)


def answer(status: int = 200, body: Any = None, headers: Any = ()) -> RawResponse:
    """Return an answer whose body is JSON, or the bytes given."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return RawResponse(status, Headers([(name.lower(), value) for name, value in dict(headers).items()]), content)


ORDERED = answer(200, ORDER)
REFUNDED = answer(201, {"id": "refund_1", "amount_cents": 150})


def request_of(key: str | None = None) -> Any:
    """Return a refund."""
    given = {} if key is None else {"idempotency_key": key}
    return create_refund.build_request("order_1", body=RefundRequest(amount_cents=150), **given)


def sending(call: CallContext, safety: RetrySafety) -> Flow[ParsedResponse[Any]]:
    """Return the flow of a read, or of a refund that is as safe as said."""
    if safety is READ:
        return call.read(get_order, ORDER["id"])
    return call.execute(request_of(call.key), create_refund.read_response, safety)


def driven(
    flow: Generator[Any, Any, Any],
    clock: Clock,
    *steps: Step,
    seconds: float = 0.0,
    redis: Callable[..., Any] | None = None,
    all_used: bool = True,
) -> Run:
    """Drive a flow with these outcomes of what it sends, each so many seconds later."""
    run, left = Run(), list(steps)
    sent: Any = None
    try:
        while True:
            effect: Effect = flow.send(sent)
            sent = None
            match effect:
                case Send(request, until):
                    run.requests.append(request)
                    run.untils.append(until)
                    clock.advance(seconds)
                    sent = left.pop(0)
                case Sleep(pause):
                    run.sleeps.append(pause)
                    clock.advance(pause)
                case AcquireLock(lock, _):
                    assert lock.current.acquire(blocking=False)
                    sent = True
                case RedisCommand(arguments):
                    assert redis is not None
                    run.commands.append(arguments[0])
                    sent = redis(*arguments)
    except StopIteration as stop:
        run.result = stop.value
    except OrdermuxError as error:
        run.error = error
    assert not (all_used and left), "it was sent less often than expected"
    return run


def run_of(
    safety: RetrySafety, *steps: Step, key: IdempotencyKey | None = None, all_used: bool = True, **changes: Any
) -> Run:
    """Drive a call that is as safe as said; a keyed one has a new key if none is given."""
    clock = Clock()
    key = key_of() if key is None and safety.own_refusal else key
    return driven(sending(call_of(opened_at(clock, **changes), key=key), safety), clock, *steps, all_used=all_used)


OWN = {"error": {"code": "invalid_request", "message": "The refunds of an order are within its total."}}
"""An error body as ZephyrCart's own."""
