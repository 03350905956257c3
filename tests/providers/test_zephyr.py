"""The package ordermux-zephyr: the page's sample, each operation against the emulator, and ZephyrCart's oddities."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import attrs
import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.zephyr.emulator import CREDENTIALS, SAMPLE_ORDER
from ordermux_zephyr import UNSET, Client, Deviation, Secret, Server, codec, errors, events, models
from ordermux_zephyr.api.orders import cancel_order, create_refund, get_order, list_orders, update_order
from ordermux_zephyr.api.webhook_endpoints import create_webhook_endpoint
from ordermux_zephyr.types import OpenEnum
from support.document_checker import documents, examples_of

DOCUMENT = documents()["zephyr"]
REFUND = models.RefundRequest(
    amount_cents=1490, reason=models.RefundReason.REQUESTED_BY_CUSTOMER, metadata={"ticket": "ZD-31427"}
)
ENDPOINT = models.WebhookEndpointRequest(
    url="https://shop.example/webhooks/zephyr",
    events=[models.EventType.ORDER_CREATED, models.EventType.ORDER_REFUNDED],
    description="Order events of the shop",
)
UPDATE = models.OrderUpdate(metadata={"ticket": "ZD-31427"})
FULFILLED = models.OrderUpdate(fulfilment={"carrier": "DHL"})

OPERATIONS: dict[str, tuple[ModuleType, tuple[str, ...], dict[str, Any]]] = {
    "listOrders": (list_orders, (), {}),
    "getOrder": (get_order, (SAMPLE_ORDER,), {}),
    "updateOrder": (update_order, (SAMPLE_ORDER,), {"body": UPDATE}),
    "createRefund": (create_refund, (SAMPLE_ORDER,), {"body": REFUND}),
    "cancelOrder": (cancel_order, (SAMPLE_ORDER,), {}),
    "createWebhookEndpoint": (create_webhook_endpoint, (), {"body": ENDPOINT}),
}
POSTS = ["createRefund", "cancelOrder", "createWebhookEndpoint"]
WITH_ORDER = ["getOrder", "updateOrder", "createRefund", "cancelOrder"]
ANSWERED_WITH_ORDER = ["getOrder", "updateOrder", "cancelOrder"]
WORKING: dict[str, tuple[int, Callable[[Any], bool]]] = {
    "listOrders": (200, lambda page: len(page.data) == 6),
    "getOrder": (200, lambda order: order.total_cents == 3730),
    "updateOrder": (200, lambda order: order.metadata == {"ticket": "ZD-31427"}),
    "createRefund": (201, lambda refund: refund.amount_cents == 1490),
    "cancelOrder": (200, lambda order: order.status is models.OrderStatus.CANCELLED),
    "createWebhookEndpoint": (201, lambda endpoint: endpoint.signing_secret.reveal().startswith("whsec_")),
}
"""The status of each operation's success, and what shows that its answer is the right one."""
SYNC_AND_ASYNC = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client of the emulator."""
    with Client(**emulator.client_kwargs("zephyr")) as made:
        yield made


def call(name: str, client: Client, *, asynchronous: bool = False, **more: Any) -> Any:
    """Run an operation with the arguments of the table above, and more; return the whole answer."""
    module, arguments, named = OPERATIONS[name]
    if not asynchronous:
        return module.sync_detailed(*arguments, client=client, **{**named, **more})

    async def run() -> Any:
        async with client:
            return await module.asyncio_detailed(*arguments, client=client, **{**named, **more})

    return asyncio.run(run())


def send(client: Client, name: str, content: bytes = b"", query: tuple[tuple[str, str], ...] = ()) -> Any:
    """Send an operation with a body or a query that the typed functions would not make."""
    module, arguments, named = OPERATIONS[name]
    request = module.build_request(*arguments, **named)
    return client.send(attrs.evolve(request, content=content or None, query=query), module.read_response)


def answering(status: int, content: bytes, seen: list[httpx.Request] | None = None, **headers: str) -> Client:
    """Return a client whose every answer is this one; the requests are kept in `seen`."""

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, content=content, headers=headers)

    return Client(api_key="zk_mock", transport=httpx.MockTransport(answer))


def order_json(**members: Any) -> dict[str, Any]:
    """Return the document's example of an order as JSON, with other members; `UNSET` leaves one out."""
    order: dict[str, Any] = {**DOCUMENT.schemas["Order"]["examples"][0], **members}
    return {name: value for name, value in order.items() if value is not UNSET}


def read_order(**members: Any) -> models.Order:
    """Return the document's example of an order, with other members, as the package reads it from an answer."""
    return get_order.read_response(200, {}, json.dumps(order_json(**members)).encode()).parsed


def page_of(listing: models.OrderListing) -> models.OrderPage:
    """Return a listing that has an envelope, as the emulator's has."""
    assert isinstance(listing, models.OrderPage)
    return listing


def detail_of(error: errors.StatusError) -> models.ErrorDetail:
    """Return what the error's decoded body tells."""
    assert error.error
    assert error.error.error
    return error.error.error


def ids_by_status(emulator: Emulator) -> dict[str, list[str]]:
    """Return the ids of the emulator's orders by status, newest first."""
    found: dict[str, list[str]] = {}
    for order in reversed(emulator.state("zephyr").orders.values()):
        found.setdefault(order["status"], []).append(order["id"])
    return found


# The samples

PAGE = "https://demo.docucommit.se/projects/dev-docs/document/orders"
CURL_BODY = """{
    "amount_cents": 1490,
    "reason": "requested_by_customer",
    "metadata": { "ticket": "ZD-31427" }
  }"""
PAGE_WORDS: dict[str, tuple[type[OpenEnum], list[str]]] = {
    f"{PAGE}#Object, status": (
        models.OrderStatus,
        ["created", "paid", "partially_refunded", "refunded", "cancelled"],
    ),
    f"{PAGE}#Object, tax_calculation_source": (models.TaxCalculationSource, ["zephyr", "stripe_tax", "avalara"]),
    f"{PAGE}#Refunds, reason": (models.RefundReason, ["requested_by_customer", "duplicate", "fraudulent"]),
    f"{PAGE}#Webhook events": (
        models.EventType,
        ["order.created", "order.updated", "order.refunded", "order.cancelled"],
    ),
}
EXAMPLES = examples_of(DOCUMENT)


@pytest.mark.parametrize(
    ("kind", "sample"), [pytest.param(models.RefundRequest, CURL_BODY, id=f"{PAGE}#Refunds, the curl line's body")]
)
def test_a_sample_of_the_page_is_read_and_written_key_for_key(kind: type[Any], sample: str) -> None:
    """The only JSON of the page, without a substitution; it holds no time."""
    read, deviations = codec.decode(sample.encode(), kind)
    assert (kind, ()) == (type(read), deviations)
    assert json.loads(sample) == json.loads(codec.encode(read))


def test_the_pages_refund_is_the_one_that_a_caller_writes() -> None:
    """The model made by hand goes out as the curl line's body."""
    assert json.loads(CURL_BODY) == json.loads(codec.encode(REFUND))


@pytest.mark.parametrize(("kind", "words"), PAGE_WORDS.values(), ids=PAGE_WORDS.keys())
def test_the_words_of_the_page_are_the_ones_that_are_known(kind: type[OpenEnum], words: list[str]) -> None:
    """Each vocabulary has the page's words, all of them and no other."""
    assert words == [word.value for word in kind]
    assert all(kind(word).is_known for word in words)


def test_an_order_has_the_fields_of_the_pages_table() -> None:
    """Object: its thirteen fields, and the two that the page names as mutable and leaves out of the table."""
    table = (
        "id cart_id customer_id line_items currency subtotal_cents tax_total_cents shipping_total_cents total_cents "
        "tax_calculation_source status livemode placed_at"
    )
    assert {*table.split(), "fulfilment", "metadata"} == set(models.Order.__struct_fields__)


@pytest.mark.parametrize(("name", "example"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_of_the_document_is_read_and_written_key_for_key(name: str, example: Any) -> None:
    """Its times, too, are written as they were read."""
    read, deviations = codec.decode(json.dumps(example).encode(), getattr(models, name))
    assert () == deviations
    assert example == json.loads(codec.encode(read))


@pytest.mark.parametrize("written", ["2026-05-30T12:00:00.000Z", "2026-05-30T14:00:00+02:00", "soon", 1780142400])
def test_a_time_is_kept_as_it_is_written(written: str | int) -> None:
    """Its form is not published, so text and whole numbers are taken, each as it comes."""
    read = read_order(placed_at=written).placed_at
    assert (type(written), written) == (type(read), read)


@pytest.mark.parametrize("written", [None, True, 1780142400.5, ["2026-05-30T12:00:00Z"]])
def test_a_time_that_is_neither_text_nor_a_whole_number_is_an_error(written: object) -> None:
    """The place is required, so that the order is not read without it."""
    with pytest.raises(errors.DecodeError) as caught:
        read_order(placed_at=written)
    assert "$.placed_at" == caught.value.path


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


# The errors that the emulator gives, each with what leads to it

Act = Callable[[Client, Emulator], object]


def _one_after_another(*calls: tuple[str, dict[str, Any]]) -> Act:
    """Return an act that runs operations with more arguments, one after another; the last one is refused."""
    return lambda client, _: [call(name, client, **more) for name, more in calls]


def _sending(name: str, content: bytes = b"", *query: tuple[str, str]) -> Act:
    return lambda client, _: send(client, name, content, query)


def _refunding(status: str) -> Act:
    return lambda client, emulator: create_refund.sync(ids_by_status(emulator)[status][0], client=client, body=REFUND)


def _cancelling(status: str) -> Act:
    return lambda client, emulator: cancel_order.sync(ids_by_status(emulator)[status][0], client=client)


FULFILLED_BEFORE = ("updateOrder", {"body": FULFILLED})
CANCELLED_BEFORE: tuple[str, dict[str, Any]] = ("cancelOrder", {})
TO_PAID = {"body": models.OrderUpdate(status=models.OrderStatus.PAID)}
KEY = {"idempotency_key": "key-1"}
OTHER_REFUND: dict[str, Any] = {"body": msgspec.structs.replace(REFUND, amount_cents=490), **KEY}
OTHER_ENDPOINT: dict[str, Any] = {"body": msgspec.structs.replace(ENDPOINT, url="https://b.example"), **KEY}
CONFLICTS: list[tuple[str, str, str, Act]] = [
    ("updateOrder", "cancelled", "cancelled", _one_after_another(CANCELLED_BEFORE, ("updateOrder", TO_PAID))),
    ("createRefund", "not yet paid", "not_refundable", _refunding("created")),
    ("createRefund", "cancelled", "not_refundable", _refunding("cancelled")),
    ("cancelOrder", "fulfilled", "not_cancellable", _one_after_another(FULFILLED_BEFORE, ("cancelOrder", {}))),
    ("cancelOrder", "cancelled", "not_cancellable", _one_after_another(CANCELLED_BEFORE, ("cancelOrder", {}))),
    ("cancelOrder", "refunded", "not_cancellable", _cancelling("refunded")),
] + [
    (name, "the key of another", "idempotency_key_reused", _one_after_another((name, KEY), (name, other)))
    for name, other in (("createRefund", OTHER_REFUND), ("createWebhookEndpoint", OTHER_ENDPOINT))
]
UNPROCESSABLE: list[tuple[str, str, Act]] = [
    ("listOrders", "no order for the cursor", _sending("listOrders", b"", ("cursor", "order_nope"))),
    ("listOrders", "a limit of none", _sending("listOrders", b"", ("limit", "0"))),
    ("listOrders", "a limit in words", _sending("listOrders", b"", ("limit", "ten"))),
    ("updateOrder", "a field that never changes", _sending("updateOrder", b'{"total_cents": 1}')),
    ("updateOrder", "a status that is not there", _sending("updateOrder", b'{"status": "lost"}')),
    ("updateOrder", "a list", _sending("updateOrder", b"[]")),
    ("updateOrder", "no JSON", _sending("updateOrder", b"status=paid")),
    ("createRefund", "more than the total", _sending("createRefund", b'{"amount_cents": 3731}')),
    ("createRefund", "nothing", _sending("createRefund", b'{"amount_cents": 0}')),
    ("createRefund", "less than nothing", _sending("createRefund", b'{"amount_cents": -1}')),
    ("createRefund", "a fraction", _sending("createRefund", b'{"amount_cents": 14.9}')),
    ("createRefund", "no amount", _sending("createRefund", b'{"reason": "duplicate"}')),
    ("createRefund", "a reason that is not there", _sending("createRefund", b'{"amount_cents": 1, "reason": "why"}')),
    ("createRefund", "no body", _sending("createRefund")),
    (
        "cancelOrder",
        "a key of no length",
        lambda client, _: send(client.with_headers({"Idempotency-Key": ""}), "cancelOrder"),
    ),
    (
        "createWebhookEndpoint",
        "no event",
        _sending("createWebhookEndpoint", b'{"url": "https://a.example", "events": []}'),
    ),
    (
        "createWebhookEndpoint",
        "an event that is not there",
        _sending("createWebhookEndpoint", b'{"url": "https://a.example", "events": ["order.lost"]}'),
    ),
    ("createWebhookEndpoint", "no address", _sending("createWebhookEndpoint", b'{"events": ["order.created"]}')),
]


def test_the_tables_of_errors_are_whole() -> None:
    """Each status that the document lists is given by the emulator, but for 429 and 503, which are below."""
    given = {(name, 401) for name in OPERATIONS} | {(name, 404) for name in WITH_ORDER}
    given |= {(name, 409) for name, *_ in CONFLICTS} | {(name, 422) for name, *_ in UNPROCESSABLE}
    documented = {(op.operation_id, int(status)) for op in DOCUMENT.operations for status, _ in op.meanings}
    assert given | {(name, status) for name in OPERATIONS for status in (429, 503)} == documented


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_wrong_key_is_unauthorized(emulator: Emulator, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """401 on every operation."""
    with (
        Client(base_url=f"{emulator.address}/zephyr", api_key="zk_wrong") as stranger,
        pytest.raises(errors.Unauthorized) as caught,
    ):
        call(name, stranger, asynchronous=asynchronous)
    assert "unauthorized" == detail_of(caught.value).code
    assert (name, 401, "The API key is missing or not valid.") == (
        caught.value.operation,
        caught.value.status_code,
        caught.value.meaning,
    )


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("header", [{}, {"authorization": "zk_test_emulator"}, {"x-api-key": "zk_test_emulator"}])
def test_a_key_that_is_no_bearer_token_is_unauthorized(emulator: Emulator, name: str, header: dict[str, str]) -> None:
    """401 too, for a request that someone else sends without the header or with another one."""
    module, arguments, named = OPERATIONS[name]
    request = module.build_request(*arguments, **named)
    url = f"{emulator.address}/zephyr{request.path}"
    answer = httpx.request(request.method, url, content=request.content, headers=header, trust_env=False)
    with pytest.raises(errors.Unauthorized):
        module.read_response(answer.status_code, answer.headers, answer.content)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", WITH_ORDER)
def test_an_unknown_order_is_not_found(client: Client, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """404 wherever an order is named."""
    module, _, named = OPERATIONS[name]

    async def run() -> None:
        async with client:
            await module.asyncio("order_nope", client=client, **named)

    with pytest.raises(errors.NotFound) as caught:
        asyncio.run(run()) if asynchronous else module.sync("order_nope", client=client, **named)
    assert models.ErrorDetail(code="order_not_found", message="There is no such order.") == detail_of(caught.value)


@pytest.mark.parametrize(
    ("code", "act"), [pytest.param(code, act, id=f"{name}: {why}") for name, why, code, act in CONFLICTS]
)
def test_what_the_state_forbids_is_a_conflict(client: Client, emulator: Emulator, code: str, act: Act) -> None:
    """409, and the code tells the reason."""
    with pytest.raises(errors.Conflict) as caught:
        act(client, emulator)
    assert code == detail_of(caught.value).code
    assert (caught.value.meaning or "").startswith("The order's state forbids it")


@pytest.mark.parametrize("act", [pytest.param(act, id=f"{name}: {why}") for name, why, act in UNPROCESSABLE])
def test_a_value_that_is_not_allowed_is_unprocessable(client: Client, emulator: Emulator, act: Act) -> None:
    """422, and nothing has changed."""
    state = emulator.state("zephyr")
    before = json.dumps([state.orders, state.refunded, state.endpoints])
    with pytest.raises(errors.UnprocessableEntity) as caught:
        act(client, emulator)
    assert "invalid_request" == detail_of(caught.value).code
    assert before == json.dumps([state.orders, state.refunded, state.endpoints])


@pytest.mark.parametrize(("status", "kind"), [(429, errors.TooManyRequests), (503, errors.ServerError)])
@pytest.mark.parametrize("name", OPERATIONS)
def test_being_asked_to_wait_tells_how_long(name: str, status: int, kind: type[errors.StatusError]) -> None:
    """429 for too many requests, 503 while the database fails over; each once, since the client sends nothing again."""
    seen: list[httpx.Request] = []
    body = b'{"error": {"code": "slow_down", "message": "Wait."}}'
    with answering(status, body, seen, **{"Retry-After": "5"}) as client, pytest.raises(kind) as caught:
        call(name, client)
    assert ("5", "slow_down", 1) == (caught.value.headers["retry-after"], detail_of(caught.value).code, len(seen))
    assert caught.value.meaning


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", None),
        (b"Bad Gateway", None),
        (b"[]", None),
        (b'"no"', None),
        (b"{}", models.Error()),
        (b'{"message": "no"}', models.Error()),
        (b'{"error": "no"}', models.Error()),
        (b'{"error": {"code": 7, "message": "no"}}', models.Error(error=models.ErrorDetail(message="no"))),
    ],
)
def test_an_error_of_any_form_is_the_error_of_its_status(content: bytes, expected: models.Error | None) -> None:
    """No error body is published, so none can hide what happened; the body as it came is kept."""
    with answering(404, content) as client, pytest.raises(errors.NotFound) as caught:
        call("getOrder", client)
    assert (expected, content) == (caught.value.error, caught.value.content)


# The idempotency key


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", POSTS)
def test_the_same_key_answers_with_the_first_response(client: Client, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """Every POST takes a key, and is done once for it."""
    first, second = (call(name, client, asynchronous=asynchronous, idempotency_key="key-1") for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)


def test_the_first_response_stays_as_it_was(client: Client) -> None:
    """The order has changed since its cancellation, and the key still answers with the order of that moment."""
    first = call("cancelOrder", client, idempotency_key="key-1").content
    call("updateOrder", client)
    assert first == call("cancelOrder", client, idempotency_key="key-1").content
    assert first != call("getOrder", client).content


def test_a_refund_that_is_sent_again_with_its_key_refunds_once(client: Client, emulator: Emulator) -> None:
    """Though both together would be within the total."""
    first, second = (call("createRefund", client, idempotency_key="key-1").parsed for _ in range(2))
    assert first.id == second.id
    assert {SAMPLE_ORDER: 1490} == {
        order: sum_ for order, sum_ in emulator.state("zephyr").refunded.items() if order == SAMPLE_ORDER
    }


@pytest.mark.parametrize("keys", [(UNSET, UNSET), ("key-1", "key-2")], ids=["no key", "another key"])
def test_a_refund_that_is_sent_again_otherwise_refunds_twice(
    client: Client, emulator: Emulator, keys: tuple[Any, Any]
) -> None:
    """Without a key, or with another one, it is another refund."""
    first, second = (call("createRefund", client, idempotency_key=key).parsed for key in keys)
    assert first.id != second.id
    assert 2980 == emulator.state("zephyr").refunded[SAMPLE_ORDER]


def test_a_key_is_refused_with_another_body(client: Client, emulator: Emulator) -> None:
    """It is never answered with a refund of another amount, and nothing is refunded."""
    call("createRefund", client, idempotency_key="key-1")
    with pytest.raises(errors.Conflict) as caught:
        call("createRefund", client, **OTHER_REFUND)
    assert "idempotency_key_reused" == detail_of(caught.value).code
    assert 1490 == emulator.state("zephyr").refunded[SAMPLE_ORDER]


def test_a_key_is_refused_with_another_order(client: Client, emulator: Emulator) -> None:
    """The same body for another order is another request."""
    call("createRefund", client, idempotency_key="key-1")
    other = ids_by_status(emulator)["paid"][0]
    with pytest.raises(errors.Conflict) as caught:
        create_refund.sync(other, client=client, body=REFUND, idempotency_key="key-1")
    assert "idempotency_key_reused" == detail_of(caught.value).code
    assert other not in emulator.state("zephyr").refunded


def test_a_key_lasts_a_day_of_the_worlds_clock(client: Client, emulator: Emulator) -> None:
    """Within 24 hours it answers as before, and after them it is new."""
    emulator.world.clock.freeze()
    first = call("createRefund", client, idempotency_key="key-1").parsed
    emulator.world.clock.advance(24 * 3600 - 1)
    assert first == call("createRefund", client, idempotency_key="key-1").parsed
    emulator.world.clock.advance(1)
    assert first.id != call("createRefund", client, idempotency_key="key-1").parsed.id


@pytest.mark.parametrize("name", POSTS)
def test_a_key_is_a_header_and_there_only_if_it_is_given(name: str) -> None:
    """The client makes none up: whoever retries has to know it."""
    seen: list[httpx.Request] = []
    with answering(500, b"", seen) as client:
        for key in (UNSET, "key-1"):
            with pytest.raises(errors.ServerError):
                call(name, client, idempotency_key=key)
    assert [None, "key-1"] == [request.headers.get("idempotency-key") for request in seen]


def test_an_update_takes_no_key() -> None:
    """The key is published for POST alone."""
    taking = {
        name
        for name, (module, *_) in OPERATIONS.items()
        if "idempotency_key" in inspect.signature(module.sync).parameters
    }
    assert set(POSTS) == taking


# Refunds and cancellations


@pytest.mark.parametrize("before", [[], [1490], [1490, 1490], [3729]])
def test_refunds_stay_within_the_total(client: Client, before: list[int]) -> None:
    """One cent more than what is left is refused; what is left is not."""
    for amount in before:
        create_refund.sync(SAMPLE_ORDER, client=client, body=models.RefundRequest(amount_cents=amount))
    left = 3730 - sum(before)
    with pytest.raises(errors.UnprocessableEntity):
        create_refund.sync(SAMPLE_ORDER, client=client, body=models.RefundRequest(amount_cents=left + 1))
    create_refund.sync(SAMPLE_ORDER, client=client, body=models.RefundRequest(amount_cents=left))
    assert models.OrderStatus.REFUNDED is get_order.sync(SAMPLE_ORDER, client=client).status


def test_an_order_does_not_tell_how_much_was_refunded(client: Client) -> None:
    """No field is published for it: a refund shows in the status alone."""
    before = get_order.sync(SAMPLE_ORDER, client=client)
    create_refund.sync(SAMPLE_ORDER, client=client, body=REFUND)
    after = get_order.sync(SAMPLE_ORDER, client=client)
    assert msgspec.structs.replace(before, status=models.OrderStatus.PARTIALLY_REFUNDED) == after


def test_a_refund_without_an_amount_cannot_be_made() -> None:
    """What it would mean is not stated, so the package does not let it happen."""
    with pytest.raises(TypeError, match="amount_cents"):
        models.RefundRequest()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


def test_the_deprecated_note_warns_where_it_is_set() -> None:
    """At the caller's own line, once, and with the way out."""
    frame = inspect.currentframe()
    assert frame
    with pytest.warns(DeprecationWarning, match=r"RefundRequest.note is deprecated: .*metadata.note") as caught:
        line, _ = frame.f_lineno, models.RefundRequest(amount_cents=490, note="broken handle")
    assert [(__file__, line)] == [(warning.filename, warning.lineno) for warning in caught]


def test_the_deprecated_note_still_works(client: Client) -> None:
    """It is sent, the emulator takes it, and neither sending nor taking it warns again."""
    with pytest.warns(DeprecationWarning, match="note"):
        body = models.RefundRequest(amount_cents=490, note="broken handle")
    assert {"amount_cents": 490, "note": "broken handle"} == json.loads(codec.encode(body))
    assert 490 == create_refund.sync(SAMPLE_ORDER, client=client, body=body).amount_cents


def test_a_fulfilled_order_is_refunded_instead_of_cancelled(client: Client) -> None:
    """After the first fulfilment a cancellation is refused, and leaves the order as it was."""
    update_order.sync(SAMPLE_ORDER, client=client, body=FULFILLED)
    with pytest.raises(errors.Conflict) as caught:
        cancel_order.sync(SAMPLE_ORDER, client=client)
    assert "not_cancellable" == detail_of(caught.value).code
    assert models.OrderStatus.PAID is get_order.sync(SAMPLE_ORDER, client=client).status
    create_refund.sync(SAMPLE_ORDER, client=client, body=models.RefundRequest(amount_cents=3730))
    assert models.OrderStatus.REFUNDED is get_order.sync(SAMPLE_ORDER, client=client).status


@pytest.mark.parametrize("status", [status for status in models.OrderStatus if status != "cancelled"])
def test_a_cancellation_cannot_be_undone(client: Client, status: models.OrderStatus) -> None:
    """Not even by an update, which may set the status of any other order."""
    cancel_order.sync(SAMPLE_ORDER, client=client)
    with pytest.raises(errors.Conflict):
        update_order.sync(SAMPLE_ORDER, client=client, body=models.OrderUpdate(status=status))
    after = update_order.sync(SAMPLE_ORDER, client=client, body=UPDATE)
    assert (models.OrderStatus.CANCELLED, UPDATE.metadata) == (after.status, after.metadata)


def test_a_cancellation_sends_no_body() -> None:
    """As in the page's curl line: the method, the path and the key, and nothing else."""
    seen: list[httpx.Request] = []
    with answering(200, json.dumps(order_json()).encode(), seen) as client:
        call("cancelOrder", client)
    assert ("POST", "/v1/orders/order_01HXY8/cancel", b"") == (seen[0].method, seen[0].url.path, seen[0].content)
    assert "Bearer zk_mock" == seen[0].headers["authorization"]
    assert "content-type" not in seen[0].headers


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("content", [b"{}", b'{"object": "refund", "value": 1}'])
def test_an_unfamiliar_answer_to_a_refund_is_still_a_success(status: int, content: bytes) -> None:
    """No field of it is published, so none is required: what was done must not pass for a failure."""
    with answering(status, content) as client:
        response = call("createRefund", client)
    assert (models.Refund(), ()) == (response.parsed, response.deviations)


@pytest.mark.parametrize("name", POSTS)
def test_a_success_that_cannot_be_read_says_that_it_was_one(name: str) -> None:
    """The error bears the status, by which a caller knows that the operation was done."""
    with answering(200, b"[]") as client, pytest.raises(errors.DecodeError) as caught:
        call(name, client)
    assert (name, 200, b"[]") == (caught.value.operation, caught.value.status_code, caught.value.content)


def test_a_refund_with_a_wrong_field_is_read_without_it() -> None:
    """It is left unset and reported, to the client's `on_deviation` too."""
    told: list[tuple[str, str]] = []

    def tell(name: str, deviation: Deviation) -> None:
        told.append((name, str(deviation)))

    client = answering(201, b'{"id": "refund_1", "amount_cents": "1490"}')
    with attrs.evolve(client, on_deviation=tell) as client:
        response = call("createRefund", client)
    assert models.Refund(id="refund_1") == response.parsed
    assert [("createRefund", "$.amount_cents: expected int, got str")] == told
    assert ["$.amount_cents"] == [deviation.path for deviation in response.deviations]


# What an order may look like


@pytest.mark.parametrize("fulfilment", ["shipped", {"carrier": "DHL", "parcels": [1, 2]}, ["a"], 3, True, None])
def test_a_fulfilment_is_any_json(client: Client, fulfilment: Any) -> None:
    """Its vocabulary is not published: it is sent, kept and read as it is."""
    updated = update_order.sync(SAMPLE_ORDER, client=client, body=models.OrderUpdate(fulfilment=fulfilment))
    assert fulfilment == updated.fulfilment == get_order.sync(SAMPLE_ORDER, client=client).fulfilment


@pytest.mark.parametrize("customer_id", ["cust_01HXY6", None, UNSET])
def test_a_customer_may_be_unknown(customer_id: Any) -> None:
    """The id is absent or null then, and each is written as it was read."""
    order = read_order(customer_id=customer_id)
    assert customer_id == order.customer_id
    assert order_json(customer_id=customer_id) == json.loads(codec.encode(order))


def test_a_line_item_may_have_other_fields_than_was_guessed() -> None:
    """That there are a name, a price and so on is published, the names of the fields are not."""
    assert [models.LineItem(quantity=2)] == read_order(
        line_items=[{"title": "Mug", "price": 1490, "quantity": 2}]
    ).line_items


@pytest.mark.parametrize("name", ANSWERED_WITH_ORDER)
@pytest.mark.parametrize("field", DOCUMENT.schemas["Order"]["required"])
def test_an_order_without_a_field_of_the_page_is_no_order(name: str, field: str) -> None:
    """Nothing is made up for it; the error names the field."""
    content = json.dumps(order_json(**{field: UNSET})).encode()
    with answering(200, content) as client, pytest.raises(errors.DecodeError, match=f"missing required field {field}"):
        call(name, client)


@pytest.mark.parametrize("field", [name for name in DOCUMENT.schemas["Order"]["required"] if name.endswith("_cents")])
@pytest.mark.parametrize("value", [37.3, "3730", None, True])
def test_an_amount_is_an_integer(field: str, value: Any) -> None:
    """Minor units have no fraction, and money is never guessed from another type."""
    with pytest.raises(errors.DecodeError, match=field):
        read_order(**{field: value})


def test_an_unknown_status_is_kept() -> None:
    """As a member of the open enum: equal by value, hashable, picklable, printed as it came, and not known."""
    status = read_order(status="on_hold").status
    assert isinstance(status, models.OrderStatus)
    assert not status.is_known
    assert ("on_hold", "on_hold", "on_hold") == (status, str(status), status.value)
    assert models.OrderStatus("on_hold") == status != models.OrderStatus("on_its_way")
    assert {status: 1} == {models.OrderStatus("on_hold"): 1} == {"on_hold": 1}
    kept = pickle.loads(pickle.dumps(status))
    assert (models.OrderStatus, status, False) == (type(kept), kept, kept.is_known)


def test_an_unknown_status_leaves_the_vocabulary_as_it_is() -> None:
    """It is no deviation, it is written as it was read, and the published words are those of before."""
    before = list(models.OrderStatus)
    content = json.dumps(order_json(status="on_hold")).encode()
    response = get_order.read_response(200, {}, content)
    assert () == response.deviations
    assert json.loads(content) == json.loads(codec.encode(response.parsed))
    assert before == list(models.OrderStatus)
    assert models.OrderStatus.PAID is models.OrderStatus("paid")


def test_an_unknown_word_elsewhere_is_kept_as_well() -> None:
    """Who calculated a tax, why an order was refunded, and which event an endpoint wants."""
    words = (
        read_order(tax_calculation_source="vertex").tax_calculation_source,
        create_refund.read_response(201, {}, b'{"reason": "goodwill"}').parsed.reason,
        create_webhook_endpoint.read_response(201, {}, b'{"events": ["cart.created"]}').parsed.events,
    )
    assert ("vertex", "goodwill", ["cart.created"]) == words


def test_an_order_id_is_one_segment_of_the_path() -> None:
    """Whatever it holds is percent-encoded once."""
    assert "/v1/orders/a%2Fb%3F%252e" == get_order.build_request("a/b?%2e").path


@pytest.mark.parametrize("name", WITH_ORDER)
@pytest.mark.parametrize("order_id", ["", ".", "..", "a\nb", "a\0b"])
def test_an_id_that_would_lead_elsewhere_is_not_sent(name: str, order_id: str) -> None:
    """An empty one would make a list of it, and `..` another resource."""
    module, _, named = OPERATIONS[name]
    with pytest.raises(errors.InvalidRequest):
        module.build_request(order_id, **named)


def test_the_address_is_the_pages() -> None:
    """Refunds, the curl line; there is no other one."""
    assert ["https://api.zephyrcart.io"] == [str(server) for server in Server]
    assert Server.PRODUCTION == Client().base_url


# The credentials


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_key_nothing_is_sent(emulator: Emulator, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """The client says so before it opens a connection."""
    with (
        Client(base_url=f"{emulator.address}/zephyr") as client,
        pytest.raises(errors.MissingCredentials, match=f"{name} needs api_key"),
    ):
        call(name, client, asynchronous=asynchronous)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_key_goes_as_a_bearer_token(name: str) -> None:
    """On every operation, and in no other place of the request."""
    seen: list[httpx.Request] = []
    with answering(500, b"", seen) as client, pytest.raises(errors.ServerError):
        call(name, client)
    assert "Bearer zk_mock" == seen[0].headers.pop("authorization")
    assert b"zk_mock" not in str((seen[0].url, seen[0].headers)).encode() + seen[0].content


def shown(value: object) -> str:
    """Return every form in which a value may reach a log or a disk."""
    return f"{value!r} {value} {pickle.dumps(value)!r}"


def test_a_client_does_not_show_its_key() -> None:
    """Neither by repr, nor by str, nor in a pickle, which comes back without it."""
    client = Client(api_key="hush-hush", headers={"x-also": "hush-hush"})
    assert "hush-hush" not in shown(client)
    with pytest.raises(errors.SecretLost):
        call("getOrder", pickle.loads(pickle.dumps(client)))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_error_does_not_show_the_key(emulator: Emulator, name: str) -> None:
    """Nor does its traceback."""
    with (
        Client(base_url=f"{emulator.address}/zephyr", api_key="hush-hush") as client,
        pytest.raises(errors.Unauthorized) as caught,
    ):
        call(name, client)
    assert "hush-hush" not in shown(caught.value) + "".join(traceback.format_exception(caught.value))
    assert name in str(caught.value)


def test_a_failed_connection_does_not_show_the_key() -> None:
    """The error of the transport is our own, without another library's frames below it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with (
        Client(api_key="hush-hush", transport=httpx.MockTransport(fail)) as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        call("createRefund", client)
    assert (True, None, None) == (caught.value.nothing_sent, caught.value.__cause__, caught.value.__context__)
    assert "hush-hush" not in shown(caught.value)


ENDPOINT_ANSWER = b'{"id": "we_1", "url": "https://a.example", "signing_secret": "whsec_hush-hush"}'


def test_a_signing_secret_is_masked_until_it_is_asked_for() -> None:
    """In the model and in the whole answer, which has the raw body; `reveal()` gives the string."""
    response = create_webhook_endpoint.read_response(201, {}, ENDPOINT_ANSWER)
    secret = response.parsed.signing_secret
    assert isinstance(secret, Secret)
    assert "whsec_hush-hush" == secret.reveal()
    assert ("**********", "Secret('**********')") == (str(secret), repr(secret))
    assert "hush-hush" not in shown(response) + shown(response.parsed) + shown(secret)
    assert "https://a.example" in shown(response.parsed)


def test_a_signing_secret_is_written_as_it_was_read() -> None:
    """Encoding a model is for the wire, so the string is in it."""
    endpoint = create_webhook_endpoint.read_response(201, {}, ENDPOINT_ANSWER).parsed
    assert json.loads(ENDPOINT_ANSWER) == json.loads(codec.encode(endpoint))


def test_a_pickled_endpoint_lost_its_secret_and_nothing_else() -> None:
    """It comes back, and asking for the secret says what happened."""
    endpoint = create_webhook_endpoint.read_response(201, {}, ENDPOINT_ANSWER).parsed
    kept: models.WebhookEndpoint = pickle.loads(pickle.dumps(endpoint))
    assert msgspec.structs.replace(endpoint, signing_secret=Secret(None)) == kept
    assert kept.signing_secret
    with pytest.raises(errors.SecretLost):
        kept.signing_secret.reveal()


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (409, b'{"error": {"code": "no"}, "endpoint": {"signing_secret": "whsec_hush-hush"}}'),
        (502, b"<p>whsec_hush-hush</p>"),
        (201, b'{"signing_secret": "whsec_hush-hush"'),
        (201, b'[{"signing_secret": "whsec_hush-hush"}]'),
    ],
    ids=["a conflict", "no JSON", "a cut body", "a list"],
)
def test_an_error_does_not_show_a_signing_secret_that_the_body_repeats(status: int, content: bytes) -> None:
    """Nor does its traceback or its pickle."""
    with answering(status, content) as client, pytest.raises(errors.ZephyrError) as caught:
        call("createWebhookEndpoint", client)
    assert "hush-hush" not in shown(caught.value) + "".join(traceback.format_exception(caught.value))


def test_no_log_shows_a_secret(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """At the lowest level and of every logger, httpx's own among them."""
    caplog.set_level(logging.DEBUG)
    secret = call("createWebhookEndpoint", client).parsed.signing_secret.reveal()
    assert caplog.records
    assert secret not in caplog.text
    assert CREDENTIALS["api_key"] not in caplog.text


# The events


@pytest.mark.parametrize("event", DOCUMENT.events, ids=lambda event: event.path)
def test_the_documents_example_of_an_event_is_read(event: Any) -> None:
    """It is of the event's own type, and is written again key for key."""
    example = event.node["requestBody"]["content"]["application/json"]["example"]
    read, deviations = events.read_event(json.dumps(example).encode())
    assert (getattr(models, event.body.name), event.path, ()) == (type(read), read.type, deviations)
    assert example == json.loads(codec.encode(read))


def test_there_is_a_type_for_each_event_that_an_endpoint_can_ask_for() -> None:
    """The names of the events are the words of `EventType`."""
    assert [event.path for event in DOCUMENT.events] == [word.value for word in models.EventType]


@pytest.mark.parametrize("name", list(models.EventType))
def test_an_event_needs_its_name_and_its_order(name: models.EventType) -> None:
    """The rest of the envelope is a guess, and may be missing."""
    read, deviations = events.read_event(json.dumps({"type": name.value, "data": order_json()}).encode())
    assert (name, read_order(), UNSET, ()) == (read.type, read.data, read.id, deviations)


def test_an_event_may_tell_its_time_in_unix_seconds() -> None:
    """As the headers of its delivery do."""
    told = {"type": "order.created", "created_at": 1780142400, "data": order_json(placed_at=1780142399)}
    read, deviations = events.read_event(json.dumps(told).encode())
    assert (1780142400, 1780142399, ()) == (read.created_at, read.data.placed_at, deviations)


def test_a_partial_refund_is_an_event_too() -> None:
    """The order says that it was a part."""
    read, _ = events.read_event(
        json.dumps({"type": "order.refunded", "data": order_json(status="partially_refunded")}).encode()
    )
    assert isinstance(read, models.OrderRefunded)
    assert models.OrderStatus.PARTIALLY_REFUNDED is read.data.status


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"type=order.created",
        b"[]",
        b"{}",
        b'{"type": "order.created"}',
        b'{"type": "order.created", "data": {"id": "order_01HXY8"}}',
        json.dumps({"type": "order.lost", "data": order_json()}).encode(),
        json.dumps({"data": order_json()}).encode(),
        b"\xff",
    ],
)
def test_another_body_is_no_event(content: bytes) -> None:
    """An event without its name, without its whole order or of another kind is not guessed at."""
    with pytest.raises(errors.DecodeError):
        events.read_event(content)
