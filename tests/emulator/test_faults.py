"""The emulator's fault switch and its counters, seen over real sockets, with no client of ours."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import re
import select
import socket
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import attrs
import httpx
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, Faults
from ordermux.emulator.base import emulators
from ordermux.emulator.registry import operations
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_codegen.compile.nodes import content_schema
from ordermux_codegen.compile.operations import Operation
from ordermux_codegen.compile.validity import misfits
from support.document_checker import Checker, documents
from support.polling import until

PROVIDERS = emulators()
OPERATIONS = operations()
When = Literal["before", "after"]

TOKEN = "a-token-of-the-tests"
AUTH = {
    "croissant": {"authorization": f"Bearer {TOKEN}"},
    "zephyr": {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"},
    "crossmint": {"cookie": crossmint.COOKIE},
    "cryptum": {"x-api-key": cryptum.CREDENTIALS["api_key"]},
}
CART: dict[str, Any] = {
    "id": "cart-1",
    "isOptedIn": True,
    "confirmationNumber": "1",
    "retailerCreatedAt": "2026-03-25T12:00:00.000Z",
    "source": "web",
    "products": [{"retailerProductId": "SKU-001", "quantity": 1, "retailSalePrice": 100, "retailSaleCurrency": "USD"}],
}
PLUGIN_ORDER: dict[str, Any] = {
    "ecommerceOrderId": "7",
    "ecommerceType": "api",
    "orderTotal": "1.50",
    "orderCurrency": "USD",
    "callbackUrl": "https://shop.example/",
    "store": cryptum.STORE,
    "deliveryInfo": {"firstName": "Ana", "lastName": "Suarez", "email": "a@example.com", "country": "AR"},
    "paymentStatus": "pending",
}
CHANGES: dict[str, tuple[str, str, Any]] = {
    "croissant.createToken": (
        "POST",
        "/croissant/v0/token",
        {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET},
    ),
    "croissant.createCart": ("POST", "/croissant/v0/carts", CART),
    "croissant.fulfillCart": ("POST", f"/croissant/v0/carts/{croissant.SAMPLE_CART}/fulfill", None),
    "croissant.cancelCart": ("POST", f"/croissant/v0/carts/{croissant.SAMPLE_CART}/cancel", None),
    "croissant.putProduct": ("PUT", "/croissant/v0/products/SKU-009", {"name": "Belt"}),
    "zephyr.updateOrder": ("PATCH", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}", {"metadata": {"a": "b"}}),
    "zephyr.createRefund": (
        "POST",
        f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds",
        {"amount_cents": 10, "reason": "duplicate"},
    ),
    "zephyr.cancelOrder": ("POST", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/cancel", None),
    "zephyr.createWebhookEndpoint": (
        "POST",
        "/zephyr/v1/webhook_endpoints",
        {"url": "https://shop.example/", "events": ["order.created"]},
    ),
    "crossmint.createCheckout": (
        "POST",
        "/crossmint/api/checkout",
        {"cartItemId": "c1d2e3f4-a5b6-7890-cdef-123456789012"},
    ),
    "cryptum.createOrder": ("POST", "/cryptum/plugins/orders/checkout", PLUGIN_ORDER),
    "cryptum.updateOrder": ("PUT", "/cryptum/plugins/checkout/0da30...f53b37", {"paymentStatus": "failed"}),
}
JSON = {"content-type": "application/json"}
READS: dict[str, tuple[str, str, Any]] = {
    "croissant.getCart": ("GET", f"/croissant/v0/carts/{croissant.SAMPLE_CART}", None),
    "croissant.getProduct": ("GET", "/croissant/v0/products/SKU-001", None),
    "zephyr.listOrders": ("GET", "/zephyr/v1/orders", None),
    "zephyr.getOrder": ("GET", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}", None),
    "crossmint.listOrders": ("GET", "/crossmint/api/orders", None),
    "crossmint.getOrder": ("GET", "/crossmint/api/orders/d1e2f3a4-b5c6-7890-defg-234567890123", None),
    "crossmint.getProfile": ("GET", "/crossmint/api/auth/profile", None),
    "cryptum.getOrder": ("GET", "/cryptum/plugins/orders/0da30...f53b37", None),
    "cryptum.listOrders": ("GET", f"/cryptum/plugins/orders/?storeId={cryptum.PAID_STORE}", None),
    "cryptum.verifyStore": ("POST", "/cryptum/plugins/stores/verification", {"storeId": cryptum.STORE}),
}
CALLS = CHANGES | READS
WITH_BODY = sorted(set(CALLS) - {"croissant.fulfillCart", "croissant.cancelCart"})
WITHOUT_STATUS = {"createCheckout", "createWebhookEndpoint", "getProfile", "verifyStore"}
WITH_STATUS = sorted(
    name for name in CALLS if not name.startswith("croissant.") and name.partition(".")[2] not in WITHOUT_STATUS
)
REFUND = "zephyr.createRefund"
READ = "zephyr.getOrder"
UNDESCRIBED = {"croissant.createCart", "croissant.putProduct", "croissant.getProduct", "cryptum.updateOrder"}
"""Any JSON is right as an answer to these."""
BOTH: list[When] = ["before", "after"]


@attrs.frozen
class Said:
    """An answer, with the names of its headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@pytest.fixture(autouse=True)
def token(emulator: Emulator) -> None:
    """Let the tests' own token in, as asking for one is an effect."""
    emulator.state("croissant").tokens[TOKEN] = math.inf


@contextlib.contextmanager
def connected(emulator: Emulator) -> Generator[http.client.HTTPConnection]:
    """Give a connection."""
    connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        yield connection


def call(emulator: Emulator, operation: str, *, body: Any = None, **headers: str) -> Said:
    """Make a call on a connection of its own; `headers` come on top, with `_` for `-`."""
    with connected(emulator) as connection:
        return ask(connection, operation, body=body, **headers)


def ask(connection: http.client.HTTPConnection, operation: str, *, body: Any = None, **headers: str) -> Said:
    """Make a call on a connection."""
    method, path, usual = CALLS[operation]
    content = json.dumps(usual if body is None else body) if usual else None
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        method, path, content, {**(JSON if content else {}), **AUTH[operation.partition(".")[0]], **more}
    )
    answer = connection.getresponse()
    return Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@contextlib.contextmanager
def sent(emulator: Emulator, operation: str) -> Generator[socket.socket]:
    """Give a socket on which a call was sent."""
    method, path, body = CALLS[operation]
    content = json.dumps(body) if body else ""
    headers = {"host": "localhost", **JSON, "content-length": str(len(content)), **AUTH[operation.partition(".")[0]]}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", content]
    host, _, port = emulator.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as plug:
        plug.sendall("\r\n".join(lines).encode())
        yield plug


def read_all(plug: socket.socket) -> list[bytes]:
    """Return what comes until the other side closes, as it comes."""
    return list(iter(lambda: plug.recv(1 << 16), b""))


def order(emulator: Emulator, operation: str, kind: FaultKind, when: When = "after", **more: Any) -> None:
    """Order a fault."""
    emulator.world.faults.inject(operation, Fault(kind=kind, when=when, **more))


def described(operation: str) -> Operation:
    """Return an operation as the document has it."""
    provider, _, operation_id = operation.partition(".")
    return next(op for op in documents()[provider].operations if op.operation_id == operation_id)


def problems(operation: str, said: Said) -> list[str]:
    """Return what in an answer is not as the document has it."""
    found = described(operation)
    responses = found.responses
    response = responses.get(str(said.status)) or responses[f"{said.status // 100}XX"]
    return list(misfits(found.document, content_schema(response), said.json))


# What there is.


def test_operations_are_the_documents() -> None:
    """Each has the name of its document, and no operation is missing."""
    found = {
        name: (method, bool(pattern.match(CALLS[name][1].partition("?")[0])))
        for name, (method, pattern) in OPERATIONS.items()
    }
    assert found == {
        f"{provider}.{operation.operation_id}": (operation.method, True)
        for provider in PROVIDERS
        for operation in documents()[provider].operations
    }


@pytest.mark.slow
def test_every_operation_is_called_here() -> None:
    """So that what follows holds for all of them."""
    assert set(OPERATIONS) == set(CALLS)


# The counters.


@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_is_an_effect(emulator: Emulator, operation: str) -> None:
    """One call that is carried out counts once, and nothing else does."""
    assert 300 > call(emulator, operation).status
    assert ({operation: 1}, {operation: 1}) == (emulator.world.effects, emulator.world.calls)


@pytest.mark.parametrize("operation", READS)
def test_a_read_is_no_effect(emulator: Emulator, operation: str) -> None:
    """It is a call all the same."""
    assert 200 == call(emulator, operation).status
    assert ({}, {operation: 1}) == (emulator.world.effects, emulator.world.calls)


@pytest.mark.parametrize("operation", CHANGES)
def test_a_refusal_is_no_effect(emulator: Emulator, operation: str) -> None:
    """Whoever has no credentials changes nothing."""
    wrong = {name.replace("-", "_"): "wrong" for name in AUTH[operation.partition(".")[0]]}
    body = {"clientId": "nobody", "clientSecret": "wrong"} if operation == "croissant.createToken" else None
    assert 401 == call(emulator, operation, body=body, **wrong).status
    assert ({}, {operation: 1}) == (emulator.world.effects, emulator.world.calls)


@pytest.mark.parametrize(
    "operation", sorted(set(CHANGES) - {"croissant.fulfillCart", "croissant.cancelCart", "zephyr.cancelOrder"})
)
def test_an_invalid_body_is_no_effect(emulator: Emulator, operation: str) -> None:
    """A body that no operation takes changes nothing."""
    assert call(emulator, operation, body=["wrong"]).status in {400, 422}
    assert {} == emulator.world.effects


@pytest.mark.parametrize(
    "operation", [name for name, (method, *_) in CHANGES.items() if name[0] == "z" and method == "POST"]
)
def test_a_replay_is_no_effect(emulator: Emulator, operation: str) -> None:
    """The second call with a key gets the first one's answer."""
    first, second = (call(emulator, operation, idempotency_key="key-1") for _ in range(2))
    assert first.body == second.body
    assert (1, 2) == (emulator.world.effects[operation], emulator.world.calls[operation])


def test_a_key_with_another_body_is_no_effect(emulator: Emulator) -> None:
    """It is refused."""
    call(emulator, REFUND, idempotency_key="key-1")
    assert 409 == call(emulator, REFUND, body={"amount_cents": 11}, idempotency_key="key-1").status
    assert 1 == emulator.world.effects[REFUND]


@pytest.mark.parametrize("operation", ["croissant.createCart", "croissant.fulfillCart", "croissant.cancelCart"])
def test_a_repetition_that_changes_nothing_is_no_effect(emulator: Emulator, operation: str) -> None:
    """The same cart registered, or closed in the same way, again."""
    assert call(emulator, operation).status == call(emulator, operation).status
    assert (1, 2) == (emulator.world.effects[operation], emulator.world.calls[operation])


def test_a_refused_end_of_a_cart_is_no_effect(emulator: Emulator) -> None:
    """A cart that is fulfilled is not cancelled."""
    call(emulator, "croissant.fulfillCart")
    assert 422 == call(emulator, "croissant.cancelCart").status
    assert {"croissant.fulfillCart": 1} == emulator.world.effects


@pytest.mark.parametrize(
    "operation",
    sorted(
        set(CHANGES) - {"croissant.createCart", "croissant.fulfillCart", "croissant.cancelCart", "zephyr.cancelOrder"}
    ),
)
def test_what_is_carried_out_again_counts_again(emulator: Emulator, operation: str) -> None:
    """Without a key, twice is twice."""
    assert call(emulator, operation).status < 300 > call(emulator, operation).status
    assert 2 == emulator.world.effects[operation]


@pytest.mark.slow
def test_what_no_document_has_is_no_call(emulator: Emulator) -> None:
    """A path that leads nowhere counts for no operation."""
    assert 404 == httpx.get(f"{emulator.address}/nowhere").status_code
    assert {} == emulator.world.calls


# Each kind, before and after the call is carried out.


@pytest.mark.slow
@pytest.mark.parametrize("when", BOTH)
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.STATUS,
        FaultKind.HTML,
        FaultKind.MALFORMED,
        FaultKind.HUGE,
        FaultKind.RESET,
        FaultKind.EMPTY,
        FaultKind.STALL,
    ],
)
@pytest.mark.parametrize("operation", CHANGES)
def test_the_effect_stands_after_and_only_after(
    emulator: Emulator, operation: str, kind: FaultKind, when: When
) -> None:
    """Whatever is answered: `before` nothing has happened, `after` it has, once."""
    order(emulator, operation, kind, when, seconds=0.01, size=100)
    with contextlib.suppress(OSError, http.client.HTTPException):
        call(emulator, operation)
    assert ({"before": 0, "after": 1}[when], 1) == (emulator.world.effects[operation], emulator.world.calls[operation])


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.TRUNCATED,
        FaultKind.DRIP,
        FaultKind.HEADER_DRIP,
        FaultKind.DELAY,
        FaultKind.WRONG_TYPE,
        FaultKind.EXTRA_FIELD,
    ],
)
@pytest.mark.parametrize("operation", sorted(set(CHANGES) & set(WITH_BODY)))
def test_the_effect_stands_where_the_right_answer_is_spoilt(
    emulator: Emulator, operation: str, kind: FaultKind
) -> None:
    """There is no right answer to spoil without it."""
    order(emulator, operation, kind, seconds=0)
    with contextlib.suppress(OSError, http.client.HTTPException):
        call(emulator, operation)
    assert {operation: 1} == emulator.world.effects


@pytest.mark.parametrize("kind", ["truncated", "drip", "header_drip", "wrong_type", "unknown_status", "extra_field"])
def test_what_spoils_the_right_answer_cannot_come_before(kind: str) -> None:
    """Which is told when the fault is made."""
    with pytest.raises(ValueError, match=f"^{kind} changes the right answer, so it comes `after`$"):
        Fault(kind=FaultKind(kind), when="before")


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("operation", CALLS)
def test_status_has_the_documents_error(emulator: Emulator, operation: str, status: int) -> None:
    """Where the document has the status at all, the body is as it says."""
    order(emulator, operation, FaultKind.STATUS, "before", status=status)
    said = call(emulator, operation)
    known = {str(status), f"{status // 100}XX"} & set(described(operation).responses)
    assert (status, [], True) == (said.status, problems(operation, said) if known else [], bool(said.json))


def test_status_is_500_where_none_is_given(emulator: Emulator) -> None:
    """The usual accident."""
    order(emulator, READ, FaultKind.STATUS, "before")
    assert 500 == call(emulator, READ).status


def test_status_brings_its_headers(emulator: Emulator) -> None:
    """Such as Retry-After, in whatever words."""
    order(emulator, READ, FaultKind.STATUS, "before", status=429, headers={"Retry-After": "soon"})
    assert "soon" == call(emulator, READ).headers["retry-after"]


@pytest.mark.parametrize(("body", "expected"), [(b"\xff", b"\xff"), ({"a": 1}, b'{"a": 1}'), (b"", b"")])
def test_status_brings_its_own_body(emulator: Emulator, body: Any, expected: bytes) -> None:
    """Bytes as they are, anything else as JSON."""
    order(emulator, READ, FaultKind.STATUS, "before", status=502, body=body)
    assert expected == call(emulator, READ).body


@pytest.mark.parametrize("status", [204, 301, 520])
def test_status_may_be_any(emulator: Emulator, status: int) -> None:
    """What is no error has no body of its own."""
    order(emulator, READ, FaultKind.STATUS, "before", status=status)
    said = call(emulator, READ)
    assert (status, status == 520) == (said.status, bool(said.body))


def test_status_leaves_the_connection_open(emulator: Emulator) -> None:
    """The next call goes over the same one."""
    order(emulator, READ, FaultKind.STATUS, "before", status=503)
    with connected(emulator) as connection:
        statuses = [ask(connection, READ).status]
        plug = connection.sock
        statuses.append(ask(connection, READ).status)
        assert (plug, [503, 200]) == (connection.sock, statuses)


@pytest.mark.parametrize("when", BOTH)
def test_reset_resets_the_connection(emulator: Emulator, when: When) -> None:
    """RST, and no byte of an answer."""
    order(emulator, REFUND, FaultKind.RESET, when)
    with sent(emulator, REFUND) as plug, pytest.raises(ConnectionResetError):
        plug.recv(1)


@pytest.mark.parametrize("when", BOTH)
def test_lost_closes_the_connection(emulator: Emulator, when: When) -> None:
    """FIN, and no byte of an answer."""
    order(emulator, REFUND, FaultKind.EMPTY, when)
    with sent(emulator, REFUND) as plug:
        assert [] == read_all(plug)


def test_lost_is_no_reset_with_a_large_request(emulator: Emulator) -> None:
    """The request is read to its end first, since a close with something unread would be RST."""
    order(emulator, REFUND, FaultKind.EMPTY, "before")
    content = json.dumps({"amount_cents": 1, "note": "x" * 1_000_000}).encode()
    headers = {"host": "localhost", **JSON, "content-length": str(len(content)), **AUTH["zephyr"]}
    head = [f"POST {CALLS[REFUND][1]} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    host, _, port = emulator.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as plug:
        plug.sendall("\r\n".join(head).encode() + content[:-1])
        until(lambda: emulator.world.calls[REFUND] == 1)
        assert ([], [], []) == select.select([plug], [], [], 0.1)  # it is neither closed nor answered
        plug.sendall(content[-1:])
        assert [] == read_all(plug)


@pytest.mark.slow
@pytest.mark.parametrize("when", BOTH)
def test_stall_says_nothing_and_then_closes(emulator: Emulator, when: When) -> None:
    """Not before its seconds are over."""
    order(emulator, REFUND, FaultKind.STALL, when, seconds=0.3)
    start = time.monotonic()
    with sent(emulator, REFUND) as plug:
        assert [] == read_all(plug)
    assert 0.3 <= time.monotonic() - start < 3


def test_cut_promises_twice_what_it_gives(emulator: Emulator) -> None:
    """The head is the right one, the body its first half."""
    right = call(emulator, READ)
    order(emulator, READ, FaultKind.TRUNCATED)
    with sent(emulator, READ) as plug:
        head, _, body = b"".join(read_all(plug)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"content-length: {len(right.body)}".encode() in head.split(b"\r\n")
    assert right.body[: len(right.body) // 2] == body


def test_cut_without_a_body_cuts_the_head(emulator: Emulator) -> None:
    """Else it would be the whole answer."""
    order(emulator, "croissant.fulfillCart", FaultKind.TRUNCATED)
    with sent(emulator, "croissant.fulfillCart") as plug:
        got = b"".join(read_all(plug))
    assert (True, False) == (got.startswith(b"HTTP/1.1 200"), b"\r\n\r\n" in got)


@pytest.mark.slow
def test_drip_gives_the_body_byte_by_byte(emulator: Emulator) -> None:
    """The head comes at once, and in the end it is the right answer."""
    order(emulator, "croissant.putProduct", FaultKind.DRIP, seconds=0.02)
    start = time.monotonic()
    with sent(emulator, "croissant.putProduct") as plug:
        head, *drops = read_all(plug)
    assert b'{"name":"Belt"}' == b"".join(drops)
    assert (True, 15, 1) == (head.endswith(b"\r\n\r\n"), len(drops), max(map(len, drops)))
    assert 15 * 0.02 <= time.monotonic() - start


@pytest.mark.slow
def test_header_drip_gives_the_head_byte_by_byte(emulator: Emulator) -> None:
    """From the first delivery on; the body comes at once."""
    order(emulator, "croissant.putProduct", FaultKind.HEADER_DRIP, seconds=0.005)
    with sent(emulator, "croissant.putProduct") as plug:
        drops = read_all(plug)
    assert ([b"H", b"T", b"T", b"P"], True) == (drops[:4], drops[-1].endswith(b'{"name":"Belt"}'))


@pytest.mark.parametrize("kind", [FaultKind.DRIP, FaultKind.HEADER_DRIP])
def test_a_drip_is_the_right_answer(emulator: Emulator, kind: FaultKind) -> None:
    """To whoever waits for it."""
    right = call(emulator, READ)
    order(emulator, READ, kind, seconds=0)
    assert (200, right.body) == attrs.astuple(call(emulator, READ))[::2]


@pytest.mark.slow
@pytest.mark.parametrize("when", BOTH)
def test_delay_gives_the_right_answer_later(emulator: Emulator, when: When) -> None:
    """The effect is there from the start, or in the end."""
    order(emulator, REFUND, FaultKind.DELAY, when, seconds=0.3)
    with sent(emulator, REFUND) as plug:
        start = time.monotonic()
        until(lambda: emulator.world.calls[REFUND] == 1)
        time.sleep(0.1)
        assert {"before": 0, "after": 1}[when] == emulator.world.effects[REFUND]
        assert plug.recv(1 << 16).startswith(b"HTTP/1.1 201 Created")
    assert (True, 1) == (time.monotonic() - start >= 0.25, emulator.world.effects[REFUND])


@pytest.mark.slow
def test_a_call_that_is_given_up_while_it_is_delayed_is_not_carried_out(emulator: Emulator) -> None:
    """The delay before it ends with its connection."""
    order(emulator, REFUND, FaultKind.DELAY, "before", seconds=0.2)
    with sent(emulator, REFUND):
        until(lambda: emulator.world.calls[REFUND] == 1)
    time.sleep(0.4)
    assert 0 == emulator.world.effects[REFUND]


def test_html_is_a_page(emulator: Emulator) -> None:
    """A 200 that says what it is."""
    order(emulator, READ, FaultKind.HTML, "before")
    said = call(emulator, READ)
    assert (200, "text/html; charset=utf-8") == (said.status, said.headers["content-type"])
    assert said.body.startswith(b"<!doctype html>")


def test_html_may_come_with_an_error(emulator: Emulator) -> None:
    """As a proxy's 502 does."""
    order(emulator, READ, FaultKind.HTML, "before", status=502)
    said = call(emulator, READ)
    assert (502, "text/html; charset=utf-8") == (said.status, said.headers["content-type"])


def test_garbage_is_no_json(emulator: Emulator) -> None:
    """A 200 that says that it is."""
    order(emulator, READ, FaultKind.MALFORMED, "before")
    said = call(emulator, READ)
    assert (200, "application/json") == (said.status, said.headers["content-type"])
    with pytest.raises(json.JSONDecodeError):
        json.loads(said.body)


@pytest.mark.parametrize("operation", WITH_BODY)
def test_wrong_type_changes_one_members_type(emulator: Emulator, operation: str) -> None:
    """Which breaks the document, where that says anything of the answer."""
    order(emulator, operation, FaultKind.WRONG_TYPE)
    said = call(emulator, operation)
    assert 1 == sum(value == "wrong" or (value == 0 and value is not False) for value in said.json.values())
    assert (operation in UNDESCRIBED) == (not problems(operation, said))


@pytest.mark.parametrize("operation", WITH_STATUS)
def test_unknown_word_changes_each_status(emulator: Emulator, operation: str) -> None:
    """No status in the answer is one that the document has."""
    order(emulator, operation, FaultKind.UNKNOWN_STATUS)
    said = call(emulator, operation)
    words = re.findall(rb'"(?:status|paymentStatus|reason)": "(\w+)"', said.body)
    assert (True, {b"unheard_of"}) == (said.status < 300, set(words))


@pytest.mark.slow
@pytest.mark.parametrize("operation", WITH_BODY)
def test_extra_field_adds_one_member(emulator: Emulator, operation: str) -> None:
    """The rest is as documented."""
    order(emulator, operation, FaultKind.EXTRA_FIELD)
    said = call(emulator, operation)
    assert {"by": ["anyone"]} == said.json["unheard_of"]
    assert [] == problems(operation, said)


@pytest.mark.parametrize("kind", [FaultKind.WRONG_TYPE, FaultKind.UNKNOWN_STATUS, FaultKind.EXTRA_FIELD])
def test_a_refusal_is_not_bent(emulator: Emulator, kind: FaultKind) -> None:
    """It is answered as it is."""
    order(emulator, READ, kind)
    said = call(emulator, READ, authorization="Bearer wrong")
    assert (401, "unauthorized") == (said.status, said.json["error"]["code"])


def test_unknown_word_complains_where_there_is_no_status(caplog: pytest.LogCaptureFixture) -> None:
    """A fault that changes nothing would be a test that proves nothing."""
    with Emulator() as emulator:
        order(emulator, "croissant.createToken", FaultKind.UNKNOWN_STATUS)
        assert 500 == call(emulator, "croissant.createToken").status
    assert "LookupError: unknown_status: the answer has nothing to change" in caplog.text


def test_huge_is_json_of_that_size(emulator: Emulator) -> None:
    """Whose length is not told in front."""
    order(emulator, READ, FaultKind.HUGE, "before", size=1_000_000)
    said = call(emulator, READ)
    assert (1_000_000, "chunked", ["huge"]) == (len(said.body), said.headers["transfer-encoding"], list(said.json))


def test_huge_may_tell_its_length(emulator: Emulator) -> None:
    """Where the header is given."""
    order(emulator, READ, FaultKind.HUGE, "before", size=70_000, headers={"Content-Length": "70000"})
    said = call(emulator, READ)
    assert (70_000, "70000") == (len(said.body), said.headers["content-length"])


def test_huge_is_64_megabytes(emulator: Emulator) -> None:
    """Where nothing else is said."""
    order(emulator, READ, FaultKind.HUGE, "before")
    assert 64 * 1024 * 1024 == len(call(emulator, READ).body)


def test_huge_ends_with_its_reader(capfd: pytest.CaptureFixture[str]) -> None:
    """Who hangs up is no trouble to the server."""
    with Emulator() as emulator:
        order(emulator, READ, FaultKind.HUGE, "before")
        with sent(emulator, READ) as plug:
            assert plug.recv(100)
        assert 200 == call(emulator, READ).status
    assert "" == capfd.readouterr().err


# The switch.


def test_a_fault_takes_its_times_and_no_more(emulator: Emulator) -> None:
    """Then calls are right again."""
    order(emulator, READ, FaultKind.STATUS, "before", status=503, times=2)
    assert [503, 503, 200] == [call(emulator, READ).status for _ in range(3)]


def test_faults_come_in_the_order_of_their_orders(emulator: Emulator) -> None:
    """One after the other."""
    for status in (500, 502):
        order(emulator, READ, FaultKind.STATUS, "before", status=status)
    assert [500, 502, 200] == [call(emulator, READ).status for _ in range(3)]


def test_a_fault_is_its_operations_alone(emulator: Emulator) -> None:
    """Others pass."""
    order(emulator, READ, FaultKind.STATUS, "before")
    assert [200, 500] == [call(emulator, name).status for name in ("zephyr.listOrders", READ)]


@pytest.mark.parametrize(("pattern", "expected"), [("zephyr.*", [500, 200]), ("*", [500, 500])])
def test_a_star_stands_for_any_operation(emulator: Emulator, pattern: str, expected: list[int]) -> None:
    """Of one provider, or of all."""
    order(emulator, pattern, FaultKind.STATUS, "before", times=2)
    assert expected == [call(emulator, name).status for name in (READ, "cryptum.getOrder")]


def test_clear_makes_all_right(emulator: Emulator) -> None:
    """None of those that wait is left."""
    order(emulator, "*", FaultKind.RESET, "before", times=99)
    emulator.world.faults.clear()
    assert (200, []) == (call(emulator, READ).status, emulator.world.faults.waiting)


def test_what_waits_is_there_to_see(emulator: Emulator) -> None:
    """With the times that are left."""
    order(emulator, READ, FaultKind.STATUS, "before", times=3)
    call(emulator, READ)
    assert [(READ, Fault(kind=FaultKind.STATUS, when="before", times=2))] == emulator.world.faults.waiting


def test_an_operation_that_is_none_is_told_with_the_right_ones(emulator: Emulator) -> None:
    """A slip of the pen would wait for ever."""
    with pytest.raises(ValueError, match=r"^there is no operation 'zephyr.refund'; there are: croissant.createToken, "):
        order(emulator, "zephyr.refund", FaultKind.RESET)


def test_a_fault_may_be_made_from_words() -> None:
    """As a page or a command line has them."""
    words: dict[str, Any] = {"kind": "reset", "when": "after"}
    assert Fault(kind=FaultKind.RESET, when="after") == Fault(**words)


@pytest.mark.parametrize("wrong", [{"kind": "resett"}, {"when": "during"}, {"times": 0}, {"size": 1}])
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """When it is made."""
    words: dict[str, Any] = {"kind": "reset", "when": "after", **wrong}
    with pytest.raises(ValueError, match=r"resett|during|times|size"):
        Fault(**words)


def test_each_fault_is_taken_once_by_many_at_once() -> None:
    """Whoever asks, and from whatever thread."""
    faults = Faults([READ])
    faults.inject(READ, Fault(kind=FaultKind.RESET, when="after", times=100))
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(faults.take, [READ] * 400))
    assert 100 == sum(fault is not None for fault in taken)


# What goes on around it.


def test_a_fault_is_not_held_against_the_documents() -> None:
    """What the provider said is, before it was spoilt; the fault's own answer is not."""
    checkers: list[Checker] = []

    def checked(app: Any) -> Any:
        checkers.append(Checker(app))
        return checkers[0]

    with Emulator(wrap=checked) as emulator:
        for when in BOTH:
            order(emulator, READ, FaultKind.MALFORMED, when)
            call(emulator, READ)
    assert (1, []) == (checkers[0].checked, checkers[0].problems)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.STALL, when="before", seconds=60),
        Fault(kind=FaultKind.STALL, when="after", seconds=60),
        Fault(kind=FaultKind.DELAY, when="before", seconds=60),
        Fault(kind=FaultKind.DELAY, when="after", seconds=60),
        Fault(kind=FaultKind.DRIP, when="after", seconds=60),
        Fault(kind=FaultKind.HEADER_DRIP, when="after", seconds=60),
        Fault(kind=FaultKind.HUGE, when="after"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.when}",
)
def test_the_emulator_stops_at_once_with_calls_under_way(fault: Fault, capfd: pytest.CaptureFixture[str]) -> None:
    """Their connections end, without a word of the server's on either side."""
    with contextlib.ExitStack() as open_until_then:
        with Emulator() as emulator:
            emulator.world.faults.inject(READ, attrs.evolve(fault, times=5))
            plugs = [open_until_then.enter_context(sent(emulator, READ)) for _ in range(5)]
            while emulator.world.calls[READ] < 5:
                time.sleep(0.001)
            time.sleep(0.05)
            start = time.monotonic()
        assert time.monotonic() - start < 0.5
        for plug in plugs:
            with contextlib.suppress(ConnectionResetError):
                assert b"500 Internal" not in b"".join(read_all(plug))
    assert "" == capfd.readouterr().err


def test_arrivals_are_all_requests_that_reached_the_shop(emulator: Emulator) -> None:
    """Let in, let out by the limit, without a session, or gone wrong before."""
    state: crossmint.State = emulator.state("crossmint")
    state.requests_a_minute = 1
    start = time.monotonic()
    statuses = [call(emulator, "crossmint.getOrder").status for _ in range(2)]
    statuses.append(call(emulator, "crossmint.listOrders", cookie="none").status)
    order(emulator, "crossmint.*", FaultKind.STATUS, "before", status=503)
    statuses.append(call(emulator, "crossmint.createCheckout").status)
    call(emulator, READ)
    assert ([200, 429, 401, 503], 4) == (statuses, len(state.arrivals))
    times = [start, *state.arrivals, time.monotonic()]
    assert sorted(times) == times


@pytest.mark.slow
def test_the_window_of_the_limit_can_be_short(emulator: Emulator) -> None:
    """So that a test need not wait for a minute."""
    state: crossmint.State = emulator.state("crossmint")
    state.requests_a_minute, state.window_seconds = 2, 0.5
    statuses = [call(emulator, "crossmint.getOrder").status for _ in range(3)]
    time.sleep(0.6)
    assert [200, 200, 429, 200] == [*statuses, call(emulator, "crossmint.getOrder").status]


def test_tokens_can_end_early(emulator: Emulator) -> None:
    """The answer says when, and they do."""
    emulator.world.clock.freeze()
    emulator.state("croissant").token_seconds = 5
    made = call(emulator, "croissant.createToken").json
    bearer = f"Bearer {made['access_token']}"
    statuses = [call(emulator, "croissant.getCart", authorization=bearer).status]
    emulator.world.clock.advance(5)
    statuses.append(call(emulator, "croissant.getCart", authorization=bearer).status)
    assert (5, [200, 401]) == (made["expires_in"], statuses)


def test_all_tokens_can_end_at_once(emulator: Emulator) -> None:
    """And a new one opens again."""
    emulator.state("croissant").revoke()
    statuses = [call(emulator, "croissant.getCart").status]
    bearer = f"Bearer {call(emulator, 'croissant.createToken').json['access_token']}"
    statuses.append(call(emulator, "croissant.getCart", authorization=bearer).status)
    assert [401, 200] == statuses
