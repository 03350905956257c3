"""Which handlers an inbox takes, blocking and awaiting, and how it runs them."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import attrs
import pytest

from ordermux import InvalidArgument
from ordermux.webhooks import Event, Inbox, Webhooks
from ordermux.webhooks.stores import MemoryStore, Store
from support.inboxes import DONE, FAILED, WAYS, ZEPHYR, Flaky, Way, Wrapped, made, ways


def _yields(told: Event) -> Iterator[Event]:
    yield told


async def _yields_async(told: Event) -> AsyncIterator[Event]:
    yield told


class _Yielding:
    def __call__(self, told: Event) -> Iterator[Event]:
        """Yield an event."""
        yield told

    async def method(self, told: Event) -> AsyncIterator[Event]:
        """Yield an event."""
        yield told


NO_HANDLERS: dict[str, Any] = {
    "nothing": None,
    "text": "print",
    "an object": object(),
    "a generator function": _yields,
    "an async one": _yields_async,
    "an object that yields": _Yielding(),
    "a method": _Yielding().method,
    "a partial": functools.partial(_yields),
    "a partial of a partial of an object": functools.partial(functools.partial(_Yielding())),
}


@pytest.mark.parametrize("shape", NO_HANDLERS)
def test_a_handler_that_would_never_run_is_refused(shape: str) -> None:
    """Its events would be answered as if they were done."""
    with pytest.raises(InvalidArgument, match="handler is a function"):
        Inbox(Webhooks.of(ZEPHYR), NO_HANDLERS[shape])


async def _wrapped(told: Event) -> object:
    return _yields(told)


async def _wrapped_async(told: Event) -> object:
    return _yields_async(told)


async def _forgotten(told: Event) -> object:
    return _awaits(told)


NEVER_RUN: dict[str, tuple[str, Callable[[Event], Any]]] = {
    "respond, a generator": ("respond", lambda told: _yields(told)),  # noqa: PLW0108
    "respond, an async generator": ("respond", lambda told: _yields_async(told)),  # noqa: PLW0108
    "arespond, a generator": ("arespond", lambda told: _yields(told)),  # noqa: PLW0108
    "arespond, an async generator": ("arespond", lambda told: _yields_async(told)),  # noqa: PLW0108
    "arespond, a generator of an async handler": ("arespond", _wrapped),
    "arespond, an async generator of an async handler": ("arespond", _wrapped_async),
    "arespond, a coroutine of an async handler": ("arespond", _forgotten),
}


@pytest.mark.parametrize("shape", NEVER_RUN)
def test_a_handler_that_returns_what_is_still_to_be_run_has_failed(shape: str) -> None:
    """Its event is handled when it comes again."""
    way, handler = NEVER_RUN[shape]
    seen: list[Event] = []
    inbox = Inbox(Webhooks.of(ZEPHYR), handler)
    assert FAILED == WAYS[way](inbox, made())
    assert DONE == WAYS[way](attrs.evolve(inbox, handler=seen.append), made())
    assert 1 == len(seen)


@ways
def test_a_handler_that_raises_what_a_cancellation_does_has_failed(way: Way) -> None:
    """Nobody cancelled the call: the server's task goes on, and the event is handled when it comes again."""
    seen: list[Event] = []

    def cancel(told: Event) -> None:
        if not seen:
            seen.append(told)
            raise asyncio.CancelledError

    inbox = way.inbox(cancel)
    assert [FAILED, DONE] == [way(inbox, made()) for _ in range(2)]


async def _awaits(told: Event) -> None:
    """Handle an event, awaiting."""
    LOOPS[told.name] = asyncio.get_running_loop()


class _Awaits:
    async def __call__(self, told: Event) -> None:
        """Handle an event, awaiting."""
        await _awaits(told)

    async def method(self, told: Event) -> None:
        """Handle an event, awaiting."""
        await _awaits(told)


class _Awaitable:
    def __await__(self) -> Any:
        """Handle nothing."""
        yield


LOOPS: dict[str, asyncio.AbstractEventLoop] = {}
"""In which loop an event was handled, by its name."""
AWAITING: dict[str, Callable[[Event], Any]] = {
    "a function": _awaits,
    "an object": _Awaits(),
    "a method": _Awaits().method,
    "a partial": functools.partial(_awaits),
}
RETURNING: dict[str, Callable[[Event], Any]] = {
    "a coroutine": lambda told: _awaits(told),  # noqa: PLW0108
    "an awaitable": lambda _: _Awaitable(),
}


def refused(way: Way, handler: Callable[[Event], Any], caplog: pytest.LogCaptureFixture) -> None:
    """Check that a handler is refused, and that its event is handled when it comes again to a right one."""
    seen: list[Event] = []
    inbox = Inbox(Webhooks.of(ZEPHYR), handler)
    assert FAILED == way(inbox, made())
    assert "arespond" in caplog.text
    assert DONE == way(attrs.evolve(inbox, handler=seen.append), made())
    assert 1 == len(seen)


@pytest.mark.parametrize("shape", [*AWAITING, *RETURNING])
def test_respond_refuses_a_handler_that_awaits(shape: str, caplog: pytest.LogCaptureFixture) -> None:
    """It would never be run, and its event would be lost; the log says what to call."""
    refused(WAYS["respond"], (AWAITING | RETURNING)[shape], caplog)


@pytest.mark.parametrize("shape", RETURNING)
def test_arespond_refuses_what_awaits_and_does_not_say_so(shape: str, caplog: pytest.LogCaptureFixture) -> None:
    """It was taken for one that blocks, and ran in a thread that has no loop; it is not taken for done either."""
    refused(WAYS["arespond"], RETURNING[shape], caplog)


@pytest.mark.parametrize("shape", AWAITING)
def test_arespond_awaits_an_async_handler(shape: str) -> None:
    """In the loop of the caller, whose objects it may use."""
    told = made(f"order.{shape}")

    async def main() -> asyncio.AbstractEventLoop:
        assert DONE == await Inbox(Webhooks.of(ZEPHYR), AWAITING[shape]).arespond("zephyr", told.headers, told.body)
        return asyncio.get_running_loop()

    assert LOOPS.get(f"order.{shape}") is None
    assert asyncio.run(main()) is LOOPS[f"order.{shape}"]


@pytest.mark.parametrize("awaits", [False, True])
def test_a_handler_has_the_context_of_the_call(awaits: bool) -> None:  # noqa: FBT001
    """Such as the request's id or the span that logs and traces are under, in a thread too."""
    seen: list[str] = []

    async def handle(_: Event) -> None:
        seen.append(CONTEXT.get())

    told = made()
    inbox = Inbox(Webhooks.of(ZEPHYR), handle if awaits else lambda _: seen.append(CONTEXT.get()))

    async def main() -> None:
        CONTEXT.set("the request's")
        assert DONE == await inbox.arespond("zephyr", told.headers, told.body)

    asyncio.run(main())
    assert ["the request's"] == seen


CONTEXT: contextvars.ContextVar[str] = contextvars.ContextVar("CONTEXT", default="none")


@pytest.mark.parametrize("failures", [0, 1])
def test_arespond_never_blocks_the_loop(failures: int) -> None:
    """The handler and each step of the store run elsewhere, since either may take long."""
    threads: list[threading.Thread] = []
    store: Store = MemoryStore()
    for step in ("claim", "finish", "release"):
        store = Wrapped(step, lambda: threads.append(threading.current_thread()), store)
    handler = Flaky(failures)

    def handle(told: Event) -> None:
        threads.append(threading.current_thread())
        handler(told)

    told = made()
    answer = asyncio.run(Inbox(Webhooks.of(ZEPHYR), handle, store).arespond("zephyr", told.headers, told.body))
    assert (FAILED if failures else DONE) == answer
    assert 3 == len(threads)
    assert threading.main_thread() not in threads


def test_arespond_does_not_block_the_loop_where_an_awaiting_handler_fails() -> None:
    """The store's step runs elsewhere then too."""
    threads: list[threading.Thread] = []
    store = Wrapped("release", lambda: threads.append(threading.current_thread()))

    async def handle(_: Event) -> None:
        raise ValueError

    told = made()
    assert FAILED == asyncio.run(Inbox(Webhooks.of(ZEPHYR), handle, store).arespond("zephyr", told.headers, told.body))
    assert 1 == len(threads)
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_releases_and_goes_on(ending: type[BaseException]) -> None:
    """It is not swallowed, and the next delivery is handled."""
    inbox, seen, told = WAYS["respond"].inbox(Flaky(0)), list[Event](), made()

    def end(_: Event) -> None:
        raise ending

    with pytest.raises(ending):
        attrs.evolve(inbox, handler=end).respond("zephyr", told.headers, told.body)
    assert DONE == attrs.evolve(inbox, handler=seen.append).respond("zephyr", told.headers, told.body)
    assert 1 == len(seen)
