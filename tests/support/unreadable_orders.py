"""Orders that are broken in a required place, and answers with them."""

# pyright: reportUnknownVariableType=false

from __future__ import annotations

import copy
from typing import Any

import pytest

from ordermux import (
    Order,
)
from support.clients import Opening, Pages, account, example
from support.moving_list import ID

MISSING = object()
ROWS = {"zephyr": "data", "crossmint": "orders", "cryptum": "orders"}
BROKEN: list[tuple[str, str, Any]] = [
    *(("zephyr", "tax_calculation_source", wrong) for wrong in (None, 7, [], MISSING)),
    *(("zephyr", "total_cents", wrong) for wrong in (37.3, "3730", None, True, [], MISSING)),
    *(("zephyr", "currency", wrong) for wrong in (None, 840, MISSING)),
    *(("zephyr", "line_items", wrong) for wrong in (None, {}, [7], [None, {}], "x", MISSING)),
    *(("zephyr", "status", wrong) for wrong in (None, 7, ["paid"], MISSING)),
    *(("zephyr", name, None) for name in ("cart_id", "subtotal_cents", "livemode", "placed_at")),
    *(("crossmint", "type", wrong) for wrong in (None, 7, MISSING)),
    *(("crossmint", "status", wrong) for wrong in (None, 7, {}, MISSING)),
    *(("crossmint", "payment", wrong) for wrong in (None, [], {}, {"status": None}, {"status": "succeeded"}, MISSING)),
    *(("crossmint", "createdAt", wrong) for wrong in (None, "soon", 1780142400, MISSING)),
    ("crossmint", "crossmintOrderId", None),
    *(("cryptum", "orderTotal", wrong) for wrong in (None, 149.99, [], MISSING)),
    *(("cryptum", "deliveryInfo", wrong) for wrong in (None, "Ana", MISSING)),
    *(("cryptum", name, None) for name in ("sessionToken", "ecommerceOrderId", "ecommerce", "orderCurrency", "store")),
]
"""What breaks each provider's document in a required place."""
NO_IDS: list[Any] = [None, 7, 1.5, True, [], {"x": 1}, MISSING]
broken = pytest.mark.parametrize(("provider", "field", "wrong"), BROKEN)


def with_break(order: dict[str, Any], field: str, wrong: Any) -> dict[str, Any]:
    """Return an order with a field as given, or without it."""
    made = {**copy.deepcopy(order), field: wrong}
    if wrong is MISSING:
        del made[field]
    return made


def page(provider: str, *rows: Any, **fields: Any) -> dict[str, Any]:
    """Return a page of a list."""
    beside = {"total": 1, "page": 1, "limit": 100} if provider == "crossmint" else {}
    return {ROWS[provider]: list(rows), **beside, **fields}


def answers(provider: str, *rows: Any) -> list[Any]:
    """Return the pages of a list that has these rows, as its provider gives them."""
    last = [] if provider == "zephyr" else [page(provider, *rows[-1:]), page(provider)]
    return [page(provider, *rows), *last]


def listed(opening: Opening, provider: str, *rows: Any, **options: Any) -> list[Order]:
    """Return a list whose server has these rows."""
    filters = options.pop("filters", {})
    with opening(account(provider), transport=Pages(answers(provider, *rows)).transport, **options) as mux:
        return list(mux.orders.list(provider, **filters))


def single(provider: str, **fields: Any) -> dict[str, Any]:
    """Return an order as it is read by its id, `a`."""
    return example(provider, "Order", **{ID[provider]: "a"}, **fields)
