"""What a caller is told of a change whose answer was lost, by a look-up."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from ordermux import (
    Conflict,
    NotFound,
    OrderRef,
    OutcomeUnknown,
)
from ordermux.engine.flow import Flow
from ordermux.engine.outcome import Undetermined
from ordermux.engine.response import RecoveredResponse
from ordermux.providers.zephyr.adapter import KEYED
from support.manual_flows import (
    OWN,
    REFUNDED,
    RESET,
    UNKEYED,
    UNSENT,
    Run,
    Step,
    answer,
    run_of,
)


@attrs.define
class LookUp:
    """A look-up with results given beforehand: an exception is raised."""

    results: list[Any]

    def __call__(self) -> Flow[Any]:
        """Return the flow."""
        return self._flow()

    def _flow(self) -> Flow[Any]:
        result = self.results.pop(0)
        if isinstance(result, tuple):
            raise result[0]
        return result
        yield  # which makes it a flow


FOUND = RecoveredResponse(b'{"found": true}')
NOT_FOUND = None
CONFLICT = Conflict("another order", provider="croissant", account="croissant", operation="create")


def looked_up(*steps: Step, results: list[Any], idempotent_operations: bool = False, **safety: Any) -> Run:
    """Drive a change that can be looked up; every result given has to be asked for."""
    look_up = LookUp(list(results))
    run = run_of(attrs.evolve(KEYED if idempotent_operations else UNKEYED, verify_outcome=look_up, **safety), *steps)
    assert [] == look_up.results
    return run


def test_what_is_found_is_the_answer() -> None:
    """It was carried out, and is not sent again."""
    run = looked_up(RESET, results=[FOUND])
    assert (FOUND, []) == (run.result, run.sleeps)


def test_what_is_not_found_is_never_written_a_second_time() -> None:
    """It may still come, and somebody else may have acted meanwhile."""
    run = looked_up(RESET, results=[NOT_FOUND])
    assert (OutcomeUnknown, None, 1) == (type(run.error), run.problem.retryable, run.problem.attempts)


def test_what_the_provider_tells_by_the_caller_s_id_is_retried() -> None:
    """A second registration of the same id is no second order."""
    run = looked_up(RESET, REFUNDED, results=[NOT_FOUND], retry_if_not_applied=True)
    assert (REFUNDED.body, [0.5]) == (run.result.content, run.sleeps)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_what_is_refused_and_not_found_is_not_known(status: int) -> None:
    """The first attempt may be carried out after the look-up."""
    assert FOUND is looked_up(RESET, answer(status, OWN), results=[NOT_FOUND, FOUND], retry_if_not_applied=True).result
    run = looked_up(RESET, answer(status, OWN), results=[NOT_FOUND, NOT_FOUND], retry_if_not_applied=True)
    assert OutcomeUnknown is type(run.error)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_the_caller_s_own_id_may_be_taken_by_an_earlier_call(status: int) -> None:
    """With the same content it is done; else the refusal stands."""
    refused = answer(status, OWN)
    assert FOUND is looked_up(refused, results=[FOUND], retry_if_not_applied=True).result
    run = looked_up(refused, results=[NOT_FOUND], retry_if_not_applied=True)
    assert (status, False) == (run.problem.status, run.problem.applied)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_another_refusal_of_a_first_attempt_is_not_looked_up(status: int) -> None:
    """It does not say that the id is taken."""
    run = looked_up(answer(status, OWN), results=[], retry_if_not_applied=True)
    assert (status, False) == (run.problem.status, run.problem.applied)


def test_a_look_up_that_fails_leaves_the_outcome_unknown() -> None:
    """It is never called failed, and never sent again."""
    failed = NotFound("no", provider="zephyr", account="zephyr", operation="get")
    run = looked_up(RESET, results=[(failed,)])
    assert (OutcomeUnknown, failed) == (type(run.error), run.problem.__cause__)


def test_a_look_up_may_have_a_verdict() -> None:
    """Another order has the id that was to be given."""
    assert CONFLICT is looked_up(RESET, results=[CONFLICT]).error


def test_a_look_up_names_the_orders_that_it_may_be() -> None:
    """A person decides."""
    refs = OrderRef("cryptum", "1"), OrderRef("cryptum", "2")
    run = looked_up(RESET, results=[(Undetermined("2 orders", refs),)])
    assert refs == run.problem.candidates
    assert "it may be one of: cryptum:1, cryptum:2" in str(run.error)


def test_a_keyed_change_is_looked_up_after_its_last_attempt() -> None:
    """Not found then, it may yet be carried out."""
    assert FOUND is looked_up(*[RESET] * 3, results=[FOUND], idempotent_operations=True).result
    assert OutcomeUnknown is type(looked_up(*[RESET] * 3, results=[NOT_FOUND], idempotent_operations=True).error)


def test_a_conflict_of_a_keyed_change_may_be_with_itself() -> None:
    """It is looked up, and is no verdict if nothing is found."""
    conflict = answer(409, OWN)
    assert FOUND is looked_up(RESET, conflict, conflict, results=[FOUND], idempotent_operations=True).result
    assert OutcomeUnknown is type(
        looked_up(RESET, conflict, conflict, results=[NOT_FOUND], idempotent_operations=True).error
    )


def test_nothing_is_looked_up_without_doubt() -> None:
    """If nothing was sent, it is sent again at once; what was refused was not carried out."""
    assert REFUNDED.body == looked_up(UNSENT, answer(429), REFUNDED, results=[]).result.content
    run = looked_up(UNSENT, answer(409), results=[])
    assert (Conflict, False) == (type(run.error), run.problem.applied)
