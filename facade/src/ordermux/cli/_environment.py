"""The accounts: those of the environment, or the emulator's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import OrdermuxError
from ..providers.account import Account
from ..providers.registry import NAMES, configured, from_env
from ._control import world_of
from ._exit import CliError


def accounts(
    emulator: str | None,
    environ: Mapping[str, str] | None = None,
    note_failed: Callable[[Iterable[OrdermuxError]], None] = lambda _: None,
) -> list[Account[Any]]:
    """Return the accounts to work with.

    `note_failed` is called with the errors of providers that have settings and whose package cannot be used.

    Raises MissingSetting, CliError if there is no account, or the error of a provider if there is no other one.
    """
    environ = os.environ if environ is None else environ
    if emulator:
        return _emulated(emulator)
    if environ.get(NAMES):
        return list(from_env(environ))
    kinds, failed = configured(environ)
    if not kinds and failed:
        raise failed[0]
    if not kinds:
        raise CliError(
            "no account is configured; set its environment variables, such as ORDERMUX_ZEPHYR_API_KEY",
            "to try it without credentials, run `ordermux emulator` and pass --emulator http://127.0.0.1:8000",
        )
    note_failed(failed)
    return [kind.from_env(environ=environ) for kind in kinds]


def _emulated(url: str) -> list[Account[Any]]:
    """Return the accounts of the emulator at a URL, in the world that the URL may name."""
    address, world = world_of(url)
    try:
        from ..emulator.server import accounts as accounts_at
    except ImportError as error:
        raise CliError(str(error)) from None
    return accounts_at(address, world)
