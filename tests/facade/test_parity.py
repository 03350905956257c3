"""Both clients are the same: whatever is public on one is on the other, with equal parameters and texts."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import ordermux
from ordermux import (
    AccountLists,
    AsyncAccountLists,
    AsyncOrderList,
    AsyncOrdermux,
    AsyncOrders,
    AsyncOrderSync,
    AsyncProducts,
    OrderList,
    Ordermux,
    Orders,
    OrderSync,
    Products,
)

PAIRS: list[tuple[type, type]] = [
    (Orders, AsyncOrders),
    (Products, AsyncProducts),
    (Ordermux, AsyncOrdermux),
    (OrderList, AsyncOrderList),
    (AccountLists, AsyncAccountLists),
    (OrderSync, AsyncOrderSync),
]
AWAITED_ALIKE = {
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
    "__next__": "__anext__",
    "__iter__": "__aiter__",
    "close": "aclose",
}
NOT_AWAITED = {"list", "sync", "batches", "client", "capabilities", "filters"}
"""What does no I/O by itself."""


def public(kind: type) -> dict[str, Any]:
    """Return what is public of a class, what it inherits included; magic methods by their blocking names."""
    blocking_name = {theirs: ours for ours, theirs in AWAITED_ALIKE.items()}
    names = [name for name in dir(kind) if not name.startswith("_") or name in {*AWAITED_ALIKE, *blocking_name}]
    return {blocking_name.get(name, name): inspect.getattr_static(kind, name) for name in names}


def differences(blocking: type, awaiting: type) -> list[str]:
    """Return where two classes differ in names, in kinds, in parameters or in texts."""
    ours, theirs = public(blocking), public(awaiting)
    found = [f"{name} is only on one" for name in sorted(set(ours) ^ set(theirs))]
    for name in sorted(set(ours) & set(theirs)):
        one, other = ours[name], theirs[name]
        if type(one) is not type(other):
            found.append(f"{name} is not the same kind of thing")
        elif inspect.isfunction(one):
            if inspect.signature(one).parameters != inspect.signature(other).parameters:
                found.append(f"{name} has other parameters")
            if inspect.iscoroutinefunction(one):
                found.append(f"{name} is awaited on the blocking one")
            if not inspect.iscoroutinefunction(other) and name not in {*NOT_AWAITED, "__iter__"}:
                found.append(f"{name} is not awaited on the awaiting one")
        if inspect.getdoc(one) != inspect.getdoc(other):
            found.append(f"{name} has another text")
        if not name.startswith("_") and not inspect.getdoc(one):
            found.append(f"{name} has no text")
    return found


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS, ids=[one.__name__ for one, _ in PAIRS])
def test_both_clients_are_the_same(blocking: type, awaiting: type) -> None:
    """What is new on one is to be on the other."""
    assert [] == differences(blocking, awaiting)


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS[:2], ids=[one.__name__ for one, _ in PAIRS[:2]])
def test_each_awaiting_class_has_its_own_methods(blocking: type, awaiting: type) -> None:
    """Reflection found them: neither is empty, and none is the other's."""
    assert {"get"} <= set(public(blocking)) == set(public(awaiting))
    assert [] == [name for name, found in public(blocking).items() if found is public(awaiting)[name]]


class Lesser:
    """Has a method too few, one with other parameters, one with another text and one that is not awaited."""

    async def create(self, account: str, draft: Any, *, timeout: float | None = None) -> None:
        """Create an order."""

    async def get(self, reference: str) -> None:
        """Read one order.

        Raises NotFound; in strict mode UnknownStatus.
        """

    def cancel(self) -> None:
        """Cancel an order."""


def test_a_difference_is_found() -> None:
    """The test above can fail, in each way."""
    found = differences(Orders, Lesser)
    assert {"refund is only on one", "get has other parameters", "create has another text"} <= set(found)
    assert "cancel is not awaited on the awaiting one" in found


@pytest.mark.parametrize("kind", [Ordermux, AsyncOrdermux])
def test_both_clients_take_the_same_settings(kind: type) -> None:
    """By the same names, with the same defaults."""
    assert inspect.signature(Ordermux).parameters == inspect.signature(kind).parameters


def test_everything_public_is_there_and_has_a_text() -> None:
    """Each name of the package can be imported and says what it is."""
    names: list[str] = vars(ordermux)["__all__"]
    assert "Ordermux" in names
    assert [] == [name for name in names if not inspect.getdoc(getattr(ordermux, name))]
