"""Ways to run an inbox, with handlers and stores that fail as a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from ordermux import Croissant, Zephyr
from ordermux.webhooks import Delivery, Event, Inbox, WebhookResponse, Webhooks, delivery
from ordermux.webhooks.stores import ClaimResult, MemoryStore, Store
from support.typed_client_answers import CANARY, ORDER

ZEPHYR = Zephyr(api_key="key", webhook_secrets=f"whsec_{CANARY}-and-more")
CROISSANT = Croissant(client_id="id", client_secret="secret")
BUSY, FAILED, DONE = WebhookResponse(503, {"retry-after": "10"}), WebhookResponse(500), WebhookResponse(204)


@attrs.frozen
class Way:
    """A way to run an inbox: awaiting or not, with a handler that awaits or not."""

    awaiting: bool
    handler_awaits: bool

    def inbox(self, act: Callable[[Event], object], store: Store | None = None, **options: Any) -> Inbox:
        """Return an inbox whose handler does something."""

        async def awaits(event: Event) -> None:
            await asyncio.sleep(0)
            act(event)

        webhooks = Webhooks.of(ZEPHYR, CROISSANT)
        return Inbox(webhooks, awaits if self.handler_awaits else act, store or MemoryStore(), **options)

    def __call__(self, inbox: Inbox, made: Delivery, account: str = "zephyr") -> WebhookResponse:
        """Return what the inbox answers to a delivery."""
        if self.awaiting:
            return asyncio.run(asyncio.wait_for(inbox.arespond(account, made.headers, made.body), 10))
        return inbox.respond(account, made.headers, made.body)


WAYS = {
    "respond": Way(awaiting=False, handler_awaits=False),
    "arespond": Way(awaiting=True, handler_awaits=False),
    "arespond, the handler too": Way(awaiting=True, handler_awaits=True),
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@attrs.define
class Wrapped:
    """A store of which a step goes through something first."""

    step: str
    before: Callable[[], object]
    inner: Store = attrs.field(factory=MemoryStore)

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Claim."""
        self._meet("claim")
        return self.inner.claim(key, digest, owner, lease)

    def finish(self, key: str, owner: str) -> None:
        """Finish."""
        self._meet("finish")
        self.inner.finish(key, owner)

    def release(self, key: str, owner: str) -> None:
        """Release."""
        self._meet("release")
        self.inner.release(key, owner)

    def _meet(self, step: str) -> None:
        if step == self.step:
            self.before()


def fail() -> None:
    """Fail as a store does whose server is away."""
    raise ConnectionError("the store is away")


def failing(*steps: str) -> Store:
    """Return a store of which some steps fail."""
    store: Store = MemoryStore()
    for step in steps:
        store = Wrapped(step, fail, store)
    return store


def event(kind: str = "order.updated", event_id: str = "evt_1", **fields: object) -> dict[str, Any]:
    """Return an event of ZephyrCart's."""
    told = {"id": event_id, "type": kind, "created_at": "2026-05-30T12:00:00Z", "livemode": False, "data": ORDER}
    return {**told, **fields}


def made(kind: str = "order.updated", event_id: str = "evt_1", **fields: object) -> Delivery:
    """Return a delivery of an event."""
    return delivery(ZEPHYR, event(kind, event_id, **fields))


class Flaky:
    """A handler that fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        """Keep how often."""
        self.left, self.done, self.seen = failures, list[Event](), list[Event]()

    def __call__(self, told: Event) -> None:
        """Handle an event."""
        self.seen.append(told)
        if self.left:
            self.left -= 1
            raise ValueError("the handler's own")
        self.done.append(told)
