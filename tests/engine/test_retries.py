"""When a call is sent again, and how long it waits: flows driven by hand, without a clock, a loop or a network."""

from __future__ import annotations

import datetime
import itertools
import json
import math
import time
from typing import Any

import pytest

from ordermux import (
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    RequestRejected,
    ServerError,
    UnexpectedResponse,
)
from ordermux.engine.flow import Send, Sleep
from ordermux.engine.outcome import RetrySafety
from ordermux.engine.retry import RETRY_AFTER_MARGIN
from ordermux.providers.zephyr.adapter import KEYED
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
