"""Two states of a provider's document, with their packages, become a list of changes with verdicts."""

from __future__ import annotations

import contextlib
import filecmp
import tempfile
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import attrs

from ..compile.document import Document
from ..compile.package import compile_package
from .findings import Finding, complete
from .locations import Locations
from .metadata import metadata_changes
from .operation_rules import server_rule
from .packages import PackageChange, package_changes, package_in
from .redocly import differences
from .released import Side
from .rules import Change, judged, together
from .spelling import in_one_spelling, wordless
from .verdict import Verdict

CARRIED = {"CHANGELOG.md", "README.md", "openapi.json"}
"""The files of a package that are no code: what the document changes in them is judged by the document."""
OTHERWISE = "written in other words of the same meaning"


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
        return [each for each in self.package if self._cause(each) is change]

    def weight(self, change: Change) -> Verdict:
        """Return the verdict of a change of the document with what it does to the package."""
        return max([change.verdict, *(each.verdict for each in self.python(change))])

    @property
    def others(self) -> list[PackageChange]:
        """What changed in the package beside that."""
        return [each for each in self.package if self._cause(each) is None]

    def _cause(self, package: PackageChange) -> Change | None:
        """Return the change of the document that a difference of the package comes of: the nearest that is as heavy."""

        def fit(change: Change) -> tuple[bool, int]:
            near = [len(path) for path in change.python if _one_holds_the_other(package.path, path)]
            return change.verdict >= package.verdict, max(near, default=0)

        near = [change for change in self.changes if not change.text and fit(change)[1]]
        return max(near, key=fit, default=None)


def compare(before: Side, after: Document) -> Comparison:
    """Return what a document changes for the users of a released one.

    Raises CompileError if it cannot be compiled, ToolError if Redocly CLI fails.
    """
    with compiled(after, before.document.version) as folder:  # which says where a document is not right
        sides = in_one_spelling(before.document, after)
        locations = Locations(*sides)
        name = f"ordermux_{after.provider}"
        files = tuple(_differing(before.folder, folder))
        package = package_changes(before.package, package_in(folder, after.provider), locations) if files else []
        package += metadata_changes(name, before.folder, folder)
    stock = differences(*sides) if sides[0].raw != sides[1].raw else []
    found = [finding for finding in complete(stock, *sides) if finding.at[0] != "servers"]
    changes = together(chain(chain.from_iterable(judged(each, locations) for each in found), _of_servers(sides, stock)))
    if not changes and _without_info(before.document) != _without_info(after):
        changes = [Change(Verdict.NONE, OTHERWISE)]
    bump = max((finding.stock for finding in stock if finding.stock is not None), default=Verdict.NONE)
    return Comparison(tuple(changes), tuple(package), files, bump)


def _without_info(document: Document) -> Any:
    return wordless({key: each for key, each in document.raw.items() if key != "info"})


def _of_servers(sides: tuple[Document, Document], stock: list[Finding]) -> Iterator[Change]:
    told = [each.stock for each in stock if each.at[0] == "servers" and each.stock is not None]
    for verdict, what in server_rule(*sides):
        yield Change(verdict, what, frozenset({"client.Server", "client.Client.base_url"}), max(told, default=None))


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
