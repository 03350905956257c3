"""How a provider signs, and what its events say."""

from __future__ import annotations

import datetime
import functools
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

import attrs

from ..event import EventKind, WebhookRejected
from ..ledger import NOT_SHOWN, Ledger
from ..order import OrderRef
from ..status import NOT_REPORTED, Status
from .headers import Headers
from .hints import body_hint

TOLERANCE_SECONDS = 300.0
_MAX_DIGITS = 12
_QUEUED = "what waited in a queue is received with received_at=, or with a larger tolerance="
_CLOCK = "the clock of this machine may be slow"


@attrs.frozen(kw_only=True)
class EventFacts:
    """What an event's body says; None where it does not."""

    id: str | None = None
    order_id: str | None = None
    """The id that the provider's API takes."""
    subject: str | None = None
    occurred_at: datetime.datetime | None = None
    livemode: bool | None = None
    claims: Status = NOT_REPORTED
    ledger: Ledger = NOT_SHOWN


@attrs.define
class Signature:
    """What a delivery's headers say of how it is signed."""

    values: Sequence[str] = attrs.field(repr=False)
    """The signatures, one of which is to fit."""
    timestamp: str | None = None
    """The unix time that is signed, None if none is."""
    message: str | None = None
    """The delivery's id that is signed, None if none is."""


class WebhookScheme:
    """How a provider signs, and what its events say."""

    signed: ClassVar[bool] = True
    """Whether a delivery has a signature."""
    timed: ClassVar[bool] = True
    """Whether what is signed has a time in it, so that nobody can deliver it again later."""
    key_form: ClassVar[str] = ""
    """What a webhook secret looks like; empty if the provider does not publish it."""
    tolerance: ClassVar[float] = TOLERANCE_SECONDS
    """How many seconds the signed time may be away from now, if the caller sets no other tolerance."""
    headers: ClassVar[frozenset[str]] = frozenset()
    """The headers that a signature needs, in lower case."""
    member: ClassVar[str] = "type"
    """The member of the body that names the kind; a dotted path."""
    id_member: ClassVar[str] = ""
    """The member of the body that is the event's id, where there is one; a dotted path."""
    received_statuses: ClassVar[frozenset[int]] = frozenset(range(200, 300))
    """The HTTP statuses by which the provider takes a delivery for received."""
    volatile_fields: ClassVar[frozenset[str]] = frozenset()
    """The fields of the body that differ between deliveries of one event, such as a count of attempts; dotted paths."""
    kinds: ClassVar[Mapping[str, EventKind]]
    """Our word for each of the provider's."""

    def key(self, secret: str) -> bytes | None:
        """Return the bytes of a secret that nobody knows, None if it has not the form that the provider publishes."""
        return secret.encode()

    def check(self, secret: str) -> None:
        """Raise InvalidArgument where nothing can be signed with a secret, whatever an account may have."""

    def signature(self, headers: Headers) -> Signature:
        """Return what the headers say of the signature.

        Raises WebhookRejected if something is missing.
        """
        raise NotImplementedError

    def content(self, body: bytes) -> bytes:
        """Return what of a body is signed."""
        return body

    def mac(self, secret: str, signature: Signature, content: bytes | memoryview) -> str:
        """Return the signature of what is signed of a body, as the headers have it."""
        raise NotImplementedError

    def check_headers(self, headers: Headers, now: float, tolerance: float) -> Signature:
        """Return what the headers say of the signature, before a body is there.

        Raises WebhookRejected if something is missing, or the time is not near.
        """
        signature = self.signature(headers)
        if signature.timestamp is not None:
            check_timestamp(signature.timestamp, now, tolerance)
        return signature

    def verify(
        self,
        secrets: Sequence[Any],
        headers: Headers,
        body: bytes,
        now: float,
        tolerance: float = TOLERANCE_SECONDS,
    ) -> str | None:
        """Return what is signed of the delivery's id, None where nothing is.

        Raises WebhookRejected where it is not the provider's, or its time is not near.
        """
        signature = self.check_headers(headers, now, tolerance)
        if self.signed and not self._fits(secrets, signature, body):
            hint = body_hint(body, functools.partial(self._fits, secrets, signature))
            raise WebhookRejected("the signature is not the provider's", 401, hint)
        return signature.message

    def _fits(self, secrets: Sequence[Any], signature: Signature, body: bytes) -> bool:
        """Return whether a signature given is wanted; how long it takes tells nothing of those that are."""
        content = memoryview(self.content(body))  # which no traceback shows
        given = [value.encode("utf-8", "surrogatepass") for value in signature.values]
        found = False
        for secret in secrets:
            wanted = self.mac(secret.reveal(), signature, content).encode()
            for each in given:
                found |= hmac.compare_digest(wanted, each)
        return found

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        """Return the headers of a delivery with an id, at a time in unix seconds."""
        raise NotImplementedError

    def name_of(self, event: Any) -> str:
        """Return the provider's word for a typed event's kind."""
        found = event
        for member in self.member.split("."):
            found = getattr(found, member)
        name: str = getattr(found, "value", found)
        return name

    def facts(self, event: Any) -> EventFacts:
        """Return what a typed event says; nothing where there is none.

        It raises nothing: it is called when a field of the event is first accessed.
        """
        raise NotImplementedError

    def facts_untyped(self, members: Mapping[str, Any]) -> EventFacts:
        """Return what the JSON of an event says that has no typed form."""
        value = member_at(members, self.id_member)
        return EventFacts(id=value if isinstance(value, str) and value else None)

    def fields(self, account: str, native: Any, identity: str) -> dict[str, Any]:
        """Return each field of `Event` that a typed event states; `identity` is its id if it has none."""
        return self.stated(account, self.name_of(native), self.facts(native), identity)

    def stated(self, account: str, name: str, facts: EventFacts, identity: str) -> dict[str, Any]:
        """Return each field of `Event` that an event of this name states."""
        return {
            "id": facts.id or identity,
            "kind": self.kinds.get(name, EventKind.UNKNOWN),
            "name": name,
            "order": OrderRef(account, facts.order_id) if facts.order_id else None,
            "subject": facts.subject or facts.order_id,
            "claims": facts.claims,
            "entries": facts.ledger,
            "livemode": facts.livemode,
            "occurred_at": facts.occurred_at,
        }


def member_at(members: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path in JSON, None where nothing does."""
    found: Any = members
    for name in path.split("."):
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return found


def check_timestamp(stamp: str, now: float, tolerance: float) -> None:
    """Raise WebhookRejected where a time in unix seconds is none, or is not near."""
    if not (stamp.isdigit() and stamp.isascii() and len(stamp) <= _MAX_DIGITS):
        raise WebhookRejected("the time of the delivery is no unix time", 401)
    if not abs(now - int(stamp)) <= tolerance:  # also where one of them is no number
        hint = _QUEUED if now > int(stamp) else _CLOCK
        raise WebhookRejected(f"the time of the delivery is more than {tolerance:g} s away", 401, hint)
