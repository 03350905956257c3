"""Croissant: the shop registers an order after the customer has paid."""

from __future__ import annotations

from ordermux_croissant import models

from ...demo._reporter import expect
from ...demo._scenario import Scenario
from ...order import Order, OrderRef
from ...status import NOT_REPORTED, Status
from ...webhooks import Event

ABOUT = "A customer pays, the shop registers the order and ships it; another order is cancelled."
PAID, OTHER = OrderRef("croissant", "C-42"), OrderRef("croissant", "C-43")
CHECKOUT, CENTS = "checkout_42", 2980
"""The shop's own checkout, and its total."""


def run(scenario: Scenario) -> None:
    """Run the scenario."""
    status = paid(scenario)
    shipped(scenario, status)
    cancelled(scenario)
    products(scenario)
    scenario.counted("croissant.createToken", calls=1, effects=1)
    scenario.reporter.say("All calls used one access token.")


def cart_of(ref: OrderRef, event: models.PaymentConfirmed, scenario: Scenario) -> models.CartRequest:
    """Return the cart that the shop registers for a payment."""
    product = models.CartProductRequest(
        retailer_product_id="mug-1", quantity=2, retail_sale_price=CENTS // 2, retail_sale_currency="USD"
    )
    return models.CartRequest(
        id=ref.id,
        is_opted_in=True,
        confirmation_number=ref.id.removeprefix("C-"),
        retailer_created_at=event.timestamp or scenario.world.now(),
        source="web",
        email="ada@example.com",
        products=[product],
    )


def paid(scenario: Scenario) -> Status:
    """Deliver the payment twice, and lose the response to the registration."""
    created: list[Order] = []

    def register(event: Event) -> None:
        payment = event.native
        expect("the checkout and its total", (CHECKOUT, CENTS), (payment.checkout_id, payment.amounts.total))
        created.append(scenario.call(scenario.mux.orders.create, "croissant", cart_of(PAID, payment, scenario)))

    scenario.lose("croissant.createCart")
    line = {"retailerProductId": "mug-1", "name": "Mug", "brand": "Your Brand", "quantity": 2, "totalPrice": CENTS}
    amounts = dict.fromkeys(("credit", "incentive", "shipping", "tax"), 0) | {"total": CENTS, "cash": CENTS}
    scenario.mux.emulator.state("croissant").place(
        checkoutId=CHECKOUT, amounts={**amounts, "currency": "USD"}, lineItems=[line]
    )
    scenario.webhooks(
        "The customer pays, and Croissant delivers it twice",
        "payment.confirmed",
        again="payment.confirmed",
        handle=register,
    )
    scenario.counted("croissant.createCart", calls=1, effects=1)
    [order] = created
    scenario.became(NOT_REPORTED, order.status, "open / - / unfulfilled")
    scenario.reporter.say(
        "The webhook is not signed, so the shop compared it with its own checkout. After the lost response, the "
        "facade read the cart by the shop's own id."
    )
    scenario.orders.append(order.ref)
    return order.status


def shipped(scenario: Scenario, before: Status) -> None:
    """Fulfill it; the first call gets a 429."""
    scenario.refuse("croissant.fulfillCart")
    order = scenario.call(scenario.mux.orders.fulfill, PAID)
    scenario.counted("croissant.fulfillCart", calls=2, effects=1)
    scenario.became(before, order.status, "completed / - / fulfilled")
    scenario.waited()


def cancelled(scenario: Scenario) -> None:
    """Register another order and cancel it."""
    draft = cart_of(OTHER, models.PaymentConfirmed(event="payment.confirmed"), scenario)
    order = scenario.call(scenario.mux.orders.create, "croissant", draft)
    scenario.counted("croissant.createCart", calls=1, effects=1)
    after = scenario.call(scenario.mux.orders.cancel, OTHER)
    scenario.counted("croissant.cancelCart", calls=1, effects=1)
    scenario.became(order.status, after.status, "cancelled / voided / -")
    scenario.orders.append(order.ref)


def products(scenario: Scenario) -> None:
    """Store some products."""
    scenario.call(scenario.mux.products.put, "croissant", "mug-1", {"name": "Mug", "brand": "Your Brand"})
    more = [(f"mug-{number}", {"name": f"Mug {number}", "brand": "Your Brand"}) for number in (2, 3, 4)]
    report = scenario.call(scenario.mux.products.sync, "croissant", more)
    expect("products stored and failed", (len(more), 0), (report.stored, report.failed))
    scenario.counted("croissant.putProduct", calls=4, effects=4)
