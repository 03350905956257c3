"""What is new or has changed in lists of orders since it was last taken: by digests, which the caller's store keeps."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import attrs

from ..digests import Store
from ..errors import AccountsFailed, AuthenticationFailed, InvalidArgument, OrdermuxError, RateLimited
from ..order import Order
from ..validation import require_count
from .account_lists import AccountLists, AsyncAccountLists
from .executor import AsyncExecutor, BaseExecutor, SyncExecutor
from .order_lists import AsyncOrderList, ListOptions, OrderList, order_pager
from .paging import Pager, digests_of

_PAGES = 10
"""Number of pages after which the orders that were taken are saved, if they are taken one by one."""
_METHODS = ("known", "place", "save")
NOT_OF_A_PAGE = (AuthenticationFailed, RateLimited)
"""The errors of a page that the first page would have, too."""


def require_store(store: Any) -> None:
    """Raise InvalidArgument if there is no store."""
    if isinstance(store, type) or not all(callable(getattr(store, name, None)) for name in _METHODS):
        raise InvalidArgument(f'store is such as digests.SQLiteStore("orders.db"), not {store!r}')


@attrs.define(eq=False)
class _Walk:
    """Which orders of an account's list are new or changed, and which of those were taken and are not saved yet."""

    account: str
    since: str
    """The filter, which a place of the list belongs to."""
    make: Callable[[str | None], Pager]
    """Returns the pages from a cursor on."""
    pager: Pager
    fresh: deque[tuple[str, Order]] = attrs.field(factory=deque[tuple[str, Order]], init=False)
    """The digest and the order of each one that was not taken yet."""
    page: dict[str, list[tuple[str, Order]]] = attrs.field(factory=dict[str, list[tuple[str, Order]]], init=False)
    """The same of the page of which it is not known yet what is new, by their ids. If an id is there more than once,
    the last digest stands for all of its orders."""
    pending: dict[str, str] = attrs.field(factory=dict[str, str], init=False)
    """The digests of the orders that were taken, and may still be lost by the caller, by their ids."""
    confirmed: dict[str, str] = attrs.field(factory=dict[str, str], init=False)
    """The digests of the orders that the caller is done with, and that are not saved yet."""
    place: str | None = attrs.field(default=None, init=False)
    """Where the list goes on, as it was saved."""
    pages: int = attrs.field(default=0, init=False)
    """Number of pages that were read since digests were saved."""
    is_open: bool = attrs.field(default=False, init=False)
    is_resumed: bool = attrs.field(default=False, init=False)
    """Whether nothing was read since the list was resumed, so that its cursor may be refused, or its page fail."""
    has_ended: bool = attrs.field(default=False, init=False)

    def open(self, place: str | None) -> None:
        """Go on where the list was left; at its beginning if that was with another filter, or is no place of it."""
        self.is_open, self.place = True, place
        of, _, cursor = (place or "").partition("\n")
        if cursor and of == self.since:
            try:
                self.pager, self.is_resumed = self.make(cursor), True
            except InvalidArgument:  # it was saved with another paging
                self.is_resumed = False

    def restarts(self, error: OrdermuxError) -> bool:
        """Begin the list again if the page at which it was resumed fails; return whether it does.

        Else what is new on the pages before would never come as long as that page fails.
        """
        resumed, self.is_resumed = self.is_resumed and not isinstance(error, NOT_OF_A_PAGE), False
        if resumed:
            self.pager = self.make(None)
        return resumed

    def keep_page(self) -> None:
        """Keep the orders of the page that was read, with their digests, until the store has said which are known."""
        self.pages, self.is_resumed = self.pages + 1, False
        orders = list(self.pager.ready)
        self.pager.ready.clear()
        for digest, order in zip(digests_of(orders), orders, strict=True):
            alike = self.page.setdefault(order.ref.id, [])
            alike.append((alike[-1][0] + digest if alike else digest, order))

    def sift(self, known: Mapping[str, str]) -> None:
        """Make the orders of the page ready whose digest is not the known one."""
        for name, orders in self.page.items():
            last = self.pending.get(name) or self.confirmed.get(name) or known.get(name)
            if last != orders[-1][0]:
                self.fresh.extend(orders)
        self.page = {}

    def take(self) -> Order:
        """Return the next order."""
        digest, order = self.fresh.popleft()
        self.pending[order.ref.id] = digest
        return order

    def confirm(self) -> None:
        """Let the orders that were taken be saved."""
        self.confirmed |= self.pending
        self.pending.clear()

    @property
    def is_due(self) -> bool:
        """Whether there is enough to save, and nothing that the caller may still lose."""
        return not self.pending and (self.has_ended or self.pages >= _PAGES)

    def to_save(self) -> tuple[str, dict[str, str], str | None] | None:
        """Return the account, the digests and the place to save; None if there is nothing."""
        is_at_end = self.has_ended and self.place is None
        if not self.confirmed and (is_at_end or not (self.pages or self.has_ended)):
            return None
        digests, self.confirmed = self.confirmed, {}
        if not self.pending:
            cursor = None if self.has_ended else self.pager.cursor
            self.place, self.pages = None if cursor is None else f"{self.since}\n{cursor}", 0
        return self.account, digests, self.place


def _walk(executor: BaseExecutor, account: str, options: ListOptions) -> _Walk:
    """Return an account's list, from its beginning.

    Raises UnknownAccount, InvalidArgument, Unsupported.
    """

    def make(cursor: str | None) -> Pager:
        return order_pager(executor, account, options, cursor=cursor)

    time = options.times["placed_from"]
    return _Walk(account, "" if time is None else time.isoformat(), make, make(None))


@attrs.define(eq=False, repr=False)
class _ChangedOrders(OrderList):
    """The orders of an account that are new or changed."""

    _walk: _Walk
    _store: Store

    def __next__(self) -> Order:
        """Return the next order."""
        walk = self._walk
        try:
            if not walk.is_open:
                walk.open(self._store.place(walk.account))
            while not walk.fresh:
                if walk.page:  # also that of a store which failed at it
                    walk.sift(self._store.known(walk.account, walk.page.keys()))
                    continue
                if walk.is_due:
                    self.save()
                if walk.has_ended:
                    raise StopIteration
                self._read_page()
        except OrdermuxError as error:
            error.cursor = self.cursor
            raise
        return walk.take()

    def _read_page(self) -> None:
        """Read the next page, if there is one."""
        walk = self._walk
        try:
            self._pager = walk.pager
            if (prepared := walk.pager.next_page()) is None:
                walk.has_ended = True
                return
            walk.pager.take(self._executor.execute(prepared))
        except OrdermuxError as error:
            if not walk.restarts(error):
                raise
            return
        walk.keep_page()

    def confirm(self) -> None:
        """Let the orders that were taken be saved."""
        self._walk.confirm()

    def save(self) -> None:
        """Save the digests of the orders that the caller is done with."""
        if (wanted := self._walk.to_save()) is not None:
            self._store.save(*wanted)


@attrs.define(eq=False, repr=False)
class OrderSync(AccountLists):
    """The orders of some accounts that are new or have changed since they were last taken, one account after the other.

    An order counts as taken when the next one is asked for; what is taken is saved every ten pages, and at the end. If
    the process dies before, those orders come again. `batches` is for orders that are handled together.
    """

    _changed: Mapping[str, _ChangedOrders]
    _batch: list[Order] = attrs.field(factory=list[Order], init=False)
    """The orders of a batch that was not given yet, or that the caller is not done with."""
    _failed: AccountsFailed | None = attrs.field(default=None, init=False)
    """What is raised after the last batch."""

    def __next__(self) -> Order:
        """Return the next order; the last one is done with.

        Raises AccountsFailed after the last one.
        """
        if self._batch:
            return self._batch.pop(0)
        self._confirm()
        try:
            return super().__next__()
        except (StopIteration, AccountsFailed):
            self._save()
            raise

    def batches(self, size: int = 5_000) -> Iterator[list[Order]]:
        """Yield so many orders at a time; those of a batch are saved as taken when the next one is asked for.

        After an error, also one of yours, `batches` may be called again: it begins with the batch that was not taken.

        Raises InvalidArgument, AccountsFailed after the last one.
        """
        require_count("size", size)
        return self._batches(size)

    def _batches(self, size: int) -> Iterator[list[Order]]:
        while True:
            self._fill(size)
            if not self._batch:
                break
            yield self._batch[:size]
            del self._batch[:size]
            if not self._batch:
                self._confirm()
                self._save()
        self._confirm()
        self._save()
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed

    def _fill(self, size: int) -> None:
        """Read orders until there are enough for a batch, or no more."""
        while len(self._batch) < size and self._failed is None:
            try:
                self._batch.append(super().__next__())
            except StopIteration:
                return
            except AccountsFailed as error:
                self._failed = error

    def close(self) -> None:
        """End here; what was taken before the last order is saved."""
        self._save()
        super().close()

    def _confirm(self) -> None:
        for each in self._changed.values():
            each.confirm()

    def _save(self) -> None:
        for each in self._changed.values():
            each.save()


@attrs.define(eq=False, repr=False)
class _AsyncChangedOrders(AsyncOrderList):
    """The orders of an account that are new or changed; the store is asked in threads."""

    _walk: _Walk
    _store: Store

    async def __anext__(self) -> Order:
        """Return the next order."""
        walk = self._walk
        try:
            if not walk.is_open:
                walk.open(await asyncio.to_thread(self._store.place, walk.account))
            while not walk.fresh:
                if walk.page:  # also that of a store which failed at it
                    walk.sift(await asyncio.to_thread(self._store.known, walk.account, walk.page.keys()))
                    continue
                if walk.is_due:
                    await self.save()
                if walk.has_ended:
                    raise StopAsyncIteration
                await self._read_page()
        except OrdermuxError as error:
            error.cursor = self.cursor
            raise
        return walk.take()

    async def _read_page(self) -> None:
        """Read the next page, if there is one."""
        walk = self._walk
        try:
            self._pager = walk.pager
            if (prepared := walk.pager.next_page()) is None:
                walk.has_ended = True
                return
            walk.pager.take(await self._executor.execute(prepared))
        except OrdermuxError as error:
            if not walk.restarts(error):
                raise
            return
        walk.keep_page()

    def confirm(self) -> None:
        """Let the orders that were taken be saved."""
        self._walk.confirm()

    async def save(self) -> None:
        """Save the digests of the orders that the caller is done with."""
        if (wanted := self._walk.to_save()) is not None:
            await asyncio.to_thread(self._store.save, *wanted)


@attrs.define(eq=False, repr=False)
class AsyncOrderSync(AsyncAccountLists):
    """The orders of some accounts that are new or have changed since they were last taken, one account after the other.

    An order counts as taken when the next one is asked for; what is taken is saved every ten pages, and at the end. If
    the process dies before, those orders come again. `batches` is for orders that are handled together.
    """

    _changed: Mapping[str, _AsyncChangedOrders]
    _batch: list[Order] = attrs.field(factory=list[Order], init=False)
    """The orders of a batch that was not given yet, or that the caller is not done with."""
    _failed: AccountsFailed | None = attrs.field(default=None, init=False)
    """What is raised after the last batch."""

    async def __anext__(self) -> Order:
        """Return the next order; the last one is done with.

        Raises AccountsFailed after the last one.
        """
        if self._batch:
            return self._batch.pop(0)
        self._confirm()
        try:
            return await super().__anext__()
        except (StopAsyncIteration, AccountsFailed):
            await self._save()
            raise

    def batches(self, size: int = 5_000) -> AsyncIterator[list[Order]]:
        """Yield so many orders at a time; those of a batch are saved as taken when the next one is asked for.

        After an error, also one of yours, `batches` may be called again: it begins with the batch that was not taken.

        Raises InvalidArgument, AccountsFailed after the last one.
        """
        require_count("size", size)
        return self._batches(size)

    async def _batches(self, size: int) -> AsyncIterator[list[Order]]:
        while True:
            await self._fill(size)
            if not self._batch:
                break
            yield self._batch[:size]
            del self._batch[:size]
            if not self._batch:
                self._confirm()
                await self._save()
        self._confirm()
        await self._save()
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed

    async def _fill(self, size: int) -> None:
        """Read orders until there are enough for a batch, or no more."""
        while len(self._batch) < size and self._failed is None:
            try:
                self._batch.append(await super().__anext__())
            except StopAsyncIteration:
                return
            except AccountsFailed as error:
                self._failed = error

    async def aclose(self) -> None:
        """End here; what was taken before the last order is saved."""
        await self._save()
        await super().aclose()

    def _confirm(self) -> None:
        for each in self._changed.values():
            each.confirm()

    async def _save(self) -> None:
        for each in self._changed.values():
            await each.save()


def changed_orders(executor: SyncExecutor, account: str, options: ListOptions, store: Store) -> _ChangedOrders:
    """Return the orders of an account that are new or changed.

    Raises UnknownAccount, InvalidArgument, Unsupported.
    """
    walk = _walk(executor, account, options)
    return _ChangedOrders(walk.pager, executor, walk, store)


def async_changed_orders(
    executor: AsyncExecutor, account: str, options: ListOptions, store: Store
) -> _AsyncChangedOrders:
    """Return the orders of an account that are new or changed.

    Raises UnknownAccount, InvalidArgument, Unsupported.
    """
    walk = _walk(executor, account, options)
    return _AsyncChangedOrders(walk.pager, executor, walk, store)
