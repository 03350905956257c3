"""What a caller is told if a change is refused, or put off, after an attempt that may have been carried out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ordermux import (
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
)
from ordermux.engine.outcome import RetrySafety, is_verdict
from ordermux.engine.rate_limit import RateLimiter
from ordermux.providers.zephyr.adapter import KEYED
from support.clock import Clock
from support.manual_flows import (
    OWN,
    REFUNDED,
    RESET,
    TLS,
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

FOREIGN: dict[str, Any] = {
    "no body": None,
    "a message alone": {"message": "no"},
    "an error without a code": {"error": {"message": "no"}},
    "an error in a word": {"error": "bad_request"},
    "a code that is a number": {"error": {"code": 422, "message": "no"}},
    "an empty code": {"error": {"code": ""}},
    "markup": b"<html><body>422</body></html>",
    "text": b"Unprocessable Entity",
}
"""Error bodies that a gateway may write as well."""


# A refusal after an attempt that may have been carried out.


@pytest.mark.parametrize("status", [401, 403, 404, 405, 407, 408, 409, 410, 413, 418, 421, 425, 429, 451, 499])
@pytest.mark.parametrize("body", [OWN, {"message": "no"}], ids=["own", "foreign"])
def test_most_refusals_say_nothing_of_an_earlier_attempt(status: int, body: Any) -> None:
    """Whoever answers so need not have looked at the key, or the document does not list it as a verdict."""
    steps = [answer(status, body)] * 50
    run = run_of(KEYED, RESET, *steps, all_used=False)
    assert (OutcomeUnknown, None) == (type(run.error), run.problem.applied)


def test_the_provider_s_own_verdict_is_one_on_each_attempt() -> None:
    """It would have answered with the first attempt's answer, had that been carried out."""
    run = run_of(KEYED, RESET, answer(422, OWN))
    assert (InvalidRequest, False, 2) == (type(run.error), run.problem.applied, run.problem.attempts)


@pytest.mark.parametrize("form", FOREIGN)
def test_a_verdict_has_a_body_that_only_the_provider_writes(form: str) -> None:
    """A gateway refuses with 422 as well; the provider answers the next time, or nobody knows."""
    refused = answer(422, FOREIGN[form])
    assert REFUNDED.body == run_of(KEYED, RESET, refused, REFUNDED).result.content
    assert OutcomeUnknown is type(run_of(KEYED, RESET, refused, refused).error)


def test_a_verdict_is_listed_by_the_document() -> None:
    """ZephyrCart's refund lists 422, and no 400."""
    assert OutcomeUnknown is type(run_of(KEYED, RESET, answer(400, OWN), answer(400, OWN)).error)


@pytest.mark.parametrize(("status", "verdict"), [(399, False), (400, True), (422, True), (499, True), (500, False)])
def test_a_verdict_is_a_refusal(status: int, *, verdict: bool) -> None:
    """Whatever the document lists beside those."""
    failed = SimpleNamespace(meaning="listed", status_code=status)
    assert verdict is is_verdict(failed, RetrySafety(own_refusal=lambda _: True), frozenset())


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_without_a_key_no_refusal_is_a_verdict(status: int) -> None:
    """The page has a 500 retried; a cart that was fulfilled by the first attempt is then refused."""
    safety = RetrySafety(retryable_statuses=frozenset({500}))
    run = run_of(safety, answer(500), answer(status, OWN))
    assert (OutcomeUnknown, None) == (type(run.error), run.problem.retryable)


@pytest.mark.parametrize(
    "step",
    [TLS, *map(answer, (401, 403, 407, 307, 308, 501, 505))],
    ids=lambda step: getattr(step, "status", "TLS"),
)
def test_what_a_retry_cannot_change_is_not_retried(step: Step) -> None:
    """The outcome stays open, and the same key finds out."""
    run = run_of(KEYED, RESET, step)
    assert (OutcomeUnknown, True, "key-1") == (type(run.error), run.problem.retryable, run.problem.key)


def test_an_error_says_what_came_first_and_what_came_last() -> None:
    """Both matter to whoever looks at it."""
    error = str(run_of(KEYED, RESET, answer(401)).error)
    assert "ReadError: reset; then: zephyr: refund: createRefund: status 401" in error


def test_doubt_stays_over_an_attempt_that_was_not_sent() -> None:
    """The first may have been carried out, whatever became of the second."""
    assert OutcomeUnknown is type(run_of(KEYED, RESET, UNSENT, UNSENT).error)


def test_a_call_that_cannot_be_gone_on_with_stays_in_doubt() -> None:
    """The limit is used up before the second attempt: the first may have been carried out."""
    clock = Clock()
    opened = opened_at(clock)
    opened.limit = RateLimiter(1, 60.0, clock)
    run = driven(sending(call_of(opened), KEYED), clock, RESET)
    assert (OutcomeUnknown, RateLimited) == (type(run.error), type(run.problem.__cause__))
    assert RateLimited is type(driven(sending(call_of(opened), KEYED), clock).error)


# Answers that ask to come again.


IN_PROGRESS: dict[str, tuple[Any, dict[str, str]]] = {
    "Retry-After": (None, {"Retry-After": "2"}),
    "its code": ({"error": {"code": "idempotency_key_in_progress"}}, {}),
    "its text": ({"message": "A request with this key is still being processed"}, {}),
    "another text": ({"detail": "concurrent request"}, {}),
}


@pytest.mark.parametrize("form", IN_PROGRESS)
@pytest.mark.parametrize("reused", [False, True])
def test_an_earlier_request_that_is_in_progress_is_waited_for(form: str, *, reused: bool) -> None:
    """Until the deadline, since an answer will come: these waits are no attempts."""
    body, headers = IN_PROGRESS[form]
    busy = [answer(409, body, headers)] * 8
    first = [] if reused else [RESET]
    run = run_of(KEYED, *first, *busy, REFUNDED, key=key_of(reused=reused))
    assert REFUNDED.body == run.result.content


@pytest.mark.parametrize("status", [408, 425, 429])
@pytest.mark.parametrize("reused", [False, True])
def test_what_asks_to_come_later_ends_in_an_unknown_outcome(status: int, *, reused: bool) -> None:
    """At the deadline, and not before."""
    clock = Clock()
    first = [] if reused else [RESET]
    call = call_of(opened_at(clock), key=key_of(reused=reused), seconds=20.0)
    run = driven(sending(call, KEYED), clock, *first, *[answer(status)] * 20, all_used=False)
    assert (OutcomeUnknown, True) == (type(run.error), run.problem.retryable)
    assert call.deadline - 10 < clock.now < call.deadline


def test_a_wait_is_never_nothing() -> None:
    """Whatever the jitter says, nobody is asked without a pause."""
    run = run_of(KEYED, RESET, *[answer(429)] * 50, random=lambda: 0.0, all_used=False)
    assert [0.25, 0.5, 1.0, 2.0, 2.5, 2.5, 2.5] == run.sleeps[1:8]


@pytest.mark.parametrize("stated", ["0", "0.5", "1"])
def test_a_provider_that_says_at_once_is_not_asked_ever_faster(stated: str) -> None:
    """However near the deadline is: the shortest wait is a tenth of a second longer than the provider says."""
    run = run_of(KEYED, RESET, *[answer(429, None, {"Retry-After": stated})] * 99, all_used=False)
    assert OutcomeUnknown is type(run.error)
    assert min(run.sleeps[1:]) >= float(stated) + 0.1
    assert sum(pause < float(stated) + 1.0 for pause in run.sleeps[1:]) <= 4


def test_the_latest_answer_says_when_to_come_again() -> None:
    """Of two, the later is nearer to the time at which somebody reads it; without one, the earlier still counts."""
    lost, busy = answer(503, None, {"Retry-After": "5"}), answer(425, None, {"Retry-After": "90"})
    assert 90.0 == run_of(KEYED, lost, busy).problem.retry_after
    assert 5.0 == run_of(KEYED, lost, answer(401)).problem.retry_after


def test_a_caller_who_wants_no_retry_gets_none() -> None:
    """Not even of what asks to come later."""
    run = run_of(KEYED, answer(429), key=key_of(reused=True), attempts=1)
    assert (OutcomeUnknown, []) == (type(run.error), run.sleeps)
