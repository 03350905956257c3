"""Secrets show nowhere: not in a repr, a log, a pickle, nor in the locals of a traceback."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from typing import Any

import httpx
import pytest

from ordermux_cryptum import codec as cryptum_codec
from ordermux_zephyr import Client, Secret, codec, errors
from ordermux_zephyr.api.orders import get_order
from support.mock_answers import MockAnswers
from support.typed_client_answers import CANARY, ORDER, traced


def test_a_secret_is_what_it_is_and_never_shows() -> None:
    """It compares, copies and is revealed; it shows nowhere, and a pickle loses it."""
    secret = Secret(CANARY)
    assert secret == Secret(CANARY) != Secret("other")
    assert (CANARY, secret) == (copy.deepcopy(secret).reveal(), copy.copy(secret))
    assert CANARY not in f"{secret!r} {secret} {secret:>20} {[secret]} {pickle.dumps(secret)!r}"
    with pytest.raises(errors.SecretLost, match="pickled without its string"):
        pickle.loads(pickle.dumps(secret)).reveal()


def test_a_raw_body_shows_its_length_only() -> None:
    """Its bytes are all there; a pickle has its secrets masked, a copy does not."""
    body = cryptum_codec.Body(b'{"sessionToken":"canary-3f9a"}')
    assert ("<30 bytes>", "<30 bytes>", 30) == (repr(body), str(body), len(body))
    assert (body, body) == (copy.copy(body), copy.deepcopy(body))
    assert b'{"sessionToken":"**********"}' == pickle.loads(pickle.dumps(body))


def test_a_secret_in_a_body_shows_nowhere_when_the_body_is_wrong() -> None:
    """Not in the error, its pickle, its attributes, nor in the locals of its traceback."""
    content = b'{"access_token": ["%s"]}' % CANARY.encode()
    from ordermux_croissant import errors as croissant_errors
    from ordermux_croissant.api.auth import create_token

    for status, headers in ((200, {}), (500, {"set-cookie": f"session={CANARY}"})):
        with pytest.raises(croissant_errors.CroissantError) as raised:
            create_token.read_response(status, headers, content)
        error = raised.value
        assert CANARY not in traced(error) + repr(pickle.dumps(error)) + repr(vars(error))


def test_a_body_is_redacted_by_the_documents_own_secrets() -> None:
    """Wherever they stand in it; what is no JSON is told by its length."""
    body = b'{"orders":[{"id":"1","sessionToken":"%s"}]}' % CANARY.encode()
    assert b'{"orders":[{"id":"1","sessionToken":"**********"}]}' == cryptum_codec.redact(body)
    assert b"<6 bytes>" == codec.redact(b"<html>") == codec.redact(codec.redact(b"<html>"))


@pytest.mark.parametrize("answer", [httpx.Response(200, json=ORDER), httpx.Response(401), httpx.Response(200)])
def test_a_credential_shows_nowhere(caplog: pytest.LogCaptureFixture, answer: httpx.Response) -> None:
    """Not in a log at any level, a repr, a pickle, nor in the locals of an error's traceback."""
    caplog.set_level(logging.DEBUG)
    shown = ""
    with Client(api_key=CANARY, transport=MockAnswers(answer)) as client:
        shown += repr(client) + str(client) + repr(pickle.dumps(attributes_only(client)))
        try:
            shown += repr(get_order.sync_detailed("o", client=client))
        except errors.ZephyrError as error:
            shown += repr(error) + repr(pickle.dumps(error))
            whole = traceback.TracebackException.from_exception(error, capture_locals=True)
            shown += "".join(whole.format())
    assert CANARY not in shown + caplog.text


def attributes_only(client: Client) -> Client:
    """Return the client as it comes out of a pickle."""
    restored: Client = pickle.loads(pickle.dumps(client))
    return restored


def test_a_connection_that_fails_leaves_no_frames_of_the_library_behind() -> None:
    """Their locals hold the credentials, and would be shown by a handler that prints locals."""
    with Client(api_key=CANARY, base_url="http://127.0.0.1:9") as client:
        with pytest.raises(errors.TransportError) as raised:
            get_order.sync("o", client=client)
    whole = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert "getOrder" in whole
    assert CANARY not in whole
    assert "httpcore" not in whole


def test_a_refused_body_does_not_show_its_secrets() -> None:
    """Not in the error, nor in the locals of its traceback."""
    from ordermux_croissant import Secret as CroissantSecret
    from ordermux_croissant import errors as croissant_errors
    from ordermux_croissant import models as croissant_models
    from ordermux_croissant.api.auth import create_token

    wrong: Any = 5
    body = croissant_models.TokenRequest(client_id=wrong, client_secret=CroissantSecret(CANARY))
    with pytest.raises(croissant_errors.InvalidRequest, match="expected str, got int") as raised:
        create_token.build_request(body=body)
    assert CANARY not in traced(raised.value)
