"""Orders by the thousand, as shops have them: the same for the same seed, whatever the time is.

They were made in the year before March 2026, evenly, and are older than the few orders that each provider always has.
"""

from __future__ import annotations

import datetime
import functools
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs

from .clock import Clock
from .world import Object, World

_END = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC).timestamp()
_YEAR = 365 * 24 * 3600.0
_FIRST = ("Ada", "Ana", "Bruno", "Chiara", "Daniel", "Elif", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jonas")
_LAST = ("Almeida", "Berg", "Costa", "Dubois", "Evans", "Fischer", "García", "Haas", "Ito", "Jansen", "Kaya", "Suárez")
_COUNTRIES = ("AR", "BR", "DE", "ES", "FR", "GB", "IT", "JP", "NL", "TR", "US")
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
_PAID = ("confirmed",) * 13 + ("pending",) * 2 + ("cancelled",) * 2 + ("failed", "on-hold", None)

T = TypeVar("T")


def fill(provider: str, state: Any, seed: int, count: int) -> None:
    """Add so many orders to a provider's state."""
    maker, make = _Maker(f"{seed}/{provider}"), _KINDS[provider]
    for number in range(count):
        maker.moment = _END - (count - number) * _YEAR / count
        make(maker, state)


@attrs.define(init=False)
class _Maker:
    """A world of its own, so that the time and the random numbers of the real one stay as they are."""

    moment: float
    random: random.Random
    world: World

    def __init__(self, seed: str) -> None:
        self.moment = _END
        self.random = random.Random(seed)  # noqa: S311
        self.world = World(clock=Clock(lambda: self.moment))
        self.world.random = self.random

    def one(self, **weights: int) -> str:
        """Return one of the words, each as often as its weight says."""
        return self.any(_spread(tuple(weights.items())))

    def any(self, choices: Sequence[T]) -> T:
        """Return one of them, each as often as any other; quicker than `random.choice`."""
        return choices[int(self.random.random() * len(choices))]

    def person(self) -> tuple[str, str, str]:
        """Return a first name, a last name and an e-mail address."""
        first, last = self.any(_FIRST), self.any(_LAST)
        return first, last, f"{first}.{last}{self.random.randrange(1000)}@example.com".lower()

    def goods(self) -> list[tuple[str, str, int, int]]:
        """Return up to four goods, each with its SKU, name, price in cents and quantity."""
        first, count = int(self.random.random() * len(_GOODS)), self.any(_HOW_MANY)
        return [(*_GOODS[(first + 3 * place) % len(_GOODS)], self.any(_QUANTITIES)) for place in range(count)]


@functools.cache
def _spread(weights: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    return tuple(word for word, weight in weights for _ in range(weight))


def _zephyr(maker: _Maker, state: Any) -> None:
    goods = maker.goods()
    subtotal = sum(price * quantity for _, _, price, quantity in goods)
    tax, shipping = subtotal * maker.any((0, 7, 19, 21)) // 100, maker.any((0, 500, 990))
    currency = maker.one(USD=60, EUR=25, GBP=10, JPY=5)
    status = maker.one(paid=70, created=8, refunded=7, partially_refunded=5, cancelled=10)
    order: Object = state.add(
        maker.world,
        line_items=[
            {"product_id": f"prod_{sku}", "name": name, "sku": sku, "unit_price_cents": price, "quantity": quantity}
            for sku, name, price, quantity in goods
        ],
        currency=currency,
        subtotal_cents=subtotal,
        tax_total_cents=tax,
        shipping_total_cents=shipping,
        total_cents=subtotal + tax + shipping,
        status=status,
        metadata={"channel": maker.one(web=70, app=25, phone=5)},
    )
    shares = {"refunded": 1, "partially_refunded": maker.any((2, 3, 4))}
    if status in shares:
        state.refunded[order["id"]] = order["total_cents"] // shares[status]


def _crossmint(maker: _Maker, state: Any) -> None:
    sku, name, price, _ = maker.goods()[0]
    item: Object = {
        "productId": sku,
        "productName": name,
        "price": price,
        "image": f"https://example.com/{sku.lower()}.jpg",
        "size": maker.any(("S", "M", "L", "10", "42")),
        "color": maker.one(Black=50, White=30, Blue=20),
        "productUrl": f"https://example.com/{sku.lower()}",
        "retailer": maker.one(amazon=70, shopify=30),
    }
    status = maker.one(delivered=70, cancelled=12, in_progress=10, payment_confirmed=5, awaiting_approval=3)
    deposit = maker.random.random() < 0.05  # noqa: PLR2004
    state.add(maker.world, item=item, status=status, type="deposit" if deposit else "checkout")


def _cryptum(maker: _Maker, state: Any) -> None:
    first, last, email = maker.person()
    total = sum(price * quantity for _, _, price, quantity in maker.goods())
    state.add(
        maker.world,
        created=maker.world.now(),
        store=list(state.stores)[maker.random.random() < 0.2],  # noqa: PLR2004
        paymentStatus=maker.any(_PAID),
        orderTotal="{}.{:02}".format(*divmod(total, 100)),
        orderCurrency=maker.one(USD=50, BRL=40, EUR=10),
        deliveryInfo={"firstName": first, "lastName": last, "email": email, "country": maker.any(_COUNTRIES)},
    )


def _croissant(maker: _Maker, state: Any) -> None:
    _, _, email = maker.person()
    cart: Object = state.add(
        maker.world,
        isOptedIn=maker.random.random() < 0.4,  # noqa: PLR2004
        email=email,
        source=maker.one(web=80, app=20),
        products=[
            {"retailerProductId": sku, "quantity": quantity, "retailSalePrice": price, "retailSaleCurrency": "USD"}
            for sku, _, price, quantity in maker.goods()
        ],
    )
    closed = maker.one(fulfilled=75, cancelled=10, open=15)
    if closed != "open":
        state.closed[cart["id"]] = closed


_KINDS: dict[str, Callable[[_Maker, Any], None]] = {
    "zephyr": _zephyr,
    "crossmint": _crossmint,
    "cryptum": _cryptum,
    "croissant": _croissant,
}
