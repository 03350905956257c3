"""What a refusal hints at: a body or headers that were handed over in another form than they came in."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import time
from collections.abc import Callable
from typing import Any

import attrs
import msgspec
import pytest
from webhooks.fuzz import (
    ACCOUNTS,
    CROSSMINT_SECRET,
    CRYPTUM_SECRET,
    NOW,
    SIGNED,
    ZEPHYR_SECRET,
    examples,
    receiver,
    svix_headers,
    zephyr_headers,
)

from ordermux import InvalidArgument
from ordermux.webhooks import Inbox, WebhookRejected, delivery

SIGNERS = ("zephyr", "crossmint", "cryptum")
NOTE = "s3cret-goods"


def refusal(provider: str, headers: Any, body: Any, now: float = NOW) -> WebhookRejected:
    """Return the error that a delivery is refused with, which shows no secret and nothing of the body."""
    with pytest.raises(WebhookRejected) as caught:
        receiver(now=now).receive(provider, headers, body)
    error = caught.value
    assert 401 == error.status
    for hidden in (ZEPHYR_SECRET, CROSSMINT_SECRET, CRYPTUM_SECRET, NOTE, "order_01HXY8"):
        assert hidden not in f"{error} {error!r}"
    again = pickle.loads(pickle.dumps(error))
    assert (str(error), error.hint) == (str(again), again.hint)
    return error


def sent(provider: str, compact: bool) -> bytes:  # noqa: FBT001
    """Return an event as its provider writes it: with text that is no ASCII, a slash, and something to hide."""
    tree = {**json.loads(examples()[provider][0]), "url": "https://é☃.example/1", "note": NOTE}
    separators = (",", ":") if compact else (", ", ": ")
    return json.dumps(tree, ensure_ascii=False, separators=separators).encode()


WRITTEN_AGAIN: dict[str, Callable[[bytes], bytes]] = {
    "json.dumps": lambda body: json.dumps(json.loads(body)).encode(),
    "json.dumps, compact": lambda body: json.dumps(json.loads(body), separators=(",", ":")).encode(),
    "json.dumps, as Unicode": lambda body: json.dumps(json.loads(body), ensure_ascii=False).encode(),
    "json.dumps, indented": lambda body: json.dumps(json.loads(body), indent=2).encode(),
    "json.dumps, indented, with a new line": lambda body: json.dumps(json.loads(body), indent=4).encode() + b"\n",
    "another library": lambda body: msgspec.json.encode(msgspec.json.decode(body)),
}


@pytest.mark.parametrize("how", WRITTEN_AGAIN)
@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("provider", SIGNERS)
def test_json_that_was_written_again_is_told(provider: str, compact: bool, how: str) -> None:  # noqa: FBT001
    """If the provider writes JSON in one of the usual ways, the signature itself says so."""
    body = sent(provider, compact)
    again = WRITTEN_AGAIN[how](body)
    headers = SIGNED[provider](body)
    try:
        receiver().receive(provider, headers, again)
    except WebhookRejected:
        hint = refusal(provider, headers, again).hint
        assert hint
        assert "the signature fits the same JSON written in another way" in hint
    else:  # what differs is not signed
        assert again == body or provider == "cryptum"


def test_json_whose_first_form_cannot_be_told_is_hinted_at() -> None:
    """Its members were sorted: what it was before is lost, so that the hint is no claim."""
    body = sent("zephyr", compact=True)
    hint = refusal("zephyr", zephyr_headers(body), json.dumps(json.loads(body), sort_keys=True).encode()).hint
    assert hint
    assert hint.startswith("either the secret is another one ")
    assert "parsed and written again" in hint


OTHERWISE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "in base64": (base64.b64encode, "base64"),
    "as a JSON string": (lambda body: json.dumps(body.decode()).encode(), "as JSON twice"),
    "as Latin-1": (lambda body: body.decode("latin-1").encode(), "charset"),
    "with a byte order mark": (lambda body: b"\xef\xbb\xbf" + body, "whitespace around it"),
    "with a new line": (lambda body: body + b"\n", "whitespace around it"),
    "without its new line": (bytes.strip, "whitespace around it"),
    "with the line ends of Windows": (lambda body: body.replace(b"\n", b"\r\n"), "line ends"),
    "empty": (lambda _: b"", "the body is empty"),
    "with a character replaced": (lambda body: body.decode("ascii", "replace").encode(), "decoded"),
    "as Python writes a dict": (lambda body: str(json.loads(body)).encode(), "decoded"),
    "as Python writes bytes": (lambda body: str(body).encode(), "decoded"),
}


@pytest.mark.parametrize("how", OTHERWISE)
@pytest.mark.parametrize("provider", ["zephyr", "crossmint"])
def test_a_body_that_was_handed_over_in_another_form_is_told(provider: str, how: str) -> None:
    """What frameworks, gateways and queues make of it."""
    body = json.dumps(json.loads(sent(provider, compact=True)), ensure_ascii=False, indent=1).encode() + b"\n"
    change, told = OTHERWISE[how]
    hint = refusal(provider, SIGNED[provider](body), change(body)).hint
    assert hint
    assert told in hint


@pytest.mark.parametrize("provider", SIGNERS)
def test_what_another_secret_signed_is_not_called_written_again(provider: str) -> None:
    """The hint says what may be, and that it is not known."""
    account = next(each for each in ACCOUNTS if each.provider == provider)
    others = {"crossmint": "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA=="}
    other = attrs.evolve(account, webhook_secrets=others.get(provider, "whsec_of-somebody-else"))
    made = delivery(other, sent(provider, compact=True), at=NOW)
    hint = refusal(provider, made.headers, made.body).hint
    assert hint
    assert hint.startswith("either the secret is another one ")


@pytest.mark.parametrize(
    "body",
    [
        *(b"[" * 16_000, b'{"a":' * 3_000, b"9" * 16_000, b'"' + b"\\ud800" * 2_000 + b'"', b"\xff" * 16_000),
        *(
            b'[1e999,"\\ud800",NaN]',
            b"{}" + b" " * 16_000,
            b"=" * 16_000,
            b"\x00",
            b"null",
            b"[" + b"1," * 8_000 + b"1]",
        ),
    ],
    ids=[f"body {number}" for number in range(11)],
)
@pytest.mark.parametrize("provider", SIGNERS)
def test_looking_for_a_hint_is_cheap_and_fails_at_nothing(provider: str, body: bytes) -> None:
    """Anybody can have it looked for, with any body."""
    started = time.process_time()
    for _ in range(20):
        refusal(provider, SIGNED[provider](b'{"a":1}'), body)
    assert (time.process_time() - started) / 20 < 0.1


def test_of_a_large_body_no_other_form_is_tried() -> None:
    """It would be work for whoever sends it."""
    body = json.dumps({"a": ["x" * 100] * 200}).encode()
    hint = refusal("zephyr", zephyr_headers(json.dumps(json.loads(body), separators=(",", ":")).encode()), body).hint
    assert hint
    assert hint.startswith("either the secret is another one ")


@pytest.mark.parametrize("body", ["{}", {}, None, bytearray])
@pytest.mark.parametrize("provider", ["croissant", *SIGNERS])
def test_what_is_no_bytes_is_told_where_to_find_them(provider: str, body: Any) -> None:
    """It is a mistake of the caller's, not of whoever delivered."""
    with pytest.raises(InvalidArgument, match="raw body, before a framework decodes or parses it"):
        receiver().receive(provider, SIGNED[provider](b"{}"), body)


# Headers.


def meta(headers: dict[str, str]) -> dict[str, Any]:
    """Return headers as a WSGI server has them in its environ."""
    return {
        "REQUEST_METHOD": "POST",
        "wsgi.input": object(),
        **{f"HTTP_{_under(name)}": headers[name] for name in headers},
    }


def _under(name: str) -> str:
    return name.upper().replace("-", "_")


LISTS, NAMES, WHOLE, NEITHER = (
    "multiValueHeaders",
    "names have underscores",
    "whole request or event",
    "mapping, or pairs",
)
HANDED: dict[str, tuple[Callable[[dict[str, str]], Any], str]] = {
    "a WSGI environ": (meta, NAMES),
    "names with underscores": (lambda headers: {_under(name).lower(): headers[name] for name in headers}, NAMES),
    "multiValueHeaders": (lambda headers: {name: [headers[name]] for name in headers}, LISTS),
    "lists as pairs": (lambda headers: [(name.title(), (headers[name],)) for name in headers], LISTS),
    "an edge's headers": (lambda headers: {name: [{"key": name, "value": headers[name]}] for name in headers}, LISTS),
    "a Lambda's event": (lambda headers: {"headers": headers, "body": "{}"}, WHOLE),
    "a load balancer's event": (
        lambda headers: {"multiValueHeaders": {name: [headers[name]] for name in headers}},
        WHOLE,
    ),
    "an ASGI scope": (lambda headers: {"type": "http", "headers": [(name.encode(), b"x") for name in headers]}, WHOLE),
    "raw headers in a row": (lambda headers: [part for pair in headers.items() for part in pair], NEITHER),
    "a text": (lambda headers: "\r\n".join(f"{name}: {headers[name]}" for name in headers), NEITHER),
    "none at all": (lambda _: None, NEITHER),
}


@pytest.mark.parametrize("how", HANDED)
@pytest.mark.parametrize("provider", SIGNERS)
def test_headers_that_were_handed_over_in_another_form_are_told(provider: str, how: str) -> None:
    """What is missing is there, but not as headers."""
    body = sent(provider, compact=True)
    change, told = HANDED[how]
    error = refusal(provider, change(SIGNED[provider](body)), body)
    assert error.hint
    assert told in error.hint
    assert "is missing" in str(error)


@pytest.mark.parametrize("headers", [{}, [], {"content-type": "application/json"}, {"HTTP_HOST": "a", "x_y": "b"}])
@pytest.mark.parametrize("provider", SIGNERS)
def test_headers_that_are_not_there_are_not_hinted_at(provider: str, headers: Any) -> None:
    """Whoever delivered sent none."""
    assert refusal(provider, headers, sent(provider, compact=True)).hint is None


@pytest.mark.parametrize("provider", SIGNERS)
def test_right_headers_among_others_are_enough(provider: str) -> None:
    """Whatever else is there in another form."""
    body = sent(provider, compact=True)
    headers = SIGNED[provider](body)
    given: Any = {**meta(headers), "headers": headers, **headers}
    assert receiver().receive(provider, given, body).raw


@pytest.mark.parametrize(("now", "told"), [(NOW + 400, "received_at="), (NOW - 400, "clock of this machine")])
@pytest.mark.parametrize("make", [zephyr_headers, svix_headers])
def test_a_time_that_is_away_is_told_what_to_look_at(now: float, told: str, make: Callable[..., Any]) -> None:
    """What is old may have waited in a queue; what comes from the future is of a clock that is slow."""
    provider = "zephyr" if make is zephyr_headers else "crossmint"
    error = refusal(provider, make(b"{}"), b"{}", now=now)
    assert error.hint
    assert told in error.hint


def test_a_hint_is_in_the_message_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody who delivers sees it."""
    body = sent("zephyr", compact=True)
    headers = meta(zephyr_headers(body))
    error = refusal("zephyr", headers, body)
    assert f"the header x-zephyrcart-signature is missing (hint: {error.hint})" == str(error)
    with caplog.at_level(logging.WARNING):
        reply = Inbox(receiver(), print).respond("zephyr", headers, body)
    assert (401, {}) == (reply.status, reply.headers)
    assert [f"'zephyr': {error}"] == [record.getMessage() for record in caplog.records]
