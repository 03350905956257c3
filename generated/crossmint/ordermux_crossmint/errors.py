# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""What can go wrong, all of it.

    CrossmintError
    ├── InvalidRequest            refused before anything was sent
    │   ├── MissingCredentials    the operation needs a credential that the client was not given
    │   └── SecretLost            a secret came out of a pickle, where its string was left out
    ├── TransportError            no whole answer came; `nothing_sent` tells whether the request left
    │   └── TransportTimeout      the time was over first
    ├── DecodeError               a body is not what the document says, in a place that is required
    └── StatusError               the answer is an error; `error` is its body
        ├── BadRequest            400
        ├── Unauthorized          401
        ├── Forbidden             403
        ├── NotFound              404
        ├── Conflict              409
        ├── UnprocessableEntity   422
        ├── TooManyRequests       429
        ├── ServerError           500 and above
        └── UnexpectedStatus      any other

They can be pickled; the secrets in a raw body are masked then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import codec

if TYPE_CHECKING:
    from . import models


class CrossmintError(Exception):
    """The base of all errors of this package."""


class InvalidRequest(CrossmintError):
    """The request was refused before anything was sent."""


class MissingCredentials(InvalidRequest):
    """The operation needs a credential that the client was not given."""


class SecretLost(InvalidRequest):
    """A secret came out of a pickle, where its string was left out."""

    def __init__(
        self, message: str = "this secret was pickled without its string; give it to the client again"
    ) -> None:
        """Say what happened."""
        super().__init__(message)


class TransportError(CrossmintError):
    """No whole answer came: the connection failed, broke or was cut."""

    def __init__(self, operation: str, reason: str, *, nothing_sent: bool = False) -> None:
        """Keep the operation, the reason in words, and whether it is certain that nothing was sent."""
        super().__init__(f"{operation}: {reason}")
        self.operation = operation
        self.reason = reason
        self.nothing_sent = nothing_sent

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the arguments."""
        return _restored, (type(self), (self.operation, self.reason), {"nothing_sent": self.nothing_sent})


class TransportTimeout(TransportError):
    """The client's timeout was over before the answer was whole."""


class DecodeError(CrossmintError):
    """A body is not what the document says, in a place that is required, or is no JSON at all."""

    def __init__(
        self,
        path: str,
        problem: str,
        content: bytes,
        *,
        operation: str = "",
        status_code: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Keep the place, what is wrong there, the raw body and, for an answer, what else came with it."""
        super().__init__(f"{operation + ': ' if operation else ''}{path}: {problem}")
        self.path = path
        self.problem = problem
        self.content: bytes = codec.Body(codec.kept(content))
        self.operation = operation
        self.status_code = status_code
        self.headers = headers or {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the arguments."""
        state = {"operation": self.operation, "status_code": self.status_code, "headers": self.headers}
        return _restored, (type(self), (self.path, self.problem, self.content), state)


class StatusError(CrossmintError):
    """The answer is an error."""

    def __init__(
        self,
        operation: str,
        status_code: int,
        headers: dict[str, str],
        content: bytes,
        error: models.Error | None = None,
        *,
        meaning: str | None = None,
    ) -> None:
        """Keep the answer.

        `headers` are by lower-case name, `content` is the raw body, `error` the body as the document's type where it
        is one, `meaning` what the document says of this status here, None where it does not list it.
        """
        content = codec.kept(content)
        said = codec.redact(content)[:500].decode(errors="replace")
        told = f" ({meaning})" if meaning else ""
        super().__init__(f"{operation}: status {status_code}{told}{': ' + said if said else ''}")
        self.operation = operation
        self.status_code = status_code
        self.headers = headers
        self.content: bytes = codec.Body(content)
        self.error = error
        self.meaning = meaning

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the arguments."""
        arguments = (self.operation, self.status_code, self.headers, self.content, self.error)
        return _restored, (type(self), arguments, {"meaning": self.meaning})


class BadRequest(StatusError):
    """400: the request's body or parameters are not right."""


class Unauthorized(StatusError):
    """401: the credential is missing or not valid."""


class Forbidden(StatusError):
    """403: the credential does not allow it."""


class NotFound(StatusError):
    """404: there is no such thing."""


class Conflict(StatusError):
    """409: the state does not allow it."""


class UnprocessableEntity(StatusError):
    """422: a value is not allowed."""


class TooManyRequests(StatusError):
    """429: too many requests."""


class ServerError(StatusError):
    """500 and above: the provider failed."""


class UnexpectedStatus(StatusError):
    """A status that is neither a success nor one of the errors above, such as a redirect."""


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: UnprocessableEntity,
    429: TooManyRequests,
}


def by_status(status_code: int) -> type[StatusError]:
    """Return the class for a status."""
    return _BY_STATUS.get(status_code, ServerError if status_code >= 500 else UnexpectedStatus)


def _restored(kind: type[Exception], arguments: tuple[Any, ...], options: dict[str, Any]) -> Exception:
    return kind(*arguments, **options)
