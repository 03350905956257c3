"""Cryptum: a checkout in cryptocurrency, paid when the blockchain confirms it."""

from __future__ import annotations

from ordermux_cryptum import models

from ...demo._scenario import Scenario
from ...errors import OutcomeUnknown
from ...order import Order
from ...status import NOT_REPORTED
from .emulator import STORE

ABOUT = "An order is created, put on hold, and paid on the blockchain."


def run(scenario: Scenario) -> None:
    """Run the scenario."""
    scenario.world.outbox.callbacks = True
    order = created(scenario)
    held(scenario, order)
    confirmed(scenario, order)
    scenario.world.outbox.callbacks = False
    scenario.orders.append(order.ref)


def created(scenario: Scenario) -> Order:
    """Create it, and lose the response."""
    draft = models.OrderRequest(
        ecommerce_order_id="1001",
        ecommerce_type=models.EcommerceType.API,
        order_total="25.40",
        order_currency="USD",
        callback_url=f"{scenario.receiver.url}/cryptum",
        store=STORE,
        delivery_info=models.DeliveryInfoRequest(
            first_name="Ada", last_name="Lovelace", email="ada@example.com", country="GB"
        ),
    )
    scenario.lose("cryptum.createOrder")
    unknown = scenario.fails(OutcomeUnknown, scenario.mux.orders.create, "cryptum", draft)
    scenario.counted("cryptum.createOrder", calls=1, effects=1)
    scenario.reporter.say("There is no idempotency key, and an order with the same id may be an older one: check it.")
    [candidate] = unknown.candidates
    order = scenario.call(scenario.mux.orders.get, candidate)
    scenario.became(NOT_REPORTED, order.status, "pending / pending / -")
    return order


def held(scenario: Scenario, order: Order) -> None:
    """Put it on hold; the first call gets a 429."""
    scenario.known[str(order.ref)] = order.status
    scenario.refuse("cryptum.updateOrder")
    changes = models.OrderUpdate(payment_status=models.SettablePaymentStatus.ON_HOLD)
    scenario.call(scenario.mux.orders.update, order.ref, changes)
    scenario.counted("cryptum.updateOrder", calls=2, effects=1)
    scenario.waited()
    scenario.webhooks("Cryptum delivers to the order's callback URL", "OrderNotification")
    scenario.became(order.status, scenario.known[str(order.ref)], "pending / processing / -")


def confirmed(scenario: Scenario, order: Order) -> None:
    """Confirm the payment; the webhook is delivered twice."""
    before = scenario.known[str(order.ref)]
    scenario.mux.emulator.state("cryptum").confirm(order.ref.id)
    scenario.webhooks(
        "The blockchain confirms, and Cryptum delivers it twice", "OrderNotification", again="OrderNotification"
    )
    after = scenario.known[str(order.ref)]
    scenario.became(before, after, "open / paid / -")
    scenario.reporter.say("A callback has no timestamp and may be old, so the order was read.")
