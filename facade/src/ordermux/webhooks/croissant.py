"""Croissant's one event, for which no signature is published: hold it against a checkout of your own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ordermux_croissant import UNSET

from ..order import utc
from ..providers.croissant import EVENTS
from ._event import EventKind
from ._scheme import Headers, Scheme, Told


class _Croissant(Scheme):
    signed: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    member: ClassVar[str] = "event"
    id_member: ClassVar[str] = "sessionId"
    kinds: ClassVar[Mapping[str, EventKind]] = {"payment.confirmed": EventKind.PAYMENT_SUCCEEDED}

    def verify(self, secrets: Sequence[Any], headers: Headers, body: bytes, now: float) -> str | None:
        del secrets, headers, body, now
        return None

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        del secret, body, message, stamp
        return {}

    def told(self, event: Any) -> Told:
        if event is None:
            return Told()
        return Told(
            id=event.session_id or None,
            subject=event.checkout_id or None,
            occurred_at=None if event.timestamp is UNSET else utc(event.timestamp),
            claims=EVENTS.read(event.event),
        )


SCHEME = _Croissant()
