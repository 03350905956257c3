"""What has to be true before a package is published, and the upload."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.version import Version

from ..changes.gate import out_of_order, too_low
from ..compile.command import drift
from ..compile.document import Document
from ..compile.package import CompileError, compile_package
from ..packages import Package, ReleaseError
from ..workspace import task
from .building import build_once, compare, digest
from .checks import check
from .index import AlreadyThere, Index


def problems(package: Package, dist: Path) -> list[str]:
    """Return why a package is not ready to be published from this checkout."""
    return [*_tree(package), *_drift(package), *_verdict(package), *_changelog(package), *_dist(package, dist)]


def wanting(package: Package, dist: Path, index: Index) -> list[Path]:
    """Return the archives that the index does not have: both, or what an upload that broke off left out.

    Raises ReleaseError if the version is at the index already, or a version that the package allows is not.
    """
    for provider, bound in package.bounds.items():
        needs = f"{package.distribution}-{provider}"
        if Version(bound) not in map(Version, index.files(needs)):
            raise ReleaseError(
                f"{package.distribution} {package.version} allows {needs} {bound}, which is not at the index: "
                f"publish it first, by {task('publish', provider)}"
            )
    there = index.files(package.distribution)
    if untagged := _untagged(package, there):
        raise ReleaseError(
            f"the index has {package.distribution} {', '.join(untagged)}, and there is no tag of it, so it cannot be "
            "told what changed since: run `git fetch --tags`, or tag the commit that was released"
        )
    same = [version for version in there if Version(version) == Version(package.version)]
    has = there[same[0]] if same else dict[str, str | None]()
    missing = [name for name in package.archives if name not in has]
    if missing and all((dist / name).is_file() and digest(dist / name) == has[name] for name in has):
        return [dist / name for name in missing]
    raise ReleaseError(_again(package))


def _untagged(package: Package, there: Iterable[str]) -> list[str]:
    """Return the other versions that the index has and git has no tag of."""
    stem = package.tag.removesuffix(package.version)
    tags = set(_git(package, "tag", "--list", f"{stem}*").split())
    others = sorted(each for each in map(Version, there) if each != Version(package.version))
    return [str(version) for version in others if f"{stem}{version}" not in tags]


def publish(package: Package, paths: list[Path], index: Index) -> None:
    """Upload archives of a package.

    Raises ReleaseError if the index has one already, or fails.
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
    if not package.document:
        return
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / package.name
        try:
            compile_package(Document.load(package.document), fresh)
        except CompileError as error:
            yield str(error)
            return
        if list(drift(fresh, package.folder)):
            cure = task("generate", package.name)
            yield f"{package.place(package.folder)} is not what the document gives: run {cure}"


def _verdict(package: Package) -> list[str]:
    """Look whether the version is high enough for what changed since the releases before it."""
    if not package.document:
        place, changelog = package.version_place, package.changelog
        return out_of_order(package.distribution, package.version, place, changelog, package.root)
    return too_low(package.name, package.workspace)


def _changelog(package: Package) -> Iterator[str]:
    entry, place = package.entry, package.place(package.changelog)
    if not (entry and entry.text):
        yield f"{place} says nothing of {package.version}: tell below a heading of it what it changes for users"
    elif entry.date is None:
        yield f"{place} does not say when {package.version} is released: its heading is `## {package.version} (DATE)`"


def _dist(package: Package, dist: Path) -> Iterator[str]:
    """Hold the archives against what the sources give now."""
    build = f"run {task('build', package.name)}"
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
    place = package.place(package.changelog)
    return (
        f"{package.distribution} {package.version} is at the index already; "
        f"raise {package.version_place}, and tell in {place} what changed"
    )
