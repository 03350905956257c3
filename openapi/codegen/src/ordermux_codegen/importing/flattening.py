"""Schemas as OpenAPI 3.1 has them, with references followed and `allOf` written out."""

from __future__ import annotations

from typing import Any

from .ledger import Ledger
from .nodes import Node, PublishedError, is_list
from .references import References

ANNOTATIONS = frozenset({
    "$anchor", "$comment", "$id", "$schema", "deprecated", "description", "example", "examples", "externalDocs",
    "title", "xml", "readOnly", "writeOnly", "default",
})  # fmt: skip
"""What says nothing of the form of a value."""
CONDITIONS = frozenset({
    "contains", "dependencies", "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains",
    "not", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
"""What only forbids some values that a schema would else allow: to leave it out makes the schema wider."""
FORM = frozenset({
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "items", "oneOf", "patternProperties",
    "properties", "type",
})  # fmt: skip
"""What says of which form a value is."""


class Flattening:
    """Writes out what a schema is put together from."""

    def __init__(self, references: References, ledger: Ledger) -> None:
        """Take what follows references, and what collects losses."""
        self.references = references
        self.ledger = ledger

    def flat(self, node: Node, above: frozenset[str] = frozenset()) -> Node:
        """Return a schema as one of 3.1 without `$ref` and `allOf`; its members stay as they are.

        It stands where what it refers to stands, so that it is made once. `above` are the schemas that it is part of.
        """
        if node.at in above:
            self.ledger.lose(node.at, "the part of itself is left out", "a schema is made of itself by `allOf`")
            return Node({}, node.at)
        above = above | {node.at}
        if isinstance(node.get("$ref"), str):
            target = self.flat(self.references.target(node["$ref"], node), above)
            beside = node.without("$ref")
            if any(name not in ANNOTATIONS and not name.startswith("x-") for name in beside):
                return self._joined([modern(beside), target], node.at)
            return Node({**target, **{name: beside[name] for name in beside if name in ANNOTATIONS}}, target.at)
        whole = modern(node)
        self._leave_out(whole)
        if "allOf" not in whole:
            return whole
        parts = [part for part in whole.list_of("allOf") if part]
        beside = whole.without("allOf")
        flat = [self.flat(part, above) for part in parts]
        if not says_form(beside):
            forms = [part for part in flat if says_form(part) or part.get("required")]
            if len(forms) == 1:  # a wrapper, for the sake of a description
                return Node({**forms[0], **beside}, node.at)
        return self._joined([beside, *flat], node.at)

    def _leave_out(self, whole: Node) -> None:
        for name in sorted(CONDITIONS & set(whole)):
            self.ledger.lose(whole.at, f"`{name}` is left out", "conditions are not compiled; more values fit")
            del whole[name]

    def _joined(self, parts: list[Node], at: str) -> Node:
        """Return what fits all of some flat schemas, the first of which is the one that the others are parts of."""
        whole = Node({}, at)
        for part in parts:
            for name, value in part.items():
                if name not in {"oneOf", "anyOf", "discriminator"}:
                    self._join(whole, name, value)
        if whole.get("additionalProperties") is False:
            del whole["additionalProperties"]
            self.ledger.lose(at, "`additionalProperties: false` is left out", "the parts of `allOf` forbid each other")
        if "discriminator" in parts[0]:  # that of a part is not asked: it is an object here, not any of its kinds
            whole["discriminator"] = parts[0]["discriminator"]
        self._join_unions(whole, parts)
        return whole

    def _join_unions(self, whole: Node, parts: list[Node]) -> None:
        taken = False
        for part in parts:
            for name in {"oneOf", "anyOf"} & set(part):
                if not any(_says_more(member) for member in part.items_of(name)):
                    self.ledger.lose(whole.at, f"`{name}` of conditions is left out", "conditions are not compiled")
                elif taken:
                    self.ledger.lose(whole.at, "a second union is left out", "`allOf` of several; more values fit")
                else:
                    taken = True
                    whole[name] = part[name]
                    if "discriminator" in part:
                        whole["discriminator"] = part["discriminator"]

    def _join(self, whole: Node, name: str, value: Any) -> None:
        """Make a member of one part true of the whole."""
        old = whole.get(name)
        if old is None or old == value:
            whole[name] = value
        elif name == "properties":
            whole[name] = _both_properties(whole.node(name), value)
        elif name == "items" and isinstance(old, Node) and isinstance(value, Node):
            whole[name] = old.made("and", {"allOf": [old, value]})
        elif name == "required":
            whole[name] = list(dict.fromkeys([*old, *value]))
        elif name in {"type", "enum"}:
            both = [each for each in listed(old) if each in listed(value)]
            if both:
                whole[name] = both if name == "enum" or len(both) > 1 else both[0]
            else:
                self.ledger.lose(whole.at, f"a second `{name}` is left out", "the parts of `allOf` forbid each other")
        elif name in FORM | {"format"}:
            self.ledger.lose(whole.at, f"a second `{name}` is left out", "the parts of `allOf` differ in it")


def _both_properties(old: Node, new: Node) -> Node:
    whole = Node(dict(old), old.at)
    for name, value in new.items():
        first = whole.get(name)
        if isinstance(first, Node) and isinstance(value, Node) and first != value:
            whole[name] = first.made("and", {"allOf": [first, value]})
        else:
            whole.setdefault(name, value)
    return whole


def says_form(node: Node) -> bool:
    """Return whether a schema says of which form a value is, and not only what is true of it."""
    return bool(FORM & set(node))


def _says_more(member: Any) -> bool:
    return isinstance(member, Node) and says_form(member)


def listed(value: Any) -> list[Any]:
    """Return a list as it is, and anything else as a list of one."""
    return list(value) if is_list(value) else [value]


def modern(node: Node) -> Node:
    """Return a schema of OpenAPI 3.0 or 3.1 as one of 3.1, its members aside."""
    whole = Node({name: value for name, value in node.items() if not name.startswith("x-")}, node.at)
    if whole.pop("nullable", False) is True:
        if "type" in whole:
            whole["type"] = list(dict.fromkeys([*listed(whole["type"]), "null"]))
        elif says_form(whole):
            alone = {name: whole.pop(name) for name in list(whole) if name not in ANNOTATIONS}
            whole["anyOf"] = [node.made("value", alone), node.made("null", {"type": "null"})]
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if whole.get(bound) is True and limit in whole:
            whole[bound] = whole.pop(limit)
        elif isinstance(whole.get(bound), bool):
            del whole[bound]
    if isinstance(whole.get("enum"), list) and None in whole["enum"] and "type" in whole:
        whole["type"] = list(dict.fromkeys([*listed(whole["type"]), "null"]))
    for name in ("definitions", "$defs"):  # what they hold is reached by references
        whole.pop(name, None)
    return whole


def schema_node(value: Any, at: str) -> Node:
    """Return a schema as a node: `true` is one that says nothing.

    Raises PublishedError where it is no schema at all.
    """
    if isinstance(value, Node):
        return value
    if isinstance(value, bool):
        return Node({}, at)
    raise PublishedError(f"{at}: is no schema")
