"""A provider's document, and what the templates and the checks ask of it."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import attrs
from openapi_python_client import strings
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from openapi_python_client.parser.openapi import Endpoint

OPENAPI = Path(__file__).resolve().parent.parent
METHODS = ("get", "put", "post", "delete", "patch")
KINDS = ("doc", "public", "guess")
SCHEMA_REF = "#/components/schemas/"
MEDIA_TYPE = "application/json"

Node = Mapping[str, Any]


@attrs.frozen
class Credential:
    """A security scheme as the client takes it."""

    argument: str
    place: str
    """`bearer`, `header` or `cookie`."""
    name: str
    description: str


@attrs.frozen
class Server:
    """An address of the document."""

    member: str
    url: str
    description: str


@attrs.frozen
class Body:
    """A request body: its schema's name, and whether it has to be there."""

    name: str
    required: bool


@attrs.frozen
class Operation:
    """One operation of the document, be it a path's, a webhook's or a callback's."""

    document: Document
    path: str
    """The path, or the event's name."""
    http_method: str
    node: Node

    @property
    def operation_id(self) -> str:
        """The name in the document."""
        return str(self.node["operationId"])

    @property
    def method(self) -> str:
        """The HTTP method in capitals."""
        return self.http_method.upper()

    @property
    def summary(self) -> str:
        """One sentence."""
        return str(self.node["summary"])

    @property
    def description(self) -> str:
        """More than the summary says, or nothing."""
        return str(self.node.get("description", ""))

    @property
    def deprecated(self) -> bool:
        """Whether it will go away."""
        return bool(self.node.get("deprecated"))

    @property
    def basis(self) -> str:
        """Where it comes from, in words."""
        return basis_in_words(self.node["x-basis"])

    @property
    def parameters(self) -> list[Node]:
        """The parameters, references followed."""
        return [self.document.resolve(parameter) for parameter in self.node.get("parameters", ())]

    @property
    def responses(self) -> dict[str, Node]:
        """The responses by status, references followed."""
        return {status: self.document.resolve(response) for status, response in self.node["responses"].items()}

    @property
    def meanings(self) -> list[tuple[str, str]]:
        """The statuses of its errors, with what the document says of each."""
        return [
            (status, str(response["description"]))
            for status, response in self.responses.items()
            if not status.startswith("2")
        ]

    @property
    def body(self) -> Body | None:
        """The request body."""
        body = self.node.get("requestBody")
        return Body(content_schema(body), bool(body.get("required"))) if body else None

    @property
    def result(self) -> str:
        """The schema of a success, empty where it has no body."""
        names = {content_schema(node) for status, node in self.responses.items() if status.startswith("2")}
        if len(names) != 1:
            raise ValueError(f"{self.operation_id}: a success must have one schema, not {sorted(names)}")
        return names.pop()

    @property
    def security(self) -> tuple[tuple[str, ...], ...]:
        """The client's arguments that authenticate it: any one of these sets."""
        schemes = self.document.security_schemes
        required = self.node.get("security", self.document.raw.get("security", ()))
        return tuple(tuple(schemes[name]["x-client-argument"] for name in option) for option in required)

    def parameter(self, name: str) -> Node:
        """Return the parameter of this name."""
        return next(parameter for parameter in self.parameters if parameter["name"] == name)

    def schema_of(self, name: str) -> str:
        """Return the component that a parameter's schema is, empty for a plain one."""
        return ref_name(self.parameter(name)["schema"])

    def deprecates(self, name: str) -> bool:
        """Tell whether a parameter will go away."""
        return bool(self.parameter(name).get("deprecated"))

    def path_expression(self, endpoint: Endpoint) -> str:
        """Return the path as Python code, each parameter a segment of its own."""
        if not endpoint.path_parameters:
            return repr(self.path)
        names = {parameter.name.get_untrusted_value(): parameter for parameter in endpoint.path_parameters}
        pieces = re.split(r"\{([^}]+)\}", self.path)
        arguments = [names[name].python_name for name in pieces[1::2]]
        pieces[1::2] = [f"{{codec.segment({argument!r}, {argument})}}" for argument in arguments]
        return 'f"' + "".join(pieces) + '"'

    def described_arguments(self, endpoint: Endpoint) -> list[tuple[str, str]]:
        """Return the arguments with what the document says of each."""
        described = [
            (str(prop.python_name), _argument_text(self.parameter(prop.name.get_untrusted_value())))
            for _, prop in endpoint.iter_all_parameters()
        ]
        if self.body:
            described.append(("body", self.document.schemas[self.body.name]["description"]))
        return described


@attrs.frozen(eq=False)
class Document:
    """A provider's document."""

    provider: str
    path: Path
    raw: Node

    @classmethod
    def load(cls, path: Path) -> Document:
        """Read a document; a key that stands twice is an error."""
        yaml: Any = YAML(typ="safe", pure=True)
        return cls(path.stem, path, yaml.load(path))

    @property
    def header(self) -> str:
        """The first line of each compiled file: where it comes from, and by which command."""
        return f"# Compiled from openapi/{self.path.name} by `nox -s generate -- {self.provider}`. Do not edit."

    @property
    def title(self) -> str:
        """The provider's name."""
        return str(self.raw["info"]["title"])

    @property
    def summary(self) -> str:
        """One sentence on what it is."""
        return str(self.raw["info"]["summary"])

    @property
    def version(self) -> str:
        """The version of the document and of its package."""
        return str(self.raw["info"]["version"])

    @property
    def schemas(self) -> dict[str, Any]:
        """The schemas by name."""
        return dict(self.raw["components"]["schemas"])

    @property
    def security_schemes(self) -> dict[str, Any]:
        """The security schemes by name."""
        return dict(self.raw["components"].get("securitySchemes", {}))

    @property
    def sources(self) -> dict[str, Any]:
        """The pages it rests on."""
        return dict(self.raw["x-sources"])

    @property
    def modules(self) -> tuple[str, ...]:
        """What its package has beyond the files that openapi-python-client knows of."""
        return ("codec", "responses", "events") if self.events else ("codec", "responses")

    @property
    def error_member(self) -> str:
        """The member that makes any answer an error, or nothing."""
        return str(self.raw.get("x-error-member", ""))

    @property
    def needs_address(self) -> bool:
        """Whether the address is always the caller's to give."""
        return bool(self.raw["servers"][0].get("variables"))

    @property
    def servers(self) -> list[Server]:
        """The addresses, variables filled in with their defaults."""
        servers: list[Server] = []
        for server in self.raw["servers"]:
            url = server["url"]
            for name, variable in server.get("variables", {}).items():
                url = url.replace(f"{{{name}}}", variable["default"])
            word = re.sub(r"\W+", "_", server["description"].split(",")[0].split(".")[0].strip()).upper()
            servers.append(Server("EXAMPLE" if server.get("variables") else word, url, server["description"]))
        return servers

    @property
    def credentials(self) -> list[Credential]:
        """The security schemes as the client takes them."""
        return [
            Credential(
                argument=scheme["x-client-argument"],
                place="bearer" if scheme["type"] == "http" else scheme["in"],
                name=scheme.get("name", ""),
                description=scheme["description"],
            )
            for scheme in self.security_schemes.values()
        ]

    @functools.cached_property
    def operations(self) -> list[Operation]:
        """The operations that a client calls."""
        return list(self._operations(self.raw["paths"]))

    @functools.cached_property
    def events(self) -> list[Operation]:
        """What the provider delivers: webhooks, and the callbacks of operations."""
        events = list(self._operations(self.raw.get("webhooks", {})))
        for operation in self.operations:
            for callback in operation.node.get("callbacks", {}).values():
                events += self._operations(callback)
        return events

    def _operations(self, paths: Node) -> Iterator[Operation]:
        for path, item in paths.items():
            for method in METHODS:
                if method in item:
                    yield Operation(self, path, method, item[method])

    @property
    def event_schema(self) -> str:
        """The schema of any delivery: the union of all, or the only one; nothing where there is none."""
        if not self.events:
            return ""
        bodies = {event.body.name for event in self.events if event.body}
        if len(bodies) == 1:
            return bodies.pop()
        return next(
            name
            for name, schema in self.schemas.items()
            if bodies == {ref_name(member) for member in schema.get("oneOf", ())}
        )

    def event_lines(self) -> list[tuple[str, str]]:
        """Return each event's name with its summary."""
        return [(self.event_name(event), event.summary) for event in self.events]

    def event_name(self, event: Operation) -> str:
        """Return the name that the provider gives an event: a webhook's key, or a callback's schema."""
        return event.body.name if event.path.startswith("{") and event.body else event.path

    def operation(self, name: str) -> Operation:
        """Return the operation whose name is `name` in snake case."""
        return next(
            operation for operation in self.operations if strings.snake_case(operation.operation_id) == name.rstrip("_")
        )

    def tag_description(self, tag: str) -> str:
        """Return what a tag stands for."""
        return str(next(entry["description"] for entry in self.raw["tags"] if entry["name"] == tag))

    def resolve(self, node: Node) -> Node:
        """Follow a reference inside the document."""
        while "$ref" in node:
            target: Any = self.raw
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def has(self, reference: str) -> bool:
        """Tell whether a reference inside the document leads to something."""
        try:
            self.resolve({"$ref": reference})
        except (LookupError, TypeError):
            return False
        return reference.startswith("#/")

    def properties(self) -> Iterator[tuple[str, str, Node]]:
        """Yield each property as its schema's name, its own name and its node."""
        for name, schema in self.schemas.items():
            for member, node in schema.get("properties", {}).items():
                yield name, member, node

    def reachable(self, names: Iterable[str]) -> set[str]:
        """Return the components that can stand somewhere in these."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.schemas:
                found.add(name)
                waiting += _references(self.schemas[name])
        return found

    def secrets(self) -> set[tuple[str, str]]:
        """Return the properties that are masked, each as its schema's name and its own."""
        return {(schema, member) for schema, member, node in self.properties() if is_secret(self.resolve(node))}

    def secret_members(self) -> list[str]:
        """Return the names, on the wire, of the properties that are masked."""
        return sorted({member for _, member in self.secrets()})

    def deprecated_properties(self) -> dict[str, list[str]]:
        """Return the properties that will go away, by schema."""
        found: dict[str, list[str]] = {}
        for schema, member, node in self.properties():
            if node.get("deprecated"):
                found.setdefault(schema, []).append(member)
        return found


def is_secret(schema: Node) -> bool:
    """Tell whether a schema's values are masked."""
    return schema.get("format") == "password"


def ref_name(schema: Node) -> str:
    """Return the name of the component that a schema refers to, empty for any other."""
    return str(schema.get("$ref", "")).removeprefix(SCHEMA_REF)


def _references(node: Any) -> Iterator[str]:
    """Yield the name of each component that is referred to."""
    if isinstance(node, Mapping):
        entries = cast("Node", node)
        if isinstance(entries.get("$ref"), str):
            yield ref_name(entries)
        for value in entries.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in cast("list[Any]", node):  # type: ignore[redundant-cast]
            yield from _references(item)


def content_schema(node: Node) -> str:
    """Return the name of the schema of a body's JSON, empty where there is none."""
    content = node.get("content", {})
    return ref_name(content[MEDIA_TYPE]["schema"]) if content else ""


def kind_of(basis: Node) -> str:
    """Return `doc`, `public` or `guess`."""
    return next(kind for kind in KINDS if kind in basis)


def basis_in_words(basis: Node) -> str:
    """Return an `x-basis` as a reader wants it."""
    words = {"doc": "documented", "public": "public", "guess": "a guess"}
    kind = kind_of(basis)
    note = f"; {basis['note']}" if "note" in basis else ""
    return f"{words[kind]} ({basis[kind]}{note})"


def wrapped(node: Any, width: int = 108) -> Any:
    """Return a copy whose descriptions fit into docstrings."""
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node).items()
        return {
            name: textwrap.fill(value, width, break_on_hyphens=False)
            if (name, type(value)) == ("description", str)
            else wrapped(value, width)
            for name, value in members
        }
    return [wrapped(item, width) for item in node] if _is_list(node) else node


def _is_list(node: Any) -> TypeGuard[list[Any]]:
    return isinstance(node, list)


def _argument_text(parameter: Node) -> str:
    default = parameter["schema"].get("default")
    return str(parameter["description"]) + (f" The server's default is {default!r}." if default is not None else "")
