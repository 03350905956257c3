"""The package ordermux-croissant: the page's samples, each operation against the emulator, and Croissant's oddities."""

from __future__ import annotations

import asyncio
import json
import pickle
import traceback
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import attrs
import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.croissant.emulator import CLIENT_ID, CLIENT_SECRET, SAMPLE_CART, TOKEN_SECONDS
from ordermux_croissant import UNSET, Client, Secret, Server, codec, errors, events, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import cancel_cart, create_cart, fulfill_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product
from support.document_checker import documents, examples_of

CREDENTIALS = models.TokenRequest(client_id=CLIENT_ID, client_secret=Secret(CLIENT_SECRET))
DOCUMENT = documents()["croissant"]
NEW_CART = models.CartRequest(
    id="order-7",
    is_opted_in=True,
    confirmation_number="1007",
    retailer_created_at=datetime.fromisoformat("2026-03-26T09:30:00Z"),
    source="web",
    email="customer@example.com",
    products=[
        models.CartProductRequest(
            retailer_product_id="SKU-001", quantity=1, retail_sale_price=29500, retail_sale_currency="USD"
        )
    ],
)
OPERATIONS: dict[str, tuple[ModuleType, tuple[str, ...], dict[str, Any]]] = {
    "createCart": (create_cart, (), {"body": NEW_CART}),
    "getCart": (get_cart, (SAMPLE_CART,), {}),
    "fulfillCart": (fulfill_cart, (SAMPLE_CART,), {}),
    "cancelCart": (cancel_cart, (SAMPLE_CART,), {}),
    "putProduct": (put_product, ("SKU-009",), {"body": {"name": "Canvas Belt"}}),
    "getProduct": (get_product, ("SKU-001",), {}),
}
WITH_BODY = ["createCart", "putProduct"]
WITH_CART = ["getCart", "fulfillCart", "cancelCart"]
SYNC_AND_ASYNC = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """Give a client that holds a token."""
    with Client(**emulator.client_kwargs("croissant")) as anonymous:
        token = create_token.sync(client=anonymous, body=CREDENTIALS)
    with attrs.evolve(anonymous, token=token.access_token) as made:
        yield made


def call(name: str, client: Client, *, asynchronous: bool = False) -> Any:
    """Run an operation with the arguments of the table above; return the whole answer."""
    module, arguments, body = OPERATIONS[name]
    if not asynchronous:
        return module.sync_detailed(*arguments, client=client, **body)

    async def run() -> Any:
        async with client:
            return await module.asyncio_detailed(*arguments, client=client, **body)

    return asyncio.run(run())


def send(client: Client, module: ModuleType, *arguments: str, content: bytes, body: Any = None) -> Any:
    """Send an operation with a body that its model would not make."""
    request = module.build_request(*arguments, body=body)
    return client.send(attrs.evolve(request, content=content), module.read_response)


def changed(**fields: Any) -> bytes:
    """Return the new cart's JSON with some fields as given."""
    return json.dumps({**json.loads(codec.encode(NEW_CART)), **fields}).encode()


def answering(status: int, content: bytes, seen: list[httpx.Request] | None = None) -> Client:
    """Return a client whose every answer is this one; the requests are kept in `seen`."""

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, content=content)

    return Client(token="a-token", transport=httpx.MockTransport(answer))


def instants(tree: Any) -> Any:
    """Return JSON with its times as instants, since `12:00:00.000Z` is encoded again as `12:00:00Z`."""
    if isinstance(tree, dict):
        return {name: instants(value) for name, value in tree.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(tree, list):
        return [instants(item) for item in tree]  # pyright: ignore[reportUnknownVariableType]
    try:
        return datetime.fromisoformat(tree) if isinstance(tree, str) and "T" in tree else tree
    except ValueError:
        return tree


# The samples


PAGE_SAMPLES = {
    "Order Lifecycle, Authentication: the curl line's body": (
        models.TokenRequest,
        '{"clientId": "your-client-id", "clientSecret": "your-client-secret"}',
    ),
    "Order Lifecycle, Error Handling: the error response": (models.Error, '{"message": "Cart not found"}'),
}
EXAMPLES = examples_of(DOCUMENT)


@pytest.mark.parametrize(("kind", "sample"), PAGE_SAMPLES.values(), ids=PAGE_SAMPLES.keys())
def test_a_sample_of_the_page_is_read_and_written_key_for_key(kind: Any, sample: str) -> None:
    """Each JSON on the provider's pages is what the models say, without a substitution; the second page has none."""
    read, deviations = codec.decode(sample.encode(), kind)
    assert () == deviations
    assert json.loads(sample) == json.loads(codec.encode(read))


@pytest.mark.parametrize(("name", "example"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_of_the_document_is_read_and_written_key_for_key(name: str, example: Any) -> None:
    """The document's examples fit the models that are compiled from it."""
    read, deviations = codec.decode(json.dumps(example).encode(), getattr(models, name))
    assert () == deviations
    assert instants(example) == instants(json.loads(codec.encode(read)))


@pytest.mark.parametrize("word", ["true", "false"])
def test_the_opt_in_words_of_the_integration_guide_are_known(word: str) -> None:
    """Integration Guides, Integration Overview: the two values of isOptedIn, as the page quotes them."""
    read, deviations = codec.decode(json.dumps({"data": {"isOptedIn": word}}).encode(), models.CartEnvelope)
    assert () == deviations
    assert models.OptInWord(word) is read.data.is_opted_in
    assert {"data": {"isOptedIn": word}} == json.loads(codec.encode(read))


# The operations


def test_the_table_of_operations_is_whole() -> None:
    """The tests below leave no operation of the document out; there is none for returns or refunds."""
    assert {operation.operation_id for operation in DOCUMENT.operations} == {"createToken", *OPERATIONS}


@SYNC_AND_ASYNC
def test_a_token_is_given_for_the_credentials(emulator: Emulator, asynchronous: bool) -> None:  # noqa: FBT001
    """The token is a secret, lasts an hour, and opens the other operations."""
    client = Client(**emulator.client_kwargs("croissant"))

    async def run() -> models.Token:
        async with client:
            return await create_token.asyncio(client=client, body=CREDENTIALS)

    with client:
        token = asyncio.run(run()) if asynchronous else create_token.sync(client=client, body=CREDENTIALS)
    assert (3600, "Bearer") == (token.expires_in, token.token_type)
    with attrs.evolve(client, token=token.access_token) as opened:
        assert 200 == call("getCart", opened).status_code


@SYNC_AND_ASYNC
@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("createCart", 201, "order-7"),
        ("getCart", 200, SAMPLE_CART),
        ("fulfillCart", 200, None),
        ("cancelCart", 200, None),
        ("putProduct", 201, {"name": "Canvas Belt"}),
        ("getProduct", 200, {"name": "Leather Tote Bag", "brand": "Your Brand"}),
    ],
)
def test_each_operation_works(client: Client, name: str, status: int, told: Any, asynchronous: bool) -> None:  # noqa: FBT001
    """Every operation is answered, and its answer is read without a deviation."""
    response = call(name, client, asynchronous=asynchronous)
    parsed = response.parsed
    if isinstance(parsed, models.CartEnvelope):
        parsed = parsed.data.id
    elif name == "createCart":
        parsed = parsed["data"]["id"]
    assert (status, told, ()) == (response.status_code, parsed, response.deviations)


def test_a_cart_is_read_as_it_was_registered(client: Client) -> None:
    """What was registered comes back, with a buyback price on each product; the e-mail address does not."""
    call("createCart", client)
    buyback = models.Buyback(value=Decimal(8850), timespan="12 months", currency="USD", payout_type="cash")
    product = models.CartProduct(
        retailer_product_id="SKU-001",
        retail_sale_price=Decimal(29500),
        retail_sale_currency="USD",
        quantity=1,
        buyback=buyback,
    )
    expected = models.Cart(
        id="order-7",
        is_opted_in=True,
        confirmation_number="1007",
        retailer_created_at="2026-03-26T09:30:00Z",
        source="web",
        products=[product],
    )
    assert expected == get_cart.sync("order-7", client=client).data


def test_the_documents_example_is_the_cart_that_a_new_emulator_holds(client: Client) -> None:
    """So the documented calls with the page's cart id work at once, registration included."""
    example = DOCUMENT.raw["paths"]["/carts"]["post"]["requestBody"]["content"]["application/json"]["example"]
    response = send(client, create_cart, content=json.dumps(example).encode(), body=NEW_CART)
    assert (201, SAMPLE_CART) == (response.status_code, response.parsed["data"]["id"])


def test_a_new_emulator_holds_the_same_carts_each_time(emulator: Emulator) -> None:
    """The other carts come from the world's seed: one not opted in, one fulfilled, one cancelled."""
    with Emulator() as other:
        assert list(other.state("croissant").carts) == list(emulator.state("croissant").carts)
    assert ["fulfilled", "cancelled"] == list(emulator.state("croissant").closed.values())


def test_a_product_is_stored_anew_and_over(client: Client) -> None:
    """PUT adds a product or replaces it whole."""
    first = put_product.sync_detailed("SKU-010", client=client, body={"name": "Scarf", "price": {"cents": [1]}})
    second = put_product.sync_detailed("SKU-010", client=client, body={"name": "Wool scarf"})
    assert (201, 200) == (first.status_code, second.status_code)
    assert {"name": "Wool scarf"} == get_product.sync("SKU-010", client=client)


# The errors that the emulator gives


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_that_is_no_json_is_a_bad_request(client: Client, name: str) -> None:
    """400, with the page's error body."""
    module, arguments, body = OPERATIONS[name]
    with pytest.raises(errors.BadRequest) as caught:
        send(client, module, *arguments, content=b'{"id": ', **body)
    assert models.Error(message="The body is not JSON") == caught.value.error
    assert "The request is not right; most often its body." == caught.value.meaning


def test_a_token_request_that_is_no_json_is_a_bad_request(client: Client) -> None:
    """400 there as well."""
    with pytest.raises(errors.BadRequest):
        send(client, create_token, content=b"clientId=x", body=CREDENTIALS)


@pytest.mark.parametrize(
    ("client_id", "secret"), [(CLIENT_ID, "wrong"), ("nobody", CLIENT_SECRET)], ids=["secret", "id"]
)
def test_wrong_credentials_give_no_token(client: Client, client_id: str, secret: str) -> None:
    """401 for a wrong secret and for an unknown client alike."""
    body = models.TokenRequest(client_id=client_id, client_secret=Secret(secret))
    with pytest.raises(errors.Unauthorized) as caught:
        create_token.sync(client=client, body=body)
    assert models.Error(message="Invalid client credentials") == caught.value.error
    assert "The credentials are not valid." == caught.value.meaning


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_unknown_token_is_unauthorized(emulator: Emulator, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """401 on every operation that needs a token."""
    stranger = Client(**emulator.client_kwargs("croissant"), token="unknown")
    with stranger, pytest.raises(errors.Unauthorized) as caught:
        call(name, stranger, asynchronous=asynchronous)
    assert models.Error(message="Missing or invalid token") == caught.value.error


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_token_at_all_is_unauthorized(emulator: Emulator, name: str) -> None:
    """401 too, for a request that someone else sends without the header."""
    module, arguments, body = OPERATIONS[name]
    request = module.build_request(*arguments, **body)
    url = emulator.client_kwargs("croissant")["base_url"] + request.path
    answer = httpx.request(request.method, url, content=request.content, trust_env=False)
    with pytest.raises(errors.Unauthorized):
        module.read_response(answer.status_code, answer.headers, answer.content)


def test_a_token_is_a_bearer_token(emulator: Emulator, client: Client) -> None:
    """401 for a good token under another scheme."""
    assert client.token
    request = get_cart.build_request(SAMPLE_CART)
    headers = {"authorization": f"Basic {client.token.reveal()}"}
    answer = httpx.get(emulator.address + "/croissant/v0" + request.path, headers=headers, trust_env=False)
    with pytest.raises(errors.Unauthorized):
        get_cart.read_response(answer.status_code, answer.headers, answer.content)


@pytest.mark.parametrize("name", WITH_CART)
def test_an_unknown_cart_is_not_found(client: Client, name: str) -> None:
    """404, with the very message of the page's sample."""
    with pytest.raises(errors.NotFound) as caught:
        OPERATIONS[name][0].sync("no-such-order", client=client)
    assert models.Error(message="Cart not found") == caught.value.error


def test_an_unknown_product_is_not_found(client: Client) -> None:
    """404."""
    with pytest.raises(errors.NotFound) as caught:
        get_product.sync("no-such-product", client=client)
    assert models.Error(message="Product not found") == caught.value.error


@pytest.mark.parametrize(
    "content",
    [
        changed(isOptedIn="true"),
        changed(products=[]),
        changed(products=[{"retailerProductId": "SKU-001"}]),
        changed(retailerCreatedAt="2026-03-26T09:30:00"),
        changed(confirmationNumber=None),
        b"[]",
    ],
    ids=["opt-in as a word", "no products", "half a product", "a time without an offset", "null", "a list"],
)
def test_a_cart_that_does_not_fit_is_unprocessable(client: Client, emulator: Emulator, content: bytes) -> None:
    """422, and nothing is registered."""
    with pytest.raises(errors.UnprocessableEntity) as caught:
        send(client, create_cart, content=content, body=NEW_CART)
    assert isinstance(caught.value.error, models.Error)
    assert "order-7" not in emulator.state("croissant").carts


@pytest.mark.parametrize(
    ("module", "arguments", "body", "content"),
    [
        (create_token, (), models.TokenRequest(client_id="x", client_secret=Secret("y")), b'{"clientId": "x"}'),
        (put_product, ("SKU-009",), {}, b'["a product"]'),
    ],
    ids=["createToken", "putProduct"],
)
def test_another_body_that_does_not_fit_is_unprocessable(
    client: Client, module: ModuleType, arguments: tuple[str, ...], body: Any, content: bytes
) -> None:
    """422 for the other operations with a body."""
    with pytest.raises(errors.UnprocessableEntity) as caught:
        send(client, module, *arguments, content=content, body=body)
    assert isinstance(caught.value.error, models.Error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (422, errors.UnprocessableEntity),
        (500, errors.ServerError),
    ],
)
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_status_of_the_page_has_its_error(name: str, status: int, kind: type[errors.StatusError]) -> None:
    """The page's whole table of errors, 403 and 500 among them, which the emulator does not give of itself."""
    with answering(status, b'{"message": "Why"}') as client, pytest.raises(kind) as caught:
        call(name, client)
    assert (name, status, models.Error(message="Why")) == (
        caught.value.operation,
        caught.value.status_code,
        caught.value.error,
    )


# The oddities


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


# The credentials


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_token_nothing_is_sent(name: str) -> None:
    """The client says so before it opens a connection."""
    seen: list[httpx.Request] = []
    client = attrs.evolve(answering(200, b"{}", seen), token=None)
    with client, pytest.raises(errors.MissingCredentials, match=f"{name} needs token"):
        call(name, client)
    assert [] == seen


def shown(value: object) -> str:
    """Return every form in which a value may reach a log or a disk."""
    return f"{value!r} {value} {pickle.dumps(value)!r}"


def test_a_client_does_not_show_its_token() -> None:
    """Neither by repr, nor by str, nor in a pickle."""
    client = Client(token="hush-hush", headers={"authorization": "Bearer hush-hush"})
    assert "hush-hush" not in shown(client)
    lost = pickle.loads(pickle.dumps(client))
    with pytest.raises(errors.SecretLost):
        call("getCart", lost)


def test_a_token_is_not_shown_by_its_model_or_its_answer() -> None:
    """The answer to createToken keeps its raw body, and yet shows no token."""
    with answering(200, b'{"access_token": "hush-hush", "expires_in": 3600}') as client:
        response = create_token.sync_detailed(client=client, body=CREDENTIALS)
    assert "hush-hush" == response.parsed.access_token.reveal()
    assert "hush-hush" not in shown(response) + shown(response.parsed)


def test_a_client_secret_is_not_shown_by_its_model_or_its_request() -> None:
    """The document marks it as a password, so it is one in Python too."""
    body = models.TokenRequest(client_id="me", client_secret=Secret("hush-hush"))
    request = create_token.build_request(body=body)
    assert "hush-hush" not in shown(body) + repr(request) + str(request)
    with pytest.raises(TypeError):
        pickle.dumps(request)


def test_a_client_secret_that_is_read_is_not_shown() -> None:
    """However the model came to be, read from JSON as well."""
    read = codec.decode(b'{"clientId": "me", "clientSecret": "hush-hush"}', models.TokenRequest)[0]
    assert "hush-hush" not in shown(read)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (401, b'{"message": "No", "clientSecret": "hush-hush"}'),
        (500, b'{"message": "No", "echo": [{"access_token": "hush-hush"}]}'),
        (502, b"<p>hush-hush</p>"),
        (200, b'{"access_token": ["hush-hush"]}'),
        (200, b'{"token": {"access_token": "hush-hush"}}'),
    ],
    ids=["client secret", "token", "no JSON", "wrong type", "wrong place"],
)
def test_an_error_does_not_show_a_secret_that_the_body_repeats(status: int, content: bytes) -> None:
    """Nor does its traceback or its pickle."""
    with answering(status, content) as client, pytest.raises(errors.CroissantError) as caught:
        create_token.sync(client=client, body=CREDENTIALS)
    assert "hush-hush" not in shown(caught.value) + "".join(traceback.format_exception(caught.value))


def test_a_failed_connection_does_not_show_the_token() -> None:
    """The error of the transport is our own, without another library's frames below it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client = Client(token="hush-hush", transport=httpx.MockTransport(fail))
    with client, pytest.raises(errors.TransportError) as caught:
        call("getCart", client)
    assert caught.value.nothing_sent
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    assert "hush-hush" not in shown(caught.value)


# The event


@pytest.mark.parametrize("event", DOCUMENT.events, ids=lambda event: event.path)
def test_the_documents_example_of_an_event_is_read(event: Any) -> None:
    """It is of the event's own type, whole and without a deviation."""
    example = event.node["requestBody"]["content"]["application/json"]["example"]
    read, deviations = events.read_event(json.dumps(example).encode())
    assert (getattr(models, event.body.name), ()) == (type(read), deviations)
    assert instants(example) == instants(json.loads(codec.encode(read)))


def test_a_payment_names_the_checkout_and_no_cart() -> None:
    """The order does not exist yet; what can be checked is the retailer's own checkout, and the amounts in cents."""
    read, _ = events.read_event(json.dumps(DOCUMENT.schemas["PaymentConfirmed"]["examples"][0]).encode())
    assert read.amounts
    assert ("checkout_xyz789", "cps_abc123def456", 29500) == (read.checkout_id, read.session_id, read.amounts.total)
    assert not {"cart_id", "order_id", "id"} & set(models.PaymentConfirmed.__struct_fields__)


def test_a_payment_needs_only_its_name() -> None:
    """Nothing else of the event is certain enough to be required."""
    assert (models.PaymentConfirmed(event="payment.confirmed"), ()) == events.read_event(
        b'{"event": "payment.confirmed"}'
    )


@pytest.mark.parametrize("content", [b'{"event": "payment.failed"}', b"{}", b"event=payment.confirmed", b""])
def test_another_body_is_no_event(content: bytes) -> None:
    """A kind that nobody published is not guessed at."""
    with pytest.raises(errors.DecodeError):
        events.read_event(content)


def test_no_signature_is_published() -> None:
    """So there is nothing to check a delivery by, and the document says of none."""
    assert "signature" not in DOCUMENT.raw["x-delivery"]
