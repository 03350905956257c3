"""ZephyrCart's deliveries: `t=<unix seconds>,v1=<hex>`, an HMAC over the time, a dot and the raw body.

The key is the whole `whsec_…` string (https://demo.docucommit.se/projects/dev-docs/document/webhooks).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import attrs

from ordermux_zephyr import UNSET
from ordermux_zephyr.document import DELIVERY

from ...event import EventKind, WebhookRejected
from ...order import parse_timestamp
from ...webhook_schemes.headers import Headers
from ...webhook_schemes.hmac_scheme import HmacScheme
from ...webhook_schemes.scheme import EventFacts, Signature
from .adapter import EVENTS, event_ledger

_SECRET = re.compile(r"whsec_((?!.*whsec_)[!-~]+)")  # one, not two with something between


class _Zephyr(HmacScheme):
    delivery: ClassVar[Mapping[str, Any]] = DELIVERY or {}
    timed: ClassVar[bool] = True
    key_form: ClassVar[str] = "whsec_ and characters of ASCII"
    id_member: ClassVar[str] = "id"
    kinds: ClassVar[Mapping[str, EventKind]] = {
        "order.created": EventKind.ORDER_CREATED,
        "order.updated": EventKind.ORDER_UPDATED,
        "order.refunded": EventKind.ORDER_REFUNDED,
        "order.cancelled": EventKind.ORDER_CANCELLED,
    }

    def key(self, secret: str) -> bytes | None:
        found = _SECRET.fullmatch(secret)  # all of it is the key, of which nobody knows what follows whsec_
        return found and found[1].encode()

    def signature(self, headers: Headers) -> Signature:
        parts = headers.one(self.header).split(",")
        pairs = [part.strip().partition("=") for part in parts]
        stamps = [value for name, _, value in pairs if name == "t"]
        if len(stamps) != 1:
            raise WebhookRejected("the signature has no time, or two", 401)
        # X-ZephyrCart-Delivery-Id is not signed: anybody could change it and have the event done again
        return Signature([value for name, _, value in pairs if name == "v1"], timestamp=stamps[0])

    def signed_prefix(self, message: str, stamp: str) -> bytes:
        del message
        return f"{stamp}.".encode()

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        signature = f"t={stamp},v1={self.sign(secret, body, message, stamp)}"
        told = {"delivery-id": message, "delivery-attempt": "1", "timestamp": stamp, "signature": signature}
        return {f"x-zephyrcart-{name}": value for name, value in told.items()}

    def facts(self, event: Any) -> EventFacts:
        if event is None:
            return EventFacts()
        created = None if event.created_at is UNSET else parse_timestamp(event.created_at)
        return EventFacts(
            id=event.id or None,
            order_id=event.data.id,
            occurred_at=created,
            ledger=event_ledger(event.type, event.id or None, created),
            livemode=event.data.livemode if event.livemode is UNSET else event.livemode,
            claims=EVENTS.lookup(event.type),
        )

    def facts_untyped(self, members: Mapping[str, Any]) -> EventFacts:
        mode = _mode(members)
        mode = _mode(members.get("data")) if mode is None else mode
        return attrs.evolve(super().facts_untyped(members), livemode=mode)


def _mode(part: Any) -> bool | None:
    """Return the mode that an envelope or an order shows, None if it shows none."""
    mode = cast("dict[str, Any]", part).get("livemode") if isinstance(part, dict) else None
    return mode if isinstance(mode, bool) else None


SCHEME = _Zephyr()
