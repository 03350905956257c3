"""What a caller is told of a change whose answer was lost: by the second answer, a look-up, and the key's age."""

from __future__ import annotations

import datetime
import uuid
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from ordermux import (
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    IdempotencyKeyExpired,
    InvalidArgument,
    InvalidRequest,
    Money,
    NotFound,
    OrderRef,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    ServerError,
    UnexpectedResponse,
)
from ordermux.engine.flow import Flow
from ordermux.engine.idempotency import key_for, new_key
from ordermux.engine.outcome import RetrySafety, Undetermined, is_success, is_verdict
from ordermux.engine.rate_limit import RateLimiter
from ordermux.engine.response import RecoveredResponse
from ordermux.providers.zephyr.adapter import KEYED, Adapter
from ordermux_zephyr import models
from support.clock import Clock
from support.manual_flows import (
    READ,
    REFUNDED,
    RESET,
    TLS,
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

OWN = {"error": {"code": "invalid_request", "message": "The refunds of an order are within its total."}}
"""An error body as ZephyrCart's own."""
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
DAY = 24 * 3600.0


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


# A key of the caller's own.

OWN_TYPES = {401: AuthenticationFailed, 403: PermissionDenied, 404: NotFound, 409: Conflict}


@pytest.mark.parametrize("status", OWN_TYPES)
@pytest.mark.parametrize("safety", [READ, KEYED], ids=["read before", "write"])
def test_a_wrong_id_is_reported_at_once(status: int, safety: RetrySafety) -> None:
    """With its own type, and without a claim about earlier calls; so is one in a read before the write."""
    run = run_of(safety, answer(status, OWN), key=key_of(reused=True))
    assert (OWN_TYPES[status], None, []) == (type(run.error), run.problem.applied, run.sleeps)
    assert str(run.error).endswith("; nothing is known about earlier calls with this idempotency key")


@pytest.mark.parametrize("status", [400, 405, 410, 418, 422])
def test_a_refusal_that_is_no_verdict_leaves_earlier_calls_open(status: int) -> None:
    """It is retried, since it may be a gateway's."""
    assert OutcomeUnknown is type(run_of(KEYED, *[answer(status)] * 3, key=key_of(reused=True)).error)


def test_a_verdict_speaks_of_earlier_calls_as_well() -> None:
    """The provider would have answered with their answer."""
    run = run_of(KEYED, answer(422, OWN), key=key_of(reused=True))
    assert (InvalidRequest, False) == (type(run.error), run.problem.applied)
    assert "earlier" not in str(run.error)


@pytest.mark.parametrize(
    ("steps", "kind"),
    [([UNSENT] * 3, ConnectionFailed), ([TLS], ConnectionFailed), ([answer(501)], ServerError)],
    ids=["refused", "TLS", "501"],
)
def test_what_did_not_reach_the_provider_says_nothing_of_earlier_calls(
    steps: list[Step], kind: type[Exception]
) -> None:
    """Its text says so."""
    run = run_of(KEYED, *steps, key=key_of(reused=True))
    assert (kind, None) == (type(run.error), run.problem.applied)
    assert "nothing is known about earlier calls" in str(run.error)


def test_a_read_before_the_write_is_not_refused_for_a_busy_provider() -> None:
    """It waits as the write does."""
    run = run_of(READ, *[answer(429)] * 30, key=key_of(reused=True), all_used=False)
    assert (OutcomeUnknown, True) == (type(run.error), run.problem.retryable)


def test_a_key_of_unknown_age_is_never_said_to_be_safe() -> None:
    """The provider may have forgotten it."""
    key = key_of("my-refund-1", reused=True, hours=None)
    for steps in ([RESET] * 3, [UNSENT] * 3, [answer(503)] * 3):
        assert run_of(KEYED, *steps, key=key).problem.retryable is None


def test_an_unknown_outcome_says_how_to_find_out() -> None:
    """With the amount: what `full=True` stands for may have changed by then."""
    clock = Clock()
    call = call_of(opened_at(clock), key=key_of())
    call.amount = Money("37.30", "USD")
    error = driven(sending(call, KEYED), clock, *[RESET] * 3).problem
    assert (Money("37.30", "USD"), "key-1") == (error.amount, error.key)
    assert (
        "the same call with 37.30 USD and idempotency_key='key-1', and all else as it was, finds out, until 20"
        in str(error)
    )


# How long a key is good for.


def test_a_new_key_carries_its_time() -> None:
    """A UUID of version 7, RFC 9562's example of its time included."""
    key = uuid.UUID(new_key(lambda: 1645557742.0))
    assert (7, uuid.RFC_4122, 0x017F22E279B0) == (key.version, key.variant, key.int >> 80)
    assert len({new_key() for _ in range(1000)}) == 1000


def hours_ago(hours: float) -> datetime.datetime:
    """Return the time so many hours ago."""
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)


@pytest.mark.parametrize("hours", [0.0, 1.0, 23.0, 23.9])
def test_a_key_within_its_window_is_taken(hours: float) -> None:
    """By the time that the caller states, or the one in the key itself."""
    created = hours_ago(hours)
    own = key_for("zephyr", "refund-1", created, DAY)
    ours = key_for("zephyr", new_key(created.timestamp), None, DAY)
    for key in (own, ours):
        assert key.reused
        assert key.seconds_left() == pytest.approx((24 - hours) * 3600 - 300, abs=5)


@pytest.mark.parametrize("hours", [23.92, 24.0, 27.0, 1000.0])
def test_a_key_past_its_window_is_refused(hours: float) -> None:
    """With it a refund would be made a second time; five minutes are left for clocks that do not agree."""
    created = hours_ago(hours)
    with pytest.raises(IdempotencyKeyExpired, match="remembers a key for 24 hours only"):
        key_for("zephyr", "refund-1", created, DAY)
    with pytest.raises(IdempotencyKeyExpired):
        key_for("zephyr", new_key(created.timestamp), None, DAY)
    with pytest.raises(IdempotencyKeyExpired):
        key_for("zephyr", new_key(created.timestamp).upper(), None, DAY)


def test_a_wrong_time_of_the_caller_s_does_not_make_a_key_younger() -> None:
    """The earlier one counts: the time that is stated, or the one in the key."""
    with pytest.raises(IdempotencyKeyExpired):
        key_for("zephyr", new_key(hours_ago(100).timestamp), hours_ago(1), DAY)
    with pytest.raises(IdempotencyKeyExpired):
        key_for("zephyr", new_key(hours_ago(1).timestamp), hours_ago(100), DAY)


def test_a_key_that_expires_during_a_call_is_not_sent_again() -> None:
    """A machine may sleep between two attempts, and its deadline with it."""
    clock = Clock()
    call = call_of(opened_at(clock), key=key_of())
    flow = sending(call, KEYED)
    next(flow)
    flow.send(RESET)
    call.idempotency_key = key_of(hours=-1)
    with pytest.raises(OutcomeUnknown) as caught:
        flow.send(None)
    assert (None, IdempotencyKeyExpired) == (caught.value.retryable, type(caught.value.__cause__))
    expired = call_of(opened_at(clock), key=key_of(hours=-1))
    with pytest.raises(IdempotencyKeyExpired):
        next(sending(expired, KEYED))


@pytest.mark.parametrize("code", ["idempotency_key_reused", "key_used_with_another_body", "IdempotentRequestMismatch"])
def test_a_refusal_that_speaks_of_the_key_is_no_verdict(code: str) -> None:
    """It says that the key was used, so that an earlier call may well have been carried out."""
    refused = answer(422, {"error": {"code": code, "message": "no"}})
    assert OutcomeUnknown is type(run_of(KEYED, *[refused] * 3, key=key_of(reused=True)).error)


@pytest.mark.parametrize(
    "value",
    ["refund-1", str(uuid.uuid4()), str(uuid.uuid1()), new_key(lambda: 32503680000.0)],
    ids=["text", "version 4", "version 1", "in the year 3000"],
)
def test_any_other_key_has_no_known_age(value: str) -> None:
    """Nor has one whose time is still to come."""
    key = key_for("zephyr", value, None, DAY)
    assert (None, False) == (key.expires_at, key.is_repeatable)


@pytest.mark.parametrize(
    ("value", "created"),
    [
        ("", None),
        ("a b", None),
        ("ä", None),
        ("a" * 256, None),
        ("a\n", None),
        (7, None),
        (b"key", None),
        (None, datetime.datetime.now(datetime.UTC)),
        ("key", datetime.datetime(2026, 1, 1)),  # noqa: DTZ001
        ("key", "2026-01-01"),
        ("key", 1767225600),
        ("key", hours_ago(-1)),
        ("key", datetime.datetime.max.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-9)))),
    ],
)
def test_what_cannot_be_a_key_or_its_time_is_refused(value: Any, created: Any) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidArgument):
        key_for("zephyr", value, created, DAY)


# Look-ups.


@attrs.define
class LookUp:
    """A look-up with results given beforehand: an exception is raised."""

    results: list[Any]

    def __call__(self) -> Flow[Any]:
        """Return the flow."""
        return self._flow()

    def _flow(self) -> Flow[Any]:
        result = self.results.pop(0)
        if isinstance(result, tuple):
            raise result[0]
        return result
        yield  # which makes it a flow


FOUND = RecoveredResponse(b'{"found": true}')
NOT_FOUND = None
CONFLICT = Conflict("another order", provider="croissant", account="croissant", operation="create")


def looked_up(*steps: Step, results: list[Any], idempotent_operations: bool = False, **safety: Any) -> Run:
    """Drive a change that can be looked up; every result given has to be asked for."""
    look_up = LookUp(list(results))
    run = run_of(attrs.evolve(KEYED if idempotent_operations else UNKEYED, verify_outcome=look_up, **safety), *steps)
    assert [] == look_up.results
    return run


def test_what_is_found_is_the_answer() -> None:
    """It was carried out, and is not sent again."""
    run = looked_up(RESET, results=[FOUND])
    assert (FOUND, []) == (run.result, run.sleeps)


def test_what_is_not_found_is_never_written_a_second_time() -> None:
    """It may still come, and somebody else may have acted meanwhile."""
    run = looked_up(RESET, results=[NOT_FOUND])
    assert (OutcomeUnknown, None, 1) == (type(run.error), run.problem.retryable, run.problem.attempts)


def test_what_the_provider_tells_by_the_caller_s_id_is_retried() -> None:
    """A second registration of the same id is no second order."""
    run = looked_up(RESET, REFUNDED, results=[NOT_FOUND], retry_if_not_applied=True)
    assert (REFUNDED.body, [0.5]) == (run.result.content, run.sleeps)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_what_is_refused_and_not_found_is_not_known(status: int) -> None:
    """The first attempt may be carried out after the look-up."""
    assert FOUND is looked_up(RESET, answer(status, OWN), results=[NOT_FOUND, FOUND], retry_if_not_applied=True).result
    run = looked_up(RESET, answer(status, OWN), results=[NOT_FOUND, NOT_FOUND], retry_if_not_applied=True)
    assert OutcomeUnknown is type(run.error)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_the_caller_s_own_id_may_be_taken_by_an_earlier_call(status: int) -> None:
    """With the same content it is done; else the refusal stands."""
    refused = answer(status, OWN)
    assert FOUND is looked_up(refused, results=[FOUND], retry_if_not_applied=True).result
    run = looked_up(refused, results=[NOT_FOUND], retry_if_not_applied=True)
    assert (status, False) == (run.problem.status, run.problem.applied)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_another_refusal_of_a_first_attempt_is_not_looked_up(status: int) -> None:
    """It does not say that the id is taken."""
    run = looked_up(answer(status, OWN), results=[], retry_if_not_applied=True)
    assert (status, False) == (run.problem.status, run.problem.applied)


def test_a_look_up_that_fails_leaves_the_outcome_unknown() -> None:
    """It is never called failed, and never sent again."""
    failed = NotFound("no", provider="zephyr", account="zephyr", operation="get")
    run = looked_up(RESET, results=[(failed,)])
    assert (OutcomeUnknown, failed) == (type(run.error), run.problem.__cause__)


def test_a_look_up_may_have_a_verdict() -> None:
    """Another order has the id that was to be given."""
    assert CONFLICT is looked_up(RESET, results=[CONFLICT]).error


def test_a_look_up_names_the_orders_that_it_may_be() -> None:
    """A person decides."""
    refs = OrderRef("cryptum", "1"), OrderRef("cryptum", "2")
    run = looked_up(RESET, results=[(Undetermined("2 orders", refs),)])
    assert refs == run.problem.candidates
    assert "it may be one of: cryptum:1, cryptum:2" in str(run.error)


def test_a_keyed_change_is_looked_up_after_its_last_attempt() -> None:
    """Not found then, it may yet be carried out."""
    assert FOUND is looked_up(*[RESET] * 3, results=[FOUND], idempotent_operations=True).result
    assert OutcomeUnknown is type(looked_up(*[RESET] * 3, results=[NOT_FOUND], idempotent_operations=True).error)


def test_a_conflict_of_a_keyed_change_may_be_with_itself() -> None:
    """It is looked up, and is no verdict if nothing is found."""
    conflict = answer(409, OWN)
    assert FOUND is looked_up(RESET, conflict, conflict, results=[FOUND], idempotent_operations=True).result
    assert OutcomeUnknown is type(
        looked_up(RESET, conflict, conflict, results=[NOT_FOUND], idempotent_operations=True).error
    )


def test_nothing_is_looked_up_without_doubt() -> None:
    """If nothing was sent, it is sent again at once; what was refused was not carried out."""
    assert REFUNDED.body == looked_up(UNSENT, answer(429), REFUNDED, results=[]).result.content
    run = looked_up(UNSENT, answer(409), results=[])
    assert (Conflict, False) == (type(run.error), run.problem.applied)


# A success whose body is not published, or cannot be read.

PUBLISHED = {"Content-Type": "application/json"}
SUCCESSES: dict[str, tuple[bytes, dict[str, str]]] = {
    "nothing": (b"", {}),
    "nothing, as HTML": (b"", {"Content-Type": "text/html"}),
    "blanks": (b" \r\n", {}),
    "an object": (b"{}", PUBLISHED),
    "an object without a type": (b'{"id": "1"}', {}),
    "a list": (b"[]", PUBLISHED),
    "null": (b"null", PUBLISHED),
    "true": (b"true", PUBLISHED),
    "markup in a list": (b'[{"name": "<b>Mug</b>"}]', PUBLISHED),
    "no error": (b'{"error": null, "errors": [], "success": true}', PUBLISHED),
    "an empty error": (b'{"error": "", "errors": {}}', PUBLISHED),
    "markup within": (b'{"name": "<b>Mug</b>"}', PUBLISHED),
    "a message": (b'{"message": "Cart cancelled"}', PUBLISHED),
    "a code of the shop's": (b'{"id": "1", "code": 450, "description": "cannot fail, error-free"}', PUBLISHED),
    "no failure": (b'{"failed": false, "error": "null", "errors": 0, "success": "true", "status": 200}', PUBLISHED),
    "words and numbers within": (b'{"tags": ["a", ""], "sizes": [1, [2]], "name": "error"}', PUBLISHED),
    "a byte order mark": (b"\xef\xbb\xbf{}", PUBLISHED),
    "a short text": (b"OK", {"Content-Type": "text/plain; charset=utf-8"}),
    "a comparison": (b"2 < 3", {"Content-Type": "Text/Plain"}),
}
NO_SUCCESSES: dict[str, tuple[bytes, dict[str, str]]] = {
    "HTML": (b"<!doctype html><title>Sign in</title>", {"Content-Type": "text/html; charset=utf-8"}),
    "HTML in capitals": (b"<HTML>", {"Content-Type": "TEXT/HTML"}),
    "HTML without a type": (b"  \n<html lang='en'>", {}),
    "HTML as JSON": (b"<html></html>", PUBLISHED),
    "HTML as text": (b"<html></html>", {"Content-Type": "text/plain"}),
    "XHTML": (b"Sign in", {"Content-Type": "application/xhtml+xml"}),
    "XML": (b"<?xml version='1.0'?><Error/>", {"Content-Type": "application/xml"}),
    "a comment": (b"<!-- cached --> moved", {"Content-Type": "text/plain"}),
    "HTML in a string": (b'"<html>Sign in</html>"', PUBLISHED),
    "JSON as HTML": (b"{}", {"Content-Type": "text/html"}),
    "success: false": (b'{"success": false}', PUBLISHED),
    "ok: false": (b'{"ok": false}', {}),
    "false": (b"false", PUBLISHED),
    "an error": (b'{"error": {"code": "no"}}', PUBLISHED),
    "an error in a word": (b'{"error": "no"}', {}),
    "a word": (b'"Internal Server Error"', PUBLISHED),
    "a number": (b"500", PUBLISHED),
    "ok: 0": (b'{"ok": 0}', PUBLISHED),
    "a fault": (b'{"fault": {"faultstring": "no"}}', PUBLISHED),
    "a code of an error": (b'{"error_code": "E1"}', PUBLISHED),
    "a status in a word": (b'{"id": "refund_1", "status": "failed", "failure_reason": "x"}', PUBLISHED),
    "JSend": (b'{"status": "fail", "data": {}}', PUBLISHED),
    "a status in a number": (b'{"code": 500, "message": "Internal"}', PUBLISHED),
    "an error further in": (b'{"data": {"error": "no"}}', PUBLISHED),
    "an error in a list further in": (b'{"items": [null, {"error": "no"}]}', PUBLISHED),
    "an error in a list": (b'[{"error": "no"}]', PUBLISHED),
    "the object of an error": (b'{"object": "error"}', PUBLISHED),
    "a message of a gateway": (b'{"message": "Internal server error"}', PUBLISHED),
    "a detail": (b'{"detail": "Not authenticated"}', {}),
    "success in a word": (b'{"success": "false"}', PUBLISHED),
    "success in capitals": (b'{"Success": false}', PUBLISHED),
    "is success": (b'{"isSuccess": false}', PUBLISHED),
    "succeeded": (b'{"succeeded": false}', PUBLISHED),
    "approved": (b'{"approved": "no"}', PUBLISHED),
    "an error of a function": (b'{"errorMessage": "x", "errorType": "KeyError"}', PUBLISHED),
    "an error in capitals": (b'{"ERROR": {"code": 1}}', PUBLISHED),
    "the description of an error": (b'{"error_description": "x"}', PUBLISHED),
    "a status in a number alone": (b'{"title": "Bad", "type": "about:blank", "status": 400}', PUBLISHED),
    "a status in digits": (b'{"statusCode": "500", "message": "x"}', PUBLISHED),
    "a code alone": (b'{"code": 503}', PUBLISHED),
    "failed": (b'{"failed": true}', PUBLISHED),
    "refused": (b'{"status": "refused"}', PUBLISHED),
    "an error far in": (b'{"data": {"result": {"error": "no"}}}', PUBLISHED),
    "more JSON than a confirmation": (b'{"a": "' + b"x" * 1_000_000 + b'"}', PUBLISHED),
    "a problem": (b'{"title": "no"}', {"Content-Type": "application/problem+json"}),
    "a text of an error": (b"upstream timeout", {"Content-Type": "text/plain"}),
    "errors": (b'{"errors": [{"message": "no"}], "data": null}', PUBLISHED),
    "broken JSON": (b'{"id": "order_', PUBLISHED),
    "broken JSON as text": (b'{"id": "order_', {"Content-Type": "text/plain"}),
    "no number": (b'{"total": NaN}', PUBLISHED),
    "text as JSON": (b"OK", PUBLISHED),
    "text without a type": (b"OK", {}),
    "a long text": (b"x" * 2000, {"Content-Type": "text/plain"}),
    "no text": (b"\xff\xfe", PUBLISHED),
    "deep nesting": (b"[" * 100_000, PUBLISHED),
}


def judged(content: bytes, headers: dict[str, str]) -> bool:
    """Tell whether a body counts as a success."""
    return is_success(200, {name.lower(): value for name, value in headers.items()}, content)


@pytest.mark.parametrize("form", SUCCESSES)
def test_a_success_that_nobody_publishes_has_no_error_in_it(form: str) -> None:
    """It may be empty, JSON, or a short text."""
    content, headers = SUCCESSES[form]
    assert judged(content, headers)
    assert run_of(RetrySafety(unpublished_body=True), answer(200, content, headers)).error is None


@pytest.mark.slow
@pytest.mark.parametrize("form", NO_SUCCESSES)
def test_a_page_for_people_or_an_error_is_no_success(form: str) -> None:
    """Whatever its status and its content type say, it leaves the outcome open."""
    content, headers = NO_SUCCESSES[form]
    assert not judged(content, headers)
    assert OutcomeUnknown is type(run_of(RetrySafety(unpublished_body=True), answer(200, content, headers)).error)


@pytest.mark.parametrize(
    ("content", "media_type"), [(b"", ""), (b"", "text/html"), (b"Refund f", "text/plain"), (b'{"id": "re', "")]
)
def test_a_body_that_may_be_cut_proves_nothing(content: bytes, media_type: str) -> None:
    """Nothing but the end of the connection ended it, and whoever ends connections may have done so too early."""
    response = answer(200, content, {"Content-Type": media_type})
    safety = RetrySafety(unpublished_body=True)
    assert OutcomeUnknown is type(run_of(safety, attrs.evolve(response, ended_by_close=True)).error)


def test_whole_json_is_not_cut() -> None:
    """However it ended."""
    response = attrs.evolve(answer(200, b'{"id": "re_1"}'), ended_by_close=True)
    assert run_of(RetrySafety(unpublished_body=True), response).error is None


BROKEN = [b"nonsense", b"", b"[]", b'{"amount_cents": ', b"\xff\xfe", b"null"]


@pytest.mark.parametrize("body", BROKEN, ids=repr)
def test_a_success_that_cannot_be_read_leaves_a_change_in_doubt(body: bytes) -> None:
    """It is no success and no failure; a keyed one is asked for again."""
    assert OutcomeUnknown is type(run_of(UNKEYED, answer(201, body)).error)
    assert REFUNDED.body == run_of(KEYED, answer(201, body), REFUNDED).result.content
    assert UnexpectedResponse is type(run_of(READ, answer(200, body)).error)


def fresh_connections(run: Run) -> list[bool]:
    """Return which requests went on a fresh connection."""
    return [request.fresh_connection for request in run.requests]


def test_a_change_goes_on_a_fresh_connection() -> None:
    """An answer, a refusal above all, may name nothing that shows whose it is, and a late one is another request's."""
    assert [True] == fresh_connections(run_of(UNKEYED, REFUNDED))
    assert [True] == fresh_connections(run_of(KEYED, answer(422, OWN)))
    assert [False] == fresh_connections(run_of(READ, answer(404)))


UNCHANGED = {**ORDER, "status": "paid"}


@pytest.mark.parametrize(
    ("answered", "read", "done"),
    [
        ({**ORDER, "status": "cancelled"}, None, True),
        ({"id": ORDER["id"]}, None, True),
        (UNCHANGED, {**ORDER, "status": "cancelled"}, True),
        (UNCHANGED, UNCHANGED, False),
    ],
    ids=["shown", "not shown", "read then", "never"],
)
def test_an_answer_that_shows_another_state_is_none(answered: Any, read: Any, *, done: bool) -> None:
    """The order is still paid after it was cancelled: it is read, and nothing is called done that does not show it."""
    opened = opened_at(clock := Clock())
    adapter = Adapter("zephyr")
    call = call_of(opened, operation="cancel", key=key_of())
    steps = [answer(200, answered)] * (1 if read is None else 3) + ([] if read is None else [answer(200, read)])
    run = driven(adapter.cancel(call, ORDER["id"]), clock, *steps)
    assert (run.error is None) is done
    assert done or OutcomeUnknown is type(run.error)


UPDATES: dict[str, tuple[models.OrderUpdate, dict[str, Any], bool]] = {
    "the same": (models.OrderUpdate(metadata={"a": 1}), {"metadata": {"a": 1}}, True),
    "merged": (models.OrderUpdate(metadata={"a": {"b": 1}}), {"metadata": {"a": {"b": 1, "c": 2}, "d": 3}}, True),
    "a null": (models.OrderUpdate(metadata={"a": None}), {"metadata": {"d": 3}}, True),
    "another": (models.OrderUpdate(metadata={"a": 1}), {"metadata": {"a": 2}}, False),
    "missing in it": (models.OrderUpdate(metadata={"a": 1}), {"metadata": {}}, False),
    "another status": (models.OrderUpdate(status=models.OrderStatus.PAID), {"status": "created"}, False),
}


@pytest.mark.parametrize("form", UPDATES)
def test_an_update_is_done_if_the_answer_has_what_was_asked_for(form: str) -> None:
    """Maps may have more in them; what differs is looked up, and never written a second time."""
    wanted, fields, done = UPDATES[form]
    opened = opened_at(clock := Clock())
    order = {**ORDER, **fields}
    flow = Adapter("zephyr").update(call_of(opened, operation="update"), ORDER["id"], wanted)
    run = driven(flow, clock, answer(200, order), *([] if done else [answer(200, order)]))
    assert (1 if done else 2, done) == (len(run.requests), run.error is None)
    assert ["PATCH", "GET"][: len(run.requests)] == [request.method for request in run.requests]


def test_a_status_that_the_page_has_retried_is() -> None:
    """Though it may have been carried out."""
    safety = RetrySafety(retryable_statuses=frozenset({500}))
    assert REFUNDED.body == run_of(safety, answer(500), REFUNDED).result.content
    assert OutcomeUnknown is type(run_of(safety, answer(502)).error)
    assert OutcomeUnknown is type(run_of(safety, *[answer(500)] * 3).error)
