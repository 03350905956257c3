"""A store of products behind a transport, and clients of it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx

from ordermux import (
    Croissant,
)

Sent = tuple[int, Any]
BELT = {"name": "Belt", "brand": "Your Brand"}


def belts(number: int) -> Iterator[tuple[str, Any]]:
    """Give so many products."""
    for each in range(number):
        yield f"SKU-{each}", BELT


@attrs.define
class Store(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A retailer's end that answers by the product's id, and counts how many are in flight."""

    answer: Callable[[str], Sent | Exception] = lambda _: (200, {})
    seconds: float = 0.0
    put: list[str] = attrs.field(factory=list[str])
    now: int = 0
    most: int = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def _begin(self, request: httpx.Request) -> str:
        name = request.url.path.rpartition("/")[2]
        with self.lock:
            if name != "token":
                self.put.append(name)
            self.now += 1
            self.most = max(self.most, self.now)
        return name

    def _end(self, name: str) -> httpx.Response:
        with self.lock:
            self.now -= 1
        if name == "token":
            return httpx.Response(200, json={"access_token": "tok", "expires_in": 3600})
        answer = self.answer(name)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer[0], content=json.dumps(answer[1]))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, blocking."""
        name = self._begin(request)
        time.sleep(self.seconds)
        return self._end(name)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, awaiting."""
        name = self._begin(request)
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self._end(name)
            raise
        return self._end(name)


def croissant() -> Croissant:
    """Return an account without a server."""
    return Croissant(client_id="id", client_secret="secret", base_url="http://croissant.test/v0")


def refusing(*names: str, status: int = 422) -> Callable[[str], Sent]:
    """Return the answer of a store that refuses these products."""
    return lambda name: (status, {"message": "no"}) if name in names else (200, {})
