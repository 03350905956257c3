"""Bodies that are not compiled."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import Document
from ..media import (
    RAW,
    STYLES,
    Media,
    answer_media,
    encoding_keys,
    holds_object,
    is_raw_schema,
    is_upload,
    members,
    request_media,
)
from ..nodes import MEDIA_TYPE, Node, is_node, kinds_of, ref_name
from ..yaml_positions import At
from .finding import Finding

MEDIA = {"schema", "example", "examples"}
ENCODING = {"contentType", "style", "explode"}
COMPONENT = "make it a component and refer to it"
CURES = {
    "multipart/mixed": "only `multipart/form-data` is compiled",
    "text/event-stream": "a stream is not compiled; say the media type of a whole answer",
}
BRACKETS = "say `encoding: {%s: {style: deepObject, explode: true}}` for names in brackets, or `contentType` for JSON"


def body_findings(document: Document, at: At, node: Node, *, answer: bool) -> Iterator[Finding]:
    """Yield what is not compiled of a request's body, or of an answer's."""
    content = node.get("content", {})
    if not content:
        return
    media = (answer_media if answer else request_media)(node)
    if media is None:
        yield Finding(at, f"the media type {', '.join(content)}", _cure(content))
        return
    here = (*at, media.media_type)
    known = MEDIA | ({"encoding"} if media.kind in {"form", "parts"} else set[str]())
    for name in media.node:
        if name not in known and not str(name).startswith("x-"):
            yield Finding((*here, name), f"`{name}` of a media type")
    schema = media.node.get("schema", {})
    if media.kind in RAW:
        if not (is_node(schema) and is_raw_schema(schema, media.kind)):
            yield Finding(here, f"a {'text' if media.kind == 'text' else 'file'} whose schema says more", "say `{}`")
    elif ref_name(schema) not in document.schemas or set(schema) - {"$ref", "description"}:
        yield Finding(here, "a body that is no reference to a component", COMPONENT)
    elif answer and document.holds_secret({"$ref": schema["$ref"]}):
        yield Finding(
            here, f"{ref_name(schema)}, an answer that is a secret as a whole", "make it a member of an object"
        )
    elif media.kind in {"form", "parts"}:
        yield from _fields(document, here, media)


def _cure(content: Node) -> str:
    for name in content:
        plain = name.partition(";")[0].strip().lower()
        if plain in CURES:
            return CURES[plain]
        if plain.startswith(("*", "application/*")):
            return "name the media type, such as `application/json`"
    return "JSON, forms, `multipart/form-data`, texts in UTF-8 and bytes are compiled"


def _fields(document: Document, at: At, media: Media) -> Iterator[Finding]:
    schema = document.schemas[media.schema]
    kind = "form" if media.kind == "form" else "multipart body"
    fields = dict(members(document, media))
    if kinds_of(schema) != {"object"} or not fields:
        yield Finding(at, f"a {kind} whose schema declares no members", "list its fields by `properties`")
        return
    for name, encoding in encoding_keys(media).items():
        here = (*at, "encoding", name)
        if name not in fields:
            yield Finding(here, f"the encoding of {name!r}, which the schema does not have")
        else:
            yield from _encoding(document, here, media, encoding, fields[name])
    for name, node in fields.items():
        said = encoding_keys(media).get(name, {})
        is_plain = not holds_object(document, node) or said.get("style") == "deepObject"
        if media.kind == "form" and not is_plain and said.get("contentType") != MEDIA_TYPE:
            told = f"the member {name!r} of a form, which is no plain value"
            yield Finding((*at, "encoding", name), told, BRACKETS % name)
        if media.kind == "parts" and holds_object(document, node) and _is_other(said):
            yield Finding((*at, "encoding", name), f"the member {name!r} of a multipart body as {said['contentType']}")


def _is_other(encoding: Node) -> bool:
    return str(encoding.get("contentType", MEDIA_TYPE)) != MEDIA_TYPE and encoding.get("style") != "deepObject"


def _encoding(document: Document, at: At, media: Media, encoding: Node, node: Node) -> Iterator[Finding]:
    known = ENCODING | ({"allowReserved"} if encoding.get("allowReserved") is False else set[str]())
    for name in encoding:
        if name not in known and not str(name).startswith("x-"):
            yield Finding((*at, name), f"`{name}` of an encoding")
    style, content_type = encoding.get("style", "form"), encoding.get("contentType", MEDIA_TYPE)
    if style not in STYLES or (media.kind == "parts" and style not in {"form", "deepObject"}):
        yield Finding((*at, "style"), f"`style: {style}` of a body's member")
    elif style == "deepObject" and encoding.get("explode") is False:
        yield Finding((*at, "explode"), "`style: deepObject` that does not explode")
    elif style.endswith("Delimited") and encoding.get("explode") is True:
        yield Finding((*at, "explode"), f"`style: {style}` that explodes")
    if media.kind == "form" and content_type not in {MEDIA_TYPE, "text/plain"}:
        yield Finding((*at, "contentType"), f"the member of a form as {content_type}")
    if media.kind == "parts" and is_upload(document, node) and style == "deepObject":
        yield Finding((*at, "style"), "a file by `style: deepObject`")


def file_findings(document: Document) -> Iterator[Finding]:
    """Yield each multipart body with files that is something else, too, where a file has no form."""
    uploads = document.uploads()
    others: set[str] = set()
    for operation in document.operations:
        if operation.body and operation.body.kind != "parts":
            others |= document.reachable([operation.body.name])
        if operation.body and operation.body.kind == "parts":
            others |= document.reachable([operation.body.name]) - {operation.body.name}
    for name in sorted(uploads & (others | document.read())):
        what = f"{name}, a multipart body with files that is sent or read as JSON, too"
        yield Finding(("components", "schemas", name), what, "make two schemas of it")
