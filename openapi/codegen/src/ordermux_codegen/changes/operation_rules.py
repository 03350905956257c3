"""What a difference in an operation, an event, a server or a security scheme is for the users of the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import attrs

from ..compile.document import METHODS, Document
from ..compile.names import module_name
from ..compile.operations import Operation
from .findings import Finding, Keys, Kind, look
from .locations import Locations
from .verdict import Ruled, Verdict, difference

PATCH, MINOR, MAJOR = Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR
KEYWORDS: Mapping[tuple[str, bool], tuple[Verdict, str]] = {
    ("required", True): (MAJOR, "required now"),
    ("required", False): (MINOR, "optional now"),
    ("deprecated", True): (MINOR, "deprecated"),
    ("deprecated", False): (PATCH, "no longer deprecated"),
}
"""What a keyword means once it is set, or no longer."""


def _operation_rule(finding: Finding, locations: Locations) -> Ruled:
    """Yield what became of operations, told apart by their ids: one that is elsewhere now is the same one."""
    if finding.name == "tags" and _module(finding.before) == _module(finding.after):
        yield PATCH, f"tags, {difference(finding.before, finding.after)}"
        return
    if finding.kind is Kind.MODIFIED:  # the id and the tag are where its module is found
        yield _keyword(finding, MAJOR if finding.name in {"operationId", "tags"} else MINOR)
        return
    before, after = _by_id(locations.before), _by_id(locations.after)
    if finding.kind in {Kind.REMOVED, Kind.RENAMED}:
        for operation in (each for each in before.values() if _inside(each, finding.before_at)):
            now = after.get(operation.operation_id)
            if now is None:
                yield MAJOR, f"operation {operation.operation_id} is gone"
            else:
                yield MINOR, f"operation {now.operation_id} is at {now.method} {now.path} now"
    if finding.kind in {Kind.ADDED, Kind.RENAMED}:
        for operation in (each for each in after.values() if _inside(each, finding.after_at)):
            if operation.operation_id not in before:
                yield MINOR, f"operation {operation.operation_id} is new"


def _module(tags: Any) -> str:
    """Return the name of the module that an operation with these tags is in: the first one counts."""
    return module_name(str(next(iter(tags or ()), "default")))


def _event_rule(finding: Finding, _: Locations) -> Ruled:
    """Yield what became of an event: a webhook bears its name, a callback's name is in its schema."""
    at, hook = finding.at, finding.at[0] == "webhooks"
    depth = 2 if hook else at.index("callbacks") + 3
    if at[-1] == "callbacks":  # there were none before, or are none now
        for name in finding.after or finding.before:
            yield (MINOR, f"{name}: the event is new") if finding.after else (MAJOR, f"{name}: the event is gone")
    elif len(at) == (2 if hook else at.index("callbacks") + 2):
        if finding.kind is not Kind.RENAMED:
            yield (MINOR, "the event is new") if finding.kind is Kind.ADDED else (MAJOR, "the event is gone")
        elif hook:
            yield MAJOR, f"the event is called {finding.after} now"
    elif "parameters" in at and (finding.kind is not Kind.MODIFIED or finding.name == "name"):
        yield _event_header(finding)
    elif len(at) == depth + 1 and at[-1] in METHODS:
        if finding.kind is Kind.ADDED:
            yield MINOR, f"delivered by {at[-1].upper()} now"
    elif "responses" in at and at[-2] == "responses":
        yield MINOR, f"what it is answered with: {difference(_said(finding.before), _said(finding.after))}"
    else:
        yield PATCH, f"{finding.name}: {difference(finding.before, finding.after)}"


def _event_header(finding: Finding) -> tuple[Verdict, str]:
    """Return what became of a header of an event, which people read by its name."""
    if finding.kind is Kind.ADDED:
        return MINOR, f"header {_mapping(finding.after).get('name')} is new"
    if finding.kind is Kind.REMOVED:
        return MAJOR, f"header {_mapping(finding.before).get('name')} is gone"
    return MAJOR, f"header {finding.before} is called {finding.after} now"


def _security_rule(finding: Finding, locations: Locations) -> Ruled:
    """Yield what became of authentication: what opened a call before has to do so still."""
    before, after = _by_id(locations.before), _by_id(locations.after)
    lost: list[str] = []
    won: list[str] = []
    for name in sorted(before.keys() & after.keys()):
        if finding.at[0] == "security" or _inside(before[name], finding.at[:3]):
            old, new = (set(side[name].security) or {()} for side in (before, after))
            lost += [name for have in old if not any(set(asked) <= set(have) for asked in new)]
            won += [name] if new - old else []
    if lost or won:
        what = "cannot be authenticated as before" if lost else "can be authenticated in another way"
        names = f"{', '.join(dict.fromkeys(lost or won))} " if finding.at[0] == "security" else ""
        yield (MAJOR if lost else MINOR), names + what


def _parameter_rule(finding: Finding, locations: Locations) -> Ruled:
    """Yield what became of an argument; all but those of the path are keywords."""
    if finding.name == "parameters":  # there were none before, or are none now
        for node in finding.after or finding.before:
            verdict, what = _new(node) if finding.after else (MAJOR, "gone")
            yield verdict, f"parameter {node['name']}: {what}"
    elif finding.kind in {Kind.ADDED, Kind.REMOVED}:
        came = finding.kind is Kind.ADDED
        node, elsewhere = (
            _mapping(look(locations.after if came else locations.before, finding.at)),
            _elsewhere(finding, locations),
        )
        if elsewhere is None:
            yield _new(node) if came else (MAJOR, "gone")
        elif came:  # the same argument of the same function, which goes elsewhere
            verdict = MAJOR if node.get("required") and not elsewhere.get("required") else MINOR
            yield verdict, f"sent in the {node['in']} now, no longer in the {elsewhere['in']}"
    elif finding.kind is Kind.RENAMED or finding.name == "name":
        yield MAJOR, f"{difference(finding.before, finding.after)}"
    else:
        yield _keyword(finding, MINOR)


def _new(parameter: Mapping[str, Any]) -> tuple[Verdict, str]:
    return (MAJOR, "new and required") if parameter.get("required") else (MINOR, "new")


def _response_rule(finding: Finding, locations: Locations) -> Ruled:
    """Yield what became of a status: any 2xx is a success, any other an error with its body, documented or not."""
    at = finding.at
    if finding.kind is not Kind.ADDED or "content" in at:
        other_body = list(_body_of_success(finding, locations))
        yield from other_body
        if other_body:
            return
    if at[-2] != "responses":
        yield PATCH, f"{finding.name}: {difference(finding.before, finding.after)}"
    elif finding.kind is Kind.REMOVED:
        yield PATCH, "documented no more; where it comes, it is read or raised as before"
    else:
        status = finding.after_at[-1]
        yield (PATCH if status.startswith("2") else MINOR), f"{status} is documented now"


def _elsewhere(finding: Finding, locations: Locations) -> Mapping[str, Any] | None:
    """Return the parameter of the same name that the operation has on the other side, in another place."""
    sides = (locations.before, locations.after) if finding.kind is Kind.ADDED else (locations.after, locations.before)
    other = _by_id(sides[0]).get(locations.operation(finding))
    name = _mapping(look(sides[1], finding.at)).get("name")
    return next((each for each in other.parameters if each["name"] == name), None) if other else None


def _body_of_success(finding: Finding, locations: Locations) -> Ruled:
    """Yield that a success comes with another body, or without one; one that was merely renamed is told elsewhere."""
    operation, status = locations.operation(finding), finding.at[finding.at.index("responses") + 1]
    sides = [_by_id(document).get(operation) for document in (locations.before, locations.after)]
    if not status.startswith("2") or None in sides:
        return
    stays = all(status in each.responses for each in sides if each)
    if ("content" in finding.at) is not stays:  # which is told where the status went
        return
    before, after = (_result(each) for each in sides if each)
    renamed = before not in locations.after.schemas and after not in locations.before.schemas
    if before != after and not (renamed and before and after):
        verdict = MAJOR if before else MINOR
        yield verdict, f"a success comes with {after or 'no body'}, no longer with {before or 'no body'}"


def _result(operation: Operation) -> str:
    try:
        return operation.result or operation.raw_result
    except ValueError:  # which the compiler tells
        return ""


def _body_rule(finding: Finding, locations: Locations) -> Ruled:
    if finding.at[-2] == "content":
        yield _media_rule(finding, locations), f"{finding.name} is {_NOW[finding.kind]}"
    elif finding.kind is Kind.REMOVED:
        yield MAJOR, f"{finding.name} is gone"
    elif finding.kind is Kind.ADDED:
        yield (MAJOR if _mapping(finding.after).get("required") else MINOR), f"{finding.name} is new"
    else:
        yield _keyword(finding, MAJOR)


_NOW = {Kind.ADDED: "new", Kind.REMOVED: "gone", Kind.MODIFIED: "another", Kind.RENAMED: "called otherwise"}


def _media_rule(finding: Finding, locations: Locations) -> Verdict:
    """Return what became of the media types of a body: what counts is the one that is sent."""
    sides = (_by_id(each).get(locations.operation(finding)) for each in (locations.before, locations.after))
    before, after = (each.body if each else None for each in sides)
    if before is None or after is None:
        return MAJOR
    if attrs.evolve(before, media_type="") != attrs.evolve(after, media_type=""):
        return MAJOR
    return PATCH if before == after else MINOR


def server_rule(before: Document, after: Document) -> Iterator[tuple[Verdict, str]]:
    """Yield what became of the servers, told apart by the names that code has for them, and of the first one."""
    old, new = ({each.member: each for each in side.servers} for side in (before, after))
    for member in old | new:
        if member not in new:
            yield MAJOR, f"server {member}: gone"
        elif member not in old:
            yield MINOR, f"server {member}: new, {new[member].url}"
        elif old[member].url != new[member].url:
            yield MINOR, f"server {member}: url, {difference(old[member].url, new[member].url)}"
        elif old[member].description != new[member].description:
            yield PATCH, f"server {member}: description changed"
    firsts = next(iter(old)), next(iter(new))
    if before.needs_address != after.needs_address:
        given = "the address has to be given now" if after.needs_address else "the address need not be given any more"
        yield (MAJOR if after.needs_address else MINOR), f"servers: {given}"
    elif firsts[0] != firsts[1] and not after.needs_address:
        moved = f"{new[firsts[1]].url} now ({firsts[1]}), no longer {old[firsts[0]].url} ({firsts[0]})"
        yield MAJOR, f"servers: who names none calls {moved}"


def _scheme_rule(finding: Finding, locations: Locations) -> Ruled:
    """Yield what became of a security scheme; users see the argument that it is given by, and not its name."""
    if finding.at[:-1] != ("components", "securitySchemes"):
        yield MINOR, f"{finding.name}, {difference(finding.before, finding.after)}"
        return
    before, after = ({each.argument for each in side.credentials} for side in (locations.before, locations.after))
    lost, won = sorted(before - after), sorted(after - before)
    if finding.kind is not Kind.ADDED and lost:
        yield MAJOR, f"gone, and {', '.join(lost)} with it"
    elif finding.kind is not Kind.REMOVED and won:
        yield MINOR, f"new, given as {', '.join(won)}"
    elif finding.kind is not Kind.ADDED:
        yield PATCH, "called otherwise in the document"


def _header_rule(finding: Finding, _: Locations) -> Ruled:
    """Yield what became of a header of an answer, for which no code is compiled."""
    yield PATCH, f"{finding.name}: {difference(finding.before, finding.after)}"


OPERATION_RULES: Mapping[str, Callable[[Finding, Locations], Ruled]] = {
    "webhooks": _event_rule,
    "callbacks": _event_rule,
    "security": _security_rule,
    "parameters": _parameter_rule,
    "requestBody": _body_rule,
    "headers": _header_rule,
    "responses": _response_rule,
    "securitySchemes": _scheme_rule,
    "paths": _operation_rule,
}
"""By a key of the place; the first that is in it counts."""


def _keyword(finding: Finding, otherwise: Verdict) -> tuple[Verdict, str]:
    known = KEYWORDS.get((finding.name, bool(finding.after)))
    return known or (otherwise, f"{finding.name}, {difference(finding.before, finding.after)}")


def _inside(operation: Operation, at: Keys) -> bool:
    return ("paths", operation.path, operation.http_method)[: len(at)] == at


def _by_id(document: Document) -> dict[str, Operation]:
    return {operation.operation_id: operation for operation in document.operations}


def _said(node: Any) -> Any:
    return _mapping(node).get("description", node)


def _mapping(node: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", node) if isinstance(node, Mapping) else {}
