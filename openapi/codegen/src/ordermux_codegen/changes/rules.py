"""The verdicts: a rule says what a kind of difference is for the users of the typed client.

The table of them, with the reasons, is in `openapi/codegen/CHANGE_RULES.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from .findings import Finding, Keys, Kind
from .locations import Locations
from .operation_rules import OPERATION_RULES
from .schema_rules import NO_RULE, schema_rule, unknown
from .spelling import TEXTS
from .verdict import Ruled, Verdict, difference

INSIDE = {"example": "an example", "examples": "an example"}
EXTENSIONS: Mapping[str, tuple[Verdict, str]] = {
    "x-sources": (Verdict.NONE, "recorded anew"),
    "x-basis": (Verdict.PATCH, "where it comes from"),
    "x-public": (Verdict.PATCH, "why it is no secret"),
    "x-enum-descriptions": (Verdict.PATCH, "what a value means"),
    "x-window-seconds": (Verdict.MINOR, "how long the key is honoured"),
    "x-rate-limit": (Verdict.MINOR, "how much may be asked"),
    "x-delivery": (Verdict.MINOR, "how events are delivered"),
    "x-error-member": (Verdict.MAJOR, "which answers are errors"),
    "x-client-argument": (Verdict.MAJOR, "the client's argument"),
}


@attrs.frozen
class Change:
    """A difference of the document with its verdict."""

    verdict: Verdict
    what: str
    """In the words of the document."""
    python: frozenset[str] = frozenset()
    """What stands for it in the packages, such as `models.Order`."""
    stock: Verdict | None = None
    """Redocly's own verdict; None for what it does not see."""
    operations: tuple[str, ...] = ()
    """The operations that it is about, which stand in front of `what`."""
    text: bool = False
    """Whether people alone read it, so that no code comes of it."""

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{', '.join(self.operations)}{self.what}"


def judged(finding: Finding, locations: Locations) -> Iterator[Change]:
    """Yield what a finding means; nothing if another finding says the same."""
    operation, python = locations.operation(finding), locations.python(finding)
    where, operations = locations.words(finding).removeprefix(operation), (operation,) if operation else ()
    text = _is_text(finding)
    for verdict, what in _ruled(finding, locations):
        yield Change(verdict, f"{where}: {what}", python, finding.stock, operations, text)


def together(changes: Iterable[Change]) -> list[Change]:
    """Return the weightiest first, and as one what is the same of several operations."""
    found: dict[tuple[Verdict, str, bool], Change] = {}
    for change in changes:
        key = change.verdict, change.what, bool(change.operations)
        known = found.get(key, change)
        stock = max((each.stock for each in (known, change) if each.stock is not None), default=None)
        operations = tuple(dict.fromkeys((*known.operations, *change.operations)))
        found[key] = attrs.evolve(known, python=known.python | change.python, stock=stock, operations=operations)
    return sorted(found.values(), key=lambda change: (-change.verdict, str(change)))


def _ruled(finding: Finding, locations: Locations) -> Ruled:
    at = finding.at
    if extension := _extension(at):
        return _extension_rule(extension, finding)
    if _is_text(finding):
        return _text_rule(finding)
    if at[:2] == ("components", "schemas") or "schema" in at:
        return schema_rule(finding, locations)
    rule = next((rule for key, rule in OPERATION_RULES.items() if key in at), None)
    return rule(finding, locations) if rule else iter([unknown(finding)])


def _is_text(finding: Finding) -> bool:
    """Return whether it is a text, or inside of an example, or of what says where a fact comes from."""
    at = finding.at
    if at[0] in {"info", "tags", "openapi"} or "x-basis" in at or "x-enum-descriptions" in at:
        return True
    return bool(_within(at, INSIDE)) or (finding.name in TEXTS and at[-2:-1] != ("properties",))


def _extension(at: Keys) -> str:
    return _within(at, {key for key in at if key.startswith("x-")})


def _within(at: Keys, keywords: Iterable[str]) -> str:
    """Return the first of the keywords that is in a place, and not as a name; nothing if none is."""
    held = {"properties", "headers", "schemas"}
    return next((key for n, key in enumerate(at) if key in keywords and (n == 0 or at[n - 1] not in held)), "")


def _extension_rule(name: str, finding: Finding) -> Ruled:
    verdict, what = EXTENSIONS.get(name, (Verdict.MAJOR, NO_RULE))
    if name == "x-enum-descriptions" and finding.at[-1] != name and None in {finding.before, finding.after}:
        return  # the word itself came or went
    if "x-basis" in finding.at:
        verdict, what = EXTENSIONS["x-basis"]
    elif name == "x-delivery" and "signature" in finding.at:
        verdict, what = Verdict.MAJOR, "how events are signed"
    yield verdict, what if verdict is Verdict.NONE else f"{what}, {difference(finding.before, finding.after)}"


def _text_rule(finding: Finding) -> Ruled:
    if finding.at != ("info", "version"):
        named = finding.name if finding.kind is Kind.MODIFIED or finding.name in TEXTS else "a text"
        yield Verdict.PATCH, f"{INSIDE.get(_within(finding.at, INSIDE), named)} changed"
