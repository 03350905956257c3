"""Webhook events, and the error of a rejected delivery."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from .errors import OrdermuxError
from .frozen import new, setters
from .ledger import NOT_SHOWN, Ledger
from .order import OrderRef, RawBody
from .serialization import Hidden, JsonReady, hidden
from .status import NOT_REPORTED, Attention, Status


class EventKind(enum.StrEnum):
    """What an event reports."""

    ORDER_CREATED = "order_created"
    """An order was placed."""
    ORDER_UPDATED = "order_updated"
    """Something about an order changed: read it again."""
    ORDER_REFUNDED = "order_refunded"
    """The order was refunded, fully or partially."""
    ORDER_CANCELLED = "order_cancelled"
    """An order was cancelled."""
    PAYMENT_SUCCEEDED = "payment_succeeded"
    """An order, or one that does not exist yet, was paid."""
    PAYMENT_FAILED = "payment_failed"
    """The payment of an order failed."""
    PAYMENT_CHANGED = "payment_changed"
    """Something about the payment of an order changed."""
    DELIVERY_STARTED = "delivery_started"
    """The merchant started the delivery of an order."""
    DELIVERY_COMPLETED = "delivery_completed"
    """An order was delivered."""
    DELIVERY_FAILED = "delivery_failed"
    """The delivery of an order failed."""
    QUOTE_CHANGED = "quote_changed"
    """A price was quoted or changed; this does not affect the status."""
    UNKNOWN = "unknown"
    """The provider's document does not have this kind."""


class WebhookRejected(OrdermuxError):
    """A delivery is rejected; `status` is the HTTP status code to respond with.

    `hint` is what may be wrong in the calling code, None if nothing is known. It is for the log, and proves nothing.
    """

    def __init__(self, message: str, status: int, hint: str | None = None) -> None:
        """Keep the message, the status code and the hint."""
        super().__init__(message, status, hint)
        self.status = status
        self.hint = hint

    def __str__(self) -> str:
        """Return the message, with the hint."""
        return f"{self.args[0]}{f' (hint: {self.hint})' if self.hint else ''}"


class EventReader(Protocol):
    """Reads the fields of an event from the typed client's model of it. It is pure and raises nothing."""

    def fields(self, account: str, native: Any, identity: str) -> Mapping[str, Any]:
        """Return each field that the body states, by name; `identity` is the id of an event whose body has none."""
        ...


class _Unread(JsonReady):
    """Keeps what an event's fields are read from: the reader, the model, the signed id, the body and its redaction."""

    __slots__ = ("_unread",)
    _unread: tuple[EventReader, Any, str | None, bytes, Callable[[bytes], bytes]]


@attrs.frozen(kw_only=True)
class Event(_Unread):
    """A delivered event; a field is None if the provider does not report it."""

    account: str
    provider: str
    id: str
    """The id that its redeliveries share: the id in the body, else the signed id of the delivery, else the digest. If
    it is the digest (always for Cryptum), a redelivery with a different body, such as a counter of attempts, is another
    event; `Webhooks.volatile_fields` lists fields to ignore."""
    digest: str
    """The SHA-256 of the body, in hex, without volatile fields and, for Cryptum, without whitespace, which it does not
    sign. An event with the same id and another digest is another event."""
    kind: EventKind
    name: str
    """The provider's name of the kind."""
    order: OrderRef | None
    """The order, if the body has the id that the provider's API accepts."""
    subject: str | None
    """The provider's id of the subject: the order; for the shop, Crossmint's own id, which its orders have as
    `crossmint_order_id`; for Croissant the retailer's checkout, whose order does not exist yet."""
    claims: Status
    """The status that it reports, by the provider's status map. Rely on it only if the event is trusted."""
    entries: Ledger = NOT_SHOWN
    """What it adds to the order's ledger. Rely on it only if the event is trusted."""
    livemode: bool | None = None
    """False in a provider's test mode; None if the event does not report it."""
    trusted: bool
    """Whether it is signed, with a recent timestamp."""
    attention: tuple[Attention, ...] = ()
    """Reasons for a person to look at the order."""
    occurred_at: datetime.datetime | None
    """Timezone-aware UTC."""
    received_at: datetime.datetime
    """Timezone-aware UTC."""
    _native: Hidden = attrs.field(converter=hidden, repr=False, hash=False, alias="native")
    _source: RawBody = attrs.field(repr=False, eq=False, alias="source")

    @property
    def status(self) -> Status:
        """The reported status if the event is trusted, else empty; read the order then."""
        return self.claims if self.trusted else NOT_REPORTED

    @property
    def ledger(self) -> Ledger:
        """What it adds to the order's ledger if the event is trusted, else empty; read the order then."""
        return self.entries if self.trusted else NOT_SHOWN

    @property
    def native(self) -> Any:
        """The event of the provider's typed package; None if it deviates from the document."""
        return self._native.reveal()

    @property
    def raw(self) -> Any:
        """The body as JSON, fields that the document does not know included, secrets masked.

        None if Python cannot parse it: too deep, or a number of thousands of digits.
        """
        return self._source.get(())

    if not TYPE_CHECKING:  # a checker that saw it would take any name

        def __getattr__(self, name: str) -> Any:
            """Read a field that was not accessed before. Two threads may both read it, and keep equal values."""
            if name in _ORIGIN:
                _, native, _, body, redact = _unread_of(self)
                read = {"_native": Hidden(native), "_source": RawBody(body, redact)}
            elif name in _SET:
                reader, native, message, _, _ = _unread_of(self)
                read = reader.fields(self.account, native, message or self.digest)
            else:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            for field, value in read.items():
                _SET[field](self, value)
            return read[name]


_ORIGIN = ("_native", "_source")
_SET = dict(zip((field.name for field in attrs.fields(Event)), setters(Event), strict=True))
_set_account, _set_provider, _set_digest = _SET["account"], _SET["provider"], _SET["digest"]
_set_received_at, _set_trusted, _set_attention = _SET["received_at"], _SET["trusted"], _SET["attention"]
_set_unread: Callable[[Event, Any], None] = vars(_Unread)["_unread"].__set__
_unread_of: Callable[[Event], tuple[Any, ...]] = vars(_Unread)["_unread"].__get__


def unread_event(
    account: str,
    provider: str,
    digest: str,
    received_at: datetime.datetime,
    unread: tuple[EventReader, Any, str | None, bytes, Callable[[bytes], bytes]],
    *,
    trusted: bool,
) -> Event:
    """Return an event that reads each other field when the field is first accessed.

    `unread` is the reader, the model, the id of the delivery if that is signed, the body and what masks its secrets.
    """
    made = new(Event)
    _set_account(made, account)
    _set_provider(made, provider)
    _set_digest(made, digest)
    _set_received_at(made, received_at)
    _set_trusted(made, trusted)
    _set_attention(made, ())
    _set_unread(made, unread)
    return made
