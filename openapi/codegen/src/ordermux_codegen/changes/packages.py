"""What differs between two compiled packages for those who import them, by their signatures, types and enum members.

griffe reads both and tells what breaks. It does not look at annotations, nor at what is new: we do, over its objects.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

import attrs
import griffe

from .locations import Locations
from .verdict import REQUEST, RESPONSE, Direction, Verdict, both_short, moved

PATCH, MINOR, MAJOR = Verdict.PATCH, Verdict.MINOR, Verdict.MAJOR
DEFAULTS = ("models.", "client.")
"""Where a value beside a type is what counts when none is given."""
FACTS = "document."
"""Where what the document says stands as it is; it is judged as the document's."""
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
    """What griffe says; nothing if it sees nothing."""

    @property
    def paths(self) -> list[str]:
        """The objects that it is about."""
        return [f"{self.path}.{name}" for name in self.names] or [self.path]

    def __str__(self) -> str:
        """Return one line."""
        names = f" ({', '.join(self.names)})" if self.names else ""
        return f"{self.path}{names}: {self.what}"


def package_in(folder: Path, provider: str) -> Tree:
    """Return a provider's package in a folder, as griffe reads it."""
    return griffe.load(f"ordermux_{provider}", search_paths=[folder], resolve_aliases=False)


def package_changes(old: Tree, new: Tree, locations: Locations) -> list[PackageChange]:
    """Return what differs between two packages of one name."""
    told = griffe.find_breaking_changes(old, new)
    breaking = {breakage.obj.path.removeprefix(f"{old.name}."): breakage.kind.value for breakage in told}
    found = _grouped(_Walk(locations, _Names.of(old), _Names.of(new)).compare(old, new, ""))
    ours = {path for change in found for path in change.paths}
    public = {path: text for path, text in breaking.items() if not path.rpartition(".")[2].startswith("_")}
    unseen = [PackageChange(path, MAJOR, text, griffe=text) for path, text in public.items() if path not in ours]
    return [attrs.evolve(each, griffe=next(filter(None, map(breaking.get, each.paths)), "")) for each in found] + unseen


@attrs.frozen
class _Walk:
    """Compares two trees of objects."""

    locations: Locations
    old: _Names
    new: _Names

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
            if not self._alike(old, new) and not path.startswith(FACTS):
                yield PackageChange(path, self.moved(old, new, path), _difference(old, new))
        elif isinstance(old, griffe.Function) and isinstance(new, griffe.Function):
            module, _, name = path.rpartition(".")
            for verdict, what in self.signature(old, new):
                yield PackageChange(module, verdict, what, (name,))
        elif isinstance(old, griffe.Class) and isinstance(new, griffe.Class):
            yield from self.bases(old, new, path)
            yield from self.compare(old, new, path)
        else:
            yield from self.compare(old, new, path)

    def _alike(self, old: griffe.Attribute, new: griffe.Attribute) -> bool:
        """Return whether two attributes are the same, whatever their types are called."""
        if str(old.annotation) == str(new.annotation) == "TypeAlias":
            return self.same_type(str(old.value), str(new.value))
        return self.same_type(str(old.annotation), str(new.annotation)) and str(old.value) == str(new.value)

    def same_type(self, before: str, after: str) -> bool:
        """Return whether two types are the same, as they are written or by what their names stand for."""
        if _Names.spelled(before) == _Names.spelled(after):
            return True
        return _Names.spelled(before, self.old.aliases) == _Names.spelled(after, self.new.aliases)

    def bases(self, old: griffe.Class, new: griffe.Class, path: str) -> Iterator[PackageChange]:
        """Yield what a class inherits from now; one that is no longer a model of ours cannot be given as that."""
        before, after = (list(map(str, each.bases)) for each in (old, new))
        if before != after:
            lost = [name for name in before if name not in after and name in self.old.classes]
            text = f"inherits from {', '.join(after)}, no longer from {', '.join(before)}"
            yield PackageChange(path, MAJOR if lost else PATCH, text)

    def added(self, new: Tree, holder: Tree, at: str) -> Verdict:
        """Return what a new member is: a field of a request without a default has to be given."""
        field = isinstance(new, griffe.Attribute) and isinstance(holder, griffe.Class) and new.value is None
        return MAJOR if field and "request" in self.directions(at) else MINOR

    def directions(self, path: str) -> frozenset[Direction]:
        """Return who meets a model."""
        module, _, rest = path.partition(".")
        return self.locations.schema_directions(rest.split(".")[0]) if module == "models" else REQUEST

    def moved(self, old: griffe.Attribute, new: griffe.Attribute, path: str) -> Verdict:
        """Return what another type or value of a field, an alias, a setting or an enum member is."""
        alias = str(old.annotation) == str(new.annotation) == "TypeAlias"
        if str(old.annotation) != str(new.annotation) or alias:
            event = path == f"models.{self.locations.before.event_schema}"
            texts = (str(old.value), str(new.value)) if alias else (str(old.annotation), str(new.annotation))
            if (retyped := self.retyped(*texts, REQUEST if event else self.directions(path))) is not Verdict.NONE:
                return retyped
        is_word = path.startswith("models.") and old.annotation is None  # code that names it means another one now
        return MAJOR if is_word or (path.startswith(DEFAULTS) and old.annotation is not None) else MINOR

    def retyped(self, before: str, after: str, way: frozenset[Direction]) -> Verdict:
        """Return what another type is, none if it is the same in another spelling."""
        if self.same_type(before, after):
            return Verdict.NONE
        old, new = _Names.spelled(before), _Names.spelled(after)
        return moved(way, wider=old < new or "Any" in new - old, narrower=new < old or "Any" in old - new)

    def signature(self, old: griffe.Function, new: griffe.Function) -> Iterator[tuple[Verdict, str]]:
        """Yield what a function takes and returns otherwise."""
        before, after = ({each.name: each for each in function.parameters} for function in (old, new))
        for name in dict.fromkeys((*before, *after)):
            if name not in after:
                yield MAJOR, f"no longer takes {name}"
            elif name not in before:
                yield (MAJOR if after[name].required else MINOR), f"takes {_argument(after[name])}"
            elif verdict := self.retaken(before[name], after[name]):
                yield verdict, f"{_argument(before[name])} → {_argument(after[name])}"
        kept = [[name for name in _positional(function) if name in before and name in after] for function in (old, new)]
        if kept[0] != kept[1]:
            yield MAJOR, "takes its arguments in another order"
        returned = str(old.returns), str(new.returns)
        if verdict := self.retyped(*returned, RESPONSE):
            verdict = MINOR if returned[0] in {"None", "Response[None]"} else verdict  # there was nothing to use
            yield verdict, f"returns {returned[1]}, no longer {returned[0]}"

    def retaken(self, old: griffe.Parameter, new: griffe.Parameter) -> Verdict:
        """Return what it is that an argument is taken otherwise."""
        if old.kind is not new.kind or (new.required and not old.required):
            return MAJOR
        if retyped := self.retyped(str(old.annotation), str(new.annotation), REQUEST):
            return retyped
        if str(old.default) == str(new.default):
            return Verdict.NONE
        return MINOR if old.required else MAJOR


@attrs.frozen
class _Names:
    """What a package's own names stand for in its types."""

    aliases: Mapping[str, str]
    classes: frozenset[str]

    @classmethod
    def of(cls, package: Tree) -> _Names:
        """Read them off the package's models."""
        models = package.members.get("models")
        members = models.members if models else {}
        attributes = {name: each for name, each in members.items() if isinstance(each, griffe.Attribute)}
        aliases = {name: str(each.value) for name, each in attributes.items() if str(each.annotation) == "TypeAlias"}
        return cls(aliases, frozenset(name for name, each in members.items() if isinstance(each, griffe.Class)))

    @staticmethod
    def spelled(text: str, aliases: Mapping[str, str] = MappingProxyType({})) -> frozenset[str]:
        """Return the members of a type, each in one spelling, these aliases followed."""
        try:
            node = ast.parse(text.strip(), mode="eval").body
        except SyntaxError:
            return frozenset([text])
        return frozenset(_members(node, aliases))


def _members(node: ast.expr, aliases: Mapping[str, str]) -> Iterator[str]:
    """Yield the members of a union, which may be one alone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from (*_members(node.left, aliases), *_members(node.right, aliases))
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a name that stands further down
        node = ast.parse(node.value, mode="eval").body
    name = node.id if isinstance(node, ast.Name) else ""
    name = node.attr if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "models" else name
    if name in aliases:
        others = {each: text for each, text in aliases.items() if each != name}
        yield from _members(ast.parse(aliases[name], mode="eval").body, others)
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) not in {"Literal", "typing.Literal"}:
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        spelled = [" | ".join(sorted(_members(each, aliases))) for each in inner]
        yield f"{ast.unparse(node.value)}[{', '.join(spelled)}]"
    else:
        yield name or ast.unparse(node)


def _positional(function: griffe.Function) -> list[str]:
    return [each.name for each in function.parameters if each.kind is not griffe.ParameterKind.keyword_only]


def _argument(parameter: griffe.Parameter) -> str:
    default = "" if parameter.default is None else f" = {parameter.default}"
    return f"{parameter.name}: {parameter.annotation}{default}"


def _difference(old: griffe.Attribute, new: griffe.Attribute) -> str:
    """Return the two types, or the two values where the types are the same."""
    if str(old.annotation) != str(new.annotation):
        return f"{old.annotation} → {new.annotation}"
    return " → ".join(both_short(_given(str(old.value)), _given(str(new.value))))


def _given(text: str) -> str:
    """Return what an attribute is if it is not given, as a caller would say it."""
    field = re.fullmatch(r"(?:\w+\.)?field\((.*)\)", text, re.DOTALL)
    if field is None:
        return text
    call = cast("ast.Call", ast.parse(f"f({field.group(1)})", mode="eval").body)
    options = {each.arg: ast.unparse(each.value) for each in call.keywords}
    named = f"{options['name']} on the wire" if "name" in options else ""
    default = options.get("default") or (f"{options['default_factory']}()" if "default_factory" in options else "")
    default = default or (f"{options['factory']}()" if "factory" in options else "")
    return ", ".join(filter(None, (named, f"{default} if not given" if default else "to be given")))


def _public(node: Tree) -> dict[str, Tree]:
    """Return the public members of a module or a class, with those of the models that it inherits from."""
    inherited: dict[str, Tree] = {}
    if isinstance(node, griffe.Class) and node.parent is not None:
        bases = [node.parent.members.get(str(base)) for base in node.bases]
        for base in (each for each in bases if isinstance(each, griffe.Class)):
            inherited |= _public(base)
    return inherited | {
        name: each for name, each in node.members.items() if not name.startswith("_") and not each.is_alias
    }


def _grouped(changes: Iterator[PackageChange]) -> list[PackageChange]:
    """Return the changes in order, the same ones of several functions of a module as one."""
    grouped: dict[tuple[str, str], PackageChange] = {}
    for change in changes:
        key = change.path, change.what
        names = (*grouped[key].names, *change.names) if key in grouped else change.names
        grouped[key] = attrs.evolve(change, names=tuple(sorted(names)))
    return sorted(grouped.values(), key=lambda change: (-change.verdict, change.path, change.what))
