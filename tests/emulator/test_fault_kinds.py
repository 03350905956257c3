"""What each kind of fault does, seen over real sockets, with no client of ours."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from typing import Any

import attrs
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux_codegen.compile.nodes import content_schema
from ordermux_codegen.compile.operations import Operation
from ordermux_codegen.compile.validity import misfits
from support.document_checker import documents
from support.fault_calls import (
    AUTH,
    BOTH,
    CALLS,
    JSON,
    READ,
    REFUND,
    WITH_BODY,
    Said,
    When,
    ask,
    call,
    connected,
    order,
    read_all,
    sent,
)
from support.polling import until

pytestmark = pytest.mark.usefixtures("token")

WITHOUT_STATUS = {"createCheckout", "createWebhookEndpoint", "getProfile", "verifyStore"}
WITH_STATUS = sorted(
    name for name in CALLS if not name.startswith("croissant.") and name.partition(".")[2] not in WITHOUT_STATUS
)
UNDESCRIBED = {"croissant.createCart", "croissant.putProduct", "croissant.getProduct", "cryptum.updateOrder"}
"""Any JSON is right as an answer to these."""


def described(operation: str) -> Operation:
    """Return an operation as the document has it."""
    provider, _, operation_id = operation.partition(".")
    return next(op for op in documents()[provider].operations if op.operation_id == operation_id)


def problems(operation: str, said: Said) -> list[str]:
    """Return what in an answer is not as the document has it."""
    found = described(operation)
    responses = found.responses
    response = responses.get(str(said.status)) or responses[f"{said.status // 100}XX"]
    return list(misfits(documents()[found.document.provider], content_schema(response), said.json))


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
    order(emulator, "croissant.putProduct", FaultKind.DRIP, seconds=0.1)
    start = time.monotonic()
    with sent(emulator, "croissant.putProduct") as plug:
        head, *drops = read_all(plug)
    assert b'{"name":"Belt"}' == b"".join(drops)
    assert (True, 15, 1) == (head.endswith(b"\r\n\r\n"), len(drops), max(map(len, drops)))
    assert 15 * 0.1 <= time.monotonic() - start


@pytest.mark.slow
def test_header_drip_gives_the_head_byte_by_byte(emulator: Emulator) -> None:
    """From the first delivery on; the body comes at once."""
    order(emulator, "croissant.putProduct", FaultKind.HEADER_DRIP, seconds=0.1)
    with sent(emulator, "croissant.putProduct") as plug:
        assert [b"H", b"T", b"T", b"P"] == [plug.recv(1 << 16) for _ in range(4)]
    order(emulator, "croissant.putProduct", FaultKind.HEADER_DRIP, seconds=0.005)
    with sent(emulator, "croissant.putProduct") as plug:
        assert read_all(plug)[-1].endswith(b'{"name":"Belt"}')


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
    order(emulator, REFUND, FaultKind.DELAY, when, seconds=1.5)
    start = time.monotonic()
    with sent(emulator, REFUND) as plug:
        until(lambda: emulator.world.calls[REFUND] == 1)
        time.sleep(0.1)
        assert {"before": 0, "after": 1}[when] == emulator.world.effects[REFUND]
        assert plug.recv(1 << 16).startswith(b"HTTP/1.1 201 Created")
    assert (True, 1) == (time.monotonic() - start >= 1.5, emulator.world.effects[REFUND])


@pytest.mark.slow
def test_a_call_that_is_given_up_while_it_is_delayed_is_not_carried_out(emulator: Emulator) -> None:
    """The delay before it ends with its connection."""
    order(emulator, REFUND, FaultKind.DELAY, "before", seconds=60)
    with sent(emulator, REFUND):
        until(lambda: emulator.world.calls[REFUND] == 1)
    under_way = emulator._server.server_state.tasks  # pyright: ignore[reportPrivateUsage]
    until(lambda: not under_way)  # long before its time
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
