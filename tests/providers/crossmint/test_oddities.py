"""What is odd about the shop on Crossmint."""

from __future__ import annotations

import json

import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import State
from ordermux_crossmint import UNSET, Client, codec, errors, models
from ordermux_crossmint.api.auth import get_profile
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders
from support.crossmint_package import ITEM, ORDER_ID, ORDER_SAMPLE, decoded


def test_the_limit_is_moved_into_its_bounds(client: Client) -> None:
    """Anything outside 1 to 100 is moved to the nearer end, and the answer says so."""
    assert [1, 1, 100] == [list_orders.sync(client=client, limit=limit).limit for limit in ("-5", "0", "1000")]


def test_type_and_status_are_filtered_before_the_page_is_cut(client: Client) -> None:
    """A page of one finds the only deposit, though five orders are not deposits."""
    page = list_orders.sync(client=client, limit="1", type_=models.OrderType.DEPOSIT)
    assert (["deposit"], 1) == ([order.type for order in page.orders], page.total)


def test_phase_is_filtered_after_the_page_is_cut(client: Client) -> None:
    """A page comes empty though an order matches further on, and `total` counts that page alone."""
    first, last = (list_orders.sync(client=client, limit="5", page=page, phase="payment-confirmed") for page in "12")
    assert ([], 0) == ([order.order_id for order in first.orders], first.total)
    assert ([ORDER_ID], 1) == ([order.order_id for order in last.orders], last.total)


def test_a_deposit_has_no_item_and_no_id_of_crossmints(client: Client) -> None:
    """The item is missing, not null; the id is there and empty; there is nothing to ask Crossmint."""
    order = list_orders.sync(client=client, type_=models.OrderType.DEPOSIT).orders[0]
    assert (UNSET, "", UNSET) == (order.item, order.crossmint_order_id, order.quote)
    assert ("payment_confirmed", "payment_confirmed") == (order.phase, order.payment.status)
    assert order == get_order.sync(order.order_id, client=client)


@pytest.mark.parametrize("status", [models.OrderStatus.DELIVERED, models.OrderStatus.CANCELLED])
def test_once_it_is_over_status_says_it_all(client: Client, status: models.OrderStatus) -> None:
    """`phase` and `payment.status` repeat `status`, and the quote is gone; the item stays."""
    order = list_orders.sync(client=client, status=status).orders[0]
    assert (status, status, UNSET) == (order.phase, order.payment.status, order.quote)
    assert order.item
    assert order == get_order.sync(order.order_id, client=client)


def test_a_list_does_without_crossmint(client: Client, state: State) -> None:
    """When Crossmint is down, the list is answered all the same, from the shop's own record."""
    state.crossmint_down = True
    orders = list_orders.sync(client=client).orders
    assert 6 == len(orders)
    assert all(order.status == order.phase == order.payment.status for order in orders)


def test_an_order_that_is_over_is_read_without_crossmint(client: Client, state: State) -> None:
    """Only an order that Crossmint would be asked about is a 502 when it is down."""
    state.crossmint_down = True
    order = list_orders.sync(client=client, status=models.OrderStatus.DELIVERED).orders[0]
    assert order == get_order.sync(order.order_id, client=client)


def test_status_stands_when_the_other_words_are_new() -> None:
    """`phase` and `payment.status` are open: a word that nobody knows is no deviation."""
    body = json.loads(ORDER_SAMPLE)
    body |= {"phase": "quote", "payment": {"status": "requires-kyc", "currency": "usdc"}}
    order = decoded(json.dumps(body), models.Order)
    assert ("quote", "requires-kyc") == (order.phase, order.payment.status)
    assert models.OrderStatus.PAYMENT_CONFIRMED is order.status


def test_a_status_that_is_not_published_is_kept() -> None:
    """It neither breaks the list nor becomes a status that it is not."""
    order = decoded(ORDER_SAMPLE.replace("payment_confirmed", "returned"), models.Order)
    assert ("returned", False) == (order.status, order.status.is_known)


def test_what_an_item_lacks_is_null() -> None:
    """Five fields of an item may come as null, and go back as null."""
    body = json.loads(ORDER_SAMPLE)
    body["item"] |= dict.fromkeys(["image", "size", "color", "productUrl", "retailer"])
    order = decoded(json.dumps(body), models.Order)
    assert (None, None) == (order.item.size, order.item.retailer)
    assert body["item"] == json.loads(codec.encode(order))["item"]


def test_money_is_left_as_it_came(client: Client) -> None:
    """The quote is a string in major units, the price an integer of US cents, the payment's currency an asset."""
    order = get_order.sync(ORDER_ID, client=client)
    assert order.item
    assert order.quote
    assert order.quote.total_price
    assert ("149.99", "usd") == (order.quote.total_price.amount, order.quote.total_price.currency)
    assert (14999, "usdc") == (order.item.price, order.payment.currency)


def test_a_quotes_currency_may_be_no_iso_code() -> None:
    """`usdxm` is taken for what it is."""
    order = decoded(ORDER_SAMPLE.replace('"usd"', '"usdxm"'), models.Order)
    assert "usdxm" == order.quote.total_price.currency


def test_a_page_that_is_no_number_is_null(client: Client) -> None:
    """The shop answers all the same, and so does the client."""
    pages = [list_orders.sync(client=client, page="one"), list_orders.sync(client=client, limit="many")]
    assert [(None, 20, 6), (1, None, 6)] == [(page.page, page.limit, len(page.orders)) for page in pages]


def test_crossmint_may_know_less_of_an_order(emulator: Emulator, client: Client, state: State) -> None:
    """No price, no payment, no phase: none of it is a deviation."""
    made = state.add(emulator.world, quote={}, payment=None, phase=None)
    response = get_order.sync_detailed(made["orderId"], client=client)
    order = response.parsed
    assert (None, "unknown", UNSET, ()) == (
        order.phase,
        order.payment.status,
        order.quote and order.quote.total_price,
        response.deviations,
    )


def test_get_profile(client: Client) -> None:
    """Who is signed in; each field is typed."""
    user = get_profile.sync(client=client)
    assert ("user@example.com", 3, models.WalletStatus.ACTIVE) == (user.email, user.onboarding_step, user.wallet_status)


def test_the_pages_id_is_no_uuid_and_works(client: Client) -> None:
    """The sample's id has a `g` in it."""
    assert "g" in ORDER_ID
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id


def test_an_id_is_one_segment_of_the_path(client: Client) -> None:
    """An id of the caller's reaches no other route."""
    assert "/api/orders/a%2F..%3Flimit%3D1" == get_order.build_request("a/..?limit=1").path
    with pytest.raises(errors.InvalidRequest):
        get_order.sync("..", client=client)


def test_a_checkout_sent_twice_makes_two_orders(client: Client, state: State) -> None:
    """There is no idempotency key, so nothing may ever send it again on its own."""
    before = len(state.orders)
    made = {create_checkout.sync(client=client, body=ITEM).order_id for _ in range(2)}
    assert (2, before + 2) == (len(made), len(state.orders))


def test_thirty_requests_a_minute_for_all_routes_together(emulator: Emulator, client: Client) -> None:
    """The 31st is refused with the seconds that are left; the minute starts at its first request."""
    emulator.world.clock.freeze()
    create_checkout.sync(client=client, body=ITEM)
    emulator.world.clock.advance(18.5)
    for _ in range(14):
        list_orders.sync(client=client, limit="1")
        get_order.sync(ORDER_ID, client=client)
    list_orders.sync(client=client)
    with pytest.raises(errors.TooManyRequests) as caught:
        get_order.sync(ORDER_ID, client=client)
    assert "42" == caught.value.headers["retry-after"]
    emulator.world.clock.advance(41.5)
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id


def test_a_deployment_sets_its_own_limit(client: Client, state: State) -> None:
    """Thirty is the page's number, not every shop's."""
    state.requests_a_minute = 1
    list_orders.sync(client=client)
    with pytest.raises(errors.TooManyRequests):
        list_orders.sync(client=client)
