"""What ZephyrCart refunds and cancels, what its answers to that may look like, and what an idempotency key does."""

from __future__ import annotations

import inspect
import json
from typing import Any

import attrs
import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux_zephyr import UNSET, Client, Deviation, codec, errors, models
from ordermux_zephyr.api.orders import cancel_order, create_refund, get_order, update_order
from support.clients import SYNC_AND_ASYNC
from support.zephyr_package import (
    FULFILLED,
    OPERATIONS,
    OTHER_REFUND,
    REFUND,
    UPDATE,
    answering,
    call,
    detail_of,
    ids_by_status,
    order_json,
)

POSTS = ["createRefund", "cancelOrder", "createWebhookEndpoint"]


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
