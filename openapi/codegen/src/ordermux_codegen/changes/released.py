"""What was released last: the highest tag `<provider>-vX.Y.Z` that the present commit stands on."""

from __future__ import annotations

import functools
import io
import json
import re
import subprocess
import tarfile
from pathlib import Path

import attrs
import griffe

from ..compile.document import Document
from ..workspace import Workspace
from .packages import package_in
from .verdict import Version


class UnknownReleasesError(Exception):
    """What was released cannot be told from here; the message says why, and what helps."""


@attrs.frozen
class Side:
    """One state of a provider's document, and the folder that holds the package compiled from it."""

    document: Document
    folder: Path
    """The parent of `ordermux_<provider>`."""

    @functools.cached_property
    def package(self) -> griffe.Object | griffe.Alias:
        """The package's modules, as griffe reads them."""
        return package_in(self.folder, self.document.provider)


@attrs.frozen
class Release:
    """A version that was released."""

    provider: str
    version: Version

    @property
    def tag(self) -> str:
        """Its name in git."""
        return f"{self.provider}-v{self.version}"


def last_release(provider: str, root: Path) -> Release | None:
    """Return the highest release that the present commit stands on, None if there never was one.

    Raises UnknownReleasesError if git, or this clone, does not know.
    """
    return max(_releases(provider, "--merged", "HEAD", root=root), key=lambda release: release.version, default=None)


def releases_before(provider: str, version: Version, root: Path) -> list[Release]:
    """Return the releases that a version is held against, the lowest first; `ordermux` is the facade.

    Those that the present commit stands on, and those anywhere that promise the same, since a squash, a rebase or a
    branch of its own leaves a release out of the history. What was released later, on top of this commit, is none.

    Raises UnknownReleasesError if git, or this clone, does not know, or this commit has the tag of another version.
    """
    here = _releases(provider, "--points-at", "HEAD", root=root)
    if others := [release.tag for release in here if release.version != version]:
        raise UnknownReleasesError(
            f"this commit is {version}, and has the tag {', '.join(others)} too: one that was moved here has to go"
            " back to the commit that was released, by `git fetch --tags --force`"
        )
    merged = set(_releases(provider, "--merged", "HEAD", root=root))
    later = {each for each in _releases(provider, "--contains", "HEAD", root=root) if each.version > version}
    every = _releases(provider, root=root)
    held = {each for each in every if each in merged or each.version.promise == version.promise} - later
    return sorted((each for each in held if each.version != version), key=lambda release: release.version)


def untagged(provider: str, versions: list[str], root: Path) -> list[str]:
    """Return which of the versions have no tag in this repository.

    Raises UnknownReleasesError if git does not know.
    """
    tags = set(_git("tag", "--list", f"{provider}-v*", root=root).split())
    return [version for version in versions if f"{provider}-v{version}" not in tags]


def is_tagged_here(release: Release, root: Path) -> bool:
    """Return whether the present commit is what a release's tag points at."""
    return release in _releases(release.provider, "--points-at", "HEAD", root=root)


def _releases(provider: str, *which: str, root: Path) -> list[Release]:
    if Path(_git("rev-parse", "--show-toplevel", root=root).strip()) != root:
        raise UnknownReleasesError(f"{root} is no git checkout of its own, so what was released cannot be told")
    _check_clone(root)
    tags = _git("tag", *which, "--list", f"{provider}-v*", root=root).split()
    versions = [Version.parse(tag[len(provider) + 2 :]) for tag in tags if re.search(r"-v\d+\.\d+\.\d+$", tag)]
    return [Release(provider, version) for version in versions]


def _check_clone(root: Path) -> None:
    """Refuse a clone that may lack the tags of releases, even where it has some."""
    if _git("rev-parse", "--is-shallow-repository", root=root).strip() == "true":
        raise UnknownReleasesError(
            "this is a shallow clone, which may lack releases: run `git fetch --unshallow --tags`"
            " (in a workflow, check out with `fetch-depth: 0`)"
        )
    left_out = _git("config", "--get-regexp", r"^remote\..*\.tagopt$", root=root, expected=(0, 1)).splitlines()
    for setting, _, value in (line.partition(" ") for line in left_out):
        if value == "--no-tags":
            raise UnknownReleasesError(
                f"this clone leaves the tags of releases out: run `git config --unset-all {setting}`, and"
                " `git fetch --tags`"
            )


def released(release: Release, folder: Path, workspace: Workspace) -> Side:
    """Unpack a released package, and the document that it carries, below a folder.

    Raises UnknownReleasesError if the tag does not hold them.
    """
    package = (workspace.generated / release.provider).relative_to(workspace.root).as_posix()
    packed = _run(workspace.root, "archive", "--format=tar", release.tag, package)
    if packed.returncode:
        raise UnknownReleasesError(f"{release.tag} does not hold {package}: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    path = folder / package / f"ordermux_{release.provider}" / "openapi.json"
    return Side(Document(release.provider, path, json.loads(path.read_text("utf-8"))), folder / package)


def _git(*arguments: str, root: Path, expected: tuple[int, ...] = (0,)) -> str:
    done = _run(root, *arguments)
    if done.returncode not in expected:
        complaint = done.stderr.decode().strip()
        raise UnknownReleasesError(f"git does not tell what was released: {complaint or done.returncode}")
    return done.stdout.decode()


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise UnknownReleasesError("there is no git here, so what was released cannot be told") from None
