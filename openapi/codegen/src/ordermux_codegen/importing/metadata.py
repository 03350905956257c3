"""What a document of ours says beside the published facts: titles, where each fact comes from, and missing texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .ledger import Ledger
from .nodes import Node
from .operations import Made
from .words import sentence, snake

SOURCE = "published"
"""The published document's key in `x-sources`."""
BASIS = {"public": SOURCE}
UNTOLD = "Not described by the provider."


class Metadata:
    """Fills in what the rules for documents want."""

    def __init__(self, ledger: Ledger, document: Node) -> None:
        """Take the published document."""
        self.ledger = ledger
        self.document = document

    def info(self, version: str) -> dict[str, Any]:
        """Return the `info`: `version` is the package's."""
        published = self.document.node("info")
        title = published.text("title") or "An API"
        text = published.text("description")
        summary = published.text("summary") or (text.splitlines()[0][:200] if text else f"{title}.")
        found = {"title": title, "summary": summary, "version": version}
        return {**found, **({"description": text} if text else {})}

    def tags(self, made: list[Made]) -> list[dict[str, Any]]:
        """Return the tags of the operations, each of which gets one."""
        texts = {snake(tag.text("name")): tag.text("description") for tag in self.document.list_of("tags")}
        found: set[str] = set()
        for each in made:
            name = snake(str(next(iter(each.node["tags"]), ""))) or _of_path(each.path)
            each.node["tags"] = [name]
            found.add(name)
        return [{"name": name, "description": texts.get(name) or f"Operations on {name}."} for name in sorted(found)]

    def fill(self, raw: dict[str, Any]) -> None:
        """Say of each fact that it is published, and of each that has no description that it has none."""
        for server in raw["servers"]:
            server["x-basis"] = BASIS
        for scheme in raw["components"]["securitySchemes"].values():
            scheme["x-basis"] = BASIS
        missing = sum(self._described(node) for node in _described_schemas(raw["components"]["schemas"]))
        for schema in raw["components"]["schemas"].values():
            schema["x-basis"] = BASIS
            if "enum" in schema:
                schema["x-enum-descriptions"] = dict.fromkeys(map(str, schema["enum"]), "")
                missing += len(schema["enum"])
        for item in [*raw["paths"].values(), *raw.get("webhooks", {}).values()]:
            for operation in item.values():
                missing += self._operation(operation)
        if missing:
            self.ledger.ask(
                "#", f"describe {missing} fields, words, schemas, parameters and answers", "no text is published"
            )

    def _operation(self, operation: dict[str, Any]) -> int:
        missing = 0
        if not operation.get("summary"):
            text = operation.get("description", "")
            operation["summary"] = text.splitlines()[0][:200] if text else sentence(operation["operationId"])
            missing += not text
        operation["x-basis"] = BASIS
        for parameter in operation["parameters"]:
            missing += self._described(parameter)
            parameter["x-basis"] = BASIS
        if not operation["parameters"]:
            del operation["parameters"]
        if "requestBody" in operation:
            operation["requestBody"]["x-basis"] = BASIS
        for status, response in operation["responses"].items():
            if status == "default" and "description" not in response:
                response |= {"description": "Any other status.", "x-basis": {"guess": "no error is published"}}
            missing += self._described(response)
            response.setdefault("x-basis", BASIS)
        return missing

    @staticmethod
    def _described(node: dict[str, Any]) -> int:
        if node.get("description"):
            return 0
        node["description"] = UNTOLD
        return 1


def _described_schemas(schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that need a description: the components, and the members that are no references."""
    for schema in schemas.values():
        yield schema
        yield from (node for node in schema.get("properties", {}).values() if "$ref" not in node)


def _of_path(path: str) -> str:
    return next((word for part in path.split("/") if "{" not in part and (word := snake(part))), "api")
