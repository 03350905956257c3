"""What arguments are looked at for."""

from __future__ import annotations

import math
from typing import Any

from .errors import InvalidArgument


def above_zero(name: str, value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and math.isfinite(value) and value > 0):
        raise InvalidArgument(f"{name} is a number above 0, not {value!r}")
    return value
