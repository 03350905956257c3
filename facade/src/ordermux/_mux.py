"""The facade's two clients, one blocking and one awaiting, over any number of accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self

import attrs

from ._flow import Flow, arun, run
from .accounts import Account
from .errors import OrdermuxError, ProviderError, UnknownAccount
from .order import Order, OrderRef
from .providers import Adapter, Page


@attrs.frozen
class _Opened:
    """An account with its typed client and its provider's side."""

    name: str
    client: Any
    adapter: Adapter

    def run(self, flow: Flow[Any]) -> Any:
        """Run a flow, blocking; what the typed client raises becomes a ProviderError."""
        try:
            return run(flow, self.client)
        except OrdermuxError:
            raise
        except Exception as error:
            raise ProviderError(self.name, error) from error

    async def arun(self, flow: Flow[Any]) -> Any:
        """Run a flow, awaiting; what the typed client raises becomes a ProviderError."""
        try:
            return await arun(flow, self.client)
        except OrdermuxError:
            raise
        except Exception as error:
            raise ProviderError(self.name, error) from error


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
        return cls({account.name: _Opened(account.name, account.client(), account.adapter()) for account in accounts})

    def __getitem__(self, name: str) -> _Opened:
        """Return the account of this name.

        Raises UnknownAccount.
        """
        if name not in self.by_name:
            known = ", ".join(self.by_name) or "none"
            raise UnknownAccount(f"no account is named {name!r}; there are: {known}")
        return self.by_name[name]


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

        Raises UnknownAccount, Unsupported or ProviderError.
        """
        opened = self._accounts[account]
        flow = opened.adapter.page(None)
        return self._pages(opened, flow)

    def _pages(self, account: _Opened, flow: Flow[Page]) -> Iterator[Order]:
        while True:
            page: Page = account.run(flow)
            yield from page.orders
            if page.cursor is None:
                return
            flow = account.adapter.page(page.cursor)


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

        Raises UnknownAccount, Unsupported or ProviderError.
        """
        opened = self._accounts[account]
        flow = opened.adapter.page(None)
        return self._pages(opened, flow)

    async def _pages(self, account: _Opened, flow: Flow[Page]) -> AsyncIterator[Order]:
        while True:
            page: Page = await account.arun(flow)
            for order in page.orders:
                yield order
            if page.cursor is None:
                return
            flow = account.adapter.page(page.cursor)


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
        for account in self._accounts.by_name.values():
            account.client.close()


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
        for account in self._accounts.by_name.values():
            await account.client.aclose()
