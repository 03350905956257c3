"""Errors as the command line reports them: a message, a hint and an exit code."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, cast

from ..errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidArgument,
    InvalidReference,
    InvalidRequest,
    NotFound,
    NotRefundable,
    OrdermuxError,
    OutcomeUnknown,
    PermissionDenied,
    ProviderError,
    RateLimited,
    ServerError,
    UnknownAccount,
    Unsupported,
)
from ..order import OrderRef
from ._change import Stopped
from ._exit import DONE, FAILED, SIGNALLED, UNKNOWN, USAGE, CliError, UsageError
from ._session import Session

_FACTS = (
    *("provider", "account", "operation", "status", "request_id", "attempts", "retryable", "retry_after"),
    *("applied", "key", "key_expires_at", "amount", "candidates"),
)
_MAX_LENGTH = 600
"""The number of characters of a message that a terminal gets."""
NOTHING_KNOWN = "nothing is known about earlier calls with this idempotency key"
_MAX_CANDIDATES = 3
"""The number of orders that may be the created one for which a command is shown."""


def outcome(session: Session, error: BaseException) -> tuple[int, str | None]:
    """Return the exit code after an error, and why the result of a change is not printed.

    An error after the change is done does not undo it.
    """
    if session.change and session.change.done:
        return DONE, "interrupted" if isinstance(error, KeyboardInterrupt) else _plainly(error)
    return report(session, error), None


def report(session: Session, error: BaseException) -> int:
    """Print an error and return the exit code."""
    if os.environ.get("ORDERMUX_DEBUG"):
        traceback.print_exception(error)
    change, code, hint, more = session.change, FAILED, "", facts(error)
    if isinstance(error, KeyboardInterrupt):
        code = SIGNALLED + (error.number if isinstance(error, Stopped) else signal.SIGINT)
        message = "interrupted; nothing was changed" if change and not change.sent else "interrupted"
    elif isinstance(error, OrdermuxError):
        message, hint = message_of(error), hint_of(session, error)
        code = USAGE if _is_usage(session, error) else FAILED
        if isinstance(error, OutcomeUnknown):
            code, more = UNKNOWN, {**more, "repeat": change.repeat if change and error.retryable else None}
        elif isinstance(error, ProviderError | NotRefundable) and error.applied is None:
            # An earlier call with the caller's key may have been carried out, so this is not reported as rejected.
            code, hint = UNKNOWN, hint or (change and change.look) or ""
    else:
        message = _plainly(error)
        hint = "" if isinstance(error, OSError) else "ORDERMUX_DEBUG=1 shows the traceback"
    if change and change.sent and not isinstance(error, OutcomeUnknown):
        code = UNKNOWN if code == FAILED else code
        message += "; it is not known whether it was carried out"
        hint = _find_out(session, change.key, safe=change.key_expires_at is not None)
        more |= {"key": change.key, "repeat": change.repeat if change.key_expires_at else None}
    _print(session, _kind_of(session, error), message, hint, more)
    return code


def _is_usage(session: Session, error: OrdermuxError) -> bool:
    """Return whether an argument of the command was invalid, and nothing was sent; a bad environment is not usage."""
    argument = type(error) is InvalidArgument and session.has_client
    return not session.has_sent and (argument or isinstance(error, UsageError | UnknownAccount | InvalidReference))


def _kind_of(session: Session, error: BaseException) -> str:
    """Return the `kind` of an error in JSON: the public class of the facade, or one of the command line's own."""
    match error:
        case CliError():
            return error.kind
        case KeyboardInterrupt():
            return "Interrupted"
        case OrdermuxError():
            return (
                "UsageError" if type(error) is InvalidArgument and _is_usage(session, error) else type(error).__name__
            )
        case _:
            return type(error).__name__


def _plainly(error: BaseException) -> str:
    """Return the message for an unexpected error; its own message may contain secrets."""
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return f"{named}{error.strerror or type(error).__name__}"
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" in {Path(last[0].filename).name}:{last[0].lineno}" if last else ""
    return f"unexpected {type(error).__name__}{place}"


def unprinted(session: Session, problem: str) -> None:
    """Report on standard error that a change was made, and its result, since that was not printed."""
    change, result = session.change, session.result
    with contextlib.suppress(Exception):  # the change is done, whatever fails here
        session.note(
            f"done, but its result could not be printed: {problem}",
            "done, but not printed",
            problem=problem,
            idempotency_key=change and change.key,
            result=result and result.fields,
        )
        if result and not session.json:
            result.print(json=False, err=True)


def message_of(error: OrdermuxError) -> str:
    """Return the message of an error: the provider's own sentence if its JSON has one."""
    if not isinstance(error, ProviderError) or isinstance(error, OutcomeUnknown) or error.status is None:
        return str(error)
    try:
        sentence = _sentence(json.loads(error.body))
    except (ValueError, RecursionError):
        sentence = None
    if not sentence:
        return str(error)
    earlier = f"; {NOTHING_KNOWN}" if error.applied is None else ""
    return f"{error.account}: {error.operation}: {sentence} (status {error.status}){earlier}"


def _sentence(tree: Any) -> str | None:
    """Return the message for people in a provider's error."""
    if not isinstance(tree, dict):
        return None
    members = cast("dict[str, Any]", tree)
    if isinstance(found := members.get("message"), str):
        return found
    return _sentence(members.get("error"))


def facts(error: BaseException) -> dict[str, Any]:
    """Return the fields of a failed call, for JSON."""
    names = _FACTS if isinstance(error, ProviderError) else ("reason", "applied")
    known = {name: getattr(error, name) for name in names} if isinstance(error, ProviderError | NotRefundable) else {}
    if math.isinf(known.get("retry_after") or 0):
        known["retry_after"] = None  # JSON has no infinity
    cursor = getattr(error, "cursor", None)
    return {**known, **({"cursor": cursor} if cursor else {})}


def hint_of(session: Session, error: OrdermuxError) -> str:  # noqa: C901, PLR0911 - a table of cases
    """Return what to do about an error."""
    match error:
        case CliError():
            return error.hint
        case _ if error.cursor and not isinstance(error, InvalidRequest | NotFound):
            return f"the printed orders are complete up to here; resume with --cursor {error.cursor}"
        case OutcomeUnknown():
            return _find_out(session, error.key, *error.candidates, safe=bool(error.retryable))
        case AuthenticationFailed() | PermissionDenied():
            return f"check the credentials of {error.account}: ordermux accounts check"
        case RateLimited(retry_after=float(seconds)) if math.isfinite(seconds):
            return f"retry in {seconds:.0f} s"
        case ConnectionFailed() if session.emulator:
            return f"is an emulator running at {session.emulator}? Start one with: ordermux emulator"
        case ConnectionFailed() | ServerError():
            return "nothing was changed; it is safe to run the command again" if error.retryable else ""
        case Unsupported():
            return "list the operations of each account: ordermux accounts check"
        case UnknownAccount():
            return "accounts come from environment variables: ordermux --help"
        case InvalidReference():
            return "list the orders of an account: ordermux orders list ACCOUNT"
        case _:
            return ""


def _find_out(session: Session, key: str | None, *candidates: OrderRef, safe: bool) -> str:
    """Return how to find out the outcome of a change; `safe` is whether a retry cannot apply it twice."""
    change = session.change
    hint = f"key: {key}; " if key else ""
    # A command that reads the amount first is not retried as it was typed: --full may stand for another amount by then.
    as_typed = safe and not (change and change.reads_first)
    repeat = (change and change.repeat) or (session.again() if as_typed else "")
    if safe and repeat:
        return f"{hint}safe to retry: {repeat}"
    looks = [session.command("orders", "get", str(each)) for each in candidates[:_MAX_CANDIDATES]]
    look = "; ".join(looks) or (change and change.look) or "the provider's dashboard"
    hint += f"check before you retry: {look}"
    return f"{hint}; safe to retry while the provider remembers the key: {repeat}" if repeat else hint


def _print(session: Session, kind: str, message: str, hint: str, fields: dict[str, Any]) -> None:
    from ._output import say, write

    if session.json:
        write({"error": {"kind": kind, "message": message, "hint": hint or None, **fields}}, err=True)
        return
    sys.stdout.flush()
    shown = message if len(message) <= _MAX_LENGTH else f"{message[:_MAX_LENGTH]}…"
    say(f"error: {shown}", err=True, style="bold red")
    if hint:
        say(f"  {hint}", err=True)
