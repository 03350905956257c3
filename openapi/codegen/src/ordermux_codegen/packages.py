"""The packages that are released: those compiled from documents, and the hand-written ones of the repository."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
from packaging.requirements import Requirement

from .compile.changelog import Entry, entry_of
from .workspace import Workspace

CACHES = ("__pycache__", ".*", "*.pyc", "*.egg-info")
"""What lies among the sources and is none of them."""


class ReleaseError(Exception):
    """A package cannot be built or published; the message says why, and what to do."""


@attrs.frozen
class Package:
    """A package as its sources give it."""

    name: str
    """The provider's, or that of a hand-written package's folder."""
    workspace: Workspace

    @property
    def root(self) -> Path:
        """The checkout."""
        return self.workspace.root

    @property
    def document(self) -> Path | None:
        """The document that it is compiled from; None for a hand-written package."""
        return self.workspace.providers.get(self.name)

    @functools.cached_property
    def folder(self) -> Path:
        """Where its pyproject.toml is."""
        return self.workspace.generated / self.name if self.document else _hand_written(self.workspace)[self.name]

    @functools.cached_property
    def project(self) -> Mapping[str, Any]:
        """The table `project` of its pyproject.toml."""
        with (self.folder / "pyproject.toml").open("rb") as file:
            project: Mapping[str, Any] = tomllib.load(file)["project"]
        return project

    @property
    def distribution(self) -> str:
        """What pip calls it."""
        return str(self.project["name"])

    @property
    def version(self) -> str:
        """The version that it would be released as."""
        return str(self.project["version"])

    @property
    def import_name(self) -> str:
        """What Python calls it."""
        return self.distribution.replace("-", "_")

    @property
    def source(self) -> Path:
        """The folder that is imported."""
        return self.folder / ("." if self.document else "src") / self.import_name

    @property
    def version_place(self) -> str:
        """Where a maintainer raises the version."""
        project = self.folder / "pyproject.toml"
        return f"info.version in {self.place(self.document)}" if self.document else f"version in {self.place(project)}"

    @property
    def changelog(self) -> Path:
        """The changelog that a maintainer writes."""
        folder = self.workspace.documents / self.name if self.document else self.folder
        own = folder / "CHANGELOG.md"
        return own if self.document or own.is_file() else self.root / "CHANGELOG.md"

    @property
    def entry(self) -> Entry | None:
        """What it says of the version; None if it has no heading of it."""
        return entry_of(self.changelog.read_text(encoding="utf-8"), self.version)

    @property
    def tag(self) -> str:
        """The git tag of its version."""
        return f"{self.name if self.document else self.distribution}-v{self.version}"

    @property
    def archives(self) -> tuple[str, str]:
        """The names of its sdist and its wheel."""
        stem = f"{self.import_name}-{self.version}"
        return f"{stem}.tar.gz", f"{stem}-py3-none-any.whl"

    @property
    def bounds(self) -> dict[str, str]:
        """The lowest version that is allowed of each compiled package, by provider; the facade alone has some.

        Raises ReleaseError if a bound is not one full version.
        """
        extras: Mapping[str, list[str]] = self.project.get("optional-dependencies", {})
        needed = [Requirement(line) for name in sorted(extras) for line in extras[name]]
        prefix = f"{self.distribution}-"
        return {needs.name.removeprefix(prefix): _bound(needs) for needs in needed if needs.name.startswith(prefix)}

    def place(self, path: Path) -> str:
        """Return a path in the checkout as messages show it."""
        return path.relative_to(self.root).as_posix()

    def files(self) -> set[str]:
        """Return the files of the folder that is imported, caches left out, by their paths in the wheel."""
        return {str(path.relative_to(self.source.parent)) for path in _walk(self.source)}


def packages(workspace: Workspace) -> dict[str, Package]:
    """Return every package by name, the compiled ones first."""
    names = [*workspace.providers, *_hand_written(workspace)]
    return {name: Package(name, workspace) for name in names}


def _hand_written(workspace: Workspace) -> dict[str, Path]:
    """Return the folders of the packages that are not compiled, by name: up to two levels below the checkout."""
    root = workspace.root
    projects = [*root.glob("[!.]*/pyproject.toml"), *root.glob("[!.]*/[!.]*/pyproject.toml")]
    folders = [path.parent for path in projects if not path.is_relative_to(workspace.generated)]
    return dict(sorted((folder.name, folder) for folder in folders))


def named(names: list[str], workspace: Workspace) -> list[Package]:
    """Return the packages that are named, each by its name, its distribution or its tag; all if none is.

    Raises ReleaseError if one is not known, or a tag is not that of the package's version.
    """
    known = packages(workspace)
    by_tag = {package.tag: package for package in known.values()}
    found = known | by_tag | {package.distribution: package for package in known.values()}
    for name in names:
        if name in found:
            continue
        stem = re.sub("-v[^-]*$", "-v", name)
        if near := [package for tag, package in by_tag.items() if tag.startswith(stem) and stem.endswith("-v")]:
            raise ReleaseError(f"{near[0].distribution} is {near[0].version}, whose tag is {near[0].tag}, not {name}")
        raise ReleaseError(f"no such package: {name}; there are {', '.join(known)}")
    return [found[name] for name in names] or list(known.values())


def _bound(needs: Requirement) -> str:
    bound = [part.version for part in needs.specifier if part.operator == ">="]
    if len(bound) != 1 or not re.fullmatch(r"\d+\.\d+\.\d+", bound[0]):
        raise ReleaseError(f"{needs}: a lower bound is one full version, such as {needs.name}>=1.2.0")
    return bound[0]


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if any(path.match(pattern) for pattern in CACHES):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
