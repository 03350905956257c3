"""Decoding: strict first; a break in an optional place is reported, in a required place it is an error."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ordermux_zephyr
from ordermux_cryptum import codec as cryptum_codec
from ordermux_cryptum import models as cryptum_models
from ordermux_zephyr import Client, Deviation, codec, errors, models
from ordermux_zephyr.api.orders import get_order
from support.document_checker import documents
from support.mock_answers import MockAnswers
from support.typed_client_answers import ORDER


def decoded(body: object) -> tuple[Any, tuple[Deviation, ...]]:
    """Decode a page of orders."""
    return codec.decode(codec.encode(body), models.OrderPage)


def test_a_break_in_an_optional_place_is_reported_and_the_rest_is_read() -> None:
    """The place is left unset, with its path and what is wrong there."""
    page, deviations = decoded({"data": [ORDER, {**ORDER, "metadata": 7}], "next_cursor": "c2"})
    assert ("c2", ordermux_zephyr.UNSET) == (page.next_cursor, page.data[1].metadata)
    assert (Deviation("$.data[1].metadata", "expected object, got int"),) == deviations
    assert "$.data[1].metadata: expected object, got int" == str(deviations[0])


def test_a_break_below_an_optional_place_unsets_that_place() -> None:
    """The nearest place above the break that may be missing is what is unset; the report names the break."""
    store = {"id": "s", "name": "n", "wallets": 3}
    order = {**documents()["cryptum"].schemas["Order"]["examples"][0], "store": store, "marketRates": {"BRL": 1.5}}
    read, deviations = cryptum_codec.decode(cryptum_codec.encode(order), cryptum_models.Order)
    assert (ordermux_zephyr.UNSET, "n") == (read.market_rates, read.store.name)
    assert ["$.store.wallets", "$.marketRates[...]"] == [deviation.path for deviation in deviations]


def test_every_break_is_reported_once() -> None:
    """Many breaks in one body are all found."""
    order = {**ORDER, "customer_id": 1, "metadata": [], "line_items": [{"name": 1, "sku": 2, "quantity": "3"}]}
    _, deviations = decoded({"data": [order, order], "has_more": "yes"})
    assert 11 == len({deviation.path for deviation in deviations}) == len(deviations)


def test_a_list_never_loses_an_item() -> None:
    """An item that is broken in a required place is an error with its path, not a shorter list."""
    with pytest.raises(errors.DecodeError) as raised:
        decoded({"data": [ORDER, {**ORDER, "total_cents": 37.3}]})
    assert ("$.data[1].total_cents", "expected int, got float") == (raised.value.path, raised.value.problem)


@pytest.mark.parametrize(
    ("order", "path"),
    [
        ({**ORDER, "id": 7}, "$.id"),
        ({**ORDER, "id": 7, "metadata": 7}, "$.id"),
        ({**ORDER, "metadata": 7, "placed_at": ["soon"]}, "$.placed_at"),
        ({**ORDER, "metadata": 7, "placed_at": None}, "$.placed_at"),
        ({name: value for name, value in ORDER.items() if name != "total_cents"}, "$"),
    ],
)
def test_a_break_in_a_required_place_is_an_error_with_its_path(order: object, path: str) -> None:
    """Whatever else is wrong, it is the required place that is named."""
    with pytest.raises(errors.DecodeError) as raised:
        codec.decode(codec.encode(order), models.Order)
    assert path == raised.value.path


def test_an_event_that_the_document_does_not_know_is_an_error_with_its_place() -> None:
    """The union is told apart by its type; a new type is named."""
    with pytest.raises(errors.DecodeError, match="not-a-word") as raised:
        ordermux_zephyr.events.read_event(b'{"type": "order.not-a-word", "data": {}}')
    assert "$.type" == raised.value.path


@pytest.mark.slow
def test_more_breaks_than_can_be_mended_are_an_error() -> None:
    """The mending is bounded, so that a hostile page cannot keep a client busy."""
    page = {"data": [{**ORDER, "line_items": [{"name": 1}] * (codec.MAX_DEVIATIONS + 1)}]}
    with pytest.raises(errors.DecodeError):
        decoded(page)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"\xff", b'{"id": "\xff"}', b"[" * 100_000, b'{"id": NaN}', b'{"total_cents": 1e999}', b"null"],
)
def test_what_is_no_such_json_is_one_kind_of_error(content: bytes) -> None:
    """Nothing of a library's leaves the decoder."""
    with pytest.raises(errors.DecodeError) as raised:
        codec.decode(content, models.Order)
    assert content == raised.value.content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "x.y", "a[0]"]), inner),
    max_leaves=5,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*ORDER, "fulfilment", "metadata", "x.y"]), JSON))
def test_any_change_to_an_order_is_read_or_is_our_error(changes: dict[str, Any]) -> None:
    """Whatever stands in the fields, the order is read with its deviations, or a DecodeError names a place."""
    try:
        order, deviations = codec.decode(codec.encode({**ORDER, **changes}), models.Order)
    except errors.DecodeError as error:
        assert error.path.startswith("$")
    else:
        assert isinstance(order, models.Order)
        assert len(deviations) == len({deviation.path for deviation in deviations})


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_are_our_error(content: bytes) -> None:
    """Also what is no text at all; a body is redacted without an error too."""
    codec.redact(content)
    with contextlib.suppress(errors.DecodeError):
        codec.decode(content, models.OrderListing)


def test_deviations_are_on_the_response_and_go_to_the_hook() -> None:
    """Whoever wants to hear of them does, with the operation's name; the raw bytes stay at hand."""
    heard: list[tuple[str, Deviation]] = []
    transport = MockAnswers(httpx.Response(200, json={**ORDER, "customer_id": 7}))

    def hook(operation: str, deviation: Deviation) -> None:
        heard.append((operation, deviation))

    with Client(api_key="key", transport=transport, on_deviation=hook) as client:
        response = get_order.sync_detailed("order_01HXY8", client=client)
    assert [("getOrder", response.deviations[0])] == heard
    assert 7 == json.loads(response.content)["customer_id"]


def test_a_break_that_is_raised_goes_to_the_hook_too() -> None:
    """The graver deviation is heard of as the others are."""
    heard: list[tuple[str, str]] = []
    transport = MockAnswers(httpx.Response(200, json={**ORDER, "total_cents": "much"}))

    def hook(operation: str, deviation: Deviation) -> None:
        heard.append((operation, str(deviation)))

    with Client(api_key="key", transport=transport, on_deviation=hook) as client, pytest.raises(errors.DecodeError):
        get_order.sync("order_01HXY8", client=client)
    assert [("getOrder", "$.total_cents: expected int, got str")] == heard


def test_fields_that_the_document_does_not_know_are_in_the_raw_body() -> None:
    """A new field is no deviation, and is not lost."""
    transport = MockAnswers(httpx.Response(200, json={**ORDER, "gift": True}))
    with Client(api_key="key", transport=transport) as client:
        response = get_order.sync_detailed("order_01HXY8", client=client)
    assert ((), True) == (response.deviations, json.loads(response.content)["gift"])


def test_a_decimal_is_read_and_sent_as_it_is() -> None:
    """No binary float takes part between the wire and the caller."""
    from ordermux_croissant import codec as croissant_codec
    from ordermux_croissant import models as croissant_models

    content = b'{"value":0.1000000000000000055511151231257827021181583404541015625}'
    buyback, _ = croissant_codec.decode(content, croissant_models.Buyback)
    assert content == croissant_codec.encode(buyback)


@pytest.mark.parametrize("word", ["NaN", "snan", "Infinity", "-inf"])
def test_a_text_that_is_no_number_is_a_deviation_in_the_place_of_a_price(word: str) -> None:
    """The decoder alone would read it as a decimal, with which no sum can be made."""
    from ordermux_croissant import codec as croissant_codec
    from ordermux_croissant import models as croissant_models

    content = codec.encode({"data": {"products": [{"quantity": 1}, {"quantity": 2, "retailSalePrice": word}]}})
    envelope, deviations = croissant_codec.decode(content, croissant_models.CartEnvelope)
    assert [(1, ordermux_zephyr.UNSET), (2, ordermux_zephyr.UNSET)] == [
        (product.quantity, product.retail_sale_price) for product in envelope.data.products
    ]
    assert ["$.data.products[1].retailSalePrice: expected a finite number"] == list(map(str, deviations))


# What `recovered` reads of a body that breaks the document in a required place.


def recovered(content: bytes, kind: Any, of: Any = codec) -> tuple[Any, tuple[Any, ...]]:
    """Return what can be read of a body, which is something."""
    outcome: Any = of.recovered(content, kind)
    assert isinstance(outcome, tuple)
    return outcome


@pytest.mark.parametrize("wrong", [None, 7, [], {}])
def test_the_rest_of_a_broken_order_can_be_read(wrong: Any) -> None:
    """The required place that is wrong is unset, and reported."""
    order, deviations = recovered(codec.encode({**ORDER, "tax_calculation_source": wrong}), models.Order)
    assert (ordermux_zephyr.UNSET, ORDER["total_cents"]) == (order.tax_calculation_source, order.total_cents)
    assert ["$.tax_calculation_source"] == [deviation.path for deviation in deviations]


def test_what_is_missing_is_reported_at_the_object_that_misses_it() -> None:
    """Each on its own."""
    order, deviations = recovered(b'{"id": "order_1", "metadata": 7}', models.Order)
    assert ("order_1", ordermux_zephyr.UNSET, ordermux_zephyr.UNSET) == (order.id, order.currency, order.metadata)
    assert (11, {"$", "$.metadata"}) == (len(deviations) - 1, {deviation.path for deviation in deviations})


def test_an_item_that_cannot_be_read_keeps_its_place() -> None:
    """Of whichever form of a union the body is; the other items are whole."""
    for listing in ({"data": [ORDER, 7, {**ORDER, "id": None}, ORDER]}, [ORDER, 7, {**ORDER, "id": None}, ORDER]):
        found, deviations = recovered(codec.encode(listing), models.OrderListing)
        rows = found if isinstance(found, list) else found.data
        whole = codec.decode(codec.encode(ORDER), models.Order)[0]
        assert [whole, ordermux_zephyr.UNSET, whole] == [rows[0], rows[1], rows[3]]
        assert (ordermux_zephyr.UNSET, whole.cart_id) == (rows[2].id, rows[2].cart_id)
        assert ["[1]", "[2].id"] == [deviation.path.removeprefix("$").removeprefix(".data") for deviation in deviations]


def test_an_object_in_a_required_place_is_read_as_far_as_it_can_be() -> None:
    """And one that may be missing is left out as a whole."""
    from ordermux_crossmint import codec as crossmint_codec
    from ordermux_crossmint import models as crossmint_models

    body = {
        **documents()["crossmint"].schemas["Order"]["examples"][0],
        "payment": {"status": "succeeded", "currency": 7},
        "item": {"productId": None},
    }
    order, deviations = recovered(crossmint_codec.encode(body), crossmint_models.Order, crossmint_codec)
    assert ("succeeded", ordermux_zephyr.UNSET) == (order.payment.status, order.payment.currency)
    assert ordermux_zephyr.UNSET == order.item
    assert {"$.payment.currency", "$.item.productId"} <= {deviation.path for deviation in deviations}


def test_a_break_in_an_event_is_read_by_the_events_type() -> None:
    """A union whose members have a tag: a break in an optional place is reported, as anywhere."""
    event = {"type": "order.created", "id": 7, "data": {**ORDER, "metadata": []}}
    read, deviations = ordermux_zephyr.events.read_event(codec.encode(event))
    assert isinstance(read, models.OrderCreated)
    assert ["$.data.metadata", "$.id"] == sorted(deviation.path for deviation in deviations)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b"7", b"null", b'{"id": NaN}', b'"x"'])
def test_what_is_nothing_of_the_kind_is_recovered_by_nobody(content: bytes) -> None:
    """It is the same error as ever."""
    assert isinstance(codec.recovered(content, models.Order), errors.DecodeError)
    assert isinstance(codec.recovered(content, models.OrderListing), errors.DecodeError)


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.sampled_from([*ORDER, "fulfilment", "metadata", "x.y"]), JSON), max_size=3))
def test_any_list_is_recovered_with_all_its_items(changes: list[dict[str, Any]]) -> None:
    """However its orders are broken; what `decode` takes, it takes as well, and gives the same."""
    content = codec.encode({"data": [{**ORDER, **change} for change in changes]})
    found, deviations = recovered(content, models.OrderPage)
    assert len(changes) == len(found.data)
    strict = codec.decoded(content, models.OrderPage)
    if not isinstance(strict, errors.DecodeError):
        assert strict == (found, deviations)


@pytest.mark.slow
def test_reading_a_hostile_page_takes_no_longer_than_its_length() -> None:
    """Many breaks in one order took a time that grew with their square."""
    rows = [{**ORDER, "id": 7, "line_items": [{"name": 1}] * 900} for _ in range(60)]
    content = codec.encode({"data": rows})
    began = time.process_time()
    found, deviations = recovered(content, models.OrderPage)
    assert (60, 60 * 901) == (len(found.data), len(deviations))
    assert time.process_time() - began < 5


HALVES = {
    "cut within an emoji": (rb"cut \ud83d", "cut \ufffd"),
    "the second half alone": (rb"\uDE00!", "\ufffd!"),
    "two first halves": (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
    "a backslash before what looks like one": (rb"\\ud83d \ud83d", "\\ud83d \ufffd"),
}


@pytest.mark.parametrize(("written", "expected"), HALVES.values(), ids=HALVES)
def test_half_a_surrogate_pair_is_read_as_a_replacement(written: bytes, expected: str) -> None:
    """RFC 8259 allows it, and it is no reason to lose the page; it is reported, and what shows the body can, too."""
    secret = dict.fromkeys(codec.SECRET_MEMBERS, "opensesame")
    content = codec.encode({"data": [{**ORDER, "customer_id": "canary", **secret}, ORDER]})
    content = content.replace(b"canary", written)
    page, deviations = codec.decode(content, models.OrderPage)
    assert (expected, 2) == (page.data[0].customer_id, len(page.data))
    assert (Deviation("$", "half a surrogate pair, read as U+FFFD"),) == deviations
    shown = codec.redact(content)
    assert expected == json.loads(shown)["data"][0]["customer_id"]
    assert b"opensesame" not in shown


def test_half_a_surrogate_pair_hides_no_other_break() -> None:
    """Each is reported."""
    content = codec.encode({"data": [{**ORDER, "customer_id": "canary", "metadata": 7}]}).replace(b"canary", rb"\ud83d")
    _, deviations = codec.decode(content, models.OrderPage)
    assert ["$", "$.data[0].metadata"] == [each.path for each in deviations]
    with pytest.raises(errors.DecodeError, match="truncated"):
        codec.decode(content[:-1], models.OrderPage)
