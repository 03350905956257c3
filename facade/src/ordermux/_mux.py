"""The facade's two clients, one blocking and one awaiting, over any number of accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from importlib import import_module
from types import TracebackType
from typing import Any, Self

import attrs

from ._flow import Flow, arun, run
from .accounts import Account
from .errors import OrdermuxError, PagingError, ProviderError, UnknownAccount
from .order import Order, OrderRef
from .providers import Adapter, Page


@attrs.frozen
class _Opened:
    """An account with its typed client and its provider's side."""

    name: str
    client: Any
    adapter: Adapter
    error: type[Exception]
    """The base of the typed client's errors."""

    def run(self, flow: Flow[Any]) -> Any:
        """Run a flow, blocking; what the typed client raises becomes a ProviderError."""
        try:
            return run(flow, self.client)
        except self.error as error:
            raise ProviderError(self.name, error) from error

    async def arun(self, flow: Flow[Any]) -> Any:
        """Run a flow, awaiting; what the typed client raises becomes a ProviderError."""
        try:
            return await arun(flow, self.client)
        except self.error as error:
            raise ProviderError(self.name, error) from error


@attrs.define
class _Walk:
    """Goes over the pages of a list, and notices where they repeat."""

    account: _Opened
    _cursors: set[Any] = attrs.field(factory=set[Any])
    _last: tuple[OrderRef, ...] = ()

    def first(self) -> Flow[Page]:
        """Return the flow of the first page; raise Unsupported at once where there is no list."""
        return self.account.adapter.page(None)

    def orders_of(self, page: Page) -> tuple[Order, ...]:
        """Return the page's orders.

        Raises PagingError where the provider gives the page before again.
        """
        references = tuple(order.ref for order in page.orders)
        if references and references == self._last:
            raise PagingError(f"{self.account.name}: a page came again, so that the list would never end")
        self._last = references
        return page.orders

    def after(self, page: Page) -> Flow[Page] | None:
        """Return the flow of the page after this one, None where this is the last.

        Raises PagingError where the provider gives a cursor again.
        """
        if page.cursor in self._cursors:
            raise PagingError(f"{self.account.name}: the cursor {page.cursor!r} came again; the list would never end")
        self._cursors.add(page.cursor)
        return None if page.cursor is None else self.account.adapter.page(page.cursor)


@attrs.frozen
class _Accounts:
    """The accounts by name."""

    by_name: dict[str, _Opened]

    @classmethod
    def open(cls, accounts: tuple[Account, ...]) -> _Accounts:
        """Open each account; two of the same name are refused."""
        names = [account.name for account in accounts]
        if twice := {name for name in names if names.count(name) > 1}:
            raise OrdermuxError(f"two accounts are named {', '.join(sorted(twice))}; give one another name=")
        return cls({account.name: _open(account) for account in accounts})

    def __getitem__(self, name: str) -> _Opened:
        """Return the account of this name.

        Raises UnknownAccount.
        """
        if name not in self.by_name:
            known = ", ".join(self.by_name) or "none"
            raise UnknownAccount(f"no account is named {name!r}; there are: {known}")
        return self.by_name[name]


def _open(account: Account) -> _Opened:
    client, adapter = account.client(), account.adapter()
    error = getattr(import_module(f"ordermux_{account.provider}"), f"{account.provider.capitalize()}Error")
    return _Opened(account.name, client, adapter, error)


@attrs.frozen
class Orders:
    """What can be done with orders, blocking."""

    _accounts: _Accounts

    def get(self, reference: OrderRef | str) -> Order:
        """Read one order.

        Raises InvalidReference, UnknownAccount or ProviderError.
        """
        ref = OrderRef.parse(reference)
        account = self._accounts[ref.account]
        order: Order = account.run(account.adapter.get(ref.id))
        return order

    def list(self, account: str) -> Iterator[Order]:
        """Iterate over all orders of an account, a page at a time.

        Raises UnknownAccount, Unsupported, PagingError or ProviderError.
        """
        walk = _Walk(self._accounts[account])
        return self._pages(walk, walk.first())

    def _pages(self, walk: _Walk, flow: Flow[Page] | None) -> Iterator[Order]:
        while flow is not None:
            page: Page = walk.account.run(flow)
            yield from walk.orders_of(page)
            flow = walk.after(page)


@attrs.frozen
class AsyncOrders:
    """What can be done with orders, awaiting."""

    _accounts: _Accounts

    async def get(self, reference: OrderRef | str) -> Order:
        """Read one order.

        Raises InvalidReference, UnknownAccount or ProviderError.
        """
        ref = OrderRef.parse(reference)
        account = self._accounts[ref.account]
        order: Order = await account.arun(account.adapter.get(ref.id))
        return order

    def list(self, account: str) -> AsyncIterator[Order]:
        """Iterate over all orders of an account, a page at a time.

        Raises UnknownAccount, Unsupported, PagingError or ProviderError.
        """
        walk = _Walk(self._accounts[account])
        return self._pages(walk, walk.first())

    async def _pages(self, walk: _Walk, flow: Flow[Page] | None) -> AsyncIterator[Order]:
        while flow is not None:
            page: Page = await walk.account.arun(flow)
            for order in walk.orders_of(page):
                yield order
            flow = walk.after(page)


class Ordermux:
    """One way to work with orders everywhere, blocking; a context manager.

    with Ordermux(Zephyr(api_key=...)) as mux:
        for order in mux.orders.list("zephyr"):
            print(order.ref, order.status, order.total)
    """

    def __init__(self, *accounts: Account) -> None:
        """Take the accounts to work with.

        Raises ProviderNotInstalled, or OrdermuxError where two have the same name.
        """
        self._accounts = _Accounts.open(accounts)
        self.orders = Orders(self._accounts)

    def client(self, account: str) -> Any:
        """Return the account's typed client.

        Raises UnknownAccount.
        """
        return self._accounts[account].client

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections of all accounts; a later call opens new ones."""
        with ExitStack() as stack:
            for account in self._accounts.by_name.values():
                stack.callback(account.client.close)


class AsyncOrdermux:
    """One way to work with orders everywhere, awaiting; an asynchronous context manager.

    async with AsyncOrdermux(Zephyr(api_key=...)) as mux:
        async for order in mux.orders.list("zephyr"):
            print(order.ref, order.status, order.total)
    """

    def __init__(self, *accounts: Account) -> None:
        """Take the accounts to work with.

        Raises ProviderNotInstalled, or OrdermuxError where two have the same name.
        """
        self._accounts = _Accounts.open(accounts)
        self.orders = AsyncOrders(self._accounts)

    def client(self, account: str) -> Any:
        """Return the account's typed client.

        Raises UnknownAccount.
        """
        return self._accounts[account].client

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections of all accounts; a later call opens new ones."""
        async with AsyncExitStack() as stack:
            for account in self._accounts.by_name.values():
                stack.push_async_callback(account.client.aclose)
