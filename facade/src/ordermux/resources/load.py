"""The lists of some accounts, read in runs; how far each was read is in a state that is saved with the orders."""

from __future__ import annotations

import datetime
import itertools
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

import attrs

from ..errors import InvalidArgument, OrdermuxError
from ..order import Order, OrderRef
from .account_lists import OnError, failure_of
from .order_lists import OrderList
from .order_sync import NOT_OF_A_PAGE
from .orders import Names, Orders


@attrs.define(eq=False)
class Load:
    """Reads the lists of accounts one after the other.

    Raises UnknownAccount, InvalidArgument, Unsupported.
    """

    orders: Orders
    accounts: Names | None
    on_error: OnError | None
    since: datetime.datetime | None = attrs.field(kw_only=True)
    page_size: int | None = attrs.field(kw_only=True)
    count: int = attrs.field(default=0, init=False)
    """Number of the orders that were read."""
    _left: deque[str] = attrs.field(init=False)
    """The accounts that were not read to their end."""
    _total: int = attrs.field(init=False)
    """Number of the accounts."""
    _list: OrderList | None = attrs.field(default=None, init=False)
    """The list of the first of them, once it is read."""
    _errors: dict[str, OrdermuxError] = attrs.field(init=False)
    _has_begun: bool = attrs.field(default=False, init=False)
    _given_up: str | None = attrs.field(default=None, init=False)
    """The cursor of an earlier run whose page failed, so that the list was begun again."""
    _again: Order | None = attrs.field(default=None, init=False)
    """An order that came again, since it changed, and is the first one of the next run: of two in one run, the database
    might keep the older one."""
    _loaded: set[OrderRef] = attrs.field(factory=set[OrderRef], init=False)
    """The orders of this run."""

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be listed, before anything is sent."""
        made = self.orders.list(self.accounts, placed_from=self.since, page_size=self.page_size, on_error=self.on_error)
        self._left, self._errors = deque(made.lists), dict(made.errors)
        self._total = len(self._left) + len(self._errors)

    @property
    def goes_on(self) -> bool:
        """Whether there is another run."""
        return bool(self._left)

    def run(self, state: dict[str, Any], size: int) -> Iterator[Order]:
        """Yield about so many orders, none of them twice, and keep in the state how far the lists were read.

        The state has the cursor of each list that is to go on, and the accounts whose lists ended while others did not.
        """
        if not self._has_begun:
            self._begin(state)
        until, is_full = self.count + size, False
        self._loaded.clear()
        while self._left and not is_full:
            is_full = yield from self._read(state, until)
        if not self._left:
            state["ended"] = []

    def end(self) -> None:
        """Raise AccountsFailed if an account failed and nobody was told."""
        if self._errors and self.on_error is None:
            raise failure_of(self._errors, self._total)

    def _begin(self, state: dict[str, Any]) -> None:
        """Go on where a process was that did not come to the end."""
        self._has_begun = True
        since = None if self.since is None else self.since.isoformat()
        if state.get("since") != since or "cursors" not in state:
            state.update(since=since, cursors={}, ended=[])
        self._left = deque(name for name in self._left if name not in state["ended"]) or self._left

    def _read(self, state: dict[str, Any], until: int) -> Generator[Order, None, bool]:
        """Yield orders of the first account that is left; return whether the run ends here."""
        name, before = self._left[0], self.count
        cursor: str | None = state["cursors"].get(name)
        has_begun = self._list is not None
        try:
            orders = self._list = self._list or self._resumed(name, cursor)
            again, self._again = self._again, None
            for order in orders if again is None else itertools.chain((again,), orders):
                if order.ref in self._loaded:
                    self._again, state["cursors"][name] = order, orders.cursor
                    return True
                self._loaded.add(order.ref)
                yield order
                self.count += 1
                if self.count == until:
                    state["cursors"][name] = orders.cursor
                    return True
        except OrdermuxError as error:
            if cursor and not has_begun and self.count == before and not isinstance(error, NOT_OF_A_PAGE):
                # The page of an earlier run fails: else the pages before were not read as long as it does.
                self._given_up, state["cursors"][name] = cursor, None
                self._list = None
                return False
            state["cursors"][name] = error.cursor or self._given_up
            self._errors[name] = error
            if self.on_error is not None:
                self.on_error(name, error)
        else:
            state["cursors"][name] = None
            state["ended"] = [*state["ended"], name]
        self._left.popleft()
        self._list = self._given_up = None
        return False

    def _resumed(self, name: str, cursor: str | None) -> OrderList:
        """Return an account's list from a cursor on; from its beginning if it was saved with another paging."""
        try:
            return self.orders.list(name, placed_from=self.since, page_size=self.page_size, cursor=cursor)
        except InvalidArgument:
            return self.orders.list(name, placed_from=self.since, page_size=self.page_size)
