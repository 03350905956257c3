"""What providers deliver to an address of yours: verified, typed, and as claims about one order."""

from ._event import Event, EventKind, WebhookRejected
from ._receive import Webhooks

__all__ = ["Event", "EventKind", "WebhookRejected", "Webhooks"]
