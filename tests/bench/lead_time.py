"""How long it takes from a changed document to checked wheels, step by step: `nox -s lead_time`.

The steps are the commands of the nox sessions, in environments that are there already, and are run in a copy of the
sources in which every package is released.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ordermux_codegen.packages import packages
from ordermux_codegen.release.building import build_twice
from ordermux_codegen.release.checks import check
from ordermux_codegen.workspace import Workspace
from support.git_checkouts import commit, copied, edit, released, task
from support.repository import package_of

PROVIDER = "zephyr"
FIELD = """        gift_note:
          type: string
          description: What the card of a gift says.
          x-basis: {guess: "made up, to be measured"}
"""


def change(root: Path) -> None:
    """Give an order one more field that need not be there, and the document the next minor version."""
    major, minor, _ = package_of(PROVIDER, root).version.split(".")
    document, before = f"openapi/{PROVIDER}.yaml", "        fulfilment:\n          description: How far the goods are."
    edit(root, document, before, FIELD + before)
    edit(root, document, f"version: {package_of(PROVIDER, root).version}", f"version: {major}.{int(minor) + 1}.0")


def run(root: Path, *arguments: str) -> None:
    """Run a task of the copy; end where it fails."""
    done = task(root, *arguments)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")


def checked(root: Path) -> None:
    """Check all the archives; end where one is not as it should be."""
    if problems := [
        problem for package in packages(Workspace.at(root)).values() for problem in check(package, root / "dist")
    ]:
        sys.exit("\n".join(problems))


def steps(root: Path) -> dict[str, Callable[[], None]]:
    """Return what is done, in its order."""
    return {
        "changes: the verdict, the version, a draft for the changelog": lambda: run(
            root, "changes", "--draft", PROVIDER
        ),
        "generate": lambda: run(root, "generate", PROVIDER),
        "drift, all documents": lambda: run(root, "drift"),
        "lint of the documents": lambda: run(root, "lint"),
        "build of wheel and sdist of all, twice": lambda: build_twice(
            list(packages(Workspace.at(root)).values()), root / "dist"
        ),
        "checks of the archives": lambda: checked(root),
    }


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = released(copied(Path(folder) / "checkout"))
        change(root)
        commit(root)
        (root / "dist").mkdir()
        print("| step | seconds |")
        print("|---|---:|")
        total = 0.0
        for name, step in steps(root).items():
            began = time.monotonic()
            step()
            total += (took := time.monotonic() - began)
            print(f"| {name} | {took:.1f} |", flush=True)
        wheels = sum(1 for _ in (root / "dist").glob("*.whl"))
        print(f"| from a changed document to {wheels} checked wheels | {total:.1f} |")


if __name__ == "__main__":
    main()
