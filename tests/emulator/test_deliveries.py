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

from ordermux.emulator import Emulator, croissant, cryptum, zephyr
from ordermux.emulator.mail import RETRIES, is_local
from ordermux.webhooks import Event, EventKind, Inbox, Webhooks

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
    url = f"{emulator.address}/v1/orders/{zephyr.SAMPLE_ORDER}"
    assert 200 == httpx.patch(url, json={"metadata": {"n": str(number)}}, headers=KEY).status_code


def numbers(receiver: Receiver) -> list[int]:
    """Return the numbers of the updates that were handled."""
    return [int(event.native.data.metadata["n"]) for event in receiver.events]


def states(emulator: Emulator) -> list[str]:
    """Return what became of each delivery."""
    return [letter.state for letter in emulator.world.mail.letters]


# Every event of every provider.


def zephyr_life(emulator: Emulator) -> None:
    """Let each of its events happen."""
    state = emulator.state("zephyr")
    order = state.place(status="created")
    state.move(order["id"], "pay")
    post(emulator, f"/v1/orders/{order['id']}/refunds", {"amount_cents": 10, "reason": "duplicate"})
    other = state.place(status="created")
    post(emulator, f"/v1/orders/{other['id']}/cancel")


def crossmint_life(emulator: Emulator) -> None:
    """Let each of its events happen."""
    state = emulator.state("crossmint")
    for moves in (("quote", "pay", "start", "deliver"), ("fail",), ("pay", "fail")):
        order = state.place()
        for move in moves:
            state.move(order["orderId"], move)


def cryptum_life(emulator: Emulator) -> None:
    """Let the payment change, by a call and by itself."""
    state = emulator.state("cryptum")
    order = state.place()
    url = f"{emulator.address}/plugins/checkout/{order['id']}"
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


@pytest.mark.parametrize("provider", LIVES)
def test_every_event_arrives_verifies_and_is_typed(emulator: Emulator, receiver: Receiver, provider: str) -> None:
    """In the order in which they happened, each of a kind that the provider's document has."""
    live, kinds = LIVES[provider]
    live(emulator)
    emulator.settle()
    assert kinds == [event.kind for event in receiver.events]
    assert {204} == set(receiver.answers)
    assert all(event.native is not None and event.provider == provider for event in receiver.events)
    assert {"delivered"} == set(states(emulator))
    trusted = provider in {"zephyr", "crossmint"}
    assert {trusted} == {event.trusted for event in receiver.events}


@pytest.mark.parametrize("provider", ["zephyr", "crossmint", "cryptum"])
def test_another_worlds_secret_does_not_open(emulator: Emulator, provider: str) -> None:
    """So that the events that arrive were signed with the world's own."""
    with receiving(*emulator.accounts("x")) as told:
        emulator.deliver_to(told.url + "/{provider}")
        LIVES[provider][0](emulator)
        emulator.settle()
    assert ([], {401}) == (told.events, set(told.answers))


def test_a_world_delivers_what_happens_in_it(emulator: Emulator) -> None:
    """And nothing else."""
    with receiving(*emulator.accounts("x")) as told:
        emulator.deliver_to(told.url + "/{provider}", world="x")
        update(emulator)
        emulator.state("zephyr", "x").move(zephyr.SAMPLE_ORDER, "fulfil")
        emulator.settle()
    assert (["order.updated"], ["order.updated"]) == (told.ids(), [event.name for event in told.events])
    assert [zephyr.SAMPLE_ORDER] == [event.order and event.order.id for event in told.events]


def test_events_of_one_provider_alone(emulator: Emulator) -> None:
    """Where a URL is given for it."""
    with receiving(*emulator.accounts()) as told:
        emulator.deliver_to(told.url + "/crossmint", "crossmint")
        update(emulator)
        emulator.state("crossmint").place()
        emulator.settle()
    assert ["orders.quote.created"] == told.ids()


def test_an_event_bears_the_time_of_the_world(emulator: Emulator, receiver: Receiver) -> None:
    """While its signature bears the machine's, or no receiver would take it."""
    emulator.world.clock.set(1_600_000_000)
    update(emulator)
    emulator.settle()
    [event] = receiver.events
    assert event.occurred_at is not None
    assert 0 <= event.occurred_at.timestamp() - 1_600_000_000 < 60


def test_what_changes_nothing_is_no_event(emulator: Emulator, receiver: Receiver) -> None:
    """A refusal, a replay, a read, and a status that is the same."""
    order = f"/v1/orders/{zephyr.SAMPLE_ORDER}"
    for amount in (10, 10):
        httpx.post(
            f"{emulator.address}{order}/refunds",
            json={"amount_cents": amount, "reason": "duplicate"},
            headers=KEY | {"idempotency-key": "k"},
        )
    assert 409 == post(emulator, f"{order}/cancel").status_code
    httpx.get(emulator.address + order, headers=KEY)
    emulator.state("cryptum").confirm("0da30...f53b37")
    emulator.settle()
    assert ["order.refunded"] == receiver.ids()


# The shop's own URLs.


def test_zephyrs_own_endpoints(emulator: Emulator) -> None:
    """They get the events that they asked for, signed with the secret that they were told."""
    with receiving() as nobody:
        made = post(emulator, "/v1/webhook_endpoints", {"url": nobody.url + "/zephyr", "events": ["order.refunded"]})
        account = attrs.evolve(emulator.accounts()[1], webhook_secrets=made.json()["signing_secret"])
        update(emulator)
        post(emulator, f"/v1/orders/{zephyr.SAMPLE_ORDER}/refunds", {"amount_cents": 1, "reason": "duplicate"})
        emulator.settle()
    [(_, headers, body)] = nobody.asked
    assert "order.refunded" == Webhooks.of(account).receive("zephyr", headers, body).name


def test_cryptums_callbacks_are_switched_on(emulator: Emulator) -> None:
    """An order's own URL is left alone until then."""
    state = emulator.state("cryptum")
    with receiving(*emulator.accounts()) as told:
        for switched in (False, True):
            emulator.world.mail.callbacks = switched
            state.confirm(state.place(callbackUrl=f"{told.url}/cryptum")["id"])
            emulator.settle()
    assert ["OrderNotification"] == told.ids()


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
    post(emulator, "/v1/webhook_endpoints", {"url": "https://shop.example/", "events": ["order.updated"]})
    update(emulator)
    emulator.settle()
    [letter] = emulator.world.mail.letters
    with pytest.raises(ValueError, match="is not local"):
        emulator.world.mail.redeliver(letter.number)
    assert ("blocked", []) == (letter.state, letter.attempts)


def test_far_urls_are_taken_where_that_is_wanted() -> None:
    """By a switch of the emulator's."""
    with Emulator(deliver_anywhere=True) as emulator:
        emulator.deliver_to("http://example.com/")
        assert 4 == len(emulator.world.mail.targets)
        emulator.deliver_to("http://example.com/", world="x")


# Retries.


def test_a_failed_delivery_is_tried_again_after_a_restart(tmp_path: Path) -> None:
    """When its time has come by the world's clock, with the same body, as the attempt that it is."""
    with Emulator(state=tmp_path / "shop.db") as emulator, receiving(*emulator.accounts()) as told:
        told.down = True
        emulator.world.clock.freeze()
        emulator.deliver_to(told.url + "/{provider}", "zephyr")
        emulator.state("zephyr").move(zephyr.SAMPLE_ORDER, "cancel")
        emulator.settle()
    tried = len(told.asked)
    with receiving(*emulator.accounts()) as told, Emulator(state=tmp_path / "shop.db") as again:
        for letter in again.world.mail.letters:
            letter.url = f"{told.url}/zephyr"
        again.settle()
        early = len(told.asked)
        again.world.clock.advance(60)
        again.settle()
        attempts = [headers["x-zephyrcart-delivery-attempt"] for _, headers, _ in told.asked]
        assert (1, 0, ["2"], [204]) == (tried, early, attempts, told.answers)
        assert ["delivered"] == [letter.state for letter in again.world.mail.letters]


@pytest.mark.parametrize("provider", LIVES)
def test_the_schedule_of_retries(emulator: Emulator, receiver: Receiver, provider: str) -> None:
    """On the world's clock: not a second before it is time, and then at once; the last one fails for good."""
    receiver.down = True
    emulator.world.clock.freeze()
    state = emulator.state(provider)
    placed = state.place()
    if provider == "cryptum":
        state.confirm(placed["id"])
    for number, seconds in enumerate(RETRIES[provider], 1):
        emulator.settle()
        assert (number, ["waiting"]) == (len(receiver.asked), states(emulator))
        emulator.world.clock.advance(seconds - 1)
        emulator.settle()
        assert number == len(receiver.asked)
        emulator.world.clock.advance(1)
    emulator.settle()
    emulator.world.clock.advance(365 * 24 * HOUR)
    emulator.settle()
    assert (len(RETRIES[provider]) + 1, ["failed"]) == (len(receiver.asked), states(emulator))
    assert 1 == len({body for _, _, body in receiver.asked})


def test_the_schedules_are_the_fact_sheets() -> None:
    """Zephyr's as published; Crossmint's of 8 attempts over about 28 hours."""
    hours = [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 1 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
    assert hours == list(RETRIES["zephyr"])
    assert (7, 27) == (len(RETRIES["crossmint"]), sum(RETRIES["crossmint"]) // HOUR)


def test_a_retry_is_a_delivery_of_the_same_event(emulator: Emulator, receiver: Receiver) -> None:
    """With the id of the first, counted, and signed so that it verifies however late it is."""
    receiver.down = True
    update(emulator)
    emulator.settle()
    receiver.down = False
    emulator.world.clock.advance(HOUR)
    emulator.settle()
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
    emulator.settle()
    [letter] = emulator.world.mail.letters
    [attempt] = letter.attempts
    assert ("waiting", None) == (letter.state, attempt["status"])
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
    emulator.settle()
    [letter] = emulator.world.mail.letters
    emulator.world.mail.redeliver(letter.number)
    emulator.settle()
    assert ([204, 204], ["order.updated"], 2) == (receiver.answers, receiver.ids(), len(letter.attempts))


def test_loss(emulator: Emulator, receiver: Receiver) -> None:
    """The next event never comes, unless it is delivered again."""
    emulator.world.mail.disturb("lose", "zephyr")
    for number in (1, 2):
        update(emulator, number)
    emulator.settle()
    assert ([2], ["lost", "delivered"]) == (numbers(receiver), states(emulator))
    emulator.world.mail.redeliver(emulator.world.mail.letters[0].number)
    emulator.settle()
    assert [2, 1] == numbers(receiver)


def test_duplication(emulator: Emulator, receiver: Receiver) -> None:
    """The next event comes twice, byte for byte and with one id."""
    emulator.world.mail.disturb("duplicate")
    update(emulator)
    emulator.settle()
    ids = {headers["x-zephyrcart-delivery-id"] for _, headers, _ in receiver.asked}
    assert (2, 1, 1, [1]) == (
        len(receiver.asked),
        len(ids),
        len({each[2] for each in receiver.asked}),
        numbers(receiver),
    )


def test_reordering(emulator: Emulator, receiver: Receiver) -> None:
    """The next event comes after the one that follows it."""
    emulator.world.mail.disturb("swap")
    update(emulator, 1)
    emulator.settle()
    assert ([], ["held"]) == (numbers(receiver), states(emulator))
    update(emulator, 2)
    update(emulator, 3)
    emulator.settle()
    assert [2, 1, 3] == numbers(receiver)


def test_a_mishap_is_its_providers(emulator: Emulator, receiver: Receiver) -> None:
    """And takes its times."""
    emulator.world.mail.disturb("lose", "zephyr", 2)
    emulator.state("croissant").place()
    for number in (1, 2, 3):
        update(emulator, number)
    emulator.settle()
    assert ["payment.confirmed", "order.updated"] == receiver.ids()
    assert 3 == numbers(attrs.evolve(receiver, events=receiver.events[1:]))[0]


@pytest.mark.parametrize("wrong", [("burn", "*", 1), ("lose", "zephir", 1), ("lose", "*", 0)])
def test_a_mishap_that_is_none_is_refused(emulator: Emulator, wrong: tuple[Any, str, int]) -> None:
    """When it is ordered."""
    with pytest.raises(ValueError, match="lose, duplicate, swap"):
        emulator.world.mail.disturb(*wrong)


# Over HTTP.


def test_all_of_it_over_http(emulator: Emulator) -> None:
    """Registered, disturbed, looked at and delivered again by the control."""
    at = f"{emulator.address}/_emulator"
    with receiving(*emulator.accounts()) as told:
        made = httpx.post(f"{at}/webhooks", json={"url": told.url + "/{provider}", "provider": "zephyr"}).json()
        assert [{"url": f"{told.url}/zephyr", "provider": "zephyr", "events": None}] == made["webhooks"]
        waiting = httpx.post(f"{at}/mishaps", json={"kind": "lose", "provider": "zephyr"}).json()
        assert [{"provider": "zephyr", "kind": "lose"}] == waiting["mishaps"]
        update(emulator, 7)
        emulator.settle()
        [lost] = httpx.get(f"{at}/deliveries").json()["deliveries"]
        assert ("lost", "order.updated", "7") == (lost["state"], lost["event"], lost["body"]["data"]["metadata"]["n"])
        httpx.post(f"{at}/redeliver", json={"delivery": lost["number"]})
        emulator.settle()
        assert [7] == numbers(told)
        httpx.delete(f"{at}/webhooks")
        update(emulator, 8)
        emulator.settle()
        assert [7] == numbers(told)
    order = f"zephyr:{zephyr.SAMPLE_ORDER}"
    entries = httpx.get(f"{at}/timeline", params={"order": order}).json()["timeline"]
    [attempt] = [entry["detail"] for entry in entries if entry["kind"] == "delivery"]
    assert (204, "delivered", 1) == (attempt["status"], attempt["state"], attempt["attempt"])


def test_no_secret_is_told_with_a_delivery(emulator: Emulator, receiver: Receiver) -> None:
    """Neither by the control nor by a repr."""
    update(emulator)
    emulator.settle()
    at = f"{emulator.address}/_emulator"
    shown = httpx.get(f"{at}/deliveries").text + httpx.get(f"{at}/webhooks").text
    shown += repr(emulator.world.mail.letters) + repr(emulator.world.mail.targets) + repr(receiver.asked[0][0])
    assert "whsec_" not in shown


def test_a_carts_end_is_no_event(emulator: Emulator, receiver: Receiver) -> None:
    """Croissant has one event, which comes before the cart is there."""
    emulator.state("croissant").move(croissant.SAMPLE_CART, "fulfill")
    emulator.settle()
    assert [] == receiver.asked


def test_a_deposit_has_no_event(emulator: Emulator, receiver: Receiver) -> None:
    """Crossmint does not know it."""
    emulator.state("crossmint").move(
        emulator.state("crossmint").place(type="deposit", status=AWAITING)["orderId"], "pay"
    )
    emulator.settle()
    assert [] == receiver.asked


def test_the_letters_are_bounded(emulator: Emulator) -> None:
    """The oldest go first."""
    emulator.world.mail.disturb("lose", times=10_005)
    emulator.deliver_to("http://127.0.0.1:9/", "croissant")
    for _ in range(10_005):
        emulator.world.mail.send("croissant", "payment.confirmed", "croissant:x", body=json.loads("{}"))
    letters = emulator.world.mail.letters
    assert (10_000, 6) == (len(letters), letters[0].number)
