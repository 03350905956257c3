"""Two states of a provider's document, with their packages, become a list of changes with verdicts."""

from __future__ import annotations

import contextlib
import filecmp
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import attrs

from compiler.document import Document
from compiler.package import compile_package

from .findings import complete
from .packages import PackageChange, package_changes
from .places import Places
from .redocly import differences
from .released import Side
from .rules import Change, judged
from .verdict import Verdict

CARRIED = {"CHANGELOG.md", "README.md", "openapi.json"}
"""The files of a package that are no code: what the document changes in them is judged by the document."""


@attrs.frozen
class Comparison:
    """What changed, and how much that asks of users."""

    changes: tuple[Change, ...]
    """Of the document, the weightiest first."""
    package: tuple[PackageChange, ...]
    """Of the compiled package."""
    files: tuple[str, ...]
    """The files of the package's code that differ."""
    stock: Verdict
    """Redocly's own verdict."""

    @property
    def verdict(self) -> Verdict:
        """The weightiest of all; a package that differs at all is a patch at least."""
        verdicts = [change.verdict for change in self.changes] + [each.verdict for each in self.package]
        return max([*verdicts, Verdict.PATCH if self.files else Verdict.NONE])

    def python(self, change: Change) -> list[PackageChange]:
        """Return what a change of the document does to the package."""
        return [each for each in self.package if any(_one_holds_the_other(each.path, path) for path in change.python)]

    @property
    def others(self) -> list[PackageChange]:
        """What changed in the package beside that."""
        told = [each for change in self.changes for each in self.python(change)]
        return [each for each in self.package if each not in told]


def compare(before: Side, after: Document) -> Comparison:
    """Return what a document changes for the users of a released one.

    Raises compiler.package.CompileError where it cannot be compiled, redocly.ToolError where the tool fails.
    """
    places = Places(before.document, after)
    with compiled(after, before.document.version) as folder:
        name = f"ordermux_{after.provider}"
        files = tuple(_differing(before.folder, folder))
        package = package_changes(name, before.folder, folder, places) if files else []
    stock = differences(before.document, after) if before.document.raw != after.raw else []
    found = complete(stock, before.document, after)
    changes = {(change.verdict, change.what): change for finding in found for change in judged(finding, places)}
    ordered = sorted(changes.values(), key=lambda change: (-change.verdict, change.what))
    bump = max((finding.stock for finding in stock if finding.stock is not None), default=Verdict.NONE)
    return Comparison(tuple(ordered), tuple(package), files, bump)


def _one_holds_the_other(one: str, other: str) -> bool:
    shorter, longer = sorted((f"{one}.", f"{other}."), key=len)
    return longer.startswith(shorter)


@contextlib.contextmanager
def compiled(document: Document, version: str) -> Generator[Path]:
    """Compile a document as if it had a version, so that the version makes no difference; give the folder."""
    raw = {**document.raw, "info": {**document.raw["info"], "version": version}}
    with tempfile.TemporaryDirectory() as folder:
        compile_package(Document(document.provider, document.path, raw), Path(folder) / "package")
        yield Path(folder) / "package"


def _differing(before: Path, after: Path) -> Iterator[str]:
    names = {path.relative_to(side) for side in (before, after) for path in side.rglob("*") if path.is_file()}
    for name in sorted(names):
        old, new = before / name, after / name
        same = old.exists() and new.exists() and filecmp.cmp(old, new, shallow=False)
        if not same and name.name not in CARRIED and "__pycache__" not in name.parts:
            yield str(name)
