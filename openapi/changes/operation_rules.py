"""What a difference in an operation, an event, a server or a security scheme is for the users of the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from compiler.document import Document, Operation

from .findings import Finding, Keys, Kind
from .places import Places
from .verdict import Ruled, Verdict, told

PATCH, MINOR, MAJOR = Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR
KEYWORDS: Mapping[tuple[str, bool], tuple[Verdict, str]] = {
    ("required", True): (MAJOR, "required now"),
    ("required", False): (MINOR, "optional now"),
    ("deprecated", True): (MINOR, "deprecated"),
    ("deprecated", False): (PATCH, "no longer deprecated"),
}
"""What a keyword means once it is set, or no longer."""


def _operation_rule(finding: Finding, places: Places) -> Ruled:
    """Yield what became of operations, told apart by their ids: one that is elsewhere now is the same one."""
    if finding.kind is Kind.MODIFIED:  # the id and the tag are where its module is found
        yield _keyword(finding, MAJOR if finding.name in {"operationId", "tags"} else MINOR)
        return
    before, after = _by_id(places.before), _by_id(places.after)
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


def _event_rule(finding: Finding, _: Places) -> Ruled:
    """Yield what became of an event: a webhook bears its name, a callback's name is in its schema."""
    at, hook = finding.at, finding.at[0] == "webhooks"
    if len(at) == (2 if hook else at.index("callbacks") + 2):
        if finding.kind is not Kind.RENAMED:
            yield (MINOR, "the event is new") if finding.kind is Kind.ADDED else (MAJOR, "the event is gone")
        elif hook:
            yield MAJOR, f"the event is called {finding.after} now"
    elif "parameters" in at and finding.kind is not Kind.MODIFIED:
        yield (MINOR, "a header is new") if finding.kind is Kind.ADDED else (MAJOR, "a header is gone")
    else:
        yield PATCH, f"{finding.name}: {told(finding.before, finding.after)}"


def _security_rule(finding: Finding, places: Places) -> Ruled:
    """Yield what became of authentication: what opened a call before has to do so still."""
    before, after = _by_id(places.before), _by_id(places.after)
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


def _parameter_rule(finding: Finding, places: Places) -> Ruled:
    """Yield what became of an argument; all but those of the path are keywords."""
    if finding.at[:-1] == ("components", "parameters"):
        return  # where it is used, it is told
    if finding.kind is Kind.ADDED:
        node = places.after.resolve(_mapping(finding.after))
        yield (MAJOR, "new and required") if node.get("required") else (MINOR, "new")
    elif finding.kind is Kind.REMOVED:
        yield MAJOR, "gone"
    elif finding.kind is Kind.RENAMED or finding.name in {"name", "in"}:
        yield MAJOR, f"{told(finding.before, finding.after)}"
    else:
        yield _keyword(finding, MINOR)


def _response_rule(finding: Finding, _: Places) -> Ruled:
    """Yield what became of a status: any 2xx is a success, any other an error with its body, documented or not."""
    at = finding.at
    if at[-2] != "responses" or at[0] == "components":
        yield PATCH, f"{finding.name}: {told(finding.before, finding.after)}"
    elif finding.kind is Kind.REMOVED:
        yield PATCH, "documented no more; where it comes, it is read or raised as before"
    else:
        status = finding.after_at[-1]
        yield (PATCH if status.startswith("2") else MINOR), f"{status} is documented now"


def _body_rule(finding: Finding, _: Places) -> Ruled:
    if finding.kind is Kind.REMOVED:
        yield MAJOR, f"{finding.name} is gone"
    elif finding.kind is Kind.ADDED:
        yield (MAJOR if _mapping(finding.after).get("required") else MINOR), f"{finding.name} is new"
    else:
        yield _keyword(finding, MAJOR)


def _server_rule(finding: Finding, _: Places) -> Ruled:
    if finding.at[:-1] != ("servers",):
        yield MINOR, f"{finding.name}, {told(finding.before, finding.after)}"
    else:
        yield (MINOR, "new") if finding.kind is Kind.ADDED else (MAJOR, "gone")


def _scheme_rule(finding: Finding, places: Places) -> Ruled:
    """Yield what became of a security scheme; users see the argument that it is given by, and not its name."""
    if finding.at[:-1] != ("components", "securitySchemes"):
        yield MINOR, f"{finding.name}, {told(finding.before, finding.after)}"
        return
    before, after = ({each.argument for each in side.credentials} for side in (places.before, places.after))
    lost, won = sorted(before - after), sorted(after - before)
    if finding.kind is not Kind.ADDED and lost:
        yield MAJOR, f"gone, and {', '.join(lost)} with it"
    elif finding.kind is not Kind.REMOVED and won:
        yield MINOR, f"new, given as {', '.join(won)}"
    elif finding.kind is not Kind.ADDED:
        yield PATCH, "called otherwise in the document"


def _header_rule(finding: Finding, _: Places) -> Ruled:
    """Yield what became of a header of an answer, for which no code is compiled."""
    yield PATCH, f"{finding.name}: {told(finding.before, finding.after)}"


OPERATION_RULES: Mapping[str, Callable[[Finding, Places], Ruled]] = {
    "webhooks": _event_rule,
    "callbacks": _event_rule,
    "security": _security_rule,
    "parameters": _parameter_rule,
    "requestBody": _body_rule,
    "headers": _header_rule,
    "responses": _response_rule,
    "servers": _server_rule,
    "securitySchemes": _scheme_rule,
    "paths": _operation_rule,
}
"""By a key of the place; the first that is in it counts."""


def _keyword(finding: Finding, otherwise: Verdict) -> tuple[Verdict, str]:
    known = KEYWORDS.get((finding.name, bool(finding.after)))
    return known or (otherwise, f"{finding.name}, {told(finding.before, finding.after)}")


def _inside(operation: Operation, at: Keys) -> bool:
    return ("paths", operation.path, operation.http_method)[: len(at)] == at


def _by_id(document: Document) -> dict[str, Operation]:
    return {operation.operation_id: operation for operation in document.operations}


def _mapping(node: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", node) if isinstance(node, Mapping) else {}
