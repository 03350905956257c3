"""What a life is made of: calls, mishaps, webhooks, and counting what the provider really did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import ParamSpec, TypeVar

import attrs

from ..emulator import EmulatedOrdermux, Fault, Kind, World
from ..errors import ProviderError
from ..order import OrderRef
from ..status import NO_CLAIM, Status
from ..webhooks import Event
from ._code import code
from ._receiver import Receiver
from ._stage import NOTHING, WRONG, Failed, Stage, axes, expect

P = ParamSpec("P")
T = TypeVar("T")
RETRY_AFTER = 1
"""The seconds that a 429 of the tour names."""


@attrs.define(eq=False)
class Tour:
    """One way through, with a client over an emulator of its own and a receiver for its webhooks."""

    mux: EmulatedOrdermux
    stage: Stage
    receiver: Receiver
    walked: list[OrderRef] = attrs.field(factory=list[OrderRef])
    """The orders whose life it was."""
    known: dict[str, Status] = attrs.field(factory=dict[str, Status])
    """What is known of each order that events tell of, by what they call it."""
    mishaps: Counter[str] = attrs.field(factory=Counter[str])
    """What went wrong on purpose."""
    _calls: Counter[str] = attrs.field(factory=Counter[str])
    _effects: Counter[str] = attrs.field(factory=Counter[str])

    @property
    def world(self) -> World:
        """The emulator's world."""
        return self.mux.emulator.world

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the facade, and show it."""
        self.stage.head(code(function, args, kwargs))
        result = function(*args, **kwargs)
        self._went_wrong()
        return result

    def fails(
        self, kind: type[ProviderError], function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Call the facade where it shall raise, and show what it raised."""
        self.stage.head(code(function, args, kwargs))
        try:
            function(*args, **kwargs)
        except kind as error:
            self.stage.line(WRONG, f"raises {kind.__name__}", f"requests {error.attempts}")
            self._went_wrong()
            return
        raise Failed(f"{kind.__name__} was not raised")

    def _went_wrong(self) -> None:
        """See that what shall go wrong has."""
        expect("requests that failed by themselves", [], self.stage.surprises)
        expect("what is still to go wrong", "", self.stage.on_purpose)

    def lose(self, operation: str) -> None:
        """Have the next answer of an operation lost, after it was carried out."""
        self.mishaps["answers lost"] += 1
        self.world.faults.order(operation, Fault(kind=Kind.LOST, when="after"))
        self.stage.on_purpose = "on purpose: done, then cut"

    def refuse(self, operation: str) -> None:
        """Have the next call of an operation refused, as one too many."""
        told = {"Retry-After": str(RETRY_AFTER)}
        self.world.faults.order(operation, Fault(kind=Kind.STATUS, when="before", status=429, headers=told))
        self.limited("on purpose")

    def limited(self, why: str) -> None:
        """Note that the next call is refused with a 429 that names a second."""
        self.mishaps["calls refused with a 429"] += 1
        self.stage.on_purpose = why

    def waited(self) -> None:
        """Tell that the client came again when it was asked to."""
        if self.stage.waited < RETRY_AFTER:
            raise Failed(f"it came again after {self.stage.waited:.2f} s, not {RETRY_AFTER}")
        self.stage.say(f"Retry-After said {RETRY_AFTER} s, so that is how long it waited.")

    def counted(self, operation: str, *, calls: int, effects: int) -> None:
        """Tell what the emulator counted of an operation since it was told last."""
        now = self.world.calls[operation], self.world.effects[operation]
        found = now[0] - self._calls[operation], now[1] - self._effects[operation]
        self._calls[operation], self._effects[operation] = now
        told = f"calls {found[0]}, effects {found[1]}"
        expect(operation, f"calls {calls}, effects {effects}", told)
        self.stage.fact(operation.partition(".")[2], told)

    def became(self, before: Status, after: Status, expected: str) -> None:
        """Tell what became of an order."""
        expect("lifecycle / payment / fulfillment", expected.replace("-", NOTHING), axes(after))
        told = axes(after) if before == NO_CLAIM else f"{axes(before)}  →  {axes(after)}"
        self.stage.fact("status", told)
        if after.attention:
            self.stage.fact("attention", ", ".join(after.attention))

    def follow(self, event: Event) -> None:
        """Handle an event as most are: see what became of its order."""
        about = str(event.order or event.subject)
        self.known[about] = self.call(self.mux.orders.follow, event, self.known.get(about, NO_CLAIM))

    def webhooks(
        self,
        title: str,
        *names: str,
        again: str | None = None,
        handle: Callable[[Event], None] | None = None,
    ) -> None:
        """Let in what is delivered, which are the events of these names; then have one of them delivered again."""
        receiver, delivered = self.receiver, self._delivered()
        arrived, handled = len(receiver.arrived), len(receiver.handled)
        self.stage.head(title)
        receiver.handle = handle or self.follow
        self._let_in()
        expect("delivered", list(names), receiver.arrived[arrived:])
        if again is not None:
            self.mishaps["webhooks delivered twice"] += 1
            letters = reversed(self.world.mail.letters)
            self.world.mail.redeliver(next(letter.number for letter in letters if letter.event == again))
            self._let_in()
            expect("delivered", [*names, again], receiver.arrived[arrived:])
        expect("handled", list(names), receiver.handled[handled:])
        count = self._delivered() - delivered
        expect("deliveries that were answered with a 204", len(receiver.arrived) - arrived, count)
        self.stage.fact("webhooks", f"deliveries {count}, handled {len(names)}")

    def _let_in(self) -> None:
        """Open the receiver's gate for what waits."""
        self.receiver.gate.set()
        self.mux.emulator.settle()
        self.receiver.gate.clear()
        if self.receiver.error is not None:
            raise self.receiver.error

    def _delivered(self) -> int:
        """Return what the emulator counted: its deliveries that were answered with a 204."""
        letters = self.world.mail.letters
        return sum(attempt["status"] == HTTPStatus.NO_CONTENT for letter in letters for attempt in letter.attempts)

    def ended(self, provider: str) -> None:
        """See that nothing else was done at a provider than what was told."""
        found = {name: count for name, count in self.world.effects.items() if name.startswith(f"{provider}.")}
        told = {name: count for name, count in self._effects.items() if name.startswith(f"{provider}.") and count}
        expect(f"all that was done at {provider}", told, found)
