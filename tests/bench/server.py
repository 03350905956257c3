"""A server that costs next to nothing: canned answers over bare asyncio, in a process of its own.

`python -m bench.server` prints its port, and ends with its standard input. Only the standard library is used.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

PAGE_ORDERS = 100
_MARK = b"0000000"
_WALK = re.compile(rb"/walk/(\d+)/v1/orders(?:\?cursor=(\d+))?")


def order(order_id: str) -> dict[str, Any]:
    """Return an order of ZephyrCart's with three lines."""
    lines = [("Mug", "MUG-1", 1490, 2), ("Coaster, set of four", "COA-4", 990, 1), ("Tea towel", "TEA-1", 700, 3)]
    subtotal = sum(cents * quantity for _, _, cents, quantity in lines)
    return {
        "id": order_id,
        "cart_id": "cart_01HXY7K3M2N4P5Q6R7S8T9V0",
        "customer_id": "cust_01HXY6K3M2N4P5Q6R7S8T9V0",
        "line_items": [
            {"product_id": f"prod_{sku}", "name": name, "sku": sku, "unit_price_cents": cents, "quantity": quantity}
            for name, sku, cents, quantity in lines
        ],
        "currency": "USD",
        "subtotal_cents": subtotal,
        "tax_total_cents": 250,
        "shipping_total_cents": 500,
        "total_cents": subtotal + 750,
        "tax_calculation_source": "stripe_tax",
        "status": "paid",
        "livemode": False,
        "placed_at": "2026-05-30T12:00:00Z",
    }


def page(cursor: str | None) -> bytes:
    """Return a page of orders, and the mark of its number in each of their ids."""
    mark = _MARK.decode()
    data = [order(f"order_01HXY8{mark}{number:03d}") for number in range(PAGE_ORDERS)]
    return json.dumps({"data": data, "has_more": cursor is not None, "next_cursor": cursor}).encode()


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


ONE = _answer(json.dumps(order("order_01HXY8")).encode())
LAST = _answer(page(None))
MORE = _answer(page(_MARK.decode()))
TOKEN = _answer(b'{"access_token": "made-up", "token_type": "Bearer", "expires_in": 86400}')
STORED = _answer(b'{"stored": true}')


def answer(method: bytes, path: bytes) -> bytes | None:
    """Return what a request is answered with; None where there is nothing for it."""
    if walk := _WALK.fullmatch(path):
        number = int(walk[2] or 0) + 1
        return (MORE if number < int(walk[1]) else LAST).replace(_MARK, b"%0*d" % (len(_MARK), number))
    if method == b"GET" and path == b"/v1/orders":
        return LAST
    if method == b"GET" and path.startswith(b"/v1/orders/"):
        return ONE
    if method == b"PUT" and path.startswith(b"/products/"):
        return STORED
    return TOKEN if method == b"POST" and path == b"/token" else None


class Canned(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport
    buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request; hang up at one that there is no answer for."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < whole:
                return
            self.buffer = self.buffer[whole:]
            method, path, _ = head.split(b" ", 2)
            if (told := answer(method, path)) is None:
                self.transport.close()
                return
            self.transport.write(told)


async def serve() -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
