"""References and money: what they take, and what they refuse."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordermux import InvalidReference, Money, OrderRef


def test_a_reference_is_an_account_and_an_id() -> None:
    """As text, the first colon divides them; the id may hold more."""
    assert OrderRef("zephyr", "order_1:a/b") == OrderRef.parse("zephyr:order_1:a/b")


@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text(min_size=1))
def test_a_reference_survives_its_text(account: str, order_id: str) -> None:
    """Whatever the id holds, text and back is the same reference."""
    assert OrderRef(account, order_id) == OrderRef.parse(str(OrderRef(account, order_id)))


@pytest.mark.parametrize("text", ["", "zephyr", "zephyr:", ":order_1", None])
def test_half_a_reference_is_refused(text: Any) -> None:
    """An account without an id, or an id without an account, names no order; the message shows how it is done."""
    with pytest.raises(InvalidReference, match="'zephyr:order_01HXY8'"):
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


@pytest.mark.parametrize("currency", ["usdc", "XAU", "USDXM", ""])
def test_no_minor_units_are_made_up(currency: str) -> None:
    """What is no currency, or has no minor unit, has no amount in one."""
    assert (None, None) == (Money.from_minor(1490, currency), Money("14.90", currency).minor)


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
    with pytest.raises(ValueError, match="is no amount"):
        Money(amount, "USD")


def test_an_amount_beyond_the_minor_unit_has_no_exact_one() -> None:
    """A tenth of a cent is not rounded."""
    assert Money("14.905", "USD").minor is None


@pytest.mark.parametrize("amount", [14.9, True, None])
def test_what_is_not_exact_is_no_amount(amount: Any) -> None:
    """Floats and truth values are refused."""
    with pytest.raises(TypeError, match="an amount is a Decimal, a string or an integer"):
        Money(amount, "USD")


@pytest.mark.parametrize(
    "amount", ["", "NaN", "Infinity", "14,90", "$14.90", "1_0", "\u0661\u0662", "1e9", " 1", "9" * 101]
)
def test_text_that_is_no_amount_is_refused(amount: str) -> None:
    """And where a provider sends it, there is no amount."""
    with pytest.raises(ValueError, match="is no amount"):
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
