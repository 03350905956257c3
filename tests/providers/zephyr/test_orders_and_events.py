"""The samples of ZephyrCart's page, what an order may look like, and the events."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from ordermux.providers.zephyr.emulator import SAMPLE_ORDER
from ordermux_zephyr import UNSET, Client, Server, codec, errors, events, models
from ordermux_zephyr.api.orders import create_refund, get_order, update_order
from ordermux_zephyr.api.webhook_endpoints import create_webhook_endpoint
from ordermux_zephyr.types import OpenEnum
from support.document_checker import examples_of
from support.zephyr_package import (
    CURL_BODY,
    DOCUMENT,
    OPERATIONS,
    REFUND,
    WITH_ORDER,
    answering,
    call,
    order_json,
    read_order,
)

ANSWERED_WITH_ORDER = ["getOrder", "updateOrder", "cancelOrder"]


# The samples


PAGE = "https://demo.docucommit.se/projects/dev-docs/document/orders"
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
