"""What is odd about Cryptum."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from ordermux.emulator import Emulator
from ordermux_cryptum import UNSET, Client, Server, codec, errors, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order
from support.cryptum_package import NOTIFICATION, ORDER, REQUEST, REQUEST_BODY, SINGLE, STORE, answering, changed


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
