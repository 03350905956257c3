"""Lists of orders: shops with many orders, pages as a provider sends them, and what a list gave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ordermux import (
    Account,
    Crossmint,
    Order,
)
from ordermux.emulator import Emulator
from ordermux.providers.cryptum import emulator as cryptum
from support.clients import Opening, Pages, account, example

LISTED = ["zephyr", "crossmint", "cryptum"]
PAGE_SIZE = {"zephyr": 20, "crossmint": 100, "cryptum": 100}
"""How many orders the emulator puts on a page that is asked for as the facade does."""


def accounts(emulator: Emulator) -> list[Account[Any]]:
    """Return the emulator's accounts, with no limit of requests."""
    emulator.state("crossmint").requests_a_minute = 10**6
    shop = Crossmint(**emulator.client_kwargs("crossmint"), requests_per_minute=10**6)
    return [shop if isinstance(each, Crossmint) else each for each in emulator.accounts()]


def ids(orders: Iterator[Order]) -> list[str]:
    """Return the orders' ids."""
    return [order.ref.id for order in orders]


def stocked(emulator: Emulator, provider: str, pages: float) -> set[str]:
    """Fill so many pages, and return the ids of all that is listed."""
    state = emulator.state(provider)
    while len(state.orders) < pages * PAGE_SIZE[provider]:
        state.add(emulator.world)
    return {name for name, order in state.orders.items() if order.get("store", cryptum.STORE) == cryptum.STORE}


def listing(opening: Opening, provider: str, *answers: Any, **filters: Any) -> tuple[list[str], Pages]:
    """Return the ids of a list whose server gives these answers in turn, and that server."""
    pages = Pages(list(answers))
    with opening(account(provider), transport=pages.transport) as mux:
        return ids(mux.orders.list(provider, **filters)), pages


def page(provider: str, *orders: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a page of a list."""
    match provider:
        case "zephyr":
            return {"data": list(orders), "has_more": False, **fields}
        case "crossmint":
            return {"orders": list(orders), "total": len(orders), "page": 1, "limit": 100, **fields}
        case _:
            return {"orders": list(orders), **fields}


def order_of(provider: str, name: str, **fields: Any) -> dict[str, Any]:
    """Return an order of a list."""
    schema = "ListedOrder" if provider == "cryptum" else "Order"
    return example(provider, schema, **{"orderId" if provider == "crossmint" else "id": name}, **fields)
