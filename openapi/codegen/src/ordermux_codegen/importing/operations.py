"""Operations, and what they send and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import attrs

from .ledger import Ledger
from .nodes import MARK, Node
from .parameters import Parameters, UnsupportedError
from .references import References
from .schemas import Schemas
from .security import Security, servers_of

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
JSON = re.compile(r"(application/json|[a-z]+/[a-z0-9.!#$&^_-]+\+json)(;.*)?|\*/\*|application/\*", re.IGNORECASE)
ERROR = f"#{MARK}error"
"""The key of the component that is the body of each error."""


@attrs.frozen
class Sample:
    """An example of a body in the published document."""

    at: str
    key: str
    """The component that it is one of."""
    value: Any


@attrs.define
class Made:
    """An operation as the compiler takes it, before it has its names."""

    path: str
    method: str
    source: Node
    item: Node
    node: dict[str, Any]

    @property
    def called(self) -> str:
        """How the map of names calls it."""
        return f"{self.method.upper()} {self.path}"


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
        self.samples: list[Sample] = []
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
        if operation.get("callbacks"):
            self.ledger.lose(operation.below("callbacks"), "the callbacks are left out", "events are not imported")
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
        found = _json(body)
        if found is None:
            types = ", ".join(body.node("content"))
            if body.get("required") is not True and all(_is_empty(media) for _, media in body.nodes("content")):
                self.ledger.lose(body.at, "the body is left out", f"it is optional and empty, as {types}")
                return None
            raise UnsupportedError(f"its body is {types}, and only JSON is compiled")
        media_type, media = found
        self._told_types(body, media_type)
        key = self._key(media, "request")
        self._take_samples(media, key)
        required = body.get("required") is True
        described = {"description": body.text("description")} if body.text("description") else {}
        content = {_spelled(media_type): {"schema": {"$ref": key}}}
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
            for part in ("headers", "links"):
                if node.get(part):
                    self.ledger.lose(node.below(part), f"the {part} of an answer are left out", "they are not compiled")
            media = _json(node)
            if not status.startswith("2"):
                self._error(node, media)
                made[status]["content"] = {"application/json": {"schema": {"$ref": ERROR}}}
            elif media:
                self._told_types(node, media[0])
                successes[status] = media[1]
                key = self._key(media[1], "response")
                self._take_samples(media[1], key)
                made[status]["content"] = {_spelled(media[0]): {"schema": {"$ref": key}}}
            elif node.node("content"):
                raise UnsupportedError(f"it answers {', '.join(node.node('content'))}, and only JSON is compiled")
        self._one_success(operation, made, successes)
        if all(status.startswith("2") for status in made):
            self.ledger.ask(operation.at, "say which errors there are", "no error is published")
            made["default"] = {"content": {"application/json": {"schema": {"$ref": ERROR}}}}
        return made

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

    def _error(self, node: Node, media: tuple[str, Node] | None) -> None:
        if media and media[1].node("schema"):
            schema = self.references.follow_alone(media[1].node("schema"))
            self.errors.setdefault(schema.at, schema)
            self._take_samples(media[1], ERROR)
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

    def _key(self, media: Node, kind: str) -> str:
        """Return the key of the component that is a body."""
        schema = media.get("schema")
        if not isinstance(schema, Node):
            key = f"{media.at}{MARK}{kind}"
            self.schemas.components.setdefault(key, {})
            return key
        used = self.schemas.use(schema, schema.at)
        if "$ref" in used:
            return str(used["$ref"])
        self.schemas.components.setdefault(schema.at, used)
        return schema.at

    def _take_samples(self, media: Node, key: str) -> None:
        if "example" in media:
            self.samples.append(Sample(media.below("example"), key, media["example"]))
        for name, example in media.nodes("examples"):
            target = self.references.follow(example)
            if "value" in target:
                self.samples.append(Sample(media.below("examples", name), key, target["value"]))
        schema = media.get("schema")
        if isinstance(schema, Node) and {"example", "examples"}.isdisjoint(media) and "example" in schema:
            self.samples.append(Sample(schema.below("example"), key, schema["example"]))

    def _told_types(self, body: Node, media_type: str) -> None:
        if others := sorted(set(body.node("content")) - {media_type}):
            self.ledger.lose(body.at, f"{', '.join(others)} is left out", f"{media_type} is what is sent and asked for")
        if "*" in media_type:
            self.ledger.lose(body.at, "the body is JSON", f"{media_type} names no media type")


def _json(body: Node) -> tuple[str, Node] | None:
    """Return the media type of a body that is JSON, the plain one rather than a special one."""
    found = [(name, media) for name, media in body.nodes("content") if JSON.fullmatch(name.strip())]
    return min(found, key=lambda each: _rank(each[0]), default=None)


def _rank(name: str) -> tuple[int, str]:
    plain = name.strip().lower()
    return (2 if "*" in plain else 0 if plain.startswith("application/json") else 1, plain)


def _spelled(media_type: str) -> str:
    plain = media_type.strip().partition(";")[0].lower()
    return "application/json" if "*" in plain else plain


def _status(status: str) -> str:
    return status if status == "default" else status.upper()


def _is_empty(media: Node) -> bool:
    return not media.node("schema").node("properties") and "$ref" not in media.node("schema")


def _reference(response: dict[str, Any]) -> str:
    return str(next(iter(response["content"].values()))["schema"]["$ref"])
