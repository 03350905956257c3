"""A configured account, and one call of an operation of it: what adapters, credentials and limits work with.

`CallContext` is abstract, so that credentials and limits, which a call uses, can make calls of their own without an
import cycle; `call.Call` implements it.
"""

from __future__ import annotations

import abc
import functools
import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

import attrs

from .. import errors
from ..transport.wire import Origin, Outcome, WireRequest
from .flow import Flow, RedisCommand
from .hooks import call_hook, log_safely
from .outcome import SAFE, RetrySafety
from .response import Endpoint, ParsedResponse
from .retry import RetryPolicy, RetryQuota
from .sent import SentRequest, curl_of, url_of

if TYPE_CHECKING:
    from ..order import Money
    from .idempotency import IdempotencyKey

P = ParamSpec("P")
T = TypeVar("T")

EARLIER_CALLS = "; nothing is known about earlier calls with this idempotency key"
"""Ends the message of an error after which an earlier call with the caller's own key may still have been applied."""


class Auth(Protocol):
    """How an account's requests get their credentials."""

    def authenticate(self, call: CallContext, prepare: Callable[[], WireRequest]) -> Flow[tuple[WireRequest, Any]]:
        """Return the request with its credentials, and a value that identifies these credentials."""
        ...

    def refresh(self, call: CallContext, credential: Any) -> Flow[bool]:
        """Return, after a 401, whether other credentials are there by now; get new ones if that is possible."""
        ...

    def secrets(self) -> Iterator[Any]:
        """Yield the credentials that the typed client does not hold, those that were in use lately included."""
        ...


class Limiter(Protocol):
    """How an account's requests keep to its rate limit."""

    def acquire(self, call: CallContext) -> Flow[str]:
        """Wait for a slot; return it.

        Raises RateLimited if none is free before the call's deadline, SharedStateError.
        """
        ...

    def release(self, call: CallContext, slot: str) -> Flow[None]:
        """Report that the response came, so that the slot's window begins."""
        ...


@attrs.define(eq=False)
class AccountRuntime:
    """A configured account: its typed client, its credentials, its rate limit and its retry quota."""

    name: str
    provider: str
    client: Any
    """The generated package's client."""
    package: ModuleType
    """The generated package."""
    auth: Auth
    limit: Limiter | None
    policy: RetryPolicy
    quota: RetryQuota = attrs.field(factory=RetryQuota)
    remainders: dict[str, Money] = attrs.field(factory=dict[str, "Money"])
    """What was left of an order when a key of the caller's own was first sent to refund it, of the latest keys."""

    def wire_request(self, request: Any, *, fresh: bool = False) -> WireRequest:
        """Return a request of the typed client as it goes over the wire; `fresh` asks for a connection of its own.

        Raises the package's InvalidRequest.
        """
        made = self.client.prepare(request)
        return WireRequest(made.method, _origin(made.origin), made.target, made.headers, made.content, fresh)

    def call_hook(self, hook: Callable[..., None] | None, *arguments: Any) -> None:
        """Call a hook of the caller's; what it raises is logged."""
        call_hook(self.name, hook, *arguments)


@attrs.define(eq=False)
class CallContext(abc.ABC):
    """One call of an operation: its deadline, its idempotency key, and what was sent so far."""

    runtime: AccountRuntime
    operation: str
    deadline: float
    """In seconds of the policy's clock."""
    idempotency_key: IdempotencyKey | None = None
    attempts: int = 0
    """How many requests were sent."""
    amount: Money | None = None
    """The amount of a refund once it is known: a repeat has to state it."""
    sent: SentRequest | None = None
    """The request that was sent last."""
    resource_id: str | None = None
    """The id of the order or product that the call is about; None if it is about none in particular."""

    @property
    def key(self) -> str | None:
        """The idempotency key as it is sent; None if the call has none."""
        return None if self.idempotency_key is None else self.idempotency_key.value

    @property
    def reuses_key(self) -> bool:
        """Whether the key is the caller's own, so that an earlier call may have been applied with it."""
        return self.idempotency_key is not None and self.idempotency_key.reused

    def remaining(self) -> float:
        """Return the seconds until the deadline."""
        return self.deadline - self.runtime.policy.clock()

    @abc.abstractmethod
    def execute(
        self, request: Any, read: Callable[..., ParsedResponse[T]], safety: RetrySafety
    ) -> Flow[ParsedResponse[T]]:
        """Send a request and retry it if that is safe; return what `read` makes of the response.

        Raises a ProviderError; OutcomeUnknown if it is not known whether a change was applied.
        """

    @abc.abstractmethod
    def send_once(self, prepared: WireRequest) -> Flow[Outcome]:
        """Send a prepared request once, within the account's rate limit and with its credentials."""

    def read(self, endpoint: Endpoint[P, T], *args: P.args, **kwargs: P.kwargs) -> Flow[ParsedResponse[T]]:
        """Call an operation of the typed client that changes nothing; return its response."""
        return self.execute(endpoint.build_request(*args, **kwargs), endpoint.read_response, SAFE)

    def command(self, *arguments: str | float) -> RedisCommand:
        """Return the effect that sends a command to Redis by the call's deadline."""
        return RedisCommand(arguments, self.remaining())

    def error(self, kind: type[errors.ProviderError], problem: str, **facts: Any) -> errors.ProviderError:
        """Return an error with what is known of the call; `facts` are further arguments of ProviderError.

        With a key of the caller's own, `applied` is None unless a fact says otherwise: an earlier call with the key
        may have been applied, whatever came of this one, and the message says so.
        """
        runtime, key = self.runtime, self.idempotency_key
        known: dict[str, Any] = {"provider": runtime.provider, "account": runtime.name, "operation": self.operation}
        known |= {"attempts": self.attempts, "key": self.key, "key_expires_at": None if key is None else key.expires_at}
        known |= {"applied": None if self.reuses_key else False, "amount": self.amount} | facts
        if self.sent is not None:
            request = self.sent.reveal()
            known["method"], known["url"] = request.method, url_of(runtime.client, request)
            known["curl"] = curl_of(runtime.client, runtime.package.codec, request)
        if known["applied"] is None and known.get("retryable") and key is not None and not key.is_repeatable:
            # The provider may have forgotten the key: a repeat could be a second change.
            known["retryable"] = None
        is_of_id = kind is errors.NotFound or (kind is errors.InvalidRequest and self.operation == "get")
        if is_of_id and self.resource_id is not None:  # a read sends nothing else that could be wrong
            problem = f"{self.resource_id!r}: {problem}"
        # The message of OutcomeUnknown says by itself how to find out.
        is_open = self.reuses_key and known["applied"] is None and kind is not errors.OutcomeUnknown
        return kind(f"{runtime.name}: {self.operation}: {problem}{EARLIER_CALLS if is_open else ''}", **known)

    def attempt_facts(self, endpoint: str, number: int, request: WireRequest, url: str) -> dict[str, Any]:
        """Return what the hooks `before_send` and `on_attempt` get of an attempt, with all that a repeat needs."""
        runtime, key = self.runtime, self.idempotency_key
        facts = {"account": runtime.name, "provider": runtime.provider, "operation": self.operation}
        repeat = {"key": self.key, "key_expires_at": None if key is None else key.expires_at, "amount": self.amount}
        return {**facts, "endpoint": endpoint, "method": request.method, "url": url, "number": number, **repeat}

    def report_interruption(self, ended: BaseException) -> None:
        """Note on an exception that ends a change from outside what was sent, and log it.

        The exception is the caller's, such as a job's time limit, so that it has no attributes for the key: without
        the note, nobody could repeat the change with the key that it was sent with.
        """
        key = f"idempotency key {self.key}" if self.key is not None else "no idempotency key"
        amount = f" of {self.amount}" if self.amount is not None else ""
        sent = f"after {self.attempts} requests" if self.attempts else "before anything was sent"
        note = f"{self.runtime.name}: {self.operation}{amount} was ended by {type(ended).__name__} {sent}; {key}; " + (
            "it is not known whether it was carried out" if self.attempts else "it was not carried out"
        )
        ended.add_note(note)
        log_safely(logging.WARNING, "%s", note)


_origin = functools.lru_cache(maxsize=256)(Origin.parse)  # the same few, of the accounts
