"""Unions of objects that no discriminator tells apart, where their members do: by what each object is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import attrs

from .nodes import Node, kinds_of, ref_name

if TYPE_CHECKING:
    from .document import Document


class AlikeError(ValueError):
    """Nothing tells two objects of a union apart; the message says which."""


@attrs.define
class Rule:
    """What an object has to be, to be taken for a certain one of a union."""

    required: set[str] = attrs.field(factory=set[str])
    """The members that it has to have."""
    foreign: set[str] = attrs.field(factory=set[str])
    """The members that it must not have, since another object of the union is known by them."""
    words: dict[str, list[str]] = attrs.field(factory=dict[str, list[str]])
    """For some members their values, as JSON."""
    kinds: dict[str, list[str]] = attrs.field(factory=dict[str, list[str]])
    """For some members their types in JSON."""

    def table(self) -> dict[str, object]:
        """Return it as the compiled code has it."""
        plain = {"required": sorted(self.required), "foreign": sorted(self.foreign)}
        return {name: value for name, value in {**plain, "words": self.words, "kinds": self.kinds}.items() if value}


def members_of(schema: Node) -> list[Node]:
    """Return the members of a union, nothing for any other schema."""
    return [*schema.get("oneOf", ()), *schema.get("anyOf", ())]


def objects_of(document: Document, schema: Node) -> list[str]:
    """Return the components that the objects of a union are, those of unions inside of it in their place.

    Raises AlikeError where one of several is no object with declared members.
    """
    found = list(dict.fromkeys(_objects(document, schema, frozenset())))
    if len(found) > 1 and "" in found:
        raise AlikeError("an object without declared members, or of a union that a discriminator tells apart")
    return found


def _objects(document: Document, schema: Node, above: frozenset[str]) -> Iterator[str]:
    for member in members_of(schema):
        name = ref_name(member)
        target = document.schemas[name] if name else member
        if name in above:
            raise AlikeError(f"{name}, which holds itself")
        if members_of(target):
            inner = above | ({name} if name else frozenset[str]())
            yield from [""] if "discriminator" in target else _objects(document, target, inner)
        elif "object" in kinds_of(target):
            yield name if target.get("properties") else ""


def rules_of(document: Document, schema: Node) -> dict[str, Rule]:
    """Return by what each object of a union is known, by its component's name; nothing for fewer than two objects.

    No object is known as two of them; one that is known as none is no value of the union.

    Raises AlikeError where something else could be taken for one of them, or nothing tells two of them apart.
    """
    names = objects_of(document, schema)
    if len(names) < 2:  # noqa: PLR2004
        return {}
    shapes = {name: _Shape.of(document, name) for name in names}
    rules = {name: Rule() for name in names}
    for one, other in combinations(names, 2):
        if not (_by_value(shapes, rules, one, other) or _by_presence(shapes, rules, one, other)):
            raise AlikeError(f"{one} and {other}")
    for name, rule in rules.items():
        if not rule.required:
            rule.required |= shapes[name].required
        if not rule.required:
            raise AlikeError(f"{name}, which requires nothing, and any other object")
    return rules


@attrs.frozen
class _Shape:
    """An object's members, those that are required, and what is known of the values of those."""

    members: set[str]
    required: set[str]
    words: Mapping[str, set[str]]
    kinds: Mapping[str, set[str]]

    @classmethod
    def of(cls, document: Document, name: str) -> _Shape:
        schema, hidden = document.schemas[name], document.one_way(name)
        members = {member: node for member, node in schema["properties"].items() if not node.get(hidden)}
        required = set(schema.get("required", ())) & set(members)
        targets = {member: _resolved(document, members[member]) for member in required}
        words = {
            member: {json.dumps(word, ensure_ascii=False) for word in target.get("enum", [target.get("const")])}
            for member, target in targets.items()
            if {"enum", "const"} & set(target)
        }
        kinds = {
            member: {"number" if kind == "integer" else kind for kind in kinds_of(target)}
            for member, target in targets.items()
            if kinds_of(target)
        }
        return cls(set(members), required, words, kinds)


def _resolved(document: Document, node: Node) -> Node:
    while name := ref_name(node):
        node = document.schemas[name]
    return node


def _by_value(shapes: Mapping[str, _Shape], rules: Mapping[str, Rule], one: str, other: str) -> bool:
    """Tell two objects apart by a member that both require, with other words or of other types in each."""
    first, second = shapes[one], shapes[other]
    for member in sorted(first.required & second.required):
        if member in first.words and member in second.words and not first.words[member] & second.words[member]:
            for name in (one, other):
                rules[name].required.add(member)
                rules[name].words[member] = sorted(shapes[name].words[member])
            return True
    for member in sorted(first.required & second.required & set(first.kinds) & set(second.kinds)):
        if not first.kinds[member] & second.kinds[member]:
            for name in (one, other):
                rules[name].required.add(member)
                rules[name].kinds[member] = sorted(shapes[name].kinds[member])
            return True
    return False


def _by_presence(shapes: Mapping[str, _Shape], rules: Mapping[str, Rule], one: str, other: str) -> bool:
    """Tell two objects apart by members that one requires and the other does not have."""
    told = False
    for name, rest in ((one, other), (other, one)):
        own = shapes[name].required - shapes[rest].members
        rules[name].required |= own
        rules[rest].foreign |= own
        told = told or bool(own)
    return told
