"""The steps of a scenario: calls, faults, webhooks, and checks of what the provider really did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import ParamSpec, TypeVar

import attrs

from ..emulator import Fault, FaultKind, World
from ..errors import ProviderError
from ..order import OrderRef
from ..status import NOT_REPORTED, Status
from ..testing import EmulatedOrdermux
from ..webhooks import Event
from ._code import code
from ._receiver import Receiver
from ._reporter import NOTHING, WRONG, Failed, Reporter, axes, expect

P = ParamSpec("P")
T = TypeVar("T")
RETRY_AFTER = 1
"""The seconds of the Retry-After of a 429."""


@attrs.define(eq=False)
class Scenario:
    """A run of the demo, with a client, an emulator and a webhook receiver."""

    mux: EmulatedOrdermux
    reporter: Reporter
    receiver: Receiver
    orders: list[OrderRef] = attrs.field(factory=list[OrderRef])
    """The orders of the scenarios."""
    known: dict[str, Status] = attrs.field(factory=dict[str, Status])
    """The last known status of each order, by its id in events."""
    faults: Counter[str] = attrs.field(factory=Counter[str])
    """The injected faults."""
    _calls: Counter[str] = attrs.field(factory=Counter[str])
    _effects: Counter[str] = attrs.field(factory=Counter[str])

    @property
    def world(self) -> World:
        """The emulator's world."""
        return self.mux.emulator.world

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the facade and print the call."""
        self.reporter.head(code(function, args, kwargs))
        result = function(*args, **kwargs)
        self._check_faults()
        return result

    def fails(
        self, kind: type[ProviderError], function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> ProviderError:
        """Call the facade, expect an error, print it and return it."""
        self.reporter.head(code(function, args, kwargs))
        try:
            function(*args, **kwargs)
        except kind as error:
            self.reporter.line(WRONG, f"raises {kind.__name__}", f"requests {error.attempts}")
            self._check_faults()
            return error
        raise Failed(f"{kind.__name__} was not raised")

    def _check_faults(self) -> None:
        """Check that the injected faults occurred, and no others."""
        expect("requests that failed unexpectedly", [], self.reporter.surprises)
        expect("faults that are still waiting", "", self.reporter.on_purpose)

    def lose(self, operation: str) -> None:
        """Lose the next response of an operation, after it was carried out."""
        self.faults["lost responses"] += 1
        self.world.faults.inject(operation, Fault(kind=FaultKind.EMPTY, when="after"))
        self.reporter.on_purpose = "injected: carried out, response lost"

    def refuse(self, operation: str) -> None:
        """Reject the next call of an operation with a 429."""
        headers = {"Retry-After": str(RETRY_AFTER)}
        self.world.faults.inject(operation, Fault(kind=FaultKind.STATUS, when="before", status=429, headers=headers))
        self.limited("injected")

    def limited(self, why: str) -> None:
        """Note that the next call is rejected with a 429."""
        self.faults["calls rejected with a 429"] += 1
        self.reporter.on_purpose = why

    def waited(self) -> None:
        """Check that the client waited for the Retry-After."""
        if self.reporter.waited < RETRY_AFTER:
            raise Failed(f"retried after {self.reporter.waited:.2f} s, expected {RETRY_AFTER}")
        self.reporter.say(f"Retry-After was {RETRY_AFTER} s; the client adds a second, since servers round.")

    def counted(self, operation: str, *, calls: int, effects: int) -> None:
        """Print the calls and effects of an operation since the last time."""
        now = self.world.calls[operation], self.world.effects[operation]
        found = now[0] - self._calls[operation], now[1] - self._effects[operation]
        self._calls[operation], self._effects[operation] = now
        counters = f"calls {found[0]}, effects {found[1]}"
        expect(operation, f"calls {calls}, effects {effects}", counters)
        self.reporter.fact(operation.partition(".")[2], counters)

    def became(self, before: Status, after: Status, expected: str) -> None:
        """Print the status of an order before and after."""
        expect("lifecycle / payment / fulfillment", expected.replace("-", NOTHING), axes(after))
        change = axes(after) if before == NOT_REPORTED else f"{axes(before)}  →  {axes(after)}"
        self.reporter.fact("status", change)
        if after.attention:
            self.reporter.fact("attention", ", ".join(after.attention))

    def follow(self, event: Event) -> None:
        """Handle an event: track the status of its order."""
        subject = str(event.order or event.subject)
        self.known[subject] = self.call(self.mux.orders.follow, event, self.known.get(subject, NOT_REPORTED))

    def webhooks(
        self,
        title: str,
        *names: str,
        again: str | None = None,
        handle: Callable[[Event], None] | None = None,
    ) -> None:
        """Receive the deliveries of these events, then a redelivery of one of them."""
        receiver, delivered = self.receiver, self._delivered()
        arrived, handled = len(receiver.arrived), len(receiver.handled)
        self.reporter.head(title)
        receiver.handle = handle or self.follow
        self._receive()
        expect("delivered", list(names), receiver.arrived[arrived:])
        if again is not None:
            self.faults["webhooks delivered twice"] += 1
            deliveries = reversed(self.world.outbox.deliveries)
            self.world.outbox.redeliver(next(delivery.number for delivery in deliveries if delivery.event == again))
            self._receive()
            expect("delivered", [*names, again], receiver.arrived[arrived:])
        expect("handled", list(names), receiver.handled[handled:])
        count = self._delivered() - delivered
        expect("deliveries with a 204", len(receiver.arrived) - arrived, count)
        self.reporter.fact("webhooks", f"deliveries {count}, handled {len(names)}")

    def _receive(self) -> None:
        """Open the receiver's gate for the waiting deliveries."""
        self.receiver.gate.set()
        self.mux.emulator.wait_for_deliveries()
        self.receiver.gate.clear()
        if self.receiver.error is not None:
            raise self.receiver.error

    def _delivered(self) -> int:
        """Return the number of deliveries that got a 204, by the emulator."""
        deliveries = self.world.outbox.deliveries
        return sum(
            attempt["status"] == HTTPStatus.NO_CONTENT for delivery in deliveries for attempt in delivery.attempts
        )

    def ended(self, provider: str) -> None:
        """Check that a provider has no other effects than those that were printed."""
        found = {name: count for name, count in self.world.effects.items() if name.startswith(f"{provider}.")}
        printed = {name: count for name, count in self._effects.items() if name.startswith(f"{provider}.") and count}
        expect(f"effects at {provider}", printed, found)
