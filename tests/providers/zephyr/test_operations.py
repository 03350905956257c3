"""Each operation of ZephyrCart against the emulator, and its list page by page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux_zephyr import UNSET, Client, errors, models
from ordermux_zephyr.api.orders import cancel_order, create_refund, get_order, list_orders, update_order
from ordermux_zephyr.api.webhook_endpoints import create_webhook_endpoint
from support.clients import SYNC_AND_ASYNC
from support.zephyr_package import (
    CURL_BODY,
    DOCUMENT,
    ENDPOINT,
    FULFILLED,
    OPERATIONS,
    REFUND,
    UPDATE,
    answering,
    call,
    ids_by_status,
    order_json,
    read_order,
)

WORKING: dict[str, tuple[int, Callable[[Any], bool]]] = {
    "listOrders": (200, lambda page: len(page.data) == 6),
    "getOrder": (200, lambda order: order.total_cents == 3730),
    "updateOrder": (200, lambda order: order.metadata == {"ticket": "ZD-31427"}),
    "createRefund": (201, lambda refund: refund.amount_cents == 1490),
    "cancelOrder": (200, lambda order: order.status is models.OrderStatus.CANCELLED),
    "createWebhookEndpoint": (201, lambda endpoint: endpoint.signing_secret.reveal().startswith("whsec_")),
}
"""The status of each operation's success, and what shows that its answer is the right one."""


def page_of(listing: models.OrderListing) -> models.OrderPage:
    """Return a listing that has an envelope, as the emulator's has."""
    assert isinstance(listing, models.OrderPage)
    return listing


# The operations


def test_the_table_of_operations_is_whole() -> None:
    """The tests below leave no operation of the document out."""
    assert {operation.operation_id for operation in DOCUMENT.operations} == set(OPERATIONS)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_works(client: Client, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """Every operation is answered as it should be, and its answer is read without a deviation."""
    response = call(name, client, asynchronous=asynchronous)
    status, is_right = WORKING[name]
    assert (status, ()) == (response.status_code, response.deviations)
    assert is_right(response.parsed)


@SYNC_AND_ASYNC
def test_the_short_form_returns_the_body_alone(client: Client, asynchronous: bool) -> None:  # noqa: FBT001
    """`sync` and `asyncio` leave out what `sync_detailed` and `asyncio_detailed` put around it."""

    async def run() -> models.Order:
        async with client:
            return await get_order.asyncio(SAMPLE_ORDER, client=client)

    order = asyncio.run(run()) if asynchronous else get_order.sync(SAMPLE_ORDER, client=client)
    assert SAMPLE_ORDER == order.id


def test_a_new_emulator_holds_the_documents_order(client: Client) -> None:
    """The page's id, with the document's example behind it, so that the documented calls work at once."""
    answer = get_order.sync_detailed(SAMPLE_ORDER, client=client)
    assert order_json(metadata={}) == json.loads(answer.content)


def test_a_new_emulator_holds_the_same_shop_each_time(emulator: Emulator) -> None:
    """But for the time, which the ids begin with, the other orders come from the world's seed."""
    with Emulator() as other:
        shops = [list(made.state("zephyr").orders.values()) for made in (emulator, other)]
    totals, again = ([(order["id"][16:], order["total_cents"], order["status"]) for order in shop] for shop in shops)
    assert totals == again
    assert ["created", "paid", "paid", "refunded", "cancelled"] == [status for _, _, status in totals[1:]]


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_the_pages_curl_line_refunds(emulator: Emulator, content_type: str) -> None:
    """Refunds: with the page's elided id cut at the dots, a key as uuidgen makes it, and curl's own content type."""
    answer = httpx.post(
        f"{emulator.address}/zephyr/v1/orders/order_01HXY8/refunds",
        content=CURL_BODY,
        headers={
            "authorization": "Bearer zk_test_emulator",
            "idempotency-key": "8e03978e-40d5-43e8-bc93-6894a57f9324",
            "content-type": content_type,
        },
        trust_env=False,
    )
    assert (201, SAMPLE_ORDER, 1490) == (answer.status_code, answer.json()["order_id"], answer.json()["amount_cents"])


def test_the_pages_curl_line_cancels(emulator: Emulator) -> None:
    """Cancellation: POST without a body, with the page's `order_…` replaced by the id of its other line."""
    answer = httpx.post(
        f"{emulator.address}/zephyr/v1/orders/order_01HXY8/cancel",
        headers={"authorization": "Bearer zk_test_emulator"},
        trust_env=False,
    )
    assert (200, "cancelled") == (answer.status_code, answer.json()["status"])


def test_an_update_changes_what_it_names_and_nothing_else(client: Client) -> None:
    """What is left out stays as it is."""
    before = get_order.sync(SAMPLE_ORDER, client=client)
    update_order.sync(SAMPLE_ORDER, client=client, body=FULFILLED)
    after = update_order.sync(SAMPLE_ORDER, client=client, body=UPDATE)
    expected = msgspec.structs.replace(before, fulfilment={"carrier": "DHL"}, metadata={"ticket": "ZD-31427"})
    assert expected == after == get_order.sync(SAMPLE_ORDER, client=client)


def test_an_update_may_set_the_status(client: Client, emulator: Emulator) -> None:
    """The page counts it among the fields that may change."""
    (created,) = ids_by_status(emulator)["created"]
    update_order.sync(created, client=client, body=models.OrderUpdate(status=models.OrderStatus.PAID))
    assert models.OrderStatus.PAID is get_order.sync(created, client=client).status


def test_a_refund_tells_what_it_refunded(client: Client) -> None:
    """The request's fields come back, with an id and a time."""
    refund = create_refund.sync(SAMPLE_ORDER, client=client, body=REFUND)
    expected = (SAMPLE_ORDER, REFUND.amount_cents, REFUND.reason, REFUND.metadata)
    assert expected == (refund.order_id, refund.amount_cents, refund.reason, refund.metadata)
    assert refund.id
    assert refund.created_at


def test_a_refund_needs_neither_reason_nor_metadata(client: Client) -> None:
    """The amount is all."""
    refund = create_refund.sync(SAMPLE_ORDER, client=client, body=models.RefundRequest(amount_cents=1))
    assert (1, UNSET, UNSET) == (refund.amount_cents, refund.reason, refund.metadata)


def test_an_order_is_refunded_bit_by_bit(client: Client) -> None:
    """In part first, and with the rest in full."""
    create_refund.sync(SAMPLE_ORDER, client=client, body=REFUND)
    assert models.OrderStatus.PARTIALLY_REFUNDED is get_order.sync(SAMPLE_ORDER, client=client).status
    create_refund.sync(SAMPLE_ORDER, client=client, body=models.RefundRequest(amount_cents=3730 - 1490))
    assert models.OrderStatus.REFUNDED is get_order.sync(SAMPLE_ORDER, client=client).status


@pytest.mark.parametrize("status", ["created", "paid"])
def test_an_order_is_cancelled_while_nothing_is_fulfilled(client: Client, emulator: Emulator, status: str) -> None:
    """Whether it is paid or not."""
    order_id = ids_by_status(emulator)[status][0]
    cancel_order.sync(order_id, client=client)
    assert models.OrderStatus.CANCELLED is get_order.sync(order_id, client=client).status


def test_an_endpoint_is_what_was_asked_for(client: Client) -> None:
    """With an id and the secret that signs its deliveries; each endpoint has its own."""
    first, second = (create_webhook_endpoint.sync(client=client, body=ENDPOINT) for _ in range(2))
    assert (ENDPOINT.url, ENDPOINT.events, ENDPOINT.description) == (first.url, first.events, first.description)
    assert first.id != second.id
    assert first.signing_secret != second.signing_secret


# The list


def test_a_list_comes_newest_first(client: Client) -> None:
    """The page's order is the oldest."""
    orders = page_of(list_orders.sync(client=client)).data
    assert SAMPLE_ORDER == orders[-1].id
    assert sorted((order.id for order in orders[:-1]), key=lambda id_: id_[:16], reverse=True) == [
        order.id for order in orders[:-1]
    ]


@pytest.mark.parametrize(("limit", "sizes"), [(1, [1] * 6), (2, [2, 2, 2]), (4, [4, 2]), (6, [6]), (7, [6])])
def test_the_cursor_leads_through_all_orders(client: Client, limit: int, sizes: list[int]) -> None:
    """Each once, in the order of the whole list, and the last page says that it is the last."""
    whole = page_of(list_orders.sync(client=client))
    pages = [page_of(list_orders.sync(client=client, limit=limit))]
    for _ in sizes[1:]:
        assert pages[-1].next_cursor
        pages.append(page_of(list_orders.sync(client=client, limit=limit, cursor=pages[-1].next_cursor)))
    assert (False, None) == (pages[-1].has_more, pages[-1].next_cursor)
    assert [True] * (len(sizes) - 1) == [page.has_more for page in pages[:-1]]
    assert sizes == [len(page.data) for page in pages]
    assert whole.data == [order for page in pages for order in page.data]


def test_the_cursor_leads_through_a_filtered_list(client: Client, emulator: Emulator) -> None:
    """Also where the order that it names has another status by then."""
    paid = ids_by_status(emulator)["paid"]
    first = page_of(list_orders.sync(client=client, status=models.OrderStatus.PAID, limit=1))
    assert first.next_cursor
    cancel_order.sync(first.data[0].id, client=client)
    rest = page_of(list_orders.sync(client=client, status=models.OrderStatus.PAID, cursor=first.next_cursor))
    assert paid == [order.id for order in (*first.data, *rest.data)]


def test_an_order_that_is_placed_meanwhile_does_not_upset_the_walk(client: Client, emulator: Emulator) -> None:
    """A new order comes before the first page, so no other one is met twice or missed."""
    first = page_of(list_orders.sync(client=client, limit=3))
    emulator.state("zephyr").add(emulator.world)
    assert first.next_cursor
    rest = page_of(list_orders.sync(client=client, cursor=first.next_cursor))
    assert (6, 6) == (len(first.data) + len(rest.data), len({order.id for order in (*first.data, *rest.data)}))


@pytest.mark.parametrize("status", models.OrderStatus)
def test_a_list_can_be_cut_down_to_a_status(client: Client, emulator: Emulator, status: models.OrderStatus) -> None:
    """Each of the published words is a filter."""
    page = page_of(list_orders.sync(client=client, status=status))
    assert ids_by_status(emulator).get(status.value, []) == [order.id for order in page.data]


def test_nothing_is_asked_for_that_was_not_given() -> None:
    """The parameters are guesses, so a plain call sends none of them."""
    seen: list[httpx.Request] = []
    with answering(200, b"[]", seen) as client:
        call("listOrders", client)
        call("listOrders", client, limit=2, cursor="c/1&x", status=models.OrderStatus.PAID)
    assert ["", "limit=2&cursor=c%2F1%26x&status=paid"] == [str(request.url.query, "ascii") for request in seen]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_bare_array_is_the_only_page(count: int) -> None:
    """The envelope is a guess, so the other usual form is read as well: a list, with no cursor to follow."""
    with answering(200, json.dumps([order_json()] * count).encode()) as client:
        response = call("listOrders", client)
    assert ([read_order()] * count, ()) == (response.parsed, response.deviations)


@pytest.mark.parametrize("more", [{}, {"has_more": False}, {"next_cursor": None}, {"object": "list", "total": 1}])
def test_an_envelope_needs_nothing_but_its_orders(more: dict[str, Any]) -> None:
    """What is said of the next page may be missing, and what is not in the document is passed over."""
    with answering(200, json.dumps({"data": [order_json()], **more}).encode()) as client:
        response = call("listOrders", client)
    assert ([read_order()], ()) == (page_of(response.parsed).data, response.deviations)
    assert not page_of(response.parsed).next_cursor


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"orders": []}',
        b'{"data": null}',
        b'{"data": {}}',
        b'{"data": [{"id": "order_01HXY8"}]}',
        b'[{"id": "order_01HXY8"}]',
        b"null",
        b"",
        b"<html></html>",
    ],
)
def test_an_answer_without_orders_is_no_empty_list(content: bytes) -> None:
    """Where the orders should be and are not, or are not whole, there is an error and never a list."""
    with answering(200, content) as client, pytest.raises(errors.DecodeError) as caught:
        call("listOrders", client)
    assert ("listOrders", 200, content) == (caught.value.operation, caught.value.status_code, caught.value.content)


def test_a_broken_order_in_a_list_is_named_by_its_place() -> None:
    """The error says which order, and which field of it."""
    content = json.dumps({"data": [order_json(), order_json(total_cents=37.3)]}).encode()
    with answering(200, content) as client, pytest.raises(errors.DecodeError) as caught:
        call("listOrders", client)
    assert ("$.data[1].total_cents", "expected int, got float") == (caught.value.path, caught.value.problem)
