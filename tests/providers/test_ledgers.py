"""What each provider's orders and events show of the ledger, and that nothing else is made up."""

from __future__ import annotations

import copy
import datetime
from importlib import import_module
from typing import Any

import msgspec
import pytest
from webhooks.fuzz import ACCOUNTS, NOW, receiver

from ordermux import (
    Adjustment,
    AdjustmentKind,
    EntryState,
    Fulfillment,
    FulfillmentEntry,
    InvalidArgument,
    Ledger,
    LineItem,
    Money,
    Order,
    Ordermux,
    OrderState,
    PaymentEntry,
    Unrefundable,
    Unsupported,
)
from ordermux.emulator import Emulator
from ordermux.event import Event
from ordermux.ledger import NOT_SHOWN
from ordermux.order import OrderReader
from ordermux.providers.croissant.adapter import Reader as CroissantReader
from ordermux.providers.crossmint.adapter import Reader as CrossmintReader
from ordermux.providers.cryptum.adapter import Reader as CryptumReader
from ordermux.providers.zephyr import adapter as zephyr
from ordermux.webhooks import delivery
from ordermux_croissant import models as croissant_models
from ordermux_crossmint import models as crossmint_models
from ordermux_cryptum import models as cryptum_models
from ordermux_zephyr import models as zephyr_models
from support.clients import Opening, both, example

S, U = EntryState, Unrefundable
TOTAL = Money("37.30", "USD")
NOON = datetime.datetime(2026, 5, 30, 12, 30, tzinfo=datetime.UTC)
READERS: dict[str, tuple[OrderReader[Any], Any, str]] = {
    "zephyr": (zephyr.Reader("zephyr", zephyr.FULFILMENT), zephyr_models.Order, "Order"),
    "crossmint": (CrossmintReader("crossmint"), crossmint_models.Order, "Order"),
    "cryptum": (CryptumReader("cryptum"), cryptum_models.ListedOrder, "ListedOrder"),
    "croissant": (CroissantReader("croissant"), croissant_models.Cart, "Cart"),
}


def order(provider: str, **fields: Any) -> Order:
    """Return the order of the document's example, with some fields changed; None takes one away."""
    reader, model, schema = READERS[provider]
    body = {} if provider == "croissant" else copy.deepcopy(example(provider, schema))
    body |= fields
    body = {name: value for name, value in body.items() if value is not None}
    codec = import_module(f"ordermux_{provider}.codec")
    return reader.order("1", codec.decode(msgspec.json.encode(body), model)[0])


ZEPHYR: list[tuple[str, Money | None, Money | None, Unrefundable | None]] = [
    ("created", None, None, U.NOT_PAID),
    ("paid", Money(0, "USD"), TOTAL, None),
    ("partially_refunded", None, None, U.NOT_SHOWN),
    ("refunded", TOTAL, Money(0, "USD"), U.NOTHING_LEFT),
    ("cancelled", None, None, U.NOT_PAID),
    ("teleported", None, None, U.NOT_PAID),
]


@pytest.mark.parametrize(("status", "refunded", "left", "reason"), ZEPHYR, ids=[each[0] for each in ZEPHYR])
def test_zephyrs_status_tells_what_was_refunded(
    status: str, refunded: Money | None, left: Money | None, reason: Unrefundable | None
) -> None:
    """Of a part it does not say how much."""
    found = order("zephyr", status=status)
    assert (refunded, left, reason) == (found.refunded_total, found.refundable, found.unrefundable)
    assert (
        (PaymentEntry(amount=TOTAL, state=S.COMPLETED),) if refunded or left or status == "partially_refunded" else None
    ) == (found.ledger.payments)
    assert (None, None) == (found.ledger.adjustments, found.ledger.fulfillments)


@pytest.mark.parametrize("status", [each[0] for each in ZEPHYR])
def test_zephyrs_status_and_ledger_are_no_conflict(status: str) -> None:
    """Neither by themselves, nor in the state of an order that is followed."""
    found = order("zephyr", status=status)
    assert found.status == OrderState.of(found).status


def test_zephyrs_currency_without_a_known_minor_unit_has_no_amounts() -> None:
    """That it was charged is known all the same."""
    found = order("zephyr", currency="XXQ")
    assert (PaymentEntry(state=S.COMPLETED),) == found.ledger.payments
    assert (None, U.AMOUNT_NOT_SHOWN) == (found.refundable, found.unrefundable)


def test_zephyrs_order_without_lines_shows_that_there_are_none() -> None:
    """Which is not the same as an order of which no lines are shown."""
    assert () == order("zephyr", line_items=[]).ledger.lines
    assert None is order("cryptum").ledger.lines


CROSSMINT: list[tuple[str, str, EntryState | None, tuple[FulfillmentEntry, ...] | None]] = [
    ("awaiting_approval", "awaiting-payment", S.PENDING, ()),
    ("awaiting_approval", "failed-kyc", S.FAILED, ()),
    ("payment_confirmed", "succeeded", S.COMPLETED, ()),
    ("in_progress", "in_progress", S.COMPLETED, (FulfillmentEntry(state=Fulfillment.IN_PROGRESS),)),
    ("delivered", "delivered", S.COMPLETED, (FulfillmentEntry(state=Fulfillment.DELIVERED),)),
    ("cancelled", "failed", S.FAILED, ()),
    ("cancelled", "cancelled", None, None),
    ("teleported", "teleported", S.UNKNOWN, (FulfillmentEntry(state=Fulfillment.UNKNOWN),)),
]


@pytest.mark.parametrize(
    ("status", "payment", "state", "sent"), CROSSMINT, ids=[f"{each[0]}-{each[1]}" for each in CROSSMINT]
)
def test_crossmints_payment_has_a_state_and_no_amount(
    status: str, payment: str, state: EntryState | None, sent: tuple[FulfillmentEntry, ...] | None
) -> None:
    """The quote is in another currency than the payment, which is a settlement asset: they are never held together."""
    found = order("crossmint", status=status, payment={"status": payment, "currency": "usdc"})
    assert (PaymentEntry(state=state, method="usdc"),) == found.ledger.payments
    assert sent == found.ledger.fulfillments
    assert (None, None) == (found.refunded_total, found.refundable)


@pytest.mark.parametrize(("status", "payment"), [each[:2] for each in CROSSMINT])
def test_crossmints_status_and_ledger_are_no_conflict(status: str, payment: str) -> None:
    """Its payment has no amount, and its line no quantity."""
    found = order("crossmint", status=status, payment={"status": payment, "currency": "usdc"})
    assert found.status == OrderState.of(found).status


def test_crossmints_deposit_has_no_goods() -> None:
    """So no lines, and nothing to deliver."""
    found = order("crossmint", type="deposit", item=None)
    assert ((), None) == (found.ledger.lines, found.ledger.fulfillments)


def test_crossmints_quote_is_in_a_currency_of_its_own() -> None:
    """And the line in US dollars."""
    quote = {"totalPrice": {"amount": "149.99", "currency": "usdxm"}}
    found = order("crossmint", quote=quote)
    assert ("149.99 usdxm", "149.99 USD") == (str(found.total), str(found.line_items[0].unit_price))


CRYPTUM = [
    ("pending", S.PENDING),
    ("on-hold", S.PENDING),
    ("failed", S.FAILED),
    ("cancelled", S.FAILED),
    ("confirmed", S.COMPLETED),
    ("teleported", S.UNKNOWN),
]


@pytest.mark.parametrize(("word", "state"), CRYPTUM)
def test_cryptums_payment_has_a_state_and_no_amount(word: str, state: EntryState) -> None:
    """What was paid may be in any of its currencies."""
    found = order("cryptum", paymentStatus=word)
    assert Ledger(payments=(PaymentEntry(state=state),)) == found.ledger


@pytest.mark.parametrize("word", [each[0] for each in CRYPTUM])
def test_cryptums_status_and_ledger_are_no_conflict(word: str) -> None:
    """The one is made of the other."""
    found = order("cryptum", paymentStatus=word)
    assert found.status == OrderState.of(found).status


def test_cryptums_order_without_a_status_shows_nothing() -> None:
    """Which is normal."""
    assert NOT_SHOWN == order("cryptum").ledger


def test_croissants_cart_shows_quantities_alone() -> None:
    """If it has products at all."""
    found = order("croissant", id="C-1", products=[{"retailerProductId": "mug", "quantity": 2}])
    assert Ledger(lines=(LineItem(id="mug", quantity=2),)) == found.ledger
    assert NOT_SHOWN == order("croissant", id="C-1").ledger


REFERENCES = {"zephyr": None, "crossmint": "d1e2f3a4-b5c6-7890-defg-234567890123", "cryptum": "103", "croissant": "C-1"}


@pytest.mark.parametrize("provider", REFERENCES)
def test_the_shops_own_number(provider: str) -> None:
    """Of Croissant and the shop it is the id itself."""
    assert (
        REFERENCES[provider] == order(provider, **({"id": "C-1"} if provider == "croissant" else {})).merchant_reference
    )


# Events.


def event(provider: str, body: dict[str, Any]) -> Event:
    """Return an event as it was delivered."""
    account = next(each for each in ACCOUNTS if each.provider == provider)
    made = delivery(account, body, at=NOW)
    return receiver().receive(provider, made.headers, made.body)


def zephyr_event(name: str = "order.refunded", **fields: Any) -> Event:
    """Return an event of ZephyrCart's."""
    body = {"id": "evt_1", "type": name, "created_at": "2026-05-30T12:30:00Z", "data": example("zephyr", "Order")}
    return event("zephyr", body | fields)


def test_each_of_zephyrs_refund_events_is_a_refund() -> None:
    """Its amount and its own id are not shown; the page says that there is one event for each."""
    entry = Adjustment(kind=AdjustmentKind.REFUND, id="evt_1", state=S.COMPLETED, occurred_at=NOON)
    assert Ledger(adjustments=(entry,), is_partial=True) == zephyr_event().ledger
    assert NOT_SHOWN == zephyr_event("order.updated").ledger


def test_crossmints_payment_event_has_the_transaction() -> None:
    """In the currency of the payment, which is no code of ISO's, and is kept as it is."""
    data = {"orderId": "x", "payment": {"currency": "usdc", "received": {"txId": "0xabc", "amount": "149.99"}}}
    entry = PaymentEntry(id="0xabc", amount=Money("149.99", "usdc"), state=S.COMPLETED, method="usdc")
    told = event("crossmint", {"type": "orders.payment.succeeded", "data": data})
    assert Ledger(payments=(entry,), is_partial=True) == told.ledger
    bare = event("crossmint", {"type": "orders.payment.failed", "data": {"orderId": "x"}})
    assert Ledger(payments=(PaymentEntry(state=S.FAILED),), is_partial=True) == bare.ledger


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("initiated", Fulfillment.IN_PROGRESS),
        ("completed", Fulfillment.DELIVERED),
        ("failed", Fulfillment.FAILED),
    ],
)
def test_crossmints_delivery_event_is_a_fulfillment(name: str, state: Fulfillment) -> None:
    """Without an id, since an order has one delivery."""
    told = event("crossmint", {"type": f"orders.delivery.{name}", "data": {"orderId": "x"}})
    assert Ledger(fulfillments=(FulfillmentEntry(state=state),), is_partial=True) == told.ledger


def test_crossmints_quote_event_adds_nothing() -> None:
    """A price is no payment."""
    assert NOT_SHOWN == event("crossmint", {"type": "orders.quote.updated", "data": {"orderId": "x"}}).ledger


def test_cryptums_callback_has_the_transactions_and_is_not_trusted() -> None:
    """The order is read instead."""
    body = {"orderId": "1", "status": "confirmed", "transactions": [{"protocol": "CELO", "hash": "0x7a"}]}
    told = event("cryptum", body)
    assert NOT_SHOWN == told.ledger
    entry = PaymentEntry(id="0x7a", state=S.COMPLETED, method="CELO")
    assert Ledger(payments=(entry,), is_partial=True) == told.entries


def test_croissants_event_has_the_payment_and_the_lines_and_is_not_trusted() -> None:
    """It is held against a checkout of one's own."""
    body = {
        "event": "payment.confirmed",
        "sessionId": "cps_1",
        "amounts": {"total": 29500, "currency": "USD"},
        "lineItems": [{"retailerProductId": "SKU-001", "name": "Belt", "quantity": 1}],
        "timestamp": "2026-05-30T12:30:00.000Z",
    }
    told = event("croissant", body)
    assert NOT_SHOWN == told.ledger
    payment = PaymentEntry(id="cps_1", amount=Money("295.00", "USD"), state=S.COMPLETED, occurred_at=NOON)
    lines = (LineItem(id="SKU-001", name="Belt", quantity=1),)
    assert Ledger(lines=lines, payments=(payment,), is_partial=True) == told.entries


# Finding.


@both
def test_cryptums_orders_are_found_by_a_number_that_the_shop_gave_twice(emulator: Emulator, opening: Opening) -> None:
    """All of them, and none for another number."""
    state = emulator.state("cryptum")
    other = state.place(ecommerceOrderId="103")["id"]
    with opening(*emulator.accounts()) as mux:
        found = mux.orders.find("cryptum", "103")
        assert {"f701...672e", other} <= {each.ref.id for each in found}
        assert {"103"} == {each.merchant_reference for each in found}
        assert () == mux.orders.find("cryptum", "nobody's")


@both
@pytest.mark.parametrize("provider", ["croissant"])
def test_a_number_that_no_order_has(emulator: Emulator, opening: Opening, provider: str) -> None:
    """It is not an error."""
    with opening(*emulator.accounts()) as mux:
        assert () == mux.orders.find(provider, "nobody's")


@both
def test_zephyrs_orders_have_no_number_of_the_shops(emulator: Emulator, opening: Opening) -> None:
    """Before anything is sent."""
    with opening(*emulator.accounts()) as mux:
        with pytest.raises(Unsupported):
            mux.orders.find("zephyr", "103")


@pytest.mark.parametrize("reference", ["", None, 103])
def test_what_is_no_number_is_refused(emulator: Emulator, reference: Any) -> None:
    """As an argument that is not valid."""
    with Ordermux(*emulator.accounts()) as mux, pytest.raises(InvalidArgument, match="merchant reference"):
        mux.orders.find("cryptum", reference)
