"""What the emulator remembers, and what its providers share."""

from __future__ import annotations

import datetime
import json
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

import attrs
import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .bounds import READ, MemoryBudget, MemoryBudgetExceeded
from .clock import Clock
from .faults import Fault, Faults
from .journal import Journal
from .outbox import Outbox

CALL = "ordermux.call"
"""Where a call's entry of the journal stands in its ASGI scope."""
WORLD = "ordermux.world"
"""Where its world does."""
MAX_ARRIVALS = 10_000
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]

Handler = Callable[[Request], Awaitable[Response]]
Object = dict[str, Any]
Routes = list[tuple[str, str, str, Handler]]
"""A provider's operations: the id in the document, the method, the path and what answers."""


def _as_clock(given: Callable[[], float]) -> Clock:
    return given if isinstance(given, Clock) else Clock(given)


@attrs.define(eq=False)
class World:
    """The state of all four providers, apart from any other world."""

    seed: int = 0
    _clock: Clock = attrs.field(factory=Clock, converter=_as_clock, alias="clock")
    extra_orders: int = 0
    """How many orders each provider has besides the few that it always has, the same for the same seed."""
    name: str = ""
    """What `Ordermux-World` says; empty for the one without."""
    as_documented: bool = False
    """Whether the shop on Crossmint does what its page says and leads to expect, and not what the real one does."""
    random: random.Random = attrs.field(init=False, repr=False)
    states: dict[str, Any] = attrs.field(factory=dict[str, Any], init=False, repr=False)
    """Each provider's state, by the provider's name."""
    faults: Faults = attrs.field(factory=Faults, init=False, repr=False)
    """What goes wrong with the next calls."""
    calls: Counter[str] = attrs.field(factory=Counter[str], init=False)
    """How many calls of each operation arrived, whatever became of them, by names as `zephyr.createRefund`."""
    effects: Counter[str] = attrs.field(factory=Counter[str], init=False)
    """How many calls of each operation were carried out: no replay, no refusal, no order that is closed or registered
    again. A put or a patch is carried out each time."""
    arrivals: defaultdict[str, deque[float]] = attrs.field(
        factory=lambda: defaultdict(lambda: deque(maxlen=MAX_ARRIVALS)), init=False, repr=False
    )
    """When the last 10,000 calls arrived, by `time.monotonic()`, for each provider."""
    journal: Journal = attrs.field(factory=Journal, init=False, repr=False)
    """What happened."""
    outbox: Outbox = attrs.field(init=False, repr=False)
    """What the providers deliver, and where to."""
    memory_budget: MemoryBudget = attrs.field(factory=MemoryBudget, init=False, repr=False)
    """What it keeps of what callers sent, together with the other worlds of its emulator."""

    def __attrs_post_init__(self) -> None:
        """Start the random numbers from the seed, so that a world is the same every time."""
        self.random = random.Random(self.seed)  # noqa: S311
        self.outbox = Outbox(self)
        self._clock.listeners.append(self._jumped)

    @property
    def clock(self) -> Clock:
        """What gives the world's time, in unix seconds."""
        return self._clock

    @clock.setter
    def clock(self, clock: Callable[[], float]) -> None:
        made = _as_clock(clock)
        made.listeners = self._clock.listeners
        self._clock = made
        made.notify()

    def _jumped(self) -> None:
        self.note("clock", now=self.clock(), frozen=self.clock.frozen is not None)

    def join(self, memory_budget: MemoryBudget) -> None:
        """Count what it keeps together with the other worlds of an emulator."""
        self.memory_budget = self.faults.memory_budget = memory_budget
        self.faults.update_usage()
        self.outbox.update_usage()

    def arrive(self, operation: str) -> Fault | None:
        """Count a call that has just arrived, and return what goes wrong with it."""
        self.calls[operation] += 1
        self.arrivals[operation.partition(".")[0]].append(time.monotonic())
        return self.faults.take(operation)

    def note(self, kind: str, order: str | None = None, **detail: Any) -> None:
        """Put something into the journal."""
        self.journal.add(self.clock(), kind, order, **detail)

    def record_change(
        self, provider: str, order_id: str, word: str, event: str | None = None, **delivered: Any
    ) -> None:
        """Note that an order was changed, and have an event of the provider's delivered where there is one.

        `word` is the provider's own for what the order is now; `delivered` is the event's `body`, and may be a
        `callback`, the URL that the order itself asks for.
        """
        reference = f"{provider}:{order_id}"
        self.note("change", reference, raw_status=word, event=event)
        if event is not None:
            self.outbox.send(provider, event, reference, **delivered)

    def now(self) -> datetime.datetime:
        """Return the world's time."""
        return datetime.datetime.fromtimestamp(self.clock(), datetime.UTC)

    def timestamp(self) -> str:
        """Return the world's time as ISO 8601 with milliseconds."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def ulid(self) -> str:
        """Return an id of 26 characters that sorts by time."""
        number = (int(self.clock() * 1000) << 80) | self.random.getrandbits(80)
        return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])

    def uuid(self) -> str:
        """Return a random UUID."""
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class InvalidTransition(ValueError):
    """A move that an order cannot make now."""

    def __init__(self, message: str, possible: list[str]) -> None:
        """Keep the transitions that it can."""
        super().__init__(f"{message}; possible: {', '.join(possible) or 'none'}")
        self.possible = possible


class ErrorAnswer(Exception):
    """An answer that is an error: raised anywhere in a handler."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        """Keep the answer."""
        super().__init__(status)
        self.response = JSONResponse(body, status, headers=headers)


class NoAnswer(Response):
    """What a caller gets that has left: nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


def wrap_handler(operation: str, handler: Handler) -> Handler:
    """Return an operation's handler with its refusals turned into answers, and the parameters of its path decoded.

    A caller that leaves before all of its request has come gets none. Nothing is changed where nothing can be kept.
    """

    async def answer(request: Request) -> Response:
        request.scope["operation"] = operation
        request.scope["path_params"] = {name: unquote(value) for name, value in request.path_params.items()}
        try:
            if request.method not in {"GET", "HEAD"}:
                world_of(request).memory_budget.check()
            return await handler(request)
        except ErrorAnswer as refused:
            return refused.response
        except MemoryBudgetExceeded as exceeded:
            return JSONResponse({"error": str(exceeded)}, 507)
        except ClientDisconnect:
            return NoAnswer()

    return answer


def world_of(request: Request) -> World:
    """Return the world that a request acts in."""
    world: World = request.scope[WORLD]
    return world


def count_effect(request: Request, order_id: str | None = None) -> None:
    """Count that a request changes something; called where it does, with the order's id where its path has none."""
    operation: str = request.scope["operation"]
    world, provider = world_of(request), operation.partition(".")[0]
    world.effects[operation] += 1
    thing = order_id or next(iter(request.path_params.values()), None)
    if thing is not None:
        world.memory_budget.charge(
            (world.name, provider, thing), request.scope[READ].weight() if READ in request.scope else 0
        )
    if order_id is not None and CALL in request.scope:
        request.scope[CALL]["order"] = f"{provider}:{order_id}"


async def body_of(request: Request, kind: Any, refuse: Callable[[str], ErrorAnswer]) -> Object:
    """Return the request's JSON body; `refuse` makes the answer to one that the generated model does not take.

    The content type is not looked at: one of the documented curl lines sends JSON as a form.
    """
    content = await request.body()
    try:
        msgspec.json.decode(content)  # it is stricter than json.loads
        body: Object = json.loads(content, parse_float=_number)
        msgspec.convert(body, kind, dec_hook=as_string)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise refuse(str(error)) from None
    return body


def _number(text: str) -> int | float:
    """Return a whole number as JSON Schema knows it: 1490.0 is one."""
    number = float(text)
    return int(number) if number.is_integer() else number


def as_string(kind: type, value: object) -> object:
    """Take a secret for what it is on the wire."""
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")  # noqa: TRY004
    return kind(value)
