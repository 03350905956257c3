"""What makes requests to the emulator, what its events are delivered to, and its shop on Crossmint."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from ordermux.emulator import Emulator
from support.crossmint_shop import Shop
from support.emulator_requests import Ask, asking
from support.event_receivers import Receiver, receiving
from support.fault_calls import TOKEN


@pytest.fixture
def ask(emulator: Emulator) -> Iterator[Ask]:
    """Give what makes calls to the emulator."""
    with asking(emulator) as asked:
        yield asked


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    """Give a receiver to which the default world's events are delivered."""
    with receiving(*emulator.accounts()) as told:
        emulator.deliver_to(told.url + "/{provider}")
        yield told


@pytest.fixture
def shop(emulator: Emulator) -> Shop:
    """Give the shop as it is by default, on a clock that stands."""
    emulator.world.clock.freeze()
    return Shop(emulator)


@pytest.fixture
def token(emulator: Emulator) -> None:
    """Let the tests' own token in, as asking for one is an effect."""
    emulator.state("croissant").tokens[TOKEN] = math.inf
