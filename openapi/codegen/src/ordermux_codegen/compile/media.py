"""The media types of bodies: what a body is over the wire, and what it is in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from .components import Components
from .nodes import MEDIA_TYPE, Node, inner_schemas, is_node, json_content, kinds_of, ref_name

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"
RAW = {"text": "str", "bytes": "bytes"}
"""What a body without a schema of its own is in Python, by its kind."""
STREAMS = {"text/event-stream"}
"""What never ends, so that no client reads it whole."""
NAME = r"[A-Za-z0-9!#$&^_.+-]+"
UTF_8 = r"(;\s*charset=\"?utf-8\"?)?"
STYLES = {"form", "spaceDelimited", "pipeDelimited", "deepObject"}
DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


@attrs.frozen
class Media:
    """What a body is: its kind (`json`, `form`, `parts`, `text` or `bytes`), its media type, and what it holds."""

    kind: str
    media_type: str
    node: Node
    accepted: str = ""
    """What is asked for in an answer: all media types of that kind."""

    @property
    def schema(self) -> str:
        """The component that it is; empty for a text and for bytes."""
        return "" if self.kind in RAW else ref_name(self.node.get("schema", {}))


def request_media(body: Node) -> Media | None:
    """Return what a request's body is sent as: JSON, else a form, parts, a text, bytes; None for none of them."""
    if found := json_content(body):
        return Media("json", found[0], found[1])
    content = [(name, media) for name, media in body.get("content", {}).items() if "*" not in name]
    for kind in ("form", "parts", "text", "bytes"):
        for name, media in content:
            if _kind(name) == kind:
                return Media(kind, name, media)
    return None


def answer_media(response: Node) -> Media | None:
    """Return what an answer's body is read as: JSON, else a text where all of it is text, else bytes."""
    if found := json_content(response):
        return Media("json", found[0], found[1], found[0])
    content = response.get("content", {})
    kinds = {name: _kind(name) for name in content}
    if not content or not set(kinds.values()) <= {"text", "bytes"} or any(name.startswith("*") for name in content):
        return None
    kind = "text" if set(kinds.values()) == {"text"} else "bytes"
    first = next(iter(content))
    return Media(kind, first, content[first], ", ".join(content))


def _kind(media_type: str) -> str:
    plain, _, parameters = media_type.partition(";")
    plain = plain.strip().lower()
    if plain in {FORM, PARTS}:
        return {FORM: "form", PARTS: "parts"}[plain] if not parameters else ""
    main, _, sub = plain.partition("/")
    if plain in STREAMS or main == "multipart" or not re.fullmatch(rf"{NAME}|\*", sub) or _is_json(sub):
        return ""
    if main == "text" and sub != "xml":  # what XML is encoded in stands in itself
        return "text" if re.fullmatch(rf"[^;]*{UTF_8}", media_type, re.IGNORECASE) else ""
    return "bytes" if re.fullmatch(NAME, main) and (sub != "*" or main != "application") else ""


def _is_json(sub: str) -> bool:
    return sub == "json" or sub.endswith("+json")


def is_binary(schema: Node) -> bool:
    """Return whether a member of a multipart body is a file (OpenAPI 3.1, 4.8.14.4, and `binary` as 3.0 has it)."""
    if schema.get("format") == "binary" and kinds_of(schema) == {"string"}:
        return True
    return "contentMediaType" in schema and "contentEncoding" not in schema and kinds_of(schema) in (set(), {"string"})


def is_raw_schema(schema: Node, kind: str) -> bool:
    """Return whether a schema says no more of a body than that it is a text, or bytes."""
    said = set(schema) - {"type", "format", "contentMediaType", "description", "title", "example", "examples"}
    said = {name for name in said if not name.startswith("x-") and name not in {"minLength", "maxLength", "pattern"}}
    return not said and kinds_of(schema) <= {"string"} and (kind == "text" or schema.get("format") != "byte")


def encodings(document: Components, media: Media) -> dict[str, str]:
    """Return how the members of a form are written, by name, where that is not plain, and all of a multipart body.

    `deep` for names in brackets, `json`, a delimiter for the items of a list, or the media type of a part.
    """
    return dict(_encodings(document, media))


def _encodings(document: Components, media: Media) -> Iterator[tuple[str, str]]:
    said = media.node.get("encoding", {})
    for name, node in members(document, media):
        encoding = said.get(name, {})
        style, content_type = encoding.get("style", "form"), str(encoding.get("contentType", ""))
        if style == "deepObject":
            yield name, "deep"
        elif media.kind == "parts" and content_type and not re.search("[,*]", content_type):
            yield name, content_type
        elif content_type == MEDIA_TYPE or (media.kind == "parts" and holds_object(document, node)):
            yield name, "json" if media.kind == "form" else MEDIA_TYPE
        elif media.kind == "form" and style in DELIMITERS and not encoding.get("explode", style == "form"):
            yield name, DELIMITERS[style]
        elif media.kind == "parts" and not node.get("readOnly"):
            yield name, ""


def members(document: Components, media: Media) -> list[tuple[str, Node]]:
    """Return the members of a form or of a multipart body."""
    return list(document.schemas.get(media.schema, {}).get("properties", {}).items())


def holds_object(document: Components, schema: Node) -> bool:
    """Return whether a value can be an object, a list in a list, or anything at all: what no plain field can be."""
    waiting, seen, depth = [(schema, 0)], set[str](), 0
    while waiting:
        node, depth = waiting.pop()
        name = ref_name(node)
        if name in seen:
            continue
        seen |= {name} - {""}
        node = document.schemas[name] if name else node
        kinds, inner = kinds_of(node), inner_schemas(node)
        if "object" in kinds or depth > 1 or (not kinds and not inner and not is_binary(node)):
            return True
        waiting += [(each, depth + ("array" in kinds)) for each in inner]
    return False


def is_upload(document: Components, schema: Node) -> bool:
    """Return whether a member is a file or a list of files."""
    target = document.resolve(schema)
    items = target.get("items")
    return is_binary(target) or (is_node(items) and is_binary(document.resolve(items)))


def encoding_keys(media: Media) -> Mapping[str, Node]:
    """Return what `encoding` says, by member."""
    found: Mapping[str, Node] = media.node.get("encoding", {})
    return found
