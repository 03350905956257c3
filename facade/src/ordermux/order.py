"""Orders, references, amounts and refunds: the values of the facade, the same for every provider."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import attrs

from .errors import InvalidArgument, InvalidReference
from .frozen import new, setters
from .ledger import NOT_SHOWN, Ledger, LineItem, Unrefundable, line_item
from .money import Money
from .serialization import Hidden, JsonReady, hidden, json_ready
from .status import NOT_REPORTED, Status

__all__ = [
    "Customer",
    "LineItem",
    "Money",
    "Order",
    "OrderReader",
    "OrderRef",
    "RawBody",
    "Refund",
    "UnreadableRow",
    "explain",
    "line_item",
    "parse_timestamp",
    "utc",
]
N = TypeVar("N")


@attrs.frozen
class OrderRef:
    """The account and the id of an order; as text, `zephyr:order_01HXY8`."""

    account: str
    id: str

    @classmethod
    def parse(cls, reference: OrderRef | str) -> OrderRef:
        """Return a reference from its text; a reference is returned as it is.

        Raises InvalidReference if there is no account or no id.
        """
        if isinstance(reference, OrderRef):
            return reference
        account, _, order_id = str(reference).partition(":")
        if not (account and order_id):
            raise InvalidReference(f"invalid reference {reference!r}; expected `zephyr:<order id>`")
        return cls(account, order_id)

    def __str__(self) -> str:
        """Return it as text."""
        return f"{self.account}:{self.id}"


_set_account, _set_id = setters(OrderRef)


@attrs.frozen(kw_only=True)
class Customer(JsonReady):
    """The customer of an order; a field is None if the provider does not report it."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


def customer_with(customer_id: str | None, name: str | None = None, email: str | None = None) -> Customer:
    """Return a customer without the constructor, which takes as long as the rest of an order's fields together."""
    made = new(Customer)
    _set_customer_id(made, customer_id)
    _set_customer_name(made, name)
    _set_customer_email(made, email)
    return made


_set_customer_id, _set_customer_name, _set_customer_email = setters(Customer)


@attrs.define(slots=False, init=False, eq=False)
class RawBody:
    """The bytes of a response body, parsed as JSON on first use.

    An attrs class without fields, so that `attrs.asdict` of an order does not contain the body; a pickle has it masked.
    """

    __slots__ = ("_content", "_redact", "_tree")

    def __init__(self, content: bytes, redact: Callable[[bytes], bytes]) -> None:
        """Keep a body, and the function that masks the secrets in it."""
        self._content = content
        self._redact = redact
        self._tree: Any = None

    def get(self, path: tuple[str | int, ...]) -> Any:
        """Return the value at a path, secrets masked; None if the body is not JSON."""
        if self._tree is None:
            try:
                self._tree = json.loads(self._redact(self._content))
            except (ValueError, RecursionError):
                return None
        tree = self._tree
        for step in path:
            tree = tree[step]
        return tree

    def __copy__(self) -> RawBody:
        """Return itself, since it never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> RawBody:
        """Return itself, since it never changes."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Mask the secrets."""
        return RawBody, (self._redact(self._content), self._redact)


class OrderReader(Generic[N]):
    """Reads an order's fields from a model of the typed client, `N`, one at a time: when the field is first accessed.

    A provider's own overrides what the provider reports. Its methods are pure and raise nothing.
    """

    __slots__ = ("account",)
    derives_status: ClassVar[bool] = False
    """Whether the ledger shows more of the status than `status` returns, so that both are combined."""

    def __init__(self, account: str) -> None:
        """Keep the name of the account that the orders are of."""
        self.account = account

    def status(self, native: N) -> Status:
        """Return the status."""
        del native
        return NOT_REPORTED

    def total(self, native: N) -> Money | None:
        """Return the total."""
        del native
        return None

    def line_items(self, native: N) -> tuple[LineItem, ...]:
        """Return the lines."""
        del native
        return ()

    def ledger(self, native: N, lines: tuple[LineItem, ...]) -> Ledger:
        """Return the ledger, whose lines are those of the order; None for what is not shown, `()` for what is empty."""
        del native
        return Ledger(lines=lines) if lines else NOT_SHOWN

    def merchant_reference(self, native: N) -> str | None:
        """Return the shop's own number of the order."""
        del native
        return None

    def placed_at(self, native: N) -> datetime.datetime | None:
        """Return when the order was placed, timezone-aware UTC."""
        del native
        return None

    def customer(self, native: N) -> Customer | None:
        """Return the customer."""
        del native
        return None

    def metadata(self, native: N) -> Mapping[str, Any]:
        """Return the shop's own data."""
        del native
        return {}

    def livemode(self, native: N) -> bool | None:
        """Return the mode."""
        del native
        return None

    def order(
        self,
        order_id: str,
        native: N,
        source: RawBody | None = None,
        at: tuple[str | int, ...] = (),
        index: int | None = None,
    ) -> Order:
        """Return an order that reads each other field when the field is first accessed.

        It is at the path `at` in the body `source`, or at the `index` of the list there.
        """
        ref = new(OrderRef)
        _set_account(ref, self.account)
        _set_id(ref, order_id)
        made = new(Order)
        _set_ref(made, ref)
        _set_deviations(made, ())
        _set_unread(made, (self, native, source, at, index))
        return made


class _Unread(JsonReady):
    """Keeps what an order's fields are read from: the reader, the model, the body, the path and the index there."""

    __slots__ = ("_unread",)
    _unread: tuple[OrderReader[Any], Any, RawBody | None, tuple[str | int, ...], int | None]


def _ledger_of_lines(order: Order) -> Ledger:
    """Return the ledger of an order that is made with its lines alone."""
    return Ledger(lines=order.line_items) if order.line_items else NOT_SHOWN


@attrs.frozen(kw_only=True)
class Order(_Unread):
    """An order of any provider; a field is None if the provider does not report it."""

    ref: OrderRef
    status: Status
    total: Money | None = None
    line_items: tuple[LineItem, ...] = ()
    placed_at: datetime.datetime | None = None
    """Timezone-aware UTC. `native` and `raw` have it as the provider writes it."""
    customer: Customer | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict[str, Any], hash=False)
    livemode: bool | None = None
    """False in a provider's test mode."""
    merchant_reference: str | None = None
    """The shop's own number of the order; `mux.orders.find` finds orders by it, if the provider allows that."""
    ledger: Ledger = attrs.field(default=attrs.Factory(_ledger_of_lines, takes_self=True))
    """Payments, adjustments such as refunds, and fulfillments, as far as the provider shows them. Its lines are
    `line_items`, or None if the provider does not show any."""
    idempotency_key: str | None = attrs.field(default=None, eq=False)
    """The key of the change that returned this order; None for a read, or if the change has no idempotency key."""
    _native: Hidden = attrs.field(default=None, converter=hidden, repr=False, hash=False, alias="native")
    deviations: tuple[str, ...] = ()
    """Where the response deviates from the provider's document, such as `$.status: expected str, got null`. If a
    required field deviates, the status has `Attention.UNREADABLE`, the fields that cannot be read are None or
    `unknown`, `native` is None, and an order of a list has no total."""
    _source: RawBody | None = attrs.field(default=None, repr=False, eq=False, alias="source")
    _path: tuple[str | int, ...] = attrs.field(default=(), repr=False, eq=False, alias="path")

    @property
    def native(self) -> Any:
        """The order as the provider's typed client returns it; None if the response has no order.

        Neither this nor `raw` is in `to_dict()` or `attrs.asdict`.
        """
        try:
            return self._unread[1]
        except AttributeError:  # it was made by the constructor
            return self._native.reveal()

    @property
    def raw(self) -> Any:
        """The provider's JSON of the order, with fields that its document does not have, secrets masked."""
        return self._source and self._source.get(self._path)

    @property
    def refunded_total(self) -> Money | None:
        """The sum of the completed refunds; None if the provider does not show it."""
        from .refunds import refunded_total

        found = refunded_total(self.ledger, None if self.total is None else self.total.currency)
        return found if isinstance(found, Money) else None

    @property
    def refundable(self) -> Money | None:
        """How much can still be refunded; None if the provider does not show it. `unrefundable` says why."""
        found = self._refundable()
        return found if isinstance(found, Money) else None

    @property
    def unrefundable(self) -> Unrefundable | None:
        """Why nothing can be refunded, or why it is not known how much; None if something can be."""
        found = self._refundable()
        if isinstance(found, Unrefundable):
            return found
        return None if found.amount else Unrefundable.NOTHING_LEFT

    def _refundable(self) -> Money | Unrefundable:
        from .refunds import refundable

        return refundable(self.ledger, self.total, self.status.payment)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict, with `account` and `id` beside the reference.

        `ledger` has no lines there, since they are `line_items`, which is None if the provider does not show any.
        `refunded_total` and `refundable` are members as well.
        """
        made = super().to_dict()
        lines = made["ledger"].pop("lines")
        if not self.line_items:
            made["line_items"] = lines
        sums = {"refunded_total": json_ready(self.refunded_total), "refundable": json_ready(self.refundable)}
        return {"ref": made.pop("ref"), "account": self.ref.account, "id": self.ref.id, **made, **sums}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of what `to_dict` and `to_json` return."""
        made = super().json_schema()
        order, ledger = made["$defs"][cls.__name__], made["$defs"]["Ledger"]
        del ledger["properties"]["lines"]
        members, text = order["properties"], {"type": "string"}
        amount = {"anyOf": [{"$ref": "#/$defs/Money"}, {"type": "null"}]}
        members["line_items"] = {"anyOf": [members["line_items"], {"type": "null"}]}
        order["properties"] = {
            "ref": members.pop("ref"),
            "account": text,
            "id": text,
            **members,
            "refunded_total": amount,
            "refundable": amount,
        }
        for each in (order, ledger):
            each["required"] = list(each["properties"])
        return made

    if not TYPE_CHECKING:  # a checker that saw it would take any name

        def __getattr__(self, name: str) -> Any:
            """Read a field that was not accessed before. Two threads may both read it, and keep equal values."""
            read = _READS.get(name)
            if read is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            return read(self)


def _store(name: str) -> Callable[[Order, Any], None]:
    """Return what sets a field of a frozen order."""
    store: Callable[[Order, Any], None] = vars(Order)[name].__set__
    return store


def _read_alone(name: str) -> Callable[[Order], Any]:
    """Return what reads a field by the reader's method of its name, and keeps it."""
    store = _store(name)

    def read(order: Order) -> Any:
        unread = _unread_of(order)
        value = getattr(unread[0], name)(unread[1])
        store(order, value)
        return value

    return read


def _read_status(order: Order) -> Status:
    """Read the status; with the ledger, if that shows more of it."""
    unread = _unread_of(order)
    status: Status = unread[0].status(unread[1])
    if unread[0].derives_status:
        from .ledger_status import with_ledger

        status = with_ledger(status, order.ledger, order.total)
    _set_status(order, status)
    return status


def _read_ledger(order: Order) -> Ledger:
    """Read the ledger, with the lines of the order."""
    unread = _unread_of(order)
    ledger: Ledger = unread[0].ledger(unread[1], order.line_items)
    _set_ledger(order, ledger)
    return ledger


def _read_together(name: str) -> Callable[[Order], Any]:
    """Return what reads a field, and those which are as little work as it is."""
    get: Callable[[Order], Any] = vars(Order)[name].__get__

    def read(order: Order) -> Any:
        unread = _unread_of(order)
        reader, native = unread[0], unread[1]
        _set_placed_at(order, reader.placed_at(native))
        _set_customer(order, reader.customer(native))
        _set_metadata(order, reader.metadata(native))
        _set_livemode(order, reader.livemode(native))
        _set_merchant_reference(order, reader.merchant_reference(native))
        _set_idempotency_key(order, None)
        return get(order)

    return read


def _read_origin(name: str) -> Callable[[Order], Any]:
    """Return what sets the fields that an order is read from, and returns one."""
    get: Callable[[Order], Any] = vars(Order)[name].__get__

    def read(order: Order) -> Any:
        _, native, source, at, index = _unread_of(order)
        _set_native(order, Hidden(native))
        _set_source(order, source)
        _set_path(order, at if index is None else (*at, index))
        return get(order)

    return read


_ALONE = ("total", "line_items")
_TOGETHER = ("placed_at", "customer", "metadata", "livemode", "merchant_reference", "idempotency_key")
_ORIGIN = ("_native", "_source", "_path")
_set_status, _set_ledger = _store("status"), _store("ledger")
_set_placed_at, _set_customer, _set_metadata = map(_store, _TOGETHER[:3])
_set_livemode, _set_merchant_reference, _set_idempotency_key = map(_store, _TOGETHER[3:])
_set_native, _set_source, _set_path = map(_store, _ORIGIN)
_READS: Mapping[str, Callable[[Order], Any]] = {
    "status": _read_status,
    "ledger": _read_ledger,
    **{name: _read_alone(name) for name in _ALONE},
    **{name: _read_together(name) for name in _TOGETHER},
    **{name: _read_origin(name) for name in _ORIGIN},
}
"""Reads each field of an order that is not set from the beginning."""
_set_ref, _set_deviations = _store("ref"), _store("deviations")
_set_unread: Callable[[Order, Any], None] = vars(_Unread)["_unread"].__set__
_unread_of: Callable[[Order], tuple[Any, ...]] = vars(_Unread)["_unread"].__get__


@attrs.frozen(kw_only=True)
class UnreadableRow(JsonReady):
    """A row of a list that is not returned as an order, since its id cannot be read."""

    path: str
    """Its path in the page, such as `$.data[3]`."""
    problem: str
    """What is wrong, such as `$.id: expected str, got int`; the path starts at the row."""
    raw: Any = attrs.field(repr=False, hash=False)
    """The provider's JSON of the row, secrets masked; None if that has more than 10,000 characters."""
    cursor: str | None = None
    """The cursor of its page, for `list(…, cursor=…)`; None for the first page."""


@attrs.frozen(kw_only=True)
class Refund(JsonReady):
    """A refund; a field is None if the provider does not report it."""

    order: OrderRef
    amount: Money
    id: str | None = None
    created_at: datetime.datetime | None = None
    """Timezone-aware UTC."""
    idempotency_key: str | None = attrs.field(default=None, eq=False)
    """The key that the refund was sent with. A retry with the same key does not refund twice."""
    _native: Hidden = attrs.field(default=None, converter=hidden, repr=False, hash=False, alias="native")

    @property
    def native(self) -> Any:
        """The refund as the provider's typed client returns it."""
        return self._native.reveal()


def explain(order: Order) -> str:
    """Return the raw value behind the lifecycle, payment and fulfillment status of an order, one line each.

    Each line says how well the mapping is sourced: documented, implied or assumed. One line follows for each deviation
    of the order from the provider's document.

    Raises InvalidArgument if `order` is not an `Order`, such as a reference.
    """
    if not isinstance(order, Order):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(f"explain takes an Order, such as mux.orders.get(…) returns, not {type(order).__name__}")
    status = "\n".join(map(str, order.status.evidence)) or f"{order.ref}: status not reported"
    return "\n".join((status, *order.deviations))


def utc(moment: datetime.datetime) -> datetime.datetime | None:
    """Return a timezone-aware time in UTC, None for one without a zone."""
    if moment.tzinfo is datetime.UTC:
        return moment
    try:
        return moment.astimezone(datetime.UTC) if moment.tzinfo else None
    except OverflowError:  # before the year 1
        return None


def parse_timestamp(timestamp: str | int) -> datetime.datetime | None:
    """Return a time from ISO 8601 text or Unix seconds, as timezone-aware UTC; None for anything else."""
    try:
        if isinstance(timestamp, str):
            return utc(datetime.datetime.fromisoformat(timestamp))
        return datetime.datetime.fromtimestamp(timestamp, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
