"""A delivery is taken where the provider signed it just now, with a secret of the account."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest
from webhooks import fuzz
from webhooks.fuzz import (
    CROSSMINT_SECRET,
    NOW,
    SIGNED,
    ZEPHYR_SECRET,
    receiver,
    svix_headers,
    zephyr_headers,
)

from ordermux.errors import InvalidArgument, UnknownAccount
from ordermux.providers.registry import provider_named
from ordermux.webhook_schemes.headers import Headers
from ordermux.webhooks import EventKind, WebhookRejected
from ordermux_crossmint import Secret
from support.received_events import EVENT, SIGNERS, SVIX, ZEPHYR, account, refused, taken

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
    scheme.verify([Secret(secret)], Headers(headers, scheme.headers), body, now)


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


@pytest.mark.parametrize(
    "name", ["", "zephir", "ZEPHYR", None, 5, "zephyr:", [], {}, b"zephyr", float("nan"), "\ud800"]
)
def test_an_account_that_is_none_is_a_mistake_of_the_callers(name: Any) -> None:
    """It is told which there are."""
    with pytest.raises(UnknownAccount, match="croissant, zephyr, crossmint, cryptum"):
        receiver().receive(name, {}, b"{}")
