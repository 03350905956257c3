"""An event as it is everywhere, and the one error of what is none."""

from __future__ import annotations

import datetime
import enum
from typing import Any

import attrs

from ..errors import OrdermuxError
from ..order import OrderRef, Source
from ..status import NO_CLAIM, Attention, Status


class EventKind(enum.StrEnum):
    """What an event tells of."""

    ORDER_CREATED = "order_created"
    """An order was placed."""
    ORDER_UPDATED = "order_updated"
    """Something about an order changed: read it again."""
    ORDER_REFUNDED = "order_refunded"
    """Money was given back, all of it or a part."""
    ORDER_CANCELLED = "order_cancelled"
    """An order was cancelled."""
    PAYMENT_SUCCEEDED = "payment_succeeded"
    """An order, or one that is still to be created, is paid."""
    PAYMENT_FAILED = "payment_failed"
    """The payment of an order failed."""
    PAYMENT_CHANGED = "payment_changed"
    """Something about the payment of an order changed."""
    DELIVERY_STARTED = "delivery_started"
    """The merchant works on an order."""
    DELIVERY_COMPLETED = "delivery_completed"
    """An order is delivered."""
    DELIVERY_FAILED = "delivery_failed"
    """The delivery of an order failed."""
    QUOTE_CHANGED = "quote_changed"
    """A price was made or changed, which says nothing of the order's status."""
    UNKNOWN = "unknown"
    """The provider's document does not know it."""


class WebhookRejected(OrdermuxError):
    """A delivery that is not to be handled; `status` is the HTTP status to answer with."""

    def __init__(self, message: str, status: int) -> None:
        """Keep both."""
        super().__init__(message, status)
        self.status = status

    def __str__(self) -> str:
        """Return the message."""
        return str(self.args[0])


@attrs.frozen(kw_only=True)
class Event:
    """What a provider delivered; None where it does not say."""

    account: str
    provider: str
    id: str
    """What its redeliveries have in common: of the signed body where that has an id, else of the delivery."""
    digest: str
    """SHA-256 of the body, in hex: with the same id, another digest is another event."""
    kind: EventKind
    name: str
    """The provider's own word for the kind."""
    order: OrderRef | None
    """The order, where the body bears the id that the provider's API takes."""
    subject: str | None
    """What the body is about, in an id of the provider's: the order's; for the shop Crossmint's own, which the shop's
    orders bear as `crossmint_order_id`; for Croissant the retailer's checkout, whose order does not exist yet."""
    claims: Status
    """What it says of the order, by the provider's table; to be believed only where it is trusted."""
    trusted: bool
    """Whether it is certain that the provider said so just now: signed, and with a time that is near."""
    attention: tuple[Attention, ...] = ()
    """What a person should look at."""
    occurred_at: datetime.datetime | None
    """Aware, in UTC."""
    received_at: datetime.datetime
    """Aware, in UTC."""
    native: Any = attrs.field(repr=False, hash=False)
    """The event as the provider's typed package gives it; None where it is not as its document says."""
    _source: Source = attrs.field(repr=False, eq=False, alias="source")

    @property
    def status(self) -> Status:
        """What it says of the order as a fact: nothing where it is not trusted; read the order then."""
        return self.claims if self.trusted else NO_CLAIM

    @property
    def raw(self) -> Any:
        """The body as JSON, fields that the document does not know included, secrets masked.

        None where Python does not read it: it nests too deep, or has a number of thousands of digits.
        """
        return self._source.at(())
