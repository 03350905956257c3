"""Random sequences of changes, faults and other people's acts: nobody is ever told what is not so.

A step is a change with up to three things that go wrong on its way (a lost answer, somebody else's answer, a commit
that comes after the look-up), an act of somebody else, a look-alike, a repeat with an earlier key, or hours that pass.
The one thing that is not among them is a third party that writes the provider's own verdict, in its own words, after
the provider has carried the request out: nothing could tell that from the truth.

The suite runs a few hundred sequences. `python tests/faults/test_effects_stateful.py --sequences 10000 --seed 7` runs
as many as wanted, and prints what was reached.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

import argparse
import asyncio
import datetime
import secrets
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Generator
from typing import Any

import attrs
import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import ordermux.engine.classification
import ordermux.engine.retry
from ordermux import IdempotencyKeyExpired, OrdermuxError, OutcomeUnknown, ProviderError
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.emulator.registry import emulators, operation_at
from ordermux.emulator.world import WORLD, World
from support.effects import BY_OTHERS, CHANGES, SECOND, Change, nothing, told_by
from support.tables import carried_out

PROVIDERS = emulators()
FAULTS: dict[str, Fault] = {
    **{
        f"{kind} {when}": Fault(kind=FaultKind(kind), when=when)
        for kind in ("reset", "empty", "malformed", "html")
        for when in ("before", "after")
    },
    "cut after": Fault(kind=FaultKind.TRUNCATED, when="after"),
    **{
        f"{status} {when}": Fault(kind=FaultKind.STATUS, when=when, status=status)
        for status in (408, 499, 500, 502, 503, 504, 520)
        for when in ("before", "after")
    },
    **{name: Fault(kind=FaultKind.STATUS, when="before", **answer) for name, answer in SECOND.items() if answer},
}
"""What goes wrong with one request."""
DELAYED = "carried out later"
"""The request is carried out after the call is over; meanwhile it is answered by an error."""


@attrs.define
class Delays:
    """A middleware that keeps the next request of an operation back, to carry it out when it is told to."""

    app: ASGIApp
    waiting: Counter[tuple[str, str]] = attrs.field(factory=Counter[tuple[str, str]])
    kept: list[tuple[Scope, list[Message]]] = attrs.field(factory=list[tuple[Scope, list[Message]]])
    loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or keep it back."""
        self.loop = asyncio.get_running_loop()
        operation = (operation_at(scope["method"], scope["path"]) or ("", None))[0]
        place = scope[WORLD].name, operation
        if not self.waiting[place]:
            await self.app(scope, receive, send)
            return
        self.waiting[place] -= 1
        messages: list[Message] = []
        while not messages or messages[-1].get("more_body"):
            messages.append(await receive())
        self.kept.append((scope, messages))
        provider = operation.partition(".")[0]
        status = 500 if provider == "croissant" else 503  # as its document has it
        await JSONResponse(PROVIDERS[provider].error_body(status), status)(scope, receive, send)

    def release(self) -> None:
        """Carry out what was kept back."""
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self._release(), self.loop).result(10)

    async def _release(self) -> None:
        async def discard(_: Message) -> None:
            pass

        while self.kept:
            scope, messages = self.kept.pop(0)
            given = iter(messages)

            async def receive(given: Any = given) -> Message:
                return next(given, {"type": "http.disconnect"})

            await self.app(scope, receive, discard)


@attrs.frozen
class Make:
    """A step: make a change."""

    name: str
    faults: tuple[str, ...]
    look_up_faults: tuple[str, ...]
    meanwhile: str
    client: str
    own_key: bool


@attrs.frozen
class Act:
    """A step: somebody else acts."""

    name: str
    act: str


@attrs.frozen
class Repeat:
    """A step: repeat an earlier keyed change with its key."""

    place: int
    faults: tuple[str, ...]
    client: str


@attrs.frozen
class Pass:
    """A step: hours pass."""

    hours: float


_CLIENTS = st.sampled_from(["sync", "async"])
_FAULTS = st.lists(st.sampled_from([*FAULTS, DELAYED]), max_size=3).map(tuple)
_NAMES = st.sampled_from(list(CHANGES))


def _acts(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["nothing", *BY_OTHERS.get(name, {})])


_MAKES = _NAMES.flatmap(
    lambda name: st.builds(
        Make, st.just(name), _FAULTS, st.lists(st.sampled_from(list(FAULTS)), max_size=1).map(tuple), _acts(name),
        _CLIENTS, st.booleans(),
    )
)  # fmt: skip
_ACTS = st.sampled_from(list(BY_OTHERS)).flatmap(lambda name: st.builds(Act, st.just(name), _acts(name)))
STEPS = st.lists(
    _MAKES
    | _MAKES
    | _ACTS
    | st.builds(Repeat, st.integers(0, 5), _FAULTS, _CLIENTS)
    | st.builds(Pass, st.sampled_from([1.0, 12.0, 25.0])),
    min_size=1,
    max_size=6,
)


@attrs.define
class Sent:
    """A keyed change that was made, to be repeated."""

    name: str
    key: str
    at: float
    """In the world's unix seconds."""


@attrs.define
class History:
    """One sequence, in a world of its own."""

    emulator: Emulator
    delays: Delays
    world: World
    reached: Counter[str]
    sent: list[Sent] = attrs.field(factory=list[Sent])
    effects_of: defaultdict[str, int] = attrs.field(factory=lambda: defaultdict[str, int](int))
    """How often the change of each key was carried out."""

    def take(self, step: Any) -> None:
        """Take a step, and hold what was told against what was done."""
        match step:
            case Make():
                key = (
                    f"own-{secrets.token_hex(8)}" if step.own_key and CHANGES[step.name].idempotent_operations else None
                )
                self._make(step, key, self.world.clock())
            case Act():
                self._act(step.name, step.act)
            case Pass():
                self.world.clock.advance(step.hours * 3600)
            case Repeat() if self.sent:
                earlier = self.sent[step.place % len(self.sent)]
                again = Make(earlier.name, step.faults, (), "nothing", step.client, own_key=True)
                self._make(again, earlier.key, earlier.at)
            case _:
                pass

    def _act(self, name: str, act: str) -> None:
        BY_OTHERS.get(name, {}).get(act, nothing)(self.world)

    def _make(self, step: Make, key: str | None, since: float) -> None:
        change = CHANGES[step.name]
        before = self.world.effects[change.endpoint]
        self._order(change, step)
        outcome = self._call(change, step, key, since)
        self.world.faults.clear()
        self.delays.waiting.clear()
        self.delays.release()
        effects = self.world.effects[change.endpoint] - before
        told = told_by(outcome)
        sent = outcome.key if isinstance(outcome, ProviderError) else key
        sent = sent or getattr(outcome, "idempotency_key", None)
        if sent is not None and change.idempotent_operations:
            self.effects_of[sent] += effects
            if all(sent != each.key for each in self.sent):
                self.sent.append(Sent(step.name, sent, since))
        self.reached[f"{told} {effects}"] += 1
        total = effects if key is None else self.effects_of[key]
        self._judge(change, outcome, told, effects, total)

    def _judge(self, change: Change, outcome: Any, told: str, effects: int, total: int) -> None:
        assert total <= 1, f"carried out {total} times"
        assert told in {"done", "no", "failed", "?"}, outcome
        if told == "done":
            assert total == 1 or change.is_wanted(self.world), "reported done, and not"
        if told in {"no", "failed"}:
            assert effects == 0, f"reported refused, and done: {outcome!r}"
            assert isinstance(outcome, IdempotencyKeyExpired) or total == 0, f"an earlier call was done: {outcome!r}"
        if isinstance(outcome, OutcomeUnknown):
            assert outcome.applied is None

    def _order(self, change: Change, step: Make) -> None:
        for name in step.faults:
            if name == DELAYED:
                self.delays.waiting[self.world.name, change.endpoint] += 1
            else:
                self.world.faults.inject(change.endpoint, FAULTS[name])
        for name in step.look_up_faults:
            if change.look_up is not None:
                self.world.faults.inject(change.look_up, FAULTS[name])

    def _call(self, change: Change, step: Make, key: str | None, since: float) -> Any:
        acted: list[Any] = []

        def act(attempt: Any) -> None:
            if not acted and f"{attempt.provider}.{attempt.endpoint}" == change.endpoint:
                acted.append(attempt)
                self._act(step.name, step.meanwhile)

        # The world's clock may be ahead of ours: the key is as old for the provider as it says here.
        age = datetime.timedelta(seconds=self.world.clock() - since)
        created = None if key is None else datetime.datetime.now(datetime.UTC) - age
        try:
            return carried_out(
                self.emulator,
                lambda mux: change.act(mux.orders, key, created),
                awaiting=step.client == "async",
                accounts=change.accounts(self.emulator, self.world.name),
                timeout=5.0,
                attempt_timeout=2.0,
                on_attempt=act,
            )
        except OrdermuxError as error:
            return error


@attrs.define
class Stage:
    """An emulator with its delays, replaced now and then so that its worlds do not pile up."""

    number: int = 0
    emulator: Emulator | None = None
    delays: Delays | None = None
    reached: Counter[str] = attrs.field(factory=Counter[str])

    def history(self) -> History:
        """Return a new sequence."""
        if self.number % 100 == 0:
            self.close()
            self.emulator = Emulator(wrap=self._wrapped).__enter__()
        self.number += 1
        assert self.emulator is not None
        assert self.delays is not None
        return History(self.emulator, self.delays, self.emulator.world_named(f"s{self.number}"), self.reached)

    def _wrapped(self, app: ASGIApp) -> ASGIApp:
        self.delays = Delays(app)
        return self.delays

    def close(self) -> None:
        """Stop the emulator."""
        if self.emulator is not None:
            self.emulator.__exit__(None, None, None)


def without_long_waits(patch: Callable[[Any, str, float], None]) -> None:
    """Make all waits short: what is proved is what is told, not how long it takes."""
    patch(ordermux.engine.retry, "RETRY_AFTER_MARGIN", 0.0)
    patch(ordermux.engine.retry, "INITIAL_BACKOFF", 0.001)
    patch(ordermux.engine.retry, "MAX_POLLING", 0.005)


SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example)
"""What hypothesis warns of, and a sequence of calls is by its nature."""


def run(stage: Stage, sequences: int, seed: int) -> None:
    """Run so many sequences."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=sequences,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=SLOW,
    )
    @hypothesis.given(steps=STEPS)
    def sequence(steps: list[Any]) -> None:
        history = stage.history()
        for step in steps:
            history.take(step)

    sequence()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Generator[Stage]:
    """Give an emulator, with short waits."""
    without_long_waits(monkeypatch.setattr)
    made = Stage()
    yield made
    made.close()


SEED = 20261129


@pytest.mark.slow
def test_no_sequence_tells_what_is_not_so(stage: Stage) -> None:
    """Never twice, never reported done when it was not, never reported refused when it was done."""
    run(stage, 150, SEED)
    assert {"done 1", "no 0", "? 0", "? 1"} <= set(stage.reached)


@pytest.mark.slow
def test_a_planted_fault_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If each refusal of a retry were believed, a sequence would show it."""
    monkeypatch.setattr(ordermux.engine.classification, "is_verdict", lambda *_: True)
    with pytest.raises(AssertionError, match=r"reported refused, and done|an earlier call was done"):
        run(stage, 1000, SEED)


def main() -> int:
    """Run as many sequences as wanted, and print what was reached."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    options = parser.parse_args()
    without_long_waits(setattr)
    stage = Stage()
    sys.stdout.write(f"seed {options.seed}\n")
    try:
        run(stage, options.sequences, options.seed)
    finally:
        stage.close()
        counts = ", ".join(f"{name}: {count}" for name, count in sorted(stage.reached.items()))
        sys.stdout.write(f"{stage.number} sequences, {stage.reached.total()} changes; told and effects: {counts}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
