"""The caller's hooks."""

from __future__ import annotations

import logging
from collections.abc import Callable

_log = logging.getLogger("ordermux")


def guarded(account: str, hook: Callable[..., None] | None, *told: object) -> None:
    """Call a hook of the caller's; what it raises must not hide what was done, and is logged."""
    try:
        if hook is not None:
            hook(*told)
    except Exception:
        _log.exception("%s: a hook failed", account)
