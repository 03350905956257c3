"""Unions whose members cannot be told apart, and components that contain themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..document import Document
from ..nodes import SCHEMA_REF, Node, inner_schemas, is_secret, kinds_of, ref_name
from ..unions import AlikeError, members_of, rules_of
from ..yaml_positions import At
from .finding import Finding

CURES = {
    "a string": "make it one `type: string`, or one `enum`, which keeps words that it does not know",
    "a list": "make it one list, of a union",
}
OBJECT = "an object"
TELL_APART = (
    "say `discriminator`, require of each a member with words of its own, or of one what the other does not have, or"
    " make it one object"
)


def cycle_findings(document: Document) -> Iterator[Finding]:
    """Yield each component that contains itself with no object's property in between: no decoder takes it."""
    for name in document.schemas:
        seen: set[str] = set()
        waiting = inner_schemas(document.schemas[name])
        while waiting:
            node = waiting.pop()
            inner = ref_name(node)
            if inner in seen:
                continue
            seen |= {inner} - {""}
            node = document.schemas[inner] if inner else node
            waiting += [] if node.get("properties") else inner_schemas(node)
        if name in seen:
            what = f"{name}, which contains itself with no object's property in between"
            yield Finding(("components", "schemas", name), what, "put an object in between, or say `{}`")


def union_findings(document: Document) -> Iterator[Finding]:
    """Yield what is not compiled of the unions."""
    tags: dict[str, tuple[str, object]] = {}
    for name, schema in document.schemas.items():
        at: At = ("components", "schemas", name)
        if "discriminator" in schema:
            yield from _tagged(document, at, schema, tags)
        elif members_of(schema):
            yield from _plain(document, at, schema)
    yield from _alone(document, set(tags))


def _tagged(document: Document, at: At, schema: Node, tags: dict[str, tuple[str, object]]) -> Iterator[Finding]:
    discriminator = schema["discriminator"]
    key = discriminator.get("propertyName")
    mapped: dict[str, list[object]] = {}
    for value, target in discriminator.get("mapping", {}).items():
        mapped.setdefault(str(target).removeprefix(SCHEMA_REF), []).append(value)
    names = [ref_name(member) for member in members_of(schema)]
    for name in sorted(set(mapped) - set(names)):
        yield Finding((*at, "discriminator"), f"a discriminator that maps {name!r}, which is no member")
    for name in names:
        properties = document.schemas.get(name, {}).get("properties", {})
        pinned = properties.get(key, {}).get("const")
        if not isinstance(pinned, str) or mapped.get(name) != [pinned]:
            what = f"a discriminator that does not tell the member {name or 'without a name'}"
            yield Finding((*at, "discriminator"), what, "map each member, and pin its value by `const`")
        elif tags.setdefault(name, (key, pinned)) != (key, pinned):
            yield Finding((*at, "discriminator"), f"{name} in two unions that tell it by other properties")
    if len({tags.get(name) for name in names}) != len(names):
        yield Finding((*at, "discriminator"), "a discriminator with one value for two members")


def _plain(document: Document, at: At, schema: Node) -> Iterator[Finding]:
    forms: Counter[str] = Counter()
    for member in members_of(schema):
        forms.update(set(_forms(document, member)))
    if forms["anything"]:
        yield Finding(at, "a union with a member that is any value", "say `{}` instead")
    elif forms["secret"] and set(forms) - {"secret", "null"}:
        yield Finding(at, "a secret beside other members of a union", "make the union a string with `format: password`")
    for form, times in forms.items():
        if times > 1 and form == OBJECT:
            try:
                rules_of(document, schema)
            except AlikeError as error:
                what = f"a union of several members that are {form} in JSON, which nothing tells apart: {error}"
                yield Finding(at, what, TELL_APART)
        elif times > 1 and form != "null":
            cure = CURES.get(form, "make it one member")
            yield Finding(at, f"a union of several members that are {form} in JSON", cure)


def _forms(document: Document, schema: Node) -> Iterator[str]:
    """Yield what tells a value in JSON, as the decoder does: it takes one member of each."""
    target = document.schemas[ref_name(schema)] if ref_name(schema) else schema
    if members := members_of(target):
        for member in members:
            yield from _forms(document, member)
        return
    kinds = kinds_of(target)
    if not kinds:
        yield "anything"
    for kind in kinds:
        if is_secret(target):
            yield "secret" if kind == "string" else kind
        elif kind == "number":
            yield from ("a number", "a string")  # a decimal is read from either
        else:
            yield {"array": "a list", "object": OBJECT, "integer": "an integer", "string": "a string"}.get(kind, kind)


def _alone(document: Document, tagged: set[str]) -> Iterator[Finding]:
    """Yield each member of a union with a discriminator that stands alone inside of another schema.

    There it would be read from an object that has no value for the discriminator.
    """
    for name, schema in document.schemas.items():
        at: At = ("components", "schemas", name)
        places: Mapping[At, Node] = {(*at, "properties", m): node for m, node in schema.get("properties", {}).items()}
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), Mapping):
                places = {**places, (*at, key): schema[key]}
        for where, node in places.items():
            inner = node.get("items", node)
            if ref_name(inner) in tagged:
                yield Finding(where, f"{ref_name(inner)}, a member of a union, alone", "refer to the union")
        if "discriminator" not in schema:
            for member in members_of(schema):
                inner = member.get("items", member)
                if ref_name(inner) in tagged:
                    yield Finding(at, f"{ref_name(inner)}, a member of a union, in one without a discriminator")
