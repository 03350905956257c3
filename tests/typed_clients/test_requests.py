"""The pure half of an operation: what is asked, before anything is sent."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest

import ordermux_zephyr
from ordermux_zephyr import Client, Request, codec, errors, models
from ordermux_zephyr.api.orders import create_refund, get_order


@pytest.mark.parametrize("order_id", ["", ".", "..", "a\rb", "a\nb", "a\0b", "\ud800", 7.5, None])
def test_an_id_that_would_reach_something_else_is_refused(order_id: Any) -> None:
    """Before anything is sent."""
    with pytest.raises(errors.InvalidRequest):
        get_order.build_request(order_id)


@pytest.mark.parametrize(
    ("order_id", "path"),
    [
        ("a/b", "a%2Fb"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c d", "a%3Fb%23c%20d"),
        ("...", "..."),
        ("ordér…", "ord%C3%A9r%E2%80%A6"),
    ],
)
def test_an_id_is_one_segment_encoded_once(emulator: Any, order_id: str, path: str) -> None:
    """What is sent is what was asked for: the emulator finds the very order."""
    emulator.state("zephyr").add(emulator.world, id=order_id)
    assert f"/v1/orders/{path}" == get_order.build_request(order_id).path
    with Client(**emulator.client_kwargs("zephyr")) as client:
        assert order_id == get_order.sync(order_id, client=client).id


def test_a_header_cannot_be_broken_out_of() -> None:
    """A key with a line break would be a second header."""
    with pytest.raises(errors.InvalidRequest, match="Idempotency-Key"):
        create_refund.build_request("o", body=models.RefundRequest(amount_cents=1), idempotency_key="k\r\nx: y")


@pytest.mark.parametrize("value", [object(), "\ud800", {1j: 2}])
def test_a_body_that_is_no_json_is_refused(value: Any) -> None:
    """As our error, before anything is sent."""
    with pytest.raises(errors.InvalidRequest, match="cannot be sent as JSON"):
        create_refund.build_request("o", body=models.RefundRequest(amount_cents=1, metadata={"value": value}))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (models.RefundRequest(amount_cents=ordermux_zephyr.UNSET), "missing required field amount_cents"),  # type: ignore[arg-type]
        (models.RefundRequest(amount_cents="14"), r"\$\.amount_cents: expected int, got str"),  # type: ignore[arg-type]
        (None, "expected object, got null"),
        ([1], "expected object, got array"),
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(body: Any, problem: str) -> None:
    """What a refund without an amount would be is anybody's guess."""
    with pytest.raises(errors.InvalidRequest, match=problem):
        create_refund.build_request("o", body=body)


@pytest.mark.parametrize("value", [float("inf"), {"deep": [float("-inf")]}, (float("nan"),), Decimal("NaN")])
def test_a_number_that_json_has_no_form_for_is_refused(value: Any) -> None:
    """It would be sent as null; a real null is sent."""
    with pytest.raises(errors.InvalidRequest, match=r"has no form in JSON|non-finite"):  # as msgspec says it
        codec.encode({"value": value})
    assert b'{"value":null}' == codec.encode({"value": None})


def test_a_request_is_plain_data() -> None:
    """Whoever brings their own I/O has all there is to send, credentials apart."""
    expected = Request(
        operation="createRefund",
        method="POST",
        path="/v1/orders/order_01HXY8/refunds",
        headers=(("content-type", "application/json"), ("Idempotency-Key", "k")),
        content=b'{"amount_cents":1490,"reason":"duplicate"}',
        security=(("api_key",),),
    )
    body = models.RefundRequest(amount_cents=1490, reason=models.RefundReason.DUPLICATE)
    assert expected == create_refund.build_request("order_01HXY8", body=body, idempotency_key="k")


def test_a_request_is_not_pickled() -> None:
    """Its body may hold secrets."""
    with pytest.raises(TypeError, match="is not pickled"):
        pickle.dumps(get_order.build_request("o"))
