"""What callers send has bounds: bodies, their values, what the emulator keeps of them, and readers of the stream."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, World, bounds
from ordermux.emulator import event_stream as feed
from ordermux.emulator.bounds import MAX_BODY, MAX_CONTROL_BODY, MAX_CONTROL_VALUES, MAX_VALUES, MemoryBudget, weight_of
from ordermux.emulator.journal import Journal
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint.emulator import COOKIE
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.emulator_requests import KEY, ORDER, RESET, Ask
from support.polling import until

# Bodies.


def chunks(size: int) -> Iterable[bytes]:
    """Return a body that does not say how long it is."""
    return itertools.repeat(b" " * 1024, size // 1024 + 2)


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("PATCH", ORDER, MAX_BODY),
        ("POST", "/croissant/v0/carts", MAX_BODY),
        ("POST", "/crossmint/api/checkout", MAX_BODY),
        ("PUT", "/cryptum/plugins/checkout/f701...672e", MAX_BODY),
        ("GET", ORDER, MAX_BODY),
        ("POST", "/nowhere", MAX_BODY),
        ("POST", "/_emulator/place", MAX_CONTROL_BODY),
        ("POST", "/w/x/_emulator/faults", MAX_CONTROL_BODY),
    ],
)
def test_bodies_have_a_bound(emulator: Emulator, method: str, path: str, most: int) -> None:
    """Where they say how long they are, before any of it is read."""
    with socket.create_connection(("127.0.0.1", int(emulator.address.rpartition(":")[2])), timeout=30) as plug:
        plug.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {most + 1}\r\n\r\n".encode())
        told = b""
        while b"}" not in told:
            told += plug.recv(4096)
    assert (True, True) == (told.startswith(b"HTTP/1.1 413"), f"more than {most:,} bytes".encode() in told)
    assert 0 == emulator.world.effects.total()


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("PATCH", ORDER, MAX_BODY),
        ("POST", "/crossmint/api/checkout", MAX_BODY),
        ("POST", "/_emulator/transition", MAX_CONTROL_BODY),
    ],
)
@pytest.mark.parametrize("faulty", [False, True])
def test_bodies_that_do_not_say_how_long_they_are_have_a_bound(
    emulator: Emulator,
    method: str,
    path: str,
    most: int,
    faulty: bool,  # noqa: FBT001
) -> None:
    """As they are read, in a call that goes wrong too."""
    if faulty:
        emulator.world.faults.inject("*", Fault(kind=FaultKind.EXTRA_FIELD, when="after"))
    headers = {**KEY, "cookie": COOKIE, "content-type": "application/json"}
    answer = httpx.request(method, emulator.address + path, content=iter(chunks(most)), headers=headers, timeout=30)
    assert (413, 0) == (answer.status_code, emulator.world.effects.total())


def test_a_body_within_the_bound_is_taken(ask: Ask) -> None:
    """To the last byte of it."""
    empty = len(json.dumps({"metadata": {"a": ""}}))
    assert 200 == ask("PATCH", ORDER, {"metadata": {"a": "x" * (MAX_BODY - empty)}})[0]
    assert 413 == ask("PATCH", ORDER, {"metadata": {"a": "x" * (MAX_BODY - empty + 1)}})[0]


def lists(values: int) -> bytes:
    """Return JSON of so many values, in two or three bytes each."""
    start = b'{"name": "Mug", "x": ['
    return start + b",".join([b"0"] * (values - 2)) + b"]}"


@pytest.mark.parametrize(
    ("path", "most"), [("/croissant/v0/products/p", MAX_VALUES), ("/_emulator/faults", MAX_CONTROL_VALUES)]
)
def test_the_values_of_a_body_have_a_bound(emulator: Emulator, path: str, most: int) -> None:
    """Before it is read: an empty list takes some 70 bytes of memory, and three to be sent."""
    emulator.state("croissant").tokens["t"] = float("inf")
    headers = {"authorization": "Bearer t", "content-type": "application/json"}
    statuses: list[int] = []
    for number in (most, most + 1):
        method = "PUT" if "products" in path else "POST"
        answer = httpx.request(method, emulator.address + path, content=lists(number), headers=headers)
        statuses.append(answer.status_code)
    assert [201 if "products" in path else 400, 413] == statuses
    assert f"more than {most:,} values" in answer.text  # pyright: ignore[reportPossiblyUnboundVariable]


def test_many_small_values_count_as_what_they_take(emulator: Emulator) -> None:
    """Not as what was sent: 256 MB of empty lists would take some gigabytes."""
    emulator.state("croissant").tokens["t"] = float("inf")
    headers = {"authorization": "Bearer t", "content-type": "application/json"}
    before = emulator.world.memory_budget.used
    assert (
        201
        == httpx.put(f"{emulator.address}/croissant/v0/products/p", content=lists(20_000), headers=headers).status_code
    )
    assert emulator.world.memory_budget.used - before > 19_000 * 70
    before = emulator.world.memory_budget.used
    fault: dict[str, Any] = RESET | {"kind": "status", "body": [[]] * 2_000}
    assert 200 == httpx.post(f"{emulator.address}/_emulator/faults", json=fault).status_code
    assert emulator.world.memory_budget.used - before > 2_000 * 70


SHAPES: dict[str, bytes] = {
    "numbers": b"[%b]" % b",".join([b"0"] * 5_000),
    "large numbers": b"[%b]" % b",".join([b"1234567.5"] * 5_000),
    "lists": b"[%b]" % b",".join([b"[]"] * 5_000),
    "objects": b"[%b]" % b",".join([b"{}"] * 5_000),
    "objects of one member": b"[%b]" % b",".join([b'{"a":0}'] * 5_000),
    "lists of one": b"[%b]" % b",".join([b"[0]"] * 5_000),
    "members": b"{%b}" % b",".join(b'"%d":0' % number for number in range(5_000)),
    "members that are objects": b"{%b}" % b",".join(b'"%d":{}' % number for number in range(5_000)),
    "texts": b"[%b]" % b",".join([b'"ab"'] * 5_000),
    "a text": b'"%b"' % (b"x" * 50_000),
    "a text with a wide character": b'"%b"' % ("x" * 50_000 + "\N{PILE OF POO}").encode(),
    "a text with a wide character, escaped": b'"%b"' % (b"x" * 50_000 + rb"\ud83d\ude00"),
    "depth": b"[" * 900 + b"]" * 900,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_json_takes_is_estimated_high_enough(shape: str) -> None:
    """Whatever it consists of; the memory that Python takes for it is measured."""
    tracemalloc.start()
    tree = json.loads(SHAPES[shape])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken <= weight_of(SHAPES[shape]), (taken, weight_of(SHAPES[shape]), type(tree))


# What callers send and the emulator keeps.


CART = {
    "isOptedIn": False,
    "confirmationNumber": "1",
    "retailerCreatedAt": "2026-03-25T12:00:00.000Z",
    "source": "web",
    "products": [{"retailerProductId": "SKU-001", "quantity": 1, "retailSalePrice": 100, "retailSaleCurrency": "USD"}],
}
PLUGIN = {
    "ecommerceOrderId": "7",
    "ecommerceType": "api",
    "orderTotal": "1.50",
    "orderCurrency": "USD",
    "callbackUrl": "https://shop.example/",
    "store": cryptum.STORE,
    "deliveryInfo": {"firstName": "Ana", "lastName": "Suarez", "email": "a@example.com", "country": "AR"},
}
OPENS = {"Authorization": "Bearer t", "cookie": COOKIE, "x-api-key": cryptum.CREDENTIALS["api_key"]}
GROWING: dict[str, Callable[[int], tuple[str, str, Any, dict[str, str]]]] = {
    "carts": lambda n: ("POST", "/croissant/v0/carts", CART | {"id": f"c{n}"}, {}),
    "products": lambda n: ("PUT", f"/croissant/v0/products/p{n}", {"name": "Mug"}, {}),
    "checkouts": lambda _: (
        "POST",
        "/crossmint/api/checkout",
        {"cartItemId": "c1d2e3f4-a5b6-7890-cdef-123456789012"},
        {},
    ),
    "orders": lambda _: ("POST", "/cryptum/plugins/orders/checkout", PLUGIN, {}),
    "keys": lambda n: ("POST", f"{ORDER}/refunds", {"amount_cents": 1}, {"Idempotency-Key": f"k{n}"}),
    "metadata": lambda n: ("PATCH", ORDER, {"metadata": {"a": "x" * 4000 * n}}, {}),
    "places": lambda _: ("POST", "/_emulator/place", {"account": "zephyr"}, {}),
}
"""A call of each kind that makes the emulator keep more; the number tells one from another."""


@pytest.mark.slow
@pytest.mark.parametrize("what", GROWING)
def test_what_callers_send_has_a_bound(emulator: Emulator, what: str) -> None:
    """All worlds together: then nothing is changed any more, and reading goes on."""
    emulator.world.memory_budget.limit = 20_000
    emulator.state("croissant").tokens["t"] = float("inf")
    emulator.state("crossmint").requests_a_minute = 10**6
    statuses: list[int] = []
    for number in range(1, 30):
        method, path, body, headers = GROWING[what](number)
        given = OPENS | {"content-type": "application/json"} | headers
        given |= KEY if path.startswith("/zephyr/") else {}
        answer = httpx.request(method, emulator.address + path, json=body, headers=given, timeout=30)
        statuses.append(answer.status_code)
    taken, effects = emulator.world.memory_budget.used, emulator.world.effects.total()
    refused = statuses.index(507)
    assert {507} == set(statuses[refused:])
    assert (True, True) == (2 <= refused <= 10, "used up" in answer.json()["error"])  # pyright: ignore[reportPossiblyUnboundVariable]
    assert (True, effects) == (taken < 60_000, refused if what != "places" else 0)
    assert 507 == httpx.patch(f"{emulator.address}/w/x{ORDER}", json={"metadata": {}}, headers=KEY).status_code
    assert 200 == httpx.get(emulator.address + ORDER, headers=KEY).status_code


@pytest.mark.slow
def test_the_same_thing_again_is_no_more(emulator: Emulator, ask: Ask) -> None:
    """Neither a product that is put again nor an order that is changed again and again."""
    for number in range(50):
        assert 200 == ask("PATCH", ORDER, {"metadata": {"n": str(number)}})[0]
    taken = emulator.world.memory_budget.used
    for number in range(50):
        assert 200 == ask("PATCH", ORDER, {"metadata": {"n": str(number)}})[0]
    assert 0 < taken == emulator.world.memory_budget.used


def test_keys_are_forgotten_after_their_day(emulator: Emulator, ask: Ask) -> None:
    """And count no more."""
    emulator.world.clock.freeze()
    refund = {"amount_cents": 1}
    for number in range(20):
        ask("POST", f"{ORDER}/refunds", refund, {"Idempotency-Key": f"k{number}"})
    before = emulator.world.memory_budget.used
    emulator.world.clock.advance(zephyr.KEY_SECONDS)
    ask("POST", f"{ORDER}/refunds", refund, {"Idempotency-Key": "another"})
    assert ["another"] == list(emulator.state("zephyr").answers)
    assert before > emulator.world.memory_budget.used


def test_a_room_counts_each_thing_at_its_largest() -> None:
    """Once, and no more once it is forgotten."""
    memory_budget, largest = MemoryBudget(limit=100), MemoryBudget()
    largest.charge("a", 20)
    for size in (10, 5, 20):
        memory_budget.charge("a", size)
    with pytest.raises(bounds.MemoryBudgetExceeded):
        memory_budget.check()
    assert largest.used == memory_budget.used
    for _ in range(2):
        memory_budget.release("a")
    memory_budget.check()
    assert 0 == memory_budget.used


@pytest.mark.slow
def test_tokens_have_a_bound(emulator: Emulator) -> None:
    """Those that ended are forgotten; of the others the oldest ends where there would be too many."""
    state: croissant.State = emulator.state("croissant")
    state.tokens = {f"over{number}": 1.0 for number in range(50)}
    body = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    for _ in range(3):
        httpx.post(f"{emulator.address}/croissant/v0/token", json=body)
    assert 3 == len(state.tokens)
    state.tokens = {f"good{number}": float("inf") for number in range(croissant.MAX_TOKENS + 5)}
    made = httpx.post(f"{emulator.address}/croissant/v0/token", json=body).json()["access_token"]
    assert (croissant.MAX_TOKENS, made) == (len(state.tokens), list(state.tokens)[-1])
    assert "good5" not in state.tokens


def test_arrivals_have_a_bound() -> None:
    """The last of them are kept."""
    world = World()
    for _ in range(10_500):
        world.arrive("zephyr.getOrder")
    assert (10_000, 10_500) == (len(world.arrivals["zephyr"]), world.calls["zephyr.getOrder"])


def test_what_is_noted_is_cut(emulator: Emulator) -> None:
    """A path, a key and an id may be long."""
    long = "x" * 20_000
    headers = KEY | {"Idempotency-Key": "k" * 20_000}
    httpx.post(f"{emulator.address}/zephyr/v1/orders/{long}/cancel", headers=headers)
    [entry] = emulator.world.journal.since()
    lengths = [len(entry.order or ""), len(entry.detail["path"]), len(entry.detail["idempotency_key"])]
    assert [1000, 1000, 1000] == lengths


# Readers.


def test_readers_of_the_stream_have_a_bound(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused until one leaves."""
    monkeypatch.setattr("ordermux.emulator.control.MAX_STREAMS", 2)
    url = f"{emulator.address}/_emulator/stream"
    with httpx.Client(timeout=30) as client:
        with client.stream("GET", url) as first, client.stream("GET", url) as second:
            lines = [each.iter_lines() for each in (first, second)]
            assert [":", ":"] == [next(each)[:1] for each in lines]
            refused = client.get(url)
            assert (429, True) == (refused.status_code, "readers" in refused.json()["error"])
        until(lambda: emulator.worlds.streams == 0)
        with client.stream("GET", url) as third:
            assert 200 == third.status_code


def test_a_reader_that_does_not_read_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has not read has a bound, and its stream ends with that."""
    monkeypatch.setattr(feed, "MAX_UNREAD", 5)
    journal = Journal()

    async def read() -> list[int]:
        with feed.feed(journal) as entries:
            for number in range(50):
                journal.add(0.0, "clock", now=number)
            await asyncio.sleep(0.05)
            return [entry.number async for entry in entries]

    assert [1, 2, 3, 4] == asyncio.run(read())
