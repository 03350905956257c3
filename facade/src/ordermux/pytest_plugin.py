"""A fixture for pytest, there as soon as the extra `emulator` is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import EmulatedOrdermux


@pytest.fixture
def emulated_ordermux() -> Iterator[EmulatedOrdermux]:
    """Give a client over an emulator of this test's own, whose faults, clock and counters `.emulator` has."""
    from .testing import emulated

    with emulated() as mux:
        yield mux
