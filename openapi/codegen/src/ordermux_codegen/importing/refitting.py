"""What the compiler refuses of a document that was made: taken out or made wider, until it refuses nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .components import reachable, references
from .ledger import Ledger
from .nodes import PublishedError
from .refusals import Finding, refused

PREFIX = "#/components/schemas/"
MAX_ROUNDS = 60
PlaceOf = Callable[[tuple[str | int, ...]], str]
"""Gives the published place of a place in the document that was made."""


class Refitting:
    """Changes a document where the compiler refuses it, each time as a loss."""

    def __init__(self, provider: str, raw: dict[str, Any], at_of: PlaceOf, ledger: Ledger) -> None:
        """Take the document."""
        self.provider = provider
        self.raw = raw
        self.at_of = at_of
        self.ledger = ledger
        self._tried: set[tuple[str, str]] = set()

    def refit(self) -> None:
        """Change the document until it is taken.

        Raises PublishedError where what is refused can neither be left out nor be made wider.
        """
        for _ in range(MAX_ROUNDS):
            findings = list(refused(self.provider, self.raw))
            if not findings:
                return
            cut: set[tuple[str, str]] = set()
            for finding in findings:
                self._change(finding, cut)
            prune(self.raw)
        raise PublishedError(f"the compiler refuses the document still, after {MAX_ROUNDS} rounds of changes")

    def _change(self, finding: Finding, cut: set[tuple[str, str]]) -> None:
        """Do away with one finding; `cut` are the operations whose parameters have moved since they were found."""
        match finding.at:
            case ("components", "schemas", str(name), "properties", str(member), *_) if self._has(name, member):
                self._widen_member(name, member, finding.what)
            case ("components", "schemas", str(name), *_):
                self._widen(name, finding.what)
            case ("paths", str(path), str(method), "parameters", int(index), *_):
                if (path, method) not in cut and self._leave_out(path, method, index, finding.what):
                    cut.add((path, method))
            case ("paths", str(path), str(method), "requestBody", "content", str(kind), "encoding", str(name), *_):
                self._leave_out_field(path, method, kind, name, finding.what)
            case ("paths", str(path), *rest):
                self._leave_out_operations(path, rest[:1], finding.what)
            case ("webhooks", str(name), *_):
                self._leave_out_events(name, finding.what)
            case ("components", *_):
                pass  # it went with another finding
            case _:
                raise PublishedError(f"{finding.what}{'; ' + finding.cure if finding.cure else ''}")

    def _has(self, name: str, member: str) -> bool:
        return member in self.raw["components"]["schemas"].get(name, {}).get("properties", {})

    def _widen_member(self, name: str, member: str, what: str) -> None:
        schema = self.raw["components"]["schemas"][name]
        at = self.at_of(("components", "schemas", name, "properties", member))
        if "name in Python" in what or "in its name" in what or (name, member) in self._tried:
            del schema["properties"][member]
            schema["required"] = [other for other in schema.get("required", ()) if other != member]
            self.ledger.lose(at, "the member is left out", what)
            return
        self._tried.add((name, member))
        old = schema["properties"][member]
        kept = ("description", "deprecated", "x-basis")
        schema["properties"][member] = {key: old[key] for key in kept if key in old}
        self.ledger.lose(at, "the member is any value", what)

    def _widen(self, name: str, what: str) -> None:
        schemas = self.raw["components"]["schemas"]
        if name not in schemas:
            return
        kept = {key: schemas[name][key] for key in ("description", "x-basis") if key in schemas[name]}
        if kept == schemas[name]:
            raise PublishedError(f"the compiler refuses {name}, which is any value already: {what}")
        schemas[name] = kept
        self.ledger.lose(self.at_of(("components", "schemas", name)), "the schema is any value", what)

    def _leave_out(self, path: str, method: str, index: int, what: str) -> bool:
        """Leave out a parameter, or the operation where it has to be there; tell whether a parameter went."""
        operation = self.raw["paths"].get(path, {}).get(method)
        if operation is None:
            return False
        parameter = operation["parameters"][index]
        if parameter.get("required"):
            self._leave_out_operation(path, method, what)
            return False
        del operation["parameters"][index]
        at = self.at_of(("paths", path, method))
        self.ledger.lose(at, f"the parameter {parameter['name']!r} is left out", what)
        return True

    def _leave_out_field(self, path: str, method: str, kind: str, name: str, what: str) -> None:
        """Leave out a field of a form, or the operation where it has to be there, or its schema is another's too."""
        operation = self.raw["paths"].get(path, {}).get(method)
        if operation is None:
            return
        media = operation["requestBody"]["content"][kind]
        reference = media["schema"]["$ref"]
        schema = self.raw["components"]["schemas"][reference.removeprefix(PREFIX)]
        users = list(references(self.raw["paths"], names=True)) + list(references(self.raw["components"]))
        if name in schema.get("required", ()) or users.count(reference) > 1:
            self._leave_out_operation(path, method, what)
            return
        schema.get("properties", {}).pop(name, None)
        media.get("encoding", {}).pop(name, None)
        self.ledger.lose(self.at_of(("paths", path, method)), f"the member {name!r} of the body is left out", what)

    def _leave_out_operations(self, path: str, methods: Sequence[str | int], what: str) -> None:
        """Leave out the operations of a path by these methods, all where none is named."""
        for method in list(self.raw["paths"].get(path, {})):
            if not methods or method in methods:
                self._leave_out_operation(path, method, what)

    def _leave_out_operation(self, path: str, method: str, what: str) -> None:
        del self.raw["paths"][path][method]
        if not self.raw["paths"][path]:
            del self.raw["paths"][path]
        self.ledger.lose(self.at_of(("paths", path, method)), "the operation is left out", what)

    def _leave_out_events(self, name: str, what: str) -> None:
        """Leave out an event, or all where they are read by one type that they have no more."""
        webhooks: dict[str, Any] = self.raw.get("webhooks", {})
        for left_out in list(webhooks) if "union of them all" in what else [name]:
            for method in webhooks.pop(left_out, {}):
                self.ledger.lose(self.at_of(("webhooks", left_out, method)), "the event is left out", what)
        if not webhooks:
            self.raw.pop("webhooks", None)
            self.raw.pop("x-delivery", None)


def prune(raw: dict[str, Any]) -> None:
    """Take out the components that no operation and no event reaches."""
    schemas = raw["components"]["schemas"]
    plain = {f"{PREFIX}{name}": schema for name, schema in schemas.items()}
    delivered = set(references(raw.get("webhooks", {}), names=True))
    unions = {name for name, schema in plain.items() if delivered and delivered == set(_members(schema))}
    kept = reachable(plain, {*references(raw["paths"], names=True), *delivered, *unions, f"{PREFIX}Error"})
    raw["components"]["schemas"] = {name: schema for name, schema in schemas.items() if f"{PREFIX}{name}" in kept}


def _members(schema: dict[str, Any]) -> list[str]:
    return [str(member.get("$ref")) for member in schema.get("oneOf", ())]
