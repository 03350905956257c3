"""Two documents in one spelling, so that what means the same is no difference.

What several operations share stands in each of them afterwards: a change of it is a change of all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard, cast

import attrs

from ..compile.document import Document
from ..compile.nodes import ref_name

Map = dict[str, Any]
TEXTS = {"description", "summary", "title", "example", "examples", "contact", "license", "externalDocs"}
"""The keywords that are read by people alone."""
_SHARED = ("parameters", "responses", "headers", "requestBodies")
_UNSAID: Map = {
    "required": False,
    "deprecated": False,
    "readOnly": False,
    "writeOnly": False,
    "uniqueItems": False,
    "allowReserved": False,
    "allowEmptyValue": False,
    "minLength": 0,
    "minItems": 0,
    "minProperties": 0,
}
"""What counts where a keyword is left out."""
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_NAMED = ("properties", "patternProperties", "$defs")


def in_one_spelling(before: Document, after: Document) -> tuple[Document, Document]:
    """Return both documents, each place that means the same in the same words; neither is changed."""
    headers = dict[str, str]()
    sides = _Spelling.of(before, headers).whole(), _Spelling.of(after, headers).whole()
    old, new = _aligned(*sides, (_schemas(sides[0]), _schemas(sides[1])))
    return attrs.evolve(before, raw=old), attrs.evolve(after, raw=new)


def is_map(node: Any) -> TypeGuard[Map]:
    """Return whether a node is a mapping with names."""
    return isinstance(node, dict)


def is_list(node: Any) -> TypeGuard[list[Any]]:
    """Return whether a node is a list."""
    return isinstance(node, list)


def wordless(node: Any, *, named: bool = False) -> Any:
    """Return a schema without what is read by people alone; `named` for one whose members have names of their own."""
    if is_map(node):
        kept = node if named else {key: each for key, each in node.items() if key not in TEXTS and key[:2] != "x-"}
        return {key: wordless(each, named=not named and key in _NAMED) for key, each in kept.items()}
    return [wordless(each) for each in node] if is_list(node) else node


@attrs.frozen
class _Spelling:
    """Writes one document in our spelling."""

    document: Document
    raw: Map
    headers: dict[str, str]
    """How each header's name was written first, by its small letters: it has no case."""

    @classmethod
    def of(cls, document: Document, headers: dict[str, str]) -> _Spelling:
        return cls(document, json.loads(json.dumps(document.raw)), headers)

    def whole(self) -> Map:
        for operations in [self.raw.get("paths", {}), self.raw.get("webhooks", {})]:
            for item in operations.values():
                self._item(item)
        signature = self.raw.get("x-delivery", {}).get("signature", {})
        if "header" in signature:
            signature["header"] = self._header(signature["header"])
        components: Map = self.raw.get("components", {})
        for scheme in components.get("securitySchemes", {}).values():
            if scheme.get("in") == "header":
                scheme["name"] = self._header(scheme["name"])
        for name, schema in components.get("schemas", {}).items():
            components["schemas"][name] = self.schema(schema, (name,))
        for kind in _SHARED:
            components.pop(kind, None)
        return self.raw

    def _header(self, name: str) -> str:
        return self.headers.setdefault(name.lower(), name)

    def _resolved(self, node: Any) -> Map:
        return cast("Map", json.loads(json.dumps(self.document.resolve(node))))

    def _item(self, item: Map) -> None:
        shared = item.pop("parameters", [])
        for operation in (each for each in item.values() if is_map(each) and "responses" in each):
            given = list(map(self._resolved, [*shared, *operation.get("parameters", [])]))
            for each in given:
                if each["in"] == "header":
                    each["name"] = self._header(each["name"])
            found = {(each["in"], each["name"]): each for each in given}
            if found:
                operation["parameters"] = [self._parameter(found[key]) for key in sorted(found)]
            if "requestBody" in operation:
                operation["requestBody"] = self._body(operation["requestBody"])
            for status, response in operation["responses"].items():
                operation["responses"][status] = self._body(response)
            for callback in operation.get("callbacks", {}).values():
                for inner in callback.values():
                    self._item(inner)

    def _parameter(self, node: Map) -> Map:
        style = _STYLES.get(node.get("in", ""))
        if node.get("style") == style:
            del node["style"]
        if node.get("explode") == (node.get("style", style) == "form"):
            del node["explode"]
        return self._body(node)

    def _body(self, node: Map) -> Map:
        """Return a parameter, a header, a body or an answer with its schemas in our spelling."""
        node = {key: each for key, each in self._resolved(node).items() if not _is_unsaid(key, each)}
        if "schema" in node:
            node["schema"] = self.schema(node["schema"])
        for media in node.get("content", {}).values():
            if "schema" in media:
                media["schema"] = self.schema(media["schema"])
        if "headers" in node:
            node["headers"] = {self._header(name): self._body(header) for name, header in node["headers"].items()}
        return node

    def schema(self, node: Any, inside: tuple[str, ...] = ()) -> Any:
        """Return a schema in our spelling; `inside` are the components that it is a part of by `allOf`."""
        if not is_map(node):
            return node
        node = self._joined({key: each for key, each in node.items() if not _is_unsaid(key, each)}, inside)
        for key in _NAMED:
            if key in node:
                node[key] = {name: self.schema(each) for name, each in node[key].items()}
        for key in ("items", "additionalProperties", "not", "propertyNames"):
            if key in node:
                node[key] = self.schema(node[key])
        if node.get("additionalProperties") is True:
            node["additionalProperties"] = {}
        if wordless(node.get("additionalProperties")) == {} and "properties" not in node:
            del node["additionalProperties"]
            node["type"] = "object"
        self._sort(node)
        return node

    def _sort(self, node: Map) -> None:
        """Bring what has no order into one."""
        if "anyOf" in node and "oneOf" not in node:
            node["oneOf"] = node.pop("anyOf")
        if is_list(members := node.get("oneOf")):
            node["oneOf"] = sorted(self._members(members), key=_sorting)
            _fold_null(node)
        if is_list(kinds := node.get("type")):
            node["type"] = kinds[0] if len(set(kinds)) == 1 else sorted(set(kinds))
        if is_list(names := node.get("required")):
            node["required"] = sorted(set(names))

    def _members(self, members: list[Any]) -> Iterator[Any]:
        """Yield the members of a union, those of a union inside of it in its place."""
        for member in (self.schema(each) for each in members):
            if is_map(member) and set(wordless(member)) == {"oneOf"}:
                yield from member["oneOf"]
            else:
                yield member

    def _joined(self, node: Map, inside: tuple[str, ...]) -> Map:
        """Return a schema with its `allOf` as part of itself, unless two parts disagree."""
        parts = node.get("allOf")
        if not is_list(parts):
            return node
        rest = {key: each for key, each in node.items() if key != "allOf"}
        if len(parts) == 1 and "$ref" in parts[0] and not wordless(rest) and not inside:
            return {**parts[0], **rest}
        joined = rest
        for part in parts:
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in inside:
                return node
            whole = self._resolved(part) if name else part
            piece = self.schema(whole, (*inside, name) if name else inside)
            both = _together(joined, {key: each for key, each in piece.items() if not name or key not in TEXTS})
            if both is None:
                return node
            joined = both
        return joined


def _is_unsaid(key: str, value: Any) -> bool:
    empty = key in {"required", "properties", "parameters"} and value in ([], {})
    return empty or (key in _UNSAID and type(value) is type(_UNSAID[key]) and value == _UNSAID[key])


def _sorting(member: Any) -> str:
    return json.dumps(wordless(member), sort_keys=True)


def _fold_null(node: Map) -> None:
    """Write a union of null and one plain type as a type."""
    plain = [each for each in node["oneOf"] if wordless(each) != {"type": "null"}]
    if len(plain) != 1 or len(node["oneOf"]) != 2 or not is_map(plain[0]) or "type" in node:  # noqa: PLR2004
        return
    if "type" in plain[0] and not {"enum", "const"} & plain[0].keys():
        kinds = plain[0]["type"]
        del node["oneOf"]
        node.update({**plain[0], **node, "type": [*(kinds if is_list(kinds) else [kinds]), "null"]})


def _together(one: Map, other: Map) -> Map | None:
    """Return what both schemas ask for in one; None if they disagree."""
    joined = dict(one)
    for key, value in other.items():
        if key == "properties":
            known = joined.get(key, {})
            if any(name in known and wordless(known[name]) != wordless(each) for name, each in value.items()):
                return None
            joined[key] = {**value, **known}
        elif key == "required":
            joined[key] = sorted({*joined.get(key, []), *value})
        elif key in TEXTS or key.startswith("x-"):
            joined.setdefault(key, value)
        elif joined.setdefault(key, value) != value:
            return None
    return joined


def _schemas(raw: Map) -> Map:
    return cast("Map", raw.get("components", {}).get("schemas", {}))


def _aligned(before: Any, after: Any, schemas: tuple[Map, Map]) -> tuple[Any, Any]:
    """Return two places, the one as the other where only the spelling differs."""
    if is_map(before) and is_map(after):
        for alike in _ALIKE:
            before = alike(before, after, schemas[0])
            after = alike(after, before, schemas[1])
        pairs = {key: _aligned(before[key], after[key], schemas) for key in before if key in after}
        return (
            {key: pairs[key][0] if key in pairs else each for key, each in before.items()},
            {key: pairs[key][1] if key in pairs else each for key, each in after.items()},
        )
    if is_list(before) and is_list(after) and len(before) == len(after):
        both = [_aligned(*pair, schemas) for pair in zip(before, after, strict=True)]
        return [each[0] for each in both], [each[1] for each in both]
    return before, after


def _as_inline(node: Map, other: Map, schemas: Map) -> Map:
    """Return a reference as what it leads to, where that stands on the other side."""
    name = ref_name(node)
    if "$ref" in other or name not in schemas or wordless(schemas[name]) != wordless(other):
        return node
    return {**other, **{key: each for key, each in node.items() if key != "$ref"}}


def _as_const(node: Map, other: Map, _: Map) -> Map:
    """Return a vocabulary of one word as that word, where it is written so on the other side."""
    if "const" in other and node.get("enum") == [other["const"]]:
        return {**{key: each for key, each in node.items() if key != "enum"}, "const": other["const"]}
    return node


def _as_member(node: Map, other: Map, _: Map) -> Map:
    """Return a union of one member as that member, where it stands so on the other side."""
    if "oneOf" not in other and set(wordless(node)) == {"oneOf"} and len(node["oneOf"]) == 1:
        texts = {key: each for key, each in node.items() if key != "oneOf"}
        return {**node["oneOf"][0], **texts}
    return node


_ALIKE: tuple[Callable[[Map, Map, Map], Map], ...] = (_as_inline, _as_const, _as_member)
