"""What went wrong, in a line or two: what, where, and what to do."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, cast

from ..errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidReference,
    InvalidRequest,
    NotFound,
    OrdermuxError,
    OutcomeUnknown,
    PermissionDenied,
    ProviderError,
    ProviderFailed,
    RateLimited,
    UnknownAccount,
    Unsupported,
)
from ._session import FAILED, INTERRUPTED, UNKNOWN, Session

_FACTS = ("provider", "account", "operation", "status", "request_id", "attempts", "key", "retryable", "retry_after")
_LONGEST = 600


class Plain(OrdermuxError):
    """Something of the command line's own that went wrong, with what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep both."""
        super().__init__(message)
        self.hint = hint


def report(session: Session, error: BaseException) -> int:
    """Print what went wrong, and return the exit code."""
    if os.environ.get("ORDERMUX_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        return _interrupted(session)
    if isinstance(error, OrdermuxError):
        message, hint = told(error), advice(session, error)
    elif isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        message, hint = f"{named}{error.strerror or type(error).__name__}", ""
    else:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = f" in {Path(last[0].filename).name}:{last[0].lineno}" if last else ""
        message, hint = f"unexpected {type(error).__name__}{place}", "ORDERMUX_DEBUG=1 shows the traceback"
    _print(session, type(error).__name__, message, hint, facts(error))
    return UNKNOWN if isinstance(error, OutcomeUnknown) else FAILED


def told(error: OrdermuxError) -> str:
    """Return what went wrong; where the provider said it in words, those, in place of its JSON."""
    if not isinstance(error, ProviderError) or isinstance(error, OutcomeUnknown) or error.status is None:
        return str(error)
    try:
        words = _words(json.loads(error.body))
    except (ValueError, RecursionError):
        words = None
    return f"{error.account}: {error.operation}: {words} (status {error.status})" if words else str(error)


def _words(tree: Any) -> str | None:
    """Return the sentence for people in a provider's error."""
    if not isinstance(tree, dict):
        return None
    members = cast("dict[str, Any]", tree)
    if isinstance(found := members.get("message"), str):
        return found
    return _words(members.get("error"))


def facts(error: BaseException) -> dict[str, Any]:
    """Return what is known of a failed call, for programs."""
    known = {name: getattr(error, name) for name in _FACTS} if isinstance(error, ProviderError) else {}
    cursor = getattr(error, "cursor", None)
    return {**known, **({"cursor": cursor} if cursor else {})}


def advice(session: Session, error: OrdermuxError) -> str:  # noqa: C901, PLR0911 - a table of cases
    """Return what to do."""
    match error:
        case Plain():
            return error.hint
        case _ if error.cursor and not isinstance(error, InvalidRequest | NotFound):
            return f"what was printed is right; go on with --cursor {error.cursor}"
        case OutcomeUnknown():
            return _after_doubt(session, error)
        case AuthenticationFailed() | PermissionDenied():
            return f"look at the credentials of {error.account}; try: ordermux accounts check"
        case RateLimited(retry_after=float(seconds)):
            return f"try again in {seconds:.0f} s"
        case ConnectionFailed() if session.emulator:
            return f"is an emulator at {session.emulator}? one is started by: ordermux emulator"
        case ConnectionFailed() | ProviderFailed():
            return "nothing was changed; the same command may be run again" if error.retryable else ""
        case Unsupported():
            return "what each account has: ordermux accounts check"
        case UnknownAccount():
            return "accounts come from the environment: ordermux --help"
        case InvalidReference():
            return "an account's orders are listed by: ordermux orders list ACCOUNT"
        case _:
            return ""


def _after_doubt(session: Session, error: OutcomeUnknown) -> str:
    told = f"key: {error.key}; " if error.key else ""
    if error.retryable:
        again = session.again("--key", error.key) if error.key else session.again()
        return f"{told}this finds out, and does nothing twice: {again}"
    look = session.look or "the provider's own pages"
    return f"{told}look before you repeat: {look}"


def _interrupted(session: Session) -> int:
    message, hint = "interrupted", ""
    if session.key:
        message = "interrupted; it is not known whether it was carried out"
        hint = f"key: {session.key}; this finds out, and does nothing twice: {session.again('--key', session.key)}"
    elif session.look:
        message = "interrupted; it is not known whether it was carried out"
        hint = f"look before you repeat: {session.look}"
    _print(session, "Interrupted", message, hint, {"key": session.key} if session.key else {})
    return INTERRUPTED


def _print(session: Session, kind: str, message: str, hint: str, told: dict[str, Any]) -> None:
    from ._say import say, write

    if session.json:
        write({"error": {"kind": kind, "message": message, "hint": hint or None, **told}}, err=True)
        return
    sys.stdout.flush()
    shown = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    say(f"error: {shown}", err=True, style="bold red")
    if hint:
        say(f"  {hint}", err=True)
