"""Cryptum's callbacks: base64 of an HMAC over the body, without the whitespace that is outside of quotes.

There is no time in it, so that anybody may deliver it again: what it says is never believed, and the order is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from ordermux_cryptum.document import DELIVERY

from ...event import EventKind
from ...webhook_schemes.hmac_scheme import HmacScheme
from ...webhook_schemes.scheme import EventFacts
from .adapter import STATUS, ledger_of

_SPACE = b" \t\n\v\f\r"
_RUN = re.compile(rb"[ \t\n\v\f\r]+")


class _Cryptum(HmacScheme):
    delivery: ClassVar[Mapping[str, Any]] = DELIVERY or {}
    kinds: ClassVar[Mapping[str, EventKind]] = {"OrderNotification": EventKind.PAYMENT_CHANGED}

    def content(self, body: bytes) -> bytes:
        return compact(body)

    def name_of(self, event: Any) -> str:
        return type(event).__name__

    def facts(self, event: Any) -> EventFacts:
        if event is None:
            return EventFacts()
        return EventFacts(
            order_id=event.order_id,
            claims=STATUS.lookup(event.status.value if event.status else None),
            ledger=attrs.evolve(ledger_of(event.status, event.transactions), is_partial=True),
        )


def compact(body: bytes) -> bytes:
    """Return a body without the whitespace after which an even number of double quotes follows.

    An escaped quote counts as one, as it does for Cryptum.
    """
    quotes, spaces = body.count(b'"'), len(body) - len(body.translate(None, _SPACE))
    return by_quotes(body) if quotes < 8 * spaces else by_spaces(body, quotes)  # a run takes so much longer


def by_quotes(body: bytes) -> bytes:
    """Do so by looking at what stands between quotes."""
    parts = body.split(b'"')
    outside = (len(parts) - 1) % 2
    parts[outside::2] = b'"'.join(parts[outside::2]).translate(None, _SPACE).split(b'"')
    return b'"'.join(parts)


def by_spaces(body: bytes, quotes: int) -> bytes:
    """Do so by looking at each run of whitespace; so many quotes are still to come."""
    kept: list[bytes] = []
    place = 0
    for run in _RUN.finditer(body):
        start, end = run.span()
        quotes -= body.count(b'"', place, start)
        kept.append(body[place : end if quotes % 2 else start])
        place = end
    return b"".join((*kept, body[place:]))


SCHEME = _Cryptum()
