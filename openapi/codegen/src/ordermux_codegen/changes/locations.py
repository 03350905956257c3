"""A place of a document in its own words, who meets it, and what stands for it in the compiled package."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import cast

import attrs
from openapi_python_client.strings import snake_case

from ..compile.document import Document
from ..compile.nodes import content_schema, references
from .findings import Finding, Keys, look
from .spelling import is_map
from .verdict import BOTH, REQUEST, RESPONSE, Direction


@attrs.frozen(eq=False)
class Locations:
    """What both states of a document know of a place."""

    before: Document
    after: Document

    def directions(self, at: Keys) -> frozenset[Direction]:
        """Return whether a place is sent by us, comes to us, or either; what nothing uses counts as either."""
        if at[:2] == ("components", "schemas"):
            return self.schema_directions(at[2])
        return RESPONSE if at[0] == "webhooks" or {"callbacks", "responses"}.intersection(at) else REQUEST

    def schema_directions(self, name: str) -> frozenset[Direction]:
        """Return the same of a schema by its name."""
        found = [directions(document).get(name, frozenset()) for document in (self.before, self.after)]
        return found[0] | found[1] or BOTH

    def words(self, finding: Finding) -> str:
        """Return a finding's place as a reader of the document would call it."""
        document, at = self.before if finding.before_at else self.after, finding.at
        match at:
            case ("components", kind, name, *rest):
                return _component_words(kind, name, rest)
            case ("paths", path, method, *rest) if rest or look(document, at).get("operationId"):
                return _operation_words(document, path, method, rest)
            case ("webhooks" | "x-sources" as kind, name, *_):
                return f"{'event' if kind == 'webhooks' else 'page'} {name}"
            case ("paths", path, *_):
                return path
            case _:
                return " ".join(at)

    def operation(self, finding: Finding) -> str:
        """Return the id of the operation that a finding is about; nothing for any other."""
        document, at = self.before if finding.before_at else self.after, finding.at
        if at[0] != "paths" or len(at) < 3:  # noqa: PLR2004 - the path and its method
            return ""
        node = look(document, at[:3])
        return str(node["operationId"]) if is_map(node) and "operationId" in node else ""

    def python(self, finding: Finding) -> frozenset[str]:
        """Return what stands for a finding's place in the packages, such as `models.Order.total_cents`."""
        sides = ((self.before, finding.before_at), (self.after, finding.after_at))
        return frozenset(path for document, at in sides if at for path in _python(document, at))


def _python(document: Document, at: Keys) -> Iterator[str]:
    match at:
        case ("components", "schemas", name, "properties", member, *_):
            yield f"models.{name}.{snake_case(member)}"
        case ("components", "schemas", name, *_):
            yield f"models.{name}"
        case ("components", "securitySchemes", *_):
            yield "client.Client"
        case ("paths", path, *rest):
            for operation in document.operations:
                if operation.path == path and rest[:1] in ([], [operation.http_method]):
                    yield f"api.{operation.node['tags'][0]}.{snake_case(operation.operation_id)}"
        case _:
            return


def _component_words(kind: str, name: str, rest: list[str]) -> str:
    match kind, rest:
        case "schemas", ["properties", member, *_]:
            return f"{name}.{member}"
        case "schemas", _:
            return name
        case "securitySchemes", _:
            return f"security scheme {name}"
        case _:
            return f"{kind} {name}"


def _operation_words(document: Document, path: str, method: str, rest: list[str]) -> str:
    node = look(document, ("paths", path, method))
    match rest:
        case ["parameters", index, *_]:
            inner = f", parameter {document.resolve(node['parameters'][int(index)])['name']}"
        case ["responses", status, *_]:
            inner = f", status {status}"
        case ["callbacks", *_]:
            inner = f", callback {rest[1]}" if len(rest) > 1 else ", callbacks"
        case ["requestBody", *_]:
            inner = ", body"
        case _:
            inner = ""
    return f"{node['operationId']}{inner}"


@functools.cache
def directions(document: Document) -> Mapping[str, frozenset[Direction]]:
    """Return, for each schema that something uses, whether it is sent by us, comes to us, or either."""
    sent: set[str] = set()
    comes: set[str] = set()
    for operation in [*document.operations, *document.events]:
        asked = {operation.body.name} if operation.body else set[str]()
        asked |= {name for parameter in operation.parameters for name in references(parameter)}
        answered = {content_schema(response) for response in operation.responses.values()}
        ours = operation in document.operations  # an event is asked of us
        sent |= asked if ours else answered
        comes |= answered if ours else asked
    sent, comes = document.reachable(sent), document.reachable(comes)
    both = {"request": sent, "response": comes}
    return {
        name: frozenset(cast("Direction", word) for word, names in both.items() if name in names)
        for name in sent | comes
    }
