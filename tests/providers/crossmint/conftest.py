"""What the tests of ordermux-crossmint share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import State
from ordermux_crossmint import Client


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client of the user whose session the emulator knows."""
    with Client(**emulator.client_kwargs("crossmint")) as opened:
        yield opened


@pytest.fixture
def state(emulator: Emulator) -> State:
    """Give what the emulator remembers of the shop."""
    remembered: State = emulator.state("crossmint")
    return remembered
