"""The shop on Crossmint tells of orders as the real one was seen to, and as its page says where that is asked for.

What is expected here was seen at the shop's own public backend, run unmodified against a real database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator, InvalidTransition, World
from ordermux.emulator.worlds import Worlds
from ordermux.providers.crossmint.emulator import COOKIE, State
from support.crossmint_shop import ITEM, JWT, SAMPLE, Shop, said

LIFE = ("pay", "start", "deliver")


@pytest.fixture
def documented_shop() -> Iterator[Shop]:
    """Give the shop as its page says."""
    with Emulator(as_documented=True) as emulator:
        emulator.world.clock.freeze()
        yield Shop(emulator)


# What Crossmint says.


def test_what_crossmint_said_is_kept_for_30_seconds(shop: Shop) -> None:
    """`payment.status` lags behind an event by as long; `status` does not."""
    order_id = str(shop.state.add(shop.emulator.world)["orderId"])
    before = shop.order(order_id)
    shop.state.transition(order_id, "pay")
    seen: list[tuple[str, str]] = []
    for seconds in (0, 29.9, 0.1):
        shop.emulator.world.clock.advance(seconds)
        order = shop.order(order_id)
        seen.append((order["status"], order["payment"]["status"]))
    assert ("awaiting_approval", "awaiting-payment") == (before["status"], before["payment"]["status"])
    assert [("payment_confirmed", "awaiting-payment")] * 2 + [("payment_confirmed", "completed")] == seen


def test_crossmints_failure_is_unseen_for_30_seconds(shop: Shop) -> None:
    """200, and 502 afterwards; a list does without."""
    order_id = shop.live()
    shop.get()
    shop.state.crossmint_down = True
    path = f"/crossmint/api/orders/{order_id}"
    statuses = [shop.get(path).status_code]
    shop.emulator.world.clock.advance(30)
    statuses.append(shop.get(path).status_code)
    [listed] = [each for each in shop.get().json()["orders"] if each["orderId"] == order_id]
    assert ([200, 502], "payment_confirmed", False) == (statuses, listed["payment"]["status"], "quote" in listed)


@pytest.mark.slow
def test_crossmints_own_words_pass_through(shop: Shop) -> None:
    """The page's sample keeps the page's words, which are none of Crossmint's."""
    order_id = str(shop.state.add(shop.emulator.world)["orderId"])
    seen: list[tuple[str, str]] = []
    for transition in (None, *LIFE):
        if transition:
            shop.state.transition(order_id, transition)
        shop.emulator.world.clock.advance(30)
        order = shop.order(order_id)
        seen.append((order["phase"], order["payment"]["status"]))
    sample = shop.get(SAMPLE).json()
    assert ("payment-confirmed", "succeeded") == (sample["phase"], sample["payment"]["status"])
    assert [
        ("payment", "awaiting-payment"),
        ("delivery", "completed"),
        ("delivery", "completed"),
        ("delivered", "delivered"),
    ] == seen


@pytest.mark.slow
def test_every_order_of_the_shop_is_quoted_in_usdxm(shop: Shop) -> None:
    """The page's sample is in usd."""
    made = shop.ask("POST", "/crossmint/api/checkout", json=ITEM).json()
    quotes = {
        order["orderId"]: order["quote"]["totalPrice"] for order in shop.get().json()["orders"] if "quote" in order
    }
    assert {"amount": "149.99", "currency": "usdxm"} == quotes[made["orderId"]]
    assert {"amount": "149.99", "currency": "usd"} == quotes.pop(SAMPLE.rpartition("/")[2])
    assert {"usdxm"} == {quote["currency"] for quote in quotes.values()}


def test_a_checkout_says_that_it_awaits_approval(shop: Shop) -> None:
    """Whatever Crossmint calls that."""
    made = shop.ask("POST", "/crossmint/api/checkout", json=ITEM).json()
    assert ("awaiting-approval", "payment") == (made["phase"], shop.order(made["orderId"])["phase"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"quote": {}}, {"quote": {}}),
        ({"quote": None}, {"quote": None}),
        ({"payment": None}, {"payment": {"status": "unknown", "currency": "usdc"}}),
        ({"phase": None}, {"phase": None}),
    ],
)
def test_crossmint_may_know_less(shop: Shop, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Of an order without a price, without a payment, without a phase."""
    order_id = shop.state.add(shop.emulator.world, **given)["orderId"]
    order = shop.order(order_id)
    assert expected == {name: order.get(name) for name in expected}
    assert order == next(each for each in shop.get().json()["orders"] if each["orderId"] == order_id)


@pytest.mark.slow
def test_some_of_many_orders_have_no_price_yet() -> None:
    """Those that await approval, where the shop does as the real one."""
    found: list[set[str]] = []
    for as_documented in (False, True):
        state: State = Worlds(World(extra_orders=2000, as_documented=as_documented)).default.states["crossmint"]
        waiting = [order for order in state.orders.values() if order["status"] == "awaiting_approval"]
        found.append({json.dumps(order["quote"]) if order.get("quote") == {} else "a price" for order in waiting[:-1]})
    assert [{"{}", "a price"}, {"a price"}] == found


def test_a_late_event_moves_the_status_backwards(shop: Shop) -> None:
    """The shop takes events in the order in which they come; it tells the others as it does any."""
    order_id = shop.live()
    for transition in ("start", "deliver"):
        shop.state.transition(order_id, transition)
    late = ("orders.payment.succeeded", "orders.payment.failed", "orders.delivery.initiated")
    seen = [shop.state.transition(order_id, event)["status"] for event in late]
    assert ["payment_confirmed", "cancelled", "in_progress"] == seen
    assert "in_progress" == shop.order(order_id)["status"]
    with pytest.raises(InvalidTransition):
        shop.state.transition(order_id, "orders.returned")


def test_a_payments_event_tells_what_came_in(shop: Shop) -> None:
    """As the shop's page about its webhooks shows it."""
    shop.emulator.deliver_to("http://127.0.0.1:9/", "crossmint")
    order_id = str(shop.state.add(shop.emulator.world)["orderId"])
    for transition in LIFE:
        shop.state.transition(order_id, transition)
    told = [json.loads(delivery.body) for delivery in shop.emulator.world.outbox.deliveries]
    paid = told[0]["data"]["payment"]
    assert ["delivery", "delivery", "completed"] == [event["data"]["phase"] for event in told]
    assert ("completed", told[0]["data"]["quote"]["totalPrice"]["amount"]) == (
        paid["status"],
        paid["received"]["amount"],
    )


# As the page says.


@pytest.mark.parametrize(
    ("method", "path", "cookie", "expected"),
    [
        ("GET", "/crossmint/api/orders", JWT, (200, None)),
        ("GET", SAMPLE, JWT, (200, None)),
        ("GET", "/crossmint/api/orders/x", COOKIE, (404, "OrderNotFoundError")),
        ("GET", "/crossmint/api/orders?page=abc", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", "/crossmint/api/orders?page=1.9", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", "/crossmint/api/orders?type=gift", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", "/crossmint/api/orders?status=", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", f"/crossmint/api/orders?page={'9' * 30}", COOKIE, (200, None)),
        ("POST", "/crossmint/api/checkout", COOKIE, (400, "VALIDATION_ERROR")),
    ],
)
def test_the_page_s_shop_is_stricter_and_simpler(
    documented_shop: Shop, method: str, path: str, cookie: str, expected: tuple[int, str | None]
) -> None:
    """What the page does not say is answered as other APIs do."""
    assert expected == said(documented_shop.ask(method, path, cookie=cookie))


@pytest.mark.slow
def test_the_page_s_shop_has_no_oddities(documented_shop: Shop) -> None:
    """Nothing is kept, quotes are in usd, no event comes late, a wrong method is a 405, and a second is rounded up."""
    order_id = str(documented_shop.state.add(documented_shop.emulator.world)["orderId"])
    documented_shop.order(order_id)
    documented_shop.state.transition(order_id, "pay")
    order = documented_shop.order(order_id)
    assert ("payment-confirmed", "succeeded") == (order["phase"], order["payment"]["status"])
    assert "usd" == order["quote"]["totalPrice"]["currency"]
    with pytest.raises(InvalidTransition):
        documented_shop.state.transition(order_id, "orders.payment.failed")
    assert 405 == documented_shop.ask("DELETE", SAMPLE).status_code
    documented_shop.state.requests_a_minute = 0
    documented_shop.emulator.world.clock.advance(0.4)
    assert "60" == documented_shop.get().headers["retry-after"]


def test_every_world_of_an_emulator_is_of_one_kind() -> None:
    """Those that are made later too; a world may say so itself."""
    with Emulator(as_documented=True) as emulator, Emulator(World(as_documented=True)) as other:
        kinds = [each.world_named("x").as_documented for each in (emulator, other)]
        answers = [
            httpx.get(f"{each.address}/w/y/crossmint/api/orders", headers={"cookie": JWT}).status_code
            for each in (emulator, other)
        ]
    assert ([True, True], [200, 200]) == (kinds, answers)
