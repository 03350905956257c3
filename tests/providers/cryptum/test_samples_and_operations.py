"""The samples of Cryptum's page, every operation against the emulator, and the notification."""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import Any

import pytest

from ordermux.emulator import Emulator
from ordermux_cryptum import Client, Deviation, Response, codec, errors, events, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order
from ordermux_cryptum.api.stores import verify_store
from support.cryptum_package import LISTED, NOTIFICATION, ORDER, REQUEST, REQUEST_BODY, SINGLE, STORE, VERIFICATION

PAGE = "https://docs.cryptum.io/english/products/crypto-checkout/checkout-api/orders/handling-orders"


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
