"""What the tests of lists share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ordermux import (
    Ordermux,
)
from ordermux.emulator import Emulator
from support.clients import awaiting, blocking
from support.order_lists import accounts


@pytest.fixture(params=[blocking, awaiting])
def mux(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Ordermux]:
    """Give each client over the providers that have a list, with no limit that a test would wait for."""
    with request.param(*accounts(emulator)) as opened:
        yield opened
