"""What tests share: the emulator, with each of its answers held against the documents."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from starlette.types import ASGIApp

from checker import Checker
from ordermux.emulator import Emulator

# A slow machine is no failure.
hypothesis.settings.register_profile("here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("here")


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
