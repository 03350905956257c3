"""Worlds, faults and deliveries have bounds: how many the emulator keeps, and how large they are together."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.emulator.bounds import MAX_CONTROL_BODY, MAX_TARGETS, MAX_WAITING, LimitExceeded
from ordermux.emulator.snapshots import text_of
from ordermux.emulator.worlds import Worlds
from ordermux.providers.zephyr import emulator as zephyr
from support.emulator_requests import ORDER, RESET, Ask, asking

# Worlds.


def test_worlds_have_a_bound() -> None:
    """One more is refused, whoever names it; those that there are go on."""
    with Emulator(max_worlds=3) as emulator, asking(emulator) as ask:
        statuses = [ask("GET", f"/w/{name}{ORDER}")[0] for name in ("a", "b", "c", "a")]
        by_header, told = ask("GET", ORDER, headers={"Ordermux-World": "d"})
        with pytest.raises(LimitExceeded, match="3 worlds"):
            emulator.world_named("e")
    assert ([200, 200, 429, 200], 429, True) == (statuses, by_header, "3 worlds" in told["error"])
    assert ["", "a", "b"] == [world.name for world in emulator.worlds()]


def test_many_orders_make_few_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The orders that are made up have a bound together."""
    monkeypatch.setattr("ordermux.emulator.worlds.MAX_MADE_UP", 3 * 4 * 50)
    worlds = Worlds(World(extra_orders=50))
    worlds.named("a")
    worlds.named("b")
    with pytest.raises(LimitExceeded, match="too many orders"):
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
    statuses = Counter(ask("POST", "/_emulator/faults", RESET)[0] for _ in range(MAX_WAITING))
    more, told = ask("POST", "/_emulator/faults", RESET)
    with pytest.raises(LimitExceeded):
        emulator.world.faults.inject("*", Fault(kind=FaultKind.RESET, when="before"))
    assert ({200: MAX_WAITING}, 429, True) == (statuses, more, "`times`" in told["error"])
    with pytest.raises(ConnectionError):
        ask("GET", ORDER)
    assert 200 == ask("POST", "/_emulator/faults", RESET)[0]


def test_the_bodies_of_faults_have_a_bound(emulator: Emulator, ask: Ask) -> None:
    """Of a world's together."""
    body = "x" * (MAX_CONTROL_BODY - 500)
    statuses = [ask("POST", "/_emulator/faults", RESET | {"kind": "status", "body": body})[0] for _ in range(17)]
    assert ([200] * 16, 429) == (statuses[:16], statuses[16])
    assert 16 == len(emulator.world.faults.waiting)


@pytest.mark.slow
def test_what_happens_to_deliveries_has_a_bound(emulator: Emulator, ask: Ask) -> None:
    """However many times, it is one."""
    lose = {"kind": "drop", "times": 10**6}
    statuses = Counter(ask("POST", "/_emulator/delivery_faults", lose)[0] for _ in range(MAX_WAITING + 1))
    assert ({200: MAX_WAITING, 429: 1}, MAX_WAITING) == (statuses, len(emulator.world.outbox.delivery_faults))


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
    statuses = Counter(ask("POST", "/_emulator/webhooks", url)[0] for _ in range(MAX_TARGETS + 1))
    endpoint = {"url": "http://127.0.0.1:9/", "events": ["order.created"]}
    assert {200: MAX_TARGETS, 429: 1} == statuses
    assert 422 == ask("POST", "/zephyr/v1/webhook_endpoints", endpoint)[0]
    assert (MAX_TARGETS, 0) == (
        len(emulator.world.outbox.targets),
        emulator.world.effects["zephyr.createWebhookEndpoint"],
    )


def test_urls_that_would_be_too_many_together_are_refused_together(emulator: Emulator, ask: Ask) -> None:
    """One of all providers is four; none of them is taken where not all are."""
    for _ in range(MAX_TARGETS - 3):
        emulator.deliver_to("http://127.0.0.1:9/", "zephyr")
    assert 429 == ask("POST", "/_emulator/webhooks", {"url": "http://127.0.0.1:9/{provider}"})[0]
    assert MAX_TARGETS - 3 == len(emulator.world.outbox.targets)
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
        before = emulator.world.memory_budget.used
        assert 200 == ask("POST", f"/w/a/_emulator/{path}", body)[0]
        kept.append(emulator.world.memory_budget.used - before)
    assert [True, True, True] == [
        bytes_kept > least for bytes_kept, least in zip(kept, (7_000, 1_000, 15_000), strict=True)
    ]
    emulator.world.memory_budget.limit = 0
    assert [507] * 3 == [ask("POST", f"/w/b/_emulator/{path}", body)[0] for path, body in calls]
    with pytest.raises(ConnectionError):
        ask("GET", f"/w/a{ORDER}")
    ask("DELETE", "/w/a/_emulator/webhooks")
    assert kept[1] == emulator.world.memory_budget.used


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
        monkeypatch.setattr("ordermux.emulator.outbox.MAX_TARGETS", 0)
    asked = {"url": "http://127.0.0.1:9/", "events": ["order.created"], **REFUSED_ENDPOINTS.get(why, {})}

    def known() -> tuple[Any, ...]:
        return text_of(world, "zephyr"), world.random.getstate(), list(world.outbox.targets), world.memory_budget.used

    before = known()
    assert 422 == ask("POST", "/zephyr/v1/webhook_endpoints", asked, {"idempotency-key": "k"})[0]
    assert before == known()


def test_endpoints_count_as_what_is_kept(emulator: Emulator, ask: Ask) -> None:
    """Each by the length of what was sent, as orders do."""
    asked = {"url": "http://127.0.0.1:9/", "events": ["order.created"] * 1_000, "description": "x" * 2_000}
    before = emulator.world.memory_budget.used
    assert 201 == ask("POST", "/zephyr/v1/webhook_endpoints", asked)[0]
    assert emulator.world.memory_budget.used - before > len(json.dumps(asked))


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
    monkeypatch.setattr("ordermux.emulator.faults.MAX_FAULT_BYTES", 2 * (fault.weight() + 100))
    for _ in range(2):
        emulator.world.faults.inject("*" * 100, fault)
    with pytest.raises(LimitExceeded):
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
        emulator.world.outbox.record_attempt(delivery, 500, f"problem {number}")
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
            mail.record_attempt(delivery, None, f"{number}" + "x" * 5_000)
    [left] = mail.deliveries
    assert (kept[-1].number, 40, 1_000) == (left.number, 40, len(left.attempts[-1]["problem"]))


def test_what_happened_is_kept_by_its_length(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long paths and keys leave fewer entries."""
    monkeypatch.setattr(emulator.world.journal, "max_bytes", 100_000)
    for _ in range(1_000):
        emulator.world.note("call", "zephyr:1", path="x" * 5_000, idempotency_key="x" * 5_000)
    assert 20 <= len(emulator.world.journal.since()) <= 100_000 // 2_000


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
