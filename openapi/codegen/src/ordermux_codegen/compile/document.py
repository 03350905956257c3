"""A provider's document, and what the templates and the checks ask of it."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from openapi_python_client import strings

from ..workspace import shown
from .components import Components
from .credentials import Credential, credential_argument, credential_place
from .loading import load
from .media import is_upload
from .names import module_name
from .nodes import (
    Node,
    content_schema,
    has_number,
    kinds_of,
    ref_name,
    reference_at,
    references,
)
from .operations import Operation
from .unions import AlikeError, rules_of
from .yaml_positions import At, Entry

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@attrs.frozen
class Server:
    """An address of the document."""

    member: str
    url: str
    description: str


@attrs.frozen(eq=False)
class Document(Components):
    """A provider's document."""

    @classmethod
    def load(cls, path: Path) -> Document:
        """Read a document; a key that stands twice is an error."""
        return cls(path.stem, path, load(path))

    @functools.cached_property
    def positions(self) -> Entry | None:
        """The positions in its file; None for one that was made, not read."""
        return Entry.of(self.path.read_text("utf-8")) if self.path.is_file() else None

    @property
    def texts(self) -> Path:
        """The folder of the package's own texts: README.md.jinja and CHANGELOG.md."""
        return self.path.parent / self.provider

    @property
    def header(self) -> str:
        """The first line of each compiled file: where it comes from, and by which command."""
        return f"# Compiled from {self.path.name} by `ordermux-codegen generate {self.provider}`. Do not edit."

    @property
    def title(self) -> str:
        """The provider's name."""
        return str(self.raw["info"]["title"])

    @property
    def summary(self) -> str:
        """One sentence on what it is."""
        return str(self.raw["info"].get("summary", ""))

    @property
    def version(self) -> str:
        """The version of the document and of its package."""
        return str(self.raw["info"]["version"])

    @property
    def sources(self) -> dict[str, Any]:
        """The pages that it depends on, by key."""
        return dict(self.raw.get("x-sources", {}))

    @property
    def documentation(self) -> str:
        """The address of the first of the provider's pages that the document is of; empty if it names none."""
        return next((str(page["url"]) for page in self.sources.values() if "url" in page), "")

    @property
    def modules(self) -> tuple[str, ...]:
        """What its package has beyond the files that openapi-python-client knows of."""
        cookies = any(credential.place == "cookie" for credential in self.credentials)
        sometimes = {"events": bool(self.events), "cookies": cookies}
        return (
            "codec",
            "document",
            "privacy",
            "responses",
            "sending",
            *(module for module, there in sometimes.items() if there),
        )

    @property
    def error_member(self) -> str:
        """The member that makes any answer an error, or nothing."""
        return str(self.raw.get("x-error-member", ""))

    @property
    def idempotency_windows(self) -> dict[str, int]:
        """For how many seconds the key of an operation is honoured, by the operation's id."""
        return {
            operation.operation_id: int(parameter["x-window-seconds"])
            for operation in self.operations
            for parameter in operation.parameters
            if "x-window-seconds" in parameter
        }

    @property
    def rate_limit(self) -> dict[str, Any] | None:
        """The published limit of requests, None if there is none."""
        return self._without_basis("x-rate-limit")

    @property
    def delivery(self) -> dict[str, Any] | None:
        """How events are delivered and signed, as far as it is known; None without events."""
        return self._without_basis("x-delivery")

    def _without_basis(self, name: str) -> dict[str, Any] | None:
        stated: dict[str, Any] | None = self.raw.get(name)
        return stated and {key: value for key, value in stated.items() if key != "x-basis"}

    @property
    def needs_address(self) -> bool:
        """Whether the address is always the caller's to give."""
        return bool(self.raw["servers"][0].get("variables"))

    @property
    def servers(self) -> list[Server]:
        """The addresses, variables filled in with their defaults."""
        servers: list[Server] = []
        for index, server in enumerate(self.raw["servers"], 1):
            description = str(server.get("description", ""))
            word = re.sub(r"\W+", "_", description.split(",", maxsplit=1)[0].split(".", maxsplit=1)[0].strip()).upper()
            member = "EXAMPLE" if server.get("variables") else word
            if not (member.isascii() and member.isidentifier() and member[0] != "_" and member != "MRO"):
                member = f"SERVER_{index}"
            if member in {other.member for other in servers}:
                member = f"{member}_{index}"
            servers.append(Server(member, self.server_url(server), description))
        return servers

    @staticmethod
    def server_url(server: Node) -> str:
        """Return an address, variables filled in with their defaults."""
        url = str(server["url"])
        for name, variable in server.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", str(variable.get("default", f"{{{name}}}")))
        return url

    @property
    def credentials(self) -> list[Credential]:
        """The security schemes as the client takes them."""
        return [
            Credential(
                argument=credential_argument(name, scheme),
                place=credential_place(scheme),
                name=scheme.get("name", ""),
                description=scheme.get("description", ""),
            )
            for name, scheme in self.security_schemes.items()
        ]

    def place(self, at: At) -> str:
        """Return a place as the file's name and the line."""
        return f"{shown(self.path)}:{self.positions.line_at(at) if self.positions else 1}"

    @functools.cached_property
    def operations(self) -> list[Operation]:
        """The operations that a client calls."""
        return list(self._operations(self.raw.get("paths", {}), ("paths",)))

    @functools.cached_property
    def events(self) -> list[Operation]:
        """What the provider delivers: webhooks, and the callbacks of operations."""
        events = list(self._operations(self.raw.get("webhooks", {}), ("webhooks",)))
        for operation in self.operations:
            for name, callback in operation.node.get("callbacks", {}).items():
                at = reference_at(callback["$ref"]) if "$ref" in callback else (*operation.at, "callbacks", name)
                events += self._operations(self.resolve(callback), at)
        return events

    def uses(self, what: str) -> bool:
        """Return whether a parameter is a list that is joined or explodes, an object, a cookie, a date or a number."""
        return any(what in each.traits for operation in self.operations for each in operation.arguments)

    @property
    def sends_times(self) -> bool:
        """Whether a body that a client sends has a time in it."""
        return '"date-time"' in json.dumps([self.schemas[name] for name in self.sent()])

    @functools.cached_property
    def with_decimals(self) -> set[str]:
        """The components in which a decimal can stand, in members of members too."""
        return self._with({name for name, schema in self.schemas.items() if has_number(schema)})

    @functools.cached_property
    def unions(self) -> dict[str, dict[str, Any]]:
        """By what each object of a union is known, by the union's name; those with a discriminator aside."""
        plain = {name: schema for name, schema in self.schemas.items() if "discriminator" not in schema}
        found: dict[str, dict[str, Any]] = {}
        for name, schema in plain.items():
            with contextlib.suppress(AlikeError):  # it is refused
                found[name] = {one: rule.table() for one, rule in rules_of(self, schema).items()}
        return {name: rules for name, rules in found.items() if rules}

    @property
    def with_unions(self) -> set[str]:
        """The components in which such a union can stand, in members of members too."""
        return self._with(set(self.unions))

    def _with(self, found: set[str]) -> set[str]:
        """Return some components, and those in which one of them can stand."""
        inner = {name: set(references(schema)) for name, schema in self.schemas.items()}
        while more := {name for name in inner if found & inner[name]} - found:
            found |= more
        return found

    @property
    def has_tags(self) -> bool:
        """Whether a union is told by a discriminator."""
        unions = [schema for schema in self.schemas.values() if "discriminator" in schema]
        return any(len([*union.get("oneOf", ()), *union.get("anyOf", ())]) > 1 for union in unions)

    @property
    def has_maps(self) -> bool:
        """Whether an object is one of any members, be they of one type."""
        return any("object" in kinds_of(schema) and not schema.get("properties") for schema in self.schemas.values())

    @property
    def lists_default(self) -> bool:
        """Whether an operation says what any other status is."""
        return any("default" in operation.responses for operation in self.operations)

    def path_items(self) -> Iterator[tuple[At, str, Node]]:
        """Yield the items of the paths, each with its place and its path, references followed."""
        return self._items(self.raw.get("paths", {}), ("paths",))

    def _items(self, items: Node, at: At) -> Iterator[tuple[At, str, Node]]:
        for path, item in items.items():
            if not str(path).startswith("x-"):
                place = reference_at(item["$ref"]) if "$ref" in item else (*at, path)
                yield place, path, self.resolve(item)

    def _operations(self, items: Node, at: At) -> Iterator[Operation]:
        for place, path, item in self._items(items, at):
            shared = tuple(((*place, "parameters", i), node) for i, node in enumerate(item.get("parameters", ())))
            for method in METHODS:
                if method in item:
                    yield Operation(self, path, method, item[method], (*place, method), shared)

    @property
    def event_schema(self) -> str:
        """The schema of any delivery: the union of all, or the only one; nothing if there is none."""
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
        """Return what a tag stands for, by its name as a module; the name itself if nothing says it."""
        entries = {module_name(entry["name"]): entry for entry in self.raw.get("tags", ())}
        return str(entries.get(tag, {}).get("description", tag))

    def sent(self) -> set[str]:
        """Return the components that a client sends."""
        bodies = [operation.body.name for operation in self.operations if operation.body]
        return self.reachable([*bodies, *(name for name in self._asked() if name)])

    def _asked(self) -> Iterator[str]:
        """Yield the components that parameters are made of."""
        for operation in self.operations:
            for each in operation.arguments:
                if each.spread:
                    yield from references(each.schema)

    def uploads(self) -> set[str]:
        """Return the components that are multipart bodies with files in them."""
        bodies = {each.body.name for each in self.operations if each.body and each.body.kind == "parts"}
        members = {name: self.schemas[name].get("properties", {}).values() for name in bodies}
        return {name for name, nodes in members.items() if any(is_upload(self, node) for node in nodes)}

    def sends(self, kind: str) -> bool:
        """Return whether a body is sent as `json`, `form`, `parts`, `text` or `bytes`."""
        return any(operation.body is not None and operation.body.kind == kind for operation in self.operations)

    @property
    def spreads(self) -> bool:
        """Whether the members of an object are fields of a form, of a multipart body or of the query."""
        return any(map(self.sends, ("form", "parts"))) or any(map(self.uses, ("deep", "members")))

    @property
    def answers_raw(self) -> bool:
        """Whether an answer is a text or bytes."""
        return any(operation.raw_result for operation in self.operations)

    def read(self) -> set[str]:
        """Return the components that a client reads, in answers and events."""
        answers = [content_schema(node) for operation in self.operations for node in operation.responses.values()]
        return self.reachable(answers + [event.body.name for event in self.events if event.body])

    def one_way(self, name: str) -> str:
        """Return what marks the members that a component's model lacks: `readOnly` where it is only sent."""
        return self._one_way.get(name, "")

    @functools.cached_property
    def _one_way(self) -> dict[str, str]:
        sent, read = self.sent(), self.read()
        found = {name: "readOnly" for name in self.schemas if name not in read}
        return found | {name: "writeOnly" for name in read if name not in sent}
