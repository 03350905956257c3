"""The examples of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .document import Document
from .nodes import Node, json_content, ref_name, reference_at
from .yaml_positions import At


def samples(document: Document) -> Iterator[tuple[At, str, Any]]:
    """Yield the document's examples, each with its place and the schema that it is one of."""
    for name, schema in document.schemas.items():
        for index, value in enumerate(schema.get("examples", ())):
            yield ("components", "schemas", name, "examples", index), name, value
    for operation in [*document.operations, *document.events]:
        body = operation.node.get("requestBody", {})
        at = reference_at(body["$ref"]) if "$ref" in body else (*operation.at, "requestBody")
        yield from _of_body(document, at, document.resolve(body))
        for status, response in operation.node.get("responses", {}).items():
            at = reference_at(response["$ref"]) if "$ref" in response else (*operation.at, "responses", status)
            yield from _of_body(document, at, document.resolve(response))


def _of_body(document: Document, at: At, body: Node) -> Iterator[tuple[At, str, Any]]:
    found = json_content(body)
    if found is None or not ref_name(found[1]["schema"]):
        return
    name, here = ref_name(found[1]["schema"]), (*at, "content", found[0])
    if "example" in found[1]:
        yield (*here, "example"), name, found[1]["example"]
    for key, example in found[1].get("examples", {}).items():
        target = document.resolve(example)
        if "value" in target:
            yield (*here, "examples", key), name, target["value"]
