"""What stands on every error of a call, and what hooks are told."""

from __future__ import annotations

import json
import logging
import pickle

import httpx
import pytest

from ordermux import (
    Attempt,
    ConnectionFailed,
    InvalidArgument,
    InvalidRequest,
    Ordermux,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    ServerError,
    UnexpectedResponse,
    Zephyr,
)
from ordermux.engine.outcome import RetrySafety
from ordermux.providers.zephyr.adapter import KEYED
from support.clock import Clock
from support.manual_flows import (
    DATE,
    REFUNDED,
    RESET,
    TLS,
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


def test_an_argument_that_cannot_be_sent_is_told_before_anything_is() -> None:
    """By the typed client's own error, which the facade makes its own."""
    with Ordermux(Zephyr(api_key="k"), transport=httpx.MockTransport(lambda _: httpx.Response(200))) as mux:
        with pytest.raises(InvalidArgument, match="zephyr: "):
            mux.orders.get("zephyr:..")
