"""The operations on orders, sync and async; each pair of methods shares its call."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, overload

import attrs

from ..engine.context import CallContext
from ..engine.flow import Flow
from ..errors import InvalidArgument
from ..order import Money, Order, OrderRef, Refund
from ..providers.account import Account, CreatesFrom
from ..providers.adapter import Adapter, Operation, RefundRequest
from ..status import (
    NOT_REPORTED,
    Fulfillment,
    FulfillmentValue,
    Lifecycle,
    LifecycleValue,
    Payment,
    PaymentValue,
    Status,
)
from .executor import AsyncExecutor, BaseExecutor, Key, PreparedCall, SyncExecutor

if TYPE_CHECKING:
    from ..digests import Store
    from ..event import Event
    from ..order_state import OrderState
    from ..providers.account import RefOf
    from .account_lists import AccountLists, AsyncAccountLists, OnError
    from .known import Changes, Draft
    from .order_lists import AsyncOrderList, OrderList
    from .order_sync import AsyncOrderSync, OrderSync

Names: TypeAlias = "list[str] | tuple[str, ...]"
"""Names of accounts."""


D = TypeVar("D")
U = TypeVar("U")


def _refund_request(amount: Any, reason: Any, metadata: Any, *, full: bool, remaining: bool) -> RefundRequest:
    if [amount is not None, bool(full), bool(remaining)].count(True) != 1 or not isinstance(amount, Money | None):
        raise InvalidArgument(
            'a refund takes either an amount, such as Money("14.90", "USD"), or full=True, or remaining=True'
        )
    if not isinstance(reason, str | None):
        raise InvalidArgument(f"the reason of a refund is text, not {type(reason).__name__}")
    if not isinstance(metadata, Mapping | None):
        raise InvalidArgument(f"metadata is a mapping, not {type(metadata).__name__}")
    return RefundRequest(amount=amount, reason=reason, metadata=metadata)  # pyright: ignore[reportUnknownArgumentType]


def _create(
    executor: BaseExecutor, account: CreatesFrom[Any] | str, draft: object, timeout: float | None
) -> PreparedCall[Order]:
    name = account.name if isinstance(account, Account) else account
    return executor.prepare(
        Operation.CREATE, cast("str", name), lambda adapter, call: adapter.create(call, draft), timeout
    )


def _get(executor: BaseExecutor, reference: OrderRef | str, timeout: float | None) -> PreparedCall[Order]:
    return executor.prepare_for(
        Operation.GET, reference, lambda adapter, call, order_id: adapter.get(call, order_id), timeout
    )


def _find(
    executor: BaseExecutor, account: str, reference: str, timeout: float | None
) -> PreparedCall[tuple[Order, ...]]:
    given: Any = reference
    if not isinstance(given, str) or not given:
        raise InvalidArgument("a merchant reference is the shop's own number of an order, as text")
    return executor.prepare(Operation.FIND, account, lambda adapter, call: adapter.find(call, reference), timeout)


def _update(
    executor: BaseExecutor, reference: OrderRef | str, changes: object, timeout: float | None
) -> PreparedCall[Order]:
    return executor.prepare_for(
        Operation.UPDATE, reference, lambda adapter, call, order_id: adapter.update(call, order_id, changes), timeout
    )


def _fulfill(executor: BaseExecutor, reference: OrderRef | str, timeout: float | None) -> PreparedCall[Order]:
    return executor.prepare_for(
        Operation.FULFILL, reference, lambda adapter, call, order_id: adapter.fulfill(call, order_id), timeout
    )


def _cancel(executor: BaseExecutor, reference: OrderRef | str, timeout: float | None, key: Key) -> PreparedCall[Order]:
    return executor.prepare_for(
        Operation.CANCEL, reference, lambda adapter, call, order_id: adapter.cancel(call, order_id), timeout, key
    )


def _refund(
    executor: BaseExecutor,
    reference: OrderRef | str,
    request: RefundRequest,
    timeout: float | None,
    key: Key,
    *,
    remaining: bool,
) -> PreparedCall[Refund]:
    def make(adapter: Adapter, call: CallContext, order_id: str) -> Flow[Refund]:
        if not remaining:
            return adapter.refund(call, order_id, request)
        from .remaining import refund_remaining

        return refund_remaining(adapter, call, order_id, request)

    return executor.prepare_for(Operation.REFUND, reference, make, timeout, key)


@attrs.frozen
class Orders:
    """The operations on orders, sync. Each raises a ProviderError if its call fails."""

    _executor: SyncExecutor = attrs.field(repr=False)

    @overload
    def create(self, account: CreatesFrom[D], draft: D, *, timeout: float | None = None) -> Order: ...
    @overload
    def create(self, account: str, draft: Draft, *, timeout: float | None = None) -> Order: ...
    def create(self, account: CreatesFrom[Any] | str, draft: object, *, timeout: float | None = None) -> Order:
        """Create an order from the provider's own typed draft, such as `ordermux_croissant.models.CartRequest`.

        The account is given by its name or by itself; by itself, a type checker knows the type of its drafts.

        `timeout` is the maximum number of seconds of the whole call; without it, the client's own.

        Raises Unsupported, InvalidArgument if the draft is not the provider's, OutcomeUnknown if it is not known
        whether the order was created.
        """
        return self._executor.execute(_create(self._executor, account, draft, timeout))

    def get(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Read one order; `reference` is an OrderRef or a string such as `zephyr:order_01HXY8`.

        Raises InvalidReference, UnknownAccount, NotFound; in strict mode UnknownStatus for an unmapped raw status,
        UnexpectedResponse for an order that deviates in a required place.
        """
        order = self._executor.execute(_get(self._executor, reference, timeout))
        self._executor.check(order.ref.account, Operation.GET, order)
        return order

    def find(self, account: str, merchant_reference: str, *, timeout: float | None = None) -> tuple[Order, ...]:
        """Return the orders that have the shop's own number, as `order.merchant_reference` has it; empty if none has.

        Whether numbers are unique is up to the shop. Cryptum has no filter for them, so that its whole list is read.

        Raises UnknownAccount, InvalidArgument, Unsupported, UnexpectedResponse if an order that may have it cannot be
        read; in strict mode as `get`.
        """
        found = self._executor.execute(_find(self._executor, account, merchant_reference, timeout))
        self._executor.check(account, Operation.FIND, *found)
        return found

    @overload
    def follow(self, event: Event, known: Status = ..., *, timeout: float | None = ...) -> Status: ...
    @overload
    def follow(self, event: Event, known: OrderState, *, timeout: float | None = ...) -> OrderState: ...
    def follow(
        self, event: Event, known: Status | OrderState = NOT_REPORTED, *, timeout: float | None = None
    ) -> Status | OrderState:
        """Return the status of an order after an event: that of a new read of it, if the event names the order.

        Otherwise the event's status, if it is trusted, is merged over the one that was `known` before; it only moves
        forward, so that late and repeated events do no harm. If an `OrderState` was known, the next one is returned,
        with the ledger, in which each refund, dispute and other entry counts once.

        Raises as `get`.
        """
        from ..order_state import OrderState
        from ..status_merge import apply_event

        order = None if event.order is None else self.get(event.order, timeout=timeout)
        return known.after(event, order) if isinstance(known, OrderState) else apply_event(known, event, order)

    @overload
    def list(
        self,
        account: str,
        *,
        lifecycle: Lifecycle | LifecycleValue | None = None,
        payment: Payment | PaymentValue | None = None,
        fulfillment: Fulfillment | FulfillmentValue | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> OrderList: ...
    @overload
    def list(
        self,
        account: Names | None = None,
        *,
        lifecycle: Lifecycle | LifecycleValue | None = None,
        payment: Payment | PaymentValue | None = None,
        fulfillment: Fulfillment | FulfillmentValue | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        page_size: int | None = None,
        timeout: float | None = None,
        interleaved: bool = False,
        on_error: OnError | None = None,
    ) -> AccountLists: ...
    def list(
        self,
        account: str | Names | None = None,
        *,
        lifecycle: Lifecycle | LifecycleValue | None = None,
        payment: Payment | PaymentValue | None = None,
        fulfillment: Fulfillment | FulfillmentValue | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
        interleaved: bool = False,
        on_error: OnError | None = None,
    ) -> OrderList | AccountLists:
        """Iterate over the orders of an account that match all filters, a page at a time; `timeout` is for each page.

        An order whose status is not reported on a filtered axis is left out, and so is one without a time if
        `placed_from` (inclusive) or `placed_before` (exclusive), timezone-aware datetimes, are given. Most filters read
        every page: `mux.filters(account)` tells which do not. `page_size` asks for so many orders a page. `cursor`
        resumes an earlier list: it is an attribute of the iterator, and of the error of a list that failed.

        Without an account, or with a list of names, the orders of all of them come, one account after the other, or
        `interleaved`, an order of each in turn. An account that fails does not stop the others: AccountsFailed is
        raised after the last order, or `on_error` is called with the account's name and its error, and nothing raised.

        Raises UnknownAccount, InvalidArgument, Unsupported if the provider has no list or no order can ever match;
        while iterating PagingError, AccountsFailed, and in strict mode as `get`.
        """
        from .order_lists import ListOptions, OrderList, order_pager

        options = ListOptions(
            {"lifecycle": lifecycle, "payment": payment, "fulfillment": fulfillment},
            {"placed_from": placed_from, "placed_before": placed_before},
            page_size=page_size,
            timeout=timeout,
        )

        def made(name: str) -> OrderList:
            return OrderList(order_pager(self._executor, name, options, cursor=cursor), self._executor)

        if isinstance(account, str):
            if interleaved or on_error is not None:
                raise InvalidArgument("interleaved and on_error are for the list of several accounts")
            return made(account)
        if cursor is not None:
            raise InvalidArgument("a cursor is of the list of one account")
        from .account_lists import AccountLists, lists_of

        lists, errors = lists_of(self._executor, account, made, on_error)
        return AccountLists(lists, interleaved, on_error, errors)

    def sync(
        self,
        account: str | Names | None = None,
        *,
        store: Store,
        since: datetime.datetime | None = None,
        page_size: int | None = None,
        timeout: float | None = None,
        on_error: OnError | None = None,
    ) -> OrderSync:
        """Iterate over the orders that are new or have changed since `store` last saw them, of an account or several.

        `store` keeps a digest of each order that was taken, such as `digests.SQLiteStore("orders.db")`. No provider
        tells what changed since a time, so that each call reads every page, and returns what differs; with `since`, a
        timezone-aware datetime, only of the orders that were placed since then, which costs what `placed_from` costs.
        An order that no longer exists is not told. If the process ends before the list does, the next call with the
        same `since` goes on at the page where it was; what changed on the pages before comes with the call after it.

        Each order comes at least once: an order is saved as taken after the next one was asked for. For orders that are
        handled together, use `batches` of what is returned. `page_size`, `timeout` and an account that fails are as
        for `list`.

        Raises UnknownAccount, InvalidArgument, Unsupported; while iterating PagingError, AccountsFailed, in strict mode
        as `get`, and whatever the store raises.
        """
        from .account_lists import lists_of
        from .order_lists import ListOptions
        from .order_sync import OrderSync, changed_orders, require_store

        require_store(store)
        options = ListOptions({}, {"placed_from": since, "placed_before": None}, page_size=page_size, timeout=timeout)
        names = [account] if isinstance(account, str) else account
        lists, errors = lists_of(
            self._executor, names, lambda name: changed_orders(self._executor, name, options, store), on_error
        )
        return OrderSync(lists, False, on_error, errors, lists)

    @overload
    def update(self, reference: RefOf[U], changes: U, *, timeout: float | None = None) -> Order: ...
    @overload
    def update(self, reference: OrderRef | str, changes: Changes, *, timeout: float | None = None) -> Order: ...
    def update(self, reference: OrderRef | str, changes: object, *, timeout: float | None = None) -> Order:
        """Apply the provider's own typed changes to an order, such as `ordermux_zephyr.models.OrderUpdate`.

        By `account.ref("order_1")`, a type checker knows the type of the changes.

        Raises Unsupported, InvalidArgument if the changes are not the provider's, LivemodeMismatch, OutcomeUnknown.
        """
        return self._executor.execute(_update(self._executor, reference, changes, timeout))

    def fulfill(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Report to the provider that an order was shipped or delivered.

        Raises Unsupported, OutcomeUnknown.
        """
        return self._executor.execute(_fulfill(self._executor, reference, timeout))

    def cancel(
        self,
        reference: OrderRef | str,
        *,
        idempotency_key: str | None = None,
        key_created_at: datetime.datetime | None = None,
        timeout: float | None = None,
    ) -> Order:
        """Cancel an order. The key and its time are as for `refund`, if the provider honours keys.

        Raises Unsupported, Conflict if it is too late, IdempotencyKeyExpired, LivemodeMismatch, OutcomeUnknown.
        """
        key = idempotency_key, key_created_at
        return self._executor.execute(_cancel(self._executor, reference, timeout, key))

    def refund(
        self,
        reference: OrderRef | str,
        amount: Money | None = None,
        *,
        full: bool = False,
        remaining: bool = False,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        key_created_at: datetime.datetime | None = None,
        timeout: float | None = None,
    ) -> Refund:
        """Refund an amount of an order's money, or with `full=True` all of it unless a part was refunded before.

        With `remaining=True`, what is left is refunded, by a read right before: the amount is that of the result or of
        the error. Calls that read the same remainder have one key, so that it is refunded once, however many make them
        at once. A key of the caller's own is sent with what is left then; to repeat such a call, pass its amount.

        The same refund with the same key is made once, however often it is called, for as long as the provider
        remembers the key. A new key, which is made if none is given, contains its time; for one of the caller's own,
        `key_created_at` is when it was first sent, a timezone-aware datetime. A key that is too old is refused before
        anything is sent; for a key whose age is not known, no error says that a repeat is safe.

        Raises Unsupported, InvalidArgument for another currency than the order's, NotRefundable if it is not known
        what is left, or nothing is, IdempotencyKeyExpired, LivemodeMismatch, OutcomeUnknown.
        """
        request = _refund_request(amount, reason, metadata, full=full, remaining=remaining)
        key = idempotency_key, key_created_at
        prepared = _refund(self._executor, reference, request, timeout, key, remaining=remaining)
        return self._executor.execute(prepared)


@attrs.frozen
class AsyncOrders:
    """The operations on orders, async. Each raises a ProviderError if its call fails."""

    _executor: AsyncExecutor = attrs.field(repr=False)

    @overload
    async def create(self, account: CreatesFrom[D], draft: D, *, timeout: float | None = None) -> Order: ...
    @overload
    async def create(self, account: str, draft: Draft, *, timeout: float | None = None) -> Order: ...
    async def create(self, account: CreatesFrom[Any] | str, draft: object, *, timeout: float | None = None) -> Order:
        """Create an order from the provider's own typed draft, such as `ordermux_croissant.models.CartRequest`.

        The account is given by its name or by itself; by itself, a type checker knows the type of its drafts.

        `timeout` is the maximum number of seconds of the whole call; without it, the client's own.

        Raises Unsupported, InvalidArgument if the draft is not the provider's, OutcomeUnknown if it is not known
        whether the order was created.
        """
        return await self._executor.execute(_create(self._executor, account, draft, timeout))

    async def get(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Read one order; `reference` is an OrderRef or a string such as `zephyr:order_01HXY8`.

        Raises InvalidReference, UnknownAccount, NotFound; in strict mode UnknownStatus for an unmapped raw status,
        UnexpectedResponse for an order that deviates in a required place.
        """
        order = await self._executor.execute(_get(self._executor, reference, timeout))
        self._executor.check(order.ref.account, Operation.GET, order)
        return order

    async def find(self, account: str, merchant_reference: str, *, timeout: float | None = None) -> tuple[Order, ...]:
        """Return the orders that have the shop's own number, as `order.merchant_reference` has it; empty if none has.

        Whether numbers are unique is up to the shop. Cryptum has no filter for them, so that its whole list is read.

        Raises UnknownAccount, InvalidArgument, Unsupported, UnexpectedResponse if an order that may have it cannot be
        read; in strict mode as `get`.
        """
        found = await self._executor.execute(_find(self._executor, account, merchant_reference, timeout))
        self._executor.check(account, Operation.FIND, *found)
        return found

    @overload
    async def follow(self, event: Event, known: Status = ..., *, timeout: float | None = ...) -> Status: ...
    @overload
    async def follow(self, event: Event, known: OrderState, *, timeout: float | None = ...) -> OrderState: ...
    async def follow(
        self, event: Event, known: Status | OrderState = NOT_REPORTED, *, timeout: float | None = None
    ) -> Status | OrderState:
        """Return the status of an order after an event: that of a new read of it, if the event names the order.

        Otherwise the event's status, if it is trusted, is merged over the one that was `known` before; it only moves
        forward, so that late and repeated events do no harm. If an `OrderState` was known, the next one is returned,
        with the ledger, in which each refund, dispute and other entry counts once.

        Raises as `get`.
        """
        from ..order_state import OrderState
        from ..status_merge import apply_event

        order = None if event.order is None else await self.get(event.order, timeout=timeout)
        return known.after(event, order) if isinstance(known, OrderState) else apply_event(known, event, order)

    @overload
    def list(
        self,
        account: str,
        *,
        lifecycle: Lifecycle | LifecycleValue | None = None,
        payment: Payment | PaymentValue | None = None,
        fulfillment: Fulfillment | FulfillmentValue | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> AsyncOrderList: ...
    @overload
    def list(
        self,
        account: Names | None = None,
        *,
        lifecycle: Lifecycle | LifecycleValue | None = None,
        payment: Payment | PaymentValue | None = None,
        fulfillment: Fulfillment | FulfillmentValue | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        page_size: int | None = None,
        timeout: float | None = None,
        interleaved: bool = False,
        on_error: OnError | None = None,
    ) -> AsyncAccountLists: ...
    def list(
        self,
        account: str | Names | None = None,
        *,
        lifecycle: Lifecycle | LifecycleValue | None = None,
        payment: Payment | PaymentValue | None = None,
        fulfillment: Fulfillment | FulfillmentValue | None = None,
        placed_from: datetime.datetime | None = None,
        placed_before: datetime.datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
        interleaved: bool = False,
        on_error: OnError | None = None,
    ) -> AsyncOrderList | AsyncAccountLists:
        """Iterate over the orders of an account that match all filters, a page at a time; `timeout` is for each page.

        An order whose status is not reported on a filtered axis is left out, and so is one without a time if
        `placed_from` (inclusive) or `placed_before` (exclusive), timezone-aware datetimes, are given. Most filters read
        every page: `mux.filters(account)` tells which do not. `page_size` asks for so many orders a page. `cursor`
        resumes an earlier list: it is an attribute of the iterator, and of the error of a list that failed.

        Without an account, or with a list of names, the orders of all of them come, one account after the other, or
        `interleaved`, an order of each in turn. An account that fails does not stop the others: AccountsFailed is
        raised after the last order, or `on_error` is called with the account's name and its error, and nothing raised.

        Raises UnknownAccount, InvalidArgument, Unsupported if the provider has no list or no order can ever match;
        while iterating PagingError, AccountsFailed, and in strict mode as `get`.
        """
        from .order_lists import AsyncOrderList, ListOptions, order_pager

        options = ListOptions(
            {"lifecycle": lifecycle, "payment": payment, "fulfillment": fulfillment},
            {"placed_from": placed_from, "placed_before": placed_before},
            page_size=page_size,
            timeout=timeout,
        )

        def made(name: str) -> AsyncOrderList:
            return AsyncOrderList(order_pager(self._executor, name, options, cursor=cursor), self._executor)

        if isinstance(account, str):
            if interleaved or on_error is not None:
                raise InvalidArgument("interleaved and on_error are for the list of several accounts")
            return made(account)
        if cursor is not None:
            raise InvalidArgument("a cursor is of the list of one account")
        from .account_lists import AsyncAccountLists, lists_of

        lists, errors = lists_of(self._executor, account, made, on_error)
        return AsyncAccountLists(lists, interleaved, on_error, errors)

    def sync(
        self,
        account: str | Names | None = None,
        *,
        store: Store,
        since: datetime.datetime | None = None,
        page_size: int | None = None,
        timeout: float | None = None,
        on_error: OnError | None = None,
    ) -> AsyncOrderSync:
        """Iterate over the orders that are new or have changed since `store` last saw them, of an account or several.

        `store` keeps a digest of each order that was taken, such as `digests.SQLiteStore("orders.db")`. No provider
        tells what changed since a time, so that each call reads every page, and returns what differs; with `since`, a
        timezone-aware datetime, only of the orders that were placed since then, which costs what `placed_from` costs.
        An order that no longer exists is not told. If the process ends before the list does, the next call with the
        same `since` goes on at the page where it was; what changed on the pages before comes with the call after it.

        Each order comes at least once: an order is saved as taken after the next one was asked for. For orders that are
        handled together, use `batches` of what is returned. `page_size`, `timeout` and an account that fails are as
        for `list`.

        Raises UnknownAccount, InvalidArgument, Unsupported; while iterating PagingError, AccountsFailed, in strict mode
        as `get`, and whatever the store raises.
        """
        from .account_lists import lists_of
        from .order_lists import ListOptions
        from .order_sync import AsyncOrderSync, async_changed_orders, require_store

        require_store(store)
        options = ListOptions({}, {"placed_from": since, "placed_before": None}, page_size=page_size, timeout=timeout)
        names = [account] if isinstance(account, str) else account
        lists, errors = lists_of(
            self._executor, names, lambda name: async_changed_orders(self._executor, name, options, store), on_error
        )
        return AsyncOrderSync(lists, False, on_error, errors, lists)

    @overload
    async def update(self, reference: RefOf[U], changes: U, *, timeout: float | None = None) -> Order: ...
    @overload
    async def update(self, reference: OrderRef | str, changes: Changes, *, timeout: float | None = None) -> Order: ...
    async def update(self, reference: OrderRef | str, changes: object, *, timeout: float | None = None) -> Order:
        """Apply the provider's own typed changes to an order, such as `ordermux_zephyr.models.OrderUpdate`.

        By `account.ref("order_1")`, a type checker knows the type of the changes.

        Raises Unsupported, InvalidArgument if the changes are not the provider's, LivemodeMismatch, OutcomeUnknown.
        """
        return await self._executor.execute(_update(self._executor, reference, changes, timeout))

    async def fulfill(self, reference: OrderRef | str, *, timeout: float | None = None) -> Order:
        """Report to the provider that an order was shipped or delivered.

        Raises Unsupported, OutcomeUnknown.
        """
        return await self._executor.execute(_fulfill(self._executor, reference, timeout))

    async def cancel(
        self,
        reference: OrderRef | str,
        *,
        idempotency_key: str | None = None,
        key_created_at: datetime.datetime | None = None,
        timeout: float | None = None,
    ) -> Order:
        """Cancel an order. The key and its time are as for `refund`, if the provider honours keys.

        Raises Unsupported, Conflict if it is too late, IdempotencyKeyExpired, LivemodeMismatch, OutcomeUnknown.
        """
        key = idempotency_key, key_created_at
        return await self._executor.execute(_cancel(self._executor, reference, timeout, key))

    async def refund(
        self,
        reference: OrderRef | str,
        amount: Money | None = None,
        *,
        full: bool = False,
        remaining: bool = False,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        key_created_at: datetime.datetime | None = None,
        timeout: float | None = None,
    ) -> Refund:
        """Refund an amount of an order's money, or with `full=True` all of it unless a part was refunded before.

        With `remaining=True`, what is left is refunded, by a read right before: the amount is that of the result or of
        the error. Calls that read the same remainder have one key, so that it is refunded once, however many make them
        at once. A key of the caller's own is sent with what is left then; to repeat such a call, pass its amount.

        The same refund with the same key is made once, however often it is called, for as long as the provider
        remembers the key. A new key, which is made if none is given, contains its time; for one of the caller's own,
        `key_created_at` is when it was first sent, a timezone-aware datetime. A key that is too old is refused before
        anything is sent; for a key whose age is not known, no error says that a repeat is safe.

        Raises Unsupported, InvalidArgument for another currency than the order's, NotRefundable if it is not known
        what is left, or nothing is, IdempotencyKeyExpired, LivemodeMismatch, OutcomeUnknown.
        """
        request = _refund_request(amount, reason, metadata, full=full, remaining=remaining)
        key = idempotency_key, key_created_at
        return await self._executor.execute(
            _refund(self._executor, reference, request, timeout, key, remaining=remaining)
        )
