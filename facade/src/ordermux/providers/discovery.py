"""The entry points of providers, and what is wrong with them: one that is broken does not hide the others."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points

import attrs

GROUP = "ordermux.providers"
RESERVED = frozenset({"codegen", "provider", "reference", "w"})
"""Names that no provider can have: `ordermux_codegen` is the compiler, and the emulator itself serves `/w`."""
_NAME = re.compile(r"[a-z][a-z0-9]*")


@attrs.frozen
class Registration:
    """One entry point of a provider."""

    name: str
    module: str
    distribution: str
    problem: str | None = None
    """Why it cannot be used, and what to do; None if nothing is known to be wrong."""


@attrs.frozen
class Discovery:
    """Everything that the installed packages register."""

    registrations: tuple[Registration, ...]
    """By name, in the order of the names; each name once."""
    unreadable: tuple[str, ...] = ()
    """The packages whose metadata cannot be read, so that they may have a provider that is not found."""


def discover() -> Discovery:
    """Return what the installed packages register."""
    unreadable: list[str] = []
    try:
        points = list(entry_points(group=GROUP))
    except Exception:  # the metadata of any package, which need not have a provider
        points = list(_points_one_by_one(unreadable))
    found: dict[str, Registration] = {}
    for point in sorted(points, key=lambda each: (each.name, each.value)):
        made = _registration(point)
        other = found.setdefault(made.name, made)
        if other.module != made.module:
            both = f"two packages register a provider {made.name}: {other.distribution} and {made.distribution}"
            found[made.name] = attrs.evolve(other, problem=f"{both}; uninstall one of them")
    return Discovery(tuple(found.values()), tuple(unreadable))


def _points_one_by_one(unreadable: list[str]) -> Iterator[EntryPoint]:
    for each in distributions():
        try:
            yield from [point for point in each.entry_points if point.group == GROUP]
        except Exception as error:
            unreadable.append(f"{_place_of(each)} ({type(error).__name__}: {error})")


def _place_of(distribution: Distribution) -> str:
    """Return the folder of a package's metadata."""
    return str(getattr(distribution, "_path", None) or distribution.locate_file(""))


def _registration(point: EntryPoint) -> Registration:
    distribution = _distribution(point)
    return Registration(point.name, point.value, distribution, _problem(point, distribution))


def _problem(point: EntryPoint, distribution: str) -> str | None:
    """Return what is wrong with the name or the module of an entry point."""
    stated = f"the entry point {point.name!r} of {distribution}"
    if not _NAME.fullmatch(point.name) or keyword.iskeyword(point.name):
        return f"{stated} is not a provider's name, which has lower-case letters and digits; rename it"
    if point.name in RESERVED:
        return f"{stated} has a name that ordermux uses itself; rename it"
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in point.value.split(".")):
        return f"{stated} is {point.value!r}; expected a package, such as ordermux_provider_{point.name}"
    return None


def _distribution(point: EntryPoint) -> str:
    """Return the name of the package that has an entry point; its module's if the metadata lacks a name."""
    try:
        name: str | None = None if point.dist is None else point.dist.name
    except Exception:  # metadata that cannot be read, or is missing
        name = None
    return name or point.value.partition(".")[0]
