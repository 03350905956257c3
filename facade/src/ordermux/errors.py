"""What can go wrong in the facade, all of it.

    OrdermuxError
    ├── InvalidArgument           refused before anything was sent
    │   ├── InvalidReference      an order is named in a way that cannot be read
    │   ├── UnknownAccount        no account of that name was given
    │   ├── MissingSetting        an environment variable is not set
    │   ├── NotInstalled          a package is missing; the message says how to install it
    │   ├── WrongEventLoop        an AsyncOrdermux was first used in another event loop
    │   └── Unsupported           the provider has no such operation
    ├── PagingError               a list cannot be gone on with
    ├── SharedStateError          Redis did not answer
    ├── UnknownStatus             in strict mode: the provider said a word that no table has
    └── ProviderError             a call failed
        ├── ConnectionFailed      no whole answer came, and nothing was changed by the call
        │   └── DeadlineExceeded  the time for the call was over first
        ├── Refused               the provider said no, and nothing was changed
        │   ├── InvalidRequest        400, 422
        │   ├── AuthenticationFailed  401
        │   ├── PermissionDenied      403
        │   ├── NotFound              404
        │   ├── Conflict              409
        │   └── RateLimited           429, or the limit that is kept on our side
        ├── ProviderFailed        500 and above, and nothing was changed
        ├── UnexpectedAnswer      the answer is not what the provider's document says
        └── OutcomeUnknown        it is not known whether the change was carried out

All of them can be pickled. A failed call's cause is the typed client's own error, where there is one.
"""

from __future__ import annotations

from typing import Any


class OrdermuxError(Exception):
    """The base of all errors of the facade."""

    cursor: str | None = None
    """Where a list that failed can be resumed; None where it was no list, or none of it was read."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the message and the attributes."""
        return _restored, (type(self), self.args, self.__dict__)


class InvalidArgument(OrdermuxError):
    """Refused before anything was sent."""


class InvalidReference(InvalidArgument):
    """An order is named in a way that cannot be read."""


class UnknownAccount(InvalidArgument):
    """No account of that name was given."""


class MissingSetting(InvalidArgument):
    """An environment variable is not set; the message names it."""


class NotInstalled(InvalidArgument):
    """A package is missing; the message says how to install it."""


class WrongEventLoop(InvalidArgument):
    """An AsyncOrdermux was first used in another event loop."""


class Unsupported(InvalidArgument):
    """The provider has no such operation, or cannot do it in the way that was asked for."""

    def __init__(self, provider: str, operation: str, why: str = "") -> None:
        """Keep all three."""
        super().__init__(f"{provider} has no {operation}{': ' + why if why else ''}")
        self.provider = provider
        self.operation = operation


class PagingError(OrdermuxError):
    """A list cannot be gone on with: its pages repeat, or do not say how they go on. What came before is right."""


class SharedStateError(OrdermuxError):
    """Redis, which holds what processes share, did not answer; nothing was sent to the provider."""


class UnknownStatus(OrdermuxError):
    """In strict mode: the provider said a word of an order's status that no table has."""


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
        body: bytes = b"",
    ) -> None:
        """Keep what is known of the call.

        `status` is the last answer's, None where none came; `request_id` what the provider calls the request;
        `attempts` how many requests were sent, those for tokens and look-ups included; `key` their idempotency key.
        `retryable` tells whether the same call, with the same key, may be made again and may then succeed, None where
        that is not known; `retry_after` are the seconds to wait before. `body` is the last answer's, secrets masked.
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
        self.body = body


class ConnectionFailed(ProviderError):
    """No whole answer came, and nothing was changed by the call."""


class DeadlineExceeded(ConnectionFailed):
    """The time for the call was over before an answer came, and nothing was changed by it."""


class Refused(ProviderError):
    """The provider said no, and nothing was changed."""


class InvalidRequest(Refused):
    """400 or 422: a value is not allowed."""


class AuthenticationFailed(Refused):
    """401: the credentials are missing or not valid."""


class PermissionDenied(Refused):
    """403: the credentials do not allow it."""


class NotFound(Refused):
    """404: there is no such thing."""


class Conflict(Refused):
    """409: the state does not allow it."""


class RateLimited(Refused):
    """Too many requests, and `retry_after` is beyond the call's deadline."""


class ProviderFailed(ProviderError):
    """The provider failed, with a status of 500 and above, and nothing was changed by the call."""


class UnexpectedAnswer(ProviderError):
    """The answer is not what the provider's document says, such as a page of HTML or a redirect."""


class OutcomeUnknown(ProviderError):
    """It is not known whether the change was carried out: it is neither to be called done nor failed.

    Where `retryable` is true, the same call with `idempotency_key=error.key` finds out and does nothing twice. Where
    it is None, look at the order at the provider before you do it again.
    """


def _restored(kind: type[OrdermuxError], arguments: tuple[Any, ...], state: dict[str, Any]) -> OrdermuxError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error
