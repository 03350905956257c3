"""An event of each provider, and what comes of delivering it."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from webhooks import fuzz
from webhooks.fuzz import receiver

from ordermux import Account
from ordermux.errors import OrdermuxError
from ordermux.webhooks import Event, WebhookRejected, Webhooks

EVENT: dict[str, bytes] = {provider: bodies[0] for provider, bodies in fuzz.examples().items()}
"""An event of each provider, as its document has it."""
SIGNERS = ("zephyr", "crossmint", "cryptum")
ZEPHYR, SVIX = "X-ZephyrCart-Signature", "svix-signature"


def refused(
    provider: str,
    headers: Any,
    body: Any,
    webhooks: Webhooks | None = None,
    kind: type[OrdermuxError] = WebhookRejected,
) -> int:
    """Return the status that a delivery is refused with; 0 where the error, of `kind`, has none."""
    with pytest.raises(kind) as caught:
        (webhooks or receiver()).receive(provider, headers, body)
    assert kind is type(caught.value)
    return getattr(caught.value, "status", 0)


def taken(provider: str, headers: Any, body: Any, webhooks: Webhooks | None = None) -> Event:
    """Return the event that is taken, which is of the body that came."""
    event = (webhooks or receiver()).receive(provider, headers, body)
    assert provider == event.account
    assert json.loads(bytes(body)) == event.raw
    return event


def account(provider: str, secrets_: Any, name: str | None = None) -> Account[Any]:
    """Return an account of a provider with these webhook secrets."""
    given = next(each for each in fuzz.ACCOUNTS if each.provider == provider)
    return attrs.evolve(given, webhook_secrets=secrets_, name=name or provider)
