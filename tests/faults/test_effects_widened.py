"""The effect grid with all that may come together: what answers next, who else acts, what was there, whose key it is.

The rule is one for every case. What the caller was told is held against what the provider carried out: a success is
one effect (or the state is as wanted, whoever made it so), a refusal or a failure is none, an unknown outcome is at
most one, and there are never two. A write without a key is never carried out after somebody else has acted.

The suite takes each pair of values (`allpairspy`); run as a script with `--whole` it takes the whole product.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

import argparse
import datetime
import itertools
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from allpairspy import AllPairs  # type: ignore[import-untyped]

from ordermux import Attempt, OrdermuxError, OutcomeUnknown
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.emulator.world import World
from support.effects import BY_OTHERS, CHANGES, SECOND, Change, nothing, told_by
from support.tables import carried_out
from support.text_table import table

FIRST: dict[str, Fault | None] = {
    "nothing": None,
    "reset before": Fault(kind=FaultKind.RESET, when="before"),
    "500 before": Fault(kind=FaultKind.STATUS, when="before", status=500),
    "408 before": Fault(kind=FaultKind.STATUS, when="before", status=408),
    "503 before": Fault(kind=FaultKind.STATUS, when="before", status=503),
    "reset after": Fault(kind=FaultKind.RESET, when="after"),
    "closed after": Fault(kind=FaultKind.EMPTY, when="after"),
    "500 after": Fault(kind=FaultKind.STATUS, when="after", status=500),
    "504 after": Fault(kind=FaultKind.STATUS, when="after", status=504),
    "408 after": Fault(kind=FaultKind.STATUS, when="after", status=408),
    "499 after": Fault(kind=FaultKind.STATUS, when="after", status=499),
    "cut after": Fault(kind=FaultKind.TRUNCATED, when="after"),
    "markup after": Fault(kind=FaultKind.STATUS, when="after", status=200, body=b"<html>Sign in</html>"),
    "broken JSON after": Fault(kind=FaultKind.MALFORMED, when="after"),
    "success: false after": Fault(kind=FaultKind.STATUS, when="after", status=200, body={"success": False}),
}
"""What becomes of the first attempt."""
TIMES = {"once": 1, "for ever": 99}
"""How often it does."""
KEYS = ("new", "of the caller", "used before")
"""Whose key a keyed operation has. `used before`: an earlier call with it was carried out."""


@attrs.frozen
class Case:
    """One place of the widened grid."""

    name: str
    first: str
    second: str
    times: str
    before: str
    meanwhile: str
    key: str
    client: str

    def __str__(self) -> str:
        """Return what its test is called."""
        return "; ".join(attrs.astuple(self))


def _acts(name: str) -> list[str]:
    return ["nothing", *BY_OTHERS.get(name, {})]


def product() -> Iterator[Case]:
    """Give each case of the whole product."""
    for name, change in CHANGES.items():
        keys = KEYS if change.idempotent_operations else KEYS[:1]
        for values in itertools.product(FIRST, SECOND, TIMES, _acts(name), _acts(name), keys, ("sync", "async")):
            case = Case(name, *values)
            if not (case.times == "for ever" and SECOND[case.second] is None):
                yield case


def pairs(of: str | None = None) -> list[Case]:
    """Return cases that have each pair of values, those of operations included; or each pair of one operation alone."""
    names = list(CHANGES) if of is None else [of]
    acts = list(dict.fromkeys(act for name in names for act in _acts(name)))
    values = [names, list(FIRST), list(SECOND), list(TIMES), acts, acts, list(KEYS), ["sync", "async"]]
    return [Case(*row) for row in AllPairs(values, filter_func=_is_case)]


def _is_case(row: list[str]) -> bool:
    """Return whether the values of a case, or the first of them, go together."""
    name = row[0]
    acts = all(act in _acts(name) for act in row[4:6])
    lasting = row[2:4] != ["the provider's", "for ever"]
    return acts and lasting and (CHANGES[name].idempotent_operations or all(key == "new" for key in row[6:7]))


@attrs.frozen
class Found:
    """What happened in a case."""

    told: str
    effects: int
    """How often the provider carried the operation out, by a repeat that the error allows included."""
    sent_again: int
    """How often the change arrived after its first time, by the call itself."""
    is_wanted: bool
    repeated: str | None
    """What a repeat was told that the error says is safe."""
    error: OrdermuxError | None

    def problems(self, case: Case) -> list[str]:
        """Return what is not so, of what the caller was told."""
        change, earlier = CHANGES[case.name], int(case.key == "used before")
        done = self.effects == 1 or self.is_wanted
        wrong = {
            "carried out twice": self.effects > 1,
            "reported done, and not": "done" in {self.told, self.repeated} and not done,
            "reported refused, and done": self.told in {"no", "failed"} and self.effects > 0,
            "sent again though somebody else may have acted": self.sent_again > 0
            and case.first != "nothing"
            and not change.idempotent_operations
            and case.name not in {"create croissant", "cancel croissant", "fulfill croissant"},
            "no word that there is": self.told not in {"done", "no", "failed", "?"},
            "the earlier call is gone": self.effects < earlier,
        }
        return [problem for problem, is_so in wrong.items() if is_so]


_local = threading.local()
_WORLDS = 100
"""How many worlds an emulator has before it is replaced."""


def _fresh_world() -> tuple[Emulator, str]:
    """Return this thread's emulator, and the name of a world that nobody has used."""
    number = getattr(_local, "number", 0)
    if number % _WORLDS == 0:
        if number:
            _local.emulator.__exit__(None, None, None)
        _local.emulator = Emulator().__enter__()
    _local.number = number + 1
    return _local.emulator, f"case{number}"


def measured(case: Case) -> Found:
    """Let an operation break as the case says; repeat it if the error says that this is safe."""
    emulator, name = _fresh_world()
    world, change = emulator.world_named(name), CHANGES[case.name]
    acts = BY_OTHERS.get(case.name, {})
    accounts = change.accounts(emulator, name)
    key = None if case.key == "new" else "key-of-the-caller"
    created = datetime.datetime.now(datetime.UTC)

    def call(**options: Any) -> Any:
        key_of = (key, created) if key is not None else (None, None)
        return _call(emulator, case, accounts, key=key_of, options=options)

    if case.key == "used before" and isinstance(failed := call(timeout=20.0), Exception):
        raise failed
    acts.get(case.before, nothing)(world)
    _order_faults(world, change, case)
    sent: list[Attempt] = []

    def act(attempt: Attempt) -> None:
        """Let others act once the first attempt of the change itself is over."""
        if not sent and f"{attempt.provider}.{attempt.endpoint}" == change.endpoint:
            sent.append(attempt)
            acts.get(case.meanwhile, nothing)(world)

    arrived = world.calls[change.endpoint]
    outcome, repeated = call(on_attempt=act), None
    sent_again = world.calls[change.endpoint] - arrived - 1
    if isinstance(outcome, OutcomeUnknown) and outcome.retryable:
        world.faults.clear()
        key = outcome.key
        repeated = told_by(call())
    error = outcome if isinstance(outcome, OrdermuxError) else None
    effects = world.effects[change.endpoint]
    return Found(told_by(outcome), effects, sent_again, change.is_wanted(world), repeated, error)


def _order_faults(world: World, change: Change, case: Case) -> None:
    """Have the first request go wrong, and what follows it be answered by somebody else."""
    if (first := FIRST[case.first]) is not None:
        world.faults.inject(change.endpoint, first)
    if (second := SECOND[case.second]) is not None:
        fault = Fault(kind=FaultKind.STATUS, when="before", times=TIMES[case.times], **second)
        world.faults.inject(change.endpoint, fault)


def _in_time(options: dict[str, Any]) -> dict[str, Any]:
    """Return options with short times, unless they have their own."""
    return {"timeout": 1.5, "attempt_timeout": 1.0, **options}


def _call(emulator: Emulator, case: Case, accounts: list[Any], *, key: tuple[Any, Any], options: dict[str, Any]) -> Any:
    change = CHANGES[case.name]
    try:
        return carried_out(
            emulator,
            lambda mux: change.act(mux.orders, *key),
            awaiting=case.client == "async",
            accounts=accounts,
            **_in_time(options),
        )
    except OrdermuxError as error:
        return error


def run(cases: list[Case], threads: int = 12) -> dict[Case, Found]:
    """Measure cases, many at a time: most of their time is waiting."""
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(cases, pool.map(measured, cases), strict=True))


@pytest.fixture(scope="module")
def found() -> dict[Case, Found]:
    """Measure each pair of values."""
    return run(pairs())


@pytest.mark.slow
def test_nobody_is_told_what_is_not_so(found: dict[Case, Found]) -> None:
    """In no case: never twice, never reported refused what was done, never reported done what was not."""
    wrong = {str(case): (problems, each) for case, each in found.items() if (problems := each.problems(case))}
    assert {} == wrong


def test_all_that_can_be_told_is_told(found: dict[Case, Found]) -> None:
    """The cases reach each outcome, and a repeat that is safe; else they would prove less than they seem to."""
    assert {"done", "no", "failed", "?"} == {each.told for each in found.values()}
    assert {"done"} <= {each.repeated for each in found.values()}
    assert {0, 1} == {each.effects for each in found.values()}
    assert any(each.sent_again > 0 for each in found.values())


def test_a_planted_second_effect_is_found() -> None:
    """The judgement itself can fail."""
    case = Case("refund zephyr", "reset after", "422", "once", "nothing", "nothing", "new", "sync")
    right = Found("?", 1, 0, False, "done", None)
    assert [] == right.problems(case)
    assert ["carried out twice"] == attrs.evolve(right, effects=2, repeated=None).problems(case)
    assert ["reported refused, and done"] == attrs.evolve(right, told="no", repeated=None).problems(case)
    assert ["reported done, and not"] == attrs.evolve(right, effects=0).problems(case)
    other = attrs.evolve(case, name="cancel cryptum")
    late = attrs.evolve(right, sent_again=1, repeated=None)
    assert ["sent again though somebody else may have acted"] == late.problems(other)


def main() -> int:
    """Print what the caller was told beside what the provider did, for each pair or for the whole product."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--each", action="store_true", help="each pair of values of each operation")
    parser.add_argument("--whole", action="store_true", help="the whole product, which takes hours")
    parser.add_argument("--only", default="", help="operations whose name has this in it")
    parser.add_argument("--part", default="1/1", help="such as 2/8: the second of eight parts of the cases")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    each = [case for name in CHANGES for case in pairs(name)] if options.each else pairs()
    cases = [case for case in (product() if options.whole else each) if options.only in case.name][part - 1 :: parts]
    results = run(cases, 24)
    rows = []
    for name in CHANGES:
        of_it = [each for case, each in results.items() if case.name == name]
        counts = Counter((each.told, each.effects) for each in of_it)
        told = [f"{word} {effects}: {counts[word, effects]}" for word, effects in sorted(counts)]
        rows.append([name, str(len(of_it)), ", ".join(told)])
    wrong = [
        f"{case}: {', '.join(each.problems(case))}: {each}" for case, each in results.items() if each.problems(case)
    ]
    lines = [table(["operation", "cases", "told and effects"], rows), "", *wrong[:50]]
    summary = f"{len(results)} cases, {sum(each.effects > 1 for each in results.values())} carried out twice, "
    sys.stdout.write("\n".join([*lines, f"{summary}{len(wrong)} wrong"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
