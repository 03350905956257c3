"""References, followed through all files of a document."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from .ledger import Ledger
from .nodes import Node, PublishedError, is_list, pointer, unescaped
from .reading import Files

MAX_HOPS = 50
TEXTS = frozenset({"title", "description", "example", "examples", "externalDocs", "deprecated", "summary"})
"""What may stand beside a reference without making another schema of it."""


class References:
    """Follows references."""

    def __init__(self, files: Files, ledger: Ledger) -> None:
        """Take the files that they may lead to, and what collects those that lead to nothing."""
        self.files = files
        self.ledger = ledger
        self.visited: set[str] = set()
        """The addresses of what references led to."""

    def follow(self, node: Node) -> Node:
        """Return what a node refers to, itself where it is no reference.

        Raises PublishedError where the reference leads to nothing, out of the document, or in a circle.
        """
        for _ in range(MAX_HOPS):
            if not isinstance(node.get("$ref"), str):
                return node
            node = self.target(node["$ref"], node)
        raise PublishedError(f"{pointer(node.at)}: a reference that leads in a circle")

    def follow_alone(self, node: Node) -> Node:
        """Follow references as long as they say nothing of their own."""
        for _ in range(MAX_HOPS):
            if not isinstance(node.get("$ref"), str) or not is_plain_reference(node):
                return node
            node = self.target(node["$ref"], node)
        raise PublishedError(f"{pointer(node.at)}: a reference that leads in a circle")

    def target(self, reference: str, base: Node) -> Node:
        """Return the mapping that a reference in a node leads to; an empty one, told as a loss, where it is not there.

        Raises PublishedError where the reference leads out of the document.
        """
        value, at = self._found(reference, base)
        if isinstance(value, Node):
            self.visited.add(value.at)
            return value
        if value is not True:
            self.ledger.lose(base.at, "what it refers to is any value", f"the reference {reference!r} leads to nothing")
        return Node({}, at)

    def exists(self, reference: str, base: Node) -> bool:
        """Return whether a reference in a node leads to a mapping."""
        return isinstance(self._found(reference, base)[0], Node)

    def value(self, address: str) -> Any:
        """Return what stands at an address, None where nothing does. It is not noted as referred to."""
        file, _, place = address.partition("#")
        return self._found(f"#{place}", Node({}, f"{file}#"))[0]

    def _found(self, reference: str, base: Node) -> tuple[Any, str]:
        file, _, place = reference.partition("#")
        name = base.at.partition("#")[0]
        name = self.files.named(name, file) if file else name
        value: Any = self.files.file(name)
        at = f"{name}#"
        for part in place.split("/")[1:]:
            key = unescaped(unquote(part))
            value, found = _member(value, key)
            if not found:
                return None, base.made("nothing", {}).at
        return value, at


def _member(value: Any, key: str) -> tuple[Any, bool]:
    if isinstance(value, Node):
        return value.get(key), key in value
    if is_list(value) and key.isdecimal():
        return (value[int(key)], True) if int(key) < len(value) else (None, False)
    return None, False


def is_plain_reference(node: Node) -> bool:
    """Return whether a node is a reference with nothing but texts beside it."""
    return "$ref" in node and all(name in TEXTS or name == "$ref" or name.startswith("x-") for name in node)
