"""The shell examples of the pages that need curl or another library."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ordermux.emulator import Emulator
from support.page_commands import of_kind
from support.shell import SHELL

STREAM = "/_emulator/stream"
"""What goes on until it is stopped."""


@pytest.mark.parametrize("line", of_kind("other programs"))
def test_a_line_of_a_page_succeeds(line: str, tmp_path: Path, emulator: Emulator) -> None:
    """As it is printed, in a shell; the address is that of the running emulator."""
    (tmp_path / ".curlrc").write_text("fail-with-body\n")
    typed = line.replace("http://127.0.0.1:8000", emulator.address)
    typed += " --max-time 3 || test $? = 28" if STREAM in line else ""
    environ = {**os.environ, "CURL_HOME": str(tmp_path), "ORDERMUX_EMULATOR": emulator.address}
    command = ["bash", "-c", SHELL + typed]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environ, check=False)
    assert 0 == done.returncode, done.stderr
    assert done.stdout or list(tmp_path.glob("*.parquet"))
