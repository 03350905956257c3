"""The errors that ZephyrCart's emulator gives, each with what leads to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux_zephyr import Client, errors, models
from ordermux_zephyr.api.orders import cancel_order, create_refund
from support.clients import SYNC_AND_ASYNC
from support.zephyr_package import (
    DOCUMENT,
    ENDPOINT,
    FULFILLED,
    KEY,
    OPERATIONS,
    OTHER_REFUND,
    REFUND,
    WITH_ORDER,
    answering,
    call,
    detail_of,
    ids_by_status,
)


def send(client: Client, name: str, content: bytes = b"", query: tuple[tuple[str, str], ...] = ()) -> Any:
    """Send an operation with a body or a query that the typed functions would not make."""
    module, arguments, named = OPERATIONS[name]
    request = module.build_request(*arguments, **named)
    return client.send(attrs.evolve(request, content=content or None, query=query), module.read_response)


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
