"""What the emulator keeps has bounds: worlds, faults, deliveries, bodies, and all that callers send."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import socket
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, World, bounds
from ordermux.emulator import event_stream as feed
from ordermux.emulator.bounds import (
    MOST_BODY,
    MOST_CONTROL_BODY,
    MOST_CONTROL_VALUES,
    MOST_TARGETS,
    MOST_VALUES,
    MOST_WAITING,
    Room,
    TooMany,
    weight_of,
)
from ordermux.emulator.journal import Journal
from ordermux.emulator.outbox import Outbox
from ordermux.emulator.snapshots import text_of
from ordermux.emulator.worlds import Worlds
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint.emulator import COOKIE
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.polling import until

KEY = {"Authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
RESET = {"operation": "zephyr.getOrder", "kind": "reset", "when": "before"}
Ask = Callable[..., tuple[int, Any]]


@contextmanager
def asking(emulator: Emulator) -> Generator[Ask]:
    """Give what makes calls, all on one connection."""
    connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=60)

    def ask(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, content, (headers or {}) | KEY)
        answer = connection.getresponse()
        read = answer.read()
        return answer.status, json.loads(read) if read[:1] in {b"{", b"["} else read

    yield ask
    connection.close()


@pytest.fixture
def ask(emulator: Emulator) -> Iterator[Ask]:
    """Give what makes calls to the emulator."""
    with asking(emulator) as asked:
        yield asked


# Worlds.


def test_worlds_have_a_bound() -> None:
    """One more is refused, whoever names it; those that there are go on."""
    with Emulator(max_worlds=3) as emulator, asking(emulator) as ask:
        statuses = [ask("GET", f"/w/{name}{ORDER}")[0] for name in ("a", "b", "c", "a")]
        by_header, told = ask("GET", ORDER, headers={"Ordermux-World": "d"})
        with pytest.raises(TooMany, match="3 worlds"):
            emulator.world_named("e")
    assert ([200, 200, 429, 200], 429, True) == (statuses, by_header, "3 worlds" in told["error"])
    assert ["", "a", "b"] == [world.name for world in emulator.worlds()]


def test_many_orders_make_few_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The orders that are made up have a bound together."""
    monkeypatch.setattr("ordermux.emulator.worlds.MOST_MADE_UP", 3 * 4 * 50)
    worlds = Worlds(World(extra_orders=50))
    worlds.named("a")
    worlds.named("b")
    with pytest.raises(TooMany, match="too many orders"):
        worlds.named("c")


def test_what_worlds_remember_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keeps half of what happened where their number passes a power of two, also of what is there already."""
    monkeypatch.setattr("ordermux.emulator.worlds.ALL_ENTRIES", 100)
    monkeypatch.setattr("ordermux.emulator.worlds.MAX_ALL_DELIVERIES", 40)
    worlds = Worlds(World())
    first = worlds.default
    first.outbox.deliver_to("http://127.0.0.1:9/", "zephyr")
    for _ in range(200):
        first.states["zephyr"].transition(zephyr.SAMPLE_ORDER, "fulfil")
        del first.states["zephyr"].orders[zephyr.SAMPLE_ORDER]["fulfilment"]
    kept = [(len(first.journal.entries), len(first.outbox.deliveries))]
    for name in "abc":
        worlds.named(name)
        kept.append((len(first.journal.entries), len(first.outbox.deliveries)))
    assert [(100, 40), (50, 20), (25, 10), (25, 10)] == kept
    assert 200 <= first.journal.since()[-1].number


# Faults, and what happens to deliveries.


def test_a_million_faults_in_one_order_are_one(emulator: Emulator, ask: Ask) -> None:
    """They wait as one, and each call takes one of them."""
    status, told = ask("POST", "/_emulator/faults", RESET | {"kind": "status", "times": 10**6})
    assert (200, 1, 10**6) == (status, len(told["faults"]), told["faults"][0]["times"])
    assert 500 == ask("GET", ORDER)[0]
    assert [10**6 - 1] == [fault.times for _, fault in emulator.world.faults.waiting]


@pytest.mark.slow
def test_faults_that_wait_have_a_bound(emulator: Emulator, ask: Ask) -> None:
    """One more is refused until one is gone, with what to do instead."""
    statuses = Counter(ask("POST", "/_emulator/faults", RESET)[0] for _ in range(MOST_WAITING))
    more, told = ask("POST", "/_emulator/faults", RESET)
    with pytest.raises(TooMany):
        emulator.world.faults.inject("*", Fault(kind=FaultKind.RESET, when="before"))
    assert ({200: MOST_WAITING}, 429, True) == (statuses, more, "`times`" in told["error"])
    with pytest.raises(ConnectionError):
        ask("GET", ORDER)
    assert 200 == ask("POST", "/_emulator/faults", RESET)[0]


def test_the_bodies_of_faults_have_a_bound(emulator: Emulator, ask: Ask) -> None:
    """Of a world's together."""
    body = "x" * (MOST_CONTROL_BODY - 500)
    statuses = [ask("POST", "/_emulator/faults", RESET | {"kind": "status", "body": body})[0] for _ in range(17)]
    assert ([200] * 16, 429) == (statuses[:16], statuses[16])
    assert 16 == len(emulator.world.faults.waiting)


@pytest.mark.slow
def test_what_happens_to_deliveries_has_a_bound(emulator: Emulator, ask: Ask) -> None:
    """However many times, it is one."""
    lose = {"kind": "drop", "times": 10**6}
    statuses = Counter(ask("POST", "/_emulator/delivery_faults", lose)[0] for _ in range(MOST_WAITING + 1))
    assert ({200: MOST_WAITING, 429: 1}, MOST_WAITING) == (statuses, len(emulator.world.outbox.delivery_faults))


def test_a_disturbance_of_some_deliveries_ends(emulator: Emulator) -> None:
    """After as many as were asked for."""
    emulator.deliver_to("http://127.0.0.1:9/", "zephyr")
    emulator.world.outbox.inject("drop", "zephyr", 2)
    emulator.world.outbox.inject("drop", "crossmint", 1)
    for _ in range(3):
        emulator.state("zephyr").place()
    assert ["dropped", "dropped", "waiting"] == [delivery.state for delivery in emulator.world.outbox.deliveries]
    assert [("crossmint", 1)] == [(each.provider, each.times) for each in emulator.world.outbox.delivery_faults]


def test_the_urls_that_events_go_to_have_a_bound(emulator: Emulator, ask: Ask) -> None:
    """Those that a call registers too."""
    url = {"url": "http://127.0.0.1:9/", "provider": "zephyr"}
    statuses = Counter(ask("POST", "/_emulator/webhooks", url)[0] for _ in range(MOST_TARGETS + 1))
    endpoint = {"url": "http://127.0.0.1:9/", "events": ["order.created"]}
    assert {200: MOST_TARGETS, 429: 1} == statuses
    assert 422 == ask("POST", "/zephyr/v1/webhook_endpoints", endpoint)[0]
    assert (MOST_TARGETS, 0) == (
        len(emulator.world.outbox.targets),
        emulator.world.effects["zephyr.createWebhookEndpoint"],
    )


def test_urls_that_would_be_too_many_together_are_refused_together(emulator: Emulator, ask: Ask) -> None:
    """One of all providers is four; none of them is taken where not all are."""
    for _ in range(MOST_TARGETS - 3):
        emulator.deliver_to("http://127.0.0.1:9/", "zephyr")
    assert 429 == ask("POST", "/_emulator/webhooks", {"url": "http://127.0.0.1:9/{provider}"})[0]
    assert MOST_TARGETS - 3 == len(emulator.world.outbox.targets)
    assert 200 == ask("DELETE", "/_emulator/webhooks?url=http://127.0.0.1:9/")[0]
    assert 200 == ask("POST", "/_emulator/webhooks", {"url": "http://127.0.0.1:9/{provider}"})[0]
    assert 4 == len(emulator.world.outbox.targets)


def test_what_waits_counts_as_what_is_kept(emulator: Emulator, ask: Ask) -> None:
    """Faults, delivery faults and URLs, of all worlds together, until they are gone."""
    calls: list[tuple[str, Any]] = [
        ("faults", RESET | {"body": "x" * 5_000}),
        ("delivery_faults", {"kind": "drop"}),
        ("webhooks", {"url": "http://127.0.0.1:9/" + "x" * 1_900}),
    ]
    kept: list[int] = []
    for path, body in calls:
        before = emulator.world.room.taken
        assert 200 == ask("POST", f"/w/a/_emulator/{path}", body)[0]
        kept.append(emulator.world.room.taken - before)
    assert [True, True, True] == [
        bytes_kept > least for bytes_kept, least in zip(kept, (7_000, 1_000, 15_000), strict=True)
    ]
    emulator.world.room.most = 0
    assert [507] * 3 == [ask("POST", f"/w/b/_emulator/{path}", body)[0] for path, body in calls]
    with pytest.raises(ConnectionError):
        ask("GET", f"/w/a{ORDER}")
    ask("DELETE", "/w/a/_emulator/webhooks")
    assert kept[1] == emulator.world.room.taken


def test_a_url_has_a_bound(emulator: Emulator, ask: Ask) -> None:
    """It is kept with each delivery."""
    url = "http://127.0.0.1:9/" + "x" * 3000
    assert 429 == ask("POST", "/_emulator/webhooks", {"url": url})[0]
    assert [] == emulator.world.outbox.targets


REFUSED_ENDPOINTS: dict[str, Any] = {
    "no such event": {"events": ["order.teleported"]},
    "no events": {"events": []},
    "a long url": {"url": "http://127.0.0.1:9/" + "x" * 2_000},
    "a long description": {"description": "x" * 2_001},
    "no url": {"url": None},
}


@pytest.mark.parametrize("why", [*REFUSED_ENDPOINTS, "too many"])
def test_an_endpoint_that_is_refused_changes_nothing(
    emulator: Emulator, ask: Ask, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the shop, nor where events go, nor the numbers that are drawn, nor what is kept."""
    world = emulator.world
    if why == "too many":
        monkeypatch.setattr("ordermux.emulator.outbox.MOST_TARGETS", 0)
    asked = {"url": "http://127.0.0.1:9/", "events": ["order.created"], **REFUSED_ENDPOINTS.get(why, {})}

    def known() -> tuple[Any, ...]:
        return text_of(world, "zephyr"), world.random.getstate(), list(world.outbox.targets), world.room.taken

    before = known()
    assert 422 == ask("POST", "/zephyr/v1/webhook_endpoints", asked, {"idempotency-key": "k"})[0]
    assert before == known()


def test_endpoints_count_as_what_is_kept(emulator: Emulator, ask: Ask) -> None:
    """Each by the length of what was sent, as orders do."""
    asked = {"url": "http://127.0.0.1:9/", "events": ["order.created"] * 1_000, "description": "x" * 2_000}
    before = emulator.world.room.taken
    assert 201 == ask("POST", "/zephyr/v1/webhook_endpoints", asked)[0]
    assert emulator.world.room.taken - before > len(json.dumps(asked))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/_emulator/faults", RESET | {"operation": "*" * 101}),
        ("/_emulator/delivery_faults", {"kind": "drop", "provider": "*" * 101}),
        ("/_emulator/webhooks", {"url": "http://127.0.0.1:9/", "provider": "*" * 101}),
    ],
)
def test_a_pattern_has_a_bound(emulator: Emulator, ask: Ask, path: str, body: Any) -> None:
    """It is kept with what waits, and compared with each call."""
    assert 400 == ask("POST", path, body)[0]
    assert ([], [], []) == (
        emulator.world.faults.waiting,
        emulator.world.outbox.delivery_faults,
        emulator.world.outbox.targets,
    )


def test_a_pattern_of_a_hundred_characters_is_taken(ask: Ask) -> None:
    """However many of them are stars."""
    assert 200 == ask("POST", "/_emulator/faults", RESET | {"operation": "*" * 100})[0]


def test_the_patterns_of_faults_count_with_their_bodies(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are kept with them."""
    fault = Fault(kind=FaultKind.RESET, when="before")
    monkeypatch.setattr("ordermux.emulator.faults.MOST_FAULT_BYTES", 2 * (fault.weight() + 100))
    for _ in range(2):
        emulator.world.faults.inject("*" * 100, fault)
    with pytest.raises(TooMany):
        emulator.world.faults.inject("*", fault)


def test_long_deliveries_are_kept_shorter(emulator: Emulator, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their length too; the last one always."""
    monkeypatch.setattr(emulator.world.outbox, "max_bytes", 50_000)
    emulator.deliver_to("http://127.0.0.1:9/", "zephyr")
    for length in (10_000, 10_000, 30_000, 20_000, 100_000):
        assert 200 == ask("PATCH", ORDER, {"metadata": {"a": "x" * length}})[0]
        emulator.wait_for_deliveries()
        sizes = [len(delivery.body) for delivery in emulator.world.outbox.deliveries]
        assert sum(sizes) <= 50_000 or 1 == len(sizes)
    assert [True] == [size > 100_000 for size in sizes]


def test_a_delivery_that_is_sent_again_and_again_keeps_its_last_attempts(emulator: Emulator) -> None:
    """A hundred of them."""
    emulator.deliver_to("http://127.0.0.1:9/", "cryptum")
    emulator.state("cryptum").confirm("f701...672e")
    emulator.wait_for_deliveries()
    [delivery] = emulator.world.outbox.deliveries
    for number in range(150):
        emulator.world.outbox.tried(delivery, 500, f"problem {number}")
    assert (100, "problem 149") == (len(delivery.attempts), delivery.attempts[-1]["problem"])


def test_deliveries_are_kept_by_all_of_their_length(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL, the secret and the attempts count as the body does."""
    mail = emulator.world.outbox
    mail.deliver_to("http://127.0.0.1:9/" + "x" * 1_900, "zephyr", secret="whsec_" + "x" * 900)
    monkeypatch.setattr(mail, "max_bytes", 100_000)
    for _ in range(200):
        mail.send("zephyr", "order.updated", "zephyr:1", body={})
    kept = mail.deliveries
    assert 20 <= len(kept) <= 100_000 // 2_900
    for number in range(40):
        for delivery in mail.deliveries:
            mail.tried(delivery, None, f"{number}" + "x" * 5_000)
    [left] = mail.deliveries
    assert (kept[-1].number, 40, 1_000) == (left.number, 40, len(left.attempts[-1]["problem"]))


def test_what_happened_is_kept_by_its_length(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long paths and keys leave fewer entries."""
    monkeypatch.setattr(emulator.world.journal, "max_bytes", 100_000)
    for _ in range(1_000):
        emulator.world.note("call", "zephyr:1", path="x" * 5_000, idempotency_key="x" * 5_000)
    assert 20 <= len(emulator.world.journal.since()) <= 100_000 // 2_000


# That one more costs the same, however many there are.


def calls_of(act: Callable[[], object]) -> int:
    """Return how many functions are called, those of C too, while something is done."""
    called = Counter[str]()
    sys.setprofile(lambda _, event, __: called.update([event]))
    try:
        act()
    finally:
        sys.setprofile(None)
    return called["call"] + called["c_call"]


@pytest.mark.parametrize("mishap", [None, "reorder", "duplicate", "drop"])
def test_one_more_delivery_costs_the_same(mishap: Any) -> None:
    """Whether ten are kept or thousands, sent to one URL or to many."""
    world = World()
    mail = world.outbox
    mail.callbacks = True
    costs: list[int] = []
    for number in range(3_000):
        if number in {10, 2_990}:
            mail.delivery_faults.clear()
            mail.send("cryptum", "e", "cryptum:1", body={}, callback="http://127.0.0.1:9/0")  # which ends a swap
            if mishap:
                mail.inject(mishap)
            costs.append(
                calls_of(lambda: mail.send("cryptum", "e", "cryptum:1", body={}, callback="http://127.0.0.1:9/0"))
            )
        mail.send("cryptum", "e", "cryptum:1", body={}, callback=f"http://127.0.0.1:9/{number}")
    assert 3_000 <= len(mail.deliveries)
    assert costs[1] <= costs[0] + 5, costs


@pytest.mark.slow
def test_one_more_attempt_costs_the_same() -> None:
    """Whether ten deliveries wait or thousands, for now or for later."""
    world = World()
    mail = world.outbox
    for provider in ("zephyr", "croissant"):
        mail.deliver_to("http://127.0.0.1:9/{provider}", provider)

    def attempt() -> None:
        url = mail.begin()
        assert url is not None
        delivery = mail.next(url)
        assert delivery is not None
        mail.tried(delivery, 500, None)
        mail.leave(url)
        mail.is_idle()

    costs: list[int] = []
    for wanted in (10, 4_000):
        while len(mail.deliveries) < wanted:
            mail.send("zephyr", "order.updated", "zephyr:1", body={})
            mail.send("croissant", "payment.confirmed", "croissant:1", body={})
            for _ in range(wanted == 4_000):
                attempt()
        costs.append(calls_of(attempt))
    assert costs[1] <= costs[0] + 20, costs  # a heap's depth


def test_what_is_due_later_is_forgotten_with_its_delivery() -> None:
    """However many have failed, no more is remembered of when they are due than of them."""
    world = World()
    mail = world.outbox
    mail.keep(50, 1 << 20)
    mail.deliver_to("http://127.0.0.1:9/", "zephyr")
    for _ in range(1_000):
        mail.send("zephyr", "order.updated", "zephyr:1", body={})
        mail.tried(mail.deliveries[-1], 500, None)
    assert 50 == len(mail.deliveries)
    text = text_of(world, "deliveries")
    assert 50 == len(json.loads(text))
    assert len(mail._later) <= 100  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
def test_a_delivery_to_each_of_many_urls_looks_at_each_world_few_times(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each order has a URL of its own, to which nobody listens."""
    looked = Counter[str]()
    for name in ("begin", "next"):
        original = getattr(Outbox, name)

        def counted(*given: Any, name: str = name, original: Any = original) -> Any:
            looked[name] += 1
            return original(*given)

        monkeypatch.setattr(Outbox, name, counted)
    mail = emulator.world.outbox
    mail.callbacks = True
    for number in range(300):
        mail.send("cryptum", "e", f"cryptum:{number}", body={}, callback=f"http://127.0.0.1:9/{number}")
    emulator.wait_for_deliveries(60)
    assert {"failed": 300} == Counter(delivery.state for delivery in mail.deliveries)
    assert 600 >= looked["next"]
    assert 300 * 5 >= looked["begin"]


def test_one_more_fault_costs_the_same(emulator: Emulator) -> None:
    """Whether ten wait or hundreds."""
    faults = emulator.world.faults
    fault = Fault(kind=FaultKind.STATUS, when="before", body={"a": [1, 2, 3]})
    costs: list[int] = []
    for wanted in (10, 900):
        while len(faults.waiting) < wanted:
            faults.inject("zephyr.getOrder", fault)
        costs.append(calls_of(lambda: faults.inject("zephyr.getOrder", fault)))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", RESET | {"kind": "status", "body": "x" * 1_000}),
        ("delivery_faults", {"kind": "drop"}),
        ("webhooks", {"url": "http://127.0.0.1:9/" + "x" * 1_900, "provider": "zephyr"}),
    ],
)
def test_what_is_added_is_answered_alone(ask: Ask, path: str, body: Any) -> None:
    """With how many there are, so that adding many takes no more than adding each."""
    told = [ask("POST", f"/_emulator/{path}", body)[1] for _ in range(50)]
    assert [1] * 50 == [len(each[path]) for each in told]
    assert list(range(1, 51)) == [each["total"] for each in told]


@pytest.mark.slow
def test_another_world_costs_the_same() -> None:
    """What they remember is shared anew where their number passes a power of two, and not at each of them."""
    worlds = Worlds(World())
    kept = Counter[str]()
    for number in range(1, 600):
        world = worlds.named(f"w{number}")
        kept["first"] += world.outbox.max_bytes == worlds.default.outbox.max_bytes
    assert 599 == kept["first"]
    costs = [calls_of(partial(worlds.add, World(name=name))) for name in ("a", "b")]
    assert abs(costs[0] - costs[1]) < 50, costs


# Bodies.


def chunks(size: int) -> Iterable[bytes]:
    """Return a body that does not say how long it is."""
    return itertools.repeat(b" " * 1024, size // 1024 + 2)


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("PATCH", ORDER, MOST_BODY),
        ("POST", "/croissant/v0/carts", MOST_BODY),
        ("POST", "/crossmint/api/checkout", MOST_BODY),
        ("PUT", "/cryptum/plugins/checkout/f701...672e", MOST_BODY),
        ("GET", ORDER, MOST_BODY),
        ("POST", "/nowhere", MOST_BODY),
        ("POST", "/_emulator/place", MOST_CONTROL_BODY),
        ("POST", "/w/x/_emulator/faults", MOST_CONTROL_BODY),
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
        ("PATCH", ORDER, MOST_BODY),
        ("POST", "/crossmint/api/checkout", MOST_BODY),
        ("POST", "/_emulator/transition", MOST_CONTROL_BODY),
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
    assert 200 == ask("PATCH", ORDER, {"metadata": {"a": "x" * (MOST_BODY - empty)}})[0]
    assert 413 == ask("PATCH", ORDER, {"metadata": {"a": "x" * (MOST_BODY - empty + 1)}})[0]


def lists(values: int) -> bytes:
    """Return JSON of so many values, in two or three bytes each."""
    start = b'{"name": "Mug", "x": ['
    return start + b",".join([b"0"] * (values - 2)) + b"]}"


@pytest.mark.parametrize(
    ("path", "most"), [("/croissant/v0/products/p", MOST_VALUES), ("/_emulator/faults", MOST_CONTROL_VALUES)]
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
    before = emulator.world.room.taken
    assert (
        201
        == httpx.put(f"{emulator.address}/croissant/v0/products/p", content=lists(20_000), headers=headers).status_code
    )
    assert emulator.world.room.taken - before > 19_000 * 70
    before = emulator.world.room.taken
    fault: dict[str, Any] = RESET | {"kind": "status", "body": [[]] * 2_000}
    assert 200 == httpx.post(f"{emulator.address}/_emulator/faults", json=fault).status_code
    assert emulator.world.room.taken - before > 2_000 * 70


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
    emulator.world.room.most = 20_000
    emulator.state("croissant").tokens["t"] = float("inf")
    emulator.state("crossmint").requests_a_minute = 10**6
    statuses: list[int] = []
    for number in range(1, 30):
        method, path, body, headers = GROWING[what](number)
        given = OPENS | {"content-type": "application/json"} | headers
        given |= KEY if path.startswith("/zephyr/") else {}
        answer = httpx.request(method, emulator.address + path, json=body, headers=given, timeout=30)
        statuses.append(answer.status_code)
    taken, effects = emulator.world.room.taken, emulator.world.effects.total()
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
    taken = emulator.world.room.taken
    for number in range(50):
        assert 200 == ask("PATCH", ORDER, {"metadata": {"n": str(number)}})[0]
    assert 0 < taken == emulator.world.room.taken


def test_keys_are_forgotten_after_their_day(emulator: Emulator, ask: Ask) -> None:
    """And count no more."""
    emulator.world.clock.freeze()
    refund = {"amount_cents": 1}
    for number in range(20):
        ask("POST", f"{ORDER}/refunds", refund, {"Idempotency-Key": f"k{number}"})
    before = emulator.world.room.taken
    emulator.world.clock.advance(zephyr.KEY_SECONDS)
    ask("POST", f"{ORDER}/refunds", refund, {"Idempotency-Key": "another"})
    assert ["another"] == list(emulator.state("zephyr").answers)
    assert before > emulator.world.room.taken


def test_a_room_counts_each_thing_at_its_largest() -> None:
    """Once, and no more once it is forgotten."""
    room, largest = Room(most=100), Room()
    largest.keep("a", 20)
    for size in (10, 5, 20):
        room.keep("a", size)
    with pytest.raises(bounds.Full):
        room.check()
    assert largest.taken == room.taken
    for _ in range(2):
        room.forget("a")
    room.check()
    assert 0 == room.taken


@pytest.mark.slow
def test_tokens_have_a_bound(emulator: Emulator) -> None:
    """Those that ended are forgotten; of the others the oldest ends where there would be too many."""
    state: croissant.State = emulator.state("croissant")
    state.tokens = {f"over{number}": 1.0 for number in range(50)}
    body = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    for _ in range(3):
        httpx.post(f"{emulator.address}/croissant/v0/token", json=body)
    assert 3 == len(state.tokens)
    state.tokens = {f"good{number}": float("inf") for number in range(croissant.MOST_TOKENS + 5)}
    made = httpx.post(f"{emulator.address}/croissant/v0/token", json=body).json()["access_token"]
    assert (croissant.MOST_TOKENS, made) == (len(state.tokens), list(state.tokens)[-1])
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
    monkeypatch.setattr("ordermux.emulator.control.MOST_STREAMS", 2)
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
    monkeypatch.setattr(feed, "MOST_UNREAD", 5)
    journal = Journal()

    async def read() -> list[int]:
        with feed.feed(journal) as entries:
            for number in range(50):
                journal.add(0.0, "clock", now=number)
            await asyncio.sleep(0.05)
            return [entry.number async for entry in entries]

    assert [1, 2, 3, 4] == asyncio.run(read())


# Memory.

MEASURED = Path(__file__).with_name("memory.py")


@pytest.mark.slow
def test_memory_stays_bounded_under_worlds_and_faults() -> None:
    """Far more of each are asked for than there may be, in a process of their own; `memory.py` asks for a million."""
    done = subprocess.run(
        [sys.executable, str(MEASURED), "--worlds", "3000", "--faults", "5000"],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert {"200": 999, "429": 2001} == told["worlds"]["statuses"]  # and the one without a name
    assert [{"200": 1000, "429": 2000}] * 2 == [told[name]["statuses"] for name in ("faults", "delivery faults")]
    assert {"200": 5000} == told["faults of all worlds"]["statuses"]
    grew = {name: each["grew_mb"] for name, each in told.items()}
    assert (True, True, True) == (grew["worlds"] < 200, grew["faults"] < 50, grew["times"] < 5), grew
    assert grew["faults of all worlds"] < 50, grew
