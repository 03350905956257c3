"""ZephyrCart's deliveries: `t=<unix seconds>,v1=<hex>`, an HMAC over the time, a dot and the raw body.

The key is the whole `whsec_…` string (https://demo.docucommit.se/projects/dev-docs/document/webhooks).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ordermux_zephyr import UNSET

from ..order import moment_of
from ..providers.zephyr import EVENTS
from ._event import EventKind, WebhookRejected
from ._scheme import Headers, Scheme, Told, matches, near, revealed

_MOST_PARTS = 20


class _Zephyr(Scheme):
    id_member: ClassVar[str] = "id"
    kinds: ClassVar[Mapping[str, EventKind]] = {
        "order.created": EventKind.ORDER_CREATED,
        "order.updated": EventKind.ORDER_UPDATED,
        "order.refunded": EventKind.ORDER_REFUNDED,
        "order.cancelled": EventKind.ORDER_CANCELLED,
    }

    def verify(self, secrets: Sequence[Any], headers: Headers, body: bytes, now: float) -> str | None:
        pairs = [part.strip().partition("=") for part in headers.one("x-zephyrcart-signature").split(",", _MOST_PARTS)]
        stamps = [value for name, _, value in pairs if name == "t"]
        if len(stamps) != 1:
            raise WebhookRejected("the signature has no time, or two", 401)
        near(stamps[0], now)
        wanted = [sign(key, stamps[0], body) for key in revealed(secrets)]
        matches(wanted, [value for name, _, value in pairs if name == "v1"])
        return None  # X-ZephyrCart-Delivery-Id is not signed: anybody could change it and have the event done again

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        signature = f"t={stamp},v1={sign(secret, stamp, body)}"
        told = {"delivery-id": message, "delivery-attempt": "1", "timestamp": stamp, "signature": signature}
        return {f"x-zephyrcart-{name}": value for name, value in told.items()}

    def told(self, event: Any) -> Told:
        if event is None:
            return Told()
        return Told(
            id=event.id or None,
            order_id=event.data.id,
            occurred_at=None if event.created_at is UNSET else moment_of(event.created_at),
            claims=EVENTS.read(event.type),
        )


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of a body, at a time in unix seconds."""
    made = hmac.new(secret.encode(), f"{stamp}.".encode(), hashlib.sha256)
    made.update(body)
    return made.hexdigest()


SCHEME = _Zephyr()
