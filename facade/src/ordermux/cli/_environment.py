"""The accounts: those of the environment, or the emulator's."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ..providers.account import Account
from ..providers.registry import NAMES, from_env, providers
from ._exit import CliError, UsageError


def accounts(emulator: str | None, environ: Mapping[str, str] | None = None) -> list[Account[Any]]:
    """Return the accounts to work with.

    Raises MissingSetting, or CliError if there is no account.
    """
    environ = os.environ if environ is None else environ
    if emulator:
        return _emulated(emulator)
    kinds = [each.account for each in providers().values()]
    if not environ.get(NAMES) and not any(
        environ.get(variable) for kind in kinds for variable in kind.variables().values()
    ):
        raise CliError(
            "no account is configured; set its environment variables, such as ORDERMUX_ZEPHYR_API_KEY",
            "to try it without credentials, run `ordermux emulator` and pass --emulator http://127.0.0.1:8000",
        )
    return list(from_env(environ))


def _emulated(url: str) -> list[Account[Any]]:
    """Return the accounts of the emulator at a URL, in the world that the URL may name."""
    found = re.fullmatch(r"https?://[^/?#@]+(?:/w/([^/?#]+))?", url.rstrip("/"))
    if not found:
        raise UsageError(f"invalid --emulator {url!r}; expected a URL such as http://127.0.0.1:8000")
    try:
        from ..emulator.server import accounts as accounts_at
    except ImportError as error:
        raise CliError(str(error)) from None
    return accounts_at(url.rstrip("/"), found[1] or "")
