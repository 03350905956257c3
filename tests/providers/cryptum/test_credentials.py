"""The credentials of Cryptum: what each one opens, and that nothing shows them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux_cryptum import Client, Response, Secret, codec, errors, models
from ordermux_cryptum.api.orders import create_order, get_order, list_orders, update_order
from support.cryptum_package import LISTED, OPERATIONS, ORDER, REQUEST, SINGLE, STORE, call, changed, raw

TOKEN = "eyJhbG...5m4"  # the sample order's session token, as the page prints it


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
        call(operation, client)
    needed = "api_key or session_token" if operation == "getOrder" else "api_key"
    assert f"{operation} needs {needed}: give it to the Client" == str(caught.value)


@pytest.mark.parametrize("operation", ["createOrder", "updateOrder", "listOrders"])
def test_a_session_token_alone_is_no_credential_elsewhere(operation: str) -> None:
    """Only reading the order takes it."""
    with Client(session_token=TOKEN) as client, pytest.raises(errors.MissingCredentials):
        call(operation, client)


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
        call(operation, client)
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
