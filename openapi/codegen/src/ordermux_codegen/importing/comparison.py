"""What a newer published document says otherwise than the one that was imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .flattening import listed

PREFIX = "#/components/schemas/"


@attrs.frozen(kw_only=True)
class Difference:
    """What moved between two published documents."""

    changed: list[str]
    """The pointers of parts whose digest is another one."""
    new: list[str]
    gone: list[str]
    moved: list[tuple[str, str]]
    """The pointers of parts that stand elsewhere now, as they were."""
    facts: list[str]
    """What that is to the document of ours: operations, parameters, fields and words."""

    def __bool__(self) -> bool:
        """Return whether anything moved."""
        return bool(self.changed or self.new or self.gone or self.moved or self.facts)


def compared(before: Mapping[str, str], after: Mapping[str, str], facts: list[str]) -> Difference:
    """Return what moved, by the digests of two documents' parts."""
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    moved: list[tuple[str, str]] = []
    for old in list(gone):
        target = next((at for at in new if after[at] == before[old]), None)
        if target is not None:
            moved.append((old, target))
            gone.remove(old)
            new.remove(target)
    changed = sorted(at for at in set(before) & set(after) if before[at] != after[at])
    return Difference(changed=changed, new=new, gone=gone, moved=moved, facts=facts)


def moved_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return which operations, parameters, fields and words are new, gone or other, in words."""
    events = _sets("event", before.get("webhooks", {}), after.get("webhooks", {}))
    return [*_operations(before, after), *events, *_schemas(before, after)]


def _operations(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = _by_place(before), _by_place(after)
    yield from _sets("operation", old, new)
    for place in sorted(set(old) & set(new)):
        name, one, other = new[place]["operationId"], old[place], new[place]
        yield from _sets(f"{name}: parameter", _parameters(one), _parameters(other))
        yield from _sets(f"{name}: status", one["responses"], other["responses"])
        if bool(one.get("deprecated")) != bool(other.get("deprecated")):
            yield f"{name}: {'deprecated' if other.get('deprecated') else 'deprecated no more'}"


def _by_place(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {f"{method.upper()} {path}": node for path, item in raw["paths"].items() for method, node in item.items()}


def _parameters(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{node['name']} in {node['in']}": node for node in operation.get("parameters", ())}


def _schemas(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before["components"]["schemas"], after["components"]["schemas"]
    yield from _sets("schema", old, new)
    for name in sorted(set(old) & set(new)):
        one, other = old[name], new[name]
        yield from _sets(f"{name}: word", dict.fromkeys(one.get("enum", ())), dict.fromkeys(other.get("enum", ())))
        members, others = one.get("properties", {}), other.get("properties", {})
        yield from _sets(f"{name}: field", members, others)
        for member in sorted(set(members) & set(others)):
            if _form(members[member]) != _form(others[member]):
                yield f"{name}: field {member} is {_form(others[member])}, was {_form(members[member])}"
        yield from _sets(f"{name}: kind", _kinds(one), _kinds(other))
        required = dict.fromkeys(one.get("required", ())), dict.fromkeys(other.get("required", ()))
        yield from _sets(f"{name}: required field", *required)


def _kinds(schema: Mapping[str, Any]) -> dict[str, None]:
    return {
        str(member.get("$ref", member.get("type"))).removeprefix(PREFIX): None for member in schema.get("oneOf", ())
    }


def _form(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(PREFIX)
    kind = schema.get("type", "any value")
    told = " or ".join(map(str, listed(kind)))
    if isinstance(schema.get("items"), Mapping):
        return f"{told} of {_form(schema['items'])}"
    return f"{told} ({schema['format']})" if "format" in schema else told


def _sets(what: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[str]:
    yield from (f"{what} {name} is gone" for name in sorted(set(old) - set(new), key=str))
    yield from (f"{what} {name} is new" for name in sorted(set(new) - set(old), key=str))
