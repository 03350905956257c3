"""Verifies and reads deliveries. It does no I/O, and raises WebhookRejected for an invalid delivery."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, cast

import attrs

from ..engine.hooks import call_hook
from ..errors import InvalidArgument, UnknownAccount
from ..event import Event, WebhookRejected, unread_event
from ..order import RawBody, utc
from ..privacy import hide_locals
from ..providers.account import Account
from ..validation import require_positive, require_seconds
from ..webhook_schemes.headers import Headers
from ..webhook_schemes.scheme import WebhookScheme, member_at
from .identity import digest_of

MAX_BYTES = 512 * 1024
_NO_CONTENT = 204
_BYTES_A_VALUE, _FEWEST_VALUES = 16, 1_000
"""Minimum average bytes of a value in the largest body; and the number of values that is always allowed."""
Bytes: TypeAlias = bytes | bytearray | memoryview
Pairs: TypeAlias = Iterable[tuple[str | bytes, str | bytes]]


class Items(Protocol):
    """A mapping, or another object whose `items` are headers."""

    def items(self) -> Pairs:
        """Return the pairs."""
        ...


Fields: TypeAlias = Items | Pairs


def _above_zero(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    del instance
    require_positive(attribute.name, value)


def _at_most_a_day(instance: Any, attribute: attrs.Attribute[Any], value: float | None) -> None:
    """Refuse a tolerance with which the signed time would not prove that a delivery is recent."""
    del instance
    if value is not None:
        require_seconds(attribute.name, value)


def _named(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse a string instead of a list: its characters would be taken for names."""
    del instance
    listed: list[Any] = list(value.values()) if isinstance(value, Mapping) else [None]  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    if not all(isinstance(names, list | tuple | set | frozenset) for names in listed) or not all(
        isinstance(name, str) and name for names in listed for name in names
    ):
        raise InvalidArgument(f"{attribute.name} are such as {{'croissant': ['attempt']}}, by account")


@attrs.frozen(eq=False)
class _Receiver:
    """An account to which is delivered, with what a delivery to it needs of its provider's parts."""

    account: Account[Any]
    scheme: WebhookScheme
    generated: Any
    """The typed client's package."""
    volatile: frozenset[str]
    """The fields that do not count for the identity of a body."""
    tolerance: float

    def event(
        self, content: bytes, message: str | None, digest: str, received_at: datetime.datetime
    ) -> tuple[Event, tuple[Any, ...]]:
        """Return the event of a delivery that is the provider's, and where it is not what the document says.

        `message` is the delivery's id, where it is signed.
        """
        owner, scheme, generated = self.account, self.scheme, self.generated
        redact = generated.codec.redact
        wrong: tuple[Any, ...] = ()
        try:
            if not content.isascii():
                content.decode()  # which a decoder may leave out where it skips a member
            native, wrong = generated.events.read_event(content)
        except UnicodeDecodeError:
            pass
        except generated.errors.DecodeError as error:
            wrong = (generated.types.Deviation(error.path, error.problem),)
        else:
            unread = (scheme, native, message, content, redact)
            event = unread_event(owner.name, owner.provider, digest, received_at, unread, trusted=scheme.timed)
            return event, wrong
        # An unknown kind, a kind with a place that is not as it should be, or no JSON.
        source = RawBody(content, redact)
        tree: Any = source.get(())
        if not isinstance(tree, dict):
            raise WebhookRejected("the body is no JSON object", 400)
        members = cast("dict[str, Any]", tree)
        name, facts = str(member_at(members, scheme.member) or ""), scheme.facts_untyped(members)
        event = Event(
            account=owner.name,
            provider=owner.provider,
            digest=digest,
            trusted=scheme.timed,
            received_at=received_at,
            native=None,
            source=source,
            **scheme.stated(owner.name, name, facts, message or digest),
        )
        return event, wrong


@attrs.frozen(eq=False)
class Webhooks:
    """Verifies and reads the deliveries to the accounts, for sync and async clients; it does no I/O.

    `attrs.evolve(mux.webhooks, tolerance=600)` is a client's with another setting.
    """

    _accounts: Mapping[str, Account[Any]]
    max_body: int = attrs.field(default=MAX_BYTES, validator=_above_zero)
    """Maximum bytes of a body. A body may have one value per 16 of them, or 1,000, counted by commas, `[` and `{`."""
    clock: Callable[[], float] = time.time
    """Returns the time, in unix seconds."""
    on_deviation: Callable[[str, str, Any], None] | None = None
    """Called with the account, the provider's name of the kind and the deviation of an event from the document; what it
    raises is logged."""
    tolerance: float | None = attrs.field(default=None, validator=_at_most_a_day)
    """Maximum seconds between the signed time of a delivery and its receipt, at most a day. None uses the value of the
    provider's document, or 300 if it has none."""
    volatile_fields: Mapping[str, Iterable[str]] = attrs.field(factory=dict[str, Iterable[str]], validator=_named)
    """By account, the fields of a body that differ between deliveries of one event, such as a count of attempts; they
    are not part of its identity. A dotted path names a nested field, such as `delivery.attempt`."""
    _receivers: dict[str, _Receiver] = attrs.field(factory=dict[str, _Receiver], init=False, repr=False)
    """What each account needs for a delivery, from its first one on."""

    @classmethod
    def of(
        cls,
        *accounts: Account[Any],
        max_body: int = MAX_BYTES,
        on_deviation: Callable[[str, str, Any], None] | None = None,
        tolerance: float | None = None,
        volatile_fields: Mapping[str, Iterable[str]] | None = None,
    ) -> Webhooks:
        """Return a receiver for these accounts, without a client of the facade."""
        return cls(
            {account.name: account for account in accounts},
            max_body,
            on_deviation=on_deviation,
            tolerance=tolerance,
            volatile_fields=volatile_fields or {},
        )

    @hide_locals
    def receive(
        self, account: str, headers: Fields, body: Bytes, *, received_at: datetime.datetime | None = None
    ) -> Event:
        """Return the event of a delivery, after its signature, its time and its size are verified.

        `headers` are those of the request, names in any case, and `body` its bytes, as they came. A delivery that
        waited in a queue is held against the time when it was received, `received_at`, timezone-aware: of your server's
        clock, never of the request. An event that the provider's document does not know is of kind `unknown`.

        Raises WebhookRejected, whose `status` is the HTTP status to answer with; UnknownAccount, or InvalidArgument
        where the account has no secret to verify with, or an argument is none.
        """
        receiver = self._receiver(account)
        owner, scheme, generated = receiver.account, receiver.scheme, receiver.generated
        if not isinstance(body, Bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(
                f"a body is the bytes as they came, not {type(body).__name__}: take the request's raw body, before a "
                "framework decodes or parses it"
            )
        moment = self._moment(received_at)
        try:
            content = generated.codec.Body(body)  # which no traceback shows
        except (ValueError, TypeError, BufferError):
            raise InvalidArgument("the body cannot be read; a memoryview of it may have been released") from None
        del body
        if len(content) > self.max_body:
            raise WebhookRejected(f"the body has more than {self.max_body} bytes", 413)
        given = Headers(headers, scheme.headers)
        try:
            message = scheme.verify(owner.webhook_secrets, given, content, moment.timestamp(), receiver.tolerance)
        except generated.errors.SecretLost as lost:
            raise InvalidArgument(f"webhook_secrets of {owner.name}: {lost}") from None
        self._check_values(content)
        digest = digest_of(content, scheme.content, receiver.volatile)
        event, wrong = receiver.event(content, message, digest, moment)
        for deviation in wrong if scheme.signed else ():  # else it is anybody's
            call_hook(owner.name, self.on_deviation, owner.name, event.name, deviation)
        return event

    def check_headers(self, account: str, headers: Fields) -> None:
        """Verify what can be verified before the body is read: the account, and the headers with the signed time.

        Raises what `receive` raises.
        """
        receiver = self._receiver(account)
        given = Headers(headers, receiver.scheme.headers)
        receiver.scheme.check_headers(given, self._moment(None).timestamp(), receiver.tolerance)

    def is_signed(self, account: str) -> bool:
        """Return whether the provider of an account signs what it delivers.

        Raises UnknownAccount, or InvalidArgument if the account has no secret to verify with.
        """
        return self._receiver(account).scheme.signed

    def received_status(self, account: str) -> int:
        """Return the HTTP status that acknowledges a delivery to an account's provider: 204 if the provider accepts it.

        Raises UnknownAccount, or InvalidArgument if the account has no secret to verify with.
        """
        statuses = self._receiver(account).scheme.received_statuses
        return _NO_CONTENT if _NO_CONTENT in statuses else min(statuses)

    @property
    def account_names(self) -> tuple[str, ...]:
        """The names of the accounts."""
        return tuple(self._accounts)

    def _check_values(self, content: bytes) -> None:
        """Refuse many small values, which take much more memory once they are parsed."""
        most = max(self.max_body // _BYTES_A_VALUE, _FEWEST_VALUES)
        if len(content) > most and sum(map(content.count, (b",", b"[", b"{"))) > most:
            raise WebhookRejected(f"the body has more than {most} values; a larger max_body allows more", 413)

    def _moment(self, received_at: datetime.datetime | None) -> datetime.datetime:
        """Return when a delivery was received, in UTC."""
        if received_at is None:
            try:
                return datetime.datetime.fromtimestamp(self.clock(), datetime.UTC)
            except (ValueError, OverflowError, OSError, TypeError) as error:
                raise InvalidArgument(f"the clock gives unix seconds: {error}") from None
        moment = _utc(received_at)
        if moment is None:
            raise InvalidArgument("received_at is a datetime with a timezone, of when the delivery was received")
        return moment

    def _receiver(self, account: str) -> _Receiver:
        """Return an account that can verify what is delivered, and how its provider signs.

        Raises UnknownAccount, or InvalidArgument if the account has no secret to verify with.
        """
        given: Any = account
        if isinstance(given, str) and (known := self._receivers.get(given)) is not None:
            return known
        if not isinstance(given, str) or given not in self._accounts:
            names = ", ".join(self._accounts) or "none"
            raise UnknownAccount(f"no account is named {account!r}; there are: {names}")
        owner = self._accounts[account]
        parts = owner.parts()
        scheme = parts.webhooks
        if scheme.signed and not owner.webhook_secrets:
            raise InvalidArgument(f"{account} has no webhook_secrets, so that nothing proves what is delivered to it")
        made = self._receivers[account] = _Receiver(
            owner,
            scheme,
            parts.generated(),
            scheme.volatile_fields.union(self.volatile_fields.get(account, ())),
            scheme.tolerance if self.tolerance is None else self.tolerance,
        )
        return made


def _utc(given: Any) -> datetime.datetime | None:
    """Return a timezone-aware time in UTC; None for an invalid one, such as pandas' NaT."""
    try:
        moment = utc(given) if isinstance(given, datetime.datetime) and given.utcoffset() is not None else None
        return moment if moment is not None and math.isfinite(moment.timestamp()) else None
    except Exception:  # whatever a timezone may raise
        return None
