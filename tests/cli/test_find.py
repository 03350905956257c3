"""`orders find`: the orders that have the shop's own number."""

from __future__ import annotations

import json
from typing import Any

from ordermux.emulator import Emulator


def test_orders_with_the_number_are_found(emulated: Any, emulator: Emulator) -> None:
    """Both of two, with their references in JSON."""
    made = [emulator.state("cryptum").place(ecommerceOrderId="shop-7")["id"] for _ in range(2)]
    ran = emulated("orders", "find", "cryptum", "shop-7", "--json")
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert (0, sorted(made)) == (ran.code, sorted(each["id"] for each in found))
    assert {"shop-7"} == {each["merchant_reference"] for each in found}


def test_a_found_order_stands_in_a_table(emulated: Any, emulator: Emulator) -> None:
    """With how it is referred to, on the standard error."""
    made = emulator.state("cryptum").place(ecommerceOrderId="shop-7")["id"]
    ran = emulated("orders", "find", "cryptum", "shop-7")
    assert (0, 2, True) == (ran.code, len(ran.out.splitlines()), made in ran.out)
    assert "1 order, REF is cryptum:ID\n" == ran.err


def test_a_number_that_no_order_has_is_no_failure(emulated: Any) -> None:
    """Nothing is on the standard output then."""
    ran = emulated("orders", "find", "cryptum", "nope")
    assert (0, "", "no order has this number\n") == (ran.code, ran.out, ran.err)
