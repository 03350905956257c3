"""The commands `generate`, `drift` and `basis`."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..options import documents_of, parser_of, report, workspace_of
from ..workspace import Workspace, shown, task
from .document import Document
from .facts import overview_table
from .package import CompileError, compile_package
from .verification import type_errors

IGNORED = {"__pycache__", "dist", ".mypy_cache", ".ruff_cache"}


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one command; return 0, or 1 if it found something."""
    parser = parser_of(command)
    parser.add_argument("providers", nargs="*", help="the documents' names (default: all)")
    if command != "basis":
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the packages (default: generated)")
    if command == "generate":
        parser.add_argument(
            "--types", action="store_true", help="check the types of what changed, before it is written"
        )
    given = parser.parse_args(arguments)
    workspace = workspace_of(parser, given.documents, None if command == "basis" else given.out)
    documents = documents_of(parser, workspace, given.providers)
    if command == "basis":
        print(overview_table(documents))
        return 0
    kept = workspace.generated
    if command == "drift":
        problems = [problem for document in documents for problem in _drift(document, kept)]
        problems += (
            [] if given.providers else [f"{shown(path)}: no document gives it" for path in _leftovers(workspace)]
        )
        if problems:
            cure = f"change {shown(workspace.documents)}/, then run {task('generate')}"
            problems.append(f"{shown(kept)}/ is not what the documents give: {cure}")
        return report(problems)
    problems = [problem for document in documents for problem in _generate(document, kept, types=given.types)]
    for path in [] if given.providers else _leftovers(workspace):
        shutil.rmtree(path)
        print(f"{shown(path)}: removed")
    return report(problems)


def _drift(document: Document, generated: Path) -> Iterator[str]:
    kept = generated / document.provider
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / document.provider
        try:
            compile_package(document, fresh)
        except CompileError as error:
            yield str(error)
            return
        yield from (f"{shown(kept)}/{difference}" for difference in drift(fresh, kept))


def _generate(document: Document, generated: Path, *, types: bool) -> Iterator[str]:
    kept = generated / document.provider
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / document.provider
        try:
            compile_package(document, fresh)
        except CompileError as error:
            yield str(error)
            return
        differences = list(drift(fresh, kept))
        if differences and types and (wrong := type_errors(document, fresh)):
            yield from wrong
            return
        if differences:
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(fresh, kept)
    print(f"{shown(kept)}: {len(differences)} changed file{'' if len(differences) == 1 else 's'}")


def _leftovers(workspace: Workspace) -> list[Path]:
    """Return the packages that no document gives; a folder with other content is left alone."""
    folders = sorted(path for path in workspace.generated.glob("*/") if path.name not in workspace.providers)
    return [path for path in folders if _is_compiled(path) or not _files(path)]


def _is_compiled(folder: Path) -> bool:
    project = folder / "pyproject.toml"
    return project.is_file() and project.read_text("utf-8").startswith("# Compiled from ")


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
