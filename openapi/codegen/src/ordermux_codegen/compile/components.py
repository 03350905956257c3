"""The components of a document, and what references inside it lead to."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from .merging import MergeError, merged
from .nodes import Node, inner_schemas, is_node, is_secret, ref_name, reference_at, references


@attrs.frozen(eq=False)
class Components:
    """The components of a provider's document."""

    provider: str
    path: Path
    raw: Node

    @functools.cached_property
    def schemas(self) -> dict[str, Any]:
        """The schemas by name, `allOf` written out where that can be done."""
        return {name: self._merged(schema) for name, schema in self.raw["components"]["schemas"].items()}

    def _merged(self, schema: Any) -> Any:
        try:
            return merged(self.resolve, schema) if is_node(schema) and "allOf" in schema else schema
        except MergeError:
            return schema

    @property
    def security_schemes(self) -> dict[str, Any]:
        """The security schemes by name."""
        schemes = self.raw["components"].get("securitySchemes", {})
        return {name: self.resolve(scheme) for name, scheme in schemes.items()}

    def resolve(self, node: Node) -> Node:
        """Follow a reference inside the document.

        Raises ValueError where it leads to itself, LookupError where it leads to nothing.
        """
        seen: set[str] = set()
        while "$ref" in node:
            if node["$ref"] in seen:
                raise ValueError(f"the reference {node['$ref']!r} leads to itself")
            seen.add(node["$ref"])
            target: Any = self.raw
            for key in reference_at(node["$ref"]):
                target = target[int(str(key)) if isinstance(target, list) else key]
            node = target
        return node

    def has(self, reference: str) -> bool:
        """Return whether a reference inside the document leads to something."""
        try:
            self.resolve({"$ref": reference})
        except (LookupError, TypeError, ValueError):
            return False
        return reference.startswith("#/")

    def properties(self) -> Iterator[tuple[str, str, Node]]:
        """Yield each property as its schema's name, its own name and its node."""
        for name, schema in self.schemas.items():
            for member, node in schema.get("properties", {}).items():
                yield name, member, node

    def reachable(self, names: Iterable[str]) -> set[str]:
        """Return the components that can stand somewhere in these."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.schemas:
                found.add(name)
                waiting += references(self.schemas[name])
        return found

    def secrets(self) -> set[tuple[str, str]]:
        """Return the properties that are masked, each as its schema's name and its own."""
        return {(schema, member) for schema, member, node in self.properties() if self.holds_secret(node)}

    def holds_secret(self, schema: Node) -> bool:
        """Return whether a value is a secret, or a list, a map or a union that holds one with no object in between."""
        waiting, seen = [schema], set[str]()
        while waiting:
            node = waiting.pop()
            name = ref_name(node)
            if name in seen:
                continue
            seen |= {name} - {""}
            node = self.schemas[name] if name else node
            if is_secret(node):
                return True
            if not node.get("properties"):
                waiting += inner_schemas(node)
        return False

    def secret_members(self) -> list[str]:
        """Return the names, on the wire, of the properties that are masked."""
        return sorted({member for _, member in self.secrets()})

    def deprecated_properties(self) -> dict[str, list[str]]:
        """Return the properties that will go away, by schema."""
        found: dict[str, list[str]] = {}
        for schema, member, node in self.properties():
            if node.get("deprecated"):
                found.setdefault(schema, []).append(member)
        return found
