"""The examples of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .document import Document
from .media import request_media
from .nodes import Node, reference_at
from .yaml_positions import At


def samples(document: Document) -> Iterator[tuple[At, str, Any]]:
    """Yield the document's examples, each with its place and the schema that it is one of."""
    for name, schema in document.schemas.items():
        if name in document.uploads():
            continue  # a file has no form in JSON
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
    media = request_media(body)
    if media is None or media.kind == "parts" or not media.schema:
        return
    name, here = media.schema, (*at, "content", media.media_type)
    if "example" in media.node:
        yield (*here, "example"), name, media.node["example"]
    for key, example in media.node.get("examples", {}).items():
        target = document.resolve(example)
        if "value" in target:
            yield (*here, "examples", key), name, target["value"]
