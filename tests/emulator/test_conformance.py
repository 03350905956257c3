"""Where the emulator once broke the documents, as schemathesis found (`nox -s contract`), and what watches over it."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest

import ordermux
from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.emulator.registry import emulators
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.document_checker import Tally, documents
from support.polling import until

PROVIDERS = emulators()
BEARER = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
COOKIE = {"cookie": crossmint.COOKIE}
API_KEY = {"x-api-key": cryptum.CREDENTIALS["api_key"]}
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
LISTS = {"zephyr": ("/zephyr/v1/orders?", BEARER), "crossmint": ("/crossmint/api/orders?", COOKIE)}
LISTS["cryptum"] = f"/cryptum/plugins/orders/?storeId={cryptum.STORE}&", API_KEY
MANY = "9" * 30
"""A whole number that is no page's size, and fits no machine word."""


def ask(emulator: Emulator, method: str, path: str, headers: dict[str, str], **sent: Any) -> httpx.Response:
    """Make a call."""
    return httpx.request(method, emulator.address + path, headers=headers, **sent)


def token(emulator: Emulator) -> dict[str, str]:
    """Return a header with a token of Croissant's."""
    credentials = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    answer = ask(emulator, "POST", "/croissant/v0/token", {}, json=credentials)
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def cart() -> dict[str, Any]:
    """Return the document's example of a cart to register, the page's own."""
    operation = next(each for each in documents()["croissant"].operations if each.operation_id == "createCart")
    body: dict[str, Any] = json.loads(
        json.dumps(operation.node["requestBody"]["content"]["application/json"]["example"])
    )
    return body


# What is asked.


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_method_is_told_all_the_right_ones(provider: str) -> None:
    """`Allow` has each that the document has at that path; the shop on Crossmint does so as its page's only."""
    paths: dict[str, set[str]] = {}
    for operation in documents()[provider].operations:
        if operation.path.startswith("/"):
            paths.setdefault(f"/{provider}{PROVIDERS[provider].base_path}{operation.path}", set()).add(operation.method)
    with Emulator(as_documented=True) as emulator:
        for path, methods in paths.items():
            answer = ask(emulator, "TRACE", path, {})
            assert (405, methods) == (answer.status_code, set(answer.headers["allow"].split(", ")) - {"HEAD"})


@pytest.mark.parametrize(
    ("provider", "query", "status"),
    [
        ("zephyr", f"limit={MANY}", 200),
        ("zephyr", "limit=0", 422),
        ("zephyr", "limit=%2B1", 422),
        ("zephyr", "limit=1_0", 422),
        ("zephyr", "limit=", 422),
        ("zephyr", "status=paid", 200),
        ("zephyr", "status=lost", 422),
        ("zephyr", "status=", 422),
        ("crossmint", f"limit={MANY}", 200),
        ("crossmint", "type=deposit&status=delivered", 200),
        ("cryptum", f"limit={MANY}&offset={MANY}", 200),
        ("cryptum", "limit=-1", 400),
    ],
)
def test_a_list_takes_what_its_parameters_are(emulator: Emulator, provider: str, query: str, status: int) -> None:
    """A number of any size, and a word of the vocabulary; nothing else."""
    path, headers = LISTS[provider]
    assert status == ask(emulator, "GET", path + query, headers).status_code


def test_a_store_without_an_id_is_one_that_is_not_there(emulator: Emulator) -> None:
    """An empty string is a string; left out it is a bad request."""
    answers = [ask(emulator, "GET", f"/cryptum/plugins/orders/{query}", API_KEY) for query in ("?storeId=", "")]
    assert [404, 400] == [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{ORDER}/refunds", {"amount_cents": 100}),
        (f"{ORDER}/cancel", None),
        ("/zephyr/v1/webhook_endpoints", {"url": "https://shop.example/", "events": ["order.created"]}),
    ],
)
def test_an_empty_idempotency_key_is_refused(emulator: Emulator, path: str, body: Any) -> None:
    """As too short, and nothing is done."""
    answer = ask(emulator, "POST", path, {**BEARER, "idempotency-key": ""}, json=body)
    assert (422, 0) == (answer.status_code, emulator.world.effects.total())


def test_a_cart_that_no_path_can_name_is_refused(emulator: Emulator) -> None:
    """One with an empty id."""
    answer = ask(emulator, "POST", "/croissant/v0/carts", token(emulator), json={**cart(), "id": ""})
    assert (422, False) == (answer.status_code, "" in emulator.state("croissant").carts)


def test_the_pages_cart_is_the_same_however_many_there_are() -> None:
    """So that registering it again, as the document's example does, is no other cart."""
    with Emulator(World(extra_orders=50)) as emulator:
        assert 201 == ask(emulator, "POST", "/croissant/v0/carts", token(emulator), json=cart()).status_code
        assert 0 == emulator.world.effects["croissant.createCart"]


@pytest.mark.parametrize("amount", ["1490", "1490.0", "1.49e3"])
def test_a_whole_number_may_be_written_with_a_fraction(emulator: Emulator, amount: str) -> None:
    """JSON Schema tells numbers by their value."""
    answer = ask(emulator, "POST", f"{ORDER}/refunds", BEARER, content=f'{{"amount_cents": {amount}}}')
    assert (201, 1490) == (answer.status_code, answer.json()["amount_cents"])
    assert 1490 == emulator.state("zephyr").refunded[zephyr.SAMPLE_ORDER]


@pytest.mark.parametrize("amount", ["1490.5", "NaN", "1e999", '"1490"'])
def test_what_is_no_whole_number_is_refused(emulator: Emulator, amount: str) -> None:
    """Nothing is rounded."""
    answer = ask(emulator, "POST", f"{ORDER}/refunds", BEARER, content=f'{{"amount_cents": {amount}}}')
    assert (422, 0) == (answer.status_code, emulator.world.effects.total())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/croissant/v0/products/SKU-1", 400),
        ("PATCH", ORDER, 422),
        ("PUT", "/cryptum/plugins/checkout/f701...672e", 400),
    ],
)
def test_what_is_nested_too_deep_is_refused(emulator: Emulator, method: str, path: str, status: int) -> None:
    """The server does not fail over it."""
    content = '{"metadata": ' + '{"a": ' * 19_000 + "1" + "}" * 19_001
    headers = {"croissant": token(emulator), "zephyr": BEARER}.get(path.split("/")[1], API_KEY)
    assert status == ask(emulator, method, path, headers, content=content).status_code


# Faults.


def test_a_success_may_have_another_status(emulator: Emulator) -> None:
    """By a fault: the call is carried out, and the answer is the right one but for that."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.STATUS, when="after", status=200))
    answer = ask(emulator, "POST", f"{ORDER}/refunds", BEARER, json={"amount_cents": 100})
    assert (200, 100, "application/json") == (
        answer.status_code,
        answer.json()["amount_cents"],
        answer.headers["content-type"],
    )
    assert 1 == emulator.world.effects["zephyr.createRefund"]


def test_a_refusal_stays_one(emulator: Emulator) -> None:
    """No fault makes a success of it."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.STATUS, when="after", status=200))
    answer = ask(emulator, "POST", f"{ORDER}/refunds", BEARER, json={"amount_cents": 0})
    assert (422, "invalid_request") == (answer.status_code, answer.json()["error"]["code"])


def test_a_caller_that_leaves_in_the_middle_is_no_failure(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is done, nothing is answered, and the server does not complain."""
    head = f"POST {ORDER}/refunds HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BEARER['authorization']}\r\n"
    with socket.create_connection(("127.0.0.1", int(emulator.address.rpartition(":")[2]))) as plug:
        plug.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        until(lambda: emulator.world.calls["zephyr.createRefund"] == 1)
    until(lambda: [entry.kind for entry in emulator.world.journal.since()] == ["call"])
    assert [None] == [entry.detail["status"] for entry in emulator.world.journal.since()]
    assert (0, []) == (emulator.world.effects.total(), caplog.messages)


# That it is watched.


def test_every_emulator_is_held_against_the_documents(documented: Tally) -> None:
    """However it was made; and what it says is looked at, not merely counted."""
    before = documented.answers
    with ordermux.emulated() as mux:
        mux.orders.get(f"zephyr:{zephyr.SAMPLE_ORDER}")
        mux.emulator.state("zephyr").orders[zephyr.SAMPLE_ORDER]["livemode"] = "no"
        ask(mux.emulator, "GET", ORDER, BEARER)
    assert before + 2 == documented.answers
    [problem] = documented.awaited()
    assert f"GET {ORDER}: " in problem
    assert "livemode" in problem
