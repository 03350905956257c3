"""ZephyrCart: orders that are there already, of which one is refunded in part and another one cancelled."""

from __future__ import annotations

from ordermux_zephyr import models

from ..order import Money, Order
from ._stage import expect
from ._tour import Tour

ABOUT = "Part of an order is refunded, it gets a note, and another order is cancelled."
AMOUNT = Money("4.90", "USD")


def live(tour: Tour) -> None:
    """Walk through it."""
    orders = list(tour.call(tour.mux.orders.list, "zephyr", payment="paid"))
    tour.stage.say(f"{len(orders)} orders are paid.")
    refunded, other = orders[:2]
    tour.walked += [refunded.ref, other.ref]
    refund(tour, refunded)
    note(tour, refunded)
    cancel(tour, other)


def refund(tour: Tour, order: Order) -> None:
    """Refund a part, whose answer is lost, and have the webhook of it come twice."""
    about = str(order.ref)
    tour.known[about] = order.status
    tour.lose("zephyr.createRefund")
    made = tour.call(tour.mux.orders.refund, order.ref, AMOUNT)
    tour.counted("zephyr.createRefund", calls=2, effects=1)
    state = tour.mux.emulator.state("zephyr")
    expect("cents given back", AMOUNT.minor, state.refunded[order.ref.id])
    expect("idempotency keys", [made.idempotency_key], list(state.answers))
    tour.stage.say("Both calls bore the same idempotency key, so the second got the answer to the first.")
    tour.webhooks("ZephyrCart tells of the refund twice", "order.refunded", again="order.refunded")
    tour.became(order.status, tour.known[about], "open / partially_refunded / -")


def note(tour: Tour, order: Order) -> None:
    """Put something into its metadata, though the first call is one too many."""
    tour.refuse("zephyr.updateOrder")
    tour.call(tour.mux.orders.update, order.ref, models.OrderUpdate(metadata={"note": "gift"}))
    tour.counted("zephyr.updateOrder", calls=2, effects=1)
    tour.waited()
    tour.webhooks("ZephyrCart tells of the change", "order.updated")


def cancel(tour: Tour, order: Order) -> None:
    """Cancel the other one."""
    about = str(order.ref)
    tour.known[about] = order.status
    tour.call(tour.mux.orders.cancel, order.ref)
    tour.counted("zephyr.cancelOrder", calls=1, effects=1)
    tour.webhooks("ZephyrCart tells of the cancellation", "order.cancelled")
    tour.became(order.status, tour.known[about], "cancelled / paid / unfulfilled")
    tour.stage.say("Nothing says that what was paid was given back, so a person should look.")
