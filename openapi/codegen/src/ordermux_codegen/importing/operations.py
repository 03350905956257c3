"""Operations, and what they send and read."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import attrs

from .bodies import Bodies, is_empty, json_of
from .ledger import Ledger
from .nodes import MARK, Node
from .parameters import Parameters, UnsupportedError
from .references import References
from .schemas import Schemas
from .security import Security, servers_of

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
ERROR = f"#{MARK}error"
"""The key of the component that is the body of each error."""


@attrs.define
class Made:
    """An operation as the compiler takes it, before it has its names."""

    path: str
    method: str
    source: Node
    item: Node
    node: dict[str, Any]
    is_event: bool = False
    """Whether the provider sends it; the path is the event's name then."""

    @property
    def called(self) -> str:
        """How the map of names calls it."""
        return f"{'EVENT' if self.is_event else self.method.upper()} {self.path}"


class Operations:
    """Makes operations that are compiled."""

    def __init__(
        self, schemas: Schemas, references: References, security: Security, ledger: Ledger, address: str
    ) -> None:
        """Take what makes components, credentials and parameters."""
        self.schemas = schemas
        self.references = references
        self.security = security
        self.ledger = ledger
        self.address = address
        self.parameters = Parameters(schemas, references, ledger)
        self.bodies = Bodies(schemas, references, ledger)
        self.errors: dict[str, Node] = {}

    def selected(self, tags: set[str], ids: set[str]) -> Iterator[tuple[str, str, Node, Node]]:
        """Yield the operations that are wanted, in a fixed order: all where nothing is named."""
        document = self.schemas.document
        for path, item in sorted(document.nodes("paths")):
            target = self.references.follow(item)
            for method in (*METHODS, "trace"):
                operation = target.get(method)
                if path.startswith("x-") or not isinstance(operation, Node):
                    continue
                wanted = not (tags or ids)
                wanted = wanted or bool(tags & set(map(str, operation.items_of("tags"))))
                if wanted or any(fnmatchcase(operation.text("operationId"), pattern) for pattern in ids):
                    yield path, method, target, operation

    def made(self, path: str, method: str, item: Node, operation: Node) -> Made | None:
        """Return an operation; None, told as a loss, where it cannot be compiled."""
        try:
            return self._made(path, method, item, operation)
        except UnsupportedError as error:
            self.ledger.lose(operation.at, "the operation is left out", str(error))
            return None

    def _made(self, path: str, method: str, item: Node, operation: Node) -> Made:
        if method not in METHODS:
            raise UnsupportedError(f"the method {method.upper()} is not compiled")
        self._servers(item, operation)
        security = self.security.of(operation)
        if security is None:
            raise UnsupportedError("none of its credentials is compiled")
        node: dict[str, Any] = {"tags": operation.items_of("tags")[:1]}
        if len(operation.items_of("tags")) > 1:
            self.ledger.lose(operation.below("tags"), "only the first tag is kept", "an operation is in one module")
        for name in ("summary", "description"):
            node |= {name: operation.text(name)} if operation.text(name) else {}
        node |= {"deprecated": True} if operation.get("deprecated") is True else {}
        node["parameters"] = self.parameters.of(path, item, operation)
        body = self._body(operation, method)
        node |= {"requestBody": body} if body else {}
        node["responses"] = self._responses(operation)
        node["security"] = security
        return Made(path, method, operation, item, node)

    def _servers(self, item: Node, operation: Node) -> None:
        for owner in (operation, item):
            own = owner.list_of("servers")
            if own:
                known = {server["url"] for server in servers_of(self.schemas.document, self.address)}
                if not {server["url"] for server in servers_of(owner, self.address)} <= known:
                    raise UnsupportedError("it has a server of its own")
                return

    def _body(self, operation: Node, method: str) -> dict[str, Any] | None:
        body = self.references.follow(operation.node("requestBody"))
        if not body.node("content") or method == "head":
            return None
        types = ", ".join(body.node("content"))
        is_optional = body.get("required") is not True and json_of(body) is None
        if is_optional and all(is_empty(media) for _, media in body.nodes("content")):
            self.ledger.lose(body.at, "the body is left out", f"it is optional and empty, as {types}")
            return None
        content = self.bodies.sent(body)
        if content is None:
            raise UnsupportedError(f"its body is {types}, which is not compiled")
        required = body.get("required") is True
        described = {"description": body.text("description")} if body.text("description") else {}
        return {"required": required, **described, "content": content}

    def _responses(self, operation: Node) -> dict[str, Any]:
        found = {str(status): self.references.follow(node) for status, node in operation.nodes("responses")}
        found = {_status(status): node for status, node in sorted(found.items()) if not status.startswith("x-")}
        if not any(status.startswith("2") for status in found):
            if "default" not in found:
                raise UnsupportedError("it has no success, a status 2xx")
            found["2XX"] = found.pop("default")
            self.ledger.lose(found["2XX"].at, "`default` is a success", "the operation has no other one")
        made: dict[str, Any] = {}
        successes: dict[str, Node] = {}
        for status, node in found.items():
            made[status] = {"description": node.text("description") or f"The status {status}."}
            self._beside(node)
            if not status.startswith("2"):
                self._error(node)
                made[status]["content"] = {"application/json": {"schema": {"$ref": ERROR}}}
            elif node.node("content"):
                content = self.bodies.read(node)
                if content is None:
                    types = ", ".join(node.node("content"))
                    raise UnsupportedError(f"it answers {types}, which is not compiled")
                made[status]["content"] = content
                if media := json_of(node):
                    successes[status] = media[1]
        self._one_success(operation, made, successes)
        if all(status.startswith("2") for status in made):
            self.ledger.ask(operation.at, "say which errors there are", "no error is published")
            made["default"] = {"content": {"application/json": {"schema": {"$ref": ERROR}}}}
        return made

    def _beside(self, response: Node) -> None:
        for part in ("headers", "links"):
            if response.get(part):
                why = "they are at hand as texts" if part == "headers" else "they are not compiled"
                self.ledger.lose(response.below(part), f"the {part} of an answer are left out", why)

    def _one_success(self, operation: Node, made: dict[str, Any], successes: dict[str, Node]) -> None:
        """Give each success one body: what is one of all of them."""
        if len({_reference(made[status]) for status in successes}) in {0, 1}:
            return
        whole = operation.made("success", {"anyOf": [media.node("schema") for media in successes.values()]})
        self.schemas.component(whole)
        self.ledger.lose(operation.below("responses"), "the successes have one body", "their schemas differ")
        for status in successes:
            media = next(iter(made[status]["content"].values()))
            media["schema"] = {"$ref": whole.at}
            if status.upper() == "2XX" and any(other not in successes for other in made if other.startswith("2")):
                raise UnsupportedError("it has a range of successes beside one of another body")

    def _error(self, node: Node) -> None:
        media = json_of(node)
        if media and media[1].node("schema"):
            schema = self.references.follow_alone(media[1].node("schema"))
            self.errors.setdefault(schema.at, schema)
            self.bodies.take_samples(media[1], ERROR)
        elif node.node("content"):
            types = ", ".join(node.node("content"))
            self.ledger.lose(node.at, "the error's body is read as JSON or not at all", f"it is {types}")

    def error(self) -> str:
        """Make the component that is the body of each error, of the only schema or of all; return its key."""
        nodes: list[Node] = []
        for at in sorted(self.errors):
            if self.errors[at] not in nodes:
                nodes.append(self.errors[at])
        if len(nodes) == 1:
            return str(self.schemas.component(nodes[0]))
        if nodes:
            self.ledger.ask("#", "look at the error model", f"{len(nodes)} schemas of errors became one `Error`")
            return str(self.schemas.component(Node({"anyOf": nodes, "description": "What went wrong."}, ERROR)))
        self.ledger.ask("#", "say what the body of an error is", "none is published: `Error` is any value")
        self.schemas.components[ERROR] = {"description": "What went wrong; no schema is published."}
        return ERROR


def _status(status: str) -> str:
    return status if status == "default" else status.upper()


def _reference(response: dict[str, Any]) -> str:
    return str(next(iter(response["content"].values()))["schema"]["$ref"])
