"""What the emulator delivers: each event arrives at an inbox over a real socket, verifies and is typed."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import uvicorn

from ordermux.emulator import Emulator, World
from ordermux.emulator.base import emulators
from ordermux.emulator.outbox import is_local
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from ordermux.webhooks import Event, EventKind, Inbox, Webhooks
from support.polling import until

KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
MINUTE, HOUR = 60, 3600
AWAITING = "awaiting_approval"


@attrs.define(eq=False)
class Receiver:
    """An inbox behind a server of its own."""

    url: str = ""
    events: list[Event] = attrs.field(factory=list[Event])
    """What was handled, in the order in which it was."""
    asked: list[tuple[str, dict[str, str], bytes]] = attrs.field(factory=list[tuple[str, dict[str, str], bytes]])
    """The path, the headers and the body of each request."""
    answers: list[int] = attrs.field(factory=list[int])
    """The statuses of the inbox."""
    down: bool = False
    """Whether every request is answered with a 503 instead."""

    def ids(self) -> list[str]:
        """Return each event's id and kind."""
        return [f"{event.name}" for event in self.events]


@contextlib.contextmanager
def receiving(*accounts: Any) -> Generator[Receiver]:
    """Give a receiver for accounts, at `/<account>`."""
    told = Receiver()
    inbox = Inbox(Webhooks.of(*accounts), told.events.append)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        told.asked.append((scope["path"], headers, body))
        reply = 503 if told.down else (await inbox.arespond(scope["path"][1:], headers, body)).status
        told.answers.append(reply)
        await send({"type": "http.response.start", "status": reply, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    with socket.create_server(("127.0.0.1", 0)) as plug:
        told.url = f"http://127.0.0.1:{plug.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([plug],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield told
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    """Give a receiver to which the default world's events are delivered."""
    with receiving(*emulator.accounts()) as told:
        emulator.deliver_to(told.url + "/{provider}")
        yield told


def post(emulator: Emulator, path: str, body: Any = None) -> httpx.Response:
    """Make a call to ZephyrCart."""
    return httpx.post(emulator.address + path, json=body, headers=KEY)


def update(emulator: Emulator, number: int = 1) -> None:
    """Change the page's order, which is an event."""
    url = f"{emulator.address}/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
    assert 200 == httpx.patch(url, json={"metadata": {"n": str(number)}}, headers=KEY).status_code


def numbers(receiver: Receiver) -> list[int]:
    """Return the numbers of the updates that were handled."""
    return [int(event.native.data.metadata["n"]) for event in receiver.events]


def states(emulator: Emulator) -> list[str]:
    """Return what became of each delivery."""
    return [delivery.state for delivery in emulator.world.outbox.deliveries]


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


# Every event of every provider.


def zephyr_life(emulator: Emulator) -> None:
    """Let each of its events happen."""
    state = emulator.state("zephyr")
    order = state.place(status="created")
    state.transition(order["id"], "pay")
    post(emulator, f"/zephyr/v1/orders/{order['id']}/refunds", {"amount_cents": 10, "reason": "duplicate"})
    other = state.place(status="created")
    post(emulator, f"/zephyr/v1/orders/{other['id']}/cancel")


def crossmint_life(emulator: Emulator) -> None:
    """Let each of its events happen."""
    state = emulator.state("crossmint")
    for transitions in (("quote", "pay", "start", "deliver"), ("fail",), ("pay", "fail")):
        order = state.place()
        for transition in transitions:
            state.transition(order["orderId"], transition)


def cryptum_life(emulator: Emulator) -> None:
    """Let the payment change, by a call and by itself."""
    state = emulator.state("cryptum")
    order = state.place()
    url = f"{emulator.address}/cryptum/plugins/checkout/{order['id']}"
    httpx.put(url, json={"paymentStatus": "on-hold"}, headers={"x-api-key": cryptum.CREDENTIALS["api_key"]})
    state.confirm(order["id"])


def croissant_life(emulator: Emulator) -> None:
    """Let a customer pay."""
    emulator.state("croissant").place()


LIVES: dict[str, tuple[Callable[[Emulator], None], list[EventKind]]] = {
    "zephyr": (
        zephyr_life,
        [
            EventKind.ORDER_CREATED,
            EventKind.ORDER_UPDATED,
            EventKind.ORDER_REFUNDED,
            EventKind.ORDER_CREATED,
            EventKind.ORDER_CANCELLED,
        ],
    ),
    "crossmint": (
        crossmint_life,
        [
            EventKind.QUOTE_CHANGED,
            EventKind.QUOTE_CHANGED,
            EventKind.PAYMENT_SUCCEEDED,
            EventKind.DELIVERY_STARTED,
            EventKind.DELIVERY_COMPLETED,
            EventKind.QUOTE_CHANGED,
            EventKind.PAYMENT_FAILED,
            EventKind.QUOTE_CHANGED,
            EventKind.PAYMENT_SUCCEEDED,
            EventKind.DELIVERY_FAILED,
        ],
    ),
    "cryptum": (cryptum_life, [EventKind.PAYMENT_CHANGED, EventKind.PAYMENT_CHANGED]),
    "croissant": (croissant_life, [EventKind.PAYMENT_SUCCEEDED]),
}


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


# The shop's own URLs.


@pytest.mark.slow
def test_zephyrs_own_endpoints(emulator: Emulator) -> None:
    """They get the events that they asked for, signed with the secret that they were told."""
    with receiving() as nobody:
        made = post(
            emulator, "/zephyr/v1/webhook_endpoints", {"url": nobody.url + "/zephyr", "events": ["order.refunded"]}
        )
        shop = next(each for each in emulator.accounts() if each.name == "zephyr")
        account = attrs.evolve(shop, webhook_secrets=made.json()["signing_secret"])
        update(emulator)
        post(emulator, f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds", {"amount_cents": 1, "reason": "duplicate"})
        emulator.wait_for_deliveries()
    [(_, headers, body)] = nobody.asked
    assert "order.refunded" == Webhooks.of(account).receive("zephyr", headers, body).name


@pytest.mark.slow
def test_cryptums_callbacks_are_switched_on(emulator: Emulator) -> None:
    """An order's own URL is left alone until then."""
    state = emulator.state("cryptum")
    with receiving(*emulator.accounts()) as told:
        for switched in (False, True):
            emulator.world.outbox.callbacks = switched
            state.confirm(state.place(callbackUrl=f"{told.url}/cryptum")["id"])
            emulator.wait_for_deliveries()
    assert ["OrderNotification"] == told.ids()


SECRETS = {
    "zephyr": "whsec_of_a_shop_of_ones_own",
    "crossmint": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "cryptum": "a-secret-of-ones-own-long-enough",
}


@pytest.mark.slow
@pytest.mark.parametrize("provider", SECRETS)
@pytest.mark.parametrize("over_http", [False, True])
def test_events_may_be_signed_with_a_secret_of_ones_own(
    emulator: Emulator,
    provider: str,
    over_http: bool,  # noqa: FBT001
) -> None:
    """Which its receiver has, and the emulator's own accounts do not."""
    [account] = [each for each in emulator.accounts() if each.provider == provider]
    with receiving(attrs.evolve(account, webhook_secrets=SECRETS[provider])) as own, receiving(account) as usual:
        for receiver in (own, usual):
            url = f"{receiver.url}/{provider}"
            if over_http:
                asked = {"url": url, "provider": provider, "secret": SECRETS[provider]}
                assert 200 == httpx.post(f"{emulator.address}/_emulator/webhooks", json=asked).status_code
            else:
                emulator.deliver_to(url, provider, secret=SECRETS[provider])
        state = emulator.state(provider)
        order_id = next(name for name in state.orders if state.transitions(name))
        state.transition(order_id, state.transitions(order_id)[-1])
        emulator.wait_for_deliveries()
    assert ([204], True) == (own.answers, usual.answers in ([400], [401]))


@pytest.mark.parametrize(("provider", "secret"), [("crossmint", "short"), ("crossmint", "whsec_!"), ("zephyr", "")])
def test_a_secret_that_is_none_of_the_provider_s_is_refused(emulator: Emulator, provider: str, secret: str) -> None:
    """Nothing would be delivered that anybody can check."""
    with pytest.raises(ValueError, match="secret"):
        emulator.deliver_to("http://127.0.0.1:9/", provider, secret=secret)
    assert [] == emulator.world.outbox.targets


LOCAL = ["http://127.0.0.1:1/", "https://127.9.9.9/", "http://localhost/x", "http://[::1]:8/"]
FAR = [
    "http://example.com/",
    "http://127.0.0.1.example.com/",
    "http://10.0.0.1/",
    "ftp://127.0.0.1/",
    "http:///",
    "x",
    "http://[/",
]


@pytest.mark.parametrize(("url", "expected"), [*((url, True) for url in LOCAL), *((url, False) for url in FAR)])
def test_what_is_local(url: str, expected: bool) -> None:  # noqa: FBT001
    """Http and https on the loopback interface."""
    assert expected == is_local(url)


def test_nothing_leaves_the_machine(emulator: Emulator) -> None:
    """A far URL is refused, or blocked where the provider has to take it, and no delivery again helps."""
    with pytest.raises(ValueError, match="on the loopback interface only"):
        emulator.deliver_to("http://example.com/")
    post(emulator, "/zephyr/v1/webhook_endpoints", {"url": "https://shop.example/", "events": ["order.updated"]})
    update(emulator)
    emulator.wait_for_deliveries()
    [delivery] = emulator.world.outbox.deliveries
    with pytest.raises(ValueError, match="is not local"):
        emulator.world.outbox.redeliver(delivery.number)
    assert ("blocked", []) == (delivery.state, delivery.attempts)


@pytest.mark.parametrize(("url", "secret"), [("http://127.0.0.1:9/", "\ud800"), ("http://127.0.0.1:9/\ud800", None)])
def test_what_cannot_be_encoded_is_refused(emulator: Emulator, url: str, secret: str | None) -> None:
    """Nothing could ever be sent with it."""
    with pytest.raises(ValueError, match="cannot be encoded"):
        emulator.world.outbox.deliver_to(url, "zephyr", secret=secret)
    assert [] == emulator.world.outbox.targets


def test_far_urls_are_taken_where_that_is_wanted() -> None:
    """By a switch of the emulator's."""
    with Emulator(deliver_anywhere=True) as emulator:
        emulator.deliver_to("http://example.com/")
        assert 4 == len(emulator.world.outbox.targets)
        emulator.deliver_to("http://example.com/", world="x")


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
    with socket.create_server(("127.0.0.1", 0)) as plug:
        url = f"http://127.0.0.1:{plug.getsockname()[1]}/"
    emulator.deliver_to(url)
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
        end = time.monotonic() + 4
        while len(receiver.events) < 2 and time.monotonic() < end:
            time.sleep(0.005)
        assert [1, 2] == numbers(receiver)
        start = time.monotonic()
        emulator.__exit__(None, None, None)
        assert time.monotonic() - start < 1


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


# Over HTTP.


@pytest.mark.slow
def test_all_of_it_over_http(emulator: Emulator) -> None:
    """Registered, disturbed, looked at and delivered again by the control."""
    at = f"{emulator.address}/_emulator"
    with receiving(*emulator.accounts()) as told:
        made = httpx.post(f"{at}/webhooks", json={"url": told.url + "/{provider}", "provider": "zephyr"}).json()
        assert [{"url": f"{told.url}/zephyr", "provider": "zephyr", "events": None}] == made["webhooks"]
        waiting = httpx.post(f"{at}/delivery_faults", json={"kind": "drop", "provider": "zephyr"}).json()
        assert [{"provider": "zephyr", "kind": "drop", "times": 1}] == waiting["delivery_faults"]
        update(emulator, 7)
        emulator.wait_for_deliveries()
        [lost] = httpx.get(f"{at}/deliveries").json()["deliveries"]
        assert ("dropped", "order.updated", "7") == (
            lost["state"],
            lost["event"],
            lost["body"]["data"]["metadata"]["n"],
        )
        httpx.post(f"{at}/redeliver", json={"delivery": lost["number"]})
        emulator.wait_for_deliveries()
        assert [7] == numbers(told)
        httpx.delete(f"{at}/webhooks")
        update(emulator, 8)
        emulator.wait_for_deliveries()
        assert [7] == numbers(told)
    order = f"zephyr:{zephyr.SAMPLE_ORDER}"
    entries = httpx.get(f"{at}/timeline", params={"order": order}).json()["timeline"]
    [attempt] = [entry["detail"] for entry in entries if entry["kind"] == "delivery"]
    assert (204, "delivered", 1) == (attempt["status"], attempt["state"], attempt["attempt"])


def test_no_secret_is_told_with_a_delivery(emulator: Emulator, receiver: Receiver) -> None:
    """Neither by the control nor by a repr."""
    update(emulator)
    emulator.wait_for_deliveries()
    at = f"{emulator.address}/_emulator"
    shown = httpx.get(f"{at}/deliveries").text + httpx.get(f"{at}/webhooks").text
    shown += repr(emulator.world.outbox.deliveries) + repr(emulator.world.outbox.targets) + repr(receiver.asked[0][0])
    assert "whsec_" not in shown


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


@pytest.mark.slow
def test_the_letters_are_bounded(emulator: Emulator) -> None:
    """The oldest go first."""
    emulator.world.outbox.inject("drop", times=10_005)
    emulator.deliver_to("http://127.0.0.1:9/", "croissant")
    for _ in range(10_005):
        emulator.world.outbox.send("croissant", "payment.confirmed", "croissant:x", body=json.loads("{}"))
    deliveries = emulator.world.outbox.deliveries
    assert (10_000, 6) == (len(deliveries), deliveries[0].number)
