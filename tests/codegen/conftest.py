"""What the tests of the tools share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ordermux_codegen.compile import verification
from support import warm_python


@pytest.fixture(autouse=True, scope="session")
def _quick_trials() -> Iterator[None]:
    """Let what was compiled be tried by a Python that starts fast: most tests compile something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verification, "subprocess", warm_python)
        yield
