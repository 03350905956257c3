"""What tests share: the emulator, with each of its answers held against the documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp

from checker import Checker
from ordermux.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Give a started emulator; the test fails where an answer, or a request that it took, is not as documented."""
    checkers: list[Checker] = []

    def checked(app: ASGIApp) -> ASGIApp:
        checkers.append(Checker(app))
        return checkers[0]

    with Emulator(wrap=checked) as started:
        yield started
    assert [] == checkers[0].problems
