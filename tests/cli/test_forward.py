"""`events listen --forward-to`: verified deliveries reach the application as they came."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import signal
import threading
from collections.abc import Callable, Generator
from typing import Any

import attrs
import httpx
import pytest

from ordermux.cli._forward import Forwarder
from ordermux.emulator import Emulator
from ordermux.webhooks import delivery

Start = Callable[..., Any]


@attrs.define(eq=False)
class Application:
    """A server that keeps what it is sent."""

    status: int = 200
    url: str = ""
    received: list[tuple[str, dict[str, str], bytes]] = attrs.field(factory=list[tuple[str, dict[str, str], bytes]])


@contextlib.contextmanager
def application() -> Generator[Application]:
    """Give an application that is being forwarded to."""
    made = Application()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.received.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def forwarding(start: Start, emulator: Emulator, url: str, *form: str) -> Generator[tuple[Any, str]]:
    """Give a listener that forwards, and where ZephyrCart's deliveries go; Ctrl-C ends it."""
    options = ("--port", "0", "--account", "zephyr", "--forward-to", url, "--emulator", emulator.address, *form)
    with start("events", "listen", *options) as process:
        first = process.stderr.readline()
        if not form:
            process.stderr.readline()  # Press Ctrl-C
        yield process, json.loads(first)["listening"]["zephyr"] if form else first.split()[0]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert 0 == process.returncode


def signed(emulator: Emulator) -> Any:
    """Return a delivery of ZephyrCart's."""
    accounts = {each.name: each for each in emulator.accounts()}
    order = emulator.state("zephyr").orders["order_01HXY8"]
    return delivery(accounts["zephyr"], {"id": "evt_1", "type": "order.updated", "created_at": 1, "data": order})


@pytest.mark.slow
def test_a_verified_delivery_is_forwarded_as_it_came(start: Start, emulator: Emulator) -> None:
    """Each time that it comes: its bytes, headers and query, without the headers of the connection."""
    sent = signed(emulator)
    with application() as app, forwarding(start, emulator, app.url + "/in/{account}", "--json") as (process, url):
        for _ in range(2):
            headers = {**sent.headers, "X-Other": "1"}
            assert 204 == httpx.post(f"{url}?a=1", content=sent.body, headers=headers).status_code
            result = json.loads(process.stderr.readline())["forwarded"]
            assert ("zephyr", f"{app.url}/in/zephyr?a=1", 200, None) == tuple(
                result[name] for name in ("account", "url", "status", "problem")
            )
    assert 2 == len(app.received)
    for path, headers, body in app.received:
        assert ("/in/zephyr?a=1", sent.body, "1") == (path, body, headers["x-other"])
        assert {name.lower(): value for name, value in sent.headers.items()}.items() <= headers.items()
        assert app.url.removeprefix("http://") == headers["host"]


@pytest.mark.slow
def test_a_forged_delivery_is_not_forwarded(start: Start, emulator: Emulator) -> None:
    """It is rejected, as without an application."""
    sent = signed(emulator)
    with application() as app, forwarding(start, emulator, app.url, "--json") as (process, url):
        assert 401 == httpx.post(url, content=sent.body + b" ", headers=sent.headers).status_code
        assert "rejected" in json.loads(process.stderr.readline())
        assert 204 == httpx.post(url, content=sent.body, headers=sent.headers).status_code
        assert "forwarded" in json.loads(process.stderr.readline())
    assert [sent.body] == [body for _, _, body in app.received]


@pytest.mark.slow
def test_what_the_application_answers_is_told_for_people(start: Start, emulator: Emulator) -> None:
    """Its status, or that it cannot be reached; the sender gets the listener's own answer."""
    sent = signed(emulator)
    with application() as app, forwarding(start, emulator, app.url) as (process, url):
        app.status = 500
        assert 204 == httpx.post(url, content=sent.body, headers=sent.headers).status_code
        assert f"  forwarded to {app.url}: status 500 in " in process.stderr.readline()
    with forwarding(start, emulator, "http://127.0.0.1:9/") as (process, url):
        assert 204 == httpx.post(url, content=sent.body, headers=sent.headers).status_code
        assert "forwarded to http://127.0.0.1:9/: " in process.stderr.readline()


@pytest.mark.parametrize("url", ["", "shop", "ftp://shop.test/", "http://"])
def test_what_is_no_url_is_refused(emulated: Any, url: str) -> None:
    """Before anything is listened to."""
    ran = emulated("events", "listen", "--port", "0", "--forward-to", url)
    assert (2, True) == (ran.code, "invalid --forward-to" in ran.err)


def test_the_help_says_that_it_is_for_development(run: Any) -> None:
    """Plainly."""
    assert "For local development, with the emulator; not for production." in " ".join(
        run("events", "listen", "--help", COLUMNS="400").out.split()
    )


async def forwarded(url: str, query: bytes, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what is told of a delivery with a query, which an application at a URL is sent."""

    async def accept(scope: Any, receive: Any, send: Any) -> None:
        del scope
        await receive()
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        del message

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/zephyr", "query_string": query, "headers": []}
    await Forwarder(accept, url, json=True)(scope, receive, send)
    told: dict[str, Any] = json.loads(capsys.readouterr().err)["forwarded"]
    return told


def test_a_sender_does_not_replace_the_query_of_the_url(capsys: pytest.CaptureFixture[str]) -> None:
    """It may be a secret of the application's, and nobody signs a query."""
    with application() as app:
        told = asyncio.run(forwarded(f"{app.url}/in?token=abc", b"token=forged", capsys))
    assert (200, ["/in?token=abc"]) == (told["status"], [path for path, _, _ in app.received])


@pytest.mark.parametrize(("port", "query"), [("9", b"a=1#b"), ("99999", b"")])
def test_a_delivery_that_cannot_be_forwarded_is_told(
    port: str, query: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with it: the sender was answered, and would not send it again."""
    told = asyncio.run(forwarded(f"http://127.0.0.1:{port}/", query, capsys))
    assert (None, True) == (told["status"], bool(told["problem"]))
