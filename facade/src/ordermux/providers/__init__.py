"""Each provider's words to ours: pure, no I/O."""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar, NoReturn, TypeAlias, TypeVar

import attrs

from .._flow import Flow
from ..errors import InvalidArgument, Unsupported
from ..order import Money, Order, OrderRef, Refund
from ..status import Table

T = TypeVar("T")


class Operation(enum.StrEnum):
    """What the facade can do, where a provider can."""

    CREATE = "create"
    GET = "get"
    LIST = "list"
    UPDATE = "update"
    FULFILL = "fulfill"
    CANCEL = "cancel"
    REFUND = "refund"
    PRODUCTS_PUT = "products.put"
    PRODUCTS_GET = "products.get"
    PRODUCTS_SYNC = "products.sync"


@attrs.frozen
class Page:
    """One page of a list, and what asks for the next one; None on the last."""

    orders: tuple[Order, ...]
    cursor: str | None = None


@attrs.frozen(kw_only=True)
class Filter:
    """Which orders of a list are wanted."""

    claims: Mapping[str, str]
    """By axis."""
    placed_from: datetime.datetime | None = None
    placed_before: datetime.datetime | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every order is wanted."""
        return not self.claims and self.placed_from is None and self.placed_before is None

    def matches(self, order: Order) -> bool:
        """Tell whether an order is wanted; one that makes no claim on an axis, or has no time, is not."""
        if any(getattr(order.status, axis) != value for axis, value in self.claims.items()):
            return False
        if self.placed_from is None and self.placed_before is None:
            return True
        placed = order.placed_at
        if placed is None or (self.placed_from is not None and placed < self.placed_from):
            return False
        return self.placed_before is None or placed < self.placed_before


@attrs.frozen(kw_only=True)
class RefundOrder:
    """How much to refund, and why."""

    amount: Money | None
    """None for all of it."""
    reason: str | None
    metadata: Mapping[str, Any] | None
    repeated: bool
    """Whether the key is the caller's own, so that the refund may have been made already."""


_Method: TypeAlias = Callable[..., Flow[T]]


def _without(operation: Operation) -> Any:
    """Return a method that says that the provider has no such operation."""

    def refuse(self: Adapter, *arguments: Any) -> NoReturn:
        del arguments
        raise Unsupported(self.provider, operation)

    return refuse


class Adapter:
    """A provider's side of the facade, for one account."""

    provider: ClassVar[str]
    keyed: ClassVar[frozenset[Operation]] = frozenset()
    """The operations whose idempotency key the provider honours."""
    yields: Mapping[str, frozenset[str]] = {}
    """What can come of an order's status, by axis."""
    tells_time: ClassVar[bool] = True
    """Whether an order says when it was placed."""

    def __init__(self, account: str) -> None:
        """Keep the account's name."""
        self.account = account

    # What a provider's adapter does not define, the provider has not.
    create: _Method[Order] = _without(Operation.CREATE)
    """`(call, draft)`: create an order from the provider's own typed draft."""
    get: _Method[Order] = _without(Operation.GET)
    """`(call, order_id)`: read one order."""
    page: _Method[Page] = _without(Operation.LIST)
    """`(call, cursor, wanted)`: read the page that a cursor asks for, the first where it is None; it may hold more than
    what is wanted."""
    update: _Method[Order] = _without(Operation.UPDATE)
    """`(call, order_id, changes)`: change what the provider's own typed changes say."""
    fulfill: _Method[Order] = _without(Operation.FULFILL)
    """`(call, order_id)`: tell that the order was shipped or delivered."""
    cancel: _Method[Order] = _without(Operation.CANCEL)
    """`(call, order_id)`: cancel an order."""
    refund: _Method[Refund] = _without(Operation.REFUND)
    """`(call, order_id, wanted)`: give money back."""
    put_product: _Method[Any] = _without(Operation.PRODUCTS_PUT)
    """`(call, product_id, product)`: add or replace a product."""
    get_product: _Method[Any] = _without(Operation.PRODUCTS_GET)
    """`(call, product_id)`: read a product."""

    @classmethod
    def capabilities(cls) -> frozenset[Operation]:
        """Return what the provider has."""
        return frozenset(
            operation for operation, name in _METHODS.items() if getattr(cls, name) is not getattr(Adapter, name)
        )

    def ref(self, order_id: str) -> OrderRef:
        """Return the reference of an order of this account."""
        return OrderRef(self.account, order_id)

    def about(self, read: Callable[..., Any], **asked: Any) -> Callable[..., Any]:
        """Return a reader that takes an answer about something else, by its fields, for what it is: no answer."""

        def checked(status_code: int, headers: Mapping[str, str], content: bytes) -> Any:
            response = read(status_code, headers, content)
            del headers, content  # a traceback with locals would show them
            for field, value in asked.items():
                told = getattr(response.parsed, field)
                if told != value and type(told) is type(value):  # what is of another type is unset
                    errors = import_module(f"ordermux_{self.provider}.errors")
                    raise errors.DecodeError(f"$.{field}", "it is not what was asked about", response.content)
            return response

        return checked

    def number(self, cursor: str) -> int:
        """Return a cursor that is a number.

        Raises InvalidArgument.
        """
        if not re.fullmatch(r"[0-9]{1,18}", cursor):
            raise InvalidArgument(f"{self.account}: {cursor!r:.40} is no cursor of its list")
        return int(cursor)

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


def joined(*tables: Table) -> dict[str, frozenset[str]]:
    """Return what can come of several tables, by axis."""
    found: dict[str, frozenset[str]] = {}
    for table in tables:
        for axis, values in table.yields.items():
            found[axis] = found.get(axis, frozenset()) | values
    return found


_METHODS = {
    Operation.CREATE: "create",
    Operation.GET: "get",
    Operation.LIST: "page",
    Operation.UPDATE: "update",
    Operation.FULFILL: "fulfill",
    Operation.CANCEL: "cancel",
    Operation.REFUND: "refund",
    Operation.PRODUCTS_PUT: "put_product",
    Operation.PRODUCTS_GET: "get_product",
    Operation.PRODUCTS_SYNC: "put_product",
}
