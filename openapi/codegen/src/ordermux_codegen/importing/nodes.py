"""The parts of a published document, each of which knows where it stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

MAX_NODES = 4_000_000
"""How many values a file may have once its aliases are written out."""


MARK = "~~"
"""Stands in the address of what is made of a part, behind the part's own; no JSON pointer has it."""


class PublishedError(Exception):
    """A published document cannot be read or used; the message says what and where."""


class Node(dict[str, Any]):
    """A mapping of a published document."""

    __slots__ = ("at",)

    def __init__(self, members: Mapping[str, Any], at: str) -> None:
        """Keep the members, and where they stand: the file, `#` and a JSON pointer; no file for the document itself."""
        super().__init__(members)
        self.at = at

    def below(self, *keys: str | int) -> str:
        """Return the address of what stands below some keys."""
        return joined(self.at, *keys)

    def node(self, key: str) -> Node:
        """Return a mapping that stands below a key, an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, Node) else Node({}, self.below(key))

    def nodes(self, key: str) -> Iterator[tuple[str, Node]]:
        """Yield the mappings that stand in the mapping below a key, by their names."""
        for name, value in self.node(key).items():
            if isinstance(value, Node):
                yield name, value

    def items_of(self, key: str) -> list[Any]:
        """Return the list below a key, an empty one where there is none."""
        value = self.get(key)
        return value if is_list(value) else []

    def list_of(self, key: str) -> list[Node]:
        """Return the mappings in the list below a key."""
        return [item for item in self.items_of(key) if isinstance(item, Node)]

    def without(self, *keys: str) -> Node:
        """Return a copy that lacks some members."""
        return Node({name: value for name, value in self.items() if name not in keys}, self.at)

    def made(self, mark: str, members: Mapping[str, Any]) -> Node:
        """Return a mapping that is made of this one."""
        return Node(members, f"{self.at}{MARK}{mark}")

    def text(self, key: str) -> str:
        """Return the text below a key, stripped; an empty one where there is none."""
        value = self.get(key)
        return value.strip() if isinstance(value, str) else ""


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is a mapping."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Return whether a value is a list."""
    return isinstance(value, list)


def joined(at: str, *keys: str | int) -> str:
    """Return an address that some keys lead on from."""
    return at + "".join(f"/{escaped(str(key))}" for key in keys)


def escaped(key: str) -> str:
    """Return a key as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescaped(part: str) -> str:
    """Return a part of a JSON pointer as a key."""
    return part.replace("~1", "/").replace("~0", "~")


def pointer(at: str) -> str:
    """Return an address as people read it: the pointer, with the file in front where it is another one."""
    file, _, place = at.partition("#")
    return f"{file}#{place}" if file else place


def tree(value: Any, at: str) -> Any:
    """Return what a file holds as JSON, its mappings as nodes, and its aliases written out.

    Raises PublishedError where it holds what JSON does not have, or too much of it.
    """
    return _Tree().of(value, at)


class _Tree:
    def __init__(self) -> None:
        self.left = MAX_NODES

    def of(self, value: Any, at: str) -> Any:
        self.left -= 1
        if self.left < 0:
            raise PublishedError(f"{at.partition('#')[0] or 'the document'}: more than {MAX_NODES} values")
        if is_mapping(value):
            members: dict[str, Any] = {}
            for key, inner in value.items():
                name = _key(key, at)
                members[name] = self.of(inner, joined(at, name))
            return Node(members, at)
        if is_list(value):
            return [self.of(inner, joined(at, index)) for index, inner in enumerate(value)]
        if value is None or isinstance(value, str | bool | int | float):
            if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
                raise PublishedError(f"{pointer(at)}: half a surrogate pair in a text")
            return value
        raise PublishedError(f"{pointer(at)}: a value of the type {type(value).__name__}, which JSON does not have")


def _key(key: Any, at: str) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    if isinstance(key, int | float):
        return str(key)
    raise PublishedError(f"{pointer(at)}: a key of the type {type(key).__name__}")
