"""All errors of the facade.

    OrdermuxError
    ├── InvalidArgument           refused before anything was sent
    │   ├── InvalidReference      an order reference that cannot be parsed
    │   ├── IdempotencyKeyExpired the provider may have forgotten the key: a repeat could be a second change
    │   ├── LivemodeMismatch      the order is a test order and the account a live one, or the other way round
    │   ├── UnknownAccount        no account of that name was given
    │   ├── UnknownProvider       no provider of that name is installed
    │   ├── NotRefundable         nothing is left to refund, or how much is left is not known
    │   ├── MissingSetting        an environment variable is not set
    │   ├── MissingDependency     a package is missing; the message says how to install it
    │   └── Unsupported           the provider does not support the operation
    ├── AccountsFailed            lists of some accounts failed; the orders of the others were returned
    ├── BrokenProvider            the package of a provider cannot be used; the message says what to do
    ├── PagingError               a list cannot be continued
    ├── SharedStateError          Redis did not answer
    ├── UnknownStatus             in strict mode: a raw status that no status map has
    └── ProviderError             a call failed
        ├── ConnectionFailed      no complete response, and the call changed nothing
        │   └── DeadlineExceeded  the deadline of the call passed first
        ├── RequestRejected       the provider rejected it, and nothing was changed
        │   ├── InvalidRequest        400, 422
        │   ├── AuthenticationFailed  401
        │   ├── PermissionDenied      403
        │   ├── NotFound              404
        │   ├── Conflict              409
        │   └── RateLimited           429, or the client-side rate limit
        ├── ServerError           500 and above, and nothing was changed
        ├── UnexpectedResponse    the response is not what the provider's document says
        └── OutcomeUnknown        it is not known whether the change was carried out

Beside them, `WeakSecretWarning` warns of a webhook secret that could be guessed.

All of them can be pickled. The `__cause__` of a failed call is the typed client's own error, if there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from .ledger import Unrefundable
    from .money import Money
    from .order import OrderRef


class OrdermuxError(Exception):
    """The base of all errors of the facade."""

    cursor: str | None = None
    """Where a failed list can be resumed; None for other operations, or if none of the list was read."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the message and the attributes."""
        return _restored, (type(self), self.args, self.__dict__)


class InvalidArgument(OrdermuxError):
    """Refused before anything was sent."""


class InvalidReference(InvalidArgument):
    """An order reference cannot be parsed."""


class IdempotencyKeyExpired(InvalidArgument):
    """The provider may have forgotten the idempotency key, so that a repeat with it could be a second change.

    Nothing was sent. Read the order; if the change is missing there, call without a key.
    """


class LivemodeMismatch(InvalidArgument):
    """The order is a test order and the account a live one, or the other way round; the write was not sent."""


class NotRefundable(InvalidArgument):
    """Nothing of an order is left to refund, or how much is left is not known; no refund was sent.

    `reason` says why. `applied` is False, or None if the call had an idempotency key of the caller's own, since an
    earlier call with that key may have refunded something. It is about this call: `nothing_left` may be what an earlier
    one has done.
    """

    def __init__(self, message: str, reason: Unrefundable, *, applied: bool | None = False) -> None:
        """Keep the message, the reason, and whether something may have been refunded with the same key."""
        super().__init__(message)
        self.reason = reason
        self.applied = applied


class UnknownAccount(InvalidArgument):
    """No account of that name was given to the client; the message lists those that were."""


class UnknownProvider(InvalidArgument):
    """No provider of that name is installed."""


class MissingSetting(InvalidArgument):
    """An environment variable is not set; the message names it."""


class MissingDependency(InvalidArgument):
    """A package is missing; the message says how to install it."""


class BrokenProvider(OrdermuxError):
    """The installed package of a provider cannot be used; the message says why and what to do.

    Other providers are not affected.
    """

    def __init__(self, message: str, *, provider: str, package: str) -> None:
        """Keep the provider's name, and the name of the package that registers it."""
        super().__init__(message)
        self.provider = provider
        self.package = package


class Unsupported(InvalidArgument):
    """The provider does not support the operation, or not with these arguments."""

    def __init__(self, provider: str, operation: str, why: str = "", *, title: str = "", argument: str = "") -> None:
        """Keep the provider and the operation; `title` is the provider's name for people."""
        what = f"{operation} with {argument}" if argument else operation
        super().__init__(f"{title or provider} does not support {what}{': ' + why if why else ''}")
        self.provider = provider
        self.operation = operation


class PagingError(OrdermuxError):
    """A list cannot be continued: its pages repeat, or do not name the next one. The orders before it are right."""


class AccountsFailed(OrdermuxError, ExceptionGroup[OrdermuxError]):
    """The lists of some accounts failed; all orders of the others were returned before. It is an ExceptionGroup."""

    by_account: Mapping[str, OrdermuxError]
    """Each error by its account's name. Its `cursor` resumes the list of this account."""

    def __new__(cls, message: str, by_account: Mapping[str, OrdermuxError]) -> Self:
        """Take the errors by their accounts' names."""
        made = super().__new__(cls, message, list(by_account.values()))
        made.by_account = dict(by_account)
        return made

    def __init__(self, message: str, by_account: Mapping[str, OrdermuxError]) -> None:
        """Keep what makes it anew."""
        self.args = (message, dict(by_account))

    def derive(self, excs: Sequence[Any], /) -> ExceptionGroup[Any]:
        """Return a plain group of some of the errors, for `except*` and `split`."""
        return ExceptionGroup(self.message, excs)


class SharedStateError(OrdermuxError):
    """Redis, which holds what processes share, did not answer; nothing was sent to the provider."""


class UnknownStatus(OrdermuxError):
    """In strict mode: an order has a raw status that no status map has."""


class ProviderError(OrdermuxError):
    """A call to a provider failed."""

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        account: str,
        operation: str,
        status: int | None = None,
        request_id: str | None = None,
        attempts: int = 0,
        key: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        applied: bool | None = False,
        key_expires_at: datetime.datetime | None = None,
        amount: Money | None = None,
        candidates: tuple[OrderRef, ...] = (),
        body: bytes = b"",
        method: str | None = None,
        url: str | None = None,
        curl: str | None = None,
    ) -> None:
        """Keep what is known of the call.

        `applied` is False if it is certain that nothing was changed, by this call or an earlier one with its key, and
        None if that is not known. `key_expires_at` is until when a repeat with the key is safe, in UTC, None if the
        age of the key is not known. `amount` is what a refund gives back, which a repeat has to state. `candidates` are
        the orders that may be the result of the call.

        `status` is the last response's, None if there was none; `request_id` the provider's id of the request;
        `attempts` how many requests were sent, those for tokens and look-ups included; `key` their idempotency key.
        `retryable` is whether the same call, with the same key, can be retried safely and may succeed, None if that is
        not known; `retry_after` are the seconds to wait before. `body` is the last response's, secrets masked.
        `method` and `url` are the last request's, and `curl` is the line of curl that sends it; secrets are masked in
        both, so that a person has to fill them in. They are None if nothing was sent.
        """
        super().__init__(message)
        self.provider = provider
        self.account = account
        self.operation = operation
        self.status = status
        self.request_id = request_id
        self.attempts = attempts
        self.key = key
        self.retryable = retryable
        self.retry_after = retry_after
        self.applied = applied
        self.key_expires_at = key_expires_at
        self.amount = amount
        self.candidates = candidates
        self.body = body
        self.method = method
        self.url = url
        self.curl = curl


class ConnectionFailed(ProviderError):
    """There was no complete response, and this call changed nothing."""


class DeadlineExceeded(ConnectionFailed):
    """The deadline of the call passed before a response came, and the call changed nothing."""


class RequestRejected(ProviderError):
    """The provider rejected the request, and this call changed nothing.

    With an idempotency key of the caller's own, `applied` is None unless the provider's response also says that no
    earlier call with the key was carried out.
    """


class InvalidRequest(RequestRejected):
    """400 or 422: a value is not allowed."""


class AuthenticationFailed(RequestRejected):
    """401: the credentials are missing or not valid."""


class PermissionDenied(RequestRejected):
    """403: the credentials do not allow it."""


class NotFound(RequestRejected):
    """404: it does not exist."""


class Conflict(RequestRejected):
    """409: the current state does not allow it."""


class RateLimited(RequestRejected):
    """429, or the client-side rate limit: too many requests, and `retry_after` is beyond the call's deadline."""


class ServerError(ProviderError):
    """The provider failed, with a status of 500 and above, and nothing was changed by the call."""


class UnexpectedResponse(ProviderError):
    """The response is not what the provider's document says, such as a page of HTML or a redirect."""


class OutcomeUnknown(ProviderError):
    """It is not known whether the change was carried out. Treat it neither as done nor as failed.

    If `retryable` is true, the same call with `idempotency_key=error.key` finds out and does nothing twice, until
    `key_expires_at`; a refund has to state `amount`, and the reason and metadata that it had. If `retryable` is None,
    look at the order at the provider before you repeat the call: at `candidates`, if there are any.
    """


class WeakSecretWarning(UserWarning):
    """A webhook secret is so short that it could be guessed, and its provider publishes no form for it."""


def _restored(kind: type[OrdermuxError], arguments: tuple[Any, ...], state: dict[str, Any]) -> OrdermuxError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error
