"""Orders by the thousand, as shops have them: the same for the same seed, whatever the time is.

They were made in the year before March 2026, evenly, and are older than the few orders that each provider always has.
"""

from __future__ import annotations

import datetime
import functools
import random
from collections.abc import Sequence
from typing import TypeVar

import attrs

from .clock import Clock
from .world import World

END = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC).timestamp()
SECONDS_OF_YEAR = 365 * 24 * 3600.0
_FIRST = ("Ada", "Ana", "Bruno", "Chiara", "Daniel", "Elif", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jonas")
_LAST = ("Almeida", "Berg", "Costa", "Dubois", "Evans", "Fischer", "García", "Haas", "Ito", "Jansen", "Kaya", "Suárez")
_GOODS = (
    ("MUG-1", "Mug", 1490),
    ("TEE-2", "T-shirt", 2400),
    ("BAG-1", "Leather Tote Bag", 29500),
    ("SCF-1", "Wool Scarf", 6900),
    ("SHO-3", "Running Shoes", 14999),
    ("LMP-1", "Desk Lamp", 8950),
    ("PEN-9", "Pen", 390),
    ("CHR-1", "Office Chair", 24900),
)

_HOW_MANY = (1,) * 12 + (2,) * 5 + (3, 3, 4)
_QUANTITIES = (1,) * 16 + (2, 2, 2, 3)

T = TypeVar("T")


@attrs.define(init=False)
class SampleGenerator:
    """Values for orders, and a world of its own: the time and the random numbers of the real one stay as they are."""

    moment: float
    random: random.Random
    world: World

    def __init__(self, seed: str) -> None:
        """Start the random numbers from a seed."""
        self.moment = END
        self.random = random.Random(seed)  # noqa: S311
        self.world = World(clock=Clock(lambda: self.moment))
        self.world.random = self.random

    def weighted_choice(self, **weights: int) -> str:
        """Return one of the words, each as often as its weight says."""
        return self.choice(_spread(tuple(weights.items())))

    def choice(self, choices: Sequence[T]) -> T:
        """Return one of them, each as often as any other; quicker than `random.choice`."""
        return choices[int(self.random.random() * len(choices))]

    def person(self) -> tuple[str, str, str]:
        """Return a first name, a last name and an e-mail address."""
        first, last = self.choice(_FIRST), self.choice(_LAST)
        return first, last, f"{first}.{last}{self.random.randrange(1000)}@example.com".lower()

    def goods(self) -> list[tuple[str, str, int, int]]:
        """Return up to four goods, each with its SKU, name, price in cents and quantity."""
        first, count = int(self.random.random() * len(_GOODS)), self.choice(_HOW_MANY)
        return [(*_GOODS[(first + 3 * place) % len(_GOODS)], self.choice(_QUANTITIES)) for place in range(count)]


@functools.cache
def _spread(weights: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    return tuple(word for word, weight in weights for _ in range(weight))
