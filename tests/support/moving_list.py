"""A list that changes while it is read: a server of each provider's pages, whose rows come, go and change."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs
import httpx

from support.clients import example

Change: TypeAlias = Callable[["Moving"], None]


ID = {"zephyr": "id", "crossmint": "orderId", "cryptum": "id"}
REVISION = {"zephyr": "cart_id", "crossmint": "crossmintOrderId", "cryptum": "ecommerceOrderId"}
"""A field in which the server counts how often an order was changed."""


@functools.cache
def _example(provider: str) -> dict[str, Any]:
    return example(provider, "ListedOrder" if provider == "cryptum" else "Order")


def row_of(provider: str, name: str, **fields: Any) -> dict[str, Any]:
    """Return a row of a provider's list: the document's example, with an id and other fields as given."""
    return {**_example(provider), ID[provider]: name, **fields}


@attrs.define
class Moving:
    """A server with one list, newest first, that changes before a request as it is told."""

    provider: str
    names: list[str]
    """The orders, as they are listed."""
    before: dict[int, Change] = attrs.field(factory=dict[int, Change])
    """What changes before which request, from 0."""
    cap: int = 1000
    """How many rows the server puts on a page at most, whatever it is asked for."""
    by_place: bool = False
    """Whether ZephyrCart's cursors are places, and not orders."""
    revisions: dict[str, int] = attrs.field(factory=dict[str, int])
    """How often each order was changed."""
    removed: dict[str, str | None] = attrs.field(factory=dict[str, "str | None"])
    """The orders that went, each with the one that it came after."""
    added: int = 0
    asked: list[dict[str, str]] = attrs.field(factory=list[dict[str, str]])

    def insert(self, place: int, count: int) -> None:
        """Let new orders come at a place."""
        new = [f"new-{self.added + number}" for number in range(count)]
        self.added += count
        self.names[place:place] = new

    def remove(self, place: int, count: int) -> None:
        """Let orders go."""
        above = self.names[place - 1] if 0 < place <= len(self.names) else None
        self.removed |= dict.fromkeys(self.names[place : place + count], above)
        del self.names[place : place + count]

    def update(self, place: int, count: int = 1) -> None:
        """Change orders where they are."""
        for name in self.names[place : place + count]:
            self.revisions[name] = self.revisions.get(name, 0) + 1

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request for a page."""
        if change := self.before.get(len(self.asked)):
            change(self)
        query = dict(request.url.params)
        self.asked.append(query)
        assert len(self.asked) < 3000, "it does not end"
        return httpx.Response(200, json=getattr(self, f"_{self.provider}")(query))

    @property
    def transport(self) -> httpx.MockTransport:
        """What brings requests here."""
        return httpx.MockTransport(self)

    def _rows(self, start: int, limit: int) -> list[dict[str, Any]]:
        return [self._row(name) for name in self.names[start : start + limit]]

    def _row(self, name: str) -> dict[str, Any]:
        return row_of(self.provider, name, **{REVISION[self.provider]: str(self.revisions.get(name, 0))})

    def _cryptum(self, query: dict[str, str]) -> Any:
        rows = self._rows(int(query["offset"]), min(self.cap, int(query["limit"])))
        return {"orders": rows, "total": len(self.names)}

    def _crossmint(self, query: dict[str, str]) -> Any:
        limit = min(self.cap, int(query["limit"]), 100)
        rows = self._rows((int(query["page"]) - 1) * limit, limit)
        return {"orders": rows, "total": len(self.names), "page": int(query["page"]), "limit": limit}

    def _zephyr(self, query: dict[str, str]) -> Any:
        start, limit = self._place(query.get("cursor")), min(self.cap, 20)
        rows, more = self._rows(start, limit), len(self.names) > start + limit
        last = self.names[start + limit - 1] if more else None
        return {"data": rows, "has_more": more, "next_cursor": f"{start + limit}:{last}" if more else None}

    def _place(self, cursor: str | None) -> int:
        """Return where a page begins: after the order that a cursor names, wherever that is now or would be."""
        if cursor is None:
            return 0
        place, _, name = cursor.partition(":")
        if self.by_place:
            return int(place)
        above: str | None = name
        while above in self.removed:
            above = self.removed[above]
        return 0 if above is None else self.names.index(above) + 1
