"""What the tests of ordermux-croissant share."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from ordermux.emulator import Emulator
from ordermux_croissant import Client
from ordermux_croissant.api.auth import create_token
from support.croissant_package import CREDENTIALS


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client that holds a token."""
    with Client(**emulator.client_kwargs("croissant")) as anonymous:
        token = create_token.sync(client=anonymous, body=CREDENTIALS)
    with attrs.evolve(anonymous, token=token.access_token) as made:
        yield made
