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
    failure: str | None
    """What went wrong with the connection; None if a response came."""
    seconds: float
    """From sending to the end of the response, or to the failure."""


class Tracer(Protocol):
    """An OpenTelemetry tracer, as far as it is used here."""

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
