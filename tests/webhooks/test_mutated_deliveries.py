"""Deliveries that are changed at random, and what other implementations make of them."""

from __future__ import annotations

import base64
import datetime
import json
import random
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import standardwebhooks
import svix.webhooks
from hypothesis import strategies as st
from webhooks import fuzz
from webhooks.fuzz import (
    PROVIDERS,
    ZEPHYR_SECRET,
    cryptum_headers,
    receiver,
    zephyr_headers,
)

from ordermux import Croissant, Crossmint, Cryptum, Zephyr
from ordermux.providers.cryptum import webhooks as cryptum_scheme
from ordermux.webhooks import EventKind, WebhookRejected, Webhooks
from support.received_events import EVENT, SVIX, ZEPHYR, account, refused

# Against other implementations.


def _by_oracle(oracle: Any, body: bytes, headers: dict[str, str]) -> bool:
    """Return whether a library of Svix's takes a delivery; it lets errors of Python's through, which refuse as well."""
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
