"""Each provider's words to ours: pure, no I/O."""

# What a provider does not have takes its arguments all the same.
# ruff: noqa: ARG002
from __future__ import annotations

import datetime
import enum
import operator
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from ..engine.context import CallContext
from ..engine.flow import Flow
from ..engine.outcome import MISMATCH
from ..errors import InvalidArgument, LivemodeMismatch, NotFound, Unsupported
from ..order import Money, Order, OrderReader, OrderRef, Refund, UnreadableRow
from ..status import AXES, NOT_REPORTED, Attention, Status, StatusMap

if TYPE_CHECKING:
    from ..engine.context import CallContext

T = TypeVar("T")


class Operation(enum.StrEnum):
    """What the facade can do, where a provider can."""

    CREATE = "create"
    GET = "get"
    FIND = "find"
    LIST = "list"
    UPDATE = "update"
    FULFILL = "fulfill"
    CANCEL = "cancel"
    REFUND = "refund"
    PRODUCTS_PUT = "products.put"
    PRODUCTS_GET = "products.get"
    PRODUCTS_SYNC = "products.sync"


@attrs.frozen
class RowRange:
    """Which rows of a list are asked for, where pages are asked for by their place."""

    start: int
    """How many rows come before the first that is wanted."""
    size: int
    """How many rows are wanted; no more than the provider has put on a page so far."""


@attrs.frozen
class Page:
    """One page of a list."""

    rows: Sequence[Order | UnreadableRow]
    cursor: str | None = None
    """What asks for the next page, where cursors do; None on the last."""
    start: int = 0
    """How many rows come before the first of these, where pages are asked for by their place."""
    problem: str | None = None
    """Why the list cannot be gone on with after this page; None if it can, or has ended."""


class FilterCost(enum.StrEnum):
    """What a filter of a list costs."""

    PROVIDER = "provider"
    """The provider filters: pages of other orders are not read."""
    FULL_WALK = "full_walk"
    """Every page of the list is read, and the orders are filtered here."""


@attrs.frozen(kw_only=True)
class Filter:
    """Which orders of a list are wanted."""

    claims: Mapping[str, str]
    """By axis."""
    placed_from: datetime.datetime | None = None
    placed_before: datetime.datetime | None = None
    page_size: int | None = None
    """How many orders the provider is to put on a page; None for as many as suits."""
    served: frozenset[str] = frozenset()
    """The parts that the provider's own filter applies, such as `payment`."""

    @property
    def takes_all(self) -> bool:
        """Whether every order is wanted."""
        return not self.claims and self.placed_from is None and self.placed_before is None

    def shown(self) -> list[str]:
        """Return each part as it is given to `list`, such as `payment='paid'`."""
        times = {"placed_from": self.placed_from, "placed_before": self.placed_before}
        given = [f"{name}={time.isoformat()}" for name, time in times.items() if time is not None]
        return [*(f"{axis}={value!s}" for axis, value in self.claims.items()), *given]

    def matches(self, order: Order) -> bool:
        """Return whether an order is wanted; one that makes no claim on an axis, or has no time, is not.

        One that is unreadable always is: a filter must not hide it. A whole order's status is read for a claim alone.
        """
        if (self.claims or order.deviations) and Attention.UNREADABLE in order.status.attention:
            return True
        if any(getattr(order.status, axis) != value for axis, value in self.claims.items()):
            return False
        placed_from = None if "placed_from" in self.served else self.placed_from
        if placed_from is None and self.placed_before is None:
            return True
        placed = order.placed_at
        if placed is None or (placed_from is not None and placed < placed_from):
            return False
        return self.placed_before is None or placed < self.placed_before


@attrs.frozen(kw_only=True)
class RefundRequest:
    """How much to refund, and why."""

    amount: Money | None
    """None for all of it."""
    reason: str | None
    metadata: Mapping[str, Any] | None


class Adapter:
    """A provider's side of the facade, for one account."""

    provider: ClassVar[str]
    title: ClassVar[str] = ""
    """The provider's name for people, in messages; without one, `provider`."""
    idempotent_operations: ClassVar[frozenset[Operation]] = frozenset()
    """The operations whose idempotency key the provider honours."""
    idempotency_window: ClassVar[float] = 0.0
    """For how many seconds the provider remembers a key."""
    possible_values: Mapping[str, frozenset[str]] = {}
    """What can come of an order's status, by axis."""
    has_placed_at: ClassVar[bool] = True
    """Whether an order says when it was placed."""
    draft_type: ClassVar[type[Any] | None] = None
    """What an order is created from: a model of the typed client."""
    changes_type: ClassVar[type[Any] | None] = None
    """What an order is changed by: a model of the typed client."""
    order_reader: ClassVar[type[OrderReader[Any]] | None] = None
    """What reads an order's fields from the typed client's model; None if orders are read at once."""
    draft_id: ClassVar[str | None] = None
    """The field of a draft that is the order's id, if the caller chooses it."""
    shows_status: ClassVar[bool] = True
    """Whether a read shows an order's status."""
    page_size: ClassVar[int | None] = None
    """How many rows of a list are asked for at once, where pages are asked for by their place; None for cursors."""
    max_page_size: ClassVar[int | None] = None
    """How many rows a page may have at most; None if that is not known."""
    takes_page_size: ClassVar[bool] = False
    """Whether a list by cursors asks for `wanted.page_size` rows; one by place always does."""

    def __init__(self, account: str, livemode: bool | None = None) -> None:  # noqa: FBT001
        """Keep the account's name, and whether it works with live orders or with test orders; None for either."""
        self.account = account
        self.livemode = livemode

    # What a provider's adapter does not define, the provider does not have.

    def create(self, call: CallContext, draft: object) -> Flow[Order]:
        """Create an order from the provider's own typed draft, which `checked` narrows to `draft_type`."""
        raise self._unsupported(Operation.CREATE)

    def get(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Read one order."""
        raise self._unsupported(Operation.GET)

    def find(self, call: CallContext, reference: str) -> Flow[tuple[Order, ...]]:
        """Find the orders that have the shop's own number."""
        raise self._unsupported(Operation.FIND)

    def page(self, call: CallContext, at: str | None, wanted: Filter) -> Flow[Page]:
        """Read the page of a cursor, None for the first one. A page may hold more than what is wanted.

        `wanted.served` are the parts that `served_filters` has returned.
        """
        raise self._unsupported(Operation.LIST)

    def page_at(self, call: CallContext, at: RowRange, wanted: Filter) -> Flow[Page]:
        """Read the page that a slice begins on, instead of `page`, if the adapter has a `page_size`.

        A page may begin before the slice, and may hold more than what is wanted.
        """
        raise self._unsupported(Operation.LIST)

    def update(self, call: CallContext, order_id: str, changes: object) -> Flow[Order]:
        """Apply the provider's own typed changes, which `checked` narrows to `changes_type`."""
        raise self._unsupported(Operation.UPDATE)

    def fulfill(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Report that an order was shipped or delivered."""
        raise self._unsupported(Operation.FULFILL)

    def cancel(self, call: CallContext, order_id: str) -> Flow[Order]:
        """Cancel an order."""
        raise self._unsupported(Operation.CANCEL)

    def refund(self, call: CallContext, order_id: str, wanted: RefundRequest) -> Flow[Refund]:
        """Give money back."""
        raise self._unsupported(Operation.REFUND)

    def put_product(self, call: CallContext, product_id: str, product: object) -> Flow[Any]:
        """Add or replace a product; the result is the provider's own response."""
        raise self._unsupported(Operation.PRODUCTS_PUT)

    def get_product(self, call: CallContext, product_id: str) -> Flow[Any]:
        """Read a product; the result is the provider's own response."""
        raise self._unsupported(Operation.PRODUCTS_GET)

    def _unsupported(self, operation: Operation) -> Unsupported:
        return Unsupported(self.provider, operation, title=self.title)

    @staticmethod
    def status_of(order: Any) -> Status:
        """Return the status that the typed client's order shows."""
        del order
        return NOT_REPORTED

    def served_filters(self, wanted: Filter) -> frozenset[str]:
        """Return the parts of a filter that `page` sends to the provider, such as `payment` and `placed_from`.

        Only those of which the provider's page says that they leave out no order that is wanted.
        """
        del wanted
        return frozenset()

    def missing_for(self, name: str) -> str:
        """Return why no list is filtered by `placed_from` or `placed_before`, if orders do not show their time."""
        return f"{name} is compared with the time of an order, which its orders do not show"

    def filter_costs(self) -> dict[str, FilterCost]:
        """Return what each filter of a list costs, by `payment=paid` and the like; what is not there is refused."""
        if Operation.LIST not in self.capabilities():
            return {}
        moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        filters = {
            f"{axis}={value}": Filter(claims={axis: value})
            for axis in AXES
            for value in sorted(self.possible_values.get(axis, ()))
        }
        times = {
            "placed_from": Filter(claims={}, placed_from=moment),
            "placed_before": Filter(claims={}, placed_before=moment),
        }
        served = {name: bool(self.served_filters(each)) for name, each in (filters | times).items()}
        return {
            name: FilterCost.PROVIDER if by_provider else FilterCost.FULL_WALK
            for name, by_provider in served.items()
            if by_provider or self.has_placed_at or name not in times
        }

    @classmethod
    def reader_for(cls, account: str) -> OrderReader[Any] | None:
        """Return what reads an account's orders as the typed client has them; None if the adapter has none."""
        return None if cls.order_reader is None else cls.order_reader(account)

    @classmethod
    def capabilities(cls) -> frozenset[Operation]:
        """Return what the provider has."""
        return frozenset(
            operation
            for operation, names in _METHODS.items()
            if any(getattr(cls, name) is not getattr(Adapter, name) for name in names)
        )

    def found_by_id(self, call: CallContext, order_id: str) -> Flow[tuple[Order, ...]]:
        """Return the order of an id, which is the shop's own number of it; none if there is no such order."""
        try:
            return ((yield from self.get(call, order_id)),)
        except NotFound:
            return ()

    def ref(self, order_id: str) -> OrderRef:
        """Return the reference of an order of this account."""
        return OrderRef(self.account, order_id)

    def expect_fields(self, read: Callable[..., Any], **asked: Any) -> Callable[..., Any]:
        """Return a reader that takes an answer about something else, by its fields, for what it is: no answer.

        A field within another is a dotted path, such as `data.id`.
        """

        def checked(status_code: int, headers: Mapping[str, str], content: bytes) -> Any:
            response = read(status_code, headers, content)
            del headers, content  # a traceback with locals would show them
            broken = {deviation.path for deviation in response.deviations}
            for field, value in asked.items():
                found = operator.attrgetter(field)(response.parsed)
                # One that is there and unreadable proves nothing; only one that is missing is not looked at.
                if f"$.{field}" in broken or (found != value and type(found) is type(value)):
                    raise self.mismatch_error(f"$.{field}", response.content)
            return response

        return checked

    def expect_state(self, read: Callable[..., Any], shows: Callable[[Any], bool]) -> Callable[..., Any]:
        """Return a reader that takes an answer which shows another state than the one that was asked for, for none.

        Such an answer may be another request's, or a success that changed nothing: the order itself is read then.
        """

        def checked(status_code: int, headers: Mapping[str, str], content: bytes) -> Any:
            response = read(status_code, headers, content)
            del headers, content  # a traceback with locals would show them
            if not shows(response.parsed):
                raise self.mismatch_error("$", response.content)
            return response

        return checked

    def mismatch_error(self, path: str, content: bytes) -> Exception:
        """Return the error of an answer that belongs to another request."""
        error: Exception = import_module(f"ordermux_{self.provider}.errors").DecodeError(path, MISMATCH, content)
        return error

    def check_livemode(self, order: Order) -> None:
        """Refuse to write to an order of the other mode than the account's, or one that does not show its mode.

        Raises LivemodeMismatch.
        """
        if self.livemode is not None and order.livemode is not self.livemode:
            shown = {True: "a live order", False: "a test order", None: "of an unknown mode"}[order.livemode]
            raise LivemodeMismatch(f"{order.ref} is {shown}, and the account has livemode={self.livemode}")

    def checked(self, value: Any, kind: type[T]) -> T:
        """Return a value of the caller's, its fields of the types that the document says.

        Raises InvalidArgument where it is not of the provider's own type, the package's InvalidRequest where a field of
        it is not.
        """
        if not isinstance(value, kind):
            wanted = f"ordermux_{self.provider}.models.{kind.__name__}"
            raise InvalidArgument(f"{self.provider} takes {wanted}, not {type(value).__name__}")
        codec = import_module(f"ordermux_{self.provider}.codec")
        read: T = codec.decode(codec.encode_body(value, kind), kind)[0]
        return read


def union_of(*tables: StatusMap) -> dict[str, frozenset[str]]:
    """Return what can come of several tables, by axis."""
    found: dict[str, frozenset[str]] = {}
    for table in tables:
        for axis, values in table.possible_values.items():
            found[axis] = found.get(axis, frozenset()) | values
    return found


_METHODS = {
    Operation.CREATE: ("create",),
    Operation.GET: ("get",),
    Operation.FIND: ("find",),
    Operation.LIST: ("page", "page_at"),
    Operation.UPDATE: ("update",),
    Operation.FULFILL: ("fulfill",),
    Operation.CANCEL: ("cancel",),
    Operation.REFUND: ("refund",),
    Operation.PRODUCTS_PUT: ("put_product",),
    Operation.PRODUCTS_GET: ("get_product",),
    Operation.PRODUCTS_SYNC: ("put_product",),
}
"""The methods that make an operation supported, if any of them is defined."""
