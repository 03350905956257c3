"""Crossmint's deliveries, by Svix: base64 of an HMAC over the id, the time and the raw body, with dots between.

The key is what the base64 after `whsec_` stands for (https://docs.svix.com/receiving/verifying-payloads/how-manual).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, ClassVar

from ordermux_crossmint import UNSET
from ordermux_crossmint.document import DELIVERY

from ...errors import InvalidArgument
from ...event import EventKind
from ...privacy import hide_locals
from ...webhook_schemes.headers import SVIX_HEADERS, Headers
from ...webhook_schemes.hmac_scheme import HmacScheme
from ...webhook_schemes.scheme import EventFacts, Signature
from .adapter import EVENTS, event_ledger

_PREFIX = "whsec_"


class _Crossmint(HmacScheme):
    delivery: ClassVar[Mapping[str, Any]] = DELIVERY or {}
    timed: ClassVar[bool] = True
    headers: ClassVar[frozenset[str]] = frozenset({name for family in SVIX_HEADERS for name in family})
    key_form: ClassVar[str] = "whsec_ and base64"
    kinds: ClassVar[Mapping[str, EventKind]] = {
        "orders.quote.created": EventKind.QUOTE_CHANGED,
        "orders.quote.updated": EventKind.QUOTE_CHANGED,
        "orders.payment.succeeded": EventKind.PAYMENT_SUCCEEDED,
        "orders.payment.failed": EventKind.PAYMENT_FAILED,
        "orders.delivery.initiated": EventKind.DELIVERY_STARTED,
        "orders.delivery.completed": EventKind.DELIVERY_COMPLETED,
        "orders.delivery.failed": EventKind.DELIVERY_FAILED,
    }

    def key(self, secret: str) -> bytes | None:
        try:
            return key_of(secret) if secret.startswith(_PREFIX) else None
        except InvalidArgument:
            return None

    def check(self, secret: str) -> None:
        key_of(secret)

    def signature(self, headers: Headers) -> Signature:
        """Take one family of headers: svix-* if all of it is there, else webhook-*, as most of Svix' libraries do.

        If neither is whole, each part is taken from the first that has it, as the others do. Whatever is taken is
        signed, so that no mixture can be forged, and the id that is signed is the delivery's.
        """
        message, stamp, signatures = map(headers.get, SVIX_HEADERS[0])
        if not (message and stamp and signatures):
            message, stamp, signatures = _whole_or_mixed(headers)
        return Signature([each[3:] for each in signatures.split(" ") if each.startswith("v1,")], stamp, message)

    def hmac_key(self, secret: str) -> bytes:
        return key_of(secret)

    def signed_prefix(self, message: str, stamp: str) -> bytes:
        return f"{message}.{stamp}.".encode("utf-8", "surrogatepass")

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        values = (message, stamp, f"v1,{self.sign(secret, body, message, stamp)}")
        return dict(zip(SVIX_HEADERS[0], values, strict=True))

    def facts(self, event: Any) -> EventFacts:
        if event is None:
            return EventFacts()
        order = event.data if event.data is not UNSET else event.payload
        known = order.order_id if order is not UNSET else UNSET
        return EventFacts(
            subject=known or event.action_id or None,
            claims=EVENTS.lookup(event.type),
            ledger=event_ledger(event.type, order),
        )


def _whole_or_mixed(headers: Headers) -> list[str]:
    """Return the second family if all of it is there, else each part from the first that has it."""
    other = list(filter(None, map(headers.get, SVIX_HEADERS[1])))
    if len(other) == len(SVIX_HEADERS[1]):
        return other
    return [
        headers.get(first) or headers.get(second) or headers.one(first)
        for first, second in zip(*SVIX_HEADERS, strict=True)
    ]


@hide_locals
def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for; its base64 may lack the padding, as Svix' own libraries have it.

    Raises InvalidArgument where the secret is none.
    """
    try:
        text = secret.removeprefix(_PREFIX).rstrip("=")
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise InvalidArgument("a webhook secret of Crossmint's is whsec_ and base64")
    return key


SCHEME = _Crossmint()
