"""Requests to the shop on Crossmint."""

from __future__ import annotations

from typing import Any

import attrs
import httpx

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import COOKIE, CREDENTIALS, State

SAMPLE = "/crossmint/api/orders/d1e2f3a4-b5c6-7890-defg-234567890123"
"""The order that the page shows, whose id is no UUID."""
JWT = f"crossmint-jwt={CREDENTIALS['jwt']}"
ITEM = {"cartItemId": "c1d2e3f4-a5b6-7890-cdef-123456789012"}


@attrs.frozen
class Shop:
    """The shop, and a user of it."""

    emulator: Emulator

    @property
    def state(self) -> State:
        """What the shop remembers."""
        state: State = self.emulator.state("crossmint")
        return state

    def ask(self, method: str, path: str, *, cookie: str = COOKIE, **sent: Any) -> httpx.Response:
        """Make a call."""
        headers = {"cookie": cookie} if cookie else {}
        headers |= sent.pop("headers", {})
        return httpx.request(method, self.emulator.address + path, headers=headers, timeout=30, **sent)

    def get(self, path: str = "/crossmint/api/orders", **sent: Any) -> httpx.Response:
        """Read something."""
        return self.ask("GET", path, **sent)

    def order(self, order_id: str) -> Any:
        """Return an order as it is read."""
        return self.get(f"/crossmint/api/orders/{order_id}").json()

    def live(self) -> str:
        """Return the id of a new order, about which Crossmint is asked."""
        return str(self.state.add(self.emulator.world, status="payment_confirmed")["orderId"])


def said(answer: httpx.Response) -> tuple[int, str | None]:
    """Return the status and the code of an answer."""
    return answer.status_code, answer.json().get("code")
