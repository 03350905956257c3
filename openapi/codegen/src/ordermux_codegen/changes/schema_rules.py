"""What a difference in a schema is for the users of the client, by whether it is sent, comes, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ..compile.document import Document
from ..compile.nodes import ref_name
from .findings import Finding, Keys, Kind, look
from .locations import Locations
from .operation_rules import KEYWORDS
from .spelling import is_list, wordless
from .verdict import Ruled, Verdict, difference, moved

PATCH, MINOR, MAJOR = Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR
TYPED_FORMATS = {"date-time", "date", "decimal", "password", "binary"}
"""The formats that a type of its own, or a mask, stands for; a text that is binary is a file in a multipart body."""
LIMITS = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), 1),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), -1),
}
"""The keywords that bound a value: from below 1, from above -1."""
OTHER_LIMITS = {"pattern", "multipleOf", "uniqueItems"}
OTHER_TYPES = {"const", "items", "oneOf", "anyOf", "allOf", "prefixItems"}
"""The keywords that make another type of a schema, other than those with a rule of their own."""
EXHAUSTIVE = "code that ends in assert_never fails under mypy until it knows it"
NO_RULE = "no rule knows it; give it one in ordermux_codegen/changes/rules.py"


def schema_rule(finding: Finding, locations: Locations) -> Ruled:
    """Yield what a difference in a schema means."""
    way = locations.directions(finding.at)
    if finding.at[-2] in _HOLDERS and (finding.kind is not Kind.MODIFIED or finding.at[-2] == "schemas"):
        yield from _membership(finding, locations)
    elif _discriminator_in(finding.at):
        yield from _told_apart(finding, locations)
    elif finding.name in _RULES:
        yield from _RULES[finding.name](finding, locations)
    elif finding.name in LIMITS or finding.name in OTHER_LIMITS:
        yield _limit(finding, locations), f"{finding.name} {difference(finding.before, finding.after)}"
    elif finding.name == "format":
        typed = {finding.before, finding.after} & TYPED_FORMATS
        yield (MAJOR if typed else PATCH), f"format {difference(finding.before, finding.after)}"
    elif finding.name == "default":
        yield PATCH, f"the server's default, {difference(finding.before, finding.after)}"
    elif finding.name in OTHER_TYPES:
        yield MAJOR, f"{finding.name}, {difference(finding.before, finding.after)}"
    elif finding.name == "readOnly":
        words = "read only now: it is ignored or refused where it is sent" if finding.after else "no longer read only"
        yield (MINOR if "request" in way else PATCH), words
    elif finding.name == "writeOnly":
        words = "write only now: no answer has it" if finding.after else "no longer write only"
        yield (MAJOR if finding.after and "response" in way else PATCH if finding.after else MINOR), words
    else:
        yield KEYWORDS.get((finding.name, bool(finding.after))) or unknown(finding)


_HOLDERS = {"properties", "schemas", "oneOf", "anyOf"}


def _discriminator_in(at: Keys) -> int:
    """Return where in a place the keyword stands, which is no field of that name; 0 if it does not."""
    return next((n for n, key in enumerate(at) if key == "discriminator" and at[n - 1] != "properties"), 0)


def _retyped(finding: Finding, locations: Locations) -> Ruled:
    before, after = _types(finding.before), _types(finding.after)
    wider, narrower = before < after or "any" in after - before, after < before or "any" in before - after
    verdict = moved(locations.directions(finding.at), wider=wider, narrower=narrower)
    yield verdict, f"type {difference(finding.before, finding.after)}"


def _fields(finding: Finding, _: Locations) -> Ruled:
    """Yield the fields of an object that had none before, or has none now."""
    names = ", ".join(finding.after or finding.before or ())
    yield (MAJOR, f"{names}: gone") if finding.after is None else (MINOR, f"{names}: new")


def _other_keys(finding: Finding, locations: Locations) -> Ruled:
    """Yield what became of the fields that have no name: whether they may be there, or what they are."""
    if {type(finding.before), type(finding.after)} <= {bool, type(None)}:
        refused = finding.after is False
        words = "other fields are refused now" if refused else "other fields may be there now"
        yield (MINOR if "request" in locations.directions(finding.at) else PATCH), words
    else:
        yield MAJOR, f"additionalProperties, {difference(finding.before, finding.after)}"


def _membership(finding: Finding, locations: Locations) -> Ruled:
    """Yield what it means that a component, a field or a member of a union came, went or has another name."""
    at, union = finding.at, finding.at[-2] in {"oneOf", "anyOf"}
    if finding.kind is Kind.RENAMED:
        yield MAJOR, f"called {finding.after} now"
    elif union:
        came = finding.kind is Kind.ADDED
        if _reworded(finding, locations):
            yield PATCH, "description changed"
            return
        verdict = moved(locations.directions(at), wider=came, narrower=not came)
        note = ""
        if at[2] == locations.before.event_schema:
            verdict = MINOR if came else MAJOR  # as with the words of an enum
            note = f"; {EXHAUSTIVE}" if came else ""
        yield verdict, f"{'also' if came else 'no longer'} {_member(finding, locations)}{note}"
    elif finding.kind is Kind.REMOVED:
        yield MAJOR, "gone"
    elif at[-2] == "properties" and "request" in locations.directions(at) and at[-1] in _demanded(finding, locations):
        yield MAJOR, "new and required"
    else:
        yield MINOR, "new"


def _told_apart(finding: Finding, locations: Locations) -> Ruled:
    """Yield by what else the members of a union are told apart; a member that came or went is told with its word."""
    union = finding.at[: _discriminator_in(finding.at)]
    before, after = (_mapped(_schema(side, union)) for side in (locations.before, locations.after))
    members = [
        {ref_name(each) for each in _schema(side, union).get("oneOf", ())}
        for side in (locations.before, locations.after)
    ]
    if finding.at[-2:-1] != ("mapping",):
        yield MAJOR, f"its members are told apart by {difference(finding.before, finding.after)}"
        return
    word = finding.at[-1]
    old, new = before.get(word, ""), after.get(word, "")
    if old and old in members[1]:
        yield MAJOR, f"{word!r} no longer stands for {old}"
    elif new and new in members[0]:
        yield MINOR, f"{word!r} stands for {new}, too"


def _mapped(union: dict[str, Any]) -> dict[str, str]:
    mapping: dict[str, str] = union.get("discriminator", {}).get("mapping", {})
    return {word: target.rpartition("/")[2] for word, target in mapping.items()}


def _reworded(finding: Finding, locations: Locations) -> bool:
    """Return whether the union on the other side has the same member with other texts."""
    sides = locations.before, locations.after
    here, there = reversed(sides) if finding.kind is Kind.ADDED else sides
    members = look(there, finding.at[:-1])  # none if a reference leads to another component now
    return is_list(members) and wordless(look(here, finding.at)) in map(wordless, members)


def _demanded(finding: Finding, locations: Locations) -> list[str]:
    schema = _schema(locations.after, finding.at[:-2])
    return list(schema.get("required", ()))


def _required(finding: Finding, locations: Locations) -> Ruled:
    """Yield each field that was there before and has to be there now, or no longer has to."""
    before, after = (set(cast("list[str]", names or [])) for names in (finding.before, finding.after))
    holders = (_schema(locations.before, finding.before_at[:-1]), _schema(locations.after, finding.after_at[:-1]))
    known = set[str].intersection(*(set(holder.get("properties", {})) for holder in holders))
    way = locations.directions(finding.at)
    for name in sorted((after - before) & known):
        yield (MAJOR if "request" in way else MINOR), f"{name} is required now"
    for name in sorted((before - after) & known):
        yield (MAJOR if "response" in way else MINOR), f"{name} is optional now"


def _enum(finding: Finding, locations: Locations) -> Ruled:
    """Yield which values came and went; compiled enums keep values that they do not know, and integers have none."""
    words = [*(finding.before or ()), *(finding.after or ())]
    if all(isinstance(word, int) for word in words):
        refused = set(finding.before or ()) - set(finding.after or ())
        narrower = finding.after is not None and (finding.before is None or bool(refused))
        sent = "request" in locations.directions(finding.at)
        yield (MINOR if narrower and sent else PATCH), f"its integers, {difference(finding.before, finding.after)}"
        return
    if finding.before is None or finding.after is None:
        yield MAJOR, "a published vocabulary now" if finding.after else "no published vocabulary any more"
        return
    before, after = (cast("list[Any]", values) for values in (finding.before, finding.after))
    if lost := [str(value) for value in before if value not in after]:
        yield MAJOR, f"loses {', '.join(lost)}"
    if won := [str(value) for value in after if value not in before]:
        yield MINOR, f"gains {', '.join(won)}; {EXHAUSTIVE}"
    if not lost and not won:
        yield PATCH, "another order of the values"


def _reference(finding: Finding, locations: Locations) -> Ruled:
    """Yield that another schema stands here; one that was merely renamed is told at its own place."""
    before, after = (str(target or "").rpartition("/")[2] for target in (finding.before, finding.after))
    gone = locations.before.schemas.keys() - locations.after.schemas.keys()
    if before not in gone or after in locations.before.schemas:
        yield MAJOR, f"{before or 'a plain value'} → {after or 'a plain value'}"


def _limit(finding: Finding, locations: Locations) -> Verdict:
    """Return what a limit means that no compiled code checks: what is sent may be refused from now on."""
    if "request" not in locations.directions(finding.at):
        return PATCH
    sign, before, after = LIMITS.get(finding.name), finding.before, finding.after
    if after is None:
        return PATCH
    narrower = before is None or sign is None or sign * after > sign * before
    return MINOR if narrower else PATCH


def _types(node: Any) -> set[str]:
    kinds = {node} if isinstance(node, str) else set(cast("list[str]", node or ["any"]))
    return kinds | ({"integer"} if "number" in kinds else set())


def _schema(document: Document, place: Keys) -> dict[str, Any]:
    """Return the schema at a place; one that says nothing if there is none, as behind another reference."""
    found = look(document, place)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _member(finding: Finding, locations: Locations) -> str:
    document = locations.after if finding.kind is Kind.ADDED else locations.before
    return ref_name(_schema(document, finding.at)) or "another schema"


def unknown(finding: Finding) -> tuple[Verdict, str]:
    """Return what no rule knows: minor at least, and the stock tool's verdict where that is more."""
    return max(finding.stock or MINOR, MINOR), f"{finding.name} {finding.kind.value}; {NO_RULE}"


_RULES: Mapping[str, Callable[[Finding, Locations], Ruled]] = {
    "required": _required,
    "enum": _enum,
    "$ref": _reference,
    "type": _retyped,
    "properties": _fields,
    "additionalProperties": _other_keys,
}
"""By the keyword."""
