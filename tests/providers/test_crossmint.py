"""The package of the shop on Crossmint: its page's samples, its operations, its errors and its oddities."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import pickle
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import attrs
import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import COOKIE, CREDENTIALS, State
from ordermux_crossmint import UNSET, Client, CrossmintError, codec, errors, models
from ordermux_crossmint.api.auth import get_profile
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders
from ordermux_crossmint.events import read_event
from support.document_checker import documents

ORDER_ID = "d1e2f3a4-b5c6-7890-defg-234567890123"
CROSSMINT_ID = "ed34a579-7fbc-4509-b8d8-9e61954cd555"
CART_ITEM_ID = "c1d2e3f4-a5b6-7890-cdef-123456789012"
ITEM = models.CheckoutRequest(cart_item_id=CART_ITEM_ID)

# Page `orders`, GET /api/orders, Response 200 OK, as printed.
LIST_SAMPLE = """{
"orders": [
{
"orderId": "d1e2f3a4-b5c6-7890-defg-234567890123",
"crossmintOrderId": "ed34a579-7fbc-4509-b8d8-9e61954cd555",
"type": "checkout",
"phase": "payment-confirmed",
"status": "payment_confirmed",
"item": {
"productId": "B0CXYZ1234",
"productName": "Nike Air Max 90",
"price": 14999,
"image": "https://example.com/shoe.jpg",
"size": "10",
"color": "Black",
"productUrl": "https://amazon.com/dp/B0CXYZ1234",
"retailer": "amazon"
},
"payment": {
"status": "succeeded",
"currency": "usdc"
},
"quote": {
"totalPrice": {
"amount": "149.99",
"currency": "usd"
}
},
"createdAt": "2026-04-19T10:00:00.000Z"
}
],
"total": 5,
"page": 1,
"limit": 20
}"""
# Page `orders`, GET /api/orders/:orderId, Response 200 OK: no JSON is printed, but that it is one item of the list.
ORDER_SAMPLE = json.dumps(json.loads(LIST_SAMPLE)["orders"][0])
EVENTS = {event.path: event for event in documents()["crossmint"].events}


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client of the user whose session the emulator knows."""
    with Client(**emulator.client_kwargs("crossmint")) as opened:
        yield opened


@pytest.fixture
def state(emulator: Emulator) -> State:
    """Give what the emulator remembers of the shop."""
    remembered: State = emulator.state("crossmint")
    return remembered


def instants(members: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its date-time as an instant: 10:00:00.000Z is sent back as 10:00:00Z."""
    return {
        name: datetime.datetime.fromisoformat(value) if name == "createdAt" else value
        for name, value in members.items()
    }


def answering(*answers: httpx.Response, seen: list[httpx.Request] | None = None, **arguments: Any) -> Client:
    """Return a client that gets these answers, whatever it sends; what it sends is put into `seen`."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return left.pop(0)

    arguments = {"base_url": "http://shop.test", **CREDENTIALS, **arguments}
    return Client(transport=httpx.MockTransport(answer), **arguments)


def decoded(content: str | bytes, kind: Any) -> Any:
    """Return a body as a model, which must not deviate."""
    parsed, deviations = codec.decode(content.encode() if isinstance(content, str) else content, kind)
    assert () == deviations
    return parsed


# The page's samples.


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        pytest.param(LIST_SAMPLE, models.OrderPage, id="orders: GET /api/orders, Response 200 OK"),
        pytest.param(ORDER_SAMPLE, models.Order, id="orders: GET /api/orders/:orderId, Response 200 OK"),
    ],
)
def test_a_sample_decodes_and_comes_back_key_for_key(sample: str, kind: type[Any]) -> None:
    """Nothing of the page's sample is lost or changed, and nothing of it deviates."""
    again = codec.encode(decoded(sample, kind))
    assert json.loads(sample, object_hook=instants) == json.loads(again, object_hook=instants)


def test_the_emulator_answers_the_pages_order(client: Client) -> None:
    """A fresh emulator has the order that the page prints, under the page's id."""
    assert json.loads(ORDER_SAMPLE) == json.loads(get_order.sync_detailed(ORDER_ID, client=client).content)


@pytest.mark.slow
def test_the_pages_curl_lines_work(emulator: Emulator) -> None:
    """Both lines send a cookie jar of curl's, which is a `Cookie` header on the wire."""
    for path in ("/api/orders?limit=10&type=checkout&status=payment_confirmed", f"/api/orders/{ORDER_ID}"):
        answer = httpx.get(f"{emulator.address}/crossmint{path}", headers={"Cookie": COOKIE})
        assert (200, True) == (answer.status_code, ORDER_ID in answer.text)


# The operations.


def test_list_orders(client: Client) -> None:
    """The orders come newest first, and the page's, of April 2026, last."""
    page = list_orders.sync(client=client)
    made = [order.created_at for order in page.orders]
    assert sorted(made, reverse=True) == made
    assert (ORDER_ID, 6, 1, 20) == (page.orders[-1].order_id, page.total, page.page, page.limit)


def test_list_orders_page_by_page(client: Client) -> None:
    """The pages hold each order once, and one beyond the last is empty."""
    pages = [list_orders.sync(client=client, page=page, limit="4") for page in "123"]
    assert [4, 2, 0] == [len(page.orders) for page in pages]
    assert 6 == len({order.order_id for page in pages for order in page.orders})
    assert [6, 6, 6] == [page.total for page in pages]


def test_list_orders_by_type_and_status(client: Client) -> None:
    """Both filters hold at once."""
    page = list_orders.sync(
        client=client, limit="10", type_=models.OrderType.CHECKOUT, status=models.OrderStatus.PAYMENT_CONFIRMED
    )
    assert ([ORDER_ID], 1) == ([order.order_id for order in page.orders], page.total)


@pytest.mark.slow
def test_get_order(client: Client) -> None:
    """An order is read by the shop's own id."""
    order = get_order.sync(ORDER_ID, client=client)
    assert (ORDER_ID, CROSSMINT_ID) == (order.order_id, order.crossmint_order_id)
    assert models.OrderStatus.PAYMENT_CONFIRMED is order.status
    assert datetime.datetime(2026, 4, 19, 10, tzinfo=datetime.UTC) == order.created_at


def test_create_checkout(client: Client) -> None:
    """A checkout answers 201 with the id of an order that waits for approval and is the newest of the list."""
    made = create_checkout.sync_detailed(client=client, body=ITEM)
    order = list_orders.sync(client=client, limit="1").orders[0]
    assert (201, order.order_id) == (made.status_code, made.parsed.order_id)
    assert (order.crossmint_order_id, "awaiting-approval") == (made.parsed.crossmint_order_id, made.parsed.phase)
    assert models.OrderStatus.AWAITING_APPROVAL is order.status
    assert order.item
    assert ("Nike Air Max 90", 14999) == (order.item.product_name, order.item.price)


def test_every_operation_with_asyncio(emulator: Emulator) -> None:
    """The same three calls work in an event loop."""

    async def calls() -> tuple[models.Checkout, models.Order, models.OrderPage]:
        async with Client(**emulator.client_kwargs("crossmint")) as client:
            made = await create_checkout.asyncio(client=client, body=ITEM)
            order = await get_order.asyncio(made.order_id, client=client)
            return made, order, await list_orders.asyncio(client=client, limit="1")

    made, order, page = asyncio.run(calls())
    assert made.order_id == order.order_id
    assert [order] == page.orders


def test_whole_answers_with_asyncio(emulator: Emulator) -> None:
    """The detailed forms give status, headers and raw body in an event loop too."""

    async def calls() -> list[Any]:
        async with Client(**emulator.client_kwargs("crossmint")) as client:
            return [
                await create_checkout.asyncio_detailed(client=client, body=ITEM),
                await get_order.asyncio_detailed(ORDER_ID, client=client),
                await list_orders.asyncio_detailed(client=client),
            ]

    answers = asyncio.run(calls())
    assert [201, 200, 200] == [answer.status_code for answer in answers]
    assert [json.loads(answer.content) for answer in answers]
    assert ["application/json"] * 3 == [answer.headers["content-type"] for answer in answers]


def test_an_order_moves_as_crossmints_events_move_it(client: Client, state: State) -> None:
    """A checkout goes through the page's statuses, one event a step."""
    order_id = create_checkout.sync(client=client, body=ITEM).order_id
    seen = [get_order.sync(order_id, client=client).status]
    for status in ("payment_confirmed", "in_progress", "delivered"):
        state.transition(order_id, status)
        seen.append(get_order.sync(order_id, client=client).status)
    assert ["awaiting_approval", "payment_confirmed", "in_progress", "delivered"] == seen


@pytest.mark.parametrize("step", ["awaiting_approval", "payment_confirmed", "in_progress"])
def test_an_order_is_cancelled_from_any_step_and_stays_so(emulator: Emulator, state: State, step: str) -> None:
    """A failed payment or delivery cancels; nothing follows."""
    order_id = state.add(emulator.world, status=step)["orderId"]
    assert "cancelled" == state.transition(order_id, "cancelled")["status"]
    with pytest.raises(ValueError, match="does not become in_progress"):
        state.transition(order_id, "in_progress")


# The errors.

Call = tuple[ModuleType, tuple[str, ...], dict[str, Any]]
LIST: Call = (list_orders, (), {})
GET: Call = (get_order, (ORDER_ID,), {})
CHECKOUT: Call = (create_checkout, (), {"body": ITEM})
FAR_PAGE: Call = (list_orders, (), {"page": "99999999999999999999"})
NO_ID: Call = (get_order, ("nobody's",), {})
NOBODYS = "00000000-0000-4000-8000-000000000000"
NO_ORDER: Call = (get_order, (NOBODYS,), {})
PROFILE: Call = (get_profile, (), {})
NO_UUID: Call = (create_checkout, (), {"body": models.CheckoutRequest(cart_item_id="shoe")})


@attrs.frozen
class Refusal:
    """An error, the calls that get it, and the switches of the emulator that lead to it."""

    kind: type[errors.StatusError]
    status: int
    code: str
    calls: list[Call]
    switches: dict[str, Any] = attrs.field(factory=dict[str, Any])


REFUSALS = [
    Refusal(errors.BadRequest, 400, "VALIDATION_ERROR", [NO_ID, NO_UUID]),
    Refusal(errors.BadRequest, 400, "CheckoutNoWalletError", [CHECKOUT], {"checkout_failure": "CheckoutNoWalletError"}),
    Refusal(
        errors.BadRequest,
        400,
        "CheckoutMissingAddressError",
        [CHECKOUT],
        {"checkout_failure": "CheckoutMissingAddressError"},
    ),
    Refusal(errors.Unauthorized, 401, "UNAUTHORIZED", [LIST, GET, CHECKOUT, PROFILE], {"jwt": "another-session"}),
    Refusal(errors.Forbidden, 403, "ONBOARDING_INCOMPLETE", [LIST, GET, CHECKOUT], {"onboarding_step": 2}),
    Refusal(errors.NotFound, 404, "OrderNotFoundError", [NO_ORDER]),
    Refusal(errors.NotFound, 404, "CartItemNotFoundError", [CHECKOUT], {"cart": {}}),
    Refusal(
        errors.UnprocessableEntity,
        422,
        "InsufficientFundsError",
        [CHECKOUT],
        {"checkout_failure": "InsufficientFundsError"},
    ),
    Refusal(errors.TooManyRequests, 429, "RATE_LIMIT_EXCEEDED", [LIST, GET, CHECKOUT], {"requests_a_minute": 0}),
    Refusal(errors.ServerError, 500, "DatabaseError", [FAR_PAGE]),
    Refusal(
        errors.ServerError,
        500,
        "DATABASE_ERROR",
        [LIST, GET, CHECKOUT, PROFILE],
        {"account_failure": "DATABASE_ERROR"},
    ),
    Refusal(
        errors.ServerError,
        503,
        "WALLET_PROVISION_FAILED",
        [LIST, GET, CHECKOUT, PROFILE],
        {"account_failure": "WALLET_PROVISION_FAILED"},
    ),
    Refusal(errors.ServerError, 502, "CheckoutOrderCreationError", [GET, CHECKOUT], {"crossmint_down": True}),
    Refusal(errors.ServerError, 502, "CheckoutPaymentError", [CHECKOUT], {"checkout_failure": "CheckoutPaymentError"}),
]


def make_sync(emulator: Emulator, call: Call) -> None:
    """Make the call without an event loop."""
    operation, positional, named = call
    with Client(**emulator.client_kwargs("crossmint")) as client:
        operation.sync(*positional, client=client, **named)


def make_asyncio(emulator: Emulator, call: Call) -> None:
    """Make the call in an event loop."""
    operation, positional, named = call

    async def make() -> None:
        async with Client(**emulator.client_kwargs("crossmint")) as client:
            await operation.asyncio(*positional, client=client, **named)

    asyncio.run(make())


@pytest.mark.parametrize("make", [make_sync, make_asyncio])
@pytest.mark.parametrize(
    ("refusal", "call"),
    [
        pytest.param(refusal, call, id=f"{call[0].__name__.rpartition('.')[2]}-{refusal.status}-{refusal.code}")
        for refusal in REFUSALS
        for call in refusal.calls
    ],
)
def test_an_error_has_the_class_of_its_status_and_its_body_decoded(
    emulator: Emulator, make: Callable[[Emulator, Call], None], refusal: Refusal, call: Call
) -> None:
    """Each error that the emulator can give, sync and async; no refused checkout makes an order."""
    state: State = emulator.state("crossmint")
    for name, value in refusal.switches.items():
        setattr(state, name, value)
    before = len(state.orders)
    with pytest.raises(errors.StatusError) as caught:
        make(emulator, call)
    assert (refusal.kind, refusal.status) == (type(caught.value), caught.value.status_code)
    assert caught.value.error
    assert models.ErrorCode(refusal.code) is caught.value.error.code
    assert models.ErrorCode(refusal.code).is_known
    assert caught.value.error.error
    assert caught.value.meaning
    assert before == len(state.orders)


def test_onboarding_that_is_not_complete_says_how_far_it_is(client: Client, state: State) -> None:
    """`step` comes beside the code, a number."""
    state.onboarding_step = 2
    with pytest.raises(errors.Forbidden) as caught:
        list_orders.sync(client=client)
    assert caught.value.error
    assert 2 == caught.value.error.step


def test_a_body_that_is_no_json_is_refused(emulator: Emulator) -> None:
    """What the client would never send gets a documented answer too."""
    headers = {"Cookie": COOKIE, "Content-Type": "application/json"}
    answer = httpx.post(f"{emulator.address}/crossmint/api/checkout", content=b"cartItemId=1", headers=headers)
    assert (400, "HTTP_ERROR") == (answer.status_code, answer.json()["code"])


def test_a_code_that_is_not_published_is_kept() -> None:
    """An unknown code hides neither the class of the error nor its words."""
    answer = httpx.Response(500, json={"error": "Internal server error", "code": "CACHE_ERROR"})
    with answering(answer) as client, pytest.raises(errors.ServerError) as caught:
        list_orders.sync(client=client)
    assert caught.value.error
    assert ("CACHE_ERROR", False) == (caught.value.error.code, models.ErrorCode("CACHE_ERROR").is_known)


# What is odd about it.


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


# The cookies.


def test_the_sessions_cookie_alone_is_enough_for_a_shop_as_its_page_has_it() -> None:
    """The client sends it without the other one."""
    with (
        Emulator(as_documented=True) as emulator,
        Client(base_url=f"{emulator.address}/crossmint", jwt=CREDENTIALS["jwt"]) as client,
    ):
        assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id


def test_the_real_shop_wants_both_cookies_and_says_so(emulator: Emulator, client: Client) -> None:
    """Both are sent where both were given."""
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id
    with (
        Client(base_url=f"{emulator.address}/crossmint", jwt=CREDENTIALS["jwt"]) as lone,
        pytest.raises(errors.Unauthorized) as caught,
    ):
        get_order.sync(ORDER_ID, client=lone)
    assert caught.value.error
    assert models.ErrorCode.SESSION_REQUIRED is caught.value.error.code


def test_both_cookies_go_in_one_header() -> None:
    """Under the names that the server looks for."""
    seen: list[httpx.Request] = []
    with answering(httpx.Response(200, text=ORDER_SAMPLE), seen=seen) as client:
        get_order.sync(ORDER_ID, client=client)
    cookies = "crossmint-jwt=the-users-session; crossmint-refresh-token=the-users-refresh-token"
    assert [cookies] == seen[0].headers.get_list("cookie")


def test_a_rotated_cookie_is_taken_over_and_handed_back(emulator: Emulator, client: Client, state: State) -> None:
    """The new one is sent from then on, the old one is refused, and the caller is told."""
    told: list[str] = []
    client.on_rotation = lambda rotated: told.append(rotated.jwt.reveal() if rotated.jwt else "")
    state.rotate_jwt = True
    response = list_orders.sync_detailed(client=client)
    assert [state.jwt] == told
    assert CREDENTIALS["jwt"] != state.jwt
    assert "set-cookie" not in response.headers
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id
    assert [state.jwt] == told
    with Client(**emulator.client_kwargs("crossmint")) as old, pytest.raises(errors.Unauthorized):
        list_orders.sync(client=old)


def test_a_rotated_cookie_is_taken_over_with_asyncio(emulator: Emulator, state: State) -> None:
    """The same in an event loop."""

    async def calls() -> tuple[models.Order, Client]:
        async with Client(**emulator.client_kwargs("crossmint")) as client:
            await list_orders.asyncio(client=client)
            return await get_order.asyncio(ORDER_ID, client=client), client

    state.rotate_jwt = True
    order, client = asyncio.run(calls())
    assert ORDER_ID == order.order_id
    assert client.jwt
    assert state.jwt == client.jwt.reveal()


def test_both_cookies_may_be_rotated_at_once_and_one_withdrawn() -> None:
    """Each comes in a header of its own; one that is withdrawn twice is sent no more."""
    both = [
        ("Set-Cookie", "crossmint-jwt=new; Path=/; HttpOnly"),
        ("Set-Cookie", "crossmint-refresh-token=newer; Path=/"),
    ]
    gone = [("Set-Cookie", 'crossmint-refresh-token=""; Max-Age=0; Path=/')]
    seen: list[httpx.Request] = []
    answers = [httpx.Response(200, headers=headers, text=ORDER_SAMPLE) for headers in (both, gone, gone, [])]
    with answering(*answers, seen=seen) as client:
        for _ in answers:
            get_order.sync(ORDER_ID, client=client)
    assert ["crossmint-jwt=new; crossmint-refresh-token=newer"] * 2 + ["crossmint-jwt=new"] == [
        request.headers["cookie"] for request in seen[1:]
    ]


@pytest.mark.parametrize("requests", [1, 3])
def test_a_blip_of_the_shops_does_not_log_the_user_out(client: Client, state: State, requests: int) -> None:
    """One request in it, or many that were under way: the cookie that was withdrawn works again."""
    told: list[str] = []
    client.on_withdrawal = lambda _, cookie: told.append(cookie)
    state.session_blip = True
    asked = [list_orders.build_request() for _ in range(requests)]
    sent = [client.prepare(request) for request in asked]
    answers = [httpx.request(each.method, each.url, headers=list(each.headers)) for each in sent]
    state.session_blip = False
    for request, answer in zip(asked, answers, strict=True):
        client.finish(request, answer.status_code, answer.headers, answer.content, list_orders.read_response)
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id
    assert ["refresh_token"] == told


@pytest.mark.parametrize("refresh_token", [None, "the-users-refresh-token"])
@pytest.mark.parametrize(("operation", "positional", "named"), [LIST, GET, CHECKOUT])
def test_without_a_session_nothing_is_sent(
    operation: ModuleType, positional: tuple[str, ...], named: dict[str, Any], refresh_token: str | None
) -> None:
    """The cookie that renews a session is no session."""
    seen: list[httpx.Request] = []
    with (
        answering(seen=seen, jwt=None, refresh_token=refresh_token) as client,
        pytest.raises(errors.MissingCredentials),
    ):
        operation.sync(*positional, client=client, **named)
    assert [] == seen


def test_a_wrong_session_is_refused(emulator: Emulator) -> None:
    """The error is typed, and does not show what was sent."""
    with Client(base_url=f"{emulator.address}/crossmint", jwt="a-strangers-session") as client:
        with pytest.raises(errors.Unauthorized) as caught:
            list_orders.sync(client=client)
        assert "a-strangers-session" not in shown(caught.value) + shown(client)


def shown(thing: object) -> str:
    """Return all that `repr`, `str`, a format and a pickle show of something."""
    return f"{thing!r} {thing!s} {thing} {pickle.dumps(thing)!r}"


def test_no_cookie_is_ever_shown(client: Client, state: State, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the first nor the rotated one is in a client, an answer, a model, an error or a log."""
    caplog.set_level(logging.DEBUG)
    state.rotate_jwt = True
    response = list_orders.sync_detailed(client=client)
    with pytest.raises(errors.NotFound) as caught:
        get_order.sync(NOBODYS, client=client)
    everything = caplog.text + "".join(shown(thing) for thing in (client, response, response.parsed, caught.value))
    for secret in (*CREDENTIALS.values(), state.jwt):
        assert secret not in everything


def test_a_client_comes_out_of_a_pickle_without_its_cookies(client: Client) -> None:
    """It says so at the first call, before anything is sent."""
    restored: Client = pickle.loads(pickle.dumps(client))
    with pytest.raises(errors.SecretLost):
        list_orders.sync(client=restored)


def test_errors_survive_a_pickle(client: Client) -> None:
    """With the decoded body."""
    with pytest.raises(errors.NotFound) as caught:
        get_order.sync(NOBODYS, client=client)
    restored = pickle.loads(pickle.dumps(caught.value))
    assert (caught.value.error, caught.value.meaning) == (restored.error, restored.meaning)
    assert isinstance(restored, CrossmintError)


# The events.


@pytest.mark.parametrize("name", EVENTS)
def test_an_events_example_decodes_to_its_type(name: str) -> None:
    """Each of the document's examples, the two about quotes included, comes back key for key."""
    content = EVENTS[name].node["requestBody"]["content"]["application/json"]
    event, deviations = read_event(json.dumps(content["example"]).encode())
    assert content["schema"]["$ref"].rpartition("/")[2] == type(event).__name__
    assert (name, ()) == (event.type, deviations)
    assert content["example"] == json.loads(codec.encode(event))


def test_the_seven_events_are_those_of_the_page_and_the_two_about_quotes() -> None:
    """The page's table names five; Crossmint's own page adds two."""
    of_the_page = {
        "orders.payment.succeeded",
        "orders.delivery.initiated",
        "orders.delivery.completed",
        "orders.payment.failed",
        "orders.delivery.failed",
    }
    assert of_the_page | {"orders.quote.created", "orders.quote.updated"} == set(EVENTS)


@pytest.mark.parametrize("member", ["data", "payload"])
def test_the_order_comes_in_data_or_in_payload(client: Client, member: str) -> None:
    """Either way it bears Crossmint's id, which finds the shop's order; the shop's own id is not in it."""
    body = {"type": "orders.delivery.completed", member: {"orderId": CROSSMINT_ID, "phase": "completed"}}
    event, _ = read_event(json.dumps(body).encode())
    told = event.data or event.payload
    assert told
    assert [ORDER_ID] == [
        order.order_id for order in list_orders.sync(client=client).orders if order.crossmint_order_id == told.order_id
    ]
    assert models.CrossmintPhase.COMPLETED is told.phase


def test_an_event_of_a_payment_tells_what_came_in() -> None:
    """The transaction and its amount, which stays text."""
    paid = {"orderId": CROSSMINT_ID, "payment": {"received": {"txId": "0xabc", "amount": "149.99"}}}
    event, deviations = read_event(json.dumps({"type": "orders.payment.succeeded", "data": paid}).encode())
    assert event.data
    assert event.data.payment
    received = models.CrossmintPaymentReceived(tx_id="0xabc", amount="149.99")
    assert (received, ()) == (event.data.payment.received, deviations)


def test_an_event_that_nobody_knows_is_no_event() -> None:
    """It is an error of the package's own, with the place."""
    with pytest.raises(errors.DecodeError) as caught:
        read_event(b'{"type": "orders.returned", "actionId": "1"}')
    assert "$.type" == caught.value.path


def test_more_than_the_document_says_is_passed_over() -> None:
    """Crossmint sends more of an order than is published here."""
    event, deviations = read_event(
        b'{"type": "orders.payment.failed", "actionId": "1", "data": {"orderId": "2", "lineItems": [{}]}, "at": 1}'
    )
    assert ("1", ()) == (event.action_id, deviations)
