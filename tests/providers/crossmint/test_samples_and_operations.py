"""The samples of the page of the shop on Crossmint, every operation against the emulator, and the events."""

from __future__ import annotations

import asyncio
import datetime
import json
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import COOKIE, State
from ordermux_crossmint import Client, codec, errors, models
from ordermux_crossmint.api.checkout import create_checkout
from ordermux_crossmint.api.orders import get_order, list_orders
from ordermux_crossmint.events import read_event
from support.crossmint_package import ITEM, LIST_SAMPLE, ORDER_ID, ORDER_SAMPLE, decoded
from support.document_checker import documents

CROSSMINT_ID = "ed34a579-7fbc-4509-b8d8-9e61954cd555"
EVENTS = {event.path: event for event in documents()["crossmint"].events}


def instants(members: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its date-time as an instant: 10:00:00.000Z is sent back as 10:00:00Z."""
    return {
        name: datetime.datetime.fromisoformat(value) if name == "createdAt" else value
        for name, value in members.items()
    }


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
