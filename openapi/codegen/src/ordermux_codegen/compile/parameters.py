"""A parameter of an operation, as an argument in Python."""

from __future__ import annotations

import attrs

from .components import Components
from .nodes import Node, kinds_of, ref_name
from .yaml_positions import At

PLAIN_TYPES = {"integer": "int", "boolean": "bool", "number": "decimal.Decimal", "string": "str"}
"""What a parameter is in Python."""
TEXT_TYPES = {"date-time": "datetime.datetime", "date": "datetime.date"}
"""The same of a text, by its format."""
DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
TAKEN = {
    "asyncio", "asyncio_detailed", "body", "build_request", "client", "codec", "datetime", "decimal", "models",
    "read_response", "responses", "sync", "sync_detailed", "warn_deprecated",
}  # fmt: skip
"""What a module of an operation uses for something else than a parameter."""


@attrs.frozen(eq=False)
class Parameter:
    """A parameter of an operation, as an argument."""

    document: Components
    at: At
    node: Node
    argument: str
    """Its name in Python."""

    @property
    def name(self) -> str:
        """Its name over the wire."""
        return str(self.node["name"])

    @property
    def location(self) -> str:
        """Return `path`, `query`, `header` or `cookie`."""
        return str(self.node["in"])

    @property
    def required(self) -> bool:
        """Whether it has to be there."""
        return bool(self.node.get("required"))

    @property
    def deprecated(self) -> bool:
        """Whether it will go away."""
        return bool(self.node.get("deprecated"))

    @property
    def explodes(self) -> bool:
        """Whether each item of a list is a field of its own."""
        return bool(self.node.get("explode", self.location == "query" and self.node.get("style", "form") == "form"))

    @property
    def spread(self) -> str:
        """How a value becomes several fields of the query, or one of JSON: `deep`, `members`, `json`; else nothing."""
        if "content" in self.node:
            return "json"
        if self.location != "query":
            return ""
        if self.node.get("style") == "deepObject":
            return "deep"
        is_object = kinds_of(self.document.resolve(self.schema)) == {"object"}
        return "members" if is_object and self.explodes else ""

    @property
    def schema(self) -> Node:
        """Its schema, that of its JSON where it is JSON."""
        content: Node = self.node.get("content", {})
        held: Node = next(iter(content.values())) if content else self.node
        found: Node = held.get("schema", {})
        return found

    @property
    def delimiter(self) -> str:
        """What stands between the items of a list; nothing if there are none, or each is a field of its own."""
        if self.spread:
            return ""
        if "array" not in kinds_of(self.node["schema"]) or (self.explodes and self.location == "query"):
            return ""
        return DELIMITERS.get(self.node.get("style", ""), ",")

    @property
    def type(self) -> str:
        """Its type in Python."""
        return _parameter_type(self.schema)

    @property
    def traits(self) -> set[str]:
        """What the client needs more code for than for a text."""
        if self.spread:
            return {self.spread}
        schema = self.document.resolve(self.node["schema"])
        is_list = "array" in kinds_of(schema)
        inner = self.document.resolve(schema["items"]) if is_list else schema
        traits = kinds_of(inner) | {str(inner.get("format")), self.location}
        return traits | {"delimiter" if self.delimiter else "explodes"} if is_list else traits

    @property
    def text(self) -> str:
        """What the document says of it."""
        default = self.schema.get("default")
        told = f" The server's default is {default!r}." if default is not None else ""
        return str(self.node.get("description", "")) + told


def _parameter_type(schema: Node) -> str:
    if name := ref_name(schema):
        return f"models.{name}"
    kind = next(iter(kinds_of(schema) - {"null"}))
    if kind == "array":
        return f"list[{_parameter_type(schema['items'])}]"
    return TEXT_TYPES.get(schema.get("format", ""), "str") if kind == "string" else PLAIN_TYPES[kind]
