"""Keeps credentials out of the frames of errors."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


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
