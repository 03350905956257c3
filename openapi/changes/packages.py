"""What differs between two compiled packages for those who import them, by their signatures, types and enum members.

griffe reads both and tells what breaks. It does not look at annotations, nor at what is new: we do, over its objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import griffe

from .places import Places
from .verdict import COMES, SENT, Direction, Verdict, moved

PATCH, MINOR, MAJOR = Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR
DEFAULTS = ("models.", "client.")
"""Where a value beside a type is what counts when none is given."""
Tree = griffe.Object | griffe.Alias


@attrs.frozen
class PackageChange:
    """A difference between two packages."""

    path: str
    """Below the package, such as `models.Order.total_cents`; of a function its module."""
    verdict: Verdict
    what: str
    names: tuple[str, ...] = ()
    """The functions of the module that it is about."""
    griffe: str = ""
    """What griffe says; nothing where it sees nothing."""

    @property
    def paths(self) -> list[str]:
        """The objects that it is about."""
        return [f"{self.path}.{name}" for name in self.names] or [self.path]

    def __str__(self) -> str:
        """Return one line."""
        names = f" ({', '.join(self.names)})" if self.names else ""
        return f"{self.path}{names}: {self.what}"


def package_changes(name: str, before: Path, after: Path, places: Places) -> list[PackageChange]:
    """Return what differs between the packages of this name in two folders."""
    old, new = (griffe.load(name, search_paths=[folder], resolve_aliases=False) for folder in (before, after))
    told = griffe.find_breaking_changes(old, new)
    breaking = {breakage.obj.path.removeprefix(f"{name}."): breakage.kind.value for breakage in told}
    found = _grouped(_Walk(places).compare(old, new, ""))
    ours = {path for change in found for path in change.paths}
    unseen = [PackageChange(path, MAJOR, text, griffe=text) for path, text in breaking.items() if path not in ours]
    return [attrs.evolve(each, griffe=next(filter(None, map(breaking.get, each.paths)), "")) for each in found] + unseen


@attrs.frozen
class _Walk:
    """Compares two trees of objects."""

    places: Places

    def compare(self, old: Tree, new: Tree, at: str) -> Iterator[PackageChange]:
        """Yield what differs in the public members of a module or a class."""
        before, after = _public(old), _public(new)
        for name in before.keys() | after.keys():
            path = f"{at}.{name}".removeprefix(".")
            if name not in after:
                yield PackageChange(path, MAJOR, "gone")
            elif name not in before:
                yield PackageChange(path, self.added(after[name], new, at), "new")
            elif before[name].kind is not after[name].kind:
                yield PackageChange(path, MAJOR, f"{before[name].kind.value} → {after[name].kind.value}")
            else:
                yield from self.same(before[name], after[name], path)

    def same(self, old: Tree, new: Tree, path: str) -> Iterator[PackageChange]:
        """Yield what differs between two objects of one name and kind."""
        if isinstance(old, griffe.Attribute) and isinstance(new, griffe.Attribute):
            if (str(old.annotation), str(old.value)) != (str(new.annotation), str(new.value)):
                yield PackageChange(path, self.moved(old, new, path), _difference(old, new))
        elif isinstance(old, griffe.Function) and isinstance(new, griffe.Function):
            module, _, name = path.rpartition(".")
            for verdict, what in _signature(old, new):
                yield PackageChange(module, verdict, what, (name,))
        elif isinstance(old, griffe.Class) and isinstance(new, griffe.Class):
            bases = [", ".join(map(str, each.bases)) for each in (old, new)]
            if bases[0] != bases[1]:
                yield PackageChange(path, MINOR, f"inherits from {bases[1]}, no longer from {bases[0]}")
            yield from self.compare(old, new, path)
        else:
            yield from self.compare(old, new, path)

    def added(self, new: Tree, holder: Tree, at: str) -> Verdict:
        """Return what a new member is: a field of a request without a default has to be given."""
        field = isinstance(new, griffe.Attribute) and isinstance(holder, griffe.Class) and new.value is None
        return MAJOR if field and "request" in self.directions(at) else MINOR

    def directions(self, path: str) -> frozenset[Direction]:
        """Return who meets a model."""
        module, _, rest = path.partition(".")
        return self.places.schema_directions(rest.split(".")[0]) if module == "models" else SENT

    def moved(self, old: griffe.Attribute, new: griffe.Attribute, path: str) -> Verdict:
        """Return what another type or value of a field, an alias, a setting or an enum member is."""
        alias = str(old.annotation) == str(new.annotation) == "TypeAlias"
        if str(old.annotation) != str(new.annotation) or alias:
            event = path == f"models.{self.places.before.event_schema}"
            texts = (str(old.value), str(new.value)) if alias else (str(old.annotation), str(new.annotation))
            return _retyped(*texts, SENT if event else self.directions(path))
        return MAJOR if path.startswith(DEFAULTS) and old.annotation is not None else MINOR


def _retyped(before: str, after: str, way: frozenset[Direction]) -> Verdict:
    """Return what another type is."""
    old, new = set(before.split(" | ")), set(after.split(" | "))
    return moved(way, wider=old < new or "Any" in new - old, narrower=new < old or "Any" in old - new)


def _signature(old: griffe.Function, new: griffe.Function) -> Iterator[tuple[Verdict, str]]:
    before, after = ({each.name: each for each in function.parameters} for function in (old, new))
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield MAJOR, f"no longer takes {name}"
        elif name not in before:
            yield (MAJOR if after[name].required else MINOR), f"takes {_argument(after[name])}"
        elif str(before[name]) != str(after[name]):
            yield _retaken(before[name], after[name]), f"{_argument(before[name])} → {_argument(after[name])}"
    kept = [[name for name in _positional(function) if name in before and name in after] for function in (old, new)]
    if kept[0] != kept[1]:
        yield MAJOR, "takes its arguments in another order"
    returned = str(old.returns), str(new.returns)
    if returned[0] != returned[1]:
        yield _retyped(*returned, COMES), f"returns {returned[1]}, no longer {returned[0]}"


def _positional(function: griffe.Function) -> list[str]:
    return [each.name for each in function.parameters if each.kind is not griffe.ParameterKind.keyword_only]


def _retaken(old: griffe.Parameter, new: griffe.Parameter) -> Verdict:
    if old.kind is not new.kind or (new.required and not old.required):
        return MAJOR
    if str(old.annotation) != str(new.annotation):
        return _retyped(str(old.annotation), str(new.annotation), SENT)
    return MINOR if old.required else MAJOR


def _argument(parameter: griffe.Parameter) -> str:
    default = "" if parameter.default is None else f" = {parameter.default}"
    return f"{parameter.name}: {parameter.annotation}{default}"


def _difference(old: griffe.Attribute, new: griffe.Attribute) -> str:
    """Return the two types, or the two values where the types are the same."""
    if str(old.annotation) != str(new.annotation):
        return f"{old.annotation} → {new.annotation}"
    return f"{old.value} → {new.value}"


def _public(node: Tree) -> dict[str, Tree]:
    return {name: each for name, each in node.members.items() if not name.startswith("_") and not each.is_alias}


def _grouped(changes: Iterator[PackageChange]) -> list[PackageChange]:
    """Return the changes in order, the same ones of several functions of a module as one."""
    grouped: dict[tuple[str, str], PackageChange] = {}
    for change in changes:
        key = change.path, change.what
        names = (*grouped[key].names, *change.names) if key in grouped else change.names
        grouped[key] = attrs.evolve(change, names=tuple(sorted(names)))
    return sorted(grouped.values(), key=lambda change: (-change.verdict, change.path, change.what))
