"""The shop on Crossmint: a checkout that cannot be made twice safely, and events that come in any order."""

from __future__ import annotations

from ordermux_crossmint import models

from ..errors import OutcomeUnknown
from ..order import Order
from ._stage import axes, expect
from ._tour import RETRY_AFTER, Tour

ABOUT = "An item of the cart is checked out, paid, sent and delivered."


def live(tour: Tour) -> None:
    """Walk through it."""
    order = checkout(tour)
    events(tour, order)
    read(tour, order)
    tour.walked.append(order.ref)


def checkout(tour: Tour) -> Order:
    """Lose the answer to a checkout, and find out what became of it."""
    before = {order.ref for order in tour.call(tour.mux.orders.list, "crossmint", lifecycle="pending")}
    state = tour.mux.emulator.state("crossmint")
    tour.lose("crossmint.createCheckout")
    draft = models.CheckoutRequest(cart_item_id=next(iter(state.cart)))
    tour.fails(OutcomeUnknown, tour.mux.orders.create, "crossmint", draft)
    tour.counted("crossmint.createCheckout", calls=1, effects=1)
    tour.stage.say(
        "Nothing tells a second checkout from the first, so it was not sent again: it may be done, it may not, and "
        "that is what Ordermux says. Before you repeat it, look:"
    )
    found = [
        order for order in tour.call(tour.mux.orders.list, "crossmint", lifecycle="pending") if order.ref not in before
    ]
    expect("new orders", 1, len(found))
    tour.stage.say("One order is new: it was done.")
    return found[0]


def events(tour: Tour, order: Order) -> None:
    """Have it paid and delivered, and told twice and in the wrong order."""
    state, name = tour.mux.emulator.state("crossmint"), order.native.crossmint_order_id
    tour.known[name] = order.status
    state.move(order.ref.id, "pay")
    tour.webhooks(
        "The user pays, and Crossmint tells of it twice",
        "orders.quote.created",
        "orders.payment.succeeded",
        again="orders.payment.succeeded",
    )
    paid = tour.known[name]
    tour.became(order.status, paid, "open / paid / unfulfilled")
    tour.mishaps["pair of webhooks swapped"] += 1
    tour.world.mail.disturb("swap", "crossmint")
    for move in ("start", "deliver"):
        state.move(order.ref.id, move)
    tour.webhooks(
        "It is sent and delivered, and told in the wrong order",
        "orders.delivery.completed",
        "orders.delivery.initiated",
    )
    tour.became(paid, tour.known[name], "completed / paid / delivered")
    tour.stage.say("What these events say only moves forward, so the late one took nothing back.")


def read(tour: Tour, order: Order) -> None:
    """Read it, when somebody else has used up the minute's requests."""
    state = tour.mux.emulator.state("crossmint")
    state.window = tour.world.clock() - state.window_seconds + RETRY_AFTER, state.requests_a_minute
    tour.limited(f"on purpose: the minute's {state.requests_a_minute} are gone")
    found = tour.call(tour.mux.orders.get, order.ref)
    tour.waited()
    expect("what was read", axes(tour.known[order.native.crossmint_order_id]), axes(found.status))
    tour.stage.say("The order says the same as its events did.")
