"""References and money: what they take, and what they refuse."""

from __future__ import annotations

import decimal
import math
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordermux import InvalidReference, Money, OrderRef
from ordermux.currencies import digits


def test_a_reference_is_an_account_and_an_id() -> None:
    """As text, the first colon divides them; the id may hold more."""
    assert OrderRef("zephyr", "order_1:a/b") == OrderRef.parse("zephyr:order_1:a/b")


@pytest.mark.slow
@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text(min_size=1))
def test_a_reference_survives_its_text(account: str, order_id: str) -> None:
    """Whatever the id holds, text and back is the same reference."""
    assert OrderRef(account, order_id) == OrderRef.parse(str(OrderRef(account, order_id)))


@pytest.mark.parametrize("text", ["", "zephyr", "zephyr:", ":order_1", None])
def test_half_a_reference_is_refused(text: Any) -> None:
    """An account without an id, or an id without an account, names no order; the message shows how it is done."""
    with pytest.raises(InvalidReference, match="expected `zephyr:<order id>`"):
        OrderRef.parse(text)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [(1490, "USD", "14.90 USD"), (1490, "JPY", "1490 JPY"), (1490, "KWD", "1.490 KWD"), (-5, "EUR", "-0.05 EUR")],
)
def test_minor_units_are_the_currencys_own(minor: int, currency: str, expected: str) -> None:
    """A dollar has 100 of them, a yen none, a dinar 1000; and back again."""
    money = Money.from_minor(minor, currency)
    assert money is not None
    assert (expected, minor) == (str(money), money.minor)


@given(*[st.decimals(-(10**30), 10**30, places=places) for places in (2, 18)], st.integers(1, 28))
def test_amounts_are_added_and_subtracted_exactly(one: Decimal, other: Decimal, precision: int) -> None:
    """Whatever the caller's own precision is."""
    with decimal.localcontext(prec=precision):
        total = Money(one, "USD") + Money(other, "usd")
        assert (Money(one, "USD"), Fraction(one) + Fraction(other)) == (
            total - Money(other, "USD"),
            Fraction(total.amount),
        )


@pytest.mark.parametrize("calculate", [operator.add, operator.sub])
@pytest.mark.parametrize(
    ("other", "error"),
    [
        (Money("1.00", "EUR"), ValueError),
        (Money("1.00", "usdxm"), ValueError),
        (Money(f"{5 * 10**98}.1", "USD"), ValueError),
        (Decimal("1.00"), TypeError),
        (0, TypeError),
        (None, TypeError),
    ],
)
def test_amounts_of_different_currencies_and_numbers_are_not_added(
    calculate: Callable[[Any, Any], Any], other: Any, error: type[Exception]
) -> None:
    """Nor is a sum of more digits than an amount has."""
    with pytest.raises(error):
        calculate(Money("14.90", "USD"), other)


@pytest.mark.parametrize("currency", ["usdc", "XAU", "USDXM", "XEU", "ECS"])
def test_no_minor_units_are_made_up(currency: str) -> None:
    """What is no currency, or has no minor unit, has no amount in one."""
    assert (None, None) == (Money.from_minor(1490, currency), Money("14.90", currency).minor)


LIST_THREE = {
    0: "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE ROL TPE TRL",
    2: "AFA ANG ATS AYM AZM BGL BGN CSD CUC CYP DEM EEK FIM FRF GHC HRK IEP LTL LVL MRO MTL MZM NLG RUR SDD SIT SKK "
    "SLL SRG STD TMM USS VEB VEF YUM ZMK ZWD ZWL ZWN ZWR",
}
"""What ISO 4217 withdrew since 1999, by its minor unit."""


@pytest.mark.parametrize("digits", LIST_THREE)
def test_a_retired_currency_keeps_its_minor_unit(digits: int) -> None:
    """An old order in leva, kuna or Antillean guilders has its total, whatever the iso4217 package still knows."""
    found = {code: Money.from_minor(123456, code) for code in LIST_THREE[digits].split()}
    assert dict.fromkeys(found, 123456) == {code: money and money.minor for code, money in found.items()}
    expected = Decimal(123456).scaleb(-digits)
    assert [] == [code for code, money in found.items() if money is None or money.amount != expected]


def test_our_minor_units_are_those_of_the_iso4217_package() -> None:
    """Of every code that it knows today; one that it has no minor unit of has none with us."""
    theirs = {each.code: each.exponent for each in iso4217.Currency}
    assert theirs == {code: digits(code) for code in theirs}


def test_a_code_that_the_package_dropped_is_still_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of those of today either, however an update of it reads the list."""

    def unknown(code: str) -> Any:
        raise ValueError(code)

    known = [each.code for each in iso4217.Currency if each.exponent is not None]
    monkeypatch.setattr(iso4217, "Currency", unknown)
    assert [] == [code for code in [*known, "BGN", "ANG"] if digits(code) is None]


@pytest.mark.parametrize(
    "minor", [14.9, 1490.0, True, False, "1490", Decimal(1490), Decimal("14.9"), None, 1490j, b"1"]
)
def test_minor_units_that_are_no_integer_are_refused(minor: Any) -> None:
    """A float is not exact, a truth value no amount, and text or a Decimal may be meant in major units."""
    with pytest.raises(TypeError, match="minor units are an integer, not "):
        Money.from_minor(minor, "USD")


@given(st.integers(min_value=-(10**60), max_value=10**60), st.sampled_from(["USD", "JPY", "KWD"]), st.integers(1, 9))
def test_no_digit_is_lost_between_minor_and_major(minor: int, currency: str, precision: int) -> None:
    """Whatever the precision of the caller's own decimal context is."""
    with decimal.localcontext(prec=precision):
        money = Money.from_minor(minor, currency)
        assert money is not None
        assert minor == money.minor


@pytest.mark.parametrize("amount", [Decimal("1E+999999"), Decimal("1E-999999"), Decimal("NaN"), Decimal("-Infinity")])
def test_an_amount_beyond_all_measure_is_none(amount: Decimal) -> None:
    """It is refused when it is made, so that no later step stumbles over it."""
    with pytest.raises(ValueError, match="is not an amount"):
        Money(amount, "USD")


def test_an_amount_beyond_the_minor_unit_has_no_exact_one() -> None:
    """A tenth of a cent is not rounded."""
    assert Money("14.905", "USD").minor is None


@pytest.mark.parametrize("amount", [14.9, math.nan, math.inf, True, None, b"1", Fraction(1, 2), (0, (1,), 0)])
def test_what_is_not_exact_is_no_amount(amount: Any) -> None:
    """Floats and truth values are refused, however it is made."""
    for make in (Money, Money.from_text):
        with pytest.raises(TypeError, match="an amount is a Decimal, a string or an integer"):
            make(amount, "USD")
    with pytest.raises(TypeError, match="an amount is a Decimal, a string or an integer"):
        attrs.evolve(Money("1", "USD"), amount=amount)


def test_a_whole_number_of_thousands_of_digits_is_no_amount() -> None:
    """The message does not try to show it."""
    with pytest.raises(ValueError, match="an integer of more than 100 digits is not an amount"):
        Money(10**5000, "USD")


class Cents(Decimal):
    """A Decimal of a caller's own, which shows itself in its own way."""

    def __str__(self) -> str:
        """Return what is no amount."""
        return "a lot"


def test_a_decimal_of_the_callers_own_kind_is_kept_as_a_plain_one() -> None:
    """So that no method of its own changes an amount."""
    money = Money(Cents("14.90"), "USD")
    assert (Decimal, "14.90 USD") == (type(money.amount), str(money))


@pytest.mark.parametrize("amount", ["-0", "-0.00", Decimal("-0"), Decimal("-0E+2")])
def test_a_zero_has_no_sign(amount: Any) -> None:
    """A refund of minus nothing is one of nothing."""
    money = Money(amount, "USD")
    assert (False, Money("0", "USD"), 0) == (money.amount.is_signed(), money, money.minor)
    assert not str(money).startswith("-")


@pytest.mark.parametrize(("amount", "expected"), [(Decimal("1E+3"), "1000 USD"), (Decimal("1E-9"), "0.000000001 USD")])
def test_an_amount_is_written_without_an_exponent(amount: Decimal, expected: str) -> None:
    """So that it can be given again, in any decimal context."""
    with decimal.localcontext(prec=1):
        money = Money(amount, "USD")
        assert expected == str(money)
        assert money == Money(str(money).split()[0], "USD")


@pytest.mark.parametrize("currency", [None, 840, b"USD", ["USD"], Decimal(1)])
def test_a_currency_that_is_no_text_is_refused(currency: Any) -> None:
    """However the amount is made."""
    with pytest.raises(TypeError, match="a currency is a string, not "):
        Money("1", currency)
    with pytest.raises(TypeError, match="a currency is a string, not "):
        Money.from_text("1", currency)
    with pytest.raises(TypeError, match="a currency is a string, not "):
        Money.from_minor(1, currency)


@pytest.mark.parametrize("currency", ["", " ", "USD ", " USD", "US D", "USD\n", "\tUSD", "US\u00a0D", "USD\x00"])
def test_a_currency_that_is_empty_or_has_spaces_is_refused(currency: str) -> None:
    """It is no code, and no provider's word; where a provider sends it, there is no amount."""
    with pytest.raises(ValueError, match="is not a currency"):
        Money("1", currency)
    assert (None, None) == (Money.from_text("1", currency), Money.from_minor(1, currency))


@pytest.mark.parametrize("currency", ["u\u017fd", "\ufb01m", "id\u0131"])
def test_a_letter_whose_capital_is_ascii_makes_no_code(currency: str) -> None:
    """A long s, a ligature or an i without a dot is not the letter that its capital is."""
    assert currency == Money("1", currency).currency
    assert Money.from_minor(1, currency) is None


@pytest.mark.parametrize(
    "amount", ["", "NaN", "Infinity", "14,90", "$14.90", "1_0", "\u0661\u0662", "1e9", " 1", "9" * 101]
)
def test_text_that_is_no_amount_is_refused(amount: str) -> None:
    """And where a provider sends it, there is no amount."""
    with pytest.raises(ValueError, match="is not an amount"):
        Money(amount, "USD")
    assert Money.from_text(amount, "USD") is None


@pytest.mark.parametrize(
    ("currency", "expected"), [("usd", "USD"), ("USD", "USD"), ("usdxm", "usdxm"), ("usdc", "usdc")]
)
def test_a_currency_code_is_in_capitals_and_another_word_stays(currency: str, expected: str) -> None:
    """`usd` is a code; a settlement asset is none and is not made one."""
    money = Money.from_text("149.99", currency)
    assert money is not None
    assert expected == money.currency == Money("149.99", currency).currency
