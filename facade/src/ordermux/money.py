"""Amounts of money, exact and with their currency; amounts of different currencies are never added up."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from decimal import Context, Decimal

import attrs

from .currencies import digits
from .frozen import new, setters
from .serialization import JsonReady

NO_CURRENCY = "XXX"
"""ISO 4217's code for no currency: that of a sum of nothing."""
_MAX_DIGITS = 100
_MAX_MINOR = 10**_MAX_DIGITS
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EXACT = Context(prec=4 * _MAX_DIGITS)
"""Calculates with any amounts without rounding, whatever the caller's own context is."""
_UNITS = tuple(Decimal(1).scaleb(-digits) for digits in range(5))
"""A minor unit in major units, by its number of digits."""


@functools.lru_cache(maxsize=256)
def _minor_unit(currency: str) -> tuple[str, int | None]:
    """Return an ISO 4217 code in upper case, any other code as it is, and the number of digits of its minor unit.

    Only ASCII is put into upper case: that of other letters may be ASCII, and make a valid code of an invalid one.
    """
    code = currency.upper() if currency.isascii() else currency
    exponent = digits(code)
    return (currency if exponent is None else code), exponent


def _amount(value: Decimal | str | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | str | int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"an amount is a Decimal, a string or an integer, not {type(value).__name__}")
    if isinstance(value, int) and abs(value) >= _MAX_MINOR:
        raise ValueError(f"an integer of more than {_MAX_DIGITS} digits is not an amount")
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        raise ValueError(f"{value!r:.40} is not an amount")
    amount = Decimal(value)
    _, figures, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or len(figures) > _MAX_DIGITS or abs(exponent) > _MAX_DIGITS:
        raise ValueError(f"{value!r:.40} is not an amount")
    return amount or amount.copy_abs()  # a zero has no sign


def _code(currency: str) -> str:
    if not isinstance(currency, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a currency is a string, not {type(currency).__name__}")
    if not currency.isprintable() or not currency or " " in currency:
        raise ValueError(f"{currency!r:.40} is not a currency")
    return _minor_unit(currency)[0]


@attrs.frozen
class Money(JsonReady):
    """An amount in major units, such as 14.90 dollars. Floats are refused, since they are not exact."""

    amount: Decimal = attrs.field(converter=_amount)
    currency: str = attrs.field(converter=_code)
    """An ISO 4217 code in upper case, or the provider's own code for another currency, such as `usdxm`."""

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money | None:
        """Return an amount from minor units, such as cents; None if the currency's minor unit is not known.

        Raises TypeError if `minor` is not an integer.
        """
        if type(minor) is not int and (isinstance(minor, bool) or not isinstance(minor, int)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"minor units are an integer, not {type(minor).__name__}")
        if type(currency) is not str and not isinstance(currency, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"a currency is a string, not {type(currency).__name__}")
        code, exponent = _minor_unit(currency)
        if exponent is None or not -_MAX_MINOR < minor < _MAX_MINOR:
            return None
        money = new(cls)  # no need to validate an exact amount of a known currency
        _set_amount(money, _EXACT.multiply(minor, _UNITS[exponent]))
        _set_currency(money, code)
        return money

    @classmethod
    def from_text(cls, amount: str, currency: str) -> Money | None:
        """Return an amount from a provider's text, None if it is not an amount."""
        try:
            return cls(amount, currency)
        except ValueError:
            return None

    @property
    def minor(self) -> int | None:
        """The amount in minor units, such as cents; None if it is not a whole number of them, or they are not known."""
        exponent = _minor_unit(self.currency)[1]
        if exponent is None:
            return None
        scaled = _EXACT.scaleb(self.amount, exponent)
        return int(scaled) if scaled == scaled.to_integral_value() else None

    def __add__(self, other: Money) -> Money:
        """Return the exact sum. Raises ValueError if the currencies differ, or if it is out of range."""
        if not isinstance(other, Money):  # pyright: ignore[reportUnnecessaryIsInstance]
            return NotImplemented
        return self._with(other, _EXACT.add)

    def __sub__(self, other: Money) -> Money:
        """Return the exact difference. Raises ValueError if the currencies differ, or if it is out of range."""
        if not isinstance(other, Money):  # pyright: ignore[reportUnnecessaryIsInstance]
            return NotImplemented
        return self._with(other, _EXACT.subtract)

    def _with(self, other: Money, calculate: Callable[[Decimal, Decimal], Decimal]) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} are different currencies")
        return Money(calculate(self.amount, other.amount), self.currency)

    def __str__(self) -> str:
        """Return it for people, such as `14.90 USD`."""
        return f"{self.amount:f} {self.currency}"


_set_amount, _set_currency = setters(Money)


def sum_of(amounts: Iterable[Money]) -> Money | None:
    """Return the exact sum of amounts; None if there are none, if their currencies differ, or if it is out of range."""
    found = list(amounts)
    if not found or any(each.currency != found[0].currency for each in found):
        return None
    total = functools.reduce(_EXACT.add, (each.amount for each in found))
    return Money.from_text(f"{total:f}", found[0].currency)


def difference(amount: Money, less: Money) -> Money | None:
    """Return an amount less another, exact; None if their currencies differ, or if it is out of range."""
    try:
        return amount - less
    except ValueError:
        return None


@functools.lru_cache(maxsize=256)
def zero(currency: str) -> Money:
    """Return nothing, with the digits of the currency if they are known."""
    return Money.from_minor(0, currency) or Money(0, currency)
