"""What the provider delivers: what is believed, what is refused, and what several events come to."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ...emulator.registry import populate, secret_of
from ...emulator.world import World
from ...errors import InvalidArgument
from ...event import Event, EventKind, WebhookRejected
from ...order import Order
from ...providers.account import Account
from ...providers.adapter import Operation
from ...status import NOT_REPORTED, Fulfillment, Lifecycle, Payment, Status
from ...status_merge import merge_event
from ...webhook_schemes.scheme import WebhookScheme
from ...webhooks.receive import Webhooks
from .document import document_of
from .facts import ProviderFacts
from .forgeries import forgeries, later
from .harness import act_of, call, opened, shown

NOW = 1_780_000_000
"""When a delivery is signed, in unix seconds."""
OTHER_KEY = "YW5vdGhlciBzZWNyZXQgb2YgdGhlIGtpdA=="
_MAX_EVENTS = 5


@attrs.define(eq=False)
class WebhookHarness:
    """Signs deliveries as the provider does, and receives them."""

    facts: ProviderFacts
    account: Account[Any]
    scheme: WebhookScheme
    secret: str

    def signed(
        self, body: bytes, *, secret: str | None = None, stamp: int = NOW, attempt: int = 1, message: str = "msg_1"
    ) -> dict[str, str]:
        """Return the headers of a delivery."""
        made = self.scheme.signed_headers(self.secret if secret is None else secret, body, message, str(stamp))
        return dict(self.facts.parts.emulator.delivery_headers(made, attempt, as_documented=True))

    def received(self, headers: Mapping[str, str], body: bytes, *, at: float = NOW) -> Event | Exception:
        """Return the event of a delivery, or what was raised."""
        moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
        try:
            return Webhooks.of(self.account).receive(self.account.name, headers, body, received_at=moment)
        except Exception as error:  # whatever a provider's code raises is looked at
            return error


def _webhook_harness(facts: ProviderFacts) -> WebhookHarness:
    with opened(facts) as harness:
        account = harness.account()
    return WebhookHarness(facts, account, facts.parts.webhooks, secret_of("", facts.provider))


def examples(facts: ProviderFacts) -> dict[str, bytes]:
    """Return the body of an event of each kind, by the provider's word: of the document, and of the facts."""
    found = [json.dumps(each).encode() for each in facts.events.values()]
    for node in document_of(facts).get("webhooks", {}).values():
        content: dict[str, Any] = node["post"]["requestBody"]["content"]
        for media in content.values():
            named: dict[str, Any] = media.get("examples", {})
            values = [media["example"]] if "example" in media else [each["value"] for each in named.values()]
            found += [json.dumps(value).encode() for value in values]
    return {name: body for body in found if (name := _name_of(facts, body))}


def _name_of(facts: ProviderFacts, body: bytes) -> str | None:
    generated = facts.parts.generated()
    try:
        name: str = facts.parts.webhooks.name_of(generated.events.read_event(body)[0])
    except generated.errors.DecodeError:
        return None
    return name


def accepted(facts: ProviderFacts) -> Iterator[str]:
    """Yield each event that is refused, or not read as what it is, although it is the provider's."""
    if not facts.parts.has("webhooks"):
        return
    harness = _webhook_harness(facts)
    for name, body in examples(facts).items():
        first = harness.received(harness.signed(body), body)
        if not isinstance(first, Event):
            yield f"{name}: a delivery that is the provider's was refused: {first!r}"
            continue
        if first.kind is not harness.scheme.kinds.get(name, EventKind.UNKNOWN) or first.kind is EventKind.UNKNOWN:
            yield f"{name}: is of kind {first.kind}: give it a row in the scheme's kinds"
        if first.native is None:
            yield f"{name}: is not what the document says, so that it has no typed form"
        again = harness.received(harness.signed(body, stamp=NOW + 60, attempt=2), body, at=NOW + 60)
        if not isinstance(again, Event) or (again.id, again.digest) != (first.id, first.digest):
            yield f"{name}: a redelivery has another id: take what stays the same, and name the rest in volatile_fields"


def refused(facts: ProviderFacts) -> Iterator[str]:
    """Yield each delivery that is believed and is not the provider's."""
    if not facts.parts.has("webhooks"):
        return
    harness = _webhook_harness(facts)
    for name, body in examples(facts).items():
        if not harness.scheme.signed:
            event = harness.received(harness.signed(body), body)
            if isinstance(event, Event) and event.trusted:
                yield f"{name}: nothing is signed, and yet the event is trusted: let the scheme be timed = False"
            continue
        for what, outcome in _forged(harness, body):
            if not isinstance(outcome, WebhookRejected | InvalidArgument):
                yield f"{name}: {what} was not refused: {outcome!r}"
            elif not isinstance(outcome, WebhookRejected):
                yield f"{name}: {what} raised {outcome!r}, not WebhookRejected"


def _forged(harness: WebhookHarness, body: bytes) -> Iterator[tuple[str, Any]]:
    headers, other = harness.signed(body), harness.facts.parts.emulator.webhook_secret(OTHER_KEY)
    changed = json.dumps({**json.loads(body), "forged": "member"}).encode()
    yield "a changed body", harness.received(headers, changed)
    yield "a signature with another secret", harness.received(harness.signed(body, secret=other), body)
    yield "a delivery without headers", harness.received({}, body)
    stated: Mapping[str, Any] = document_of(harness.facts).get("x-delivery", {}).get("signature", {})
    header = str(stated.get("header", "")).lower()
    for each in forgeries(headers, body, header=header, every_byte="<raw body>" in str(stated.get("signed"))):
        yield each.problem, harness.received(each.headers, each.body)
    if header:
        rest = {key: value for key, value in headers.items() if key.lower() != header}
        yield f"a delivery without {header}", harness.received(rest, body)
        yield f"an empty {header}", harness.received({**rest, header: ""}, body)
    if harness.scheme.timed:
        tolerance = harness.scheme.tolerance
        yield "a delivery that is too old", harness.received(headers, body, at=NOW + tolerance + 1)
        yield "a delivery of the future", harness.received(headers, body, at=NOW - tolerance - 1)
        moment = NOW + int(tolerance) + 60
        renewed = later(headers, str(NOW), str(moment))
        yield "an old delivery with another time in its headers", harness.received(renewed, body, at=moment)
    else:
        event = harness.received(headers, body)
        if isinstance(event, Event) and event.trusted:
            yield "a delivery whose signature has no time, as certain: it may be an old one, which", event


def unknown_events(facts: ProviderFacts) -> Iterator[str]:
    """Yield where an event of a kind that the document does not have raises, or is taken for a known one."""
    if not facts.parts.has("webhooks"):
        return
    harness = _webhook_harness(facts)
    for name, body in examples(facts).items():
        word = json.dumps(name).encode()
        if word not in body:
            continue  # no member names it
        other = body.replace(word, b'"a.kind.that.is.new"')
        event = harness.received(harness.signed(other), other)
        if not isinstance(event, Event):
            yield f"{name}: an event of a kind that the document does not have raised {event!r}: it is unknown then"
        elif event.kind is not EventKind.UNKNOWN:
            yield f"{name}: an event of a kind that the document does not have is taken for {event.kind}"


_CONTRADICTIONS: Mapping[EventKind, frozenset[Lifecycle | Payment | Fulfillment]] = {
    EventKind.PAYMENT_SUCCEEDED: frozenset({Payment.PENDING, Payment.FAILED, Payment.VOIDED, Lifecycle.CANCELLED}),
    EventKind.PAYMENT_FAILED: frozenset({Payment.PAID, Payment.OVERPAID}),
    EventKind.ORDER_REFUNDED: frozenset({Payment.PENDING, Payment.FAILED}),
    EventKind.ORDER_CANCELLED: frozenset({Lifecycle.PENDING, Lifecycle.OPEN, Lifecycle.COMPLETED}),
    EventKind.DELIVERY_COMPLETED: frozenset({Fulfillment.UNFULFILLED}),
}
"""What an order cannot be right after an event of a kind."""


def identities(facts: ProviderFacts) -> Iterator[str]:
    """Yield where two events are one, an event is about another order, or its kind or claims belie the order."""
    if not facts.parts.has("webhooks"):
        return
    harness, seen = _webhook_harness(facts), dict[str, str]()
    for way, bodies, order_id, read in _read_histories(facts):
        for body in bodies:
            event = harness.received(harness.signed(body, message=f"msg_{hashlib.sha256(body).hexdigest()}"), body)
            if not isinstance(event, Event):
                continue  # the check event order reports it
            if seen.setdefault(event.id, event.digest) != event.digest:
                yield f"{way}: two events have the id {event.id!r}, so that one is dropped: leave EventFacts.id None"
            if event.order is not None and event.order.id != order_id:
                yield f"{way}: {event.name} is about {event.order.id!r}, and the order is {order_id!r}"
            if event.occurred_at is not None and event.occurred_at.utcoffset() is None:
                yield f"{way}: {event.name} has a time without a timezone"
        yield from _last_event(way, harness, bodies, read)


def _last_event(way: str, harness: WebhookHarness, bodies: list[bytes], read: Order | None) -> Iterator[str]:
    """Compare the last event of an order with what a read shows right after."""
    event = harness.received(harness.signed(bodies[-1]), bodies[-1]) if bodies else None
    if read is None or not isinstance(event, Event):
        return
    shows = {read.status.lifecycle, read.status.payment, read.status.fulfillment}
    if shows & _CONTRADICTIONS.get(event.kind, frozenset()):
        yield f"{way}: {event.name} is {event.kind}, and a read shows {shown(read.status)}: mend the scheme's kinds"


def _read_histories(facts: ProviderFacts) -> Iterator[tuple[str, list[bytes], str, Order | None]]:
    """Yield each way of an order, what is delivered on it, the order's id and what a read shows in the end."""
    with opened(facts) as harness:
        for way in list(walks(facts)) or [()]:
            world, account = harness.fresh()
            world.outbox.deliver_to("http://127.0.0.1:9/", facts.provider)
            state, order_id = harness.state(world), harness.place(world)
            for transition in way:
                state.transition(order_id, transition)
            bodies = [each.body for each in world.outbox.deliveries]
            found = None
            if Operation.GET in facts.operations and order_id in state.orders:
                found = call(account, act_of(facts, Operation.GET, order_id), awaiting=False)
            yield " and ".join(("place", *way)), bodies, order_id, found if isinstance(found, Order) else None


def permutations(facts: ProviderFacts) -> Iterator[str]:
    """Yield where the events of one order, late, twice or out of order, do not end in one status."""
    if not facts.parts.has("webhooks"):
        return
    harness = _webhook_harness(facts)
    for way, bodies in _histories(facts):
        events = [harness.received(harness.signed(body), body) for body in bodies]
        statuses = [event.status for event in events if isinstance(event, Event)]
        if len(statuses) < len(events):
            wrong = next(event for event in events if not isinstance(event, Event))
            yield f"{way}: an event of the emulator was refused: {wrong!r}"
            continue
        ends = {_after(order + order[:1]) for order in itertools.permutations(statuses)}
        if len(ends) > 1:
            yield f"{way}: the events end as {' or '.join(sorted(ends))}, by the order in which they come"


def _after(statuses: tuple[Status, ...]) -> str:
    known = NOT_REPORTED
    for status in statuses:
        known = merge_event(known, status)
    return f"{shown(known)} ({known.cancel_reason})"


def walks(facts: ProviderFacts) -> Iterator[tuple[str, ...]]:
    """Yield the ways through the emulator's transitions, from a placed order; each transition ends one at least."""
    waiting: list[tuple[str, ...]] = [()]
    seen: set[str] = set()
    while waiting:
        way = waiting.pop(0)
        _, state, order_id = walked(facts, way)
        for transition in state.transitions(order_id) if order_id in state.orders else ():
            if transition not in seen:
                seen.add(transition)
                waiting.append((*way, transition))
                yield (*way, transition)


def walked(facts: ProviderFacts, way: tuple[str, ...]) -> tuple[World, Any, str]:
    """Return a world in which an order was placed and went a way; the provider's state, and the order's id."""
    world = populate(World())
    world.outbox.deliver_to("http://127.0.0.1/", facts.provider)
    state, emulator = world.states[facts.provider], facts.parts.emulator
    order_id: str = state.place()[emulator.placed_id]
    for transition in way:
        state.transition(order_id, transition)
    return world, state, order_id


def _histories(facts: ProviderFacts) -> Iterator[tuple[str, list[bytes]]]:
    """Yield what is delivered on each way that no other goes on from."""
    ways = list(walks(facts)) or [()]
    for way in ways:
        if not any(other[: len(way)] == way for other in ways if other != way):
            world, _, _ = walked(facts, way)
            yield " and ".join(("place", *way)), [each.body for each in world.outbox.deliveries][:_MAX_EVENTS]
