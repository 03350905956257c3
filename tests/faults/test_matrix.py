"""What the facade can do at which provider: every operation tried at every provider, with both clients.

Run as a script it prints the table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from starlette.types import ASGIApp

from ordermux import Money, Operation, Order, Ordermux, Refund, SyncReport, Unsupported
from ordermux.emulator import Emulator
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_croissant.models import Product
from ordermux_cryptum.models import OrderUpdate as CryptumUpdate
from ordermux_cryptum.models import SettablePaymentStatus
from ordermux_zephyr.models import OrderUpdate as ZephyrUpdate
from support.clients import AWAITING
from support.document_checker import Checker
from support.drafts import DRAFTS
from support.tables import carried_out
from support.text_table import table

PROVIDERS = ("croissant", "zephyr", "crossmint", "cryptum")
ORDERS = {
    "croissant": f"croissant:{croissant.SAMPLE_CART}",
    "zephyr": f"zephyr:{zephyr.SAMPLE_ORDER}",
    "crossmint": "crossmint:d1e2f3a4-b5c6-7890-defg-234567890123",
    "cryptum": "cryptum:f701...672e",
}
NUMBERS = {
    "croissant": croissant.SAMPLE_CART,
    "crossmint": "d1e2f3a4-b5c6-7890-defg-234567890123",
    "cryptum": "103",
}
"""The shop's own number of that order, where the provider shows one."""
CHANGES: dict[str, Any] = {
    "zephyr": ZephyrUpdate(metadata={"shelf": "b2"}),
    "cryptum": CryptumUpdate(payment_status=SettablePaymentStatus.FAILED),
}
BELT = Product(name="Belt", brand="Your Brand")
MANY = 130
"""More orders than any provider puts on a page."""


def listed(mux: Any, provider: str) -> Any:
    """Return all orders of an account, of either client."""
    return list(mux.orders.list(provider))


def is_order(result: Any, provider: str) -> bool:
    """Return whether it is an order of this provider's."""
    return isinstance(result, Order) and result.ref.account == provider


@attrs.frozen
class Try:
    """An operation as it is tried."""

    operation: Operation
    act: Callable[[Any, str], Any]
    works: Callable[[Any, str], bool] = is_order
    """Tells whether a result is right."""


TRIES = {
    "create": Try(Operation.CREATE, lambda mux, p: mux.orders.create(p, DRAFTS.get(p))),
    "get": Try(Operation.GET, lambda mux, p: mux.orders.get(ORDERS[p])),
    "find": Try(
        Operation.FIND,
        lambda mux, p: mux.orders.find(p, NUMBERS.get(p, "1")),
        lambda orders, p: ORDERS[p] in {str(each.ref) for each in orders},
    ),
    "list": Try(
        Operation.LIST,
        listed,
        lambda orders, p: all(is_order(each, p) for each in orders) and len({each.ref for each in orders}) > MANY,
    ),
    "update": Try(Operation.UPDATE, lambda mux, p: mux.orders.update(ORDERS[p], CHANGES.get(p))),
    "fulfill": Try(Operation.FULFILL, lambda mux, p: mux.orders.fulfill(ORDERS[p])),
    "cancel": Try(Operation.CANCEL, lambda mux, p: mux.orders.cancel(ORDERS[p])),
    "refund, a part": Try(
        Operation.REFUND,
        lambda mux, p: mux.orders.refund(ORDERS[p], Money("1.50", "USD"), reason="duplicate"),
        lambda refund, _: isinstance(refund, Refund) and refund.amount == Money("1.50", "USD"),
    ),
    "refund, all": Try(
        Operation.REFUND,
        lambda mux, p: mux.orders.refund(ORDERS[p], full=True),
        lambda refund, _: isinstance(refund, Refund) and refund.amount == Money("37.30", "USD"),
    ),
    "products: put": Try(
        Operation.PRODUCTS_PUT, lambda mux, p: mux.products.put(p, "SKU-009", BELT), lambda told, _: bool(told)
    ),
    "products: get": Try(
        Operation.PRODUCTS_GET, lambda mux, p: mux.products.get(p, "SKU-001"), lambda told, _: bool(told)
    ),
    "products: sync many": Try(
        Operation.PRODUCTS_SYNC,
        lambda mux, p: mux.products.sync(p, [(f"SKU-1{number:02}", BELT) for number in range(20)]),
        lambda report, _: report == SyncReport(stored=20, failed=0, resume_at=20),
    ),
}
NOT = "-"
EXPECTED: dict[str, dict[str, str]] = {
    row: dict(zip(PROVIDERS, cells, strict=True))
    for row, cells in {
        #                       croissant      zephyr          crossmint         cryptum
        "create":              ("createCart", NOT, "createCheckout", "createOrder"),
        "get":                 ("getCart", "getOrder", "getOrder", "getOrder"),
        "find":                ("getCart", NOT, "getOrder", "listOrders"),
        "list":                (NOT, "listOrders", "listOrders", "listOrders"),
        "update":              (NOT, "updateOrder", NOT, "updateOrder"),
        "fulfill":             ("fulfillCart", NOT, NOT, NOT),
        "cancel":              ("cancelCart", "cancelOrder", NOT, "updateOrder"),
        "refund, a part":      (NOT, "createRefund", NOT, NOT),
        "refund, all":         (NOT, "createRefund", NOT, NOT),
        "products: put":       ("putProduct", NOT, NOT, NOT),
        "products: get":       ("getProduct", NOT, NOT, NOT),
        "products: sync many": ("putProduct", NOT, NOT, NOT),
    }.items()
}  # fmt: skip
"""The operation of the provider's document that does it, or that there is none."""


@attrs.frozen
class Found:
    """What came of a try."""

    told: str
    """The operation of the provider's document that did it, or a dash where it is Unsupported."""
    checked: int
    """How many requests and answers were held against the document."""
    problems: tuple[str, ...]
    """Where they are not what it says."""
    calls: int
    """How many requests arrived, whatever they were."""


def measured(row: str, provider: str, *, awaiting: bool) -> Found:
    """Try an operation in a world of its own."""
    checkers: list[Checker] = []

    def checked(app: ASGIApp) -> ASGIApp:
        checkers.append(Checker(app))
        return checkers[0]

    tried = TRIES[row]
    with Emulator(wrap=checked) as emulator:
        for name in ("zephyr", "crossmint", "cryptum"):
            for _ in range(MANY):
                emulator.state(name).add(emulator.world)
        try:
            result = carried_out(emulator, lambda mux: tried.act(mux, provider), awaiting=awaiting)
        except Unsupported as error:
            assert (provider, tried.operation) == (error.provider, error.operation)
            told = NOT
        else:
            endpoint = EXPECTED[row][provider]
            right = tried.works(result, provider) and emulator.world.calls[f"{provider}.{endpoint}"] > 0
            told = endpoint if right else repr(result)
    checker = checkers[0]  # which looks at the last answer once that has gone out
    return Found(told, checker.checked, tuple(checker.problems), emulator.world.calls.total())


@AWAITING
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("row", TRIES)
def test_each_operation_works_or_is_unsupported(row: str, provider: str, *, awaiting: bool) -> None:
    """As the design's table has it; what goes over the wire is as documented, and nothing does for a dash."""
    found = measured(row, provider, awaiting=awaiting)
    assert (EXPECTED[row][provider], ()) == (found.told, found.problems)
    assert (found.calls, found.told != NOT) == (found.checked, found.calls > 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_capabilities_say_so_beforehand(emulator: Emulator, provider: str) -> None:
    """What has a dash is not in them, and everything else is."""
    expected = {tried.operation for row, tried in TRIES.items() if EXPECTED[row][provider] != NOT}
    with Ordermux(*emulator.accounts()) as mux:
        assert expected == mux.capabilities(provider)
    assert 0 == emulator.world.calls.total()


def test_every_operation_is_tried() -> None:
    """None that the facade knows is left out."""
    assert set(Operation) == {tried.operation for tried in TRIES.values()}


def main() -> None:
    """Print the table."""
    rows: list[list[str]] = []
    tried = checked = broken = 0
    for row in TRIES:
        cells: list[str] = []
        for provider in PROVIDERS:
            found = [measured(row, provider, awaiting=awaiting) for awaiting in (False, True)]
            tried, checked = tried + len(found), checked + sum(each.checked for each in found)
            broken += sum(len(each.problems) for each in found)
            cells.append("/".join(dict.fromkeys(each.told for each in found)))
        rows.append([row, *cells])
    lines = [
        f"What the facade can do, tried in {tried} cells, blocking and awaiting alike;",
        "named is the operation of the provider's document that does it, and a dash is Unsupported:",
        "",
        table(["", *PROVIDERS], rows),
        "",
        f"{checked} requests with their answers were held against the documents; {broken} broke them.",
        "As designed." if rows == [[row, *EXPECTED[row].values()] for row in TRIES] else "NOT as designed.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
