"""Quantities of lines are exact in any decimal context, and what is no number raises nothing."""

from __future__ import annotations

import decimal
from decimal import Decimal

import attrs
import pytest

from ordermux import (
    Adjustment,
    AdjustmentKind,
    Attention,
    EntryState,
    Fulfillment,
    Ledger,
    LineItem,
    LineQuantity,
    Order,
    OrderRef,
    OrderState,
    Status,
)
from support.ledgers import line


def returned(quantity: Decimal) -> Adjustment:
    """Return a completed return of so many units of the line `a`."""
    parts = (LineQuantity(line_id="a", quantity=quantity),)
    return Adjustment(kind=AdjustmentKind.RETURN, state=EntryState.COMPLETED, line_items=parts)


@pytest.mark.parametrize("quantities", [("NaN",), ("sNaN",), ("Infinity",), ("Infinity", "-Infinity"), ("sNaN", "1")])
def test_what_is_no_number_contradicts(quantities: tuple[str, ...]) -> None:
    """Of a line, and of entries about it."""
    entries = tuple(returned(Decimal(each)) for each in quantities)
    for ledger in (
        Ledger(lines=(line(1, 1, line_id="a"),), adjustments=entries),
        Ledger(lines=tuple(LineItem(quantity=Decimal(each), fulfilled=1) for each in quantities)),
    ):
        status = OrderState(ledger=ledger).status
        assert (None, (Attention.LEDGER_CONFLICT,)) == (status.fulfillment, status.attention)


@pytest.mark.parametrize("traps", [[], [decimal.Inexact, decimal.Rounded]], ids=["rounds", "traps"])
def test_the_decimal_context_of_the_caller_makes_no_difference(traps: list[type[decimal.DecimalException]]) -> None:
    """1000 of 1000.1 units are not all of them."""
    ledger = Ledger(lines=(line("1000.5", 1000, removed=Decimal("0.4")),))
    with decimal.localcontext(decimal.Context(prec=3, traps=traps)):
        assert Fulfillment.PARTIALLY_FULFILLED is OrderState(ledger=ledger).status.fulfillment


def test_an_order_with_other_lines_shows_these() -> None:
    """Whatever lines its ledger had."""
    order = Order(ref=OrderRef("shop", "1"), status=Status(), line_items=(LineItem(id="mug"),))
    changed = attrs.evolve(order, line_items=(LineItem(id="cap"),))
    assert ["cap"] == [each["id"] for each in changed.to_dict()["line_items"]]
    bare = attrs.evolve(order, ledger=Ledger(adjustments=()))
    assert ["mug"] == [each["id"] for each in bare.to_dict()["line_items"]]
