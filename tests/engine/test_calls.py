"""When a call is sent again, and what its failures mean: flows driven by hand, without a clock, a loop or a network."""

from __future__ import annotations

import asyncio
import datetime
import functools
import itertools
import json
import logging
import math
import pickle
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import httpx
import pytest
from redis import exceptions as redis_errors

from ordermux import (
    Attempt,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    Croissant,
    Crossmint,
    DeadlineExceeded,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    Ordermux,
    OutcomeUnknown,
    PermissionDenied,
    ProviderError,
    RateLimited,
    RequestRejected,
    ServerError,
    SharedStateError,
    UnexpectedResponse,
    Zephyr,
)
from ordermux.engine import flow as _flow
from ordermux.engine.auth import RefreshableToken, Token
from ordermux.engine.context import AccountRuntime, CallContext
from ordermux.engine.flow import AcquireLock, Flow, FlowLock, RedisCommand, Send, Sleep
from ordermux.engine.outcome import RetrySafety
from ordermux.engine.rate_limit import RateLimiter
from ordermux.engine.response import ParsedResponse
from ordermux.engine.retry import RETRY_AFTER_MARGIN
from ordermux.engine.runners import AsyncRunner, SyncRunner
from ordermux.providers.zephyr.adapter import KEYED
from ordermux.transport.wire import RawResponse, WireRequest
from ordermux_croissant.api.carts import get_cart
from ordermux_crossmint.api.orders import list_orders as list_crossmint
from ordermux_zephyr.api.orders import get_order
from ordermux_zephyr.models import Order
from support.clock import START, Clock
from support.manual_flows import (
    DATE,
    ORDERED,
    POOL,
    READ,
    REFUNDED,
    RESET,
    SAFETIES,
    STALLED,
    TLS,
    TOO_LARGE,
    UNKEYED,
    UNSENT,
    Run,
    Step,
    answer,
    call_of,
    driven,
    key_of,
    opened_at,
    run_of,
    sending,
)
from support.typed_client_answers import ORDER

# The table of when a call is sent again, row by row.

AGAIN, UNKNOWN = "again", OutcomeUnknown
ROWS: dict[str, tuple[Any, ...]] = {
    "nothing was sent": (UNSENT, AGAIN, AGAIN, AGAIN),
    "no connection of the pool": (POOL, AGAIN, AGAIN, AGAIN),
    "a certificate": (TLS, ConnectionFailed, ConnectionFailed, ConnectionFailed),
    "a reset after the first byte": (RESET, AGAIN, AGAIN, UNKNOWN),
    "a stall after the first byte": (STALLED, AGAIN, AGAIN, UNKNOWN),
    "an answer that cannot be taken": (TOO_LARGE, ConnectionFailed, UNKNOWN, UNKNOWN),
    **{str(status): (answer(status), AGAIN, AGAIN, UNKNOWN) for status in (500, 502, 503, 504, 520, 599)},
    **{str(status): (answer(status), ServerError, ServerError, ServerError) for status in (501, 505)},
    "429": (answer(429), AGAIN, AGAIN, AGAIN),
    **{
        str(status): (answer(status), kind, kind, kind)
        for status, kind in {
            400: InvalidRequest,
            401: AuthenticationFailed,
            402: RequestRejected,
            403: PermissionDenied,
            404: NotFound,
            405: RequestRejected,
            409: Conflict,
            410: RequestRejected,
            418: RequestRejected,
            422: InvalidRequest,
            451: RequestRejected,
        }.items()
    },
    "408": (answer(408), AGAIN, AGAIN, UNKNOWN),
    "425": (answer(425), AGAIN, AGAIN, RequestRejected),
    "a gateway that gave up": (answer(499), RequestRejected, AGAIN, UNKNOWN),
    **{str(status): (answer(status), UnexpectedResponse, UNKNOWN, UNKNOWN) for status in (199, 300, 301, 302, 303)},
    **{str(status): (answer(status), *[UnexpectedResponse] * 3) for status in (307, 308)},
    "a page for people": (answer(200, b"<!doctype html>"), UnexpectedResponse, AGAIN, UNKNOWN),
    "an empty 200": (answer(200), UnexpectedResponse, AGAIN, UNKNOWN),
}
"""What happened, and what comes of it for a read, for a write with a key, and for one without."""


@pytest.mark.parametrize("column", SAFETIES)
@pytest.mark.parametrize("row", ROWS)
def test_when_a_call_is_sent_again(row: str, column: str) -> None:
    """Again after a pause, or never."""
    first, *cells = ROWS[row]
    expected = cells[list(SAFETIES).index(column)]
    right = ORDERED if column == "read" else REFUNDED
    run = run_of(SAFETIES[column], *([first, right] if expected == AGAIN else [first]))
    if expected == AGAIN:
        assert (None, [0.5], right.body) == (run.error, run.sleeps, run.result.content)
    else:
        assert (expected, [], 1) == (type(run.error), run.sleeps, run.problem.attempts)


def test_a_flow_waits_as_long_as_the_provider_says() -> None:
    """And sends again: by hand, effect by effect."""
    flow = call_of(opened_at(Clock())).read(get_order, ORDER["id"])
    first = next(flow)
    assert isinstance(first, Send)
    assert Sleep(8) == flow.send(answer(429, headers={"Retry-After": "7"}))  # a second more, since servers round
    second = next(flow)
    assert isinstance(second, Send)
    with pytest.raises(StopIteration) as stop:
        flow.send(ORDERED)
    assert isinstance(stop.value.value.parsed, Order)


TIMES: dict[str, tuple[bytes, float | None]] = {
    "seconds": (b"7", 7.0),
    "none": (b"0", 0.0),
    "leading zeros": (b"007", 7.0),
    "a date": (b"Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
    "a date of another zone": (b"Sat, 21 Nov 2026 13:00:30 +0100", 30.0),
    "a past date": (b"Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
    "a date that never was": (b"Sat, 31 Feb 2026 11:00:00 GMT", None),
    "a date without a zone": (b"Sat, 21 Nov 2026 12:00:30 -0000", None),
    "negative": (b"-1", None),
    "signed": (b"+1", None),
    "empty": (b"", None),
    "nan": (b"nan", None),
    "inf": (b"inf", None),
    "1e3": (b"1e3", None),
    "a fraction": (b"1.5", 1.5),
    "a fraction of nothing": (b"2.0", 2.0),
    "a fraction without digits": (b"2.", None),
    "nothing but a fraction": (b".5", None),
    "Arabic digits": ("\N{ARABIC-INDIC DIGIT THREE}".encode(), None),
    "full-width digits": ("\N{FULLWIDTH DIGIT SEVEN}".encode(), None),
    "two": (b"1, 2", None),
    "words": (b"soon", None),
}
"""What `Retry-After` says, and for how many seconds it is taken, None where it is taken for nothing."""


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", TIMES)
def test_retry_after_is_digits_or_a_date(form: str, status: int) -> None:
    """Whatever else it is, the usual pause is taken; dates are held against the provider's own clock."""
    told, expected = TIMES[form]
    headers = [("retry-after", told.decode()), ("date", DATE)]
    run = run_of(READ, answer(status, headers=headers), ORDERED)
    assert [0.5 if expected is None else expected + RETRY_AFTER_MARGIN] == run.sleeps


def test_a_date_is_held_against_our_clock_where_the_provider_has_none() -> None:
    """Within the seconds that a date has."""
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=30)
    told = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    (pause,) = run_of(READ, answer(429, headers={"Retry-After": told}), ORDERED).sleeps
    assert 25 < pause <= 30 + RETRY_AFTER_MARGIN


@pytest.mark.parametrize("status", [500, 502, 504])
def test_other_statuses_name_no_time(status: int) -> None:
    """Only 429 and 503 do."""
    run = run_of(READ, answer(status, headers={"Retry-After": "7"}), ORDERED)
    assert [0.5] == run.sleeps


@pytest.mark.parametrize("safety", [READ, KEYED, UNKEYED], ids=list(SAFETIES))
@pytest.mark.parametrize(("told", "expected"), [("60", 60.0), ("3600", 3600.0), ("9" * 400, math.inf)])
def test_a_time_beyond_the_deadline_raises_at_once(told: str, expected: float, safety: RetrySafety) -> None:
    """With how long it would be."""
    run = run_of(safety, answer(429, headers={"Retry-After": told}))
    assert (RateLimited, [], expected, True) == (
        type(run.error), run.sleeps, run.problem.retry_after, run.problem.retryable,
    )  # fmt: skip


def test_a_time_within_the_deadline_is_waited_for() -> None:
    """Up to the last second, half of which is left for the attempt."""
    assert [59.5] == run_of(READ, answer(429, headers={"Retry-After": "59"}), ORDERED).sleeps


def test_a_503_that_names_a_time_is_no_promise_to_have_done_nothing() -> None:
    """Without a key it is not sent again; the time is told."""
    run = run_of(UNKEYED, answer(503, headers={"Retry-After": "5"}))
    assert (OutcomeUnknown, [], 5.0, 503) == (
        type(run.error), run.sleeps, run.problem.retry_after, run.problem.status,
    )  # fmt: skip


def test_no_sleep_goes_past_the_deadline() -> None:
    """Where the pause would, the call ends before it."""
    clock = Clock()
    call = call_of(opened_at(clock), seconds=1.2)
    run = driven(sending(call, READ), clock, UNSENT, UNSENT)
    assert ([0.5], ConnectionFailed) == (run.sleeps, type(run.error))
    assert clock.now < call.deadline


def test_no_request_is_let_go_on_past_the_deadline() -> None:
    """Nor past the time for one attempt."""
    clock = Clock()
    flow = sending(call_of(opened_at(clock, random=lambda: 0.0), seconds=50.0), READ)
    run = driven(flow, clock, STALLED, STALLED, STALLED, seconds=20.0)
    assert [START + 20, START + 40, START + 50] == run.untils
    assert DeadlineExceeded is type(run.error)


def test_a_timeout_before_the_deadline_is_a_failed_connection() -> None:
    """The attempt's time was over, and not the call's."""
    run = run_of(READ, STALLED, STALLED, STALLED)
    assert (ConnectionFailed, True) == (type(run.error), run.problem.retryable)


@pytest.mark.parametrize("attempts", [1, 2, 3, 5])
@pytest.mark.parametrize(("safety", "kind"), [(READ, ConnectionFailed), (KEYED, OutcomeUnknown)])
def test_at_most_so_many_attempts(attempts: int, safety: RetrySafety, kind: type[Exception]) -> None:
    """The error tells how many there were."""
    run = run_of(safety, *[RESET] * attempts, attempts=attempts)
    assert (kind, attempts, attempts - 1) == (type(run.error), run.problem.attempts, len(run.sleeps))


@pytest.mark.parametrize("part", [0.0, 0.25, 1.0])
def test_pauses_have_full_jitter(part: float) -> None:
    """From nothing up to twice as much each time, and never above 20 seconds."""
    most = [0.5, 1, 2, 4, 8, 16, 20, 20, 20]
    clock = Clock()
    call = call_of(opened_at(clock, attempts=10, random=lambda: part), seconds=600.0)
    assert [part * seconds for seconds in most] == driven(sending(call, READ), clock, *[UNSENT] * 9, ORDERED).sleeps


def test_the_quota_drains_and_fills_up() -> None:
    """A hundred times sent again; then only what successes give back, so that a dead provider is not hammered."""
    clock = Clock()
    opened = opened_at(clock)

    def sends(*steps: Step) -> int:
        return len(driven(sending(call_of(opened), READ), clock, *steps).requests)

    assert 3 * 50 == sum(sends(UNSENT, UNSENT, UNSENT) for _ in range(50))
    assert (0, 1) == (opened.quota.left, sends(UNSENT))
    assert (1, 2) == (sends(ORDERED), sends(UNSENT, ORDERED))
    for _ in range(200):
        sends(ORDERED)
    assert 500 == opened.quota.left


def test_a_wait_that_is_not_taken_costs_no_quota() -> None:
    """Beyond the deadline, or after the last attempt."""
    clock = Clock()
    opened = opened_at(clock)
    driven(sending(call_of(opened), READ), clock, answer(429, headers={"Retry-After": "999"}))
    driven(sending(call_of(opened), READ), clock, UNSENT, UNSENT, UNSENT)
    assert 500 - 2 * 5 == opened.quota.left


def test_the_clock_on_the_wall_may_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day forth and back between the attempts: the pauses and the deadline are of the other clock."""
    now = time.time()
    days = itertools.cycle((1, -1))
    monkeypatch.setattr(time, "time", lambda: now + next(days) * 86_400)
    named = answer(429, headers={"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT", "Date": DATE})
    assert [31.0, 1.0] == run_of(READ, named, UNSENT, ORDERED).sleeps


def test_all_attempts_are_the_same_to_the_byte() -> None:
    """The key, too."""
    run = run_of(KEYED, RESET, answer(500), REFUNDED, key=key_of())
    sent = [(each.method, each.url, each.headers, each.body) for each in run.requests]
    assert [sent[0]] * 3 == sent
    assert [["key-1"]] * 3 == [
        [value for name, value in each.headers if name == "idempotency-key"] for each in run.requests
    ]
    assert {"amount_cents": 150} == json.loads(sent[0][3])


# What stands on every error.

SAID = {"signing_secret": "whsec_hidden", "error": {"code": "no", "message": "no"}}
HEADERS = {"X-Request-Id": "req_1", "Retry-After": "99", "Date": DATE}


def failing(*steps: Step, safety: RetrySafety = KEYED) -> ProviderError:
    """Return the error that a keyed call ends in."""
    return run_of(safety, *steps, key=key_of()).problem


@pytest.mark.parametrize(
    ("steps", "kind", "expected"),
    [
        ([answer(422, SAID, HEADERS)], InvalidRequest, (422, 1, False, None)),
        ([answer(429, SAID, HEADERS)], RateLimited, (429, 1, True, 99.0)),
        ([answer(503, SAID, HEADERS)], OutcomeUnknown, (503, 1, True, 99.0)),
        ([answer(501, SAID, HEADERS)], ServerError, (501, 1, False, None)),
        ([answer(308, SAID, HEADERS)], UnexpectedResponse, (308, 1, False, None)),
        ([RESET, answer(500, SAID, HEADERS), RESET], OutcomeUnknown, (None, 3, True, None)),
        ([answer(500, SAID, HEADERS)] * 3, OutcomeUnknown, (500, 3, True, None)),
        ([UNSENT] * 3, ConnectionFailed, (None, 3, True, None)),
        ([TLS], ConnectionFailed, (None, 1, False, None)),
    ],
)
def test_an_error_has_what_is_known(
    steps: list[Step], kind: type[ProviderError], expected: tuple[int | None, int, bool, float | None]
) -> None:
    """Who, what, how often, with which key, and whether it is worth another try; and it survives a pickle."""
    error = failing(*steps)
    assert kind is type(error)
    assert ("zephyr", "zephyr", "refund", "key-1") == (error.provider, error.account, error.operation, error.key)
    assert expected == (error.status, error.attempts, error.retryable, error.retry_after)
    status = error.status
    assert (None if status is None else "req_1") == error.request_id
    masked = {**SAID, "signing_secret": "**********"}
    assert (masked if status else None) == (json.loads(error.body) if error.body else None)
    copy = pickle.loads(pickle.dumps(error))
    assert (kind, str(error), vars(error)) == (type(copy), str(copy), vars(copy))
    assert "hidden" not in f"{error} {error!r} {vars(error)} {error.__cause__} {pickle.dumps(error)!r}"


@pytest.mark.parametrize(
    ("safety", "expected"),
    [(UNKEYED, None), (KEYED, True), (RetrySafety(retry_if_not_applied=True), True)],
    ids=["nothing", "a key", "an id of the caller's"],
)
def test_an_unknown_outcome_tells_whether_to_call_again(safety: RetrySafety, expected: object) -> None:
    """None where that is not known."""
    error = run_of(safety, *[RESET] * (3 if safety is KEYED else 1)).problem
    assert (OutcomeUnknown, expected) == (type(error), error.retryable)


@pytest.mark.parametrize("name", ["x-request-id", "request-id", "x-correlation-id", "cf-ray"])
def test_the_request_has_the_name_that_the_provider_gives_it(name: str) -> None:
    """By whichever header."""
    assert "abc" == failing(answer(422, SAID, {name: "abc"})).request_id


def test_a_long_body_is_cut() -> None:
    """An error keeps 10 000 bytes of it."""
    assert 10_000 == len(failing(answer(422, {"error": {"code": "x" * 50_000, "message": ""}})).body)


def test_a_body_that_is_no_json_is_not_kept() -> None:
    """Nobody could tell the secrets in it."""
    assert b"<13 bytes>" == failing(answer(422, b"whsec_hidden!")).body


def test_the_client_s_own_error_is_the_cause() -> None:
    """Without the frames that hold the answer."""
    cause = failing(answer(422, SAID)).__cause__
    assert ("UnprocessableEntity", None) == (type(cause).__name__, cause and cause.__traceback__)


# Hooks.


def test_a_hook_is_told_of_each_request() -> None:
    """With its number, its outcome and how long it took."""
    told: list[Attempt] = []
    clock = Clock()
    flow = sending(call_of(opened_at(clock, on_attempt=told.append)), KEYED)
    driven(flow, clock, UNSENT, answer(503), REFUNDED, seconds=2.0)
    assert [(1, None, UNSENT.reason, 2.0), (2, 503, None, 2.0), (3, 201, None, 2.0)] == [
        (each.number, each.status, each.failure, each.seconds) for each in told
    ]
    assert {("zephyr", "zephyr", "refund", "createRefund")} == {
        (each.account, each.provider, each.operation, each.endpoint) for each in told
    }


def test_a_hook_that_fails_hides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the call goes on."""

    def fail(_: Attempt) -> None:
        raise RuntimeError("of the hook's own")

    with caplog.at_level(logging.ERROR, logger="ordermux"):
        assert REFUNDED.body == run_of(KEYED, UNSENT, REFUNDED, on_attempt=fail).result.content
    assert ["zephyr: a hook failed"] * 2 == [record.getMessage() for record in caplog.records]


def test_an_interrupt_in_a_hook_is_let_through() -> None:
    """It is not the hook's failure."""

    def interrupt(_: Attempt) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(KEYED, REFUNDED, on_attempt=interrupt)


# Credentials that are held.

LISTED = answer(200, {"orders": [], "total": 0, "page": 1, "limit": 20})


def test_a_401_of_a_cookie_that_was_replaced_is_sent_again_once() -> None:
    """Another call's answer brought a new one while this was under way."""
    clock = Clock()
    opened = opened_at(clock, Crossmint(base_url="https://shop.example", jwt="old"))
    flow = call_of(opened).read(list_crossmint)
    assert isinstance(next(flow), Send)
    opened.client.jwt = type(opened.client.jwt)("new")
    again = flow.send(answer(401))
    assert isinstance(again, Send)
    assert "crossmint-jwt=new" == dict(again.request.headers)["cookie"]
    with pytest.raises(StopIteration):
        flow.send(LISTED)


def test_a_401_of_the_cookie_that_is_there_is_final() -> None:
    """Nothing would be different."""
    clock = Clock()
    opened = opened_at(clock, Crossmint(base_url="https://shop.example", jwt="old"))
    assert AuthenticationFailed is type(driven(call_of(opened).read(list_crossmint), clock, answer(401)).error)


def test_a_cookie_s_successor_is_not_waited_for_past_the_deadline() -> None:
    """There is no time left for another request."""
    clock = Clock()
    opened = opened_at(clock, Crossmint(base_url="https://shop.example", jwt="old"))
    flow = call_of(opened, seconds=1.0).read(list_crossmint)
    assert (AuthenticationFailed, []) == (
        type((run := driven(flow, clock, answer(401), seconds=0.97)).error),
        run.sleeps,
    )


# Tokens.

CART = answer(200, {"data": {"id": "cart-1"}})


def token(number: int, **more: Any) -> RawResponse:
    """Return the answer that has a token, which lives for an hour where nothing else is said."""
    return answer(200, {"access_token": f"token-{number}", "expires_in": 3600, "token_type": "Bearer", **more})


def retailer(clock: Clock, **changes: Any) -> AccountRuntime:
    """Return an account that gets tokens."""
    return opened_at(clock, Croissant(client_id="id", client_secret="hidden"), **changes)


def reading(opened: AccountRuntime, seconds: float = 60.0) -> Flow[ParsedResponse[Any]]:
    """Return the flow of a read that needs a token."""
    return call_of(opened, operation="get", seconds=seconds).read(get_cart, "cart-1")


def bearers(run: Run) -> list[str]:
    """Return, for each request, the token that it bears; empty where it asks for one."""
    return [dict(request.headers).get("authorization", "").removeprefix("Bearer ") for request in run.requests]


def warm(clock: Clock, **more: Any) -> AccountRuntime:
    """Return an account that has a token."""
    opened = retailer(clock)
    assert ["", "token-1"] == bearers(driven(reading(opened), clock, token(1, **more), CART))
    return opened


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, ["token-1"]),
        (3299, ["token-1"]),
        (3300, ["", "token-2"]),
        (3539, ["", "token-2"]),
        (3540, ["", "token-2"]),
        (9999, ["", "token-2"]),
    ],
)
def test_a_token_is_replaced_before_it_ends(age: float, expected: list[str]) -> None:
    """From five minutes before."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(age)
    steps = [CART] if len(expected) == 1 else [token(2), CART]
    assert expected == bearers(driven(reading(opened), clock, *steps))


def test_nobody_waits_for_a_token_that_may_be_replaced() -> None:
    """Who cannot get the gate at once goes on with the old one."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(3300)
    flow = reading(opened)
    asked = next(flow)
    assert isinstance(asked, AcquireLock)
    assert 0.0 == asked.seconds
    sent = flow.send(False)
    assert isinstance(sent, Send)
    assert "Bearer token-1" == dict(sent.request.headers)["authorization"]
    flow.close()


def test_a_token_that_has_to_be_replaced_is_waited_for() -> None:
    """Until the deadline; there is none of its own to go on with."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(3540)
    flow = reading(opened, seconds=12.0)
    asked = next(flow)
    assert isinstance(asked, AcquireLock)
    assert 12.0 == asked.seconds
    with pytest.raises(DeadlineExceeded, match="before a token came") as caught:
        flow.send(False)
    assert (0, True) == (caught.value.attempts, caught.value.retryable)


def test_a_replacement_that_fails_is_no_failure_while_the_old_token_holds() -> None:
    """And it is left alone for half a minute."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(3300)
    run = driven(reading(opened), clock, answer(403), CART)
    assert ["", "token-1"] == bearers(run)
    clock.advance(29)
    assert ["token-1"] == bearers(driven(reading(opened), clock, CART))
    clock.advance(2)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2), CART))


@pytest.mark.parametrize(
    ("steps", "kind"),
    [([answer(401)], AuthenticationFailed), ([answer(403)], PermissionDenied), ([TLS], ConnectionFailed)],
)
def test_without_a_token_its_error_is_the_call_s(steps: list[Step], kind: type[ProviderError]) -> None:
    """Nothing but the token was asked for, and the gate is open again."""
    clock = Clock()
    opened = retailer(clock)
    run = driven(reading(opened), clock, *steps)
    assert (kind, [""], 1, "get") == (type(run.error), bearers(run), run.problem.attempts, run.problem.operation)
    assert ["", "token-1"] == bearers(driven(reading(opened), clock, token(1), CART))


def test_a_401_gets_another_token_once() -> None:
    """And is sent again once, whatever comes of that."""
    clock = Clock()
    assert ["token-1", "", "token-2"] == bearers(driven(reading(warm(clock)), clock, answer(401), token(2), CART))
    run = driven(reading(warm(clock)), clock, answer(401), token(2), answer(401))
    assert (AuthenticationFailed, 3, 401, []) == (type(run.error), run.problem.attempts, run.problem.status, run.sleeps)


def test_a_token_that_does_not_come_after_a_401_is_the_error() -> None:
    """The call was refused, so that nothing is in doubt."""
    clock = Clock()
    opened = warm(clock)
    flow = call_of(opened).execute(get_cart.build_request("cart-1"), get_cart.read_response, UNKEYED)
    run = driven(flow, clock, answer(401), answer(500), answer(500), answer(500))
    assert (ServerError, 4) == (type(run.error), run.problem.attempts)


def test_two_flows_get_one_token() -> None:
    """Who waited takes what the first got."""
    clock = Clock()
    opened = retailer(clock)
    first, second = reading(opened), reading(opened)
    asked = next(first)
    assert isinstance(asked, AcquireLock)
    assert asked.lock.current.acquire(blocking=False)
    assert isinstance(first.send(True), Send)  # for the token
    waiting = next(second)
    assert isinstance(waiting, AcquireLock)
    assert waiting.lock is asked.lock
    with ThreadPoolExecutor(1) as another:
        acquire = functools.partial(waiting.lock.current.acquire, blocking=False)
        assert not another.submit(acquire).result()  # the first one's thread has it
        sent = first.send(token(1))
        assert another.submit(acquire).result()  # let go of before the call is sent
    taken = second.send(True)
    for effect in (sent, taken):
        assert isinstance(effect, Send)
        assert "Bearer token-1" == dict(effect.request.headers)["authorization"]
    first.close()
    second.close()


def test_a_late_401_of_an_old_token_gets_no_other() -> None:
    """There is one already."""
    clock = Clock()
    opened = warm(clock)
    late = reading(opened)
    assert isinstance(next(late), Send)
    assert ["token-1", "", "token-2"] == bearers(driven(reading(opened), clock, answer(401), token(2), CART))
    asked = late.send(answer(401))
    assert isinstance(asked, AcquireLock)
    assert asked.lock.current.acquire(blocking=False)
    again = late.send(True)
    assert isinstance(again, Send)
    assert "Bearer token-2" == dict(again.request.headers)["authorization"]
    late.close()


def test_a_flow_that_is_given_up_leaves_the_gate_open() -> None:
    """As a task is that was cancelled."""
    clock = Clock()
    opened = retailer(clock)
    flow = reading(opened)
    asked = next(flow)
    assert isinstance(asked, AcquireLock)
    assert asked.lock.current.acquire(blocking=False)
    flow.send(True)
    flow.close()
    assert in_a_thread(functools.partial(asked.lock.current.acquire, blocking=False))


@pytest.mark.parametrize("told", [0, -1, -3600])
def test_a_token_that_is_said_to_have_ended_is_tried_for_a_second(told: int) -> None:
    """Calls at the same time share it, and none goes round in circles."""
    clock = Clock()
    opened = warm(clock, expires_in=told)
    clock.advance(0.5)
    assert ["token-1"] == bearers(driven(reading(opened), clock, CART))
    clock.advance(0.5)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2, expires_in=told), CART))


@pytest.mark.parametrize("told", ["3600", None, 1.5, [], True])
def test_a_life_that_is_no_number_is_an_hour(told: object) -> None:
    """As where it is not said."""
    clock = Clock()
    opened = warm(clock, expires_in=told)
    clock.advance(3299)
    assert ["token-1"] == bearers(driven(reading(opened), clock, CART))
    clock.advance(1)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2), CART))


@pytest.mark.parametrize("told", [10**9, 10**18, 10**30, 10**400])
def test_no_token_is_kept_for_longer_than_a_day(told: int) -> None:
    """Whatever its life is said to be; a number that is none is an hour."""
    clock = Clock()
    opened = warm(clock, expires_in=told)
    clock.advance(86_400)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2), CART))


@pytest.mark.parametrize(
    ("life", "advisory", "mandatory"),
    [(3600, 3300, 3540), (600, 450, 540), (100, 75, 90), (0, 0.75, 0.9), (-5, 0.75, 0.9), (1e12, 86_100, 86_340)],
)
def test_a_short_life_has_short_margins(life: float, advisory: float, mandatory: float) -> None:
    """A quarter and a tenth of it, and never more than five minutes and one."""
    made = Token.from_lifetime(None, life, START)
    assert (START + advisory, START + mandatory) == (made.refresh_at, made.ends_at)


def test_a_token_s_life_begins_when_it_was_asked_for() -> None:
    """However long its answer took."""
    clock = Clock()
    opened = retailer(clock)
    driven(reading(opened), clock, token(1), CART, seconds=10.0)
    auth = opened.auth
    assert isinstance(auth, RefreshableToken)
    assert auth.token is not None
    assert START + 3300 == auth.token.refresh_at


def test_what_needs_no_token_gets_none() -> None:
    """The call for a token itself."""
    clock = Clock()
    opened = retailer(clock)
    driven(reading(opened), clock, token(1), CART)
    auth = opened.auth
    assert isinstance(auth, RefreshableToken)
    bare = WireRequest.to_url("GET", "https://croissant.example/")
    assert (bare, None) == driven(auth.authenticate(call_of(opened), lambda: bare), clock).result
    assert False is driven(auth.refresh(call_of(opened), None), clock).result


# A token that processes share.


@attrs.define
class FakeRedis:
    """As much of Redis as a token needs, by the clock of the tests."""

    clock: Clock
    kept: dict[str, tuple[str, float]] = attrs.field(factory=dict[str, tuple[str, float]])
    """Each value, and when it ends."""

    def __call__(self, word: str, *words: Any) -> Any:
        """Carry a command out."""
        self.kept = {key: entry for key, entry in self.kept.items() if entry[1] > self.clock.now}
        match word, *words:
            case "SET", key, _, "NX", "PX", _ if key in self.kept:
                return None
            case "SET", key, value, *_, milliseconds:
                self.kept[key] = value, self.clock.now + milliseconds / 1000
                return b"OK"
            case "GET", key:
                return self.kept[key][0].encode() if key in self.kept else None
            case "PTTL", key:
                return int((self.kept[key][1] - self.clock.now) * 1000) if key in self.kept else -2
            case "EVAL", _, 1, key, owner:
                if self.kept.get(key, ("", 0))[0] == owner:
                    del self.kept[key]
                return None
            case _:
                raise AssertionError(word)

    @property
    def locks(self) -> list[str]:
        """The locks that somebody has."""
        return [key for key in self.kept if "lock" in key]

    def hold(self, seconds: float) -> None:
        """Take the lock, as another process."""
        self.kept["ordermux:token-lock:shop"] = "of another", self.clock.now + seconds

    def put(self, value: str, seconds: float) -> None:
        """Keep a token, as another process."""
        self.kept["ordermux:token:shop"] = value, self.clock.now + seconds


def sharing(clock: Clock) -> AccountRuntime:
    """Return an account whose token processes share."""
    opened = retailer(clock)
    assert isinstance(opened.auth, RefreshableToken)
    opened.auth.name = "shop"
    return opened


def test_a_shared_token_is_got_by_one_process() -> None:
    """The next one takes it, and its time, from Redis."""
    clock = Clock()
    redis = FakeRedis(clock)
    first = driven(reading(sharing(clock)), clock, token(1), CART, redis=redis)
    assert ["SET", "GET", "PTTL", "SET", "EVAL"] == first.commands
    other = sharing(clock)
    assert ["token-1"] == bearers(driven(reading(other), clock, CART, redis=redis))
    assert [] == redis.locks
    clock.advance(3540)
    assert ["", "token-2"] == bearers(driven(reading(other), clock, token(2), CART, redis=redis))


def test_who_finds_the_lock_taken_looks_until_the_token_is_there() -> None:
    """Another process is at it."""
    clock = Clock()
    redis = FakeRedis(clock)
    redis.hold(20)
    flow = reading(sharing(clock))

    def answered(*words: Any) -> Any:
        if clock.now > START + 0.19:
            redis.put("token-9", 60)
        return redis(*words)

    run = driven(flow, clock, CART, redis=answered)
    assert (["token-9"], [0.05] * 4) == (bearers(run), run.sleeps)


def test_the_lock_of_a_process_that_died_ends() -> None:
    """After the time of one attempt."""
    clock = Clock()
    redis = FakeRedis(clock)
    redis.hold(20)
    run = driven(reading(sharing(clock)), clock, token(1), CART, redis=redis)
    assert ["", "token-1"] == bearers(run)
    assert START + 20 <= clock.now < START + 20.1


def test_a_lock_that_stays_taken_costs_half_of_the_time() -> None:
    """Its holder may be lost; the other half is for a token of one's own, which others take too."""
    clock = Clock()
    redis = FakeRedis(clock)
    redis.hold(999)
    run = driven(reading(sharing(clock), seconds=3.0), clock, token(1), CART, redis=redis)
    assert (["", "token-1"], True) == (bearers(run), START + 1.5 <= clock.now < START + 1.6)
    assert ["token-1"] == bearers(driven(reading(sharing(clock)), clock, CART, redis=redis))


def test_nobody_waits_for_a_lock_while_the_old_token_holds() -> None:
    """Another process is replacing it."""
    clock = Clock()
    redis = FakeRedis(clock)
    opened = sharing(clock)
    driven(reading(opened), clock, token(1), CART, redis=redis)
    clock.advance(3400)
    redis.hold(20)
    run = driven(reading(opened), clock, CART, redis=redis)
    assert (["token-1"], []) == (bearers(run), run.sleeps)


def test_a_shared_token_that_was_refused_is_not_taken_again() -> None:
    """It is replaced for all."""
    clock = Clock()
    redis = FakeRedis(clock)
    driven(reading(sharing(clock)), clock, token(1), CART, redis=redis)
    run = driven(reading(sharing(clock)), clock, answer(401), token(2), CART, redis=redis)
    assert ["token-1", "", "token-2"] == bearers(run)
    assert ["token-2"] == bearers(driven(reading(sharing(clock)), clock, CART, redis=redis))


def test_the_lock_is_let_go_of_where_no_token_came() -> None:
    """The next one need not wait."""
    clock = Clock()
    redis = FakeRedis(clock)
    run = driven(reading(sharing(clock)), clock, answer(403), redis=redis)
    assert (PermissionDenied, []) == (type(run.error), redis.locks)


def test_a_token_that_ended_on_its_way_is_not_kept() -> None:
    """It serves its own call, and no other."""
    clock = Clock()
    redis = FakeRedis(clock)
    run = driven(reading(sharing(clock)), clock, token(1, expires_in=5), CART, seconds=10.0, redis=redis)
    assert (["", "token-1"], {}) == (bearers(run), redis.kept)


# The drivers, in what takes no network.


def in_a_thread(do: Callable[[], Any]) -> Any:
    """Do something in a thread of its own; return its result."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do).result()


def ran(flow: Flow[Any], redis: Any, *, awaiting: bool) -> Any:
    """Run a flow with a driver of either kind."""
    none: Any = None
    if awaiting:
        return asyncio.run(AsyncRunner(none, 9, redis).run(flow))
    return SyncRunner(none, 9, redis).run(flow)


@attrs.frozen
class Told:
    """A client of Redis, of either kind, that says one thing."""

    reply: Any
    awaiting: bool

    def execute_command(self, *words: Any) -> Any:
        """Say it, or raise it."""
        if self.awaiting:
            return self._awaited(*words)
        return self._said(*words)

    async def _awaited(self, *words: Any) -> Any:
        await asyncio.sleep(self.reply if isinstance(self.reply, float) else 0)
        return self._said(*words)

    def _said(self, *words: Any) -> Any:
        if isinstance(self.reply, Exception):
            raise self.reply
        return [self.reply, *words]


def asking() -> Flow[Any]:
    """Ask Redis for something; return its reply, or what it raised."""
    try:
        return (yield RedisCommand(("GET", "key"), 0.05))
    except SharedStateError as error:
        return error


@pytest.mark.parametrize("awaiting", [False, True])
def test_a_driver_asks_redis(*, awaiting: bool) -> None:
    """And sends the flow its reply."""
    assert [b"1", "GET", "key"] == ran(asking(), Told(b"1", awaiting), awaiting=awaiting)


@pytest.mark.parametrize("awaiting", [False, True])
def test_whatever_redis_raises_is_an_error_of_ours(*, awaiting: bool) -> None:
    """Thrown into the flow, which may go on; its text, which may hold an address, is left out."""
    error = ran(asking(), Told(OSError("redis://user:hidden@host"), awaiting), awaiting=awaiting)
    assert (SharedStateError, "Redis did not answer: OSError") == (type(error), str(error))


class TimeLimitReached(Exception):
    """The handler of a signal raises it to end a job."""


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("raised", [TimeLimitReached(), TimeoutError("job"), ValueError("handler")], ids=repr)
def test_an_exception_of_a_signal_handler_is_none_of_redis(raised: Exception, *, awaiting: bool) -> None:
    """A job's time limit that comes while Redis is waited for ends the job, whatever its type."""
    with pytest.raises(type(raised)) as found:
        ran(asking(), Told(raised, awaiting), awaiting=awaiting)
    assert raised is found.value


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("raised", [redis_errors.TimeoutError, redis_errors.ReadOnlyError])
def test_an_error_of_the_redis_package_is_an_error_of_ours(raised: type[Exception], *, awaiting: bool) -> None:
    """Its errors derive from Exception alone."""
    error = ran(asking(), Told(raised("redis://user:hidden@host"), awaiting), awaiting=awaiting)
    assert (SharedStateError, f"Redis did not answer: {raised.__name__}") == (type(error), str(error))


def test_a_redis_that_does_not_answer_is_not_waited_for() -> None:
    """By the driver that awaits, which has a time for it."""
    error = ran(asking(), Told(30.0, awaiting=True), awaiting=True)
    assert "Redis did not answer: TimeoutError" == str(error)


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.02])
def test_a_gate_is_waited_for_no_longer_than_said(seconds: float, *, awaiting: bool) -> None:
    """And goes to one at a time."""
    gate = FlowLock(is_async=awaiting)

    def flow() -> Flow[bool]:
        got: bool = yield AcquireLock(gate, seconds)
        gate.release(acquired=got)
        return got

    async def awaited() -> list[bool]:
        none: Any = None
        driver = AsyncRunner(none, 9)
        await gate.current.acquire()
        missed = await driver.run(flow())
        gate.current.release()
        return [missed, await driver.run(flow())]

    def blocked() -> list[bool]:
        in_a_thread(gate.current.acquire)
        missed = ran(flow(), None, awaiting=False)
        gate.reset()
        return [missed, ran(flow(), None, awaiting=False)]

    assert [False, True] == (asyncio.run(awaited()) if awaiting else blocked())


def test_each_event_loop_has_a_gate_of_its_own() -> None:
    """One that is held in a loop that ended is open in the next, and is not kept."""
    gate: Any = FlowLock(is_async=True)

    async def hold() -> bool:
        free = not gate.current.locked()
        await gate.current.acquire()
        return free

    assert [True, True] == [asyncio.run(hold()), asyncio.run(hold())]
    assert 1 == len(gate._locks)


def test_a_forked_process_has_its_gates_open() -> None:
    """The thread that holds one is not there."""
    gate = FlowLock(is_async=False)
    gate.current.acquire()
    gates: Any = _flow
    gates._reset_all()
    assert gate.current.acquire(blocking=False)


# The limit that is kept on our side.


def limited(clock: Clock, *, seconds: float = 1000.0, **settings: Any) -> tuple[RateLimiter, CallContext]:
    """Return a limit of two requests in a minute, and a call under it."""
    return RateLimiter(2, 60.0, clock, **settings), call_of(opened_at(clock), seconds=seconds)


def test_a_slot_is_free_a_window_after_its_answer() -> None:
    """Not after it was sent: nobody knows when it arrived."""
    clock = Clock()
    limit, call = limited(clock)
    first, second = (driven(limit.acquire(call), clock).result for _ in range(2))
    clock.advance(5)
    driven(limit.release(call, first), clock)
    clock.advance(5)
    driven(limit.release(call, second), clock)
    third = limit.acquire(call)
    assert Sleep(55) == next(third)
    clock.advance(55)
    with pytest.raises(StopIteration):
        next(third)
    assert Sleep(5) == next(limit.acquire(call))


def test_a_slot_without_an_answer_stays_taken() -> None:
    """For as long as its request may be on its way, and a window more; another's answer may come before."""
    clock = Clock()
    limit, call = limited(clock)
    driven(limit.acquire(call), clock)
    driven(limit.acquire(call), clock)
    assert [60, 20] == driven(limit.acquire(call), clock).sleeps


def test_a_limit_beyond_the_deadline_raises_at_once() -> None:
    """With the seconds until a slot is free."""
    clock = Clock()
    limit, call = limited(clock, seconds=60.0)
    driven(limit.acquire(call), clock)
    driven(limit.acquire(call), clock)
    run = driven(limit.acquire(call), clock)
    assert (RateLimited, 60.0, True, 0) == (
        type(run.error), run.problem.retry_after, run.problem.retryable, run.problem.attempts,
    )  # fmt: skip


def test_no_window_wherever_it_begins_has_more_than_the_limit() -> None:
    """Over a hundred requests, each answered a second after it was sent."""
    clock = Clock()
    limit, call = limited(clock, seconds=1e6)
    sent: list[float] = []
    for _ in range(100):
        slot = driven(limit.acquire(call), clock).result
        sent.append(clock.now)
        clock.advance(1)
        driven(limit.release(call, slot), clock)
    assert min(later - earlier for earlier, later in zip(sent, sent[2:], strict=False)) >= 60
    assert 2 == len(limit.slots)


def test_each_request_of_a_call_takes_a_slot() -> None:
    """The ones that are sent again, too; what came back lets go of its own."""
    clock = Clock()
    opened = opened_at(clock)
    opened.limit = RateLimiter(9, 60.0, clock)
    driven(sending(call_of(opened), READ), clock, RESET, answer(500), ORDERED)
    assert [START + 60.5, START + 61.5, START + 80.0] == sorted(opened.limit.slots.values())


def test_a_limit_that_is_shared_asks_redis() -> None:
    """Which says how many microseconds it takes until a slot is free."""
    clock = Clock()
    limit, call = limited(clock, name="window")
    flow = limit.acquire(call)
    asked = next(flow)
    assert isinstance(asked, RedisCommand)
    assert ("EVAL", 1, "window", 2, 80_000_000) == (asked.arguments[0], *asked.arguments[2:6])
    assert Sleep(1.5) == flow.send(1_500_000)
    assert asked == next(flow)
    with pytest.raises(StopIteration) as stop:
        flow.send(0)
    leaving = limit.release(call, stop.value.value)
    told = next(leaving)
    assert isinstance(told, RedisCommand)
    assert (60_000_000, stop.value.value) == told.arguments[4:]
    with pytest.raises(StopIteration):  # the slot stays taken for longer, and no more
        leaving.throw(SharedStateError("Redis did not answer"))


def test_no_request_is_sent_past_a_limit_that_cannot_be_asked() -> None:
    """Redis did not answer, and nothing was sent."""
    clock = Clock()
    opened = opened_at(clock)
    opened.limit = RateLimiter(2, 60.0, clock, "window")
    flow = sending(call_of(opened), KEYED)
    assert isinstance(next(flow), RedisCommand)
    with pytest.raises(SharedStateError):
        flow.throw(SharedStateError("Redis did not answer"))


def test_an_argument_that_cannot_be_sent_is_told_before_anything_is() -> None:
    """By the typed client's own error, which the facade makes its own."""
    with Ordermux(Zephyr(api_key="k"), transport=httpx.MockTransport(lambda _: httpx.Response(200))) as mux:
        with pytest.raises(InvalidArgument, match="zephyr: "):
            mux.orders.get("zephyr:..")
