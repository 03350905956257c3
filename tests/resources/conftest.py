"""What the tests of orders and products share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ordermux import (
    Ordermux,
)
from ordermux.emulator import Emulator
from support.clients import awaiting, blocking


@pytest.fixture(params=[blocking, awaiting])
def mux(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Ordermux]:
    """Give each client over all four providers."""
    with request.param(*emulator.accounts()) as opened:
        yield opened
