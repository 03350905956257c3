"""The runners of flows, in what takes no network: Redis and locks."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import pytest
from redis import exceptions as redis_errors

from ordermux import (
    SharedStateError,
)
from ordermux.engine import flow as _flow
from ordermux.engine.flow import AcquireLock, Flow, FlowLock, RedisCommand
from ordermux.engine.runners import AsyncRunner, SyncRunner
from support.concurrency import in_a_thread


def ran(flow: Flow[Any], redis: Any, *, awaiting: bool) -> Any:
    """Run a flow with a driver of either kind."""
    none: Any = None
    if awaiting:
        return asyncio.run(AsyncRunner(none, 9, redis).run(flow))
    return SyncRunner(none, 9, redis).run(flow)


@attrs.frozen
class Told:
    """A client of Redis, of either kind, that says one thing."""

    reply: Any
    awaiting: bool

    def execute_command(self, *words: Any) -> Any:
        """Say it, or raise it."""
        if self.awaiting:
            return self._awaited(*words)
        return self._said(*words)

    async def _awaited(self, *words: Any) -> Any:
        await asyncio.sleep(self.reply if isinstance(self.reply, float) else 0)
        return self._said(*words)

    def _said(self, *words: Any) -> Any:
        if isinstance(self.reply, Exception):
            raise self.reply
        return [self.reply, *words]


def asking() -> Flow[Any]:
    """Ask Redis for something; return its reply, or what it raised."""
    try:
        return (yield RedisCommand(("GET", "key"), 0.05))
    except SharedStateError as error:
        return error


@pytest.mark.parametrize("awaiting", [False, True])
def test_a_driver_asks_redis(*, awaiting: bool) -> None:
    """And sends the flow its reply."""
    assert [b"1", "GET", "key"] == ran(asking(), Told(b"1", awaiting), awaiting=awaiting)


@pytest.mark.parametrize("awaiting", [False, True])
def test_whatever_redis_raises_is_an_error_of_ours(*, awaiting: bool) -> None:
    """Thrown into the flow, which may go on; its text, which may hold an address, is left out."""
    error = ran(asking(), Told(OSError("redis://user:hidden@host"), awaiting), awaiting=awaiting)
    assert (SharedStateError, "Redis did not answer: OSError") == (type(error), str(error))


class TimeLimitReached(Exception):
    """The handler of a signal raises it to end a job."""


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("raised", [TimeLimitReached(), TimeoutError("job"), ValueError("handler")], ids=repr)
def test_an_exception_of_a_signal_handler_is_none_of_redis(raised: Exception, *, awaiting: bool) -> None:
    """A job's time limit that comes while Redis is waited for ends the job, whatever its type."""
    with pytest.raises(type(raised)) as found:
        ran(asking(), Told(raised, awaiting), awaiting=awaiting)
    assert raised is found.value


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("raised", [redis_errors.TimeoutError, redis_errors.ReadOnlyError])
def test_an_error_of_the_redis_package_is_an_error_of_ours(raised: type[Exception], *, awaiting: bool) -> None:
    """Its errors derive from Exception alone."""
    error = ran(asking(), Told(raised("redis://user:hidden@host"), awaiting), awaiting=awaiting)
    assert (SharedStateError, f"Redis did not answer: {raised.__name__}") == (type(error), str(error))


def test_a_redis_that_does_not_answer_is_not_waited_for() -> None:
    """By the driver that awaits, which has a time for it."""
    error = ran(asking(), Told(30.0, awaiting=True), awaiting=True)
    assert "Redis did not answer: TimeoutError" == str(error)


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.02])
def test_a_gate_is_waited_for_no_longer_than_said(seconds: float, *, awaiting: bool) -> None:
    """And goes to one at a time."""
    gate = FlowLock(is_async=awaiting)

    def flow() -> Flow[bool]:
        got: bool = yield AcquireLock(gate, seconds)
        gate.release(acquired=got)
        return got

    async def awaited() -> list[bool]:
        none: Any = None
        driver = AsyncRunner(none, 9)
        await gate.current.acquire()
        missed = await driver.run(flow())
        gate.current.release()
        return [missed, await driver.run(flow())]

    def blocked() -> list[bool]:
        in_a_thread(gate.current.acquire)
        missed = ran(flow(), None, awaiting=False)
        gate.reset()
        return [missed, ran(flow(), None, awaiting=False)]

    assert [False, True] == (asyncio.run(awaited()) if awaiting else blocked())


def test_each_event_loop_has_a_gate_of_its_own() -> None:
    """One that is held in a loop that ended is open in the next, and is not kept."""
    gate: Any = FlowLock(is_async=True)

    async def hold() -> bool:
        free = not gate.current.locked()
        await gate.current.acquire()
        return free

    assert [True, True] == [asyncio.run(hold()), asyncio.run(hold())]
    assert 1 == len(gate._locks)


def test_a_forked_process_has_its_gates_open() -> None:
    """The thread that holds one is not there."""
    gate = FlowLock(is_async=False)
    gate.current.acquire()
    gates: Any = _flow
    gates._reset_all()
    assert gate.current.acquire(blocking=False)
