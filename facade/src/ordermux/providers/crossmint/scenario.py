"""The shop on Crossmint: a checkout that cannot be retried safely, and events in any order."""

from __future__ import annotations

from ordermux_crossmint import models

from ...demo._reporter import axes, expect
from ...demo._scenario import RETRY_AFTER, Scenario
from ...errors import OutcomeUnknown
from ...order import Order

ABOUT = "An item of the cart is checked out, paid, shipped and delivered."


def run(scenario: Scenario) -> None:
    """Run the scenario."""
    order = checkout(scenario)
    events(scenario, order)
    read(scenario, order)
    scenario.orders.append(order.ref)


def checkout(scenario: Scenario) -> Order:
    """Lose the response to a checkout, and find out its outcome."""
    before = {order.ref for order in scenario.call(scenario.mux.orders.list, "crossmint", lifecycle="pending")}
    state = scenario.mux.emulator.state("crossmint")
    scenario.lose("crossmint.createCheckout")
    draft = models.CheckoutRequest(cart_item_id=next(iter(state.cart)))
    scenario.fails(OutcomeUnknown, scenario.mux.orders.create, "crossmint", draft)
    scenario.counted("crossmint.createCheckout", calls=1, effects=1)
    scenario.reporter.say(
        "A second checkout cannot be told from the first, so it was not retried. It may be done or not, and Ordermux "
        "reports that. Check before you retry:"
    )
    found = [
        order
        for order in scenario.call(scenario.mux.orders.list, "crossmint", lifecycle="pending")
        if order.ref not in before
    ]
    expect("new orders", 1, len(found))
    scenario.reporter.say("One order is new: the checkout was made.")
    return found[0]


def events(scenario: Scenario, order: Order) -> None:
    """Pay and deliver it; webhooks are duplicated and reordered."""
    state, name = scenario.mux.emulator.state("crossmint"), order.native.crossmint_order_id
    scenario.known[name] = order.status
    state.transition(order.ref.id, "pay")
    scenario.webhooks(
        "The user pays, and Crossmint delivers it twice",
        "orders.quote.created",
        "orders.payment.succeeded",
        again="orders.payment.succeeded",
    )
    paid = scenario.known[name]
    scenario.became(order.status, paid, "open / paid / unfulfilled")
    scenario.faults["pair of webhooks reordered"] += 1
    scenario.world.outbox.inject("reorder", "crossmint")
    for transition in ("start", "deliver"):
        state.transition(order.ref.id, transition)
    scenario.webhooks(
        "It is shipped and delivered; the webhooks are reordered",
        "orders.delivery.completed",
        "orders.delivery.initiated",
    )
    scenario.became(paid, scenario.known[name], "completed / paid / delivered")
    scenario.reporter.say("Events only move a status forward, so the late one changed nothing.")


def read(scenario: Scenario, order: Order) -> None:
    """Read it after the rate limit was used up."""
    state = scenario.mux.emulator.state("crossmint")
    state.window = scenario.world.clock() - state.window_seconds + RETRY_AFTER, state.requests_a_minute
    scenario.limited(f"injected: rate limit of {state.requests_a_minute}/min")
    found = scenario.call(scenario.mux.orders.get, order.ref)
    scenario.waited()
    expect("status that was read", axes(scenario.known[order.native.crossmint_order_id]), axes(found.status))
    scenario.reporter.say("The order has the same status as its events reported.")
