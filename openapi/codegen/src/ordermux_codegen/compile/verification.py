"""Whether a compiled package does what its document says, as far as the document's own examples show it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..workspace import shown
from .document import Document
from .samples import samples

TRIAL = Path(__file__).with_name("trial.py")


def failures(document: Document, folder: Path) -> list[str]:
    """Return what fails of a package in a folder, each with its place in the document; nothing if all is well."""
    task = {
        "folder": str(folder),
        "package": f"ordermux_{document.provider}",
        "schemas": list(document.schemas),
        "fields": dict(_fields(document)),
        "words": {n: len(s["enum"]) for n, s in document.schemas.items() if isinstance(s.get("enum", [0])[0], str)},
        "samples": list(samples(document)),
    }
    command = [sys.executable, "-I", str(TRIAL)]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        return [f"{shown(document.path)}: the package could not be tried: {done.stderr.strip()}"]
    found: list[tuple[list[str | int], str]] = json.loads(done.stdout)
    return [f"{document.place(tuple(at))}: {problem}" for at, problem in found]


def type_errors(document: Document, folder: Path) -> list[str]:
    """Return what `mypy --strict` says of a package in a folder; nothing if all is well."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", cache]
        package = f"ordermux_{document.provider}"
        done = subprocess.run([*command, package], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    told = (done.stdout + done.stderr).splitlines() if done.returncode else []
    return [f"{shown(document.path)}: compiled with an error of types: {line}" for line in told]


def _fields(document: Document) -> Iterator[tuple[str, dict[str, bool]]]:
    for name, schema in document.schemas.items():
        hidden = document.one_way(name)
        members = {member: node for member, node in schema.get("properties", {}).items() if not node.get(hidden)}
        if schema.get("properties"):
            yield name, {member: member in schema.get("required", ()) for member in members}
