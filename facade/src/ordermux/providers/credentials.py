"""Credentials and webhook secrets as they are given: sealed first, then looked at, so that no error shows one."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from ..errors import InvalidArgument, WeakSecretWarning

if TYPE_CHECKING:
    from ..webhook_schemes.scheme import WebhookScheme

MIN_KEY_BYTES = 16
"""How many bytes of a webhook secret there have to be that nobody can guess."""
_AROUND = re.compile(r"^[\s\ufeff\u200b]+|[\s\ufeff\u200b]+$")
"""What comes along out of a file or a chat: whitespace, a byte order mark, a zero-width space."""
_SENDABLE = re.compile(r"[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?")
"""What the value of a header can be."""
_ANYTHING = re.compile(r"(?s:.*)")
_QUOTES = tuple("\"'`\u2018\u2019\u201c\u201d")


def seal(value: Any, make_secret: Callable[[str | None], Any], *, strip: bool = False) -> Any:
    """Return text, or what any package's Secret holds, as a Secret; the type of whatever is neither.

    A Secret that was lost in a pickle stays lost.
    """
    if callable(reveal := getattr(value, "reveal", None)):
        try:
            value = reveal()
        except Exception:  # the package's SecretLost
            return make_secret(None)
    if not isinstance(value, str):
        return type(value)  # pyright: ignore[reportUnknownVariableType]
    return make_secret(_AROUND.sub("", value) if strip else value)


def seal_webhook_secrets(given: Any, make_secret: Callable[[str | None], Any]) -> tuple[Any, ...]:
    """Return webhook secrets sealed, each without what is around it; a text is split at its commas."""
    if given is None:
        return ()
    if not isinstance(given, list | tuple):
        given = given.split(",") if isinstance(given, str) else [given]
    return tuple(seal(value, make_secret, strip=True) for value in cast("list[Any]", given))


def credential_problem(value: Any, sendable: re.Pattern[str] = _SENDABLE) -> str | None:
    """Return what is wrong with a credential, sealed or not secret at all; None if nothing is."""
    if isinstance(value, str):
        return None if value.strip() else "is empty"
    if not callable(getattr(value, "reveal", None)):
        return f"is text, not {(value if isinstance(value, type) else type(value)).__name__}"
    if not _holds(value, lambda text: bool(text.strip())):
        return "is empty"
    if not _holds(value, lambda text: sendable.fullmatch(text) is not None):
        return "has blanks around it, or a control character, so that it could not be sent"
    return None


def check_webhook_secrets(secrets: Sequence[Any], scheme: WebhookScheme, setting: str, *, split: bool) -> None:
    """Refuse what is no webhook secret of a provider's, or could be guessed: then anybody could sign.

    `split` is whether they were parted at commas, which may have made short ones out of a long one. If the provider
    publishes no form, a short one that was given as it is warns.

    Raises InvalidArgument.
    """
    for number, secret in enumerate(secrets, 1):
        name = f"{setting}{f', number {number},' if len(secrets) > 1 else ''}"
        if problem := _webhook_secret_problem(secret, scheme):
            raise InvalidArgument(f"{name} {problem}")
        if _holds(secret, lambda text: len(scheme.key(text) or b"") >= MIN_KEY_BYTES):
            continue
        short = f"{name} has less than {MIN_KEY_BYTES} bytes of key, so that it could be guessed"
        if scheme.key_form:
            raise InvalidArgument(short)
        if split:
            raise InvalidArgument(f"{short}: give a list where a secret has a comma in it, or is so short")
        warnings.warn(short, WeakSecretWarning, stacklevel=5)  # where the account is made


def _webhook_secret_problem(secret: Any, scheme: WebhookScheme) -> str | None:
    """Return what is wrong with a sealed webhook secret, None if nothing is but, maybe, its length."""
    if problem := credential_problem(secret, _ANYTHING):
        return problem
    if not _holds(secret, lambda text: not (text.startswith(_QUOTES) or text.endswith(_QUOTES))):
        return "has quotes around it, which are no part of it"
    if not _holds(secret, lambda text: text.isprintable() and " " not in text):
        return "has whitespace or invisible characters in it; several secrets have commas between them"
    if not _holds(secret, lambda text: scheme.key(text) is not None):
        return f"has not the form of the provider's, which is {scheme.key_form}"
    return None


def _holds(secret: Any, test: Callable[[str], bool]) -> bool:
    """Return whether a test passes for a secret; for a lost one it does, since its use raises an error."""
    try:
        text = secret.reveal()
    except Exception:  # the package's SecretLost
        return True
    return test(text)
