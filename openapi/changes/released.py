"""What was released last: the highest tag `<provider>-vX.Y.Z` that the present commit stands on."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
from pathlib import Path

import attrs

from compiler.document import OPENAPI, Document

from .verdict import Version

ROOT = OPENAPI.parent


class UnknownReleasesError(Exception):
    """What was released cannot be told from here; the message says why, and what helps."""


@attrs.frozen
class Side:
    """One state of a provider's document, and the folder that holds the package compiled from it."""

    document: Document
    folder: Path
    """The parent of `ordermux_<provider>`."""


@attrs.frozen
class Release:
    """A version that was released."""

    provider: str
    version: Version

    @property
    def tag(self) -> str:
        """Its name in git."""
        return f"{self.provider}-v{self.version}"


def last_release(provider: str) -> Release | None:
    """Return the highest release that the present commit stands on, None where there never was one.

    Raises UnknownReleasesError where git, or this clone, does not know.
    """
    if Path(_git("rev-parse", "--show-toplevel").strip()) != ROOT:
        raise UnknownReleasesError(f"{ROOT} is no git checkout of its own, so what was released cannot be told")
    tags = _git("tag", "--merged", "HEAD", "--list", f"{provider}-v*").split()
    versions = [Version.parse(tag[len(provider) + 2 :]) for tag in tags if re.search(r"-v\d+\.\d+\.\d+$", tag)]
    if versions:
        return Release(provider, max(versions))
    if _git("rev-parse", "--is-shallow-repository").strip() == "true":
        raise UnknownReleasesError(
            "this is a shallow clone without the tags of releases: run `git fetch --unshallow --tags`"
            " (in a workflow, check out with `fetch-depth: 0`)"
        )
    if "--no-tags" in _git("config", "--get-regexp", r"^remote\..*\.tagopt$", expected=(0, 1)):
        raise UnknownReleasesError("this clone leaves the tags of releases out: run `git fetch --tags`")
    return None


def released(release: Release, folder: Path) -> Side:
    """Unpack a released package, and the document that it carries, below a folder.

    Raises UnknownReleasesError where the tag does not hold them.
    """
    package = f"generated/{release.provider}"
    packed = _run("archive", "--format=tar", release.tag, package)
    if packed.returncode:
        raise UnknownReleasesError(f"{release.tag} does not hold {package}: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    path = folder / package / f"ordermux_{release.provider}" / "openapi.json"
    return Side(Document(release.provider, path, json.loads(path.read_text("utf-8"))), folder / package)


def _git(*arguments: str, expected: tuple[int, ...] = (0,)) -> str:
    done = _run(*arguments)
    if done.returncode not in expected:
        complaint = done.stderr.decode().strip()
        raise UnknownReleasesError(f"git does not tell what was released: {complaint or done.returncode}")
    return done.stdout.decode()


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise UnknownReleasesError("there is no git here, so what was released cannot be told") from None
