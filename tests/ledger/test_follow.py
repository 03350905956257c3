"""`mux.orders.follow` with a state: events and reads of a real order add up in its ledger."""

from __future__ import annotations

from typing import Any

from webhooks.fuzz import ACCOUNTS, NOW, receiver

from ordermux import Fulfillment, Money, OrderState, Payment, Status
from ordermux.emulator import Emulator
from ordermux.event import Event
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux.webhooks import delivery
from support.clients import Opening, both


def event(provider: str, body: dict[str, Any]) -> Event:
    """Return an event as it was delivered."""
    account = next(each for each in ACCOUNTS if each.provider == provider)
    made = delivery(account, body, at=NOW)
    return receiver().receive(provider, made.headers, made.body)


@both
def test_an_event_of_an_order_that_can_be_read(emulator: Emulator, opening: Opening) -> None:
    """The read tells what was refunded; the event's own refund stays in the ledger, once."""
    state = emulator.state("zephyr")
    order = state.orders[SAMPLE_ORDER]
    with opening(*emulator.accounts()) as mux:
        known = OrderState.of(mux.orders.get(f"zephyr:{SAMPLE_ORDER}"))
        assert (Money(0, "USD"), Money("37.30", "USD")) == (known.refunded_total, known.refundable)
        state.transition(SAMPLE_ORDER, "refund")
        told = event("zephyr", {"id": "evt_1", "type": "order.refunded", "data": order})
        for _ in range(2):
            known = mux.orders.follow(told, known)
    assert (Payment.REFUNDED, ()) == (known.status.payment, known.status.attention)
    assert (Money("37.30", "USD"), Money(0, "USD")) == (known.refunded_total, known.refundable)


@both
def test_events_of_an_order_that_cannot_be_read(emulator: Emulator, opening: Opening) -> None:
    """They fold; a status alone is followed as before."""
    names = ("payment.succeeded", "delivery.initiated", "delivery.completed")
    data = {"orderId": "x", "payment": {"currency": "usdc", "received": {"txId": "0xabc", "amount": "149.99"}}}
    events = [event("crossmint", {"type": f"orders.{name}", "data": data}) for name in names]
    with opening(*emulator.accounts()) as mux:
        known, status = OrderState(), Status()
        for told in [*events, *reversed(events)]:
            known, status = mux.orders.follow(told, known), mux.orders.follow(told, status)
    assert (Payment.PAID, Fulfillment.DELIVERED) == (known.status.payment, known.status.fulfillment)
    assert status == known.status
    assert [Money("149.99", "usdc")] == [each.amount for each in known.ledger.payments or ()]
    assert [Fulfillment.DELIVERED, Fulfillment.IN_PROGRESS] == sorted(
        each.state for each in known.ledger.fulfillments or () if each.state
    )
