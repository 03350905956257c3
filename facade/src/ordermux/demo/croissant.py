"""Croissant: nothing exists until the customer has paid, and then the shop registers the order."""

from __future__ import annotations

from ordermux_croissant import models

from ..order import Order, OrderRef
from ..status import NO_CLAIM, Status
from ..webhooks import Event
from ._stage import expect
from ._tour import Tour

ABOUT = "A customer pays, the shop registers the order and ships it; another one is cancelled."
PAID, OTHER = OrderRef("croissant", "C-42"), OrderRef("croissant", "C-43")
CHECKOUT, CENTS = "checkout_42", 2980
"""The shop's own checkout, and what it comes to."""


def live(tour: Tour) -> None:
    """Walk through it."""
    status = paid(tour)
    shipped(tour, status)
    cancelled(tour)
    products(tour)
    tour.counted("croissant.createToken", calls=1, effects=1)
    tour.stage.say("One access token served all of it.")


def cart_of(ref: OrderRef, event: models.PaymentConfirmed, tour: Tour) -> models.CartRequest:
    """Return what the shop registers for a payment."""
    product = models.CartProductRequest(
        retailer_product_id="mug-1", quantity=2, retail_sale_price=CENTS // 2, retail_sale_currency="USD"
    )
    return models.CartRequest(
        id=ref.id,
        is_opted_in=True,
        confirmation_number=ref.id.removeprefix("C-"),
        retailer_created_at=event.timestamp or tour.world.now(),
        source="web",
        email="ada@example.com",
        products=[product],
    )


def paid(tour: Tour) -> Status:
    """Have the payment told twice, and the answer to the registration lost."""
    created: list[Order] = []

    def register(event: Event) -> None:
        payment = event.native
        expect("the checkout and its total", (CHECKOUT, CENTS), (payment.checkout_id, payment.amounts.total))
        created.append(tour.call(tour.mux.orders.create, "croissant", cart_of(PAID, payment, tour)))

    tour.lose("croissant.createCart")
    line = {"retailerProductId": "mug-1", "name": "Mug", "brand": "Your Brand", "quantity": 2, "totalPrice": CENTS}
    amounts = dict.fromkeys(("credit", "incentive", "shipping", "tax"), 0) | {"total": CENTS, "cash": CENTS}
    tour.mux.emulator.state("croissant").place(
        checkoutId=CHECKOUT, amounts={**amounts, "currency": "USD"}, lineItems=[line]
    )
    tour.webhooks(
        "The customer pays, and Croissant tells of it twice",
        "payment.confirmed",
        again="payment.confirmed",
        handle=register,
    )
    tour.counted("croissant.createCart", calls=1, effects=1)
    [order] = created
    tour.became(NO_CLAIM, order.status, "open / - / unfulfilled")
    tour.stage.say(
        "The webhook is not signed, so the shop held it against its own checkout. The lost answer was made good by "
        "reading the cart: it bears the shop's own id."
    )
    tour.walked.append(order.ref)
    return order.status


def shipped(tour: Tour, before: Status) -> None:
    """Fulfil it, though the first call is one too many."""
    tour.refuse("croissant.fulfillCart")
    order = tour.call(tour.mux.orders.fulfill, PAID)
    tour.counted("croissant.fulfillCart", calls=2, effects=1)
    tour.became(before, order.status, "completed / - / fulfilled")
    tour.waited()


def cancelled(tour: Tour) -> None:
    """Register another order, and cancel it."""
    draft = cart_of(OTHER, models.PaymentConfirmed(event="payment.confirmed"), tour)
    order = tour.call(tour.mux.orders.create, "croissant", draft)
    tour.counted("croissant.createCart", calls=1, effects=1)
    after = tour.call(tour.mux.orders.cancel, OTHER)
    tour.counted("croissant.cancelCart", calls=1, effects=1)
    tour.became(order.status, after.status, "cancelled / voided / -")
    tour.walked.append(order.ref)


def products(tour: Tour) -> None:
    """Store some products."""
    tour.call(tour.mux.products.put, "croissant", "mug-1", {"name": "Mug", "brand": "Your Brand"})
    more = [(f"mug-{number}", {"name": f"Mug {number}", "brand": "Your Brand"}) for number in (2, 3, 4)]
    report = tour.call(tour.mux.products.sync, "croissant", more)
    expect("products stored and failed", (len(more), 0), (report.stored, report.failed))
    tour.counted("croissant.putProduct", calls=4, effects=4)
