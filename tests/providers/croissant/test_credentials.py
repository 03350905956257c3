"""The token and the client secret of Croissant, and that nothing shows them."""

from __future__ import annotations

import pickle
import traceback

import attrs
import httpx
import pytest

from ordermux_croissant import Client, Secret, codec, errors, models
from ordermux_croissant.api.auth import create_token
from support.croissant_package import CREDENTIALS, OPERATIONS, answering, call


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
