"""Requests that look at a world and change it, and orders that they are about."""

from __future__ import annotations

from typing import Any

import httpx

from ordermux.emulator import Emulator
from ordermux.emulator.registry import emulators
from ordermux.providers.zephyr import emulator as zephyr

PROVIDERS = emulators()
KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
ORDER = f"zephyr:{zephyr.SAMPLE_ORDER}"
SHOE = "crossmint:d1e2f3a4-b5c6-7890-defg-234567890123"


def get(emulator: Emulator, path: str, **query: Any) -> Any:
    """Return what a GET answers."""
    answer = httpx.get(f"{emulator.address}/_emulator/{path}", params=query)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def send(emulator: Emulator, path: str, body: Any = None, method: str = "POST") -> httpx.Response:
    """Change something."""
    return httpx.request(method, f"{emulator.address}/_emulator/{path}", json=body)


def refund(emulator: Emulator, **headers: str) -> httpx.Response:
    """Refund a little of the page's order."""
    url = f"{emulator.address}/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds"
    return httpx.post(url, json={"amount_cents": 10, "reason": "duplicate"}, headers=KEY | headers)


def row(emulator: Emulator, order: str) -> dict[str, Any]:
    """Return an order's row."""
    account, _, name = order.partition(":")
    [found] = [each for each in get(emulator, "state", account=account)["orders"] if each["id"] == name]
    return dict(found)
