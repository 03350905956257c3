"""Changes of a document, each with the verdict that is expected of it."""

from __future__ import annotations

import copy
from typing import Any

import attrs

from ordermux_codegen.changes.verdict import Verdict
from support.document_edits import (
    BASIS,
    TEXT,
    Edit,
    add,
    both,
    drop,
    everywhere,
    find,
    gain,
    in_examples,
    parameter,
    put,
    rename,
    take,
    turned,
)

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


def counted_in_words(raw: dict[str, Any]) -> None:
    """Let ZephyrCart's quantities be texts, in the examples too."""
    schema = raw["components"]["schemas"]["LineItem"]["properties"]["quantity"]
    schema["type"] = "string"

    def said(node: dict[str, Any]) -> None:
        if isinstance(node.get("quantity"), int):
            node["quantity"] = str(node["quantity"])

    in_examples(said)(raw)


def refund_in_a_currency(raw: dict[str, Any]) -> None:
    """Ask for the currency of each refund of ZephyrCart's, in the examples too."""
    both(put("#RefundRequest.currency", TEXT), add("#RefundRequest > required", "currency"))(raw)

    def said(node: dict[str, Any]) -> None:
        if "amount_cents" in node:
            node.setdefault("currency", "usd")

    in_examples(said)(raw["paths"])


def told_apart_by_kind(raw: dict[str, Any]) -> None:
    """Let ZephyrCart's events have their name in another field."""
    schemas = raw["components"]["schemas"]
    discriminator = schemas["Event"]["discriminator"]
    discriminator["propertyName"] = "kind"
    for reference in discriminator["mapping"].values():
        schema = schemas[reference.rpartition("/")[2]]
        schema["properties"]["kind"] = schema["properties"].pop("type")
        schema["required"] = ["kind" if name == "type" else name for name in schema["required"]]

    def said(node: dict[str, Any]) -> None:
        if node.get("type") in discriminator["mapping"]:
            node["kind"] = node.pop("type")

    in_examples(said)(raw)


def swap(raw: dict[str, Any]) -> None:
    """Let the last server be the first."""
    raw["servers"].reverse()


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
    alone: Verdict | None = None
    """The verdict of the document alone, where the package adds to it."""


KEY, ANSWER = "components > parameters > IdempotencyKey", "components > responses > NotFound"
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
    Case("a field of answers changes its type", Z, MAJOR, counted_in_words, griffe=False),
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
    Case("a field of requests is new and required", Z, MAJOR, refund_in_a_currency),
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
    Case("a component is renamed", Z, MAJOR, everywhere("RefundRequest", "RefundDraft"), redocly=PATCH),
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
    Case("the first server leaves", Y, MAJOR, drop("servers > 0")),
    Case("another server is the first", Y, MAJOR, swap),
    Case("a server is called otherwise", Y, MAJOR, put("servers > 1 > description", "staging"), redocly=PATCH),
    Case("a server is new", Z, MINOR, add("servers", {"url": "https://eu.test", "description": "Europe", **BASIS})),
    Case("a credential goes elsewhere", Y, MINOR, put("components > securitySchemes > apiKey > name", "X-Key")),
    Case("events are signed by another algorithm", Z, MAJOR, put("x-delivery > signature > algorithm", "hmac-sha512")),
    Case(
        "the case of the header that events are signed in",
        Y,
        PATCH,
        everywhere('"x-webhook-signature"', '"X-Webhook-Signature"'),
        alone=NONE,
    ),
    Case("a header of events is renamed", Y, MAJOR, put("components > parameters > WebhookSignature > name", "x-sign")),
    Case(
        "the case of the header of a credential",
        Y,
        NONE,
        put("components > securitySchemes > apiKey > name", "X-API-Key"),
    ),
    Case("events are given up earlier", Z, MINOR, put("x-delivery > give-up-after-seconds", 3600)),
    Case("events are told apart by another field", Z, MAJOR, told_apart_by_kind),
    Case("events in another order", Z, PATCH, turned("#Event > oneOf"), alone=NONE),
    Case("another answer to events", Z, MINOR, rename("webhooks > order.updated > post > responses > 200", "202")),
    Case("an event comes by another method", Z, MINOR, rename("webhooks > order.updated > post", "put")),
    Case(
        "a shared answer is described otherwise", Z, PATCH, put("components > responses > NotFound > description", "X.")
    ),
    Case(
        "a shared parameter becomes required",
        Z,
        MAJOR,
        put("components > parameters > IdempotencyKey > required", True),
    ),
    Case("a keyword that no rule knows", Z, MINOR, put("#Order.currency > contentEncoding", "base64")),
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
