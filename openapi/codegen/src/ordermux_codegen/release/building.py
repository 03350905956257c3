"""Wheel and sdist of a package: the same bytes whenever, wherever and by whomever they are built."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

import attrs
from build import BuildBackendException, ProjectBuilder

from ..packages import CACHES, Package, ReleaseError

EPOCH = 1580601600
"""The time of every file in an archive, in unix seconds: hatchling's own, so that `python -m build` gives the same. It
is no commit's, since the same sources give the same bytes at every commit."""
COARSEST = 2.0
"""Seconds: the resolution of the times in a zip."""


@attrs.frozen
class Conditions:
    """What an archive must not depend on."""

    place: str
    umask: int
    modified: int
    """The time of the source files, in unix seconds."""
    environment: Mapping[str, str]


FIRST = Conditions("here", 0o022, 1_700_000_000, {"TZ": "UTC", "PYTHONHASHSEED": "1"})
SECOND = Conditions("another/place", 0o077, 1_000_000_000, {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2"})


def build_once(package: Package, target: Path, conditions: Conditions = FIRST, *, by_sdist: bool = False) -> None:
    """Build sdist and wheel into `target`; the wheel from the sources, or from the sdist.

    Raises ReleaseError.
    """
    with tempfile.TemporaryDirectory() as scratch:  # outside of the checkout, whose .gitignore an sdist would take up
        folder = Path(scratch) / conditions.place / package.name
        shutil.copytree(package.folder, folder, ignore=shutil.ignore_patterns(*CACHES), copy_function=shutil.copyfile)
        _settle(folder, conditions)
        sdist = _build(folder, "sdist", target, conditions)
        if by_sdist:
            with tarfile.open(sdist) as archive:
                archive.extractall(scratch, filter="data")
            folder = Path(scratch) / sdist.name.removesuffix(".tar.gz")
        _build(folder, "wheel", target, conditions)


def build_twice(packages: Sequence[Package], target: Path) -> None:
    """Build packages into `target`, and again under other conditions, the wheel from the sdist.

    Raises ReleaseError if the bytes differ, with the members that do.
    """
    built: dict[str, float] = {}
    for package in packages:
        for stale in target.glob(f"{package.import_name}-*"):
            stale.unlink()
        build_once(package, target)
        built[package.name] = time.monotonic()
    for package in packages:
        time.sleep(max(0.0, built[package.name] + COARSEST - time.monotonic()))  # so that a time of building shows
        with tempfile.TemporaryDirectory() as again:
            build_once(package, Path(again), SECOND, by_sdist=True)
            compare(package, target, Path(again), "a second build gave other bytes")


def compare(package: Package, one: Path, other: Path, complaint: str) -> None:
    """Hold the archives of a package in one folder against those in another.

    Raises ReleaseError, with the members that differ.
    """
    for name in package.archives:
        if digest(one / name) != digest(other / name):
            left, right = _members(one / name), _members(other / name)
            differing = [member for member in sorted(left | right) if left.get(member) != right.get(member)]
            raise ReleaseError(f"{name}: {complaint}: {', '.join(differing) or 'the archive itself'}")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _members(path: Path) -> dict[str, tuple[object, ...]]:
    """Return what an archive says of each member: what it holds, its time, its mode."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {file.filename: (file.CRC, file.date_time, file.external_attr) for file in wheel.infolist()}
    with tarfile.open(path) as sdist:
        members = [member for member in sdist if member.isfile()]
        return {file.name: (_read(sdist, file), file.mtime, file.mode, file.uid) for file in members}


def _read(sdist: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    with cast("IO[bytes]", sdist.extractfile(member)) as file:
        return file.read()


def _settle(folder: Path, conditions: Conditions) -> None:
    """Give every file and folder the times and the modes of the conditions."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod((0o777 if path.is_dir() else 0o666) & ~conditions.umask)
        os.utime(path, (conditions.modified, conditions.modified))


def _build(folder: Path, kind: str, target: Path, conditions: Conditions) -> Path:
    environment = {**os.environ, **conditions.environment, "SOURCE_DATE_EPOCH": str(EPOCH)}

    def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        subprocess.run(  # noqa: S603 - the command is the backend's, which is pinned
            cmd,
            cwd=cwd,
            env=environment | dict(extra_environ or {}),
            umask=conditions.umask,
            check=True,
            capture_output=True,
        )

    builder = ProjectBuilder(folder, runner=run)
    try:
        return Path(builder.build("sdist" if kind == "sdist" else "wheel", target))
    except BuildBackendException as error:
        raise ReleaseError(f"{folder.name}: the {kind} could not be built: {_said(error)}") from error


def _said(error: BuildBackendException) -> str:
    """Return what the backend wrote."""
    if isinstance(error.exception, subprocess.CalledProcessError):
        return str(error.exception.stderr.decode(errors="replace")).strip()
    return str(error)
