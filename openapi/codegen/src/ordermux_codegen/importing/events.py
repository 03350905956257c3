"""Events: what a provider delivers, by webhooks and by callbacks of the operations that are imported."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import attrs

from .bodies import Bodies, json_of
from .ledger import Ledger
from .nodes import Node
from .operations import METHODS, Made
from .references import References
from .schemas import EVENT, Schema, Schemas

DELIVERY = {"x-basis": {"guess": "nothing is published but the bodies: see what the import left to people"}}
"""What is said of deliveries until a person says more."""
WEBHOOKS = ("webhooks", "x-webhooks")
"""Where the webhooks of a document are; OpenAPI 3.0 has no word for them, and many documents have the second one."""


@attrs.frozen
class _Delivered:
    """An event, and the component that its body is."""

    name: str
    source: Node
    body: Node
    media: Node
    key: str


class Events:
    """Makes events of webhooks and callbacks."""

    def __init__(self, schemas: Schemas, references: References, bodies: Bodies, ledger: Ledger) -> None:
        """Take what makes components, and what makes bodies."""
        self.schemas = schemas
        self.references = references
        self.bodies = bodies
        self.ledger = ledger

    def made(self, operations: list[Made], tags: set[str], names: set[str]) -> list[Made]:
        """Return the events that are wanted: all webhooks where nothing is named, and callbacks of the operations."""
        found: dict[str, _Delivered] = {}
        for name, source in [*self._webhooks(tags, names), *self._callbacks(operations)]:
            if name in found:
                self._leave_out(source, f"another event is called {name!r}")
            elif delivered := self._delivered(name, source):
                found[name] = delivered
        if not found:
            return []
        events = list(found.values())
        self._ask(events)
        keys = self._told_apart(events)
        return [self._event(each, key) for each, key in zip(events, keys, strict=True)]

    def _webhooks(self, tags: set[str], names: set[str]) -> Iterator[tuple[str, Node]]:
        found = [each for key in WEBHOOKS for each in self.schemas.document.nodes(key)]
        for name, item in sorted(found, key=lambda each: each[0]):
            for source in self._requests(name, item):
                wanted = not (tags or names) or bool(tags & set(map(str, source.items_of("tags"))))
                called = (name, source.text("operationId"))
                if wanted or any(fnmatchcase(each, pattern) for pattern in names for each in called):
                    yield name, source

    def _callbacks(self, operations: list[Made]) -> Iterator[tuple[str, Node]]:
        for operation in operations:
            for name, callback in operation.source.nodes("callbacks"):
                for _, item in sorted((key, node) for key, node in self._items(callback)):
                    yield from ((name, source) for source in self._requests(name, item))

    def _items(self, callback: Node) -> Iterator[tuple[str, Node]]:
        target = self.references.follow(callback)
        yield from ((key, node) for key, node in target.items() if isinstance(node, Node) and not key.startswith("x-"))

    def _requests(self, name: str, item: Node) -> Iterator[Node]:
        if name.startswith("x-"):
            return
        target = self.references.follow(item)
        yield from (source for method in METHODS if isinstance(source := target.get(method), Node))

    def _delivered(self, name: str, source: Node) -> _Delivered | None:
        body = self.references.follow(source.node("requestBody"))
        found = json_of(body)
        if found is None:
            types = ", ".join(body.node("content"))
            self._leave_out(source, f"its body is {types}, which is not compiled" if types else "it has no body")
            return None
        if others := sorted(set(body.node("content")) - {found[0]}):
            self.ledger.lose(body.at, f"{', '.join(others)} is left out", f"{found[0]} is what is read")
        return _Delivered(name, source, body, found[1], self.bodies.key(found[1], "event"))

    def _leave_out(self, source: Node, why: str) -> None:
        self.ledger.lose(source.at, "the event is left out", why)

    def _ask(self, events: list[_Delivered]) -> None:
        """Leave to people what OpenAPI has no words for, with what the document says near it."""
        said: set[str] = set()
        for each in events:
            nodes = (self.references.follow(node) for node in each.source.list_of("parameters"))
            said |= {f"the header {node.text('name')}" for node in nodes if node.get("in") == "header"}
            owner = each.source if "security" in each.source else self.schemas.document
            said |= {f"the credential {name}" for option in owner.list_of("security") for name in option}
        near = f"the document names {', '.join(sorted(said))}" if said else "nothing of it is published"
        self.ledger.ask("#/webhooks", "say in `x-delivery` how a delivery is signed, and what it is answered", near)

    def _told_apart(self, events: list[_Delivered]) -> list[str]:
        """Return the component that the body of each event is: members of one union, where something tells them."""
        if len({each.key for each in events}) == 1:
            return [each.key for each in events]
        schemas = {each.key: each.media.node("schema") for each in events}
        flats = {key: self.schemas.flat(schema) for key, schema in schemas.items()}
        whole = Node({"oneOf": list(schemas.values())}, EVENT)
        tags, tag = self._tags(list({flat.at: flat for flat in flats.values()}.values()))
        union = self.schemas.unions.tagged(tags, tag, whole) if tag else None
        if union is None:
            self.ledger.ask("#/webhooks", "say which member tells the events apart", "none has other words in each")
            self.schemas.components[EVENT] = {**self.schemas.unions.of(list(schemas.values()), whole), **_DESCRIBED}
            return [EVENT] * len(events)
        self.schemas.components[EVENT] = {**union, **_DESCRIBED}
        mapping: dict[str, str] = union["discriminator"]["mapping"]
        values: dict[str, list[str]] = {}
        for value, member in tags:
            values.setdefault(member.at, []).append(value)
        chosen = [_chosen(each.name, values[flats[each.key].at]) for each in events]
        if None in chosen or {mapping[value] for value in chosen if value is not None} != set(mapping.values()):
            return [EVENT] * len(events)
        return [mapping[value] for value in chosen if value is not None]

    def _tags(self, members: list[Node]) -> tuple[list[tuple[str, Node]], str]:
        """Return how events are told by a member of other words in each, required or not, and its name."""
        tags, tag = self.schemas.unions.pinned(members, required=True)
        if tag:
            return tags, tag
        tags, tag = self.schemas.unions.pinned(members, required=False)
        if tag:
            self.ledger.ask("#/webhooks", f"say whether {tag!r} is always there", "it tells the events apart")
        return tags, tag

    def _event(self, each: _Delivered, key: str) -> Made:
        self.bodies.take_samples(each.media, key)
        node: dict[str, Any] = {name: text for name in ("summary", "description") if (text := each.source.text(name))}
        node |= {"deprecated": True} if each.source.get("deprecated") is True else {}
        content: Schema = {"application/json": {"schema": {"$ref": key}}}
        node |= {"parameters": [], "requestBody": {"required": True, "content": content}}
        node["responses"] = {"2XX": {"description": "The event was received."}}
        return Made(each.name, "post", each.source, Node({}, each.source.at), node, is_event=True)


_DESCRIBED = {"description": "Any delivery."}


def _chosen(name: str, values: list[str]) -> str | None:
    """Return which of the words of a body an event has: its name, or the only one; None where nothing says it."""
    return name if name in values else values[0] if len(values) == 1 else None
