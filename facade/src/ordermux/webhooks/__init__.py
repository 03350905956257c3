"""What providers deliver to an address of yours: verified, typed, and as claims about one order."""

from ..event import Event, EventKind, WebhookRejected
from .inbox import Inbox
from .receive import Webhooks
from .response import WebhookResponse
from .signing import Delivery, delivery

__all__ = [
    "Delivery",
    "Event",
    "EventKind",
    "Inbox",
    "WebhookRejected",
    "WebhookResponse",
    "Webhooks",
    "delivery",
]
