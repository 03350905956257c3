"""The operations on products, sync and async."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from typing import Any

import attrs

from ..errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidArgument,
    OrdermuxError,
    PermissionDenied,
    RateLimited,
    SharedStateError,
    Unsupported,
)
from ..providers.adapter import Operation
from ..serialization import JsonReady
from .executor import AsyncExecutor, BaseExecutor, PreparedCall, SyncExecutor

_STOPPING = (AuthenticationFailed, PermissionDenied, ConnectionFailed, RateLimited, SharedStateError)
"""The errors that every other product would fail with, too."""


@attrs.frozen
class ProductOutcome(JsonReady):
    """The result of one product of a sync."""

    index: int
    """Its index in the iterable, from 0."""
    product_id: str
    error: OrdermuxError | None = None
    """Why it was not stored; None if it was."""


@attrs.frozen
class SyncReport(JsonReady):
    """The result of a sync of many products."""

    stored: int
    """Number of products that the provider confirmed."""
    failed: int
    """Number of products that have an error; whether each was stored, `ProductOutcome.error` says."""
    resume_at: int
    """The index of the first product without an outcome: the `start` of a call that continues."""
    stopped_by: OrdermuxError | None = None
    """The error that every other product would have failed with, so that no more were sent; None if all were."""


@attrs.define(eq=False)
class _Item:
    """A product that a worker sends."""

    index: int
    product_id: str
    product: Any
    earlier: Future[None] | None
    """Done once the earlier product with the same id has its outcome: the later one has to be the one that stays."""
    done: Future[None] = attrs.field(factory=Future[None])


@attrs.define(eq=False)
class _Work:
    """Hands out products one by one and counts their outcomes, in constant memory."""

    items: Iterable[tuple[str, Any]]
    start: int
    on_outcome: Callable[[ProductOutcome], None] | None
    call_hook: Callable[..., None]
    stopped: bool = False
    _stored: int = 0
    _failed: int = 0
    _resume_at: int = attrs.field(init=False)
    _stopped_by: OrdermuxError | None = None
    _left: Iterator[tuple[int, Any]] = attrs.field(init=False)
    _ahead: set[int] = attrs.field(factory=set[int])
    """The indexes after `_resume_at` that have an outcome."""
    _sending: dict[str, Future[None]] = attrs.field(factory=dict[str, "Future[None]"])
    """The last product of each id that was taken and has no outcome yet."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        """Skip the first `start` products."""
        self._resume_at = self.start
        self._left = iter(itertools.islice(enumerate(self.items), self.start, None))

    @property
    def report(self) -> SyncReport:
        """The result so far."""
        return SyncReport(self._stored, self._failed, self._resume_at, self._stopped_by)

    def take(self) -> _Item | None:
        """Return the next product; None if there is none, or the sync was stopped.

        Raises InvalidArgument for an item that is no pair.
        """
        with self._lock:
            numbered = None if self.stopped else next(self._left, None)
            if numbered is None:
                return None
            index, pair = numbered
            try:
                product_id, product = pair
            except (TypeError, ValueError):
                raise InvalidArgument(f"place {index} of the products is no pair of id and product") from None
            item = _Item(index, product_id, product, self._sending.get(str(product_id)))
            self._sending[str(product_id)] = item.done
        return item

    def end(self, item: _Item) -> None:
        """Let the next product with the same id be sent."""
        with self._lock:
            if self._sending.get(str(item.product_id)) is item.done:
                del self._sending[str(item.product_id)]
        item.done.set_result(None)

    @contextlib.contextmanager
    def noting_progress(self) -> Generator[None]:
        """Note the progress on an exception from outside: of the caller's iterable, a signal or a cancellation."""
        try:
            yield
        except BaseException as error:
            self.stopped = True
            report = self.report
            error.add_note(
                f"products.sync: {report.stored} were stored, {report.failed} failed; start={report.resume_at} goes on"
            )
            raise

    def add(self, outcome: ProductOutcome) -> None:
        """Count an outcome and report it to the hook, one at a time."""
        with self._lock:
            if isinstance(outcome.error, _STOPPING):
                self.stopped, self._stopped_by = True, self._stopped_by or outcome.error
                return
            self._ahead.add(outcome.index)
            while self._resume_at in self._ahead:
                self._ahead.remove(self._resume_at)
                self._resume_at += 1
            self._stored += outcome.error is None
            self._failed += outcome.error is not None
            self.call_hook(self.on_outcome, outcome)


def _put(
    executor: BaseExecutor, account: str, product_id: str, product: Any, timeout: float | None
) -> PreparedCall[Any]:
    return executor.prepare(
        Operation.PRODUCTS_PUT,
        account,
        lambda adapter, call: adapter.put_product(call, product_id, product),
        timeout,
        resource_id=str(product_id),
    )


def _get(executor: BaseExecutor, account: str, product_id: str, timeout: float | None) -> PreparedCall[Any]:
    return executor.prepare(
        Operation.PRODUCTS_GET,
        account,
        lambda adapter, call: adapter.get_product(call, product_id),
        timeout,
        resource_id=str(product_id),
    )


def _work(
    executor: BaseExecutor,
    account: str,
    products: Iterable[tuple[str, Any]],
    *,
    concurrency: int,
    start: int,
    on_outcome: Callable[[ProductOutcome], None] | None,
    timeout: float | None,
) -> _Work:
    runtime, adapter = executor.account(account)
    if Operation.PRODUCTS_SYNC not in adapter.capabilities():
        raise Unsupported(adapter.provider, Operation.PRODUCTS_SYNC, title=adapter.title)
    if type(concurrency) is not int or type(start) is not int or concurrency < 1 or start < 0:
        raise InvalidArgument("concurrency is a whole number of at least 1, start of at least 0")
    _get(
        executor, account, "0", timeout
    ).flow.close()  # so that an invalid timeout is reported once, and not for each product
    return _Work(products, start, on_outcome, runtime.call_hook)


@attrs.frozen
class Products:
    """The operations on products, sync. Each raises a ProviderError if its call fails."""

    _executor: SyncExecutor = attrs.field(repr=False)

    def put(self, account: str, product_id: str, product: Any, *, timeout: float | None = None) -> Any:
        """Add or replace a product, under the id that the retailer's own store uses; return the provider's response.

        `product` is as the provider's document has it, such as a mapping of its fields.

        Raises Unsupported, InvalidArgument, OutcomeUnknown.
        """
        return self._executor.execute(_put(self._executor, account, product_id, product, timeout))

    def get(self, account: str, product_id: str, *, timeout: float | None = None) -> Any:
        """Read a product by the id that the retailer's own store uses.

        Raises Unsupported, NotFound.
        """
        return self._executor.execute(_get(self._executor, account, product_id, timeout))

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
        """Add or replace many products, given as pairs of id and product; `concurrency` of them at a time.

        `on_outcome` is called with each product's outcome, one at a time. A product that fails is counted, and the rest
        continues; an error that every product would fail with, such as wrong credentials, stops the sync. `start` skips
        as many products, such as the `resume_at` of an earlier report; a product that is put twice does no harm.
        Products with the same id are sent in their order, so that the last one stays. An exception from outside, of the
        iterable or a cancellation, has a note with the progress. `timeout` is for each product, in seconds.

        Raises Unsupported, InvalidArgument.
        """
        work = _work(
            self._executor,
            account,
            products,
            concurrency=concurrency,
            start=start,
            on_outcome=on_outcome,
            timeout=timeout,
        )

        def send(item: _Item) -> None:
            if item.earlier is not None:
                item.earlier.result()
                if work.stopped:
                    return
            failed = None
            try:
                self.put(account, item.product_id, item.product, timeout=timeout)
            except OrdermuxError as error:
                failed = error
            work.add(ProductOutcome(item.index, item.product_id, failed))

        def worker() -> None:
            while (item := work.take()) is not None:
                try:
                    send(item)
                finally:
                    work.end(item)

        from concurrent.futures import ThreadPoolExecutor

        with work.noting_progress(), ThreadPoolExecutor(concurrency) as pool:
            try:
                for future in [pool.submit(worker) for _ in range(concurrency)]:
                    future.result()
            finally:  # if the caller's iterable fails, or somebody interrupts
                work.stopped = True
        return work.report


@attrs.frozen
class AsyncProducts:
    """The operations on products, async. Each raises a ProviderError if its call fails."""

    _executor: AsyncExecutor = attrs.field(repr=False)

    async def put(self, account: str, product_id: str, product: Any, *, timeout: float | None = None) -> Any:
        """Add or replace a product, under the id that the retailer's own store uses; return the provider's response.

        `product` is as the provider's document has it, such as a mapping of its fields.

        Raises Unsupported, InvalidArgument, OutcomeUnknown.
        """
        return await self._executor.execute(_put(self._executor, account, product_id, product, timeout))

    async def get(self, account: str, product_id: str, *, timeout: float | None = None) -> Any:
        """Read a product by the id that the retailer's own store uses.

        Raises Unsupported, NotFound.
        """
        return await self._executor.execute(_get(self._executor, account, product_id, timeout))

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
        """Add or replace many products, given as pairs of id and product; `concurrency` of them at a time.

        `on_outcome` is called with each product's outcome, one at a time. A product that fails is counted, and the rest
        continues; an error that every product would fail with, such as wrong credentials, stops the sync. `start` skips
        as many products, such as the `resume_at` of an earlier report; a product that is put twice does no harm.
        Products with the same id are sent in their order, so that the last one stays. An exception from outside, of the
        iterable or a cancellation, has a note with the progress. `timeout` is for each product, in seconds.

        Raises Unsupported, InvalidArgument.
        """
        work = _work(
            self._executor,
            account,
            products,
            concurrency=concurrency,
            start=start,
            on_outcome=on_outcome,
            timeout=timeout,
        )

        import asyncio

        async def send(item: _Item) -> None:
            if item.earlier is not None:
                await asyncio.shield(asyncio.wrap_future(item.earlier))
                if work.stopped:
                    return
            failed = None
            try:
                await self.put(account, item.product_id, item.product, timeout=timeout)
            except OrdermuxError as error:
                failed = error
            work.add(ProductOutcome(item.index, item.product_id, failed))

        async def worker() -> None:
            while (item := work.take()) is not None:
                try:
                    await send(item)
                finally:
                    work.end(item)

        with work.noting_progress():
            workers = [asyncio.create_task(worker()) for _ in range(concurrency)]
            try:
                await asyncio.gather(*workers)
            finally:  # if the caller's iterable fails, or somebody cancels
                work.stopped = True
                for each in workers:
                    each.cancel()
                await asyncio.gather(*workers, return_exceptions=True)
        return work.report
