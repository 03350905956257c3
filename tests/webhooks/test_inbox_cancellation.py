"""An inbox whose call is cancelled, as where the server ends or the client went away."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ordermux.webhooks import Delivery, Event, Inbox, WebhookResponse, Webhooks
from support.inboxes import BUSY, DONE, ZEPHYR, Flaky, Wrapped, made


async def cancelled(task: asyncio.Task[WebhookResponse]) -> None:
    """Cancel a task, and see to it that it says so."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def settled(inbox: Inbox, told: Delivery) -> WebhookResponse:
    """Deliver until the answer is another than to come again, which takes no longer than a thread of the test does."""
    for _ in range(500):
        if (answer := await inbox.arespond("zephyr", told.headers, told.body)) != BUSY:
            return answer
        await asyncio.sleep(0.01)
    pytest.fail("the event stays claimed")


def test_an_awaiting_handler_that_is_cancelled_releases() -> None:
    """It did not succeed: the next delivery is handled."""
    told, begun, seen = made(), asyncio.Event(), list[Event]()

    async def handle(event: Event) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.sleep(60)
        seen.append(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle)
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        await begun.wait()
        assert BUSY == await inbox.arespond("zephyr", told.headers, told.body)
        await cancelled(task)
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


def test_a_blocking_handler_whose_call_is_cancelled_is_not_handled_beside() -> None:
    """No thread can be cancelled: it goes on, so the event is busy until it is through, and done then."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def handle(event: Event) -> None:
        begun.set()
        free.wait(10)
        seen.append(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle)
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.2)  # it may end at once, or once the handler is through
        again = inbox.arespond("zephyr", told.headers, told.body)
        assert BUSY == await asyncio.wait_for(again, 5)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


def test_a_blocking_handler_that_fails_after_its_call_was_cancelled_is_run_again() -> None:
    """Its event is released by then."""
    told, begun, free, handler = made(), threading.Event(), threading.Event(), Flaky(1)

    def handle(event: Event) -> None:
        begun.set()
        free.wait(10)
        handler(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle)
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert (2, 1) == (len(handler.seen), len(handler.done))


def test_what_is_cancelled_while_it_is_claimed_is_released() -> None:
    """The claim goes on in its thread, and nobody handles it; it must not block its event for the whole lease."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def wait() -> None:
        begun.set()
        free.wait(10)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), seen.append, Wrapped("claim", wait))
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


@pytest.mark.parametrize("awaits", [False, True])
def test_what_is_cancelled_while_it_is_finished_is_done(awaits: bool) -> None:  # noqa: FBT001
    """The handler succeeded, and is not run again."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def wait() -> None:
        begun.set()
        free.wait(10)

    async def handle(event: Event) -> None:
        seen.append(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle if awaits else seen.append, Wrapped("finish", wait))
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


@pytest.mark.parametrize("step", ["claim", "handler", "finish"])
def test_what_is_under_way_when_the_loop_ends_is_settled(step: str) -> None:
    """A server that ends cancels all tasks at once; the threads go on, and no event stays claimed for its lease."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def wait() -> None:
        begun.set()
        free.wait(10)

    def handle(event: Event) -> None:
        if step == "handler":
            wait()
        seen.append(event)

    inbox = Inbox(Webhooks.of(ZEPHYR), handle, Wrapped(step, wait))

    async def end() -> None:
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        threading.Timer(0.2, free.set).start()
        assert not task.done()

    asyncio.run(end())
    assert (0 if step == "claim" else 1) == len(seen)
    assert DONE == asyncio.run(settled(inbox, told))
    assert 1 == len(seen)
