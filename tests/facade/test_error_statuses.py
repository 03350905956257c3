"""The error of each status: its kind, what it knows of the call, its body and its cause."""

from __future__ import annotations

import datetime
import importlib
import json
import math
import pickle
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

import ordermux
from ordermux import errors
from support.clients import AWAITING
from support.document_checker import documents
from support.error_calls import DEEDS, Deed, always, done

# Each status


def expected(deed: Deed, status: int) -> tuple[type[errors.ProviderError], bool | None, float | None]:
    """Return what a status means, as the documents of the facade have it: the error, `retryable`, `retry_after`."""
    refusals: dict[int, type[errors.ProviderError]] = {
        400: errors.InvalidRequest,
        401: errors.AuthenticationFailed,
        403: errors.PermissionDenied,
        404: errors.NotFound,
        409: errors.Conflict,
        422: errors.InvalidRequest,
        429: errors.RateLimited,
    }
    after = 7.0 if status in {408, 409, 425, 429, 503} else None
    if deed.writes and status in {408, 444, 460, 499}:  # a gateway gave up on the provider
        return errors.OutcomeUnknown, deed.unknown, after
    if 400 <= status < 500:
        later = status in {408, 425, 429} or (status == 409 and deed.idempotent_operations)
        return refusals.get(status, errors.RequestRejected), later, after
    if status in {501, 505}:
        return errors.ServerError, False, after
    if status in {307, 308}:
        return errors.UnexpectedResponse, False, after
    if deed.writes:
        return errors.OutcomeUnknown, deed.unknown, after
    return (errors.ServerError, True, after) if status >= 500 else (errors.UnexpectedResponse, False, after)


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("name", DEEDS)
def test_each_status_is_the_right_error(name: str, *, awaiting: bool) -> None:
    """All of 300 to 599, those that nobody registered included, with what may be done about them."""
    deed, statuses = DEEDS[name], iter(range(300, 600))
    waiting: dict[str, int] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") == "Bearer t" and waiting.pop("again", 0):
            return httpx.Response(401, headers={"retry-after": "7"})  # the same to the request with the renewed token
        status = next(statuses)
        if status == 401 and "croissant" in name:
            waiting["again"] = 1
        return httpx.Response(status, headers={"retry-after": "7"}, json={"message": "no"})

    outcomes = done(deed, answer, awaiting=awaiting, times=300)
    found: dict[int, Any] = {
        status: (type(error), error.retryable, error.retry_after)
        for status, error in zip(range(300, 600), outcomes, strict=True)
    }
    assert {status: expected(deed, status) for status in range(300, 600)} == found
    assert [error.status for error in outcomes] == list(range(300, 600))


@AWAITING
def test_an_error_knows_its_call(*, awaiting: bool) -> None:
    """The provider, the account, the operation, how often it was sent, and the key."""
    for name, idempotent_operations in {"zephyr.get": False, "zephyr.refund": True, "crossmint.create": False}.items():
        (error,) = done(DEEDS[name], always(422), awaiting=awaiting)
        provider, _, operation = name.partition(".")
        assert (provider, provider, operation, 422) == (error.provider, error.account, error.operation, error.status)
        assert idempotent_operations == bool(error.key)
        assert (2 if operation == "refund" else 1) == error.attempts
        assert str(error).startswith(f"{provider}: {operation}: ")


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"X-Request-Id": "a"}, "a"),
        ({"request-id": "b"}, "b"),
        ({"x-correlation-id": "c"}, "c"),
        ({"cf-ray": "d"}, "d"),
        ({"cf-ray": "d", "x-request-id": "a"}, "a"),
        ({"x-requested-with": "e"}, None),
        ({}, None),
    ],
)
def test_an_error_names_the_request_as_the_provider_does(headers: dict[str, str], request_id: str | None) -> None:
    """By the header that it has for it; also where the outcome is unknown, and where the body is unreadable."""
    for name, status in (("zephyr.get", 404), ("zephyr.get", 200), ("zephyr.refund", 500), ("zephyr.refund", 200)):
        (error,) = done(DEEDS[name], always(status, headers=headers, content=b"<html>"), awaiting=False)
        assert request_id == error.request_id


NOW = datetime.datetime(2026, 3, 25, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        ("007", 7.0),
        ("999999999", 999999999.0),
        ("9" * 5000, math.inf),
        (format_datetime(NOW + datetime.timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - datetime.timedelta(seconds=90), usegmt=True), 0.0),
        ("1.5", 1.5),
        ("2.0", 2.0),
        *(
            (wrong, None)
            for wrong in ("", "-5", "+5", "1.", ".5", "1.5.2", "nan", "inf", "1e3", "٣", "0x10", "soon", "7, 8")
        ),
    ],
)
def test_when_to_come_again_is_told_in_digits_or_as_a_date(told: str, seconds: float | None) -> None:
    """Anything else is not told at all."""
    headers = [(b"retry-after", told.encode()), (b"date", format_datetime(NOW, usegmt=True).encode())]
    for status in (429, 503):
        (error,) = done(DEEDS["zephyr.get"], always(status, headers=headers), awaiting=False)
        assert seconds == error.retry_after


def test_a_status_that_names_no_time_is_not_asked_for_one() -> None:
    """Retry-After counts with 408, 409, 425, 429 and 503 alone."""
    for status in (200, 404, 500, 502, 504):
        answer = always(status, headers={"retry-after": "7"}, content=b"<html>")
        (error,) = done(DEEDS["zephyr.get"], answer, awaiting=False)
        assert error.retry_after is None


# The body and the cause


@AWAITING
@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize("name", ["cryptum.get", "cryptum.update"])
def test_the_body_of_an_error_is_masked(name: str, status: int, *, awaiting: bool) -> None:
    """Whatever the error is: the members that are secret, at any depth."""
    body = {"error": "no", "deep": [{"sessionToken": "canary-body", "apiKeyId": "canary-body"}]}
    (error,) = done(DEEDS[name], always(status, json=body), awaiting=awaiting)
    assert isinstance(error, errors.ProviderError)
    assert ["**********"] * 2 == list(json.loads(error.body)["deep"][0].values())
    assert b"canary-body" not in error.body + str(error).encode() + pickle.dumps(error)


@pytest.mark.parametrize("content", [b'{"error": "' + b"x" * 1_000_000 + b'"}', b"<p>" * 1_000_000, b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 404, 502])
@pytest.mark.parametrize("name", ["cryptum.get", "crossmint.create"])
def test_an_error_is_no_longer_than_can_be_logged(name: str, status: int, content: bytes) -> None:
    """Its body is at most 10,000 bytes, its message at most 1,000 characters."""
    (error,) = done(DEEDS[name], always(status, content=content), awaiting=False)
    assert isinstance(error, errors.ProviderError)
    assert 0 < len(error.body) <= 10_000
    assert len(str(error)) <= 1_000


CAUSES = {
    (404, b""): "NotFound",
    (418, b""): "UnexpectedStatus",
    (500, b'{"message": "no"}'): "ServerError",
    (302, b""): "UnexpectedStatus",
    (200, b"<html>"): "DecodeError",
    (200, b"{}"): "DecodeError",
}


@AWAITING
@pytest.mark.parametrize(("answer", "cause"), CAUSES.items())
@pytest.mark.parametrize("name", ["zephyr.get", "zephyr.refund", "crossmint.create", "cryptum.get"])
def test_the_cause_is_the_typed_clients_own_error(
    name: str, answer: tuple[int, bytes], cause: str, *, awaiting: bool
) -> None:
    """With the answer in it, and without the frames it came through."""
    status, content = answer
    (error,) = done(DEEDS[name], always(status, content=content), awaiting=awaiting)
    package = importlib.import_module(f"ordermux_{name.partition('.')[0]}.errors")
    if (name, content) == ("zephyr.refund", b"{}"):  # all of a refund may be missing
        assert isinstance(error, ordermux.Refund)
        return
    assert getattr(package, cause) is type(error.__cause__)
    assert (status, content) == (error.__cause__.status_code, error.__cause__.content)
    assert error.__cause__.__traceback__ is None


@AWAITING
def test_a_lost_answer_has_no_cause_to_show(*, awaiting: bool) -> None:
    """What the library says of it is in the message; its frames, whose locals hold the credentials, are not there."""

    def lost(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("the connection was reset")

    for deed in DEEDS.values():
        (error,) = done(deed, lost, awaiting=awaiting)
        assert "ReadError: the connection was reset" in str(error)
        assert (None, None) == (error.__cause__, error.__context__)


def test_the_document_lists_no_status_that_has_no_error() -> None:
    """Each status that a document lists for an error is one of the table's."""
    listed = {
        int(status.replace("XX", "00"))
        for document in documents().values()
        for operation in document.operations
        for status, _ in operation.meanings
        if status != "default"
    }
    kinds_of = {status: expected(DEEDS["zephyr.get"], status)[0] for status in listed}
    assert {} == {status: kind for status, kind in kinds_of.items() if kind is errors.RequestRejected}
