"""The facade's two clients behind one face, for many calls at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeAlias

import attrs

from ordermux import (
    Account,
    AsyncOrdermux,
    Ordermux,
    OrdermuxError,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.engine.context import AccountRuntime

Do: TypeAlias = Callable[[Any], Any]
"""Makes a call with either client, such as `lambda mux: mux.orders.get("zephyr:1")`: what it returns may be awaited."""


def reading(reference: str, timeout: float | None = None) -> Do:
    """Return what reads an order."""

    def read(mux: Any) -> Any:
        return mux.orders.get(reference, timeout=timeout)

    return read


def inject_fault(emulator: Emulator, operation: str, kind: FaultKind, **how: Any) -> None:
    """Make the next call of an operation go wrong, before it is carried out where nothing else is said."""
    how = {"when": "before", **how}
    emulator.world.faults.inject(operation, Fault(kind=kind, **how))


def most_at_once(arrivals: list[float], seconds: float) -> int:
    """Return the most arrivals in any window of so many seconds, wherever it begins."""
    times = sorted(arrivals)
    return max(sum(start <= time < start + seconds for time in times[first:]) for first, start in enumerate(times))


class Crowd:
    """One client, blocking or awaiting, and those who call it: threads, or tasks of one event loop."""

    def __init__(
        self, *accounts: Account[Any], awaiting: bool, threads: int = 64, redis: Any = None, **options: Any
    ) -> None:
        """Make a client with these options, and as many threads where it blocks; a Redis is closed with it."""
        self.mux: Any = (AsyncOrdermux if awaiting else Ordermux)(*accounts, redis=redis, **options)
        self._redis = redis
        self._runner = asyncio.Runner() if awaiting else None
        self._threads = threads

    def side(self, account: str) -> AccountRuntime:
        """Return the inside of an account."""
        opened: AccountRuntime = self.mux._executor.account(account)[0]
        return opened

    def set_clock(self, clock: Callable[[], float]) -> None:
        """Put another clock into the client."""
        self.mux._executor.policy = attrs.evolve(self.mux._executor.policy, clock=clock)
        for opened, _ in self.mux._executor.accounts.values():
            opened.policy = self.mux._executor.policy

    def call(self, do: Do) -> Any:
        """Make one call; return what it does, or raise."""
        return do(self.mux) if self._runner is None else self._runner.run(self._awaited(do))

    def all(self, *calls: Do) -> list[Any]:
        """Make these calls at once; return what each returned or raised."""
        if self._runner is not None:
            return self._runner.run(self._gathered(calls))
        count = min(self._threads, len(calls))
        ready = threading.Barrier(count)
        with ThreadPoolExecutor(count, initializer=ready.wait) as pool:
            return list(pool.map(self._result, calls))

    def close(self) -> None:
        """Close the client."""
        if self._runner is None:
            self.mux.close()
            if self._redis is not None:
                self._redis.close()
        else:
            self._runner.run(self.mux.close())
            if self._redis is not None:
                self._runner.run(self._redis.aclose())
            self._runner.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()

    async def _awaited(self, do: Do) -> Any:
        return await do(self.mux)

    async def _gathered(self, calls: Iterable[Do]) -> list[Any]:
        return list(await asyncio.gather(*(do(self.mux) for do in calls), return_exceptions=True))

    def _result(self, do: Do) -> Any:
        try:
            return do(self.mux)
        except OrdermuxError as error:
            return error


def in_a_thread(do: Callable[[], Any]) -> Any:
    """Do something in a thread of its own; return its result."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do).result()
