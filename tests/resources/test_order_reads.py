"""Reading an order: the same order whoever the provider is."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import ordermux_croissant
import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Customer,
    LineItem,
    Money,
    NotFound,
    Ordermux,
    OrderRef,
    Payment,
    UnexpectedResponse,
    UnknownStatus,
    explain,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from support.clients import Opening, Pages, account, awaiting, blocking, both, example
from support.order_calls import CART, NOON, REFERENCES, TABLE, ZEPHYR


def test_an_order_of_zephyrs(mux: Ordermux) -> None:
    """Amounts are in major units, the time is aware, the lines are there."""
    order = mux.orders.get(ZEPHYR)
    assert isinstance(order.native, ordermux_zephyr.models.Order)
    assert (OrderRef("zephyr", "order_01HXY8"), Money("37.30", "USD")) == (order.ref, order.total)
    mug = LineItem(id="prod_01HXY5", name="Mug", quantity=2, unit_price=Money("14.90", "USD"))
    assert (mug,) == order.line_items
    assert (NOON, Customer(id="cust_01HXY6"), False) == (order.placed_at, order.customer, order.livemode)
    assert (
        "lifecycle is open: status says 'paid' (implied)\npayment is paid: status says 'paid' (documented)"
        == explain(order)
    )


def test_an_order_of_a_shop_on_crossmint(mux: Ordermux) -> None:
    """The page's own sample, as everybody else's order."""
    order = mux.orders.get(REFERENCES["crossmint"])
    assert isinstance(order.native, ordermux_crossmint.models.Order)
    assert Money("149.99", "USD") == order.total
    assert [("Nike Air Max 90", Money("149.99", "USD"))] == [(i.name, i.unit_price) for i in order.line_items]
    assert datetime.datetime(2026, 4, 19, 10, tzinfo=datetime.UTC) == order.placed_at


@pytest.mark.parametrize("quote", [{"totalPrice": {"amount": "150.20", "currency": "usdxm"}}, {}, None])
@pytest.mark.parametrize(("cents", "expected"), [(14999, "149.99"), (5, "0.05"), (0, "0.00")])
def test_an_items_price_at_crossmint_is_in_us_cents(
    emulator: Emulator, mux: Ordermux, quote: Any, cents: int, expected: str
) -> None:
    """Whatever the quote is in, and without one."""
    sample = emulator.state("crossmint").orders[REFERENCES["crossmint"].partition(":")[2]]
    made = emulator.state("crossmint").add(emulator.world, item=sample["item"] | {"price": cents}, quote=quote)
    order = mux.orders.get(f"crossmint:{made['orderId']}")
    assert [Money(expected, "USD")] == [item.unit_price for item in order.line_items]
    assert (Money("150.20", "usdxm") if quote else None) == order.total


def test_an_order_of_cryptums(mux: Ordermux) -> None:
    """The page's own sample has no status and no time, and that is what it says."""
    order = mux.orders.get(REFERENCES["cryptum"])
    assert isinstance(order.native, ordermux_cryptum.models.Order)
    assert (Money("25.40", "USD"), None, ()) == (order.total, order.placed_at, order.status.evidence)
    assert order.customer is not None
    assert "email@mail.com" == order.customer.email
    assert "cryptum:f701...672e: status not reported" == explain(order)


def test_a_cart_of_croissants(mux: Ordermux) -> None:
    """The token is got by the way; the unit of an answer's price is not published, so there is no total."""
    order = mux.orders.get(REFERENCES["croissant"])
    assert isinstance(order.native, ordermux_croissant.models.Cart)
    assert (CART, None, 1) == (order.ref.id, order.total, len(order.line_items))


def test_a_token_is_got_once(emulator: Emulator, mux: Ordermux) -> None:
    """Two reads make one token."""
    mux.orders.get(REFERENCES["croissant"])
    mux.orders.get(REFERENCES["croissant"])
    assert 1 == emulator.world.calls["croissant.createToken"]


def test_both_clients_give_the_same(emulator: Emulator) -> None:
    """Blocking and awaiting give equal orders, of each provider."""
    with blocking(*emulator.accounts()) as first, awaiting(*emulator.accounts()) as second:
        for reference in REFERENCES.values():
            assert first.orders.get(reference) == second.orders.get(reference)


@pytest.mark.parametrize("provider", TABLE)
def test_a_read_bears_no_key(mux: Ordermux, provider: str) -> None:
    """A key is of what was sent to change something."""
    assert mux.orders.get(REFERENCES[provider]).idempotency_key is None


@pytest.mark.parametrize("provider", TABLE)
def test_fields_that_no_document_knows_are_in_raw(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """They are reachable beside those that it knows."""
    operation = f"{provider}.getCart" if provider == "croissant" else f"{provider}.getOrder"
    before = mux.orders.get(REFERENCES[provider])
    emulator.world.faults.inject(operation, Fault(kind=FaultKind.EXTRA_FIELD, when="after"))
    after = mux.orders.get(REFERENCES[provider])
    assert before == after
    assert (1 if provider != "croissant" else 0) == len(set(after.raw) - set(before.raw))  # there it is beside `data`


@both
def test_an_unknown_field_of_a_listed_order_is_in_its_raw(opening: Opening) -> None:
    """Each order of a page has its own part of the body, in each of the list's two forms."""
    orders = [example("zephyr", "Order", id=name, gift={"from": name}) for name in ("a", "b")]
    for page in ({"data": orders, "has_more": False}, orders):
        with opening(account("zephyr"), transport=Pages([page]).transport) as mux:
            assert [{"from": "a"}, {"from": "b"}] == [order.raw["gift"] for order in mux.orders.list("zephyr")]


def test_secrets_in_raw_are_masked(mux: Ordermux) -> None:
    """And native keeps them, out of sight."""
    order = mux.orders.get("cryptum:f701...672e")
    assert "eyJhbG...5m4" == order.native.session_token.reveal()
    assert "eyJhbG" not in f"{order.raw} {order!r} {order} {explain(order)} {order.native!r}"
    assert "sessionToken" in order.raw


@both
def test_a_value_that_deviates_is_in_raw(opening: Opening) -> None:
    """What could not be read is unset in native, and reachable."""
    body = example("zephyr", "Order", customer_id=7)
    with opening(account("zephyr"), transport=Pages([body]).transport) as mux:
        order = mux.orders.get("zephyr:order_01HXY8")
    assert (7, None) == (order.raw["customer_id"], order.customer)


@both
def test_the_id_of_another_order_is_not_what_was_asked_for(opening: Opening) -> None:
    """An answer about another order is no answer to a read of this one."""
    body = example("zephyr", "Order", id="order_other")
    with opening(account("zephyr"), transport=Pages([body]).transport, attempts=1) as mux:
        with pytest.raises(UnexpectedResponse):
            mux.orders.get("zephyr:order_01HXY8")


def test_an_order_that_is_not_there_is_not_found(mux: Ordermux) -> None:
    """The error holds the facts of the call, and the typed client's own error as its cause."""
    with pytest.raises(NotFound, match="zephyr: get: 'order_none': getOrder: status 404") as raised:
        mux.orders.get("zephyr:order_none")
    error = raised.value
    assert ("zephyr", "zephyr", "get", 404, 1) == (
        error.provider,
        error.account,
        error.operation,
        error.status,
        error.attempts,
    )
    assert isinstance(error.__cause__, ordermux_zephyr.errors.NotFound)


def test_an_order_can_stand_in_a_set(mux: Ordermux) -> None:
    """Equal orders have equal hashes, whatever they hold."""
    assert 1 == len({mux.orders.get(ZEPHYR), mux.orders.get(ZEPHYR)})


def test_a_closed_facade_opens_again(mux: Ordermux) -> None:
    """As its clients do."""
    mux.orders.get(ZEPHYR)
    mux.close()
    assert "order_01HXY8" == mux.orders.get(ZEPHYR).ref.id


@both
def test_strict_mode_raises_for_a_word_that_no_table_has(emulator: Emulator, opening: Opening) -> None:
    """The error names the word; without strict mode it is `unknown`."""
    for _ in range(2):
        emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.UNKNOWN_STATUS, when="after"))
    with opening(*emulator.accounts()) as mux:
        assert Payment.UNKNOWN is mux.orders.get(ZEPHYR).status.payment
    with opening(*emulator.accounts(), strict=True) as mux:
        with pytest.raises(
            UnknownStatus, match=r"zephyr:order_01HXY8: .*payment is unknown: status says '.+' \(not in"
        ):
            mux.orders.get(ZEPHYR)
        assert Payment.PAID is mux.orders.get(ZEPHYR).status.payment


@both
def test_strict_mode_does_not_hide_a_change_that_was_made(emulator: Emulator, opening: Opening) -> None:
    """An unknown word in the answer to a cancel is told as attention: the order is cancelled."""
    emulator.world.faults.inject("zephyr.cancelOrder", Fault(kind=FaultKind.UNKNOWN_STATUS, when="after"))
    with opening(*emulator.accounts(), strict=True) as mux:
        assert Payment.UNKNOWN is mux.orders.cancel(ZEPHYR).status.payment
    assert 1 == emulator.world.effects["zephyr.cancelOrder"]
