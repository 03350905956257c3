"""How much of a document is documented, observed, public or guessed, counted from the document itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .basis import KINDS, kind_of, place_of
from .document import Document
from .nodes import Node
from .operations import Operation

WORDS = {"doc": "documented", "observed": "observed", "public": "public", "guess": "guessed"}


def facts(document: Document) -> Iterator[tuple[str, str, Node]]:
    """Yield each fact of the document as its kind, its name and its basis.

    A parameter, header or response that several operations share counts once.
    """
    components: dict[str, Any] = document.raw["components"]
    for server in document.raw["servers"]:
        yield "servers", server["url"], server["x-basis"]
    for name, scheme in components.get("securitySchemes", {}).items():
        yield "security schemes", name, scheme["x-basis"]
    yield from _operation_facts("operations", document.operations)
    yield from _operation_facts("events", document.events)
    for name, header in components.get("headers", {}).items():
        yield "headers", name, header["x-basis"]
    for name, schema in document.schemas.items():
        yield "schemas", name, schema["x-basis"]
        for value in schema.get("enum", ()):
            yield "enum values", f"{name}.{value}", schema["x-basis"]
        for member, node in schema.get("properties", {}).items():
            yield "fields", f"{name}.{member}", node.get("x-basis", schema["x-basis"])


def _operation_facts(kind: str, operations: list[Operation]) -> Iterator[tuple[str, str, Node]]:
    shared: set[int] = set()
    for operation in operations:
        yield kind, operation.operation_id, operation.node["x-basis"]
        inner = [("parameters", parameter["name"], parameter) for parameter in operation.parameters]
        inner += [("responses", status, response) for status, response in operation.responses.items()]
        if "requestBody" in operation.node:
            inner.append(("request bodies", "body", operation.node["requestBody"]))
        for inner_kind, name, node in inner:
            if id(node) not in shared:
                shared.add(id(node))
                yield inner_kind, f"{operation.operation_id} {name}", node["x-basis"]


def dependent_facts(document: Document, page: str, section: str) -> dict[str, list[str]]:
    """Return the names of the facts that depend on a section of a page, by kind of fact.

    A fact that depends on the page as a whole depends on each of its sections.
    """
    extensions = ((name, node) for name, node in document.raw.items() if name.startswith("x-") and "x-basis" in node)
    found: dict[str, list[str]] = {}
    for kind, name, basis in [*facts(document), *(("extensions", name, node["x-basis"]) for name, node in extensions)]:
        if place_of(basis) in ((page, ""), (page, section)):
            found.setdefault(kind, []).append(name)
    return found


def basis_counts(document: Document) -> dict[str, Counter[str]]:
    """Return, for each kind of fact, how many are documented, observed, public and guessed."""
    counts: dict[str, Counter[str]] = {}
    for kind, _, basis in facts(document):
        counts.setdefault(kind, Counter())[kind_of(basis)] += 1
    return counts


def basis_table(document: Document) -> str:
    """Return one document's counts as a Markdown table."""
    counts = basis_counts(document)
    rows = [f"| what | {' | '.join(WORDS[kind] for kind in KINDS)} |", f"|---|{'---:|' * len(KINDS)}"]
    rows += [f"| {what} | {' | '.join(str(count[kind]) for kind in KINDS)} |" for what, count in counts.items()]
    total = sum(counts.values(), Counter[str]())
    return "\n".join([*rows, f"| **all** | {' | '.join(f'**{total[kind]}**' for kind in KINDS)} |"])


def overview_table(documents: list[Document]) -> str:
    """Return a row for each document: how much there is of it, and its sources."""
    head = ["provider", "operations", "schemas", "fields", "events", *(WORDS[kind] for kind in KINDS)]
    rows = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    for document in documents:
        counts = basis_counts(document)
        total = sum(counts.values(), Counter[str]())
        sizes = [counts[what].total() for what in ("operations", "schemas", "fields")]
        numbers = [*sizes, len(document.events), *(total[kind] for kind in KINDS)]
        rows.append(f"| {document.provider} | {' | '.join(map(str, numbers))} |")
    return "\n".join(rows)
