"""Cryptum: a checkout in crypto-currency, which is paid once the blockchain says so."""

from __future__ import annotations

from ordermux_cryptum import models

from ..emulator.cryptum import STORE
from ..order import Order
from ..status import NO_CLAIM
from ._tour import Tour

ABOUT = "An order is created, put on hold, and paid on the blockchain."


def live(tour: Tour) -> None:
    """Walk through it."""
    tour.world.mail.callbacks = True
    order = created(tour)
    held(tour, order)
    confirmed(tour, order)
    tour.world.mail.callbacks = False
    tour.walked.append(order.ref)


def created(tour: Tour) -> Order:
    """Create it, and lose the answer."""
    draft = models.OrderRequest(
        ecommerce_order_id="1001",
        ecommerce_type=models.EcommerceType.API,
        order_total="25.40",
        order_currency="USD",
        callback_url=f"{tour.receiver.url}/cryptum",
        store=STORE,
        delivery_info=models.DeliveryInfoRequest(
            first_name="Ada", last_name="Lovelace", email="ada@example.com", country="GB"
        ),
    )
    tour.lose("cryptum.createOrder")
    order = tour.call(tour.mux.orders.create, "cryptum", draft)
    tour.counted("cryptum.createOrder", calls=1, effects=1)
    tour.became(NO_CLAIM, order.status, "pending / pending / -")
    tour.stage.say("There is no idempotency key, so it was not sent again but looked for, by the shop's own id of it.")
    return order


def held(tour: Tour, order: Order) -> None:
    """Put it on hold, though the first call is one too many."""
    tour.known[str(order.ref)] = order.status
    tour.refuse("cryptum.updateOrder")
    changes = models.OrderUpdate(payment_status=models.SettablePaymentStatus.ON_HOLD)
    tour.call(tour.mux.orders.update, order.ref, changes)
    tour.counted("cryptum.updateOrder", calls=2, effects=1)
    tour.waited()
    tour.webhooks("Cryptum calls the order's callback URL", "OrderNotification")
    tour.became(order.status, tour.known[str(order.ref)], "pending / processing / -")


def confirmed(tour: Tour, order: Order) -> None:
    """Have it paid, and told twice."""
    before = tour.known[str(order.ref)]
    tour.mux.emulator.state("cryptum").confirm(order.ref.id)
    tour.webhooks(
        "The blockchain confirms, and Cryptum tells of it twice", "OrderNotification", again="OrderNotification"
    )
    after = tour.known[str(order.ref)]
    tour.became(before, after, "open / paid / -")
    tour.stage.say("A callback bears no time and may be an old one, so the order was read instead of believing it.")
