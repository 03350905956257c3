"""The stock client's faults, one by one: that openapi-python-client's own templates have each, and ours have not.

Every test runs one behaviour against both packages, compiled from the same document, the stock one in this very run.
The first assertion says what ours does, the second what stock does: where it fails, a release has mended the fault.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordermux_zephyr import UNSET, Deviation, errors
from support.mock_answers import MockAnswers
from typed_clients import stock as compiled
from typed_clients.stock import TOKEN, Package, example

ORDER = example("zephyr", "Order")
PAID = example("cryptum", "Order")  # an order that bears a secret, its session token
SECRET = PAID["sessionToken"]
MENDED = f"openapi-python-client {version('openapi-python-client')} no longer does this: does our template have to?"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder that packages can be imported from."""
    folder = tmp_path_factory.mktemp("stock")
    sys.path.append(str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def stock(folder: Path) -> Package:
    """Give Zephyr's package by the stock templates."""
    return compiled.stock("zephyr", folder)


@pytest.fixture(scope="session")
def stock_cryptum(folder: Path) -> Package:
    """Give Cryptum's package by the stock templates."""
    return compiled.stock("cryptum", folder)


@pytest.fixture(scope="session")
def ours() -> Package:
    """Give Zephyr's package by our templates."""
    return compiled.ours("zephyr")


@pytest.fixture(scope="session")
def our_cryptum() -> Package:
    """Give Cryptum's package by our templates."""
    return compiled.ours("cryptum")


def _kind(outcome: object) -> type[object]:
    return type(outcome)


@pytest.mark.slow
def test_both_read_an_answer_that_is_as_documented(ours: Package, stock: Package) -> None:
    """No fault, but the ground of all others: where nothing is odd, both give the same."""

    def order(package: Package) -> Any:
        answer = package.get_order(httpx.Response(200, json=ORDER))
        return answer.status_code, answer.parsed.id, answer.parsed.status, answer.parsed.line_items[0].quantity

    assert (200, "order_01HXY8", "paid", 2) == order(ours)
    assert (200, "order_01HXY8", "paid", 2) == order(stock)


@pytest.mark.parametrize("status", [299, 520])
def test_a_status_outside_the_iana_list_is_told(ours: Package, stock: Package, status: int) -> None:
    """The caller learns the status as it came; stock raises ValueError, since HTTPStatus does not list it."""

    def told(package: Package) -> Any:
        outcome = package.get_order(httpx.Response(status, json=ORDER))
        return getattr(outcome, "status_code", repr(outcome))

    assert status == told(ours)
    assert f"ValueError('{status} is not a valid HTTPStatus')" == told(stock), MENDED


def test_an_unknown_enum_value_is_kept(ours: Package, stock: Package) -> None:
    """A status that is not published is read as it is; stock raises ValueError and the order is lost."""

    def status(package: Package) -> Any:
        outcome = package.get_order(httpx.Response(200, json={**ORDER, "status": "on_hold"}))
        return repr(outcome) if isinstance(outcome, Exception) else outcome.parsed.status

    assert "on_hold" == status(ours)
    assert "ValueError(\"'on_hold' is not a valid OrderStatus\")" == status(stock), MENDED


def test_a_missing_field_is_an_error_with_its_path(ours: Package, stock: Package) -> None:
    """An order without a required field is an error that says where and what; stock raises a bare KeyError."""

    def problem(package: Package) -> tuple[type[object], str]:
        body = {name: value for name, value in ORDER.items() if name != "total_cents"}
        outcome = package.get_order(httpx.Response(200, json=body))
        return _kind(outcome), str(outcome)

    said = "getOrder: $: object missing required field total_cents"
    assert (errors.DecodeError, said) == problem(ours)
    assert (KeyError, "'total_cents'") == problem(stock), MENDED


def test_a_wrong_type_in_a_required_place_is_an_error(ours: Package, stock: Package) -> None:
    """A string where cents are due never passes for a number; stock hands it out as one."""

    def total(package: Package) -> Any:
        outcome = package.get_order(httpx.Response(200, json={**ORDER, "total_cents": "3730"}))
        return str(outcome) if isinstance(outcome, Exception) else outcome.parsed.total_cents

    assert "getOrder: $.total_cents: expected int, got str" == total(ours)
    assert "3730" == total(stock), MENDED


def test_a_wrong_type_in_an_optional_place_is_left_unset_and_reported(ours: Package, stock: Package) -> None:
    """A string where a quantity is due is left out and reported; stock hands it out and says nothing."""

    def quantity(package: Package) -> Any:
        answer = package.get_order(httpx.Response(200, json={**ORDER, "line_items": [{"quantity": "2"}]}))
        return answer.parsed.line_items[0].quantity, getattr(answer, "deviations", ())

    assert (UNSET, (Deviation("$.line_items[0].quantity", "expected int, got str"),)) == quantity(ours)
    assert ("2", ()) == quantity(stock), MENDED


@pytest.mark.parametrize(
    ("status", "kind"), [(302, errors.UnexpectedStatus), (400, errors.BadRequest), (500, errors.ServerError)]
)
def test_an_undocumented_error_status_is_raised(
    ours: Package, stock: Package, status: int, kind: type[Exception]
) -> None:
    """A status that is no success raises, though the document does not list it; stock answers None."""

    def result(package: Package) -> Any:
        outcome = package.get_order(httpx.Response(status))
        return _kind(outcome) if isinstance(outcome, Exception) else outcome.parsed

    assert kind == result(ours)
    assert None is result(stock), MENDED


def test_a_documented_error_status_is_raised(ours: Package, stock: Package) -> None:
    """A 404 raises an error with its body; stock returns the error body as if it were the result."""

    def result(package: Package) -> Any:
        outcome = package.get_order(httpx.Response(404, json={"error": {"message": "gone"}}))
        body = getattr(outcome, "error", None) or outcome.parsed
        return _kind(outcome).__name__, body.error.message

    assert ("NotFound", "gone") == result(ours)
    assert ("Response", "gone") == result(stock), MENDED


def test_an_undocumented_success_is_read(ours: Package, stock: Package) -> None:
    """An order that comes with 202 in place of 200 is the result all the same; stock answers None."""

    def result(package: Package) -> Any:
        parsed = package.get_order(httpx.Response(202, json=ORDER)).parsed
        return parsed and parsed.id

    assert "order_01HXY8" == result(ours)
    assert None is result(stock), MENDED


@pytest.mark.parametrize(
    ("operation", "segment", "reached"),
    [
        ("get_order", "..", "GET /v1"),
        ("get_order", ".", "GET /v1/orders"),
        ("get_order", "", "GET /v1/orders/"),
        ("cancel_order", "..", "POST /v1/cancel"),
        ("cancel_order", ".", "POST /v1/orders/cancel"),
        ("cancel_order", "", "POST /v1/orders//cancel"),
    ],
)
def test_a_path_parameter_reaches_no_other_resource(
    ours: Package, stock: Package, operation: str, segment: str, reached: str
) -> None:
    """`..`, `.` and nothing are refused before sending; stock requests another resource, with the credential."""

    def requested(package: Package) -> list[str]:
        wire = MockAnswers(httpx.Response(200, json=ORDER))
        package.call(f"orders.{operation}", package.client(wire), segment)
        return [f"{request.method} {request.url.raw_path.decode()}" for request in wire.requests]

    assert [] == requested(ours)
    assert [reached] == requested(stock), MENDED


def test_the_repr_of_a_client_does_not_show_the_token(ours: Package, stock: Package) -> None:
    """A client may be printed and logged; stock shows the token."""

    def shows(package: Package) -> bool:
        return TOKEN in repr(package.client())

    assert not shows(ours)
    assert shows(stock), MENDED


def test_the_pickle_of_a_client_does_not_hold_the_token(ours: Package, stock: Package) -> None:
    """A client may go through a queue; stock writes the token into the pickle."""

    def holds(package: Package) -> bool:
        return TOKEN.encode() in pickle.dumps(package.client())

    assert not holds(ours)
    assert holds(stock), MENDED


def test_a_client_that_was_used_can_be_pickled(ours: Package, stock: Package) -> None:
    """A client pickles after its first call as before it; stock raises TypeError over its connections."""

    def outcome(package: Package) -> str:
        client = package.client()
        with client.get_httpx_client():
            try:
                return type(pickle.loads(pickle.dumps(client))).__name__
            except TypeError as error:
                return type(error).__name__

    assert "Client" == outcome(ours)
    assert "TypeError" == outcome(stock), MENDED


@pytest.mark.slow
def test_the_repr_of_a_model_does_not_show_a_secret(our_cryptum: Package, stock_cryptum: Package) -> None:
    """An order may be printed though it bears a session token; stock shows the token."""

    def shows(package: Package) -> bool:
        return SECRET in repr(package.get_order(httpx.Response(200, json=PAID)).parsed)

    assert not shows(our_cryptum)
    assert shows(stock_cryptum), MENDED


def test_the_pickle_of_a_model_does_not_hold_a_secret(our_cryptum: Package, stock_cryptum: Package) -> None:
    """An order may go through a queue though it bears a session token; stock writes the token into the pickle."""

    def holds(package: Package) -> bool:
        return SECRET.encode() in pickle.dumps(package.get_order(httpx.Response(200, json=PAID)).parsed)

    assert not holds(our_cryptum)
    assert holds(stock_cryptum), MENDED


def test_with_headers_leaves_the_client_as_it_is(ours: Package, stock: Package) -> None:
    """A header for a new client does not go out with the old one; in stock it does, once the old one was used."""

    def sent(package: Package) -> Any:
        client = package.client(wire := MockAnswers(httpx.Response(200, json=ORDER)))
        package.call("orders.get_order", client, "order_01HXY8")
        client.with_headers({"X-Shop": "another"})
        package.call("orders.get_order", client, "order_01HXY8")
        return wire.requests[1].headers.get("X-Shop")

    assert None is sent(ours)
    assert "another" == sent(stock), MENDED


def test_with_timeout_leaves_the_client_as_it_is(ours: Package, stock: Package) -> None:
    """A timeout for a new client does not count for the old one; in stock it does, once the old one was used."""

    def changed(package: Package) -> Any:
        client = package.client(wire := MockAnswers(httpx.Response(200, json=ORDER)))
        package.call("orders.get_order", client, "order_01HXY8")
        client.with_timeout(5.0)
        package.call("orders.get_order", client, "order_01HXY8")
        return wire.requests[0].extensions["timeout"] != wire.requests[1].extensions["timeout"]

    assert not changed(ours)
    assert changed(stock), MENDED


def test_the_callers_own_headers_stay_as_they_are(ours: Package, stock: Package) -> None:
    """The mapping that a caller passes is only read; stock writes the token into it."""

    def afterwards(package: Package) -> dict[str, str]:
        headers = {"X-Shop": "mine"}
        client = package.client(MockAnswers(httpx.Response(200, json=ORDER)), headers=headers)
        package.call("orders.get_order", client, "order_01HXY8")
        return headers

    assert {"X-Shop": "mine"} == afterwards(ours)
    assert {"X-Shop": "mine", "Authorization": f"Bearer {TOKEN}"} == afterwards(stock), MENDED


def test_a_cookie_of_an_answer_is_not_sent_back(ours: Package, stock: Package) -> None:
    """An answer leaves nothing behind in the client; stock keeps its cookies in a jar and sends them from then on."""

    def sent(package: Package) -> Any:
        client = package.client(wire := MockAnswers(httpx.Response(200, json=ORDER, headers={"Set-Cookie": "sid=1"})))
        package.call("orders.get_order", client, "order_01HXY8")
        package.call("orders.get_order", client, "order_01HXY8")
        return wire.requests[1].headers.get("Cookie")

    assert None is sent(ours)
    assert "sid=1" == sent(stock), MENDED


def test_there_is_a_timeout_by_default(ours: Package, stock: Package) -> None:
    """A server that does not answer is given up after 30 seconds; stock waits for ever."""

    def seconds(package: Package) -> Any:
        wire = MockAnswers(httpx.Response(200, json=ORDER))
        package.call("orders.get_order", package.client(wire), "order_01HXY8")
        return wire.requests[0].extensions["timeout"]

    assert dict.fromkeys(("connect", "read", "write", "pool"), 30.0) == seconds(ours)
    assert dict.fromkeys(("connect", "read", "write", "pool")) == seconds(stock), MENDED


def _imported(package: Package) -> set[str]:
    """Return what importing one endpoint imports, in an interpreter of its own."""
    program = f"import sys, {package.name}.api.orders.get_order; print(*sys.modules)"
    folder = Path(package.part("types").__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.slow
def test_importing_an_endpoint_imports_no_model_of_others(ours: Package, stock: Package) -> None:
    """An endpoint costs its own import alone; stock imports every model of the package with it."""

    def imported(package: Package) -> bool:
        return package.part("models").WebhookEndpoint.__module__ in _imported(package)

    assert not imported(ours)
    assert imported(stock), MENDED


@pytest.mark.slow
def test_importing_an_endpoint_does_not_import_httpx(ours: Package, stock: Package) -> None:
    """The HTTP library is imported when something is sent; stock imports it with each endpoint."""

    def imported(package: Package) -> bool:
        return "httpx" in _imported(package)

    assert not imported(ours)
    assert imported(stock), MENDED


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("refused"), errors.TransportError),
        (httpx.ReadTimeout("slow"), errors.TransportTimeout),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_broken_connection_is_an_error_of_the_package(
    ours: Package, stock: Package, failure: httpx.HTTPError, kind: type[Exception]
) -> None:
    """What httpx raises becomes an error of the package's own; in stock it escapes."""

    def raised(package: Package) -> type[object]:
        return _kind(package.get_order(failure))

    assert kind == raised(ours)
    assert _kind(failure) == raised(stock), MENDED


def test_an_answer_that_is_no_json_is_an_error_of_the_package(ours: Package, stock: Package) -> None:
    """A page of HTML with status 200 is an error of the package's own; in stock the JSON reader's escapes."""

    def raised(package: Package) -> type[object]:
        return _kind(package.get_order(httpx.Response(200, html="<h1>Maintenance</h1>")))

    assert errors.DecodeError == raised(ours)
    assert json.JSONDecodeError == raised(stock), MENDED


def test_an_error_that_is_no_json_keeps_its_status(ours: Package, stock: Package) -> None:
    """A proxy's page of HTML with 503 is told as 503; in stock the JSON reader's error hides the status."""

    def told(package: Package) -> tuple[type[object], Any]:
        outcome = package.get_order(httpx.Response(503, html="<h1>Service Unavailable</h1>"))
        return _kind(outcome), getattr(outcome, "status_code", None)

    assert (errors.ServerError, 503) == told(ours)
    assert (json.JSONDecodeError, None) == told(stock), MENDED


def test_a_deprecated_field_is_warned_of(ours: Package, stock: Package) -> None:
    """Setting a field that the document deprecates warns, at the line that sets it; stock says nothing."""

    def warned(package: Package) -> list[tuple[type[Warning], str]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            package.part("models").RefundRequest(amount_cents=1490, note="broken on arrival")
        return [(warning.category, warning.filename) for warning in caught]

    assert [(DeprecationWarning, __file__)] == warned(ours)
    assert [] == warned(stock), MENDED
