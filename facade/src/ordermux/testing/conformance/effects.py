"""What the provider did, and what the caller learned: each write, at each point where it can break."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs

from ...emulator.faults import Fault, FaultKind
from ...emulator.world import World
from ...engine.hooks import Attempt
from ...errors import OrdermuxError, OutcomeUnknown
from ...providers.account import Account
from ...providers.adapter import Operation
from .facts import TAKES_KEY, WRITES, Outcome, ProviderFacts
from .harness import Harness, act_of, call, opened, outcome_of

_STALL = 0.4
"""How long an attempt may take where the server stalls, in seconds."""
_THREADS = 8
POINTS: dict[str, Fault] = {
    "reset before": Fault(kind=FaultKind.RESET, when="before"),
    "empty before": Fault(kind=FaultKind.EMPTY, when="before"),
    "timeout before": Fault(kind=FaultKind.STALL, when="before", seconds=30),
    "malformed before": Fault(kind=FaultKind.MALFORMED, when="before"),
    "500 before": Fault(kind=FaultKind.STATUS, when="before", status=500),
    "502 before": Fault(kind=FaultKind.STATUS, when="before", status=502),
    "429 before": Fault(kind=FaultKind.STATUS, when="before", status=429, headers={"Retry-After": "0"}),
    "reset after": Fault(kind=FaultKind.RESET, when="after"),
    "empty after": Fault(kind=FaultKind.EMPTY, when="after"),
    "timeout after": Fault(kind=FaultKind.STALL, when="after", seconds=30),
    "malformed after": Fault(kind=FaultKind.MALFORMED, when="after"),
    "truncated after": Fault(kind=FaultKind.TRUNCATED, when="after"),
    "500 after": Fault(kind=FaultKind.STATUS, when="after", status=500),
    "502 after": Fault(kind=FaultKind.STATUS, when="after", status=502),
}
"""Where a call breaks: before the provider carries it out, and after."""
REFUSALS = {
    f"{status} before": Fault(kind=FaultKind.STATUS, when="before", status=status) for status in (403, 409, 422)
}
"""How the provider refuses; no such call is reported done."""
LIES = ("a success with an error as its body before",)
"""Answers of success that are none: no such call is reported done."""
MODES = {
    "repeated": "the fault strikes one call, and an hour earlier the same write was carried out",
    "once": "the fault strikes one call",
    "always": "the fault strikes every call",
    "blind": "the fault strikes one call, and each read after it fails",
}


ADDS = frozenset({Operation.CREATE, Operation.REFUND})
"""The operations of which two that are alike are two changes."""


@attrs.frozen
class Cell:
    """One place of the grid."""

    operation: Operation
    point: str
    mode: str
    awaiting: bool

    def __str__(self) -> str:
        """Return how a message names it."""
        return self.point if self.mode == "once" else f"{self.point} ({MODES[self.mode]})"


@attrs.frozen
class Found:
    """What happened in a cell."""

    outcome: str
    effects: int
    """How often the provider carried the write out."""
    repeated: str | None = None
    """The outcome of the repeat that the error allows."""

    def problems(self, cell: Cell, expected: Outcome | None) -> Iterator[str]:
        """Yield what is not so."""
        replaces = cell.operation is Operation.PRODUCTS_PUT  # twice is the same as once
        if self.effects > 1 and not replaces:
            yield f"was carried out {self.effects} times: only a write whose key is honoured is sent again"
        if "done" in {self.outcome, self.repeated} and self.effects == 0:
            yield "was reported done, and nothing was done"
        if self.outcome == "refused" and self.effects:
            yield "was reported refused, and was carried out"
        if self.outcome.startswith("leaked"):
            yield f"{self.outcome}: whatever goes wrong is an OrdermuxError"
        elif cell.mode == "once" and expected is not None and self.outcome != expected:
            cure = "mend the adapter's RetrySafety, or the fact `outcomes`"
            yield f"was reported as {self.outcome!r}, not {expected!r}: {cure}"


def effects(facts: ProviderFacts) -> Iterator[str]:
    """Yield each write whose caller does not learn what happened, at each point where a call can break."""
    writes = [each for each in facts.operations if each in WRITES]
    if not writes:
        return
    with opened(facts) as harness, ThreadPoolExecutor(_THREADS) as pool:
        endpoints: dict[Operation, str] = {}
        for operation in writes:
            found = endpoint_of(harness, operation)
            if found is None:
                yield (
                    f"{operation} has no effect at the emulator, or more than one: mend what the check results finds, "
                    "or let its handler call count_effect(request) once, where it changes something"
                )
            else:
                endpoints[operation] = found
        adds = ADDS if facts.adapter.draft_id is None else ADDS - {Operation.CREATE}
        cells = list(_cells(list(endpoints), adds))

        def measured(cell: Cell) -> Found:
            return _measured(harness, endpoints[cell.operation], cell)

        problems: dict[tuple[Operation, str], list[Cell]] = {}
        for cell, what in zip(cells, pool.map(measured, cells), strict=True):
            expected = _expected(facts, cell)
            for problem in what.problems(cell, expected):
                problems.setdefault((cell.operation, problem), []).append(cell)
        for (operation, problem), where in problems.items():
            yield f"{operation} {problem}; at {', '.join(dict.fromkeys(map(str, where)))}"


def _expected(facts: ProviderFacts, cell: Cell) -> Outcome | None:
    """Return the expected outcome, None if the facts leave it open."""
    if cell.point in REFUSALS:
        return "refused"
    return None if cell.point in LIES else facts.expected(cell.operation, cell.point)


def _cells(operations: list[Operation], adds: frozenset[Operation]) -> Iterator[Cell]:
    for operation in operations:
        for point in POINTS:
            yield from (Cell(operation, point, "once", awaiting) for awaiting in (False, True))
            modes = ("always", "blind", *(["repeated"] if operation in adds else []))
            yield from (Cell(operation, point, mode, awaiting=False) for mode in modes)
        yield from (Cell(operation, point, "once", awaiting=False) for point in (*REFUSALS, *LIES))


def endpoint_of(harness: Harness, operation: Operation) -> str | None:
    """Return the emulator's name of what carries a write out; None if that has not exactly one effect."""
    world, account = harness.fresh()
    sent: list[Attempt] = []
    call(account, act_of(harness.facts, operation), awaiting=False, on_attempt=sent.append)
    names = [f"{harness.facts.provider}.{attempt.endpoint}" for attempt in sent]
    changing = [name for name in names if world.effects[name]]  # a token comes before
    return changing[-1] if changing and world.effects[changing[-1]] == 1 else None


def _measured(harness: Harness, endpoint: str, cell: Cell) -> Found:
    """Let a write break in a world of its own; where it may be called again, call it again without faults."""
    world, account = harness.fresh()
    if cell.mode == "repeated":
        _earlier(harness, world, account, cell.operation)
    earlier = world.effects[endpoint]
    fault = {**POINTS, **REFUSALS}.get(cell.point) or _lie(harness.facts)
    world.faults.inject(endpoint, attrs.evolve(fault, times=99 if cell.mode == "always" else 1))
    options: dict[str, Any] = {"attempt_timeout": _STALL} if fault.kind is FaultKind.STALL else {}
    if cell.mode == "blind":
        options["on_attempt"] = _blinding(world, harness.facts, endpoint)
    outcome = call(account, act_of(harness.facts, cell.operation), awaiting=cell.awaiting, **options)
    repeated = None
    if isinstance(outcome, OutcomeUnknown) and outcome.retryable and cell.operation in TAKES_KEY:
        world.faults.clear()
        again = act_of(harness.facts, cell.operation, key=outcome.key)
        repeated = outcome_of(call(account, again, awaiting=cell.awaiting))
    return Found(outcome_of(outcome), world.effects[endpoint] - earlier, repeated)


def _earlier(harness: Harness, world: World, account: Account[Any], operation: Operation) -> None:
    """Carry the same write out an hour earlier."""
    now = world.clock()
    world.clock.freeze()
    world.clock.set(now - 3600)
    call(account, act_of(harness.facts, operation), awaiting=False)
    world.clock.set(now)
    world.clock.run()


def _lie(facts: ProviderFacts) -> Fault:
    """Return a success whose body is the provider's own error."""
    body = facts.parts.emulator.error_body(422)
    return Fault(kind=FaultKind.STATUS, when="before", status=200, body=body)


def _blinding(world: World, facts: ProviderFacts, endpoint: str) -> Any:
    """Return a hook that makes each other call fail once the write was sent."""
    others = [name for name in world.faults.operations if name.startswith(f"{facts.provider}.") and name != endpoint]

    def blind(attempt: Attempt) -> None:
        if f"{facts.provider}.{attempt.endpoint}" == endpoint and not world.faults.waiting:
            for name in others:
                world.faults.inject(name, Fault(kind=FaultKind.STATUS, when="before", status=500, times=99))

    return blind


def reads(facts: ProviderFacts) -> Iterator[str]:
    """Yield each read that raises something else than an OrdermuxError, or does not survive one fault."""
    wanted = [each for each in facts.operations if each not in {*WRITES, Operation.PRODUCTS_SYNC}]
    cases = [(each, point, times) for each in wanted for point in POINTS for times in (1, 99)]
    with opened(facts) as harness, ThreadPoolExecutor(_THREADS) as pool:

        def found(case: tuple[Operation, str, int]) -> list[str]:
            return list(_read(harness, *case))

        for problems in pool.map(found, cases):
            yield from problems


def _read(harness: Harness, operation: Operation, point: str, times: int) -> Iterator[str]:
    fault = attrs.evolve(POINTS[point], times=times)
    world, account = harness.fresh()
    if operation is Operation.PRODUCTS_GET:
        call(account, act_of(harness.facts, Operation.PRODUCTS_PUT), awaiting=False)
    sent: list[Attempt] = []
    world.faults.inject(f"{harness.facts.provider}.*", fault)
    options = {"attempt_timeout": _STALL} if fault.kind is FaultKind.STALL else {}
    outcome = call(account, act_of(harness.facts, operation), awaiting=False, on_attempt=sent.append, **options)
    if isinstance(outcome, Exception) and not isinstance(outcome, OrdermuxError):
        yield f"{operation}, {point}: raised {outcome!r}, which is no OrdermuxError"
    elif isinstance(outcome, Exception) and fault.times == 1 and "malformed" not in point:
        yield f"{operation}, {point}: raised {outcome!r}, though a second request would do: execute it as SAFE"
    elif not isinstance(outcome, Exception) and fault.times > 1:
        yield f"{operation}, {point} of every call: gave {outcome!r}, and nothing could be read"
