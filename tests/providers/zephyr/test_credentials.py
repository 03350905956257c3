"""The key and the signing secret of ZephyrCart: where they are sent, and that nothing shows them."""

from __future__ import annotations

import json
import logging
import pickle
import traceback

import httpx
import msgspec
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.zephyr.emulator import CREDENTIALS
from ordermux_zephyr import Client, Secret, codec, errors, models
from ordermux_zephyr.api.webhook_endpoints import create_webhook_endpoint
from support.clients import SYNC_AND_ASYNC
from support.zephyr_package import OPERATIONS, answering, call


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_key_nothing_is_sent(emulator: Emulator, name: str, asynchronous: bool) -> None:  # noqa: FBT001
    """The client says so before it opens a connection."""
    with (
        Client(base_url=f"{emulator.address}/zephyr") as client,
        pytest.raises(errors.MissingCredentials, match=f"{name} needs api_key"),
    ):
        call(name, client, asynchronous=asynchronous)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_key_goes_as_a_bearer_token(name: str) -> None:
    """On every operation, and in no other place of the request."""
    seen: list[httpx.Request] = []
    with answering(500, b"", seen) as client, pytest.raises(errors.ServerError):
        call(name, client)
    assert "Bearer zk_mock" == seen[0].headers.pop("authorization")
    assert b"zk_mock" not in str((seen[0].url, seen[0].headers)).encode() + seen[0].content


def shown(value: object) -> str:
    """Return every form in which a value may reach a log or a disk."""
    return f"{value!r} {value} {pickle.dumps(value)!r}"


def test_a_client_does_not_show_its_key() -> None:
    """Neither by repr, nor by str, nor in a pickle, which comes back without it."""
    client = Client(api_key="hush-hush", headers={"x-also": "hush-hush"})
    assert "hush-hush" not in shown(client)
    with pytest.raises(errors.SecretLost):
        call("getOrder", pickle.loads(pickle.dumps(client)))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_error_does_not_show_the_key(emulator: Emulator, name: str) -> None:
    """Nor does its traceback."""
    with (
        Client(base_url=f"{emulator.address}/zephyr", api_key="hush-hush") as client,
        pytest.raises(errors.Unauthorized) as caught,
    ):
        call(name, client)
    assert "hush-hush" not in shown(caught.value) + "".join(traceback.format_exception(caught.value))
    assert name in str(caught.value)


def test_a_failed_connection_does_not_show_the_key() -> None:
    """The error of the transport is our own, without another library's frames below it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with (
        Client(api_key="hush-hush", transport=httpx.MockTransport(fail)) as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        call("createRefund", client)
    assert (True, None, None) == (caught.value.nothing_sent, caught.value.__cause__, caught.value.__context__)
    assert "hush-hush" not in shown(caught.value)


ENDPOINT_ANSWER = b'{"id": "we_1", "url": "https://a.example", "signing_secret": "whsec_hush-hush"}'


def test_a_signing_secret_is_masked_until_it_is_asked_for() -> None:
    """In the model and in the whole answer, which has the raw body; `reveal()` gives the string."""
    response = create_webhook_endpoint.read_response(201, {}, ENDPOINT_ANSWER)
    secret = response.parsed.signing_secret
    assert isinstance(secret, Secret)
    assert "whsec_hush-hush" == secret.reveal()
    assert ("**********", "Secret('**********')") == (str(secret), repr(secret))
    assert "hush-hush" not in shown(response) + shown(response.parsed) + shown(secret)
    assert "https://a.example" in shown(response.parsed)


def test_a_signing_secret_is_written_as_it_was_read() -> None:
    """Encoding a model is for the wire, so the string is in it."""
    endpoint = create_webhook_endpoint.read_response(201, {}, ENDPOINT_ANSWER).parsed
    assert json.loads(ENDPOINT_ANSWER) == json.loads(codec.encode(endpoint))


def test_a_pickled_endpoint_lost_its_secret_and_nothing_else() -> None:
    """It comes back, and asking for the secret says what happened."""
    endpoint = create_webhook_endpoint.read_response(201, {}, ENDPOINT_ANSWER).parsed
    kept: models.WebhookEndpoint = pickle.loads(pickle.dumps(endpoint))
    assert msgspec.structs.replace(endpoint, signing_secret=Secret(None)) == kept
    assert kept.signing_secret
    with pytest.raises(errors.SecretLost):
        kept.signing_secret.reveal()


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (409, b'{"error": {"code": "no"}, "endpoint": {"signing_secret": "whsec_hush-hush"}}'),
        (502, b"<p>whsec_hush-hush</p>"),
        (201, b'{"signing_secret": "whsec_hush-hush"'),
        (201, b'[{"signing_secret": "whsec_hush-hush"}]'),
    ],
    ids=["a conflict", "no JSON", "a cut body", "a list"],
)
def test_an_error_does_not_show_a_signing_secret_that_the_body_repeats(status: int, content: bytes) -> None:
    """Nor does its traceback or its pickle."""
    with answering(status, content) as client, pytest.raises(errors.ZephyrError) as caught:
        call("createWebhookEndpoint", client)
    assert "hush-hush" not in shown(caught.value) + "".join(traceback.format_exception(caught.value))


def test_no_log_shows_a_secret(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """At the lowest level and of every logger, httpx's own among them."""
    caplog.set_level(logging.DEBUG)
    secret = call("createWebhookEndpoint", client).parsed.signing_secret.reveal()
    assert caplog.records
    assert secret not in caplog.text
    assert CREDENTIALS["api_key"] not in caplog.text
