"""The types of the public API: what they are is in right.py, what they refuse in wrong.txt."""

from __future__ import annotations

import re
from pathlib import Path

import mypy.api
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def checked(path: Path) -> dict[int, list[str]]:
    """Return the codes of mypy's errors in a file, by line."""
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--show-error-codes", "--no-pretty"]
    told, complaints, _ = mypy.api.run([*settings, str(path)])
    assert "" == complaints
    found: dict[int, list[str]] = {}
    for line, code in re.findall(rf"^[^:]*{re.escape(path.name)}:(\d+): error: .*\[([a-z-]+)\]$", told, re.MULTILINE):
        found.setdefault(int(line), []).append(code)
    assert ("Success" in told) == (not found), told
    return found


@pytest.mark.slow
def test_what_is_right_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each type is as it is written there; the other checker sees the file with all tests."""
    monkeypatch.chdir(ROOT)
    assert {} == checked(HERE / "right.py")


@pytest.mark.slow
def test_what_is_wrong_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each marked line, for the reason that is marked, and no other line."""
    monkeypatch.chdir(ROOT)
    text = (HERE / "wrong.txt").read_text()
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text)
    marked = {
        number: sorted(line.partition("  # ")[2].split(","))
        for number, line in enumerate(text.splitlines(), 1)
        if "  # " in line
    }
    assert 30 < len(marked)
    assert marked == {number: sorted(codes) for number, codes in checked(wrong).items()}
