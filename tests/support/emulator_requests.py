"""Requests to an emulator, by a connection that stays open."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from ordermux.emulator import Emulator
from ordermux.providers.zephyr import emulator as zephyr

KEY = {"Authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
RESET = {"operation": "zephyr.getOrder", "kind": "reset", "when": "before"}
Ask = Callable[..., tuple[int, Any]]


@contextmanager
def asking(emulator: Emulator) -> Generator[Ask]:
    """Give what makes calls, all on one connection."""
    connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=60)

    def ask(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, content, (headers or {}) | KEY)
        answer = connection.getresponse()
        read = answer.read()
        return answer.status, json.loads(read) if read[:1] in {b"{", b"["} else read

    yield ask
    connection.close()
