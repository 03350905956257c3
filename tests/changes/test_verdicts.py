"""What each kind of change is for the users of a typed client, and what the stock tools make of it.

The expected verdicts were written before the tool first ran. As a program this prints them beside the given ones:
`PYTHONPATH=openapi:tests python tests/changes/test_verdicts.py`.
"""

from __future__ import annotations

import copy
import functools
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import attrs
import pytest

from changes.compare import Comparison, compare
from changes.released import Side
from changes.verdict import Verdict
from checker import documents
from compiler.document import Document
from compiler.package import compile_package
from edits import TEXT, Edit, add, both, drop, everywhere, find, gain, parameter, put, rename, take
from tables import table

NONE, PATCH, MINOR, MAJOR = Verdict.NONE, Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR


def new_event(raw: dict[str, Any]) -> None:
    """Add an event to ZephyrCart: its webhook, its schema, and its place in the union."""
    schemas = raw["components"]["schemas"]
    schemas["OrderFulfilled"] = copy.deepcopy(schemas["OrderUpdated"])
    schemas["OrderFulfilled"]["properties"]["type"]["const"] = "order.fulfilled"
    reference = "#/components/schemas/OrderFulfilled"
    schemas["Event"]["oneOf"].append({"$ref": reference})
    schemas["Event"]["discriminator"]["mapping"]["order.fulfilled"] = reference
    hook = raw["webhooks"]["order.fulfilled"] = copy.deepcopy(raw["webhooks"]["order.updated"])
    hook["post"]["operationId"] = "onOrderFulfilled"
    hook["post"]["requestBody"]["content"]["application/json"] = {"schema": {"$ref": reference}}


def gone_event(raw: dict[str, Any]) -> None:
    """Take an event of Crossmint's away."""
    del raw["webhooks"]["orders.quote.updated"], raw["components"]["schemas"]["QuoteUpdated"]
    union = raw["components"]["schemas"]["Event"]
    union["oneOf"] = [member for member in union["oneOf"] if "QuoteUpdated" not in member["$ref"]]
    del union["discriminator"]["mapping"]["orders.quote.updated"]


def new_operation(raw: dict[str, Any]) -> None:
    """Add an operation to ZephyrCart."""
    operation = copy.deepcopy(raw["paths"]["/v1/orders/{id}"]["get"])
    raw["paths"]["/v1/orders/{id}/receipt"] = {"get": {**operation, "operationId": "getReceipt"}}


def other_answer(raw: dict[str, Any]) -> None:
    """Let a cancellation of ZephyrCart's answer with a refund."""
    media = find(raw, "@cancelOrder > responses > 200 > content > application/json")[0]["application/json"]
    media["schema"] = {"$ref": "#/components/schemas/Refund"}


@attrs.frozen
class Case:
    """An edit of a document, its verdict, and where a stock tool is known to see it otherwise."""

    what: str
    provider: str
    expected: Verdict
    edit: Edit
    redocly: Verdict | None = None
    """Redocly's verdict, where it is wrong for users of a typed client."""
    griffe: bool | None = None
    """Whether griffe finds a breaking change, where that is wrong."""


Z, X, Y, C = "zephyr", "crossmint", "cryptum", "croissant"
CASES = [
    Case("a new word in a status", Z, MINOR, gain("#OrderStatus", "on_hold"), redocly=MAJOR),
    Case("a status word leaves", Z, MAJOR, take("#OrderStatus > enum", "partially_refunded")),
    Case("an enum of answers gains a value", Z, MINOR, gain("#TaxCalculationSource", "taxjar"), redocly=MAJOR),
    Case("an enum of answers loses a value", Z, MAJOR, take("#TaxCalculationSource > enum", "avalara"), redocly=PATCH),
    Case("an enum of requests gains a value", Y, MINOR, gain("#SettablePaymentStatus", "refunded"), redocly=PATCH),
    Case("an enum of requests loses a value", Y, MAJOR, take("#SettablePaymentStatus > enum", "on-hold")),
    Case("what a word means", X, PATCH, put("#OrderType > x-enum-descriptions > deposit", "Money was put in.")),
    Case("a field of answers becomes optional", Z, MAJOR, take("#Order > required", "total_cents"), griffe=False),
    Case("a field of answers becomes required", Z, MINOR, add("#Refund > required", "order_id"), redocly=PATCH),
    Case(
        "a field of answers becomes nullable", Z, MAJOR, put("#Order.cart_id > type", ["string", "null"]), griffe=False
    ),
    Case("a field of answers is never null", Z, MINOR, put("#LineItem.sku > type", "string"), redocly=PATCH),
    Case("a field of answers changes its type", Z, MAJOR, put("#LineItem.quantity > type", "string"), griffe=False),
    Case("a time becomes a text", X, MAJOR, drop("#Order.createdAt > format"), griffe=False),
    Case(
        "a field of answers becomes a secret",
        X,
        MAJOR,
        put("#Checkout.walletAddress > format", "password"),
        redocly=PATCH,
    ),
    Case("a field of answers is new", X, MINOR, put("#OrderQuote.validUntil", TEXT)),
    Case("a field of answers leaves", X, MAJOR, drop("#CrossmintPaymentReceived.txId")),
    Case("a field is renamed", C, MAJOR, rename("#Buyback.timespan", "timeSpan")),
    Case(
        "a field of requests is new and required",
        Z,
        MAJOR,
        both(put("#RefundRequest.currency", TEXT), add("#RefundRequest > required", "currency")),
    ),
    Case("a field of requests is new and optional", Z, MINOR, put("#RefundRequest.channel", TEXT)),
    Case("a field of requests leaves", Y, MAJOR, drop("#OrderUpdate.convertedTotal"), redocly=PATCH),
    Case("a field of requests becomes required", Z, MAJOR, add("#RefundRequest > required", "reason"), griffe=False),
    Case(
        "a field of requests becomes optional",
        Z,
        MINOR,
        take("#WebhookEndpointRequest > required", "events"),
        redocly=PATCH,
    ),
    Case(
        "a field of requests takes null too",
        Y,
        MINOR,
        put("#OrderUpdate.convertedTotal > type", ["string", "null"]),
        redocly=PATCH,
    ),
    Case(
        "a field of requests is deprecated", Y, MINOR, put("#OrderUpdate.blockchain > deprecated", True), redocly=PATCH
    ),
    Case("a request's limit is narrower", Z, MINOR, put("#RefundRequest.amount_cents > minimum", 100), redocly=MAJOR),
    Case("an answer's limit is narrower", Z, PATCH, put("#Order.currency > maxLength", 3)),
    Case("a component is renamed", Z, MAJOR, everywhere("RefundRequest", "RefundOrder"), redocly=PATCH),
    Case("a component is new", C, MINOR, put("#Later", TEXT), redocly=PATCH),
    Case("an operation is new", Z, MINOR, new_operation),
    Case("an operation leaves", Z, MAJOR, drop("paths > /v1/orders/{id}/cancel")),
    Case("an operation is renamed", Z, MAJOR, put("@cancelOrder > operationId", "voidOrder")),
    Case("an operation is deprecated", Z, MINOR, put("@listOrders > deprecated", True), redocly=PATCH),
    Case(
        "an operation moves to another tag",
        Z,
        MAJOR,
        everywhere('"webhook_endpoints"', '"webhooks_of_mine"'),
        redocly=PATCH,
    ),
    Case(
        "an operation has another path",
        Y,
        MINOR,
        rename("paths > /checkout/{orderId}", "/orders/checkout/{orderId}"),
        redocly=MAJOR,
    ),
    Case("an operation answers with another schema", Z, MAJOR, other_answer, griffe=False),
    Case("a parameter is new and optional", Z, MINOR, add("@listOrders > parameters", parameter("customer"))),
    Case(
        "a parameter is new and required", Z, MAJOR, add("@listOrders > parameters", parameter("shop", required=True))
    ),
    Case("a parameter leaves", Z, MAJOR, drop("@listOrders > parameters > 1")),
    Case("a parameter becomes optional", Y, MINOR, drop("@listOrders > parameters > 0 > required"), redocly=PATCH),
    Case("a parameter's default", X, PATCH, put("@listOrders > parameters > 1 > schema > default", "50")),
    Case(
        "an idempotency key is kept for less",
        Z,
        MINOR,
        put("components > parameters > IdempotencyKey > x-window-seconds", 3600),
        redocly=PATCH,
    ),
    Case("a success has another status", X, PATCH, rename("@createCheckout > responses > 201", "200"), redocly=MAJOR),
    Case(
        "an error is documented",
        Z,
        MINOR,
        put("@cancelOrder > responses > 418", {"$ref": "#/components/responses/NotFound"}),
    ),
    Case("an error is documented no more", Z, PATCH, drop("@cancelOrder > responses > 409"), redocly=MAJOR),
    Case(
        "another way to authenticate",
        Y,
        MINOR,
        put("@listOrders > security", [{"apiKey": []}, {"sessionToken": []}]),
        redocly=MAJOR,
    ),
    Case("one way less to authenticate", Y, MAJOR, put("@getOrder > security", [{"apiKey": []}]), griffe=False),
    Case(
        "the client's argument is renamed",
        Z,
        MAJOR,
        put("components > securitySchemes > apiKey > x-client-argument", "key"),
        redocly=PATCH,
    ),
    Case("a security scheme has another name", Z, PATCH, everywhere('"apiKey"', '"shopKey"')),
    Case("a server leaves", Y, MAJOR, drop("servers > 1")),
    Case("a server moves", Z, MINOR, put("servers > 0 > url", "https://api.zephyrcart.example"), redocly=MAJOR),
    Case("an event is new", Z, MINOR, new_event),
    Case("an event leaves", X, MAJOR, gone_event),
    Case(
        "an event is renamed",
        Z,
        MAJOR,
        rename("webhooks > order.updated", "order.changed"),
        redocly=PATCH,
        griffe=False,
    ),
    Case(
        "events are signed in another header",
        Z,
        MAJOR,
        put("x-delivery > signature > header", "X-Signature"),
        redocly=NONE,
        griffe=False,
    ),
    Case("events may be older", Z, MINOR, put("x-delivery > tolerance-seconds", 600), redocly=PATCH),
    Case("fewer requests a minute", X, MINOR, put("x-rate-limit > requests", 20), redocly=PATCH),
    Case("what makes an answer an error", Y, MAJOR, drop("x-error-member"), redocly=PATCH),
    Case("a description", C, PATCH, put("#Cart > description", "An order that Croissant has.")),
    Case("a description in a union", Z, PATCH, drop("#Timestamp > oneOf > 0 > description")),
    Case("an example", C, PATCH, put("#Error > examples", [{"message": "No such cart"}])),
    Case("a guess is found on a page", Z, PATCH, put("#Metadata > x-basis", {"doc": "orders#Object"})),
    Case("a page was read again", Z, NONE, put("x-sources > orders > read", "2026-12-24")),
]


@functools.cache
def released(provider: str, folder: Path) -> Side:
    """Return the document as it is here, with its package, as what was released."""
    document = documents()[provider]
    compile_package(document, folder / provider)
    return Side(document, folder / provider)


def compared(case: Case, folder: Path) -> Comparison:
    """Return what comes of a case."""
    before = released(case.provider, folder)
    raw: dict[str, Any] = json.loads(json.dumps(before.document.raw))
    case.edit(raw)
    return compare(before, Document(case.provider, before.document.path, raw))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for the packages that were released."""
    return tmp_path_factory.mktemp("released")


def breaking(comparison: Comparison) -> bool:
    """Tell whether griffe finds a breaking change."""
    return any(change.griffe for change in comparison.package)


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_each_change_has_its_verdict(case: Case, folder: Path) -> None:
    """The verdict is the one that was written down, and the stock tools err where it is written down that they do."""
    given = compared(case, folder)
    assert case.expected == given.verdict, given
    assert case.expected == max(change.verdict for change in given.changes), "the document alone tells it, too"
    if case.redocly is not None:
        assert case.redocly == given.stock, "Redocly CLI has changed its mind: see whether our rule is needed still"
    if case.griffe is not None:
        assert case.griffe == breaking(given), "griffe has changed its mind: see whether our own look is needed still"


def test_another_schema_is_one_change(folder: Path) -> None:
    """Redocly goes on to compare the two schemas, which both are as they were."""
    case = next(case for case in CASES if case.edit is other_answer)
    assert ["cancelOrder, status 200: Order → Refund"] == [change.what for change in compared(case, folder).changes]


def main() -> None:
    """Print what was expected, what is given, and what the stock tools say."""
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        for case in CASES:
            given = compared(case, Path(name))
            griffe = "breaking" if breaking(given) else "silent"
            rows.append([case.what, case.provider, *map(str, (case.expected, given.verdict, given.stock)), griffe])
    sys.stdout.write(table(["change", "provider", "expected", "given", "Redocly", "griffe"], rows) + "\n")


if __name__ == "__main__":
    main()
