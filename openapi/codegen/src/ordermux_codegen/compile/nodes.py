"""The parts of a document, as mappings, and what each says: references, types, the JSON of a body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, cast
from urllib.parse import unquote

from .yaml_positions import At

SCHEMA_REF = "#/components/schemas/"
MEDIA_TYPE = "application/json"

Node = Mapping[str, Any]


def is_node(node: Any) -> TypeGuard[Node]:
    """Return whether a part of a document is a mapping."""
    return isinstance(node, Mapping)


def is_secret(schema: Node) -> bool:
    """Return whether a schema's values are masked."""
    return schema.get("format") == "password"


def ref_name(schema: Node) -> str:
    """Return the name of the component that a schema refers to, empty for any other."""
    return str(schema.get("$ref", "")).removeprefix(SCHEMA_REF)


def references(node: Any) -> Iterator[str]:
    """Yield the name of each component that is referred to."""
    if isinstance(node, Mapping):
        entries = cast("Node", node)
        if isinstance(entries.get("$ref"), str):
            yield ref_name(entries)
        for value in entries.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in cast("list[Any]", node):  # type: ignore[redundant-cast]
            yield from references(item)


def reference_at(reference: str) -> At:
    """Return the place that a reference inside the document names."""
    keys = reference.removeprefix("#/").split("/")
    return tuple(unquote(key).replace("~1", "/").replace("~0", "~") for key in keys)


def content_schema(node: Node) -> str:
    """Return the name of the schema of a body's JSON, empty if there is none."""
    found = json_content(node)
    return ref_name(found[1].get("schema", {})) if found else ""


def json_content(node: Node) -> tuple[str, Node] | None:
    """Return the media type of a body that is JSON, the plain one rather than a special one, and what it holds."""
    content = node.get("content", {})
    for wanted in (r"application/json", r"[a-z]+/[a-z0-9.!#$&^_-]+\+json"):
        for name, media in content.items():
            if re.fullmatch(rf"{wanted}(;\s*charset=\"?utf-8\"?)?", name, re.IGNORECASE):
                return name, media
    return None


def json_type(value: object) -> str:
    """Return the type of a value, as JSON Schema calls it."""
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def kinds_of(schema: Node) -> set[str]:
    """Return the types that a schema allows, those that follow from its other members included; none for any."""
    kinds = schema.get("type")
    if kinds is not None:
        return {str(kinds)} if isinstance(kinds, str) else {str(kind) for kind in kinds}
    if "properties" in schema or "additionalProperties" in schema:
        return {"object"}
    if "items" in schema:
        return {"array"}
    return {json_type(word) for word in schema.get("enum", [schema["const"]] if "const" in schema else ())}


def inner_schemas(schema: Node) -> list[Node]:
    """Return the schemas that a list, a map or a union is made of."""
    inner = [
        *schema.get("oneOf", ()),
        *schema.get("anyOf", ()),
        schema.get("items"),
        schema.get("additionalProperties"),
    ]
    return [node for node in inner if is_node(node)]


def has_number(schema: Node) -> bool:
    """Return whether a number that is no integer can stand in a schema, with no reference in between."""
    inner = [*inner_schemas(schema), *schema.get("properties", {}).values()]
    return "number" in kinds_of(schema) or any(has_number(node) for node in inner)
