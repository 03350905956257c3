"""An account at Acme."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from ordermux.providers.account import Account, CreatesFrom, check_base_url, check_name

if TYPE_CHECKING:
    import ordermux_acme.models


@attrs.frozen(kw_only=True)
class Acme(Account["ordermux_acme.Client"], CreatesFrom["ordermux_acme.models.NewOrderAttributes"]):
    """A shop at Acme."""

    provider: ClassVar[str] = "acme"
    secrets: ClassVar[tuple[str, ...]] = ("user_password",)
    name: str = attrs.field(default="acme", validator=check_name)
    user_password: str | ordermux_acme.Secret
    """The shop's user and password, with a colon between them."""
    base_url: str | None = attrs.field(default=None, validator=check_base_url)
    """Production, where None."""


ACCOUNT = Acme
