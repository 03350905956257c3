"""What happens if it is not known whether a change was applied: a look-up, or an error that says how to find out."""

from __future__ import annotations

from typing import Any

from .. import errors
from .context import EARLIER_CALLS, CallContext
from .flow import Flow
from .outcome import SAFE, RetrySafety
from .response import ParsedResponse


def verify_outcome(
    call: CallContext, safety: RetrySafety, unresolved: errors.ProviderError, latest: errors.ProviderError
) -> Flow[ParsedResponse[Any] | None]:
    """Look up whether a change was applied; return the response that stands for it, None if it is not found.

    `unresolved` is the error of the attempt that may have been applied, `latest` that of the last attempt.

    Raises the error that the look-up returns as the verdict; OutcomeUnknown if the look-up cannot tell.
    """
    if safety.verify_outcome is None:
        raise outcome_unknown(call, safety, unresolved, latest)
    try:
        found: ParsedResponse[Any] | errors.ProviderError | None = yield from safety.verify_outcome()
    except errors.OrdermuxError as error:
        # A look-up that fails proves nothing, whatever its own error says of itself.
        candidates = getattr(error, "candidates", ())
        raise outcome_unknown(call, safety, unresolved, latest, candidates) from error
    if isinstance(found, errors.ProviderError):
        raise found
    return found


def outcome_unknown(
    call: CallContext,
    safety: RetrySafety,
    unresolved: errors.ProviderError,
    latest: errors.ProviderError | None = None,
    candidates: tuple[Any, ...] = (),
) -> errors.ProviderError:
    """Return an OutcomeUnknown with what a repeat has to state; `candidates` are the orders that it may have made."""
    repeatable = _is_repeatable(call, safety)
    problem = f"it is not known whether this was carried out: {_message(unresolved)}"
    if latest is not None and latest is not unresolved:
        problem += f"; then: {_message(latest)}"
    if candidates:
        problem += f"; it may be one of: {', '.join(map(str, candidates))}"
    unknown = call.error(
        errors.OutcomeUnknown,
        problem + _how_to_repeat(call, repeatable=repeatable),
        status=unresolved.status,
        request_id=unresolved.request_id,
        applied=None,
        retryable=repeatable or None,
        retry_after=unresolved.retry_after if latest is None or latest.retry_after is None else latest.retry_after,
        candidates=candidates,
        body=unresolved.body,
    )
    # The attempt in doubt is what has to be looked into, not the one after it.
    unknown.__cause__ = unresolved.__cause__
    return unknown


def _is_repeatable(call: CallContext, safety: RetrySafety) -> bool:
    """Return whether the same call may be made again without the risk of a second change."""
    if call.idempotency_key is None:  # an upsert, or a request that the provider recognises by the caller's own id
        return safety.idempotent or safety.retry_if_not_applied
    # The safety is SAFE if the read before a write failed: the write itself has the key then, too.
    return (safety.idempotent or safety is SAFE) and call.idempotency_key.is_repeatable


def _how_to_repeat(call: CallContext, *, repeatable: bool) -> str:
    """Return how a repeat finds out. It states the amount: what `full=True` stands for may have changed by then."""
    key = call.idempotency_key
    if key is None:
        return ""
    if key.expires_at is None:
        return "; with key_created_at=, the time when the key was first sent, the same call may find out"
    if not repeatable:
        return ""
    amount = f"{call.amount!s} and " if call.amount is not None else ""
    until = key.expires_at.isoformat(timespec="seconds")
    same = f"{amount}idempotency_key={key.value!r}, and all else as it was,"
    return f"; the same call with {same} finds out, until {until}"


def _message(error: errors.ProviderError) -> str:
    """Return an error's message without its ending, which the whole message needs only once."""
    return str(error).removesuffix(EARLIER_CALLS)
