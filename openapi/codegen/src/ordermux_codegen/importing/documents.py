"""A published document, imported: the whole way from its files to a document of ours."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from . import components as parts
from .bodies import Sample
from .digests import digest
from .events import DELIVERY, Events
from .flattening import listed
from .ledger import Ledger
from .metadata import SOURCE, Metadata
from .naming import Names
from .nodes import MARK, Node, PublishedError, is_mapping, joined, pointer
from .operations import ERROR, Made, Operations
from .overlay import applied, settle
from .reading import Files
from .references import References
from .refitting import PREFIX, PlaceOf, Refitting
from .sampling import Samples
from .schemas import EVENT, Schemas
from .security import Security, servers_of

SHOWN = 20
"""How many tags or names a message lists."""
NameOf = Callable[[str], str]
"""Gives the name of a component by its key."""


@attrs.frozen(kw_only=True)
class Options:
    """What is imported, and how."""

    provider: str
    tags: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    """By `operationId`, in which `*` stands for any letters; all where neither tags nor operations are named."""
    address: str = ""
    """Where the document is published."""
    server: str = ""
    """The API's address, where the document does not name it in full."""
    trusted: bool = False
    """Whether what the document requires of an answer is believed."""
    read: datetime.date = attrs.field(factory=lambda: datetime.datetime.now(datetime.UTC).date())


@attrs.frozen(kw_only=True)
class Corrections:
    """Overlays: of the published document, and of what became of it."""

    published: Any = None
    imported: Any = None


@attrs.frozen(kw_only=True)
class Imported:
    """What became of a published document."""

    raw: dict[str, Any]
    names: Names
    ledger: Ledger
    samples: list[Sample]
    """All published examples of bodies, those that do not fit included; the key is the component's name."""
    counts: dict[str, int]


def import_document(files: Files, options: Options, names: Names, corrections: Corrections, version: str) -> Imported:
    """Return what becomes of a published document.

    `names` is changed: it has all names afterwards. `version` is that of the package.

    Raises PublishedError where the document cannot be read, or nothing of it can be compiled.
    """
    document = files.document()
    if corrections.published is not None:
        document = applied(document, corrections.published, "published.overlay.yaml")
        files.replace(document)
    return _Import(document, files, options, names).done(corrections.imported, version)


class _Import:
    def __init__(self, document: Node, files: Files, options: Options, names: Names) -> None:
        self.document = document
        self.options = options
        self.names = names
        self.files = files
        self.ledger = Ledger()
        self.references = References(files, self.ledger)
        self.schemas = Schemas(self.references, self.ledger, document)
        security = Security(document, self.references, self.ledger)
        self.security = security
        self.operations = Operations(self.schemas, self.references, security, self.ledger, options.address)

    def done(self, corrections: Any, version: str) -> Imported:
        """Do all of it."""
        tags, names = set(self.options.tags), set(self.options.operations)
        selected = list(self.operations.selected(tags, names))
        made = [found for each in selected if (found := self.operations.made(*each))]
        events = Events(self.schemas, self.references, self.operations.bodies, self.ledger).made(made, tags, names)
        if not selected and not events:
            raise PublishedError(f"the document has no operations{self._choices() if tags or names else ''}")
        made += events
        if not made:
            raise PublishedError("none of the operations can be compiled:\n" + _told(self.ledger))
        self._components(made)
        self._name_operations(made)
        name_of = self._names(made)
        raw = self._document(made, name_of, version)
        at_of = self._places(made, name_of)
        Refitting(self.options.provider, raw, at_of, self.ledger).refit()
        if not raw["paths"] and not raw.get("webhooks"):
            raise PublishedError("none of the operations can be compiled:\n" + _told(self.ledger))
        samples = [attrs.evolve(each, key=name_of(each.key)) for each in self.operations.bodies.samples]
        samples += [Sample(at_of(("components", "schemas", name)), name, value) for name, value in _examples(raw)]
        if corrections is not None:
            corrected = dict(applied(Node(raw, "#"), corrections, "imported.overlay.yaml"))
            settle(raw, corrected)
            raw = corrected
        kept = [each for each in samples if each.key in raw["components"]["schemas"]]
        fitting = Samples(raw, self.ledger, at_of, self.references.value).place(kept)
        counts = {"selected": len(selected), "operations": sum(len(item) for item in raw["paths"].values())}
        counts |= {"events": len(raw.get("webhooks", {})), "samples": len(kept), "fitting": fitting}
        return Imported(raw=raw, names=self.names, ledger=self.ledger, samples=kept, counts=counts)

    def _choices(self) -> str:
        """Return what could have been chosen, where nothing is of the tags and names that were."""
        found = [operation for *_, operation in self.operations.selected(set(), set())]
        tags = sorted({str(tag) for operation in found for tag in operation.items_of("tags")})
        names = sorted({name for operation in found if (name := operation.text("operationId"))})
        told = [f"the {kind} {_some(each)}" for kind, each in (("tags", tags), ("names", names)) if each]
        return " of these tags and names" + (f"; it has {' and '.join(told)}" if told else "")

    def _components(self, made: list[Made]) -> None:
        """Settle the components once all are made, and what the operations refer to."""
        components = self.schemas.components
        self.error = self.operations.error()
        instead = parts.settle_nulls(components, self.ledger) | {ERROR: self.error}
        self._refer(made, instead)
        for key in list(components):
            components[key] = parts.renamed(components[key], lambda name: instead.get(name, name))
        sent, read = self._roots(made)
        sent, read = parts.reachable(components, sent), parts.reachable(components, read)
        apart, inputs = parts.split(components, sent, read)
        for each in made:
            if (body := each.node.get("requestBody")) and not each.is_event:
                body["content"] = parts.renamed(body["content"], lambda name: inputs.get(name, name))
        self.operations.bodies.samples = [
            self._sample(each, instead, inputs, sent - read) for each in self.operations.bodies.samples
        ]
        for key in sorted(apart):
            self.ledger.ask(key, "look at the two schemas of what is sent and what is read", "some members are one way")
        sent, read = self._roots(made)
        read = parts.reachable(components, read)
        parts.loosen(components, read, self.ledger, SOURCE, trusted=self.options.trusted)
        kept = read | parts.reachable(components, sent)
        self.schemas.components = {key: components[key] for key in kept}
        parts.mask(self.schemas.components, self.ledger)

    def _refer(self, made: list[Made], instead: Mapping[str, str]) -> None:
        for each in made:
            each.node = parts.renamed(each.node, lambda name: instead.get(name, name))

    @staticmethod
    def _sample(sample: Sample, instead: Mapping[str, str], inputs: Mapping[str, str], _: set[str]) -> Sample:
        key = instead.get(sample.key, sample.key)
        is_sent = "/requestBody/" in sample.at and not re.search("^#/(x-)?webhooks/|/callbacks/", sample.at)
        return attrs.evolve(sample, key=inputs.get(key, key) if is_sent else key)

    def _roots(self, made: list[Made]) -> tuple[set[str], set[str]]:
        """Return the components that bodies are, and parameters: those that are sent, and those that are read."""
        bodies = [(each.is_event, key) for each in made for key in parts.references(each.node.get("requestBody", {}))]
        sent = {key for is_event, key in bodies if not is_event}
        sent |= {key for each in made for key in parts.references(each.node["parameters"])}
        read = {key for each in made for key in parts.references(each.node["responses"])}
        events = {EVENT} & set(self.schemas.components)
        return sent, read | events | {key for is_event, key in bodies if is_event} | {self.error}

    def _name_operations(self, made: list[Made]) -> None:
        self.names.name_operations({each.called: each.source.text("operationId") for each in made})

    def _names(self, made: list[Made]) -> NameOf:
        found = self.names.name_schemas(self.schemas.components, self.error, self._value_at)
        for each in made:
            each.node["operationId"] = self.names.operations[each.called]

        def name_of(key: str) -> str:
            return found.get(key, key)

        return name_of

    def _value_at(self, address: str) -> Any:
        base = Node({}, address.partition("#")[0] + "#")
        return self.references.target(address, base) if self.references.exists(address, base) else None

    def _document(self, made: list[Made], name_of: NameOf, version: str) -> dict[str, Any]:
        servers = servers_of(self.document, self.options.address)
        if self.options.server:
            servers = [{"url": self.options.server, "description": "production"}]
        if not servers:
            raise PublishedError("the document names no server in full: say it by --server")
        metadata = Metadata(self.ledger, self.document)
        schemas = {name_of(key): schema for key, schema in self.schemas.components.items()}
        ordered = {name: schemas[name] for name in sorted(schemas)}
        nodes = [each.node for each in made if not each.is_event]
        raw: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": metadata.info(version),
            "servers": servers,
            "tags": metadata.tags([each for each in made if not each.is_event]),
            "x-sources": {SOURCE: self._source(made)},
            "paths": _paths([each for each in made if not each.is_event]),
            **_webhooks([each for each in made if each.is_event]),
            "components": {"securitySchemes": self.security.used(nodes), "schemas": ordered},
        }
        raw = parts.renamed(raw, lambda key: f"{PREFIX}{name_of(key)}")
        metadata.fill(raw)
        return raw

    def _source(self, made: list[Made]) -> dict[str, Any]:
        title = self.document.node("info").text("title") or self.options.provider
        source = {"title": title, "url": self.options.address or self.files.source.main}
        selection = {"tags": [*self.options.tags], "operations": [*self.options.operations]}
        return {
            **source,
            "read": str(self.options.read),
            "version": str(self.document.node("info").get("version", "")),
            **({"selection": chosen} if (chosen := {kind: each for kind, each in selection.items() if each}) else {}),
            **({"server": self.options.server} if self.options.server else {}),
            **({"required-is-trusted": True} if self.options.trusted else {}),
            "pointers": self._digests(made),
        }

    def _digests(self, made: list[Made]) -> dict[str, str]:
        """Return the digest of each part that was taken: an operation, what its path says, a component."""
        taken = {each.source.at: each.source for each in made}
        for each in made:
            if each.item.get("parameters"):
                taken[each.item.below("parameters")] = Node({"parameters": each.item["parameters"]}, each.item.at)
        addresses = {_unit(at) for at in self.references.visited} | {_unit(key) for key in self.schemas.components}
        for address in addresses:
            base = Node({}, address.partition("#")[0] + "#")
            reference = f"#{address.partition('#')[2]}"
            if address and address not in taken and self.references.exists(reference, base):
                taken[address] = self.references.target(reference, base)
        return {pointer(at) or "/": digest(taken[at]) for at in sorted(taken)}

    def _places(self, made: list[Made], name_of: NameOf) -> PlaceOf:
        keys = {name_of(key): key for key in self.schemas.components}
        sources = {("webhooks" if each.is_event else "paths", each.path, each.method): each.source for each in made}

        def at_of(place: tuple[str | int, ...]) -> str:
            first, second, third, *rest = place
            if first in {"paths", "webhooks"}:
                source = sources.get((str(first), str(second), str(third)))
                return source.at if source is not None else "#"
            return joined(keys[str(third)].partition(MARK)[0], *rest) if third in keys else "#"

        return at_of


def _some(names: list[str]) -> str:
    """Return names in a line, not more of them than can be read."""
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _unit(address: str) -> str:
    """Return the address of the component that a place is in, or of the place itself where it is in none."""
    base = address.partition(MARK)[0]
    file, _, place = base.partition("#")
    names = place.split("/")[1:]
    match names:
        case ["components", kind, name, *_]:
            return f"{file}#/components/{kind}/{name}"
        case ["paths" | "webhooks" | "x-webhooks", *_]:
            return ""
        case _:
            return base if file or names else ""


def _paths(made: list[Made]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in made:
        paths.setdefault(each.path, {})[each.method] = each.node
    return paths


def _webhooks(events: list[Made]) -> dict[str, Any]:
    if not events:
        return {}
    return {"webhooks": {each.path: {each.method: each.node} for each in events}, "x-delivery": dict(DELIVERY)}


def _examples(raw: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the examples in the components, each with the component's name, and take them out."""
    schemas = raw["components"]["schemas"]
    return [(name, value) for name, schema in schemas.items() for value in schema.pop("examples", [])]


def _told(ledger: Ledger) -> str:
    return "\n".join(f"{entry.place}: {entry.what}: {entry.why}" for entry in ledger.losses[:20])


def recorded(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a document says of the published one that it was made of; nothing where it was written by hand."""
    source: Any = raw.get("x-sources", {}).get(SOURCE)
    return source if is_mapping(source) and "pointers" in source else {}


def selection(source: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """Return the tags or operations that were taken the last time."""
    found = source.get("selection", {}).get(kind, [])
    return tuple(str(each) for each in listed(found))
