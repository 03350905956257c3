"""What is delivered: taken where the provider signed it just now, else refused with one error of ours."""

from __future__ import annotations

import base64
import datetime
import json
import pickle
import random
import re
import secrets
import time
import traceback
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any

import attrs
import hypothesis
import pytest
import standardwebhooks
import svix.webhooks
from hypothesis import strategies as st
from webhooks import fuzz
from webhooks.fuzz import (
    ACCOUNTS,
    CROSSMINT_SECRET,
    NOW,
    PROVIDERS,
    SIGNED,
    ZEPHYR_SECRET,
    cryptum_headers,
    receiver,
    svix_headers,
    zephyr_headers,
)

from ordermux import Account, Croissant, Crossmint, Cryptum, Ordermux, Zephyr
from ordermux.errors import InvalidArgument, OrdermuxError, UnknownAccount
from ordermux.providers.cryptum import webhooks as cryptum_scheme
from ordermux.providers.registry import provider_named
from ordermux.status import NOT_REPORTED, Payment
from ordermux.webhook_schemes.headers import Headers
from ordermux.webhook_schemes.scheme import check_timestamp
from ordermux.webhooks import Event, EventKind, WebhookRejected, Webhooks, delivery
from ordermux_crossmint import Secret

EVENT: dict[str, bytes] = {provider: bodies[0] for provider, bodies in fuzz.examples().items()}
"""An event of each provider, as its document has it."""
SIGNERS = ("zephyr", "crossmint", "cryptum")
ZEPHYR, SVIX = "X-ZephyrCart-Signature", "svix-signature"


def refused(
    provider: str,
    headers: Any,
    body: Any,
    webhooks: Webhooks | None = None,
    kind: type[OrdermuxError] = WebhookRejected,
) -> int:
    """Return the status that a delivery is refused with; 0 where the error, of `kind`, has none."""
    with pytest.raises(kind) as caught:
        (webhooks or receiver()).receive(provider, headers, body)
    assert kind is type(caught.value)
    return getattr(caught.value, "status", 0)


def taken(provider: str, headers: Any, body: Any, webhooks: Webhooks | None = None) -> Event:
    """Return the event that is taken, which is of the body that came."""
    event = (webhooks or receiver()).receive(provider, headers, body)
    assert provider == event.account
    assert json.loads(bytes(body)) == event.raw
    return event


# The providers' own vectors.

VECTORS: dict[str, tuple[float, dict[str, str], bytes, str]] = {
    "zephyr": (
        1700000000,
        {ZEPHYR: "t=1700000000,v1=f9086839ba44ac933ad5d79a65f74e64811e534328d3bf3c278acf3329bf7ce5"},
        b'{"a": 1}',
        "whsec_test",
    ),
    "crossmint": (
        1614265330,
        {
            "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "svix-timestamp": "1614265330",
            SVIX: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ),
    "cryptum": (
        1700000000,
        {"x-webhook-signature": "4PuGm4b9P7p2wKs8SA5/fJ6Gd7rS33x7dhNgiffZ5og="},
        b'{ "message" : "Payment was successful",\n\t"status":"confirmed"}\r\n',
        "sek",
    ),
}
"""The time, headers, body and secret of a delivery that is known to be right."""


def verify(provider: str, body: bytes) -> None:
    """Verify the vector's delivery with another body, by a secret that no account needs to have."""
    now, headers, _, secret = VECTORS[provider]
    scheme = provider_named(provider).webhooks
    scheme.verify([Secret(secret)], Headers.of(headers, scheme.headers), body, now)


@pytest.mark.parametrize("provider", VECTORS)
def test_the_vector_of_the_provider_is_verified(provider: str) -> None:
    """The signature that another implementation made is right, with the secret of a fact sheet, however short."""
    verify(provider, VECTORS[provider][2])


@pytest.mark.parametrize("provider", VECTORS)
def test_the_vector_of_the_provider_is_refused_with_any_byte_changed(provider: str) -> None:
    """Each byte that is not whitespace is signed."""
    body = VECTORS[provider][2]
    for at, byte in enumerate(body):
        if not bytes([byte]).isspace():
            with pytest.raises(WebhookRejected):
                verify(provider, body[:at] + bytes([byte ^ 1]) + body[at + 1 :])


@pytest.mark.parametrize("provider", ["zephyr", "crossmint"])
@pytest.mark.parametrize(
    ("seconds", "near"), [(0, True), (299, True), (300, True), (301, False), (-299, True), (-300, True), (-301, False)]
)
def test_a_delivery_is_of_just_now(provider: str, seconds: int, near: bool) -> None:  # noqa: FBT001
    """It is taken for 300 seconds, by clocks that go wrong to either side."""
    body, webhooks = EVENT[provider], receiver(now=NOW + seconds)
    if near:
        assert taken(provider, SIGNED[provider](body), body, webhooks).trusted
    else:
        assert 401 == refused(provider, SIGNED[provider](body), body, webhooks)


GOOD = zephyr_headers(EVENT["zephyr"])[ZEPHYR].partition("v1=")[2]
AT = f"t={NOW}"
ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}
"""Digits that are no ASCII, which `int` reads all the same."""


@pytest.mark.parametrize(
    ("header", "right"),
    [
        (f"{AT},v1={GOOD}", True),
        (f"v1={GOOD},{AT}", True),
        (f" {AT} , v1={GOOD} ", True),
        (f"{AT},v1={'0' * 64},v1={GOOD}", True),
        (f"{AT},v1={GOOD},v1={'0' * 64}", True),
        (f"{AT},v1=,v1,v1=é,v1={GOOD}", True),
        (f"{AT},v0={'0' * 64},v2=x,scheme,v1={GOOD}", True),
        (f"{AT},v1={GOOD.upper()}", False),
        (f"{AT},v1={GOOD[:-1]}", False),
        (f"{AT},v1={GOOD}0", False),
        (f"{AT},v1=0x{GOOD}", False),
        (f"{AT},v1= {GOOD}", False),
        (f"{AT},v2={GOOD}", False),
        (f"{AT},V1={GOOD}", False),
        (f"{AT},V=1={GOOD}", False),
        (f"{AT}", False),
        (f"{AT},v1=", False),
        (f"{AT},{AT},v1={GOOD}", False),
        (f"{AT},t={NOW + 1},v1={GOOD}", False),
        (f"v1={GOOD}", False),
        (f"t=,v1={GOOD}", False),
        (f"t={NOW}.0,v1={GOOD}", False),
        (f"t=+{NOW},v1={GOOD}", False),
        (f"t=0{NOW},v1={GOOD}", False),
        (f"t={NOW + 1},v1={GOOD}", False),
        (f"t=nan,v1={GOOD}", False),
        (f"t={str(NOW).translate(ARABIC)},v1={GOOD}", False),
        (f"t={'9' * 5000},v1={GOOD}", False),
        (f"{AT};v1={GOOD}", False),
        (GOOD, False),
        ("", False),
        (f"{AT},{'v1=0,' * 5000}v1={GOOD}", True),
        (f"{AT},{'v1=0,' * 20_000}v1={GOOD}", False),
    ],
)
def test_what_zephyrs_signature_may_look_like(header: str, right: bool) -> None:  # noqa: FBT001
    """One time, and any number of signatures in lower-case hex, the `v1` of which are looked at."""
    if right:
        assert EventKind.ORDER_CREATED is taken("zephyr", {ZEPHYR: header}, EVENT["zephyr"]).kind
    else:
        assert 401 == refused("zephyr", {ZEPHYR: header}, EVENT["zephyr"])


SVIX_GOOD = svix_headers(EVENT["crossmint"])[SVIX]


@pytest.mark.parametrize(
    ("header", "right"),
    [
        (SVIX_GOOD, True),
        (f"v1,{'A' * 43}= {SVIX_GOOD}", True),
        (f"{SVIX_GOOD} v1,{'A' * 43}=", True),
        (f"v1 v1,%%% v1,é v1,a,b ,, nonsense {SVIX_GOOD}", True),
        (f"v1a,x v2,y {SVIX_GOOD}", True),
        (f"  {SVIX_GOOD}  ", True),
        (SVIX_GOOD.replace("v1,", "v2,"), False),
        (SVIX_GOOD.replace("v1,", "v1a,"), False),
        (SVIX_GOOD.removeprefix("v1,"), False),
        (SVIX_GOOD.rstrip("="), False),
        (SVIX_GOOD + "=", False),
        (SVIX_GOOD + "\n", False),
        (SVIX_GOOD.lower(), False),
        (SVIX_GOOD.replace(",", ", "), False),
        (SVIX_GOOD.replace(",", "="), False),
        ("v1,", False),
        ("v1,%%%", False),
        ("", False),
        (f"{'v1,x ' * 5000}{SVIX_GOOD}", True),
        (f"{'v1,x ' * 20_000}{SVIX_GOOD}", False),
    ],
)
def test_what_crossmints_signature_may_look_like(header: str, right: bool) -> None:  # noqa: FBT001
    """Any number of signatures, the `v1` of which are looked at, a malformed one among them or not."""
    headers = {**svix_headers(EVENT["crossmint"]), SVIX: header}
    if right:
        assert EventKind.QUOTE_CHANGED is taken("crossmint", headers, EVENT["crossmint"]).kind
    else:
        assert 401 == refused("crossmint", headers, EVENT["crossmint"])


@pytest.mark.parametrize("stamp", ["", "0", "-1", f"{NOW}.0", f"+{NOW}", f" {NOW}", "1.7e9", "nan", "inf", "9" * 5000])
def test_a_time_that_is_none_is_refused_although_it_is_signed(stamp: str) -> None:
    """Only unix seconds in ASCII digits are a time."""
    body = EVENT["crossmint"]
    assert 401 == refused("crossmint", svix_headers(body, stamp=stamp), body)


@pytest.mark.parametrize("changed", ["svix-id", "svix-timestamp", "svix-signature"])
def test_each_of_svixs_headers_is_signed_and_wanted(changed: str) -> None:
    """None can be changed or left out."""
    body = EVENT["crossmint"]
    headers = svix_headers(body)
    assert 401 == refused("crossmint", {**headers, changed: headers[changed] + "1"}, body)
    assert 401 == refused("crossmint", {name: value for name, value in headers.items() if name != changed}, body)


@pytest.mark.parametrize("provider", SIGNERS)
def test_a_header_that_is_there_twice_is_refused(provider: str) -> None:
    """Which of the two another reader would take is not guessed, be they the same or not."""
    body = EVENT[provider]
    headers = SIGNED[provider](body)
    for name, value in headers.items():
        assert 401 == refused(provider, [*headers.items(), (name, value)], body)
        assert 401 == refused(provider, [*headers.items(), (name.upper(), "x")], body)


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


# Secrets.


def account(provider: str, secrets_: Any, name: str | None = None) -> Account[Any]:
    """Return an account of a provider with these webhook secrets."""
    given = next(each for each in fuzz.ACCOUNTS if each.provider == provider)
    return attrs.evolve(given, webhook_secrets=secrets_, name=name or provider)


SECRETS: dict[str, tuple[str, str]] = {
    "zephyr": (ZEPHYR_SECRET, "whsec_the-next-secret-of-all"),
    "crossmint": (CROSSMINT_SECRET, "whsec_dGhlIG5leHQgc2VjcmV0IG9mIGFsbA=="),
    "cryptum": (fuzz.CRYPTUM_SECRET, "the-next-secret-of-all"),
}


@pytest.mark.parametrize("provider", SIGNERS)
def test_while_a_secret_is_replaced_both_are_taken(provider: str) -> None:
    """In whichever order they are given, as text with a comma too; once the old one is gone, it is refused."""
    old, new = SECRETS[provider]
    body = EVENT[provider]
    headers = SIGNED[provider](body)
    for both in ((old, new), (new, old), [new, old], f"{new},{old}"):
        assert taken(provider, headers, body, receiver(account(provider, both))).native is not None
    assert 401 == refused(provider, headers, body, receiver(account(provider, new)))


@pytest.mark.parametrize("provider", SIGNERS)
@pytest.mark.parametrize("none", [None, (), []])
def test_without_a_secret_nothing_is_proven(provider: str, none: Any) -> None:
    """It is told when something is to be proven."""
    body = EVENT[provider]
    with pytest.raises(InvalidArgument, match="has no webhook_secrets"):
        receiver(account(provider, none)).receive(provider, SIGNED[provider](body), body)


@pytest.mark.parametrize("padding", ["", "="])
def test_a_secret_without_padding_is_taken_as_svix_takes_it(padding: str) -> None:
    """The key is the same with and without."""
    body = EVENT["crossmint"]
    webhooks = receiver(account("crossmint", "whsec_dGhlIG5leHQgc2VjcmV0IG9mIG1pbmU" + padding))
    assert taken("crossmint", svix_headers(body, key=b"the next secret of mine"), body, webhooks).trusted


@pytest.mark.parametrize("provider", SIGNERS)
def test_a_secret_that_a_pickle_lost_is_a_mistake_of_the_callers(provider: str) -> None:
    """It says so with an error of the facade's, and not that the provider's delivery is forged."""
    restored = pickle.loads(pickle.dumps(account(provider, SECRETS[provider])))
    for lost in (restored, attrs.evolve(restored, name=provider)):
        with pytest.raises(InvalidArgument, match="webhook_secrets"):
            receiver(lost).receive(provider, SIGNED[provider](EVENT[provider]), EVENT[provider])


@pytest.mark.parametrize("provider", SIGNERS)
def test_what_is_meant_for_another_account_is_refused(provider: str) -> None:
    """Each account has a secret of its own."""
    old, new = SECRETS[provider]
    webhooks = receiver(account(provider, old), account(provider, new, name="eu"))
    body = EVENT[provider]
    assert 401 == refused("eu", SIGNED[provider](body), body, webhooks)
    assert provider == taken(provider, SIGNED[provider](body), body, webhooks).provider


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


@pytest.mark.parametrize(
    "name", ["", "zephir", "ZEPHYR", None, 5, "zephyr:", [], {}, b"zephyr", float("nan"), "\ud800"]
)
def test_an_account_that_is_none_is_a_mistake_of_the_callers(name: Any) -> None:
    """It is told which there are."""
    with pytest.raises(UnknownAccount, match="croissant, zephyr, crossmint, cryptum"):
        receiver().receive(name, {}, b"{}")


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


# What is no delivery.


class _Surly:
    """A value that cannot even be told as text."""

    def __str__(self) -> str:
        raise ValueError("no")


VALUES: list[Any] = [
    *("", " ", "\x00", "\r\n", "é", "\ud800", "\udfff\ud800", "a" * 100_000, "," * 100_000, "=,= " * 10_000),
    *("t=1,v1=é", "t=1,v1=\ud800", "v1,é", "v1,\ud800", "v1,====", "v1,ab\x00", "v1;x", "v1", "t=,v1=", "🛒"),
    *(None, 5, 1.5, True, b"", b"\xff", b"v1,\xff", [], {}, (), object(), _Surly()),
]


@pytest.mark.parametrize("value", VALUES, ids=[f"value {number}" for number in range(len(VALUES))])
@pytest.mark.parametrize("provider", SIGNERS)
def test_a_header_that_is_none_is_refused(provider: str, value: Any) -> None:
    """In the place of each header by itself, and of all of them."""
    body = EVENT[provider]
    headers = SIGNED[provider](body)
    for name in headers:
        assert 401 == refused(provider, {**headers, name: value}, body)
    assert 401 == refused(provider, dict.fromkeys(headers, value), body)


NO_HEADERS: list[Any] = [
    *(
        None,
        5,
        "",
        "ab",
        b"ab",
        [],
        {},
        [5],
        [None],
        ["a"],
        [()],
        [("a",)],
        [("a", "b", "c")],
        {None: None},
        {5: 5},
        [[[]]],
    )
]


@pytest.mark.parametrize("headers", NO_HEADERS, ids=str)
@pytest.mark.parametrize("provider", SIGNERS)
def test_headers_that_are_none_are_refused(provider: str, headers: Any) -> None:
    """Whatever they are, there is no signature among them."""
    assert 401 == refused(provider, headers, EVENT[provider])


@pytest.mark.parametrize("provider", SIGNERS)
def test_empty_everything_is_refused(provider: str) -> None:
    """There is no signature."""
    assert 401 == refused(provider, {}, b"")


NO_JSON: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "text": b"payment.confirmed",
    "half of it": b'{"type":"order.created","event":"payment.confirmed"',
    "two of them": b"{}{}",
    "a list": b'[{"type":"order.created"}]',
    "a string": b'"order.created"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "NaN": b'{"type":NaN,"event":NaN}',
    "NaN somewhere": b'{"x":NaN}',
    "infinity": b'{"x":-Infinity}',
    "invalid UTF-8 in a value": b'{"x":"\xff"}',
    "invalid UTF-8 in an unknown name": b'{"\xff":1}',
    "half a surrogate in UTF-8": b'{"x":"\xed\xa0\x80"}',
    "UTF-16": '{"x":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "single quotes": b"{'type':'order.created'}",
    "a comment": b'{/**/"type":1}',
    "a comma too many": b'{"type":"order.created",}',
    "lists in lists": b"[" * 20_000,
    "objects in objects": b'{"type":' * 20_000,
    "a NUL": b'{"type":"order.created"}\x00',
    "gzip": b"\x1f\x8b\x08\x00",
    "what stands for a body": b"<12 bytes>",
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_signed_body_that_is_no_json_is_refused(provider: str, body: bytes) -> None:
    """It is the provider's, and yet no event: 400."""
    assert 400 == refused(provider, SIGNED[provider](body), body)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("extra", [b'"\xff":1', b'"x":{"\xff":1}', b'"x":"\xff"', b'"x":[NaN]'])
def test_a_known_event_that_is_no_json_is_refused(provider: str, extra: bytes) -> None:
    """Wherever it is broken, in a member that the document does not know too."""
    body = EVENT[provider][:-1] + b"," + extra + b"}"
    assert 400 == refused(provider, SIGNED[provider](body), body)


ODD_JSON: dict[str, bytes] = {
    "nothing in it": b"{}",
    "another kind": b'{"type":"order.teleported","event":"payment.teleported"}',
    "no text for a kind": b'{"type":5,"event":5}',
    "null for a kind": b'{"type":null,"event":null}',
    "a list for a kind": b'{"type":["order.created"],"event":[]}',
    "a huge number": b'{"x":' + b"9" * 4000 + b"}",
    "a number beyond all": b'{"x":1e999,"y":-1e999,"type":1e999,"event":1e999}',
    "a small number": b'{"x":1e-999,"y":5e-324,"z":-0.0}',
    "much nesting": b'{"x":' * 50 + b"1" + b"}" * 50,
    "names twice": b'{"type":1,"type":2,"event":1,"event":2}',
    "all of Unicode": '{"type":"\U0010ffff","é":"\u202e","event":"🛒"}'.encode(),
    "a NUL": b'{"type":"\\u0000","event":"\\u0000"}',
}


@pytest.mark.parametrize("body", ODD_JSON.values(), ids=ODD_JSON)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_event_that_the_document_does_not_know_is_an_event(provider: str, body: bytes) -> None:
    """Providers add kinds: they are of kind unknown, say nothing, and all of them is there."""
    event = receiver().receive(provider, SIGNED[provider](body), body)
    assert (EventKind.UNKNOWN, None, None, NOT_REPORTED) == (event.kind, event.native, event.order, event.claims)
    assert isinstance(event.raw, dict)
    assert event.id


BROKEN: list[tuple[str, EventKind, bytes]] = [
    ("zephyr", EventKind.ORDER_CREATED, b'{"id":"evt_1","type":"order.created"}'),
    ("zephyr", EventKind.ORDER_REFUNDED, b'{"id":"evt_1","type":"order.refunded","data":{}}'),
    ("zephyr", EventKind.ORDER_CANCELLED, b'{"id":"evt_1","type":"order.cancelled","data":{"id":null}}'),
    (
        "zephyr",
        EventKind.ORDER_UPDATED,
        EVENT["zephyr"].replace(b"order.created", b"order.updated").replace(b"3730", b'"x"'),
    ),
]
"""Events of a known kind that lack what their document requires."""


@pytest.mark.parametrize(("provider", "kind", "body"), BROKEN)
def test_a_known_event_that_lacks_something_is_an_event_of_its_kind(
    provider: str, kind: EventKind, body: bytes
) -> None:
    """It has no native form, and is no error: the order is to be read."""
    event = taken(provider, SIGNED[provider](body), body)
    assert (kind, None, NOT_REPORTED) == (event.kind, event.native, event.claims)


def test_a_callback_without_an_order_is_of_unknown_kind() -> None:
    """Cryptum's callback has no kind of its own: what it has is its order."""
    body = b'{"message":"Payment was successful","status":"confirmed","orderId":5}'
    event = taken("cryptum", cryptum_headers(body), body)
    assert (EventKind.UNKNOWN, None, NOT_REPORTED) == (event.kind, event.native, event.claims)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (EVENT["zephyr"], []),
        (EVENT["zephyr"].replace(b'"cust_01HXY6"', b"7"), [("order.created", "$.data.customer_id")]),
        (BROKEN[0][2], [("order.created", "$")]),
        (ODD_JSON["another kind"], [("order.teleported", "$.type")]),
    ],
    ids=["none", "may be missing", "has to be there", "another kind"],
)
def test_what_the_document_does_not_say_goes_to_the_hook(body: bytes, told: list[tuple[str, str]]) -> None:
    """With the account and the provider's word; what the hook raises does not cost the event."""
    heard: list[tuple[str, str, str]] = []

    def hook(account: str, name: str, deviation: Any) -> None:
        heard.append((account, name, deviation.path))
        raise RuntimeError("the log is full")

    taken("zephyr", zephyr_headers(body), body, receiver(on_deviation=hook))
    assert [("zephyr", *each) for each in told] == heard


def test_what_anybody_may_have_sent_does_not_go_to_the_hook() -> None:
    """Croissant signs nothing, so that a deviation may be a stranger's."""
    heard: list[str] = []
    body = EVENT["croissant"].replace(b"29500", b'"much"')

    def hook(account: str, *_: object) -> None:
        heard.append(account)

    taken("croissant", {}, body, receiver(on_deviation=hook))
    assert [] == heard


def test_the_clients_hook_hears_of_events_too() -> None:
    """One hook for all that a provider says."""
    heard: list[tuple[str, str]] = []
    body = EVENT["zephyr"].replace(b'"cust_01HXY6"', b"7")
    account = Zephyr(api_key="unused", webhook_secrets=ZEPHYR_SECRET)
    with Ordermux(account, on_deviation=lambda name, word, _: heard.append((name, word))) as mux:
        mux.webhooks.receive("zephyr", zephyr_headers(body, str(int(time.time()))), body)
    assert [("zephyr", "order.created")] == heard


def test_a_place_that_may_be_missing_does_not_cost_the_event() -> None:
    """It is left unset, and the rest is there."""
    body = EVENT["croissant"].replace(b"29500", b'"much"')
    event = taken("croissant", {}, body)
    assert (EventKind.PAYMENT_SUCCEEDED, Payment.PAID) == (event.kind, event.claims.payment)
    assert event.native is not None


@pytest.mark.parametrize(
    "told",
    ["2026-05-30T12:00:00Z", "2026-05-30T14:00:00+02:00", 1780142400],
)
def test_when_it_happened_is_aware_and_in_utc(told: str | int) -> None:
    """As the order's own times are."""
    body = json.dumps({**json.loads(EVENT["zephyr"]), "created_at": told}).encode()
    event = taken("zephyr", zephyr_headers(body), body)
    assert datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC) == event.occurred_at
    assert datetime.datetime.fromtimestamp(NOW, datetime.UTC) == event.received_at


@pytest.mark.parametrize("told", ["soon", "", "2026-05-30T12:00:00", "0001-01-01T00:00:00+14:00", 10**30, -(2**63)])
def test_a_time_that_is_none_is_none(told: str | int) -> None:
    """And no error."""
    body = json.dumps({**json.loads(EVENT["zephyr"]), "created_at": told}).encode()
    assert None is taken("zephyr", zephyr_headers(body), body).occurred_at


def test_a_refusal_shows_neither_the_secret_nor_the_body() -> None:
    """ZephyrCart's page forbids that the body is logged; the error can be pickled."""
    body = EVENT["zephyr"].replace(b"Mug", b"s3cret-goods")
    for headers in ({}, zephyr_headers(b"{}"), zephyr_headers(body, stamp=str(NOW - 999))):
        with pytest.raises(WebhookRejected) as caught:
            receiver().receive("zephyr", headers, body)
        inside = traceback.StackSummary.extract(
            traceback.walk_tb(caught.tb.tb_next), capture_locals=True, lookup_lines=False
        )
        shown = "".join(inside.format())
        assert "receive.py" in shown, "the receiver's frames are looked at, without the test's"
        for hidden in (ZEPHYR_SECRET, "s3cret-goods"):
            assert hidden not in str(caught.value)
            assert hidden not in shown
        again = pickle.loads(pickle.dumps(caught.value))
        assert (401, str(caught.value)) == (again.status, str(again))


# Against other implementations.


def _by_oracle(oracle: Any, body: bytes, headers: dict[str, str]) -> bool:
    """Tell whether a library of Svix's takes a delivery; it lets errors of Python's through, which refuse as well."""
    try:
        oracle.verify(body, headers)
    except (standardwebhooks.WebhookVerificationError, ValueError):  # binascii.Error and UnicodeDecodeError among them
        return False
    return True


def _by_us(webhooks: Webhooks, body: bytes, headers: dict[str, str]) -> bool:
    try:
        webhooks.receive("crossmint", headers, body)
    except WebhookRejected:
        return False
    return True


def _tampered(random_: random.Random, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """Return a delivery with one thing changed."""
    at = random_.randrange(len(body))
    good = headers["webhook-signature"].rpartition(" ")[2]  # alone, since what is malformed before it ends the oracle
    signature = {
        "another": f"v1,{base64.b64encode(random_.randbytes(32)).decode()}",
        "short": f"v1,{base64.b64encode(random_.randbytes(16)).decode()}",
        "no base64": "v1,%%%=",
        "half a base64": f"v1,{good[3:12]}",
        "no version": good.removeprefix("v1,"),
        "another version": good.replace("v1,", "v2,"),
        "three parts": f"{good},x",
        "empty": "",
    }
    changes: list[Callable[[], tuple[dict[str, str], bytes]]] = [
        lambda: (headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]),
        lambda: (headers, body[:at]),
        lambda: (headers, body + b" "),
        lambda: ({**headers, "webhook-id": headers["webhook-id"] + "x"}, body),
        lambda: ({**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body),
        lambda: ({**headers, "webhook-timestamp": random_.choice(("", "x", "0", "-1", "nan"))}, body),
        lambda: ({name: value for name, value in headers.items() if name != random_.choice(list(headers))}, body),
        lambda: ({**headers, "webhook-signature": signature[random_.choice(list(signature))]}, body),
    ]
    return random_.choice(changes)()


@pytest.mark.slow
@pytest.mark.parametrize("library", [standardwebhooks.Webhook, svix.webhooks.Webhook], ids=["standardwebhooks", "svix"])
def test_another_library_takes_and_refuses_the_same(library: Any) -> None:
    """10,000 random secrets, ids, times and bodies, half of them tampered with."""
    random_ = random.Random(20260530)
    counts = {True: 0, False: 0}
    for _ in range(5_000):
        now = time.time()  # the library's is the machine's
        secret = f"whsec_{base64.b64encode(random_.randbytes(random_.randrange(16, 65))).decode()}"
        oracle, webhooks = library(secret), receiver(account("crossmint", secret), now=now)
        body = json.dumps({random_.choice("aé🛒"): random_.random(), "x" * random_.randrange(50): None}).encode()
        away = random_.choice(
            (0, random_.randrange(-290, 290), random_.choice((-1, 1)) * random_.randrange(320, 10**6))
        )
        message, at = f"msg_{random_.getrandbits(64):x}", int(now) + away
        signature = oracle.sign(message, datetime.datetime.fromtimestamp(at, datetime.UTC), body.decode())
        if random_.random() < 0.3:
            signature = f"v1,{base64.b64encode(random_.randbytes(32)).decode()} v2,x {signature}"
        headers = {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": signature}
        for given in ((headers, body), _tampered(random_, headers, body)):
            expected = _by_oracle(oracle, given[1], given[0])
            assert expected == _by_us(webhooks, given[1], given[0]), (secret, given)
            counts[expected] += 1
    assert 10_000 == sum(counts.values())
    assert min(counts.values()) > 3_000


_RULE = re.compile(rb'\s(?=([^"]*"[^"]*")*[^"]*$)')


@pytest.mark.slow
@hypothesis.settings(max_examples=500)
@hypothesis.given(
    st.lists(
        st.sampled_from([b'"', b" ", b"\n", b"\t", b"\r", b"\v", b"\f", b"\\", b"a", b"\xff", b"\x00"]), max_size=24
    )
)
def test_cryptums_whitespace_is_what_its_regular_expression_finds(parts: list[bytes]) -> None:
    """Whitespace after which an even number of quotes follows, escaped ones counted: its plugin's rule."""
    body = b"".join(parts)
    expected = _RULE.sub(b"", body)
    assert expected == cryptum_scheme.compact(body)
    assert expected == fuzz.compacted(body)
    assert (expected, expected) == (
        cryptum_scheme.by_quotes(body),
        cryptum_scheme.by_spaces(body, body.count(b'"')),
    )


@hypothesis.settings(max_examples=200)
@hypothesis.given(st.binary(max_size=30))
def test_cryptums_whitespace_is_the_same_in_any_bytes(body: bytes) -> None:
    """No byte but the six of whitespace is ever taken away."""
    assert _RULE.sub(b"", body) == cryptum_scheme.compact(body)


@pytest.mark.parametrize("unit", [b'"', b' "', b" ", b'" ', b'\\" ', b'"\n"\t'])
def test_a_hostile_body_of_cryptums_takes_no_long_time(unit: bytes) -> None:
    """A megabyte is refused in seconds at most, where the plugin's regular expression would need hours."""
    body = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    started = time.perf_counter()
    assert 401 == refused("cryptum", cryptum_headers(b"{}"), body, receiver(max_body=len(body)))
    assert time.perf_counter() - started < 5


# Whatever comes.


@pytest.mark.slow
def test_nothing_but_what_is_promised_comes_of_20_000_mutated_deliveries() -> None:
    """As fuzz.py does it a million times; most are signed after they were changed, so that they are read."""
    seed = secrets.randbelow(10**9)
    counts, problems = fuzz.run(20_000, seed)
    assert [] == problems, f"seed {seed}"
    assert 20_000 == counts.total()
    told = {(provider, what) for provider, _, what in counts}
    for provider in PROVIDERS:
        assert {(provider, "an event"), (provider, "an event of unknown kind"), (provider, "rejected 400")} <= told
        assert ((provider, "rejected 401") in told) == (provider != "croissant")


_ANYTHING = st.one_of(st.none(), st.integers(), st.text(max_size=20), st.binary(max_size=20), st.lists(st.none()))


@pytest.mark.slow
@hypothesis.given(
    st.sampled_from(PROVIDERS),
    st.one_of(
        _ANYTHING,
        st.dictionaries(st.sampled_from(["svix-id", "svix-timestamp", SVIX, ZEPHYR, "x-webhook-signature"]), _ANYTHING),
    ),
    st.binary(max_size=200),
)
def test_random_headers_and_bodies_are_refused_or_unknown(provider: str, headers: Any, body: bytes) -> None:
    """By hypothesis: no error of another family."""
    try:
        event = receiver().receive(provider, headers, body)
    except WebhookRejected:
        return
    assert "croissant" == provider
    assert EventKind.UNKNOWN is event.kind


def test_accounts_of_one_provider_are_kept_apart() -> None:
    """A reference begins with the account's name, not with the provider's."""
    webhooks = Webhooks.of(
        Zephyr(api_key="x", webhook_secrets=ZEPHYR_SECRET, name="zephyr-eu"),
        Crossmint(base_url="https://shop.example"),
        Cryptum(api_key="x", store="s"),
        Croissant(client_id="x", client_secret="y"),
    )
    body = EVENT["zephyr"]
    event = webhooks.receive("zephyr-eu", zephyr_headers(body, stamp=str(int(time.time()))), body)
    assert ("zephyr-eu", "zephyr", "zephyr-eu:order_01HXY8") == (event.account, event.provider, str(event.order))
