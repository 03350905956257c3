"""Orders, references, amounts and refunds: the values of the facade, the same for every provider."""

from __future__ import annotations

import datetime
import functools
import json
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from .currencies import digits
from .errors import InvalidArgument, InvalidReference
from .serialization import Hidden, JsonReady, hidden
from .status import NOT_REPORTED, Status

N = TypeVar("N")
_MOST_DIGITS = 100
_MOST_MINOR = 10**_MOST_DIGITS
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EXACT = Context(prec=4 * _MOST_DIGITS)
"""Shifts the point of any amount without rounding, whatever the caller's own context is."""
_UNITS = tuple(Decimal(1).scaleb(-digits) for digits in range(5))
"""A minor unit in major units, by its number of digits."""
_new = object.__new__


def _setters(kind: type[Any]) -> list[Callable[[Any, Any], None]]:
    """Return what sets each field of a frozen class: values that come in thousands are made without its constructor."""
    return [vars(kind)[field.name].__set__ for field in attrs.fields(kind)]


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


_set_account, _set_id = _setters(OrderRef)


@functools.lru_cache(maxsize=256)
def _minor_unit(currency: str) -> tuple[str, int | None]:
    """Return an ISO 4217 code in upper case, any other code as it is, and the number of digits of its minor unit.

    Only ASCII is put into upper case: that of other letters may be ASCII, and make a valid code of an invalid one.
    """
    code = currency.upper() if currency.isascii() else currency
    exponent = digits(code)
    return (currency if exponent is None else code), exponent


def _amount(value: Decimal | str | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | str | int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"an amount is a Decimal, a string or an integer, not {type(value).__name__}")
    if isinstance(value, int) and abs(value) >= _MOST_MINOR:
        raise ValueError(f"an integer of more than {_MOST_DIGITS} digits is not an amount")
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        raise ValueError(f"{value!r:.40} is not an amount")
    amount = Decimal(value)
    _, figures, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or len(figures) > _MOST_DIGITS or abs(exponent) > _MOST_DIGITS:
        raise ValueError(f"{value!r:.40} is not an amount")
    return amount or amount.copy_abs()  # a zero has no sign


def _code(currency: str) -> str:
    if not isinstance(currency, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a currency is a string, not {type(currency).__name__}")
    if not currency.isprintable() or not currency or " " in currency:
        raise ValueError(f"{currency!r:.40} is not a currency")
    return _minor_unit(currency)[0]


@attrs.frozen
class Money(JsonReady):
    """An amount in major units, such as 14.90 dollars. Floats are refused, since they are not exact."""

    amount: Decimal = attrs.field(converter=_amount)
    currency: str = attrs.field(converter=_code)
    """An ISO 4217 code in upper case, or the provider's own code for another currency, such as `usdxm`."""

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money | None:
        """Return an amount from minor units, such as cents; None if the currency's minor unit is not known.

        Raises TypeError if `minor` is not an integer.
        """
        if type(minor) is not int and (isinstance(minor, bool) or not isinstance(minor, int)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"minor units are an integer, not {type(minor).__name__}")
        if type(currency) is not str and not isinstance(currency, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"a currency is a string, not {type(currency).__name__}")
        code, exponent = _minor_unit(currency)
        if exponent is None or not -_MOST_MINOR < minor < _MOST_MINOR:
            return None
        money = _new(cls)  # no need to validate an exact amount of a known currency
        _set_amount(money, _EXACT.multiply(minor, _UNITS[exponent]))
        _set_currency(money, code)
        return money

    @classmethod
    def from_text(cls, amount: str, currency: str) -> Money | None:
        """Return an amount from a provider's text, None if it is not an amount."""
        try:
            return cls(amount, currency)
        except ValueError:
            return None

    @property
    def minor(self) -> int | None:
        """The amount in minor units, such as cents; None if it is not a whole number of them, or they are not known."""
        exponent = _minor_unit(self.currency)[1]
        if exponent is None:
            return None
        scaled = _EXACT.scaleb(self.amount, exponent)
        return int(scaled) if scaled == scaled.to_integral_value() else None

    def __str__(self) -> str:
        """Return it for people, such as `14.90 USD`."""
        return f"{self.amount:f} {self.currency}"


_set_amount, _set_currency = _setters(Money)


@attrs.frozen(kw_only=True)
class LineItem(JsonReady):
    """One line of an order; a field is None if the provider does not report it."""

    id: str | None = None
    """The product's id."""
    name: str | None = None
    quantity: int | Decimal | None = None
    unit_price: Money | None = None


def line_item(
    product_id: str | None, name: str | None, quantity: int | Decimal | None, unit_price: Money | None
) -> LineItem:
    """Return a line without the constructor, which takes longer than all else for the lines of many orders."""
    made = _new(LineItem)
    _set_item_id(made, product_id)
    _set_item_name(made, name)
    _set_quantity(made, quantity)
    _set_unit_price(made, unit_price)
    return made


_set_item_id, _set_item_name, _set_quantity, _set_unit_price = _setters(LineItem)


@attrs.frozen(kw_only=True)
class Customer(JsonReady):
    """The customer of an order; a field is None if the provider does not report it."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


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
        ref = _new(OrderRef)
        _set_account(ref, self.account)
        _set_id(ref, order_id)
        made = _new(Order)
        _set_ref(made, ref)
        _set_deviations(made, ())
        _set_unread(made, (self, native, source, at, index))
        return made


class _Unread(JsonReady):
    """Keeps what an order's fields are read from: the reader, the model, the body, the path and the index there."""

    __slots__ = ("_unread",)
    _unread: tuple[OrderReader[Any], Any, RawBody | None, tuple[str | int, ...], int | None]


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

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict, with `account` and `id` beside the reference."""
        made = super().to_dict()
        return {"ref": made.pop("ref"), "account": self.ref.account, "id": self.ref.id, **made}

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


_ALONE = ("status", "total", "line_items")
_TOGETHER = ("placed_at", "customer", "metadata", "livemode", "idempotency_key")
_ORIGIN = ("_native", "_source", "_path")
_set_placed_at, _set_customer, _set_metadata, _set_livemode, _set_idempotency_key = map(_store, _TOGETHER)
_set_native, _set_source, _set_path = map(_store, _ORIGIN)
_READS: Mapping[str, Callable[[Order], Any]] = {
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
