"""What a difference in a schema is for the users of the client, by whether it is sent, comes, or both."""

from __future__ import annotations

from typing import Any, cast

from compiler.document import ref_name

from .findings import Finding, Kind, look
from .operation_rules import KEYWORDS
from .places import Places
from .verdict import Ruled, Verdict, moved, told

PATCH, MINOR, MAJOR = Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR
TYPED_FORMATS = {"date-time", "date", "time", "duration", "decimal", "password", "uuid", "byte", "binary"}
"""The formats that a type of its own, or a mask, stands for."""
TEXTS = {"description", "summary", "title", "example", "examples", "contact", "license", "externalDocs"}
LIMITS = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), 1),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), -1),
}
"""The keywords that bound a value: from below 1, from above -1."""
OTHER_LIMITS = {"pattern", "multipleOf", "uniqueItems"}


def schema_rule(finding: Finding, places: Places) -> Ruled:
    """Yield what a difference in a schema means."""
    if finding.kind is not Kind.MODIFIED and finding.name not in _KEYWORDS:
        yield from _membership(finding, places)
    elif finding.name == "required":
        yield from _required(finding, places)
    elif finding.name == "enum":
        yield from _enum(finding)
    elif finding.name == "$ref":
        yield from _reference(finding, places)
    elif finding.name == "type":
        before, after = _types(finding.before), _types(finding.after)
        verdict = moved(places.directions(finding.at), wider=before < after, narrower=after < before)
        yield verdict, f"type {told(finding.before, finding.after)}"
    elif finding.name in LIMITS or finding.name in OTHER_LIMITS:
        yield _limit(finding, places), f"{finding.name} {told(finding.before, finding.after)}"
    elif finding.name == "format":
        typed = {finding.before, finding.after} & TYPED_FORMATS
        yield (MAJOR if typed else PATCH), f"format {told(finding.before, finding.after)}"
    elif finding.name == "default":
        yield PATCH, f"the server's default, {told(finding.before, finding.after)}"
    else:
        otherwise = MAJOR, f"{finding.name}, {told(finding.before, finding.after)}"
        yield KEYWORDS.get((finding.name, bool(finding.after)), otherwise)


_KEYWORDS = {"required", "enum", "$ref", "type", "format", "default", "deprecated", *LIMITS, *OTHER_LIMITS}


def _membership(finding: Finding, places: Places) -> Ruled:
    """Yield what it means that a component, a field or a member of a union came, went or has another name."""
    at, union = finding.at, finding.at[-2] in {"oneOf", "anyOf"}
    if finding.kind is Kind.RENAMED:
        yield MAJOR, f"called {finding.after} now"
    elif union:
        came = finding.kind is Kind.ADDED
        if _reworded(finding, places):
            yield PATCH, "description changed"
            return
        verdict = moved(places.directions(at), wider=came, narrower=not came)
        if at[2] == places.before.event_schema:
            verdict = MINOR if came else MAJOR  # as with the words of an enum
        yield verdict, f"{'also' if came else 'no longer'} {_member(finding, places)}"
    elif finding.kind is Kind.REMOVED:
        yield MAJOR, "gone"
    elif at[-2] == "properties" and "request" in places.directions(at) and at[-1] in _demanded(finding, places):
        yield MAJOR, "new and required"
    else:
        yield (MINOR, "new") if at[-2] in {"properties", "schemas"} else (MAJOR, f"now with {at[-1]}")


def _reworded(finding: Finding, places: Places) -> bool:
    """Tell whether the union on the other side has the same member with other texts."""
    sides = places.before, places.after
    here, there = reversed(sides) if finding.kind is Kind.ADDED else sides
    return _wordless(look(here, finding.at)) in map(_wordless, look(there, finding.at[:-1]))


def _wordless(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in TEXTS}


def _demanded(finding: Finding, places: Places) -> list[str]:
    schema = look(places.after, finding.at[:-2])
    return list(schema.get("required", ()))


def _required(finding: Finding, places: Places) -> Ruled:
    """Yield each field that was there before and has to be there now, or no longer has to."""
    before, after = (set(cast("list[str]", names or [])) for names in (finding.before, finding.after))
    holders = (look(places.before, finding.before_at[:-1]), look(places.after, finding.after_at[:-1]))
    known = set[str].intersection(*(set(holder.get("properties", {})) for holder in holders))
    way = places.directions(finding.at)
    for name in sorted((after - before) & known):
        yield (MAJOR if "request" in way else MINOR), f"{name} is required now"
    for name in sorted((before - after) & known):
        yield (MAJOR if "response" in way else MINOR), f"{name} is optional now"


def _enum(finding: Finding) -> Ruled:
    """Yield which values came and went; compiled enums keep values that they do not know."""
    if finding.before is None or finding.after is None:
        yield MAJOR, "a published vocabulary now" if finding.after else "no published vocabulary any more"
        return
    before, after = (cast("list[Any]", values) for values in (finding.before, finding.after))
    if lost := [str(value) for value in before if value not in after]:
        yield MAJOR, f"loses {', '.join(lost)}"
    if won := [str(value) for value in after if value not in before]:
        yield MINOR, f"gains {', '.join(won)}"
    if not lost and not won:
        yield PATCH, "another order of the values"


def _reference(finding: Finding, places: Places) -> Ruled:
    """Yield that another schema stands here; one that was merely renamed is told at its own place."""
    before, after = (str(target or "").rpartition("/")[2] for target in (finding.before, finding.after))
    gone = places.before.schemas.keys() - places.after.schemas.keys()
    if before not in gone or after in places.before.schemas:
        yield MAJOR, f"{before or 'a plain value'} → {after or 'a plain value'}"


def _limit(finding: Finding, places: Places) -> Verdict:
    """Return what a limit means that no compiled code checks: what is sent may be refused from now on."""
    if "request" not in places.directions(finding.at):
        return PATCH
    sign, before, after = LIMITS.get(finding.name), finding.before, finding.after
    if after is None:
        return PATCH
    narrower = before is None or sign is None or sign * after > sign * before
    return MINOR if narrower else PATCH


def _types(node: Any) -> set[str]:
    kinds = {node} if isinstance(node, str) else set(cast("list[str]", node or ["any"]))
    return kinds | ({"integer"} if "number" in kinds else set())


def _member(finding: Finding, places: Places) -> str:
    document = places.after if finding.kind is Kind.ADDED else places.before
    return ref_name(look(document, finding.at)) or "another schema"
