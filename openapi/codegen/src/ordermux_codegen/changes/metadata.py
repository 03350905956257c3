"""What differs between two compiled packages for those who install them: Python, other packages, and `py.typed`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from .packages import PackageChange
from .verdict import Verdict

PYTHONS = [f"3.{minor}.{micro}" for minor in range(40) for micro in (0, 99)]
"""The versions that are tried: the first and a late one of each."""


def metadata_changes(name: str, before: Path, after: Path) -> Iterator[PackageChange]:
    """Yield what differs in the metadata of the packages of this name in two folders."""
    typed = [(folder / name / "py.typed").is_file() for folder in (before, after)]
    if typed[0] and not typed[1]:
        yield PackageChange("py.typed", Verdict.MAJOR, "gone, so type checkers see no types any more")
    old, new = (_project(folder) for folder in (before, after))
    pythons = [str(side.get("requires-python", "")) for side in (old, new)]
    if pythons[0] != pythons[1]:
        lost = _admitted(pythons[0]) - _admitted(pythons[1])
        yield PackageChange("requires-python", Verdict.MAJOR if lost else Verdict.MINOR, " → ".join(pythons))
    needed = [_requirements(side) for side in (old, new)]
    for each in sorted(needed[0].keys() | needed[1].keys()):
        was, now = (side.get(each, "nothing of it") for side in needed)
        if was != now:
            yield PackageChange(f"dependencies.{each}", Verdict.MINOR, f"{was} → {now}")


def _project(folder: Path) -> dict[str, Any]:
    path = folder / "pyproject.toml"
    return cast("dict[str, Any]", tomllib.loads(path.read_text("utf-8"))["project"]) if path.is_file() else {}


def _admitted(versions: str) -> set[str]:
    return set(SpecifierSet(versions).filter(PYTHONS))


def _requirements(project: dict[str, Any]) -> dict[str, str]:
    """Return what a package needs, by the names of the other packages."""
    found = [Requirement(text) for text in project.get("dependencies", ())]
    return {each.name: str(each) for each in found}
