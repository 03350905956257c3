"""The lists of orders, sync and async, and their filters."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Iterator, Mapping

import attrs

from ..errors import InvalidArgument, OrdermuxError, Unsupported
from ..order import Order, UnreadableRow
from ..providers.adapter import Adapter, Filter, Operation
from ..status import Fulfillment, Lifecycle, Payment
from ..validation import require_positive
from .executor import AsyncExecutor, BaseExecutor, SyncExecutor
from .paging import Pager, pager

_AXES = {"lifecycle": Lifecycle, "payment": Payment, "fulfillment": Fulfillment}


@attrs.define(eq=False, repr=False)
class _List:
    """What a list knows besides its orders."""

    _pager: Pager

    def __repr__(self) -> str:
        """Return the account, the filters and the cursor; nothing is read for it."""
        shown = [repr(self._pager.account), *self._pager.filter.shown()]
        shown += [] if self.cursor is None else [f"cursor={self.cursor!r:.60}"]
        return f"<{type(self).__name__} {', '.join(shown)}>"

    @property
    def cursor(self) -> str | None:
        """Resumes the list at its current page, so that none is missed and some may come again; None on the first."""
        return self._pager.cursor

    @property
    def unreadable(self) -> tuple[UnreadableRow, ...]:
        """The first 100 rows so far whose id cannot be read, so that they are no orders; they are logged, too."""
        return tuple(self._pager.unreadable)

    @property
    def unreadable_count(self) -> int:
        """Number of such rows so far, those that are not kept included."""
        return self._pager.unreadable_count


@attrs.define(eq=False, repr=False)
class OrderList(_List, Iterator[Order]):
    """The orders of a list, which are read a page at a time.

    A row that comes again because the list moves is dropped; an order that changed meanwhile comes again. An order that
    deviates from its document in a required place comes with `Attention.UNREADABLE`.
    """

    _executor: SyncExecutor

    def __next__(self) -> Order:
        """Return the next order. It may be called again after an error.

        Raises a ProviderError, PagingError; in strict mode UnknownStatus. Each has the list's `cursor`.
        """
        ready = self._pager.ready
        while not ready:
            try:
                if (prepared := self._pager.next_page()) is None:
                    raise StopIteration
                self._pager.take(self._executor.execute(prepared))
            except OrdermuxError as error:
                error.cursor = self.cursor
                raise
        return ready.popleft()

    def close(self) -> None:
        """End the list here; `cursor` stays, to resume later."""
        self._pager.close()


@attrs.define(eq=False, repr=False)
class AsyncOrderList(_List, AsyncIterator[Order]):
    """The orders of a list, which are read a page at a time.

    A row that comes again because the list moves is dropped; an order that changed meanwhile comes again. An order that
    deviates from its document in a required place comes with `Attention.UNREADABLE`.
    """

    _executor: AsyncExecutor

    async def __anext__(self) -> Order:
        """Return the next order. It may be called again after an error.

        Raises a ProviderError, PagingError; in strict mode UnknownStatus. Each has the list's `cursor`.
        """
        ready = self._pager.ready
        while not ready:
            try:
                if (prepared := self._pager.next_page()) is None:
                    raise StopAsyncIteration
                self._pager.take(await self._executor.execute(prepared))
            except OrdermuxError as error:
                error.cursor = self.cursor
                raise
        return ready.popleft()

    async def aclose(self) -> None:
        """End the list here; `cursor` stays, to resume later."""
        self._pager.close()


@attrs.frozen
class ListOptions:
    """Which orders are wanted of each account, and how they are read."""

    axes: Mapping[str, str | None]
    """The values that are filtered by, by axis."""
    times: Mapping[str, datetime.datetime | None]
    """`placed_from` and `placed_before`."""
    page_size: int | None = None
    timeout: float | None = None


def _filter(adapter: Adapter, options: ListOptions) -> Filter:
    """Return the filter of a list.

    Raises InvalidArgument, Unsupported if no order of the provider can ever match: an empty list would mislead.
    """
    given = {axis: value for axis, value in options.axes.items() if value is not None}
    for axis, value in given.items():
        if value not in set(_AXES[axis]):
            raise InvalidArgument(f"{axis} is one of {', '.join(_AXES[axis])}, not {value!r}")
        if value not in adapter.possible_values.get(axis, ()):
            why = f"none of its orders ever has {axis}={value}"
            raise Unsupported(adapter.provider, Operation.LIST, why, title=adapter.title)
    for time in options.times.values():
        if time is not None and getattr(time, "tzinfo", None) is None:
            raise InvalidArgument(f"a time is a timezone-aware datetime, not {time!r}")
    times = options.times
    wanted = Filter(
        claims=given,
        page_size=_checked_size(adapter, options.page_size),
        placed_from=times["placed_from"],
        placed_before=times["placed_before"],
    )
    served = adapter.served_filters(wanted)
    for name, time in times.items():
        if time is not None and not adapter.has_placed_at and name not in served:
            why = adapter.missing_for(name)
            raise Unsupported(adapter.provider, Operation.LIST, why, title=adapter.title, argument=name)
    return attrs.evolve(wanted, served=served)


def _checked_size(adapter: Adapter, page_size: int | None) -> int | None:
    """Return the size of a page.

    Raises InvalidArgument for one that no page of the provider has, Unsupported if the provider takes none.
    """
    if page_size is None:
        return None
    require_positive("page_size", page_size)
    if adapter.max_page_size is not None and page_size > adapter.max_page_size:
        raise InvalidArgument(f"{adapter.title}: page_size is at most {adapter.max_page_size}, not {page_size}")
    if adapter.page_size is None and not adapter.takes_page_size:
        raise Unsupported(adapter.provider, Operation.LIST, title=adapter.title, argument="page_size")
    return page_size


def order_pager(executor: BaseExecutor, account: str, options: ListOptions, *, cursor: str | None) -> Pager:
    """Return the pager of a list of orders.

    Raises UnknownAccount, InvalidArgument, Unsupported.
    """
    adapter = executor.account(account)[1]
    if Operation.LIST not in adapter.capabilities():
        raise Unsupported(adapter.provider, Operation.LIST, title=adapter.title)
    if not isinstance(cursor, str | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(f"a cursor is the string of an earlier list, not {type(cursor).__name__}")
    wanted = _filter(adapter, options)
    return pager(executor, account, adapter, wanted, cursor=cursor, timeout=options.timeout)
