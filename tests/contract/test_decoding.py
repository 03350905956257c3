"""Decoding: strict first; a break in an optional place is reported, in a required place it is an error."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ordermux_zephyr
from answers import ORDER, answering
from checker import documents
from ordermux_cryptum import codec as cryptum_codec
from ordermux_cryptum import models as cryptum_models
from ordermux_zephyr import Client, Deviation, codec, errors, models
from ordermux_zephyr.api.orders import get_order


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
    transport = answering(httpx.Response(200, json={**ORDER, "customer_id": 7}))

    def hook(operation: str, deviation: Deviation) -> None:
        heard.append((operation, deviation))

    with Client(api_key="key", transport=transport, on_deviation=hook) as client:
        response = get_order.sync_detailed("order_01HXY8", client=client)
    assert [("getOrder", response.deviations[0])] == heard
    assert 7 == json.loads(response.content)["customer_id"]


def test_a_break_that_is_raised_goes_to_the_hook_too() -> None:
    """The graver deviation is heard of as the others are."""
    heard: list[tuple[str, str]] = []
    transport = answering(httpx.Response(200, json={**ORDER, "total_cents": "much"}))

    def hook(operation: str, deviation: Deviation) -> None:
        heard.append((operation, str(deviation)))

    with Client(api_key="key", transport=transport, on_deviation=hook) as client, pytest.raises(errors.DecodeError):
        get_order.sync("order_01HXY8", client=client)
    assert [("getOrder", "$.total_cents: expected int, got str")] == heard


def test_fields_that_the_document_does_not_know_are_in_the_raw_body() -> None:
    """A new field is no deviation, and is not lost."""
    transport = answering(httpx.Response(200, json={**ORDER, "gift": True}))
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
