"""The providers' rules, each broken once by a client that does not know them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr

DAY = 24 * 3600
AUTH = {
    "zephyr": {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"},
    "crossmint": {"cookie": crossmint.COOKIE},
    "cryptum": {"x-api-key": cryptum.CREDENTIALS["api_key"]},
}
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
TOTAL = 3730
PLUGIN = "/cryptum/plugins/orders/f701...672e"


def ask(emulator: Emulator, provider: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Make a call; return the status and the body. A header's `_` stands for `-`."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.request(method, emulator.address + path, json=body, headers={**AUTH.get(provider, {}), **more})
    return answer.status_code, answer.json() if answer.content else None


def refund(emulator: Emulator, cents: int, order: str = ORDER, **headers: str) -> tuple[int, Any]:
    """Refund some of an order at ZephyrCart."""
    body = {"amount_cents": cents, "reason": "duplicate"}
    return ask(emulator, "zephyr", "POST", f"{order}/refunds", body, **headers)


def status(emulator: Emulator) -> str:
    """Return what the page's order is."""
    return str(emulator.state("zephyr").orders[zephyr.SAMPLE_ORDER]["status"])


# ZephyrCart.


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((TOTAL + 1,), "paid"),
        ((0,), "paid"),
        ((-1,), "paid"),
        ((TOTAL - 1, 2), "partially_refunded"),
        ((TOTAL, 1), "refunded"),
    ],
)
def test_a_refund_over_the_total_is_refused(emulator: Emulator, amounts: tuple[int, ...], expected: str) -> None:
    """The last one, however the ones before it were cut; it leaves no trace."""
    *before, last = amounts
    assert [201] * len(before) == [refund(emulator, cents)[0] for cents in before]
    refused, body = refund(emulator, last)
    assert (422, "invalid_request", expected) == (refused, body["error"]["code"], status(emulator))
    assert sum(before) == emulator.state("zephyr").refunded.get(zephyr.SAMPLE_ORDER, 0)


def test_refunds_up_to_the_total_are_taken(emulator: Emulator) -> None:
    """To the cent."""
    assert [201, 201] == [refund(emulator, cents)[0] for cents in (TOTAL - 1, 1)]
    assert "refunded" == status(emulator)


@pytest.mark.parametrize("word", ["created", "cancelled"])
def test_what_is_not_paid_is_not_refunded(emulator: Emulator, word: str) -> None:
    """A 409."""
    made = emulator.state("zephyr").add(emulator.world, status=word)
    assert 409 == refund(emulator, 1, f"/zephyr/v1/orders/{made['id']}")[0]


@pytest.mark.parametrize("after", ["fulfil", "refund", "cancel"])
def test_a_cancellation_comes_before_the_first_fulfilment(emulator: Emulator, after: str) -> None:
    """And not after a refund, nor twice."""
    emulator.state("zephyr").transition(zephyr.SAMPLE_ORDER, after)
    before = status(emulator)
    answer, body = ask(emulator, "zephyr", "POST", f"{ORDER}/cancel")
    assert (409, "not_cancellable", before) == (answer, body["error"]["code"], status(emulator))


@pytest.mark.slow
def test_a_cancellation_cannot_be_undone(emulator: Emulator) -> None:
    """By a patch."""
    ask(emulator, "zephyr", "POST", f"{ORDER}/cancel")
    assert (409, "cancelled") == (ask(emulator, "zephyr", "PATCH", ORDER, {"status": "paid"})[0], status(emulator))


@pytest.mark.slow
def test_a_key_replays_for_a_day(emulator: Emulator) -> None:
    """The first answer comes again until the last second of it, and then the refund is another."""
    clock = emulator.world.clock
    clock.freeze()
    answers = [refund(emulator, 10, idempotency_key="k")]
    for seconds in (0, DAY - 1, 1):
        clock.advance(seconds)
        answers.append(refund(emulator, 10, idempotency_key="k"))
    assert answers[0] == answers[1] == answers[2] != answers[3]
    assert ([201] * 4, 20) == (
        [answer[0] for answer in answers],
        emulator.state("zephyr").refunded[zephyr.SAMPLE_ORDER],
    )


def test_a_key_is_for_one_body(emulator: Emulator) -> None:
    """Another body, or another path, is refused."""
    other = next(name for name in emulator.state("zephyr").orders if name != zephyr.SAMPLE_ORDER)
    refund(emulator, 10, idempotency_key="k")
    answers = [
        refund(emulator, 11, idempotency_key="k"),
        refund(emulator, 10, f"/zephyr/v1/orders/{other}", idempotency_key="k"),
    ]
    assert [(409, "idempotency_key_reused")] * 2 == [(code, body["error"]["code"]) for code, body in answers]
    assert {zephyr.SAMPLE_ORDER: 10}.items() <= emulator.state("zephyr").refunded.items()
    assert 1 == emulator.world.effects["zephyr.createRefund"]


def test_a_refusal_takes_no_key(emulator: Emulator) -> None:
    """The same key works for the request that is right."""
    assert [422, 201] == [refund(emulator, cents, idempotency_key="k")[0] for cents in (TOTAL + 1, 1)]


# Croissant.


@pytest.mark.slow
def test_an_expired_token_is_refused(emulator: Emulator) -> None:
    """From the second on in which it ends."""
    emulator.world.clock.freeze()
    body = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    _, made = ask(emulator, "croissant", "POST", "/croissant/v0/token", body)
    bearer, path = f"Bearer {made['access_token']}", f"/croissant/v0/carts/{croissant.SAMPLE_CART}"
    statuses: list[int] = []
    for seconds in (made["expires_in"] - 1, 1):
        emulator.world.clock.advance(seconds)
        statuses.append(ask(emulator, "croissant", "GET", path, authorization=bearer)[0])
    assert ([200, 401], 3600) == (statuses, made["expires_in"])


@pytest.mark.parametrize(("first", "second"), [("fulfill", "cancel"), ("cancel", "fulfill")])
def test_a_cart_is_closed_one_way(emulator: Emulator, first: str, second: str) -> None:
    """The same call again does nothing; the other is refused."""
    emulator.state("croissant").tokens["t"] = emulator.world.clock() + 60
    statuses = [
        ask(
            emulator,
            "croissant",
            "POST",
            f"/croissant/v0/carts/{croissant.SAMPLE_CART}/{how}",
            authorization="Bearer t",
        )[0]
        for how in (first, first, second)
    ]
    assert ([200, 200, 422], 1) == (statuses, emulator.world.effects.total())


# Crossmint.


@pytest.mark.slow
def test_the_31st_request_of_a_minute_is_refused(emulator: Emulator) -> None:
    """Whatever it asks for, until the minute is over."""
    clock = emulator.world.clock
    clock.freeze()
    paths = ["/crossmint/api/orders", "/crossmint/api/orders/d1e2f3a4-b5c6-7890-defg-234567890123"]
    assert [200] * 30 == [ask(emulator, "crossmint", "GET", paths[number % 2])[0] for number in range(30)]
    refused, body = ask(emulator, "crossmint", "GET", paths[0])
    clock.advance(59.9)
    late = ask(emulator, "crossmint", "GET", paths[1])[0]
    clock.advance(0.1)
    assert (429, "RATE_LIMIT_EXCEEDED", 429) == (refused, body["code"], late)
    assert 200 == ask(emulator, "crossmint", "GET", paths[0])[0]


def test_a_deposit_lacks_what_goods_have(emulator: Emulator) -> None:
    """No item, no quote, and no order at Crossmint."""
    _, page = ask(emulator, "crossmint", "GET", "/crossmint/api/orders?type=deposit")
    [deposit] = page["orders"]
    assert ("", set[str]()) == (deposit["crossmintOrderId"], {"item", "quote"} & set(deposit))


@pytest.mark.parametrize(
    ("transitions", "quoted"), [(("start",), True), (("start", "deliver"), False), (("fail",), False)]
)
def test_a_quote_vanishes_at_the_end(emulator: Emulator, transitions: tuple[str, ...], quoted: bool) -> None:  # noqa: FBT001
    """Delivered or cancelled; phase and payment then echo the status."""
    name = "d1e2f3a4-b5c6-7890-defg-234567890123"
    for transition in transitions:
        emulator.state("crossmint").transition(name, transition)
    _, order = ask(emulator, "crossmint", "GET", f"/crossmint/api/orders/{name}")
    assert quoted == ("quote" in order)
    assert quoted == (order["phase"] != order["status"]) == (order["payment"]["status"] != order["status"])


def test_phase_is_filtered_after_the_page_is_cut(emulator: Emulator) -> None:
    """So that a page may be empty while the next is not, and the total is the page's own."""
    pages = [
        ask(emulator, "crossmint", "GET", f"/crossmint/api/orders?phase=payment-confirmed&limit=3&page={page}")[1]
        for page in (1, 2, 3)
    ]
    assert [0, 1, 0] == [len(page["orders"]) for page in pages] == [page["total"] for page in pages]
    _, everything = ask(emulator, "crossmint", "GET", "/crossmint/api/orders?limit=3")
    assert 6 == everything["total"]


@pytest.mark.parametrize(("limit", "expected"), [("0", 1), ("1000", 100), ("", 20)])
def test_the_limit_of_a_page_is_clamped(emulator: Emulator, limit: str, expected: int) -> None:
    """To 1..100."""
    assert expected == ask(emulator, "crossmint", "GET", f"/crossmint/api/orders?limit={limit}")[1]["limit"]


def test_pages_go_past_the_end(emulator: Emulator) -> None:
    """To an empty one with the same total."""
    pages = [
        ask(emulator, "crossmint", "GET", f"/crossmint/api/orders?limit=5&page={page}")[1] for page in (1, 2, 3, 99)
    ]
    assert ([5, 1, 0, 0], {6}) == ([len(page["orders"]) for page in pages], {page["total"] for page in pages})


# Cryptum.


def test_a_store_has_two_shapes(emulator: Emulator) -> None:
    """An object in the single order, its id in the list."""
    _, order = ask(emulator, "cryptum", "GET", PLUGIN)
    _, page = ask(emulator, "cryptum", "GET", f"/cryptum/plugins/orders/?storeId={cryptum.STORE}")
    assert cryptum.STORE == order["store"]["id"]
    assert {cryptum.STORE} == {each["store"] for each in page["orders"]}


def test_no_call_confirms(emulator: Emulator) -> None:
    """Only the blockchain does."""
    before = json.dumps(emulator.state("cryptum").orders)
    answer, _ = ask(emulator, "cryptum", "PUT", "/cryptum/plugins/checkout/f701...672e", {"paymentStatus": "confirmed"})
    assert (400, before) == (answer, json.dumps(emulator.state("cryptum").orders))


def test_an_orders_own_token_opens_that_order(emulator: Emulator) -> None:
    """And no other."""
    other = next(name for name in emulator.state("cryptum").orders if name != "f701...672e")
    token = emulator.state("cryptum").orders["f701...672e"]["sessionToken"]
    statuses = [
        ask(emulator, "", "GET", path, authorization=f"Bearer {token}")[0]
        for path in (PLUGIN, f"/cryptum/plugins/orders/{other}")
    ]
    assert [200, 401] == statuses


@pytest.mark.slow
def test_offsets_go_past_the_end(emulator: Emulator) -> None:
    """To an empty page with the same total."""
    pages = [
        ask(emulator, "cryptum", "GET", f"/cryptum/plugins/orders/?storeId={cryptum.STORE}&limit=5&offset={offset}")[1]
        for offset in (0, 5, 8, 99)
    ]
    assert ([5, 2, 0, 0], {7}) == ([len(page["orders"]) for page in pages], {page["total"] for page in pages})
