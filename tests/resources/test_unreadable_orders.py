"""What is read of an unreadable order, and what is done with it, needs only some fields."""

from __future__ import annotations

import json
import pickle
from typing import Any

import httpx
import pytest

from ordermux import (
    Attention,
    Fulfillment,
    InvalidArgument,
    Lifecycle,
    Money,
    OutcomeUnknown,
    Payment,
    UnexpectedResponse,
    explain,
)
from ordermux_cryptum.models import OrderUpdate as CryptumUpdate
from ordermux_cryptum.models import SettablePaymentStatus
from ordermux_zephyr.models import OrderUpdate
from support.clients import Opening, Pages, account, both
from support.moving_list import ID, row_of
from support.order_lists import LISTED
from support.unreadable_orders import BROKEN, MISSING, NO_IDS, broken, listed, single, with_break

# What is read of it.


@both
@broken
def test_a_read_gives_what_can_be_read(opening: Opening, provider: str, field: str, wrong: Any) -> None:
    """With what is wrong; the rest is as it is without the break."""
    body = with_break(single(provider), field, wrong)
    with opening(account(provider), transport=Pages([single(provider), body]).transport) as mux:
        whole, order = mux.orders.get(f"{provider}:a"), mux.orders.get(f"{provider}:a")
    assert (whole.ref, None) == (order.ref, order.native)
    assert (*whole.status.attention, Attention.UNREADABLE) == tuple(
        each for each in order.status.attention if each is not Attention.UNKNOWN_RAW
    )
    assert any(field in line and line in explain(order) for line in order.deviations)
    needs_total = {"total_cents", "currency", "orderTotal", "orderCurrency"}
    assert (None if field in needs_total else whole.total) == order.total
    assert (None if field in {"placed_at", "createdAt"} else whole.placed_at) == order.placed_at
    assert (None if field == "deliveryInfo" else whole.customer) == order.customer
    assert (() if field in {"line_items", "currency"} else whole.line_items) == order.line_items
    assert (None if field == "livemode" else whole.livemode) == order.livemode
    assert whole.metadata == order.metadata
    if field not in {"status", "payment", "type"}:
        assert whole.status.evidence == order.status.evidence
    restored = pickle.loads(pickle.dumps(order))
    assert (order, order.raw) == (restored, restored.raw)


STATUSES: list[tuple[str, dict[str, Any], tuple[Any, Any, Any]]] = [
    ("zephyr", {"status": 7}, (Lifecycle.UNKNOWN, Payment.UNKNOWN, None)),
    ("zephyr", {"status": None}, (Lifecycle.UNKNOWN, Payment.UNKNOWN, None)),
    ("zephyr", {"status": MISSING}, (None, None, None)),
    ("zephyr", {"status": "refunded", "cart_id": 7}, (None, Payment.REFUNDED, None)),
    ("zephyr", {"status": "unheard_of", "cart_id": 7}, (Lifecycle.UNKNOWN, Payment.UNKNOWN, None)),
    ("zephyr", {"status": None, "fulfilment": "x"}, (Lifecycle.UNKNOWN, Payment.UNKNOWN, Fulfillment.UNKNOWN)),
    ("crossmint", {"status": []}, (Lifecycle.UNKNOWN, Payment.UNKNOWN, Fulfillment.UNKNOWN)),
    ("crossmint", {"status": MISSING}, (None, None, None)),
    ("crossmint", {"status": "delivered", "type": None}, (Lifecycle.COMPLETED, Payment.PAID, None)),
    (
        "crossmint",
        {"status": "delivered", "crossmintOrderId": None},
        (Lifecycle.COMPLETED, Payment.PAID, Fulfillment.DELIVERED),
    ),
    (
        "crossmint",
        {"status": "cancelled", "payment": {"status": "failed"}},
        (Lifecycle.CANCELLED, Payment.FAILED, Fulfillment.UNFULFILLED),
    ),
    ("crossmint", {"status": "cancelled", "payment": {"status": None, "currency": "usdc"}}, ("cancelled", None, None)),
    (
        "crossmint",
        {"status": "cancelled", "type": 7, "payment": {"status": "succeeded", "currency": "usdc"}},
        (Lifecycle.CANCELLED, Payment.PAID, None),
    ),
    ("cryptum", {"paymentStatus": 7, "ecommerce": None}, (Lifecycle.UNKNOWN, Payment.UNKNOWN, None)),
    ("cryptum", {"paymentStatus": "confirmed", "ecommerce": None}, (Lifecycle.OPEN, Payment.PAID, None)),
    ("cryptum", {"ecommerce": None}, (None, None, None)),
]


@both
@pytest.mark.parametrize(("provider", "fields", "expected"), STATUSES)
def test_a_status_is_read_or_unknown_and_never_guessed(
    opening: Opening, provider: str, fields: dict[str, Any], expected: tuple[Any, Any, Any]
) -> None:
    """Unknown where there is something that is no word; no claim where there is nothing."""
    body = single(provider)
    if provider == "cryptum":
        body.pop("paymentStatus", None)
    for field, value in fields.items():
        body = with_break(body, field, value)
    with opening(account(provider), transport=Pages([body]).transport) as mux:
        status = mux.orders.get(f"{provider}:a").status
    assert expected == (status.lifecycle, status.payment, status.fulfillment)
    assert Attention.UNREADABLE in status.attention
    assert ("unknown" in expected) == (Attention.UNKNOWN_RAW in status.attention)


@both
@pytest.mark.parametrize("provider", LISTED)
@pytest.mark.parametrize("wrong", [*NO_IDS, "another"])
def test_an_order_whose_id_is_not_the_one_asked_for_is_an_error(opening: Opening, provider: str, wrong: Any) -> None:
    """It may be anybody's, whatever else is wrong with it."""
    for body in (single(provider), {**single(provider), "store": None, "phase": None, "cart_id": None}):
        pages = Pages([with_break(body, ID[provider], wrong)])
        with opening(account(provider), transport=pages.transport) as mux:
            with pytest.raises(UnexpectedResponse, match=r"id\b|Id\b"):
                mux.orders.get(f"{provider}:a")


@both
def test_a_break_in_a_place_that_may_be_missing_leaves_an_order_whole(opening: Opening) -> None:
    """It says where it breaks, and has a total and what it was read from."""
    row = row_of("crossmint", "a", item={"productId": None})
    (order,) = listed(opening, "crossmint", row)
    assert ((), "149.99 USD", ()) == (order.status.attention, str(order.total), order.line_items)
    assert "$.item.productId: expected str, got null" in order.deviations
    assert order.native is not None


# What is done with it.


class Zephyr:
    """A shop with one order that breaks its document, and what it was asked to do."""

    def __init__(self, order: dict[str, Any], answer: Any = None) -> None:
        """Keep the order, and the answer to a change."""
        self.order, self.answer = order, answer
        self.written: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.method == "GET":
            return httpx.Response(200, json=self.order)
        self.written.append(request)
        made = {
            "id": "refund_1",
            "order_id": "a",
            "amount_cents": json.loads(request.content or "{}").get("amount_cents"),
        }
        return httpx.Response(200, json=made if self.answer is None else self.answer)


LINE_ITEMS: list[Any] = [None, [7], {}]
UNNEEDED: list[tuple[str, Any]] = [
    *(("tax_calculation_source", wrong) for wrong in (None, 7, MISSING)),
    *((name, None) for name in ("cart_id", "subtotal_cents", "tax_total_cents", "placed_at", "livemode")),
    *(("line_items", wrong) for wrong in LINE_ITEMS),
]


@both
@pytest.mark.parametrize(
    ("field", "wrong"), [*UNNEEDED, ("total_cents", None), ("total_cents", 37.3), ("status", None)]
)
def test_a_refund_of_an_amount_needs_the_currency_alone(opening: Opening, field: str, wrong: Any) -> None:
    """It is made once, whatever else of the order cannot be read."""
    shop = Zephyr(with_break(single("zephyr"), field, wrong))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop)) as mux:
        refund = mux.orders.refund("zephyr:a", Money("14.90", "USD"))
    assert ("14.90 USD", [1490]) == (
        str(refund.amount),
        [json.loads(each.content)["amount_cents"] for each in shop.written],
    )


@both
@pytest.mark.parametrize(("field", "wrong"), UNNEEDED)
def test_a_refund_in_full_needs_the_total_and_the_status_too(opening: Opening, field: str, wrong: Any) -> None:
    """And nothing else."""
    shop = Zephyr(with_break(single("zephyr"), field, wrong))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop)) as mux:
        refund = mux.orders.refund("zephyr:a", full=True)
    assert ("37.30 USD", 1) == (str(refund.amount), len(shop.written))


@both
@pytest.mark.parametrize(
    ("field", "amount"),
    [
        ("id", Money("1", "USD")),
        ("currency", Money("1", "USD")),
        ("id", None),
        ("currency", None),
        ("total_cents", None),
        ("status", None),
    ],
)
@pytest.mark.parametrize("wrong", [None, 1.5, MISSING])
def test_a_refund_without_what_it_needs_is_not_sent(
    opening: Opening, field: str, amount: Money | None, wrong: Any
) -> None:
    """The error names the field, whatever else cannot be read."""
    order = {**single("zephyr"), "cart_id": None, "tax_calculation_source": None}
    shop = Zephyr(with_break(order, field, wrong))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop)) as mux:
        with pytest.raises(UnexpectedResponse, match=field):
            mux.orders.refund("zephyr:a", amount, full=amount is None)
    assert [] == shop.written


@both
def test_a_refund_in_another_currency_is_refused_of_an_unreadable_order_too(opening: Opening) -> None:
    """By the currency that can be read."""
    shop = Zephyr(with_break(single("zephyr"), "total_cents", None))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop)) as mux:
        with pytest.raises(InvalidArgument, match="is in USD, not in EUR"):
            mux.orders.refund("zephyr:a", Money("1", "EUR"))
    assert [] == shop.written


@both
@pytest.mark.parametrize(
    ("field", "wrong"), [(field, wrong) for provider, field, wrong in BROKEN if provider == "zephyr"]
)
def test_a_cancel_is_done_though_its_answer_is_unreadable(opening: Opening, field: str, wrong: Any) -> None:
    """The answer is a success about this order; it is sent once."""
    shop = Zephyr(single("zephyr"), with_break(single("zephyr", status="cancelled"), field, wrong))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop)) as mux:
        order = mux.orders.cancel("zephyr:a")
    assert ("a", True, 1) == (order.ref.id, Attention.UNREADABLE in order.status.attention, len(shop.written))
    if field != "status":
        assert Lifecycle.CANCELLED is order.status.lifecycle


@both
@pytest.mark.parametrize(
    ("field", "wrong"), [(field, wrong) for provider, field, wrong in BROKEN if provider == "zephyr"]
)
def test_an_update_is_done_though_its_answer_is_unreadable(opening: Opening, field: str, wrong: Any) -> None:
    """As a cancel is."""
    shop = Zephyr(single("zephyr"), with_break(single("zephyr"), field, wrong))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop)) as mux:
        order = mux.orders.update("zephyr:a", OrderUpdate(metadata={"ticket": "1"}))
    assert ("a", True, 1) == (order.ref.id, Attention.UNREADABLE in order.status.attention, len(shop.written))


@both
@pytest.mark.parametrize("wrong", NO_IDS)
def test_a_change_whose_answer_has_no_id_is_looked_up(opening: Opening, wrong: Any) -> None:
    """It may be about another order; the order reads as cancelled, though it is unreadable, so that it is done."""
    order = single("zephyr", status="cancelled", tax_calculation_source=None)
    shop = Zephyr(order, with_break(single("zephyr"), "id", wrong))
    with opening(account("zephyr"), transport=httpx.MockTransport(shop), attempts=1) as mux:
        found = mux.orders.cancel("zephyr:a")
    assert (Lifecycle.CANCELLED, (Attention.UNREADABLE,)) == (found.status.lifecycle, found.status.attention)


@both
@pytest.mark.parametrize("wrong", [None, 7, MISSING])
def test_a_look_up_that_cannot_read_the_status_leaves_the_outcome_unknown(opening: Opening, wrong: Any) -> None:
    """It was not found undone."""
    shop = Zephyr(with_break(single("zephyr"), "status", wrong), "no order")
    with opening(account("zephyr"), transport=httpx.MockTransport(shop), attempts=1) as mux:
        with pytest.raises(OutcomeUnknown):
            mux.orders.cancel("zephyr:a")


@both
@pytest.mark.parametrize(
    ("field", "wrong"), [(field, wrong) for provider, field, wrong in BROKEN if provider == "cryptum"]
)
def test_a_lost_cancel_is_looked_up_in_an_unreadable_order(opening: Opening, field: str, wrong: Any) -> None:
    """Only the status is needed."""
    order = with_break(single("cryptum", paymentStatus="cancelled"), field, wrong)

    def server(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            raise httpx.ReadError("reset")
        return httpx.Response(200, json=order)

    with opening(account("cryptum"), transport=httpx.MockTransport(server), attempts=1) as mux:
        found = mux.orders.cancel("cryptum:a")
        changed = mux.orders.update("cryptum:a", CryptumUpdate(payment_status=SettablePaymentStatus.CANCELLED))
    assert (Payment.VOIDED, Payment.VOIDED) == (found.status.payment, changed.status.payment)


@both
@pytest.mark.parametrize("method", ["cancel", "update"])
def test_an_unreadable_answer_about_another_order_is_no_success(opening: Opening, method: str) -> None:
    """What cannot be read of it does not hide whose it is."""
    other = {**single("cryptum"), "id": "another", "orderTotal": None}

    def server(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json=other if request.method == "PUT" else single("cryptum", paymentStatus="pending")
        )

    changes = CryptumUpdate(payment_status=SettablePaymentStatus.CANCELLED)
    with opening(account("cryptum"), transport=httpx.MockTransport(server), attempts=1) as mux:
        with pytest.raises(OutcomeUnknown):
            mux.orders.cancel("cryptum:a") if method == "cancel" else mux.orders.update("cryptum:a", changes)
