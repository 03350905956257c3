"""The generated packages as the engine sees them: an operation's module, and its response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ParamSpec, Protocol, TypeVar

import attrs

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)


class ParsedResponse(Protocol[T_co]):
    """The `Response` of a generated package."""

    @property
    def parsed(self) -> T_co:
        """The body as the document's type."""
        ...

    @property
    def content(self) -> bytes:
        """The body's bytes, decompressed."""
        ...

    @property
    def deviations(self) -> tuple[Any, ...]:
        """The places where the body deviates from the document, each with its `path` and `problem`."""
        ...


class Endpoint(Protocol[P, T_co]):
    """The module of a generated operation, without its I/O."""

    def build_request(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Return the request."""
        ...

    def read_response(self, status_code: int, headers: Mapping[str, str], content: bytes) -> ParsedResponse[T_co]:
        """Return the response; raise the package's StatusError or DecodeError if it is no success."""
        ...


@attrs.frozen
class RecoveredResponse:
    """A response that stands for the success of a change, though it is not the one that the document describes."""

    content: bytes = attrs.field(repr=False)
    parsed: Any = None
    deviations: tuple[Any, ...] = ()


_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "cf-ray")


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the id that a provider gives to a request; None if the response has none."""
    return next((headers[name] for name in _REQUEST_IDS if name in headers), None)
