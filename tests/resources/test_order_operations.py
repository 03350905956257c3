"""Which operations each provider has, and what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from ordermux import (
    InvalidArgument,
    InvalidReference,
    Operation,
    Order,
    Ordermux,
    Refund,
    UnknownAccount,
    Unsupported,
)
from ordermux.emulator import Emulator
from support.order_calls import CART, CART_DRAFT, CHANGES, CHECKOUT, PAGED, PLUGIN_ORDER, REFERENCES, TABLE, TEN, calls

NUMBERS = {"croissant": CART, "crossmint": PAGED["crossmint"].partition(":")[2], "cryptum": "103"}
"""The shop's own number of that order, where the provider shows one."""
DRAFTS: dict[str, Any] = {"croissant": CART_DRAFT, "crossmint": CHECKOUT, "cryptum": PLUGIN_ORDER}
TITLES = {"croissant": "Croissant", "zephyr": "ZephyrCart", "crossmint": "Crossmint", "cryptum": "Cryptum"}
CALLS: dict[str, Callable[[Ordermux, str], object]] = {
    "create": lambda mux, name: mux.orders.create(name, cast("Any", DRAFTS.get(name))),
    "get": lambda mux, name: mux.orders.get(REFERENCES[name]),
    "find": lambda mux, name: mux.orders.find(name, NUMBERS.get(name, "1"))[0],
    "list": lambda mux, name: next(mux.orders.list(name)),
    "update": lambda mux, name: mux.orders.update(REFERENCES[name], cast("Any", CHANGES.get(name))),
    "fulfill": lambda mux, name: mux.orders.fulfill(REFERENCES[name]),
    "cancel": lambda mux, name: mux.orders.cancel(REFERENCES[name]),
    "refund": lambda mux, name: mux.orders.refund(REFERENCES[name], TEN),
    "products.put": lambda mux, name: mux.products.put(name, "SKU-1", {"name": "Belt"}),
    "products.get": lambda mux, name: mux.products.get(name, "SKU-001"),
    "products.sync": lambda mux, name: mux.products.sync(name, []),
}
CELLS = [(provider, operation) for provider in TABLE for operation in CALLS]


def test_the_table_is_of_all_operations() -> None:
    """A new operation, or one that a provider gets, has to be told here."""
    assert set(Operation) == set(CALLS)


@pytest.mark.parametrize("provider", TABLE)
def test_capabilities_are_the_table(mux: Ordermux, provider: str) -> None:
    """What a provider has is told beforehand."""
    assert TABLE[provider] == mux.capabilities(provider)


@pytest.mark.parametrize(("provider", "operation"), [cell for cell in CELLS if cell[1] in TABLE[cell[0]]])
def test_what_a_provider_has_works(mux: Ordermux, provider: str, operation: str) -> None:
    """Each cell of the table that says yes, through each client."""
    found = CALLS[operation](mux, provider)
    if isinstance(found, Order | Refund):
        ref = found.ref if isinstance(found, Order) else found.order
        assert provider == ref.account


@pytest.mark.parametrize(("provider", "operation"), [cell for cell in CELLS if cell[1] not in TABLE[cell[0]]])
def test_what_a_provider_has_not_is_unsupported(
    emulator: Emulator, mux: Ordermux, provider: str, operation: str
) -> None:
    """Each cell of the table that says no: told at once, before anything is sent, with both names."""
    with pytest.raises(Unsupported, match=f"^{TITLES[provider]} does not support {operation}$") as raised:
        CALLS[operation](mux, provider)
    assert (provider, operation) == (raised.value.provider, raised.value.operation)
    assert {} == dict(emulator.world.calls)


def test_a_list_that_is_not_there_is_refused_when_it_is_asked_for(mux: Ordermux) -> None:
    """Not at its first order."""
    with pytest.raises(Unsupported, match="Croissant does not support list"):
        mux.orders.list("croissant")


def test_an_unknown_account_is_told_with_the_known_ones(mux: Ordermux) -> None:
    """The message lists what there is; of each operation that names one."""
    told = "no account is named 'zephir'; there are: croissant, crossmint, cryptum, zephyr"
    with pytest.raises(UnknownAccount, match=told):
        mux.orders.get("zephir:order_1")
    with pytest.raises(UnknownAccount, match=told):
        mux.orders.list("zephir")
    with pytest.raises(UnknownAccount, match=told):
        mux.capabilities("zephir")
    with pytest.raises(UnknownAccount, match=told):
        mux.client("zephir")


@pytest.mark.parametrize("reference", ["order_01HXY8", "zephyr:", ":order_01HXY8", ""])
def test_a_reference_that_is_none_is_refused(emulator: Emulator, mux: Ordermux, reference: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidReference):
        mux.orders.cancel(reference)
    assert {} == calls(emulator)


@pytest.mark.parametrize("order_id", [".", "..", "a\nb", "a\0b"])
def test_an_id_that_cannot_be_sent_is_refused(emulator: Emulator, mux: Ordermux, order_id: str) -> None:
    """As an argument that is not valid, and nothing goes out."""
    with pytest.raises(InvalidArgument):
        mux.orders.get(f"zephyr:{order_id}")
    assert {} == calls(emulator)
