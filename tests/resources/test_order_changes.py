"""Creating, updating, fulfilling and cancelling orders."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import msgspec
import pytest

import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Conflict,
    Customer,
    Fulfillment,
    InvalidArgument,
    InvalidRequest,
    LineItem,
    Money,
    Order,
    Ordermux,
    OrderRef,
    OutcomeUnknown,
    Payment,
    Zephyr,
    explain,
)
from ordermux.emulator import Emulator
from support.clients import Opening, Pages, account, both
from support.order_calls import CART, CART_DRAFT, CHANGES, CHECKOUT, NOON, PLUGIN_ORDER, REFERENCES, ZEPHYR, calls

# Creating.


def test_a_cart_is_registered(emulator: Emulator, mux: Ordermux) -> None:
    """What is known of it is what was sent, and the row `registered`; prices one sends are in minor units."""
    order = mux.orders.create("croissant", CART_DRAFT)
    assert OrderRef("croissant", "C-42") == order.ref
    assert ("open", None, "unfulfilled") == (order.status.lifecycle, order.status.payment, order.status.fulfillment)
    assert "own call says 'registered'" in explain(order)
    assert (LineItem(id="SKU-001", quantity=2, unit_price=Money("295.00", "USD")),) == order.line_items
    assert (NOON, Customer(email="ana@example.com")) == (order.placed_at, order.customer)
    assert CART_DRAFT == order.native
    assert {"C-42"} <= set(emulator.state("croissant").carts)


def test_a_checkout_makes_an_order(emulator: Emulator, mux: Ordermux) -> None:
    """It awaits approval, which the shop's page says of a checkout."""
    order = mux.orders.create("crossmint", CHECKOUT)
    assert order.ref.id in emulator.state("crossmint").orders
    assert ("pending", "pending", "unfulfilled") == (
        order.status.lifecycle,
        order.status.payment,
        order.status.fulfillment,
    )
    assert isinstance(order.native, ordermux_crossmint.models.Checkout)
    assert order.native.order_id == order.raw["orderId"]


def test_an_order_is_created_at_cryptum(emulator: Emulator, mux: Ordermux) -> None:
    """Its status is the one that the answer tells, its total and its customer those that were sent."""
    order = mux.orders.create("cryptum", PLUGIN_ORDER)
    assert "shop-7" == emulator.state("cryptum").orders[order.ref.id]["ecommerceOrderId"]
    assert ("pending", "pending") == (order.status.lifecycle, order.status.payment)
    assert (Money("25.40", "USD"), Customer(name="Ana Suarez", email="ana@example.com")) == (
        order.total,
        order.customer,
    )
    assert isinstance(order.native, ordermux_cryptum.models.OrderCreated)
    secret = emulator.state("cryptum").orders[order.ref.id]["sessionToken"]
    assert "sessionToken" in order.raw
    assert secret not in f"{order.raw} {order!r} {order.native!r}"


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("croissant", "ordermux_croissant.models.CartRequest"),
        ("crossmint", "ordermux_crossmint.models.CheckoutRequest"),
        ("cryptum", "ordermux_cryptum.models.OrderRequest"),
        (ZEPHYR, "ordermux_zephyr.models.OrderUpdate"),
        (REFERENCES["cryptum"], "ordermux_cryptum.models.OrderUpdate"),
    ],
)
def test_a_draft_of_another_type_is_refused(emulator: Emulator, mux: Ordermux, reference: str, wanted: str) -> None:
    """The message names the right type; nothing is sent. An account alone creates, a reference updates."""
    act: Any = mux.orders.update if ":" in reference else mux.orders.create
    for wrong in ({"id": "C-42"}, None, "C-42"):
        told = f"^{reference.partition(':')[0]} takes {re.escape(wanted)}, not {type(wrong).__name__}$"
        with pytest.raises(InvalidArgument, match=told):
            act(reference, wrong)
    assert {} == dict(emulator.world.calls)


def test_a_draft_of_another_providers_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """Even where the name of its type is the same."""
    with pytest.raises(InvalidArgument, match=r"^cryptum takes ordermux_cryptum\.models\.OrderUpdate, not "):
        mux.orders.update(REFERENCES["cryptum"], CHANGES["zephyr"])
    assert {} == calls(emulator)


def test_a_draft_that_cannot_be_written_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """A value that JSON has no way to hold is an argument that is not valid."""
    metadata: Any = {"when": object()}
    with pytest.raises(InvalidArgument):
        mux.orders.update(ZEPHYR, ordermux_zephyr.models.OrderUpdate(metadata=metadata))
    assert {} == calls(emulator)


# Changing.


def test_an_order_of_zephyrs_is_updated(emulator: Emulator, mux: Ordermux) -> None:
    """The answer is the order as it is now."""
    order = mux.orders.update(ZEPHYR, CHANGES["zephyr"])
    assert {"shelf": "7"} == order.metadata == emulator.state("zephyr").orders["order_01HXY8"]["metadata"]
    assert isinstance(order.native, ordermux_zephyr.models.Order)
    assert {"shelf": "7"} == order.raw["metadata"]
    assert order.idempotency_key is None


def test_an_order_of_cryptums_is_updated(emulator: Emulator, mux: Ordermux) -> None:
    """Its status is what was set."""
    order = mux.orders.update(REFERENCES["cryptum"], CHANGES["cryptum"])
    assert (Payment.FAILED, "failed") == (
        order.status.payment,
        emulator.state("cryptum").orders["f701...672e"]["paymentStatus"],
    )


def test_an_update_passes_a_raw_fulfilment(emulator: Emulator, mux: Ordermux) -> None:
    """Its vocabulary is not documented: it goes out as it is, and comes back unknown."""
    order = mux.orders.update(ZEPHYR, ordermux_zephyr.models.OrderUpdate(fulfilment="shipped"))
    assert "shipped" == emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"]
    assert Fulfillment.UNKNOWN is order.status.fulfillment


@both
def test_the_shops_own_words_of_fulfilment(emulator: Emulator, opening: Opening) -> None:
    """An account may give them; other words stay unknown, and each claim says that it is assumed."""
    zephyr = Zephyr(
        **emulator.client_kwargs("zephyr"), fulfilment={"shipped": "fulfilled", "packed": Fulfillment.IN_PROGRESS}
    )
    emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"] = "shipped"
    with opening(zephyr) as mux:
        order = mux.orders.get(ZEPHYR)
        assert Fulfillment.FULFILLED is order.status.fulfillment
        assert "fulfillment is fulfilled: fulfilment says 'shipped' (assumed)" in explain(order)
        assert () == order.status.attention
        assert [ZEPHYR] == [str(each.ref) for each in mux.orders.list("zephyr", fulfillment="fulfilled")]
        emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"] = "lost"
        assert Fulfillment.UNKNOWN is mux.orders.get(ZEPHYR).status.fulfillment


def test_a_word_of_fulfilment_that_is_none_of_ours_is_refused() -> None:
    """When the facade is made, and not at the first order that says it."""
    with pytest.raises(InvalidArgument, match="fulfil"):
        Ordermux(Zephyr(api_key="key", fulfilment={"shipped": "gone"}))


@pytest.mark.parametrize(
    ("operation", "axes"),
    [
        ("fulfill", ("completed", None, "fulfilled", None)),
        ("cancel", ("cancelled", "voided", None, "requested")),
    ],
)
def test_a_cart_is_closed(emulator: Emulator, mux: Ordermux, operation: str, axes: tuple[str | None, ...]) -> None:
    """The answer says nothing, so that what one did oneself is what is known."""
    order: Order = getattr(mux.orders, operation)(REFERENCES["croissant"])
    status = order.status
    assert axes == (status.lifecycle, status.payment, status.fulfillment, status.cancel_reason)
    word = {"fulfill": "fulfilled", "cancel": "cancelled"}[operation]
    assert word == emulator.state("croissant").closed[CART]
    assert f"own call says '{word}'" in explain(order)
    assert (None, None) == (order.native, order.idempotency_key)


def test_a_cart_that_is_fulfilled_is_not_cancelled(mux: Ordermux) -> None:
    """It is closed one way for good, which is a refusal and no doubt."""
    mux.orders.fulfill(REFERENCES["croissant"])
    with pytest.raises(InvalidRequest, match="422"):
        mux.orders.cancel(REFERENCES["croissant"])


def test_an_order_of_zephyrs_is_cancelled(emulator: Emulator, mux: Ordermux) -> None:
    """With a key that it was sent with, and that it bears."""
    order = mux.orders.cancel(ZEPHYR)
    assert ("cancelled", "unfulfilled") == (order.status.lifecycle, order.status.fulfillment)
    assert [order.idempotency_key] == list(emulator.state("zephyr").answers)


def test_an_order_of_cryptums_is_cancelled(emulator: Emulator, mux: Ordermux) -> None:
    """By the status of its payment."""
    order = mux.orders.cancel(REFERENCES["cryptum"])
    assert ("cancelled", "voided", None) == (order.status.lifecycle, order.status.payment, order.idempotency_key)
    assert "cancelled" == emulator.state("cryptum").orders["f701...672e"]["paymentStatus"]


def test_a_cancel_that_is_too_late_is_a_conflict(emulator: Emulator, mux: Ordermux) -> None:
    """The order stays as it is."""
    emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"] = "shipped"
    with pytest.raises(Conflict) as raised:
        mux.orders.cancel(ZEPHYR)
    assert (409, False) == (raised.value.status, raised.value.retryable)
    assert "paid" == emulator.state("zephyr").orders["order_01HXY8"]["status"]


# The emulator's answers say it; so does one that is recorded.


@both
def test_cryptums_create_takes_each_form_of_the_answer(opening: Opening) -> None:
    """The id may be called `id` or `orderId`, and the status `paymentStatus` or `status`."""
    forms: list[tuple[dict[str, Any], str | None]] = [
        ({"id": "7", "paymentStatus": "on-hold"}, "processing"),
        ({"orderId": "7", "status": "confirmed"}, "paid"),
        ({"id": "7"}, None),
    ]
    for answer, payment in forms:
        with opening(account("cryptum"), transport=Pages([answer]).transport) as mux:
            order = mux.orders.create("cryptum", PLUGIN_ORDER)
        assert ("7", payment) == (order.ref.id, order.status.payment)


@both
def test_an_answer_to_a_checkout_that_is_html_is_unknown(opening: Opening) -> None:
    """The order may be there, so that the error neither calls it done nor failed."""
    page = httpx.Response(200, html="<p>Please wait</p>")
    with opening(account("crossmint"), transport=httpx.MockTransport(lambda _: page)) as mux:
        with pytest.raises(OutcomeUnknown) as raised:
            mux.orders.create("crossmint", CHECKOUT)
    assert ("create", 1, None) == (raised.value.operation, raised.value.attempts, raised.value.retryable)


def test_what_is_sent_is_the_draft(mux: Ordermux, emulator: Emulator) -> None:
    """Field by field, as the provider's document has it."""
    mux.orders.create("croissant", CART_DRAFT)
    assert json.loads(msgspec.json.encode(CART_DRAFT)) == emulator.state("croissant").carts["C-42"]
