"""A journal, as it grows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator

from .journal import Entry, Journal

MAX_UNREAD = 10_000


@contextlib.contextmanager
def feed(journal: Journal, since: int | None = None) -> Generator[AsyncIterator[Entry]]:
    """Listen to a journal; give what comes, after what has come since the entry of a number, where one is given.

    It ends where its reader is 10,000 entries behind.
    """
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[Entry | None](MAX_UNREAD)

    def take(entry: Entry) -> None:
        if queue.qsize() < MAX_UNREAD - 1:
            queue.put_nowait(entry)
        elif not queue.full():
            queue.put_nowait(None)

    def listen(entry: Entry) -> None:
        loop.call_soon_threadsafe(take, entry)

    async def entries() -> AsyncIterator[Entry]:
        last = 0
        for entry in [] if since is None else journal.since(since):
            last = entry.number
            yield entry
        while (came := await queue.get()) is not None:
            if came.number > last:
                yield came

    journal.listeners.append(listen)
    try:
        yield entries()
    finally:
        journal.listeners.remove(listen)
