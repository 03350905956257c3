"""Which accounts there are: those of the environment, or the emulator's."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ..accounts import ACCOUNTS, Account, from_env
from ..errors import MissingSetting
from ._trouble import Plain

NAMES = "ORDERMUX_ACCOUNTS"


def accounts(emulator: str | None, environ: Mapping[str, str] = os.environ) -> list[Account[Any]]:
    """Return the accounts to work with.

    Raises MissingSetting where there is none.
    """
    if emulator:
        return _emulated(emulator)
    if environ.get(NAMES):
        return [_named(each.strip(), environ) for each in environ[NAMES].split(",") if each.strip()]
    if not any(environ.get(variable) for kind in ACCOUNTS for variable in kind.variables().values()):
        raise Plain(
            "no account: the environment has no setting of one, such as ORDERMUX_ZEPHYR_API_KEY",
            "to try it without: run `ordermux emulator`, then give --emulator http://127.0.0.1:8000",
        )
    return list(from_env(environ))


def _named(entry: str, environ: Mapping[str, str]) -> Account[Any]:
    """Return the account that an entry such as `zephyr-eu:zephyr` names."""
    name, _, provider = entry.partition(":")
    kinds = {kind.provider: kind for kind in ACCOUNTS}
    if (provider or name) not in kinds:
        raise MissingSetting(f"{NAMES}: {entry!r} names no provider; write {name}:PROVIDER, one of {', '.join(kinds)}")
    return kinds[provider or name].from_env(name, environ)


def _emulated(url: str) -> list[Account[Any]]:
    """Return the accounts that the emulator at an address has by itself, in the world that the address may name."""
    from ..accounts import Croissant, Crossmint, Cryptum, Zephyr

    found = re.fullmatch(r"https?://[^/?#@]+(?:/w/([^/?#]+))?", url.rstrip("/"))
    if not found:
        raise Plain(f"--emulator {url}: an address is like http://127.0.0.1:8000")
    try:
        from ..emulator import croissant, cryptum
        from ..emulator.mail import secret_of
        from ..emulator.server import PROVIDERS
    except ImportError as error:
        raise Plain(str(error)) from None
    at: dict[str, dict[str, Any]] = {
        name: {
            "base_url": url.rstrip("/") + module.BASE_PATH,
            "webhook_secrets": secret_of(found[1] or "", name) or (),
            **module.CREDENTIALS,
        }
        for name, module in PROVIDERS.items()
    }
    return [
        Croissant(client_id=croissant.CLIENT_ID, client_secret=croissant.CLIENT_SECRET, **at["croissant"]),
        Zephyr(**at["zephyr"]),
        Crossmint(**at["crossmint"]),
        Cryptum(store=cryptum.STORE, **at["cryptum"]),
    ]
