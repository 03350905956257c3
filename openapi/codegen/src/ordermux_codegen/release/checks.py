"""What is looked at in a built wheel and sdist, where no tool does."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from packaging.metadata import Metadata

from ..compile.document import Document
from ..compile.settings import PackageSettings
from ..packages import Package
from ..workspace import license_file, task

KINDS = {".py", ".html", ".css", ".js", ".json", ".toml", ".typed", ".jinja", ".jinja2"}
"""What a package may hold: code, pages, tables, templates and the typing marker; no tests, no notes, no leftovers."""
FILES = {"constraints.txt"}
"""Beside these kinds: the versions that the compiler is held to."""
PLACES = (str(Path.home()), Path("/").as_uri())
"""What would tell of the machine; the folder of the checkout goes with them."""
BESIDE = {"README.md", "pyproject.toml", "PKG-INFO"}
"""What an sdist holds besides the package; its licence and its changelog, if it has them, too."""


def check(package: Package, folder: Path) -> list[str]:
    """Return what is wrong with a package's archives in a folder, by the stock tools and by ours."""
    sdist, wheel = (folder / name for name in package.archives)
    return [*_stock(package, sdist, wheel), *_metadata(package, wheel), *_contents(package, sdist, wheel)]


def _stock(package: Package, sdist: Path, wheel: Path) -> Iterator[str]:
    contents = ["--no-config", "--toplevel", package.import_name, "--package", str(package.source)]
    omitted = ["--package-omit", "__pycache__,.*,*.pyc"]
    for tool in (
        ["twine", "check", "--strict", str(sdist), str(wheel)],
        ["check_wheel_contents", *contents, *omitted, str(wheel)],
    ):
        command = [sys.executable, "-m", *tool]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - tools of ours
        if done.returncode:
            yield f"{tool[0]}: {done.stdout.strip()} {done.stderr.strip()}"


def _metadata(package: Package, wheel: Path) -> Iterator[str]:
    """Hold the metadata against the package's pyproject.toml, its readme and its licence."""
    project, about = package.project, f"{package.import_name}-{package.version}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        told = Metadata.from_email(archive.read(f"{about}/METADATA"), validate=True)
        beside = {name: archive.read(name) for name in archive.namelist() if name.startswith(about)}
    text = license_file(package.workspace.documents)
    needs, entries = told.requires_dist or [], configparser.ConfigParser()
    entries.read_string(beside.get(f"{about}/entry_points.txt", b"").decode())
    scripts = {"console_scripts": project["scripts"]} if "scripts" in project else {}
    for what, wanted, found in (
        ("name", package.distribution, told.name),
        ("version", package.version, str(told.version)),
        ("licence", _license(package), told.license_expression),
        ("licence files", ["LICENSE"] if text else None, told.license_files),
        ("licence's text", text and text.read_bytes(), beside.get(f"{about}/licenses/LICENSE")),
        ("Python versions", project["requires-python"], str(told.requires_python)),
        ("readme", (package.folder / "README.md").read_text(encoding="utf-8"), told.description),
        ("readme's kind", "text/markdown", told.description_content_type),
        ("dependencies", set(project["dependencies"]), {str(one) for one in needs if not one.marker}),
        ("extras", set(project.get("optional-dependencies", {})), set(told.provides_extra or [])),
        ("entry points", scripts | project.get("entry-points", {}), _tables(entries)),
    ):
        if wanted != found:
            yield f"{wheel.name}: its {what}: {found!r:.80}, not {wanted!r:.80}"


def _license(package: Package) -> str | None:
    """Return the licence that a package should have, as an SPDX expression."""
    own: str | None = package.project.get("license")
    return (PackageSettings.load(package.workspace.documents).license or None) if package.document else own


def _tables(parsed: configparser.ConfigParser) -> dict[str, dict[str, str]]:
    return {section: dict(parsed[section]) for section in parsed.sections()}


def _contents(package: Package, sdist: Path, wheel: Path) -> Iterator[str]:
    """Look for what is missing, what should not be there, and what tells of the machine."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    about, files = f"{package.import_name}-{package.version}.dist-info/", package.files()
    yield from _differ(wheel.name, files, {name for name in inside if not name.startswith(about)})
    yield from _differ(sdist.name, _source_files(package), set(_names(sdist)))
    yield from (f"{wheel.name}: {name} is no part of a package" for name in sorted(files) if not _fits(name))
    if f"{package.import_name}/py.typed" not in inside:
        yield f"{wheel.name}: py.typed is missing"
    if package.document:
        yield from _document(package, package.document, inside.get(f"{package.import_name}/openapi.json"))
    for name, content in inside.items():
        found = [place for place in (str(package.root), *PLACES) if place.encode() in content]
        if found:
            yield f"{wheel.name}: {name} names {', '.join(found)}"


def _differ(archive: str, wanted: set[str], found: set[str]) -> Iterator[str]:
    yield from (f"{archive}: {name} is missing" for name in sorted(wanted - found))
    yield from (f"{archive}: {name} should not be there" for name in sorted(found - wanted))


def _fits(name: str) -> bool:
    """Return whether a file may be in a package, which holds no tests."""
    path = PurePosixPath(name)
    return (
        (path.suffix in KINDS or path.name in FILES) and not path.stem.startswith("test_") and "tests" not in path.parts
    )


def _source_files(package: Package) -> set[str]:
    source = package.source.parent.relative_to(package.folder)
    changelog = [package.changelog.name] if package.changelog.parent != package.root else []
    licence = ["LICENSE"] if license_file(package.workspace.documents) else []
    return {*BESIDE, *changelog, *licence} | {str(source / name) for name in package.files()}


def _names(sdist: Path) -> Iterator[str]:
    """Yield what an sdist holds, by its path in the one folder that there is."""
    top = sdist.name.removesuffix(".tar.gz")
    with tarfile.open(sdist) as archive:
        yield from (member.name.removeprefix(f"{top}/") for member in archive if not member.isdir())


def _document(package: Package, path: Path, carried: bytes | None) -> Iterator[str]:
    """Hold the document that a wheel carries against the one that it is compiled from."""
    document = Document.load(path)
    if carried is None or json.loads(carried) != document.raw:
        yield f"{package.distribution}: openapi.json is not {package.place(path)}: run {task('generate')}"
    if document.version != package.version:
        yield f"{package.distribution}: its version is {package.version}, and the document's {document.version}"
