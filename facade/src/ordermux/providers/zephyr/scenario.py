"""ZephyrCart: one existing order is partially refunded, another one cancelled."""

from __future__ import annotations

from ordermux_zephyr import models

from ...demo._reporter import expect
from ...demo._scenario import Scenario
from ...order import Money, Order

ABOUT = "An order is partially refunded and gets a note; another order is cancelled."
AMOUNT = Money("4.90", "USD")


def run(scenario: Scenario) -> None:
    """Run the scenario."""
    orders = list(scenario.call(scenario.mux.orders.list, "zephyr", payment="paid"))
    scenario.reporter.say(f"{len(orders)} orders are paid.")
    refunded, other = orders[:2]
    scenario.orders += [refunded.ref, other.ref]
    refund(scenario, refunded)
    note(scenario, refunded)
    cancel(scenario, other)


def refund(scenario: Scenario, order: Order) -> None:
    """Refund a part; the response is lost and the webhook is delivered twice."""
    about = str(order.ref)
    scenario.known[about] = order.status
    scenario.lose("zephyr.createRefund")
    made = scenario.call(scenario.mux.orders.refund, order.ref, AMOUNT)
    scenario.counted("zephyr.createRefund", calls=2, effects=1)
    state = scenario.mux.emulator.state("zephyr")
    expect("cents given back", AMOUNT.minor, state.refunded[order.ref.id])
    expect("idempotency keys", [made.idempotency_key], list(state.answers))
    scenario.reporter.say("Both calls had the same idempotency key, so the second got the response to the first.")
    scenario.webhooks("ZephyrCart delivers the refund twice", "order.refunded", again="order.refunded")
    scenario.became(order.status, scenario.known[about], "open / partially_refunded / -")


def note(scenario: Scenario, order: Order) -> None:
    """Update its metadata; the first call gets a 429."""
    scenario.refuse("zephyr.updateOrder")
    scenario.call(scenario.mux.orders.update, order.ref, models.OrderUpdate(metadata={"note": "gift"}))
    scenario.counted("zephyr.updateOrder", calls=2, effects=1)
    scenario.waited()
    scenario.webhooks("ZephyrCart delivers the change", "order.updated")


def cancel(scenario: Scenario, order: Order) -> None:
    """Cancel the other order."""
    about = str(order.ref)
    scenario.known[about] = order.status
    scenario.call(scenario.mux.orders.cancel, order.ref)
    scenario.counted("zephyr.cancelOrder", calls=1, effects=1)
    scenario.webhooks("ZephyrCart delivers the cancellation", "order.cancelled")
    scenario.became(order.status, scenario.known[about], "cancelled / paid / unfulfilled")
    scenario.reporter.say("No refund is reported for the payment, so a person should look.")
