"""The errors that Croissant's emulator gives, each with what leads to it."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.croissant.emulator import CLIENT_ID, CLIENT_SECRET, SAMPLE_CART
from ordermux_croissant import Client, Secret, codec, errors, models
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import create_cart, get_cart
from ordermux_croissant.api.products import get_product, put_product
from support.clients import SYNC_AND_ASYNC
from support.croissant_package import CREDENTIALS, NEW_CART, OPERATIONS, WITH_CART, answering, call, send

WITH_BODY = ["createCart", "putProduct"]


def changed(**fields: Any) -> bytes:
    """Return the new cart's JSON with some fields as given."""
    return json.dumps({**json.loads(codec.encode(NEW_CART)), **fields}).encode()


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
