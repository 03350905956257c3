"""The commands `build` and `publish`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..options import parser_of, report, workspace_of
from ..packages import Package, ReleaseError, named
from .building import build_twice, digest
from .checks import check
from .index import Index
from .publishing import problems, publish, wanting


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one command; return 0, or 1 if it could not be done."""
    parser = parser_of(command)
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the packages (default: generated)")
    if command == "build":
        parser.add_argument("names", nargs="*", help="packages, or tags of theirs (default: all)")
    else:
        add_publish_options(parser)
    given = parser.parse_args(arguments)
    workspace = workspace_of(parser, given.documents, given.out)
    dist = workspace.root / "dist"
    try:
        if command == "build":
            return _build(named(given.names, workspace), dist)
        return _publish(named([given.name], workspace)[0], dist, given)
    except ReleaseError as error:
        return report([str(error)])


def add_publish_options(parser: argparse.ArgumentParser) -> None:
    """Add what `publish` alone takes."""
    add = parser.add_argument
    add("name", help="the package, or its tag")
    add("--index", metavar="URL", help="address to upload to (default: the environment's TWINE_REPOSITORY_URL)")
    add("--simple", metavar="URL", help="address at which the index lists what it has (default: simple/ below it)")
    add("--check", action="store_true", help="upload nothing; an index is asked only if one is named")
    add("--notes", metavar="FILE", type=Path, help="write what the changelog says of the version there")


def _build(wanted: list[Package], dist: Path) -> int:
    dist.mkdir(exist_ok=True)
    build_twice(wanted, dist)
    found = [problem for package in wanted for problem in check(package, dist)]
    for name in (name for package in wanted for name in package.archives):
        print(f"{name:44} {(dist / name).stat().st_size:>8} bytes  sha256 {digest(dist / name)}")
    return report(found)


def _publish(package: Package, dist: Path, given: argparse.Namespace) -> int:
    asked = bool(given.index or given.simple) or not given.check
    index = Index.of(given.index, given.simple) if asked else None
    paths = wanting(package, dist, index) if index else []
    if found := problems(package, dist):
        return report(f"{package.distribution} {package.version}: {problem}" for problem in found)
    if index and not given.check:
        publish(package, paths, index)
        print(*(f"uploaded {path.name}" for path in paths), sep="\n")
    else:
        print(f"{package.distribution} {package.version} can be published{'' if index else '; no index was asked'}")
    if given.notes and package.entry:
        given.notes.write_text(package.entry.text + "\n", encoding="utf-8")
    return 0
