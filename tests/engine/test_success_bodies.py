"""A success whose body is not published, or cannot be read, and what it says of the change."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from ordermux import (
    OutcomeUnknown,
    UnexpectedResponse,
)
from ordermux.engine.outcome import RetrySafety, is_success
from ordermux.providers.zephyr.adapter import KEYED, Adapter
from ordermux_zephyr import models
from support.clock import Clock
from support.manual_flows import (
    OWN,
    READ,
    REFUNDED,
    UNKEYED,
    Run,
    answer,
    call_of,
    driven,
    key_of,
    opened_at,
    run_of,
)
from support.typed_client_answers import ORDER

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
    """Return whether a body counts as a success."""
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
