"""The inbox as an ASGI app: by itself, mounted into another, and behind a real server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeAlias

import fastapi
import httpx
import pytest
from webhooks.served import head, served

from ordermux import InvalidArgument
from ordermux.webhooks import Event, Inbox, Webhooks
from support.posted_events import ACCOUNT, asgi, forged, told


@pytest.fixture
def handled() -> list[Event]:
    """Give the events that were handled."""
    return []


@pytest.fixture
def inbox(handled: list[Event]) -> Inbox:
    """Give an inbox for bodies that are not large."""

    async def handle(event: Event) -> None:
        handled.append(event)

    return Inbox(Webhooks.of(ACCOUNT, max_body=100_000), handle)


def test_the_app_answers_what_the_inbox_does(inbox: Inbox, handled: list[Event]) -> None:
    """With nothing in the body."""
    post, made, wrong = asgi(inbox.app()), told(), forged()
    assert [204, 204, 401, 404, 413] == [
        post("/zephyr", made.headers, made.body)[0],
        post("/zephyr", made.headers, made.body)[0],
        post("/zephyr", wrong.headers, wrong.body)[0],
        post("/zephir", made.headers, made.body)[0],
        post("/zephyr", made.headers, made.body + b" " * 100_000)[0],
    ]
    assert ["evt_1"] == [event.id for event in handled]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_app_takes_a_post_alone(inbox: Inbox, handled: list[Event], method: str) -> None:
    """A rightly signed request with another method is none."""
    made = told()

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=inbox.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, "/zephyr", headers=made.headers, content=made.body)

    answer = asyncio.run(send())
    assert (405, "POST") == (answer.status_code, answer.headers["allow"])
    assert [] == handled


@pytest.mark.parametrize("path", ["/", "/zephyr/", "/zephyr/more", "/z%2Fr"])
def test_the_app_finds_nothing_elsewhere(inbox: Inbox, handled: list[Event], path: str) -> None:
    """Neither is such a delivery handled, nor is it an error of the server's."""
    made = told()
    assert asgi(inbox.app())(path, made.headers, made.body)[0] in {307, 404}
    assert [] == handled


def test_the_app_may_have_another_path(inbox: Inbox, handled: list[Event]) -> None:
    """As the provider has it, or as others already have it."""
    post, made = asgi(inbox.app("/hooks/{account}/v1")), told()
    assert 204 == post("/hooks/zephyr/v1", made.headers, made.body)[0]
    assert 404 == post("/zephyr", made.headers, made.body)[0]
    assert 1 == len(handled)


@pytest.mark.parametrize("path", ["/hook", "/{shop}", ""])
def test_a_path_without_an_account_is_refused(inbox: Inbox, path: str) -> None:
    """Rather than each delivery, as an error of the server's."""
    with pytest.raises(InvalidArgument, match="account"):
        inbox.app(path)


def test_the_app_mounts_into_fastapi_beside_its_own_paths(inbox: Inbox, handled: list[Event]) -> None:
    """And does not stand in the way of the rest."""
    app, made = fastapi.FastAPI(), told()

    @app.post("/orders")
    async def place() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        return {"placed": "yes"}

    app.mount("/webhooks", inbox.app())
    post = asgi(app)
    assert [204, 200, 404] == [
        post(path, made.headers, made.body)[0] for path in ("/webhooks/zephyr", "/orders", "/zephyr")
    ]
    assert 1 == len(handled)


Message: TypeAlias = dict[str, Any]


def drive(inbox: Inbox, receive: Callable[[], Awaitable[Message]]) -> list[Message]:
    """Return what the app sends where a server gives it these messages of a request."""
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/zephyr",
        "raw_path": b"/zephyr",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in told().headers.items()],
        "client": None,
        "server": None,
    }
    asyncio.run(inbox.app()(scope, receive, send))
    return sent


def test_a_body_that_comes_in_pieces_is_whole(inbox: Inbox, handled: list[Event]) -> None:
    """Byte by byte, with empty pieces between."""
    pieces = [piece for byte in told().body for piece in (bytes([byte]), b"")]

    async def receive() -> Message:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    assert 204 == drive(inbox, receive)[0]["status"]
    assert 1 == len(handled)


def test_a_body_that_never_ends_is_not_read_to_its_end(inbox: Inbox, handled: list[Event]) -> None:
    """What is refused need not come; nor is it kept in memory."""
    asked: list[int] = []

    async def receive() -> Message:
        asked.append(1)
        assert len(asked) < 1000
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

    assert 413 == drive(inbox, receive)[0]["status"]
    assert 11 == len(asked)
    assert [] == handled


def test_a_client_that_goes_away_is_no_delivery(inbox: Inbox, handled: list[Event]) -> None:
    """Half a body is not handled, even where it is whole JSON; and the server is shown no error."""
    pieces: list[Message] = [
        {"type": "http.request", "body": told().body, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return pieces.pop(0)

    drive(inbox, receive)
    assert [] == handled


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    """Give the port of a server that serves the app."""
    with served(inbox.app()) as found:
        yield found


def test_the_app_behind_a_server(port: int, handled: list[Event]) -> None:
    """By HTTP, with a length and in chunks."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        first, second, wrong = told("evt_1"), told("evt_2"), forged("evt_3")
        answers = [
            client.post("/zephyr", headers=first.headers, content=first.body),
            client.post("/zephyr", headers=second.headers, content=iter([second.body[:7], second.body[7:]])),
            client.post("/zephyr", headers=wrong.headers, content=wrong.body),
            client.get("/zephyr"),
        ]
    assert [204, 204, 401, 405] == [answer.status_code for answer in answers]
    assert [b""] * 3 == [answer.content for answer in answers[:3]]
    assert ["evt_1", "evt_2"] == [event.id for event in handled]


def test_the_app_behind_a_server_refuses_a_large_body_before_it_has_come(port: int, handled: list[Event]) -> None:
    """A gigabyte is announced, and a ten thousandth of it sent: the answer is there."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(told().headers, "content-length: 1000000000") + b"x" * 100_001)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
    assert [] == handled


def test_the_app_behind_a_server_survives_a_client_that_goes_away(
    port: int, handled: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of it is handled, nothing is logged as an error, and the next is served."""
    made = told()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(made.headers, f"content-length: {len(made.body)}") + made.body[:-1])
    answer = httpx.post(f"http://127.0.0.1:{port}/zephyr", headers=made.headers, content=made.body)
    assert 204 == answer.status_code
    assert 1 == len(handled)
    assert [] == [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_handler_that_blocks_does_not_hold_up_the_server(handled: list[Event]) -> None:
    """While one delivery is handled, others are."""
    free = threading.Event()

    def handle(event: Event) -> None:
        if event.id == "evt_slow":
            free.wait(10)
        handled.append(event)

    inbox = Inbox(Webhooks.of(ACCOUNT), handle)

    async def main() -> list[int]:
        transport = httpx.ASGITransport(app=inbox.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            slow, quick = told("evt_slow"), told("evt_quick")
            waiting = asyncio.create_task(client.post("/zephyr", headers=slow.headers, content=slow.body))
            first = await client.post("/zephyr", headers=quick.headers, content=quick.body)
            free.set()
            return [first.status_code, (await waiting).status_code]

    assert [204, 204] == asyncio.run(main())
    assert ["evt_quick", "evt_slow"] == [event.id for event in handled]


_WITHOUT = """
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "starlette":
            raise ModuleNotFoundError("No module named 'starlette'", name=name)

sys.meta_path.insert(0, Without())
from ordermux import MissingDependency, Zephyr
from ordermux.webhooks import Inbox, Webhooks, delivery

account = Zephyr(api_key="key", webhook_secrets="whsec_0123456789abcdef")
inbox, made = Inbox(Webhooks.of(account), print), delivery(account, {})
assert 204 == inbox.respond("zephyr", made.headers, made.body).status
try:
    inbox.app()
except MissingDependency as error:
    print(error)
"""


@pytest.mark.slow
def test_without_starlette_the_app_says_what_to_install() -> None:
    """The rest of the inbox needs no framework."""
    done = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=True)
    assert "pip install 'ordermux[asgi]'" in done.stdout
