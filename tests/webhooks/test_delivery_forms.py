"""The forms in which headers and a body may be handed over, how large a body may be, and unsigned deliveries."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any

import pytest
from webhooks.fuzz import (
    ACCOUNTS,
    NOW,
    PROVIDERS,
    SIGNED,
    cryptum_headers,
    receiver,
    svix_headers,
    zephyr_headers,
)

from ordermux.errors import InvalidArgument
from ordermux.status import NOT_REPORTED, Payment
from ordermux.webhook_schemes.scheme import check_timestamp
from ordermux.webhooks import WebhookRejected, delivery
from support.received_events import EVENT, refused, taken


def _message(headers: dict[str, str]) -> HTTPMessage:
    made = HTTPMessage()
    for name, value in headers.items():
        made[name] = value
    return made


FORMS: dict[str, Callable[[dict[str, str]], Any]] = {
    "a dict": dict,
    "a dict in upper case": lambda headers: {name.upper(): value for name, value in headers.items()},
    "a dict of bytes": lambda headers: {name.encode(): value.encode() for name, value in headers.items()},
    "a message": _message,
    "pairs": lambda headers: list(headers.items()),
    "pairs of bytes": lambda headers: [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    "lists of a generator": lambda headers: ([name.title(), value] for name, value in headers.items()),
    "with others": lambda headers: [("Cookie", "a"), ("cookie", "b"), (b"x", b"\xff"), *headers.items()],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_headers_come_in_any_form(provider: str, form: str) -> None:
    """As a mapping, as pairs, or as what the standard library's server has, of text or of bytes, in any case."""
    body = EVENT[provider]
    assert taken(provider, FORMS[form](SIGNED[provider](body)), body).native is not None


def _sliced(body: bytes) -> memoryview:
    return memoryview(body + b"x")[:-1]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, _sliced])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_body_is_any_kind_of_bytes(provider: str, kind: Callable[[bytes], Any]) -> None:
    """It is copied, so that changing it later changes no event."""
    body = bytearray(EVENT[provider])
    event = taken(provider, SIGNED[provider](bytes(body)), kind(bytes(body)))
    assert event.native is not None


def test_an_event_does_not_change_with_the_buffer_that_it_came_in() -> None:
    """A server may use its buffer again."""
    body = bytearray(EVENT["zephyr"])
    event = receiver().receive("zephyr", zephyr_headers(bytes(body)), body)
    body[:] = b" " * len(body)
    assert "order.created" == event.raw["type"]


@pytest.mark.parametrize("body", ["{}", None, 5, [], {"type": "order.created"}])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_body_that_is_no_bytes_is_a_mistake_of_the_callers(provider: str, body: Any) -> None:
    """Text is what a framework decoded, which is not what was signed."""
    refused(provider, {}, body, kind=InvalidArgument)


@pytest.mark.parametrize("provider", ["zephyr", "crossmint"])
def test_json_that_was_written_again_is_refused(provider: str) -> None:
    """The bytes as they came are signed, not what they mean."""
    body = EVENT[provider]
    for again in (json.dumps(json.loads(body)).encode(), body + b"\n", b" " + body):
        assert 401 == refused(provider, SIGNED[provider](body), again)


def test_cryptum_signs_what_is_left_of_json_without_its_whitespace() -> None:
    """Whitespace outside of quotes is not signed, whitespace inside is."""
    body = EVENT["cryptum"]
    spaced = json.dumps(json.loads(body), indent="\t").encode() + b"\r\n\v\f"
    headers = cryptum_headers(body)
    assert taken("cryptum", headers, spaced.rstrip(b"\v\f")).native is not None
    assert 401 == refused("cryptum", headers, body.replace(b"Payment was", b"Paymentwas"))


def test_the_whitespace_between_does_not_make_another_event_of_cryptums() -> None:
    """Its id is of what is signed, so that nobody can have the same event handled again."""
    body = EVENT["cryptum"]
    headers = cryptum_headers(body)
    assert taken("cryptum", headers, body).id == taken("cryptum", headers, b" " + body).id


def _released(body: bytes) -> memoryview:
    view = memoryview(body)
    view.release()
    return view


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_body_that_cannot_be_read_any_more_is_a_mistake_of_the_callers(provider: str) -> None:
    """A memoryview that was released has no bytes."""
    body = EVENT[provider]
    with pytest.raises(InvalidArgument, match="body cannot be read"):
        receiver().receive(provider, SIGNED[provider](body), _released(body))


@pytest.mark.parametrize("now", [float("nan"), float("inf"), -float("inf"), 1e18, "1700000000", None], ids=repr)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_clock_that_gives_no_time_is_a_mistake_of_the_callers(provider: str, now: Any) -> None:
    """Nothing is taken by it, and nothing foreign is raised."""
    body = EVENT[provider]
    for check in (
        lambda: receiver(now=now).receive(provider, SIGNED[provider](body), body),
        lambda: receiver(now=now).check_headers(provider, SIGNED[provider](body)),
    ):
        with pytest.raises(InvalidArgument, match="the clock gives unix seconds"):
            check()


@pytest.mark.parametrize("now", [float("nan"), float("inf"), -float("inf")], ids=repr)
def test_a_time_that_is_no_number_is_near_to_none(now: float) -> None:
    """A comparison with it is false, whichever way it is written."""
    with pytest.raises(WebhookRejected, match="s away"):
        check_timestamp(str(NOW), now, 300.0)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_delivery_is_made_of_any_kind_of_bytes(provider: str, kind: Callable[[bytes], Any]) -> None:
    """They go out as they are, and verify."""
    owner = next(each for each in ACCOUNTS if each.provider == provider)
    told = delivery(owner, kind(EVENT[provider]), at=NOW)
    assert EVENT[provider] == told.body
    assert provider == taken(provider, told.headers, told.body).provider


@pytest.mark.parametrize(
    "at", [float("nan"), float("inf"), -float("inf"), 10**400, "1700000000", True, []], ids=range(7)
)
def test_a_delivery_is_made_at_a_time(at: Any) -> None:
    """What is none is a mistake of the caller's."""
    with pytest.raises(InvalidArgument, match="unix seconds"):
        delivery(ACCOUNTS[1], b"{}", at=at)


@pytest.mark.parametrize("body", [object(), "\ud800", _released(b"{}")], ids=range(3))
def test_a_delivery_is_made_of_what_has_a_form_in_json(body: Any) -> None:
    """What has none is a mistake of the caller's."""
    with pytest.raises(InvalidArgument, match="form in JSON"):
        delivery(ACCOUNTS[1], body)


# What is not to be believed.


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_not_signed_with_a_time_is_never_a_fact(provider: str) -> None:
    """What it says of the order is there as a claim; the status says nothing."""
    bodies = {**EVENT, "zephyr": EVENT["zephyr"].replace(b"order.created", b"order.refunded")}
    bodies["crossmint"] = EVENT["crossmint"].replace(b"orders.quote.created", b"orders.payment.succeeded")
    body = bodies[provider]
    event = taken(provider, SIGNED[provider](body), body)
    assert event.claims.payment in {Payment.PAID, Payment.PARTIALLY_REFUNDED}
    assert (provider in {"zephyr", "crossmint"}) == event.trusted
    assert (event.claims if event.trusted else NOT_REPORTED) == event.status


def test_croissants_headers_prove_nothing() -> None:
    """No signature is published, so that none is looked for: whatever they are, the event is not trusted."""
    for headers in ({}, None, 5, {"x-signature": "v1,good"}, svix_headers(EVENT["croissant"])):
        assert not taken("croissant", headers, EVENT["croissant"]).trusted


# Its size.


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_body_over_the_bound_is_refused_before_it_is_hashed(provider: str) -> None:
    """10 MB cost nothing: the size is looked at before the signature, which is not even there."""
    assert 413 == refused(provider, {}, b" " * 10_000_000)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_bound_of_a_body_is_a_setting(provider: str) -> None:
    """To the byte."""
    body = EVENT[provider]
    headers = SIGNED[provider](body)
    assert taken(provider, headers, body, receiver(max_body=len(body))).native is not None
    assert 413 == refused(provider, headers, body, receiver(max_body=len(body) - 1))
