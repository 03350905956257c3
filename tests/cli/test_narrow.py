"""Tables on a narrow terminal: ids stay whole, and what is left out is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

WIDTHS = ("60", "40")


@pytest.mark.parametrize("provider", ["crossmint", "cryptum", "zephyr"])
@pytest.mark.parametrize("width", WIDTHS)
def test_ids_of_a_list_are_whole_on_a_narrow_terminal(emulated: Any, provider: str, width: str) -> None:
    """With the payment status and the total of each, and no line is longer than the terminal."""
    ran = emulated("orders", "list", provider, COLUMNS=width)
    orders = [json.loads(line) for line in emulated("orders", "list", provider, "--json").out.splitlines()]
    words = ran.out.split()
    assert (0, []) == (ran.code, [line for line in ran.out.splitlines() if len(line.rstrip()) > int(width)])
    assert [] == [each["id"] for each in orders if each["id"] not in words]
    assert [] == [each["total"] for each in orders if each["total"] and each["total"]["amount"] not in words]


def test_what_a_list_leaves_out_is_said_below_it(emulated: Any) -> None:
    """The least important columns; nothing where each order has lines of its own, or where there is room."""
    notes = {width: emulated("orders", "list", "crossmint", COLUMNS=width).err for width in ("60", "40", "80")}
    assert "not shown at this width: lifecycle, fulfillment\n" in notes["60"]
    assert "not shown" not in notes["40"] + notes["80"]


@pytest.mark.parametrize("command", [("accounts", "check"), ("status-map", "crossmint"), ("status-map",)])
def test_words_are_whole_at_40_columns(emulated: Any, command: tuple[str, ...]) -> None:
    """All that a wide table says is there, and no value is cut in two."""
    wide, narrow = (emulated(*command, COLUMNS=width) for width in ("200", "40"))
    ignored = {"account", "\N{EN DASH}", "unspecified", "!"}
    assert 0 == narrow.code
    assert (
        set()
        == {each.strip(",") for each in wide.out.split()} - {each.strip(",") for each in narrow.out.split()} - ignored
    )
