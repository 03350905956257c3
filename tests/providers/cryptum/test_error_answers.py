"""The errors that Cryptum gives, each with what leads to it."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux_cryptum import Client, codec, errors, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order
from support.cryptum_package import OPERATIONS, ORDER, REQUEST_BODY, STORE, answering, call, raw


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_wrong_key_is_unauthorized(emulator: Emulator, operation: str) -> None:
    """Every operation asks for the key; the error is a word beside a message."""
    arguments: dict[str, Any] = {**emulator.client_kwargs("cryptum"), "api_key": "ck_wrong"}
    with Client(**arguments) as client, pytest.raises(errors.Unauthorized) as caught:
        call(operation, client)
    assert (operation, 401) == (caught.value.operation, caught.value.status_code)
    assert models.Error(error="unauthorized", message="The credential is missing or not valid.") == caught.value.error


def test_a_call_without_any_credential_is_unauthorized(client: Client) -> None:
    """The typed client does not even send it, so this is plain HTTP."""
    with httpx.Client(trust_env=False) as http:
        assert 401 == http.get(f"{client.base_url}/orders/{ORDER}").status_code


@pytest.mark.parametrize("operation", ["updateOrder", "getOrder"])
def test_an_order_that_is_not_there_is_not_found(client: Client, operation: str) -> None:
    """The error is an object inside `error`."""
    with pytest.raises(errors.NotFound) as caught:
        if operation == "getOrder":
            get_order.sync("no-such-order", client=client)
        else:
            update_order.sync("no-such-order", client=client, body=models.OrderUpdate())
    detail = models.ErrorDetail(message="There is no such order.", code="not_found")
    assert models.Error(error=detail) == caught.value.error
    assert "The call was refused. Which status means what is not published." == caught.value.meaning


@pytest.mark.parametrize("operation", ["createOrder", "listOrders"])
def test_a_store_that_is_not_there_is_not_found(client: Client, operation: str) -> None:
    """A create and a list both name a store."""
    with pytest.raises(errors.NotFound) as caught:
        if operation == "createOrder":
            body, _ = codec.decode(json.dumps({**REQUEST_BODY, "store": "nope"}).encode(), models.OrderRequest)
            create_order.sync(client=client, body=body)
        else:
            list_orders.sync(client=client, store_id="nope")
    detail = models.ErrorDetail(message="There is no such store.", code="not_found")
    assert models.Error(error=detail) == caught.value.error


@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param({"orderTotal": "a lot"}, "orderTotal must be a number in a string", id="no number"),
        pytest.param({"orderTotal": "-25.40"}, "orderTotal must be a number in a string", id="negative"),
        pytest.param({"orderTotal": "1e3"}, "orderTotal must be a number in a string", id="exponent"),
        pytest.param({"ecommerceType": "shopify"}, "no such ecommerceType: shopify", id="another shop"),
        pytest.param({"paymentStatus": "confirmed"}, "a new order cannot be confirmed", id="confirmed"),
        pytest.param({"paymentStatus": "failed"}, "a new order cannot be failed", id="failed"),
    ],
)
def test_a_create_with_a_value_that_is_not_allowed_is_a_bad_request(
    client: Client, members: dict[str, str], message: str
) -> None:
    """The error is a message and a code, and nothing was created."""
    body, _ = codec.decode(json.dumps({**REQUEST_BODY, **members}).encode(), models.OrderRequest)
    with pytest.raises(errors.BadRequest) as caught:
        create_order.sync(client=client, body=body)
    assert models.Error(message=message, code="invalid_request") == caught.value.error
    assert 7 == list_orders.sync(client=client, store_id=STORE).total


@pytest.mark.parametrize("missing", [*REQUEST_BODY, "deliveryInfo.firstName", "deliveryInfo.country"])
def test_each_required_field_of_a_create_is_required(client: Client, missing: str) -> None:
    """The typed request cannot leave one out, so this is plain HTTP."""
    body = copy.deepcopy(REQUEST_BODY)
    inner, _, member = missing.rpartition(".")
    del (body[inner] if inner else body)[member]
    status, answer = raw(client, "POST", "/orders/checkout", body)
    assert (400, {"message", "code"}) == (status, set(answer))
    assert member in answer["message"]


def test_an_amount_that_is_no_string_is_a_bad_request(client: Client) -> None:
    """A number of JSON is refused, in an order and in an update."""
    status, _ = raw(client, "POST", "/orders/checkout", {**REQUEST_BODY, "orderTotal": 25.4})
    assert 400 == status
    status, _ = raw(client, "PUT", f"/checkout/{ORDER}", {"convertedTotal": 42.82})
    assert 400 == status


def test_a_list_without_a_store_is_a_bad_request(client: Client) -> None:
    """`storeId` is the one parameter that has to be there."""
    assert (400, {"message": "storeId is required", "code": "invalid_request"}) == raw(client, "GET", "/orders/")


@pytest.mark.parametrize(
    "parameter",
    ["limit=-1", "limit=1.5", "offset=x", "paymentStatus=paid", "startDate=soon", "endDate=2026-02-30", "withTotal=1"],
)
def test_a_parameter_that_makes_no_sense_is_a_bad_request(client: Client, parameter: str) -> None:
    """The message names it."""
    status, answer = raw(client, "GET", f"/orders/?storeId={STORE}&{parameter}")
    assert (400, "invalid_request") == (status, answer["code"])
    assert parameter.partition("=")[0] in answer["message"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, errors.Forbidden),
        (409, errors.Conflict),
        (422, errors.UnprocessableEntity),
        (429, errors.TooManyRequests),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (418, errors.UnexpectedStatus),
    ],
)
def test_a_status_that_the_emulator_never_gives_has_its_class_too(status: int, kind: type[errors.StatusError]) -> None:
    """The page names no status; 400 and above is an error, with the document's word on its hundred."""
    with answering(status, b'{"message": "Order not found", "code": 7}') as client, pytest.raises(kind) as caught:
        get_order.sync(ORDER, client=client)
    assert kind is type(caught.value)
    assert models.Error(message="Order not found", code=7) == caught.value.error
    assert caught.value.meaning


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"message": "no", "code": "c"}, models.Error(message="no", code="c")),
        ({"message": "no"}, models.Error(message="no")),
        ({"error": "not_found", "message": "no"}, models.Error(error="not_found", message="no")),
        (
            {"error": {"message": "no", "code": "c"}},
            models.Error(error=models.ErrorDetail(message="no", code="c")),
        ),
    ],
)
def test_each_known_shape_of_an_error_is_read(body: dict[str, Any], error: models.Error) -> None:
    """The three shapes that the plugin's source and the fact sheet know."""
    with pytest.raises(errors.NotFound) as caught:
        get_order.read_response(404, {}, json.dumps(body).encode())
    assert error == caught.value.error


def test_an_error_that_is_no_json_is_still_its_class() -> None:
    """A page of a proxy has no body to decode."""
    with pytest.raises(errors.ServerError) as caught:
        get_order.read_response(502, {}, b"<html>Bad gateway</html>")
    assert caught.value.error is None
