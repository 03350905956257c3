"""What the tests of the pages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Give a folder for the documents and one for the saved pages."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "saved").mkdir()
    return Desk(tmp_path, lambda: capsys.readouterr().out)
