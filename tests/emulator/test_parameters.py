"""Every parameter and body field of the documents makes a difference in the emulator, or is declared not to.

The documents say what there is, so that a parameter which is added to one fails here until the emulator handles it.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ordermux.emulator.reference._document import document_of
from ordermux.emulator.registry import emulators
from ordermux_codegen.compile.document import Document
from support.document_checker import documents
from support.parameter_probes import ignored

PROVIDERS = emulators()
GUESS = {"guess": "made up for a test"}


def declared(provider: str) -> list[str]:
    """Return what the emulator says that it passes over, as its reference shows it."""
    rules = document_of(provider).rules
    return [f"{name} {field}" for name in rules for rule in rules[name] for field in rule.get("ignores", ())]


def with_parameter(document: Document, operation_id: str, **parameter: Any) -> Document:
    """Return a document with one more parameter."""
    raw: Any = copy.deepcopy(document.raw)
    for item in raw["paths"].values():
        for node in item.values():
            if node["operationId"] == operation_id:
                node.setdefault("parameters", []).append({"in": "query", "x-basis": GUESS, **parameter})
    return Document(document.provider, document.path, raw)


def with_field(document: Document, schema: str, name: str) -> Document:
    """Return a document with one more field of a schema."""
    raw: Any = copy.deepcopy(document.raw)
    raw["components"]["schemas"][schema]["properties"][name] = {"type": "string", "x-basis": GUESS}
    return Document(document.provider, document.path, raw)


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_documented_is_handled_or_declared_ignored(provider: str) -> None:
    """Each operation's parameters and body fields; what is declared ignored is."""
    assert sorted(declared(provider)) == sorted(ignored(documents()[provider]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "operation", "name"),
    [
        ("zephyr", "listOrders", "customer_id"),
        ("crossmint", "listOrders", "retailer"),
        ("cryptum", "listOrders", "ecommerceOrderId"),
        ("croissant", "getCart", "expand"),
    ],
)
def test_a_parameter_that_nobody_handles_is_found(provider: str, operation: str, name: str) -> None:
    """As if the document had it: the list of `customer_id=nobody's` has all orders."""
    document = with_parameter(documents()[provider], operation, name=name, schema={"type": "string"})
    assert f"{operation} {name}" in ignored(document)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "schema", "name", "expected"),
    [
        ("crossmint", "CheckoutRequest", "quantity", "createCheckout body.quantity"),
        ("cryptum", "DeliveryInfoRequest", "phone", None),
        ("cryptum", "OrderRequest", "coupon", "createOrder body.coupon"),
        ("zephyr", "WebhookEndpointRequest", "mode", None),
    ],
)
def test_a_field_that_nobody_handles_is_found(provider: str, schema: str, name: str, expected: str | None) -> None:
    """As if the document had it; what is kept as it came is handled."""
    document = with_field(documents()[provider], schema, name)
    new = set(ignored(document)) - set(declared(provider))
    assert ({expected} if expected else set[str]()) == new
