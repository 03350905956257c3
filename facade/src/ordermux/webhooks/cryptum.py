"""Cryptum's callbacks: base64 of an HMAC over the body, without the whitespace that is outside of quotes.

There is no time in it, so that anybody may deliver it again: what it says is never believed, and the order is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..providers.cryptum import STATUS
from ._event import EventKind
from ._scheme import Headers, Scheme, Told, matches, revealed

_SPACE = b" \t\n\v\f\r"


class _Cryptum(Scheme):
    timed: ClassVar[bool] = False
    kinds: ClassVar[Mapping[str, EventKind]] = {"OrderNotification": EventKind.PAYMENT_CHANGED}

    def verify(self, secrets: Sequence[Any], headers: Headers, body: bytes, now: float) -> str | None:
        del now
        wanted = [sign(key, body) for key in revealed(secrets)]
        matches(wanted, [headers.one("x-webhook-signature")])
        return hashlib.sha256(compact(body)).hexdigest()

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
    parts = body.split(b'"')
    last = len(parts) - 1
    return b'"'.join(part if (last - place) % 2 else part.translate(None, _SPACE) for place, part in enumerate(parts))


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a body."""
    return base64.b64encode(hmac.digest(secret.encode(), compact(body), hashlib.sha256)).decode()


SCHEME = _Cryptum()
