"""A provider's OpenAPI document, from its package."""

from __future__ import annotations

import functools
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, cast

import attrs

from ...providers.registry import provider_named

Object = dict[str, Any]

_SCHEMAS = "#/components/schemas/"


@attrs.frozen
class Operation:
    """An operation, or an event, which is a request in the other direction."""

    id: str
    """As the emulator calls it: an operation's id, an event's name."""
    method: str
    path: str
    node: Object
    """The operation object; an event's too."""
    anchor: str
    """Its place in the reference."""

    @property
    def example(self) -> Any:
        """The example of the request body, None where there is no body."""
        content: Object = self.node.get("requestBody", {}).get("content", {})
        return next((media.get("example") for media in content.values()), None)


@attrs.frozen
class Document:
    """The document, and the emulator's rules for its operations."""

    provider: str
    content: Object
    rules: dict[str, list[Object]]
    """By the operation's id; those of `*` hold for each that takes credentials, and has the status that they name."""

    def resolved(self, node: Object) -> Object:
        """Return what a node refers to, with what stands beside the reference; a node without one as it is."""
        if "$ref" not in node:
            return node
        target: Any = self.content
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return self.resolved(target) | {name: value for name, value in node.items() if name != "$ref"}

    def operations(self) -> list[Operation]:
        """Return the operations, as they stand in the document."""
        paths: Object = self.content["paths"]
        return [
            Operation(node["operationId"], method.upper(), path, node, node["operationId"])
            for path, item in paths.items()
            for method, node in item.items()
        ]

    def events(self) -> list[Operation]:
        """Return the events: the webhooks, and the callbacks of operations, by what the emulator calls them."""
        hooks = [(name, item["post"]) for name, item in self.content.get("webhooks", {}).items()]
        for operation in self.operations():
            for name, callback in operation.node.get("callbacks", {}).items():
                hooks += [(name[0].upper() + name[1:], item["post"]) for item in callback.values()]
        return [Operation(name, "POST", "", node, f"event.{name}") for name, node in hooks]

    def schemas(self) -> dict[str, Object]:
        """Return the schemas by name."""
        return cast("dict[str, Object]", self.content["components"]["schemas"])

    def parameters(self, operation: Operation) -> list[Object]:
        """Return an operation's parameters."""
        return [self.resolved(each) for each in operation.node.get("parameters", [])]

    def security(self, operation: Operation) -> list[Object]:
        """Return the alternatives of an operation's credentials, each by the names of the schemes that it takes."""
        return cast("list[Object]", operation.node.get("security", self.content.get("security", [])))

    def rules_of(self, operation: Operation) -> list[Object]:
        """Return the emulator's rules for an operation."""
        common = self.rules.get("*", []) if self.security(operation) else []
        answers = {None, *operation.node["responses"]}
        has = (rule for rule in common if (rule.get("status") and str(rule["status"])) in answers)
        return [*self.rules.get(operation.id, []), *has]

    def users(self) -> dict[str, list[str]]:
        """Return, by the name of each schema, the places of the operations, events and schemas that refer to it."""
        found: dict[str, list[str]] = defaultdict(list)
        named = [(each.anchor, each.node) for each in (*self.operations(), *self.events())]
        for user, node in (*named, *self.schemas().items()):
            for name in dict.fromkeys(self._references(node)):
                if user != name:
                    found[name].append(user)
        return found

    def _references(self, node: Any) -> Iterator[str]:
        """Yield the schemas that a node refers to, also by way of shared responses and parameters."""
        if isinstance(node, list):
            for each in cast("list[object]", node):
                yield from self._references(each)
        elif isinstance(node, dict):
            members = cast("Object", node)
            reference = members.get("$ref")
            if isinstance(reference, str):
                name = schema_name(reference)
                yield from [name] if name else self._references(self.resolved(members))
            for key, each in members.items():
                if key not in {"callbacks", "discriminator", "example", "examples"}:
                    yield from self._references(each)


def schema_name(reference: str) -> str | None:
    """Return the name of the schema that a reference refers to, None if it refers to something else."""
    return reference.removeprefix(_SCHEMAS) if reference.startswith(_SCHEMAS) else None


@functools.cache
def document_of(provider: str) -> Document:
    """Return the document of a provider. Raises ModuleNotFoundError if it is not installed."""
    content = json.loads(files(f"ordermux_{provider}").joinpath("openapi.json").read_text("utf-8"))
    rules = files(provider_named(provider).module) / "emulator.toml"
    return Document(provider, content, tomllib.loads(rules.read_text("utf-8")) if rules.is_file() else {})
