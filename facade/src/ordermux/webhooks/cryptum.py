"""Cryptum's callbacks: base64 of an HMAC over the body, without the whitespace that is outside of quotes.

There is no time in it, so that anybody may deliver it again: what it says is never believed, and the order is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..providers.cryptum import STATUS
from ._event import EventKind
from ._scheme import Headers, Scheme, Told, matches, revealed

_SPACE = b" \t\n\v\f\r"
_RUN = re.compile(rb"[ \t\n\v\f\r]+")


class _Cryptum(Scheme):
    timed: ClassVar[bool] = False
    kinds: ClassVar[Mapping[str, EventKind]] = {"OrderNotification": EventKind.PAYMENT_CHANGED}

    def verify(self, secrets: Sequence[Any], headers: Headers, body: bytes, now: float) -> str | None:
        del now
        signed = memoryview(compact(body))  # which no traceback shows
        matches([_mac(key, signed) for key in revealed(secrets)], [headers.one("x-webhook-signature")])
        return hashlib.sha256(signed).hexdigest()

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        del message, stamp
        return {"x-webhook-signature": sign(secret, body)}

    def name_of(self, event: Any) -> str:
        return type(event).__name__

    def told(self, event: Any) -> Told:
        if event is None:
            return Told()
        return Told(order_id=event.order_id, claims=STATUS.read(event.status.value if event.status else None))


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


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a body."""
    return _mac(secret, compact(body))


def _mac(secret: str, signed: bytes | memoryview) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


SCHEME = _Cryptum()
