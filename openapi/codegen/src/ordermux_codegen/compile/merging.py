"""`allOf`: several schemas that become one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .nodes import Node, is_node

TEXTS = ("title", "description", "examples", "example", "externalDocs", "x-basis", "$comment")
"""What a schema says of itself, and not of those that it is put together from."""


class MergeError(ValueError):
    """Schemas cannot become one; the message says which."""


def merged(resolve: Callable[[Node], Node], schema: Node, above: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a schema with the members of its `allOf` written into it; `resolve` follows a reference.

    Raises MergeError if two of them say different things.
    """
    whole = {name: value for name, value in schema.items() if name != "allOf"}
    for part in schema.get("allOf", ()):
        reference = str(part.get("$ref", ""))
        if reference in above:
            raise MergeError(f"`allOf` of {reference!r}, which contains itself")
        target = resolve(part)
        if "discriminator" in target:
            raise MergeError("`allOf` of a schema with a discriminator")
        inner = merged(resolve, target, (*above, reference))
        if len(schema["allOf"]) + bool(set(whole) - set(TEXTS)) > 1 and {
            "oneOf",
            "anyOf",
            "additionalProperties",
        } & set(inner):
            raise MergeError("`allOf` of a union, of a map, or of an object that is closed")
        whole = _joined(whole, inner)
    return whole


def _joined(whole: dict[str, Any], part: Node) -> dict[str, Any]:
    result = dict(whole)
    for name, value in part.items():
        if name in TEXTS:
            result.setdefault(name, value)
        elif name == "properties":
            result[name] = _properties(result.get(name, {}), value)
        elif name == "required":
            result[name] = list(dict.fromkeys([*result.get(name, ()), *value]))
        elif result.setdefault(name, value) != value:
            raise MergeError(f"`allOf` of two that differ in `{name}`")
    return result


def _properties(whole: Node, part: Node) -> dict[str, Any]:
    for name, node in part.items():
        if name in whole and _bare(whole[name]) != _bare(node):
            raise MergeError(f"`allOf` of two that differ in the property {name!r}")
    return {**part, **whole}


def _bare(schema: Any) -> Any:
    """Return a schema without what it says of itself in words."""
    return {name: value for name, value in schema.items() if name not in TEXTS} if is_node(schema) else schema
