"""The pages of a list that may change while it is read: which is next, what came before, and whether it is stuck."""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import re
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import attrs

from ..errors import InvalidArgument, PagingError
from ..order import Order, UnreadableRow
from ..providers.adapter import Adapter, Filter, Operation, Page, RowRange
from .executor import BaseExecutor, PreparedCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..engine.context import CallContext
    from ..engine.flow import Flow

REMEMBERED = 5_000
"""Number of the last rows of a list that are remembered at least; twice as many at most, about 2 MB."""
MAX_IDLE_PAGES = 500
"""Maximum number of pages in a row that hold nothing new, since rows came in between; an empty page counts as five."""
MAX_MOVES = 10
"""If pages are asked for by their place: maximum number of pages in a row that are out of place and hold nothing new,
and of steps back to find the place of the last row again."""
MAX_UNREADABLE = 100
"""Maximum number of rows without a readable id that a list keeps and logs."""

Row: TypeAlias = Order | UnreadableRow
_log = logging.getLogger("ordermux")
_CURSOR = re.compile(r"([0-9]{1,18})(?:-([0-9a-f]{12})-([0-9a-f]{12}))?")


@functools.cache
def _encoder() -> Any:
    import msgspec  # comes with the typed clients; a program without a list does not pay for it

    return msgspec.json.Encoder(enc_hook=lambda secret: secret.reveal())


def _content(row: Row) -> bytes:
    """Return a row's content; of a whole order without fields unknown to its document, which may change each time."""
    if isinstance(row, Order) and row.native is not None:
        content: bytes = _encoder().encode(row.native)
        return content + _unread_content(row) if row.deviations else content
    return json.dumps([row.raw, row.deviations if isinstance(row, Order) else row.problem]).encode()


def _unread_content(order: Order) -> bytes:
    """Return the documented members of an order that deviates, as the provider wrote them: its model lacks some."""
    raw: Any = order.raw
    members = cast("dict[str, Any]", raw) if isinstance(raw, dict) else dict[str, Any]()
    documented: tuple[str, ...] = order.native.__struct_encode_fields__
    return json.dumps([members.get(name) for name in documented]).encode()


def _contents(rows: Sequence[Row]) -> list[bytes]:
    """Return the content of each row; that of whole orders is encoded at once, which is faster."""
    natives = [row.native if isinstance(row, Order) and not row.deviations else None for row in rows]
    if None not in natives:
        lines: list[bytes] = _encoder().encode_lines(natives).split(b"\n")[:-1]
        if len(lines) == len(rows):  # JSON that a model keeps as it came may have line breaks
            return lines
    return list(map(_content, rows))


def _mark(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=6).hexdigest()


def digests_of(orders: Sequence[Order]) -> list[str]:
    """Return the digest of each order, which is another one if it changed."""
    return list(map(_mark, _contents(orders)))


def _name(row: Row) -> str:
    """Return what identifies a row in its list."""
    return row.ref.id if isinstance(row, Order) else f"\0{_mark(_content(row))}"


def _id_mark(row: Row) -> str:
    return _mark(_name(row).encode("utf-8", "surrogatepass"))


@attrs.define(eq=False)
class RecentRows:
    """The last rows of a list, as digests: memory that does not grow.

    The digests of a page are taken when they are needed, which those of the last page never are.
    """

    _newer: dict[str, int] = attrs.field(factory=dict[str, int])
    _older: dict[str, int] = attrs.field(factory=dict[str, int])
    _page: Mapping[str, Row] = attrs.field(factory=dict[str, "Row"])
    """The rows of the last page by their names, if none of them was remembered before."""

    def add(self, names: Sequence[str], rows: Sequence[Row]) -> list[bool]:
        """Remember rows by their names; return of each whether it is new or changed."""
        self._digest()
        page = dict(zip(names, rows, strict=True))
        if len(page) == len(rows) and self._newer.keys().isdisjoint(page) and self._older.keys().isdisjoint(page):
            self._page = page
            return [True] * len(rows)
        return self._remember(names, rows)

    def has(self, row: Row) -> bool:
        """Return whether a row is remembered and unchanged."""
        self._digest()
        name = _name(row)
        known = self._newer.get(name, self._older.get(name))
        return known is not None and known == hash(_content(row))

    @property
    def has_all(self) -> bool:
        """Whether no row was forgotten yet."""
        self._digest()
        return not self._older

    def __len__(self) -> int:
        """Return the number of rows that are remembered."""
        self._digest()
        return len(self._newer) + len(self._older)

    def _digest(self) -> None:
        if self._page:
            page, self._page = self._page, {}
            self._remember(list(page), list(page.values()))

    def _remember(self, names: Sequence[str], rows: Sequence[Row]) -> list[bool]:
        changed: list[bool] = []
        for name, content in zip(names, _contents(rows), strict=True):
            digest, newer = hash(content), self._newer
            known = newer.get(name, self._older.get(name))
            if len(newer) >= REMEMBERED:
                self._older, self._newer = newer, (newer := {})
            newer[name] = digest
            changed.append(known != digest)
        return changed


@attrs.define(eq=False)
class Pager:
    """Goes over the pages of a list, and keeps the orders that match the filter and are new or changed."""

    executor: BaseExecutor
    account: str
    filter: Filter
    timeout: float | None
    cursor: str | None
    """Asks for the current page, or for the first one before it was read."""
    ready: deque[Order] = attrs.field(factory=deque[Order], init=False)
    unreadable: list[UnreadableRow] = attrs.field(factory=list[UnreadableRow], init=False)
    """The first rows that have no readable id."""
    unreadable_count: int = attrs.field(default=0, init=False)
    _recent: RecentRows = attrs.field(factory=RecentRows, init=False)
    _following: str | None = attrs.field(default=attrs.Factory(lambda self: self.cursor, takes_self=True), init=False)
    """The cursor of the next page."""
    _idle_pages: int = attrs.field(default=0, init=False)
    _ended: bool = attrs.field(default=False, init=False)
    _problem: str | None = attrs.field(default=None, init=False)
    """Why the list cannot continue after the rows that are ready."""

    def next_page(self) -> PreparedCall[Page] | None:
        """Return the call that reads the next page; None after the last.

        Raises PagingError if the list cannot continue.
        """
        if self._ended and self._problem is None:
            return None
        if self._problem is None and self._idle_pages >= MAX_IDLE_PAGES:
            self._problem = "page after page holds nothing new, and the list does not end"
        if self._problem is not None:
            raise PagingError(f"{self.account}: {self._problem}")
        self.cursor = self._following
        return self.executor.prepare(Operation.LIST, self.account, self._page(), self.timeout)

    def take(self, page: Page) -> None:
        """Make the orders of a page ready.

        Raises UnknownStatus or UnexpectedResponse in strict mode; the same page is read next then.
        """
        self.executor.check(self.account, Operation.LIST, *page.rows)
        self._advance(page)

    def close(self) -> None:
        """End here: no page is read any more, and the orders that are ready are dropped."""
        self.ready.clear()
        self._ended, self._problem = True, None

    def _page(self) -> Callable[[Adapter, CallContext], Flow[Page]]:
        """Return what reads the next page."""
        raise NotImplementedError

    def _advance(self, page: Page) -> None:
        """Keep a page's rows, and find out which page is next."""
        raise NotImplementedError

    def _keep(self, rows: Sequence[Row]) -> bool:
        """Keep the rows that are new or changed; return whether there was any."""
        found, alike, takes_all = False, Counter[str](), self.filter.takes_all
        names = list(map(_name, rows))
        for index, row in enumerate(rows):
            if isinstance(row, UnreadableRow):
                alike[names[index]] += 1
                names[index] += str(alike[names[index]])  # two rows of a page with the same content are two rows
        for row, is_new in zip(rows, self._recent.add(names, rows), strict=True):
            if not is_new:
                continue
            found = True
            if isinstance(row, UnreadableRow):
                self._set_aside(row)
            elif takes_all or self.filter.matches(row):
                self.ready.append(row)
        self._idle_pages = 0 if found else self._idle_pages + (1 if rows else 5)
        return found

    def _set_aside(self, row: UnreadableRow) -> None:
        self.unreadable_count += 1
        if self.unreadable_count <= MAX_UNREADABLE:
            self.unreadable.append(attrs.evolve(row, cursor=self.cursor))
            _log.warning("%s: a row of the list is no order: %s (%s)", self.account, row.path, row.problem)
        elif self.unreadable_count == MAX_UNREADABLE + 1:
            _log.warning("%s: more rows are no orders; they are counted, and not kept or logged", self.account)


@attrs.define(eq=False)
class CursorPager(Pager):
    """Goes from page to page by the provider's cursors.

    Whether rows came or went between two pages cannot be seen: only the provider knows what is missed then.
    """

    _tortoise: str | None = attrs.field(default=None, init=False)
    _steps: int = attrs.field(default=0, init=False)
    _lap: int = attrs.field(default=1, init=False)

    def _page(self) -> Callable[[Adapter, CallContext], Flow[Page]]:
        at = self.cursor
        return lambda adapter, call: adapter.page(call, at, self.filter)

    def _advance(self, page: Page) -> None:
        self._keep(page.rows)
        self._following, self._ended = page.cursor, page.cursor is None
        if page.problem is not None:
            self._problem = page.problem
        elif page.cursor is not None and (page.cursor == self.cursor or self._came_before(page.cursor)):
            self._problem = f"the cursor {page.cursor!r} came again, so that the list would never end"

    def _came_before(self, cursor: str) -> bool:
        """Return whether the cursors form a cycle with the one that is remembered: Brent's algorithm."""
        if cursor == self._tortoise:
            return True
        self._steps += 1
        if self._steps == self._lap:
            self._tortoise, self._steps, self._lap = cursor, 0, 2 * self._lap
        return False


@attrs.define(eq=False)
class OffsetPager(Pager):
    """Goes from page to page by the rows' places, which change if rows come or go.

    Each page overlaps the one before, and is joined to it by a row that both have: then no row that was there all the
    time is between them. If nothing joins them, rows went, and the pager steps back until a page is joined. The rows
    that both have are dropped. A cursor holds the place of the last row with its digests, so that a resumed list is
    joined in the same way.
    """

    _page_size: int
    _place: int = attrs.field(default=0, init=False)
    """Number of rows before the first one that is asked for."""
    _end: int = attrs.field(default=0, init=False)
    """Number of rows up to the last one that was read, that one included."""
    _last: tuple[str, str] | None = attrs.field(default=None, init=False)
    """Digests of the last row's id and content; None if there is nothing that a page has to be joined to."""
    _largest: int = attrs.field(default=0, init=False)
    """Number of rows of the largest page."""
    _asked: RowRange = attrs.field(init=False)
    _joined: bool = attrs.field(default=False, init=False)
    """Whether a page was taken: until then a resumed list knows its last row alone."""
    _closing: bool = attrs.field(default=False, init=False)
    """Whether nothing came after the last row, so that only the place after it is left to look at."""
    _ahead: Page | None = attrs.field(default=None, init=False)
    """A page that begins after the last row, and was not taken yet."""
    _steps: int = attrs.field(default=0, init=False)
    _step: int = attrs.field(default=0, init=False)
    _moves: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        """Parse the cursor.

        Raises InvalidArgument.
        """
        if self.cursor is None:
            return
        parts = _CURSOR.fullmatch(self.cursor)
        if parts is None:
            raise InvalidArgument(f"{self.account}: {self.cursor!r:.40} is no cursor of its list")
        self._place = int(parts[1])
        if parts[2]:
            self._end, self._last = self._place + 1, (parts[2], parts[3])

    def _page(self) -> Callable[[Adapter, CallContext], Flow[Page]]:
        size = self._largest if self._place and self._largest else self._page_size
        self._asked = at = RowRange(self._place, size)
        return lambda adapter, call: adapter.page_at(call, at, self.filter)

    def _advance(self, page: Page) -> None:
        self._largest = max(self._largest, len(page.rows))
        if not self._joined and page.start and 0 < self._largest < self._asked.size:
            return  # the provider puts fewer rows on a page than it is asked for, so that this one began elsewhere
        if self._closing or self._is_joined(page):
            self._join(page)
        else:
            self._step_back(page)

    def _is_joined(self, page: Page) -> bool:
        if self._last is None or page.start == 0 or self._is_in_place(page):
            return True
        if self._joined:
            return any(map(self._recent.has, page.rows))
        return any(_id_mark(row) == self._last[0] for row in page.rows)

    def _is_in_place(self, page: Page) -> bool:
        """Return whether the last row is where it was, so that no rows came or went before it."""
        place = self._end - 1 - page.start
        return self._last is not None and 0 <= place < len(page.rows) and _id_mark(page.rows[place]) == self._last[0]

    def _join(self, page: Page) -> None:
        """Keep a page, and continue after its last row."""
        rows, in_place, end = page.rows, self._is_in_place(page), page.start + len(page.rows)
        if self._closing and not in_place and (rows or self._largest == 1):
            # Pages of this size do not overlap here: it is taken once the last row is found where it was.
            self._ahead, self._closing, self._place = page, False, self._end - 1
            return
        ahead, self._ahead = self._ahead, None
        if in_place and not self._joined:
            self._skip(rows[: self._end - page.start])
        new = self._keep(rows)
        if in_place and end == self._end and ahead is not None:
            rows, end, self._closing = ahead.rows, ahead.start + len(ahead.rows), True
            new = self._keep(rows)
        self._joined, self._steps = True, 0
        self._moves = 0 if new or in_place else self._moves + 1
        if not rows or (in_place and end == self._end):
            self._ended, self._closing, self._place = self._closing or not rows, True, self._end
            return
        self._closing = False
        self._place, self._end, self._last = end - 1, end, (_id_mark(rows[-1]), _mark(_content(rows[-1])))
        self._following = f"{self._place}-{self._last[0]}-{self._last[1]}"
        if self._moves > MAX_MOVES:
            self._problem = "its pages hold the same rows again and again, so that the list would never end"

    def _skip(self, rows: Sequence[Row]) -> None:
        """Remember the rows before the place at which a list is resumed as given; not the last one if it changed."""
        unchanged = self._last == (_id_mark(rows[-1]), _mark(_content(rows[-1])))
        given = rows if unchanged else rows[:-1]
        self._recent.add(list(map(_name, given)), given)

    def _step_back(self, page: Page) -> None:
        """Ask for earlier rows, in steps that grow as long as they do not skip all that is remembered."""
        if self._steps < MAX_MOVES or not (self._joined or page.rows):
            first = max((self._largest or self._page_size) - 1, 1)
            known = len(self._recent) if self._joined or page.rows else self._place
            self._step = min(2 * self._step, known + first) if self._steps else first
            self._place, self._steps = max(0, self._place - self._step), self._steps + 1
        elif not self._joined:
            # Most likely so many came since that the last row is further down. To be safe, more come again than that.
            self._place, self._last = max(0, self._place - MAX_MOVES * self._page_size), None
        elif self._recent.has_all:
            self._place = 0
        else:
            self._problem = "so many rows came or went between two pages that some may be missed"


def pager(
    executor: BaseExecutor,
    account: str,
    adapter: Adapter,
    filters: Filter,
    *,
    cursor: str | None,
    timeout: float | None,
) -> Pager:
    """Return the pager of a provider's list.

    Raises InvalidArgument for a cursor that is not of this list.
    """
    if adapter.page_size is None:
        return CursorPager(executor, account, filters, timeout, cursor)
    return OffsetPager(executor, account, filters, timeout, cursor, filters.page_size or adapter.page_size)
