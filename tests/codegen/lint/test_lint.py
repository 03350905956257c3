"""Each modelling rule of `docs/provider-documents.md` is checked: a document that breaks it fails with its name."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordermux_codegen.compile.complaints import located
from ordermux_codegen.compile.digests import EMPTY
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.facts import basis_counts
from ordermux_codegen.lint.rules import FIRST_RULES, RULES, lint
from ordermux_codegen.workspace import shown
from support.document_checker import documents
from support.repository import ROOT

SMALL = Document.load(Path(__file__).parents[1] / "small" / "small.yaml")
DIGEST = "sha256:0572700845e43edea4f7fa0c5baa5ccb"
Broken = Callable[[Any], object]


def schemas(raw: Any) -> Any:
    """Return the schemas of a document."""
    return raw["components"]["schemas"]


def operation(raw: Any) -> Any:
    """Return the document's one operation."""
    return raw["paths"]["/orders/{id}"]["get"]


def inline(raw: Any, schema: Any) -> None:
    """Put a schema into a property."""
    schemas(raw)["Order"]["properties"]["inside"] = schema


def inline_body(raw: Any) -> None:
    """Put a schema into a response."""
    operation(raw)["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "object"}


def require_note(raw: Any) -> None:
    """Require a field that is guessed, with examples that have it."""
    schemas(raw)["Order"]["required"].append("note")
    schemas(raw)["Order"]["examples"] = [{"id": "order_1", "note": "A note."}]


def nested_list() -> Any:
    """Return a list whose items need a name."""
    return {"type": "array", "description": "Lists.", "items": {"type": "array", "items": {"type": "string"}}}


def body(raw: Any) -> Any:
    """Return the media type of an event's body."""
    return raw["webhooks"]["order.paid"]["post"]["requestBody"]["content"]["application/json"]


def error(raw: Any) -> Any:
    """Return the operation's error."""
    return operation(raw)["responses"]["404"]


def refer(response: Any, name: str) -> None:
    """Give a response another schema."""
    response["content"]["application/json"]["schema"]["$ref"] = f"#/components/schemas/{name}"


def pinned(raw: Any) -> Any:
    """Return the property that tells an event."""
    return schemas(raw)["OrderPaid"]["properties"]["type"]


def reason(raw: Any) -> Any:
    """Return the basis of the property that tells an event."""
    return pinned(raw)["x-basis"]


def scheme(raw: Any) -> Any:
    """Return the security scheme."""
    return raw["components"]["securitySchemes"]["apiKey"]


def page(raw: Any) -> Any:
    """Return the page that is no contract."""
    return raw["x-sources"]["blog"]


def digests(raw: Any) -> Any:
    """Return the digests of the contract page."""
    return raw["x-sources"]["orders"]["sections"]


def mapping(raw: Any) -> Any:
    """Return the discriminator's mapping."""
    return schemas(raw)["Event"]["discriminator"]["mapping"]


BREAKS: list[tuple[str, str, Broken]] = [
    ("todo", "a text to be written", lambda raw: operation(raw).update(summary="TODO: what it does.")),
    ("openapi", "no title", lambda raw: raw["info"].pop("title")),
    ("openapi", "a parameter without a name", lambda raw: operation(raw)["parameters"].append({"in": "nowhere"})),
    (
        "openapi",
        "a reference to nothing",
        lambda raw: schemas(raw)["Order"]["properties"].update(a={"$ref": "#/nowhere"}),
    ),
    ("complete", "no summary", lambda raw: raw["info"].pop("summary")),
    ("complete", "no tags", lambda raw: raw.pop("tags")),
    ("complete", "an operation without a tag", lambda raw: operation(raw).pop("tags")),
    ("complete", "a scheme that nothing describes", lambda raw: scheme(raw).pop("description")),
    ("complete", "a scheme without an argument", lambda raw: scheme(raw).pop("x-client-argument")),
    ("complete", "a contract page without sections", lambda raw: raw["x-sources"]["orders"].pop("sections")),
    ("complete", "sections without digests", lambda raw: raw["x-sources"]["orders"].update(sections=["Orders"])),
    ("complete", "a section without a digest", lambda raw: digests(raw).update(Orders=None)),
    ("complete", "a digest that is too short", lambda raw: digests(raw).update(Orders="sha256:e3b0c442")),
    ("complete", "a digest of another kind", lambda raw: digests(raw).update(Orders="md5:" + "0" * 32)),
    ("complete", "a public page's digest in capitals", lambda raw: page(raw).update(sections={"A": DIGEST.upper()})),
    ("complete", "a version that the changelog does not tell of", lambda raw: raw["info"].update(version="1.2.4")),
    ("complete", "events without x-delivery", lambda raw: raw.pop("x-delivery")),
    ("basis", "a section without a text", lambda raw: raw["x-sources"]["orders"].update(sections={"Orders": EMPTY})),
    ("extensions", "a slip of the pen in a page", lambda raw: page(raw).update({"x-sections": {"Orders": DIGEST}})),
    ("extensions", "a slip of the pen", lambda raw: operation(raw).update({"x-baiss": {"public": "blog"}})),
    ("not supported", "a schema in snake_case", lambda raw: schemas(raw).update(order_page=schemas(raw)["Labels"])),
    ("naming", "an operation in snake_case", lambda raw: operation(raw).update(operationId="get_order")),
    ("naming", "a tag in capitals", lambda raw: raw["tags"].append({"name": "Orders", "description": "Orders."})),
    ("naming", "a version of two numbers", lambda raw: raw["info"].update(version="1.2")),
    ("not supported", "two components of one name", lambda raw: schemas(raw).update(ERROR=schemas(raw)["Error"])),
    ("not supported", "an object inside", lambda raw: inline(raw, {"type": "object", "description": "An object."})),
    (
        "not supported",
        "an enum inside",
        lambda raw: inline(raw, {"type": "string", "enum": ["a"], "description": "A."}),
    ),
    ("not supported", "a union inside", lambda raw: inline(raw, {"oneOf": [{"type": "string"}], "description": "A."})),
    ("not supported", "a list of lists", lambda raw: inline(raw, nested_list())),
    ("not supported", "a body inside", inline_body),
    ("not supported", "a map of anything", lambda raw: schemas(raw)["Labels"].update(additionalProperties=True)),
    ("basis", "an operation without", lambda raw: operation(raw).pop("x-basis")),
    ("basis", "a parameter without", lambda raw: operation(raw)["parameters"][0].pop("x-basis")),
    ("basis", "a response without", lambda raw: operation(raw)["responses"]["200"].pop("x-basis")),
    ("basis", "a server without", lambda raw: raw["servers"][0].pop("x-basis")),
    ("basis", "a security scheme without", lambda raw: scheme(raw).pop("x-basis")),
    ("basis", "an event without", lambda raw: raw["webhooks"]["order.paid"]["post"].pop("x-basis")),
    ("basis", "a schema without", lambda raw: schemas(raw)["Labels"].pop("x-basis")),
    ("basis", "two words", lambda raw: operation(raw).update({"x-basis": {"doc": "orders#Orders", "guess": "why"}})),
    ("basis", "no word of the four", lambda raw: operation(raw).update({"x-basis": {"sure": "yes"}})),
    ("basis", "an unknown page", lambda raw: operation(raw).update({"x-basis": {"public": "news"}})),
    ("basis", "an unknown run", lambda raw: operation(raw).update({"x-basis": {"observed": "run"}})),
    ("basis", "the contract page as observed", lambda raw: operation(raw).update({"x-basis": {"observed": "orders"}})),
    ("basis", "an unknown section", lambda raw: operation(raw).update({"x-basis": {"doc": "orders#Refunds"}})),
    ("basis", "doc of a public page", lambda raw: operation(raw).update({"x-basis": {"doc": "blog#Orders"}})),
    ("basis", "a guess without a reason", lambda raw: operation(raw).update({"x-basis": {"guess": ""}})),
    ("required", "a guessed field", require_note),
    ("required", "a public field of an event", lambda raw: reason(raw).pop("required")),
    ("described", "an operation without", lambda raw: operation(raw).update(summary="")),
    ("described", "a parameter without", lambda raw: operation(raw)["parameters"][0].pop("description")),
    ("described", "a schema without", lambda raw: schemas(raw)["Error"].pop("description")),
    ("described", "a field without", lambda raw: schemas(raw)["Order"]["properties"]["note"].pop("description")),
    ("described", "an enum value without", lambda raw: schemas(raw)["OrderStatus"]["enum"].append("lost")),
    ("not supported", "two kinds of success", lambda raw: operation(raw)["responses"].update({"201": error(raw)})),
    ("responses", "no error", lambda raw: operation(raw)["responses"].pop("404")),
    ("not supported", "an error of another kind", lambda raw: refer(error(raw), "Order")),
    ("not supported", "a binary float", lambda raw: schemas(raw)["Order"]["properties"]["weight"].pop("format")),
    ("secrets", "a plain token", lambda raw: schemas(raw)["Order"]["properties"]["token"].pop("format")),
    ("not supported", "an event that is not mapped", lambda raw: mapping(raw).pop("order.sent")),
    ("not supported", "an event that pins nothing", lambda raw: pinned(raw).pop("const")),
    ("not supported", "no union", lambda raw: schemas(raw).pop("Event")),
    ("examples", "an example that does not fit", lambda raw: schemas(raw)["Order"]["examples"].append({"id": 7})),
    ("examples", "a body without one", lambda raw: body(raw).pop("example")),
    ("examples", "a body's that does not fit", lambda raw: body(raw).update(example={"type": "order.lost"})),
]


def test_the_small_document_breaks_no_rule() -> None:
    """What the other tests start from is clean, so that what they find is what they broke."""
    assert [] == lint(SMALL)


@pytest.mark.parametrize("provider", sorted(documents()))
def test_each_providers_document_breaks_no_rule(provider: str) -> None:
    """Each document keeps every rule."""
    assert [] == lint(documents()[provider])


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "how", "broken"), BREAKS, ids=[f"{rule}: {how}" for rule, how, _ in BREAKS])
def test_a_broken_rule_is_named(rule: str, how: str, broken: Broken) -> None:
    """A document that breaks one rule fails with that rule's name, and with no other's."""
    raw = copy.deepcopy(SMALL.raw)
    broken(raw)
    assert {rule} == {problem.partition(":")[0] for problem in lint(Document("small", SMALL.path, raw))}, how


def test_what_was_observed_is_a_basis_of_its_own() -> None:
    """It names what was run, breaks no rule, and is counted and told apart from what a page states."""
    raw = copy.deepcopy(SMALL.raw)
    operation(raw)["x-basis"] = {"observed": "blog", "note": "the page says nothing"}
    document = Document("small", SMALL.path, raw)
    assert [] == lint(document)
    assert {"observed": 1} == basis_counts(document)["operations"]
    assert "observed (blog; the page says nothing)" == document.operations[0].basis


def test_a_package_without_its_texts_is_told(tmp_path: Path) -> None:
    """The README and the changelog lie beside the document, and the message says where they are told of."""
    document = Document("small", tmp_path / "small.yaml", SMALL.raw)
    names = ("README.md.jinja", "CHANGELOG.md")
    told = "is missing beside the document; `nox -s new -- small` writes it"
    assert [f"complete: small/{name}: {told}" for name in names] == lint(document)


def test_every_rule_is_broken_once() -> None:
    """No rule is without its negative test, and the page of rules names the same ones."""
    rules = {*FIRST_RULES, *RULES}
    page = (ROOT / "docs" / "provider-documents.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^- \*\*([a-z -]+)\*\*:", page, re.MULTILINE))
    assert rules == {rule for rule, _, _ in BREAKS}
    assert rules == told


LOCATED = [
    ("basis: components.schemas.Order.properties.id: has none", "    Order:", "        id:"),
    ("described: Order.id: has no description", "    Order:", "        id:"),
    ("responses: getOrder: has none", "  /orders/{id}:", "    get:"),
    ("complete: page blog: has no title", "x-sources:", "  blog:"),
    ("basis: paths./orders/{id}.get.parameters[0]: has none", "      parameters:", "        - {name: id"),
    ("basis: webhooks.order.sent.post: has none", "  order.sent:", "    post:"),
    ("WARNING parsing GET /orders/{id} within orders: no", "  /orders/{id}:", "    get:"),
]


@pytest.mark.parametrize(("problem", "above", "starts"), LOCATED)
def test_a_complaint_names_the_file_and_the_line(problem: str, above: str, starts: str) -> None:
    """That of the place which it is about; a place that is nowhere has the file alone."""
    lines = SMALL.path.read_text("utf-8").splitlines()
    top = next(number for number, line in enumerate(lines) if line.startswith(above))
    line = next(number for number, line in enumerate(lines[top:], top + 1) if line.startswith(starts))
    assert f"{shown(SMALL.path)}:{line}: {problem}" == located(SMALL, problem)
    assert f"{shown(SMALL.path)}: naming: nobody: x" == located(SMALL, "naming: nobody: x")
