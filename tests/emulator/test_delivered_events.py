"""Each event of the emulator arrives at an inbox over a real socket, verifies and is typed."""

from __future__ import annotations

import httpx
import pytest

from ordermux.emulator import Emulator, World
from ordermux.emulator.registry import emulators
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.zephyr import emulator as zephyr
from support.event_receivers import KEY, LIVES, Receiver, post, receiving, states, update
from support.polling import until

AWAITING = "awaiting_approval"


@pytest.mark.parametrize(("as_documented", "expected"), [(False, {"svix", "webhook"}), (True, {"svix"})])
def test_crossmints_deliveries_have_both_families_of_headers(as_documented: bool, expected: set[str]) -> None:  # noqa: FBT001
    """`svix-` and `webhook-` on one delivery, which say the same; the page's shop has the one that Svix documents."""
    with Emulator(as_documented=as_documented) as emulator, receiving(*emulator.accounts()) as receiver:
        emulator.deliver_to(receiver.url + "/{provider}")
        emulator.state("crossmint").transition("d1e2f3a4-b5c6-7890-defg-234567890123", "start")
        emulator.wait_for_deliveries()
    [(_, headers, _)], names = receiver.asked, ("id", "timestamp", "signature")
    families = {name.partition("-")[0] for name in headers if name.partition("-")[2] in names}
    assert ([204], expected) == (receiver.answers, families)
    assert 1 == len({tuple(headers[f"{family}-{name}"] for name in names) for family in families})


@pytest.mark.slow
@pytest.mark.parametrize("provider", LIVES)
def test_every_event_arrives_verifies_and_is_typed(emulator: Emulator, receiver: Receiver, provider: str) -> None:
    """In the order in which they happened, each of a kind that the provider's document has."""
    live, kinds = LIVES[provider]
    live(emulator)
    emulator.wait_for_deliveries()
    assert kinds == [event.kind for event in receiver.events]
    assert {204} == set(receiver.answers)
    assert all(event.native is not None and event.provider == provider for event in receiver.events)
    assert {"delivered"} == set(states(emulator))
    trusted = provider in {"zephyr", "crossmint"}
    assert {trusted} == {event.trusted for event in receiver.events}


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["zephyr", "crossmint", "cryptum"])
def test_another_worlds_secret_does_not_open(emulator: Emulator, provider: str) -> None:
    """So that the events that arrive were signed with the world's own."""
    with receiving(*emulator.accounts("x")) as told:
        emulator.deliver_to(told.url + "/{provider}")
        LIVES[provider][0](emulator)
        emulator.wait_for_deliveries()
    assert ([], {401}) == (told.events, set(told.answers))


@pytest.mark.slow
def test_a_world_delivers_what_happens_in_it(emulator: Emulator) -> None:
    """And nothing else."""
    with receiving(*emulator.accounts("x")) as told:
        emulator.deliver_to(told.url + "/{provider}", world="x")
        update(emulator)
        emulator.state("zephyr", "x").transition(zephyr.SAMPLE_ORDER, "fulfil")
        emulator.wait_for_deliveries()
    assert (["order.updated"], ["order.updated"]) == (told.ids(), [event.name for event in told.events])
    assert [zephyr.SAMPLE_ORDER] == [event.order and event.order.id for event in told.events]


@pytest.mark.slow
def test_a_delivery_that_failed_is_tried_again_by_itself(
    emulator: Emulator, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is due, while the clock runs and nobody asks."""
    monkeypatch.setattr(type(emulators()["zephyr"]), "retries", (0.05, 0.05, 3600))
    receiver.down = True
    update(emulator)
    until(lambda: len(receiver.answers) == 3)
    emulator.wait_for_deliveries()
    [delivery] = emulator.world.outbox.deliveries
    assert ("waiting", 3) == (delivery.state, len(delivery.attempts))


def test_a_world_whose_emulator_ended_is_delivered_by_the_next() -> None:
    """What was on its way, and what failed and is due since."""
    world = World()
    with Emulator(world) as first:
        first.deliver_to("http://127.0.0.1:9/", "croissant")
        first.deliver_to("http://127.0.0.1:9/zephyr", "zephyr")
        first.state("croissant").place()
        first.wait_for_deliveries()
    world.outbox.send("croissant", "payment.confirmed", "croissant:1", body={})
    with Emulator(world) as second:
        second.wait_for_deliveries()
    assert [("failed", 1), ("failed", 1)] == [
        (delivery.state, len(delivery.attempts)) for delivery in world.outbox.deliveries
    ]


@pytest.mark.slow
def test_events_of_one_provider_alone(emulator: Emulator) -> None:
    """Where a URL is given for it."""
    with receiving(*emulator.accounts()) as told:
        emulator.deliver_to(told.url + "/crossmint", "crossmint")
        update(emulator)
        emulator.state("crossmint").place()
        emulator.wait_for_deliveries()
    assert ["orders.quote.created"] == told.ids()


def test_an_event_bears_the_time_of_the_world(emulator: Emulator, receiver: Receiver) -> None:
    """While its signature bears the machine's, or no receiver would take it."""
    emulator.world.clock.set(1_600_000_000)
    update(emulator)
    emulator.wait_for_deliveries()
    [event] = receiver.events
    assert event.occurred_at is not None
    assert 0 <= event.occurred_at.timestamp() - 1_600_000_000 < 60


def test_what_changes_nothing_is_no_event(emulator: Emulator, receiver: Receiver) -> None:
    """A refusal, a replay, a read, and a status that is the same."""
    order = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
    for amount in (10, 10):
        httpx.post(
            f"{emulator.address}{order}/refunds",
            json={"amount_cents": amount, "reason": "duplicate"},
            headers=KEY | {"idempotency-key": "k"},
        )
    assert 409 == post(emulator, f"{order}/cancel").status_code
    httpx.get(emulator.address + order, headers=KEY)
    emulator.state("cryptum").confirm("0da30...f53b37")
    emulator.wait_for_deliveries()
    assert ["order.refunded"] == receiver.ids()


def test_a_carts_end_is_no_event(emulator: Emulator, receiver: Receiver) -> None:
    """Croissant has one event, which comes before the cart is there."""
    emulator.state("croissant").transition(croissant.SAMPLE_CART, "fulfill")
    emulator.wait_for_deliveries()
    assert [] == receiver.asked


def test_a_deposit_has_no_event(emulator: Emulator, receiver: Receiver) -> None:
    """Crossmint does not know it."""
    emulator.state("crossmint").transition(
        emulator.state("crossmint").place(type="deposit", status=AWAITING)["orderId"], "pay"
    )
    emulator.wait_for_deliveries()
    assert [] == receiver.asked
