"""An inbox over a real socket that the emulator delivers to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any

import attrs
import httpx
from webhooks.served import served

from ordermux.emulator import Emulator
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from ordermux.webhooks import Event, EventKind, Inbox, Webhooks

KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}


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

    with served(app) as port:
        told.url = f"http://127.0.0.1:{port}"
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
