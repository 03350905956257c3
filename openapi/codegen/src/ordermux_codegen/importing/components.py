"""What is done to the components once all are made: nulls, what is only read or only sent, what is required."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .ledger import Ledger
from .nodes import MARK, is_list, is_mapping
from .refusals import SOUNDS_SECRET
from .schemas import Schema

Components = dict[str, Schema]
SENT = f"{MARK}sent"
"""Behind the key of what is sent, where what is read differs from it."""


DATA = frozenset({"example", "examples", "default", "const", "enum"})
"""Below these a document holds values, not more of itself."""
NAMING = frozenset({"properties", "responses", "schemas", "paths", "content"})
"""Below these the keys are names, whatever they are."""


def references(value: Any, *, names: bool = False) -> Iterator[str]:
    """Yield the key of each component that a part refers to; `names` tells that its keys are names."""
    if is_mapping(value):
        if not names and isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for name, inner in value.items():
            if names or name not in DATA:
                yield from references(inner, names=not names and name in NAMING)
    elif is_list(value):
        for inner in value:
            yield from references(inner)


def renamed(value: Any, name_of: Callable[[str], str], *, names: bool = False) -> Any:
    """Return a copy of a part whose references lead to other names; values are left as they are."""
    if is_mapping(value):
        return {
            name: renamed(inner, name_of) if names else _renamed(name, inner, name_of) for name, inner in value.items()
        }
    if is_list(value):
        return [renamed(inner, name_of) for inner in value]
    return value


def _renamed(name: str, value: Any, name_of: Callable[[str], str]) -> Any:
    if name in DATA:
        return value
    if name == "$ref":
        return name_of(value)
    if name == "mapping":
        return {key: name_of(target) for key, target in value.items()}
    return renamed(value, name_of, names=name in NAMING)


def reachable(components: Components, keys: Iterable[str]) -> set[str]:
    """Return the keys of the components that can stand somewhere in these."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += references(components[key])
    return found


def settle_nulls(components: Components, ledger: Ledger) -> dict[str, str]:
    """Write what is a component or null as the compiler takes it; return the keys that others stand for now."""
    instead: dict[str, str] = {}
    for key, schema in list(components.items()):
        if not key.endswith(f"{MARK}null"):
            continue
        inner = key.removesuffix(f"{MARK}null")
        target = components[inner]
        if target.get("discriminator"):
            ledger.lose(inner, "null is left out", "a union that a discriminator tells apart cannot be null")
            instead[key] = inner
        elif not {"type", "oneOf", "$ref"} & set(target):
            instead[key] = inner
        elif "oneOf" in target:
            members = [member for member in target["oneOf"] if member.get("type") != "null"]
            schema["oneOf"] = [*members, {"type": "null"}]
    return instead


def split(components: Components, sent: set[str], read: set[str]) -> tuple[set[str], dict[str, str]]:
    """Tell apart what is sent and what is read of it, where a member is only the one or the other.

    Return the keys that are split, and for each what stands for it in what is sent.
    """
    both = sent & read
    apart = {key for key in both if any(_one_way(node) for node in components[key].get("properties", {}).values())}
    grown = True
    while grown:
        more = {key for key in both - apart if apart & set(references(components[key]))}
        grown = bool(more)
        apart |= more
    instead = {key: f"{key}{SENT}" for key in apart}
    for key in sorted(apart):
        components[instead[key]] = renamed(components[key], lambda name: instead.get(name, name))
    for key in sent - read:
        components[key] = renamed(components[key], lambda name: instead.get(name, name))
    return apart, instead


def _one_way(node: Schema) -> bool:
    return bool(node.get("readOnly") or node.get("writeOnly"))


def tags_of(components: Components) -> dict[str, str]:
    """Return the member that tells each member of a union from the others, by its key."""
    found: dict[str, str] = {}
    for schema in components.values():
        if discriminator := schema.get("discriminator"):
            found |= dict.fromkeys(discriminator["mapping"].values(), discriminator["propertyName"])
    return found


def loosen(components: Components, read: set[str], ledger: Ledger, source: str, *, trusted: bool) -> None:
    """Require of what is read no more than what tells a union's members apart, or what is trusted.

    A published document often requires what does not always come, and a field that is missing costs the whole answer.
    """
    tags = tags_of(components)
    for key in sorted(read):
        schema = components[key]
        tag = tags.get(key)
        names = [name for name in schema.get("required", ()) if name != tag]
        kept = names if trusted else []
        if names and not trusted:
            ledger.ask(key, f"say which members are always there: {', '.join(names)}", "published as required")
        for name in [*kept, *([tag] if tag else [])]:
            why = "it tells the members of a union apart" if name == tag else "the published document requires it"
            member = schema["properties"][name]
            if "$ref" in member or "x-basis" not in member:
                member["x-basis"] = {"public": source, "required": why}
        required = [name for name in schema.get("required", ()) if name in kept or name == tag]
        schema.pop("required", None)
        if required:
            schema["required"] = required


def mask(components: Components, ledger: Ledger) -> None:
    """Mask each text whose name sounds like a secret's, and leave it to people to say which is none."""
    for key, schema in components.items():
        for name, member in schema.get("properties", {}).items():
            if SOUNDS_SECRET.search(name):
                _mask(components, key, name, member, ledger)


def _mask(components: Components, key: str, name: str, member: Schema, ledger: Ledger) -> None:
    target = _resolved(components, member)
    inner = [_resolved(components, node) for node in _inner(target)]
    texts = [node for node in (target, *inner) if node.get("type") == "string" or _maybe_text(node)]
    open_texts = [node for node in texts if node.get("format") != "password"]
    if not open_texts:
        return
    fixed = [node for node in open_texts if {"enum", "const"} & set(node)]
    if fixed == open_texts:
        member["x-public"] = "its words stand in the document"
    elif "oneOf" in target and len(texts) < len(_inner(target)):
        member["x-public"] = "not judged: it may be something else than a text, and cannot be masked"
        ledger.ask(key, f"say whether the member {name!r} is a secret", "its name says so; it is not masked")
    else:
        for node in open_texts:
            if node not in fixed:
                node["format"] = "password"
                node.pop("default", None)
        ledger.ask(key, f"say whether the member {name!r} is a secret", "it is masked by its name; else `x-public`")
        if fixed:
            member["x-public"] = "some of its words stand in the document"


def _maybe_text(node: Schema) -> bool:
    return isinstance(node.get("type"), list) and "string" in node["type"]


def _inner(schema: Schema) -> list[Schema]:
    found = [*schema.get("oneOf", ()), schema.get("items"), schema.get("additionalProperties")]
    return [node for node in found if is_mapping(node)]


def _resolved(components: Components, node: Schema) -> Schema:
    while "$ref" in node:
        node = components[node["$ref"]]
    return node
