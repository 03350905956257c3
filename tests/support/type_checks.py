"""The type checker mypy over small programs; what it learned of the libraries is kept for the next one."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from support import warm_python


@functools.cache
def _cache() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="mypy-")


def mypy(
    *arguments: str | Path, cwd: str | Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `mypy --strict` in a folder, with a cache that all runs of this process share."""
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={_cache().name}", *map(str, arguments)]
    return warm_python.run(command, cwd=cwd, env=env)
