# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Keeps credentials out of errors: out of their frames, and out of what an answer repeats."""

from __future__ import annotations

import base64
import functools
import inspect
import json
import re
import sys
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import quote, unquote

from .types import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

P = ParamSpec("P")
T = TypeVar("T")
_MASK = "**********"
_MIN_LENGTH = 8
"""Shorter secrets are not looked for: they would be found in words that have nothing to do with them."""
_LAYERS = 3
"""How many encodings may lie over each other."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_URL_SAFE = str.maketrans("+/", "-_")


def hide_locals(function: Callable[P, T]) -> Callable[P, T]:
    """Let no local variable of a function, sync or async, and of all that it calls leave with an exception.

    Error reporters print them, and credentials are among them. The lines of the traceback stay. A cancel, or a signal's
    exception, is an exception like any other.
    """
    if inspect.iscoroutinefunction(function):
        awaited = cast("Callable[..., Any]", function)

        @functools.wraps(awaited)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            handled = sys.exception()
            try:
                return await awaited(*args, **kwargs)
            except BaseException as error:
                del args, kwargs  # of this frame, which still runs
                _clear_locals(error, handled)
                raise

        return cast("Callable[P, T]", run_async)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        handled = sys.exception()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs  # of this frame, which still runs
            _clear_locals(error, handled)
            raise

    return run


def hide_arguments(kind: type[T]) -> type[T]:
    """Let no value that is given to a class, or set on an object of it, leave with an exception."""
    for name in ("__init__", "__setattr__"):
        setattr(kind, name, hide_locals(getattr(kind, name)))
    return kind


def _clear_locals(error: BaseException, handled: BaseException | None) -> None:
    """Clear the frames of an error and of all behind it, up to what the caller was already handling.

    What was being handled when a cancel or a signal came is forgotten: it may hold what was sent, or what came.
    """
    import traceback  # which a call that succeeds need not pay for

    if not isinstance(error, Exception) and error is not handled:
        error.__context__ = handled
    waiting: list[BaseException | None] = [error]
    seen = {id(None), id(handled)}
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        traceback.clear_frames(each.__traceback__)
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += cast("tuple[BaseException, ...]", each.exceptions)


class Mask:
    """Masks secrets in what comes from outside, which may repeat them."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Take the secrets; there is nothing to find of those that are very short, or were lost in a pickle."""
        revealed = [secret.reveal() for secret in secrets if secret != Secret(None)]
        forms = {form for secret in revealed if len(secret) >= _MIN_LENGTH for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)  # one may be a part of another

    def __call__(self, text: str) -> str:
        """Return a text without the secrets; it is unescaped if they are in it in a form that is not foreseen."""
        masked = self._replaced(text)
        plain = _unescaped(masked)
        return self._replaced(plain) if any(form in plain for form in self._forms) else masked

    def body(self, content: bytes) -> bytes:
        """Return a body without the secrets."""
        return self(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _replaced(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, _MASK)
        return text


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, percent-encoded, as in JSON, and in base64, wherever it stands in what is encoded."""
    for text in (secret, secret.replace(" ", "+")):  # the latter as forms have it
        yield text
        yield _unescaped(text)  # as it is in a text that was unescaped
    yield quote(secret, safe="", errors="surrogatepass")
    yield json.dumps(secret)[1:-1]
    content = secret.encode("utf-8", "surrogatepass")
    for before, mixed in ((0, 0), (1, 2), (2, 3)):  # bytes before it, and characters that they have a part in
        encoded = base64.b64encode(bytes(before) + content).decode()
        after = (0, 3, 2)[(before + len(content)) % 3]
        own = encoded[mixed : len(encoded) - after]
        yield own
        yield own.translate(_URL_SAFE)


def _unescaped(text: str) -> str:
    """Return a text without what encodings put over it: percent signs, backslashes, HTML's references."""
    import html

    for _ in range(_LAYERS):
        before, text = text, html.unescape(unquote(_ESCAPE.sub(_character, text)))
        if text == before:
            break
    return text


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else escape[2]
