"""ordermux-cryptum: the page's samples, every operation against the emulator, and what is odd about Cryptum."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux_cryptum import UNSET, Client, Deviation, Response, Secret, Server, codec, errors, events, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order
from ordermux_cryptum.api.stores import verify_store

STORE = "a8f9...9f32"
ORDER = "f701...672e"
TOKEN = "eyJhbG...5m4"  # the sample order's session token, as the page prints it
PAGE = "https://docs.cryptum.io/english/products/crypto-checkout/checkout-api/orders/handling-orders"

NOTIFICATION = """{
  "message": "Payment was successful",
  "status": "confirmed",
  "orderId": "0da30...f53b37",
  "ecommerceOrderId": "2",
  "storeId": "3ac0...ad4e9e",
  "transactions": [{"protocol": "CELO", "hash": "0x7a9c9...39517d3d"}],
  "updatedProducts": null
}"""

SINGLE = """{
  "callbackUrl": "http://...",
  "sessionToken": "eyJhbG...5m4",
  "id": "f701...672e",
  "ecommerceOrderId": "103",
  "ecommerce": "api",
  "orderTotal": "25.40",
  "orderCurrency": "USD",
  "storeMarkupPercentage": "0",
  "storeDiscountPercentage": "0",
  "cancelReturnUrl": "http://...",
  "successReturnUrl": "http://...",
  "deliveryInfo": {"firstName": "...", "lastName": "...", "email": "email@mail.com", "country": "AR"},
  "store": {
    "id": "a8f9...9f32",
    "name": "...",
    "email": "email@mail.com",
    "apiKeyId": "",
    "segment": "",
    "userId": "",
    "wallets": [],
    "storeUrl": "",
    "storeDiscountPercentage": "0",
    "storeMarkupPercentage": "0",
    "createdAt": "202...Z"
  },
  "marketRates": {
    "BRL": "1.00",
    "USD": "0.19",
    "EUR": "0.17",
    "JPY": "25.19",
    "BTC": "0.00000791",
    "ETH": "0.00011354",
    "XLM": "2.4025",
    "XRP": "0.519459",
    "BNB": "0.00061351",
    "MDA": "3.844",
    "CELO": "0.32033333",
    "HTR": "2.74",
    "ADA": "0.549142",
    "AVAX": "0.01150898",
    "MATIC": "0.16016667",
    "SOL": "0.009048964"
  }
}"""

# Substitution: the page prints `"marketRates": { ... }`, which is no JSON; two of the single order's rates stand here.
LISTED = """{
  "total": 1,
  "orders": [
    {
      "id": "f70...1672e",
      "store": "a8f9...9f32",
      "sessionToken": "eyJhbG..uP5m4",
      "ecommerceOrderId": "103",
      "ecommerce": "api",
      "orderTotal": "25.40",
      "orderCurrency": "USD",
      "storeMarkupPercentage": "0",
      "storeDiscountPercentage": "0",
      "cancelReturnUrl": "http://...",
      "successReturnUrl": "http://...",
      "deliveryInfo": {
        "firstName": "...",
        "lastName": "...",
        "email": "email@gmail.com",
        "city": "...",
        "country": "...",
        "zip": "...",
        "address": "...",
        "complement": "...",
        "state": "..."
      },
      "callbackUrl": "http://...",
      "marketRates": {"BRL": "1.00", "USD": "0.19"}
    }
  ]
}"""

REQUEST = models.OrderRequest(
    ecommerce_order_id="103",
    ecommerce_type=models.EcommerceType.API,
    order_total="25.40",
    order_currency="USD",
    callback_url="https://shop.example/callbacks/cryptum",
    store=STORE,
    delivery_info=models.DeliveryInfoRequest(
        first_name="Ana", last_name="Suarez", email="email@mail.com", country="AR"
    ),
)
REQUEST_BODY: dict[str, Any] = json.loads(codec.encode(REQUEST))
VERIFICATION = models.StoreVerificationRequest(
    store_id=STORE, plugin="checkout", ecommerce_type=models.EcommerceType.WORDPRESS
)
"""As Cryptum's own plugin sends it."""


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client of the emulator."""
    with Client(**emulator.client_kwargs("cryptum")) as client:
        yield client


def raw(client: Client, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Send what the typed client cannot; return the status and the body."""
    headers = {"x-api-key": "ck_test_emulator", **headers}
    with httpx.Client(trust_env=False) as http:
        answer = http.request(method, client.base_url + path, json=body, headers=headers)
    return answer.status_code, answer.json()


def answering(status: int, content: bytes) -> Client:
    """Return a client whose every call is answered so, for what the emulator never says."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    return Client(api_key="ck_mock", transport=transport)


def changed(sample: str, **members: Any) -> bytes:
    """Return a sample with other members; `None` leaves one out."""
    body: dict[str, Any] = {**json.loads(sample), **members}
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


# The page's samples


@pytest.mark.parametrize(
    ("kind", "sample"),
    [
        pytest.param(models.OrderNotification, NOTIFICATION, id=f"{PAGE}#Create Order, as the callback"),
        pytest.param(models.OrderCreated, NOTIFICATION, id=f"{PAGE}#Create Order, as the answer"),
        pytest.param(models.Order, SINGLE, id=f"{PAGE}#Get Order"),
        pytest.param(models.OrderCreated, SINGLE, id=f"{PAGE}#Get Order, as the answer to a create"),
        pytest.param(models.OrderList, LISTED, id=f"{PAGE}#Get Multiple Orders"),
    ],
)
def test_a_sample_of_the_page_goes_through_the_models_key_for_key(kind: type[Any], sample: str) -> None:
    """It decodes without a deviation and encodes to the same JSON; no sample has a whole time, so none is rewritten."""
    parsed, deviations = codec.decode(sample.encode(), kind)
    assert () == deviations
    assert isinstance(parsed, kind)
    assert json.loads(sample) == json.loads(codec.encode(parsed))


def test_a_fresh_emulator_answers_with_the_pages_order(client: Client) -> None:
    """The sample of Get Order comes over the wire as the page prints it."""
    answer = get_order.sync_detailed(ORDER, client=client)
    assert json.loads(SINGLE) == json.loads(answer.content)
    assert () == answer.deviations


def test_a_fresh_emulator_lists_the_pages_order(client: Client) -> None:
    """The sample of Get Multiple Orders is in the list, apart from its rates, which the page leaves out."""
    listed = json.loads(list_orders.sync_detailed(client=client, store_id=STORE).content)
    sample = json.loads(LISTED)["orders"][0]
    found = next(order for order in listed["orders"] if order["id"] == sample["id"])
    assert {**sample, "marketRates": found["marketRates"]} == found


# Every operation


def test_an_order_is_created(client: Client) -> None:
    """The answer has the order's id, its session token and the status that a payment starts with."""
    answer = create_order.sync_detailed(client=client, body=REQUEST)
    created = answer.parsed
    assert (201, ()) == (answer.status_code, answer.deviations)
    assert created.id
    assert created.session_token
    assert models.PaymentStatus.PENDING is created.payment_status
    assert ("103", "25.40", "USD") == (created.ecommerce_order_id, created.order_total, created.order_currency)
    assert models.EcommerceType.API is created.ecommerce


def test_a_created_order_is_read_back(client: Client) -> None:
    """What was sent is there when the order is fetched, under the name `ecommerce` for its type."""
    created = create_order.sync(client=client, body=REQUEST)
    assert created.id
    order = json.loads(codec.encode(get_order.sync(created.id, client=client)))
    sent = {**REQUEST_BODY, "ecommerce": REQUEST_BODY["ecommerceType"]}
    del sent["ecommerceType"], sent["store"]
    assert sent == {name: order[name] for name in sent}
    assert STORE == order["store"]["id"]


def test_an_order_may_start_on_hold(client: Client) -> None:
    """`on-hold` is the other status that a create takes, and the return addresses are kept."""
    body: dict[str, Any] = {**REQUEST_BODY, "paymentStatus": "on-hold", "successReturnUrl": "https://shop.example/ok"}
    request, _ = codec.decode(json.dumps(body).encode(), models.OrderRequest)
    created = create_order.sync(client=client, body=request)
    assert models.PaymentStatus.ON_HOLD is created.payment_status
    assert "https://shop.example/ok" == created.success_return_url


def test_an_update_sets_what_it_names(emulator: Emulator, client: Client) -> None:
    """The status shows in the order afterwards; the other values are taken, and no order shows them."""
    body = models.OrderUpdate(
        transaction_hash="0x7a9c9...39517d3d",
        payment_method="CELO",
        payment_status=models.SettablePaymentStatus.ON_HOLD,
        blockchain="CELO",
        converted_total="42.82",
    )
    update_order.sync(ORDER, client=client, body=body)
    assert models.PaymentStatus.ON_HOLD is get_order.sync(ORDER, client=client).payment_status
    kept = {
        "transactionHash": "0x7a9c9...39517d3d",
        "paymentMethod": "CELO",
        "blockchain": "CELO",
        "convertedTotal": "42.82",
    }
    assert kept == emulator.state("cryptum").payments[ORDER]


@pytest.mark.parametrize("status", models.SettablePaymentStatus)
def test_an_update_sets_each_settable_status_and_may_be_repeated(
    client: Client, status: models.SettablePaymentStatus
) -> None:
    """The values are absolute, so the same update twice leaves the same order."""
    body = models.OrderUpdate(payment_status=status)
    first = update_order.sync(ORDER, client=client, body=body)
    assert first == update_order.sync(ORDER, client=client, body=body)
    assert models.PaymentStatus(status.value) is get_order.sync(ORDER, client=client).payment_status


def test_an_update_without_a_status_leaves_it(client: Client) -> None:
    """What an update leaves out stays as it was."""
    update_order.sync(ORDER, client=client, body=models.OrderUpdate(payment_status=models.SettablePaymentStatus.FAILED))
    update_order.sync(ORDER, client=client, body=models.OrderUpdate(blockchain="CELO"))
    assert models.PaymentStatus.FAILED is get_order.sync(ORDER, client=client).payment_status


def test_a_list_comes_in_pages(client: Client) -> None:
    """`limit` and `offset` cut the list; the pages together are the list, and past its end there is nothing."""
    whole = list_orders.sync(client=client, store_id=STORE)
    pages = [list_orders.sync(client=client, store_id=STORE, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [3, 3, 1] == [len(page.orders) for page in pages]
    assert whole.orders == [order for page in pages for order in page.orders]
    assert {7} == {page.total for page in pages}
    assert [] == list_orders.sync(client=client, store_id=STORE, offset=7).orders


def test_a_list_holds_a_hundred_orders_unless_told(emulator: Emulator, client: Client) -> None:
    """The server's default limit is 100."""
    for _ in range(100):
        emulator.state("cryptum").add(emulator.world)
    page = list_orders.sync(client=client, store_id=STORE)
    assert (100, 107) == (len(page.orders), page.total)


@pytest.mark.parametrize("status", models.PaymentStatus)
def test_a_list_can_be_cut_down_to_a_payment_status(client: Client, status: models.PaymentStatus) -> None:
    """Each of the five words is a filter, `confirmed` too; an order without a status is in none."""
    page = list_orders.sync(client=client, store_id=STORE, payment_status=status)
    assert (1, [status]) == (page.total, [order.payment_status for order in page.orders])


def test_a_list_has_the_orders_of_one_store(client: Client) -> None:
    """The notification's order is in the list of its own store and in no other."""
    page = list_orders.sync(client=client, store_id="3ac0...ad4e9e")
    assert ["0da30...f53b37"] == [order.id for order in page.orders]
    assert {STORE} == {order.store for order in list_orders.sync(client=client, store_id=STORE).orders}


def test_a_store_is_verified_with_the_secret_of_its_callbacks(emulator: Emulator, client: Client) -> None:
    """The plugin compares it with the one that it was given; it is the account's, and masked."""
    account = next(each for each in emulator.accounts() if each.provider == "cryptum")
    store = verify_store.sync(client=client, body=VERIFICATION)
    assert store.webhook_secret
    assert account.webhook_secrets[0].reveal() == store.webhook_secret.reveal()
    assert store.webhook_secret.reveal() not in repr(store) + str(pickle.dumps(store))


@pytest.mark.parametrize(
    ("store", "kind", "message"),
    [
        ("nope", errors.NotFound, "There is no such store."),
        (STORE, errors.BadRequest, "Invalid store wallet configuration"),
    ],
)
def test_a_store_that_is_not_set_up_is_told(
    emulator: Emulator, client: Client, store: str, kind: type[errors.StatusError], message: str
) -> None:
    """By the messages that the plugin tells apart."""
    emulator.state("cryptum").unconfigured.append(STORE)
    with pytest.raises(kind) as caught:
        verify_store.sync(client=client, body=models.StoreVerificationRequest(store_id=store))
    error = caught.value.error
    assert error
    assert message == (error.error.message if isinstance(error.error, models.ErrorDetail) else error.message)


def test_every_operation_works_with_asyncio(emulator: Emulator) -> None:
    """The same calls, awaited, make the same things happen."""

    async def story() -> tuple[models.Order, models.OrderList]:
        async with Client(**emulator.client_kwargs("cryptum")) as client:
            created = await create_order.asyncio(client=client, body=REQUEST)
            assert created.id
            body = models.OrderUpdate(payment_status=models.SettablePaymentStatus.CANCELLED)
            await update_order.asyncio(created.id, client=client, body=body)
            page = await list_orders.asyncio(client=client, store_id=STORE, limit=1)
            return await get_order.asyncio(created.id, client=client), page

    order, page = asyncio.run(story())
    assert models.PaymentStatus.CANCELLED is order.payment_status
    assert ([order.id], 8) == ([listed.id for listed in page.orders], page.total)


def test_an_asyncio_call_can_return_the_whole_answer(emulator: Emulator) -> None:
    """`asyncio_detailed` of each operation gives status and deviations as well."""

    async def story() -> list[tuple[int, tuple[Deviation, ...]]]:
        async with Client(**emulator.client_kwargs("cryptum")) as client:
            answers: list[Response[Any]] = [
                await create_order.asyncio_detailed(client=client, body=REQUEST),
                await update_order.asyncio_detailed(ORDER, client=client, body=models.OrderUpdate()),
                await get_order.asyncio_detailed(ORDER, client=client),
                await list_orders.asyncio_detailed(client=client, store_id=STORE),
            ]
        return [(answer.status_code, answer.deviations) for answer in answers]

    assert [(201, ()), (200, ()), (200, ()), (200, ())] == asyncio.run(story())


# Errors


def _call(name: str, client: Client) -> Any:
    """Make a call of the operation that would be right on its own."""
    calls: dict[str, Callable[[], Any]] = {
        "createOrder": lambda: create_order.sync(client=client, body=REQUEST),
        "updateOrder": lambda: update_order.sync(ORDER, client=client, body=models.OrderUpdate()),
        "getOrder": lambda: get_order.sync(ORDER, client=client),
        "listOrders": lambda: list_orders.sync(client=client, store_id=STORE),
        "verifyStore": lambda: verify_store.sync(client=client, body=VERIFICATION),
    }
    return calls[name]()


OPERATIONS = ["createOrder", "updateOrder", "getOrder", "listOrders", "verifyStore"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_wrong_key_is_unauthorized(emulator: Emulator, operation: str) -> None:
    """Every operation asks for the key; the error is a word beside a message."""
    arguments: dict[str, Any] = {**emulator.client_kwargs("cryptum"), "api_key": "ck_wrong"}
    with Client(**arguments) as client, pytest.raises(errors.Unauthorized) as caught:
        _call(operation, client)
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


# What is odd about Cryptum


@pytest.mark.parametrize("operation", [create_order, update_order, get_order, list_orders])
def test_a_body_with_error_is_an_error_whatever_its_status(operation: Any) -> None:
    """Cryptum's own plugin takes a 200 with `error` for an error."""
    with pytest.raises(errors.UnexpectedStatus) as caught:
        operation.read_response(200, {}, b'{"error": "not_found", "message": "Order not found"}')
    assert models.Error(error="not_found", message="Order not found") == caught.value.error


def test_the_paths_are_as_the_page_prints_them() -> None:
    """The update's has no `/orders`, unlike the others, and the list's ends in a slash."""
    assert "/orders/checkout" == create_order.build_request(body=REQUEST).path
    assert f"/checkout/{ORDER}" == update_order.build_request(ORDER, body=models.OrderUpdate()).path
    assert f"/orders/{ORDER}" == get_order.build_request(ORDER).path
    assert "/orders/" == list_orders.build_request(store_id=STORE).path


def test_the_answer_to_a_create_may_be_a_notification() -> None:
    """The page prints one there; the order's id is then in `order_id`, and nothing of an order is known."""
    created = create_order.read_response(200, {}, NOTIFICATION.encode()).parsed
    assert (UNSET, "0da30...f53b37") == (created.id, created.order_id)
    assert (UNSET, models.PaymentStatus.CONFIRMED) == (created.session_token, created.status)
    assert created.updated_products is None


def test_the_answer_to_a_create_may_have_neither_id() -> None:
    """Nothing in it is certain, so that even an empty object is read; what to make of it is the caller's affair."""
    created = create_order.read_response(201, {}, b"{}").parsed
    assert models.OrderCreated() == created
    assert (UNSET, UNSET) == (created.id, created.order_id)


def test_the_store_of_a_created_order_is_an_object_or_an_id() -> None:
    """Neither is shown for a create, so both are read."""
    whole = create_order.read_response(201, {}, SINGLE.encode()).parsed
    assert isinstance(whole.store, models.Store)
    assert STORE == create_order.read_response(201, {}, changed(SINGLE, store=STORE)).parsed.store


def test_the_store_is_an_object_in_one_order_and_an_id_in_a_list(client: Client) -> None:
    """The same order has it in two forms."""
    single = get_order.sync(ORDER, client=client)
    listed = next(order for order in list_orders.sync(client=client, store_id=STORE).orders if order.id == ORDER)
    assert STORE == single.store.id
    assert STORE == listed.store


def test_a_sample_order_has_no_payment_status(client: Client) -> None:
    """Neither sample shows one, so an order without is normal: `UNSET`, and no deviation."""
    assert UNSET is get_order.sync(ORDER, client=client).payment_status
    assert UNSET is get_order.sync("f70...1672e", client=client).payment_status


def test_confirmed_is_read_and_never_set(emulator: Emulator, client: Client) -> None:
    """A client's word for it is refused; the blockchain's makes it so."""
    word = models.SettablePaymentStatus("confirmed")
    assert not word.is_known
    with pytest.raises(errors.BadRequest) as caught:
        update_order.sync(ORDER, client=client, body=models.OrderUpdate(payment_status=word))
    message = "paymentStatus cannot be set to confirmed"
    assert models.Error(message=message, code="invalid_request") == caught.value.error
    assert UNSET is get_order.sync(ORDER, client=client).payment_status
    emulator.state("cryptum").confirm(ORDER)
    assert models.PaymentStatus.CONFIRMED is get_order.sync(ORDER, client=client).payment_status


def test_a_status_that_is_not_published_is_kept() -> None:
    """It is a word of the same type, not known, and no deviation."""
    answer = get_order.read_response(200, {}, changed(SINGLE, paymentStatus="refunded"))
    assert ("refunded", ()) == (answer.parsed.payment_status, answer.deviations)
    assert isinstance(answer.parsed.payment_status, models.PaymentStatus)
    assert not answer.parsed.payment_status.is_known


@pytest.mark.parametrize("content", [b"", b"null", b"true", b'"ok"', b"[]", b'{"updated": 1}'])
def test_an_update_may_answer_with_anything(content: bytes) -> None:
    """The page shows no answer, so any JSON, or nothing at all, is a success."""
    answer = update_order.read_response(200, {}, content)
    assert (json.loads(content or b"null"), ()) == (answer.parsed, answer.deviations)


def test_amounts_percentages_and_rates_are_strings(client: Client) -> None:
    """They come as they are written, so that nothing is rounded."""
    order = get_order.sync(ORDER, client=client)
    assert ("25.40", "0", "0") == (order.order_total, order.store_markup_percentage, order.store_discount_percentage)
    assert order.market_rates
    assert ("1.00", "0.00000791") == (order.market_rates["BRL"], order.market_rates["BTC"])


def test_a_rate_that_is_a_number_is_reported_and_left_out() -> None:
    """Rates may be missing, so the order is read without them, and the client tells of it."""
    told: list[tuple[str, str]] = []
    with answering(200, changed(SINGLE, marketRates={"BRL": 1.0})) as client:
        client.on_deviation = lambda operation, deviation: told.append((operation, deviation.path))
        order = get_order.sync(ORDER, client=client)
    assert (UNSET, "25.40") == (order.market_rates, order.order_total)
    assert [("getOrder", "$.marketRates[...]")] == told


@pytest.mark.parametrize("wrong", [{"orderTotal": 25.4}, {"orderTotal": None}, {"store": STORE}])
def test_an_order_that_is_wrong_in_a_required_place_is_refused(wrong: dict[str, Any]) -> None:
    """A total that is a number, a total that is missing, and a store that is not in the single order's form."""
    with pytest.raises(errors.DecodeError) as caught:
        get_order.read_response(200, {}, changed(SINGLE, **wrong))
    assert ("getOrder", 200) == (caught.value.operation, caught.value.status_code)


def test_a_customer_may_have_an_address(client: Client) -> None:
    """Only the list's sample shows it, yet a create takes it and the single order has it."""
    address = {"city": "Córdoba", "zip": "5000", "address": "Calle 1", "complement": "2 B", "state": "X"}
    body = copy.deepcopy(REQUEST_BODY)
    body["deliveryInfo"] |= address
    request, _ = codec.decode(json.dumps(body).encode(), models.OrderRequest)
    created = create_order.sync(client=client, body=request)
    assert created.id
    info = get_order.sync(created.id, client=client).delivery_info
    assert address == {name: getattr(info, name) for name in address}


def test_the_same_create_twice_makes_two_orders(client: Client) -> None:
    """There is no idempotency key, and the caller's own id need not be unique."""
    ids = {create_order.sync(client=client, body=REQUEST).id for _ in range(2)}
    assert 2 == len(ids)
    listed = list_orders.sync(client=client, store_id=STORE).orders
    assert ids <= {order.id for order in listed if order.ecommerce_order_id == "103"}


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        pytest.param({}, 7, id="nothing"),
        pytest.param({"with_total": True}, 7, id="withTotal"),
        pytest.param({"with_count": True}, 7, id="withCount"),
        pytest.param({"with_count": False, "with_total": True}, 7, id="one of the two"),
        pytest.param({"with_total": False}, UNSET, id="not withTotal"),
        pytest.param({"with_count": False, "with_total": False}, UNSET, id="neither"),
    ],
)
def test_the_total_may_be_missing(client: Client, asked: dict[str, Any], total: Any) -> None:
    """What the two parameters do is not stated; where they say no, the emulator leaves `total` out, and all is well."""
    page = list_orders.sync(client=client, store_id=STORE, limit=1, **asked)
    assert (total, 1) == (page.total, len(page.orders))


def test_a_list_can_be_cut_by_dates(emulator: Emulator, client: Client) -> None:
    """The formats are a guess: a date or a time, of the creation, which no order shows; an end takes its day in."""
    created = emulator.state("cryptum").created
    day = created[ORDER].date().isoformat()
    by_day = list_orders.sync(client=client, store_id=STORE, start_date=day, end_date=day)
    assert [ORDER] == [order.id for order in by_day.orders]
    after = (created[ORDER] + timedelta(seconds=1)).isoformat()
    later = list_orders.sync(client=client, store_id=STORE, start_date=after).orders
    earlier = list_orders.sync(client=client, store_id=STORE, end_date=after).orders
    assert ([ORDER], 6) == ([order.id for order in earlier], len(later))
    without_zone = list_orders.sync(client=client, store_id=STORE, end_date=after.replace("+00:00", ""))
    assert earlier == without_zone.orders


def test_production_and_test_are_known() -> None:
    """The page names the one address, the plugin the other."""
    assert ["https://api.cryptum.io/plugins", "https://api-hml.cryptum.io/plugins"] == [str(at) for at in Server]
    assert Server.PRODUCTION == Client().base_url


# Credentials


def test_an_orders_own_token_opens_it(emulator: Emulator, client: Client) -> None:
    """Of a new order too; the token goes into the client as it comes out of the answer."""
    created = create_order.sync(client=client, body=REQUEST)
    assert created.id
    assert created.session_token
    base_url = emulator.client_kwargs("cryptum")["base_url"]
    for order_id, token in ((ORDER, TOKEN), (created.id, created.session_token)):
        with Client(base_url=base_url, session_token=token) as customer:
            assert order_id == get_order.sync(order_id, client=customer).id


@pytest.mark.parametrize("order_id", ["f70...1672e", "no-such-order"])
def test_a_token_opens_no_other_order(emulator: Emulator, order_id: str) -> None:
    """Another order and one that is not there look the same to it."""
    base_url = emulator.client_kwargs("cryptum")["base_url"]
    with Client(base_url=base_url, session_token=TOKEN) as customer, pytest.raises(errors.Unauthorized):
        get_order.sync(order_id, client=customer)


@pytest.mark.parametrize(("method", "path"), [("GET", f"/orders/?storeId={STORE}"), ("PUT", f"/checkout/{ORDER}")])
def test_a_token_opens_nothing_but_the_order(client: Client, method: str, path: str) -> None:
    """The typed client does not even send it there, so this is plain HTTP."""
    headers = {"x-api-key": "", "authorization": f"Bearer {TOKEN}"}
    assert 401 == raw(client, method, path, {} if method == "PUT" else None, **headers)[0]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_credential_nothing_is_sent(emulator: Emulator, operation: str) -> None:
    """The error names what is needed."""
    base_url = emulator.client_kwargs("cryptum")["base_url"]
    with Client(base_url=base_url) as client, pytest.raises(errors.MissingCredentials) as caught:
        _call(operation, client)
    needed = "api_key or session_token" if operation == "getOrder" else "api_key"
    assert f"{operation} needs {needed}: give it to the Client" == str(caught.value)


@pytest.mark.parametrize("operation", ["createOrder", "updateOrder", "listOrders"])
def test_a_session_token_alone_is_no_credential_elsewhere(operation: str) -> None:
    """Only reading the order takes it."""
    with Client(session_token=TOKEN) as client, pytest.raises(errors.MissingCredentials):
        _call(operation, client)


def test_with_both_credentials_the_api_key_goes() -> None:
    """The one that the document names first; the other is not sent along."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=SINGLE)

    with Client(api_key="ck_mock", session_token=TOKEN, transport=httpx.MockTransport(answer)) as both:
        get_order.sync(ORDER, client=both)
    assert "ck_mock" == seen[0].headers["x-api-key"]
    assert "authorization" not in seen[0].headers


def _shown(value: Any) -> str:
    """Return all that shows of a value by `repr`, `str`, a format and a pickle."""
    return f"{value!r} {value!s} {value} {pickle.dumps(value)!r}"


def test_a_client_shows_no_credential() -> None:
    """Neither as text nor in a pickle, which comes back without them."""
    with Client(api_key="ck_very_secret", session_token="eyJ_very_secret") as client:
        assert "very_secret" not in _shown(client)
        kept = pickle.loads(pickle.dumps(client))
    with pytest.raises(errors.SecretLost):
        get_order.sync(ORDER, client=kept)


@pytest.mark.parametrize(
    ("read", "sample"),
    [
        pytest.param(get_order.read_response, SINGLE, id="an order"),
        pytest.param(create_order.read_response, SINGLE, id="a created order"),
        pytest.param(list_orders.read_response, LISTED, id="a list"),
    ],
)
def test_an_answer_shows_no_session_token(read: Callable[..., Response[Any]], sample: str) -> None:
    """Whoever holds it can open the order, so neither the answer nor the model shows it; the key's id is masked too."""
    sample = sample.replace('"apiKeyId": ""', '"apiKeyId": "key_id_in_clear"')
    answer = read(200, {}, sample.encode())
    for value in (answer, answer.parsed):
        shown = _shown(value)
        assert "eyJhbG" not in shown
        assert "key_id_in_clear" not in shown
    assert "email@" in _shown(answer.parsed)


def test_a_secret_is_there_when_it_is_asked_for() -> None:
    """`reveal()` gives the string, and encoding a model does."""
    order = get_order.read_response(200, {}, SINGLE.encode()).parsed
    assert Secret(TOKEN) == order.session_token
    assert TOKEN == json.loads(codec.encode(order))["sessionToken"]


def test_a_pickled_order_lost_its_token_and_nothing_else() -> None:
    """It comes back, and asking for the token says what happened."""
    order = get_order.read_response(200, {}, SINGLE.encode()).parsed
    kept: models.Order = pickle.loads(pickle.dumps(order))
    assert (order.id, order.store.id) == (kept.id, kept.store.id)
    assert Secret(None) == kept.session_token


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_error_shows_no_credential(emulator: Emulator, operation: str) -> None:
    """A refusal of the server's names the operation and what it said."""
    arguments: dict[str, Any] = {**emulator.client_kwargs("cryptum"), "api_key": "ck_very_secret"}
    with Client(**arguments) as client, pytest.raises(errors.StatusError) as caught:
        _call(operation, client)
    assert "very_secret" not in _shown(caught.value)
    assert operation in str(caught.value)


def test_an_error_shows_no_session_token() -> None:
    """An error whose body echoes an order masks it, as does a body that cannot be read."""
    body = changed(SINGLE, error="conflict")
    with pytest.raises(errors.Conflict) as conflict:
        update_order.read_response(409, {}, body)
    with pytest.raises(errors.DecodeError) as broken:
        get_order.read_response(200, {}, changed(SINGLE, orderTotal=None))
    for error in (conflict.value, broken.value):
        assert "eyJhbG" not in _shown(error)


# Events


def test_the_notification_is_read() -> None:
    """The document's example is the page's sample; the status is a word of the payment's."""
    event, deviations = events.read_event(NOTIFICATION.encode())
    expected = models.OrderNotification(
        message="Payment was successful",
        status=models.PaymentStatus.CONFIRMED,
        order_id="0da30...f53b37",
        ecommerce_order_id="2",
        store_id="3ac0...ad4e9e",
        transactions=[models.Transaction(protocol="CELO", hash="0x7a9c9...39517d3d")],
        updated_products=None,
    )
    assert (expected, ()) == (event, deviations)


def test_the_notifications_order_can_be_fetched(client: Client) -> None:
    """Its status is never believed, since the signature holds no time."""
    event, _ = events.read_event(NOTIFICATION.encode())
    assert models.PaymentStatus.CONFIRMED is get_order.sync(event.order_id, client=client).payment_status


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"orderId": 7}', b"not json", b"\xff"])
def test_what_is_no_notification_is_refused(content: bytes) -> None:
    """Without an id there is nothing to fetch."""
    with pytest.raises(errors.DecodeError):
        events.read_event(content)
