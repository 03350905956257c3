"""What holds for every compiled package: decoding, secrets, the wire, and what never leaves them."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import pickle
import socket
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

import ordermux_zephyr
from checker import documents
from ordermux_cryptum import codec as cryptum_codec
from ordermux_cryptum import models as cryptum_models
from ordermux_zephyr import Client, Deviation, Request, Secret, codec, errors, models
from ordermux_zephyr.api.orders import create_refund, get_order, list_orders

PROVIDERS = sorted(documents())
ORDER: dict[str, Any] = documents()["zephyr"].schemas["Order"]["examples"][0]
CANARY = "canary-3f9a"


def decoded(body: object) -> tuple[Any, tuple[Deviation, ...]]:
    """Decode a page of orders."""
    return codec.decode(codec.encode(body), models.OrderPage)


def answering(*answers: httpx.Response) -> httpx.MockTransport:
    """Return a transport that gives these answers in turn, the last one for ever."""
    left = list(answers)
    return httpx.MockTransport(lambda _: left.pop(0) if len(left) > 1 else left[0])


def traced(error: Exception) -> str:
    """Return an error's traceback with the locals of all frames but the test's own."""
    own = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(traceback.TracebackException(type(error), error, own, capture_locals=True).format())


# Deviations.


def test_a_break_in_an_optional_place_is_reported_and_the_rest_is_read() -> None:
    """The place is left unset, with its path and what is wrong there."""
    page, deviations = decoded({"data": [ORDER, {**ORDER, "metadata": 7}], "next_cursor": "c2"})
    assert ("c2", ordermux_zephyr.UNSET) == (page.next_cursor, page.data[1].metadata)
    assert (Deviation("$.data[1].metadata", "expected object, got int"),) == deviations
    assert "$.data[1].metadata: expected object, got int" == str(deviations[0])


def test_a_break_below_an_optional_place_unsets_that_place() -> None:
    """The nearest place above the break that may be missing is what is unset; the report names the break."""
    store = {"id": "s", "name": "n", "wallets": 3}
    order = {**documents()["cryptum"].schemas["Order"]["examples"][0], "store": store, "marketRates": {"BRL": 1.5}}
    read, deviations = cryptum_codec.decode(cryptum_codec.encode(order), cryptum_models.Order)
    assert (ordermux_zephyr.UNSET, "n") == (read.market_rates, read.store.name)
    assert ["$.store.wallets", "$.marketRates[...]"] == [deviation.path for deviation in deviations]


def test_every_break_is_reported_once() -> None:
    """Many breaks in one body are all found."""
    order = {**ORDER, "customer_id": 1, "metadata": [], "line_items": [{"name": 1, "sku": 2, "quantity": "3"}]}
    _, deviations = decoded({"data": [order, order], "has_more": "yes"})
    assert 11 == len({deviation.path for deviation in deviations}) == len(deviations)


def test_a_list_never_loses_an_item() -> None:
    """An item that is broken in a required place is an error with its path, not a shorter list."""
    with pytest.raises(errors.DecodeError) as raised:
        decoded({"data": [ORDER, {**ORDER, "total_cents": 37.3}]})
    assert ("$.data[1].total_cents", "expected int, got float") == (raised.value.path, raised.value.problem)


@pytest.mark.parametrize(
    ("order", "path"),
    [
        ({**ORDER, "id": 7}, "$.id"),
        ({**ORDER, "id": 7, "metadata": 7}, "$.id"),
        ({**ORDER, "metadata": 7, "placed_at": ["soon"]}, "$.placed_at"),
        ({**ORDER, "metadata": 7, "placed_at": None}, "$.placed_at"),
        ({name: value for name, value in ORDER.items() if name != "total_cents"}, "$"),
    ],
)
def test_a_break_in_a_required_place_is_an_error_with_its_path(order: object, path: str) -> None:
    """Whatever else is wrong, it is the required place that is named."""
    with pytest.raises(errors.DecodeError) as raised:
        codec.decode(codec.encode(order), models.Order)
    assert path == raised.value.path


def test_an_event_that_the_document_does_not_know_is_an_error_with_its_place() -> None:
    """The union is told apart by its type; a new type is named."""
    with pytest.raises(errors.DecodeError, match="disputed") as raised:
        ordermux_zephyr.events.read_event(b'{"type": "order.disputed", "data": {}}')
    assert "$.type" == raised.value.path


def test_more_breaks_than_can_be_mended_are_an_error() -> None:
    """The mending is bounded, so that a hostile page cannot keep a client busy."""
    page = {"data": [{**ORDER, "line_items": [{"name": 1}] * (codec.MAX_DEVIATIONS + 1)}]}
    with pytest.raises(errors.DecodeError):
        decoded(page)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"\xff", b'{"id": "\xff"}', b"[" * 100_000, b'{"id": NaN}', b'{"total_cents": 1e999}', b"null"],
)
def test_what_is_no_such_json_is_one_kind_of_error(content: bytes) -> None:
    """Nothing of a library's leaves the decoder."""
    with pytest.raises(errors.DecodeError) as raised:
        codec.decode(content, models.Order)
    assert content == raised.value.content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "x.y", "a[0]"]), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*ORDER, "fulfilment", "metadata", "x.y"]), JSON))
def test_any_change_to_an_order_is_read_or_is_our_error(changes: dict[str, Any]) -> None:
    """Whatever stands in the fields, the order is read with its deviations, or a DecodeError names a place."""
    try:
        order, deviations = codec.decode(codec.encode({**ORDER, **changes}), models.Order)
    except errors.DecodeError as error:
        assert error.path.startswith("$")
    else:
        assert isinstance(order, models.Order)
        assert len(deviations) == len({deviation.path for deviation in deviations})


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_are_our_error(content: bytes) -> None:
    """Also what is no text at all; a body is redacted without an error too."""
    codec.redact(content)
    with contextlib.suppress(errors.DecodeError):
        codec.decode(content, models.OrderListing)


def test_deviations_are_on_the_response_and_go_to_the_hook() -> None:
    """Whoever wants to hear of them does, with the operation's name; the raw bytes stay at hand."""
    heard: list[tuple[str, Deviation]] = []
    transport = answering(httpx.Response(200, json={**ORDER, "customer_id": 7}))

    def hook(operation: str, deviation: Deviation) -> None:
        heard.append((operation, deviation))

    with Client(api_key="key", transport=transport, on_deviation=hook) as client:
        response = get_order.sync_detailed("order_01HXY8", client=client)
    assert [("getOrder", response.deviations[0])] == heard
    assert 7 == json.loads(response.content)["customer_id"]


def test_fields_that_the_document_does_not_know_are_in_the_raw_body() -> None:
    """A new field is no deviation, and is not lost."""
    transport = answering(httpx.Response(200, json={**ORDER, "gift": True}))
    with Client(api_key="key", transport=transport) as client:
        response = get_order.sync_detailed("order_01HXY8", client=client)
    assert ((), True) == (response.deviations, json.loads(response.content)["gift"])


# Exact numbers.


def test_a_decimal_is_read_and_sent_as_it_is() -> None:
    """No binary float takes part between the wire and the caller."""
    from ordermux_croissant import codec as croissant_codec
    from ordermux_croissant import models as croissant_models

    content = b'{"value":0.1000000000000000055511151231257827021181583404541015625}'
    buyback, _ = croissant_codec.decode(content, croissant_models.Buyback)
    assert content == croissant_codec.encode(buyback)


# Requests.


@pytest.mark.parametrize("order_id", ["", ".", "..", "a\rb", "a\nb", "a\0b", "\ud800", 7.5, None])
def test_an_id_that_would_reach_something_else_is_refused(order_id: Any) -> None:
    """Before anything is sent."""
    with pytest.raises(errors.InvalidRequest):
        get_order.build_request(order_id)


@pytest.mark.parametrize(
    ("order_id", "path"),
    [
        ("a/b", "a%2Fb"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c d", "a%3Fb%23c%20d"),
        ("...", "..."),
        ("ordér…", "ord%C3%A9r%E2%80%A6"),
    ],
)
def test_an_id_is_one_segment_encoded_once(emulator: Any, order_id: str, path: str) -> None:
    """What is sent is what was asked for: the emulator finds the very order."""
    emulator.state("zephyr").add(emulator.world, id=order_id)
    assert f"/v1/orders/{path}" == get_order.build_request(order_id).path
    with Client(**emulator.arguments("zephyr")) as client:
        assert order_id == get_order.sync(order_id, client=client).id


def test_a_header_cannot_be_broken_out_of() -> None:
    """A key with a line break would be a second header."""
    with pytest.raises(errors.InvalidRequest, match="Idempotency-Key"):
        create_refund.build_request("o", body=models.RefundRequest(amount_cents=1), idempotency_key="k\r\nx: y")


@pytest.mark.parametrize("value", [object(), "\ud800", {1j: 2}])
def test_a_body_that_is_no_json_is_refused(value: Any) -> None:
    """As our error, before anything is sent."""
    with pytest.raises(errors.InvalidRequest, match="cannot be sent as JSON"):
        create_refund.build_request("o", body=models.RefundRequest(amount_cents=1, metadata={"value": value}))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (models.RefundRequest(amount_cents=ordermux_zephyr.UNSET), "missing required field amount_cents"),  # type: ignore[arg-type]
        (models.RefundRequest(amount_cents="14"), r"\$\.amount_cents: expected int, got str"),  # type: ignore[arg-type]
        (None, "expected object, got null"),
        ([1], "expected object, got array"),
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(body: Any, problem: str) -> None:
    """What a refund without an amount would be is anybody's guess."""
    with pytest.raises(errors.InvalidRequest, match=problem):
        create_refund.build_request("o", body=body)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), {"deep": [float("-inf")]}])
def test_a_number_that_json_has_no_form_for_is_refused(value: Any) -> None:
    """It would be sent as null; a real null is sent."""
    with pytest.raises(errors.InvalidRequest, match="has no form in JSON"):
        codec.encode({"value": value})
    assert b'{"value":null}' == codec.encode({"value": None})


def test_a_request_is_plain_data() -> None:
    """Whoever brings their own I/O has all there is to send, credentials apart."""
    expected = Request(
        operation="createRefund",
        method="POST",
        path="/v1/orders/order_01HXY8/refunds",
        headers=(("content-type", "application/json"), ("Idempotency-Key", "k")),
        content=b'{"amount_cents":1490,"reason":"duplicate"}',
        security=(("api_key",),),
    )
    body = models.RefundRequest(amount_cents=1490, reason=models.RefundReason.DUPLICATE)
    assert expected == create_refund.build_request("order_01HXY8", body=body, idempotency_key="k")


def test_a_request_is_not_pickled() -> None:
    """Its body may hold secrets."""
    with pytest.raises(TypeError, match="is not pickled"):
        pickle.dumps(get_order.build_request("o"))


# The client.


@respx.mock
def test_respx_works_as_people_know_it() -> None:
    """No transport needs to be given for it."""
    route = respx.get("https://api.zephyrcart.io/v1/orders/o").respond(json=ORDER)
    with Client(api_key="key") as client:
        get_order.sync("o", client=client)
    assert "Bearer key" == route.calls.last.request.headers["authorization"]


def test_own_headers_are_sent_and_the_operations_win() -> None:
    """Each name once, whatever its spelling."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ORDER)

    with Client(api_key="key", headers={"Accept": "x/y", "X-Shop": "1"}, transport=httpx.MockTransport(answer)) as one:
        with one.with_headers({"X-Shop": "2"}) as two:
            get_order.sync("o", client=one)
            get_order.sync("o", client=two)
    assert [["x/y"], ["x/y"]] == [request.headers.get_list("accept") for request in seen]
    assert ["1", "2"] == [request.headers["x-shop"] for request in seen]


@pytest.mark.parametrize(
    "address",
    [
        "not an address",
        "shop.test:80",
        "ftp://shop.test",
        "http://[",
        "",
        "http://shop.test:99999",
        "http://user:canary@shop.test",
        "http://shop.test?a=1",
        "http://shop.test#a",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    """When the client is made, and without showing it: a password would replace the credential, and be shown."""
    with pytest.raises(errors.InvalidRequest, match="base_url is like https://host/path") as raised:
        Client(api_key="key", base_url=address)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, (1,), None])
def test_a_timeout_that_is_none_is_refused_at_once(timeout: Any) -> None:
    """A call without an end is nobody's wish."""
    with pytest.raises(errors.InvalidRequest, match="timeout is a number of seconds above 0"):
        Client(api_key="key", timeout=timeout)


@pytest.mark.parametrize("credential", [b"canary", 7, ["canary"]])
def test_a_credential_that_is_no_text_is_refused_at_once(credential: Any) -> None:
    """Without showing it."""
    with pytest.raises(errors.InvalidRequest, match="a credential is a string or a Secret") as raised:
        Client(api_key=credential)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("key", ["canary\n", "canary ", "can\nary", "canary\x00"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    """A key that was read from a file often ends in a line break."""
    with Client(api_key=key, transport=answering(httpx.Response(200))) as client:
        with pytest.raises(errors.InvalidRequest, match="header") as raised:
            get_order.sync("o", client=client)
    assert "canary" not in traced(raised.value)


def test_an_empty_key_is_none() -> None:
    """An environment variable that is there and empty is not a credential."""
    with Client(api_key="") as client, pytest.raises(errors.MissingCredentials, match="needs api_key"):
        get_order.sync("o", client=client)


def test_nothing_is_sent_twice_nor_to_another_host() -> None:
    """A redirect is an error, and what it points at is not asked."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    with Client(api_key="key", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(errors.UnexpectedStatus):
            get_order.sync("o", client=client)
    assert ["api.zephyrcart.io"] == asked


def test_a_proxy_of_the_environment_is_not_taken(emulator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be handed the credentials."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Client(**emulator.arguments("zephyr")) as client:
        assert "order_01HXY8" == get_order.sync("order_01HXY8", client=client).id


def test_copies_of_a_client_use_the_same_connections() -> None:
    """A timeout for one call does not open a pool for it, and closing one closes them all."""
    with Client(api_key="key") as client:
        copies = [client.with_timeout(1), client.with_headers({"x": "1"}), copy.copy(client), copy.deepcopy(client)]
        assert [client.get_httpx_client()] * 4 == [other.get_httpx_client() for other in copies]
        opened = client.get_httpx_client()
    assert opened.is_closed


FORKED = """
import os, sys
from ordermux.emulator import Emulator
from ordermux_zephyr import Client
from ordermux_zephyr.api.orders import get_order

with Emulator() as emulator:
    state = emulator.state("zephyr")
    ids = [state.add(emulator.world)["id"] for _ in range(2)]
    client = Client(**emulator.arguments("zephyr"))
    get_order.sync(ids[0], client=client)
    child = os.fork()
    mine = ids[0] if child else ids[1]
    wrong = [1 for _ in range(100) if get_order.sync(mine, client=client).id != mine]
    if not child:
        os._exit(len(wrong))
    print(len(wrong), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_does_not_mix_up_the_answers() -> None:
    """Parent and child go on with one warm client, each over connections of its own."""
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    assert "0 0\n" == subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_one_client_serves_two_event_loops(emulator: Any) -> None:
    """Connections belong to a loop; a second loop gets its own."""
    client = Client(**emulator.arguments("zephyr"))

    async def read() -> str:
        async with client:
            return (await get_order.asyncio("order_01HXY8", client=client)).id

    assert ["order_01HXY8", "order_01HXY8"] == [asyncio.run(read()), asyncio.run(read())]


def test_threads_share_a_client(emulator: Any) -> None:
    """Each gets the order that it asked for."""
    state = emulator.state("zephyr")
    ids = [state.add(emulator.world)["id"] for _ in range(16)]
    got: dict[str, str] = {}
    with Client(**emulator.arguments("zephyr")) as client:

        def read(order_id: str) -> None:
            got[order_id] = get_order.sync(order_id, client=client).id

        threads = [threading.Thread(target=read, args=(order_id,)) for order_id in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {order_id: order_id for order_id in ids} == got


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Give the address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_a_silent_server_is_given_up(silent_server: str, way: str) -> None:
    """After the timeout, as an error that does not claim that nothing was sent."""
    client = Client(api_key="key", base_url=silent_server, timeout=0.2)
    with pytest.raises(errors.TransportTimeout) as raised:
        if way == "sync":
            get_order.sync("o", client=client)
        else:
            asyncio.run(_read_and_close(client))
    client.close()
    assert ("getOrder", False) == (raised.value.operation, raised.value.nothing_sent)


async def _read_and_close(client: Client) -> None:
    async with client:
        await get_order.asyncio("o", client=client)


def test_a_refused_connection_is_known_not_to_have_sent_anything() -> None:
    """So that whoever called may call again."""
    with Client(api_key="key", base_url="http://127.0.0.1:9") as client:
        with pytest.raises(errors.TransportError) as raised:
            get_order.sync("o", client=client)
    assert True is raised.value.nothing_sent


@pytest.mark.parametrize("status", [*range(300, 309), 400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 520, 599, 999])
def test_each_status_that_is_no_success_is_raised(status: int) -> None:
    """With its number as it is, documented or not, and an error body that is none does not hide it."""
    with Client(api_key="key", transport=answering(httpx.Response(status, text="<html>"))) as client:
        with pytest.raises(errors.StatusError) as raised:
            get_order.sync("o", client=client)
    assert (status, None, b"<html>") == (raised.value.status_code, raised.value.error, raised.value.content)


# Secrets.


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
    with Client(api_key=CANARY, transport=answering(answer)) as client:
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


# Imports and names.


@pytest.mark.parametrize("provider", PROVIDERS)
def test_importing_a_package_imports_nothing_else(provider: str) -> None:
    """Neither httpx nor the models, until they are used."""
    heavy = f"('ordermux_{provider}.', 'httpx', 'msgspec', 'attr')"
    code = f"import sys, ordermux_{provider}; print([name for name in sys.modules if name.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_public_name_is_there(provider: str) -> None:
    """Those of `__all__` and the modules, and another one is an AttributeError."""
    package = import_module(f"ordermux_{provider}")
    modules = ["client", "codec", "errors", "events", "models", "types"]
    assert [] == [name for name in [*package.__all__, *modules] if not hasattr(package, name)]
    assert sorted([*package.__all__, *modules, "api"]) == dir(package)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_a_listing_is_typed_by_what_came() -> None:
    """The union of an envelope and a bare array gives the one or the other."""
    with Client(api_key="key", transport=answering(httpx.Response(200, json=[ORDER]))) as client:
        assert [ORDER["id"]] == [order.id for order in list_orders.sync(client=client)]  # type: ignore[union-attr]


def test_nothing_is_deprecated_in_what_is_not() -> None:
    """A request without the deprecated field does not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models.RefundRequest(amount_cents=1)
