"""What the app does before it has a body: it looks at the headers first, and does not wait for long."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from webhooks.fuzz import ACCOUNTS, svix_headers, zephyr_headers
from webhooks.served import head, to_end

from ordermux.webhooks import Inbox, Webhooks
from support.polling import until
from support.served_inboxes import Served, body, now, plausible, signed

# Before a body is read.


AT_ONCE: dict[str, tuple[int, Callable[[], bytes]]] = {
    "no signature": (401, lambda: head({}, "content-length: 90000")),
    "no signature, in chunks": (401, lambda: head({}, "transfer-encoding: chunked")),
    "an empty signature": (401, lambda: head({"X-ZephyrCart-Signature": ""}, "content-length: 9")),
    "a signature without a time": (401, lambda: head({"X-ZephyrCart-Signature": "v1=00"}, "content-length: 9")),
    "an old signature": (401, lambda: head(zephyr_headers(b"{}", "1700000000"), "content-length: 9")),
    "a signature there twice": (
        401,
        lambda: head(plausible(), "x-zephyrcart-signature: t=1,v1=00", "content-length: 9"),
    ),
    "another provider's signature": (401, lambda: head(svix_headers(b"{}", now()), "content-length: 9")),
    "half of Svix' headers": (
        401,
        lambda: head({"svix-id": "a", "svix-timestamp": now()}, "content-length: 9", line="POST /crossmint HTTP/1.1"),
    ),
    "no signature of Cryptum's": (401, lambda: head({}, "content-length: 9", line="POST /cryptum HTTP/1.1")),
    "no such account": (404, lambda: head(plausible(), "content-length: 9", line="POST /zephir HTTP/1.1")),
    "no secret": (500, lambda: head(plausible(), "content-length: 9", line="POST /without HTTP/1.1")),
    "a length over the bound": (413, lambda: head(plausible(), "content-length: 100001")),
    "a huge length": (413, lambda: head(plausible(), f"content-length: {'9' * 18}")),
    "a length over the bound, of no signer's": (
        413,
        lambda: head({}, "content-length: 100001", line="POST /croissant HTTP/1.1"),
    ),
    "another method": (405, lambda: head(plausible(), "content-length: 9", line="PUT /zephyr HTTP/1.1")),
    "another path": (404, lambda: head(plausible(), "content-length: 9", line="POST /zephyr/more HTTP/1.1")),
    "a length, and what waits to be asked for": (401, lambda: head({}, "content-length: 9", "expect: 100-continue")),
}


@pytest.mark.parametrize("what", AT_ONCE)
def test_what_the_headers_refuse_is_answered_before_a_body_has_come(shop: Served, what: str) -> None:
    """Nothing of it was sent; the connection is closed, so that nobody waits for the rest."""
    status, request = AT_ONCE[what]
    with shop.connect() as connection:
        connection.sendall(request())
        assert to_end(connection).startswith(f"HTTP/1.1 {status} ".encode())
    assert [] == shop.handled


def test_what_is_refused_at_once_is_logged(shop: Served, caplog: pytest.LogCaptureFixture) -> None:
    """With the account, as what is refused later."""
    with caplog.at_level(logging.WARNING), shop.connect() as connection:
        connection.sendall(AT_ONCE["a length over the bound"][1]())
        to_end(connection)
    assert ["'zephyr': the body has more than 100000 bytes"] == [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("headers", [{}, {"x-zephyrcart-signature": "t=1,v1=00"}])
def test_the_headers_are_looked_at_before_the_app_asks_for_a_body(headers: dict[str, str]) -> None:
    """By any server."""
    sent: list[Any] = []

    async def receive() -> Any:
        pytest.fail("the body is asked for")

    async def send(message: Any) -> None:
        sent.append(message)

    fields = [(name.encode(), value.encode()) for name, value in {**headers, "content-length": "9"}.items()]
    scope = {"type": "http", "http_version": "2", "method": "POST", "path": "/zephyr", "headers": fields}
    asyncio.run(Inbox(Webhooks.of(*ACCOUNTS), print).app()(scope, receive, send))
    assert 401 == sent[0]["status"]
    assert [] == [value for name, value in sent[0]["headers"] if name == b"connection"]  # HTTP/2 has no such header


def test_a_connection_goes_on_after_a_body_that_was_read(shop: Served) -> None:
    """Taken or refused, so that a provider may keep it."""
    wrong = plausible()
    with httpx.Client(base_url=f"http://127.0.0.1:{shop.port}") as client:
        answers = [
            client.post("/zephyr", headers=headers, content=body(event_id))
            for event_id, headers in (
                ("evt_1", signed(body("evt_1"))),
                ("evt_2", wrong),
                ("evt_3", signed(body("evt_3"))),
            )
        ]
    assert [204, 401, 204] == [answer.status_code for answer in answers]
    assert [] == [answer for answer in answers if answer.headers.get("connection") == "close"]


# Time.


@pytest.mark.slow
@pytest.mark.parametrize("shop", [{"body_timeout": 0.4}], indirect=True)
@pytest.mark.parametrize("account", ["zephyr", "croissant"])
@pytest.mark.parametrize("drip", [False, True])
def test_a_body_that_does_not_come_in_time_is_not_waited_for(
    shop: Served,
    account: str,
    drip: bool,  # noqa: FBT001
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In all, however many bytes of it drip."""
    started = time.monotonic()
    with shop.connect() as connection:
        connection.sendall(head(plausible(), "content-length: 1000", line=f"POST /{account} HTTP/1.1") + b"{")
        connection.setblocking(False)
        for _ in range(40 if drip else 0):
            try:
                connection.sendall(b" ")
                if connection.recv(1, socket.MSG_PEEK):
                    break
            except BlockingIOError:
                time.sleep(0.05)
            except (ConnectionResetError, BrokenPipeError):  # it answered and closed between two bytes
                break
        connection.settimeout(10)
        answer = to_end(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert 0.3 < time.monotonic() - started < 8
    assert f"'{account}': the body did not come within 0.4 s" in [record.getMessage() for record in caplog.records]
    until(lambda: shop.post(body()).status_code == 204)  # one that stalls is late, too
