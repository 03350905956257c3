"""What makes a change safe to retry, and what a response says about whether the change was applied.

This decides about money. The rule behind every line: a change is done only if the provider says so, refused only if the
provider says so of this very request, and everything else is an unknown outcome.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import attrs

from ..errors import OrdermuxError
from .flow import Flow

MISMATCH = "it is not what was asked about"
"""The problem of a response that belongs to another request: it is none to this one, however valid it is."""
_MAX_TEXT = 1000
"""Maximum bytes of a plain text that counts as a short confirmation."""
_PARTIAL = frozenset({206, 207})
"""A part of a response, or several in one: neither is the success of one change."""
_MAX_JSON = 1_000_000
"""Maximum bytes of JSON in which an error is looked for; nobody confirms a change in more."""
_DEPTH = 3
"""Levels of objects below the top in which an error is looked for if no page publishes the body."""
_MAX_ERROR_MEMBERS = 4
"""Maximum members of an object that is nothing but an error."""
# Members in which providers and gateways say that a request failed; names are compared in lower case, without _ and -.
_ERROR = re.compile(
    r"(is)?(error|errors|fault|exception|failed|failure)(code|type|message|description|detail|s)?|faultstring"
)
_SUCCESS = frozenset({"success", "succeeded", "successful", "ok", "approved", "issuccess", "issuccessful"})
_STATES = frozenset({"status", "state", "result", "object", "type", "outcome"})
_CODES = frozenset({"status", "statuscode", "httpstatus"})
_TEXTS = frozenset({"message", "detail"})
_NO = frozenset({"", "0", "false", "none", "null"})
"""The values, in lower case, that mean no error, or no success."""
_FAILED = frozenset(
    {"error", "fail", "failed", "failure", "rejected", "declined", "denied", "refused", "unsuccessful", "invalid"}
)
_FAILURE = re.compile(
    r"error|fail|denied|refus|invalid|unavailable|time(d )?[ -]?out|forbidden|unauthori|cannot|could not|unable"
    r"|exceeded|too many|not (authenticated|allowed|found)|unprocessable|bad request|conflict",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<\s*[!?/a-z]", re.IGNORECASE)


class Undetermined(OrdermuxError):
    """A look-up cannot tell whether a change was applied."""

    def __init__(self, message: str, candidates: tuple[Any, ...] = ()) -> None:
        """Keep the references of the orders that may be the one that the change was to make."""
        super().__init__(message)
        self.candidates = candidates


@attrs.frozen(kw_only=True)
class RetrySafety:
    """Whether a change may be retried, and how its outcome can be verified.

    Without any argument a change is retried only if it was certainly not applied.
    """

    idempotent: bool = False
    """Whether a repeat has no second effect: a read, an upsert, or a request whose key the provider honours."""
    retry_if_not_applied: bool = False
    """Whether it may be retried once `verify_outcome` did not find it: the provider itself recognises a repeat by an id
    of the caller's in it."""
    verify_outcome: Callable[[], Flow[Any]] | None = None
    """Looks up whether the change was applied. Returns the response that stands for it; None if it is not found, which
    is no proof that it will not come; an error if that is the verdict. Raises an OrdermuxError if it cannot tell."""
    retryable_statuses: frozenset[int] = frozenset()
    """The statuses after which the provider's page says to retry."""
    unpublished_body: bool = False
    """Whether no page describes the body of a success, so that any response that `is_success` accepts is one."""
    own_refusal: Callable[[Any], bool] | None = None
    """Returns whether the body of an error, a `StatusError`, has a member that only the provider writes."""


SAFE = RetrySafety(idempotent=True)
"""Of a call that changes nothing (RFC 9110, 9.2.1)."""


def is_verdict(failed: Any, safety: RetrySafety, inconclusive: frozenset[int]) -> bool:
    """Return whether an error response is the provider's own verdict on the request, and so on every attempt of it.

    Three conditions make it one: the document lists the status for this operation, the status is about the request and
    not about who asks or when, and the body has a member that only the provider writes, not the `{"message": …}` of a
    gateway.
    """
    # A status that the document does not list for the operation is most likely somebody else's on the way.
    listed = failed.meaning is not None and 400 <= failed.status_code < 500  # noqa: PLR2004 - refusals
    return (
        listed
        and failed.status_code not in inconclusive
        and safety.own_refusal is not None
        and safety.own_refusal(failed)
    )


def is_success(
    status: int, headers: Mapping[str, str], content: bytes, *, published: bool = False, may_be_cut: bool = False
) -> bool:
    """Return whether a 2xx can be taken for the success of a change, whatever the document says of its body.

    It can with no body, with JSON that has no error in it, or with a short plain text. Markup, whatever its content
    type, and JSON that is cut leave it open: a login page of a proxy is a 200, too. If the body is `published`, it is
    checked by its type as well, so that only its top-level members are searched for an error. If it `may_be_cut`, since
    nothing but the end of the connection ended it, only whole JSON counts.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if status in _PARTIAL or any(part in media_type for part in ("html", "xml", "problem")):
        return not content.strip() and status not in _PARTIAL and not may_be_cut
    # A confirmation is JSON or plain text, and either is UTF-8; any other encoding is somebody else's page.
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return False
    if not text:
        return not may_be_cut
    try:
        if len(content) > _MAX_JSON:
            return False
        return _has_no_error(json.loads(text, parse_constant=_refuse_constant), 0 if published else _DEPTH)
    except (ValueError, RecursionError):
        is_short = len(content) <= _MAX_TEXT and text[0] not in "{["
        is_text = media_type == "text/plain" and not may_be_cut
        return is_text and is_short and not (_MARKUP.search(text) or _FAILURE.search(text))


def _refuse_constant(name: str) -> Any:
    """Refuse NaN and the infinities, which Python reads though JSON does not have them."""
    raise ValueError(name)


def _has_no_error(body: Any, depth: int) -> bool:
    """Return whether nothing in a body says that the request failed, in any of the usual forms."""
    if isinstance(body, list):
        items = cast("Iterable[Any]", body)
        return depth == 0 or all(_has_no_error(each, depth - 1) for each in items if each is not None)
    if not isinstance(body, dict):  # `null` and `true` confirm; a string or a number may mean anything
        return body is None or body is True
    members = cast("dict[str, Any]", body)
    plain = {name.lower().replace("_", "").replace("-", ""): value for name, value in members.items()}
    failed = any(_is_failure(name, value) for name, value in plain.items()) or _is_bare_error(plain)
    return not failed and all(_has_no_error(each, depth - 1) for each in (_parts(members) if depth else []))


def _is_failure(name: str, value: Any) -> bool:
    """Return whether a member, its name in lower case without separators, says that the request failed."""
    text = str(value).strip().lower() if isinstance(value, str | int) else None
    return (
        (_ERROR.fullmatch(name) is not None and bool(value) and text not in _NO)
        or (name in _SUCCESS and (not value or text in _NO or text == "no"))
        or (name in _STATES and text in _FAILED)
        or (name in _CODES and _is_error_status(text))
    )


def _is_bare_error(members: dict[str, Any]) -> bool:
    """Return whether an object is nothing but an error's text or number, as gateways write it.

    An object with an id, or with more in it, is somebody's data, in which a message or a code may mean anything.
    """
    if "id" in members or len(members) > _MAX_ERROR_MEMBERS:
        return False
    texts = [value for name, value in members.items() if name in _TEXTS and isinstance(value, str)]
    return any(_FAILURE.search(text) for text in texts) or _is_error_status(str(members.get("code", "")))


def _is_error_status(text: str | None) -> bool:
    return text is not None and len(text) == 3 and text.isdecimal() and text[0] in "45"  # noqa: PLR2004 - digits


def _parts(members: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects in an object's members, alone or in lists; strings and numbers there are its data."""
    lists: list[list[Any]] = [value if isinstance(value, list) else [value] for value in members.values()]
    return [cast("dict[str, Any]", each) for values in lists for each in values if isinstance(each, dict)]
