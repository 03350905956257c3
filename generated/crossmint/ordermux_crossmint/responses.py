# Compiled from openapi/crossmint.yaml by `nox -s generate -- crossmint`. Do not edit.

"""An answer becomes a result or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import codec, errors
from .types import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from . import models


def read(
    operation: str,
    meanings: Mapping[str, str],
    kind: Callable[[], Any] | None,
    status_code: int,
    headers: Mapping[str, str],
    content: bytes,
) -> Response[Any]:
    """Return a successful answer, with its body as the type that `kind` gives; raise the error that any other one is.

    `meanings` are the statuses that the document lists, with what it says of each; `kind` is None where a success
    has no body.

    Raises `errors.StatusError` or `errors.DecodeError`.
    """
    kept = {name.lower(): value for name, value in headers.items() if name.lower() != "set-cookie"}
    if not 200 <= status_code < 300:
        meaning = meanings.get(str(status_code)) or meanings.get(f"{status_code // 100}XX")
        raise errors.by_status(status_code)(operation, status_code, kept, content, _error(content), meaning=meaning)
    if kind is None:
        return Response(status_code=status_code, headers=kept, content=content, parsed=None)
    try:
        parsed, deviations = codec.decode(content, kind())
    except errors.DecodeError as error:
        path, problem = error.path, error.problem
    else:
        return Response(status_code=status_code, headers=kept, content=content, parsed=parsed, deviations=deviations)
    raise errors.DecodeError(path, problem, content, operation=operation, status_code=status_code, headers=kept)


def _error(content: bytes) -> models.Error | None:
    """Return the error body where it is one; what is wrong with it must not hide the error itself."""
    from . import models

    try:
        error: models.Error = codec.decode(content, models.Error)[0]
    except errors.DecodeError:
        return None
    return error
