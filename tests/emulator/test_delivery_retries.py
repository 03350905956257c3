"""Deliveries that fail are tried again, and others are lost, doubled or held back on demand."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from ordermux.emulator import Emulator
from ordermux.emulator.registry import emulators
from ordermux.providers.zephyr import emulator as zephyr
from support.event_receivers import LIVES, Receiver, numbers, receiving, states, update
from support.polling import until
from support.ports import kept_port

MINUTE, HOUR = 60, 3600


# Retries.


@pytest.mark.slow
def test_a_failed_delivery_is_tried_again_after_a_restart(tmp_path: Path) -> None:
    """When its time has come by the world's clock, with the same body, as the attempt that it is."""
    with Emulator(state=tmp_path / "shop.db") as emulator, receiving(*emulator.accounts()) as told:
        told.down = True
        emulator.world.clock.freeze()
        emulator.deliver_to(told.url + "/{provider}", "zephyr")
        emulator.state("zephyr").transition(zephyr.SAMPLE_ORDER, "cancel")
        emulator.wait_for_deliveries()
    tried = len(told.asked)
    with receiving(*emulator.accounts()) as told, Emulator(state=tmp_path / "shop.db") as again:
        for delivery in again.world.outbox.deliveries:
            delivery.url = f"{told.url}/zephyr"
        again.wait_for_deliveries()
        early = len(told.asked)
        again.world.clock.advance(60)
        again.wait_for_deliveries()
        attempts = [headers["x-zephyrcart-delivery-attempt"] for _, headers, _ in told.asked]
        assert (1, 0, ["2"], [204]) == (tried, early, attempts, told.answers)
        assert ["delivered"] == [delivery.state for delivery in again.world.outbox.deliveries]


@pytest.mark.parametrize("provider", LIVES)
def test_the_schedule_of_retries(emulator: Emulator, receiver: Receiver, provider: str) -> None:
    """On the world's clock: not a second before it is time, and then at once; the last one fails for good."""
    receiver.down = True
    emulator.world.clock.freeze()
    state = emulator.state(provider)
    placed = state.place()
    if provider == "cryptum":
        state.confirm(placed["id"])
    for number, seconds in enumerate(emulators()[provider].retries, 1):
        emulator.wait_for_deliveries()
        assert (number, ["waiting"]) == (len(receiver.asked), states(emulator))
        emulator.world.clock.advance(seconds - 1)
        emulator.wait_for_deliveries()
        assert number == len(receiver.asked)
        emulator.world.clock.advance(1)
    emulator.wait_for_deliveries()
    emulator.world.clock.advance(365 * 24 * HOUR)
    emulator.wait_for_deliveries()
    assert (len(emulators()[provider].retries) + 1, ["failed"]) == (len(receiver.asked), states(emulator))
    assert 1 == len({body for _, _, body in receiver.asked})


def test_the_schedules_are_the_fact_sheets() -> None:
    """Zephyr's as published; Crossmint's of 8 attempts over about 28 hours."""
    hours = [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 1 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
    assert hours == list(emulators()["zephyr"].retries)
    assert (7, 27) == (len(emulators()["crossmint"].retries), sum(emulators()["crossmint"].retries) // HOUR)


def test_a_retry_is_a_delivery_of_the_same_event(emulator: Emulator, receiver: Receiver) -> None:
    """With the id of the first, counted, and signed so that it verifies however late it is."""
    receiver.down = True
    update(emulator)
    emulator.wait_for_deliveries()
    receiver.down = False
    emulator.world.clock.advance(HOUR)
    emulator.wait_for_deliveries()
    first, second = (headers for _, headers, _ in receiver.asked)
    assert first["x-zephyrcart-delivery-id"] == second["x-zephyrcart-delivery-id"]
    assert ["1", "2"] == [each["x-zephyrcart-delivery-attempt"] for each in (first, second)]
    assert (["order.updated"], [503, 204]) == (receiver.ids(), receiver.answers)


def test_nobody_there_is_a_failed_attempt(emulator: Emulator) -> None:
    """And is told as what it was."""
    with kept_port() as port:
        emulator.deliver_to(f"http://127.0.0.1:{port}/")
        update(emulator)
        emulator.wait_for_deliveries()
    [delivery] = emulator.world.outbox.deliveries
    [attempt] = delivery.attempts
    assert ("waiting", None) == (delivery.state, attempt["status"])
    assert attempt["problem"].startswith("ConnectError")


def test_a_slow_receiver_holds_nobody_else_up(emulator: Emulator, receiver: Receiver) -> None:
    """Who takes a connection and says nothing keeps its own events waiting, and the emulator stops at once."""
    with socket.create_server(("127.0.0.1", 0)) as plug:
        emulator.deliver_to(f"http://127.0.0.1:{plug.getsockname()[1]}/")
        for number in (1, 2):
            update(emulator, number)
        until(lambda: len(receiver.events) == 2, seconds=4)
        assert [1, 2] == numbers(receiver)
        start = time.monotonic()
        emulator.__exit__(None, None, None)
        assert time.monotonic() - start < 3


# On demand.


def test_redelivery(emulator: Emulator, receiver: Receiver) -> None:
    """What was delivered comes once more, and an inbox handles it once."""
    update(emulator)
    emulator.wait_for_deliveries()
    [delivery] = emulator.world.outbox.deliveries
    emulator.world.outbox.redeliver(delivery.number)
    emulator.wait_for_deliveries()
    assert ([204, 204], ["order.updated"], 2) == (receiver.answers, receiver.ids(), len(delivery.attempts))


def test_loss(emulator: Emulator, receiver: Receiver) -> None:
    """The next event never comes, unless it is delivered again."""
    emulator.world.outbox.inject("drop", "zephyr")
    for number in (1, 2):
        update(emulator, number)
    emulator.wait_for_deliveries()
    assert ([2], ["dropped", "delivered"]) == (numbers(receiver), states(emulator))
    emulator.world.outbox.redeliver(emulator.world.outbox.deliveries[0].number)
    emulator.wait_for_deliveries()
    assert [2, 1] == numbers(receiver)


def test_duplication(emulator: Emulator, receiver: Receiver) -> None:
    """The next event comes twice, byte for byte and with one id."""
    emulator.world.outbox.inject("duplicate")
    update(emulator)
    emulator.wait_for_deliveries()
    ids = {headers["x-zephyrcart-delivery-id"] for _, headers, _ in receiver.asked}
    assert (2, 1, 1, [1]) == (
        len(receiver.asked),
        len(ids),
        len({each[2] for each in receiver.asked}),
        numbers(receiver),
    )


def test_reordering(emulator: Emulator, receiver: Receiver) -> None:
    """The next event comes after the one that follows it."""
    emulator.world.outbox.inject("reorder")
    update(emulator, 1)
    emulator.wait_for_deliveries()
    assert ([], ["held"]) == (numbers(receiver), states(emulator))
    update(emulator, 2)
    update(emulator, 3)
    emulator.wait_for_deliveries()
    assert [2, 1, 3] == numbers(receiver)


def test_a_mishap_is_its_providers(emulator: Emulator, receiver: Receiver) -> None:
    """And takes its times."""
    emulator.world.outbox.inject("drop", "zephyr", 2)
    emulator.state("croissant").place()
    for number in (1, 2, 3):
        update(emulator, number)
    emulator.wait_for_deliveries()
    assert ["payment.confirmed", "order.updated"] == receiver.ids()
    assert 3 == numbers(attrs.evolve(receiver, events=receiver.events[1:]))[0]


@pytest.mark.parametrize("wrong", [("burn", "*", 1), ("drop", "zephir", 1), ("drop", "*", 0)])
def test_a_mishap_that_is_none_is_refused(emulator: Emulator, wrong: tuple[Any, str, int]) -> None:
    """When it is ordered."""
    with pytest.raises(ValueError, match="drop, duplicate, reorder"):
        emulator.world.outbox.inject(*wrong)


@pytest.mark.slow
def test_the_letters_are_bounded(emulator: Emulator) -> None:
    """The oldest go first."""
    emulator.world.outbox.inject("drop", times=10_005)
    emulator.deliver_to("http://127.0.0.1:9/", "croissant")
    for _ in range(10_005):
        emulator.world.outbox.send("croissant", "payment.confirmed", "croissant:x", body=json.loads("{}"))
    deliveries = emulator.world.outbox.deliveries
    assert (10_000, 6) == (len(deliveries), deliveries[0].number)
