"""What can be done with orders, blocking and awaiting; each pair of methods shares its flow."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ._core import AwaitingCore, BlockingCore, Core, Plan
from .errors import InvalidArgument, OrdermuxError, PagingError, Unsupported
from .history import followed
from .order import Money, Order, OrderRef, Refund
from .providers import Adapter, Filter, Operation, Page, RefundOrder
from .status import NO_CLAIM, Fulfillment, Lifecycle, Payment, Status

if TYPE_CHECKING:
    from .webhooks import Event

_AXES = {"lifecycle": Lifecycle, "payment": Payment, "fulfillment": Fulfillment}


@attrs.define(eq=False)
class _Walk:
    """Goes over the pages of a list, keeps the orders that are wanted, and notices where pages repeat."""

    core: Core
    account: str
    wanted: Filter
    timeout: float | None
    cursor: str | None
    """Asks for the page in hand, or the one to come."""
    ready: deque[Order] = attrs.field(factory=deque[Order])
    _following: str | None = None
    _seen: set[str | None] = attrs.field(factory=set[str | None])
    _pages: set[int] = attrs.field(factory=set[int])
    _begun: bool = False

    def plan(self) -> Plan[Page] | None:
        """Return the call that gets the next page; None after the last."""
        if self._begun:
            if self._following is None:
                return None
            self.cursor = self._following
        return self.core.plan(
            Operation.LIST, self.account, lambda side, call: side.page(call, self.cursor, self.wanted), self.timeout
        )

    def take(self, page: Page) -> None:
        """Make the page's orders ready.

        Raises PagingError where a page or a cursor comes again; UnknownStatus in strict mode.
        """
        content = hash(tuple(order.ref for order in page.orders))
        if page.orders and content in self._pages:
            raise PagingError(f"{self.account}: a page came again, so that the list would never end")
        if page.cursor is not None and page.cursor in self._seen:
            raise PagingError(f"{self.account}: the cursor {page.cursor!r} came again; the list would never end")
        self.core.check(*page.orders)
        self._seen |= {self.cursor, page.cursor}
        self._pages.add(content)
        self._begun, self._following = True, page.cursor
        self.ready.extend(page.orders if self.wanted.takes_all else filter(self.wanted.matches, page.orders))


@attrs.define(eq=False)
class OrderList(Iterator[Order]):
    """All orders of a list, a page at a time."""

    _core: BlockingCore
    _walk: _Walk

    @property
    def cursor(self) -> str | None:
        """Where to resume: at the page in hand, so that none is missed and some may come again; None at the first."""
        return self._walk.cursor

    def __next__(self) -> Order:
        """Return the next order. After an error it may be called again."""
        while not self._walk.ready:
            try:
                if (plan := self._walk.plan()) is None:
                    raise StopIteration
                self._walk.take(self._core.run(plan))
            except OrdermuxError as error:
                error.cursor = self.cursor
                raise
        return self._walk.ready.popleft()


@attrs.define(eq=False)
class AsyncOrderList(AsyncIterator[Order]):
    """All orders of a list, a page at a time."""

    _core: AwaitingCore
    _walk: _Walk

    @property
    def cursor(self) -> str | None:
        """Where to resume: at the page in hand, so that none is missed and some may come again; None at the first."""
        return self._walk.cursor

    async def __anext__(self) -> Order:
        """Return the next order. After an error it may be called again."""
        while not self._walk.ready:
            try:
                if (plan := self._walk.plan()) is None:
                    raise StopAsyncIteration
                self._walk.take(await self._core.run(plan))
            except OrdermuxError as error:
                error.cursor = self.cursor
                raise
        return self._walk.ready.popleft()


def _wanted(adapter: Adapter, claims: Mapping[str, str | None], *times: datetime.datetime | None) -> Filter:
    """Return a filter.

    Raises Unsupported where the provider can never satisfy it, since an empty list would be no answer.
    """
    given = {axis: value for axis, value in claims.items() if value is not None}
    for axis, value in given.items():
        if value not in set(_AXES[axis]):
            raise InvalidArgument(f"{axis} is one of {', '.join(_AXES[axis])}, not {value!r}")
        if value not in adapter.yields.get(axis, ()):
            raise Unsupported(adapter.provider, Operation.LIST, f"no order of it ever is {axis}={value}")
    for time in times:
        if time is not None and getattr(time, "tzinfo", None) is None:
            raise InvalidArgument(f"a time is a datetime with a zone, such as datetime.UTC, not {time!r}")
    if any(times) and not adapter.tells_time:
        raise Unsupported(adapter.provider, Operation.LIST, "its orders do not say when they were placed")
    return Filter(claims=given, placed_from=times[0], placed_before=times[1])


def _refund(
    amount: Money | None, reason: str | None, metadata: Mapping[str, Any] | None, key: str | None, *, full: bool
) -> RefundOrder:
    if (amount is not None) == full or not isinstance(amount, Money | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument('a refund states its amount, such as Money("14.90", "USD"), or full=True, and not both')
    return RefundOrder(amount=amount, reason=reason, metadata=metadata, repeated=key is not None)


def _walk(
    core: Core,
    account: str,
    claims: Mapping[str, str | None],
    times: tuple[datetime.datetime | None, datetime.datetime | None],
    *,
    cursor: str | None,
    timeout: float | None,
) -> _Walk:
    adapter = core.side(account)[1]
    if Operation.LIST not in adapter.capabilities():
        raise Unsupported(adapter.provider, Operation.LIST)
    if not isinstance(cursor, str | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(f"a cursor is the text that a list gave, not {type(cursor).__name__}")
    return _Walk(core, account, _wanted(adapter, claims, *times), timeout, cursor)


@attrs.frozen
class Orders:
    """What can be done with orders, blocking. Every call raises a ProviderError where it fails."""

    _core: BlockingCore

    def create(self, account: str, draft: Any, *, timeout: float | None = None) -> Order:
        """Create an order from the provider's own typed draft, such as `ordermux_croissant.models.CartRequest`.

        Raises Unsupported, OutcomeUnknown where it is not known whether it was created.
        """
        return self._core.run(
            self._core.plan(Operation.CREATE, account, lambda side, call: side.create(call, draft), timeout)
        )

    def get(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Read one order.

        Raises NotFound; in strict mode UnknownStatus.
        """
        order = self._core.run(
            self._core.plan_for(
                Operation.GET, reference, lambda side, call, order_id: side.get(call, order_id), timeout
            )
        )
        self._core.check(order)
        return order

    def follow(self, event: Event, known: Status = NO_CLAIM, *, timeout: float | None = None) -> Status:
        """Return what is known of an order after an event: what a read of it says, where the event names the order.

        Elsewhere the event's claims, if they are trusted, are added to what was known before; they only move forward,
        so that late and repeated events do no harm.
        """
        order = None if event.order is None else self.get(event.order, timeout=timeout)
        return followed(known, event, order)

    def list(
        self,
        account: str,
        *,
        lifecycle: Lifecycle | str | None = None,
        payment: Payment | str | None = None,
        fulfillment: Fulfillment | str | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> OrderList:
        """Iterate over the orders of an account that are wanted, or all, a page at a time; `timeout` is for each page.

        An order that makes no claim on an axis that is filtered is left out. `cursor` resumes an earlier list: it is on
        the iterator, and on the error of a list that failed.

        Raises Unsupported where there is no list, or no order can ever be as wanted; PagingError.
        """
        claims = {"lifecycle": lifecycle, "payment": payment, "fulfillment": fulfillment}
        walk = _walk(self._core, account, claims, (placed_from, placed_before), cursor=cursor, timeout=timeout)
        return OrderList(self._core, walk)

    def update(self, reference: OrderRef | str, changes: Any, *, timeout: float | None = None) -> Order:
        """Change what the provider's own typed changes say, such as `ordermux_zephyr.models.OrderUpdate`.

        Raises Unsupported, OutcomeUnknown.
        """
        return self._core.run(
            self._core.plan_for(
                Operation.UPDATE, reference, lambda side, call, order_id: side.update(call, order_id, changes), timeout
            )
        )

    def fulfill(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Tell the provider that an order was shipped or delivered.

        Raises Unsupported, OutcomeUnknown.
        """
        return self._core.run(
            self._core.plan_for(
                Operation.FULFILL, reference, lambda side, call, order_id: side.fulfill(call, order_id), timeout
            )
        )

    def cancel(
        self, reference: OrderRef | str, *, idempotency_key: str | None = None, timeout: float | None = None
    ) -> Order:
        """Cancel an order. A key of one's own is taken where the provider honours one.

        Raises Unsupported, Conflict where it is too late, OutcomeUnknown.
        """
        return self._core.run(
            self._core.plan_for(
                Operation.CANCEL,
                reference,
                lambda side, call, order_id: side.cancel(call, order_id),
                timeout,
                idempotency_key,
            )
        )

    def refund(
        self,
        reference: OrderRef | str,
        amount: Money | None = None,
        *,
        full: bool = False,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Refund:
        """Give an amount of an order's money back, or all of it, which is refused where a part was before.

        The same refund with the same key is made once, however often it is called.

        Raises Unsupported, InvalidArgument for another currency than the order's, OutcomeUnknown.
        """
        wanted = _refund(amount, reason, metadata, idempotency_key, full=full)
        return self._core.run(
            self._core.plan_for(
                Operation.REFUND,
                reference,
                lambda side, call, order_id: side.refund(call, order_id, wanted),
                timeout,
                idempotency_key,
            )
        )


@attrs.frozen
class AsyncOrders:
    """What can be done with orders, awaiting. Every call raises a ProviderError where it fails."""

    _core: AwaitingCore

    async def create(self, account: str, draft: Any, *, timeout: float | None = None) -> Order:
        """Create an order from the provider's own typed draft, such as `ordermux_croissant.models.CartRequest`.

        Raises Unsupported, OutcomeUnknown where it is not known whether it was created.
        """
        return await self._core.run(
            self._core.plan(Operation.CREATE, account, lambda side, call: side.create(call, draft), timeout)
        )

    async def get(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Read one order.

        Raises NotFound; in strict mode UnknownStatus.
        """
        order = await self._core.run(
            self._core.plan_for(
                Operation.GET, reference, lambda side, call, order_id: side.get(call, order_id), timeout
            )
        )
        self._core.check(order)
        return order

    async def follow(self, event: Event, known: Status = NO_CLAIM, *, timeout: float | None = None) -> Status:
        """Return what is known of an order after an event: what a read of it says, where the event names the order.

        Elsewhere the event's claims, if they are trusted, are added to what was known before; they only move forward,
        so that late and repeated events do no harm.
        """
        order = None if event.order is None else await self.get(event.order, timeout=timeout)
        return followed(known, event, order)

    def list(
        self,
        account: str,
        *,
        lifecycle: Lifecycle | str | None = None,
        payment: Payment | str | None = None,
        fulfillment: Fulfillment | str | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> AsyncOrderList:
        """Iterate over the orders of an account that are wanted, or all, a page at a time; `timeout` is for each page.

        An order that makes no claim on an axis that is filtered is left out. `cursor` resumes an earlier list: it is on
        the iterator, and on the error of a list that failed.

        Raises Unsupported where there is no list, or no order can ever be as wanted; PagingError.
        """
        claims = {"lifecycle": lifecycle, "payment": payment, "fulfillment": fulfillment}
        walk = _walk(self._core, account, claims, (placed_from, placed_before), cursor=cursor, timeout=timeout)
        return AsyncOrderList(self._core, walk)

    async def update(self, reference: OrderRef | str, changes: Any, *, timeout: float | None = None) -> Order:
        """Change what the provider's own typed changes say, such as `ordermux_zephyr.models.OrderUpdate`.

        Raises Unsupported, OutcomeUnknown.
        """
        return await self._core.run(
            self._core.plan_for(
                Operation.UPDATE, reference, lambda side, call, order_id: side.update(call, order_id, changes), timeout
            )
        )

    async def fulfill(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Tell the provider that an order was shipped or delivered.

        Raises Unsupported, OutcomeUnknown.
        """
        return await self._core.run(
            self._core.plan_for(
                Operation.FULFILL, reference, lambda side, call, order_id: side.fulfill(call, order_id), timeout
            )
        )

    async def cancel(
        self, reference: OrderRef | str, *, idempotency_key: str | None = None, timeout: float | None = None
    ) -> Order:
        """Cancel an order. A key of one's own is taken where the provider honours one.

        Raises Unsupported, Conflict where it is too late, OutcomeUnknown.
        """
        return await self._core.run(
            self._core.plan_for(
                Operation.CANCEL,
                reference,
                lambda side, call, order_id: side.cancel(call, order_id),
                timeout,
                idempotency_key,
            )
        )

    async def refund(
        self,
        reference: OrderRef | str,
        amount: Money | None = None,
        *,
        full: bool = False,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Refund:
        """Give an amount of an order's money back, or all of it, which is refused where a part was before.

        The same refund with the same key is made once, however often it is called.

        Raises Unsupported, InvalidArgument for another currency than the order's, OutcomeUnknown.
        """
        wanted = _refund(amount, reason, metadata, idempotency_key, full=full)
        return await self._core.run(
            self._core.plan_for(
                Operation.REFUND,
                reference,
                lambda side, call, order_id: side.refund(call, order_id, wanted),
                timeout,
                idempotency_key,
            )
        )
