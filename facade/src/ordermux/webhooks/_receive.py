"""From bytes to an event: pure, and nothing but WebhookRejected ever leaves."""

from __future__ import annotations

import datetime
import functools
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeAlias, cast

import attrs

from .._hooks import guarded
from ..accounts import Account, package
from ..errors import InvalidArgument, UnknownAccount
from ..order import OrderRef, Source
from ._event import Event, EventKind, WebhookRejected
from ._scheme import Headers, Scheme, Told

MOST_BYTES = 2 * 1024 * 1024
Bytes: TypeAlias = bytes | bytearray | memoryview
Fields: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]


@attrs.frozen(eq=False)
class Webhooks:
    """Receives what providers deliver to the accounts, for both clients alike: it does no I/O."""

    _accounts: Mapping[str, Account[Any]]
    max_body: int = MOST_BYTES
    """How many bytes a body may have."""
    clock: Callable[[], float] = time.time
    """Tells the time, in unix seconds."""
    on_deviation: Callable[[str, str, Any], None] | None = None
    """Called with the account, the provider's word for the kind and the place where an event is not what the document
    says; what it raises is logged."""

    @classmethod
    def of(
        cls,
        *accounts: Account[Any],
        max_body: int = MOST_BYTES,
        on_deviation: Callable[[str, str, Any], None] | None = None,
    ) -> Webhooks:
        """Return what receives for these accounts, without a client of the facade."""
        return cls({account.name: account for account in accounts}, max_body, on_deviation=on_deviation)

    def receive(self, account: str, headers: Fields, body: Bytes) -> Event:
        """Return what was delivered, once its signature, its time and its size were looked at.

        `headers` are those of the request, names in any case, and `body` its bytes, as they came. An event that the
        provider's document does not know is of kind `unknown`.

        Raises WebhookRejected, whose `status` is the HTTP status to answer with; UnknownAccount, or InvalidArgument
        where the account has no secret to verify with.
        """
        owner = self._owner(account)
        if not isinstance(body, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"a body is the bytes as they came, not {type(body).__name__}")
        now = self.clock()
        content = _generated(owner.provider).codec.Body(body)  # which no traceback shows
        del body
        if len(content) > self.max_body:
            raise WebhookRejected(f"the body has more than {self.max_body} bytes", 413)
        scheme = scheme_of(owner.provider)
        if scheme.signed and not owner.webhook_secrets:
            raise InvalidArgument(f"{account} has no webhook_secrets, so that nothing proves what is delivered to it")
        delivery = scheme.verify(owner.webhook_secrets, Headers.of(headers), content, now)
        event, wrong = _event(owner, scheme, delivery, content, datetime.datetime.fromtimestamp(now, datetime.UTC))
        for deviation in wrong if scheme.signed else ():  # else it is anybody's
            guarded(owner.name, self.on_deviation, owner.name, event.name, deviation)
        return event

    def _owner(self, account: str) -> Account[Any]:
        if account not in self._accounts:
            known = ", ".join(self._accounts) or "none"
            raise UnknownAccount(f"no account is named {account!r}; there are: {known}")
        return self._accounts[account]


@functools.cache
def scheme_of(provider: str) -> Scheme:
    """Return how a provider signs, and what its events say."""
    made: Scheme = package(provider, f"ordermux.webhooks.{provider}").SCHEME
    return made


@functools.cache
def _generated(provider: str) -> Any:
    return import_module(f"ordermux_{provider}")


def check_secrets(provider: str, secrets: Sequence[Any]) -> None:
    """Raise InvalidArgument where a secret is none of the provider's."""
    scheme = scheme_of(provider)
    for secret in secrets:
        scheme.check(secret.reveal())


def _event(
    owner: Account[Any], scheme: Scheme, delivery: str | None, content: bytes, received_at: datetime.datetime
) -> tuple[Event, tuple[Any, ...]]:
    """Return the event, and where it is not what the document says."""
    generated = _generated(owner.provider)
    source, native, name = Source(content, generated.codec.redact), None, None
    wrong: tuple[Any, ...] = ()
    try:
        content.decode()  # which a decoder may leave out where it skips a member
        native, wrong = generated.events.read_event(content)
        name = scheme.name_of(native)
    except UnicodeDecodeError:
        pass
    except generated.errors.DecodeError as error:
        wrong = (generated.types.Deviation(error.path, error.problem),)
    if name is None:  # an unknown kind, a kind with a place that is not as it should be, or no JSON
        tree: Any = source.at(())
        if not isinstance(tree, dict):
            raise WebhookRejected("the body is no JSON object", 400)
        members = cast("dict[str, Any]", tree)
        name, told = str(members.get(scheme.member) or ""), Told(id=_text(members.get(scheme.id_member)))
    else:
        told = scheme.told(native)
    digest = hashlib.sha256(content).hexdigest()
    event = Event(
        account=owner.name,
        provider=owner.provider,
        id=told.id or delivery or digest,
        digest=digest,
        kind=scheme.kinds.get(name, EventKind.UNKNOWN),
        name=name,
        order=OrderRef(owner.name, told.order_id) if told.order_id else None,
        subject=told.subject or told.order_id,
        claims=told.claims,
        trusted=scheme.timed,
        occurred_at=told.occurred_at,
        received_at=received_at,
        native=native,
        source=source,
    )
    return event, wrong


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
