"""Every kind of account, with the settings that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ordermux import (
    Account,
    AsyncOrdermux,
    Croissant,
    Crossmint,
    Cryptum,
    Ordermux,
    Zephyr,
)
from ordermux.providers.registry import providers
from support.typed_client_answers import CANARY

SHOP = "http://shop.test"
ACCOUNTS = tuple(each.account for each in providers().values())
PROVIDERS = ["croissant", "crossmint", "cryptum", "zephyr"]
SETTINGS: dict[type[Account[Any]], dict[str, str]] = {
    Croissant: {"client_id": "id", "client_secret": CANARY},
    Zephyr: {"api_key": CANARY},
    Crossmint: {"base_url": SHOP, "jwt": CANARY},
    Cryptum: {"api_key": CANARY, "store": "store"},
}
"""What each account needs."""
MAKERS: list[Callable[..., Any]] = [Ordermux, AsyncOrdermux]


def account_of(kind: Any, **settings: Any) -> Any:
    """Return an account with what it needs."""
    return kind(**{**SETTINGS[kind], **settings})
