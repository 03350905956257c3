"""Schemathesis as a process of its own, and what its report says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ordermux.emulator import Emulator

from .documents import Contract
from .rounds import Round
from .settings import settings

_LINKS = re.compile(r"API Links: +([0-9]+) covered / ([0-9]+) selected")


@attrs.define
class Ran:
    """What came of a run."""

    round: Round
    code: int
    """What it exited with: 0 where there was no failure."""
    output: str
    answers: Counter[tuple[str, str]] = attrs.field(factory=Counter[tuple[str, str]])
    """How many answers passed the checks, by operation and documented status."""
    sent: int = 0
    """How many requests there were, those among them that it sends to look closer."""
    checks: int = 0
    """How many checks it made."""
    allowed: Counter[str] = attrs.field(factory=Counter[str])
    """How often it found what hooks.py lets pass, by where and why."""

    @property
    def links(self) -> str:
        """How many links it went along, of how many."""
        return " of ".join(found) if (found := next(iter(_LINKS.findall(self.output)), ())) else "-"


def run(emulator: Emulator, contract: Contract, given: Round, folder: Path, *, seed: int, examples: int) -> Ran:
    """Run schemathesis over a document, in a world of the round's own. Raises FileNotFoundError where it is missing."""
    world = re.sub("[^a-z0-9]+", "-", f"{contract.provider} {given.name}".lower())
    given.prepare(emulator.world_named(world))
    files = {kind: folder / f"{world}.{kind}" for kind in ("toml", "ndjson", "allowed")}
    arguments = emulator.client_kwargs(contract.provider, world)
    files["toml"].write_text(settings(contract.provider, arguments, given, examples), encoding="utf-8")
    done = subprocess.run(
        [
            _program(),
            *("--config-file", str(files["toml"]), "--no-color", "run", str(contract.write(folder))),
            *("--seed", str(seed), "--continue-on-failure", "--phases", ",".join(given.phases)),
            *("--report", "ndjson", "--report-ndjson-path", str(files["ndjson"])),
            *(("--checks", ",".join(given.checks)) if given.checks else ()),
            *(f"--include-operation-id={each}" for each in given.operations),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "CONTRACT_PROVIDER": contract.provider, "CONTRACT_ALLOWED": str(files["allowed"])},
    )
    ran = Ran(given, done.returncode, done.stdout + done.stderr)
    _count(ran, contract, files["ndjson"])
    if files["allowed"].exists():
        ran.allowed.update(files["allowed"].read_text(encoding="utf-8").splitlines())
    return ran


def _program() -> str:
    found = shutil.which("schemathesis")
    if found is None:
        raise FileNotFoundError("schemathesis is not installed; `nox -s contract` does that")
    return found


def _count(ran: Ran, contract: Contract, report: Path) -> None:
    """Count what the report has."""
    operations = {(each.method, each.path): each for each in contract.operations}
    for recorder in _recorders(report):
        for case, interaction in recorder.get("interactions", {}).items():
            checks = recorder.get("checks", {}).get(case, ())
            ran.sent += 1
            ran.checks += len(checks)
            request, response = recorder["cases"][case]["value"], interaction.get("response")
            operation = operations.get((request["method"], request["path"]))
            if operation and response and checks and all(check["status"] == "success" for check in checks):
                status = operation.documented(response["status_code"])
                ran.answers.update([(operation.name, status)] if status else [])


def _recorders(report: Path) -> Iterator[dict[str, Any]]:
    """Give what was recorded of each scenario; nothing where there is no report, since it failed before."""
    if report.exists():
        with report.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
