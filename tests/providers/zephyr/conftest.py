"""What the tests of ordermux-zephyr share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ordermux.emulator import Emulator
from ordermux_zephyr import Client


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client of the emulator."""
    with Client(**emulator.client_kwargs("zephyr")) as made:
        yield made
