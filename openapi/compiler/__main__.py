"""`python -m compiler generate|drift|lint|basis [provider …]`: what the nox sessions of the same names run."""

from __future__ import annotations

import argparse
import filecmp
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.error import YAMLError

from .basis import overview_table
from .document import OPENAPI, Document
from .lint import lint
from .package import GENERATED, CompileError, compile_package

IGNORED = {"__pycache__", "dist", ".mypy_cache", ".ruff_cache"}


def main() -> int:
    """Run one task; return 0, or 1 where it found something."""
    parser = argparse.ArgumentParser(prog="compiler", description=__doc__)
    parser.add_argument("task", choices=["generate", "drift", "lint", "basis"])
    parser.add_argument("providers", nargs="*", help="all, where none is named")
    arguments = parser.parse_args()
    known = {path.stem: path for path in sorted(OPENAPI.glob("*.yaml"))}
    if unknown := set(arguments.providers) - set(known):
        parser.error(f"no such provider: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    try:
        documents = [Document.load(known[name]) for name in arguments.providers or known]
    except YAMLError as error:
        return _report([str(error)])
    if arguments.task == "basis":
        print(overview_table(documents))
        return 0
    if arguments.task == "lint":
        return _report([f"{document.path.name}: {problem}" for document in documents for problem in lint(document)])
    problems = [problem for document in documents for problem in _compile(document, arguments.task)]
    if not arguments.providers:
        problems += _leftovers(set(known), arguments.task)
    if problems and arguments.task == "drift":
        problems.append("generated/ is not what the documents give: change openapi/, then run `nox -s generate`")
    return _report(problems)


def _compile(document: Document, task: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        fresh, kept = Path(folder) / document.provider, GENERATED / document.provider
        try:
            compile_package(document, fresh)
        except CompileError as error:
            yield str(error)
            return
        differences = list(drift(fresh, kept))
        if task == "drift":
            yield from (f"generated/{document.provider}/{difference}" for difference in differences)
        elif differences:
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(fresh, kept)
        if task == "generate":
            print(
                f"generated/{document.provider}: {len(differences)} changed file{'' if len(differences) == 1 else 's'}"
            )


def _leftovers(providers: set[str], task: str) -> Iterator[str]:
    """Yield, or remove, the packages that no document gives."""
    for package in sorted(GENERATED.iterdir()):
        if package.name not in providers and task == "drift":
            yield f"generated/{package.name}: no document gives it"
        elif package.name not in providers:
            shutil.rmtree(package)
            print(f"generated/{package.name}: removed")


def drift(fresh: Path, kept: Path) -> Iterator[str]:
    """Yield each file that is missing, that should not be there, or that differs."""
    wanted, found = _files(fresh), _files(kept)
    for name in sorted(wanted | found):
        if name not in found:
            yield f"{name}: missing"
        elif name not in wanted:
            yield f"{name}: not from the document"
        elif not filecmp.cmp(fresh / name, kept / name, shallow=False):
            yield f"{name}: differs"


def _files(folder: Path) -> set[Path]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path for path in paths if not IGNORED & set(path.parts)}


def _report(problems: list[str]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
