"""Bodies, of requests and of answers: JSON where there is any, else forms, parts, texts and bytes."""

from __future__ import annotations

import re
from typing import Any

import attrs

from .ledger import Ledger
from .nodes import MARK, Node
from .references import References
from .refusals import RAW, answer_media, request_media
from .schemas import Schemas

JSON = re.compile(r"(application/json|[a-z]+/[a-z0-9.!#$&^_-]+\+json)(;.*)?|\*/\*|application/\*", re.IGNORECASE)
ENCODING = {"contentType", "style", "explode"}


@attrs.frozen
class Sample:
    """An example of a body in the published document."""

    at: str
    key: str
    """The component that it is one of."""
    value: Any


class Bodies:
    """Makes bodies that are compiled, and collects their examples."""

    def __init__(self, schemas: Schemas, references: References, ledger: Ledger) -> None:
        """Take what makes components of their schemas."""
        self.schemas = schemas
        self.references = references
        self.ledger = ledger
        self.samples: list[Sample] = []

    def sent(self, body: Node) -> dict[str, Any] | None:
        """Return the content of a request's body; None where none of its media types is compiled."""
        if json_of(body):
            return self._json(body, "request")
        media = request_media(body)
        if media is None:
            return None
        node = body.node("content").node(media.media_type)
        self._told_types(body, media.media_type)
        if media.kind in RAW:
            return {media.media_type: {"schema": self._raw(node, media.kind)}}
        key = self.key(node, "request")
        if not self._resolved(key).get("properties"):
            return None
        self.take_samples(node, key)
        encoding = self._encoding(node, self._resolved(key)["properties"])
        return {media.media_type.lower(): {"schema": {"$ref": key}, **({"encoding": encoding} if encoding else {})}}

    def read(self, response: Node) -> dict[str, Any] | None:
        """Return the content of an answer; None where none of its media types is compiled."""
        if json_of(response):
            return self._json(response, "response")
        media = answer_media(response)
        if media is None:
            return None
        content = response.node("content")
        return {name: {"schema": self._raw(content.node(name), media.kind)} for name in content}

    def _json(self, body: Node, kind: str) -> dict[str, Any]:
        media_type, media = json_of(body) or ("", body)
        self._told_types(body, media_type)
        key = self.key(media, kind)
        self.take_samples(media, key)
        return {_spelled(media_type): {"schema": {"$ref": key}}}

    def _resolved(self, key: str) -> dict[str, Any]:
        found = self.schemas.components[key]
        while "$ref" in found:
            found = self.schemas.components[found["$ref"]]
        return found

    def _raw(self, media: Node, kind: str) -> dict[str, Any]:
        if self.references.follow(media.node("schema")).node("properties"):
            self.ledger.lose(media.at, "the schema of the body is left out", "what is no JSON is a text, or bytes")
        return {"type": "string", **({"format": "binary"} if kind == "bytes" else {})}

    def _encoding(self, media: Node, members: dict[str, Any]) -> dict[str, Any]:
        """Return how the members of a form are written, as far as it is compiled."""
        found: dict[str, Any] = {}
        for name, node in media.nodes("encoding"):
            if name not in members:
                self.ledger.lose(node.at, f"the encoding of {name!r} is left out", "there is no such member")
                continue
            if odd := sorted(key for key in set(node) - ENCODING if node[key] and not key.startswith("x-")):
                self.ledger.lose(node.at, f"`{'`, `'.join(odd)}` is left out", "it is not compiled")
            kept = {key: node[key] for key in ("contentType", "style", "explode") if key in node}
            if kept:
                found[name] = kept
        return found

    def key(self, media: Node, kind: str) -> str:
        """Return the key of the component that a body is."""
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

    def take_samples(self, media: Node, key: str) -> None:
        """Keep the examples of a body."""
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


def json_of(body: Node) -> tuple[str, Node] | None:
    """Return the media type of a body that is JSON, the plain one rather than a special one.

    What names no media type is JSON too, unless it says that it is a file.
    """
    found = [(name, media) for name, media in body.nodes("content") if JSON.fullmatch(name.strip())]
    found = [each for each in found if "*" not in each[0] or not _is_file(each[1])]
    return min(found, key=lambda each: _rank(each[0]), default=None)


def _is_file(media: Node) -> bool:
    return media.node("schema").get("format") == "binary"


def _rank(name: str) -> tuple[int, str]:
    plain = name.strip().lower()
    return (2 if "*" in plain else 0 if plain.startswith("application/json") else 1, plain)


def _spelled(media_type: str) -> str:
    plain = media_type.strip().partition(";")[0].lower()
    return "application/json" if "*" in plain else plain


def is_empty(media: Node) -> bool:
    """Return whether a body has no members to send."""
    schema = media.node("schema")
    return not schema or (schema.get("type", "object") == "object" and not {"$ref", "properties"} & _said(schema))


def _said(schema: Node) -> set[str]:
    return {name for name in ("$ref", "allOf", "oneOf", "anyOf", "additionalProperties") if name in schema} | (
        {"properties"} if schema.node("properties") else set()
    )
