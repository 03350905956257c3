"""The orders of several accounts as one list, which tells of each account that fails."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from ..errors import AccountsFailed, InvalidArgument, OrdermuxError, Unsupported
from ..order import Order
from .executor import BaseExecutor
from .order_lists import AsyncOrderList, OrderList

L = TypeVar("L", bound=OrderList | AsyncOrderList)
OnError: TypeAlias = Callable[[str, OrdermuxError], None]


@attrs.define(eq=False, repr=False)
class _Lists(Generic[L]):
    """Which list is next, and which failed."""

    _lists: Mapping[str, L]
    _interleaved: bool
    _on_error: OnError | None
    _errors: dict[str, OrdermuxError]
    _open: deque[str] = attrs.field(default=attrs.Factory(lambda self: deque(self._lists), takes_self=True), init=False)
    _reported: bool = attrs.field(default=False, init=False)

    @property
    def lists(self) -> Mapping[str, L]:
        """The list of each account, with its cursor and its unreadable rows."""
        return self._lists

    @property
    def errors(self) -> Mapping[str, OrdermuxError]:
        """The error of each account that failed so far; its `cursor` resumes the list of this account."""
        return dict(self._errors)

    def __repr__(self) -> str:
        """Return the accounts; nothing is read for it."""
        return f"<{type(self).__name__} {', '.join(map(repr, (*self._lists, *(self._errors.keys() - self._lists))))}>"

    def _take_turn(self) -> None:
        if self._interleaved:
            self._open.rotate(-1)

    def _fail(self, error: OrdermuxError) -> None:
        """Go on without the account whose turn it is."""
        account = self._open.popleft()
        self._errors[account] = error
        if self._on_error is not None:
            self._on_error(account, error)

    def _end(self) -> None:
        """Raise AccountsFailed once if an account failed, and nobody was told."""
        if self._errors and self._on_error is None and not self._reported:
            self._reported = True
            raise failure_of(self._errors, len(self._lists))


@attrs.define(eq=False, repr=False)
class AccountLists(_Lists[OrderList], Iterator[Order]):
    """The orders of several accounts, one account after the other or in turns.

    An account that fails does not stop the others. After the last order, AccountsFailed is raised with the error of
    each, unless `on_error` was told of it.
    """

    def __next__(self) -> Order:
        """Return the next order.

        Raises AccountsFailed after the last one.
        """
        while self._open:
            try:
                order = next(self._lists[self._open[0]], None)
            except OrdermuxError as error:
                self._fail(error)
                continue
            if order is None:
                self._open.popleft()
                continue
            self._take_turn()
            return order
        self._end()
        raise StopIteration

    def close(self) -> None:
        """End each list here."""
        self._open.clear()
        for each in self._lists.values():
            each.close()


@attrs.define(eq=False, repr=False)
class AsyncAccountLists(_Lists[AsyncOrderList], AsyncIterator[Order]):
    """The orders of several accounts, one account after the other or in turns.

    An account that fails does not stop the others. After the last order, AccountsFailed is raised with the error of
    each, unless `on_error` was told of it.
    """

    async def __anext__(self) -> Order:
        """Return the next order.

        Raises AccountsFailed after the last one.
        """
        while self._open:
            try:
                order = await anext(self._lists[self._open[0]], None)
            except OrdermuxError as error:
                self._fail(error)
                continue
            if order is None:
                self._open.popleft()
                continue
            self._take_turn()
            return order
        self._end()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End each list here."""
        self._open.clear()
        for each in self._lists.values():
            await each.aclose()


def failure_of(errors: Mapping[str, OrdermuxError], accounts: int) -> AccountsFailed:
    """Return the error of several accounts' errors, of so many accounts."""
    told = "; ".join(f"{name}: {str(error).removeprefix(f'{name}: ')}" for name, error in errors.items())
    return AccountsFailed(f"{len(errors)} of {accounts} accounts failed: {told}", errors)


def lists_of(
    executor: BaseExecutor, accounts: Any, make: Callable[[str], L], on_error: OnError | None
) -> tuple[dict[str, L], dict[str, OrdermuxError]]:
    """Return the list of each account, all of the client if none is named, and the errors of those that have none.

    Raises UnknownAccount, InvalidArgument, and Unsupported if an account has no such list and `on_error` is not given.
    """
    names = list(executor.accounts) if accounts is None else list(accounts)
    if not names:
        raise InvalidArgument("there is no account to list the orders of")
    if len(set(names)) < len(names):
        raise InvalidArgument(f"an account is named twice: {', '.join(names)}")
    found: dict[str, L] = {}
    errors: dict[str, OrdermuxError] = {}
    for name in names:
        try:
            found[name] = make(name)
        except Unsupported as error:
            if on_error is None:
                others = [each for each in names if each != name]
                error.add_note(f"the others are listed by list({others!r}), or all with on_error=")
                raise
            errors[name] = error
    if on_error is not None:
        for name, each in errors.items():
            on_error(name, each)
    return found, errors
