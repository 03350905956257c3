"""The app holds little of what nobody has proven yet.

Run as a program, this file serves an inbox, and tells how much memory it ever took.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from webhooks.fuzz import ACCOUNTS, ZEPHYR_SECRET, cryptum_headers, examples, svix_headers
from webhooks.served import head, to_end

from ordermux import InvalidArgument, Zephyr
from ordermux.webhooks import Inbox, WebhookRejected, Webhooks
from ordermux.webhooks import asgi as _asgi
from ordermux.webhooks.receive import MAX_BYTES
from support.polling import until
from support.processes import Process
from support.served_inboxes import Served, body, now, plausible, signed

MEGABYTE = 1024 * 1024
ZEPHYR = next(account for account in ACCOUNTS if account.provider == "zephyr")
CROISSANT_BODY = examples()["croissant"][0]


def unfinished(shop: Served, size: int, headers: dict[str, str], line: str = "POST /zephyr HTTP/1.1") -> socket.socket:
    """Return a connection on which all of a body but its last byte was sent."""
    connection = shop.connect()
    connection.sendall(head(headers, f"content-length: {size}", line=line) + b"x" * (size - 1))
    return connection


def deliveries() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Return a right delivery of some size to each account."""
    content, unsigned = body(size=60_000), CROISSANT_BODY + b" " * 60_000
    crossmint, cryptum = (examples()[name][0] + b" " * 60_000 for name in ("crossmint", "cryptum"))
    made = {"zephyr": (content, signed(content)), "croissant": (unsigned, dict[str, str]())}
    made["crossmint"] = (crossmint, svix_headers(crossmint, now()))
    made["cryptum"] = (cryptum, cryptum_headers(cryptum))
    return made


MADE_UP: dict[str, Callable[[], dict[str, str]]] = {
    "zephyr": plausible,
    "crossmint": lambda: {"svix-id": "a", "svix-timestamp": now(), "svix-signature": "v1,AAAA"},
    "cryptum": lambda: {"x-webhook-signature": "AAAA"},
    "croissant": dict,
}
"""Headers of a delivery to each account that anybody can make up."""


@pytest.mark.slow
@pytest.mark.parametrize("shop", [{"max_buffered": 1_000_000}], indirect=True)
@pytest.mark.parametrize("account", MADE_UP)
def test_bodies_that_are_not_verified_have_a_bound_of_their_account_together(
    shop: Served, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is more is asked to come again until the others have gone away; what goes to other accounts is taken."""
    content, headers = deliveries()[account]
    line = f"POST /{account} HTTP/1.1"
    held = [unfinished(shop, 90_000, MADE_UP[account](), line) for _ in range(2)]
    until(lambda: shop.post(content, account, headers).status_code == 503)  # once the server has read what was sent
    assert "10" == shop.post(content, account, headers).headers["retry-after"]
    told = f"'{account}': its bodies that are not verified have more than 200000 bytes"
    assert told in [record.getMessage() for record in caplog.records]
    others = {name: shop.post(right, name, given).status_code for name, (right, given) in deliveries().items()}
    assert {name: 503 if name == account else 204 for name in MADE_UP} == others
    for connection in held:
        connection.close()
    until(lambda: shop.post(content, account, headers).status_code == 204)


@pytest.mark.parametrize(("accounts", "most", "share"), [(1, 400, 400), (2, 400, 200), (4, 400, 100), (5, 400, 100)])
def test_each_account_has_an_equal_share_of_what_is_held(
    accounts: int, most: int, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But one body at the least."""
    given: list[_asgi.Limits] = []

    def app(path: str, limits: _asgi.Limits, *_: Any, **__: Any) -> None:
        del path
        given.append(limits)

    monkeypatch.setattr(_asgi, "app", app)
    made = [Zephyr(api_key="key", name=f"z{number}") for number in range(accounts)]
    Inbox(Webhooks.of(*made, max_body=100), print).app(max_buffered=most)
    assert [(100, share)] == [(limits.max_body, limits.max_buffered) for limits in given]


def over(shop: Served) -> None:
    """Send more than the bound, in a chunk, so that no length tells beforehand."""
    with shop.connect() as connection:
        chunk = b"%x\r\n" % 100_001 + b"x" * 100_001
        connection.sendall(head(plausible(), "transfer-encoding: chunked") + chunk)
        assert to_end(connection).startswith(b"HTTP/1.1 413 ")


OUTCOMES: dict[str, Callable[[Served], object]] = {
    "taken": lambda shop: shop.post(body(size=90_000)),
    "forged": lambda shop: shop.post(body(size=90_000), headers=plausible()),
    "no JSON": lambda shop: shop.post(b"x" * 90_000),
    "of no signer": lambda shop: shop.post(CROISSANT_BODY + b" " * 90_000, "croissant", {}),
    "too large": over,
    "gone away": lambda shop: unfinished(shop, 90_000, plausible()).close(),
    "too late": lambda shop: to_end(unfinished(shop, 90_000, plausible())),
}


@pytest.mark.slow
@pytest.mark.parametrize("shop", [{"body_timeout": 0.3, "max_buffered": 100_000}], indirect=True)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_whatever_came_of_a_body_it_is_not_counted_any_more(shop: Served, outcome: str) -> None:
    """Else the bound would be used up, and nothing taken for ever."""
    for _ in range(3):
        OUTCOMES[outcome](shop)
    until(lambda: shop.post(body("evt_last", size=90_000)).status_code == 204)


@pytest.mark.parametrize("shop", [{"max_buffered": 100_000}], indirect=True)
def test_a_body_that_is_verified_is_not_counted_any_more(shop: Served) -> None:
    """However long its handler takes."""
    waiting = threading.Thread(target=lambda: shop.post(body("evt_slow", size=90_000)))
    waiting.start()
    assert shop.started.wait(30)  # only then is it verified
    assert 204 == shop.post(body("evt_quick", size=90_000)).status_code
    shop.free.set()
    waiting.join()
    assert ["evt_quick", "evt_slow"] == [event.id for event in shop.handled]


@pytest.mark.parametrize("shop", [{"max_buffered": 100_000}], indirect=True)
def test_a_body_that_nobody_signed_is_counted_until_it_is_handled(shop: Served) -> None:
    """Anybody can send it, and its handler holds it."""
    slow = b'{"sessionId":"evt_slow","event":"payment.teleported"}' + b" " * 90_000
    waiting = threading.Thread(target=lambda: shop.post(slow, "croissant", {}))
    waiting.start()
    assert shop.started.wait(30)
    other = CROISSANT_BODY + b" " * 90_000
    assert 503 == shop.post(other, "croissant", {}).status_code
    assert 204 == shop.post(body(size=90_000)).status_code  # another account's
    shop.free.set()
    waiting.join()
    until(lambda: shop.post(other, "croissant", {}).status_code == 204)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        *(
            ({"body_timeout": wrong}, "body_timeout is ")
            for wrong in (0, -1, 1e10, float("nan"), float("inf"), "10", None, True)
        ),
        *(({"max_buffered": wrong}, "max_buffered is ") for wrong in (0, -1, "10", None, 1000, MAX_BYTES - 1)),
    ],
)
def test_limits_that_are_none_are_refused(options: dict[str, Any], told: str) -> None:
    """And a bound that a single body is over."""
    with pytest.raises(InvalidArgument, match=told):
        Inbox(Webhooks.of(ZEPHYR), print).app(**options)


MANY: dict[str, bytes] = {
    "lists": b"[]",
    "objects": b"{}",
    "numbers": b"0",
    "texts": b'""',
    "objects of one member": b'{"a":0}',
}


def many(unit: bytes, values: int) -> bytes:
    """Return an event with so many values."""
    marks = 1 + unit.count(b"[") + unit.count(b"{")  # a comma
    return b'{"event":"payment.teleported","sessionId":"s","x":[' + b",".join([unit] * ((values - 4) // marks)) + b"]}"


@pytest.mark.slow
@pytest.mark.parametrize("unit", MANY)
def test_many_small_values_are_refused_before_they_are_read(unit: str) -> None:
    """An empty list takes more than twenty times its length in memory; also where fields of the body do not count."""
    most, content = MAX_BYTES // 16, MANY[unit]
    for volatile in ({}, {"croissant": ["attempt"]}):
        webhooks = Webhooks.of(*ACCOUNTS, volatile_fields=volatile)
        taken = webhooks.receive("croissant", {}, many(content, most))
        assert "payment.teleported" == taken.name
        over = many(content, most + 10)
        tracemalloc.start()
        with pytest.raises(WebhookRejected, match=f"more than {most} values") as refused:
            webhooks.receive("croissant", {}, over)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (413, True) == (refused.value.status, peak < len(over) + 100_000)


def test_many_values_are_taken_where_a_body_may_be_larger() -> None:
    """A value for each 16 bytes of the largest; a thousand where it may not."""
    large, small = (Webhooks.of(*ACCOUNTS, max_body=most) for most in (4 * MAX_BYTES, 4_000))
    assert large.receive("croissant", {}, many(b"0", MAX_BYTES // 4)).name
    assert small.receive("croissant", {}, many(b"0", 1_000)).name


def test_a_forged_delivery_of_many_values_is_forged() -> None:
    """What a signature has to prove is looked at first."""
    content = many(b"0", MAX_BYTES // 16 + 10)
    with pytest.raises(WebhookRejected) as refused:
        Webhooks.of(*ACCOUNTS).receive("zephyr", plausible(), content)
    assert 401 == refused.value.status


@pytest.fixture
def process() -> Iterator[tuple[int, Callable[[], int]]]:
    """Give the port of an inbox in a process of its own, and what tells how much memory that has ever taken."""
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, ZEPHYR_SECRET]
    with Process(command, stdout=subprocess.PIPE, text=True, env=os.environ | path) as running:
        assert running.stdout is not None
        port = int(running.stdout.readline())
        yield port, lambda: int(httpx.get(f"http://127.0.0.1:{port}/peak", timeout=60).text)
        running.kill()


async def _attack(port: int, request: bytes, content: bytes) -> bytes:
    """Send a body but for its last byte, as much as is taken of it; return the answer so far."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request + content[:-1])
        await asyncio.wait_for(writer.drain(), 5)
        return await asyncio.wait_for(reader.readline(), 1)
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        ATTACKERS.append(writer)


ATTACKERS: list[asyncio.StreamWriter] = []


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{}, plausible()], ids=["no signature", "a made-up signature"])
def test_200_unfinished_bodies_hold_little_memory(
    process: tuple[int, Callable[[], int]], headers: dict[str, str]
) -> None:
    """Of 400 MB that anybody sends; a right delivery is taken right after."""
    port, peak = process
    right = body(size=10_000)
    url = f"http://127.0.0.1:{port}/hooks/zephyr"
    assert 204 == httpx.post(url, headers=signed(right), content=right, timeout=60).status_code
    before, content = peak(), b"x" * (2 * MEGABYTE)
    request = head(headers, f"content-length: {len(content)}", line="POST /hooks/zephyr HTTP/1.1")

    async def all_at_once() -> None:
        await asyncio.gather(*(_attack(port, request, content) for _ in range(200)))
        during = await asyncio.to_thread(peak)
        assert during - before < 64 * MEGABYTE, f"{(during - before) / MEGABYTE:.0f} MB more"
        for writer in ATTACKERS:
            writer.close()
        ATTACKERS.clear()

    asyncio.run(all_at_once())
    until(lambda: httpx.post(url, headers=signed(right), content=right, timeout=60).status_code == 204)


def main() -> None:
    """Serve an inbox."""

    def shown(request: Request) -> PlainTextResponse:
        del request
        return PlainTextResponse(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))

    zephyr = Zephyr(api_key="key", webhook_secrets=sys.argv[1])
    inbox = Inbox(Webhooks.of(zephyr, max_body=2 * MEGABYTE), lambda _: None)
    app = Starlette(routes=[Route("/peak", shown), Mount("/hooks", inbox.app())])
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        logging.getLogger("ordermux").addHandler(logging.NullHandler())
        uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off")).run([listening])


if __name__ == "__main__":
    main()
