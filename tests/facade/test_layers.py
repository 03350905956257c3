"""The facade's parts import in one direction: what `nox -s lint` checks can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACADE = ROOT / "facade" / "src"


def broken(source: Path) -> list[str]:
    """Return the contracts that import-linter finds broken in a folder that holds the facade."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    search = os.pathsep.join([str(source), *filter(None, sys.path)])
    done = subprocess.run(
        [*command, str(ROOT / "pyproject.toml")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": search},
        cwd=source,
    )
    found = [line.partition(" BROKEN")[0] for line in done.stdout.splitlines() if " BROKEN" in line]
    assert (1 if found else 0) == done.returncode, done.stdout + done.stderr
    return found


@pytest.mark.slow
def test_each_part_imports_only_what_stands_below_it() -> None:
    """As the code lies here."""
    assert [] == broken(FACADE)


LAYERS = "Each part of the facade imports only what stands below it"
CYCLES = "No module of a part imports what imports it"
PLANTED = {
    "the engine imports a provider": ("engine/flow.py", "from ..providers import adapter as _", LAYERS),
    "a type of the client in the transport": (
        "transport/wire.py",
        "from typing import TYPE_CHECKING as _\nif _:\n    from ..client import Ordermux",
        LAYERS,
    ),
    "an import inside a function": ("errors.py", "def _() -> None:\n    from .engine import flow", LAYERS),
    "a cycle in the engine": ("engine/retry.py", "from . import call as _", CYCLES),
    "a module without a place": ("helpers.py", "", LAYERS),
}
"""What is added to which file, and the contract that it breaks."""


@pytest.mark.slow
@pytest.mark.parametrize("planted", PLANTED)
def test_an_import_the_wrong_way_is_found(planted: str, tmp_path: Path) -> None:
    """Be it for types alone, or when a function is called."""
    name, text, contract = PLANTED[planted]
    shutil.copytree(FACADE, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "ordermux" / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    assert contract in broken(tmp_path)
