"""Croissant's one event, for which no signature is published: hold it against a checkout of your own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ordermux_croissant import UNSET

from ...event import EventKind
from ...order import utc
from ...webhook_schemes.headers import Headers
from ...webhook_schemes.scheme import EventFacts, Signature, WebhookScheme
from .adapter import EVENTS, event_ledger


class _Croissant(WebhookScheme):
    signed: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    member: ClassVar[str] = "event"
    id_member: ClassVar[str] = "sessionId"
    kinds: ClassVar[Mapping[str, EventKind]] = {"payment.confirmed": EventKind.PAYMENT_SUCCEEDED}

    def signature(self, headers: Headers) -> Signature:
        del headers
        return Signature(())

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        del secret, body, message, stamp
        return {}

    def facts(self, event: Any) -> EventFacts:
        if event is None:
            return EventFacts()
        moment = None if event.timestamp is UNSET else utc(event.timestamp)
        return EventFacts(
            id=event.session_id or None,
            subject=event.checkout_id or None,
            occurred_at=moment,
            claims=EVENTS.lookup(event.event),
            ledger=event_ledger(event, moment),
        )


SCHEME = _Croissant()
