"""What a key of the caller's own says of earlier calls, and how long it is good for."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

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
    OutcomeUnknown,
    PermissionDenied,
    ServerError,
)
from ordermux.engine.idempotency import key_for, new_key
from ordermux.engine.outcome import RetrySafety
from ordermux.providers.zephyr.adapter import KEYED
from support.clock import Clock
from support.manual_flows import (
    OWN,
    READ,
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

DAY = 24 * 3600.0


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
