"""`python -m release build|publish`: what the nox sessions `build` and `publish` run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .building import build_twice, digest
from .checks import check
from .index import Index
from .packages import ROOT, ReleaseError, named
from .publishing import problems, publish, wanting

DIST = ROOT / "dist"


def main() -> int:
    """Run one task; return 0, or 1 where it could not be done."""
    given = _parser().parse_args()
    try:
        return int(given.run(given))
    except ReleaseError as error:
        return _report([str(error)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="release", description=__doc__)
    tasks = parser.add_subparsers(required=True)
    build = tasks.add_parser("build", help="make wheel and sdist, twice, and check them")
    build.add_argument("names", nargs="*", help="packages or tags of theirs; all, where none is named")
    build.set_defaults(run=_build)
    upload = tasks.add_parser("publish", help="upload one package")
    upload.add_argument("name", help="the package, or its tag")
    upload.add_argument("--index", metavar="URL", help="where to; default: the environment's TWINE_REPOSITORY_URL")
    upload.add_argument("--simple", metavar="URL", help="where the index lists what it has; default: simple/ below it")
    upload.add_argument(
        "--check", action="store_true", help="upload nothing; an index is asked only where one is named"
    )
    upload.add_argument("--notes", metavar="FILE", type=Path, help="write what the changelog says of the version there")
    upload.set_defaults(run=_publish)
    return parser


def _build(given: argparse.Namespace) -> int:
    wanted = named(given.names)
    DIST.mkdir(exist_ok=True)
    build_twice(wanted, DIST)
    found = [problem for package in wanted for problem in check(package, DIST)]
    for name in (name for package in wanted for name in package.archives):
        print(f"{name:44} {(DIST / name).stat().st_size:>8} bytes  sha256 {digest(DIST / name)}")
    return _report(found)


def _publish(given: argparse.Namespace) -> int:
    package = named([given.name])[0]
    asked = bool(given.index or given.simple) or not given.check
    index = Index.of(given.index, given.simple) if asked else None
    paths = wanting(package, DIST, index) if index else []
    if found := problems(package, DIST):
        return _report([f"{package.distribution} {package.version}: {problem}" for problem in found])
    if index and not given.check:
        publish(package, paths, index)
        print(*(f"uploaded {path.name}" for path in paths), sep="\n")
    else:
        print(f"{package.distribution} {package.version} can be published{'' if index else '; no index was asked'}")
    if given.notes and package.entry:
        given.notes.write_text(package.entry.text + "\n", encoding="utf-8")
    return 0


def _report(problems: list[str]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
