"""The inbox behind a real server that several test files send to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from webhooks.fuzz import ACCOUNTS
from webhooks.served import served

from ordermux import Zephyr
from ordermux.webhooks import Event, Inbox, Webhooks
from support.served_inboxes import Served


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Served]:
    """Give an inbox behind a real server, with the limits that the test names."""
    options: dict[str, Any] = {"body_timeout": 10, "max_buffered": 200_000, **getattr(request, "param", {})}
    handled, free, started = list[Event](), threading.Event(), threading.Event()

    def handle(event: Event) -> None:
        if event.id == "evt_slow":
            started.set()
            free.wait(30)
        handled.append(event)

    accounts = (*ACCOUNTS, Zephyr(api_key="key", name="without"))
    inbox = Inbox(Webhooks.of(*accounts, max_body=100_000), handle)
    with served(inbox.app(**options)) as port:
        yield Served(port, handled, free, started)
        free.set()
