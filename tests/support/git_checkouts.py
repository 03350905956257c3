"""Copies of this checkout, in repositories of their own, which a test may change, commit and tag."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ordermux_codegen.packages import CACHES, packages
from ordermux_codegen.workspace import Workspace
from support import warm_python
from support.repository import FACADE, ROOT, package_of

FOLDERS = ("facade", "generated", "openapi", "tests")
FILES = (".gitignore", "CHANGELOG.md", "LICENSE", "noxfile.py", "pyproject.toml")
TOOLS = "openapi/codegen/src"
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")
DATE = "2026-01-31"


def copied(root: Path) -> Path:
    """Copy the sources into a folder, without what is not committed, and commit them; return it."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(*CACHES))
    for name in FILES:
        shutil.copy(ROOT / name, root)
    git(root, "init", "--quiet")
    commit(root)
    return root


def before_a_release(root: Path) -> Path:
    """Give each compiled package of a copy version 0.1.0 and a changelog of one entry, whatever it has; return it."""
    for document in root.glob("openapi/*.yaml"):
        text = re.sub(r"^  version: .*$", "  version: 0.1.0", document.read_text("utf-8"), count=1, flags=re.MULTILINE)
        document.write_text(text, "utf-8")
        told = f"# Changelog of ordermux-{document.stem}\n\n## 0.1.0 (unreleased)\n\nThe first version.\n"
        (document.with_suffix("") / "CHANGELOG.md").write_text(told, "utf-8")
    return root


def released(root: Path) -> Path:
    """Date the changelogs of a copy, and tag each package's version, as a maintainer does; return it.

    The facade wants the present version of each.
    """
    for provider, bound in package_of(FACADE, root).bounds.items():
        name = f"ordermux-{provider}>="
        edit(root, "facade/pyproject.toml", f'"{name}{bound}"', f'"{name}{package_of(provider, root).version}"')
    for path in [root / "CHANGELOG.md", *root.glob("*/*/CHANGELOG.md")]:
        dated = re.sub(r"^(## \S+) \(.*\)$", rf"\1 ({DATE})", path.read_text("utf-8"), flags=re.MULTILINE)
        path.write_text(dated, "utf-8")
    commit(root)
    for package in packages(Workspace.at(root)).values():
        git(root, "tag", package.tag)
    return root


def git(root: Path, *arguments: str) -> None:
    """Run git in a copy."""
    subprocess.run(["git", *WHO, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    """Commit all that is changed in a copy."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a change")


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Replace some text in a file of a copy, wherever it is; the file has it."""
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), encoding="utf-8")


def code(root: Path) -> list[Path]:
    """Return where a copy's packages and facade are found."""
    return [*sorted(root.glob("generated/*")), root / "facade" / "src"]


def task(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a copy's tools as its nox session does, such as `build`."""
    return module(root, "ordermux_codegen", *arguments, **environ)


def module(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in a copy, which finds the copy's tools and code, whatever is installed."""
    command = [sys.executable, "-m", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [root / TOOLS, *code(root)])), **environ}
    return warm_python.run(command, cwd=root, env=environment)
