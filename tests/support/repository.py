"""Where this repository's documents and packages are."""

from __future__ import annotations

from pathlib import Path

from ordermux_codegen.packages import Package
from ordermux_codegen.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = Workspace.at(ROOT)
DOCUMENTS = WORKSPACE.documents
GENERATED = WORKSPACE.generated
FACADE = "facade"


def package_of(name: str, root: Path = ROOT) -> Package:
    """Return a package of a checkout."""
    return Package(name, Workspace.at(root))
