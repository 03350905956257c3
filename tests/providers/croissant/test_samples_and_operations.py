"""The samples of Croissant's pages, each operation against the emulator, and the event."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.croissant.emulator import SAMPLE_CART
from ordermux_croissant import Client, codec, errors, events, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import create_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product
from support.clients import SYNC_AND_ASYNC
from support.croissant_package import CREDENTIALS, NEW_CART, OPERATIONS, call, send
from support.document_checker import documents, examples_of

DOCUMENT = documents()["croissant"]


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
