"""Webhook events, and the error of a rejected delivery."""

from __future__ import annotations

import datetime
import enum
from typing import Any

import attrs

from .errors import OrdermuxError
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


@attrs.frozen(kw_only=True)
class Event(JsonReady):
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
