"""Deliveries to an account of ZephyrCart, right and forged, and apps to post them to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs
import httpx

from ordermux import Zephyr
from ordermux.webhooks import Delivery, delivery
from support.typed_client_answers import CANARY, ORDER

ACCOUNT = Zephyr(api_key="key", webhook_secrets=f"whsec_{CANARY}-and-more")
Post: TypeAlias = Callable[[str, dict[str, str], bytes], tuple[int, dict[str, str]]]
"""Sends a POST to a path; returns the answer's status and its headers."""


def body(event_id: str = "evt_1") -> bytes:
    """Return an event as no encoder would write it, so that it is verified only as it came, byte for byte."""
    told = {"id": event_id, "type": "order.updated", "livemode": False, "data": {**ORDER, "metadata": {"note": "é☃"}}}
    return (json.dumps(told, ensure_ascii=False, indent=3).replace("false", " false\t") + "\r\n ").encode()


def told(event_id: str = "evt_1") -> Delivery:
    """Return a delivery of it."""
    return delivery(ACCOUNT, body(event_id))


def forged(event_id: str = "evt_1") -> Delivery:
    """Return a delivery of it that another signed."""
    return delivery(attrs.evolve(ACCOUNT, webhook_secrets="whsec_of-somebody-else"), body(event_id))


def asgi(app: Any) -> Post:
    """Return what posts to an ASGI app."""

    def post(path: str, headers: dict[str, str], content: bytes) -> tuple[int, dict[str, str]]:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
                return await client.post(path, headers=headers, content=content)

        answer = asyncio.run(send())
        return answer.status_code, dict(answer.headers)

    return post
