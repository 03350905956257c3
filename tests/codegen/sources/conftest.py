"""What the tests of the pages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.source_workspace import SourceWorkspace


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SourceWorkspace:
    """Give a folder for the documents and one for the saved pages."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "saved").mkdir()
    return SourceWorkspace(tmp_path, lambda: capsys.readouterr().out)
