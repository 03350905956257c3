"""The facade's own values: an order as it is everywhere."""

from __future__ import annotations

import datetime
import functools
import json
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any

import attrs

from .errors import InvalidReference
from .status import Status

_MOST_DIGITS = 100
_MOST_MINOR = 10**_MOST_DIGITS
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EXACT = Context(prec=4 * _MOST_DIGITS)
"""Shifts the point of any amount without rounding, whatever the caller's own context is."""


@attrs.frozen
class OrderRef:
    """An order's account and its id there; as text, `zephyr:order_01HXY8`."""

    account: str
    id: str

    @classmethod
    def parse(cls, reference: OrderRef | str) -> OrderRef:
        """Return a reference from its text, or as it is.

        Raises InvalidReference where there is no account or no id.
        """
        if isinstance(reference, OrderRef):
            return reference
        account, _, order_id = str(reference).partition(":")
        if not (account and order_id):
            raise InvalidReference(f"{reference!r} is no reference, which is like 'zephyr:order_01HXY8'")
        return cls(account, order_id)

    def __str__(self) -> str:
        """Return it as text."""
        return f"{self.account}:{self.id}"


@functools.lru_cache(maxsize=256)
def _exponent(currency: str) -> int | None:
    """Return how many digits a currency's minor unit has, None where that is not known."""
    from iso4217 import Currency

    try:
        exponent: int | None = Currency(currency).exponent
    except ValueError:
        return None
    return exponent


@functools.lru_cache(maxsize=256)
def _minor_unit(currency: str) -> tuple[str, int | None]:
    """Return a currency in capitals, and how many digits its minor unit has."""
    return currency.upper(), _exponent(currency.upper())


def _amount(value: Decimal | str | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | str | int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"an amount is a Decimal, a string or an integer, not {type(value).__name__}")
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        raise ValueError(f"{value!r:.40} is no amount")
    amount = Decimal(value)
    digits, exponent = amount.as_tuple()[1:]
    if not isinstance(exponent, int) or len(digits) > _MOST_DIGITS or abs(exponent) > _MOST_DIGITS:
        raise ValueError(f"{value!r:.40} is no amount")
    return amount


def _code(currency: str) -> str:
    """Return an ISO 4217 code in capitals, any other word as it is."""
    return currency if _exponent(currency.upper()) is None else currency.upper()


@attrs.frozen
class Money:
    """An amount in major units, such as 14.90 dollars. Floats are refused, since they are not exact."""

    amount: Decimal = attrs.field(converter=_amount)
    currency: str = attrs.field(converter=_code)
    """An ISO 4217 code in capitals, or the provider's own word for what is none."""

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money | None:
        """Return an amount given in minor units, such as cents; None where the currency's are not known."""
        code, exponent = _minor_unit(currency)
        if exponent is None or abs(minor) >= _MOST_MINOR:
            return None
        money = cls.__new__(cls)  # what is exact and known needs no looking at
        object.__setattr__(money, "amount", _EXACT.scaleb(Decimal(minor), -exponent))
        object.__setattr__(money, "currency", code)
        return money

    @classmethod
    def from_text(cls, amount: str, currency: str) -> Money | None:
        """Return an amount that a provider gives as text, None where it is none."""
        try:
            return cls(amount, currency)
        except ValueError:
            return None

    @property
    def minor(self) -> int | None:
        """The amount in minor units, such as cents; None where that is not known or not exact."""
        exponent = _exponent(self.currency)
        if exponent is None:
            return None
        scaled = _EXACT.scaleb(self.amount, exponent)
        return int(scaled) if scaled == scaled.to_integral_value() else None

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.amount} {self.currency}"


@attrs.frozen(kw_only=True)
class LineItem:
    """One line of an order; None where the provider does not say."""

    id: str | None = None
    """The product's id."""
    name: str | None = None
    quantity: int | Decimal | None = None
    unit_price: Money | None = None


@attrs.frozen(kw_only=True)
class Customer:
    """Who ordered; None where the provider does not say."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


@attrs.define(eq=False)
class Source:
    """A body as it came, which is read as JSON when somebody asks for it."""

    content: bytes = attrs.field(repr=False)
    redact: Callable[[bytes], bytes] = attrs.field(repr=False)
    """Masks the secrets in it."""
    _tree: Any = attrs.field(default=None, init=False, repr=False)

    def at(self, path: tuple[str | int, ...]) -> Any:
        """Return what is at a path, its secrets masked; None where the body is no JSON."""
        if self._tree is None:
            try:
                self._tree = json.loads(self.redact(self.content))
            except ValueError:
                return None
        tree = self._tree
        for step in path:
            tree = tree[step]
        return tree


@attrs.frozen(kw_only=True)
class Order:
    """An order of any provider; None where the provider does not say."""

    ref: OrderRef
    status: Status
    total: Money | None = None
    line_items: tuple[LineItem, ...] = ()
    placed_at: datetime.datetime | None = None
    """Aware, in UTC. How the provider writes it is in `native` or `raw`."""
    customer: Customer | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict[str, Any], hash=False)
    livemode: bool | None = None
    """False in a provider's test mode."""
    idempotency_key: str | None = attrs.field(default=None, eq=False)
    """What the change that gave this order was sent with; None where it bore no key, or for a read."""
    native: Any = attrs.field(default=None, repr=False, hash=False)
    """What it was read from, as the provider's typed client gives it; None where the provider's answer said nothing."""
    _source: Source | None = attrs.field(default=None, repr=False, eq=False, alias="source")
    _path: tuple[str | int, ...] = attrs.field(default=(), repr=False, eq=False, alias="path")

    @property
    def raw(self) -> Any:
        """The order as the provider's JSON has it, fields that its document does not know included, secrets masked."""
        return self._source and self._source.at(self._path)


@attrs.frozen(kw_only=True)
class Refund:
    """Money that was given back; None where the provider does not say."""

    order: OrderRef
    amount: Money
    id: str | None = None
    created_at: datetime.datetime | None = None
    """Aware, in UTC."""
    idempotency_key: str | None = attrs.field(default=None, eq=False)
    """What the refund was sent with: with the same one it is not made twice."""
    native: Any = attrs.field(default=None, repr=False, hash=False)
    """The refund as the provider's typed client gives it."""


def explain(order: Order) -> str:
    """Return, a line each, which of the provider's words set each axis of the status, and on what basis."""
    return "\n".join(map(str, order.status.evidence)) or f"{order.ref}: the provider makes no claim"


def utc(moment: datetime.datetime) -> datetime.datetime | None:
    """Return an aware time in UTC, None for one without a zone, which could be any."""
    if moment.tzinfo is datetime.UTC:
        return moment
    try:
        return moment.astimezone(datetime.UTC) if moment.tzinfo else None
    except OverflowError:  # before the year 1
        return None


def moment_of(told: str | int) -> datetime.datetime | None:
    """Return a time told as ISO 8601 text or in unix seconds, aware and in UTC; None for anything else."""
    try:
        if isinstance(told, str):
            return utc(datetime.datetime.fromisoformat(told))
        return datetime.datetime.fromtimestamp(told, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
