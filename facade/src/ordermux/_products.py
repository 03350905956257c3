"""What can be done with products, blocking and awaiting."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from ._core import AwaitingCore, BlockingCore, Core, Plan
from .errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidArgument,
    OrdermuxError,
    PermissionDenied,
    RateLimited,
    SharedStateError,
    Unsupported,
)
from .providers import Operation

_FOR_ALL = (AuthenticationFailed, PermissionDenied, ConnectionFailed, RateLimited, SharedStateError)
"""What would hit every other product too."""


@attrs.frozen
class ProductOutcome:
    """What became of one product of many."""

    index: int
    """Its place in what was given, from 0."""
    product_id: str
    error: OrdermuxError | None = None
    """None where it was stored."""


@attrs.frozen
class SyncReport:
    """What became of many products."""

    stored: int
    failed: int
    resume_at: int
    """The place of the first product that has no outcome: `start=` of a call that goes on."""
    stopped_by: OrdermuxError | None = None
    """What would have hit every other product too, so that no more were sent; None where all were."""


@attrs.define(eq=False)
class _Work:
    """Hands out products one by one, and keeps the count, in a memory that does not grow with them."""

    items: Iterable[tuple[str, Any]]
    start: int
    on_outcome: Callable[[ProductOutcome], None] | None
    guard: Callable[..., None]
    stopped: bool = False
    _stored: int = 0
    _failed: int = 0
    _resume_at: int = attrs.field(init=False)
    _stopped_by: OrdermuxError | None = None
    _left: Iterator[tuple[int, Any]] = attrs.field(init=False)
    _ahead: set[int] = attrs.field(factory=set[int])
    """The places after `_resume_at` that have an outcome."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        """Skip what was done before."""
        self._resume_at = self.start
        self._left = iter(itertools.islice(enumerate(self.items), self.start, None))

    @property
    def report(self) -> SyncReport:
        """What became of them so far."""
        return SyncReport(self._stored, self._failed, self._resume_at, self._stopped_by)

    def take(self) -> tuple[int, str, Any] | None:
        """Return the next place with its id and product; None where there is no more, or it was stopped.

        Raises InvalidArgument for what is no pair.
        """
        with self._lock:
            taken = None if self.stopped else next(self._left, None)
        if taken is None:
            return None
        index, pair = taken
        try:
            product_id, product = pair
        except (TypeError, ValueError):
            raise InvalidArgument(f"place {index} of the products is no pair of id and product") from None
        return index, product_id, product

    def add(self, outcome: ProductOutcome) -> None:
        """Count an outcome and tell of it, one at a time."""
        with self._lock:
            if isinstance(outcome.error, _FOR_ALL):
                self.stopped, self._stopped_by = True, self._stopped_by or outcome.error
                return
            self._ahead.add(outcome.index)
            while self._resume_at in self._ahead:
                self._ahead.remove(self._resume_at)
                self._resume_at += 1
            self._stored += outcome.error is None
            self._failed += outcome.error is not None
            self.guard(self.on_outcome, outcome)


def _put(core: Core, account: str, product_id: str, product: Any, timeout: float | None) -> Plan[Any]:
    return core.plan(
        Operation.PRODUCTS_PUT, account, lambda side, call: side.put_product(call, product_id, product), timeout
    )


def _get(core: Core, account: str, product_id: str, timeout: float | None) -> Plan[Any]:
    return core.plan(Operation.PRODUCTS_GET, account, lambda side, call: side.get_product(call, product_id), timeout)


def _work(
    core: Core,
    account: str,
    products: Iterable[tuple[str, Any]],
    *,
    concurrency: int,
    start: int,
    on_outcome: Callable[[ProductOutcome], None] | None,
    timeout: float | None,
) -> _Work:
    opened, adapter = core.side(account)
    if Operation.PRODUCTS_SYNC not in adapter.capabilities():
        raise Unsupported(adapter.provider, Operation.PRODUCTS_SYNC)
    if type(concurrency) is not int or type(start) is not int or concurrency < 1 or start < 0:
        raise InvalidArgument("concurrency is a whole number of at least 1, start of at least 0")
    _get(core, account, "0", timeout).flow.close()  # so that a timeout which cannot be is told once
    return _Work(products, start, on_outcome, opened.guarded)


@attrs.frozen
class Products:
    """What can be done with products, blocking. Every call raises a ProviderError where it fails."""

    _core: BlockingCore

    def put(self, account: str, product_id: str, product: Any, *, timeout: float | None = None) -> Any:
        """Add or replace a product, under the id that the retailer's own store uses; return the provider's answer.

        Raises Unsupported, OutcomeUnknown.
        """
        return self._core.run(_put(self._core, account, product_id, product, timeout))

    def get(self, account: str, product_id: str, *, timeout: float | None = None) -> Any:
        """Read a product.

        Raises Unsupported, NotFound.
        """
        return self._core.run(_get(self._core, account, product_id, timeout))

    def sync(
        self,
        account: str,
        products: Iterable[tuple[str, Any]],
        *,
        concurrency: int = 8,
        start: int = 0,
        on_outcome: Callable[[ProductOutcome], None] | None = None,
        timeout: float | None = None,
    ) -> SyncReport:
        """Add or replace many products, given as pairs of id and product, so many at once; `timeout` is for each.

        `on_outcome` is called with each product's outcome, one at a time. What fails for one product is counted and the
        rest goes on; what would fail for all stops it. `start` leaves out as many, such as an earlier report's
        `resume_at`: a put does nothing more when it is done twice.

        Raises Unsupported.
        """
        work = _work(
            self._core, account, products, concurrency=concurrency, start=start, on_outcome=on_outcome, timeout=timeout
        )

        def worker() -> None:
            while (taken := work.take()) is not None:
                index, product_id, product = taken
                failed = None
                try:
                    self.put(account, product_id, product, timeout=timeout)
                except OrdermuxError as error:
                    failed = error
                work.add(ProductOutcome(index, product_id, failed))

        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(concurrency) as pool:
            try:
                for future in [pool.submit(worker) for _ in range(concurrency)]:
                    future.result()
            finally:  # where the caller's iterable failed, or somebody interrupts
                work.stopped = True
        return work.report


@attrs.frozen
class AsyncProducts:
    """What can be done with products, awaiting. Every call raises a ProviderError where it fails."""

    _core: AwaitingCore

    async def put(self, account: str, product_id: str, product: Any, *, timeout: float | None = None) -> Any:
        """Add or replace a product, under the id that the retailer's own store uses; return the provider's answer.

        Raises Unsupported, OutcomeUnknown.
        """
        return await self._core.run(_put(self._core, account, product_id, product, timeout))

    async def get(self, account: str, product_id: str, *, timeout: float | None = None) -> Any:
        """Read a product.

        Raises Unsupported, NotFound.
        """
        return await self._core.run(_get(self._core, account, product_id, timeout))

    async def sync(
        self,
        account: str,
        products: Iterable[tuple[str, Any]],
        *,
        concurrency: int = 8,
        start: int = 0,
        on_outcome: Callable[[ProductOutcome], None] | None = None,
        timeout: float | None = None,
    ) -> SyncReport:
        """Add or replace many products, given as pairs of id and product, so many at once; `timeout` is for each.

        `on_outcome` is called with each product's outcome, one at a time. What fails for one product is counted and the
        rest goes on; what would fail for all stops it. `start` leaves out as many, such as an earlier report's
        `resume_at`: a put does nothing more when it is done twice.

        Raises Unsupported.
        """
        work = _work(
            self._core, account, products, concurrency=concurrency, start=start, on_outcome=on_outcome, timeout=timeout
        )

        async def worker() -> None:
            while (taken := work.take()) is not None:
                index, product_id, product = taken
                failed = None
                try:
                    await self.put(account, product_id, product, timeout=timeout)
                except OrdermuxError as error:
                    failed = error
                work.add(ProductOutcome(index, product_id, failed))

        import asyncio

        workers = [asyncio.create_task(worker()) for _ in range(concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:  # where the caller's iterable failed, or somebody cancels
            work.stopped = True
            for each in workers:
                each.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return work.report
