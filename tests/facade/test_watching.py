"""What happened can be seen: in the log, by hooks, by spans, and on errors; and no secret with it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from ordermux import Attempt, AttemptStart, Money, NotFound, Ordermux, ProviderError, Zephyr
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.engine.logs import LOGGER, configure_from_env
from support.clients import Opening, blocking, both
from support.mock_answers import MockAnswers

KEY = "canary-b7d5-api-key"
ORDER = "zephyr:order_01HXY8"
PROGRAM = """
import sys
from ordermux import Money, Ordermux, Zephyr
with Ordermux(Zephyr(api_key=sys.argv[1], base_url=sys.argv[2])) as mux:
    mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD"))
"""


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Give the logger, which is afterwards as it was."""
    handlers, level = list(LOGGER.handlers), LOGGER.level
    yield LOGGER
    LOGGER.handlers[:] = handlers
    LOGGER.setLevel(level)


def refusal(*answers: httpx.Response | Exception, **settings: Any) -> ProviderError:
    """Return the error of a read."""
    account = Zephyr(api_key=KEY, base_url="https://shop.test/base")
    with blocking(account, transport=MockAnswers(*answers, repeats_last=False), attempts=1, **settings) as mux:
        with pytest.raises(ProviderError) as raised:
            mux.orders.get(ORDER)
    return raised.value


# The log


def failing_once(emulator: Emulator) -> dict[str, Any]:
    """Have the first refund fail; return the account's settings."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.STATUS, when="before", status=503))
    settings: dict[str, Any] = emulator.client_kwargs("zephyr")
    return settings


def refunded(emulator: Emulator, word: str) -> list[str]:
    """Return what a program logs that refunds a part of an order, the first time in vain."""
    settings = failing_once(emulator)
    arguments = [settings["api_key"], settings["base_url"]]
    environ = os.environ | {"ORDERMUX_LOG": word}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environ, capture_output=True, text=True, check=True
    )
    assert "" == done.stdout
    assert settings["api_key"] not in done.stderr
    return done.stderr.splitlines()


@pytest.mark.slow
def test_info_logs_a_line_for_each_call_and_each_retry(emulator: Emulator) -> None:
    """The retry with its reason."""
    retry, call = refunded(emulator, "info")
    assert "ordermux INFO zephyr: refund: createRefund: status 503" in retry
    assert "; retry in " in retry
    assert "ordermux INFO zephyr: refund order_01HXY8: done after " in call
    assert call.endswith("and 3 requests")


@pytest.mark.slow
def test_debug_logs_a_line_for_each_request_too(emulator: Emulator) -> None:
    """With its URL and its status."""
    lines = [line for line in refunded(emulator, "DEBUG") if " DEBUG " in line]
    url = f"{emulator.client_kwargs('zephyr')['base_url']}/v1/orders/order_01HXY8"
    wanted = [f"GET {url}: status 200", f"POST {url}/refunds: status 503", f"POST {url}/refunds: status 201"]
    assert 3 == len(lines)
    assert [] == [(text, line) for text, line in zip(wanted, lines, strict=True) if text not in line]


@pytest.mark.slow
def test_nothing_is_logged_unless_it_is_asked_for(emulator: Emulator) -> None:
    """A program's standard error is its own."""
    assert [] == refunded(emulator, "")


@both
def test_a_call_that_fails_is_logged_with_the_kind_of_its_error(
    opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    """In the handlers of a program that has set up logging."""
    caplog.set_level(logging.INFO, "ordermux")
    account = Zephyr(api_key=KEY, base_url="https://shop.test")
    with opening(account, transport=MockAnswers(httpx.Response(401, json={}), repeats_last=False), attempts=1) as mux:
        with pytest.raises(ProviderError):
            mux.orders.get(ORDER)
    [line] = caplog.messages
    assert line.startswith("zephyr: get order_01HXY8: failed with AuthenticationFailed after ")


def test_the_environment_adds_one_handler_however_many_clients_there_are(logger: logging.Logger) -> None:
    """Or each line would come again for each client."""
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    try:
        before = len(logger.handlers)
        for _ in range(3):
            configure_from_env({"ORDERMUX_LOG": " Info "})
        assert (before + 1, logging.INFO) == (len(logger.handlers), logger.level)
    finally:
        root.handlers = kept


def test_a_program_with_handlers_of_its_own_gets_the_lines_there(logger: logging.Logger) -> None:
    """And not a second time on standard error."""
    root, handler, before = logging.getLogger(), logging.NullHandler(), len(logger.handlers)
    root.addHandler(handler)
    try:
        configure_from_env({"ORDERMUX_LOG": "debug"})
        assert (before, logging.DEBUG) == (len(logger.handlers), logger.level)
    finally:
        root.removeHandler(handler)


def test_another_word_is_told_and_changes_nothing(logger: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    """A program does not fail for it."""
    level = logger.level
    configure_from_env({"ORDERMUX_LOG": "loud"})
    assert (["ORDERMUX_LOG is info or debug, not 'loud'"], level) == (caplog.messages, logger.level)


# Hooks


@both
def test_hooks_have_the_url_the_method_the_key_and_the_request_id(opening: Opening, emulator: Emulator) -> None:
    """Before a request and after it."""
    starts: list[AttemptStart] = []
    attempts: list[Attempt] = []
    with opening(*emulator.accounts(), before_send=starts.append, on_attempt=attempts.append) as mux:
        mux.orders.refund(ORDER, Money("1.00", "USD"), idempotency_key="my-key")
    path = f"{emulator.client_kwargs('zephyr')['base_url']}/v1/orders/order_01HXY8"
    wanted = [("GET", path, "my-key"), ("POST", f"{path}/refunds", "my-key")]
    assert wanted == [(each.method, each.url, each.key) for each in starts]
    assert wanted == [(each.method, each.url, each.key) for each in attempts]


def test_on_attempt_has_the_providers_id_of_the_request() -> None:
    """As its support asks for it; the error has the same."""
    attempts: list[Attempt] = []
    error = refusal(httpx.Response(503, headers={"X-Request-Id": "req_7"}), on_attempt=attempts.append)
    assert (["req_7"], "req_7") == ([each.request_id for each in attempts], error.request_id)


def test_an_id_that_repeats_a_credential_is_masked() -> None:
    """Whatever a server sends back."""
    attempts: list[Attempt] = []
    refusal(httpx.Response(503, headers={"X-Request-Id": KEY}), on_attempt=attempts.append)
    assert KEY not in repr(attempts)


# Spans


def spans_of(opening: Opening, *answers: httpx.Response | Exception, **settings: Any) -> list[Any]:
    """Return the spans of a read that may fail."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    account = Zephyr(api_key=KEY, base_url="https://shop.test")
    options = {
        "transport": MockAnswers(*answers, repeats_last=False),
        "tracer": provider.get_tracer("tests"),
        **settings,
    }
    with opening(account, **options) as mux:
        with contextlib.suppress(ProviderError):
            mux.orders.get(ORDER)
    return list(exporter.get_finished_spans())


@both
def test_each_request_is_a_span_by_the_conventions_of_opentelemetry(opening: Opening) -> None:
    """A child of the call's, and a client's."""
    answers = (httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(404, headers={"Request-Id": "req_7"}))
    first, second, call = spans_of(opening, *answers)
    assert ("GET", SpanKind.CLIENT, call.context.span_id) == (first.name, first.kind, first.parent.span_id)
    shared = {
        "http.request.method": "GET",
        "url.full": "https://shop.test/v1/orders/order_01HXY8",
        "server.address": "shop.test",
        "server.port": 443,
        "ordermux.account": "zephyr",
        "ordermux.endpoint": "getOrder",
    }
    assert {**shared, "http.response.status_code": 429, "error.type": "429"} == dict(first.attributes)
    assert {
        **shared,
        "http.request.resend_count": 1,
        "http.response.status_code": 404,
        "error.type": "404",
        "ordermux.request_id": "req_7",
    } == dict(second.attributes)
    assert "ordermux get" == call.name
    assert KEY not in "".join(span.to_json() for span in (first, second, call))


@both
def test_the_span_of_a_request_without_a_response_says_what_failed(opening: Opening) -> None:
    """There is no status."""
    request, _ = spans_of(opening, httpx.ConnectError("refused"), attempts=1)
    assert "http.response.status_code" not in request.attributes
    assert "ConnectError" == request.attributes["error.type"]


def test_the_span_of_a_change_has_its_key(emulator: Emulator) -> None:
    """By which the provider's support finds it."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with Ordermux(*emulator.accounts(), tracer=provider.get_tracer("tests")) as mux:
        refund = mux.orders.refund(ORDER, Money("1.00", "USD"))
    keys = [(span.attributes or {}).get("ordermux.idempotency_key") for span in exporter.get_finished_spans()]
    assert [refund.idempotency_key, refund.idempotency_key] == keys[:2]


# Errors


def test_an_error_has_the_request_as_a_line_of_curl_without_secrets() -> None:
    """What may be a credential is to be filled in."""
    error = refusal(httpx.Response(403, json={}))
    url = "https://shop.test/base/v1/orders/order_01HXY8"
    assert ("GET", url) == (error.method, error.url)
    assert error.curl is not None
    words = shlex.split(error.curl)
    assert ["curl", "-sS", "-X", "GET", url] == words[:5]
    assert "authorization: ***" in words
    assert "accept: application/json" in words
    assert KEY not in error.curl


def test_the_line_of_curl_of_a_change_has_its_body_and_its_key() -> None:
    """So that it is the same request."""
    order = {"id": "order_1", "currency": "USD", "status": "paid", "total_cents": 500}
    found = httpx.Response(200, json=order)
    account = Zephyr(api_key=KEY, base_url="https://shop.test")
    with blocking(
        account, transport=MockAnswers(found, httpx.Response(422, json={}), repeats_last=False), attempts=1
    ) as mux:
        with pytest.raises(ProviderError) as raised:
            mux.orders.refund("zephyr:order_1", Money("1.00", "USD"), reason="duplicate", idempotency_key="my-key")
    words = shlex.split(str(raised.value.curl))
    assert "idempotency-key: my-key" in [word.lower() for word in words]
    assert {"amount_cents": 100, "reason": "duplicate"} == json.loads(words[words.index("--data-binary") + 1])


def test_an_error_before_anything_was_sent_has_no_request() -> None:
    """There is nothing to repeat."""
    error = ProviderError("what happened", provider="zephyr", account="zephyr", operation="get")
    assert (None, None, None) == (error.method, error.url, error.curl)


def test_a_404_that_is_not_the_providers_asks_for_the_address() -> None:
    """A page of some other server."""
    error = refusal(httpx.Response(404, html="<html>Not Found</html>"))
    assert isinstance(error, NotFound)
    assert str(error).endswith("; this is not the provider's own answer: is https://shop.test/base the right base_url?")
    assert "There is no such order" not in str(error)


@pytest.mark.parametrize("provider", ["zephyr", "croissant", "crossmint", "cryptum"])
def test_the_providers_own_404_names_the_id_and_asks_for_nothing(emulator: Emulator, provider: str) -> None:
    """The address is right."""
    unknown = "00000000-0000-4000-8000-000000000000"
    with Ordermux(*emulator.accounts()) as mux, pytest.raises(NotFound, match=unknown) as raised:
        mux.orders.get(f"{provider}:{unknown}")
    assert "base_url" not in str(raised.value)


def test_an_id_that_the_provider_takes_for_none_is_in_the_message(emulator: Emulator) -> None:
    """Crossmint's are UUIDs, and any other is a 400."""
    with Ordermux(*emulator.accounts()) as mux, pytest.raises(ProviderError, match="'order_1'"):
        mux.orders.get("crossmint:order_1")
