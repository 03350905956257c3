"""A scheme follows its document: another algorithm, encoding, header or tolerance there is another one here."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
from typing import Any, ClassVar

import pytest

from ordermux import Zephyr
from ordermux.errors import InvalidArgument
from ordermux.event import WebhookRejected
from ordermux.webhook_schemes.headers import Headers
from ordermux.webhook_schemes.hmac_scheme import HmacScheme
from ordermux.webhooks import Webhooks, delivery
from ordermux_zephyr import Secret

DELIVERY = {"signature": {"header": "X-Acme-Signature", "algorithm": "hmac-sha256", "encoding": "hex"}}
BODY = b'{"kind": "paid"}'
KEY = "a-secret-of-acme"
ACCOUNT = Zephyr(api_key="key", webhook_secrets=f"whsec_{'x' * 24}")


def scheme(**changed: Any) -> HmacScheme:
    """Return a scheme by a document in which some of the signature is another."""

    class Acme(HmacScheme):
        delivery: ClassVar[Any] = {**DELIVERY, "signature": {**DELIVERY["signature"], **changed}}

    return Acme()


def verify(made: HmacScheme, headers: dict[str, str]) -> None:
    """Verify a delivery of the body."""
    made.verify([Secret(KEY)], Headers(headers, made.headers), BODY, now=0.0)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "sha1"])
def test_the_algorithm_is_the_documents(algorithm: str) -> None:
    """What the documented one makes is taken, and what another makes is not."""
    made = scheme(algorithm=f"hmac-{algorithm}")
    for other in ("sha256", "sha512", "sha1"):
        headers = {"x-acme-signature": hmac.new(KEY.encode(), BODY, other).hexdigest()}
        if other == algorithm:
            verify(made, headers)
        else:
            with pytest.raises(WebhookRejected):
                verify(made, headers)


def test_the_encoding_and_the_header_are_the_documents() -> None:
    """A delivery that it makes is one that it takes; under another header it is not."""
    made = scheme(encoding="base64", header="X-Other")
    headers = made.signed_headers(KEY, BODY, "msg_1", "0")
    assert ["x-other"] == list(headers)
    assert 44 == len(headers["x-other"])
    verify(made, headers)
    with pytest.raises(WebhookRejected, match="x-other is missing"):
        verify(made, {"x-acme-signature": headers["x-other"]})


def test_what_is_not_supported_is_refused_when_it_is_written() -> None:
    """Not when the first delivery comes."""
    for wrong in ({"algorithm": "hmac-rot13"}, {"encoding": "base32"}):
        with pytest.raises(InvalidArgument, match="not supported"):
            scheme(**wrong)


def test_the_key_is_the_secret_unless_a_subclass_says_otherwise() -> None:
    """As the hash that the standard library makes of it."""
    assert hmac.new(KEY.encode(), BODY, hashlib.sha256).hexdigest() == scheme().sign(KEY, BODY)


def test_the_tolerance_is_the_documents_unless_the_caller_sets_one() -> None:
    """A delivery that is older than that is refused."""
    made = scheme()
    assert 300.0 == made.tolerance

    class Strict(HmacScheme):
        delivery: ClassVar[Any] = {**DELIVERY, "tolerance-seconds": 60}

    assert 60.0 == Strict.tolerance
    assert Webhooks.of(ACCOUNT).tolerance is None
    body = json.dumps({"type": "order.paid"}).encode()
    signed = delivery(ACCOUNT, body, at=0)
    for tolerance, seconds in ((None, 300), (10.0, 10)):
        at = datetime.datetime.fromtimestamp(seconds + 1, datetime.UTC)
        receiver = Webhooks.of(ACCOUNT, tolerance=tolerance)
        with pytest.raises(WebhookRejected, match=f"more than {seconds} s away"):
            receiver.receive("zephyr", signed.headers, body, received_at=at)
