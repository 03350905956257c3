"""Acme's events: their kind stands in `data.attributes.kind`, and no time is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ordermux_acme.document import DELIVERY

from ordermux.event import EventKind
from ordermux.webhook_schemes.hmac_scheme import HmacScheme
from ordermux.webhook_schemes.scheme import EventFacts


class _Acme(HmacScheme):
    delivery: ClassVar[Mapping[str, Any]] = DELIVERY or {}
    member: ClassVar[str] = "data.attributes.kind"
    id_member: ClassVar[str] = "data.id"
    kinds: ClassVar[Mapping[str, EventKind]] = {
        "order.placed": EventKind.ORDER_CREATED,
        "order.paid": EventKind.PAYMENT_SUCCEEDED,
        "order.cancelled": EventKind.ORDER_CANCELLED,
    }

    def facts(self, event: Any) -> EventFacts:
        return EventFacts() if event is None else EventFacts(id=event.data.id, order_id=event.data.attributes.order_id)


SCHEME = _Acme()
