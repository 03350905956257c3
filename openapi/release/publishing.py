"""What has to be true before a package is published, and the upload."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version

from .building import build_once, compare, digest
from .checks import check
from .index import AlreadyThere, Index
from .packages import FACADE, Package, ReleaseError


def problems(package: Package, dist: Path) -> list[str]:
    """Return why a package is not ready to be published from this checkout."""
    return [*_tree(package), *_drift(package), *_changelog(package), *_dist(package, dist)]


def wanting(package: Package, dist: Path, index: Index) -> list[Path]:
    """Return the archives that the index does not have: both, or what an upload that broke off left out.

    Raises ReleaseError where the version is at the index already, or a version that the package allows is not.
    """
    for provider, bound in package.bounds.items():
        needs = f"{package.distribution}-{provider}"
        if Version(bound) not in map(Version, index.files(needs)):
            raise ReleaseError(
                f"{package.distribution} {package.version} allows {needs} {bound}, which is not at the index: "
                f"publish it first, by `nox -s publish -- {provider}`"
            )
    there = index.files(package.distribution)
    same = [version for version in there if Version(version) == Version(package.version)]
    has = there[same[0]] if same else dict[str, str | None]()
    missing = [name for name in package.archives if name not in has]
    if missing and all((dist / name).is_file() and digest(dist / name) == has[name] for name in has):
        return [dist / name for name in missing]
    raise ReleaseError(_again(package))


def publish(package: Package, paths: list[Path], index: Index) -> None:
    """Upload archives of a package.

    Raises ReleaseError where the index has one already, or fails.
    """
    try:
        index.upload(paths)
    except AlreadyThere as error:
        raise ReleaseError(f"{_again(package)}; {error}") from None


def _tree(package: Package) -> Iterator[str]:
    """Look at what git says."""
    if changed := _git(package, "status", "--porcelain").splitlines():
        yield f"not committed: {', '.join(line[3:] for line in changed[:3])}{', …' if changed[3:] else ''}"
    if package.tag in _git(package, "tag", "--points-at", "HEAD").split():
        return
    if _git(package, "tag", "--list", package.tag):
        yield f"{package.tag} is another commit: check that out, or raise {package.version_place}"
    else:
        yield f"this commit has no tag {package.tag}: run `git tag -a {package.tag} -m {package.tag}`"


def _git(package: Package, *arguments: str) -> str:
    command = ["git", "-C", str(package.root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - arguments of ours
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def _drift(package: Package) -> Iterator[str]:
    if package.name == FACADE:
        return
    from compiler.__main__ import drift
    from compiler.document import Document
    from compiler.package import CompileError, compile_package

    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / package.name
        try:
            compile_package(Document.load(package.root / "openapi" / f"{package.name}.yaml"), fresh)
        except CompileError as error:
            yield str(error)
            return
        if list(drift(fresh, package.folder)):
            yield f"generated/{package.name} is not what the document gives: run `nox -s generate -- {package.name}`"


def _changelog(package: Package) -> Iterator[str]:
    entry, place = package.entry, package.changelog.relative_to(package.root)
    if not (entry and entry.text):
        yield f"{place} says nothing of {package.version}: tell below a heading of it what it changes for users"
    elif entry.date is None:
        yield f"{place} does not say when {package.version} is released: its heading is `## {package.version} (DATE)`"


def _dist(package: Package, dist: Path) -> Iterator[str]:
    """Hold the archives against what the sources give now."""
    build = f"run `nox -s build -- {package.name}`"
    if missing := [name for name in package.archives if not (dist / name).is_file()]:
        yield f"dist/ has no {' and no '.join(missing)}: {build}"
        return
    with tempfile.TemporaryDirectory() as folder:
        build_once(package, Path(folder))
        try:
            compare(package, dist, Path(folder), "it is not what the sources give now")
        except ReleaseError as error:
            yield f"dist/{error}: {build}"
            return
    yield from check(package, dist)


def _again(package: Package) -> str:
    place = package.changelog.relative_to(package.root)
    return (
        f"{package.distribution} {package.version} is at the index already; "
        f"raise {package.version_place}, and tell in {place} what changed"
    )
