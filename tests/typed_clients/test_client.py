"""The client: its arguments, its connections, and what becomes of an answer that is none."""

from __future__ import annotations

import asyncio
import copy
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from ordermux_zephyr import Client, errors
from ordermux_zephyr.api.orders import get_order
from support.mock_answers import MockAnswers
from support.typed_client_answers import ORDER, traced


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


@pytest.mark.parametrize("timeout", [0, -1, 1e10, float("nan"), float("inf"), True, (1,), None])
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


@pytest.mark.parametrize("key", ["canary\n", "canary ", "can\nary", "canary\x00", "canar\u00ff", "canary\ud800"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    """A key that was read from a file often ends in a line break."""
    with Client(api_key=key, transport=MockAnswers(httpx.Response(200))) as client:
        with pytest.raises(errors.InvalidRequest, match=r"header|characters that cannot be sent") as raised:
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
    with Client(**emulator.client_kwargs("zephyr")) as client:
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
    client = Client(**emulator.client_kwargs("zephyr"))
    get_order.sync(ids[0], client=client)
    child = os.fork()
    mine = ids[0] if child else ids[1]
    wrong = [1 for _ in range(100) if get_order.sync(mine, client=client).id != mine]
    if not child:
        os._exit(len(wrong))
    print(len(wrong), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
def test_a_fork_does_not_mix_up_the_answers() -> None:
    """Parent and child go on with one warm client, each over connections of its own."""
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    assert "0 0\n" == subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_one_client_serves_two_event_loops(emulator: Any) -> None:
    """Connections belong to a loop; a second loop gets its own."""
    client = Client(**emulator.client_kwargs("zephyr"))

    async def read() -> str:
        async with client:
            return (await get_order.asyncio("order_01HXY8", client=client)).id

    assert ["order_01HXY8", "order_01HXY8"] == [asyncio.run(read()), asyncio.run(read())]


def test_threads_share_a_client(emulator: Any) -> None:
    """Each gets the order that it asked for."""
    state = emulator.state("zephyr")
    ids = [state.add(emulator.world)["id"] for _ in range(16)]
    got: dict[str, str] = {}
    with Client(**emulator.client_kwargs("zephyr")) as client:

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
    client = Client(api_key="key", base_url=silent_server, timeout=1.5)
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
    with Client(api_key="key", transport=MockAnswers(httpx.Response(status, text="<html>"))) as client:
        with pytest.raises(errors.StatusError) as raised:
            get_order.sync("o", client=client)
    assert (status, None, b"<html>") == (raised.value.status_code, raised.value.error, raised.value.content)


MANY_LOOPS = """
import asyncio
from ordermux.emulator import Emulator
from ordermux_zephyr import Client
from ordermux_zephyr.api.orders import get_order

with Emulator() as emulator:
    client = Client(**emulator.client_kwargs("zephyr"))
    for _ in range(3):
        asyncio.run(get_order.asyncio("order_01HXY8", client=client))
        print(len(client._shared.async_http))
"""


@pytest.mark.slow
def test_a_client_that_is_used_in_many_loops_keeps_no_connections_of_those_that_ended() -> None:
    """A client at the head of a module, that nobody closes, and one `asyncio.run` after the other."""
    command = [sys.executable, "-W", "ignore", "-c", MANY_LOOPS]
    assert "1\n1\n1\n" == subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_a_server_sends_amiss_is_not_quoted() -> None:
    """The library's own message holds the line, and with it a cookie or a body."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie : session=canary\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        with Client(api_key="key", base_url=address) as client, pytest.raises(errors.TransportError) as raised:
            get_order.sync("o", client=client)
        thread.join()
    assert "RemoteProtocolError" in str(raised.value)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("headers", [None, ["a"], 7])
def test_headers_that_are_none_are_refused_at_once(headers: Any) -> None:
    """And the traceback with locals, which shows the half-built client, can be printed."""
    with pytest.raises(errors.InvalidRequest, match="headers are a mapping") as raised:
        Client(api_key="key", headers=headers)
    whole = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert "InvalidRequest" in "".join(whole.format())
