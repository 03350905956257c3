"""Names of operations and components: the same over all runs, and kept in a map that people may change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

import attrs

from .nodes import MARK, is_mapping, unescaped
from .refusals import RESERVED
from .schemas import ANY_OBJECT, EVENT
from .words import camel, pascal

CAMEL = re.compile(r"[a-z]+([A-Z][a-z0-9]*)*")
KINDS = ("operations", "schemas")
SILENT = {"allOf", "content", "schema", "properties", "items", "additionalProperties", "oneOf", "anyOf", "not"}
SECTIONS = {"schemas": "", "responses": "Response", "requestBodies": "Request", "parameters": "Parameter"}


@attrs.define
class Names:
    """The names of a provider, by what they are the names of."""

    operations: dict[str, str] = attrs.field(factory=dict[str, str])
    """By method and path."""
    schemas: dict[str, str] = attrs.field(factory=dict[str, str])
    """By the address in the published document."""

    @classmethod
    def of(cls, raw: Any) -> Names:
        """Return the names that a map says; none of no map."""
        entries: list[Any] = [raw.get(kind) if is_mapping(raw) else None for kind in KINDS]
        return cls(*({str(key): str(each[key]) for key in each} if is_mapping(each) else {} for each in entries))

    def name_operations(self, wanted: dict[str, str]) -> None:
        """Give each operation a name: `wanted` has the published one by method and path, empty where there is none."""
        taken = {name.lower() for name in self.operations.values()}
        for called in sorted(set(wanted) - set(self.operations)):
            method = called.partition(" ")[0].lower().replace("event", "on")
            name = camel(wanted[called] or f"{method} {called.partition(' ')[2]}", method)
            name = name if CAMEL.fullmatch(name) else camel(f"{method} {name}", method)
            self.operations[called] = _free(name, taken)
            taken.add(self.operations[called].lower())

    def name_schemas(self, keys: Iterable[str], error: str, value_at: Callable[[str], Any]) -> dict[str, str]:
        """Give each component a name; return all by their keys. `error` is the key of what is to be called Error."""
        wanted = sorted(keys, key=lambda key: (MARK in key, key.count("/"), key))
        found: dict[str, str] = {error: "Error"}
        reserved = {name.lower() for name in self.operations.values()} | {name.lower() for name in RESERVED}
        kept = {key: name for key, name in self.schemas.items() if key != shown(error) and name != "Error"}
        taken = {"error", *(name.lower() for name in kept.values())}
        for key in wanted:
            if key != error and shown(key) in kept:
                found[key] = kept[shown(key)]
        candidates = _Candidates(found, set(wanted), self.operations, value_at)
        for key in wanted:
            if key not in found:
                name = candidates.of(key)
                name = f"{name}Model" if name.lower() in reserved else name
                found[key] = _free(name, taken | reserved)
                taken.add(found[key].lower())
        self.schemas = {**self.schemas, **{shown(key): name for key, name in found.items()}}
        return found


def shown(key: str) -> str:
    """Return the key of a component as the map of names has it."""
    return key.removeprefix("#")


@attrs.frozen
class _Candidates:
    found: dict[str, str]
    emitted: set[str]
    operations: dict[str, str]
    value_at: Callable[[str], Any]

    def of(self, key: str) -> str:
        if key == ANY_OBJECT:
            return "AnyObject"
        if key == EVENT:
            return "Event"
        base, _, marks = key.partition(MARK)
        if not marks:
            return self._of_place(base) or "Model"
        parent, _, mark = key.rpartition(MARK)
        name = self.found.get(parent) or self.of(parent)
        if "=" not in mark:
            return name + {"null": "OrNull", "sent": "Input", "request": "Request", "response": "Response"}.get(
                mark, "" if mark == "and" else pascal(mark)
            )
        alone = (
            parent not in self.emitted
            and sum(
                other.startswith(f"{parent}{MARK}")
                and "=" in other.rpartition(MARK)[2]
                and other.rpartition(MARK)[0] == parent
                for other in self.emitted
            )
            == 1
        )
        return name if alone else name + pascal(mark.partition("=")[2])

    def _of_place(self, address: str) -> str:
        file, _, place = address.partition("#")
        parts = place.split("/")[1:]
        for count in range(len(parts) - 1, 0, -1):
            above = f"{file}#/{'/'.join(parts[:count])}"
            if above in self.found:
                return self.found[above] + self._trail(above, parts[count:])
        return self._root(file, [unescaped(part) for part in parts], parts)

    def _root(self, file: str, names: list[str], parts: list[str]) -> str:
        match names:
            case ["paths", path, method, *_] if f"{method.upper()} {path}" in self.operations:
                called = self.operations[f"{method.upper()} {path}"]
                count, name = 3, called[0].upper() + called[1:]
            case ["paths", path, *_]:
                count, name = 2, pascal(path)
            case ["components", kind, own, *_]:
                suffix = SECTIONS.get(kind, "")
                count, name = 3, pascal(own)
                name += "" if name.endswith(suffix) else suffix
            case ["definitions" | "$defs", own, *_]:
                count, name = 2, pascal(own)
            case [own] if file:
                count, name = 1, pascal(own)
            case _:
                count, name = 0, pascal(PurePosixPath(file).name.partition(".")[0])
        above = "".join(f"/{part}" for part in parts[:count])
        return _capital(name) + self._trail(f"{file}#{above}", parts[count:])

    def _trail(self, at: str, parts: list[str]) -> str:
        words: list[str] = []
        before = ""
        for part in parts:
            name, at = unescaped(part), f"{at}/{part}"
            words.append(self._word(before, name, at))
            before = "" if before in {"properties", "content"} else name
        return "".join(words)

    def _word(self, before: str, name: str, at: str) -> str:
        if before == "properties":
            return pascal(name)
        if before in {"oneOf", "anyOf"} and name.isdecimal():
            return f"Option{int(name) + 1}"
        if before == "parameters":
            value = self.value_at(at)
            return pascal(str(value.get("name", ""))) if is_mapping(value) else ""
        if before == "responses":
            return "Response" if name.startswith("2") else f"Response{pascal(name)}"
        if before in {"content", "allOf"} or name in {"responses", "parameters"}:
            return ""
        return {"items": "Item", "additionalProperties": "Value", "requestBody": "Request"}.get(
            name, "" if name in SILENT else pascal(name)
        )


def _capital(name: str) -> str:
    return name if name[:1].isalpha() else f"Model{name}"


def _free(name: str, taken: set[str]) -> str:
    found, count = name, 2
    while found.lower() in taken:
        found, count = f"{name}{count}", count + 1
    return found
