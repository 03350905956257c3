# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""An answer becomes a result or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import codec, errors
from .types import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from . import models
    from .privacy import Mask


def read(
    operation: str,
    meanings: Mapping[str, str],
    kind: Callable[[], Any] | None,
    status_code: int,
    headers: Mapping[str, str],
    content: bytes,
) -> Response[Any] | errors.StatusError | errors.DecodeError:
    """Return a successful answer, with its body as the type that `kind` gives, or the error that any other one is.

    `meanings` are the statuses that the document lists, with what it says of each; `kind` is None where a success
    has no body.
    """
    kept = {name.lower(): value for name, value in headers.items() if name.lower() != "set-cookie"}
    if not 200 <= status_code < 300:
        meaning = meanings.get(str(status_code)) or meanings.get(f"{status_code // 100}XX")
        return errors.by_status(status_code)(operation, status_code, kept, content, _error(content), meaning=meaning)
    outcome = codec.decoded(content, kind()) if kind else (None, ())
    if isinstance(outcome, errors.DecodeError):
        place, problem = outcome.path, outcome.problem
        return errors.DecodeError(place, problem, content, operation=operation, status_code=status_code, headers=kept)
    parsed, deviations = outcome
    body = codec.Body(content)
    return Response(status_code=status_code, headers=kept, content=body, parsed=parsed, deviations=deviations)


def given(outcome: Response[Any] | errors.StatusError | errors.DecodeError) -> Response[Any]:
    """Return an answer, raise an error."""
    if isinstance(outcome, Response):
        return outcome
    raise outcome


def masked(error: errors.StatusError | errors.DecodeError, mask: Mask) -> errors.StatusError | errors.DecodeError:
    """Return an error without the secrets that its answer repeats."""
    content, headers = mask.body(error.content), {name: mask(value) for name, value in error.headers.items()}
    operation, status_code = error.operation, error.status_code
    if isinstance(error, errors.StatusError):
        meaning = error.meaning
        return type(error)(operation, error.status_code, headers, content, _error(content), meaning=meaning)
    place, problem = mask(error.path), mask(error.problem)
    return errors.DecodeError(place, problem, content, operation=operation, status_code=status_code, headers=headers)


def _error(content: bytes) -> models.Error | None:
    """Return the error body where it is one; what is wrong with it must not hide the error itself."""
    from . import models

    if len(content) > codec.MAX_KEPT:
        return None
    outcome = codec.decoded(content, models.Error)
    return None if isinstance(outcome, errors.DecodeError) else outcome[0]


def is_own(status_code: int, content: bytes) -> bool:
    """Return whether an answer has the form of the server's own: a JSON object, and in an error a member of `Error`.

    A proxy in between may answer too, with a page for people or a message of its own.
    """
    if not codec.is_object(content):
        return False
    error = _error(content)
    return 200 <= status_code < 300 or (error is not None and codec.encode(error) != b"{}")
