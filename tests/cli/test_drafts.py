"""What `orders create` and `orders update` take: the provider's own JSON, checked before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ordermux.emulator import Emulator

CART: dict[str, Any] = {
    "id": "cart-1",
    "isOptedIn": True,
    "confirmationNumber": "2001",
    "retailerCreatedAt": "2026-05-30T12:00:00Z",
    "source": "web",
    "products": [{"retailerProductId": "SKU-001", "quantity": 1, "retailSalePrice": 4900, "retailSaleCurrency": "USD"}],
}
PRODUCT = CART["products"][0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({**CART, "sauce": "web"}, "$.sauce: unknown field"),
        ({**CART, "products": [PRODUCT, {**PRODUCT, "colour": "red"}]}, "$.products[1].colour: unknown field"),
        ({**CART, "email": None}, "$.email: expected str, got null"),
        ({**CART, "isConverted": "no"}, "$.isConverted: expected bool, got str"),
        ({**CART, "products": [{**PRODUCT, "quantity": "1"}]}, "$.products[0].quantity: expected int, got str"),
        ({name: value for name, value in CART.items() if name != "source"}, "$: object missing required field source"),
        ({**CART, "retailerCreatedAt": "yesterday"}, "$.retailerCreatedAt: "),
        ([CART], "$: expected object, got array"),
        (b"{", "$: "),
        (b"", "$: "),
        (b"\xff", "$: "),
        (b"[" * 100_000, "$: "),
    ],
)
def test_what_is_no_draft_is_told_with_its_place_and_not_sent(
    emulated: Any, emulator: Emulator, folder: Path, content: Any, told: str
) -> None:
    """In two lines, the second with what is wanted."""
    (folder / "draft.json").write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    ran = emulated("orders", "create", "croissant", "draft.json")
    assert (1, "", 2) == (ran.code, ran.out, len(ran.err.splitlines())), ran.err
    assert ran.err.startswith(f"error: draft.json: {told}")
    assert "ordermux_croissant.models.CartRequest" in ran.err
    assert not emulator.world.calls


def test_a_draft_arrives_as_it_is(emulated: Any, emulator: Emulator) -> None:
    """From the standard input."""
    assert 0 == emulated("orders", "create", "croissant", "-", stdin=json.dumps(CART)).code
    arrived = emulator.state("croissant").carts["cart-1"]
    assert CART == {name: arrived[name] for name in CART}


def test_a_draft_that_is_too_long_is_not_read_to_its_end(emulated: Any, folder: Path) -> None:
    """16 MiB are more than any order needs."""
    with (folder / "draft.json").open("wb") as stream:
        stream.truncate(1 << 30)
    ran = emulated("orders", "create", "croissant", "draft.json")
    assert (1, "error: draft.json: more than 16,777,216 bytes\n") == (ran.code, ran.err)
