"""What is odd about Croissant."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.croissant.emulator import CLIENT_ID, CLIENT_SECRET, SAMPLE_CART, TOKEN_SECONDS
from ordermux_croissant import UNSET, Client, Secret, Server, codec, errors, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import create_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product
from support.croissant_package import CREDENTIALS, NEW_CART, OPERATIONS, WITH_CART, answering, call


def test_the_addresses_are_the_pages() -> None:
    """Order Lifecycle, Base URLs; production where nothing else is said."""
    assert "https://api.retailer.croissant.com/v0" == Server.PRODUCTION.value == Client().base_url
    assert "https://api.retailer.sbx.croissant.com/v0" == Server.SANDBOX.value


def test_a_token_is_asked_for_without_a_token() -> None:
    """The client's own token, which may be old, is not sent along."""
    seen: list[httpx.Request] = []
    with answering(200, b'{"access_token": "new"}', seen) as client:
        assert Secret("new") == create_token.sync(client=client, body=CREDENTIALS).access_token
    assert "authorization" not in seen[0].headers
    assert {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET} == json.loads(seen[0].content)


def test_an_answer_without_a_token_is_no_success() -> None:
    """The token is the one field of that answer that has to be there."""
    with answering(200, b'{"expires_in": 3600}') as client, pytest.raises(errors.DecodeError):
        create_token.sync(client=client, body=CREDENTIALS)


def test_a_token_lasts_an_hour_of_the_worlds_clock(client: Client, emulator: Emulator) -> None:
    """It opens until the last second of 3600, and not after."""
    emulator.world.clock.freeze()
    emulator.world.clock.advance(TOKEN_SECONDS - 10)
    assert 200 == call("getCart", client).status_code
    emulator.world.clock.advance(11)
    with pytest.raises(errors.Unauthorized):
        call("getCart", client)


def test_a_second_token_leaves_the_first_one_valid(client: Client) -> None:
    """Each call gives another token."""
    tokens = [create_token.sync(client=client, body=CREDENTIALS).access_token.reveal() for _ in range(2)]
    assert 2 == len(set(tokens))
    assert 200 == call("getCart", client).status_code


@pytest.mark.parametrize("opted_in", [True, False])
def test_opted_in_or_not_the_order_is_registered(client: Client, opted_in: bool) -> None:  # noqa: FBT001
    """One page registers after a payment, the other at every checkout: both work, and only the first has a price."""
    create_cart.sync(client=client, body=msgspec.structs.replace(NEW_CART, is_opted_in=opted_in))
    cart = get_cart.sync("order-7", client=client).data
    assert cart.products
    assert (opted_in, opted_in) == (cart.is_opted_in, cart.products[0].buyback is not UNSET)


def test_opting_in_is_sent_as_a_boolean() -> None:
    """The pages differ on the word and the boolean; the boolean is sent."""
    assert json.loads(codec.encode(NEW_CART))["isOptedIn"] is True


@pytest.mark.parametrize("value", [True, False, "true", "false", "perhaps"])
def test_opting_in_is_read_as_a_boolean_or_a_word(value: bool | str) -> None:  # noqa: FBT001
    """Both are read as they came, a word that nobody published among them."""
    content = json.dumps({"data": {"isOptedIn": value}}).encode()
    response = get_cart.read_response(200, {}, content)
    assert (value, ()) == (response.parsed.data.is_opted_in, response.deviations)


def test_opting_in_as_anything_else_is_a_deviation() -> None:
    """It is left unset and reported, and the rest is read."""
    response = get_cart.read_response(200, {}, b'{"data": {"id": "order-7", "isOptedIn": 1}}')
    assert models.Cart(id="order-7") == response.parsed.data
    assert ["$.data.isOptedIn"] == [deviation.path for deviation in response.deviations]


def test_registering_again_answers_the_same(client: Client) -> None:
    """The id is the caller's own, so the same order sent twice is one order."""
    first, second = call("createCart", client), call("createCart", client)
    assert (first.status_code, first.parsed) == (second.status_code, second.parsed)


def test_an_id_is_not_given_to_another_order(client: Client) -> None:
    """422, and the first order stays."""
    call("createCart", client)
    with pytest.raises(errors.UnprocessableEntity) as caught:
        create_cart.sync(client=client, body=msgspec.structs.replace(NEW_CART, confirmation_number="1008"))
    assert models.Error(message="The id is another cart's") == caught.value.error
    assert "1007" == get_cart.sync("order-7", client=client).data.confirmation_number


@pytest.mark.parametrize("name", ["fulfillCart", "cancelCart"])
def test_closing_a_cart_again_is_answered_again(client: Client, emulator: Emulator, name: str) -> None:
    """A 500 is to be sent again, the page says; so the repeat has to be harmless."""
    assert [200, 200] == [call(name, client).status_code for _ in range(2)]
    assert 1 == list(emulator.state("croissant").closed).count(SAMPLE_CART)


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("fulfillCart", "cancelCart", "The cart is fulfilled"),
        ("cancelCart", "fulfillCart", "The cart is cancelled"),
    ],
)
def test_a_cart_is_fulfilled_or_cancelled(client: Client, first: str, then: str, message: str) -> None:
    """The one excludes the other, and the first one stands."""
    call(first, client)
    with pytest.raises(errors.UnprocessableEntity) as caught:
        call(then, client)
    assert models.Error(message=message) == caught.value.error
    assert 200 == call(first, client).status_code


@pytest.mark.parametrize("name", ["fulfillCart", "cancelCart"])
def test_a_cart_says_nothing_of_where_it_stands(client: Client, name: str) -> None:
    """No status is published: the cart reads the same before and after."""
    before = call("getCart", client).content
    call(name, client)
    assert before == call("getCart", client).content
    assert "status" not in models.Cart.__struct_fields__


@pytest.mark.parametrize(
    ("name", "path"),
    [("fulfillCart", f"/v0/carts/{SAMPLE_CART}/fulfill"), ("cancelCart", f"/v0/carts/{SAMPLE_CART}/cancel")],
)
def test_closing_a_cart_sends_no_body(name: str, path: str) -> None:
    """As in the page's curl line: the method, the path and the token, and nothing else."""
    seen: list[httpx.Request] = []
    with answering(200, b"", seen) as client:
        call(name, client)
    assert ("POST", path, b"") == (seen[0].method, seen[0].url.path, seen[0].content)
    assert "Bearer a-token" == seen[0].headers["authorization"]
    assert "content-type" not in seen[0].headers


@pytest.mark.parametrize(
    ("content", "told"), [(b"", None), (b"null", None), (b'"OK"', "OK"), (b'{"a": [1]}', {"a": [1]})]
)
@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"getCart"}))
def test_an_answer_that_nobody_published_is_taken_as_it_comes(
    name: str, status: int, content: bytes, told: Any
) -> None:
    """A success must not pass for a failure because of its body."""
    with answering(status, content) as client:
        assert told == call(name, client).parsed


@pytest.mark.parametrize("content", [b"{}", b'{"data": null}', b"", b"[]"])
def test_an_answer_without_the_order_is_no_empty_order(content: bytes) -> None:
    """`data` is the one thing that reading a cart requires."""
    with answering(200, content) as client, pytest.raises(errors.DecodeError):
        call("getCart", client)


def test_money_is_exact() -> None:
    """A buyback value, whose unit is not published, is read and written digit by digit."""
    content = b'{"data":{"products":[{"retailSalePrice":295.10,"buyback":{"value":8850.50}}]}}'
    response = get_cart.read_response(200, {}, content)
    products = response.parsed.data.products
    assert products
    assert products[0].buyback
    assert ("295.10", "8850.50") == (str(products[0].retail_sale_price), str(products[0].buyback.value))
    assert content == codec.encode(response.parsed)


def test_the_time_in_an_answer_is_any_string() -> None:
    """Its form is shown nowhere."""
    response = get_cart.read_response(200, {}, b'{"data": {"retailerCreatedAt": "25 March 2026"}}')
    assert ("25 March 2026", ()) == (response.parsed.data.retailer_created_at, response.deviations)


@pytest.mark.parametrize("price_id", ["price_1", {"id": "price_1"}, 7])
def test_a_price_id_is_sent_as_it_was_given(client: Client, emulator: Emulator, price_id: Any) -> None:
    """The reference prints its type as an object, so any JSON passes."""
    product = msgspec.structs.replace(NEW_CART.products[0], price_id=price_id)
    create_cart.sync(client=client, body=msgspec.structs.replace(NEW_CART, products=[product]))
    assert price_id == emulator.state("croissant").carts["order-7"]["products"][0]["priceId"]


def test_a_source_of_ones_own_is_taken(client: Client) -> None:
    """The vocabulary is not published, and so not closed."""
    create_cart.sync(client=client, body=msgspec.structs.replace(NEW_CART, source="kiosk"))
    assert "kiosk" == get_cart.sync("order-7", client=client).data.source


def test_a_store_id_of_any_form_is_one_segment(client: Client) -> None:
    """Ids are the store's own: whatever they hold is percent-encoded once."""
    put_product.sync("Größe 38?#%2e", client=client, body={"name": "Boots"})
    assert {"name": "Boots"} == get_product.sync("Größe 38?#%2e", client=client)
    assert "/products/a%2Fb" == get_product.build_request("a/b").path


@pytest.mark.parametrize("name", WITH_CART)
@pytest.mark.parametrize("cart_id", ["", ".", "..", "a\nb"])
def test_an_id_that_would_lead_elsewhere_is_not_sent(name: str, cart_id: str) -> None:
    """`..` would make another resource of the path."""
    with pytest.raises(errors.InvalidRequest):
        OPERATIONS[name][0].build_request(cart_id)


def test_a_session_state_that_is_not_published_is_kept() -> None:
    """The nine published ones are known, another one stays a word."""
    assert 9 == len(models.SessionState)
    assert models.SessionState("CHARGED").is_known
    assert not models.SessionState("REFUNDED").is_known
