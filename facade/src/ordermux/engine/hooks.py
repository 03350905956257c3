"""The caller's hooks and tracer: whatever they raise, the result of a call stays what it is."""

from __future__ import annotations

import contextlib
import datetime
import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol, Self

import attrs

from ..order import Money
from ..serialization import JsonReady

_log = logging.getLogger("ordermux")


@attrs.frozen(kw_only=True)
class AttemptStart(JsonReady):
    """A request that is about to be sent, as `before_send` gets it."""

    account: str
    provider: str
    operation: str
    """The operation of the facade, such as `refund`."""
    endpoint: str
    """The operation of the provider's document, such as `createRefund`; empty for a typed client's own call."""
    method: str = ""
    url: str = ""
    """The whole URL, secrets masked."""
    number: int
    """From 1, over all requests of the call, those for tokens and look-ups included."""
    key: str | None
    """The idempotency key of the call; None if it has none."""
    key_expires_at: datetime.datetime | None = None
    """Until when a repeat with the key is safe, timezone-aware UTC; None if the age of the key is not known."""
    amount: Money | None = None
    """The amount of a refund, which a repeat has to state; None while it is not known, as in the read before it."""


@attrs.frozen(kw_only=True)
class Attempt(AttemptStart):
    """A request that was sent, as `on_attempt` gets it."""

    status: int | None
    """The HTTP status; None if no whole response came."""
    request_id: str | None = None
    """The provider's id of the request, for its support; None if the response has none."""
    failure: str | None
    """What went wrong with the connection; None if a response came."""
    seconds: float
    """From sending to the end of the response, or to the failure."""


class Tracer(Protocol):
    """An OpenTelemetry tracer, as far as it is used here; with its `start_span`, each request is a span too."""

    def start_as_current_span(self, name: str, *, attributes: Any) -> AbstractContextManager[Any]:
        """Start a span."""
        ...


def log_safely(level: int, message: str, *arguments: object, with_traceback: bool = False) -> None:
    """Log a line; a handler or a filter of the caller's that fails does not change the result of a call."""
    with contextlib.suppress(Exception):
        _log.log(level, message, *arguments, exc_info=with_traceback)


def call_hook(account: str, hook: Callable[..., None] | None, *arguments: object) -> None:
    """Call a hook of the caller's; what it raises is logged."""
    try:
        if hook is not None:
            hook(*arguments)
    except Exception:
        log_safely(logging.ERROR, "%s: a hook failed", account, with_traceback=True)


@attrs.define(eq=False)
class Span:
    """A context manager that traces one call; a tracer that fails is logged, and changes nothing."""

    tracer: Tracer | None
    account: str
    name: str
    attributes: dict[str, Any]
    _manager: AbstractContextManager[Any] | None = attrs.field(default=None, init=False)
    _span: Any = attrs.field(default=None, init=False)

    def __enter__(self) -> Self:
        """Start the span."""
        if self.tracer is not None:
            call_hook(self.account, self._start, self.tracer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; an exception of the call is never suppressed."""
        if self._manager is not None:
            call_hook(self.account, self._end, self._manager, kind, error, trace)

    def set(self, name: str, value: Any) -> None:
        """Set an attribute."""
        if self._span is not None:
            call_hook(self.account, self._span.set_attribute, name, value)

    def _start(self, tracer: Tracer) -> None:
        # Set only once it was entered: one that failed to enter must not be left.
        manager = tracer.start_as_current_span(self.name, attributes=self.attributes)
        self._span = manager.__enter__()
        self._manager = manager

    @staticmethod
    def _end(manager: AbstractContextManager[Any], *details: Any) -> None:
        try:
            manager.__exit__(*details)
        except BaseException:
            # A manager that is a generator raises the call's own exception again, which is no failure of the tracer.
            if sys.exc_info()[1] is not details[1]:
                raise


@attrs.define(eq=False)
class RequestSpan:
    """The span of one request, by OpenTelemetry's semantic conventions for HTTP clients.

    It is never the current span: the flow that sends the request may be suspended, and resumed elsewhere.
    """

    account: str
    _span: Any = attrs.field(default=None, init=False)

    def start(self, tracer: Tracer, method: str, attributes: dict[str, Any]) -> None:
        """Start it as a child of the call's span, if the tracer can."""
        start = getattr(tracer, "start_span", None)
        if start is None:
            return
        kind: dict[str, Any] = {}
        with contextlib.suppress(ImportError):
            from opentelemetry.trace import SpanKind

            kind = {"kind": SpanKind.CLIENT}
        self._span = start(method, attributes=attributes, **kind)

    def end(self, attributes: dict[str, Any]) -> None:
        """End it with what came."""
        if (span := self._span) is not None:
            for name, value in attributes.items():
                span.set_attribute(name, value)
            span.end()
