"""One more delivery, attempt, fault or world costs the same, however many there are."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.emulator.outbox import Outbox
from ordermux.emulator.registry import populate
from ordermux.emulator.snapshots import text_of
from ordermux.emulator.worlds import Worlds
from support.emulator_requests import RESET, Ask


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
    world = populate(World())
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
    world = populate(World())
    mail = world.outbox
    for provider in ("zephyr", "croissant"):
        mail.deliver_to("http://127.0.0.1:9/{provider}", provider)

    def attempt() -> None:
        url = mail.acquire_target()
        assert url is not None
        delivery = mail.next_delivery(url)
        assert delivery is not None
        mail.record_attempt(delivery, 500, None)
        mail.release_target(url)
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
    world = populate(World())
    mail = world.outbox
    mail.trim(50, 1 << 20)
    mail.deliver_to("http://127.0.0.1:9/", "zephyr")
    for _ in range(1_000):
        mail.send("zephyr", "order.updated", "zephyr:1", body={})
        mail.record_attempt(mail.deliveries[-1], 500, None)
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
    for name in ("acquire_target", "next_delivery"):
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
    assert 600 >= looked["next_delivery"]
    assert 300 * 5 >= looked["acquire_target"]


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
