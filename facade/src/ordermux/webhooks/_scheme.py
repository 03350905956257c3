"""How a provider signs what it delivers, and what its events say."""

from __future__ import annotations

import datetime
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from ..status import NO_CLAIM, Status
from ._event import EventKind, WebhookRejected

TOLERANCE_SECONDS = 300
_NEEDED = frozenset({"x-zephyrcart-signature", "x-webhook-signature"}) | {
    f"{family}-{name}" for family in ("svix", "webhook") for name in ("id", "timestamp", "signature")
}
_SECONDS = re.compile(r"[0-9]{1,12}")


@attrs.frozen
class Headers:
    """The headers that a signature needs, by name in lower case."""

    _values: Mapping[str, list[str]]

    @classmethod
    def of(cls, fields: Any) -> Headers:
        """Return headers from a mapping, or from pairs, of text or of bytes as ASGI has them.

        Raises WebhookRejected where they are neither.
        """
        found: dict[str, list[str]] = {}
        try:
            pairs = fields.items() if isinstance(fields, Mapping) else fields  # pyright: ignore[reportUnknownVariableType]
            for name, value in pairs:  # pyright: ignore[reportUnknownVariableType]
                if (known := _text(name).lower()) in _NEEDED:
                    found.setdefault(known, []).append(_text(value))
        except (TypeError, ValueError, AttributeError):
            found.clear()
        return cls(found)

    def one(self, *names: str) -> str:
        """Return the one value that there is under any of the names.

        Raises WebhookRejected where there is none, or more than one.
        """
        found = [value for name in names for value in self._values.get(name, ())]
        if len(found) != 1:
            raise WebhookRejected(f"the header {names[0]} is {'missing' if not found else 'there twice'}", 401)
        return found[0]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes | bytearray) else str(value)


@attrs.frozen(kw_only=True)
class Told:
    """What an event's body says; None where it does not."""

    id: str | None = None
    order_id: str | None = None
    """The id that the provider's API takes."""
    subject: str | None = None
    occurred_at: datetime.datetime | None = None
    claims: Status = NO_CLAIM


class Scheme:
    """How a provider signs, and what its events say."""

    signed: ClassVar[bool] = True
    """Whether a delivery has a signature."""
    timed: ClassVar[bool] = True
    """Whether what is signed has a time in it, so that nobody can deliver it again later."""
    member: ClassVar[str] = "type"
    """The member of the body that names the kind."""
    id_member: ClassVar[str] = ""
    """The member of the body that is the event's id, where there is one."""
    kinds: ClassVar[Mapping[str, EventKind]]
    """Our word for each of the provider's."""

    def check(self, secret: str) -> None:
        """Raise InvalidArgument where this is no secret of the provider's."""

    def verify(self, secrets: Sequence[Any], headers: Headers, body: bytes, now: float) -> str | None:
        """Return what is signed of the delivery's id, None where nothing is.

        Raises WebhookRejected where it is not the provider's, or its time is not near.
        """
        raise NotImplementedError

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        """Return the headers of a delivery with an id, at a time in unix seconds."""
        raise NotImplementedError

    def name_of(self, event: Any) -> str:
        """Return the provider's word for a typed event's kind."""
        name: str = getattr(event, self.member)
        return name

    def told(self, event: Any) -> Told:
        """Return what a typed event says; nothing where there is none."""
        raise NotImplementedError


def near(stamp: str, now: float) -> None:
    """Raise WebhookRejected where a time in unix seconds is none, or is not near."""
    if not _SECONDS.fullmatch(stamp):
        raise WebhookRejected("the time of the delivery is no unix time", 401)
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise WebhookRejected(f"the time of the delivery is more than {TOLERANCE_SECONDS} s away", 401)


def matches(wanted: Iterable[str], given: Sequence[str]) -> None:
    """Raise WebhookRejected where none of the signatures given is wanted; how long it takes tells nothing of them."""
    candidates = [value.encode("utf-8", "surrogatepass") for value in given]
    found = [hmac.compare_digest(signature.encode(), value) for signature in wanted for value in candidates]
    if not any(found):
        raise WebhookRejected("the signature is not the provider's", 401)


def revealed(secrets: Sequence[Any]) -> Iterator[str]:
    """Yield the secrets' strings."""
    return (secret.reveal() for secret in secrets)
