"""What providers deliver to an address of yours: verified, typed, and as claims about one order."""

from ._event import Event, EventKind, WebhookRejected
from ._inbox import Inbox, Reply
from ._receive import Webhooks, check_secrets
from ._signing import Delivery, delivery

__all__ = [
    "Delivery",
    "Event",
    "EventKind",
    "Inbox",
    "Reply",
    "WebhookRejected",
    "Webhooks",
    "check_secrets",
    "delivery",
]
