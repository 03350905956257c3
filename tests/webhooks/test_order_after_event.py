"""What is known of an order after an event of it was handled."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from ordermux import Account, NotFound, OrderRef
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.status import NOT_REPORTED, Attention, Fulfillment, Payment, Status
from ordermux.webhooks import Event, Inbox, delivery
from support.clients import Opening, blocking, both
from support.document_checker import documents
from support.inboxes import DONE, FAILED
from support.typed_client_answers import ORDER


def followed(emulator: Emulator, opening: Opening, provider: str, told: dict[str, Any], known: Status) -> Status:
    """Return what is known after an event was received by a client of the facade."""
    secrets = {
        "zephyr": "whsec_made-up-for-this-test",
        "crossmint": "whsec_bWFkZSB1cCBmb3IgdGhpcyB0ZXN0",
        "cryptum": "made-up-for-this-test",
        "croissant": (),
    }
    accounts = [attrs.evolve(each, webhook_secrets=secrets[each.provider]) for each in emulator.accounts()]
    account: Account[Any] = next(each for each in accounts if each.provider == provider)
    request = delivery(account, told)
    with opening(*accounts) as mux:
        webhooks: Any = mux.webhooks
        receive = getattr(webhooks, "inner", webhooks).receive
        return mux.orders.follow(receive(provider, request.headers, request.body), known)


def sample(provider: str, kind: str, **fields: object) -> dict[str, Any]:
    """Return the document's example of an event."""
    operation = documents()[provider].raw["webhooks"][kind]["post"]
    told: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["example"]
    return {**told, **fields}


@both
def test_after_an_event_of_zephyrcarts_the_order_is_read(emulator: Emulator, opening: Opening) -> None:
    """Whatever the event says, and whatever was known: here all was refunded, of which the event says a part."""
    order: dict[str, Any] = emulator.state("zephyr").orders[ORDER["id"]]
    order["status"] = "refunded"
    known = followed(emulator, opening, "zephyr", sample("zephyr", "order.refunded"), NOT_REPORTED)
    assert Payment.REFUNDED is known.payment
    assert 1 == emulator.world.calls["zephyr.getOrder"]
    order["status"] = "paid"
    known = followed(emulator, opening, "zephyr", sample("zephyr", "order.refunded"), known)
    assert (Payment.PAID, (Attention.SNAPSHOT_REGRESSED,)) == (known.payment, known.attention)


@both
def test_events_of_a_shop_on_crossmint_add_up(emulator: Emulator, opening: Opening) -> None:
    """They do not bear the id that the shop's API takes, so nothing is read; late ones change nothing."""
    known = NOT_REPORTED
    told: list[tuple[Payment | None, Fulfillment | None]] = []
    for kind in ("payment.succeeded", "delivery.completed", "delivery.initiated", "quote.updated"):
        known = followed(emulator, opening, "crossmint", sample("crossmint", f"orders.{kind}"), known)
        told.append((known.payment, known.fulfillment))
    delivered = (Payment.PAID, Fulfillment.DELIVERED)
    assert [(Payment.PAID, Fulfillment.UNFULFILLED), delivered, delivered, delivered] == told
    assert {} == emulator.world.calls


@both
def test_after_an_event_of_cryptums_the_order_is_read(emulator: Emulator, opening: Opening) -> None:
    """What it says is not believed, since anybody may deliver it again; only that the order is to be read."""
    order_id, order = next(
        (each["id"], each) for each in emulator.state("cryptum").orders.values() if each.get("paymentStatus")
    )
    order["paymentStatus"] = "failed"
    told = {"orderId": order_id, "status": "confirmed", "message": "Payment was successful"}
    assert Payment.FAILED is followed(emulator, opening, "cryptum", told, NOT_REPORTED).payment
    assert {"cryptum.getOrder": 1} == emulator.world.calls


@both
def test_an_event_of_croissants_says_nothing(emulator: Emulator, opening: Opening) -> None:
    """Anybody could have sent it, and there is no order yet: what was known stays."""
    known = Status(payment=Payment.PENDING)
    told = sample("croissant", "payment.confirmed")
    assert known == followed(emulator, opening, "croissant", told, known)
    assert NOT_REPORTED == followed(emulator, opening, "croissant", told, NOT_REPORTED)
    assert {} == emulator.world.calls


@both
def test_an_event_of_an_order_that_is_not_there(emulator: Emulator, opening: Opening) -> None:
    """The read's error comes through, so that a handler that follows fails, and the event comes again."""
    told = sample("zephyr", "order.updated", data={**ORDER, "id": "order_gone"})
    with pytest.raises(NotFound) as caught:
        followed(emulator, opening, "zephyr", told, NOT_REPORTED)
    assert 404 == caught.value.status


@pytest.mark.slow
def test_a_handler_that_follows_is_run_again_where_the_provider_is_away(emulator: Emulator) -> None:
    """The whole chain: the provider fails for longer than the facade tries, the event comes again, then it is read."""
    account = attrs.evolve(
        next(each for each in emulator.accounts() if each.provider == "zephyr"),
        webhook_secrets="whsec_made-up-for-this-test",
    )
    known: dict[OrderRef, Status] = {}
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STATUS, when="before", status=503, times=3))
    request = delivery(account, sample("zephyr", "order.updated"))
    with blocking(account) as mux:

        def handle(told: Event) -> None:
            assert told.order is not None
            known[told.order] = mux.orders.follow(told, known.get(told.order, NOT_REPORTED))

        inbox = Inbox(mux.webhooks, handle)
        answers = [inbox.respond("zephyr", request.headers, request.body) for _ in range(3)]
    assert [FAILED, DONE, DONE] == answers
    assert [OrderRef("zephyr", ORDER["id"])] == list(known)
    assert 4 == emulator.world.calls["zephyr.getOrder"]
