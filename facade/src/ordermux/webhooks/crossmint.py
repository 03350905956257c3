"""Crossmint's deliveries, by Svix: base64 of an HMAC over the id, the time and the raw body, with dots between.

The key is what the base64 after `whsec_` stands for (https://docs.svix.com/receiving/verifying-payloads/how-manual).
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ordermux_crossmint import UNSET

from ..errors import InvalidArgument
from ..providers.crossmint import EVENTS
from ._event import EventKind
from ._scheme import Headers, Scheme, Told, matches, near, revealed

_MOST_SIGNATURES = 50


class _Crossmint(Scheme):
    kinds: ClassVar[Mapping[str, EventKind]] = {
        "orders.quote.created": EventKind.QUOTE_CHANGED,
        "orders.quote.updated": EventKind.QUOTE_CHANGED,
        "orders.payment.succeeded": EventKind.PAYMENT_SUCCEEDED,
        "orders.payment.failed": EventKind.PAYMENT_FAILED,
        "orders.delivery.initiated": EventKind.DELIVERY_STARTED,
        "orders.delivery.completed": EventKind.DELIVERY_COMPLETED,
        "orders.delivery.failed": EventKind.DELIVERY_FAILED,
    }

    def check(self, secret: str) -> None:
        key_of(secret)

    def verify(self, secrets: Sequence[Any], headers: Headers, body: bytes, now: float) -> str | None:
        message = headers.one("svix-id", "webhook-id")
        stamp = headers.one("svix-timestamp", "webhook-timestamp")
        signatures = headers.one("svix-signature", "webhook-signature").split(" ", _MOST_SIGNATURES)
        near(stamp, now)
        wanted = [sign(key, message, stamp, body) for key in revealed(secrets)]
        matches(
            wanted, [value for version, _, value in (each.partition(",") for each in signatures) if version == "v1"]
        )
        return message

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        signature = f"v1,{sign(secret, message, stamp, body)}"
        return {"svix-id": message, "svix-timestamp": stamp, "svix-signature": signature}

    def told(self, event: Any) -> Told:
        if event is None:
            return Told()
        order = event.data if event.data is not UNSET else event.payload
        known = order.order_id if order is not UNSET else UNSET
        return Told(subject=known or event.action_id or None, claims=EVENTS.read(event.type))


@functools.lru_cache(maxsize=64)
def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for; its base64 may lack the padding, as Svix' own libraries have it.

    Raises InvalidArgument where the secret is none.
    """
    try:
        text = secret.removeprefix("whsec_").rstrip("=")
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise InvalidArgument("a webhook secret of Crossmint's is whsec_ and base64")
    return key


def sign(secret: str, message: str, stamp: str, body: bytes) -> str:
    """Return the signature of a body, with its message's id, at a time in unix seconds."""
    made = hmac.new(key_of(secret), f"{message}.{stamp}.".encode("utf-8", "surrogatepass"), hashlib.sha256)
    made.update(body)
    return base64.b64encode(made.digest()).decode()


SCHEME = _Crossmint()
