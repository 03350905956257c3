"""The parameters of an operation, those of its path among them."""

from __future__ import annotations

import re
from typing import Any

from .flattening import listed
from .ledger import Ledger
from .nodes import Node
from .references import References
from .refusals import OWN_HEADERS
from .schemas import Schema, Schemas

STYLES = {
    "path": {"simple"},
    "query": {"form", "spaceDelimited", "pipeDelimited"},
    "header": {"simple"},
    "cookie": {"form"},
}


LEFT = {"description", "readOnly", "writeOnly", "examples"}
"""What the schema of a parameter does not keep."""


class UnsupportedError(Exception):
    """An operation cannot be compiled; the message says why."""


class Parameters:
    """Makes parameters that are compiled."""

    def __init__(self, schemas: Schemas, references: References, ledger: Ledger) -> None:
        """Take what makes components of their schemas."""
        self.schemas = schemas
        self.references = references
        self.ledger = ledger

    def of(self, path: str, item: Node, operation: Node) -> list[dict[str, Any]]:
        """Return the parameters of an operation.

        Raises UnsupportedError where one that has to be there cannot be compiled.
        """
        found: dict[tuple[str, str], Node] = {}
        for node in [*operation.list_of("parameters"), *item.list_of("parameters")]:
            target = self.references.follow(node)
            found.setdefault((str(target.get("name")), str(target.get("in"))), target)
        kept: list[dict[str, Any]] = []
        in_path = list(dict.fromkeys(re.findall(r"\{([^}]+)\}", path)))
        for (name, where), node in found.items():
            if where == "path" and name not in in_path:
                self.ledger.lose(node.at, f"the path parameter {name!r} is left out", "the path does not have it")
            elif where == "header" and name.lower() in OWN_HEADERS:
                self.ledger.lose(node.at, f"the header {name} is left out", "the client sets it itself")
            elif parameter := self._one(name, where, node):
                kept.append(parameter)
        told = {parameter["name"] for parameter in kept if parameter["in"] == "path"}
        for name in in_path:
            if name not in told:
                self.ledger.lose(operation.at, f"the path parameter {name!r} is a text", "it is not declared as one")
                kept.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
        return kept

    def _one(self, name: str, where: str, node: Node) -> dict[str, Any] | None:
        required = where == "path" or node.get("required") is True
        if where == "query" and (spread := self._spread(node)):
            return {"name": name, "in": where, **({"required": True} if required else {}), **_said(node), **spread}
        schema, why = self._schema(node)
        style = node.get("style", "form" if where in {"query", "cookie"} else "simple")
        if where not in STYLES or style not in STYLES[where]:
            schema, why = None, f"the style {style} in {where} is not compiled"
        is_list = schema is not None and schema.get("type") == "array"
        explodes = bool(node.get("explode", style == "form"))
        if is_list and (where == "cookie" or (style.endswith("Delimited") and explodes)):
            schema, why = None, f"a list in {where} by the style {style} is not compiled"
        if schema is None:
            if required:
                raise UnsupportedError(f"its parameter {name!r}: {why}")
            self.ledger.lose(node.at, f"the parameter {name!r} is left out", why)
            return None
        for word in ("allowReserved", "allowEmptyValue"):
            if node.get(word) is True:
                self.ledger.lose(node.at, f"`{word}` is left out", "it is not compiled")
        found: dict[str, Any] = {"name": name, "in": where}
        found |= {"required": True} if required else {}
        found |= {"deprecated": True} if node.get("deprecated") is True else {}
        text = node.text("description") or str(schema.get("description", ""))
        found |= {"description": text} if text else {}
        found |= {"style": style, "explode": explodes} if is_list and where == "query" else {}
        return found | {
            "schema": {key: value for key, value in schema.items() if key not in {"description", "deprecated"}}
        }

    def _spread(self, node: Node) -> dict[str, Any]:
        """Return an object as the members of a query, or as JSON in it; nothing where it is none."""
        content = node.node("content").get("application/json")
        if isinstance(content, Node) and isinstance(content.get("schema"), Node):
            return {"content": {"application/json": {"schema": self._named(content["schema"])}}}
        if not isinstance(node.get("schema"), Node):
            return {}
        style, explodes = node.get("style", "form"), node.get("explode")
        schema = self._named(node["schema"])
        kinds = listed(self._resolved(schema).get("type"))
        if style == "deepObject" and explodes is not False:
            is_list = "array" in kinds
            plain = self._resolved(schema)
            items = {"type": "array", "items": plain["items"]} if is_list else {}
            is_object = "object" in kinds or "oneOf" in plain
            return {"style": style, "explode": True, "schema": items or schema} if is_list or is_object else {}
        is_object = kinds == ["object"] and "properties" in self._resolved(schema)
        return {"schema": schema} if is_object and style == "form" and explodes is not False else {}

    def _named(self, node: Node) -> Schema:
        used = self.schemas.use(node, node.at)
        if "$ref" not in used:
            self.schemas.components.setdefault(node.at, used)
        return {"$ref": used.get("$ref", node.at)}

    def _schema(self, node: Node) -> tuple[Schema | None, str]:
        if not isinstance(node.get("schema"), Node):
            if node.node("content"):
                self.ledger.lose(node.at, "the parameter is a text", "`content` is not compiled: give it as JSON")
            else:
                self.ledger.lose(node.at, "the parameter is a text", "it has no schema")
            return {"type": "string"}, ""
        return self._plain(self.schemas.use(node["schema"], node.at), node)

    def _plain(self, used: Schema, node: Node) -> tuple[Schema | None, str]:
        """Return a schema as a parameter may have it; else None and the reason."""
        target = self._resolved(used)
        kind = next((kind for kind in listed(target.get("type")) if kind != "null"), None)
        if "oneOf" in target:
            return self._choice(target, node)
        if kind in {"object", "array"}:
            return self._list(target, node) if kind == "array" else (None, "an object is not compiled")
        if weaker := _weaker(target, kind):
            self.ledger.lose(node.at, "the parameter is a text", weaker)
            return {"type": "string"}, ""
        if "enum" in target and "$ref" in used:
            return {"$ref": used["$ref"]}, ""
        return {name: value for name, value in target.items() if name not in LEFT} | {"type": kind}, ""

    def _list(self, target: Schema, node: Node) -> tuple[Schema | None, str]:
        items, why = self._plain(target["items"], node)
        if items is None or items.get("type") == "array":
            return None, why or "a list of lists is not compiled"
        return {"type": "array", "items": items}, ""

    def _choice(self, union: Schema, node: Node) -> tuple[Schema | None, str]:
        members = [member for member in union["oneOf"] if member.get("type") != "null"]
        if len(members) == 1:
            return self._plain(members[0], node)
        for member in members:
            target = self._resolved(member)
            if target.get("type") in {"string", "integer", "boolean", "number"}:
                self.ledger.lose(node.at, "the parameter is a text", "a choice is not compiled in a parameter")
                return {"type": "string"}, ""
        return None, "a choice of objects or lists is not compiled"

    def _resolved(self, used: Schema) -> Schema:
        while "$ref" in used:
            used = self.schemas.components[used["$ref"]]
        return used


def _said(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"deprecated": True} if node.get("deprecated") is True else {}
    return found | ({"description": node.text("description")} if node.text("description") else {})


def _weaker(target: Schema, kind: str | None) -> str:
    """Return why a parameter can be no more than a text; nothing where it can."""
    if kind is None:
        return "its schema takes any value"
    if target.get("format") == "password":
        return "a secret is compiled as a credential alone"
    return "a constant is not compiled" if "const" in target else ""
