"""What arguments are looked at for."""

from __future__ import annotations

import sys
from typing import Any

from .errors import InvalidArgument

MAX_SECONDS = 86_400.0
"""A day: no wait of a program's is longer, and what sockets and event loops take for a time ends not far above."""


def require_seconds(name: str, value: Any, most: float = MAX_SECONDS) -> Any:
    """Return a number of seconds above 0, at most `most`. Raises InvalidArgument, which names it."""
    if require_positive(name, value) > most:
        raise InvalidArgument(f"{name} is at most {most:.0f} seconds, not {value!r}")
    return value


def require_positive(name: str, value: Any) -> Any:
    """Return a number above 0. Raises InvalidArgument, which names it."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and 0 < value <= sys.float_info.max):
        shown = "one of so many digits" if isinstance(value, int) and abs(value) > sys.float_info.max else repr(value)
        raise InvalidArgument(f"{name} is a number above 0, not {shown}")
    return value


def require_count(name: str, value: Any) -> Any:
    """Return a whole number above 0. Raises InvalidArgument, which names it."""
    if not isinstance(require_positive(name, value), int):
        raise InvalidArgument(f"{name} is a whole number, not {value!r}")
    return value
