"""An account at Acme."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs

from ordermux.providers.account import Account, check_base_url, check_name


@attrs.frozen(kw_only=True)
class Acme(Account[Any]):
    """A shop at Acme."""

    provider: ClassVar[str] = "acme"
    secrets: ClassVar[tuple[str, ...]] = ("user_password",)
    name: str = attrs.field(default="acme", validator=check_name)
    user_password: Any
    """The shop's user and password, with a colon between them."""
    base_url: str | None = attrs.field(default=None, validator=check_base_url)
    """Production, where None."""


ACCOUNT = Acme
