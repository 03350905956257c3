"""Schemas that are not compiled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs
from openapi_python_client.strings import snake_case

from ..document import Document
from ..merging import MergeError, merged
from ..nodes import Node, is_node, is_secret, json_type, kinds_of, ref_name
from ..yaml_positions import At
from .finding import Finding
from .unions import cycle_findings, union_findings

ANNOTATIONS = {"title", "description", "examples", "example", "externalDocs", "deprecated", "$comment", "xml"}
"""What says nothing of the form of a value."""
BOUNDS = {
    "contentEncoding", "contentMediaType", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength",
    "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern",
    "propertyNames", "uniqueItems",
}  # fmt: skip
"""What bounds a value further: the provider checks it, the client does not."""
FORM = {
    "additionalProperties", "allOf", "anyOf", "const", "default", "discriminator", "enum", "format", "items", "oneOf",
    "properties", "readOnly", "required", "type", "writeOnly",
}  # fmt: skip
"""What the models are made from."""
BESIDE_REF = {*ANNOTATIONS, "$ref", "readOnly", "writeOnly"}
TYPES = {"string", "integer", "number", "boolean", "object", "array", "null"}
CURES = {
    "nullable": 'say `type: [string, "null"]`, with the type that it is',
    "patternProperties": "say `additionalProperties`",
    "$defs": "make each a component",
}
OR_NULL = 'make a union of it and `type: "null"`'
NEEDS_NAME = "make it a component and refer to it"
RESERVED = {
    "Annotated", "Any", "ClassVar", "Decimal", "Deprecating", "Literal", "Meta", "Model", "OpenEnum", "Secret",
    "Struct", "TypeAlias", "UnsetType", "Upload",
}  # fmt: skip
"""Names that the compiled models use for something else."""


def schema_findings(document: Document) -> Iterator[Finding]:
    """Yield what is not compiled of the schemas."""
    schemas = document.raw.get("components", {}).get("schemas", {})
    if "Error" not in schemas:
        yield Finding(("components",), "a document without a schema `Error`", "say what the body of an error is")
    folded = Counter(name.lower() for name in schemas)
    look = _Schemas(document)
    found = False
    for name, schema in schemas.items():
        at: At = ("components", "schemas", name)
        if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name):
            yield Finding(at, f"the schema name {name!r}", "write it in PascalCase")
        elif name in RESERVED:
            yield Finding(at, f"the schema name {name!r}, which the models use for something else", "take another name")
        elif folded[name.lower()] > 1:
            yield Finding(at, f"the schema name {name!r} beside one that differs in case alone", "take another name")
        for finding in look.component(at, schema):
            found = True
            yield finding
    if not found:  # what follows takes the form of a schema for granted
        yield from cycle_findings(document)
        yield from union_findings(document)
        yield from _one_way(document)


@attrs.frozen
class _Schemas:
    """Looks at schemas one by one."""

    document: Document

    def component(self, at: At, schema: Node) -> Iterator[Finding]:
        """Yield what is not compiled of a component."""
        whole = schema
        if "allOf" in schema:
            try:
                whole = merged(self.document.resolve, schema)
            except MergeError as error:
                yield Finding((*at, "allOf"), str(error))
                return
        for word in ("readOnly", "writeOnly"):
            if whole.get(word):
                yield Finding((*at, word), f"`{word}` of a component", "say it beside each `$ref` to it")
        yield from self._any(at, whole)
        yield from self._members(at, whole)

    def inner(self, at: At, schema: Any) -> Iterator[Finding]:
        """Yield what is not compiled of a schema inside of another: it is a plain one, or a reference."""
        if not is_node(schema):
            yield Finding(at, "a schema that is no mapping", "say `{}` for any value")
            return
        yield from self._any(at, schema)
        kinds = kinds_of(schema) - {"null"}
        named = {"enum", "oneOf", "anyOf", "allOf", "properties", "additionalProperties"} & set(schema)
        if named or "object" in kinds or len(kinds) > 1:
            what = f"`{min(named)}`" if named else "an object" if "object" in kinds else "a choice of types"
            yield Finding(at, f"{what} inside of another schema", NEEDS_NAME)
        elif is_node(items := schema.get("items")):
            yield from self.inner((*at, "items"), items)
            if "array" in kinds_of(items):
                yield Finding((*at, "items"), "a list inside of a list", NEEDS_NAME)

    def _members(self, at: At, schema: Node) -> Iterator[Finding]:
        properties = schema.get("properties", {})
        taken: dict[str, str] = {}
        for name, node in properties.items():
            yield from self.inner((*at, "properties", name), node)
            if re.search(r'["\\\x00-\x1f]', name):
                what = f"the property {name!r}, with a quote, a backslash or a control character in its name"
                yield Finding((*at, "properties", name), what)
            python = snake_case(name)
            if not python or taken.setdefault(python, name) != name:
                what = f"the property {name!r}, whose name in Python is {'empty' if not python else 'taken already'}"
                yield Finding((*at, "properties", name), what)
        for name in schema.get("required", ()):
            if name not in properties:
                yield Finding((*at, "required"), f"the required property {name!r} that `properties` does not have")
        for key in ("items", "additionalProperties"):
            if is_node(schema.get(key)):
                yield from self.inner((*at, key), schema[key])
        for key in ("oneOf", "anyOf"):
            for index, member in enumerate(schema.get(key, ())):
                yield from self.inner((*at, key, index), member)

    def _any(self, at: At, schema: Node) -> Iterator[Finding]:
        """Yield what is not compiled of any schema, its members left aside."""
        known = BESIDE_REF if "$ref" in schema else ANNOTATIONS | BOUNDS | FORM
        for name in schema:
            if name not in known and not str(name).startswith("x-"):
                beside = "$ref" in schema
                cure = (OR_NULL if name == "nullable" else NEEDS_NAME) if beside else CURES.get(name, "")
                yield Finding((*at, name), f"`{name}` beside `$ref`" if beside else f"`{name}`", cure)
        if "$ref" in schema:
            if ref_name(schema) not in self.document.schemas:
                yield Finding((*at, "$ref"), f"the reference {schema['$ref']!r} to no component", NEEDS_NAME)
            return
        kinds = kinds_of(schema)
        if schema.get("type") == []:
            yield Finding((*at, "type"), "a type that is empty", "leave `type` out for any value")
        if odd := kinds - TYPES:
            yield Finding((*at, "type"), f"the type {', '.join(sorted(odd))}")
        if "number" in kinds and schema.get("format") != "decimal" and "enum" not in schema:
            yield Finding(at, "a binary floating-point number", "say `format: decimal`")
        if "number" in kinds and (others := kinds & {"string", "integer"}):
            cure = "say `number` alone" if "integer" in others else "say which of them it is"
            yield Finding((*at, "type"), f"a number that may be of type {', '.join(sorted(others))}, too", cure)
        if is_secret(schema) and (kinds - {"null"} != {"string"} or {"enum", "const"} & set(schema)):
            yield Finding(at, "`format: password` of what is no string, or is in the document itself")
        yield from self._words(at, schema, kinds)
        yield from self._form(at, schema, kinds)

    def _form(self, at: At, schema: Node, kinds: set[str]) -> Iterator[Finding]:
        keys, rest = set(schema), schema.get("additionalProperties")
        union = {"oneOf", "anyOf"} & keys
        if len(union) > 1 or (
            union and keys & {"type", "properties", "items", "additionalProperties", "enum", "const"}
        ):
            yield Finding(at, "a union with more beside its members", "write it into each member")
        if "discriminator" in keys and not union:
            yield Finding((*at, "discriminator"), "a discriminator without a union", "list the members by `oneOf`")
        if schema.get("properties") and rest not in (None, False):
            yield Finding((*at, "additionalProperties"), "further properties beside declared ones", "leave it out")
        elif rest is True:
            yield Finding((*at, "additionalProperties"), "`additionalProperties: true`", "say `{}`")
        elif rest is False and not schema.get("properties"):
            yield Finding((*at, "additionalProperties"), "an object that can hold nothing")
        if {"object", "array"} & kinds and len(kinds - {"null"}) > 1:
            yield Finding((*at, "type"), "an object or a list that may be something else", "make a union of components")
        elif "object" in kinds and "null" in kinds:
            yield Finding((*at, "type"), "an object that may be null", OR_NULL)
        if "array" in kinds and not is_node(schema.get("items")):
            yield Finding(at, "a list without `items`", "say `items: {}`")
        if ("properties" in keys and "object" not in kinds) or ("items" in keys and "array" not in kinds):
            yield Finding(at, "members of what is neither an object nor a list")

    def _words(self, at: At, schema: Node, kinds: set[str]) -> Iterator[Finding]:
        if "const" in schema:
            kind = json_type(schema["const"])
            if kind not in {"string", "integer"} or kinds - {kind}:
                yield Finding((*at, "const"), f"a constant of type {kind}", "leave `const` out")
        if "enum" not in schema:
            return
        words = schema["enum"]
        types = {json_type(word) for word in words}
        if not types:
            yield Finding((*at, "enum"), "an enum without a word")
        elif "null" in types or "null" in kinds:
            yield Finding((*at, "enum"), "an enum that may be null", OR_NULL)
        elif types not in ({"string"}, {"integer"}) or kinds != types:
            yield Finding((*at, "enum"), f"an enum of type {', '.join(sorted(types | kinds))}", "leave `enum` out")
        elif len(words) != len(set(words)):
            yield Finding((*at, "enum"), "an enum that has a word twice")


def _one_way(document: Document) -> Iterator[Finding]:
    """Yield each property that is only sent, or only read, of an object that is both."""
    both = document.sent() & document.read()
    for name, member, node in document.properties():
        for word in ("readOnly", "writeOnly"):
            if node.get(word) and name in both:
                at = ("components", "schemas", name, "properties", member, word)
                yield Finding(at, f"`{word}` in {name}, which is both sent and read", "make two schemas of it")
