"""The table of what each provider shows of the ledger, from the emulator's orders and the documents' events."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, TypeAlias

import msgspec

from ordermux import Ledger, Order, Ordermux
from ordermux.emulator import Emulator, World
from ordermux.ledger import AdjustmentKind
from ordermux.providers.croissant.emulator import SAMPLE_CART
from ordermux.providers.registry import provider_named
from support.document_checker import documents

PROVIDERS = ("croissant", "zephyr", "crossmint", "cryptum")
_ORDERS = 150
Look: TypeAlias = Callable[[Ledger], list[Any]]
"""Gives the values of a part, one for each entry; a single None if the part is not shown."""
_MORE_EVENTS: dict[str, list[dict[str, Any]]] = {
    "crossmint": [
        {
            "type": "orders.payment.succeeded",
            "data": {"payment": {"currency": "usdc", "received": {"txId": "0xabc", "amount": "149.99"}}},
        }
    ]
}
"""Events with fields that the documents have, and their examples do not."""


def _of(part: str, name: str) -> Look:
    """Return what looks at one field of each entry of a part; refunds are those of the adjustments."""

    def look(ledger: Ledger) -> list[Any]:
        entries: Iterable[Any] | None = getattr(ledger, "adjustments" if part == "refunds" else part)
        if entries is None:
            return [None]
        return [getattr(each, name) for each in entries if part != "refunds" or each.kind is AdjustmentKind.REFUND]

    return look


_FIELDS = {
    "lines": ("quantity", "fulfilled", "returned", "removed"),
    "payments": ("state", "amount", "id", "occurred_at", "method"),
    "refunds": ("state", "amount", "id", "occurred_at"),
    "fulfillments": ("state", "id", "occurred_at"),
}
_SUMS: dict[str, Callable[[Order], Any]] = {
    "refunded_total": lambda order: order.refunded_total,
    "refundable": lambda order: order.refundable,
    "merchant_reference": lambda order: order.merchant_reference,
}


@functools.cache
def _shown(provider: str) -> tuple[list[Order], list[Ledger], bool]:
    """Return the orders of a provider, what its events add, and whether these are trusted."""
    with Emulator(World(extra_orders=_ORDERS)) as emulator, Ordermux(*emulator.accounts(), timeout=60.0) as mux:
        if provider == "croissant":
            orders = [mux.orders.get(f"croissant:{SAMPLE_CART}")]
        else:
            orders = list(mux.orders.list(provider))
    package, scheme = import_module(f"ordermux_{provider}"), provider_named(provider).webhooks
    added: list[Ledger] = []
    bodies = list(_MORE_EVENTS.get(provider, []))
    for event in documents()[provider].events:
        content = event.node["requestBody"]["content"]["application/json"]
        bodies += [content.get("example"), *(each["value"] for each in content.get("examples", {}).values())]
    for body in filter(None, bodies):
        native, _ = package.events.read_event(msgspec.json.encode(body))
        added.append(scheme.facts(native).ledger)
    return orders, added, scheme.timed


def _cell(provider: str, look: Look) -> str:
    """Return where a provider shows a value."""
    orders, events, trusted = _shown(provider)
    values = [value for order in orders for value in look(order.ledger)]
    found: list[str] = []
    if any(value is not None for value in values):
        found.append("orders" if all(value is not None for value in values) else "some orders")
    if any(value is not None for ledger in events for value in look(ledger)):
        found.append("events" if trusted else "untrusted events")
    return ", ".join(found) or "\N{EN DASH}"


def rows() -> list[list[str]]:
    """Return the rows of the table."""
    made: list[list[str]] = []
    for part, names in _FIELDS.items():
        made += [[part, f"`{name}`", *(_cell(each, _of(part, name)) for each in PROVIDERS)] for name in names]
    for name, get in _SUMS.items():
        made.append(["order", f"`{name}`", *(_sum(each, get) for each in PROVIDERS)])
    return made


def _sum(provider: str, get: Callable[[Order], Any]) -> str:
    values = [get(order) for order in _shown(provider)[0]]
    if all(value is None for value in values):
        return "\N{EN DASH}"
    return "orders" if all(value is not None for value in values) else "some orders"
