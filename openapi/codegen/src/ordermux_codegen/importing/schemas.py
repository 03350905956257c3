"""Schemas in the form that the compiler takes: what it does not take is made wider, and told.

Each object, enum, map and union becomes a component, whose key is its address in the published document; names come
later. Of what is read every value that fitted before fits still, and what is sent may be more than the provider takes.
"""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator
from openapi_python_client.strings import snake_case

from .flattening import Flattening, listed, schema_node
from .ledger import Ledger
from .nodes import MARK, Node
from .references import References, is_plain_reference
from .unions import Unions

Schema = dict[str, Any]
ANY_OBJECT = f"#{MARK}any object"
"""The key of the component that all objects without declared members share."""
EVENT = f"#{MARK}event"
"""The key of the component that any delivery is."""
TYPES = ("string", "integer", "number", "boolean", "array", "object")
BOUNDS = (
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems",
    "maxItems", "uniqueItems", "minProperties", "maxProperties", "pattern",
)  # fmt: skip
NOTES = ("description", "deprecated", "readOnly", "writeOnly")
"""What is kept where a schema is used."""


class Schemas:
    """Makes components of what is used."""

    def __init__(self, references: References, ledger: Ledger, document: Node) -> None:
        """Take what follows references, what collects losses, and the document."""
        self.references = references
        self.ledger = ledger
        self.document = document
        self.flattening = Flattening(references, ledger)
        self.unions = Unions(self)
        self.components: dict[str, Schema] = {}
        self._working: set[str] = set()
        self._again: set[str] = set()

    def flat(self, node: Node) -> Node:
        """Return a schema without references and `allOf`."""
        return self.flattening.flat(node)

    def use(self, value: Any, at: str) -> Schema:
        """Return a schema as it stands inside of another one: a plain one, or a reference to a component."""
        node = schema_node(value, at)
        target, shared, nullable, notes = self._alone(node)
        flat = self.flat(target)
        nullable = nullable or self.nullable(flat)
        if not shared:
            notes = {**_notes(flat), **notes}
            body = self.body(flat)
            if is_plain(body):
                inner = dict(body)
                if nullable and "type" in inner:
                    inner["type"] = [inner["type"], "null"]
                return {**inner, **notes}
            if "$ref" in body:
                return {**(self.or_null(body["$ref"]) if nullable else body), **notes}
            if body == {"type": "object", "additionalProperties": {}}:
                self.components.setdefault(ANY_OBJECT, {**body, "description": "An object of any members."})
                return {**(self.or_null(ANY_OBJECT) if nullable else {"$ref": ANY_OBJECT}), **notes}
            self.components.setdefault(target.at, {**body, **_described(flat)})
        else:
            self.component(target)
        return {**(self.or_null(target.at) if nullable else {"$ref": target.at}), **notes}

    def component(self, node: Node) -> str:
        """Return the key of the component that a schema of the published document becomes."""
        if node.at not in self.components:
            self.components[node.at] = {}  # so that what refers to itself ends
            flat = self.flat(node)
            made = self.body(flat)
            if made != {"$ref": node.at}:
                self.components[node.at] = {**made, **_described(flat), **_examples(flat)}
        return node.at

    def or_null(self, key: str) -> Schema:
        """Return a reference to what is a component or null."""
        self.components.setdefault(
            f"{key}{MARK}null",
            {"oneOf": [{"$ref": key}, {"type": "null"}], "description": "The same, or null."},
        )
        return {"$ref": f"{key}{MARK}null"}

    def nullable(self, flat: Node, above: frozenset[str] = frozenset()) -> bool:
        """Return whether a schema takes null."""
        if "null" in listed(flat.get("type")) or ("const" in flat and flat["const"] is None):
            return True
        if flat.at in above:
            return False
        members = [*flat.list_of("oneOf"), *flat.list_of("anyOf")]
        return any(self.nullable(self.flat(member), above | {flat.at}) for member in members)

    def _alone(self, node: Node) -> tuple[Node, bool, bool, Schema]:
        """Return what a schema is but for texts: its target, whether it is referred to, whether null, and the texts."""
        shared = nullable = False
        notes: Schema = {}
        for _ in range(50):
            notes = {**_notes(node), **notes}
            if is_plain_reference(node):
                node, shared = self.references.target(node["$ref"], node), True
                if not _is_wrapper(node):
                    break
                continue
            inner = _wrapped(node)
            if inner is None:
                break
            node, null = inner
            nullable = nullable or null
        if shared:
            target_notes = _notes(node)
            if notes.get("description") == target_notes.get("description"):
                notes.pop("description", None)
            for name in ("deprecated", "readOnly", "writeOnly"):
                if target_notes.get(name):
                    notes[name] = True
        return node, shared, nullable, notes

    def body(self, flat: Node) -> Schema:
        """Return a flat schema in the form of a component, null aside.

        What is asked for while it is made is a reference to the component that it becomes.
        """
        if flat.at in self._working:
            self._again.add(flat.at)
            self.components.setdefault(flat.at, {})
            return {"$ref": flat.at}
        self._working.add(flat.at)
        made = self.form(flat)
        self._working.discard(flat.at)
        if flat.at in self._again and not self.components[flat.at]:
            self.components[flat.at] = {**made, **_described(flat)}
        return made

    def form(self, flat: Node) -> Schema:
        """Return a flat schema in the form of a component, null aside, whether or not it is asked for inside."""
        if flat.get("oneOf") or flat.get("anyOf"):
            return self.unions.union(flat)
        if isinstance(flat.get("discriminator"), Node) and (union := self.unions.of_kinds(flat)):
            return union
        kinds = self.kinds(flat)
        if kinds == ["integer", "number"]:
            kinds = ["number"]
        if len(kinds) > 1:
            return self.unions.of([flat.made(kind, {**flat, "type": kind}) for kind in kinds], flat)
        if isinstance(flat.get("const"), str):
            return {"type": "string", "const": flat["const"]}
        words = [flat["const"]] if "const" in flat else flat.items_of("enum")
        if words:
            return self._words(flat.without("const", "enum"), words, kinds)
        return self._of_kind(flat, kinds[0]) if kinds else {}

    def kinds(self, flat: Node) -> list[str]:
        """Return the types that a schema allows, null aside, in a fixed order; none for any."""
        if "type" in flat:
            said = {str(kind) for kind in listed(flat["type"])} - {"null"}
            if odd := said - set(TYPES):
                self.ledger.lose(flat.at, f"the type {', '.join(sorted(odd))} is any value", "JSON Schema has no such")
                return []
            return [kind for kind in TYPES if kind in said]
        if "properties" in flat or "additionalProperties" in flat or "patternProperties" in flat:
            return ["object"]
        if "items" in flat:
            return ["array"]
        if "contentMediaType" in flat and "multipart~1form-data" in flat.at:
            return ["string"]
        words = flat.items_of("enum") or ([flat["const"]] if "const" in flat else [])
        found = {json_type(word) for word in words} - {"null"}
        return [kind for kind in TYPES if kind in found]

    def _words(self, flat: Node, words: list[Any], kinds: list[str]) -> Schema:
        """Return an enum of the words of a schema, or what is wider where they cannot be one."""
        words = [word for word in words if word is not None]
        types = {json_type(word) for word in words}
        if types == {"string"} and kinds == ["string"]:
            texts = list(dict.fromkeys(words))
            if len({_member_name(word) for word in texts}) == len(texts):
                return {"type": "string", "enum": texts}
            self.ledger.lose(flat.at, "the enum is left out", "two of its words have one name in Python")
        elif types == {"integer"} and kinds == ["integer"]:
            return {"type": "integer", "enum": list(dict.fromkeys(words))}
        else:
            told = ", ".join(sorted(types)) or "null"
            self.ledger.lose(
                flat.at, "the enum is left out", f"its words are {told}, its type {', '.join(kinds) or 'any'}"
            )
        return self._of_kind(flat, kinds[0]) if kinds else {}

    def _of_kind(self, flat: Node, kind: str) -> Schema:
        if kind == "array":
            return {"type": "array", "items": self.items(flat), **_bounds(flat)}
        if kind == "object":
            return self.object(flat)
        form: Schema = {"type": kind, **_bounds(flat)}
        if kind == "number":
            form["format"] = "decimal"
        elif kind == "string" and "contentMediaType" in flat and "contentEncoding" not in flat:
            form["format"] = "binary"
        elif kind == "string" and isinstance(flat.get("format"), str):
            form["format"] = flat["format"]
        default = flat.get("default")
        if default is not None and json_type(default) == kind:
            validator: Any = Draft202012Validator(form)
            if validator.is_valid(default):  # its format is not asked
                form["default"] = default
            else:
                self.ledger.lose(flat.at, "the default is left out", "it does not fit its own schema")
        return form

    def items(self, flat: Node) -> Schema:
        """Return the schema of a list's items."""
        if "items" not in flat or flat["items"] in (True, False):
            return {}
        items = flat["items"]
        if not isinstance(items, Node):
            self.ledger.lose(flat.at, "the items are any values", "`items` is a list of schemas")
            return {}
        used = self.use(items, items.at)
        if "array" in listed(used.get("type")):
            return self.named(used, items)
        return {name: value for name, value in used.items() if name not in {"readOnly", "writeOnly", "deprecated"}}

    def named(self, used: Schema, node: Node) -> Schema:
        """Return a reference to a component that is what a plain schema is."""
        self.components.setdefault(node.at, used)
        return {"$ref": node.at}

    def object(self, flat: Node) -> Schema:
        """Return an object, or a map where no member is declared."""
        properties, rest = flat.node("properties"), flat.get("additionalProperties")
        if not properties:
            return self._map(flat, rest)
        if isinstance(rest, Node) and rest:
            self.ledger.lose(
                flat.at, "further members are left out", "an object is declared members or a map, not both"
            )
        if "patternProperties" in flat:
            self.ledger.lose(flat.at, "`patternProperties` is left out", "an object is declared members alone")
        # in a fixed order, since where a circle is cut depends on what is made first
        made = {name: self.use(properties[name], properties.below(name)) for name in sorted(properties)}
        members = {name: made[name] for name in properties}
        taken: set[str] = set()
        for name in sorted(members):
            if snake_case(name) in taken:
                del members[name]
                self.ledger.lose(properties.below(name), "the member is left out", "its name in Python is another's")
            taken.add(snake_case(name))
        required: list[str] = []
        for name in map(str, flat.items_of("required")):
            if name not in members and not re.search("[A-Za-z]", name):
                self.ledger.lose(flat.at, f"the member {name!r} is not required", "it is not declared, and no name")
                continue
            if name in properties and name not in members:
                continue
            if name not in members:
                members[name] = {}
                self.ledger.lose(flat.at, f"the member {name!r} is any value", "it is required, and not declared")
            required.append(name)
        return {"type": "object", "properties": members, **({"required": sorted(set(required))} if required else {})}

    def _map(self, flat: Node, rest: Any) -> Schema:
        if flat.get("required"):
            self.ledger.lose(flat.at, "`required` is left out", "no member is declared")
        if "patternProperties" in flat:
            self.ledger.lose(flat.at, "the members are any values", "`patternProperties` is not compiled")
            rest = None
        if rest is False:
            self.ledger.lose(flat.at, "the object may have members", "an object that can hold nothing is not compiled")
        inner = self.use(rest, rest.at) if isinstance(rest, Node) else {}
        return {"type": "object", "additionalProperties": _value(inner)}


def is_plain(schema: Schema) -> bool:
    """Return whether a schema can stand inside of another one: any value, a scalar, or a list."""
    return not {"$ref", "enum", "oneOf", "properties", "additionalProperties"} & set(schema)


def json_type(value: object) -> str:
    """Return the type of a value, as JSON Schema calls it."""
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _value(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name not in {"readOnly", "writeOnly", "deprecated"}}


def _member_name(word: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "_", word).strip("_").upper()


def _notes(node: Node) -> Schema:
    notes: Schema = {name: True for name in ("deprecated", "readOnly", "writeOnly") if node.get(name) is True}
    return {**_described(node), **notes}


def _described(node: Node) -> Schema:
    text = node.text("description") or node.text("title")
    return {"description": text} if text else {}


def _examples(node: Node) -> Schema:
    found = [node["example"]] if "example" in node else node.items_of("examples")
    return {"examples": [example for example in found if example is not None]} if found else {}


def _bounds(flat: Node) -> Schema:
    bounds = {name: flat[name] for name in BOUNDS if name in flat}
    if "pattern" in bounds:
        try:
            re.compile(str(bounds["pattern"]))
        except re.error:
            del bounds["pattern"]
    return bounds


def _is_wrapper(node: Node) -> bool:
    return is_plain_reference(node) or _wrapped(node) is not None


def _wrapped(node: Node) -> tuple[Node, bool] | None:
    """Return the only schema that another one holds, and whether null may stand for it; None where it says more."""
    form = {name for name in node if name not in NOTES and name not in _TEXTS and not name.startswith("x-")}
    nullable = node.get("nullable") is True
    form -= {"nullable"}
    if len(form) != 1 or not form <= {"allOf", "oneOf", "anyOf"}:
        return None
    name = form.pop()
    members = node.list_of(name)
    if len(members) != len(node.items_of(name)):
        return None
    kept = [member for member in members if not _is_null(member)] if name != "allOf" else [m for m in members if m]
    if len(kept) != 1 or (name == "allOf" and len(kept) < len([m for m in members if set(m) - _TEXTS])):
        return None
    return kept[0], nullable or (name != "allOf" and len(kept) < len(members))


_TEXTS = frozenset({"title", "description", "example", "examples", "externalDocs", "default", "xml"})


def _is_null(member: Node) -> bool:
    return member.get("type") == "null" or (member.get("enum") == [None] and "properties" not in member)
